"""Each element stands with its own number of answers and its own interval."""

from fractions import Fraction

import numpy as np
import pytest

from analysis.errors import Malformed, NoFigure, NotACount
from analysis.intervals import wilson_calibrated
from analysis.profile import mean_of_counts, profile
from analysis.tally import Answered, Layout, Tally, tally_responses

LAYOUT = Layout(elements=("time", "cost", "conduct"), trust=("trust_level",))


def tally_of(*answers: str) -> Tally:
    return tally_responses(LAYOUT, [Answered(one) for one in answers])


def test_an_element_is_counted_among_those_who_answered_it() -> None:
    time, cost = profile(tally_of("3405", "2105", "4-05"))
    assert (time.key, time.n, time.mean) == ("time", 3, 3)
    assert (cost.key, cost.n, cost.mean) == ("cost", 2, Fraction(5, 2))


def test_an_element_nobody_answered_has_no_place_in_it() -> None:
    assert [one.key for one in profile(tally_of("3405", "2105"))] == ["time", "cost"]
    assert profile(Tally.zero(LAYOUT)) == []


def test_the_interval_is_that_of_the_answers_to_the_element_alone() -> None:
    found = profile(tally_of(*["3405"] * 6, *["4105"] * 4))[0]
    expected = wilson_calibrated(3.4, (0.24 * 10 / 9) ** 0.5, 10, lower=1, upper=4)
    assert (found.interval.low, found.interval.high) == pytest.approx((expected.low, expected.high))


def test_an_interval_about_the_transactions_of_a_period_is_shorter() -> None:
    tally = tally_of(*["3405"] * 6, *["4105"] * 4)
    short, long = profile(tally, population=12)[0].interval, profile(tally)[0].interval
    assert long.low < short.low < short.high < long.high
    assert profile(tally, population=5)[0].interval == long


def test_elements_on_six_steps_end_at_six() -> None:
    layout = Layout(elements=("a",), element_scale=6)
    found = profile(tally_responses(layout, [Answered("6")] * 12))[0]
    assert (found.mean, found.interval.high) == (6, 6)
    assert found.interval.low > 4


def test_equal_answers_deviate_by_exactly_zero() -> None:
    assert mean_of_counts((0, 0, 123_457, 0)) == (3, 0.0)


def test_one_answer_has_no_deviation() -> None:
    assert mean_of_counts((0, 1)) == (2, None)


def test_no_answers_have_no_mean() -> None:
    with pytest.raises(NoFigure):
        mean_of_counts((0, 0))


def test_a_negative_count_is_none() -> None:
    with pytest.raises(NotACount):
        mean_of_counts((3, -1))


def test_a_level_that_is_no_share_is_refused() -> None:
    with pytest.raises(Malformed):
        profile(tally_of("3405"), level=95)


@pytest.mark.parametrize("counts", [[1.5, 2], [True, 1], ["1", 2], [float("nan")], [None, 1]])
def test_what_is_no_count_has_no_mean(counts):
    with pytest.raises(NotACount):
        mean_of_counts(counts)


def test_counts_of_numpy_do_not_overflow():
    # Their squares pass 64 bits.
    mean, sd = mean_of_counts(np.array([4 * 10**9, 4 * 10**9]))
    assert mean == Fraction(3, 2)
    assert sd == pytest.approx(0.5)


def test_an_element_that_everybody_answered_keeps_its_interval():
    # Answers count in the month they were given, so their number may reach that of the transactions.
    tally = tally_of(*["3405"] * 6, *["4105"] * 4)
    assert profile(tally, population=10) == profile(tally)
