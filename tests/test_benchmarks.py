"""The benchmarks measure at any size; how fast this machine is today is not for a test to say."""

from pathlib import Path

import pytest

from benchmarks import fill, links, memory
from benchmarks.agency import links_in
from benchmarks.citizens import answer_all
from benchmarks.results import Goal, Result, as_data, as_table
from benchmarks.servers import serve_floor
from benchmarks.stores import PostgresStores, SqliteStores, Stores


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Stores:
    if request.param == "sqlite":
        return SqliteStores(tmp_path)
    return PostgresStores(request.getfixturevalue("postgres_server"))


def assert_sane(result: Result, repeats: int) -> None:
    """Ours costs something and not a thousand times the floor; every repetition is kept."""
    assert len(result.ours) == len(result.floor) == repeats
    assert 0.1 < result.ratio < 1000


def test_a_fill_is_measured_against_its_floor(stores: Stores) -> None:
    result = fill.measure(stores, fills=120, repeats=1, clients=4)
    assert_sane(result, 1)
    assert result.unit == "µs CPU per fill"
    assert 10 < min(result.floor) < min(result.ours) < 1e6
    assert "without the quiet work" in result.notes


def test_issuing_links_is_measured_by_the_clock_and_by_processor_time(stores: Stores) -> None:
    results = links.measure(stores, links=1000, repeats=1, phones=True)
    assert [result.unit for result in results] == ["µs per link", "µs CPU per link"]
    for result in results:
        assert_sane(result, 1)


def test_the_idle_process_is_measured_against_a_bare_one(tmp_path: Path) -> None:
    result = memory.measure(SqliteStores(tmp_path), repeats=1, settling=0.1)
    assert_sane(result, 1)
    assert 10 < min(result.floor) < min(result.ours) < 2000


def result_of(ours: list[float], most: float | None = None) -> Result:
    return Result("some work", "sqlite", "µs", ours, [10.0, 12.0], Goal(ratio=3, most=most))


def test_the_best_of_the_repetitions_counts_on_both_sides() -> None:
    assert result_of([40.0, 25.0]).ratio == 2.5


@pytest.mark.parametrize(
    ("ours", "most", "met"),
    [([30.0], None, True), ([31.0], None, False), ([25.0], 25, True), ([25.0], 24, False)],
)
def test_a_goal_is_met_when_neither_its_ratio_nor_its_bound_is_passed(
    ours: list[float], most: float | None, met: bool
) -> None:
    assert result_of(ours, most).met is met


def test_the_table_says_plainly_that_a_goal_was_missed_and_lists_every_repetition() -> None:
    told = as_table([result_of([40.0, 50.0])])
    assert "| some work | sqlite | µs | 40 | 10 | 4.00 | ≤ 3 × | NO |" in told
    assert "40, 50" in told
    assert as_data([result_of([40.0, 50.0])])[0]["met"] is False


def test_a_refused_fill_stops_the_measurement(tmp_path: Path) -> None:
    given = {
        "url": SqliteStores(tmp_path).empty(),
        "token_digest_key": "00" * 16,
        "row": {"instrument": "x", "day": 20261118},
        "pages": {"GET": "Zm9ybQ==", "POST": "dGhhbmtz"},
    }
    with serve_floor("floor_fill", given) as server, pytest.raises(RuntimeError, match="not the answer"):
        answer_all(server.port, ["NOSUCHLINK22"], "v=0", 1)


def test_a_refused_row_stops_the_measurement() -> None:
    answer = b'{"results": [{"status": "rejected", "row": 1, "reason": "no unit"}]}'
    with pytest.raises(RuntimeError, match="not accepted"):
        links_in(answer)
