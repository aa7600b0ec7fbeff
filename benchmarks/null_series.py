"""Series of months in which nothing happens."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.changes import find_changes
from analysis.control import baseline, cusum, ewma
from benchmarks.claims import Claims

WATCHED = 1000
"""Periods for which a chart is watched at most."""

AFTER = 12
"""Periods watched after a baseline was frozen."""

EWMA_RUN, CUSUM_RUN, CUSUM_FIVE_RUN = 371, 168, 465
"""Periods to the first false alarm, on average, that ``analysis.control`` promises of a known process."""


def changed_level(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """A change point in pure noise, and in noise whose neighbours resemble each other."""
    for alike in (0.0, 0.3):
        for periods in (24, 36, 60):
            series = (_noise(generator, periods, alike) for _ in range(runs))
            claimed = sum(bool(find_changes(values).last_before) for values in series)
            kind = "independent months" if alike == 0 else f"neighbours correlated {alike}"
            yield Claims(f"change points, any: {periods} points; {kind}", claimed, runs, None)


def alarms_of_a_known_process(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """First false alarms per period watched, target and spread being known: one over the mean run length.

    Charts without an alarm within ``WATCHED`` periods count with all of these; the ratio is the likelihood
    estimate of the rate where it is the same in every period, which after the first few it nearly is.
    """
    series = [generator.standard_normal(WATCHED) for _ in range(runs)]
    for what, run_length, first in (
        ("EWMA, each period until the first alarm: known process", EWMA_RUN, _first_ewma),
        ("CUSUM, h = 4, each period until the first alarm: known process", CUSUM_RUN, _first_cusum),
        ("CUSUM, h = 5, each period until the first alarm: known process", CUSUM_FIVE_RUN, _first_cusum_five),
    ):
        places = [first(values, 0.0, 1.0) for values in series]
        watched = sum(WATCHED if place is None else place for place in places)
        yield Claims(what, sum(place is not None for place in places), watched, 1 / run_length)


def alarms_of_the_first_year(generator: np.random.Generator, runs: int) -> Iterator[Claims]:
    """Any false alarm in the year after target and spread were frozen from so many periods."""
    for periods in (12, 24, 36):
        ewma_alarms = cusum_alarms = 0
        for _ in range(runs):
            frozen = baseline(generator.standard_normal(periods))
            year = generator.standard_normal(AFTER)
            ewma_alarms += _first_ewma(year, frozen.target, frozen.sigma) is not None
            cusum_alarms += _first_cusum(year, frozen.target, frozen.sigma) is not None
        for what, alarms, run_length in (
            ("EWMA", ewma_alarms, EWMA_RUN),
            ("CUSUM, h = 4", cusum_alarms, CUSUM_RUN),
        ):
            promised = 1 - (1 - 1 / run_length) ** AFTER
            yield Claims(
                f"{what}, any alarm in a year: baseline of {periods} periods", alarms, runs, promised
            )


def _noise(generator: np.random.Generator, periods: int, alike: float) -> NDArray[np.float64]:
    fresh = generator.standard_normal(periods)
    values = np.empty(periods)
    values[0] = fresh[0]
    for at in range(1, periods):
        values[at] = alike * values[at - 1] + (1 - alike**2) ** 0.5 * fresh[at]
    return values


def _first_ewma(values: NDArray[np.float64], target: float, sigma: float) -> int | None:
    return min(ewma(values, target, sigma).signals, default=None)


def _first_cusum(values: NDArray[np.float64], target: float, sigma: float) -> int | None:
    found = cusum(values, target, sigma)
    return min((*found.signals_above, *found.signals_below), default=None)


def _first_cusum_five(values: NDArray[np.float64], target: float, sigma: float) -> int | None:
    found = cusum(values, target, sigma, decision=5.0)
    return min((*found.signals_above, *found.signals_below), default=None)
