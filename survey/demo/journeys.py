"""Transactions of the demonstration country, and what the people who answered said about them.

Whether a person answers depends on the unit and the channel, never on the answers they would have given:
within a unit the answers are a fair sample of the truth, across units they are not (places with poor signal
answer less), which is what makes the agency's pooled figure differ from its true one.

Neither does the mode depend on the answers: where the signal is weak more people answer by SMS, and they say
what they would have said in the web form. Modes differ across units, and not within one.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from survey.demo.comments import fitting, write
from survey.demo.country import Agency, Country, Unit
from survey.demo.truth import (
    CHANNELS,
    ELEMENT_CUTS,
    ELEMENTS,
    NOISE_SD,
    OUTCOMES,
    PERSON_SD,
    PERSON_TRUST_SD,
    TRUST_CUTS,
    TRUST_DRIVERS,
    TRUST_FOLLOWS,
    TRUST_ITEMS,
    TRUST_NOISE_SD,
    AgencyTruth,
    Outcome,
    UnitTruth,
    element_latent,
    is_open,
    story_effect,
    trust_latent,
    yyyymm,
)

SKIPPED = 0.03
MOST_SKIPPED = 4
"""With more of nine elements skipped a response would not be valid."""
COMMENTED = 0.25
TRUST_DRIVERS_ASKED = 3
_CHANNEL_ANSWERS = {"counter": 1.0, "online": 1.15, "mobile": 0.85}
_DAY_LAGS = tuple(accumulate((46, 22, 12, 8, 6, 4, 2)))
_KEEPS_LANGUAGE = 0.94
_OPENS, _MORNING, _AFTERNOON = time(8), timedelta(hours=4), timedelta(hours=3)
_LUNCH = timedelta(hours=1)
_PROFILE: Mapping[str, tuple[tuple[str, int], ...]] = {
    "sex": (("L", 49), ("P", 51)),
    "age_band": (
        ("under_25", 18),
        ("25_34", 28),
        ("35_44", 24),
        ("45_54", 17),
        ("55_64", 9),
        ("65_up", 4),
    ),
    "education": (("sd", 10), ("smp", 15), ("sma", 42), ("d1_d3", 9), ("s1", 20), ("s2", 3), ("s3", 1)),
    "occupation": (("pns", 9), ("tni", 1), ("polri", 1), ("swasta", 33), ("wirausaha", 29), ("lainnya", 27)),
    "disability": (("no", 96), ("yes", 4)),
}
_PROFILED = 0.7
"""Share of people who fill in the profile at all; each of its items is then given with `_PROFILE_ITEM`."""
_PROFILE_ITEM = 0.85


@dataclass(frozen=True, slots=True)
class Given:
    """An answer: `day_lag` days (0-6) after the transaction, None for a skipped element.

    `answers` has all nine elements (1-4), at least five of them given, `trust` has `trust_level` and three
    drivers (1-5), `profile` only the items that were filled in. By SMS neither trust nor the profile is
    asked, and a comment is one sentence.
    """

    day_lag: int
    answers: Mapping[str, int | None]
    trust: Mapping[str, int]
    comment: str | None
    language: str
    profile: Mapping[str, str]
    mode: Literal["web", "sms"]


@dataclass(frozen=True, slots=True)
class Journey:
    """One transaction: codes of agency, unit, service and officer; `finished_at` is aware, in UTC."""

    agency: str
    unit: str
    service: str
    channel: str
    outcome: Outcome
    finished_at: datetime
    officer: str
    language: str
    external_ref: str
    invited: bool
    response: Given | None


class _Kind(NamedTuple):
    """Everything about a service and outcome that an answer needs: latent values in item order."""

    service: str
    outcome: Outcome
    elements: tuple[float, ...]
    trust: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Office:
    """A unit made ready for drawing: its transactions per working day and cumulative tables."""

    agency: Agency
    unit: Unit
    truth: AgencyTruth
    zone: ZoneInfo
    volume: float
    officers: tuple[str, ...]
    languages: tuple[str, ...]
    language_steps: tuple[float, ...]
    channel_steps: tuple[float, ...]
    answers: Mapping[str, float]
    kinds: tuple[_Kind, ...]
    kind_steps: tuple[float, ...]
    by_sms: float


def journeys(
    country: Country, *, seed: int, first_day: date, last_day: date, rate: float = 1.0
) -> Iterator[Journey]:
    """Every transaction from `first_day` to `last_day`, both included, day by day.

    Args:
        country: Its agencies; a country with fewer agencies or units is served as well.
        seed: Same country, seed and rate give the same journeys on a day, whatever the first and last day.
        first_day: First day, in each unit's own zone.
        last_day: Last day; nothing is yielded when it is before the first.
        rate: Multiplies all units' volumes; at 1 eighteen months have about 120,000 transactions and 30,000
            answers. ValueError when negative.
    """
    if rate < 0:
        raise ValueError(f"rate must not be negative: {rate}")
    offices = [_office(country, agency, unit, rate) for agency in country.agencies for unit in agency.units]
    return _days(country, offices, seed, first_day, last_day)


def _days(
    country: Country, offices: list[_Office], seed: int, first_day: date, last_day: date
) -> Iterator[Journey]:
    for offset in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=offset)
        rng = Random(f"{seed}:{day}")  # noqa: S311 (reproducible, guards nothing)
        # Of its own, so that whoever is asked another way has the same opinions as before.
        mode_rng = Random(f"{seed}:{day}:mode")  # noqa: S311 (the same)
        stories = {
            code: story_effect(truth, country.story_begins, yyyymm(day))
            for code, truth in country.truth.items()
        }
        for office in offices:
            if is_open(office.truth, day):
                yield from _office_day(office, day, stories[office.agency.code], rng, mode_rng)


def _office(country: Country, agency: Agency, unit: Unit, rate: float) -> _Office:
    truth = country.truth[agency.code]
    own = truth.units[unit.code]
    shares = [service.share * chance for service in truth.services for chance in service.outcomes]
    return _Office(
        agency=agency,
        unit=unit,
        truth=truth,
        zone=ZoneInfo(unit.timezone),
        volume=own.volume * rate,
        officers=own.officers,
        languages=tuple(own.languages),
        language_steps=tuple(accumulate(own.languages.values())),
        channel_steps=tuple(accumulate(truth.channels)),
        answers={channel: own.propensity * factor for channel, factor in _CHANNEL_ANSWERS.items()},
        kinds=_kinds(truth, own),
        kind_steps=tuple(accumulate(shares)),
        by_sms=own.by_sms,
    )


def _kinds(truth: AgencyTruth, unit: UnitTruth) -> tuple[_Kind, ...]:
    return tuple(
        _Kind(
            service=service.code,
            outcome=outcome,
            elements=tuple(element_latent(unit, service, outcome, element) for element in ELEMENTS),
            trust={item: trust_latent(unit, service, outcome, item) for item in TRUST_ITEMS},
        )
        for service in truth.services
        for outcome in OUTCOMES
    )


def _office_day(office: _Office, day: date, story: float, rng: Random, mode_rng: Random) -> Iterator[Journey]:
    opens = datetime.combine(day, _OPENS, office.zone).astimezone(UTC)
    stem = f"{office.unit.code}-{day:%y%m%d}".upper()
    for number, moment in enumerate(_arrivals(office.volume, rng), start=1):
        (kind,) = rng.choices(office.kinds, cum_weights=office.kind_steps)
        (channel,) = rng.choices(CHANNELS, cum_weights=office.channel_steps)
        (language,) = rng.choices(office.languages, cum_weights=office.language_steps)
        yield Journey(
            agency=office.agency.code,
            unit=office.unit.code,
            service=kind.service,
            channel=channel,
            outcome=kind.outcome,
            finished_at=opens + _working_time(moment),
            officer=rng.choice(office.officers),
            language=language,
            external_ref=f"{stem}-{number:03d}",
            invited=True,
            response=(
                _given(kind, story, channel, language, rng, by_sms=mode_rng.random() < office.by_sms)
                if rng.random() < office.answers[channel]
                else None
            ),
        )


def _arrivals(expected: float, rng: Random) -> Iterator[float]:
    """Moments (0-1 of the working time, ascending) of a Poisson process with `expected` arrivals."""
    if expected <= 0:
        return
    moment = rng.expovariate(expected)
    while moment < 1:
        yield moment
        moment += rng.expovariate(expected)


def _working_time(moment: float) -> timedelta:
    """Time since opening at a moment (0-1) of the working time: to noon, and from one to four."""
    worked = timedelta(seconds=int(moment * (_MORNING + _AFTERNOON).total_seconds()))
    return worked if worked < _MORNING else worked + _LUNCH


def _given(kind: _Kind, story: float, channel: str, preferred: str, rng: Random, *, by_sms: bool) -> Given:
    """What a person answers; everything is drawn whatever the mode, so that opinions do not depend on it."""
    person = rng.gauss(0, PERSON_SD)
    answers = _element_answers(kind, story + person, rng)
    language = preferred if rng.random() < _KEEPS_LANGUAGE else "id"
    comment = None
    if rng.random() < COMMENTED:
        chosen = fitting(answers, language=language, channel=channel, rng=rng)
        comment = write(chosen[:1] if by_sms else chosen, language=language, rng=rng)
    day_lag = bisect(_DAY_LAGS, rng.random() * _DAY_LAGS[-1])
    trust, profile = _trust_answers(kind, TRUST_FOLLOWS * story + person, rng), _profile(rng)
    if by_sms:
        return Given(day_lag, answers, {}, comment, language, {}, "sms")
    return Given(day_lag, answers, trust, comment, language, profile, "web")


def _element_answers(kind: _Kind, shift: float, rng: Random) -> dict[str, int | None]:
    skipped = {element for element in ELEMENTS if rng.random() < SKIPPED}
    if len(skipped) > MOST_SKIPPED:
        skipped = set()
    return {
        element: None
        if element in skipped
        else 1 + bisect(ELEMENT_CUTS, latent + shift + rng.gauss(0, NOISE_SD))
        for element, latent in zip(ELEMENTS, kind.elements, strict=True)
    }


def _trust_answers(kind: _Kind, shift: float, rng: Random) -> dict[str, int]:
    shift += rng.gauss(0, PERSON_TRUST_SD)
    asked = rng.sample(TRUST_DRIVERS, TRUST_DRIVERS_ASKED)
    return {
        item: 1 + bisect(TRUST_CUTS, kind.trust[item] + shift + rng.gauss(0, TRUST_NOISE_SD))
        for item in ("trust_level", *asked)
    }


def _profile(rng: Random) -> dict[str, str]:
    if rng.random() >= _PROFILED:
        return {}
    return {
        item: rng.choices([value for value, _ in values], [weight for _, weight in values])[0]
        for item, values in _PROFILE.items()
        if rng.random() < _PROFILE_ITEM
    }
