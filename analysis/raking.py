"""Raking: weights that bring several margins to their known totals at once.

For when the cells of all margins together are too thin to weight one by one. Iterative proportional fitting
(Deming & Stephan 1940, Annals of Mathematical Statistics 11:427-444): each margin in turn is scaled to its
totals, over and over, until all hold. What the margins do not say (odds ratios) stays as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isclose
from typing import TYPE_CHECKING, NamedTuple

from analysis.checks import is_number
from analysis.errors import Contradiction, EmptyLevel, Malformed, NotConverged, UnknownKey, WrongWeights
from analysis.weighting import Trimmed, read_weights, trim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Margins = Mapping[str, Mapping[str, float]]
"""Totals by level by margin: ``{"channel": {"counter": 900, "online": 2100}, "month": {...}}``."""

TOLERANCE = 1e-6
"""A margin holds when each of its levels is this near its total, relative. A judgement, configurable."""

LIMIT = 500
"""Rounds over all margins after which fitting is given up. A judgement, configurable."""

_SAME_TOTAL = 1e-9


@dataclass(frozen=True, eq=False)
class Raked:
    """What fitting to margins gives.

    Attributes:
        values: the fitted table, or the weight of one respondent of each row; same shape as given.
        iterations: rounds over all margins that it took.
        off: how far the worst level still is from its total, relative.
        trimmed: number of respondents whose weight was cut before the last fitting.
        bound: the bound at which weights were cut, or None; infinite when none could be. Fitting again may
            lift a few a little above it.
    """

    values: "Floats"
    iterations: int
    off: float
    trimmed: int = 0
    bound: float | None = None


class Margin(NamedTuple):
    """A margin ready for fitting.

    Attributes:
        name: of the margin.
        levels: names of its levels.
        totals: what they must sum to, shape (levels,).
        codes: which level each column of the fitted values belongs to, shape (columns,).
    """

    name: str
    levels: tuple[str, ...]
    totals: "Floats"
    codes: "Integers"


def rake_table(
    table: "ArrayLike", margins: Margins, *, tolerance: float = TOLERANCE, limit: int = LIMIT
) -> Raked:
    """Fit a table to the totals of its axes.

    Args:
        table: numbers of 0 or more, one axis for each margin, in their order; a 0 stays 0.
        margins: totals of the levels of each axis, in the order of the axis. A level of total 0 becomes 0.
        tolerance: how near each total must be, relative.
        limit: rounds after which to give up.

    Raises:
        EmptyLevel: a level with a total has only zeros.
        NotConverged: the totals are not met within ``limit`` rounds: zeros in the table forbid them.
        WrongWeights: totals or the table are negative or not finite, or margins have different grand totals.
        Malformed: the shape of the table is not that of the margins.
    """
    import numpy as np

    totals = check_margins(margins)
    try:
        start = np.asarray(table)
    except ValueError:
        raise Malformed("a table has as many columns in every row") from None
    if start.dtype.kind not in "iuf" or not np.all(np.isfinite(start)) or np.any(start < 0):
        raise WrongWeights("a table to fit holds finite numbers of 0 or more")
    shape = tuple(len(levels) for levels in margins.values())
    if start.shape != shape:
        raise Malformed(f"a table of shape {start.shape} for margins of {shape} levels")
    places = np.indices(shape).reshape(len(shape), -1)
    ready = [
        Margin(key, tuple(levels), totals[key], codes)
        for (key, levels), codes in zip(margins.items(), places, strict=True)
    ]
    fitted, iterations, off = fit(start.reshape(1, -1).astype(np.float64), ready, tolerance, limit)
    return Raked(fitted.reshape(shape), iterations, off)


def rake_weights(
    levels: Mapping[str, Sequence[str]],
    margins: Margins,
    *,
    base: "ArrayLike | None" = None,
    counts: "ArrayLike | None" = None,
    trim_rule: str | None = None,
    tolerance: float = TOLERANCE,
    limit: int = LIMIT,
) -> Raked:
    """Weights of respondents that bring each margin to its totals, from raw rows.

    Args:
        levels: for each margin the level of every row; columns without a margin are not used.
        margins: total of each level: how many transactions there are.
        base: weight of one respondent of each row before; None is 1 each.
        counts: respondents of each row; None is one each.
        trim_rule: how to cut weights that come out too large, see ``cut``; after that the margins are fitted
            once more. None leaves them.
        tolerance: how near each total must be, relative.
        limit: rounds after which to give up.

    Raises:
        EmptyLevel: a level with transactions has no respondent.
        Contradiction: a level with a total of 0 has respondents.
        NotConverged: the totals are not met within ``limit`` rounds.
        UnknownKey: a margin has no column, a row has a level that its margin has not, or there is no such
            rule to cut by.
        WrongWeights: totals or weights are negative or not finite, or margins have different grand totals.
        Malformed, NoFigure, NotACount: columns, weights and counts do not belong together.
    """
    import numpy as np

    totals = check_margins(margins)
    missing = [key for key in margins if key not in levels]
    if missing:
        raise UnknownKey(f"no column of levels for the margin {missing[0]}")
    rows = len(levels[next(iter(margins))])
    weights, times = read_weights(np.ones(rows) if base is None else base, counts)
    ready = [
        Margin(key, tuple(margins[key]), totals[key], _codes(key, levels[key], margins[key], len(weights)))
        for key in margins
    ]
    mass = weights * times
    _check_served(mass, ready)
    # Rows alike in all margins get one factor, so only as many columns are fitted as there are kinds.
    kinds, kind = np.unique(np.stack([margin.codes for margin in ready]), axis=1, return_inverse=True)
    ready = [margin._replace(codes=codes) for margin, codes in zip(ready, kinds, strict=True)]

    def fitted_to(mass: "Floats") -> "tuple[Floats, int, float]":
        start = level_sums(kind, mass, kinds.shape[1])
        fitted, iterations, off = fit(start[None], ready, tolerance, limit)
        factor = np.divide(fitted[0], start, out=np.zeros_like(start), where=start > 0)
        return factor[kind], iterations, off

    factors, iterations, off = fitted_to(mass)
    weights = weights * factors
    if trim_rule is None:
        return Raked(weights, iterations, off)
    less = cut(weights, times, trim_rule)
    if not less.trimmed:
        return Raked(weights, iterations, off, 0, less.bound)
    factors, iterations, off = fitted_to(less.weights * times)
    return Raked(less.weights * factors, iterations, off, less.trimmed, less.bound)


def cut(weights: "Floats", counts: "Integers", rule: str) -> Trimmed:
    """Fitted weights with the largest cut, see ``analysis.weighting.trim``; or as they are.

    They are left, with an infinite bound, when the bound is below their mean: then many are heavy and none is
    extreme, nothing is won by cutting, and their design effect decides whether they can be used.

    Raises:
        UnknownKey: there is no such rule.
    """
    try:
        return trim(weights, counts, rule=rule)
    except WrongWeights:
        return Trimmed(weights, inf, rule, 0)


def check_margins(margins: Margins) -> "dict[str, Floats]":
    """Totals of each margin as an array.

    Raises:
        Malformed: there are no margins, or one has no levels.
        WrongWeights: a total is negative or not a finite number, all are 0, or grand totals differ.
    """
    import numpy as np

    if not margins or not all(margins.values()):
        raise Malformed("fitting needs margins, and each of them levels")
    for key, levels in margins.items():
        for level, total in levels.items():
            _check_total(key, level, total)
    totals = {key: np.array([float(t) for t in levels.values()]) for key, levels in margins.items()}
    first, *others = ((key, float(values.sum())) for key, values in totals.items())
    if first[1] <= 0:
        raise WrongWeights(f"the totals of {first[0]} are all 0")
    for key, grand in others:
        if not isclose(grand, first[1], rel_tol=_SAME_TOTAL):
            raise WrongWeights(f"{key} sums to {grand:.12g} and {first[0]} to {first[1]:.12g}")
    return totals


def fit(
    start: "Floats", margins: Sequence[Margin], tolerance: float, limit: int
) -> "tuple[Floats, int, float]":
    """Iterative proportional fitting of many sets of values at once, shape (sets, columns).

    Returns:
        The fitted values, the rounds it took and how far the worst level of all sets still is off.

    Raises:
        EmptyLevel: in some set a level with a total has only zeros.
        NotConverged: some set does not meet its totals within ``limit`` rounds.
    """
    import numpy as np

    sets = len(start)
    # One running number per set and level lets a single bincount sum all sets.
    places = [(margin.codes + len(margin.levels) * np.arange(sets)[:, None]).ravel() for margin in margins]

    def sums(values: "Floats", at: int) -> "Floats":
        size = len(margins[at].levels)
        return level_sums(places[at], values.ravel(), sets * size).reshape(sets, size)

    for at, margin in enumerate(margins):
        empty = np.argwhere((sums(start, at) <= 0) & (margin.totals > 0))
        if empty.size:
            raise EmptyLevel(margin.name, margin.levels[int(empty[0][1])])
    values, off = start, inf
    for iteration in range(1, limit + 1):
        for at, margin in enumerate(margins):
            reached = sums(values, at)
            factor = np.divide(margin.totals, reached, out=np.zeros_like(reached), where=reached > 0)
            values = values * factor[:, margin.codes]
        off = max(_off(sums(values, at), margin.totals) for at, margin in enumerate(margins))
        if off <= tolerance:
            return values, iteration, off
    raise NotConverged("fitting to the margins", limit, off)


def level_sums(codes: "Integers", values: "Floats", levels: int) -> "Floats":
    """Sum of the values of each level, shape (levels,)."""
    import numpy as np

    return np.bincount(codes, values, levels).astype(np.float64)


def _check_total(key: str, level: str, total: float) -> None:
    if not is_number(total) or total < 0:
        raise WrongWeights(f"{key} = {level}: {total!r} is not a total")


def _off(reached: "Floats", totals: "Floats") -> float:
    wanted = totals > 0
    return float(abs(reached[:, wanted] / totals[wanted] - 1).max())


def _codes(key: str, column: Sequence[str], levels: Mapping[str, float], rows: int) -> "Integers":
    import numpy as np

    if len(column) != rows:
        raise Malformed(f"{len(column)} rows of {key} for {rows} weights")
    place = {level: at for at, level in enumerate(levels)}
    try:
        return np.fromiter((place[level] for level in column), np.int64, rows)
    except KeyError as error:
        raise UnknownKey(
            f"row {list(column).index(error.args[0]) + 1}: {key} has no level {error.args[0]!r}"
        ) from None


def _check_served(mass: "Floats", margins: Sequence[Margin]) -> None:
    for margin in margins:
        heard = level_sums(margin.codes, mass, len(margin.levels))
        for level, weight, total in zip(margin.levels, heard, margin.totals, strict=True):
            if weight > 0 and total == 0:
                raise Contradiction(f"answers about {margin.name} = {level}, where nothing was served")
