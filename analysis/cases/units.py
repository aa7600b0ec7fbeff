"""Cases of several units or periods: tests, funnels, shrinkage, ranks, control charts, signals."""

from collections.abc import Callable, Mapping
from typing import Any

import analysis.control as control
from analysis.cases.reading import Case, column_names, matrix_rows
from analysis.changes import split
from analysis.comparison import benjamini_hochberg, beyond, bonferroni, holm, rank_sets
from analysis.errors import UnknownKey
from analysis.funnels import (
    funnel_of_means,
    funnel_of_ratios,
    funnel_of_shares,
    overdispersion,
    ratio_limits,
    share_limits,
)
from analysis.integrity import bursts, compare_invitations
from analysis.matrix import read_matrix
from analysis.patterns import patterns
from analysis.shrinkage import dersimonian_laird, fay_herriot, james_stein, shrink


def _multiple(case: Case) -> dict[str, Any]:
    p, alpha = case.inputs["p"], float(case.inputs.get("alpha") or 0.05)
    result: dict[str, Any] = {}
    for name, adjusted in (
        ("bh", benjamini_hochberg(p)),
        ("bonferroni", bonferroni(p)),
        ("holm", holm(p)),
    ):
        result[f"{name}_adjusted"] = adjusted.tolist()
        result[f"{name}_rejections"] = int((adjusted <= alpha).sum())
    return result


def _poisson_limits(case: Case) -> dict[str, Any]:
    target = float(case.inputs.get("target") or 1)
    result: dict[str, Any] = {}
    for name, level in (("95", 0.95), ("998", 0.998)):
        limits = ratio_limits([case.number("expected_count")], target=target, level=level)
        result |= {f"ll{name}": float(limits.low[0]), f"ul{name}": float(limits.high[0])}
    return result


def _ratios(case: Case) -> dict[str, Any]:
    """Winsorising takes effect only where it was asked for: the source trims nothing of so few units."""
    observed = [int(one) if float(one).is_integer() else one for one in case.inputs["numerator"]]
    funnel = funnel_of_ratios(observed, case.inputs["denominator"])
    spread = overdispersion(funnel, winsorise=float(case.inputs.get("winsorise") or 0.0))
    return {"z": funnel.z.tolist(), "phi": spread.phi, "tau2": spread.tau2, "z_adj": spread.z.tolist()}


def _means(case: Case) -> dict[str, Any]:
    funnel = funnel_of_means(case.inputs["ikm"], case.inputs["se"])
    winsorise = case.inputs.get("winsorise")
    spread = overdispersion(funnel, winsorise=0.1 if winsorise is None else float(winsorise))
    result: dict[str, Any] = {
        "target": funnel.target,
        "z": funnel.z.tolist(),
        "phi": spread.phi,
        "tau2": spread.tau2,
        "z_adj": spread.z.tolist(),
    }
    for name, level in (("95", 0.95), ("998", 0.998)):
        for kind, z in (("adjusted", spread.z), ("naive", funnel.z)):
            result[f"flag_{name}_{kind}"] = beyond(z, level=level).nonzero()[0].tolist()
    return result


def _shares(case: Case) -> dict[str, Any]:
    funnel = funnel_of_shares(case.inputs["x"], case.inputs["n"])
    result: dict[str, Any] = {"target": funnel.target, "z": funnel.z.tolist()}
    sizes = {str(n): "" for n in case.inputs["n"]}
    for level in ("95", "998"):
        asked = {key: n for key, n in case.sizes(rf"limits{level}_n(\d+)").items()}
        asked |= {f"limits{level}_n{n}": n for n in sizes}
        for key, n in asked.items():
            limits = share_limits(funnel.target, [int(n)], level=float(f"0.{level}"))
            result[key] = [float(limits.low[0]), float(limits.high[0])]
    return result


def _james_stein(case: Case) -> dict[str, Any]:
    found = james_stein(case.inputs["y"], case.number("sigma2"))
    return {"c": found.c, "shrunk": found.values.tolist(), "grand_mean": found.mean}


def _dersimonian_laird(case: Case) -> dict[str, Any]:
    found = dersimonian_laird(case.inputs["y"], case.inputs["se"])
    return {"Q": found.q, "tau2": found.tau2, "mu": found.mu, "se": found.se}


def _reml(case: Case) -> dict[str, Any]:
    values = case.inputs["ikm"] if "ikm" in case.inputs else case.inputs["y"]
    found = shrink(values, case.inputs["se"])
    return {
        "tau2": found.tau2,
        "mu": float(found.coefficients[0]),
        "shrunk": found.values.tolist(),
        "reliability": found.reliability.tolist(),
    }


def _fay_herriot(case: Case) -> dict[str, Any]:
    """Covariates as given, or an intercept with a dummy for every group but the first."""
    if "X" in case.inputs:
        covariates = case.inputs["X"]
    else:
        groups = case.inputs["group"]
        others = sorted(set(groups))[1:]
        covariates = [[1.0, *(float(group == other) for other in others)] for group in groups]
    found = fay_herriot(case.inputs["y"], case.inputs["se"], covariates)
    return {
        "tau2": found.tau2,
        "beta": found.coefficients.tolist(),
        "beta_se": found.coefficients_se.tolist(),
        "eblup": found.values.tolist(),
    }


def _ranks(case: Case) -> dict[str, Any]:
    found = rank_sets(case.inputs["x"], case.inputs["se"], level=case.level)
    return {
        "L": found.best.tolist(),
        "U": found.worst.tolist(),
        "n_rejected_pairs": found.rejected,
        "rank": found.rank.tolist(),
    }


def _ewma(case: Case) -> dict[str, Any]:
    inputs = case.inputs
    asymptotic = str(inputs.get("limits") or "asymptotic") == "asymptotic"
    chart = control.ewma(
        inputs["x"],
        float(inputs["target"]),
        inputs["sigma"],
        weight=float(inputs.get("lam") or 0.2),
        width=float(inputs.get("L") or 2.86),
        asymptotic=asymptotic,
    )
    upper, lower = chart.upper.tolist(), chart.lower.tolist()
    return {
        "ewma": chart.values.tolist(),
        "ucl": upper[-1] if asymptotic else upper,
        "lcl": lower[-1] if asymptotic else lower,
        "signals": list(chart.signals),
    }


def _cusum(case: Case) -> dict[str, Any]:
    """Not standardised, slack and decision are in the units of the values."""
    inputs = case.inputs
    sigma = float(inputs["sigma"])
    scale = 1.0 if inputs.get("standardise", True) else sigma
    found = control.cusum(
        inputs["x"],
        float(inputs["target"]),
        sigma,
        slack=float(inputs.get("k") or 0.5) / scale,
        decision=float(inputs.get("h") or 4) / scale,
    )
    return {
        "c_plus": (found.above * scale).tolist(),
        "c_minus": (found.below * scale).tolist(),
        "signals_plus": list(found.signals_above),
        "signals_minus": list(found.signals_below),
    }


def _p_chart(case: Case) -> dict[str, Any]:
    chart = control.p_chart(case.inputs["x"], case.inputs["n"])
    return {"pbar": chart.centre, **_limits(case, chart), "signals": list(chart.signals)}


def _laney(case: Case) -> dict[str, Any]:
    chart = control.laney_chart(case.inputs["x"], case.inputs["n"])
    return {
        "pbar": chart.centre,
        "sigma_z": chart.sigma_z,
        **_limits(case, chart),
        "signals": list(chart.signals),
    }


def _limits(case: Case, chart: control.Chart) -> dict[str, Any]:
    """One limit where all periods have as many answers, else one per period."""
    listed = isinstance(case.inputs["n"], list)
    ends = (("ucl", chart.upper.tolist()), ("lcl", chart.lower.tolist()))
    same = not listed or len(set(case.inputs["n"])) == 1
    return {
        name: values if isinstance(case.wanted.get(name), list) or not same else values[-1]
        for name, values in ends
    }


def _change_point(case: Case) -> dict[str, Any]:
    if str(case.inputs.get("model") or "l2") != "l2":
        raise UnknownKey(f"no model {case.inputs['model']!r}: levels are found by least squares (l2)")
    changes = int(case.inputs.get("n_bkps") or 1)
    found = split(case.inputs["x"], changes, shortest=1)
    first = int(case.inputs.get("first_year") or 1871)
    return {
        "breakpoint_index": found.last_before[0] if changes == 1 else list(found.last_before),
        "breakpoint_indices": list(found.last_before),
        "last_year_before": first + found.last_before[0] - 1,
        "means": list(found.means),
    }


def _invitations(case: Case) -> dict[str, Any]:
    found = compare_invitations(case.inputs["table"], level=case.level)
    interval = found.interval
    return {
        "chi2": found.chi2,
        "p": found.p,
        "df": found.df,
        "cramers_v": found.cramers_v,
        "invite_rate": list(found.rates),
        "risk_difference": found.difference,
        "newcombe_ci": None if interval is None else [interval.low, interval.high],
    }


def _burst(case: Case) -> dict[str, Any]:
    found = bursts(
        [int(case.inputs["count"])],
        [case.number("expected")],
        windows=int(case.inputs.get("windows") or 1),
    )
    return {"p": float(found.p[0]), "p_bonferroni": float(found.adjusted[0])}


def _patterns(case: Case) -> dict[str, Any]:
    rows = matrix_rows(case)
    found = patterns(read_matrix(rows, column_names(case, len(rows[0]) if rows else 0)))
    return {
        "straightline_rate": found.straight_rate,
        "all_max_rate": found.all_highest_rate,
        "longstring": found.longest_run.tolist(),
        "irv": found.irv.tolist(),
        "modal_vector_count": found.most_repeated,
        "distinct_vectors": found.distinct,
    }


UNITS: Mapping[str, Callable[[Case], dict[str, Any]]] = {
    "multiple_testing": _multiple,
    "funnel_poisson_limits": _poisson_limits,
    "funnel_overdispersion": _ratios,
    "funnel_mean_overdispersion": _means,
    "funnel_proportion_limits": _shares,
    "eb_shrinkage_equal_var": _james_stein,
    "dersimonian_laird": _dersimonian_laird,
    "eb_shrinkage_reml": _reml,
    "eb_fay_herriot_reml": _fay_herriot,
    "rank_confidence_sets": _ranks,
    "ewma": _ewma,
    "cusum": _cusum,
    "p_chart": _p_chart,
    "laney_p_prime": _laney,
    "change_point": _change_point,
    "selective_invitation": _invitations,
    "burst": _burst,
    "response_patterns": _patterns,
}
