"""When the level of a series changed, found looking back.

A change point says when, not why: changes of the instrument, the channel mix and the invitation rule are the
usual causes. Ramadan and the turn of the year move figures too and are no change of level.

Tallies per period suffice.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from analysis.columns import finite, number
from analysis.errors import Malformed, NotACount, TooFew

if TYPE_CHECKING:
    from analysis.columns import Floats, Numbers

FEWEST_PERIODS = 24
"""Two years of months; with fewer, compare with the same quarter of the year before. Our judgement."""

SHORTEST = 3
"""Fewest periods on one level. Our judgement."""

MOST_CHANGES = 5
"""A series with more changes wanders rather than steps; no more are looked for. Our judgement."""

PENALTY = 3.0
"""What one change must gain, times the noise variance and the log of the number of periods.

The leading term of the modified Bayes information criterion of Zhang & Siegmund (2007, Biometrics 63:22-32,
from memory). Schwarz's own 2 (Yao 1988: the place and the level) finds a change in 16 % of series of 24
periods of pure noise, 3 in 5 % of them (own simulation); and a change that is published is a claim."""


@dataclass(frozen=True)
class Levels:
    """A series cut into stretches of one level.

    Attributes:
        last_before: for each change the last period before it, counted from 1; empty without a change.
        means: level of each stretch, one more than there are changes.
        penalty: what each change had to gain in squares, None when their number was given.
    """

    last_before: tuple[int, ...]
    means: tuple[float, ...]
    penalty: float | None


def find_changes(values: "Numbers", *, penalty: float = PENALTY, shortest: int = SHORTEST) -> Levels:
    """The changes of level that are worth their penalty, at most ``MOST_CHANGES``.

    The sum of squares around the levels plus ``penalty`` · variance · log(periods) for each change is made as
    small as possible, over all places and exactly (dynamic programming of ruptures; its PELT, which would be
    the usual choice, misses the optimum in some 2 % of series once stretches have a shortest length). The
    variance of the noise is half the mean squared difference of neighbours (von Neumann 1941), which the
    changes themselves hardly touch; where neighbours resemble each other it is too small and changes are
    found too easily.

    Args:
        values: one value per period in order of time, none left out, at least ``FEWEST_PERIODS``.
        penalty: factor, positive; 2 is the criterion of Schwarz.
        shortest: fewest periods on one level, at least 1.

    Raises:
        TooFew: fewer periods, or not twice the shortest stretch.
        NotACount: the shortest stretch is not a whole number from 1.
        Malformed, NoFigure: not as described.
    """
    import numpy as np

    given = finite(values, "values", needed=FEWEST_PERIODS)
    factor = number(penalty, "penalty")
    if factor <= 0:
        raise Malformed(f"penalty: {factor:g} is not positive")
    _check_stretches(given.size, 1, shortest)
    noise = float(np.mean(np.diff(given) ** 2) / 2)
    cost = factor * noise * float(np.log(given.size))
    most = min(MOST_CHANGES, given.size // shortest - 1)
    candidates = [(), *_optimal(given, most, shortest)]
    if cost == 0:
        # All equal: rounding must not make a difference where there is none.
        candidates = [()]
    # The fewest changes of those that are equally good: min keeps the first.
    best: tuple[int, ...] = min(candidates, key=lambda places: _squares(given, places) + cost * len(places))
    return Levels(best, _means(given, best), cost)


def split(values: "Numbers", changes: int, *, shortest: int = SHORTEST) -> Levels:
    """The best places for a known number of changes of level, whether or not they are worth it.

    Args:
        values: one value per period in order of time.
        changes: how many, at least 1.
        shortest: fewest periods on one level, at least 1.

    Raises:
        TooFew: the series cannot hold so many stretches.
        NotACount: a number is not whole or below 1.
        Malformed, NoFigure: not as described.
    """
    given = finite(values, "values")
    _check_stretches(given.size, changes, shortest)
    places = _optimal(given, changes, shortest)[-1]
    return Levels(places, _means(given, places), None)


def _optimal(values: "Floats", most: int, shortest: int) -> list[tuple[int, ...]]:
    """The best places for 1 to ``most`` changes, least squares."""
    from ruptures import KernelCPD

    # With the linear kernel this is least squares around means; centred, so that nothing cancels.
    search = KernelCPD(kernel="linear", min_size=shortest, jump=1).fit((values - values.mean())[:, None])
    search.predict(n_bkps=most)
    return [tuple(int(place) for place in search.predict(n_bkps=n)[:-1]) for n in range(1, most + 1)]


def _stretches(values: "Floats", places: tuple[int, ...]) -> "list[Floats]":
    return [values[start:end] for start, end in pairwise((0, *places, values.size))]


def _means(values: "Floats", places: tuple[int, ...]) -> tuple[float, ...]:
    return tuple(float(stretch.mean()) for stretch in _stretches(values, places))


def _squares(values: "Floats", places: tuple[int, ...]) -> float:
    return sum(float(stretch.var() * stretch.size) for stretch in _stretches(values, places))


def _check_stretches(periods: int, changes: int, shortest: int) -> None:
    for count, what in ((changes, "changes"), (shortest, "shortest")):
        if type(count) is not int or count < 1:
            raise NotACount(f"{what}: {count!r} is not a whole number from 1")
    if periods < (changes + 1) * shortest:
        raise TooFew(f"{changes} change(s) with stretches of {shortest}", periods, (changes + 1) * shortest)
