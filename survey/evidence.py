"""What stands beside the official index of one place: the adjusted index, modes, trust and what goes with it.

Reads the responses of one place and period, which tallies cannot stand for. Everything here is for the
agency itself; what a public page may show is for ``analysis.disclosure`` to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from analysis.cells import Cell
from analysis.collapse import COLLAPSE_BELOW, collapse
from analysis.drivers import KeyDrivers, key_drivers
from analysis.errors import Refused, TooFew
from analysis.index import SCALE
from analysis.matrix import from_answers
from analysis.missing import Cases, compare_cases
from analysis.nonresponse import SideBySide, compare
from analysis.poststratification import Adjusted, poststratify
from analysis.ratings import Ces, Csat, Nps, ces, csat, nps
from analysis.shares import Share, share
from analysis.tally import Tally
from analysis.trust import LEVEL, DriverIndex, TrustFigure, driver_index, trust_figures
from analysis.trust_checks import TrustChecks, trust_checks
from analysis.withheld import Withheld
from survey.breakdown import (
    ModeMonth,
    Pattern,
    ServiceCell,
    read_modes,
    read_patterns,
    read_services,
    together,
)
from survey.database import Tx
from survey.figures import SHOWN_FROM, Figure, hidden_elements
from survey.instruments import Instrument
from survey.modes import Modes, modes_of

MOST_CELLS = 400
"""Joining thin cells takes a time that grows with their square; beyond this, months are added up first."""

SEED = 20_170_014
"""Any number, so that the same answers give the same bootstrap intervals."""

Rating = Csat | Nps | Ces | Share


@dataclass(frozen=True)
class Trust:
    """Trust with what tells whether its index deserves the name; ``index`` has its exact standard error."""

    figure: TrustFigure
    index: DriverIndex | Withheld
    checks: TrustChecks


@dataclass(frozen=True)
class Evidence:
    """What stands beside the official index; None where it does not exist or would give somebody away.

    Attributes:
        cases: the index of complete responses beside that of all answers.
        weighed: the official index beside the one adjusted to the ledger, and the bound of the silent.
        trust: level, change and drivers of trust.
        drivers: which elements go along with trust, or why that is not said.
        ratings: the further items of the instrument, by key.
        modes: the index by mode of answering and the mix of modes.
    """

    cases: Cases | None
    weighed: SideBySide | None
    trust: Trust | None
    drivers: KeyDrivers | None
    ratings: tuple[tuple[str, Rating | Withheld], ...]
    modes: Modes


def read_evidence(tx: Tx, instrument: Instrument, figure: Figure, tally: Tally | None) -> Evidence | None:
    """The evidence of the place and period of a figure, or None when the figure is withheld."""
    if figure.value is None or tally is None:
        return None
    patterns = read_patterns(tx, figure.place, instrument.id, figure.period)
    cells = read_services(tx, figure.place, instrument.id, instrument.layout, figure.period)
    months = read_modes(tx, figure.place, instrument.id, figure.period)
    return evidence_of(instrument, figure, tally, patterns, cells, months)


def evidence_of(
    instrument: Instrument,
    figure: Figure,
    tally: Tally,
    patterns: Mapping[str, Sequence[Pattern]],
    cells: Sequence[ServiceCell],
    months: Sequence[ModeMonth] = (),
) -> Evidence:
    """The evidence for a figure that is shown, from the responses behind it: their patterns by mode."""
    of_ikm, everybody = instrument.index == "ikm", together(patterns)
    return Evidence(
        cases=_cases(instrument, tally, everybody) if of_ikm else None,
        weighed=_weigh(instrument, figure, cells) if of_ikm else None,
        trust=_trust(instrument, tally, everybody),
        drivers=_drivers(instrument, everybody),
        ratings=tuple((item.key, _rating(item.kind, tally.answers(item.key))) for item in instrument.others),
        modes=modes_of(instrument, figure, tally, patterns, months),
    )


def _cases(instrument: Instrument, tally: Tally, patterns: Sequence[Pattern]) -> Cases | None:
    """Not said when few left something out, or an element is withheld: the difference would be theirs."""
    layout = instrument.layout
    cases = compare_cases(from_answers(layout, patterns, layout.elements))
    incomplete = cases.n - cases.complete_n
    few = 0 < incomplete < SHOWN_FROM or cases.complete_n < SHOWN_FROM
    return None if few or hidden_elements(tally) else cases


def _weigh(instrument: Instrument, figure: Figure, cells: Sequence[ServiceCell]) -> SideBySide | None:
    """None where more have answered than were served, as at the edges of a short period."""
    served, n = sum(cell.transactions for cell in cells), sum(cell.n for cell in cells)
    if figure.exact is None or not 0 < n <= served:
        return None
    adjusted: Adjusted | Refused
    try:
        adjusted = _adjust(collapse(_cells(instrument, cells)))
    except Refused as refusal:
        adjusted = refusal
    return compare(figure.exact, adjusted, n=n, population=served, interval=figure.interval)


def _adjust(cells: Sequence[Cell]) -> Adjusted:
    """One cell alone has nothing to be weighed against."""
    if len(cells) < 2:
        raise TooFew("adjusting to the ledger", sum(cell.n for cell in cells), 2 * COLLAPSE_BELOW)
    return poststratify(cells)


def _cells(instrument: Instrument, cells: Sequence[ServiceCell]) -> list[Cell]:
    months = len(cells) <= MOST_CELLS
    moments: dict[tuple[str, ...], list[int]] = {}
    for cell in cells:
        month = f"{cell.month // 100}-{cell.month % 100:02d}"
        keys = (cell.service, cell.channel, month) if months else (cell.service, cell.channel)
        known = moments.setdefault(keys, [0, 0, 0, 0])
        for at, number in enumerate((cell.transactions, cell.n, cell.total, cell.squares)):
            known[at] += number
    step = Fraction(100 // SCALE, instrument.layout.unit)
    return [Cell.from_moments(keys, *numbers, step=step) for keys, numbers in moments.items()]


def _trust(instrument: Instrument, tally: Tally, patterns: Sequence[Pattern]) -> Trust | None:
    layout = instrument.layout
    if LEVEL not in layout.trust:
        return None
    matrix = from_answers(layout, patterns, layout.trust)
    return Trust(
        trust_figures(tally, minimum=SHOWN_FROM),
        driver_index(matrix, minimum=SHOWN_FROM),
        trust_checks(matrix, asked=_asked(instrument, patterns), minimum=SHOWN_FROM),
    )


def _asked(instrument: Instrument, patterns: Sequence[Pattern]) -> dict[str, int]:
    """How many were asked each trust item, whether they answered or not."""
    places = {item.key: place for place, item in enumerate(instrument.items)}
    return {
        item.key: sum(n for answers, n in patterns if answers[places[item.key]] != "-")
        for item in instrument.trust
    }


def _drivers(instrument: Instrument, patterns: Sequence[Pattern]) -> KeyDrivers | None:
    layout = instrument.layout
    if LEVEL not in layout.trust:
        return None
    try:
        return key_drivers(from_answers(layout, patterns, (*layout.elements, LEVEL)), LEVEL, seed=SEED)
    except Refused:  # more elements than can be taken apart
        return None


def _rating(kind: str, counts: Sequence[int]) -> Rating | Withheld:
    n = sum(counts)
    if n < SHOWN_FROM:
        return Withheld("too few answers" if n else "no answers", n, SHOWN_FROM)
    if kind == "csat":
        return csat(counts)
    if kind == "nps":
        return nps(counts)
    if kind == "ces":
        return ces(counts)
    return share(counts[-1:], counts)
