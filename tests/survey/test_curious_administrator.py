"""The curious administrator: a full dump of the sealed database links no answer to its invitation.

The dump holds every column of every table, and the hidden ones: SQLite's row number, PostgreSQL's
``xmin`` and ``ctid``. All invitations are of one unit, service, channel and day, so that nothing but a
leak could tell them apart. An attack is any pair of columns, one known of the invitations and one of the
responses: by equal values, by matching in the order of both, and by correlation of both orders. The true
pairs are known to the test alone. On PostgreSQL before sealing the same attacks must succeed.
"""

import itertools
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from factories import connected, count, rows
from scipy import stats
from stories import ANSWERS, Story, seal_the_day

from survey import tallies
from survey.database import Database
from survey.ledger import DAY_SECONDS
from survey.platform import Platform
from survey.sealing import seal

# Chance gives a matching one right pair on average (Poisson): thirteen or more have odds of 6e-11, and a
# rank correlation over 200 pairs has a standard deviation of 0.071: 0.47 is 6.6 of them, odds of 4e-11.
# With some two thousand attacks in the whole test a false alarm is less likely than one in a million.
MOST_HITS = 13
MOST_CORRELATION = 0.47
MOST_ADVANTAGE = 0.25  # of the share of equal values among true pairs over that among all pairs


Table = dict[int, dict[str, Any]]


WITHOUT_ROW_NUMBERS = {"response", "conversation", "last_contact", "opt_out"}


def dump(database: Database, table: str, key: str) -> Table:
    """Every column of a table by its key, hidden ones included."""
    hidden = ["xmin::text::bigint AS xmin", "ctid::text AS ctid"]
    if database.sqlite:
        hidden = [] if table in WITHOUT_ROW_NUMBERS else ["rowid AS hidden_rowid"]
    with connected(database) as connection:
        cursor = connection.execute(f"SELECT {', '.join([*hidden, '*'])} FROM {table}")
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, map(comparable, row), strict=True)) for row in cursor.fetchall()]
    return {row[key]: row for row in found}


def comparable(value: Any) -> Any:
    """A value that can be ordered among its like: places in the file by block and line, bytes as they are."""
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, str) and value.startswith("(") and value.endswith(")"):
        block, line = value[1:-1].split(",")
        return int(block) * 10_000 + int(line)
    return value


on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


class Attack(NamedTuple):
    """How well a pair of columns links: right matches, correlation of orders, advantage of equality."""

    columns: tuple[str, str]
    hits: int
    correlation: float
    advantage: float

    @property
    def links(self) -> bool:
        return (
            self.hits >= MOST_HITS
            or abs(self.correlation) > MOST_CORRELATION
            or self.advantage > MOST_ADVANTAGE
        )


def ranks(values: list[Any], drawn: random.Random) -> np.ndarray:
    """The place of each value in the order of all; what is equal stands in a random order."""
    order = sorted(
        range(len(values)), key=lambda at: (values[at] is not None, values[at] or 0, drawn.random())
    )
    place = np.empty(len(values), dtype=int)
    place[order] = np.arange(len(values))
    return place


def attack(invited: list[Any], answered: list[Any], columns: tuple[str, str]) -> Attack:
    """Try to link rows that truly belong together (position by position) by one column of each side."""
    drawn = random.Random(7)
    one, other = ranks(invited, drawn), ranks(answered, drawn)
    hits = max(int((one == other).sum()), int((one == len(one) - 1 - other).sum()))
    varied = len(set(invited)) > 1 and len(set(answered)) > 1
    correlation = float(stats.spearmanr(one, other).statistic) if varied else 0.0
    equal_pairs = sum(a == b and a is not None for a, b in zip(invited, answered, strict=True))
    shares = {value: answered.count(value) for value in set(answered)}
    by_chance = sum(shares.get(value, 0) for value in invited if value is not None) / len(answered)
    return Attack(columns, hits, correlation, (equal_pairs - by_chance) / len(invited))


def attacks(platform: Platform, story: Story) -> Iterator[Attack]:
    """Every pair of a column known of the invitations and a column of the responses."""
    invitation = dump(platform.database, "invitation", "transaction_id")
    ledger = dump(platform.database, "service_transaction", "id")
    response = dump(platform.database, "response", "id")
    assert set(response) == set(story.truth.values())
    pairs = [
        (
            {**{f"ledger.{name}": value for name, value in ledger[one].items()}, **invitation[one]},
            response[other],
        )
        for one, other in story.truth.items()
    ]
    for of_invitation, of_response in itertools.product(pairs[0][0], pairs[0][1]):
        invited = [pair[0][of_invitation] for pair in pairs]
        answered = [pair[1][of_response] for pair in pairs]
        yield attack(invited, answered, (of_invitation, of_response))


# Reading a comment rewrites its row, and with it the traces: none is read, or before the seal, or after it.
@pytest.mark.parametrize("read", ["never", "before", "after"])
def test_after_sealing_no_pair_of_columns_links_better_than_chance(
    platform: Platform, story: Story, clock: Any, read: str
) -> None:
    while read == "before" and platform.scorer.turn():
        pass
    seal_the_day(platform, clock)
    while read == "after" and platform.scorer.turn():
        pass
    tried = list(attacks(platform, story))
    assert len(tried) > 500
    assert [one for one in tried if one.links] == []


@on_postgres
def test_before_sealing_the_same_attacks_link_on_postgresql(platform: Platform, story: Story) -> None:
    linking = {one.columns: one for one in attacks(platform, story) if one.links}
    assert linking["xmin", "xmin"].hits == ANSWERS or linking["xmin", "xmin"].correlation > 0.9


def test_an_attack_finds_a_leak_that_is_put_in(platform: Platform, story: Story, clock: Any) -> None:
    seal_the_day(platform, clock)
    with connected(platform.database) as connection:
        for place, transaction in enumerate(story.answered_in_order):
            connection.execute(
                f"UPDATE response SET instrument = '{place:05d}' WHERE id = {story.truth[transaction]}"
            )
            connection.execute(
                f"UPDATE invitation SET instrument = '{place:05d}' WHERE transaction_id = {transaction}"
            )
    linking = [one.columns for one in attacks(platform, story) if one.links]
    assert ("instrument", "instrument") in linking


def test_no_other_table_has_a_row_of_a_single_answer(platform: Platform, story: Story, clock: Any) -> None:
    seal_the_day(platform, clock)
    assert count(platform.database, "dirty") == 0
    assert count(platform.database, "idempotency_key") == 0
    for table in ("tally_unit_day", "tally_unit_month", "tally_agency_month"):
        assert count(platform.database, table, "source = 'invited'") == 1


def test_sealing_changes_no_answer_and_no_count(platform: Platform, story: Story, clock: Any) -> None:
    everything_but_the_seal = (
        "SELECT id, answers, comment, masked, reading, language, day FROM response ORDER BY id"
    )
    while platform.scorer.turn():
        pass
    before = rows(platform.database, everything_but_the_seal)
    tallies.refresh_all(platform.writer, platform.definition)
    counts = platform.writer.call(tallies.read_kept, None)
    seal_the_day(platform, clock)
    assert rows(platform.database, everything_but_the_seal) == before
    for _ in tallies.rebuild(platform.writer, platform.definition):
        pass
    assert platform.writer.call(tallies.read_kept, None) == counts


def test_only_days_that_are_over_in_every_zone_are_sealed(
    platform: Platform, story: Story, clock: Any
) -> None:
    assert seal(platform.database, platform.now()) == 0
    clock.at = 1_795_021_199  # 2026-11-18 23:59:59 in Jakarta; in Jayapura it is the next day already
    assert seal(platform.database, platform.now() - DAY_SECONDS) == 0
    assert count(platform.database, "response", "sealed = 1") == 0
    clock.at += DAY_SECONDS
    assert seal(platform.database, platform.now()) == ANSWERS
    assert seal(platform.database, platform.now()) == 0
