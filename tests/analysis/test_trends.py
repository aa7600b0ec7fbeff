from statistics import mean, stdev

import pytest

from analysis.errors import Contradiction, Malformed, NotACount
from analysis.index import index, spread
from analysis.intervals import wilson_calibrated
from analysis.tally import Answered, Layout, Tally, tally_responses
from analysis.trends import Point, monthly, monthly_sentiment

LAYOUT = Layout(tuple("abcdefghi"))


def tally_of(*answers, sentiments=()):
    rows = [Answered(row) for row in answers]
    rows += [Answered("---------", value) for value in sentiments]
    return tally_responses(LAYOUT, rows)


MIXED = tally_of(*["444444444", "333333333", "443344334", "222222222", "343434343", "444443333"])


def test_a_month_has_its_index_and_the_calibrated_interval():
    [point] = monthly({202503: MIXED})
    expected = wilson_calibrated(float(index(MIXED).ikm), spread(MIXED).sd, 6)
    assert point == Point(202503, float(index(MIXED).ikm), expected.low, expected.high, 6, None)


def test_months_come_in_order_and_gaps_are_filled_across_the_year():
    points = monthly({202502: MIXED, 202411: MIXED})
    assert [point.period for point in points] == [202411, 202412, 202501, 202502]
    assert points[1] == Point(202412, None, None, None, 0, "no answers")


def test_a_month_with_too_few_answers_is_withheld():
    assert monthly({202503: tally_of(*["444444444"] * 4)}) == [
        Point(202503, None, None, None, 4, "too few answers")
    ]


def test_the_minimum_can_be_raised_for_the_public():
    assert monthly({202503: MIXED}, minimum=6)[0].value is not None
    assert monthly({202503: MIXED}, minimum=7)[0].reason == "too few answers"


def test_responses_without_a_rated_element_do_not_lift_a_month_over_the_minimum():
    [point] = monthly({202503: tally_of(*["444444444"] * 4, *["000000000"] * 10)})
    assert (point.value, point.n) == (None, 4)


def test_a_single_answer_spans_the_whole_scale():
    [point] = monthly({202503: tally_of("444444444")}, minimum=1)
    assert (point.low, point.value, point.high) == (25, 100, 100)


def test_no_months_make_no_points():
    assert monthly({}) == []


@pytest.mark.parametrize("period", [202500, 202513, 0, -202503])
def test_a_period_that_is_no_month_is_refused(period):
    with pytest.raises(ValueError, match="not a month"):
        monthly({period: MIXED})


def test_a_minimum_below_one_is_refused():
    with pytest.raises(ValueError, match="minimum of 0"):
        monthly({202503: MIXED}, minimum=0)


def test_sentiment_is_the_mean_polarity_with_its_calibrated_interval():
    values = (900, 250, -400, 0, 600)
    [point] = monthly_sentiment({202503: tally_of(sentiments=values)})
    expected = wilson_calibrated(0.27, stdev(values) / 1000, 5, lower=-1, upper=1)
    assert point.value == pytest.approx(mean(values) / 1000)
    assert (point.low, point.high) == pytest.approx((expected.low, expected.high))
    assert point.n == 5


@pytest.mark.parametrize("polarity", [0, 1000])
def test_comments_of_one_polarity_leave_doubt_about_the_others(polarity):
    [point] = monthly_sentiment({202503: tally_of(sentiments=(polarity,) * 5)})
    assert point.high - point.low > 0.5


def test_sentiment_stays_between_minus_one_and_one():
    [point] = monthly_sentiment({202503: tally_of(sentiments=(1000, 1000, 1000, 1000, -1000))})
    assert point.value == 0.6
    assert -1 < point.low < 0.6 < point.high < 1


def test_sentiment_counts_comments_not_responses():
    [point] = monthly_sentiment({202503: MIXED + tally_of(sentiments=(500, 500))})
    assert (point.value, point.n, point.reason) == (None, 2, "too few answers")
    [point] = monthly_sentiment({202503: MIXED + Tally.zero(LAYOUT)})
    assert point.reason == "no answers"


def test_a_sum_of_squares_that_no_comments_can_have_is_refused():
    counts = list(tally_of(sentiments=(900,) * 5).counts)
    counts[-1] -= 1
    with pytest.raises(Contradiction, match="cannot have a sum of squares"):
        monthly_sentiment({202503: Tally(LAYOUT, tuple(counts))})


@pytest.mark.parametrize("minimum", [float("nan"), True, 4.5, "5", None])
def test_a_minimum_that_is_no_count_withholds_nothing_and_is_refused(minimum):
    with pytest.raises(NotACount):
        monthly({202503: MIXED}, minimum=minimum)


@pytest.mark.parametrize("period", [202503.0, True, "202503", None])
def test_a_period_is_a_whole_number(period):
    with pytest.raises(Malformed, match="not a month"):
        monthly({period: MIXED})
