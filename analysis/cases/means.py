"""Cases of means, shares and grades with their uncertainty."""

from math import sqrt

from analysis.cases.headline import rule_of
from analysis.cases.reading import LEVEL, Case, Runner
from analysis.cases.values import array, count_of, entries_of, exactly
from analysis.errors import Malformed, NoFigure, UnknownKey
from analysis.index import grade
from analysis.intervals import (
    Interval,
    calibration,
    finite,
    grade_probabilities,
    t_interval,
    wilson_bounded,
    wilson_calibrated,
    wilson_proportion,
)
from analysis.missing import linearised


def mean_ci_t(case: Case) -> dict[str, object]:
    """Mean, standard error and t interval of an index, from a ``matrix`` or from ``mean``, ``sd`` and ``n``.

    With ``N``, the number of transactions, both allow for a finite population.
    """
    mean, sd, n = _moments(case)
    population = case.whole_or_none("N", "population")
    ends = t_interval(mean, sd or 0.0, n, level=case.number("level", default=LEVEL), population=population)
    se = None if sd is None else sd / sqrt(n)
    corrected = se if se is None or population is None else finite(se, n, population)
    return {"mean": mean, "se": corrected, "sd": sd, "n": n, **_ends(ends)}


def mean_ci_t_fpc(case: Case) -> dict[str, object]:
    """The same for a finite population, which must be given."""
    case.whole("N", "population")
    return mean_ci_t(case)


def ikm_linearised(case: Case) -> dict[str, object]:
    """Index and linearised standard error of a matrix with gaps, those of ``set_missing`` among them."""
    rows, base = case.rows(), case.whole_or_none("index_base") or 0
    for place in case.entries("set_missing") if case.has("set_missing") else []:
        row, column = _place(place, base)
        if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
            raise UnknownKey(f"set_missing: the matrix has no cell {place!r}")
        rows[row][column] = None
    columns = case.columns(len(rows[0]) if rows else 0)
    answers = Case({**case.fields, "matrix": rows, "columns": columns}, case.title, {}).matrix()
    weights = case.numbers("weights", "w") if case.has("weights", "w") else None
    found = linearised(answers, None if weights is None else array(weights))
    means = {key: found.nrr.get(key) for key in answers.columns}
    return {
        "ikm": found.ikm,
        "se": found.se,
        "n": found.n,
        "k": found.k,
        "nrr": case.shaped("nrr", means, list),
        "unanswered": found.unanswered,
    }


def mean_ci_bounded_wilson(case: Case) -> dict[str, object]:
    """Interval of an index of which only the value and (effective) n are known."""
    ends = wilson_bounded(
        case.number("ikm", "mean", "m"),
        case.number("n_eff", "n"),
        level=case.number("level", default=LEVEL),
        lower=case.number("lower", default=25.0),
        upper=case.number("upper", default=100.0),
    )
    return _ends(ends)


def mean_ci_vcw(case: Case) -> dict[str, object]:
    """Variance-calibrated Wilson interval of an index, with the share phi of the largest variance."""
    mean, sd, n = _moments(case)
    lower, upper = case.number("lower", default=25.0), case.number("upper", default=100.0)
    deff = n / case.number("n_eff") if case.has("n_eff") and case.number("n_eff") else 1.0
    ends = wilson_calibrated(
        mean,
        sd or 0.0,
        n,
        lower=lower,
        upper=upper,
        level=case.number("level", default=LEVEL),
        deff=case.number("deff", default=deff),
        population=case.whole_or_none("N", "population"),
    )
    return {**_ends(ends), "phi": calibration(mean, sd or 0.0, n, lower=lower, upper=upper)}


def proportion_wilson(case: Case) -> dict[str, object]:
    """Wilson interval of a share of ``n``, or of what ``n`` weighted answers are worth (``n_eff``)."""
    x, n = case.number("x", "count"), case.number("n")
    if n == 0:
        raise NoFigure("no share of 0 answers")
    worth = case.number("n_eff", default=n)
    ends = wilson_proportion(
        x if worth == n else x * worth / n, worth, level=case.number("level", default=LEVEL)
    )
    return {"p": x / n, **_ends(ends)}


def grade_probability(case: Case) -> dict[str, object]:
    """Probability of each grade of an index with a standard error, and the grade of its value."""
    probabilities = grade_probabilities(case.number("ikm"), case.number("se"), rule_of(case))
    return {**probabilities, "grade": grade(exactly(case.value("ikm"), "ikm"), rule_of(case))}


def _place(place: object, base: int) -> tuple[int, int]:
    numbers = [count_of(number, "set_missing") - base for number in entries_of(place, "set_missing")]
    if len(numbers) != 2:
        raise Malformed(f"set_missing: {place!r} is not a row and a column")
    return numbers[0], numbers[1]


def _moments(case: Case) -> tuple[float, float | None, int]:
    """Mean, deviation and n; those of a matrix are what its linearised standard error amounts to."""
    if case.has("matrix", "ref"):
        found = linearised(case.matrix())
        return found.ikm, None if found.se is None else found.se * sqrt(found.n), found.n
    n = case.whole("n")
    sd = None if n == 1 and not case.has("sd") else case.number("sd")
    return case.number("mean", "m", "ikm"), sd, n


def _ends(interval: Interval) -> dict[str, object]:
    return {"lo": interval.low, "hi": interval.high}


TOPICS: dict[str, Runner] = {
    "mean_ci_t": mean_ci_t,
    "mean_ci_t_fpc": mean_ci_t_fpc,
    "ikm_linearised_se_missing": ikm_linearised,
    "mean_ci_bounded_wilson": mean_ci_bounded_wilson,
    "mean_ci_vcw": mean_ci_vcw,
    "proportion_wilson": proportion_wilson,
    "grade_probability": grade_probability,
}
