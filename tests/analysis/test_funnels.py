"""Funnels tell chance from difference, and real differences between all from the odd one out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from analysis.comparison import FUNNEL_LEVELS, beyond
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, NoVariation, TooFew
from analysis.funnels import (
    Funnel,
    dispersion,
    funnel_of_means,
    funnel_of_ratios,
    funnel_of_shares,
    mean_limits,
    overdispersion,
    pooled_sd,
    ratio_limits,
    share_limits,
)

# Ten invented agencies; figures computed with the algebra of FunnelPlotR's R/od_adjustment.R in numpy.
IKM = [86.2, 79.5, 91.0, 83.3, 88.7, 74.8, 85.1, 90.2, 81.0, 87.4]
SE = [0.9, 1.4, 1.1, 0.6, 2.0, 1.2, 0.8, 1.6, 0.7, 1.0]


def test_the_target_weighs_means_by_their_precision() -> None:
    found = funnel_of_means(IKM, SE)
    assert found.target == pytest.approx(84.04120509761319, abs=1e-6)
    assert found.z[[0, 2, 5, 9]].tolist() == pytest.approx(
        [2.398661002652018, 6.326177183988012, -7.7010042480109915, 3.358794902386819], abs=1e-6
    )


def test_naive_limits_flag_six_of_ten_agencies_and_adjusted_ones_none() -> None:
    found = funnel_of_means(IKM, SE)
    spread = overdispersion(found)
    assert np.flatnonzero(beyond(found.z)).tolist() == [1, 2, 5, 7, 8, 9]
    assert not beyond(spread.z).any()
    assert spread.phi == pytest.approx(10.864203353349241, abs=1e-6)
    assert spread.tau2 == pytest.approx(10.326116355991976, abs=1e-6)
    assert spread.z.tolist() == pytest.approx(
        [
            0.646910952295959, -1.2955787158786667, 2.0488219710968147, -0.22674015968269998,
            1.2308619729586752, -2.694089626017345, 0.31973149391499045, 1.715673792728891,
            -0.9247195395334962, 0.9980285749576904,
        ],
        abs=1e-6,
    )  # fmt: skip


def test_a_given_target_is_the_one_compared_with() -> None:
    assert funnel_of_means([80.0], [2.0], target=76.0).z.tolist() == [2.0]
    assert funnel_of_shares([45], [50], target=0.9).z[0] == pytest.approx(0, abs=1e-12)


def test_ratios_have_the_dispersion_of_funnelplotr() -> None:
    # FunnelPlotR tests/testthat/test-classes_methods.R expects 2.948033; at six units it trims none.
    found = funnel_of_ratios([100, 150, 180, 80, 120, 225], [108, 112, 165, 95, 100, 220])
    assert found.z.tolist() == pytest.approx(
        [-0.7998026, 3.0916813, 1.1176814, -1.6749891, 1.8232155, 0.3333263], abs=1e-6
    )
    assert dispersion(found.z, winsorise=0) == pytest.approx(2.948033175102358, abs=1e-6)


def test_the_root_scale_takes_a_unit_without_any_event() -> None:
    assert funnel_of_ratios([0, 4], [4.0, 4.0], scale="root").z.tolist() == [-4.0, 0.0]
    assert funnel_of_ratios([8], [4.0], target=2.0).z.tolist() == [0.0]
    with pytest.raises(NoVariation, match="use root"):
        funnel_of_ratios([3, 0], [4.0, 4.0])
    with pytest.raises(Malformed):
        funnel_of_ratios([3], [4.0], scale="linear")  # type: ignore[arg-type]


@pytest.mark.parametrize("scale", ["log", "root"])
def test_deviates_of_poisson_counts_are_nearly_standard_normal(scale: Any) -> None:
    events = np.random.default_rng(5).poisson(60, 4000)
    z = funnel_of_ratios(events, np.full(4000, 60.0), scale=scale).z
    assert (z.mean(), z.std()) == (pytest.approx(0, abs=0.12), pytest.approx(1, abs=0.05))


@pytest.mark.parametrize(
    ("expected", "at95", "at998"),
    # FunnelPlotR tests/testthat/test-poisson_limits.R.
    [
        (15, (0.5596924088522208, 1.6493479247657228), (0.38626503485483527, 2.08290730190295)),
        (30, (0.6746958007140305, 1.427562179826922), (0.5289723599046784, 1.7027708055308135)),
    ],
)
def test_poisson_limits_are_exact(expected: int, at95: Any, at998: Any) -> None:
    for level, ends in zip(FUNNEL_LEVELS, (at95, at998), strict=True):
        found = ratio_limits([expected], level=level)
        assert (found.low[0], found.high[0]) == pytest.approx(ends, abs=1e-6)


def test_poisson_limits_follow_the_target() -> None:
    # Two events where one is expected are limited like four where four are the norm, in units of one.
    doubled, plain = ratio_limits([15], target=2.0), ratio_limits([30])
    assert doubled.low[0] == pytest.approx(2 * plain.low[0])
    assert doubled.high[0] == pytest.approx(2 * plain.high[0])


def test_shares_are_compared_on_the_arcsine_scale() -> None:
    # FunnelPlotR's formulas for proportions, no variance between units.
    found = funnel_of_shares([45, 80, 30, 120, 66], [50, 100, 45, 140, 70])
    assert found.target == pytest.approx(0.8419753086419753, abs=1e-6)
    assert found.z.tolist() == pytest.approx(
        [1.2312916205576987, -1.096631783054236, -2.7726843401250627, 0.5021410724538027, 2.8016909380786728],
        abs=1e-6,
    )


def test_share_limits_are_those_of_funnelplotr() -> None:
    target = 0.8419753086419753
    for level, ends in (
        (0.95, (0.7291064315294191, 0.9287382892652942)),
        (0.998, (0.6554498447805177, 0.9642196134676995)),
    ):
        found = share_limits(target, [50], level=level)
        assert (found.low[0], found.high[0]) == pytest.approx(ends, abs=1e-6)


def test_share_limits_of_few_answers_stop_at_the_ends_of_the_scale() -> None:
    found = share_limits(0.97, [1, 2, 5, 50], level=0.998)
    assert found.high[0] == found.high[1] == found.high[2] == 1.0
    assert (np.diff(found.low) > 0).all()
    assert share_limits(0.03, [1]).low[0] == 0.0


def test_a_share_lies_beyond_its_limits_exactly_when_its_deviate_does() -> None:
    for yes in range(51):
        z = funnel_of_shares([yes], [50], target=0.6).z
        limits = share_limits(0.6, [50])
        outside = not limits.low[0] <= yes / 50 <= limits.high[0]
        assert outside == beyond(z, level=0.95)[0]


def test_variance_between_units_widens_the_limits() -> None:
    for limits in (
        lambda tau2: mean_limits(80, 10, [20, 200], tau2=tau2),
        lambda tau2: share_limits(0.6, [20, 200], tau2=tau2),
    ):
        narrow, wide = limits(0.0), limits(0.01)
        assert (wide.high > narrow.high).all()
        assert (wide.low < narrow.low).all()


def test_mean_limits_narrow_with_the_root_of_the_answers() -> None:
    found = mean_limits(80.0, 11.0, [100, 400])
    assert (found.high - 80).tolist() == pytest.approx([1.959964 * 1.1, 1.959964 * 0.55], abs=1e-5)
    assert (found.high - 80).tolist() == pytest.approx((80 - found.low).tolist())


def test_the_pooled_spread_weighs_units_by_their_answers() -> None:
    assert pooled_sd([3.0, 0.0, 0.0], [10, 19, 1]) == pytest.approx((9 * 9 / 27) ** 0.5)
    one, other = [1.0, 4.0, 6.0], [2.0, 3.0, 3.5, 9.0]
    residuals = [x - np.mean(one) for x in one] + [x - np.mean(other) for x in other]
    expected = (np.square(residuals).sum() / 5) ** 0.5
    assert pooled_sd([np.std(one, ddof=1), np.std(other, ddof=1)], [3, 4]) == pytest.approx(expected)


def test_there_is_no_spread_to_pool_when_all_answers_of_every_unit_are_equal() -> None:
    with pytest.raises(NoVariation):
        pooled_sd([0.0, 0.0], [10, 12])
    with pytest.raises(NoVariation):
        pooled_sd([2.0], [1])
    with pytest.raises(Malformed):
        pooled_sd([2.0, -1.0], [5, 5])


def test_an_outlier_does_not_widen_the_limits_that_should_show_it() -> None:
    # Ten units a little above and ten below the norm, and one far out.
    z = np.array([0.9, -0.9] * 10 + [9.0])
    assert dispersion(z) == pytest.approx(0.81)
    assert dispersion(z, winsorise=0) > 4
    funnel = Funnel(80.0, z, np.ones(21), "identity")
    assert overdispersion(funnel).tau2 == 0
    assert beyond(overdispersion(funnel).z).sum() == 1


@given(st.lists(st.tuples(st.floats(60, 95), st.floats(0.2, 5)), min_size=2, max_size=15))
def test_without_winsorising_it_is_the_estimator_of_dersimonian_and_laird(units: Any) -> None:
    values, se = (np.array(column) for column in zip(*units, strict=True))
    with np.errstate(all="ignore"):  # theirs is not cut at zero and goes on with a negative variance
        theirs = combine_effects(values, se**2, method_re="chi2")
    ours = overdispersion(funnel_of_means(values, se), winsorise=0)
    assert ours.tau2 == pytest.approx(max(0.0, theirs.tau2), abs=1e-8)


def test_units_that_differ_by_chance_alone_are_not_adjusted() -> None:
    found = funnel_of_means([80.0, 80.5, 79.5], [2.0, 2.0, 2.0])
    assert overdispersion(found).z.tolist() == found.z.tolist()
    assert overdispersion(funnel_of_means([80.0, 80.0], [1.0, 2.0])).tau2 == 0


def test_equal_agencies_lie_beyond_the_lines_as_often_as_they_should() -> None:
    random = np.random.default_rng(11)
    se = random.uniform(0.5, 3.0, 4000)
    found = funnel_of_means(80 + random.normal(size=4000) * se, se)
    assert beyond(found.z, level=0.95).mean() == pytest.approx(0.05, abs=0.011)
    assert stats.kstest(found.z, "norm").pvalue > 0.001


def test_a_unit_alone_is_no_family() -> None:
    with pytest.raises(TooFew):
        funnel_of_means([80.0], [1.0])
    with pytest.raises(TooFew):
        funnel_of_shares([5], [10])
    with pytest.raises(TooFew):
        overdispersion(funnel_of_means([80.0], [1.0], target=75))


@pytest.mark.parametrize("counts", [[0, 0], [10, 20]])
def test_when_all_agree_there_is_nothing_to_compare_with(counts: list[int]) -> None:
    with pytest.raises(NoVariation):
        funnel_of_shares(counts, [10, 20])


def test_funnels_refuse_what_they_cannot_use() -> None:
    with pytest.raises(NoVariation, match="entry 2"):
        funnel_of_means([80.0, 100.0], [1.0, 0.0])
    with pytest.raises(Malformed):
        funnel_of_means([80.0, float("nan")], [1.0, 1.0])
    with pytest.raises(Malformed):
        funnel_of_means([80.0, 90.0], [1.0, 1.0], target=float("nan"))
    with pytest.raises(Contradiction):
        funnel_of_shares([11, 3], [10, 10])
    with pytest.raises(NotACount):
        funnel_of_shares([1.0, 2.0], [10, 10])
    with pytest.raises(NoFigure):
        funnel_of_shares([0, 2], [0, 10])
    with pytest.raises(Malformed):
        funnel_of_shares([1, 2], [10, 10], target=1.2)
    with pytest.raises(NoVariation):
        funnel_of_ratios([1, 2], [10, 0])
    with pytest.raises(NotACount):
        funnel_of_ratios([-1, 2], [10, 10])


@pytest.mark.parametrize("trim", [-0.1, 0.5, float("nan"), True])
def test_at_most_half_can_be_drawn_in(trim: Any) -> None:
    with pytest.raises(Malformed):
        dispersion([1.0, 2.0], winsorise=trim)


def test_limits_refuse_what_they_cannot_use() -> None:
    with pytest.raises(NoFigure):
        mean_limits(80, 10, [0])
    with pytest.raises(NoVariation):
        mean_limits(80, 0, [10])
    with pytest.raises(Malformed):
        mean_limits(80, 10, [10], tau2=-1)
    with pytest.raises(Malformed):
        mean_limits(80, 10, [10], level=1)
    with pytest.raises(NoVariation):
        share_limits(1.0, [10])
    with pytest.raises(Malformed):
        share_limits(-0.1, [10])
    with pytest.raises(NoVariation):
        ratio_limits([0.0])
    with pytest.raises(Malformed):
        ratio_limits([5.0], target=-1.0)
