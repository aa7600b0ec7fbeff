"""Agreement with one item, the trust figures of a tally, and the driver index."""

from itertools import combinations
from math import sqrt
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.agreement import ELEVEN_POINTS, FIVE_POINTS, Agreement, Bands, agreement, published_net, rescale
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, OutOfScale
from analysis.matrix import Matrix, from_answers
from analysis.tally import Answered, Layout, Tally, tally_responses
from analysis.trust import CHANGE, DRIVERS, LEVEL, Denominators, DriverIndex, driver_index, trust_figures
from analysis.withheld import NO_ANSWERS, NOT_ASKED, TOO_FEW_ANSWERS, TOO_FEW_DRIVERS, Withheld

LAYOUT = Layout(elements=("time",), trust=(LEVEL, CHANGE, *DRIVERS))


def tally(patterns: list[str], layout: Layout = LAYOUT) -> Tally:
    """Of trust answers only; the element before them is skipped."""
    return tally_responses(layout, (Answered("0" + pattern) for pattern in patterns))


def matrix(patterns: list[str]) -> Matrix:
    return from_answers(LAYOUT, [("0" + pattern, 1) for pattern in patterns], DRIVERS)


def index_of(patterns: list[str], **arguments: Any) -> DriverIndex:
    index = trust_figures(tally(patterns), **arguments).index
    assert isinstance(index, DriverIndex)
    return index


def exact_index_of(patterns: list[str], **arguments: Any) -> DriverIndex:
    index = driver_index(matrix(patterns), **arguments)
    assert isinstance(index, DriverIndex)
    return index


def short_form(seed: int, n: int, draw: int = 3, together: float = 0.6) -> list[str]:
    """Answers to the level and a random ``draw`` of the other six, by people whose answers go together."""
    generator = np.random.default_rng(seed)
    own = generator.normal(size=(n, 1)) * together + generator.normal(size=(n, 7)) * sqrt(1 - together**2)
    answers = np.clip(np.round(3.7 + own), 1, 5).astype(int).astype(str)
    asked = generator.permuted(np.tile(np.arange(6) < draw, (n, 1)), axis=1)
    answers[:, 1:][~asked] = "-"
    return ["".join(row) for row in answers]


# --- one item


def test_a_hundred_answers_to_five_points_have_a_known_mean_and_known_shares() -> None:
    result = agreement((6, 9, 20, 40, 25))
    assert result.mean == pytest.approx(67.25, abs=1e-9)
    assert result.agree.value == pytest.approx(0.65, abs=1e-9)
    assert result.disagree.value == pytest.approx(0.15, abs=1e-9)
    assert result.net.value == pytest.approx(50, abs=1e-9)
    assert (result.neutral.count, result.n) == (20, 100)


def test_the_standard_error_of_a_mean_is_that_of_the_single_answers() -> None:
    single = np.repeat([0, 25, 50, 75, 100], [6, 9, 20, 40, 25])
    assert agreement((6, 9, 20, 40, 25)).se == pytest.approx(single.std(ddof=1) / 10)


def test_on_eleven_points_trust_starts_at_six_and_five_is_neutral() -> None:
    counts = [0] * 11
    counts[4], counts[5], counts[6] = 1, 2, 4
    result = agreement(counts, ELEVEN_POINTS)
    assert (result.disagree.count, result.neutral.count, result.agree.count) == (1, 2, 4)
    assert result.mean == pytest.approx(10 * (4 + 10 + 24) / 7)


def test_bands_can_be_drawn_otherwise() -> None:
    result = agreement((1, 2, 4, 8, 16), Bands(1, 5, 1, 5))
    assert (result.disagree.count, result.neutral.count, result.agree.count) == (1, 14, 16)


@pytest.mark.parametrize("bands", [(1, 5, 4, 2), (1, 5, 3, 3), (1, 5, 0, 4), (1, 5, 2, 6), (5, 1, 2, 4)])
def test_bands_that_do_not_divide_their_scale_are_refused(bands: tuple[int, int, int, int]) -> None:
    with pytest.raises(Malformed, match="does not divide"):
        Bands(*bands)


@given(st.tuples(*[st.integers(0, 300)] * 5).filter(any))
def test_the_three_shares_are_all_and_the_mean_lies_in_its_interval(counts: tuple[int, ...]) -> None:
    result = agreement(counts)
    assert result.agree.count + result.neutral.count + result.disagree.count == result.n == sum(counts)
    assert 0 <= result.interval.low <= result.mean <= result.interval.high <= 100


@given(st.tuples(*[st.integers(0, 300)] * 5).filter(any))
def test_reversing_the_scale_mirrors_mean_and_net(counts: tuple[int, ...]) -> None:
    result, mirrored = agreement(counts), agreement(counts[::-1])
    assert mirrored.mean == pytest.approx(100 - result.mean, abs=1e-9)
    assert mirrored.net.value == pytest.approx(-result.net.value, abs=1e-9)


def test_one_answer_has_no_standard_error_and_the_whole_scale_as_interval() -> None:
    result = agreement((0, 0, 0, 1, 0))
    assert result.se is None
    assert (result.interval.low, result.interval.high) == (0, 100)


@pytest.mark.parametrize(
    ("counts", "refusal"),
    [
        ((0, 0, 0, 0, 0), NoFigure),
        ((1, 2, 3, 4), Malformed),
        ((1, 2, 3, 4, -1), NotACount),
        ((1, 2, 3, 4, 1.5), NotACount),
        ((1, 2, 3, 4, True), NotACount),
    ],
)
def test_counts_that_are_none_are_refused(counts: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        agreement(counts)


# --- moving to 0-100, and printed percentages


@pytest.mark.parametrize(
    ("value", "lowest", "highest", "moved"), [(1, 1, 5, 0), (4, 1, 5, 75), (3.25, 1, 4, 75), (7, 0, 10, 70)]
)
def test_a_scale_is_moved_to_a_hundred(value: float, lowest: int, highest: int, moved: float) -> None:
    assert rescale(value, lowest, highest) == pytest.approx(moved)


@pytest.mark.parametrize(
    ("value", "lowest", "highest", "refusal"),
    [
        (0.9, 1, 5, OutOfScale),
        (6, 1, 5, OutOfScale),
        (float("nan"), 1, 5, Malformed),
        (float("inf"), 1, 5, Malformed),
        (True, 1, 5, Malformed),
        (3, 5, 1, Malformed),
        (3, 3, 3, Malformed),
    ],
)
def test_what_is_not_on_the_scale_is_not_moved(
    value: float, lowest: int, highest: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        rescale(value, lowest, highest)


def test_the_oecd_averages_of_2021_leave_2_7_per_cent_who_did_not_know() -> None:
    # OECD Trust Survey 2021, national government: 41.4 % trust, 14.8 % neutral, 41.1 % do not.
    result = published_net(41.4, 14.8, 41.1)
    assert result.net == pytest.approx(0.3, abs=1e-9)
    assert result.unknown == pytest.approx(2.7, abs=1e-9)


def test_printed_percentages_may_pass_a_hundred_by_their_rounding() -> None:
    assert published_net(33.4, 33.4, 33.3).unknown == 0


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ((50, 30, 21), Contradiction),
        ((50, 30, 20.2), Contradiction),
        ((-1, 30, 20), Malformed),
        ((101, 0, 0), Malformed),
        ((float("nan"), 1, 1), Malformed),
    ],
)
def test_percentages_that_cannot_be_are_refused(
    parts: tuple[float, float, float], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        published_net(*parts)


# --- the figures of a tally


def test_level_and_change_stand_apart_from_the_index_of_the_drivers() -> None:
    figure = trust_figures(tally(["1144444"] * 12))
    assert isinstance(figure.level, Agreement)
    assert isinstance(figure.change, Agreement)
    assert isinstance(figure.index, DriverIndex)
    assert (figure.level.mean, figure.change.mean, figure.index.value) == (0, 0, 75)
    assert figure.index.drivers == DRIVERS
    assert figure.n == 12


def test_every_driver_weighs_the_same_however_many_answered_it() -> None:
    index = index_of(["--5----"] * 90 + ["---1111"] * 10)
    assert index.value == pytest.approx(20)
    assert index.n == 10


def test_the_index_needs_four_of_the_five_drivers() -> None:
    four, three = trust_figures(tally(["555555-"] * 10)), trust_figures(tally(["55555--"] * 10))
    assert isinstance(four.index, DriverIndex)
    assert four.index.drivers == DRIVERS[:4]
    assert three.index == Withheld(TOO_FEW_DRIVERS, 3, 4)
    assert isinstance(three.level, Agreement)


def test_an_item_with_too_few_answers_is_withheld_and_leaves_the_index() -> None:
    figure = trust_figures(tally(["4444441"] * 9 + ["444444-"] * 3))
    assert figure.drivers["fairness"] == Withheld(TOO_FEW_ANSWERS, 9, 10)
    assert isinstance(figure.index, DriverIndex)
    assert figure.index.value == 75


def test_an_item_that_nobody_answered_says_so() -> None:
    figure = trust_figures(tally(["-444444"] * 10))
    assert figure.level == Withheld(NO_ANSWERS, 0, 10)


def test_an_item_that_the_instrument_does_not_have_says_so() -> None:
    figure = trust_figures(tally(["4" * 6] * 10, Layout(("time",), trust=(LEVEL, *DRIVERS))))
    assert figure.change == Withheld(NOT_ASKED, 0, 10)
    assert isinstance(figure.level, Agreement)


def test_no_responses_are_no_figures() -> None:
    figure = trust_figures(Tally.zero(LAYOUT))
    assert figure.index == Withheld(TOO_FEW_DRIVERS, 0, 4)
    assert set(figure.drivers.values()) == {Withheld(NO_ANSWERS, 0, 10)}


def test_one_answer_to_each_driver_gives_no_index_even_when_one_answer_is_allowed() -> None:
    figure = trust_figures(tally(["4444444"]), minimum=1)
    assert isinstance(figure.level, Agreement)
    assert figure.index == Withheld(TOO_FEW_DRIVERS, 0, 4)
    assert driver_index(matrix(["4444444"]), minimum=1) == Withheld(TOO_FEW_DRIVERS, 0, 4)


def test_two_equal_answers_give_an_index_with_a_wide_interval() -> None:
    index = index_of(["4455555"] * 2, minimum=2)
    assert (index.value, index.se) == (100, 0)
    assert index.interval.low < 60


@pytest.mark.parametrize("each", [1, 2])
def test_more_answers_than_were_asked_contradict_each_other(each: int) -> None:
    with pytest.raises(Contradiction, match="asked"):
        trust_figures(tally(["44444--"] * 12), drivers_each=each)


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"minimum": 0}, Malformed),
        ({"drivers_each": 0}, Malformed),
        ({"level": 1.0}, Malformed),
        ({"bands": ELEVEN_POINTS}, Contradiction),
        ({"bands": Bands(1, 4, 2, 3)}, Contradiction),
    ],
)
def test_arguments_that_withhold_nothing_or_do_not_fit_are_refused(
    arguments: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        trust_figures(tally(["4444444"] * 10), **arguments)


def test_trust_on_another_scale_is_read_with_its_own_bands() -> None:
    layout = Layout(("time",), trust=(LEVEL, *DRIVERS), trust_scale=4)
    figure = trust_figures(tally(["434343"] * 10, layout), bands=Bands(1, 4, 2, 3))
    assert isinstance(figure.index, DriverIndex)
    assert figure.index.value == pytest.approx(100 * (2 + 3 + 2 + 3 + 2) / 15)


# --- the standard error of the index

RESPONSES = st.lists(st.text("12345-", min_size=7, max_size=7), min_size=4, max_size=40)


def test_with_complete_answers_the_exact_error_is_that_of_the_respondents_own_means() -> None:
    patterns = short_form(1, 80, draw=6)
    own = np.array([[int(mark) for mark in pattern[2:]] for pattern in patterns]).mean(axis=1) * 25
    assert exact_index_of(patterns).se == pytest.approx(own.std(ddof=1) / sqrt(80))


def test_under_the_short_form_the_exact_error_is_the_cluster_robust_one_of_statsmodels() -> None:
    patterns = short_form(2, 150)
    rows = [
        (person, driver, 25 * (int(mark) - 1))
        for person, pattern in enumerate(patterns)
        for driver, mark in enumerate(pattern[2:])
        if mark != "-"
    ]
    person, driver, points = np.array(rows).T
    fitted = sm.OLS(points, np.eye(5)[driver]).fit(
        cov_type="cluster", cov_kwds={"groups": person, "use_correction": False}
    )
    test = fitted.t_test(np.full(5, 0.2))
    people = len(set(person))
    index = exact_index_of(patterns)
    assert index.value == pytest.approx(float(test.effect[0]))
    assert index.se == pytest.approx(float(test.sd.item()) * sqrt(people / (people - 1)))


@given(RESPONSES)
def test_both_ways_give_one_value_and_the_bound_is_never_below_the_exact_error(patterns: list[str]) -> None:
    most = max(1, *(5 - pattern[2:].count("-") for pattern in patterns))
    bound = trust_figures(tally(patterns), minimum=2).index
    tighter = trust_figures(tally(patterns), minimum=2, drivers_each=most).index
    exact = driver_index(matrix(patterns), minimum=2)
    if isinstance(exact, Withheld):
        assert bound == tighter == exact
        return
    assert isinstance(bound, DriverIndex)
    assert isinstance(tighter, DriverIndex)
    assert bound.value == tighter.value == pytest.approx(exact.value)
    assert exact.se <= tighter.se + 1e-9
    assert tighter.se <= bound.se
    assert (exact.drivers, exact.n) == (bound.drivers, bound.n)
    assert (exact.se_method, bound.se_method) == ("linearised", "bound")


def test_knowing_that_three_of_five_were_asked_narrows_the_bound_to_0_77() -> None:
    # Every three of the five drivers asked equally often, and every driver answered alike.
    patterns = [
        "4-" + "".join(mark if at in asked else "-" for at in range(5))
        for asked in combinations(range(5), 3)
        for mark in "1352"
    ]
    wide, narrow = index_of(patterns), index_of(patterns, drivers_each=3)
    assert narrow.se / wide.se == pytest.approx(sqrt(3 / 5))


def test_drivers_that_always_go_together_reach_the_bound() -> None:
    patterns = ["4-" + mark * 5 for mark in "12345" * 4]
    assert exact_index_of(patterns).se == pytest.approx(index_of(patterns).se)


def test_in_many_short_form_surveys_the_exact_error_is_the_spread_of_the_index() -> None:
    indices = [exact_index_of(short_form(seed, 120)) for seed in range(300)]
    spread = np.std([index.value for index in indices])
    assert np.mean([index.se for index in indices]) == pytest.approx(spread, rel=0.12)


def test_in_many_short_form_surveys_the_interval_holds_the_truth() -> None:
    truth = exact_index_of(short_form(9999, 100_000)).value
    surveys = [short_form(seed, 120) for seed in range(300)]
    exact = [exact_index_of(survey).interval for survey in surveys]
    bound = [index_of(survey, drivers_each=3).interval for survey in surveys]
    assert 0.92 <= np.mean([interval.low <= truth <= interval.high for interval in exact]) <= 0.99
    assert np.mean([interval.low <= truth <= interval.high for interval in bound]) >= 0.96


@settings(max_examples=30)
@given(RESPONSES, st.integers(2, 4))
def test_counts_say_the_same_as_repeated_rows(patterns: list[str], times: int) -> None:
    counted = from_answers(LAYOUT, [("0" + pattern, times) for pattern in patterns], DRIVERS)
    repeated = Matrix(
        DRIVERS,
        np.repeat(matrix(patterns).values, matrix(patterns).counts * times, axis=0),
        np.ones(len(patterns) * times, np.int64),
        (5,) * 5,
    )
    one, other = driver_index(counted), driver_index(repeated)
    if isinstance(one, Withheld):
        assert one == other
    else:
        assert isinstance(other, DriverIndex)
        assert (one.value, one.se) == pytest.approx((other.value, other.se))


def test_drivers_on_several_scales_make_no_index() -> None:
    values = np.full((12, 5), 3.0)
    with pytest.raises(Malformed, match="one scale"):
        driver_index(Matrix(DRIVERS, values, np.ones(12, np.int64), (5, 5, 5, 5, 4)))


@pytest.mark.parametrize("arguments", [{"minimum": 0}, {"level": 0.0}])
def test_an_exact_index_refuses_what_withholds_nothing(arguments: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        driver_index(matrix(["4444444"] * 10), **arguments)


# --- the three denominators


def test_the_three_denominators_give_three_rates() -> None:
    figure = Denominators(transactions=2000, invited=1600, answered=400)
    assert figure.invitation_rate == 0.8
    assert figure.answering_rate == 0.25
    assert figure.response_rate == 0.2


@pytest.mark.parametrize("numbers", [(10, 11, 5), (10, 8, 9)])
def test_more_people_than_the_step_before_contradict_it(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(Contradiction):
        Denominators(*numbers)


@pytest.mark.parametrize("wrong", [-1, 2.0, True, "7", None])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_denominators_are_whole_numbers(place: int, wrong: Any) -> None:
    numbers: list[Any] = [10, 8, 4]
    numbers[place] = wrong
    with pytest.raises(NotACount):
        Denominators(*numbers)


@pytest.mark.parametrize(
    ("numbers", "rate"),
    [((0, 0, 0), "invitation_rate"), ((0, 0, 0), "response_rate"), ((5, 0, 0), "answering_rate")],
)
def test_of_nobody_there_is_no_rate(numbers: tuple[int, int, int], rate: str) -> None:
    with pytest.raises(NoFigure):
        getattr(Denominators(*numbers), rate)


def test_the_five_point_bands_are_the_default() -> None:
    assert agreement((1, 1, 1, 1, 1)) == agreement((1, 1, 1, 1, 1), FIVE_POINTS)


@pytest.mark.parametrize("minimum", [0, -1, float("nan"), True, 2.5])
def test_a_minimum_that_withholds_nothing_is_refused(minimum: float) -> None:
    layout = Layout(elements=("a",), trust=(LEVEL,))
    with pytest.raises(Malformed, match="withholds nothing"):
        trust_figures(Tally.zero(layout), minimum=minimum)  # type: ignore[arg-type]
