"""Comments of before there was masking: what the migration does with a database that has answers."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from factories import answer, answers, connected, count, issue, rows
from sqlalchemy import inspect

from survey import migrations, tallies
from survey.comments.readings import unpack
from survey.database import Database
from survey.platform import Platform, open_platform
from survey.sealing import seal
from survey.settings import Settings
from tests.conftest import Clock, register

RUDE = "Bu Ratna jutek, hubungi 0812-3456-7890"
KEPT = "agency_id, id, unit_id, service_id, channel, mode, source, language, day, instrument, answers, sealed"


@pytest.fixture
def before(settings: Settings, clock: Clock) -> dict[str, Any]:
    """A database of the revision before with sealed and fresh answers; what was in it."""
    with closing(open_platform(settings, clock)) as platform:
        register(platform)
        say(platform, 0, "sudah disegel", None)
        clock.at += 2 * 86_400
        assert seal(platform.database, platform.now()) == 2
        say(platform, 2, "belum disegel", None)
        tallies.refresh_all(platform.writer, platform.definition)
        kept = {
            "answers": rows(platform.database, f"SELECT {KEPT} FROM response ORDER BY id"),
            "tallies": platform.writer.call(tallies.read_kept, None),
        }
    with closing(Database(settings.database_url)) as database:
        migrations.downgrade(database, "0002")
        with connected(database) as connection:
            written = f"UPDATE response SET comment = '{RUDE}', sentiment = -500, sentiment_version = 'old'"
            connection.execute(f"{written} WHERE comment IS NOT NULL")
        migrations.upgrade(database)
    return kept


def say(platform: Platform, start: int, *comments: str | None) -> None:
    for one, comment in zip(issue(platform, len(comments), start), comments, strict=True):
        answer(platform, str(one.code), answers(platform, None, comment))


@pytest.fixture
def after(before: dict[str, Any], settings: Settings, clock: Clock) -> Iterator[Platform]:
    """The same installation once it was migrated."""
    with closing(open_platform(settings, clock)) as platform:
        yield platform


def test_no_answer_changes_and_what_is_sealed_stays_sealed(before: dict[str, Any], after: Platform) -> None:
    assert rows(after.database, f"SELECT {KEPT} FROM response ORDER BY id") == before["answers"]
    assert count(after.database, "response", "sealed = 1") == 2
    assert count(after.database, "response", "masked IS NULL AND reading IS NULL") == 4


def test_everything_is_counted_again_to_the_same(before: dict[str, Any], after: Platform) -> None:
    assert after.writer.call(tallies.read_kept, None) == []
    tallies.refresh_all(after.writer, after.definition)
    assert after.writer.call(tallies.read_kept, None) == before["tallies"]


def test_every_comment_of_before_is_masked_and_read_by_the_worker(after: Platform) -> None:
    after.worker.turn()
    found = rows(after.database, "SELECT comment, masked, reading FROM response WHERE comment IS NOT NULL")
    assert {(comment, masked) for comment, masked, _ in found} == {
        ("Bu [nama] jutek, hubungi [telepon]", '{"name":1,"phone":1}')
    }
    assert [unpack(reading).entries[1].label for _, _, reading in found] == [-1, -1]
    assert count(after.database, "response", "sealed = 1") == 2


def test_the_table_of_answers_keeps_its_indexes_and_on_sqlite_no_row_numbers(after: Platform) -> None:
    indexes = {index["name"]: index for index in inspect(after.database.engine).get_indexes("response")}
    assert {"response_unit_day", "response_unread"} <= set(indexes)
    condition = str(next(iter(indexes["response_unread"]["dialect_options"].values())))
    assert "reading IS NULL" in condition
    if after.database.sqlite:
        with pytest.raises(sqlite3.OperationalError, match="rowid"):
            rows(after.database, "SELECT rowid FROM response")


def test_a_comment_that_names_a_reading_must_have_been_masked(after: Platform) -> None:
    with (
        connected(after.database) as connection,
        pytest.raises(after.database.driver.IntegrityError, match="read_after_masking"),
    ):
        connection.execute("UPDATE response SET reading = '{}' WHERE comment IS NOT NULL")
