"""Signals about who was asked and when answers came; none of them decides anything."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, NoVariation, TooFew
from analysis.funnels import funnel_of_shares
from analysis.integrity import DURATION_DIFFERENCE, bursts, compare_invitations, standardised_difference

TABLES = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), min_size=2, max_size=8)


def test_inviting_84_percent_of_the_approved_and_60_of_the_rejected_is_flagged() -> None:
    # An invented table; figures by scipy's chi2_contingency and statsmodels' Newcombe interval.
    found = compare_invitations([[420, 80], [300, 200]])
    assert found.rates == (0.84, 0.6)
    assert found.chi2 == pytest.approx(71.42857142857143, abs=1e-6)
    assert found.p == pytest.approx(2.874790225355672e-17, rel=1e-6)
    assert found.df == 1
    assert found.cramers_v == pytest.approx(0.2672612419124244, abs=1e-6)
    assert found.difference == pytest.approx(0.24, abs=1e-6)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (0.1854984136424666, 0.29261072152348255), abs=1e-6
    )
    assert found.withheld is None


@given(TABLES)
def test_any_table_has_the_chi_square_of_scipy(table: list[tuple[int, int]]) -> None:
    found, theirs = compare_invitations(table), stats.chi2_contingency(table, correction=False)
    assert found.chi2 == pytest.approx(theirs.statistic, abs=1e-9)
    assert found.df == theirs.dof
    assert found.cramers_v == pytest.approx(stats.contingency.association(table, "cramer"), abs=1e-9)
    assert found.smallest_expected == pytest.approx(theirs.expected_freq.min())
    if theirs.expected_freq.min() >= 5:
        assert found.p == pytest.approx(theirs.pvalue, rel=1e-9)
    else:
        assert (found.p, found.withheld) == (None, "too few expected")


@pytest.mark.parametrize("table", [[[3, 7], [9, 1]], [[50, 0], [40, 10]], [[1, 0], [0, 1]]])
def test_the_difference_has_newcombes_interval_however_small_the_groups(table: Any) -> None:
    (a, b), (c, d) = table
    expected = confint_proportions_2indep(a, a + b, c, c + d, method="newcomb", compare="diff")
    found = compare_invitations(table).interval
    assert found is not None
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)


def test_the_interval_keeps_the_level_asked_for() -> None:
    one, other = (compare_invitations([[42, 8], [30, 20]], level=level).interval for level in (0.95, 0.99))
    assert one is not None
    assert other is not None
    assert (one.level, other.level) == (0.95, 0.99)
    assert other.low < one.low < one.high < other.high


def test_more_than_two_groups_have_rates_and_no_single_difference() -> None:
    found = compare_invitations([[40, 10], [45, 5], [20, 30]])
    assert found.rates == (0.8, 0.9, 0.4)
    assert (found.difference, found.interval, found.df) == (None, None, 2)


@pytest.mark.parametrize(
    ("table", "why"), [([[50, 0], [30, 0]], "everyone invited"), ([[0, 50], [0, 30]], "nobody invited")]
)
def test_when_all_are_treated_alike_there_is_nothing_to_test_and_it_says_so(table: Any, why: str) -> None:
    found = compare_invitations(table)
    assert (found.chi2, found.p, found.cramers_v, found.withheld) == (None, None, None, why)
    assert found.difference == 0
    assert found.interval is not None


def test_equal_invitation_is_flagged_as_seldom_as_it_should() -> None:
    random = np.random.default_rng(10)
    p = [compare_invitations(_drawn(random, 0.8, 0.8)).p for _ in range(1000)]
    assert np.mean([value is not None and value < 0.05 for value in p]) == pytest.approx(0.05, abs=0.021)


def test_selective_invitation_is_found() -> None:
    random = np.random.default_rng(12)
    p = [compare_invitations(_drawn(random, 0.85, 0.65)).p for _ in range(100)]
    assert np.mean([value is not None and value < 0.001 for value in p]) > 0.9


def _drawn(random: np.random.Generator, approved: float, rejected: float) -> list[list[int]]:
    invited = (int(random.binomial(300, approved)), int(random.binomial(200, rejected)))
    return [[invited[0], 300 - invited[0]], [invited[1], 200 - invited[1]]]


def test_invitations_refuse_what_is_no_table() -> None:
    with pytest.raises(TooFew):
        compare_invitations([[40, 10]])
    with pytest.raises(NoFigure, match="group 2"):
        compare_invitations([[40, 10], [0, 0]])
    with pytest.raises(NotACount):
        compare_invitations([[40, 10], [30, -1]])
    with pytest.raises(NotACount):
        compare_invitations([[40.0, 10.0], [30.0, 5.0]])
    with pytest.raises(Malformed):
        compare_invitations([[40, 10, 1], [30, 5, 1]])
    with pytest.raises(Malformed):
        compare_invitations([40, 10])
    with pytest.raises(NoFigure):
        compare_invitations([])


def test_longer_transactions_that_are_left_out_show_as_a_difference_in_durations() -> None:
    assert standardised_difference((20.0, 26.0), (10.0, 14.0)) == pytest.approx(-6 / 148**0.5)
    assert abs(standardised_difference((20.0, 20.5), (10.0, 10.0))) < DURATION_DIFFERENCE
    assert standardised_difference((20.0, 26.0), (0.0, 2.0**0.5)) == -6


def test_durations_without_any_spread_have_no_standardised_difference() -> None:
    with pytest.raises(NoVariation):
        standardised_difference((20.0, 26.0), (0.0, 0.0))
    with pytest.raises(Malformed):
        standardised_difference((20.0, 26.0), (-1.0, 2.0))
    with pytest.raises(Malformed):
        standardised_difference((float("nan"), 26.0), (1.0, 2.0))
    with pytest.raises(Malformed):
        standardised_difference((20.0, 26.0), (1.0, float("nan")))


def test_fourteen_answers_where_three_are_expected_are_a_burst() -> None:
    found = bursts([14], [3.2], windows=96)
    assert found.p[0] == pytest.approx(6.987071911205202e-06, rel=1e-6)
    assert found.adjusted[0] == pytest.approx(0.0006707589034756995, rel=1e-6)


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0.01, 50)), min_size=1, max_size=10))
def test_every_window_has_the_tail_of_the_poisson_distribution(windows: Any) -> None:
    counts, expected = zip(*windows, strict=True)
    found = bursts(counts, expected)
    tails = stats.poisson.sf(np.array(counts) - 1, expected)
    assert found.p == pytest.approx(tails, rel=1e-9)
    assert found.adjusted == pytest.approx(np.minimum(1, tails * len(counts)), rel=1e-9)


def test_an_empty_window_is_no_burst() -> None:
    assert bursts([0, 0], [0.5, 20.0]).p.tolist() == [1, 1]


def test_bursts_refuse_what_they_cannot_use() -> None:
    with pytest.raises(NoVariation):
        bursts([3], [0.0])
    with pytest.raises(NotACount):
        bursts([-1], [2.0])
    with pytest.raises(NotACount):
        bursts([2.0], [2.0])
    with pytest.raises(Contradiction):
        bursts([2, 3], [2.0])
    with pytest.raises(Contradiction):
        bursts([2, 3], [2.0, 2.0], windows=1)
    with pytest.raises(NotACount):
        bursts([2], [2.0], windows=96.0)  # type: ignore[arg-type]
    with pytest.raises(Malformed):
        bursts([2], [float("nan")])


def test_a_rate_that_all_units_share_flags_nobody_in_the_funnel() -> None:
    random = np.random.default_rng(7)
    sizes = random.integers(40, 400, 500)
    z = funnel_of_shares(random.binomial(sizes, 0.15), sizes).z
    assert (abs(z) > 3.09).mean() < 0.01


def test_durations_are_those_of_two_groups() -> None:
    for means, sds in (((1.0, 2.0, 3.0), (1.0, 2.0)), ((1.0, 2.0), (1.0, 2.0, 3.0)), ((1.0,), (1.0, 2.0))):
        with pytest.raises(Contradiction, match="where there are 2"):
            standardised_difference(means, sds)  # type: ignore[arg-type]


def test_a_level_is_checked_even_where_no_difference_is_shown() -> None:
    with pytest.raises(Malformed, match="level"):
        compare_invitations([[5, 5]] * 3, level=7)
