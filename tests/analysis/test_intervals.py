import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, UnknownKey
from analysis.intervals import (
    METHODS,
    calibration,
    finite,
    grade_probabilities,
    mean_interval,
    newcombe_difference,
    t_interval,
    wilson_bounded,
    wilson_calibrated,
    wilson_proportion,
)

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))


def cases(start):
    return pytest.mark.parametrize(
        "case",
        [case for case in CASES["intervals"] if case["id"].startswith(start)],
        ids=lambda case: case["id"],
    )


def assert_ends(interval, case):
    assert (interval.low, interval.high) == pytest.approx((case["low"], case["high"]), abs=1e-6)


@cases("ci-vcw")
def test_the_calibrated_interval_has_its_computed_ends(case):
    given = case["inputs"]
    interval = wilson_calibrated(
        given["m"], given["sd"], given["n"], deff=given.get("deff", 1.0), population=given.get("N")
    )
    assert_ends(interval, case)
    assert (interval.level, interval.method) == (0.95, "wilson-calibrated")


@cases("ci-t")
def test_the_t_interval_has_its_computed_ends(case):
    given = case["inputs"]
    assert_ends(t_interval(given["m"], given["sd"], given["n"], population=given.get("N")), case)


@cases("ci-bounded")
def test_the_bounded_interval_has_its_computed_ends(case):
    assert_ends(wilson_bounded(case["inputs"]["ikm"], case["inputs"]["n_eff"]), case)


@cases("wilson")
def test_the_interval_of_a_share_has_its_published_ends(case):
    assert_ends(wilson_proportion(case["inputs"]["x"], case["inputs"]["n"]), case)


def test_one_answer_gives_the_whole_scale():
    for interval in (wilson_calibrated(80, 0, 1), t_interval(80, 0, 1)):
        assert (interval.low, interval.high) == (25, 100)


def test_when_everybody_answered_nothing_is_uncertain():
    for interval in (wilson_calibrated(80, 9, 40, population=40), t_interval(80, 9, 40, population=40)):
        assert (interval.low, interval.high) == (80, 80)


def test_unanimous_answers_still_leave_doubt():
    assert wilson_calibrated(100, 0, 12).low < 80
    assert wilson_calibrated(25, 0, 12).high > 45


def test_the_t_interval_is_cut_at_the_end_of_the_scale():
    assert t_interval(98, 10, 5).high == 100
    assert t_interval(27, 10, 5).low == 25


def test_another_scale_moves_the_interval_with_it():
    here = wilson_calibrated(85, 15, 30)
    there = wilson_calibrated(0.6, 0.4, 30, lower=-1, upper=1)
    assert there.low == pytest.approx((here.low - 25) / 37.5 - 1)
    assert there.high == pytest.approx((here.high - 25) / 37.5 - 1)


def test_a_design_effect_widens_and_a_small_population_narrows():
    plain = wilson_calibrated(80, 10, 50)
    clustered = wilson_calibrated(80, 10, 50, deff=2)
    half_seen = wilson_calibrated(80, 10, 50, population=100)
    assert clustered.low < plain.low < half_seen.low < 80 < half_seen.high < plain.high < clustered.high


def test_a_higher_level_is_wider():
    assert wilson_calibrated(80, 10, 50, level=0.99).low < wilson_calibrated(80, 10, 50, level=0.9).low


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "at least one answer"),
        ({"mean": 101.0}, "outside the scale"),
        ({"mean": float("nan")}, "not a finite number"),
        ({"sd": -1.0}, "standard deviation"),
        ({"level": 1.0}, "between 0 and 1"),
        ({"population": 9}, "10 answers from a population of 9"),
    ],
)
@pytest.mark.parametrize("interval", [wilson_calibrated, t_interval])
def test_impossible_arguments_are_refused(interval, arguments, message):
    with pytest.raises(ValueError, match=message):
        interval(**{"mean": 80.0, "sd": 5.0, "n": 10} | arguments)


def test_an_impossible_design_effect_is_refused():
    with pytest.raises(ValueError, match="design effect"):
        wilson_calibrated(80, 10, 50, deff=0)


@pytest.mark.parametrize(("count", "n"), [(1, 0), (-1, 10), (11, 10), (1, float("nan"))])
def test_an_impossible_share_is_refused(count, n):
    with pytest.raises(ValueError, match="share"):
        wilson_proportion(count, n)


@pytest.mark.parametrize(
    ("mean", "sd", "n", "phi"),
    [
        # Sekadau, twelve answers of nothing but fours, and an agency of 140 answers.
        (78.74149659863946, 8.646712182168809, 49, 0.08451505496713456),
        (100.0, 0.0, 12, 1.0),
        (86.4, 8.2, 140, 0.08709078093778229),
    ],
)
def test_the_calibration_has_its_computed_share(mean, sd, n, phi):
    assert calibration(mean, sd, n) == pytest.approx(phi, abs=1e-9)


def test_the_calibration_is_whole_where_nothing_is_seen_of_the_variance():
    assert calibration(60, 0, 1) == 1
    assert calibration(25, 0, 50) == 1
    assert calibration(62.5, 37.6, 400) == 1  # as far apart as 25 and 100 can be
    assert calibration(62.5, 0, 400) == 1 / 400


def test_the_interval_without_a_name_is_the_calibrated_one():
    assert METHODS[0] == "wilson-calibrated"
    assert mean_interval(80, 9, 40) == wilson_calibrated(80, 9, 40)
    assert mean_interval(0.6, 0.4, 30, lower=-1, upper=1, level=0.9, deff=2, population=99) == (
        wilson_calibrated(0.6, 0.4, 30, lower=-1, upper=1, level=0.9, deff=2, population=99)
    )


def test_an_interval_can_be_had_by_its_name():
    assert mean_interval(80, 9, 40, method="t", population=90) == t_interval(80, 9, 40, population=90)
    assert mean_interval(80, None, 40, method="wilson-bounded") == wilson_bounded(80, 40)
    assert mean_interval(80, 9, 40, method="wilson-bounded", deff=2, population=80) == wilson_bounded(80, 40)
    assert [mean_interval(80, 9, 40, method=name).method for name in METHODS] == list(METHODS)


def test_a_design_effect_widens_the_t_interval_by_its_root():
    plain, clustered = t_interval(80, 9, 400), t_interval(80, 9, 400, deff=4)
    assert clustered.high - 80 == pytest.approx(2 * (plain.high - 80))


def test_a_census_is_certain_by_any_name():
    assert {mean_interval(80, 9, 40, method=name, population=40).low for name in METHODS} == {80}


@pytest.mark.parametrize("method", METHODS)
def test_one_answer_needs_no_deviation(method):
    interval = mean_interval(80, None, 1, method=method)
    assert interval.low < 40
    assert interval.high > 97


def test_several_answers_need_their_deviation():
    for method in ("t", "wilson-calibrated"):
        with pytest.raises(Malformed, match="standard deviation of the 2 answers"):
            mean_interval(80, None, 2, method=method)


def test_an_unknown_interval_is_refused():
    with pytest.raises(UnknownKey, match="no interval 'wald' among wilson-calibrated, t, wilson-bounded"):
        mean_interval(80, 9, 40, method="wald")


def test_a_finite_population_makes_the_error_smaller():
    # Half of 100 transactions: the root of a half.
    assert finite(2.0, 50, 100) == pytest.approx(2 * 0.5**0.5)
    assert finite(2.0, 100, 100) == 0
    # The t interval of Sekadau with 400 transactions is that of its corrected error.
    error = 8.646712182168809 / 7
    half = t_interval(78.74149659863946, 8.646712182168809, 49, population=400).high - 78.74149659863946
    assert half / finite(error, 49, 400) == pytest.approx(2.0106347546964454)  # t of 48, 0.975


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((2.0, 50, 49), Contradiction),
        ((2.0, 0, 100), NoFigure),
        ((2.0, 50, 99.5), NotACount),
        ((2.0, 50, -1), NotACount),
        ((-2.0, 50, 100), Malformed),
        ((float("nan"), 50, 100), Malformed),
    ],
)
def test_a_finite_population_that_cannot_be_is_refused(arguments, error):
    with pytest.raises(error):
        finite(*arguments)


@pytest.mark.parametrize(("x", "n"), [(81, 263), (0, 20), (20, 20), (1, 29), (15, 148), (3.5, 7.25)])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
def test_the_interval_of_a_share_is_that_of_statsmodels(x, n, level):
    interval = wilson_proportion(x, n, level=level)
    expected = proportion_confint(x, n, alpha=1 - level, method="wilson")
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)


# Examples of Newcombe's, 420 of 500 approved and 300 of 500 rejected applicants invited, and small numbers.
@pytest.mark.parametrize(
    "table", [(56, 70, 48, 80), (420, 500, 300, 500), (9, 10, 3, 10), (1, 7, 6, 9), (5, 56, 0, 29)]
)
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_interval_of_a_difference_of_shares_is_that_of_statsmodels(table, level):
    interval = newcombe_difference(*table, level=level)
    x1, n1, x2, n2 = table
    expected = confint_proportions_2indep(
        x1, n1, x2, n2, compare="diff", method="newcomb", alpha=1 - level, correction=False
    )
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)
    assert (interval.level, interval.method) == (level, "newcombe")


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10 (from memory, reproduced).
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_the_interval_of_a_difference_of_shares_is_the_one_newcombe_printed(table, low, high):
    interval = newcombe_difference(*table)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_swapping_the_shares_turns_the_interval_round():
    there, back = newcombe_difference(9, 10, 3, 10), newcombe_difference(3, 10, 9, 10)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ((1, 0, 1, 2), NoFigure),
        ((1, 2, 0, 0), NoFigure),
        ((3, 2, 1, 2), NotACount),
        ((1, 2, -1, 2), NotACount),
        ((1, float("nan"), 1, 2), NotACount),
        ((True, 2, 1, 2), NotACount),
        (("1", 2, 1, 2), NotACount),
    ],
)
def test_shares_that_cannot_be_have_no_difference(table, error):
    with pytest.raises(error):
        newcombe_difference(*table)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"n": 0}, NoFigure),
        ({"n": -1}, NotACount),
        ({"n": 10.0}, NotACount),
        ({"n": True}, NotACount),
        ({"n": "10"}, NotACount),
        ({"mean": float("nan")}, Malformed),
        ({"mean": "80"}, Malformed),
        ({"sd": float("inf")}, Malformed),
        ({"level": 0.0}, Malformed),
        ({"level": True}, Malformed),
        ({"lower": 100.0, "upper": 25.0}, Malformed),
        ({"deff": -1.0}, Malformed),
        ({"deff": float("nan")}, Malformed),
        ({"population": 9}, Contradiction),
        ({"population": 20.5}, NotACount),
        ({"population": float("nan")}, NotACount),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_every_refusal_of_an_interval_is_named(method, arguments, error):
    with pytest.raises(error):
        mean_interval(**{"mean": 80.0, "sd": 5.0, "n": 10, "method": method} | arguments)


def test_grade_probabilities_are_those_of_the_normal_distribution():
    case = CASES["grade_probability"]
    found = grade_probabilities(case["ikm"], case["se"])
    assert list(found) == ["D", "C", "B", "A"]
    assert found == pytest.approx(case["expected"], abs=1e-6)


def test_without_error_the_grade_is_certain_at_the_rounded_bound():
    assert grade_probabilities(88.305, 0) == {"D": 0, "C": 0, "B": 0, "A": 1}
    assert grade_probabilities(88.304, 0) == {"D": 0, "C": 0, "B": 1, "A": 0}


def test_the_table_of_2004_has_other_bounds():
    assert grade_probabilities(85, 0)["B"] == 1
    assert grade_probabilities(85, 0, "2004")["A"] == 1


@pytest.mark.parametrize(("ikm", "se", "table"), [(24, 1, "2017"), (80, -1, "2017"), (80, 1, "1999")])
def test_impossible_grades_are_refused(ikm, se, table):
    with pytest.raises(ValueError, match=r"outside|does not exist|no grade table"):
        grade_probabilities(ikm, se, table)


@settings(deadline=None)  # the first example imports scipy
@given(st.floats(min_value=25, max_value=100), st.floats(min_value=0, max_value=40), st.integers(2, 10_000))
def test_a_calibrated_interval_stays_on_the_scale_around_its_mean(mean, sd, n):
    interval = wilson_calibrated(mean, sd, n)
    assert 25 <= interval.low <= mean + 1e-9
    assert mean - 1e-9 <= interval.high <= 100


@settings(deadline=None)
@given(st.floats(min_value=26, max_value=99), st.floats(min_value=0, max_value=20))
def test_more_answers_make_a_narrower_interval(mean, sd):
    widths = [
        interval.high - interval.low for interval in (wilson_calibrated(mean, sd, n) for n in (2, 5, 20, 100))
    ]
    assert all(wide > narrow for wide, narrow in pairwise(widths))


@settings(deadline=None)
@given(st.floats(min_value=25, max_value=100), st.floats(min_value=0, max_value=30))
def test_grade_probabilities_add_up_to_one(ikm, se):
    found = grade_probabilities(ikm, se)
    assert sum(found.values()) == pytest.approx(1)
    assert all(probability >= 0 for probability in found.values())


def test_a_level_may_be_an_exact_fraction():
    exact, rounded = wilson_calibrated(80, 9, 40, level=Fraction(19, 20)), wilson_calibrated(80, 9, 40)
    assert (exact.low, exact.high) == (rounded.low, rounded.high)
    exact, rounded = wilson_proportion(3, 9, level=Fraction(4, 5)), wilson_proportion(3, 9, level=0.8)
    assert (exact.low, exact.high) == (rounded.low, rounded.high)


@pytest.mark.parametrize("method", METHODS)
def test_ends_are_plain_floats_whatever_numbers_came_in(method):
    for population in (None, 40, 90):
        interval = mean_interval(
            Fraction(80), np.float32(9), np.int8(40), method=method, population=population
        )
        assert {type(interval.low), type(interval.high)} == {float}
    share = wilson_proportion(np.int64(3), np.int64(9))
    assert {type(share.low), type(share.high)} == {float}


@pytest.mark.parametrize("method", METHODS)
def test_a_mean_of_nothing_but_the_best_may_carry_the_dust_of_a_sum(method):
    dusty = sum([0.1] * 10) * 100 + 3e-14
    assert dusty > 100
    assert mean_interval(dusty, 0.0, 12, method=method) == mean_interval(100, 0.0, 12, method=method)


@pytest.mark.parametrize("method", METHODS)
def test_a_census_of_one_is_certain_too(method):
    interval = mean_interval(80, None, 1, method=method, population=1)
    assert (interval.low, interval.high) == (80, 80)


def test_a_number_beyond_floating_point_is_refused_by_name():
    with pytest.raises(Malformed, match="not a finite number"):
        wilson_calibrated(10**400, 1, 5)
