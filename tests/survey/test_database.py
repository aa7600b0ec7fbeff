"""The ground: pragmas in force, statements prebuilt, and CHECKs that really refuse."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from factories import answer, connected, count, issue, rows
from sqlalchemy import CheckConstraint, bindparam, insert, select
from sqlmodel import SQLModel

import survey.models  # noqa: F401 - the tables register themselves
from survey.comments import series
from survey.database import Database, DatabaseError, Insertion, Statement, Tx, Unavailable
from survey.messaging import callbacks, opt_outs, outbox
from survey.messaging.incoming import Heard
from survey.messaging.models import Conversation
from survey.models import Agency, columns
from survey.platform import NotMigrated, Platform, open_platform
from survey.settings import Settings

# One way to break each CHECK, on a row that obeys all of them.
BREACHES = {
    ("api_key", "digest_length"): "digest = {blob15}",
    ("service_transaction", "channel_known"): "channel = 'pigeon'",
    ("service_transaction", "outcome_known"): "outcome = 'lost'",
    ("service_transaction", "day_range"): "day = 20",
    ("service_transaction", "sampling_probability_range"): "sampling_probability = 1.5",
    ("invitation", "state_known"): "state = 'forgotten', language = NULL, contact = NULL",
    ("invitation", "language_known"): "language = 'fr'",
    ("invitation", "token_digest_length"): "token_digest = {blob15}",
    ("invitation", "contact_purged_when_ended"): "state = 'answered'",
    ("response", "channel_known"): "channel = 'pigeon'",
    ("response", "mode_known"): "mode = 'dream'",
    ("response", "source_known"): "source = 'invented'",
    ("response", "language_known"): "language = 'fr'",
    ("response", "day_range"): "day = 20",
    ("response", "answered_positive"): "answered = 0",
    ("response", "score_sum_range"): "score_sum = 8",
    ("response", "masked_has_comment"): "masked = '{{}}', comment = NULL, reading = NULL",
    ("response", "read_after_masking"): "reading = '{{}}', masked = NULL",
    ("response", "imported_has_series"): "source = 'imported', mode = 'import'",
    ("response", "sealed_flag"): "sealed = 2",
    ("message", "message_kind_known"): "kind = 'letter', transaction_id = 1",
    ("message", "message_state_known"): "state = 'lost'",
    ("message", "message_reply_joins_nothing"): "transaction_id = 1",
    ("message", "message_purged_when_ended"): "state = 'delivered'",
    ("sms_callback", "callback_kind_known"): "kind = 'rumour'",
    ("sms_callback", "callback_state_known"): "state = 'lost'",
    ("sms_callback", "callback_purged_when_done"): "state = 'done'",
    ("conversation", "conversation_state_known"): "state = 'bored', draft = NULL, transaction_id = NULL",
    ("conversation", "conversation_language_known"): "language = 'fr'",
    ("conversation", "conversation_purged_when_ended"): "state = 'ended'",
    ("opt_out", "opt_out_source_known"): "source = 'rumour'",
    ("comment_series", "comment_series_kind_known"): "kind = 'oracle'",
    ("comment_series", "comment_series_state_known"): "state = 'lost'",
    ("comment_series", "comment_series_learned_has_model"): "kind = 'learned'",
}


def declared_checks() -> set[tuple[str, str]]:
    return {
        (table.name, str(check.name))
        for table in SQLModel.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }


@pytest.fixture
def filled(platform: Platform) -> Platform:
    open_and_answered = issue(platform, 2, phone="+6281234567890")
    answer(platform, str(open_and_answered[1].code))
    platform.writer.call(_say_something, platform)
    return platform


def _say_something(tx: Tx, items: Sequence[Platform]) -> list[None]:
    """One row of each table of messaging, with everything a row can hold."""
    keys, now = items[0].settings.keys, items[0].now()
    outbox.enqueue_replies(tx, [outbox.ReplyOut(keys, "+6281234567890", "terima kasih", now)])
    heard = Heard("id", "+6281234567890", "99777", "4 3 4")
    callbacks.store(tx, [callbacks.Raw(keys, "kannel", "inbound", heard, now * 1000)])
    opt_outs.add(tx, [opt_outs.OptingOut(keys.phone_digests("+6281234567890")[0], "word", 20261118)])
    conversation = {
        "phone_digest": keys.phone_digests("+6281234567890")[0],
        "state": "asking",
        "agency_id": 1,
        "transaction_id": 1,
        "instrument": "skm-2017.1",
        "language": "id",
        "draft": keys.seal_text("{}"),
        "hints": 0,
        "last_text": None,
        "changed_at": now,
        "expires_at": now + 60,
    }
    tx.many(Insertion(Conversation), [conversation])
    series.begin(tx, [series.NewSeries("lexicon-1", "lexicon", now, {})])
    return [None]


def test_every_declared_check_is_tried_below() -> None:
    assert set(BREACHES) == declared_checks()


def test_the_database_itself_refuses_a_value_that_breaks_a_check(
    filled: Platform, subtests: pytest.Subtests
) -> None:
    blob15 = "x'" + "00" * 15 + "'" if filled.database.sqlite else "decode(repeat('00', 15), 'hex')"
    refusals = (sqlite3.IntegrityError, psycopg.errors.CheckViolation)
    for (table, check), change in BREACHES.items():
        assert count(filled.database, table) > 0
        with (
            subtests.test(table=table, check=check),
            connected(filled.database) as connection,
            pytest.raises(refusals, match=check),
        ):
            connection.execute(f"UPDATE {table} SET {change.format(blob15=blob15)}")


def test_a_response_for_a_unit_that_is_not_there_is_refused(filled: Platform) -> None:
    with (
        connected(filled.database) as connection,
        pytest.raises((sqlite3.IntegrityError, psycopg.errors.ForeignKeyViolation)),
    ):
        connection.execute("UPDATE response SET unit_id = 99")


def test_an_agency_reference_can_stand_only_once(filled: Platform) -> None:
    with (
        connected(filled.database) as connection,
        pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation)),
    ):
        connection.execute("UPDATE service_transaction SET external_ref = 'the same'")


@pytest.fixture
def sqlite_connections(tmp_path: Path) -> Iterator[list[Any]]:
    """A plain connection and one of the engine's, which must be set up alike."""
    database = Database(f"sqlite:///{tmp_path / 'pragmas.db'}")
    plain = database.connect()
    with database.engine.connect() as pooled:
        yield [plain, pooled.connection.driver_connection]
    plain.close()
    database.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_every_sqlite_connection_has_the_pragma_in_force(
    sqlite_connections: list[Any], pragma: str, value: object
) -> None:
    for connection in sqlite_connections:
        assert connection.execute(f"PRAGMA {pragma}").fetchone()[0] == value


def test_every_sqlite_connection_waits_for_a_busy_database(sqlite_connections: list[Any]) -> None:
    for connection in sqlite_connections:
        assert connection.execute("PRAGMA busy_timeout").fetchone()[0] >= 10_000


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_postgresql_waits_for_the_disk_before_it_acknowledges(platform: Platform) -> None:
    with connected(platform.database) as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone()[0] == "on"


def test_the_response_table_has_no_hidden_row_number(platform: Platform) -> None:
    hidden = "rowid" if platform.database.sqlite else "oid"
    with (
        connected(platform.database) as connection,
        pytest.raises((sqlite3.OperationalError, psycopg.errors.UndefinedColumn), match=hidden),
    ):
        connection.execute(f"SELECT {hidden} FROM response")


def test_the_row_number_test_can_fail_where_a_table_has_one(platform: Platform) -> None:
    hidden = "rowid" if platform.database.sqlite else "ctid"
    assert len(rows(platform.database, f"SELECT {hidden} FROM agency")) == 1


def test_a_statement_is_compiled_once_per_database(database: Database) -> None:
    statement = Statement(select(columns(Agency).id).where(columns(Agency).code == bindparam("by_code")))
    assert statement.compiled(database.dialect) is statement.compiled(database.dialect)


def test_a_statement_keeps_its_constants_and_takes_its_parameters(database: Database) -> None:
    agency = columns(Agency)
    both = Statement(select(agency.id).where(agency.code == "fixed", agency.name == bindparam("by_name")))
    add = Statement(insert(Agency).values({c.name: bindparam(c.name) for c in agency}))
    with connected(database) as connection:
        tx = Tx(connection, database.dialect)
        tx.many(add, [{"id": 1, "code": "fixed", "name": "a"}, {"id": 2, "code": "other", "name": "a"}])
        assert tx.all(both, {"by_name": "a"}) == [(1,)]
        assert tx.one(both, {"by_name": "b"}) is None
        assert tx.each(both, [{"by_name": "b"}, {"by_name": "a"}, {"by_name": "c"}]) == [None, (1,), None]


def test_a_hostile_value_stays_a_value(database: Database) -> None:
    hostile = "'; DROP TABLE agency; --"
    add = Statement(insert(Agency).values({c.name: bindparam(c.name) for c in columns(Agency)}))
    with connected(database) as connection:
        Tx(connection, database.dialect).many(add, [{"id": 1, "code": hostile, "name": "%s %(x)s :x ?"}])
    assert rows(database, "SELECT code, name FROM agency") == [(hostile, "%s %(x)s :x ?")]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name"])
def test_a_database_that_cannot_be_used_is_refused_with_the_reason(url: str) -> None:
    with pytest.raises(DatabaseError, match=r"sqlite:///"):
        Database(url)


def test_a_postgresql_nobody_answers_at_is_unavailable(tmp_path: Path) -> None:
    database = Database(f"postgresql:///name?host={tmp_path}")
    with pytest.raises(Unavailable):
        database.connect()


def test_a_sqlite_file_in_a_place_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "directory.db").mkdir()
    with pytest.raises(Unavailable):
        Database(f"sqlite:///{tmp_path / 'directory.db'}").connect()


def test_a_database_without_the_schema_is_never_served_and_the_way_out_is_said(
    settings: Settings, tmp_path: Path
) -> None:
    empty = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'empty.db'}"})
    with pytest.raises(NotMigrated, match="percaya migrate"):
        open_platform(empty)
