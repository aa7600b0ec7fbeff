"""How people answered: the index by mode, how far two modes are apart, and the mix of modes by month.

Pure. People choose their mode, and where the signal is poor more of them answer by SMS: a difference between
modes is no effect of the mode by itself. Intervals are made as that of the official index, without a finite
population correction, since nobody knows how many would have chosen a mode.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.differences import Difference, difference_of_intervals
from analysis.matrix import from_answers, tally_of
from analysis.tally import Tally
from survey.breakdown import ModeMonth, Pattern
from survey.figures import SHOWN_FROM, Figure, figure_of
from survey.instruments import Instrument
from survey.models import MODES

COMPARED = ("sms", "web")
"""The first less the second."""


@dataclass(frozen=True)
class ModeFigure:
    """The answers that came by one mode.

    Attributes:
        mode: one of ``survey.models.MODES``.
        n: how many.
        share: of all answers of the period, 0 to 1.
        figure: their index; withheld when few, or when the index of few others would follow from it.
    """

    mode: str
    n: int
    share: float
    figure: Figure


@dataclass(frozen=True)
class Contrast:
    """How far the index of the first mode is above that of the second, or why that is not said."""

    first: str
    second: str
    found: Difference | None
    withheld: str | None = None


@dataclass(frozen=True)
class MonthMix:
    """How many answered in a month (``yyyymm``), and the share (0 to 1) of each mode, in their order.

    ``shares`` is empty where ``withheld`` says why: of so few they would say nothing.
    """

    month: int
    n: int
    shares: tuple[float, ...] = ()
    withheld: str | None = None


@dataclass(frozen=True)
class Modes:
    """The modes by which a place was answered in a period, in the order of ``survey.models.MODES``.

    ``contrast`` is None where one of the two modes that are compared was not used. ``months`` has every month
    from the first to the last with answers.
    """

    figures: tuple[ModeFigure, ...]
    contrast: Contrast | None
    months: tuple[MonthMix, ...]

    @property
    def several(self) -> bool:
        """Whether more than one mode was used, so that there is something to tell apart."""
        return len(self.figures) > 1


def modes_of(
    instrument: Instrument,
    figure: Figure,
    tally: Tally,
    patterns: Mapping[str, Sequence[Pattern]],
    months: Sequence[ModeMonth],
) -> Modes:
    """The modes behind a figure that is shown.

    Args:
        instrument: what was asked.
        figure: the official figure of the place and period.
        tally: what it was made of.
        patterns: the distinct answers by mode.
        months: how many answered by each mode in each month.
    """
    numbers = {mode: sum(one.n for one in patterns[mode]) for mode in MODES if patterns.get(mode)}
    hidden = hidden_modes(numbers)
    found = []
    for mode, n in numbers.items():
        if mode in hidden:
            own = _withheld(figure, n, hidden[mode])
        else:
            # One mode alone has the tally of the place: no need to count its answers one by one.
            alone = tally if len(numbers) == 1 else _tally(instrument, patterns[mode])
            own = figure_of(figure.place, figure.source, instrument, figure.period, alone, None)
        found.append(ModeFigure(mode, n, n / sum(numbers.values()), own))
    contrast = _contrast({one.mode: one.figure for one in found})
    return Modes(tuple(found), contrast, _mix(months, list(numbers)))


def hidden_modes(numbers: Mapping[str, int]) -> dict[str, str]:
    """The modes whose index is withheld, each with its reason.

    Those few answered by, and as many of the others, smallest first, as it takes until the index of all less
    those that are shown is not that of a few.
    """
    hidden = {mode: "too_few" for mode, n in numbers.items() if n < SHOWN_FROM}
    others = sorted((mode for mode in numbers if mode not in hidden), key=numbers.__getitem__)
    while hidden and others and sum(numbers[mode] for mode in hidden) < SHOWN_FROM:
        hidden[others.pop(0)] = "would_give_away"
    return hidden


def _tally(instrument: Instrument, patterns: Sequence[Pattern]) -> Tally:
    layout = instrument.layout
    return tally_of(from_answers(layout, patterns, layout.elements))


def _withheld(figure: Figure, n: int, why: str) -> Figure:
    return Figure(
        figure.place,
        figure.source,
        figure.instrument,
        figure.period,
        n,
        None,
        kind=figure.kind,
        ends=figure.ends,
        withheld=why,
        method=figure.method,
    )


def _contrast(figures: Mapping[str, Figure]) -> Contrast | None:
    if not all(mode in figures for mode in COMPARED):
        return None
    first, second = (figures[mode] for mode in COMPARED)
    why = next((one.withheld for one in (first, second) if one.withheld), None)
    if first.exact is None or second.exact is None or first.interval is None or second.interval is None:
        return Contrast(*COMPARED, None, why or "no_answers")
    if first.unanswered != second.unanswered:
        return Contrast(*COMPARED, None, "other_elements")
    found = difference_of_intervals(first.exact, first.interval, second.exact, second.interval)
    return Contrast(*COMPARED, found)


def _mix(months: Sequence[ModeMonth], modes: Sequence[str]) -> tuple[MonthMix, ...]:
    if not months:
        return ()
    counts = {(one.month, one.mode): one.n for one in months}
    first, last = (edge(month for month, _ in counts) for edge in (min, max))
    return tuple(
        _month(month, [counts.get((month, mode), 0) for mode in modes])
        for month in range(first, last + 1)
        if 1 <= month % 100 <= 12
    )


def _month(month: int, numbers: Sequence[int]) -> MonthMix:
    n = sum(numbers)
    if n < SHOWN_FROM:
        return MonthMix(month, n, withheld="too_few" if n else "no_answers")
    return MonthMix(month, n, tuple(number / n for number in numbers))
