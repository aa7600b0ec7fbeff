"""Survey gating: what inviting mostly the approved does to the index, and what sees and mends it.

Two services; an approved applicant is content, a rejected one less. The approved are invited alike, the
rejected less and less. The invitation test of ``analysis.integrity`` looks at the ledger alone; the
poststratified index weighs the answers to the ledger's transactions, by cells that hold the outcome or do
not. Truth is the mean score of all transactions of the run, answered or not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.cells import Cell
from analysis.collapse import collapse, pool
from analysis.integrity import compare_invitations
from analysis.intervals import Interval, mean_interval
from analysis.poststratification import poststratify
from benchmarks.populations import Population, one_group

RUNS = 1000
SEED = 20_170_014

TRANSACTIONS = {
    ("approved", "licence"): 700,
    ("rejected", "licence"): 300,
    ("approved", "copy"): 450,
    ("rejected", "copy"): 50,
}
INVITED = 0.9
ANSWER = 0.3
FLAG = 0.05
STRENGTHS = (1.0, 0.8, 0.6, 0.4, 0.2, 0.1, 0.0)
"""How likely a rejected applicant is invited, as a share of how likely an approved one is."""

OFFICIAL, BY_SERVICE = "official", "service"
SERVICE_FIRST, OUTCOME_FIRST = "service, outcome", "outcome, service"
ADJUSTMENTS = {BY_SERVICE: (1,), SERVICE_FIRST: (1, 0), OUTCOME_FIRST: (0, 1)}
"""Which keys of a kind of transaction make the cells; thin cells join those that share the first of them."""


@dataclass(frozen=True)
class Figure:
    """One index over the runs.

    Attributes:
        off: mean of the index less the truth, in points.
        covers: share of runs, 0 to 1, in which its interval contains the truth.
    """

    off: float
    covers: float


@dataclass(frozen=True)
class Gated:
    """A row of the table; shares are from 0 to 1.

    Attributes:
        what: how invitations, or answers, were steered.
        flagged: share of runs in which the invitation test has p of at most ``FLAG``.
        figures: the official index, and each of ``ADJUSTMENTS``.
        closer: share of runs in which ``OUTCOME_FIRST`` is closer to the truth than the official index.
        withheld: share of runs in which it is withheld, which the other columns then leave out.
        unheard: share of runs in which some kind of transaction stayed without any answer.
    """

    what: str
    flagged: float
    figures: Mapping[str, Figure]
    closer: float
    withheld: float
    unheard: float


@dataclass(frozen=True)
class _Run:
    truth: float
    flagged: bool
    unheard: bool
    figures: Mapping[str, tuple[float, Interval]]


def simulate(runs: int = RUNS, seed: int = SEED, strengths: Sequence[float] = STRENGTHS) -> Iterator[Gated]:
    """A row for every strength, then one in which nobody is gated but the content answer twice as often."""
    generator = np.random.default_rng(seed)
    kinds = {"approved": one_group("approved", 86.0, 10.0), "rejected": one_group("rejected", 66.0, 13.0)}
    for strength in strengths:
        what = {1.0: "all alike", 0.0: "rejected never"}.get(strength, f"rejected {strength:g} × as often")
        yield _row(what, [_run(generator, kinds, strength, 1.0) for _ in range(runs)])
    found = [_run(generator, kinds, 1.0, 2.0) for _ in range(runs)]
    yield _row("all alike, but the more content half of each kind answers twice as often", found)


def _run(
    generator: np.random.Generator, kinds: Mapping[str, Population], strength: float, content: float
) -> _Run:
    everybody, answers, cells = [], [], []
    ledger = {outcome: np.zeros(2, np.int64) for outcome in kinds}
    for (outcome, service), number in TRANSACTIONS.items():
        scores = np.clip(kinds[outcome].draw(generator, 1, number)[0], 25, 100)
        invited = generator.random(number) < INVITED * (strength if outcome == "rejected" else 1.0)
        answer = np.where(scores > np.median(scores), ANSWER, ANSWER / content)
        given = scores[invited & (generator.random(number) < answer)]
        ledger[outcome] += (int(invited.sum()), int((~invited).sum()))
        everybody.append(scores)
        answers.append(given)
        cells.append(_cell((outcome, service), number, given))
    test = compare_invitations(np.array([ledger["approved"], ledger["rejected"]]))
    return _Run(
        truth=float(np.concatenate(everybody).mean()),
        flagged=test.p is not None and test.p <= FLAG,
        unheard=any(cell.n == 0 for cell in cells),
        figures={OFFICIAL: _official(np.concatenate(answers)), **_adjusted(cells)},
    )


def _official(scores: NDArray[np.float64]) -> tuple[float, Interval]:
    mean, population = float(scores.mean()), sum(TRANSACTIONS.values())
    return mean, mean_interval(mean, float(scores.std(ddof=1)), scores.size, population=population)


def _adjusted(cells: Sequence[Cell]) -> dict[str, tuple[float, Interval]]:
    """The index of each adjustment that is not withheld."""
    found = {}
    for name, positions in ADJUSTMENTS.items():
        keyed: dict[tuple[str, ...], list[Cell]] = {}
        for cell in cells:
            keyed.setdefault(tuple(cell.keys[at] for at in positions), []).append(cell)
        figure = poststratify(collapse([pool(members, keys) for keys, members in keyed.items()]))
        if figure.value is not None and figure.interval is not None:
            found[name] = (figure.value, figure.interval)
    return found


def _cell(keys: tuple[str, ...], number: int, given: NDArray[np.float64]) -> Cell:
    mean = float(given.mean()) if given.size else None
    return Cell(keys, number, given.size, mean, float(given.std(ddof=1)) if given.size > 1 else None)


def _row(what: str, runs: Sequence[_Run]) -> Gated:
    both = [run for run in runs if OUTCOME_FIRST in run.figures]
    return Gated(
        what=what,
        flagged=_mean([run.flagged for run in runs]),
        figures={name: _figure(name, runs) for name in (OFFICIAL, *ADJUSTMENTS)},
        closer=_mean([_off(run, OUTCOME_FIRST) < _off(run, OFFICIAL) for run in both]),
        withheld=1 - len(both) / len(runs),
        unheard=_mean([run.unheard for run in runs]),
    )


def _figure(name: str, runs: Sequence[_Run]) -> Figure:
    found = [(run.truth, *run.figures[name]) for run in runs if name in run.figures]
    return Figure(
        off=_mean([value - truth for truth, value, _ in found]),
        covers=_mean([interval.low <= truth <= interval.high for truth, _, interval in found]),
    )


def _off(run: _Run, name: str) -> float:
    return abs(run.figures[name][0] - run.truth)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def as_table(rows: Sequence[Gated]) -> str:
    """The rows as a Markdown table: points above the truth, and how often intervals contain it."""
    names = (OFFICIAL, *ADJUSTMENTS)
    heads = [f"{name}: off" for name in names] + [f"{name}: covers" for name in (OFFICIAL, OUTCOME_FIRST)]
    lines = [
        "| invited | flagged | " + " | ".join(heads) + " | closer | withheld | a kind unheard |",
        "|---|" + "---:|" * (len(heads) + 4),
    ]
    for row in rows:
        off = " | ".join(f"{row.figures[name].off:+.2f}" for name in names)
        shares = [row.figures[name].covers for name in (OFFICIAL, OUTCOME_FIRST)]
        shares += [row.closer, row.withheld, row.unheard]
        lines.append(
            f"| {row.what} | {row.flagged:.1%} | {off} | " + " | ".join(f"{one:.1%}" for one in shares) + " |"
        )
    return "\n".join(lines)
