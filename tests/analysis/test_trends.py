import pytest

from analysis.errors import Malformed, NotACount
from analysis.index import index, spread
from analysis.intervals import wilson_calibrated
from analysis.tally import Answered, Layout, tally_responses
from analysis.trends import Point, monthly

LAYOUT = Layout(tuple("abcdefghi"))


def tally_of(*answers):
    return tally_responses(LAYOUT, [Answered(row) for row in answers])


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


@pytest.mark.parametrize("minimum", [float("nan"), True, 4.5, "5", None])
def test_a_minimum_that_is_no_count_withholds_nothing_and_is_refused(minimum):
    with pytest.raises(NotACount):
        monthly({202503: MIXED}, minimum=minimum)


@pytest.mark.parametrize("period", [202503.0, True, "202503", None])
def test_a_period_is_a_whole_number(period):
    with pytest.raises(Malformed, match="not a month"):
        monthly({period: MIXED})
