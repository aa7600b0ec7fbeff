"""What is really the case in the demonstration country: the model its answers are drawn from.

A person's answer to an item comes from one latent normal value, cut into ordered answers (an ordered probit):

    latent = place + service + outcome + story of the month + person + noise
    person ~ N(0, PERSON_SD), shared by all answers of one person; person + noise has variance 1

so a single item has P(answer > k) = Phi(place + service + outcome + story - cut_k), and expectations over the
known shares of services and outcomes are finite sums: nothing here is estimated or simulated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

ELEMENTS = (
    "requirements",
    "procedure",
    "time",
    "cost",
    "product",
    "competence",
    "behaviour",
    "facilities",
    "complaints",
)
TRUST_DRIVERS = ("trust_change", "reliability", "responsiveness", "openness", "integrity", "fairness")
TRUST_ITEMS = ("trust_level", *TRUST_DRIVERS)
CHANNELS = ("counter", "online", "mobile")
Outcome = Literal["approved", "rejected", "pending"]
OUTCOMES: tuple[Outcome, ...] = ("approved", "rejected", "pending")

ELEMENT_CUTS = (-2.1, -1.25, 0.6)
"""An ordinary office (latent 0) is answered 1, 2, 3, 4 by 2, 9, 62 and 27 % of people."""
TRUST_CUTS = (-2.0, -1.3, -0.5, 0.8)
PERSON_SD = 0.7
PERSON_TRUST_SD = 0.45
"""A second person effect that all trust answers share, independent of the first."""
NOISE_SD = math.sqrt(1 - PERSON_SD**2)
TRUST_NOISE_SD = math.sqrt(1 - PERSON_SD**2 - PERSON_TRUST_SD**2)

OUTCOME_EFFECT: Mapping[Outcome, float] = {"approved": 0.0, "rejected": -0.8, "pending": -0.35}
COST_FREE, COST_CHARGED = 2.0, -0.2
"""Whether a service is free is a fact that decides the answer about its cost more than any opinion."""
TRUST_FOLLOWS = 0.8
"""Share of a difference in service quality that trust goes along with."""

FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (6, 1), (8, 17), (12, 25)})
"""National holidays with a fixed date, as (month, day); the movable feasts are left out."""


@dataclass(frozen=True, slots=True)
class ServiceTruth:
    """One service: its share of the agency's transactions, latent effect, fee, and chance of each outcome."""

    code: str
    share: float
    effect: float
    free: bool
    outcomes: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class UnitTruth:
    """One unit: latent place effect per element and trust item, propensity, volume and languages.

    `propensity` is the chance (0-1) that a counter transaction is answered; `volume` the expected
    transactions per working day at rate 1; `languages` the share of people preferring each language; `by_sms`
    the share (0-1) of the answers that come by SMS, because the signal is weak or the telephone simple.
    """

    elements: Mapping[str, float]
    trust: Mapping[str, float]
    propensity: float
    volume: float
    languages: Mapping[str, float]
    officers: tuple[str, ...]
    by_sms: float


@dataclass(frozen=True, slots=True)
class AgencyTruth:
    """One agency: its story, opening days, shares of channels, services and units by code."""

    story: str
    phase: float
    saturday: bool
    channels: tuple[float, float, float]
    services: tuple[ServiceTruth, ...]
    units: Mapping[str, UnitTruth]


def story_effect(agency: AgencyTruth, begins: int, month: int) -> float:
    """Latent change of all items of `agency` in `month` of a story begun in `begins`, both yyyymm."""
    elapsed = months_between(begins, month)
    wave = 0.06 * math.sin(agency.phase + elapsed / 2.3)
    match agency.story:
        case "improving":
            return wave + 0.045 * min(max(elapsed, 0), 18)
        case "collapsing":
            return wave - (0.0 if elapsed < 11 else 0.55 if elapsed == 11 else 1.05)
        case "seasonal":  # worst in the rainy months around January, when most people fall ill
            return wave - 0.32 * math.cos(2 * math.pi * (month % 100 - 1) / 12)
        case "steady":
            return wave
    raise ValueError(f"unknown story {agency.story!r}")


def element_latent(unit: UnitTruth, service: ServiceTruth, outcome: Outcome, element: str) -> float:
    """Latent value of an element for one service and outcome, before the story of the month."""
    fee = (COST_FREE if service.free else COST_CHARGED) if element == "cost" else 0.0
    return unit.elements[element] + service.effect + OUTCOME_EFFECT[outcome] + fee


def trust_latent(unit: UnitTruth, service: ServiceTruth, outcome: Outcome, item: str) -> float:
    """Latent value of a trust item for one service and outcome, before the story of the month."""
    return unit.trust[item] + TRUST_FOLLOWS * (service.effect + OUTCOME_EFFECT[outcome])


def unit_ikm(agency: AgencyTruth, unit: UnitTruth, begins: int, month: int) -> float:
    """Expected IKM (25-100) of a unit in a month: 25 × mean over elements of the expected answer."""
    story = story_effect(agency, begins, month)
    total = 0.0
    for share, service, outcome in _mixture(agency):
        for element in ELEMENTS:
            latent = element_latent(unit, service, outcome, element) + story
            total += share * (1 + sum(_normal_cdf(latent - cut) for cut in ELEMENT_CUTS))
    return 25 * total / len(ELEMENTS)


def unit_trust_share(agency: AgencyTruth, unit: UnitTruth, begins: int, month: int) -> float:
    """Expected share (0-1) of people of a unit who answer 4 or 5 to the item `trust_level` in a month."""
    story = TRUST_FOLLOWS * story_effect(agency, begins, month)
    return sum(
        share * _normal_cdf(trust_latent(unit, service, outcome, "trust_level") + story - TRUST_CUTS[2])
        for share, service, outcome in _mixture(agency)
    )


def is_open(agency: AgencyTruth, day: date) -> bool:
    """Whether the units of `agency` work on `day`."""
    last_weekday = 5 if agency.saturday else 4
    return day.weekday() <= last_weekday and (day.month, day.day) not in FIXED_HOLIDAYS


def working_days(agency: AgencyTruth, month: int) -> int:
    """Days of `month` (yyyymm) on which the units of `agency` work."""
    day = first_of(month)
    count = 0
    while yyyymm(day) == month:
        count += is_open(agency, day)
        day += timedelta(days=1)
    return count


def yyyymm(day: date) -> int:
    """The month of a day as one number, 202501 for January 2025."""
    return day.year * 100 + day.month


def first_of(month: int) -> date:
    """First day of a month given as yyyymm; ValueError when it is not one."""
    return date(month // 100, month % 100, 1)


def months_between(earlier: int, later: int) -> int:
    """Whole months from `earlier` to `later`, both yyyymm; negative when `later` comes first."""
    a, b = first_of(earlier), first_of(later)
    return (b.year - a.year) * 12 + b.month - a.month


def _mixture(agency: AgencyTruth) -> Iterator[tuple[float, ServiceTruth, Outcome]]:
    """Every kind of transaction of an agency with its share; the shares sum to 1."""
    for service in agency.services:
        for chance, outcome in zip(service.outcomes, OUTCOMES, strict=True):
            yield service.share * chance, service, outcome


def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))
