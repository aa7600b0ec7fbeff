"""A chart signals a change of the process and leaves its ordinary ups and downs alone."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.control import (
    DECISION,
    LAMBDA,
    SLACK,
    WIDTH,
    baseline,
    cusum,
    ewma,
    laney_chart,
    p_chart,
    sigmas,
    standardise,
)
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, NoVariation, TooFew

# Nonconforming orange juice cans in 30 samples of 50 (Montgomery, Introduction to Statistical Quality
# Control, table of the chapter on attributes).
CANS = [
    12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13,
    9, 6,
]  # fmt: skip

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4.
NIST = [
    52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5,
    49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1,
]  # fmt: skip
NIST_EWMA = [
    50.6, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33,
    50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99,
]  # fmt: skip

# An invented weekly index that falls by some three points in week 8.
WEEKLY = [85.2, 86.1, 84.7, 85.5, 85.0, 84.9, 85.8, 83.1, 82.6, 83.0, 82.2, 82.9]


def run_length(step: Any, states: np.ndarray) -> float:
    """Mean number of periods to the first signal of a process in control, by a Markov chain over states."""
    chances = step(states)
    return float(np.linalg.solve(np.eye(len(states)) - chances, np.ones(len(states)))[0])


def test_the_orange_juice_cans_have_montgomerys_chart() -> None:
    found = p_chart(CANS, 50)
    assert found.centre == pytest.approx(0.23133333333333334, abs=1e-9)
    assert found.upper[0] == pytest.approx(0.41023911859473844, abs=1e-9)
    assert found.lower[0] == pytest.approx(0.05242754807192823, abs=1e-9)
    assert found.signals == (15, 23)
    assert found.values[14] == 0.44
    assert found.sigma_z is None


def test_laneys_chart_of_the_same_cans_has_no_signal() -> None:
    found = laney_chart(CANS, 50)
    assert found.sigma_z == pytest.approx(1.6608667197432385, abs=1e-9)
    assert found.upper[0] == pytest.approx(0.5284719980435315, abs=1e-9)
    assert found.lower[0] == 0
    assert found.signals == ()


def test_limits_follow_the_number_of_answers_of_each_period() -> None:
    found = p_chart([30, 300], [50, 500], target=0.6)
    half = 3 * (0.24 / np.array([50, 500])) ** 0.5
    assert (found.upper - 0.6).tolist() == pytest.approx(half.tolist())
    assert (0.6 - found.lower).tolist() == pytest.approx(half.tolist())


def test_limits_of_shares_stay_on_the_scale() -> None:
    found = p_chart([5, 5], [5, 5], target=0.9)
    assert found.upper.tolist() == [1, 1]
    assert found.signals == ()


def test_a_frozen_target_shows_a_change_that_a_new_one_hides() -> None:
    found = p_chart([45, 44, 46], 50, target=0.6)
    assert (found.centre, found.signals) == (0.6, (1, 2, 3))
    assert p_chart([45, 44, 46], 50).signals == ()


def test_laneys_limits_are_those_of_the_p_chart_when_only_chance_is_at_work() -> None:
    counts = np.random.default_rng(1).binomial(400, 0.7, 3000)
    assert laney_chart(counts, 400).sigma_z == pytest.approx(1, abs=0.06)


def test_large_periods_signal_by_their_size_on_the_p_chart_and_not_on_laneys() -> None:
    random = np.random.default_rng(2)
    counts = random.binomial(20_000, random.normal(0.8, 0.02, 60))
    assert len(p_chart(counts, 20_000).signals) > 30
    assert len(laney_chart(counts, 20_000).signals) <= 2


def test_the_nist_example_has_its_published_averages_and_limits() -> None:
    found = ewma(NIST, 50, 2.0539, weight=0.3, width=3, asymptotic=True)
    assert found.values.round(2).tolist() == pytest.approx(NIST_EWMA)
    assert found.values[-1] == pytest.approx(51.988243258644616, abs=1e-6)
    assert found.upper.tolist() == pytest.approx([52.588431738126616] * 20, abs=1e-6)
    assert found.lower.tolist() == pytest.approx([47.411568261873384] * 20, abs=1e-6)
    assert found.signals == ()


def test_exact_limits_start_narrow_and_end_at_the_asymptotic_ones() -> None:
    found = ewma([80.0] * 60, 80, 2.0)
    assert found.upper[0] - 80 == pytest.approx(WIDTH * 2.0 * LAMBDA)
    assert found.upper[-1] == pytest.approx(ewma([80.0], 80, 2.0, asymptotic=True).upper[0])
    assert (np.diff(found.upper) >= 0).all()


def test_an_ewma_of_weight_1_is_a_shewhart_chart() -> None:
    found = ewma([80.0, 87.0, 83.0], 80, 2.0, weight=1, width=3)
    assert found.values.tolist() == [80, 87, 83]
    assert found.upper.tolist() == pytest.approx([86, 86, 86])
    assert found.signals == (2,)


def test_a_lasting_small_fall_crosses_the_ewma_but_not_shewharts_limits() -> None:
    fallen = [80.0] * 5 + [77.8] * 12
    assert ewma(fallen, 80, 2.0, weight=1, width=3).signals == ()
    assert ewma(fallen, 80, 2.0).signals != ()


def test_the_default_ewma_gives_one_false_alarm_in_371_periods() -> None:
    limit = WIDTH * (LAMBDA / (2 - LAMBDA)) ** 0.5

    def step(states: np.ndarray) -> np.ndarray:
        half = limit / len(states)
        from_here = (1 - LAMBDA) * states[:, None]
        upper, lower = ((states + side * half - from_here) / LAMBDA for side in (1, -1))
        return ndtr(upper) - ndtr(lower)

    from scipy.special import ndtr

    cells = 201
    states = limit * (2 * np.arange(cells) + 1 - cells) / cells
    start = np.roll(states, -(cells // 2))  # the target first
    assert run_length(step, start) == pytest.approx(371, abs=1.5)


@pytest.mark.parametrize(("decision", "length"), [(DECISION, 168), (5.0, 465)])
def test_the_cusum_gives_as_few_false_alarms_as_its_table_says(decision: float, length: int) -> None:
    # One-sided run lengths are 336 and 930; both sides together give half of it.
    from scipy.special import ndtr

    width = 2 * decision / (2 * 200 - 1)

    def step(states: np.ndarray) -> np.ndarray:
        upper = ndtr(states + width / 2 + SLACK - states[:, None])
        lower = ndtr(states - width / 2 + SLACK - states[:, None])
        lower[:, 0] = 0  # everything below goes to zero
        return upper - lower

    assert run_length(step, width * np.arange(200)) / 2 == pytest.approx(length, rel=0.005)


def test_the_weekly_index_signals_its_fall_from_the_second_week_on() -> None:
    found = cusum(WEEKLY, 85.2, 0.6, slack=0.5, decision=4)
    assert found.above.tolist() == pytest.approx([0, 1, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0], abs=1e-9)
    assert found.below.tolist() == pytest.approx(
        [0, 0, 1 / 3, 0, 0, 0, 0, 3, 6 + 5 / 6, 10, 14.5, 17 + 5 / 6], abs=1e-9
    )
    assert found.signals_below == (9, 10, 11, 12)
    assert found.signals_above == ()


@given(st.lists(st.floats(60, 100), min_size=1, max_size=30))
def test_the_two_sides_of_a_cusum_mirror_each_other(values: list[float]) -> None:
    one, other = cusum(values, 80, 2.0), cusum([160 - value for value in values], 80, 2.0)
    assert one.above == pytest.approx(other.below, abs=1e-9)
    assert one.below == pytest.approx(other.above, abs=1e-9)


def test_a_value_on_the_limit_is_no_signal() -> None:
    assert cusum([84.5], 80, 1.0).above[0] == 4
    assert cusum([84.5], 80, 1.0).signals_above == ()
    assert cusum([84.6], 80, 1.0).signals_above == (1,)


def test_a_baseline_freezes_mean_and_spread() -> None:
    values = [80.0, 82.0] * 6
    found = baseline(values)
    assert (found.target, found.periods, found.between) == (81, 12, None)
    assert found.sigma == pytest.approx(np.std(values, ddof=1))


def test_a_baseline_with_standard_errors_tells_noise_from_movement() -> None:
    random = np.random.default_rng(6)
    se = random.uniform(0.5, 3, 400)
    moving = baseline(80 + random.normal(0, 2, 400) + random.normal(size=400) * se, se)
    still = baseline(80 + random.normal(size=400) * se, se)
    assert moving.between == pytest.approx(2, abs=0.3)
    assert still.between == pytest.approx(0, abs=0.5)
    assert moving.target == pytest.approx(80, abs=0.5)


def test_periods_of_few_answers_count_for_less_once_standardised() -> None:
    spread = sigmas([4.0, 0.5], 3.0)
    assert spread.tolist() == pytest.approx([5.0, 9.25**0.5])
    z = standardise([70.0, 70.0], 80, spread)
    assert z.tolist() == pytest.approx([-2.0, -10 / 9.25**0.5])
    assert ewma(z, 0, 1, weight=1, width=3).signals == (2,)


def test_fewer_than_twelve_periods_are_no_baseline() -> None:
    with pytest.raises(TooFew) as refusal:
        baseline([80.0, 81.0] * 5)
    assert (refusal.value.n, refusal.value.needed) == (10, 12)


def test_a_baseline_of_equal_values_has_no_spread() -> None:
    # The standard deviation of twelve 76.61 comes out as 1.4e-14.
    with pytest.raises(NoVariation):
        baseline([76.61] * 12)


@pytest.mark.parametrize("chart", [p_chart, laney_chart])
def test_share_charts_refuse_what_they_cannot_use(chart: Any) -> None:
    with pytest.raises(NoVariation):
        chart([50, 50, 50], 50)
    with pytest.raises(NoVariation):
        chart([0, 0], 50)
    with pytest.raises(NoFigure, match="entry 2"):
        chart([5, 0], [50, 0])
    with pytest.raises(Contradiction):
        chart([51, 5], 50)
    with pytest.raises(NotACount):
        chart([5.0, 6.0], 50)
    with pytest.raises(NotACount):
        chart([-5, 6], 50)
    with pytest.raises(TooFew):
        chart([5], 50)
    with pytest.raises(Malformed):
        chart([5, 6], 50, target=float("nan"))
    with pytest.raises(Malformed):
        chart([5, 6], 50, target=1.2)


def test_one_period_can_be_held_against_a_frozen_target_but_has_no_moving_range() -> None:
    assert p_chart([45], 50, target=0.6).signals == (1,)
    with pytest.raises(TooFew):
        laney_chart([45], 50, target=0.6)


def test_equal_shares_leave_laneys_chart_without_a_width() -> None:
    with pytest.raises(NoVariation):
        laney_chart([30, 30, 30], 50)


@pytest.mark.parametrize("chart", [ewma, cusum])
def test_charts_of_values_refuse_what_they_cannot_use(chart: Any) -> None:
    with pytest.raises(NoFigure):
        chart([], 80, 2.0)
    with pytest.raises(Malformed):
        chart([80.0, float("nan")], 80, 2.0)
    with pytest.raises(Malformed):
        chart([80.0], float("inf"), 2.0)
    with pytest.raises(NoVariation):
        chart([80.0], 80, 0.0)
    with pytest.raises(Malformed):
        chart([80.0], 80, -1.0)


def test_settings_outside_their_range_are_refused() -> None:
    for weight in (0.0, -0.1, 1.1, float("nan"), True):
        with pytest.raises(Malformed):
            ewma([80.0], 80, 2.0, weight=weight)
    with pytest.raises(NoVariation):
        ewma([80.0], 80, 2.0, width=0)
    with pytest.raises(Malformed):
        cusum([80.0], 80, 2.0, slack=-0.5)
    with pytest.raises(NoVariation):
        cusum([80.0], 80, 2.0, decision=0)
    with pytest.raises(Malformed):
        sigmas([1.0], -1.0)
    with pytest.raises(NoVariation):
        standardise([80.0], 80, [0.0])
    with pytest.raises(Contradiction):
        standardise([80.0, 81.0], 80, [1.0])
