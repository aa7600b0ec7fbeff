from fractions import Fraction
from statistics import mean, stdev

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.errors import Contradiction, UnknownKey
from analysis.index import index
from analysis.intervals import t_interval, wilson_calibrated
from analysis.perception import SPAK, SPKP, WBBM, WBK, perception, reaches
from analysis.tally import Answered, Layout, Tally, tally_responses

FIVE = tuple(f"item{number}" for number in range(1, 6))
SIX_STEPS = Layout(FIVE, element_scale=6)


def tally_of(*rows, layout=SIX_STEPS):
    return tally_responses(layout, map(Answered, rows))


def spak_of(value):
    """A perception index of the given value on four, from one item on four steps."""
    layout = Layout(("item",))
    fours = int(100 * value) - 300
    return perception(tally_of(*["4"] * fours + ["3"] * (100 - fours), layout=layout))


def test_six_steps_are_converted_by_four_sixths():
    # Public code divides the score of six steps by 1.5.
    found = perception(tally_of("66543", "65432"))
    assert found.of_four == Fraction(44, 10) / Fraction("1.5")
    assert (str(found.rounded), found.conversion) == ("2.93", "x * 4 / 6")
    assert (found.k, found.n, found.scale) == (5, 2, 6)


def test_one_step_of_six_becomes_less_than_a_scale_of_four_begins_with():
    found = perception(tally_of("11111"))
    assert (found.of_four, found.of_hundred) == (Fraction(2, 3), 0)


def test_the_scale_of_a_hundred_starts_at_the_lowest_answer():
    found = perception(tally_of("66543", "65432"))
    assert found.of_hundred == 100 * (Fraction(44, 10) - 1) / 5
    assert found.conversion_hundred == "100 * (x - 1) / (6 - 1)"


@pytest.mark.parametrize(("scale", "of_four", "of_hundred"), [(4, 3, "66.67"), (5, "2.4", 50), (6, 2, 40)])
def test_a_three_means_something_else_on_every_scale(scale, of_four, of_hundred):
    found = perception(tally_of("3", layout=Layout(("item",), element_scale=scale)))
    assert found.of_four == Fraction(of_four)
    assert float(found.of_hundred) == pytest.approx(float(of_hundred), abs=0.005)
    assert found.conversion == f"x * 4 / {scale}"


def test_items_count_the_same_however_many_answered_them():
    found = perception(tally_of("6----", "22222"))
    assert found.means == {"item1": 4, "item2": 2, "item3": 2, "item4": 2, "item5": 2}
    assert found.of_four == Fraction(12, 5) * 4 / 6
    assert found.lowest == ("item2", "item3", "item4", "item5")


def test_the_interval_is_that_of_the_respondents_means_on_a_hundred():
    rows = ["66543", "65432", "66666", "54321"]
    scores = [20 * (mean(map(int, row)) - 1) for row in rows]
    arguments = (mean(scores), stdev(scores), 4)
    for method, formula in {"wilson-calibrated": wilson_calibrated, "t": t_interval}.items():
        found = perception(tally_of(*rows), method=method, population=9, level=0.9).interval
        expected = formula(*arguments, lower=0, upper=100, population=9, level=0.9)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
        assert (found.method, found.level) == (method, 0.9)


def test_one_respondent_leaves_the_whole_scale_open():
    interval = perception(tally_of("66666")).interval
    assert (interval.low, interval.high) == (0, 100)


def test_a_published_table_of_counts_has_an_index_and_no_interval():
    numbers = dict.fromkeys(SIX_STEPS.measures, 0) | {"n": 10, "item1_6": 10}
    found = perception(Tally(SIX_STEPS, tuple(numbers.values())))
    assert (found.of_four, found.interval) == (4, None)


def test_nobody_has_no_perception():
    assert perception(Tally.zero(SIX_STEPS)) is None
    assert perception(tally_of("00000")) is None


def test_items_without_answers_are_named_unless_they_do_not_exist():
    found = perception(tally_of("666--"), not_applicable={"item5"})
    assert (found.k, found.unanswered) == (3, ("item4",))
    with pytest.raises(Contradiction, match="1 answers to item1"):
        perception(tally_of("666--"), not_applicable={"item1"})
    with pytest.raises(UnknownKey, match="no element 'smile'"):
        perception(tally_of("666--"), not_applicable={"smile"})


def test_an_unknown_interval_and_too_small_a_population_are_refused():
    with pytest.raises(UnknownKey, match="no interval 'normal'"):
        perception(tally_of("66666"), method="normal")
    with pytest.raises(Contradiction):
        perception(tally_of("66666", "55555"), population=1)


@pytest.mark.parametrize(
    ("survey", "zone", "enough", "points"),
    # From memory: 15.75 of 17.5 points are 3.60 of 4, 14.00 are 3.20.
    [(SPAK, WBK, "3.60", "15.75"), (SPKP, WBK, "3.20", "14.00"), (SPKP, WBBM, "3.60", "15.75")],
)
def test_a_threshold_is_reached_at_its_value_and_not_below(survey, zone, enough, points):
    at = reaches(spak_of(Fraction(enough)), survey, zone)
    assert (at.reached, at.points, str(at.threshold)) == (True, Fraction(points), points)
    assert not reaches(spak_of(Fraction(enough) - Fraction("0.01")), survey, zone).reached
    assert "to be checked against the regulation" in at.status


def test_rounding_does_not_carry_an_index_over_a_threshold():
    # 3.5996 is shown as 3.60.
    layout = Layout(("item",))
    numbers = dict.fromkeys(layout.measures, 0) | {"n": 2500, "item_4": 1499, "item_3": 1001}
    found = perception(Tally(layout, tuple(numbers.values())))
    assert str(found.rounded) == "3.60"
    assert not reaches(found, SPAK, WBK).reached


def test_a_threshold_that_is_not_known_is_not_invented():
    with pytest.raises(UnknownKey, match="no threshold known for wbbm spak"):
        reaches(spak_of(Fraction(4)), SPAK, WBBM)


@given(st.lists(st.text("012345", min_size=3, max_size=3), min_size=1, max_size=12), st.integers(5, 9))
def test_the_two_conversions_follow_from_each_other(rows, scale):
    found = perception(tally_of(*rows, layout=Layout(("a", "b", "c"), element_scale=scale)))
    assume(found is not None)
    assert found.of_hundred == 100 * (found.of_four * scale / 4 - 1) / (scale - 1)
    assert 0 <= found.of_hundred <= 100
    assert found.interval.low <= float(found.of_hundred) + 1e-9


@given(st.lists(st.text("01234", min_size=3, max_size=3), min_size=1, max_size=12))
def test_on_four_steps_the_perception_is_the_satisfaction_index_over_25(rows):
    tally = tally_of(*rows, layout=Layout(("a", "b", "c")))
    assume(index(tally) is not None)
    assert 25 * perception(tally).of_four == index(tally).ikm
