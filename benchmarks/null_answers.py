"""Answers that have nothing to do with each other, or all the same to do with the outcome."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.drivers import key_drivers
from analysis.matrix import Matrix
from analysis.trust import DRIVERS, LEVEL
from analysis.trust_checks import SUPPORTED, trust_checks
from benchmarks.claims import Claims

ELEMENTS = tuple(f"element_{number}" for number in range(1, 10))
OUTCOME = "outcome"
REPLICATES = 300
ASKED = 3
"""Drivers that a short form asks of each respondent."""

_FOUR = np.array([-1.6, -0.8, 0.3])
_FIVE = np.array([-1.8, -1.1, -0.4, 0.6])


def drivers_of_nothing(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """Importance is shown although the outcome has nothing to do with the elements, alike as these are."""
    for n in (100, 200, 500):
        claimed = 0
        for _ in range(runs):
            elements = _steps(_common(generator, n, len(ELEMENTS), 0.4), _FOUR)
            outcome = _steps(generator.standard_normal((n, 1)), _FIVE)
            claimed += _stated(np.hstack([elements, outcome]), generator)
        yield Claims(f"key drivers, shown: unrelated outcome, n = {n}", claimed, runs, None)


def order_of_equals(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """An order of importance is shown although all nine elements are equally important."""
    for n in (150, 400):
        claimed = 0
        for _ in range(runs):
            latent = _common(generator, n, len(ELEMENTS) + 1, 0.4)
            table = np.hstack([_steps(latent[:, :-1], _FOUR), _steps(latent[:, -1:], _FIVE)])
            claimed += _stated(table, generator)
        yield Claims(f"key drivers, shown: nine equal elements, n = {n}", claimed, runs, 0.05)


def index_of_unrelated_answers(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """The driver index of trust is called supported although the level has nothing to do with the drivers."""
    for n, form in ((30, "all asked"), (100, "all asked"), (150, "short form"), (500, "short form")):
        claimed = 0
        for _ in range(runs):
            drivers = _steps(_common(generator, n, len(DRIVERS), 0.4), _FIVE)
            if form == "short form":
                order = generator.random(drivers.shape).argsort(axis=1)
                drivers[order >= ASKED] = np.nan
            table = np.hstack([_steps(generator.standard_normal((n, 1)), _FIVE), drivers])
            matrix = Matrix((LEVEL, *DRIVERS), table, np.ones(n, np.int64), (5,) * table.shape[1])
            claimed += trust_checks(matrix).verdict == SUPPORTED
        yield Claims(f"trust index, supported: unrelated answers, n = {n}; {form}", claimed, runs, None)


def _stated(table: NDArray[np.float64], generator: np.random.Generator) -> bool:
    scales = (4,) * len(ELEMENTS) + (5,)
    matrix = Matrix((*ELEMENTS, OUTCOME), table, np.ones(len(table), np.int64), scales)
    return key_drivers(matrix, OUTCOME, seed=generator, replicates=REPLICATES).stated


def _common(generator: np.random.Generator, n: int, items: int, correlation: float) -> NDArray[np.float64]:
    """Normal deviates, shape (n, items), of which any two have this correlation."""
    shared = np.sqrt(correlation) * generator.standard_normal((n, 1))
    latent: NDArray[np.float64] = shared + np.sqrt(1 - correlation) * generator.standard_normal((n, items))
    return latent


def _steps(latent: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Answers from 1: the step that each deviate reaches."""
    answers: NDArray[np.float64] = 1.0 + (latent[..., None] > thresholds).sum(axis=-1)
    return answers
