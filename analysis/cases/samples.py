"""Cases of samples: intervals, weights, trust, reliability, disclosure, importance."""

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

from analysis.agreement import ELEVEN_POINTS, FIVE_POINTS, Bands, agreement, published_net
from analysis.cases.reading import Case, column_names, matrix_rows
from analysis.cells import Cell
from analysis.disclosure import audit_table, revision
from analysis.errors import Contradiction, Malformed
from analysis.importance import lmg
from analysis.index import SCALE, index, krejcie_morgan, spread
from analysis.intervals import (
    calibration,
    finite,
    grade_probabilities,
    t_interval,
    wilson_bounded,
    wilson_calibrated,
    wilson_proportion,
)
from analysis.matrix import Matrix, read_matrix, tally_of
from analysis.missing import linearised
from analysis.poststratification import poststratify
from analysis.profile import mean_of_counts
from analysis.raking import rake_table
from analysis.ratings import csat
from analysis.reliability import cronbach_alpha
from analysis.shares import net_score, share
from analysis.weighting import kish, weighted_mean


def _read(case: Case) -> Matrix:
    rows = matrix_rows(case)
    return read_matrix(rows, column_names(case, len(rows[0]) if rows else 0))


def _population(case: Case) -> int | None:
    given = case.inputs.get("N")
    return None if given is None else int(given)


def _mean_t(case: Case) -> dict[str, Any]:
    tally = tally_of(_read(case))
    found, scores, population = index(tally), spread(tally), _population(case)
    if found is None or scores is None:
        raise Contradiction("nobody answered")
    sd = scores.sd or 0.0
    interval = t_interval(float(found.ikm), sd, found.n, level=case.level, population=population)
    se = sd / sqrt(found.n)
    return {
        "mean": float(found.ikm),
        "sd": sd,
        "n": found.n,
        "se": se if population is None else finite(se, found.n, population),
        "lo": interval.low,
        "hi": interval.high,
    }


def _linearised(case: Case) -> dict[str, Any]:
    found = linearised(_read(case))
    return {
        "ikm": found.ikm,
        "se": found.se,
        "n": found.n,
        "nrr": case.shaped("nrr", found.nrr, listed=True),
    }


def _bounded(case: Case) -> dict[str, Any]:
    interval = wilson_bounded(case.number("ikm"), case.number("n_eff"), level=case.level)
    return {"lo": interval.low, "hi": interval.high}


def _calibrated(case: Case) -> dict[str, Any]:
    mean, sd, n = case.number("m"), case.number("sd"), int(case.inputs["n"])
    deff = float(case.inputs.get("deff") or 1.0)
    interval = wilson_calibrated(mean, sd, n, level=case.level, deff=deff, population=_population(case))
    return {"lo": interval.low, "hi": interval.high, "phi": calibration(mean, sd, n)}


def _wilson(case: Case) -> dict[str, Any]:
    x, n = case.number("x"), case.number("n")
    interval = wilson_proportion(x, n, level=case.level)
    return {"p": x / n, "lo": interval.low, "hi": interval.high}


def _kish(case: Case) -> dict[str, Any]:
    found = kish(case.inputs["w"])
    result: dict[str, Any] = {"n_eff": found.n_eff, "deff_w": found.deff, "warn": found.warn}
    if "y" in case.inputs:
        weighted = weighted_mean(case.inputs["y"], case.inputs["w"])
        result |= {"wmean": weighted.mean, "lin_se": weighted.se}
    return result


def _stratified(case: Case) -> dict[str, Any]:
    cells = [
        Cell((str(one["h"]),), int(one["N"]), int(one["n"]), float(one["mean"]), float(one["sd"]))
        for one in case.inputs["strata"]
    ]
    with_fpc, without = (poststratify(cells, finite=flag, scale=None) for flag in (True, False))
    return {
        "mean": with_fpc.value,
        "se_fpc": with_fpc.se,
        "se": without.se,
        "se_no_fpc": without.se,
        "unweighted_mean": with_fpc.unweighted,
        "deff_w": with_fpc.weights.deff,
        "n_eff": with_fpc.weights.n_eff,
    }


def _raking(case: Case) -> dict[str, Any]:
    totals = {
        axis: {str(level): float(total) for level, total in enumerate(case.inputs[f"{axis}_targets"])}
        for axis in ("row", "col")
    }
    found = rake_table(case.inputs["table"], totals, tolerance=1e-10)
    table = found.values.tolist()
    result: dict[str, Any] = {"table": table, "iterations": found.iterations}
    if len(table) == len(table[0]) == 2 and all(value > 0 for row in table for value in row):
        result["odds_ratio_preserved"] = table[0][0] * table[1][1] / (table[0][1] * table[1][0])
    return result


def _krejcie_morgan(case: Case) -> dict[str, Any]:
    return {"S": [krejcie_morgan(int(row)) for row in case.inputs["rows"]]}


def _alpha(case: Case) -> dict[str, Any]:
    matrix = _read(case)
    found = cronbach_alpha(matrix.values, matrix.counts, level=case.level)
    ends = [found.interval.low, found.interval.high]
    return {
        "alpha": found.alpha,
        "n": found.n,
        "k": found.k,
        "ci_feldt": ends,
        "ci_feldt_3dp": [round(end, 3) for end in ends],
    }


def _net(case: Case) -> dict[str, Any]:
    inputs = case.inputs
    if "trust_pct" in inputs:
        found = published_net(*(float(inputs[name]) for name in ("trust_pct", "neutral_pct", "distrust_pct")))
        return {"net_trust_points": found.net, "dont_know_pct": found.unknown}
    above, middle, below = (int(inputs[name]) for name in ("promoters", "passives", "detractors"))
    n = above + middle + below
    counts = (below, middle, above)
    promoters, detractors = (share((count,), counts, case.level).value for count in (above, below))
    net = net_score(promoters, detractors, n, level=case.level, method="normal")
    return {"score": net.value, "se": net.se, "lo": net.interval.low, "hi": net.interval.high, "n": n}


def _csat(case: Case) -> dict[str, Any]:
    name = next((key for key in case.inputs if key.startswith("counts")), "counts_1_to_4")
    counts = [int(count) for count in case.inputs[name]]
    found = csat(counts, level=case.level)
    mean = mean_of_counts(counts)[0]
    result: dict[str, Any] = {
        "top1": found.top.value,
        "top2": found.top_two.value,
        "mean": found.mean.value,
        "n": found.top.n,
        "top1_wilson": [found.top.interval.low, found.top.interval.high],
        "top2_wilson": [found.top_two.interval.low, found.top_two.interval.high],
    }
    return result | ({"ikm": float(25 * mean)} if found.points == SCALE else {})


def _grades(case: Case) -> dict[str, Any]:
    table = str(case.inputs.get("table") or "2017")
    return dict(grade_probabilities(case.number("ikm"), case.number("se"), table))


def _suppression(case: Case) -> dict[str, Any]:
    if case.inputs.get("row_and_column_totals_published") is False:
        raise Malformed("without totals there is nothing that could be found out")
    hidden = [tuple(cell) for cell in case.inputs["suppressed"]]
    found = audit_table(case.inputs["table"], hidden, k=int(case.inputs.get("k") or 10))
    return {
        "audit": [
            {
                "cell": list(one.cell),
                "true": float(one.true),
                "lo": one.lo,
                "hi": one.hi,
                "exact": one.exact,
            }
            for one in found.cells
        ],
        "safe": found.safe,
        "no_exact_recovery": not any(one.exact for one in found.cells),
    }


def _differencing(case: Case) -> dict[str, Any]:
    first, second = case.inputs["first"], case.inputs["second"]
    found = revision((first["n"], first["ikm"]), (second["n"], second["ikm"]))
    return {
        "implied_new_respondent_score": found.mean,
        "implied_mean": found.mean,
        "change": found.change,
        "must_block": found.must_block,
    }


def _importance(case: Case) -> dict[str, Any]:
    found = lmg(case.inputs["X"], case.inputs["y"])
    return {"lmg": list(found.shares), "r2": found.r2}


def _rescale(case: Case) -> dict[str, Any]:
    low, high = (int(end) for end in case.inputs["scale"])
    counts = [int(count) for count in case.inputs["counts"]]
    found = agreement(counts, _bands(case, low, high), level=case.level)
    return {
        "mean_0_100": found.mean,
        "agree": found.agree.value,
        "neutral": found.neutral.value,
        "disagree": found.disagree.value,
        "net": found.net.value / 100,
        "net_points": found.net.value,
        "n": found.n,
        "se": found.se,
        "net_se": found.net.se / 100,
    }


def _bands(case: Case, low: int, high: int) -> Bands:
    """Of the two scales with a rule of their own, else the halves around the middle."""
    for known in (FIVE_POINTS, ELEVEN_POINTS):
        if (low, high) == (known.lowest, known.highest):
            return known
    middle = (low + high) / 2
    below, above = int(middle - 0.5) if middle % 1 else int(middle) - 1, int(middle) + 1
    return Bands(low, high, below, above)


SAMPLES: Mapping[str, Callable[[Case], dict[str, Any]]] = {
    "mean_ci_t": _mean_t,
    "mean_ci_t_fpc": _mean_t,
    "ikm_linearised_se_missing": _linearised,
    "mean_ci_bounded_wilson": _bounded,
    "mean_ci_vcw": _calibrated,
    "proportion_wilson": _wilson,
    "kish_neff": _kish,
    "stratified_mean_fpc": _stratified,
    "raking": _raking,
    "krejcie_morgan": _krejcie_morgan,
    "cronbach_alpha": _alpha,
    "nps_net_trust": _net,
    "csat_topbox": _csat,
    "grade_probability": _grades,
    "suppression_audit": _suppression,
    "differencing": _differencing,
    "relative_importance_lmg": _importance,
    "rescale": _rescale,
}
