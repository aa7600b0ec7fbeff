"""CSAT, NPS and CES, and the shares and net scores they are made of."""

from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multinomial
from statsmodels.stats.proportion import proportion_confint

from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, NoVariation, UnknownKey
from analysis.intervals import wilson_calibrated
from analysis.ratings import ces, csat, nps
from analysis.shares import net_score

# 60 promoters, 25 passives and 15 detractors, spread within their classes.
NPS_60_25_15 = (5, 0, 0, 0, 0, 4, 6, 10, 15, 20, 40)


def counts_of(points: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*[st.integers(0, 400)] * points).filter(any)


# --- satisfaction


def test_of_200_answers_to_four_points_the_two_top_boxes_and_the_mean_are_known() -> None:
    # 3, 17, 120 and 60 answers: as an index element these are 79.6, while only 30 % gave the highest answer.
    result = csat((3, 17, 120, 60))
    assert result.top.value == pytest.approx(0.3, abs=1e-9)
    assert result.top_two.value == pytest.approx(0.9, abs=1e-9)
    assert result.mean.value == pytest.approx(3.185, abs=1e-9)
    interval = result.top_two.interval
    assert (interval.low, interval.high) == pytest.approx((0.8505941875672826, 0.9343295513309041), abs=1e-9)
    assert (result.top.count, result.top_two.count, result.top.n, result.points) == (60, 180, 200, 4)


def test_on_five_points_the_two_top_boxes_are_four_and_five() -> None:
    result = csat((1, 2, 3, 4, 10))
    assert (result.top.count, result.top_two.count, result.points) == (10, 14, 5)


@given(counts_of(5))
def test_intervals_of_shares_are_those_of_statsmodels(counts: tuple[int, ...]) -> None:
    result = csat(counts, level=0.9)
    for one in (result.top, result.top_two):
        ends = proportion_confint(one.count, one.n, alpha=0.1, method="wilson")
        assert (one.interval.low, one.interval.high) == pytest.approx(ends, abs=1e-9)
        assert one.interval.level == 0.9


@given(counts_of(4))
def test_the_mean_lies_in_its_interval_and_the_interval_on_the_scale(counts: tuple[int, ...]) -> None:
    mean = csat(counts).mean
    assert 1 <= mean.interval.low <= mean.value <= mean.interval.high <= 4
    assert mean.value == pytest.approx(np.average([1, 2, 3, 4], weights=counts))


@pytest.mark.parametrize("points", [2, 3, 6, 7, 11])
def test_two_top_boxes_are_refused_on_scales_that_have_no_two(points: int) -> None:
    with pytest.raises(Malformed, match=f"4 or 5 answers, not {points}"):
        csat((1,) * points)


# --- recommendation


def test_sixty_promoters_and_fifteen_detractors_of_a_hundred_score_45() -> None:
    result = nps(NPS_60_25_15, method="normal")
    score = result.score
    assert (result.promoters.count, result.passives.count, result.detractors.count) == (60, 25, 15)
    assert score.value == pytest.approx(45, abs=1e-9)
    # The multinomial variance: 0.6 + 0.15 - 0.45^2, over 100 answers.
    assert score.se == pytest.approx(7.399324293474371, abs=1e-9)
    ends = (30.497590874857945, 59.50240912514204)
    assert (score.interval.low, score.interval.high) == pytest.approx(ends, abs=1e-9)
    assert (score.interval.method, score.n) == ("normal", 100)


def test_six_is_a_detractor_seven_and_eight_are_passive_and_nine_is_a_promoter() -> None:
    for answer, score in ((0, -100), (6, -100), (7, 0), (8, 0), (9, 100), (10, 100)):
        counts = [0] * 11
        counts[answer] = 3
        assert nps(counts).score.value == score


@given(counts_of(11))
def test_the_standard_error_is_that_of_answers_counted_plus_one_zero_and_minus_one(
    counts: tuple[int, ...],
) -> None:
    signs = np.repeat([-1] * 7 + [0, 0, 1, 1], counts)
    score = nps(counts).score
    assert score.value == pytest.approx(100 * signs.mean(), abs=1e-9)
    assert score.se == pytest.approx(100 * signs.std() / sqrt(len(signs)), abs=1e-6)


@given(counts_of(11))
def test_a_score_lies_in_its_interval_and_the_interval_within_a_hundred_points(
    counts: tuple[int, ...],
) -> None:
    score = nps(counts).score
    assert -100 <= score.interval.low <= score.value + 1e-9
    assert score.value - 1e-9 <= score.interval.high <= 100


def test_the_interval_of_a_score_is_that_of_a_mean_of_answers_worth_plus_and_minus_a_hundred() -> None:
    signs = np.repeat([-100, 0, 100], [2, 3, 7])
    interval = wilson_calibrated(float(signs.mean()), float(signs.std(ddof=1)), 12, lower=-100, upper=100)
    score = net_score(7 / 12, 2 / 12, 12)
    assert (score.interval.low, score.interval.high) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_all_promoters_are_no_proof_of_a_score_of_100() -> None:
    score = nps((0,) * 10 + (12,)).score
    assert (score.value, score.se) == (100, 0)
    assert score.interval.low < 60
    assert score.interval.high == 100


def test_the_normal_interval_is_refused_when_all_answers_fall_in_one_class() -> None:
    with pytest.raises(NoVariation, match="no width"):
        nps((0,) * 10 + (12,), method="normal")


def coverage(method: str, n: int, shares: tuple[float, float, float]) -> float:
    """The exact probability that the interval of n answers holds the true score: all outcomes, weighted."""
    above, _, below = shares
    held = 0.0
    for p in range(n + 1):
        for q in range(n + 1 - p):
            probability = multinomial.pmf((p, n - p - q, q), n, shares)
            try:
                interval = net_score(p / n, q / n, n, method=method).interval
            except NoVariation:
                continue
            held += probability * (interval.low <= 100 * (above - below) <= interval.high)
    return held


@pytest.mark.parametrize("shares", [(0.9, 0.08, 0.02), (0.95, 0.04, 0.01), (0.5, 0.3, 0.2)])
def test_the_calibrated_interval_of_20_answers_covers_what_it_says(
    shares: tuple[float, float, float],
) -> None:
    assert coverage("wilson-calibrated", 20, shares) > 0.94


def test_the_normal_interval_of_20_high_answers_does_not() -> None:
    assert coverage("normal", 20, (0.95, 0.04, 0.01)) < 0.75


@pytest.mark.parametrize("points", [5, 7, 10])
def test_recommendation_needs_the_eleven_answers_from_0_to_10(points: int) -> None:
    with pytest.raises(Malformed, match=f"{points} counts for a scale of 11"):
        nps((1,) * points)


# --- effort


def test_effort_gives_a_mean_and_the_share_from_five_up() -> None:
    result = ces((1, 1, 2, 6, 4, 4, 2))
    assert result.mean.value == pytest.approx((1 + 2 + 6 + 24 + 20 + 24 + 14) / 20)
    assert (result.easy.count, result.easy.n, result.easy.value) == (10, 20, 0.5)


def test_effort_needs_seven_points() -> None:
    with pytest.raises(Malformed, match="5 counts for a scale of 7"):
        ces((1, 1, 1, 1, 1))


# --- net scores under weights


def test_weights_widen_the_error_of_a_net_score_by_their_effective_number() -> None:
    plain, weighted = net_score(0.6, 0.15, 100), net_score(0.6, 0.15, 100, n_eff=25)
    assert weighted.se == pytest.approx(2 * plain.se)
    assert weighted.interval.high - weighted.interval.low > 1.8 * (plain.interval.high - plain.interval.low)
    assert (weighted.n, weighted.n_eff) == (100, 25)


# --- refusals


@pytest.mark.parametrize("wrong", [-1, 1.0, True, "3", float("nan"), None])
@pytest.mark.parametrize(("figure", "points"), [(csat, 4), (nps, 11), (ces, 7)])
def test_a_number_of_answers_is_a_whole_number(figure: Any, points: int, wrong: Any) -> None:
    with pytest.raises(NotACount):
        figure([5] * (points - 1) + [wrong])


@pytest.mark.parametrize(("figure", "points"), [(csat, 5), (nps, 11), (ces, 7)])
def test_nobody_answered_is_no_figure(figure: Any, points: int) -> None:
    with pytest.raises(NoFigure):
        figure((0,) * points)


@pytest.mark.parametrize(("figure", "points"), [(csat, 4), (nps, 11), (ces, 7)])
def test_one_answer_has_the_widest_interval(figure: Any, points: int) -> None:
    result = figure((0,) * (points - 1) + (1,))
    widest = result.score.interval if figure is nps else result.mean.interval
    lowest, highest = {csat: (1, 4), nps: (-100, 100), ces: (1, 7)}[figure]
    assert (widest.low, widest.high) == (lowest, highest)


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1, float("nan")])
@pytest.mark.parametrize(("figure", "points"), [(csat, 4), (nps, 11), (ces, 7)])
def test_a_level_lies_between_0_and_1(figure: Any, points: int, level: float) -> None:
    with pytest.raises(Malformed):
        figure((3,) * points, level=level)


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ((0.7, 0.4, 10), Contradiction),
        ((1.2, 0.0, 10), Malformed),
        ((float("nan"), 0.0, 10), Malformed),
        ((0.5, -0.1, 10), Malformed),
        ((0.5, 0.1, 0), NoFigure),
        ((0.5, 0.1, 2.5), NotACount),
        ((0.5, 0.1, True), NotACount),
    ],
)
def test_a_net_score_needs_two_shares_of_the_same_answers(
    arguments: tuple[Any, ...], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        net_score(*arguments)


@pytest.mark.parametrize("n_eff", [0, -3, float("inf"), float("nan")])
def test_an_effective_number_is_positive_and_finite(n_eff: float) -> None:
    with pytest.raises(Malformed):
        net_score(0.5, 0.1, 10, n_eff=n_eff)


def test_an_unknown_interval_is_refused_by_name() -> None:
    with pytest.raises(UnknownKey, match="wald"):
        nps(NPS_60_25_15, method="wald")


@settings(max_examples=30)
@given(counts_of(11), st.integers(2, 5))
def test_replicating_the_answers_keeps_the_score_and_narrows_the_interval(
    counts: tuple[int, ...], times: int
) -> None:
    once, often = nps(counts).score, nps([count * times for count in counts]).score
    assert often.value == pytest.approx(once.value, abs=1e-9)
    assert often.interval.high - often.interval.low < once.interval.high - once.interval.low
