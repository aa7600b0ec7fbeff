import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import f

from analysis.errors import Malformed, NoFigure, NotACount, NoVariation, Refused, TooFew
from analysis.matrix import Matrix, tally_of
from analysis.reliability import (
    alpha_of_tally,
    cronbach_alpha,
    pairwise_correlation,
    pairwise_covariance,
    pairwise_n,
)
from analysis.tally import Layout, Tally

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
SEKADAU = np.array([[float(mark) for mark in row] for row in CASES["sekadau"]["rows"]])
# pingouin 0.7.0 cronbach_alpha of the Sekadau rows; it prints the interval as 0.615 to 0.837.
ALPHA, LOW, HIGH = 0.7402588854760861, 0.6153861820137996, 0.8367404035493987


def tally_from(values, counts=None):
    counts = np.ones(len(values), np.int64) if counts is None else counts
    columns = tuple(f"U{number}" for number in range(1, values.shape[1] + 1))
    return tally_of(Matrix(columns, values, counts, (4,) * len(columns)))


def planned_missing(n, seed=11):
    """Answers of one outcome and six drivers of one trait, of which each respondent is asked three."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(0, 1, (n, 1))
    values = np.clip(np.round(3 + trait + rng.normal(0, 0.8, (n, 7))), 1, 5)
    seen = values.copy()
    for row in seen:
        row[1 + rng.permutation(6)[:3]] = np.nan
    return values, seen


def test_sekadau_has_its_alpha_and_interval():
    found = cronbach_alpha(SEKADAU)
    assert found.alpha == pytest.approx(ALPHA, abs=1e-9)
    assert (found.interval.low, found.interval.high) == pytest.approx((LOW, HIGH), abs=1e-9)
    assert (found.n, found.k, found.left_out) == (49, 9, 0)
    assert (found.interval.level, found.interval.method) == (0.95, "feldt")


def test_the_interval_is_feldts_at_any_level():
    interval = cronbach_alpha(SEKADAU, level=0.9).interval
    low, high = (1 - (1 - ALPHA) * f.ppf(p, 48, 48 * 8) for p in (0.95, 0.05))
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-9)


def test_only_complete_rows_enter_and_the_others_are_counted():
    values = np.vstack([SEKADAU, SEKADAU[:3]])
    values[49:, 2] = np.nan
    found = cronbach_alpha(values)
    assert found.alpha == pytest.approx(ALPHA, abs=1e-12)
    assert (found.n, found.left_out) == (49, 3)


def test_alpha_of_a_tally_is_that_of_its_complete_responses():
    found, raw = alpha_of_tally(tally_from(SEKADAU)), cronbach_alpha(SEKADAU)
    assert found.alpha == pytest.approx(raw.alpha, abs=1e-12)
    assert (found.n, found.k, found.left_out) == (raw.n, raw.k, 0)
    assert found.interval.low == pytest.approx(raw.interval.low)


def test_a_tally_with_an_answer_missing_gives_no_alpha():
    values = SEKADAU.copy()
    values[0, 0] = np.nan
    with pytest.raises(Malformed, match="needs raw responses"):
        alpha_of_tally(tally_from(values))


def test_items_that_say_the_same_have_an_alpha_of_one():
    found = cronbach_alpha(np.array([[1.0, 1], [2, 2], [4, 4]]))
    assert found.alpha == pytest.approx(1)
    assert (found.interval.low, found.interval.high) == pytest.approx((1, 1))


def test_items_that_contradict_each_other_have_an_alpha_below_zero():
    assert cronbach_alpha(np.array([[1.0, 4], [2, 2], [4, 2]])).alpha < 0


@pytest.mark.parametrize(
    "values", [np.full((5, 3), 4.0), np.array([[1.0, 4], [4, 1], [2, 3]]), np.array([[0.1, 0.2, 0.3]] * 7)]
)
def test_equal_sums_have_no_alpha(values):
    with pytest.raises(NoVariation, match="alpha is not defined"):
        cronbach_alpha(values)


def test_equal_sums_have_no_alpha_from_a_tally_either():
    with pytest.raises(NoVariation):
        alpha_of_tally(tally_from(np.array([[1.0, 4], [4, 1]])))


@pytest.mark.parametrize(
    "values", [np.array([[1.0, 2]]), np.array([[1.0, 2], [np.nan, 3]]), np.empty((0, 2))]
)
def test_one_complete_row_has_no_alpha(values):
    with pytest.raises(TooFew, match="respondents who answered every item"):
        cronbach_alpha(values)


def test_one_item_has_no_alpha():
    with pytest.raises(TooFew, match="items"):
        cronbach_alpha(np.array([[1.0], [2.0]]))
    with pytest.raises(TooFew, match="items"):
        alpha_of_tally(tally_from(np.array([[1.0], [2.0]])))


def test_no_or_one_response_has_no_alpha_from_a_tally():
    with pytest.raises(NoFigure):
        alpha_of_tally(Tally.zero(Layout(("a", "b"))))
    with pytest.raises(TooFew):
        alpha_of_tally(tally_from(np.array([[1.0, 2]])))


@pytest.mark.parametrize("figure", [cronbach_alpha, pairwise_n, pairwise_covariance, pairwise_correlation])
def test_arrays_that_are_no_responses_are_refused(figure):
    with pytest.raises(Malformed):
        figure(np.array([1.0, 2.0]))
    with pytest.raises(Malformed):
        figure(np.array([[1.0, np.inf]]))
    with pytest.raises(NotACount):
        figure(np.array([[1.0, 2.0]]), np.array([-1]))


def test_a_level_is_a_share():
    with pytest.raises(Malformed, match="level"):
        cronbach_alpha(SEKADAU, level=95)


def test_pairwise_figures_are_those_of_pandas():
    seen = planned_missing(300)[1]
    frame = pd.DataFrame(seen)
    np.testing.assert_allclose(pairwise_correlation(seen), frame.corr().to_numpy(), atol=1e-12)
    np.testing.assert_allclose(pairwise_covariance(seen), frame.cov().to_numpy(), atol=1e-12)
    answered = frame.notna().astype(int)
    assert (pairwise_n(seen) == (answered.T @ answered).to_numpy()).all()


def test_pairs_of_a_planned_part_estimate_what_all_answers_would_show():
    whole, seen = planned_missing(20_000)
    np.testing.assert_allclose(pairwise_correlation(seen), np.corrcoef(whole.T), atol=0.04)


def test_a_correlation_is_one_with_itself_and_the_same_both_ways():
    found = pairwise_correlation(SEKADAU)
    assert (np.diag(found) == 1).all()
    assert (found == found.T).all()
    np.testing.assert_allclose(found, np.corrcoef(SEKADAU.T), atol=1e-12)


def test_a_pair_answered_by_two_has_a_covariance_and_no_correlation():
    values = np.array([[1.0, 2], [3, 4], [np.nan, 1], [2, np.nan]])
    assert pairwise_covariance(values)[0, 1] == pytest.approx(2)
    with pytest.raises(TooFew, match="items 1 and 2 needs at least 3, there are 2"):
        pairwise_correlation(values)


def test_a_pair_nobody_answered_together_is_named():
    values = np.array([[1.0, np.nan, 3]] * 4 + [[np.nan, 2, 1]] * 4)
    for figure in (pairwise_covariance, pairwise_correlation):
        with pytest.raises(TooFew, match="items 1 and 2"):
            figure(values)
    assert pairwise_n(values).tolist() == [[4, 0, 4], [0, 4, 4], [4, 4, 8]]


@pytest.mark.parametrize("constant", [4.0, 0.1])
def test_an_item_everybody_answered_alike_has_no_correlation(constant):
    values = np.column_stack([[1.0, 2, 3, 4, 4], np.full(5, constant)])
    with pytest.raises(NoVariation, match="gave item 2 the same answer"):
        pairwise_correlation(values)


def test_an_item_that_varies_only_outside_the_pair_has_no_correlation():
    values = np.array([[1.1, 3], [1.1, 2], [1.1, 1], [4.4, np.nan], [2.2, np.nan]])
    with pytest.raises(NoVariation, match="items 1 and 2 gave item 1 the same answer"):
        pairwise_correlation(values)


rows = st.lists(
    st.tuples(
        st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, float("nan")]), min_size=3, max_size=3),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=10,
)


def outcome(figure, *arguments):
    try:
        return figure(*arguments)
    except Refused as refused:
        return type(refused)


@settings(max_examples=60, deadline=None)
@given(rows)
def test_counts_are_repeated_rows(patterns):
    values = np.array([row for row, _ in patterns])
    counts = np.array([count for _, count in patterns])
    repeated = np.repeat(values, counts, axis=0)
    for figure in (pairwise_covariance, pairwise_correlation):
        joined, single = outcome(figure, values, counts), outcome(figure, repeated)
        if isinstance(joined, type):
            assert joined is single
        else:
            np.testing.assert_allclose(joined, single, atol=1e-9)
    joined, single = outcome(cronbach_alpha, values, counts), outcome(cronbach_alpha, repeated)
    if isinstance(joined, type):
        assert joined is single
    else:
        assert joined.alpha == pytest.approx(single.alpha, rel=1e-9, abs=1e-9)
        assert (joined.n, joined.left_out) == (single.n, single.left_out)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0]), min_size=3, max_size=3), min_size=2, max_size=12)
)
def test_alpha_is_at_most_one_and_exact_from_a_tally(rows):
    values = np.array(rows)
    assume(len({row.sum() for row in values}) > 1)
    found = cronbach_alpha(values)
    assert found.alpha <= 1 + 1e-12
    assert found.interval.low <= found.interval.high
    assert alpha_of_tally(tally_from(values)).alpha == pytest.approx(found.alpha, rel=1e-9, abs=1e-9)


def test_the_level_of_alpha_may_be_an_exact_fraction():
    exact, rounded = (cronbach_alpha(SEKADAU, level=level).interval for level in (Fraction(4, 5), 0.8))
    assert (exact.low, exact.high) == (rounded.low, rounded.high)
