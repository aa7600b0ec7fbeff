"""Issuing, answering, expiring, erasing, counting and sealing in any order agree with a plain model."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from factories import ELEMENTS, INSTRUMENT, answer, answers, connected, count, issue, rows
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import SQLModel

from analysis.sentiment import lexicon_analyzer, to_fixed
from analysis.tally import Answered, tally_responses
from analysis.themes import finder, per_theme
from survey import responses, tallies
from survey.ledger import DAY_SECONDS
from survey.platform import Platform
from survey.responses import LinkQuery, LinkState
from survey.sealing import seal
from survey.tokens import digest
from survey.work import expire

START = 1_795_014_400  # 15:06:40 UTC: still today in Jakarta, tomorrow already in Jayapura
UNITS = {"u1": (1, 7 * 3600), "u2": (2, 9 * 3600)}
COMMENTS = st.sampled_from([None, "The staff were friendly and fast", "Terrible queue", "Petugas ramah"])
VALUES = st.fixed_dictionaries(dict.fromkeys(ELEMENTS, st.sampled_from([1, 2, 3, 4, 4, None])))


@dataclass
class ModelLink:
    """What the model knows of a link."""

    unit: str
    day: int
    expires_at: int
    state: LinkState = LinkState.OPEN


@dataclass
class ModelResponse:
    """What the model knows of an answer."""

    unit: str
    day: int
    values: str
    comment: str | None
    language: str
    read: bool = False


def day_at(unit: str, moment: int) -> int:
    """The day it is in a unit's zone: by hand, whole days since a known one."""
    days = (moment + UNITS[unit][1]) // DAY_SECONDS
    found = date(1970, 1, 1) + timedelta(days=days)
    return found.year * 10_000 + found.month * 100 + found.day


class Journey(RuleBasedStateMachine):
    """The platform and its model, side by side."""

    platform: Platform
    clock: Any
    links = Bundle("links")
    receipts = Bundle("receipts")

    def __init__(self) -> None:
        super().__init__()
        self.clock.at = START
        self.issued: dict[str, ModelLink] = {}
        self.given: dict[str, ModelResponse] = {}
        self.number = 0
        with connected(self.platform.database) as connection:
            for table in reversed(SQLModel.metadata.sorted_tables):
                if table.name not in ("agency", "service_unit", "service"):
                    connection.execute(f"DELETE FROM {table.name}")

    @rule(target=links, unit=st.sampled_from(sorted(UNITS)), phone=st.sampled_from([None, "+6281234567890"]))
    def issue_a_link(self, unit: str, phone: str | None) -> str:
        self.number += 1
        made = issue(self.platform, start=self.number, unit=unit, phone=phone)[0]
        code = str(made.code)
        self.issued[code] = ModelLink(
            unit, day_at(unit, self.clock.at - 3600), self.clock.at + 14 * DAY_SECONDS
        )
        return code

    def state(self, code: str) -> LinkState:
        link = self.issued[code]
        if link.state is LinkState.OPEN and self.clock.at >= link.expires_at:
            return LinkState.EXPIRED
        return link.state

    @rule(code=links)
    def open_a_link(self, code: str) -> None:
        query = LinkQuery(digest(self.platform.settings.keys.token_digest, code), self.clock.at)
        found = self.platform.writer.call(responses.find_links, query)
        assert found.state is self.state(code)

    @rule(
        target=receipts,
        code=links,
        values=VALUES,
        comment=COMMENTS,
        language=st.sampled_from(["id", "en"]),
    )
    def answer_a_link(
        self, code: str, values: dict[str, int | None], comment: str | None, language: str
    ) -> str:
        if sum(value is not None for value in values.values()) < 5:
            values = values | dict.fromkeys(ELEMENTS[:5], 2)
        given = answers(self.platform, values, comment)
        expected = self.state(code)
        sent = answer(self.platform, code, given, language)
        assert sent.state is expected
        if expected is LinkState.OPEN:
            link = self.issued[code]
            link.state = LinkState.USED
            day = day_at(link.unit, self.clock.at)
            self.given[sent.receipt] = ModelResponse(link.unit, day, given.values, comment, language)
        return sent.receipt

    @rule(hours=st.sampled_from([1, 8, 24, 24 * 9]), counted=st.booleans())
    def let_time_pass(self, hours: int, counted: bool) -> None:
        if counted:  # as the worker would have, long before
            self.count_what_is_marked()
        self.clock.at += hours * 3600

    @rule()
    def end_what_is_over(self) -> None:
        over = [
            link
            for link in self.issued.values()
            if link.state is LinkState.OPEN and link.expires_at <= self.clock.at
        ]
        assert self.platform.writer.call(expire, self.clock.at) == len(over)
        for link in over:
            link.state = LinkState.EXPIRED

    @rule(receipt=consumes(receipts))
    def erase_an_answer(self, receipt: str) -> None:
        number = responses.response_id(self.platform.settings.keys, receipt)
        assert self.platform.writer.call(responses.erase, number) == (receipt in self.given)
        self.given.pop(receipt, None)

    @rule()
    def score_the_comments(self) -> None:
        while self.platform.scorer.turn():
            pass
        for one in self.given.values():
            one.read = one.comment is not None

    @rule()
    def seal_the_night(self) -> None:
        seal(self.platform.database, self.clock.at)

    @rule()
    def count_what_is_marked(self) -> None:
        tallies.refresh_all(self.platform.writer, self.platform.definition)
        self.compare()

    @rule()
    def count_everything_again(self) -> None:
        for _ in tallies.rebuild(self.platform.writer, self.platform.definition):
            pass
        self.compare()

    def compare(self) -> None:
        """The kept tallies of each day against the definition, counted in plain Python from the model."""
        layout = self.platform.layouts[INSTRUMENT]
        by_day: dict[tuple[int, int], list[Answered]] = defaultdict(list)
        for one in self.given.values():
            by_day[UNITS[one.unit][0], one.day].append(Answered(one.values))
        expected = {cell: tally_responses(layout, found).counts for cell, found in by_day.items()}
        ledger: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
        for link in self.issued.values():
            numbers = ledger[UNITS[link.unit][0], link.day]
            numbers[0] += 1
            numbers[1] += 1
            numbers[2] += link.state is LinkState.USED
        kept = self.platform.writer.call(tallies.read_kept, None)
        days = [row for row in kept if len(row) == 6 and row[2] > 999_999]
        assert {(r[1], r[2]): tallies.unpack(r[5]) for r in days if r[3] == "invited"} == expected
        assert {(r[1], r[2]): list(tallies.unpack(r[5])) for r in days if r[3] == "ledger"} == ledger
        counted = {(r[1], r[2], r[4]): list(tallies.unpack(r[5])) for r in days if r[3] == "comments"}
        assert counted == self.comments()

    def comments(self) -> dict[tuple[int, int, str], list[int]]:
        """What is to be counted of the comments that were read, in plain Python from the model."""
        found: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0] * 6)
        for one in self.given.values():
            if one.read and one.comment is not None:
                reading = lexicon_analyzer().read(one.comment)
                marks = [int(mark) for mark in one.values[:9] if mark in "1234"]
                mean = sum(marks) / len(marks)
                band = "high" if mean >= 3 else "low" if mean <= 2 else "middle"
                said = [(what, reading.label, reading.polarity) for what in ("all", f"rated:{band}")]
                said.append((f"language:{reading.language}", reading.label, reading.polarity))
                scores = {
                    key: int(mark)
                    for key, mark in zip(self.platform.layouts[INSTRUMENT].elements, one.values, strict=False)
                    if mark in "1234"
                }
                themes = per_theme(finder().find(one.comment, scores=scores))
                said += [(f"theme:{theme.theme}", theme.label, theme.polarity) for theme in themes]
                for what, label, polarity in said:
                    numbers = found[UNITS[one.unit][0], one.day, f"1/{what}"]
                    numbers[0] += 1
                    numbers[("negative", "neutral", "positive").index(label) + 1] += 1
                    numbers[4] += to_fixed(polarity)
                    numbers[5] += to_fixed(polarity) ** 2
        return found

    @invariant()
    def each_answer_redeemed_one_invitation(self) -> None:
        database = self.platform.database
        used = sum(link.state is LinkState.USED for link in self.issued.values())
        assert count(database, "invitation", "state = 'answered'") == used
        assert count(database, "response") == len(self.given)
        assert count(database, "service_transaction") == len(self.issued)

    @invariant()
    def no_ended_invitation_keeps_a_contact(self) -> None:
        ended = "state <> 'open' AND (contact IS NOT NULL OR language IS NOT NULL)"
        assert rows(self.platform.database, f"SELECT count(*) FROM invitation WHERE {ended}") == [(0,)]


@pytest.mark.parametrize(
    ("database_url", "examples"),
    [("sqlite", 50), pytest.param("postgres", 6, marks=pytest.mark.postgres)],
    indirect=["database_url"],
)
def test_every_order_of_steps_agrees_with_the_model(platform: Platform, clock: Any, examples: int) -> None:
    machine = type("JourneyOfThisTest", (Journey,), {"platform": platform, "clock": clock})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
