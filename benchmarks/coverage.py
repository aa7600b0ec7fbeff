"""How often an interval of nominal 95 % contains the truth, by simulation from populations that are known.

Only ``analysis.intervals`` is used, so what is measured is what a page shows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.intervals import Interval, t_interval, wilson_bounded, wilson_calibrated
from benchmarks.populations import Population, populations

SIZES = (10, 20, 50, 100, 400)
RUNS = 4000
SEED = 20_170_014

Method = Callable[[float, float, int], Interval]

METHODS: dict[str, Method] = {
    "t": t_interval,
    "bounded": lambda mean, _sd, n: wilson_bounded(mean, n),
    "calibrated": wilson_calibrated,
}


@dataclass(frozen=True)
class Coverage:
    """One row: for each method the share of intervals that contain the truth, 0 to 1, and the mean width."""

    population: str
    mean: float
    sd: float
    n: int
    covered: dict[str, float]
    width: dict[str, float]


def simulate(
    runs: int = RUNS,
    seed: int = SEED,
    sizes: Sequence[int] = SIZES,
    of: Sequence[Population] | None = None,
) -> Iterator[Coverage]:
    """Draw ``runs`` samples of every size from every population; a row for each, as soon as it is known."""
    generator = np.random.default_rng(seed)
    for population in of or populations():
        for n in sizes:
            yield _row(population, n, population.draw(generator, runs, n))


def _row(population: Population, n: int, scores: NDArray[np.float64]) -> Coverage:
    means, deviations = scores.mean(axis=1), scores.std(axis=1, ddof=1)
    covered, width = {}, {}
    for name, method in METHODS.items():
        intervals = [
            # The mean of equal scores misses the end of the scale by a rounding error.
            method(min(100.0, max(25.0, float(mean))), float(sd), n)
            for mean, sd in zip(means, deviations, strict=True)
        ]
        covered[name] = float(np.mean([one.low <= population.mean <= one.high for one in intervals]))
        width[name] = float(np.mean([one.high - one.low for one in intervals]))
    return Coverage(population.name, population.mean, population.sd, n, covered, width)


def as_table(rows: Sequence[Coverage]) -> str:
    """The rows as a Markdown table: coverage of each method, then the width of the calibrated one."""
    names = list(METHODS)
    lines = [
        "| population (mean, sd) | n | " + " | ".join(names) + " | width, calibrated | beside t |",
        "|---|---:|" + "---:|" * (len(names) + 2),
    ]
    for row in rows:
        shares = " | ".join(f"{row.covered[name]:.3f}" for name in names)
        ratio = row.width["calibrated"] / row.width["t"]
        lines.append(
            f"| {row.population} ({row.mean:.1f}, {row.sd:.1f}) | {row.n} | {shares}"
            f" | {row.width['calibrated']:.1f} | {ratio:.2f} × |"
        )
    return "\n".join(lines)
