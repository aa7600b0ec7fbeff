"""The demonstration country: twelve agencies with ten units each, and the exact truth about them.

The places exist; the agencies' results are invented. Every agency's name carries `MARK`, so that no page,
picture or file made from them can be taken for a finding about a real office.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from survey.demo.truth import (
    ELEMENTS,
    TRUST_FOLLOWS,
    TRUST_ITEMS,
    AgencyTruth,
    ServiceTruth,
    UnitTruth,
    first_of,
    unit_ikm,
    unit_trust_share,
    working_days,
)

MARK = "(contoh)"
STORY_BEGINS = 202501
"""Default first month (yyyymm) of what happens to the agencies; the collapse comes eleven months later."""

_DATA = Path(__file__).with_name("country.toml")

# Latent differences found in most published tables: staff are liked, speed and complaints less.
_ELEMENT_PROFILE = {
    "requirements": 0.05,
    "procedure": 0.0,
    "time": -0.25,
    "cost": 0.0,
    "product": 0.10,
    "competence": 0.15,
    "behaviour": 0.25,
    "facilities": -0.10,
    "complaints": -0.35,
}
_TRUST_PROFILE = {
    "trust_level": 0.10,
    "trust_change": -0.10,
    "reliability": 0.10,
    "responsiveness": -0.20,
    "openness": 0.0,
    "integrity": 0.15,
    "fairness": 0.05,
}
_PROPENSITY = {"4G": 0.265, "3G": 0.20, "2G": 0.105}
_BY_SMS = {"4G": 0.08, "3G": 0.25, "2G": 0.60}
_FACILITIES = {"4G": 0.0, "3G": -0.12, "2G": -0.35}


@dataclass(frozen=True, slots=True)
class Service:
    """A service of an agency, the same in all its units."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Unit:
    """An office: `timezone` is an IANA name (Asia/Jakarta, Asia/Makassar or Asia/Jayapura)."""

    code: str
    name: str
    timezone: str
    place: str


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency with its units and services. Codes are url-safe; unit codes are unique in the country."""

    code: str
    name: str
    units: tuple[Unit, ...]
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """All agencies, the month (yyyymm) their story begins, and what is true of each, by agency code."""

    agencies: tuple[Agency, ...]
    story_begins: int
    truth: Mapping[str, AgencyTruth]


class TruthRow(NamedTuple):
    """True IKM (25-100) of a unit over a period."""

    agency: str
    unit: str
    ikm: float


def country(seed: int, *, story_begins: int = STORY_BEGINS) -> Country:
    """The country of `seed`: the same agencies and units for every seed, with other true values.

    Args:
        seed: Decides the effects of units and elements.
        story_begins: Month (yyyymm) from which improvements and the collapse are counted; pass the
            first month of the journeys to see them all. ValueError when it is not a month.
    """
    first_of(story_begins)
    data = tomllib.loads(_DATA.read_text(encoding="utf-8"))["agency"]
    return Country(
        agencies=tuple(_agency(row) for row in data),
        story_begins=story_begins,
        truth={row["code"]: _agency_truth(row, seed) for row in data},
    )


def true_ikm(country: Country, agency_code: str, unit_code: str | None, yyyymm: int) -> float:
    """Exact expected IKM (25-100) in a month, over all transactions, answered or not.

    With `unit_code` None, of the agency: its units' values weighted by their volume of transactions. KeyError
    for an unknown code, ValueError for a number that is not a month.
    """
    return _expected(unit_ikm, country, agency_code, unit_code, yyyymm)


def true_trust_share(country: Country, agency_code: str, unit_code: str | None, yyyymm: int) -> float:
    """Exact share (0-1) of people who would answer 4 or 5 to `trust_level`; arguments as in `true_ikm`."""
    return _expected(unit_trust_share, country, agency_code, unit_code, yyyymm)


def truth_table(country: Country, months: Iterable[int]) -> list[TruthRow]:
    """True IKM of every unit over `months` (yyyymm), each month weighted by its expected transactions.

    ValueError when there is no month.
    """
    months = list(months)
    if not months:
        raise ValueError("a truth table needs at least one month")
    rows = []
    for agency in country.agencies:
        truth = country.truth[agency.code]
        # A unit's volume per working day is constant, so working days are its expected transactions' shares.
        weights = [working_days(truth, month) for month in months]
        for unit in agency.units:
            values = [true_ikm(country, agency.code, unit.code, month) for month in months]
            rows.append(TruthRow(agency.code, unit.code, _weighted_mean(values, weights)))
    return rows


def _expected(
    measure: Callable[[AgencyTruth, UnitTruth, int, int], float],
    country: Country,
    agency_code: str,
    unit_code: str | None,
    month: int,
) -> float:
    truth = country.truth[agency_code]
    (agency,) = (agency for agency in country.agencies if agency.code == agency_code)
    codes = [unit.code for unit in agency.units] if unit_code is None else [unit_code]
    values = [measure(truth, truth.units[code], country.story_begins, month) for code in codes]
    return _weighted_mean(values, [truth.units[code].volume for code in codes])


def _weighted_mean(values: Sequence[float], weights: Sequence[float]) -> float:
    return math.fsum(map(mul, values, weights)) / math.fsum(weights)


def _agency(row: Mapping[str, Any]) -> Agency:
    return Agency(
        code=row["code"],
        name=f"{row['name']} {MARK}",
        units=tuple(Unit(code, name, zone, place) for code, name, place, zone, _, _ in row["unit"]),
        services=tuple(Service(code, name) for code, name, *_ in row["service"]),
    )


def _agency_truth(row: Mapping[str, Any], seed: int) -> AgencyTruth:
    # One generator per agency: editing one agency's rows leaves the others as they were.
    rng = Random(f"{seed}:{row['code']}")  # noqa: S311 (reproducible, guards nothing)
    level = row["level"] + rng.gauss(0, 0.08)
    profile = {key: value + rng.gauss(0, 0.12) for key, value in _ELEMENT_PROFILE.items()}
    trust = {key: row["trust"] + value + rng.gauss(0, 0.08) for key, value in _TRUST_PROFILE.items()}
    return AgencyTruth(
        story=row["story"],
        phase=rng.uniform(0, 2 * math.pi),
        saturday=row["saturday"],
        channels=tuple(row["channels"]),
        services=tuple(
            ServiceTruth(code, share, effect, free, tuple(outcomes))
            for code, _, share, effect, free, outcomes in row["service"]
        ),
        units={
            code: _unit_truth(rng, level, profile, trust, signal, volume, _languages(row))
            for code, _, _, _, signal, volume in row["unit"]
        },
    )


def _unit_truth(
    rng: Random,
    level: float,
    profile: Mapping[str, float],
    trust: Mapping[str, float],
    signal: str,
    volume: float,
    languages: Mapping[str, float],
) -> UnitTruth:
    quality = rng.gauss(0, 0.22)
    elements = {key: level + quality + profile[key] + rng.gauss(0, 0.08) for key in ELEMENTS}
    elements["facilities"] += _FACILITIES[signal]
    return UnitTruth(
        elements=elements,
        trust={key: trust[key] + TRUST_FOLLOWS * quality + rng.gauss(0, 0.06) for key in TRUST_ITEMS},
        propensity=_PROPENSITY[signal] * math.exp(rng.gauss(0, 0.12)),
        volume=volume,
        languages=languages,
        officers=tuple(f"P{number:02d}" for number in range(1, 3 + rng.randrange(1 + math.ceil(volume)))),
        by_sms=_BY_SMS[signal],
    )


def _languages(row: Mapping[str, Any]) -> Mapping[str, float]:
    local, share = row["local"]
    shares = {"en": row["english"]} | ({local: share} if local else {})
    return {"id": 1 - math.fsum(shares.values()), **shares}
