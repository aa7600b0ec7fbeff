"""How people answered as plain data: the index by mode, the difference of two modes, the mix by month.

Pure. Nothing is computed here. A part that cannot be given says why in ``withheld``, and its values are null.
"""

from typing import Annotated, Any, Literal

import msgspec

from analysis.differences import HIGHER, LOWER
from survey.body_reasons import WithheldOut, ZeroToOne, no_figure, word
from survey.evidence import Evidence
from survey.figures import GRADED_FROM, SHOWN_FROM, Figure
from survey.modes import Contrast, ModeFigure, Modes, MonthMix

Mode = Literal["web", "sms", "kiosk", "import"]
Verdict = Literal["higher", "lower", "no_clear_difference"]
_VERDICTS: dict[str, Verdict] = {HIGHER: "higher", LOWER: "lower"}


class ModeOut(msgspec.Struct, kw_only=True):
    """The answers that came by one mode, and their index in the units of the official one.

    value and its 95 % interval are not rounded; the interval knows no number of transactions, as nobody knows
    how many would have chosen a mode. Withheld as well where the index of few others would follow from it
    (would_give_away); grade_withheld says why there is no grade.
    """

    mode: Mode
    n: int
    share: Annotated[float, msgspec.Meta(ge=0, le=1, description="Of all answers of the period, 0 to 1.")]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    k: Annotated[int | None, msgspec.Meta(description="Elements in the index of these answers.")] = None
    grade: Literal["A", "B", "C", "D"] | None = None
    grade_withheld: WithheldOut | None = None
    withheld: WithheldOut | None = None


class ModeDifferenceOut(msgspec.Struct, kw_only=True):
    """How far the index of the first mode is above that of the second, in their units.

    People choose their mode, and where the signal is weak more of them answer by SMS: the difference is not
    by itself an effect of the mode. verdict is no_clear_difference where the interval holds 0.
    """

    first: Mode
    second: Mode
    value: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Verdict | None = None
    withheld: WithheldOut | None = None


class MonthModesOut(msgspec.Struct, kw_only=True):
    """The answers of one month (yyyymm) and the share of each mode of the period, in the order of modes."""

    month: int
    n: int
    shares: Annotated[
        list[ZeroToOne], msgspec.Meta(description="They sum to 1; empty where they are withheld.")
    ]
    withheld: WithheldOut | None = None


class ModesOut(msgspec.Struct, kw_only=True):
    """By which modes people answered in the period; difference is null unless both were used."""

    modes: list[ModeOut]
    difference: ModeDifferenceOut | None = None
    months: list[MonthModesOut]
    withheld: WithheldOut | None = None


def modes_body(figure: Figure, evidence: Evidence | None) -> ModesOut:
    """The modes behind a figure, or why they are not told apart."""
    if evidence is None:
        return ModesOut(modes=[], months=[], withheld=no_figure(figure))
    modes: Modes = evidence.modes
    return ModesOut(
        modes=[_mode(one) for one in modes.figures],
        difference=None if modes.contrast is None else _difference(modes.contrast, modes),
        months=[_month(one) for one in modes.months],
    )


def _mode(one: ModeFigure) -> ModeOut:
    figure = one.figure
    mode: Any = one.mode
    grade: Any = figure.grade
    if figure.exact is None or figure.interval is None:
        return ModeOut(mode=mode, n=one.n, share=one.share, withheld=_why(figure.withheld, one.n))
    return ModeOut(
        mode=mode,
        n=one.n,
        share=one.share,
        value=figure.exact,
        low=figure.interval.low,
        high=figure.interval.high,
        k=figure.k,
        grade=grade,
        grade_withheld=_why(figure.grade_withheld, one.n),
    )


def _difference(contrast: Contrast, modes: Modes) -> ModeDifferenceOut:
    first: Any = contrast.first
    second: Any = contrast.second
    found = contrast.found
    if found is None:
        fewest = min(one.n for one in modes.figures if one.mode in (first, second))
        return ModeDifferenceOut(first=first, second=second, withheld=_why(contrast.withheld, fewest))
    return ModeDifferenceOut(
        first=first,
        second=second,
        value=found.difference,
        low=found.interval.low,
        high=found.interval.high,
        verdict=_VERDICTS.get(found.verdict, "no_clear_difference"),
    )


def _month(one: MonthMix) -> MonthModesOut:
    return MonthModesOut(
        month=one.month, n=one.n, shares=list(one.shares), withheld=_why(one.withheld, one.n)
    )


def _why(reason: str | None, n: int) -> WithheldOut | None:
    if reason is None:
        return None
    needed = {"too_few": SHOWN_FROM, "no_answers": SHOWN_FROM, "too_few_for_grade": GRADED_FROM}.get(reason)
    return WithheldOut(word(reason), n if needed else None, needed)
