"""All indices of a nation at once: units × months of tallies, with intervals and grades.

Beside them two measures of the same array in the same run: reading every number of it once (the floor), and
the reference implementation in a plain Python loop, one cell after another.
"""

import os
import platform
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.arrays import indices
from analysis.index import index, spread
from analysis.intervals import wilson_calibrated
from analysis.tally import Layout, Tally
from benchmarks.results import Goal, Result

UNITS = 30_000
MONTHS = 12
LOOPED = 4_000
SEED = 20_170_014

LAYOUT = Layout(
    elements=(
        "requirements",
        "procedure",
        "time",
        "cost",
        "product",
        "competence",
        "behaviour",
        "facilities",
        "complaints",
    ),
    trust=tuple(f"trust_{name}" for name in ("level", "change", "kept", "heard", "open", "clean", "fair")),
)


def tallies(units: int, months: int, seed: int = SEED) -> NDArray[np.int64]:
    """Tallies of small and large units, shape (units, months, measures): every count set, some cells empty.

    Respondents answer every element, each with the same answer or that and the next, so that sums and sums of
    squares of their scores agree with the counts.
    """
    generator = np.random.default_rng(seed)
    cells = units * months
    counts = np.zeros((cells, len(LAYOUT.measures)), np.int64)
    n = generator.negative_binomial(1, 0.03, cells)
    base, better = generator.integers(1, 4, cells), generator.binomial(n, 0.6)
    at = LAYOUT.positions
    counts[:, at["n"]] = counts[:, at["score_n"]] = n
    row = np.arange(cells)
    for key in LAYOUT.elements:
        first = at[f"{key}_1"]
        counts[row, first + base - 1] = n - better
        counts[row, first + base] += better
    counts[:, at["score_sum"]] = LAYOUT.unit * (base * n + better)
    counts[:, at["score_sumsq"]] = LAYOUT.unit**2 * (base**2 * (n - better) + (base + 1) ** 2 * better)
    for key in LAYOUT.trust:
        counts[:, at[f"{key}_1"] : at[f"{key}_1"] + 5] = generator.multinomial(
            n // 2, [0.1, 0.1, 0.2, 0.4, 0.2]
        )
    return counts.reshape(units, months, -1)


def measure(
    *, units: int = UNITS, months: int = MONTHS, repeats: int = 5, looped: int = LOOPED
) -> list[Result]:
    """Two comparisons of the vectorised pass: with reading the array once, and with the plain loop."""
    counts = tallies(units, months)
    counts.sum()  # every page of it is in memory before anything is measured
    indices(LAYOUT, counts[:2])
    ours = [_seconds(lambda: indices(LAYOUT, counts)) for _ in range(repeats)]
    floor = [_seconds(counts.sum) for _ in range(repeats)]
    some = counts.reshape(-1, counts.shape[-1])[:: max(1, units * months // looped)]
    scale = units * months / len(some)
    loop = [_seconds(lambda: _loop(some)) * scale]
    work = f"indices of {units:,} units × {months} months"
    notes = {
        "array": f"{counts.nbytes / 1e6:.0f} MB of 64-bit whole numbers",
        "machine": f"{os.cpu_count()} processors, Python {platform.python_version()}, numpy {np.__version__}",
    }
    looped_note = {"loop": f"measured on {len(some):,} cells and scaled to all"}
    return [
        Result(work, "reading it once", "s", ours, floor, Goal(ratio=20), notes),
        Result(work, "plain Python loop", "s", ours, loop, Goal(ratio=0.01), {**notes, **looped_note}),
    ]


def _loop(cells: NDArray[np.int64]) -> int:
    known = 0
    for cell in cells:
        tally = Tally(LAYOUT, tuple(map(int, cell)))
        found, scores = index(tally), spread(tally)
        if found is not None and scores is not None:
            wilson_calibrated(float(found.ikm), scores.sd or 0.0, found.n)
            known += 1
    return known


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
