import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.intervals import (
    grade_probabilities,
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
        ({"mean": float("nan")}, "outside the scale"),
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
