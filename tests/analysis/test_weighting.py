"""What unequal weights cost, the mean they give, and how large one may become."""

import numpy as np
import polars as pl
import pytest
import svy
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import Malformed, NoFigure, NotACount, TooFew, UnknownKey, WrongWeights
from analysis.weighting import kish, trim, weighted_mean

# Worked by hand: (20)² / 68 = 5.882353.
WEIGHTS = [1.0, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 5.0]
VALUES = [3.0, 4.0, 3.0, 2.0, 4.0, 3.0, 4.0, 4.0]

weights_of = st.lists(st.floats(0.01, 1000), min_size=1, max_size=30)


def sample_of(weights, **columns):
    """A design of svy where every row is one respondent."""
    data = pl.DataFrame({"id": range(len(weights)), "w": weights, **columns})
    return svy.Sample(data, svy.Design(wgt="w", psu="id"))


def trimmed_to(weights, counts=None):
    """The weight of every respondent after trimming and how many were cut; nothing when that is refused."""
    try:
        result = trim(weights, counts)
    except WrongWeights:
        return []
    return [*np.repeat(result.weights, 1 if counts is None else counts), result.trimmed]


def test_kish_counts_the_answers_that_are_left():
    result = kish(WEIGHTS)
    assert result.n_eff == pytest.approx(5.882352941176471, abs=1e-9)
    assert result.deff == pytest.approx(1.36, abs=1e-9)
    assert (result.n, result.warn, result.withheld) == (8, False, None)


def test_equal_weights_cost_nothing():
    assert kish([0.1] * 7)[:3] == (7.0, 1.0, 7)


@pytest.mark.parametrize(
    ("heavy", "warn", "withheld"),
    # One of ten weighs this much: 1.48, 1.73, 2.78 and 3.02.
    [(4, False, None), (5, True, None), (9, True, None), (10, True, "weights_too_unequal")],
)
def test_costly_weights_warn_and_very_costly_ones_withhold_the_figure(heavy, warn, withheld):
    result = kish([1.0] * 9 + [float(heavy)])
    assert result.deff == pytest.approx(10 * (9 + heavy**2) / (9 + heavy) ** 2)
    assert (result.warn, result.withheld) == (warn, withheld)


def test_the_thresholds_are_the_callers():
    assert kish(WEIGHTS, warn_above=1.2).warn
    assert kish(WEIGHTS, warn_above=1.1, refuse_above=1.3).withheld == "weights_too_unequal"
    with pytest.raises(Malformed):
        kish(WEIGHTS, warn_above=4)


@settings(deadline=None)
@given(weights_of, st.sampled_from([1e-300, 1e-9, 7.0, 1e200]))
def test_the_scale_of_weights_says_nothing(weights, factor):
    scaled = kish([weight * factor for weight in weights])
    assert scaled.n_eff == pytest.approx(kish(weights).n_eff)
    assert 1 <= scaled.n_eff <= len(weights)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.1, 9), st.floats(25, 100), st.integers(0, 4)), min_size=2, max_size=9))
def test_a_count_stands_for_that_many_rows(rows):
    weights, values, counts = (list(column) for column in zip(*rows, strict=True))
    if sum(counts) < 2:
        return
    single, ys = np.repeat(weights, counts), np.repeat(values, counts)
    assert kish(weights, counts) == pytest.approx(kish(single))
    assert weighted_mean(values, weights, counts) == pytest.approx(weighted_mean(ys, single), abs=1e-9)
    assert trimmed_to(weights, counts) == pytest.approx(trimmed_to(single))


def test_the_weighted_mean_has_its_linearised_standard_error():
    result = weighted_mean(VALUES, WEIGHTS)
    assert result.mean == pytest.approx(3.5, abs=1e-9)
    assert result.se == pytest.approx(0.2672612419124244, abs=1e-9)


def test_the_standard_error_is_that_of_survey_software():
    random = np.random.default_rng(4)
    weights, values = random.gamma(2, 1, 80), random.normal(80, 9, 80)
    theirs = sample_of(weights, y=values).estimation.mean("y").to_polars()
    ours = weighted_mean(values, weights)
    assert (ours.mean, ours.se) == pytest.approx((theirs["est"][0], theirs["se"][0]), abs=1e-9)


def test_equal_weights_give_the_ordinary_standard_error():
    assert weighted_mean(VALUES, [3.0] * 8).se == pytest.approx(np.std(VALUES, ddof=1) / np.sqrt(8))


def test_a_standard_error_needs_two_respondents_with_weight():
    with pytest.raises(TooFew):
        weighted_mean([80.0], [1.0])
    with pytest.raises(TooFew):
        weighted_mean([80.0, 90.0], [1.0, 0.0])


def test_weights_are_cut_at_the_median_and_three_and_a_half_interquartile_ranges():
    # Quartiles 1, 2 and 3 of eleven weights: the bound is 2 + 3.5 x 2 = 9.
    weights = [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 4.0, 20.0]
    result = trim(weights, rule="iqr")
    assert (result.bound, result.rule, result.trimmed) == (9.0, "iqr", 1)
    # 11 were cut off and given to others of 20 in all: each of them gets 31/20 of its own.
    assert result.weights == pytest.approx([31 / 20 * w for w in weights[:-1]] + [9.0])


def test_a_gift_that_lifts_others_to_the_bound_is_passed_on():
    # The bound is 5; the 7 cut off lift the two of 4 to 6, which is cut again; 11 are left for six people.
    result = trim([1.0] * 6 + [4.0, 4.0, 12.0], rule="median")
    assert (result.bound, result.rule, result.trimmed) == (5.0, "median", 1)
    assert result.weights == pytest.approx([11 / 6] * 6 + [5.0] * 3)


def test_trimming_is_that_of_survey_software():
    weights = np.random.default_rng(11).lognormal(0, 1.2, 300)
    theirs = sample_of(weights).weighting.trim(
        upper=svy.Threshold("median") + 3.5 * svy.Threshold("iqr"), max_iter=500, tol=1e-12
    )
    ours = trim(weights, rule="iqr")
    assert ours.trimmed > 5
    # They stop when no weight changes by more than a part of it.
    assert ours.weights == pytest.approx(theirs.data["trim_wgt"].to_numpy(), rel=1e-6)


def test_where_most_weights_are_equal_the_bound_is_five_medians():
    for rule in ("iqr", "median", "larger"):
        result = trim([1.0] * 20 + [2.0, 9.0], rule=rule)
        assert (result.bound, result.rule, result.trimmed) == (5.0, "median", 1)


def test_the_larger_bound_leaves_lumps_of_weights_that_are_not_extreme():
    # Quartiles 4.1 and 4.3: three and a half of their distance are nothing.
    lumps = [4.1] * 45 + [4.2] * 20 + [4.3] * 30 + [8.7] * 5
    assert trim(lumps).trimmed == 0
    assert trim(lumps, rule="iqr").trimmed == 5


def test_the_larger_bound_is_that_of_the_range_where_weights_spread():
    spread = np.random.default_rng(11).lognormal(0, 1.2, 300)
    assert trim(spread).bound == trim(spread, rule="iqr").bound > trim(spread, rule="median").bound
    narrow = np.random.default_rng(11).lognormal(0, 0.3, 300)
    assert trim(narrow).bound == trim(narrow, rule="median").bound > trim(narrow, rule="iqr").bound


@settings(deadline=None)
@given(weights_of, st.sampled_from(["larger", "iqr", "median"]))
def test_trimming_keeps_the_total_and_the_order_and_passes_no_bound(weights, rule):
    try:
        result = trim(weights, rule=rule)
    except WrongWeights:
        quartiles = np.quantile(weights, [0.25, 0.75])
        smaller = np.median(weights) + 3.5 * (quartiles[1] - quartiles[0]) if rule == "iqr" else np.inf
        assert np.mean(weights) > min(5 * np.median(weights), smaller)
        return
    assert result.weights.sum() == pytest.approx(sum(weights))
    assert np.all(result.weights <= max(result.bound, max(weights) if not result.trimmed else 0) * (1 + 1e-9))
    assert np.all(np.diff(result.weights[np.argsort(weights)]) >= -1e-9)
    assert result.trimmed == np.sum(np.array(weights) > result.bound)


def test_weights_that_no_bound_can_hold_are_refused():
    with pytest.raises(WrongWeights, match="keep the total"):
        trim([1.0] * 7 + [1000.0] * 2)
    with pytest.raises(WrongWeights, match="keep the total"):
        trim([0.0, 0.0, 0.0, 1.0])


def test_an_unknown_rule_is_refused():
    with pytest.raises(UnknownKey):
        trim(WEIGHTS, rule="mean")


@pytest.mark.parametrize("function", [kish, trim, lambda w, c=None: weighted_mean(VALUES, w, c)])
@pytest.mark.parametrize(
    ("weights", "counts", "error"),
    [
        ([], None, NoFigure),
        ([0.0] * 8, None, WrongWeights),
        ([*WEIGHTS[:-1], -1.0], None, WrongWeights),
        ([*WEIGHTS[:-1], float("nan")], None, WrongWeights),
        ([*WEIGHTS[:-1], float("inf")], None, WrongWeights),
        ([*WEIGHTS[:-1], "1"], None, WrongWeights),
        ([True] * 8, None, WrongWeights),
        ([[1.0], [1.0, 2.0]], None, Malformed),
        ([WEIGHTS], None, Malformed),
        (WEIGHTS, [1] * 7, Malformed),
        (WEIGHTS, [1] * 7 + [-1], NotACount),
        (WEIGHTS, [1.0] * 8, NotACount),
        (WEIGHTS, [True] * 8, NotACount),
        (WEIGHTS, [0] * 8, NoFigure),
        ([1.0] * 7 + [0.0], [0] * 7 + [3], WrongWeights),
    ],
)
def test_what_is_no_weight_or_no_count_is_refused(function, weights, counts, error):
    with pytest.raises(error):
        function(weights, counts)


@pytest.mark.parametrize("values", [[*VALUES[:-1], float("nan")], VALUES[:-1], [*VALUES[:-1], "4"]])
def test_values_that_are_no_numbers_or_do_not_match_are_refused(values):
    with pytest.raises(Malformed):
        weighted_mean(values, WEIGHTS)
