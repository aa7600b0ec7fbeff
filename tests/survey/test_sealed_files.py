"""The curious administrator reads the files themselves: after sealing they keep no order and no past."""

import struct
from pathlib import Path
from typing import Any

import pytest
from factories import connected, count, rows
from scipy import stats
from stories import ANSWERS, Story, seal_the_day

from survey import responses
from survey.database import Database
from survey.ledger import DAY_SECONDS
from survey.platform import Platform
from survey.sealing import seal

PAGE = 4096
# A rank correlation over 200 pairs has a standard deviation of 0.071: this is 6.6 of them.
MOST_CORRELATION = 0.47


def lines_in_pages(database: Database, table: str) -> int:
    """How many row versions, living or dead, the pages of a PostgreSQL table hold (line pointers in use)."""
    with connected(database) as connection:
        connection.execute("CHECKPOINT")
        path = connection.execute(f"SELECT pg_relation_filepath('{table}')").fetchone()[0]
        data = bytes(connection.execute("SELECT pg_read_binary_file(%s)", (path,)).fetchone()[0])
    found = 0
    for start in range(0, len(data), 8192):
        (end_of_pointers,) = struct.unpack_from("<H", data, start + 12)
        for at in range(start + 24, start + end_of_pointers, 4):
            found += struct.unpack_from("<I", data, at)[0] >> 15 & 3 == 1
    return found


KEPT_CLEAN = (
    "response",
    "invitation",
    "dirty",
    "tally_unit_day",
    "tally_unit_month",
    "tally_agency_month",
)


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_after_sealing_no_overwritten_version_of_a_row_is_left_in_postgresqls_pages(
    platform: Platform, story: Story, clock: Any
) -> None:
    # Each count of the day that was replaced tells the answers of a few minutes, beside its transaction.
    assert lines_in_pages(platform.database, "tally_unit_day") > count(platform.database, "tally_unit_day")
    seal_the_day(platform, clock)
    for table in KEPT_CLEAN:
        assert lines_in_pages(platform.database, table) == count(platform.database, table), table


def file_of(platform: Platform, suffix: str = "") -> bytes:
    path = Path(f"{platform.database.url.database}{suffix}")
    return path.read_bytes() if path.exists() else b""


def order_within_pages(data: bytes, marks: list[bytes]) -> float:
    """The mean rank correlation, page by page, of where marks lie with the order they are given in.

    A page fills from its end: rows in the order of writing give −1 for each page, no order gives about 0.
    """
    pages: dict[int, list[tuple[int, int]]] = {}
    for place, mark in enumerate(marks):
        at = data.find(mark)
        if at >= 0:
            pages.setdefault(at // PAGE, []).append((at, place))
    found = [
        (len(inside), float(stats.spearmanr(*zip(*inside, strict=True)).statistic))
        for inside in pages.values()
        if len(inside) > 2
    ]
    return sum(n * correlation for n, correlation in found) / sum(n for n, _ in found)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_bytes_of_a_sealed_sqlite_file_keep_no_order_of_answering(
    platform: Platform, story: Story, clock: Any
) -> None:
    comments = [story.markers[story.truth[number]].encode() for number in story.answered_in_order]
    log = file_of(platform, "-wal")
    logged = [log.find(comment) for comment in comments]
    assert stats.spearmanr(range(ANSWERS), logged).statistic > MOST_CORRELATION, (
        "the log should have shown the order"
    )
    seal_the_day(platform, clock)
    assert file_of(platform, "-wal") == b""
    data = file_of(platform)
    assert all(data.count(comment) == 1 for comment in comments)
    whole = [data.find(comment) for comment in comments]
    assert abs(stats.spearmanr(range(ANSWERS), whole).statistic) < MOST_CORRELATION
    assert abs(order_within_pages(data, comments)) < MOST_CORRELATION


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_bytes_of_a_sealed_sqlite_file_keep_no_order_of_redeeming(
    platform: Platform, story: Story, clock: Any
) -> None:
    digests = {
        number: bytes(digest)
        for number, digest in rows(platform.database, "SELECT transaction_id, token_digest FROM invitation")
    }
    in_order = [digests[number] for number in story.answered_in_order]
    seal_the_day(platform, clock)
    assert abs(order_within_pages(file_of(platform), in_order)) < MOST_CORRELATION


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_order_of_writing_within_pages_would_be_found(
    platform: Platform, story: Story, clock: Any
) -> None:
    seal_the_day(platform, clock)
    data = file_of(platform)
    by_key = [story.markers[number].encode() for number in sorted(story.markers)]
    assert abs(order_within_pages(data, by_key)) > 0.8


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_erased_answer_is_nowhere_in_the_sqlite_file_after_sealing(
    platform: Platform, story: Story, clock: Any
) -> None:
    erased = story.truth[story.answered_in_order[0]]
    assert platform.writer.call(responses.erase, erased)
    clock.at += 2 * DAY_SECONDS
    assert seal(platform.database, platform.now()) == ANSWERS - 1
    assert story.markers[erased].encode() not in file_of(platform) + file_of(platform, "-wal")
