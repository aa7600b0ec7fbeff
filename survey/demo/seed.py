"""Fill a database with the demonstration country: the same tables, statements and rules as real data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, delete, func, select
from sqlmodel import SQLModel

from survey import tokens
from survey.agencies import NewUnit, register_agencies, register_services, register_units
from survey.answers import read_values
from survey.clock import as_date, as_day, day_in
from survey.comments.judge import Judge, appoint
from survey.comments.readings import Readings, pack, with_entry
from survey.comments.scoring import scores_of
from survey.database import Statement, Tx
from survey.demo.country import MARK, Country, country
from survey.demo.journeys import Journey, journeys
from survey.instruments import Instrument
from survey.ledger import DAY_SECONDS, INSERT_INVITATION, INSERT_TRANSACTION, Report, fingerprint_of
from survey.models import Agency, AgencyMonth, columns
from survey.responses import INSERT_RESPONSE, response_row
from survey.settings import Settings, SettingsError
from survey.writer import Writer

SEED = 2026
MONTHS = 18
JOURNEYS_PER_COMMIT = 5000
COUNT_AGENCIES = Statement(select(func.count()).select_from(Agency))
ANY_TALLY = Statement(select(columns(AgencyMonth).agency_id).limit(1))
ANY_REAL_AGENCY = Statement(
    select(columns(Agency).id).where(columns(Agency).name.not_like(bindparam("mark"))).limit(1)
)
CLEAR = [Statement(delete(table)) for table in reversed(SQLModel.metadata.sorted_tables)]

Places = dict[str, tuple[int, dict[str, tuple[int, str]], dict[str, int]]]


@dataclass(frozen=True)
class _Batch:
    """Journeys to store, with what their rows need."""

    journeys: Sequence[Journey]
    places: Places
    instrument: Instrument
    settings: Settings
    judge: Judge
    now: int


def first_month(now: int) -> int:
    """The first of the eighteen months (``yyyymm``) that end at UTC epoch second ``now``."""
    year, month = divmod(day_in("Asia/Jakarta", now) // 100, 100)
    earlier = year * 12 + month - 1 - (MONTHS - 1)
    return earlier // 12 * 100 + earlier % 12 + 1


def demo_country(now: int) -> Country:
    """The demonstration country whose story ends now."""
    return country(SEED, story_begins=first_month(now))


class Filling(StrEnum):
    """How far a database is filled."""

    EMPTY = "empty"
    UNFINISHED = "unfinished"
    FILLED = "filled"


def find_filling(tx: Tx, items: Sequence[None]) -> list[Filling]:
    """How far the database is filled; unfinished when a filling was interrupted before it was counted."""
    if (tx.one(COUNT_AGENCIES) or (0,))[0] == 0:
        return [Filling.EMPTY for _ in items]
    interrupted = tx.one(ANY_TALLY) is None and tx.one(ANY_REAL_AGENCY, {"mark": f"%{MARK}"}) is None
    return [Filling.UNFINISHED if interrupted else Filling.FILLED for _ in items]


def clear(tx: Tx, items: Sequence[None]) -> list[None]:
    """Empty every table after an interrupted filling."""
    for statement in CLEAR:
        tx.run(statement)
    return [None for _ in items]


def seed(writer: Writer, settings: Settings, instrument: Instrument, now: int) -> Iterator[int]:
    """Store the demonstration country up to yesterday; yields how many transactions are stored so far.

    Raises:
        SettingsError: a file of the deployment's own words has an error.
    """
    land = demo_country(now)
    places = _register(writer, land)
    judge = _appoint(writer, settings, now)
    begin = as_date(first_month(now) * 100 + 1)
    yesterday = as_date(day_in("Asia/Jakarta", now)) - timedelta(days=1)
    stream = journeys(land, seed=SEED, first_day=begin, last_day=yesterday)
    stored = 0
    while batch := list(islice(stream, JOURNEYS_PER_COMMIT)):
        writer.call(_store, _Batch(batch, places, instrument, settings, judge, now))
        stored += len(batch)
        yield stored


def _appoint(writer: Writer, settings: Settings, now: int) -> Judge:
    try:
        return appoint(writer, settings.words_dir, now)
    except (ValueError, OSError) as error:
        raise SettingsError(f"PERCAYA_WORDS_DIR: {error}") from None


def _register(writer: Writer, land: Country) -> Places:
    places: Places = {}
    for agency in land.agencies:
        number = writer.call(register_agencies, (agency.code, agency.name))
        units = {
            unit.code: (
                writer.call(register_units, NewUnit(number, unit.code, unit.name, unit.timezone, unit.place)),
                unit.timezone,
            )
            for unit in agency.units
        }
        services = {
            service.code: writer.call(register_services, (number, service.code, service.name))
            for service in agency.services
        }
        places[agency.code] = (number, units, services)
    return places


def _store(tx: Tx, batches: Sequence[_Batch]) -> list[None]:
    for batch in batches:
        transactions, invitations, responses = [], [], []
        for journey in batch.journeys:
            transaction, invitation, response = _rows(journey, batch)
            transactions.append(transaction)
            invitations.append(invitation)
            if response is not None:
                responses.append(response)
        tx.many(INSERT_TRANSACTION, transactions)
        tx.many(INSERT_INVITATION, invitations)
        # In the order of their random ids, so that not even the demonstration shows who answered what.
        tx.many(INSERT_RESPONSE, sorted(responses, key=lambda row: row["id"]))
    return [None] * len(batches)


def _rows(journey: Journey, batch: _Batch) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]:
    agency_id, units, services = batch.places[journey.agency]
    unit_id, zone = units[journey.unit]
    keys = batch.settings.keys
    finished_at = int(journey.finished_at.timestamp())
    day = day_in(zone, finished_at)
    transaction_id = tokens.draw_id()
    expires_at = finished_at + batch.settings.invitation_days * DAY_SECONDS
    common = {
        "agency_id": agency_id,
        "unit_id": unit_id,
        "service_id": services[journey.service],
        "channel": journey.channel,
    }
    transaction = common | {
        "id": transaction_id,
        "outcome": journey.outcome,
        "finished_at": finished_at,
        "day": day,
        "officer_digest": keys.digest("officer", str(agency_id), journey.officer),
        "external_ref": journey.external_ref,
        "fingerprint": fingerprint_of(keys, agency_id, _report(journey, finished_at)),
        "request_id": 0,
        "sampling_probability": 1.0,
        "recorded_at": finished_at,
    }
    response = _response(journey, batch, common, as_date(day))
    state = "answered" if response else "open" if expires_at > batch.now else "expired"
    code = tokens.link_code(keys.token, transaction_id)
    invitation = common | {
        "transaction_id": transaction_id,
        "token_digest": tokens.digest(keys.token_digest, code),
        "state": state,
        "day": day,
        "timezone": zone,
        "instrument": batch.instrument.id,
        "language": journey.language if state == "open" else None,
        "contact": None,
        "expires_at": expires_at,
    }
    return transaction, invitation, response


def _report(journey: Journey, finished_at: int) -> Report:
    return Report(
        journey.unit,
        journey.service,
        journey.channel,
        journey.outcome,
        finished_at,
        journey.external_ref,
        journey.officer,
        journey.language,
        None,
    )


def _response(journey: Journey, batch: _Batch, common: dict[str, Any], served: date) -> dict[str, Any] | None:
    given = journey.response
    if given is None:
        return None
    answered_on = as_day(served + timedelta(days=given.day_lag))
    if answered_on >= day_in("Asia/Jakarta", batch.now):
        return None
    answers = read_values(
        batch.instrument,
        {**given.answers, **given.trust},
        comment=given.comment,
        profile=given.profile,
        language=given.language,
    )
    row = response_row(
        answers,
        id=tokens.draw_id(),
        mode=given.mode,
        source="invited",
        language=given.language,
        day=answered_on,
        instrument=batch.instrument.id,
        **common,
    )
    if answers.comment is not None:
        entry = batch.judge.read(answers.comment, scores_of(batch.instrument.layout, answers.values))
        row["reading"] = pack(with_entry(Readings({}), batch.judge.series.id, entry))
    return row
