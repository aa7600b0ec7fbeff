"""Trust as plain data: its items, the index of its drivers, what checks it, and what goes along with it.

Pure. Nothing is computed here. A part that cannot be given says why in ``withheld``, and its values are null.
"""

from typing import Annotated, Literal

import msgspec

from analysis.agreement import Agreement
from analysis.drivers import (
    CONCENTRATE,
    KEEP_UP,
    LOW_PRIORITY,
    MINIMUM_ANSWERS,
    POSSIBLE_OVERKILL,
    Driver,
    KeyDrivers,
)
from analysis.importance import MOST_PREDICTORS
from analysis.reliability import Alpha
from analysis.trust import CHANGE, LEVEL, DriverIndex
from analysis.trust_checks import NOT_KNOWN, NOT_SUPPORTED, SUPPORTED, Correlation, TrustChecks
from analysis.withheld import NOT_ASKED, Withheld
from survey.body_reasons import (
    EstimateOut,
    Reason,
    WithheldOut,
    ZeroToOne,
    estimate_body,
    no_figure,
    withheld_body,
    word,
)
from survey.evidence import Evidence
from survey.figures import SHOWN_FROM, Figure

Verdict = Literal["supported", "not_supported", "not_known"]
Quadrant = Literal["concentrate_here", "keep_up", "low_priority", "possible_overkill"]
_VERDICTS: dict[str, Verdict] = {
    SUPPORTED: "supported",
    NOT_SUPPORTED: "not_supported",
    NOT_KNOWN: "not_known",
}
_QUADRANTS: dict[str, Quadrant] = {
    CONCENTRATE: "concentrate_here",
    KEEP_UP: "keep_up",
    LOW_PRIORITY: "low_priority",
    POSSIBLE_OVERKILL: "possible_overkill",
}
Percent = Annotated[float, msgspec.Meta(ge=0, le=100, description="0 to 100.")]


class TrustItemOut(msgspec.Struct, kw_only=True):
    """The answers to one trust item; for the change of trust, agree means that it rose."""

    key: str
    n: int
    asked: Annotated[
        int | None, msgspec.Meta(description="Respondents who were asked it, where that is known.")
    ] = None
    mean: Annotated[Percent | None, msgspec.Meta(description="Mean answer, 0 to 100.")] = None
    low: Annotated[Percent | None, msgspec.Meta(description="95 % interval of the mean.")] = None
    high: Percent | None = None
    agree: ZeroToOne | None = None
    neutral: ZeroToOne | None = None
    disagree: ZeroToOne | None = None
    net: Annotated[
        EstimateOut | None, msgspec.Meta(description="Agree less disagree, in points, -100 to 100.")
    ] = None
    withheld: WithheldOut | None = None


class DriverIndexOut(EstimateOut, kw_only=True):
    """The mean of the drivers' means, 0 to 100; n are the answers to the least answered of them.

    The level of trust is not in it.
    """

    drivers: Annotated[list[str], msgspec.Meta(description="Keys of the drivers in it, four or five.")]


class TrustChecksOut(msgspec.Struct):
    """Whether the driver index deserves its name.

    alpha is Cronbach's, over those who answered every driver; correlation that of the drivers with the level,
    n the respondents behind the least answered pair of items. sure says whether its interval leaves no doubt
    about the verdict.
    """

    alpha: EstimateOut
    correlation: EstimateOut
    verdict: Verdict
    sure: bool


class TrustOut(msgspec.Struct, kw_only=True):
    """Trust of people who were served and answered; it is not trust in government among the public."""

    level: TrustItemOut | None = None
    change: TrustItemOut | None = None
    drivers: list[TrustItemOut]
    index: DriverIndexOut | None = None
    net: Annotated[EstimateOut | None, msgspec.Meta(description="Net trust: that of the level.")] = None
    checks: TrustChecksOut | None = None
    withheld: WithheldOut | None = None


class KeyDriverOut(msgspec.Struct):
    """One element: its part of the differences in the level of trust, and how well it does.

    importance with its interval (low, high) is a share of the outcome's variance; together they make r2.
    performance is the mean answer. clear says whether its side of the line of importance is beyond doubt.
    """

    key: str
    importance: ZeroToOne
    low: float
    high: float
    performance: float
    quadrant: Quadrant
    clear: bool


class KeyDriversOut(msgspec.Struct, kw_only=True):
    """Which elements go along with the level of trust, or why that is not stated. Association, not effect.

    n respondents answered every element and the level, left_out did not.
    """

    stated: bool
    reason: Reason | None = None
    about: Annotated[list[str], msgspec.Meta(description="Keys of the items the reason speaks of.")]
    n: int | None = None
    left_out: int | None = None
    r2: ZeroToOne | None = None
    adjusted_r2: Annotated[float | None, msgspec.Meta(description="r2 less what chance would show.")] = None
    importance_line: float | None = None
    performance_line: float | None = None
    top_agreement: Annotated[
        ZeroToOne | None, msgspec.Meta(description="Share of bootstrap replicates with the same first one.")
    ] = None
    drivers: list[KeyDriverOut]
    withheld: WithheldOut | None = None


def trust_body(figure: Figure, evidence: Evidence | None) -> TrustOut:
    """Level, change and drivers of trust with their index and its checks, or why there is none."""
    if evidence is None:
        return TrustOut(drivers=[], withheld=no_figure(figure))
    if evidence.trust is None:
        return TrustOut(drivers=[], withheld=withheld_body(Withheld(NOT_ASKED, 0, SHOWN_FROM)))
    found, index, checks = evidence.trust.figure, evidence.trust.index, evidence.trust.checks
    level = _trust_item(LEVEL, found.level, checks)
    return TrustOut(
        level=level,
        change=_trust_item(CHANGE, found.change, checks),
        drivers=[_trust_item(key, item, checks) for key, item in found.drivers.items()],
        index=_driver_index(index),
        net=level.net,
        checks=_checks(checks),
    )


def key_drivers_body(figure: Figure, evidence: Evidence | None) -> KeyDriversOut:
    """What goes along with trust, or why that is not stated."""
    found = None if evidence is None else evidence.drivers
    if found is not None:
        return _key_drivers(found)
    if evidence is None:
        why = no_figure(figure)
    elif evidence.trust is None:
        why = WithheldOut("not_asked", 0, MINIMUM_ANSWERS)
    else:
        many = figure.k + len(figure.unanswered) > MOST_PREDICTORS
        why = WithheldOut("too_many_elements" if many else "not_possible")
    return KeyDriversOut(stated=False, reason=why.reason, about=[], drivers=[], withheld=why)


def _key_drivers(found: KeyDrivers) -> KeyDriversOut:
    why = None
    if not found.stated:
        reason = word(found.reason or "")
        why = WithheldOut(reason, found.n, MINIMUM_ANSWERS if reason == "too_few" else None)
    return KeyDriversOut(
        stated=found.stated,
        reason=why.reason if why else None,
        about=list(found.about),
        n=found.n,
        left_out=found.left_out,
        r2=found.r2,
        adjusted_r2=found.adjusted_r2,
        importance_line=found.importance_line,
        performance_line=found.performance_line,
        top_agreement=found.top_agreement,
        drivers=[_key_driver(driver) for driver in found.drivers],
        withheld=why,
    )


def _key_driver(driver: Driver) -> KeyDriverOut:
    return KeyDriverOut(
        driver.key,
        driver.importance,
        driver.interval.low,
        driver.interval.high,
        driver.performance,
        _QUADRANTS[driver.quadrant],
        driver.clear,
    )


def _trust_item(key: str, item: Agreement | Withheld, checks: TrustChecks) -> TrustItemOut:
    share = checks.answering.get(key)
    asked = share.n if share else None
    if isinstance(item, Withheld):
        return TrustItemOut(key=key, n=item.n, asked=asked, withheld=withheld_body(item))
    return TrustItemOut(
        key=key,
        n=item.n,
        asked=asked,
        mean=item.mean,
        low=item.interval.low,
        high=item.interval.high,
        agree=item.agree.value,
        neutral=item.neutral.value,
        disagree=item.disagree.value,
        net=estimate_body(item.net.value, item.net.interval, item.n),
    )


def _driver_index(found: DriverIndex | Withheld) -> DriverIndexOut:
    if isinstance(found, Withheld):
        return DriverIndexOut(drivers=[], withheld=withheld_body(found))
    ends = found.interval
    return DriverIndexOut(
        value=found.value, low=ends.low, high=ends.high, n=found.n, drivers=list(found.drivers)
    )


def _checks(checks: TrustChecks) -> TrustChecksOut:
    return TrustChecksOut(
        _alpha(checks.alpha), _correlation(checks.correlation), _VERDICTS[checks.verdict], checks.sure
    )


def _alpha(found: Alpha | Withheld) -> EstimateOut:
    if isinstance(found, Withheld):
        return EstimateOut(withheld=withheld_body(found))
    return estimate_body(found.alpha, found.interval, found.n)


def _correlation(found: Correlation | Withheld) -> EstimateOut:
    if isinstance(found, Withheld):
        return EstimateOut(withheld=withheld_body(found))
    return estimate_body(found.value, found.interval, found.pairs)
