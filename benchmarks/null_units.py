"""Agencies that are equal, periods between which nothing changed, invitations that ignore the outcome."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.comparison import FUNNEL_LEVELS, benjamini_hochberg, beyond, holm, rank_sets, two_sided
from analysis.differences import NO_CLEAR_CHANGE, difference
from analysis.errors import NoVariation
from analysis.funnels import funnel_of_means, overdispersion, pooled_sd
from analysis.integrity import compare_invitations
from analysis.shrinkage import shrink
from benchmarks.claims import Claims
from benchmarks.populations import Population, one_group, populations

SIZES = (30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400)
"""Answers of twelve equal agencies."""

LEVEL = 0.05

SHOWN = ("middle", "ceiling", "next to the end", "content, few unhappy")
"""An ordinary population, two near the end of the scale, and the hardest for any standard error."""


class Family(NamedTuple):
    """Equal agencies: one population, or several of the same mean that take turns."""

    name: str
    populations: tuple[Population, ...]


class Drawn(NamedTuple):
    """Means and standard deviations (n - 1) of samples, shape (runs, units), with the numbers of answers."""

    means: NDArray[np.float64]
    sds: NDArray[np.float64]
    n: NDArray[np.int64]

    def own(self, run: int) -> NDArray[np.float64]:
        """Standard errors of the units of a run, the family's deviation where a unit's answers are equal."""
        return np.where(self.sds[run] > 0, self.sds[run], self._pooled(run)) / np.sqrt(self.n)

    def pooled(self, run: int) -> NDArray[np.float64]:
        """Standard errors from the family's deviation throughout."""
        return self._pooled(run) / np.sqrt(self.n)

    def larger(self, run: int) -> NDArray[np.float64]:
        """Standard errors from a unit's own deviation, or the family's if that is larger."""
        errors: NDArray[np.float64] = np.maximum(self.sds[run], self._pooled(run)) / np.sqrt(self.n)
        return errors

    def _pooled(self, run: int) -> float:
        return pooled_sd(self.sds[run], self.n)


def draw(family: Family, generator: np.random.Generator, runs: int, sizes: Sequence[int]) -> Drawn:
    """Samples of every size from a family."""
    means, sds = np.empty((runs, len(sizes))), np.empty((runs, len(sizes)))
    for at, n in enumerate(sizes):
        scores = family.populations[at % len(family.populations)].draw(generator, runs, n)
        means[:, at] = scores.mean(axis=1)
        # Rounding leaves a hair of deviation where there is none.
        vary = scores.min(axis=1) < scores.max(axis=1)
        sds[:, at] = np.where(vary, scores.std(axis=1, ddof=1), 0.0)
    return Drawn(means, sds, np.array(sizes))


def better_than_another(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """Any of the 66 pairs of equal agencies is called different."""
    for family in (*_families(), _unlike()):
        drawn = draw(family, generator, runs, SIZES)
        for name, errors in (("own", drawn.own), ("pooled", drawn.pooled), ("the larger", drawn.larger)):
            claimed = sum(rank_sets(drawn.means[run], errors(run)).rejected > 0 for run in range(runs))
            yield Claims(f"rank sets, any pair: {family.name}; {name} deviations", claimed, runs, LEVEL)


def beyond_the_funnel(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """A unit is flagged after the adjustment for overdispersion: by its limits, by Holm, by the false
    discovery rate, of which without any difference every discovery is false."""
    outer = FUNNEL_LEVELS[1]
    for family in (*_families(), _unlike()):
        drawn = draw(family, generator, runs, SIZES)
        flagged = by_holm = by_bh = 0
        for run in range(runs):
            z = overdispersion(funnel_of_means(drawn.means[run], drawn.pooled(run))).z
            flagged += int(beyond(z, level=outer).sum())
            by_holm += int((holm(two_sided(z)) <= LEVEL).any())
            by_bh += int((benjamini_hochberg(two_sided(z)) <= LEVEL).any())
        name = family.name
        yield Claims(f"funnel, each unit beyond 99.8 %: {name}", flagged, runs * len(SIZES), 1 - outer)
        yield Claims(f"funnel, any unit by Holm: {name}", by_holm, runs, LEVEL)
        yield Claims(f"funnel, any unit by Benjamini-Hochberg: {name}", by_bh, runs, LEVEL)


def worth_a_rank(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """An agency is measured well enough for a rank, although there are no differences to rank."""
    family = _families()[0]
    drawn = draw(family, generator, runs, SIZES)
    claimed = sum(bool(shrink(drawn.means[run], drawn.own(run)).rankable.any()) for run in range(runs))
    yield Claims(f"shrinkage, any agency worth a rank: {family.name}", claimed, runs, None)


def changed_between_periods(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """Higher or lower than the period before, although nothing changed.

    Samples whose answers are all equal are refused by ``difference``; nothing is claimed of them.
    """
    for family in _families():
        for n in (30, 100, 400):
            drawn = draw(family, generator, runs, (n, n))
            errors = drawn.sds / np.sqrt(n)
            claimed = sum(_differs(drawn.means[run], errors[run]) for run in range(runs))
            yield Claims(f"two periods, higher or lower: {family.name}; n = {n} each", claimed, runs, LEVEL)


def invited_by_outcome(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """Approved and rejected applicants are called invited unlike, although chance decided."""
    for approved, rejected, rate in ((400, 100, 0.8), (80, 20, 0.8), (4000, 400, 0.95)):
        sizes = np.array([approved, rejected])
        invited = generator.binomial(sizes, rate, size=(runs, 2))
        found = [compare_invitations(np.column_stack([yes, sizes - yes])) for yes in invited]
        claimed = sum(one.p is not None and one.p <= LEVEL for one in found)
        what = f"{approved:,} approved and {rejected} rejected, {100 * rate:.0f} % invited"
        yield Claims(f"invitations depend on the outcome: {what}", claimed, runs, LEVEL)


def _differs(means: NDArray[np.float64], errors: NDArray[np.float64]) -> bool:
    try:
        found = difference(float(means[0]), float(errors[0]), float(means[1]), float(errors[1]))
    except NoVariation:
        return False
    return found.verdict != NO_CLEAR_CHANGE


def _families() -> list[Family]:
    return [Family(one.name, (one,)) for one in populations() if one.name in SHOWN]


def _unlike() -> Family:
    """Agencies of one mean and very different deviations."""
    wide = next(one for one in populations() if one.name == "content, few unhappy")
    return Family("one mean, deviations of 8 and 18", (one_group("narrow", wide.mean, 8.0), wide))
