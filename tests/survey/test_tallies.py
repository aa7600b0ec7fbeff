"""Tallies: what SQL counts is what the definition counts, and what is kept is what a recount gives."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from factories import ELEMENTS, INSTRUMENT, answer, answers, connected, count, issue, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from analysis.tally import MARKS, Answered, Layout, tally_responses
from survey import responses, tallies, tokens
from survey.answers import Answers
from survey.counting import Counted, Definition
from survey.database import Statement, Tx
from survey.ledger import DAY_SECONDS
from survey.models import Response
from survey.platform import Platform, open_platform
from survey.settings import Settings

DAY = 20261118
FORGET = Statement(delete(Response))
on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@st.composite
def answered(draw: Callable[..., Any]) -> Answered:
    """Any answers the database would store: at least one element answered."""
    elements = draw(st.text("01234", min_size=9, max_size=9).filter(lambda text: text.strip("0")))
    trust = draw(st.text("-012345", min_size=7, max_size=7))
    return Answered(elements + trust)


def row_of(given_answers: Answered, elements_asked: int = 9, **where: Any) -> dict[str, Any]:
    """The row of the response table for some answers."""
    elements = [int(mark, 36) for mark in given_answers.answers[:elements_asked] if mark not in "0-"]
    read = Answers(given_answers.answers, len(elements), sum(elements), None, {}, {}, "id")
    fields = {
        "agency_id": 1,
        "id": tokens.draw_id(),
        "unit_id": 1,
        "service_id": 1,
        "channel": "counter",
        "mode": "web",
        "source": "invited",
        "language": "id",
        "day": DAY,
        "instrument": INSTRUMENT,
    }
    return responses.response_row(read, **fields) | where


def put(platform: Platform, new: Sequence[dict[str, Any]]) -> None:
    """Make these rows the only responses."""

    def work(tx: Tx, items: Sequence[Any]) -> list[None]:
        tx.run(FORGET)
        tx.many(responses.INSERT_RESPONSE, new)
        return [None] * len(items)

    platform.writer.call(work, None)


def counted(
    platform: Platform, first: int = 0, last: int = 99_999_999, definition: Definition | None = None
) -> dict[tuple[int, str], Any]:
    """Unit 1 counted by SQL: the integers per day and source, the ledger left out."""
    by = definition or platform.definition

    def work(tx: Tx, items: Sequence[Any]) -> list[Any]:
        return [list(by.count(tx, 1, 1, first, last)) for _ in items]

    return {
        (row.day, row.source): tuple(row.counts)
        for row in platform.writer.call(work, None)
        if row.source != "ledger"
    }


def layout_of(platform: Platform) -> Layout:
    return platform.layouts[INSTRUMENT]


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(given_answers=st.lists(answered(), min_size=1, max_size=30))
def test_sql_counts_bit_for_bit_what_the_definition_counts(
    platform: Platform, given_answers: list[Answered]
) -> None:
    put(platform, [row_of(one) for one in given_answers])
    expected = tally_responses(layout_of(platform), given_answers)
    assert counted(platform) == {(DAY, "invited"): expected.counts}


LONG = Layout(
    tuple(f"e_{letter}" for letter in "abcdefghijklmnopqrstuvw"),
    element_scale=11,
    trust=("honest",),
    others=(("coaching", 2), ("recommend", 11)),
)


@st.composite
def answered_at_length(draw: Callable[..., Any]) -> Answered:
    """Any answers to 23 elements of eleven steps, a trust item, and two further items."""
    elements = draw(st.text("-" + MARKS[:12], min_size=23, max_size=23).filter(lambda text: text.strip("-0")))
    return Answered(
        elements
        + draw(st.sampled_from("-012345"))
        + draw(st.sampled_from("-012"))
        + draw(st.sampled_from("-" + MARKS[:12])),
    )


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(given_answers=st.lists(answered_at_length(), min_size=1, max_size=20))
def test_sql_counts_exactly_however_many_elements_and_steps_there_are(
    platform: Platform, given_answers: list[Answered]
) -> None:
    put(platform, [row_of(one, 23, instrument="long-1") for one in given_answers])
    expected = tally_responses(LONG, given_answers)
    assert counted(platform, definition=Definition({"long-1": LONG})) == {(DAY, "invited"): expected.counts}


def test_squares_beyond_64_bits_are_counted_exactly(platform: Platform) -> None:
    best = Answered("b" * 23 + "52b")
    put(platform, [row_of(best, 23, instrument="long-1") for _ in range(3)])
    counts = counted(platform, definition=Definition({"long-1": LONG}))[DAY, "invited"]
    assert counts[LONG.positions["score_sumsq"]] == 3 * (11 * LONG.unit) ** 2 > 2**63


def test_a_day_of_several_instruments_has_a_tally_of_each(platform: Platform) -> None:
    spak = platform.layouts["spak-2021.1"]
    put(
        platform,
        [
            row_of(Answered("3" * 9 + "-" * 7)),
            row_of(Answered("666542"), 5, instrument="spak-2021.1"),
            row_of(Answered("600001"), 5, instrument="spak-2021.1"),
            row_of(Answered("1"), 1, instrument="gone-1"),
        ],
    )

    def work(tx: Tx, items: Sequence[Any]) -> list[Any]:
        return [list(platform.definition.count(tx, 1, 1, DAY, DAY)) for _ in items]

    found = {row.instrument: tuple(row.counts) for row in platform.writer.call(work, None)}
    assert found == {
        INSTRUMENT: tally_responses(layout_of(platform), [Answered("3" * 9 + "-" * 7)]).counts,
        "spak-2021.1": tally_responses(spak, [Answered("666542"), Answered("600001")]).counts,
    }


def test_sql_counts_each_day_for_itself_and_no_other_unit(platform: Platform) -> None:
    one, other = Answered("3" * 9 + "-" * 7), Answered("1" * 9 + "-" * 7)
    put(
        platform,
        [row_of(one), row_of(other, day=DAY + 1), row_of(other, unit_id=2), row_of(other, day=DAY - 1)],
    )
    layout = layout_of(platform)
    assert counted(platform, DAY, DAY) == {(DAY, "invited"): tally_responses(layout, [one]).counts}
    assert len(counted(platform)) == 3


def test_the_measures_of_sql_stand_in_the_order_of_the_layout(platform: Platform) -> None:
    put(platform, [row_of(Answered("123412341" + "51234--"))])
    found = dict(zip(layout_of(platform).measures, counted(platform)[DAY, "invited"], strict=True))
    assert found["requirements_1"] == found["procedure_2"] == found["time_3"] == found["cost_4"] == 1
    assert found["requirements_2"] == 0
    assert found["score_sum"] == 21 * 2520 // 9


def kept(platform: Platform) -> list[Any]:
    return platform.writer.call(tallies.read_kept, None)


def refresh(platform: Platform) -> int:
    return tallies.refresh_all(platform.writer, platform.definition)


def assert_kept_is_a_recount(platform: Platform) -> None:
    """Count what is marked, then count everything again: nothing may differ, and nothing may be marked."""
    refresh(platform)
    assert count(platform.database, "dirty") == 0
    before = kept(platform)
    for _ in tallies.rebuild(platform.writer, platform.definition):
        pass
    assert kept(platform) == before


def erase(platform: Platform, receipt: str) -> bool:
    return platform.writer.call(responses.erase, responses.response_id(platform.settings.keys, receipt))


def test_kept_counts_equal_a_recount_after_answers_erasures_late_answers_and_scores(
    platform: Platform, clock: Any
) -> None:
    links = [str(link.code) for link in issue(platform, 12)]
    links += [str(link.code) for link in issue(platform, 6, start=12, unit="u2")]
    mixed = {**dict.fromkeys(ELEMENTS, 4), "time": None, "cost": 1}
    receipts = [
        answer(platform, code, answers(platform, mixed, "The staff were friendly"), "en").receipt
        for code in links[:6]
    ]
    assert_kept_is_a_recount(platform)
    assert platform.scorer.turn() == 6
    assert_kept_is_a_recount(platform)
    clock.at += 13 * DAY_SECONDS  # into the next month
    receipts += [answer(platform, code).receipt for code in links[6:]]
    assert_kept_is_a_recount(platform)
    assert all(erase(platform, receipt) for receipt in receipts[3:9])
    assert_kept_is_a_recount(platform)
    assert all(erase(platform, receipt) for receipt in receipts[:3] + receipts[9:])
    assert_kept_is_a_recount(platform)
    assert [row for row in kept(platform) if "ledger" not in row] == []


def test_a_month_is_the_sum_of_its_days_and_an_agency_the_sum_of_its_units(
    platform: Platform, clock: Any
) -> None:
    for number, unit in enumerate(("u1", "u2", "u1")):
        answer(platform, str(issue(platform, start=number, unit=unit)[0].code))
        clock.at += DAY_SECONDS
    refresh(platform)
    invited = [row for row in kept(platform) if "invited" in row]
    days = [tallies.unpack(row[-1]) for row in invited if len(row) == 6 and row[2] > 999_999]
    units = [tallies.unpack(row[-1]) for row in invited if len(row) == 6 and row[2] == 202611]
    agency = [tallies.unpack(row[-1]) for row in invited if len(row) == 5]
    assert (len(days), len(units), len(agency)) == (3, 2, 1)
    assert [sum(column) for column in zip(*days, strict=True)] == list(agency[0])
    assert [sum(column) for column in zip(*units, strict=True)] == list(agency[0])


def test_the_ledger_counts_transactions_invitations_and_answers_of_the_day_of_service(
    platform: Platform, clock: Any
) -> None:
    links = issue(platform, 5)
    refresh(platform)
    clock.at += 3 * DAY_SECONDS
    answer(platform, str(links[0].code))
    answer(platform, str(links[1].code))
    refresh(platform)
    days = {row[2]: row[-1] for row in kept(platform) if len(row) == 6 and row[3] == "ledger"}
    assert days[DAY] == "[5,5,2]"


def test_counting_with_nothing_marked_changes_nothing(platform: Platform) -> None:
    answer(platform, str(issue(platform)[0].code))
    assert refresh(platform) > 0
    before = kept(platform)
    assert refresh(platform) == 0
    assert kept(platform) == before


def test_a_failed_count_leaves_its_marks_for_the_next(platform: Platform) -> None:
    answer(platform, str(issue(platform)[0].code))
    marks = count(platform.database, "dirty")

    class Broken(Definition):
        def count(self, *arguments: Any) -> Iterator[Counted]:
            raise RuntimeError("the power failed here")

    with pytest.raises(RuntimeError):
        platform.writer.call(tallies.refresh, Broken(platform.layouts))
    assert count(platform.database, "dirty") == marks > 0
    assert_kept_is_a_recount(platform)


@pytest.fixture
def other(settings: Settings, platform: Platform) -> Iterator[Platform]:
    """A second process of the same installation."""
    opened = open_platform(settings, platform.now)
    yield opened
    opened.close()


@on_postgres
def test_while_one_worker_counts_another_takes_no_mark(platform: Platform, other: Platform) -> None:
    answer(platform, str(issue(platform)[0].code))
    marks = count(platform.database, "dirty")
    with connected(other.database) as connection:
        connection.autocommit = False
        connection.execute(f"SELECT pg_advisory_xact_lock({tallies._LOCK})")
        assert platform.writer.call(tallies.refresh, platform.definition) == 0
        assert count(platform.database, "dirty") == marks
        connection.rollback()
    assert platform.writer.call(tallies.refresh, platform.definition) == marks


@on_postgres
def test_an_answer_committed_while_its_day_is_counted_is_counted_next(
    platform: Platform, other: Platform
) -> None:
    codes = [str(link.code) for link in issue(platform, 2)]
    answer(platform, codes[0])

    class Interrupted(Definition):
        done = False

        def count(self, tx: Tx, *cell: Any) -> Iterator[Counted]:
            found = list(super().count(tx, *cell))
            if not self.done:
                self.done = True
                assert answer(other, codes[1]).state is responses.LinkState.OPEN
            yield from found

    assert platform.writer.call(tallies.refresh, Interrupted(platform.layouts)) > 0
    assert count(platform.database, "dirty") > 0, "the mark of the second answer was lost"
    assert_kept_is_a_recount(platform)
    assert {row[-1].split(",")[0] for row in kept(platform) if "invited" in row} == {"[2"}


def test_two_workers_at_once_under_a_stream_of_answers_corrupt_nothing(
    platform: Platform, other: Platform
) -> None:
    codes = [str(link.code) for link in issue(platform, 120)]
    answering = threading.Event()
    failures: list[BaseException] = []

    def work(by: Platform) -> None:
        try:
            while not answering.is_set():
                by.writer.call(tallies.refresh, by.definition)
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=work, args=(by,)) for by in (platform, other)]
    for worker in workers:
        worker.start()
    try:
        for number, code in enumerate(codes):
            receipt = answer(other if number % 2 else platform, code).receipt
            if number % 10 == 0:
                erase(platform, receipt)
    finally:
        answering.set()
        for worker in workers:
            worker.join(60)
    assert failures == []
    assert_kept_is_a_recount(platform)
    invited = {tuple(row[:-1]): tallies.unpack(row[-1])[0] for row in kept(platform) if "invited" in row}
    assert set(invited.values()) == {108}


def test_the_command_that_rebuilds_would_notice_a_wrong_count(platform: Platform) -> None:
    answer(platform, str(issue(platform)[0].code))
    refresh(platform)
    right = kept(platform)
    with connected(platform.database) as connection:
        connection.execute("UPDATE tally_unit_day SET counts = '[1]' WHERE source = 'invited'")
    assert kept(platform) != right
    for _ in tallies.rebuild(platform.writer, platform.definition):
        pass
    assert kept(platform) == right
    assert rows(platform.database, "SELECT count(*) FROM dirty") == [(0,)]
