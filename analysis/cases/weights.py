"""Cases of weights: what they cost, strata, raking, and how many answers are enough."""

from math import inf, sqrt
from typing import Any

from analysis.cases.reading import Case, Runner, within
from analysis.cases.values import nested, number_of
from analysis.cells import Cell
from analysis.errors import Malformed, NotConverged
from analysis.index import krejcie_morgan
from analysis.poststratification import poststratify
from analysis.raking import Margins, Raked, rake_table
from analysis.weighting import kish, weighted_mean

FINE = 1e-12
"""How near margins are brought to their totals, relative, where that can be reached: a case compares cells
and not only margins."""


def kish_neff(case: Case) -> dict[str, object]:
    """Effective number of answers of weights ``w``, and the weighted mean of ``y`` where it is given."""
    weights = case.numbers("w", "weights")
    found = kish(weights)
    result: dict[str, object] = {"n_eff": found.n_eff, "deff_w": found.deff, "n": found.n, "warn": found.warn}
    if case.has("y", "values"):
        mean = weighted_mean(case.numbers("y", "values"), weights)
        result |= {"wmean": mean.mean, "lin_se": mean.se}
    return result


def stratified_mean(case: Case) -> dict[str, object]:
    """Mean of all transactions from strata with ``N``, ``n``, ``mean`` and ``sd``, on any scale.

    The standard error is given with the finite population correction and without.
    """
    cells = [_cell(stratum, number) for number, stratum in enumerate(case.objects("strata"), start=1)]
    # The scale of a case is its own, and however unequal the weights: it asks for the number.
    found, process = (poststratify(cells, scale=None, refuse_above=inf, finite=f) for f in (True, False))
    return {
        "mean": found.value,
        "se_fpc": found.se,
        "se": process.se,
        "se_no_fpc": process.se,
        "unweighted_mean": found.unweighted,
        "n": found.n,
        "N": found.population,
        "n_eff": found.weights.n_eff,
        "deff_w": found.weights.deff,
    }


def raking(case: Case) -> dict[str, object]:
    """A table fitted to ``row_targets`` and ``col_targets``, or to ``targets``, one list for each axis."""
    if case.has("targets"):
        names = [f"axis {axis}" for axis in range(1, len(case.entries("targets")) + 1)]
        totals = [within({"of": entry}, "targets").numbers("of") for entry in case.entries("targets")]
    else:
        names, totals = ["row", "column"], [case.numbers("row_targets"), case.numbers("col_targets")]
    margins = {
        name: {str(level): total for level, total in enumerate(of_axis, start=1)}
        for name, of_axis in zip(names, totals, strict=True)
    }
    table = nested(case.entries("table"), "table", number_of)
    found = _fitted(table, margins)
    return {
        "table": found.values,
        "iterations": found.iterations,
        "odds_ratio_preserved": _odds_ratio(found),
    }


def enough_answers(case: Case) -> dict[str, object]:
    """Krejcie and Morgan's sample size for each population of ``rows``."""
    if not isinstance(case.value("rows", "N"), list | tuple):
        return {"S": krejcie_morgan(case.whole("rows", "N"))}
    return {"S": [krejcie_morgan(population) for population in case.wholes("rows", "N")]}


def _cell(stratum: Case, number: int) -> Cell:
    n = stratum.whole("n")
    return Cell(
        keys=(str(stratum.fields.get("h", number)),),
        population=stratum.whole("N"),
        n=n,
        mean=stratum.number("mean") if n else None,
        sd=_deviation(stratum) if n > 1 else None,
    )


def _deviation(stratum: Case) -> float:
    if stratum.has("var") and not stratum.has("sd", "s"):
        variance = stratum.number("var")
        if variance < 0:
            raise Malformed(f"a variance of {variance:g} does not exist")
        return sqrt(variance)
    return stratum.number("sd", "s")


def _fitted(table: Any, margins: Margins) -> Raked:
    try:
        return rake_table(table, margins, tolerance=FINE)
    except NotConverged:
        # Slowly converging tables hold to the tolerance of the rule or are refused by it.
        return rake_table(table, margins)


def _odds_ratio(found: Raked) -> float | None:
    """Of a table of two by two, which has one."""
    if found.values.shape != (2, 2) or not found.values.all():
        return None
    (a, b), (c, d) = found.values
    return float(a * d / (b * c))


TOPICS: dict[str, Runner] = {
    "kish_neff": kish_neff,
    "stratified_mean_fpc": stratified_mean,
    "raking": raking,
    "krejcie_morgan": enough_answers,
}
