"""From tallies to figures: every value with its interval, its n and N, and what made it.

Pure. A figure is withheld, with the reason, when too few people stand behind it (below 5 nothing for the
agency itself, below 30 no grade).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

from analysis.index import Index, ikm_without, index, krejcie_morgan, round_half_up, spread
from analysis.intervals import Interval, grade_probabilities, wilson_calibrated
from analysis.perception import Perception, of_four, perception
from analysis.profile import profile
from analysis.tally import Tally
from survey.instruments import Instrument
from survey.periods import Period
from survey.places import Place
from survey.tallies import LEDGER_MEASURES

SHOWN_FROM = 5
GRADED_FROM = 30
CERTAIN_FROM = 0.8
NORMAL_975 = 1.96
"""Half the width of a 95 % interval is so many standard errors."""
METHOD = "SKM 14/2017: weights 1/k, pooled, unweighted; 95 % variance-calibrated Wilson interval"
PERCEPTION_METHOD = (
    "perception index of 4: each answer x 4 / steps, pooled, unweighted;"
    " 95 % variance-calibrated Wilson interval"
)
IKM_ENDS = (25.0, 100.0)


class Funnel(NamedTuple):
    """How many transactions, how many of them invited, how many of those answered."""

    transactions: int
    invited: int
    answered: int

    @property
    def response_rate(self) -> float | None:
        """Answered of all transactions, 0 to 1; None without transactions."""
        return self.answered / self.transactions if self.transactions else None


@dataclass(frozen=True)
class ElementFigure:
    """One element: mean answer, the same in the units of the index with its interval, grade, and n."""

    key: str
    answered: int
    nrr: Decimal
    value: Decimal
    grade: str | None
    interval: Interval


@dataclass(frozen=True)
class Figure:
    """An index with everything it needs to be read; ``value`` is None when withheld.

    ``kind`` is ``ikm`` (25 to 100) or ``perception`` (at most 4); values and intervals are in its units and
    lie between ``ends``. ``elements_withheld`` are those that too few people answered, and what would give
    them away. ``target`` is how many answers the rule's table of sample sizes asks for the transactions.
    """

    place: Place
    source: str
    instrument: str
    period: Period
    n: int
    funnel: Funnel | None
    kind: str = "ikm"
    ends: tuple[float, float] = IKM_ENDS
    value: Decimal | None = None
    exact: float | None = None
    interval: Interval | None = None
    without_cost: Decimal | None = None
    grade: str | None = None
    grade_certain: bool = False
    grade_probabilities: Mapping[str, float] | None = None
    withheld: str | None = None
    grade_withheld: str | None = None
    comparable: bool = True
    k: int = 0
    unanswered: tuple[str, ...] = ()
    elements: tuple[ElementFigure, ...] = ()
    elements_withheld: tuple[str, ...] = ()
    lowest: tuple[str, ...] = ()
    target: int | None = None
    of_hundred: Decimal | None = None
    method: str = METHOD


def funnel_of(ledger: Mapping[int, tuple[int, ...]], period: Period | None) -> Funnel:
    """The ledger of a period added up; all zero without a period."""
    rows = [counts for month, counts in ledger.items() if period is not None and period.covers(month)]
    return Funnel(*(sum(row[at] for row in rows) for at in range(len(LEDGER_MEASURES))))


def tally_of(tallies: Mapping[int, Tally], period: Period) -> Tally | None:
    """The tallies of a period added up, or None when there are none."""
    chosen = [tally for month, tally in sorted(tallies.items()) if period.covers(month)]
    return sum(chosen[1:], chosen[0]) if chosen else None


def figure_of(
    place: Place,
    source: str,
    instrument: Instrument,
    period: Period,
    tally: Tally | None,
    funnel: Funnel | None,
    *,
    finite: bool = True,
) -> Figure:
    """The figure of a place for a period.

    ``finite`` intervals are about exactly the period's transactions; without it they are about the way the
    place works, of which these transactions are a sample, and are wider.
    """
    n = tally.count("score_n") if tally is not None else 0
    target = krejcie_morgan(funnel.transactions) if funnel and funnel.transactions else None
    bare = Figure(place, source, instrument.id, period, n, funnel, kind=instrument.index, target=target)
    if tally is None or n == 0:
        return replace(bare, withheld="no_answers")
    if n < SHOWN_FROM:
        return replace(bare, withheld="too_few")
    served = funnel.transactions if funnel and finite else 0
    population = served if served > n else None
    if instrument.index == "perception":
        return _perceived(bare, tally, population)
    return _indexed(bare, tally, population)


def _indexed(bare: Figure, tally: Tally, population: int | None) -> Figure:
    found, scores = index(tally), spread(tally)
    if found is None or scores is None:
        return replace(bare, withheld="no_answers")
    sd, graded = scores.sd or 0.0, found.n >= GRADED_FROM
    hidden = hidden_elements(tally)
    probabilities = grade_probabilities(float(found.ikm), _error(found, sd)) if graded else None
    return replace(
        bare,
        value=found.rounded,
        exact=float(found.ikm),
        interval=wilson_calibrated(float(found.ikm), sd, found.n, population=population),
        without_cost=_without_cost(tally, hidden),
        grade=found.grade if graded else None,
        grade_withheld=None if graded else "too_few_for_grade",
        grade_probabilities=probabilities,
        grade_certain=probabilities is not None and max(probabilities.values()) >= CERTAIN_FROM,
        comparable=found.comparable,
        k=found.k,
        unanswered=found.unanswered,
        lowest=tuple(key for key in found.lowest if key not in hidden),
        elements_withheld=tuple(key for key in found.nrr if key in hidden),
        elements=_elements(tally, hidden, Fraction(25), found, population),
    )


def _error(found: Index, sd: float) -> float:
    """Standard error of the index; equal answers show none, so theirs is taken from their interval."""
    if sd > 0:
        return sd / sqrt(found.n)
    wide = wilson_calibrated(float(found.ikm), sd, found.n)
    return (wide.high - wide.low) / (2 * NORMAL_975)


def _perceived(bare: Figure, tally: Tally, population: int | None) -> Figure:
    found: Perception | None = perception(tally, population=population)
    if found is None:
        return replace(bare, withheld="no_answers")
    factor = Fraction(4, found.scale)
    hidden = hidden_elements(tally)
    return replace(
        bare,
        ends=(float(factor), 4.0),
        value=found.rounded,
        exact=float(found.of_four),
        interval=None if found.interval is None else of_four(found.interval, found.scale),
        grade_withheld="no_grades",
        k=found.k,
        unanswered=found.unanswered,
        lowest=tuple(key for key in found.lowest if key not in hidden),
        elements_withheld=tuple(key for key in found.means if key in hidden),
        elements=_elements(tally, hidden, factor, None, population),
        of_hundred=round_half_up(found.of_hundred, 2),
        method=PERCEPTION_METHOD,
    )


def _without_cost(tally: Tally, hidden: frozenset[str]) -> Decimal | None:
    """The index without cost; withheld with it, as the index less the index without cost is cost."""
    if "cost" not in tally.layout.elements or "cost" in hidden:
        return None
    value = ikm_without(tally, "cost")
    return None if value is None else round_half_up(value, 2)


def _elements(
    tally: Tally, hidden: frozenset[str], factor: Fraction, found: Index | None, population: int | None
) -> tuple[ElementFigure, ...]:
    return tuple(
        ElementFigure(
            one.key,
            one.n,
            round_half_up(one.mean, 2),
            round_half_up(factor * one.mean, 2),
            found.element_grades[one.key] if found is not None and one.n >= GRADED_FROM else None,
            replace(
                one.interval, low=float(factor) * one.interval.low, high=float(factor) * one.interval.high
            ),
        )
        for one in profile(tally, population=population)
        if one.key not in hidden
    )


def hidden_elements(tally: Tally) -> frozenset[str]:
    """The elements answered by too few; never one alone, which the index less all others would reveal."""
    answered = {key: n for key in tally.layout.elements if (n := tally.answered(key))}
    few = [key for key, n in answered.items() if n < SHOWN_FROM]
    others = [key for key in answered if key not in few]
    if len(few) == 1 and others:
        few.append(min(others, key=answered.__getitem__))
    return frozenset(few)
