"""Cases that watch a process: charts, changes of level, bursts and who was invited."""

from analysis.cases.reading import LEVEL, Case, Runner
from analysis.cases.values import count_of, entries_of
from analysis.changes import split
from analysis.control import DECISION, LAMBDA, SLACK, WIDTH, Chart, cusum, ewma, laney_chart, p_chart
from analysis.errors import UnknownKey
from analysis.integrity import bursts, compare_invitations

FIRST_YEARS = {"nile": 1871}
"""First year of series that are known by name, for cases that do not give ``first_year``: the Nile's annual
flow at Aswan begins in 1871 (Cobb 1978, Biometrika 65:243-251)."""


SHORTEST = 2
"""Fewest periods on one level where a case does not say: what ruptures itself asks for."""


def moving_average(case: Case) -> dict[str, object]:
    """EWMA with ``limits`` "exact" (a list, from the start on) or "asymptotic" (one number); signals from 1.

    Where the case does not say, the limits are exact unless one number is wanted.
    """
    one = case.shapes.get("ucl", list) is not list
    limits = case.text("limits", "asymptotic" if one else "exact")
    if limits not in ("exact", "asymptotic"):
        raise UnknownKey(f"no limits {limits!r} among exact, asymptotic")
    found = ewma(
        case.numbers("x"),
        case.number("target"),
        case.number("sigma"),
        weight=case.number("lam", "lambda", default=LAMBDA),
        width=case.number("L", default=WIDTH),
        asymptotic=limits == "asymptotic",
    )
    return {"ewma": found.values, **_limits(case, found, limits == "asymptotic")}


def sums(case: Case) -> dict[str, object]:
    """Two-sided CUSUM; without ``standardise`` the sums, k and h are in the units of x."""
    standardise = case.flag("standardise", True)
    found = cusum(
        case.numbers("x"),
        case.number("target"),
        case.number("sigma") if standardise else 1.0,
        slack=case.number("k", default=SLACK),
        decision=case.number("h", default=DECISION),
    )
    return {
        "c_plus": found.above,
        "c_minus": found.below,
        "signals_plus": found.signals_above,
        "signals_minus": found.signals_below,
    }


def shares(case: Case) -> dict[str, object]:
    """p-chart of x of n, n one number for all periods or one each; signals from 1."""
    return _share_chart(case, p_chart(case.wholes("x"), _sizes(case), target=_target(case)))


def laney(case: Case) -> dict[str, object]:
    """Laney's p' chart, likewise."""
    found = laney_chart(case.wholes("x"), _sizes(case), target=_target(case))
    return {"sigma_z": found.sigma_z, **_share_chart(case, found)}


def changes(case: Case) -> dict[str, object]:
    """The best places for a known number of changes of level, by least squares.

    ``breakpoint_index`` is the position, from 0, of the first period on a new level: a number for one change
    and a list for several. ``last_year_before`` needs the first year of the series.
    """
    model = case.text("model", "l2")
    if model != "l2":
        raise UnknownKey(f"no cost {model!r}: changes of level are found by least squares, l2")
    number = case.whole("n_bkps") if case.has("n_bkps") else 1
    shortest = case.whole("min_size") if case.has("min_size") else SHORTEST
    found = split(case.numbers("x"), number, shortest=shortest)
    places = list(found.last_before)
    result: dict[str, object] = {"breakpoint_index": _one_or_all(places), "breakpoint_indices": places}
    result["means"] = found.means
    first = case.whole("first_year", "start_year") if case.has("first_year", "start_year") else _known(case)
    if first is not None:
        result["last_year_before"] = _one_or_all([first + place - 1 for place in places])
    return result


def burst(case: Case) -> dict[str, object]:
    """Probability of at least ``count`` answers where ``expected`` were, alone and among ``windows``."""
    windows = case.whole("windows") if case.has("windows") else 1
    found = bursts([case.whole("count")], [case.number("expected")], windows=windows)
    return {"p": found.p[0], "p_bonferroni": found.adjusted[0]}


def invitations(case: Case) -> dict[str, object]:
    """Whether groups were invited alike, from rows of invited and not invited."""
    table = [[count_of(cell, "table") for cell in entries_of(row, "table")] for row in case.entries("table")]
    found = compare_invitations(table, level=case.number("level", default=LEVEL))
    return {
        "chi2": found.chi2,
        "p": found.p,
        "df": found.df,
        "cramers_v": found.cramers_v,
        "invite_rate": found.rates,
        "risk_difference": found.difference,
        "newcombe_ci": found.interval,
        "withheld": found.withheld,
    }


def _share_chart(case: Case, chart: Chart) -> dict[str, object]:
    sizes = _sizes(case)
    one = isinstance(sizes, int) or (len(set(sizes)) == 1 and case.shapes.get("ucl", list) is not list)
    return {"pbar": chart.centre, "p": chart.values, **_limits(case, chart, one)}


def _limits(case: Case, chart: Chart, alike: bool) -> dict[str, object]:
    """Limits as one number where all periods share them, unless lists are wanted."""
    result: dict[str, object] = {"signals": chart.signals}
    for name, limits in (("ucl", chart.upper), ("lcl", chart.lower)):
        one = alike and case.shapes.get(name) is not list
        result[name] = limits[0] if one else limits
    return result


def _sizes(case: Case) -> list[int] | int:
    return case.wholes("n") if isinstance(case.value("n"), list | tuple) else case.whole("n")


def _target(case: Case) -> float | None:
    return case.number("target", "p0") if case.has("target", "p0") else None


def _known(case: Case) -> int | None:
    return next((year for name, year in FIRST_YEARS.items() if name in case.title), None)


def _one_or_all(places: list[int]) -> int | list[int]:
    return places[0] if len(places) == 1 else places


TOPICS: dict[str, Runner] = {
    "ewma": moving_average,
    "cusum": sums,
    "p_chart": shares,
    "laney_p_prime": laney,
    "change_point": changes,
    "burst": burst,
    "selective_invitation": invitations,
}
