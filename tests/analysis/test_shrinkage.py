"""A value is worth its reliability: the noisier, the closer to what its family leads one to expect."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from statsmodels.stats.meta_analysis import combine_effects

from analysis.errors import Contradiction, Malformed, NoFigure, NoVariation, TooFew, UnknownKey
from analysis.shrinkage import dersimonian_laird, fay_herriot, james_stein, shrink

# Ten invented agencies.
IKM = [86.2, 79.5, 91.0, 83.3, 88.7, 74.8, 85.1, 90.2, 81.0, 87.4]
SE = [0.9, 1.4, 1.1, 0.6, 2.0, 1.2, 0.8, 1.6, 0.7, 1.0]

# Eight schools (Rubin 1981, as in Gelman et al., Bayesian Data Analysis).
SCHOOLS = [28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0]
SCHOOLS_SE = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0]

# Expenditure on milk in 43 areas of four regions: data "milk" of the R package sae.
MILK = [
    1.099, 1.075, 1.105, 0.628, 0.753, 0.981, 1.257, 1.095, 1.405, 1.356, 0.615, 1.460, 1.338, 0.854, 1.176,
    1.111, 1.257, 1.430, 1.278, 1.292, 1.002, 1.183, 1.044, 1.267, 1.193, 0.791, 0.795, 0.759, 0.796, 0.565,
    0.886, 0.952, 0.807, 0.582, 0.684, 0.787, 0.440, 0.759, 0.770, 0.800, 0.756, 0.865, 0.640,
]  # fmt: skip
MILK_SE = [
    0.163, 0.080, 0.083, 0.109, 0.119, 0.141, 0.202, 0.127, 0.168, 0.178, 0.100, 0.201, 0.148, 0.143, 0.149,
    0.145, 0.135, 0.172, 0.137, 0.163, 0.125, 0.247, 0.140, 0.171, 0.106, 0.121, 0.121, 0.259, 0.106, 0.089,
    0.225, 0.205, 0.119, 0.067, 0.106, 0.126, 0.092, 0.132, 0.100, 0.113, 0.083, 0.121, 0.129,
]  # fmt: skip
REGIONS = [1] * 7 + [2] * 7 + [3] * 11 + [4] * 18
MILK_DESIGN = np.array([[1.0, *(float(region == other) for other in (2, 3, 4))] for region in REGIONS])
# eblupFH(method = "REML") of sae, as recorded in samplics tests/sae/test_eblup_area_model.py (bd3d6c2c).
MILK_EBLUP = [
    1.0219705434603092, 1.0476019510052466, 1.067951425728479, 0.7608165667459805, 0.8461570448500563,
    0.9743727060171548, 1.058452670621444, 1.097776255930176, 1.2215454875656153, 1.1951460132174363,
    0.785214921262972, 1.2139462033497872, 1.2096597192397618, 0.9834964421553924, 1.1864247096496972,
    1.1556981143154705, 1.2263412502986506, 1.2856489874607078, 1.2363248403866571, 1.2349601388568066,
    1.090301628451068, 1.1923057228204643, 1.1216467675087514, 1.223029721491775, 1.1938054443761639,
    0.762719589225892, 0.7649551527819352, 0.7338443878186953, 0.7699295537517883, 0.6134416240070631,
    0.7695560714845053, 0.795825310560898, 0.77231884723125, 0.6102300687461346, 0.7001781897884497,
    0.7592788100084258, 0.5298863376777135, 0.743446677778069, 0.754899632840871, 0.770191965270926,
    0.7481164236746358, 0.8040775150126903, 0.6810868854189485,
]  # fmt: skip

# Batting averages of 18 players after 45 times at bat in 1970 (Efron & Morris 1975, table 1).
BATTING = [hits / 45 for hits in (18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7)]

UNITS = st.lists(st.tuples(st.floats(60, 95), st.floats(0.2, 5)), min_size=3, max_size=15)


def restricted_loglikelihood(tau2: float, values: Any, se: Any, design: Any) -> float:
    """By the covariance matrix of a basis of error contrasts: another road to the same place."""
    contrasts = np.linalg.svd(design, full_matrices=True)[0][:, design.shape[1] :]
    covariance = contrasts.T @ np.diag(np.square(se) + tau2) @ contrasts
    errors = contrasts.T @ np.asarray(values)
    return float(-np.linalg.slogdet(covariance)[1] - errors @ np.linalg.solve(covariance, errors)) / 2


def test_ten_agencies_are_drawn_to_their_mean_by_reml() -> None:
    found = shrink(IKM, SE)
    assert found.method == "reml"
    assert found.tau2 == pytest.approx(24.345988234838437, abs=1e-3)
    assert found.coefficients.tolist() == pytest.approx([84.66642687489063], abs=1e-3)
    assert found.values.tolist() == pytest.approx(
        [
            86.15062033660764, 79.88493884298842, 90.70012415833972, 83.31991070627431, 88.13080860801996,
            75.35098352525605, 85.08889430358079, 89.67350206665378, 81.0723365284163, 87.29214967276944,
        ],
        abs=1e-3,
    )  # fmt: skip
    assert found.reliability[[0, 4]].tolist() == pytest.approx(
        [0.9678009071860579, 0.8588865568255677], abs=1e-3
    )


def test_the_milk_data_have_their_published_coefficients_and_all_43_eblups() -> None:
    found = fay_herriot(MILK, MILK_SE, MILK_DESIGN)
    assert found.tau2 == pytest.approx(0.018550334377942793, abs=2e-6)
    assert found.coefficients.tolist() == pytest.approx(
        [0.968189, 0.1327801, 0.2269462, -0.2413011], abs=2e-6
    )
    assert found.values.tolist() == pytest.approx(MILK_EBLUP, abs=2e-6)


@given(UNITS)
@settings(max_examples=40, deadline=None)
def test_reml_stands_at_the_highest_restricted_likelihood(units: Any) -> None:
    values, se = zip(*units, strict=True)
    design = np.ones((len(units), 1))
    found = shrink(values, se).tau2
    height = restricted_loglikelihood(found, values, se, design)
    for tau2 in [0.0, *np.geomspace(1e-5, 1e4, 60)]:
        assert restricted_loglikelihood(tau2, values, se, design) <= height + 1e-7


def test_reml_finds_the_higher_of_two_maxima() -> None:
    # One pair of precise, equal units pulls to no variance at all, the noisy rest far away from it.
    values, se = [0.0, 0.001, 5.0, -5.0, 7.0], [0.001, 0.001, 2.5, 2.5, 2.5]
    design = np.ones((5, 1))
    found = shrink(values, se).tau2
    best = max(
        (
            minimize_scalar(
                lambda log: -restricted_loglikelihood(np.exp(log), values, se, design),
                bounds=(low, low + 3),
                method="bounded",
                options={"xatol": 1e-9},
            )
            for low in range(-18, 9, 3)
        ),
        key=lambda result: -result.fun,
    )
    assert restricted_loglikelihood(found, values, se, design) >= -best.fun - 1e-9


def test_covariates_explain_what_a_common_mean_leaves() -> None:
    random = np.random.default_rng(3)
    online = np.repeat([0.0, 1.0], 20)
    values = 75 + 12 * online + random.normal(size=40)
    found = fay_herriot(values, np.full(40, 1.0), np.c_[np.ones(40), online])
    assert found.tau2 < shrink(values, np.full(40, 1.0)).tau2 / 10
    assert found.coefficients[1] == pytest.approx(12, abs=4 * found.coefficients_se[1])


def test_a_column_of_ones_is_the_common_mean() -> None:
    one, other = fay_herriot(IKM, SE, np.ones((10, 1))), shrink(IKM, SE)
    assert one.values.tolist() == other.values.tolist()


def test_the_eight_schools_pool_fully_by_moments() -> None:
    found = dersimonian_laird(SCHOOLS, SCHOOLS_SE)
    assert found.q == pytest.approx(4.707078864400158, abs=1e-6)
    assert found.tau2 == 0
    assert (found.mu, found.se) == pytest.approx((7.685616724956035, 4.071919158402296), abs=1e-6)
    pooled = shrink(SCHOOLS, SCHOOLS_SE, method="dersimonian-laird")
    assert pooled.values.tolist() == pytest.approx([7.685616724956035] * 8)
    assert pooled.reliability.tolist() == [0] * 8


def test_moments_are_those_of_statsmodels() -> None:
    theirs = combine_effects(np.array(IKM), np.square(SE), method_re="chi2")
    ours = dersimonian_laird(IKM, SE)
    assert ours.tau2 == pytest.approx(theirs.tau2)
    assert (ours.mu, ours.se) == pytest.approx((theirs.mean_effect_re, theirs.sd_eff_w_re))
    assert shrink(IKM, SE, method="dersimonian-laird").tau2 == ours.tau2


def test_two_units_have_a_mean_by_moments() -> None:
    assert dersimonian_laird([80.0, 80.0], [1.0, 2.0]).mu == 80


def test_batting_averages_are_shrunk_as_published() -> None:
    # Efron & Morris 1975: grand mean 0.265, c = 0.212, binomial variance at the mean.
    mean = sum(BATTING) / 18
    found = james_stein(BATTING, mean * (1 - mean) / 45)
    assert found.c == pytest.approx(0.2116534171442659, abs=1e-6)
    assert (round(found.c, 3), round(found.mean, 3)) == (0.212, 0.265)
    assert found.values[[0, -1]].tolist() == pytest.approx(
        [0.29391385489966054, 0.2421763529310622], abs=1e-6
    )


def test_james_stein_never_turns_the_order_round() -> None:
    found = james_stein([80.0, 80.1, 80.2, 80.3], 25.0)
    assert (found.c, set(found.values)) == (0, {found.mean})
    assert james_stein([80.0] * 5, 1.0).c == 0


@given(UNITS)
@settings(max_examples=40, deadline=None)
def test_a_shrunken_value_lies_between_the_value_and_its_expectation(units: Any) -> None:
    values, se = (np.array(column) for column in zip(*units, strict=True))
    found = shrink(values, se)
    low, high = np.minimum(values, found.expected), np.maximum(values, found.expected)
    assert (low - 1e-9 <= found.values).all()
    assert (found.values <= high + 1e-9).all()
    assert ((found.reliability >= 0) & (found.reliability < 1)).all()


def test_the_noisiest_value_is_drawn_most() -> None:
    found = shrink([70.0, 80.0, 90.0, 90.0], [1.0, 1.0, 1.0, 8.0])
    assert found.reliability[3] == found.reliability.min()
    assert found.values[3] < found.values[2]


def test_equal_values_leave_no_variance_between_units() -> None:
    assert shrink([80.0] * 5, [1.0, 2.0, 3.0, 4.0, 5.0]).tau2 == 0


def test_only_well_measured_units_may_be_ranked() -> None:
    found = shrink([70.0, 80.0, 90.0, 85.0], [1.0, 1.0, 1.0, 12.0])
    assert found.rankable.tolist() == [True, True, True, False]
    assert not shrink([80.0] * 5, [2.0] * 5).rankable.any()


def test_shrunken_values_are_nearer_to_the_truth_than_raw_ones() -> None:
    random = np.random.default_rng(8)
    truth, se = random.normal(82, 3, 300), random.uniform(1, 6, 300)
    raw = truth + random.normal(size=300) * se
    assert np.mean((shrink(raw, se).values - truth) ** 2) < 0.6 * np.mean((raw - truth) ** 2)


@pytest.mark.parametrize("method", ["reml", "dersimonian-laird"])
@pytest.mark.parametrize("units", [1, 2])
def test_one_or_two_units_say_nothing_of_the_variance_between_units(method: str, units: int) -> None:
    with pytest.raises(TooFew):
        shrink([80.0, 90.0][:units], [1.0, 1.0][:units], method=method)


@pytest.mark.parametrize("units", [1, 2, 3])
def test_james_stein_needs_four_units(units: int) -> None:
    with pytest.raises(TooFew):
        james_stein([80.0, 81.0, 82.0][:units], 1.0)


def test_each_further_covariate_needs_a_further_unit() -> None:
    design = np.c_[np.ones(4), [0.0, 1.0, 0.0, 1.0]]
    assert fay_herriot([80.0, 81.0, 90.0, 70.0], [1.0] * 4, design).values.size == 4
    with pytest.raises(TooFew):
        fay_herriot([80.0, 81.0, 90.0], [1.0] * 3, design[:3])


def test_covariates_that_repeat_each_other_are_refused() -> None:
    with pytest.raises(NoVariation):
        fay_herriot(IKM, SE, np.c_[np.ones(10), np.ones(10) * 2])


def test_shrinkage_refuses_what_it_cannot_use() -> None:
    with pytest.raises(NoFigure):
        shrink([], [])
    with pytest.raises(NoVariation):
        shrink([80.0, 81.0, 90.0], [1.0, 0.0, 1.0])
    with pytest.raises(Malformed):
        shrink([80.0, 81.0, float("inf")], [1.0, 1.0, 1.0])
    with pytest.raises(Contradiction):
        shrink([80.0, 81.0, 90.0], [1.0, 1.0])
    with pytest.raises(UnknownKey):
        shrink(IKM, SE, method="ml")
    with pytest.raises(TooFew):
        dersimonian_laird([80.0], [1.0])
    with pytest.raises(NoVariation):
        james_stein(BATTING, 0.0)
    with pytest.raises(Contradiction):
        fay_herriot(IKM, SE, np.ones((9, 1)))
    with pytest.raises(Malformed):
        fay_herriot(IKM, SE, np.ones(10))


def test_one_unit_that_outweighs_all_others_does_not_divide_by_zero() -> None:
    found = dersimonian_laird([80.0, 70.0], [1e-3, 1e6])
    assert (found.tau2, found.mu) == (0, pytest.approx(80))
