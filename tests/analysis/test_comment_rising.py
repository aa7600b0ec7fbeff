"""Themes are said to rise or fall only as far as all the comparisons together carry it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, boschloo_exact, fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis.comments.rising import Change, mid_p, rising
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount
from analysis.withheld import NO_ANSWERS, TOO_FEW_ANSWERS, Withheld

BEFORE = {"time": 40, "cost": 25, "procedure": 60, "behaviour": 12, "bribery": 1}
NOW = {"time": 78, "cost": 27, "procedure": 41, "behaviour": 13, "bribery": 2}
SIZES = {"comments_before": 400, "comments_now": 420}


def changes(**options: Any) -> dict[str, Change]:
    found = rising(BEFORE, NOW, **{**SIZES, **options})
    return {theme: one for theme, one in found.items() if isinstance(one, Change)}


def by_fisher(x1: int, n1: int, x2: int, n2: int) -> float:
    """The mid-p value from the two one-sided exact tests: what both count is the probability of the table."""
    table = [[x1, n1 - x1], [x2, n2 - x2]]
    greater = float(fisher_exact(table, alternative="greater").pvalue)
    less = float(fisher_exact(table, alternative="less").pvalue)
    here = greater + less - 1
    return min(1.0, 2 * (min(greater, less) - here / 2))


@given(st.integers(1, 60), st.integers(1, 60), st.data())
@settings(max_examples=60)
def test_the_mid_p_value_lies_half_the_tables_probability_below_fishers(n1: int, n2: int, data: Any) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    assert mid_p([x1], n1, [x2], n2) == pytest.approx([by_fisher(x1, n1, x2, n2)], abs=1e-9)


@pytest.mark.parametrize("table", [(7, 50, 1, 45), (20, 60, 9, 55), (3, 40, 9, 40), (14, 30, 5, 31)])
def test_the_mid_p_value_is_near_the_unconditional_exact_one(table: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = table
    exact = float(boschloo_exact([[x1, x2], [n1 - x1, n2 - x2]]).pvalue)
    assert mid_p([x1], n1, [x2], n2) == pytest.approx([exact], abs=0.015)


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_mid_p_value_is_the_same_from_either_side(x1: int, x2: int) -> None:
    assert mid_p([x1], 40, [x2], 50) == pytest.approx(mid_p([x2], 50, [x1], 40), abs=1e-12)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3, 0.6])
def test_equal_probabilities_are_called_different_no_more_often_than_promised(rate: float) -> None:
    """Every pair of counts, weighted by its probability: no random numbers."""
    n1, n2 = 60, 45
    first, second = binom.pmf(range(n1 + 1), n1, rate), binom.pmf(range(n2 + 1), n2, rate)
    one, other = (side.ravel() for side in np.indices((n1 + 1, n2 + 1)))
    claimed = np.outer(first, second).ravel()[mid_p(one, n1, other, n2) <= 0.05].sum()
    assert claimed < 0.055
    if rate >= 0.1:
        assert claimed > 0.035  # Fisher's own test claims in 2 to 3 %


def test_five_mentions_in_one_of_two_equal_periods_are_the_least_that_can_tell() -> None:
    five, four = mid_p([5, 4], 10**6, [0, 0], 10**6)
    assert five == pytest.approx(1 / 2**5, rel=1e-3)
    assert four > 0.05


def test_a_theme_that_rose_and_one_that_fell_are_named_and_the_others_are_not() -> None:
    verdicts = {theme: one.verdict for theme, one in changes().items()}
    assert verdicts == {
        "time": "rising",
        "cost": "no clear change",
        "procedure": "falling",
        "behaviour": "no clear change",
    }


def test_the_figures_of_a_theme_are_its_shares_their_difference_and_newcombes_interval() -> None:
    time = changes()["time"]
    assert (time.theme, time.before, time.now) == ("time", 40 / 400, 78 / 420)
    assert time.difference == pytest.approx(78 / 420 - 40 / 400, abs=1e-12)
    expected = confint_proportions_2indep(78, 420, 40, 400, compare="diff", method="newcomb")
    assert (time.interval.low, time.interval.high) == pytest.approx(expected, abs=1e-9)


def test_the_adjusted_values_are_those_of_statsmodels() -> None:
    found = list(changes().values())
    expected = multipletests([one.p for one in found], method="fdr_bh")[1]
    assert [one.adjusted for one in found] == pytest.approx(expected, abs=1e-12)
    assert any(one.adjusted > one.p for one in found)


def test_the_periods_the_other_way_round_rise_where_these_fall() -> None:
    back = rising(NOW, BEFORE, comments_before=420, comments_now=400)
    turned = {"rising": "falling", "falling": "rising", "no clear change": "no clear change"}
    for theme, one in changes().items():
        other = back[theme]
        assert isinstance(other, Change)
        assert other.verdict == turned[one.verdict]
        assert other.difference == pytest.approx(-one.difference, abs=1e-12)


def test_a_stricter_level_names_fewer() -> None:
    assert {one.verdict for one in changes(level=1e-6).values()} == {"no clear change"}


def test_a_theme_of_few_mentions_is_withheld_and_does_not_weigh_on_the_others() -> None:
    found = rising(BEFORE, NOW, **SIZES)
    assert found["bribery"] == Withheld(TOO_FEW_ANSWERS, 3, 5)
    without = rising(
        {theme: n for theme, n in BEFORE.items() if theme != "bribery"},
        {theme: n for theme, n in NOW.items() if theme != "bribery"},
        **SIZES,
    )
    assert {theme: one for theme, one in found.items() if theme != "bribery"} == without
    # Looked at too, when that is wanted, it costs the others something.
    wider = rising(BEFORE, NOW, **SIZES, fewest_mentions=1)
    cost, costlier = found["cost"], wider["cost"]
    assert isinstance(cost, Change)
    assert isinstance(costlier, Change)
    assert costlier.adjusted >= cost.adjusted
    assert isinstance(wider["bribery"], Change)


def test_five_mentions_in_both_periods_together_are_enough_and_four_are_not() -> None:
    found = rising({"cost": 2, "time": 2}, {"cost": 3, "time": 2}, comments_before=99, comments_now=99)
    assert isinstance(found["cost"], Change)
    assert found["time"] == Withheld(TOO_FEW_ANSWERS, 4, 5)


def test_a_period_of_few_comments_is_not_compared() -> None:
    found = rising({"time": 9}, {"time": 200}, comments_before=29, comments_now=400)
    assert found == {"time": Withheld(TOO_FEW_ANSWERS, 29, 30)}
    none = rising({}, {"time": 200}, comments_before=0, comments_now=400)
    assert none == {"time": Withheld(NO_ANSWERS, 0, 30)}


def test_a_theme_that_is_new_or_gone_counts_nothing_on_the_other_side() -> None:
    found = rising({"cost": 30}, {"time": 30}, comments_before=300, comments_now=300)
    assert list(found) == ["time", "cost"]
    new, gone = found["time"], found["cost"]
    assert isinstance(new, Change)
    assert isinstance(gone, Change)
    assert (new.before, new.verdict, gone.now, gone.verdict) == (0.0, "rising", 0.0, "falling")


def test_no_themes_are_no_changes() -> None:
    assert rising({}, {}, comments_before=100, comments_now=100) == {}


@pytest.mark.parametrize(
    ("before", "now", "options", "error"),
    [
        ({"time": 401}, {}, {}, Contradiction),
        ({}, {"time": 421}, {}, Contradiction),
        ({"time": -1}, {}, {}, NotACount),
        ({"time": 1.5}, {}, {}, NotACount),
        ({}, {}, {"comments_now": -3}, NotACount),
        ({}, {}, {"level": 0}, Malformed),
        ({}, {}, {"fewest_mentions": 0}, Malformed),
        ({}, {}, {"fewest_comments": 0}, Malformed),
    ],
)
def test_what_cannot_be_compared_is_refused(
    before: Any, now: Any, options: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        rising(before, now, **{**SIZES, **options})


@pytest.mark.parametrize(
    ("table", "error"),
    [
        (([1], 0, [0], 5), NoFigure),
        (([2], 1, [0], 5), Contradiction),
        (([1, 2], 5, [1], 5), Contradiction),
        (([-1], 5, [0], 5), NotACount),
        (([], 5, [], 5), NoFigure),
    ],
)
def test_what_are_no_shares_have_no_p_value(table: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        mid_p(*table)


def test_where_nothing_happened_hardly_a_family_of_themes_has_a_finding_and_without_care_half_have() -> None:
    generator, runs = np.random.default_rng(5), 400
    rates = np.array([0.3, 0.25, 0.2, 0.15, 0.1, 0.1, 0.08, 0.05, 0.05, 0.04, 0.03, 0.02])
    themes = [str(place) for place in range(rates.size)]
    families = careless = 0
    for _ in range(runs):
        sides = [dict(zip(themes, generator.binomial(n, rates).tolist(), strict=True)) for n in (300, 250)]
        found = rising(*sides, comments_before=300, comments_now=250)
        shown = [one for one in found.values() if isinstance(one, Change)]
        families += any(one.verdict != "no clear change" for one in shown)
        careless += any(one.p <= 0.05 for one in shown)
    assert families / runs < 0.05 + 2 * (0.05 * 0.95 / runs) ** 0.5
    assert careless / runs > 0.3


def test_among_real_changes_few_of_the_findings_are_false() -> None:
    generator, runs = np.random.default_rng(6), 200
    before = np.array([0.2, 0.2, 0.15] + [0.1] * 9)
    now = np.array([0.35, 0.32, 0.05] + [0.1] * 9)
    themes = [str(place) for place in range(12)]
    false, found_real = [], 0
    for _ in range(runs):
        one, other = (
            dict(zip(themes, generator.binomial(300, rates).tolist(), strict=True)) for rates in (before, now)
        )
        found = rising(one, other, comments_before=300, comments_now=300)
        named = [t for t, c in found.items() if isinstance(c, Change) and c.verdict != "no clear change"]
        wrong = sum(int(theme) > 2 for theme in named)
        false.append(wrong / len(named) if named else 0.0)
        found_real += len(named) - wrong
    assert np.mean(false) < 0.055
    assert found_real / (3 * runs) > 0.85
