"""Cases that compare units: funnels, shrinkage, ranks and many tests at once."""

import re
from typing import TYPE_CHECKING

from analysis.cases.reading import LEVEL, Case, Runner
from analysis.cases.values import array
from analysis.comparison import (
    FUNNEL_LEVELS,
    benjamini_hochberg,
    beyond,
    bonferroni,
    holm,
    rank_sets,
)
from analysis.funnels import (
    WINSORISE,
    funnel_of_means,
    funnel_of_ratios,
    funnel_of_shares,
    overdispersion,
    ratio_limits,
    share_limits,
)
from analysis.shrinkage import dersimonian_laird, fay_herriot, james_stein, shrink

if TYPE_CHECKING:
    from analysis.columns import Floats

_LEVELS = {"95": FUNNEL_LEVELS[0], "998": FUNNEL_LEVELS[1]}


def multiple_testing(case: Case) -> dict[str, object]:
    """p-values adjusted by three procedures, and how many are at most ``alpha``."""
    # Read by the procedures themselves: a p-value may be smaller than any other number of a survey.
    p, alpha = case.entries("p"), case.number("alpha", default=0.05)
    result: dict[str, object] = {}
    for name, adjust in (("bh", benjamini_hochberg), ("bonferroni", bonferroni), ("holm", holm)):
        adjusted = adjust(p)
        result |= {f"{name}_adjusted": adjusted, f"{name}_rejections": int((adjusted <= alpha).sum())}
    return result


def poisson_limits(case: Case) -> dict[str, object]:
    """Exact limits of a ratio for one ``expected_count`` or a list of them."""
    one = not isinstance(case.value("expected_count"), list | tuple)
    expected = [case.number("expected_count")] if one else case.numbers("expected_count")
    result: dict[str, object] = {}
    for name, level in _LEVELS.items():
        limits = ratio_limits(expected, target=case.number("target", default=1.0), level=level)
        low, high = limits.low.tolist(), limits.high.tolist()
        result |= {f"ll{name}": low[0] if one else low, f"ul{name}": high[0] if one else high}
    return result


def ratio_overdispersion(case: Case) -> dict[str, object]:
    """Deviates of observed over expected and their mean square, not winsorised unless the case says so."""
    by_log = re.search(r"ln|log", case.text("z", "log")) is not None
    funnel = funnel_of_ratios(
        case.wholes("numerator"),
        case.numbers("denominator"),
        target=case.number("target", default=1.0),
        scale="log" if by_log else "root",
    )
    found = overdispersion(funnel, winsorise=case.number("winsorise", default=0.0))
    result: dict[str, object] = {"z": funnel.z, "phi": found.phi, "tau2": found.tau2, "z_adj": found.z}
    return result | _flags(case, {"naive": funnel.z, "adjusted": found.z})


def mean_overdispersion(case: Case) -> dict[str, object]:
    """Means against their target, with and without overdispersion; flagged units by position from 0."""
    target = case.number("target") if case.has("target") else None
    funnel = funnel_of_means(case.numbers("ikm", "y"), case.numbers("se"), target=target)
    found = overdispersion(funnel, winsorise=case.number("winsorise", default=WINSORISE))
    return {
        "target": funnel.target,
        "z": funnel.z,
        "phi": found.phi,
        "tau2": found.tau2,
        "z_adj": found.z,
        **_flags(case, {"naive": funnel.z, "adjusted": found.z}),
    }


def share_funnel(case: Case) -> dict[str, object]:
    """Shares against their target; limits for the numbers of answers given and those asked for by name."""
    counts, sizes = case.wholes("x"), case.wholes("n")
    target = case.number("target") if case.has("target") else None
    funnel = funnel_of_shares(counts, sizes, target=target)
    result: dict[str, object] = {"target": funnel.target, "z": funnel.z}
    asked = {f"limits{level}_n{n}" for level in _LEVELS for n in sizes}
    for name in [*sorted(asked), *case.shapes]:
        if (found := re.fullmatch(r"limits(\d{1,9})_n(\d{1,15})", name, re.ASCII)) and int(found[1]):
            limits = share_limits(funnel.target, [int(found[2])], level=_level(found[1]))
            result[name] = [limits.low[0], limits.high[0]]
    return result | _flags(case, {"naive": funnel.z})


def equal_variance(case: Case) -> dict[str, object]:
    """James and Stein's estimator of values with one sampling variance."""
    found = james_stein(case.numbers("y"), case.number("sigma2", "variance"))
    return {"c": found.c, "grand_mean": found.mean, "shrunk": found.values}


def moments(case: Case) -> dict[str, object]:
    """DerSimonian and Laird's random-effects mean."""
    found = dersimonian_laird(case.numbers("y", "ikm"), case.numbers("se"))
    return {"Q": found.q, "tau2": found.tau2, "mu": found.mu, "se": found.se}


def common_mean(case: Case) -> dict[str, object]:
    """Values drawn towards their common mean, tau² by restricted maximum likelihood."""
    found = shrink(case.numbers("ikm", "y"), case.numbers("se"))
    return {
        "tau2": found.tau2,
        "mu": found.coefficients[0],
        "mu_se": found.coefficients_se[0],
        "shrunk": found.values,
        "reliability": found.reliability,
        "rankable": found.rankable,
    }


def covariates(case: Case) -> dict[str, object]:
    """Fay and Herriot's EBLUPs, with a dummy for every ``group`` but the first, or with a design ``X``."""
    y = case.numbers("y", "ikm")
    found = fay_herriot(y, case.numbers("se"), array(_design(case, len(y))))
    return {
        "tau2": found.tau2,
        "beta": found.coefficients,
        "beta_se": found.coefficients_se,
        "eblup": found.values,
        "reliability": found.reliability,
    }


def ranks(case: Case) -> dict[str, object]:
    """Ranks, 1 for the highest, with the best and the worst that the data allow."""
    found = rank_sets(
        case.numbers("x", "ikm", "y"), case.numbers("se"), level=case.number("level", default=LEVEL)
    )
    return {"rank": found.rank, "L": found.best, "U": found.worst, "n_rejected_pairs": found.rejected}


def _flags(case: Case, deviates: "dict[str, Floats]") -> dict[str, object]:
    """Positions, from 0, of the units beyond the limits of each level."""
    names = [f"flag_{level}_{which}" for level in _LEVELS for which in deviates]
    result: dict[str, object] = {}
    for name in [*names, *case.shapes]:
        found = re.fullmatch(r"flag_(\d{1,9})_(naive|adjusted)", name, re.ASCII)
        if found and found[2] in deviates and int(found[1]):
            result[name] = beyond(deviates[found[2]], level=_level(found[1])).nonzero()[0]
    return result


def _level(digits: str) -> float:
    """Of the digits behind the decimal point: 998 is 0.998."""
    return float(f"0.{digits}")


def _design(case: Case, units: int) -> list[list[float]]:
    if case.has("X"):
        rows = case.table("X")
        constant = any(len(set(column)) == 1 for column in zip(*rows, strict=True))
        return rows if constant or "intercept" not in case.text("design", "") else [[1, *r] for r in rows]
    if not case.has("group"):
        return [[1.0]] * units
    groups = case.entries("group")
    if not all(isinstance(group, str) for group in groups):
        groups = list(case.numbers("group"))
    dummies = sorted(set(groups))[1:]  # type: ignore[type-var]
    return [[1.0, *(float(group == dummy) for dummy in dummies)] for group in groups]


TOPICS: dict[str, Runner] = {
    "multiple_testing": multiple_testing,
    "funnel_poisson_limits": poisson_limits,
    "funnel_overdispersion": ratio_overdispersion,
    "funnel_mean_overdispersion": mean_overdispersion,
    "funnel_proportion_limits": share_funnel,
    "eb_shrinkage_equal_var": equal_variance,
    "eb_shrinkage_reml": common_mean,
    "eb_fay_herriot_reml": covariates,
    "dersimonian_laird": moments,
    "rank_confidence_sets": ranks,
}
