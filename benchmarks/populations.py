"""Invented populations of citizens whose true index is known to many digits.

Each citizen has a disposition u ~ N(0, 1); an answer to an element is the step that sqrt(r) u + sqrt(1 - r) e
reaches among three thresholds, e ~ N(0, 1). The two numbers that place the thresholds and the correlation r
are solved for, so that the citizens' mean score and its standard deviation are the ones that are wanted;
truth comes from quadrature over u, not from a sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import expit, ndtr

ELEMENTS = 9
_STEPS = np.array([-1.6, -0.8, 0.0])
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(201)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Group:
    """A share of the population with its thresholds' shift and the correlation of the answers."""

    share: float
    shift: float
    correlation: float


@dataclass(frozen=True)
class Population:
    """Named groups; ``mean`` and ``sd`` of the citizens' scores on 25-100 follow from them."""

    name: str
    groups: tuple[Group, ...]

    @property
    def mean(self) -> float:
        """The true index."""
        return sum(group.share * _moments(group.shift, group.correlation)[0] for group in self.groups)

    @property
    def sd(self) -> float:
        """Standard deviation of the citizens' mean scores."""
        square = sum(group.share * _moments(group.shift, group.correlation)[1] for group in self.groups)
        return float(np.sqrt(square - self.mean**2))

    def draw(self, generator: np.random.Generator, samples: int, n: int) -> NDArray[np.float64]:
        """Mean scores, 25 to 100, of ``samples`` samples of ``n`` citizens, shape (samples, n)."""
        shares = [group.share for group in self.groups]
        which = generator.choice(len(self.groups), p=shares, size=(samples, n))
        shift = np.array([group.shift for group in self.groups])[which]
        r = np.array([group.correlation for group in self.groups])[which]
        total = np.zeros((samples, n))
        disposition = np.sqrt(r) * generator.standard_normal((samples, n))
        for _ in range(ELEMENTS):
            latent = disposition + np.sqrt(1 - r) * generator.standard_normal((samples, n)) + shift
            total += 1 + (latent[..., None] > _STEPS).sum(axis=-1)
        return 25 * total / ELEMENTS


@cache
def _moments(shift: float, correlation: float) -> tuple[float, float]:
    """Mean and mean square of the score, 25 to 100."""
    reached = ndtr((np.sqrt(correlation) * _NODES[:, None] + shift - _STEPS) / np.sqrt(1 - correlation))
    mean_answer = 1 + reached.sum(axis=1)
    # An answer is one more than the number of thresholds passed: E[(1 + k)^2] from the tail probabilities.
    square_answer = 1 + (reached * np.array([3, 5, 7])).sum(axis=1)
    within = (square_answer - mean_answer**2) / ELEMENTS
    mean = float(_WEIGHTS @ mean_answer)
    square = float(_WEIGHTS @ (mean_answer**2 + within))
    return 25 * mean, 625 * square


def one_group(name: str, mean: float, sd: float) -> Population:
    """The population with this mean and standard deviation of scores."""

    def off(place: NDArray[np.float64]) -> list[float]:
        population = Population(name, (Group(1.0, float(place[0]), _correlation(place[1])),))
        return [population.mean - mean, population.sd - sd]

    found = least_squares(off, [(mean - 62.5) / 15, 0.0], xtol=1e-12, ftol=1e-12)
    if found.cost > 1e-8:
        raise ValueError(f"no population has a mean of {mean} and a deviation of {sd}")
    return Population(name, (Group(1.0, float(found.x[0]), _correlation(found.x[1])),))


def _correlation(place: float) -> float:
    return float(0.001 + 0.998 * expit(place))


_ALL_FOUR = Group(1.0, 9.0, 0.001)


def _two(name: str, share: float, most: Group, few: Group) -> Population:
    """A share of citizens of one kind, the rest of another."""
    return Population(
        name,
        (
            Group(share, most.shift, most.correlation),
            Group(1 - share, few.shift, few.correlation),
        ),
    )


def populations() -> Sequence[Population]:
    """From the middle of the scale to next to its end, and of two minds.

    The last two are the hard case: nearly everybody content, but not with exactly the best answers, and a few
    very unhappy. A sample without one of the few shows a small variance that says nothing of them.
    """

    def kind(mean: float, sd: float) -> Group:
        return one_group("", mean, sd).groups[0]

    return (
        one_group("middle", 79.7, 11.3),
        one_group("high", 91.8, 9.3),
        one_group("ceiling", 96.2, 10.2),
        _two("next to the end", 0.974, _ALL_FOUR, kind(57.7, 9.0)),
        _two("two groups", 0.9, _ALL_FOUR, kind(35.0, 8.0)),
        _two("nearly all best, few unhappy", 0.975, kind(99.95, 0.6), kind(58.0, 12.0)),
        _two("content, few unhappy", 0.9, kind(99.4, 2.0), kind(40.0, 9.0)),
    )
