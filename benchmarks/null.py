"""How often something is claimed although nothing is there: agencies that are equal, months that do not
change, answers that have nothing to do with each other, invitations that ignore the outcome.

Only functions of ``analysis`` decide, with their defaults, so what is measured is what a page may say.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from benchmarks import null_answers, null_series, null_units
from benchmarks.claims import Claims

RUNS = 2000
SEED = 20_170_014

Study = Callable[[np.random.Generator, int], Iterator[Claims]]

STUDIES: tuple[tuple[Study, int], ...] = (
    (null_units.better_than_another, 1),
    (null_units.beyond_the_funnel, 1),
    (null_units.worth_a_rank, 10),
    (null_units.changed_between_periods, 1),
    (null_units.invited_by_outcome, 1),
    (null_series.changed_level, 1),
    (null_series.alarms_of_a_known_process, 4),
    (null_series.alarms_of_the_first_year, 1),
    (null_answers.drivers_of_nothing, 2),
    (null_answers.order_of_equals, 10),
    (null_answers.index_of_unrelated_answers, 2),
)
"""Each study with the number by which its runs are divided, since some take much longer than others."""


def simulate(
    runs: int = RUNS, seed: int = SEED, of: Sequence[tuple[Study, int]] = STUDIES
) -> Iterator[Claims]:
    """The rows of every study as soon as they are known; each has its own stream of random numbers."""
    for (study, divisor), stream in zip(of, np.random.SeedSequence(seed).spawn(len(of)), strict=True):
        yield from study(np.random.default_rng(stream), max(1, runs // divisor))
