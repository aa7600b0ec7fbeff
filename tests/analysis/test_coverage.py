"""Intervals contain the truth as often as they say, in populations whose truth is known (seeded)."""

import numpy as np
import pytest

from benchmarks.coverage import Coverage, simulate
from benchmarks.populations import Population, populations

RUNS = 1500
# Three standard errors of a share of 0.95 among so many runs.
SLACK = 3 * (0.95 * 0.05 / RUNS) ** 0.5
PUBLISHED = populations()[:5]
HARD = populations()[5:]


@pytest.fixture(scope="module")
def rows() -> list[Coverage]:
    return list(simulate(RUNS, seed=1, sizes=(20, 50)))


@pytest.mark.parametrize("population", populations(), ids=lambda one: one.name)
def test_the_truth_of_a_population_is_what_its_samples_tend_to(population: Population) -> None:
    scores = population.draw(np.random.default_rng(7), 40, 5000)
    error = population.sd / scores.size**0.5
    assert abs(scores.mean() - population.mean) < 4 * error
    assert scores.std() == pytest.approx(population.sd, rel=0.03)


@pytest.mark.parametrize("name", [one.name for one in PUBLISHED])
def test_the_calibrated_interval_keeps_93_percent_from_20_answers_on(rows: list[Coverage], name: str) -> None:
    kept = [row.covered["calibrated"] for row in rows if row.population == name]
    assert len(kept) == 2
    assert min(kept) > 0.93 - SLACK


def test_the_t_interval_fails_next_to_the_end_of_the_scale(rows: list[Coverage]) -> None:
    found = [row for row in rows if row.population == "next to the end" and row.n == 20]
    assert found[0].covered["t"] < 0.6


@pytest.mark.parametrize("name", [one.name for one in HARD])
def test_only_the_bounded_interval_is_safe_when_the_few_unhappy_are_not_in_the_sample(
    rows: list[Coverage], name: str
) -> None:
    kept = [row.covered for row in rows if row.population == name]
    assert min(row["bounded"] for row in kept) > 0.95 - SLACK
    assert min(row["calibrated"] for row in kept) < 0.90
