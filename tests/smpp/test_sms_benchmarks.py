"""The benchmarks of SMS measure at any size; how fast this machine is today is not for a test to say."""

from pathlib import Path

import pytest

from benchmarks import sms, sms_queue
from benchmarks.results import Result
from benchmarks.stores import PostgresStores, SqliteStores, Stores
from tests.smpp.kannel import Kannel


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Stores:
    if request.param == "sqlite":
        return SqliteStores(tmp_path)
    return PostgresStores(request.getfixturevalue("postgres_server"))


def assert_sane(result: Result, least: float, most: float) -> None:
    assert len(result.ours) == len(result.floor) == 1
    assert least < min(result.floor) < most
    assert least < min(result.ours) < most


def test_sending_is_measured_by_the_clock_and_by_processor_time(stores: Stores, kannel: Kannel) -> None:
    wall, processor = sms.measure(stores, kannel, messages=100, repeats=1)
    assert (wall.unit, processor.unit) == ("µs per message", "µs CPU per message")
    assert_sane(wall, 100, 1e7)
    assert_sane(processor, 50, 1e6)
    assert "messages a second until reported, ours and floor" in wall.notes


def test_both_ways_send_the_same_number_of_messages(tmp_path: Path, kannel: Kannel) -> None:
    bench = sms._Bench(SqliteStores(tmp_path), kannel, tmp_path, 100)
    bench.send()
    ours = kannel.smsc.messages()
    assert len({message.recipient for message in ours}) == len(ours) == 100 + sms.WARM
    bench.call()
    floor = kannel.smsc.messages()
    assert len({message.recipient for message in floor}) == len(floor) == 100
    # The bare loop sends a text as long as an invitation is.
    assert abs(len(floor[0].text) - len(ours[0].text)) < 20
    assert {len(message.parts) for message in (*ours, *floor)} == {1}


def test_a_long_queue_is_measured_beside_a_short_one(tmp_path: Path, kannel: Kannel) -> None:
    memory, claim = sms_queue.measure(SqliteStores(tmp_path), kannel, many=3000, few=500)
    assert_sane(memory, 20, 2000)
    assert_sane(claim, 0.01, 1e4)


def test_the_segments_of_every_language_are_told() -> None:
    rows = sms_queue.segments_table().splitlines()[2:]
    assert [row.split("|")[1].strip() for row in rows] == ["id", "en", "jv", "su"]
    assert all(int(row.split("|")[-2]) <= 160 for row in rows)
