"""Cells of the ledger, joining thin ones, and the index when each cell counts as often as it was served."""

import random
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import svy
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cells import Cell
from analysis.collapse import collapse, join_levels, joined
from analysis.errors import Contradiction, EmptyLevel, Malformed, NoFigure, NotACount, TooFew
from analysis.intervals import wilson_calibrated
from analysis.poststratification import poststratify
from analysis.tally import Answered, Layout, tally_responses

COUNTER = Cell(("counter",), 900, 60, 82.0, 9.0)
ONLINE = Cell(("online",), 2100, 90, 88.5, 7.5)

# Stratified sample of Californian schools (apistrat of the R package survey, variable api00): schools,
# sampled schools, sum and sum of squares. Published there: svymean 662.29, SE 9.4089 with the finite
# population correction and 9.5361 without.
APISTRAT = [
    Cell.from_moments(("E",), 4421, 100, 67443, 47038637),
    Cell.from_moments(("H",), 755, 50, 31291, 20167941),
    Cell.from_moments(("M",), 1018, 50, 31830, 20940396),
]


def cell_of(keys, population, scores):
    scores = [float(score) for score in scores]
    return Cell(
        keys,
        population,
        len(scores),
        float(np.mean(scores)) if scores else None,
        float(np.std(scores, ddof=1)) if len(scores) > 1 else None,
    )


@st.composite
def scored(draw, smallest=0, most=12, largest_cell=25):
    """Keys, transactions and scores of some cells of three services, three channels and three months."""
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from("123")),
            min_size=1,
            max_size=most,
            unique=True,
        )
    )
    seed = random.Random(draw(st.integers(0, 10**6)))
    cells = []
    for key in keys:
        scores = [seed.uniform(25, 100) for _ in range(seed.randint(smallest, largest_cell))]
        cells.append((key, len(scores) + seed.randint(1, 60), scores))
    return cells


# What a cell is


def test_a_cell_from_a_tally_has_the_scores_of_its_respondents():
    layout = Layout(("requirements", "procedure", "time"))
    tally = tally_responses(layout, [Answered("444"), Answered("320"), Answered("000"), Answered("1-1")])
    cell = Cell.from_tally(("permit", "counter"), 40, tally)
    scores = [100, 62.5, 25]
    assert (cell.n, cell.population, cell.keys) == (3, 40, ("permit", "counter"))
    assert (cell.mean, cell.sd) == pytest.approx((np.mean(scores), np.std(scores, ddof=1)))


def test_moments_are_exact_where_their_squares_are_beyond_floating_point():
    # Ten thousand scores, one of them a step above the others: a float of the squares could not tell.
    step = 720720 * 4
    n = 10_000
    cell = Cell.from_moments(("x",), n, n, n * step + 1, (n - 1) * step**2 + (step + 1) ** 2)
    assert cell.sd == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("n", "total", "squares"), [(0, 1, 1), (1, 3, 10), (2, 10, 49), (3, 9, -27), (1, 3, 8)]
)
def test_sums_that_no_scores_can_have_are_refused(n, total, squares):
    with pytest.raises(Contradiction):
        Cell.from_moments(("x",), 10, n, total, squares)


@pytest.mark.parametrize("number", [-1, 2.0, True, "3", None, float("nan")])
def test_what_is_no_number_of_people_is_refused(number):
    with pytest.raises(NotACount):
        Cell(("x",), number, 0, None, None)
    with pytest.raises(NotACount):
        Cell(("x",), 10, number, 80.0, 3.0)
    with pytest.raises(NotACount):
        Cell.from_moments(("x",), 10, number, 80, 6400)
    with pytest.raises(NotACount):
        collapse([COUNTER], number)


@pytest.mark.parametrize("number", [2.5, True, "3", None, float("nan")])
def test_what_is_no_sum_of_whole_scores_is_refused(number):
    with pytest.raises(NotACount):
        Cell.from_moments(("x",), 10, 1, number, 9)


@pytest.mark.parametrize(
    ("n", "mean", "sd"),
    [
        (0, 80.0, None),
        (2, None, 1.0),
        (2, 80.0, None),
        (1, 80.0, 1.0),
        (2, 80.0, -1.0),
        (2, float("nan"), 1.0),
        (2, 80.0, float("inf")),
    ],
)
def test_a_mean_or_deviation_that_the_number_of_answers_cannot_have_is_refused(n, mean, sd):
    with pytest.raises(Malformed):
        Cell(("x",), 10, n, mean, sd)


@pytest.mark.parametrize("keys", [(), ("a", 3)])
def test_keys_are_words(keys):
    with pytest.raises(Malformed):
        Cell(keys, 10, 0, None, None)


def test_elements_on_another_scale_make_no_cell_of_the_index():
    with pytest.raises(Malformed, match="1 to 4"):
        Cell.from_tally(("x",), 10, tally_responses(Layout(("a", "b"), element_scale=6), [Answered("66")]))


# Poststratification


def test_each_channel_counts_as_often_as_it_was_used():
    result = poststratify([COUNTER, ONLINE])
    assert result.value == pytest.approx(86.55, abs=1e-9)
    assert result.se == pytest.approx(0.6375931304523285, abs=1e-9)
    assert result.unweighted == pytest.approx(85.9, abs=1e-9)
    assert (result.n, result.population, result.cells) == (150, 3000, 2)
    assert (result.method, result.finite, result.trimmed, result.withheld) == (
        "poststratified",
        True,
        0,
        None,
    )
    # Weights of 15 and 23.33: 3000² / (60 x 15² + 90 x 23.33²) = 144.
    assert result.weights.n_eff == pytest.approx(144)


def test_the_published_stratified_sample_is_reproduced():
    with_correction = poststratify(APISTRAT, scale=None)
    without = poststratify(APISTRAT, scale=None, finite=False)
    assert with_correction.value == without.value == pytest.approx(662.2874, abs=5e-5)
    assert with_correction.se == pytest.approx(9.4089, abs=5e-5)
    assert without.se == pytest.approx(9.5361, abs=5e-5)
    assert with_correction.interval is None


@pytest.mark.parametrize("finite", [True, False])
def test_mean_and_standard_error_are_those_of_survey_software(finite):
    generator = np.random.default_rng(8)
    sizes = {"a": (30, 90), "b": (45, 1200), "c": (8, 8)}
    scores = {key: generator.uniform(60, 100, n) for key, (n, _) in sizes.items()}
    data = pl.DataFrame(
        {
            "h": [key for key, (n, _) in sizes.items() for _ in range(n)],
            "y": np.concatenate([scores[key] for key in sizes]),
            "w": [large / n for n, large in sizes.values() for _ in range(n)],
            "N": [large for n, large in sizes.values() for _ in range(n)],
        }
    )
    design = svy.Design(stratum="h", wgt="w", pop_size="N") if finite else svy.Design(stratum="h", wgt="w")
    theirs = svy.Sample(data, design).estimation.mean("y").to_polars()
    ours = poststratify([cell_of((key,), sizes[key][1], scores[key]) for key in sizes], finite=finite)
    assert (ours.value, ours.se) == pytest.approx((theirs["est"][0], theirs["se"][0]), abs=1e-9)


@settings(deadline=None)
@given(scored(smallest=2), st.integers(2, 9))
def test_where_all_cells_answer_alike_the_adjusted_figure_is_the_plain_one(cells, times):
    even = [cell_of(keys, times * len(scores), scores) for keys, _, scores in cells]
    result = poststratify(even)
    everybody = [score for _, _, scores in cells for score in scores]
    assert result.value == pytest.approx(result.unweighted) == pytest.approx(np.mean(everybody))
    assert result.weights.deff == pytest.approx(1)


@settings(deadline=None)
@given(scored(smallest=2))
def test_the_figure_lies_between_its_cells_and_within_its_interval(cells):
    given_cells = [cell_of(*cell) for cell in cells]
    result = poststratify(given_cells, refuse_above=1e9)
    means = [cell.mean for cell in given_cells]
    assert min(means) <= result.value <= max(means)
    assert 25 <= result.interval.low <= result.value <= result.interval.high <= 100
    assert result.se <= poststratify(given_cells, finite=False, refuse_above=1e9).se


@settings(deadline=None)
@given(scored(smallest=2), st.randoms())
def test_the_order_of_the_cells_changes_nothing(cells, order):
    given_cells = [cell_of(*cell) for cell in cells]
    shuffled = order.sample(given_cells, len(given_cells))
    assert poststratify(shuffled).value == pytest.approx(poststratify(given_cells).value)


def test_one_cell_has_the_calibrated_interval_of_its_answers():
    # Away from the end of the scale, where the shrinkage of both is next to nothing.
    cell = Cell(("x",), 4000, 400, 80.0, 11.0)
    ends = wilson_calibrated(80.0, 11.0, 400, population=4000)
    result = poststratify([cell]).interval
    assert (result.low, result.high) == pytest.approx((ends.low, ends.high), abs=1e-9)
    whole = poststratify([cell], finite=False, level=0.9).interval
    ends = wilson_calibrated(80.0, 11.0, 400, level=0.9)
    assert (whole.low, whole.high, whole.level) == pytest.approx((ends.low, ends.high, 0.9), abs=1e-9)


def test_answers_that_all_agree_leave_doubt_and_a_census_leaves_none():
    agreed = [Cell(("a",), 300, 30, 100.0, 0.0), Cell(("b",), 100, 30, 100.0, 0.0)]
    result = poststratify(agreed)
    assert (result.value, result.se) == (100, 0)
    assert 90 < result.interval.low < 99
    census = poststratify([Cell(("a",), 30, 30, 88.0, 5.0), Cell(("b",), 40, 40, 80.0, 5.0)])
    assert (census.se, census.interval.low, census.interval.high) == (0, census.value, census.value)


def test_a_deviation_beyond_what_the_mean_allows_is_kept_in_the_interval():
    # The few heavy answers are split between the ends of the scale and the many light ones all at the top, so
    # that the error is that of a deviation of 36 around a mean of 81, where 32 is the most there can be.
    cells = [Cell(("a",), 1000, 24, 62.5, 38.3), Cell(("b",), 1000, 200, 100.0, 0.0)]
    result = poststratify(cells, finite=False)
    assert result.se**2 * result.weights.n_eff > (result.value - 25) * (100 - result.value)
    width = result.interval.high - result.interval.low
    assert width == pytest.approx(2 * 1.97 * result.se, rel=0.03)


def test_weights_that_are_too_unequal_withhold_the_figure():
    cells = [Cell(("a",), 40, 30, 90.0, 5.0), Cell(("b",), 4000, 2, 60.0, 5.0)]
    result = poststratify(cells)
    assert (result.value, result.se, result.interval) == (None, None, None)
    assert result.withheld == "weights_too_unequal"
    assert result.weights.deff > 3
    assert poststratify(cells, refuse_above=100).value == pytest.approx((40 * 90 + 4000 * 60) / 4040)


def test_an_empty_kind_of_transaction_is_passed_over():
    nothing = Cell(("kiosk",), 0, 0, None, None)
    assert poststratify([COUNTER, nothing, ONLINE]) == poststratify([COUNTER, ONLINE])


def test_a_cell_that_nobody_speaks_for_is_refused():
    with pytest.raises(EmptyLevel) as refusal:
        poststratify([COUNTER, Cell(("kiosk",), 5, 0, None, None)])
    assert refusal.value.level == "kiosk"


def test_a_cell_with_one_answer_has_no_deviation():
    with pytest.raises(TooFew):
        poststratify([COUNTER, Cell(("kiosk",), 5, 1, 75.0, None)])
    assert poststratify([COUNTER, Cell(("kiosk",), 5, 2, 75.0, 0.0)]).value is not None


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        ([], NoFigure),
        ([Cell(("a",), 0, 0, None, None)], NoFigure),
        ([Cell(("a",), 9, 0, None, None)], NoFigure),
        ([COUNTER, COUNTER], Contradiction),
        ([COUNTER, Cell(("a", "b"), 9, 2, 80.0, 1.0)], Malformed),
        ([Cell(("a",), 9, 10, 80.0, 1.0)], Contradiction),
        ([Cell(("a",), 99, 10, 24.9, 1.0)], Malformed),
        ([Cell(("a",), 99, 10, 100.1, 1.0)], Malformed),
    ],
)
def test_cells_that_make_no_population_are_refused(cells, error):
    with pytest.raises(error):
        poststratify(cells)


@pytest.mark.parametrize("level", [0, 1, 95, float("nan")])
def test_a_level_that_is_no_share_is_refused(level):
    with pytest.raises(Malformed):
        poststratify([COUNTER, ONLINE], level=level)


# Joining thin cells


def named(*cells):
    return [Cell(keys, 100, n, 80.0, 5.0) for keys, n in cells]


def test_a_thin_cell_joins_its_service_before_its_channel():
    cells = named(
        (("permit", "counter", "2025-01"), 5),
        (("permit", "online", "2025-01"), 40),
        (("stamp", "counter", "2025-01"), 40),
    )
    result = collapse(cells)
    assert [cell.keys for cell in result] == [
        ("permit", "counter+online", "2025-01"),
        ("stamp", "counter", "2025-01"),
    ]
    assert [(cell.members, cell.n) for cell in joined(result)] == [
        ((("permit", "counter", "2025-01"), ("permit", "online", "2025-01")), 45)
    ]


def test_a_thin_service_joins_the_same_channel_of_another():
    cells = named((("permit", "counter"), 5), (("stamp", "online"), 40), (("stamp", "counter"), 40))
    assert {cell.keys for cell in collapse(cells)} == {("permit+stamp", "counter"), ("stamp", "online")}


def test_a_thin_month_joins_the_month_beside_it_rather_than_the_one_with_fewer_answers():
    months = [(("permit", "counter", f"2025-0{month}"), n) for month, n in enumerate([30, 90, 4, 80, 25], 1)]
    assert [cell.keys[2] for cell in collapse(named(*months))] == [
        "2025-01",
        "2025-02",
        "2025-03+2025-04",
        "2025-05",
    ]


def test_nineteen_answers_are_thin_and_twenty_are_not():
    cells = named((("a", "x"), 19), (("b", "x"), 20), (("c", "x"), 50))
    assert [cell.keys[0] for cell in collapse(cells)] == ["a+b", "c"]
    assert collapse(named((("a", "x"), 20), (("b", "x"), 20))) == tuple(
        named((("a", "x"), 20), (("b", "x"), 20))
    )


def test_answers_of_another_month_than_their_transactions_are_joined_to_it():
    cells = [Cell(("a", "2025-01"), 100, 30, 80.0, 5.0), Cell(("a", "2025-02"), 20, 25, 90.0, 5.0)]
    (cell,) = collapse(cells)
    assert (cell.population, cell.n, cell.keys) == (120, 55, ("a", "2025-01+2025-02"))


def test_where_nothing_else_is_possible_all_cells_become_one():
    (cell,) = collapse(named((("a", "x"), 4), (("b", "y"), 5), (("c", "z"), 6)))
    assert (cell.keys, cell.n, cell.population) == (("a+b+c", "x+y+z"), 15, 300)
    (empty,) = collapse([Cell(("a",), 9, 0, None, None), Cell(("b",), 3, 0, None, None)])
    assert (empty.n, empty.population, empty.mean) == (0, 12, None)


def test_transactions_that_nobody_answered_about_are_told_after_joining():
    cells = [
        Cell(("a", "1"), 50, 25, 80.0, 5.0),
        Cell(("a", "2"), 7, 0, None, None),
        Cell(("a", "3"), 5, 0, None, None),
        Cell(("a", "4"), 30, 2, 80.0, 5.0),
    ]
    assert [cell.unheard for cell in cells] == [0, 7, 5, 0]
    twice = collapse(collapse(cells, 1), 100)
    assert [cell.unheard for cell in twice] == [12]
    assert poststratify(twice).unheard == 12
    assert poststratify([COUNTER, ONLINE]).unheard == 0


@settings(deadline=None)
@given(scored(), st.integers(0, 40), st.sampled_from([collapse, join_levels]))
def test_joining_loses_no_transaction_no_answer_and_no_score(cells, minimum, joining):
    result = joining([cell_of(*cell) for cell in cells], minimum)
    scores = {keys: scores for keys, _, scores in cells}
    assert sum(cell.population for cell in result) == sum(population for _, population, _ in cells)
    assert sorted(member for cell in result for member in cell.members) == sorted(scores)
    for cell in result:
        together = cell_of(cell.keys, cell.population, [s for member in cell.members for s in scores[member]])
        assert cell.n == together.n
        assert (cell.mean, cell.sd) == (pytest.approx(together.mean), pytest.approx(together.sd, abs=1e-6))


@settings(deadline=None)
@given(scored(), st.integers(0, 40))
def test_after_joining_no_cell_is_thin_or_there_is_one(cells, minimum):
    result = collapse([cell_of(*cell) for cell in cells], minimum)
    assert len(result) == 1 or all(minimum <= cell.n <= cell.population for cell in result)


@settings(deadline=None)
@given(scored(), st.randoms(), st.sampled_from([collapse, join_levels]))
def test_joining_does_not_depend_on_the_order_of_the_cells(cells, order, joining):
    given_cells = [cell_of(*cell) for cell in cells]
    assert joining(order.sample(given_cells, len(given_cells))) == joining(given_cells)


def test_thin_levels_join_the_level_beside_them_with_fewer_answers():
    cells = named(
        (("permit", "2025-01"), 30),
        (("permit", "2025-02"), 9),
        (("stamp", "2025-02"), 8),
        (("stamp", "2025-03"), 60),
    )
    assert [(cell.keys, cell.n) for cell in join_levels(cells)] == [
        (("permit", "2025-01+2025-02"), 39),
        (("stamp", "2025-01+2025-02"), 8),
        (("stamp", "2025-03"), 60),
    ]


@settings(deadline=None)
@given(scored(), st.integers(0, 40))
def test_after_joining_levels_no_margin_is_thin(cells, minimum):
    result = join_levels([cell_of(*cell) for cell in cells], minimum)
    for position in range(3):
        levels = {cell.keys[position] for cell in result}
        n = {key: sum(cell.n for cell in result if cell.keys[position] == key) for key in levels}
        assert len(levels) == 1 or min(n.values()) >= minimum


@pytest.mark.parametrize("joining", [collapse, join_levels])
def test_joining_refuses_what_is_no_population(joining):
    with pytest.raises(NoFigure):
        joining([])
    with pytest.raises(Contradiction):
        joining([COUNTER, replace(COUNTER, n=61)])
    with pytest.raises(Malformed):
        joining([COUNTER, Cell(("a", "b"), 9, 0, None, None)])
