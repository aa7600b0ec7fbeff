"""Many cells at once give the very figures that one cell after another gives."""

from fractions import Fraction
from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.arrays import BLOCK, Indices, indices, stack
from analysis.errors import Malformed, NotACount, UnknownKey
from analysis.index import GRADE_TABLES, index, spread
from analysis.intervals import wilson_calibrated
from analysis.tally import Answered, Layout, Tally, tally_responses

LAYOUT = Layout(
    elements=tuple("abcdefghi"), trust=("trust_level", "trust_change"), element_scale=4, trust_scale=5
)
ANSWERS = st.text("01234", min_size=9, max_size=9).map(lambda elements: elements + "53")
CELL = st.lists(ANSWERS, max_size=12)


def tally_of(answers: list[str]) -> Tally:
    return tally_responses(LAYOUT, [Answered(one) for one in answers])


def together(cells: list[list[str]], **options: object) -> Indices:
    return indices(LAYOUT, stack([tally_of(cell) for cell in cells]), **options)  # type: ignore[arg-type]


@given(st.lists(CELL, min_size=1, max_size=8))
def test_every_cell_gets_the_figure_it_would_get_alone(cells: list[list[str]]) -> None:
    found = together(cells)
    for position, cell in enumerate(cells):
        tally = tally_of(cell)
        alone, scores = index(tally), spread(tally)
        if alone is None or scores is None:
            assert isnan(found.ikm[position])
            assert (found.n[position], found.grade[position], found.rounded[position]) == (0, -1, 0)
            continue
        assert found.ikm[position] == pytest.approx(float(alone.ikm), abs=1e-11)
        assert found.rounded[position] == alone.rounded.scaleb(2)
        assert GRADE_TABLES["2017"][found.grade[position]][0] == alone.grade
        assert (found.n[position], found.k[position]) == (alone.n, alone.k)
        interval = wilson_calibrated(float(alone.ikm), scores.sd or 0.0, alone.n)
        assert found.low[position] == pytest.approx(interval.low, abs=1e-9)
        assert found.high[position] == pytest.approx(interval.high, abs=1e-9)
        if scores.sd is not None:
            assert found.se[position] == pytest.approx(scores.sd / sqrt(alone.n), abs=1e-9)


def test_a_value_that_ends_in_exactly_half_a_hundredth_is_rounded_up_as_in_fractions() -> None:
    # 76.605 is stored in binary as a little less; 40 answers to one element and 25 to another make it uneven.
    layout = Layout(elements=("a", "b"))
    halves = []
    for first in range(40, 161):
        for second in range(25, 101):
            value = 25 * (Fraction(first, 40) + Fraction(second, 25)) / 2
            if (value * 100) % 1 == Fraction(1, 2):
                halves.append((first, second, value))
    assert len(halves) > 20
    counts = np.array([_two_elements(layout, first, second) for first, second, _ in halves])
    found = indices(layout, counts)
    assert list(found.rounded) == [int(value * 100 + Fraction(1, 2)) for _, _, value in halves]


def _two_elements(layout: Layout, first: int, second: int) -> list[int]:
    counts = [0] * len(layout.measures)
    for key, n, total in (("a", 40, first), ("b", 25, second)):
        low, more = divmod(total, n)
        counts[layout.positions[f"{key}_{low}"]] += n - more
        if more:
            counts[layout.positions[f"{key}_{low + 1}"]] += more
    counts[layout.positions["score_n"]] = counts[0] = 40
    return counts


def test_there_is_no_figure_where_nobody_answered() -> None:
    found = together([[], ["444444444-5"[:9] + "53"]])
    assert isnan(found.ikm[0])
    assert found.ikm[1] == 100


def test_one_answer_has_the_whole_scale_as_its_interval() -> None:
    found = together([["333333333" + "53"]])
    assert (found.low[0], found.high[0]) == (25, 100)
    assert isnan(found.se[0])


def test_equal_answers_have_no_spread_at_all_and_still_an_interval() -> None:
    found = together([["444444444" + "53"] * 12])
    assert found.se[0] == 0
    assert found.low[0] == pytest.approx(78.4304241716589)


def test_the_cells_keep_their_shape() -> None:
    counts = stack([tally_of(["3" * 9 + "53"])] * 6).reshape(2, 3, -1)
    assert indices(LAYOUT, counts).ikm.shape == (2, 3)


def test_cells_beyond_one_block_are_computed_like_the_first() -> None:
    counts = np.repeat(stack([tally_of(["3" * 9 + "53", "4" * 9 + "53"])]), BLOCK + 3, axis=0)
    assert set(indices(LAYOUT, counts).ikm) == {87.5}


def test_intervals_shrink_when_the_transactions_are_all_there_is() -> None:
    cell = ["334433443" + "53", "444344344" + "53", "233333333" + "53"] * 10
    wide, narrow = together([cell]), together([cell], population=np.array([40]))
    expected = wilson_calibrated(
        float(index(tally_of(cell)).ikm),  # type: ignore[union-attr]
        spread(tally_of(cell)).sd,  # type: ignore[union-attr, arg-type]
        30,
        population=40,
    )
    assert (narrow.low[0], narrow.high[0]) == pytest.approx((expected.low, expected.high))
    assert wide.low[0] < narrow.low[0]


def test_a_cell_with_fewer_transactions_than_answers_is_taken_as_without_them() -> None:
    cell = ["334433443" + "53", "444344344" + "53"]
    assert together([cell], population=np.array([1])).low[0] == together([cell]).low[0]


def test_the_older_grades_can_be_asked_for() -> None:
    assert together([["3" * 9 + "53"]], table="2004").grade[0] == 2


def test_a_negative_count_is_refused_by_cell_and_measure() -> None:
    counts = stack([tally_of(["3" * 9 + "53"])] * 2)
    counts[1, LAYOUT.positions["c_3"]] = -1
    with pytest.raises(NotACount, match="cell 2, c_3: -1"):
        indices(LAYOUT, counts)


@pytest.mark.parametrize(
    ("layout", "counts"),
    [
        (LAYOUT, np.zeros((2, 5), np.int64)),
        (LAYOUT, np.zeros((2, len(LAYOUT.measures)))),
        (Layout(elements=("a",), element_scale=6), np.zeros((1, 13), np.int64)),
    ],
)
def test_what_is_not_a_table_of_tallies_is_refused(layout: Layout, counts: np.ndarray) -> None:
    with pytest.raises(Malformed):
        indices(layout, counts)


def test_populations_must_be_as_many_as_cells() -> None:
    with pytest.raises(Malformed, match=r"populations of shape \(1,\) for cells of shape \(2,\)"):
        together([[], []], population=np.array([3]))


def test_an_unknown_grade_table_is_refused() -> None:
    with pytest.raises(UnknownKey, match="1999"):
        together([[]], table="1999")


def test_tallies_of_two_layouts_make_no_array() -> None:
    with pytest.raises(Malformed):
        stack([Tally.zero(LAYOUT), Tally.zero(Layout(elements=("a",)))])


@pytest.mark.parametrize("level", [0, 1, 1.5, 95, float("nan"), True])
def test_a_level_that_is_no_share_is_refused(level: float) -> None:
    with pytest.raises(Malformed, match="level"):
        indices(LAYOUT, stack([tally_of(["44444444453"])]), level=level)


@pytest.mark.parametrize(
    ("population", "error"),
    [
        ([-5], NotACount),
        ([5.5], NotACount),
        ([float("nan")], NotACount),
        ([True], NotACount),
        ([5, 6], Malformed),
    ],
)
def test_a_population_that_cannot_be_is_refused(population: list[int], error: type[Exception]) -> None:
    with pytest.raises(error):
        indices(LAYOUT, stack([tally_of(["44444444453"])]), population=np.array(population))


def test_populations_stand_in_the_shape_of_the_cells() -> None:
    cells = stack([tally_of(["44444444453"])] * 6).reshape(3, 2, -1)
    assert indices(LAYOUT, cells, population=np.full((3, 2), 9)).low.shape == (3, 2)
    with pytest.raises(Malformed, match="shape"):
        indices(LAYOUT, cells, population=np.full((2, 3), 9))


def test_a_tally_beyond_64_bits_makes_no_array() -> None:
    sixteen = Layout(tuple("abcdefghijklmnop"))
    tally = tally_responses(sixteen, [Answered("4" * 16)])
    # Squares of 16 elements' scores: a million and a half of the best answers are too many.
    many = Tally(sixteen, tuple(count * 1_500_000 for count in tally.counts))
    with pytest.raises(NotACount, match="64 bits"):
        stack([many])
