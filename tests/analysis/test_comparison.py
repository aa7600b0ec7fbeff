"""Comparing many units claims no more than all the comparisons together carry."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analysis.comparison import (
    FUNNEL_LEVELS,
    benjamini_hochberg,
    beyond,
    bonferroni,
    holm,
    rank_sets,
    two_sided,
)
from analysis.errors import Contradiction, Malformed, NoFigure, NoVariation, Refused, TooFew

# Thrombolysis trial of Benjamini & Hochberg 1995, section 4: four rejected by them, three by Bonferroni.
TRIAL = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
]  # fmt: skip

# Mean mathematics scores and standard errors, PISA 2018 (OECD; as in the R package csranks).
PISA = {
    "Australia": (491.36, 1.9398),
    "Austria": (498.9423, 2.971),
    "Belgium": (508.0703, 2.2627),
    "Canada": (512.0169, 2.3575),
    "Chile": (417.4066, 2.4159),
    "Colombia": (390.9323, 2.9896),
    "Czech Republic": (499.4677, 2.4607),
    "Denmark": (509.3984, 1.735),
    "Estonia": (523.4146, 1.7436),
    "Finland": (507.3014, 1.9679),
}
SCORES = [score for score, _ in PISA.values()]
ERRORS = [error for _, error in PISA.values()]

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_the_trial_of_benjamini_and_hochberg_has_their_rejections() -> None:
    assert (benjamini_hochberg(TRIAL) <= 0.05).sum() == 4
    assert (bonferroni(TRIAL) <= 0.05).sum() == 3
    assert (holm(TRIAL) <= 0.05).sum() == 3


def test_the_trial_has_the_adjusted_values_of_statsmodels() -> None:
    assert benjamini_hochberg(TRIAL)[3:6].tolist() == pytest.approx(
        [0.035625, 0.0603, 0.06385714285714286], abs=1e-9
    )
    assert holm(TRIAL)[:9].tolist() == pytest.approx(
        [0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278, 0.278, 0.278, 0.3213], abs=1e-9
    )


@given(P_VALUES)
@settings(max_examples=20)
def test_adjusted_values_are_those_of_statsmodels_in_any_order(p: list[float]) -> None:
    for ours, theirs in ((holm, "holm"), (benjamini_hochberg, "fdr_bh"), (bonferroni, "bonferroni")):
        assert ours(p) == pytest.approx(multipletests(p, method=theirs)[1], abs=1e-12)


@given(P_VALUES)
def test_holm_never_finds_less_than_bonferroni_and_never_more_than_unadjusted(p: list[float]) -> None:
    assert (holm(p) <= bonferroni(p)).all()
    assert (holm(p) >= np.array(p)).all()


@pytest.mark.parametrize("adjust", [holm, bonferroni, benjamini_hochberg])
def test_what_is_no_probability_is_not_adjusted(adjust: Any) -> None:
    for wrong in ([-0.01], [1.01], [float("nan")], ["0.5"], [True]):
        with pytest.raises(Malformed):
            adjust(wrong)
    with pytest.raises(NoFigure):
        adjust([])


def test_two_sided_p_values_forget_the_sign_and_reach_far_into_the_tails() -> None:
    assert two_sided([1.959964, -1.959964, 0.0]).tolist() == pytest.approx([0.05, 0.05, 1.0], abs=1e-7)
    assert two_sided([30.0])[0] == pytest.approx(9.813e-198, rel=1e-3)


def test_the_customary_lines_lie_at_1_960_and_3_090() -> None:
    assert beyond([1.959, 1.961], level=FUNNEL_LEVELS[0]).tolist() == [False, True]
    assert beyond([3.089, 3.091], level=FUNNEL_LEVELS[1]).tolist() == [False, True]
    assert beyond([3.0, -3.2, 3.2]).tolist() == [False, True, True]
    assert beyond([2.0, -1.9], level=0.95).tolist() == [True, False]
    for level in (95, 0, 1, -0.2, float("nan"), True, "0.95"):
        with pytest.raises(Malformed):
            beyond([2.0], level=level)  # type: ignore[arg-type]


def test_ten_countries_have_the_rank_sets_of_pairwise_holm() -> None:
    found = rank_sets(SCORES, ERRORS)
    assert found.best.tolist() == [6, 4, 2, 2, 9, 10, 4, 2, 1, 2]
    assert found.worst.tolist() == [8, 8, 7, 5, 9, 10, 8, 5, 1, 7]
    assert found.rejected == 32
    assert (found.level, found.method) == (0.95, "holm pairwise")


def test_ranks_count_from_the_highest_value() -> None:
    assert rank_sets(SCORES, ERRORS).rank.tolist() == [8, 7, 4, 2, 9, 10, 6, 3, 1, 5]


def test_equal_values_share_the_better_rank() -> None:
    assert rank_sets([80.0, 85.0, 80.0, 75.0], [1, 1, 1, 1]).rank.tolist() == [2, 1, 2, 4]


@given(st.lists(st.tuples(st.floats(25, 100), st.floats(0.1, 20)), min_size=2, max_size=12), st.randoms())
def test_a_rank_lies_within_its_set_and_the_order_of_units_does_not_matter(units: Any, random: Any) -> None:
    values, se = zip(*units, strict=True)
    found = rank_sets(values, se)
    assert (found.best <= found.rank).all()
    assert (found.rank <= found.worst).all()
    mixed = list(range(len(units)))
    random.shuffle(mixed)
    other = rank_sets([values[i] for i in mixed], [se[i] for i in mixed])
    assert other.best.tolist() == found.best[mixed].tolist()
    assert other.worst.tolist() == found.worst[mixed].tolist()


def test_units_that_cannot_be_told_apart_could_have_any_rank() -> None:
    found = rank_sets([80.0, 81.0, 82.0], [5.0, 5.0, 5.0])
    assert (found.best.tolist(), found.worst.tolist(), found.rejected) == ([1] * 3, [3] * 3, 0)


def test_a_higher_level_gives_wider_sets() -> None:
    narrow, wide = rank_sets(SCORES, ERRORS, level=0.8), rank_sets(SCORES, ERRORS, level=0.999)
    assert (wide.worst - wide.best).sum() > (narrow.worst - narrow.best).sum()


def test_six_hundred_units_are_compared_pair_by_pair() -> None:
    found = rank_sets(np.linspace(60, 95, 600), np.full(600, 0.01))
    assert found.rejected > 170_000
    assert (found.best[0], found.worst[0], found.rank[0]) == (found.best.max(), 600, 600)


def test_one_unit_has_no_rank() -> None:
    with pytest.raises(TooFew):
        rank_sets([80.0], [1.0])


def test_rank_sets_refuse_what_is_no_column_of_estimates() -> None:
    with pytest.raises(NoVariation):
        rank_sets([80.0, 90.0], [1.0, 0.0])
    with pytest.raises(Contradiction):
        rank_sets([80.0, 90.0], [1.0])
    with pytest.raises(Malformed):
        rank_sets([80.0, float("nan")], [1.0, 1.0])
    with pytest.raises(Malformed):
        rank_sets([80.0, 90.0], [1.0, 1.0], level=1.0)


def test_equal_agencies_are_called_different_in_at_most_5_percent_of_families() -> None:
    runs, units = 1500, 15
    random = np.random.default_rng(2017)
    false = 0
    for _ in range(runs):
        se = random.uniform(0.5, 4.0, units)
        false += rank_sets(80 + random.normal(size=units) * se, se).rejected > 0
    # Three Monte Carlo standard errors above 5 %; and a procedure that never claims anything would show 0.
    assert 0.01 < false / runs <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5


def test_more_units_than_fit_in_memory_pair_by_pair_are_refused() -> None:
    with pytest.raises(Refused, match="3001 units"):
        rank_sets(np.arange(3001.0), np.ones(3001))
