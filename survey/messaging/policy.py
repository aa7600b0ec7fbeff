"""Rules of contact: when a number may be written to, how often, where, and how many are invited. Pure.

There are national rules, and an agency may only be stricter: its people are written to by others too. A
time is UTC epoch seconds; hours and days are those of a service unit's own zone. Public holidays are those
of Indonesia as the package ``holidays`` knows them, without collective leave; those that follow the moon
are estimates until the ministers have decreed them.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from survey.clock import as_day

COUNTRY = "ID"
LONGEST_CAP_DAYS = 400
LEAST_PROBABILITY = 0.001
DAY_SECONDS = 86_400
_MINUTE = 60
_QUARTER = 15 * _MINUTE
_DAY_MINUTES = 24 * 60

HourMinute = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")]
Probability = Annotated[float, msgspec.Meta(ge=LEAST_PROBABILITY, le=1)]
Code = Annotated[str, msgspec.Meta(min_length=1)]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}\Z")]

_NOT_BY = {
    "outcome": "whoever is chosen by what was decided about them answers for a service that went otherwise",
    "officer": "whoever is chosen by who served them answers for a service that others did not get",
}


class PolicyRefused(ValueError):
    """Rules that cannot be taken; the message names each key with what is wrong or the national floor."""


class Stratum(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Transactions that are sampled alike: of a unit, service or channel, by code, or of several."""

    probability: Probability
    unit: Code | None = None
    service: Code | None = None
    channel: Literal["counter", "online", "mobile", "phone", "other"] | None = None


class Sampling(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How probable an invitation is: as the first stratum says that a transaction is of, or else in general.

    A probability is at least 0.001, so that nobody is left out whose answer might be unwelcome.
    """

    probability: Probability = 1.0
    strata: tuple[Stratum, ...] = ()


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules of contact; the defaults are the national rules where the operator sets none.

    Invitations and reminders go out neither from ``quiet_from`` until ``quiet_until`` (which may cross
    midnight; equal: at any hour) nor, with ``holidays``, on a public holiday. ``cap_days``: a number is
    invited at most once in so many days, by whomever (0: no limit). ``reminder_days``: one reminder after
    so many days (0: none). ``wait_minutes``: from the end of the service to the invitation. ``countries``:
    where numbers may be of (ISO 3166-1 alpha-2).
    """

    quiet_from: HourMinute = "20:00"
    quiet_until: HourMinute = "08:00"
    holidays: bool = True
    cap_days: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_CAP_DAYS)] = 30
    reminder_days: Annotated[int, msgspec.Meta(ge=0, le=90)] = 3
    wait_minutes: Annotated[int, msgspec.Meta(ge=0, le=7 * _DAY_MINUTES)] = 30
    countries: Annotated[tuple[Country, ...], msgspec.Meta(min_length=1)] = (COUNTRY,)
    sampling: Sampling = Sampling()


class _Floor(NamedTuple):
    """What an agency's rules must keep to: ``kept(rules, national)``, and how to say it of the national."""

    keys: tuple[str, ...]
    kept: Callable[[Rules, Rules], bool]
    words: Callable[[Rules], str]


_FLOORS = (
    _Floor(
        ("quiet_from", "quiet_until"),
        lambda rules, national: _covers(rules, national),
        lambda national: f"must cover {national.quiet_from} to {national.quiet_until}",
    ),
    _Floor(
        ("holidays",),
        lambda rules, national: rules.holidays >= national.holidays,
        lambda national: "must stay true",
    ),
    _Floor(
        ("cap_days",),
        lambda rules, national: rules.cap_days >= national.cap_days,
        lambda national: f"must be at least {national.cap_days}",
    ),
    _Floor(
        ("reminder_days",),
        lambda rules, national: not rules.reminder_days or 0 < national.reminder_days <= rules.reminder_days,
        lambda national: (
            f"must be 0 or at least {national.reminder_days}" if national.reminder_days else "must be 0"
        ),
    ),
    _Floor(
        ("wait_minutes",),
        lambda rules, national: rules.wait_minutes >= national.wait_minutes,
        lambda national: f"must be at least {national.wait_minutes}",
    ),
    _Floor(
        ("countries",),
        lambda rules, national: set(rules.countries) <= set(national.countries),
        lambda national: f"must be among {', '.join(national.countries)}",
    ),
)


def read_rules(said: Mapping[str, Any], national: Rules | None) -> Rules:
    """The rules an agency gives, completed by the national ones; ``None``: these are the national rules.

    Raises:
        PolicyRefused: a key or value that does not exist, a stratum by outcome or officer, or one that an
            earlier one leaves nothing; or a rule below the national floor.
    """
    rules = _converted(said, national)
    problems = _problems_of(rules.sampling)
    if national is not None:
        problems += [
            f"{' and '.join(floor.keys)}: {floor.words(national)}, the national rule"
            for floor in _FLOORS
            if not floor.kept(rules, national)
        ]
    if problems:
        raise PolicyRefused("; ".join(problems))
    return rules


def held_to(said: Mapping[str, Any], national: Rules) -> Rules:
    """The rules an agency gave at some time, under the national rules of now: of each, the stricter.

    Raises:
        PolicyRefused: a key or value that this version does not know.
    """
    rules = _converted(said, national)
    for floor in _FLOORS:
        if not floor.kept(rules, national):
            stricter = {key: getattr(national, key) for key in floor.keys}
            rules = msgspec.structs.replace(rules, **stricter)
    return rules


def earliest(rules: Rules, zone: str, at: int) -> int:
    """The first second at or after ``at`` outside quiet hours and public holidays of the zone."""
    return max(at, _next_minute(rules, zone, at // _MINUTE) * _MINUTE)


def first_moment(rules: Rules, zone: str, finished_at: int, now: int) -> int:
    """When to invite about a service that ended at ``finished_at``: after the wait, never before ``now``."""
    return earliest(rules, zone, max(now, finished_at + rules.wait_minutes * _MINUTE))


def reminder_moment(rules: Rules, zone: str, invited_at: int) -> int | None:
    """When to remind somebody who was invited at ``invited_at`` and is silent; None: never."""
    if rules.reminder_days == 0:
        return None
    return earliest(rules, zone, invited_at + rules.reminder_days * DAY_SECONDS)


@lru_cache(maxsize=4096)
def _next_minute(rules: Rules, zone: str, minute: int) -> int:
    # A quarter of an hour at a time: every zone's offset is a multiple of it, and changes only at its end.
    while True:
        local = datetime.fromtimestamp(minute * _MINUTE, UTC).astimezone(ZoneInfo(zone))
        end = minute - minute % 15 + 15
        if not (rules.holidays and as_day(local) in _public_holidays(local.year)):
            left = _quiet_left(rules, local.hour * 60 + local.minute)
            if minute + left < end:
                return minute + left
        minute = end


def _quiet_left(rules: Rules, minute: int) -> int:
    """How many minutes of quiet are left at a minute of the day; 0 outside quiet hours."""
    start, length = _quiet(rules)
    since = (minute - start) % _DAY_MINUTES
    return length - since if since < length else 0


def _quiet(rules: Rules) -> tuple[int, int]:
    """Quiet hours as the minute of the day they start at, and their length in minutes, less than a day."""
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in (rules.quiet_from, rules.quiet_until))
    return start, (end - start) % _DAY_MINUTES


def _covers(rules: Rules, national: Rules) -> bool:
    (start, length), (least_start, least_length) = _quiet(rules), _quiet(national)
    return not least_length or (least_start - start) % _DAY_MINUTES + least_length <= length


@lru_cache(maxsize=16)
def _public_holidays(year: int) -> frozenset[int]:
    # Loaded with the first invitation: an installation without SMS never needs it.
    from holidays import country_holidays

    return frozenset(as_day(day) for day in country_holidays(COUNTRY, years=year))


def _converted(said: Mapping[str, Any], national: Rules | None) -> Rules:
    _refuse_choosing(said)
    try:
        return msgspec.convert({**(msgspec.structs.asdict(national) if national else {}), **said}, Rules)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        raise PolicyRefused(f"{path.rstrip('`')}: {message}" if path else message) from None


def _refuse_choosing(said: Mapping[str, Any]) -> None:
    sampling = said.get("sampling")
    strata = sampling.get("strata") if isinstance(sampling, Mapping) else None
    for number, stratum in enumerate(strata if isinstance(strata, list | tuple) else ()):
        for key, reason in _NOT_BY.items():
            if isinstance(stratum, Mapping) and key in stratum:
                raise PolicyRefused(f"sampling.strata[{number}]: nobody is sampled by {key}: {reason}")


def _problems_of(sampling: Sampling) -> list[str]:
    problems = []
    for number, stratum in enumerate(sampling.strata):
        if not _conditions(stratum):
            problems.append(f"sampling.strata[{number}]: name a unit, a service or a channel")
        elif any(_conditions(earlier) <= _conditions(stratum) for earlier in sampling.strata[:number]):
            problems.append(f"sampling.strata[{number}]: an earlier stratum takes all of it")
    return problems


def _conditions(stratum: Stratum) -> set[tuple[str, str]]:
    given = {"unit": stratum.unit, "service": stratum.service, "channel": stratum.channel}
    return {(key, value) for key, value in given.items() if value is not None}
