from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.weightstats import DescrStatsW, zconfint

from analysis.differences import difference, difference_of_intervals, minimum_detectable_difference
from analysis.errors import Contradiction, Malformed, NotACount, NoVariation, TooFew
from analysis.intervals import Interval, newcombe_difference, wilson_calibrated, wilson_proportion


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [(84.0, 80.0, "higher"), (80.0, 84.0, "lower"), (82.0, 80.0, "no clear change")],
)
def test_a_difference_is_clear_when_its_interval_leaves_zero_out(first, second, verdict):
    # The error of both together is 1.3, so that 2.55 points are needed.
    found = difference(first, 0.5, second, 1.2)
    assert (found.verdict, found.difference) == (verdict, first - second)
    assert found.se == pytest.approx(1.3)
    assert found.interval.high - found.difference == pytest.approx(1.959963984540054 * 1.3)
    assert (found.interval.level, found.interval.method) == (0.95, "normal")


def test_the_interval_of_a_difference_is_that_of_statsmodels():
    first, second = np.array([70.0, 85, 90, 100, 62.5]), np.array([80.0, 77.5, 95, 60])
    expected = zconfint(first, second, alpha=0.1, usevar="pooled")
    pooled = DescrStatsW(first).get_compare(DescrStatsW(second)).std_meandiff_pooledvar
    interval = difference(first.mean(), pooled * 0.6, second.mean(), pooled * 0.8, level=0.9).interval
    assert (interval.low, interval.high) == pytest.approx(expected)


def test_a_higher_level_asks_for_more():
    assert difference(83, 1, 80, 1).verdict == "higher"
    assert difference(83, 1, 80, 1, level=0.99).verdict == "no clear change"


def test_equal_answers_do_not_make_a_difference_certain():
    for errors in ((0.0, 1.0), (1.0, 0.0), (0.0, 0.0)):
        with pytest.raises(NoVariation, match="all answers were equal"):
            difference(100, errors[0], 90, errors[1])


@pytest.mark.parametrize(
    "arguments",
    [
        (float("nan"), 1, 80, 1),
        (80, 1, float("inf"), 1),
        (80, -1, 80, 1),
        (80, 1, 80, float("nan")),
        (True, 1, 80, 1),
    ],
)
def test_figures_that_are_none_cannot_be_compared(arguments):
    with pytest.raises(Malformed):
        difference(*arguments)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(level):
    with pytest.raises(Malformed, match="level"):
        difference(80, 1, 80, 1, level=level)
    with pytest.raises(Malformed, match="level"):
        minimum_detectable_difference(11, 100, level=level)


def test_a_hundred_answers_on_either_side_show_a_difference_of_4_4_points():
    assert minimum_detectable_difference(11, 100) == pytest.approx(4.358, abs=0.001)


@pytest.mark.parametrize(
    ("sd", "n", "n_other", "power"), [(11, 100, 100, 0.8), (8, 30, 300, 0.9), (10, 50, 20, 0.6)]
)
def test_a_detectable_difference_is_found_with_the_power_of_statsmodels(sd, n, n_other, power):
    found = minimum_detectable_difference(sd, n, n_other=n_other, power=power)
    effect = found / sd
    # Its power counts verdicts in the wrong direction too: hardly any.
    assert NormalIndPower().power(effect, n, 0.05, ratio=n_other / n) == pytest.approx(power, abs=1e-3)


def test_each_side_may_have_its_own_deviation():
    both = minimum_detectable_difference(6, 36, sd_other=8, n_other=64)
    assert both / (1.959963984540054 + 0.8416212335729143) == pytest.approx(sqrt(2))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"sd": 11, "n": 1}, TooFew),
        ({"sd": 11, "n": 0}, TooFew),
        ({"sd": 11, "n": 100, "n_other": 1}, TooFew),
        ({"sd": 11, "n": -1}, NotACount),
        ({"sd": 11, "n": 100.0}, NotACount),
        ({"sd": 11, "n": True}, NotACount),
        ({"sd": 0, "n": 100}, NoVariation),
        ({"sd": -1, "n": 100}, Malformed),
        ({"sd": float("nan"), "n": 100}, Malformed),
        ({"sd": 11, "n": 100, "power": 0.5}, Malformed),
        ({"sd": 11, "n": 100, "power": 1.0}, Malformed),
        ({"sd": 11, "n": 100, "power": float("nan")}, Malformed),
    ],
)
def test_a_comparison_that_cannot_be_planned_is_refused(arguments, error):
    with pytest.raises(error):
        minimum_detectable_difference(**arguments)


figures = st.floats(25, 100)
errors = st.floats(0.01, 20)


@settings(deadline=None)
@given(figures, errors, figures, errors)
def test_swapping_the_figures_turns_the_verdict_round(first, se_first, second, se_second):
    there, back = (
        difference(first, se_first, second, se_second),
        difference(second, se_second, first, se_first),
    )
    turned = {"higher": "lower", "lower": "higher", "no clear change": "no clear change"}
    assert back.verdict == turned[there.verdict]
    assert (back.difference, back.se) == (-there.difference, there.se)


@pytest.mark.parametrize("power", [0.3, 0.5, 0.0, 1.0, float("nan"), "0.8", None])
def test_a_power_that_is_not_above_half_is_refused_as_such(power):
    with pytest.raises(Malformed, match=r"power of .* not between 0\.5 and 1"):
        minimum_detectable_difference(11, 100, power=power)


def ends(low, high, level=0.95):
    return Interval(low, high, level, "wilson")


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_of_two_shares_it_is_the_hybrid_score_interval(n1, n2, data):
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    found = difference_of_intervals(x1 / n1, wilson_proportion(x1, n1), x2 / n2, wilson_proportion(x2, n2))
    expected = newcombe_difference(x1, n1, x2, n2)
    assert (found.interval.low, found.interval.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ((84, 82, 85), (80, 78, 82), "higher"),
        ((80, 78, 82), (84, 82, 85), "lower"),
        # 3 points apart; the limits that face each other are 2 and 3 points away.
        ((83, 81, 84), (80, 79, 83), "no clear change"),
    ],
)
def test_the_limits_that_face_each_other_decide(first, second, verdict):
    found = difference_of_intervals(first[0], ends(*first[1:]), second[0], ends(*second[1:]))
    assert (found.difference, found.verdict) == (first[0] - second[0], verdict)
    assert found.interval.method == "mover"
    assert found.interval.low == pytest.approx(
        found.difference - sqrt((first[0] - first[1]) ** 2 + (second[2] - second[0]) ** 2)
    )
    assert found.interval.high == pytest.approx(
        found.difference + sqrt((first[2] - first[0]) ** 2 + (second[0] - second[1]) ** 2)
    )


def test_intervals_of_a_normal_distribution_give_its_difference():
    half = 1.959963984540054
    found = difference_of_intervals(
        84, ends(84 - 0.5 * half, 84 + 0.5 * half), 80, ends(80 - 1.2 * half, 80 + 1.2 * half)
    )
    expected = difference(84, 0.5, 80, 1.2)
    assert found.se == pytest.approx(expected.se)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (expected.interval.low, expected.interval.high)
    )


@given(*[st.tuples(*[st.floats(25, 100)] * 3).map(sorted) for _ in range(2)])
def test_a_difference_of_intervals_stays_within_what_can_be(first, second):
    (low, value, high), (least, other, most) = first, second
    found = difference_of_intervals(value, ends(low, high), other, ends(least, most))
    assert -75 - 1e-9 <= found.interval.low <= found.difference <= found.interval.high <= 75 + 1e-9


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((80, ends(81, 82), 70, ends(60, 75)), Contradiction),
        ((80, ends(79, 82), 70, ends(71, 75)), Contradiction),
        ((80, ends(79, 82), 70, ends(60, 75, 0.9)), Malformed),
        ((float("nan"), ends(79, 82), 70, ends(60, 75)), Malformed),
        ((80, ends(float("-inf"), 82), 70, ends(60, 75)), Malformed),
        ((80, ends(79, 82), True, ends(0, 75)), Malformed),
    ],
)
def test_intervals_that_cannot_be_compared_are_refused(arguments, error):
    with pytest.raises(error):
        difference_of_intervals(*arguments)


@pytest.mark.parametrize(("few", "many"), [(5, 100), (10, 100), (30, 30)])
def test_equal_groups_of_few_are_rarely_called_different_where_the_normal_distribution_is_too_bold(few, many):
    generator = np.random.default_rng(20170014)
    claims = {"mover": 0, "normal": 0}
    for _ in range(600):
        samples = [
            # Nine elements of one person go together.
            25
            * np.clip(
                np.round(generator.normal(3.2, 0.4, (n, 1)) + generator.normal(0, 0.5, (n, 9))), 1, 4
            ).mean(axis=1)
            for n in (few, many)
        ]
        (one, s1), (other, s2) = [(sample.mean(), sample.std(ddof=1)) for sample in samples]
        found = difference_of_intervals(
            one, wilson_calibrated(one, s1, few), other, wilson_calibrated(other, s2, many)
        )
        claims["mover"] += found.verdict != "no clear change"
        bold = difference(one, s1 / sqrt(few), other, s2 / sqrt(many))
        claims["normal"] += bold.verdict != "no clear change"
    # 5 % of 600 are 30; beyond 47 the chance is below 0.2 %.
    assert claims["mover"] <= 47
    assert claims["normal"] > claims["mover"]
