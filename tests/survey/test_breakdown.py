"""Responses broken down further than tallies: by pattern of answers, and by service beside the ledger."""

from collections.abc import Iterator

import pytest
from results_world import World, installation

from analysis.withheld import Withheld
from survey.agencies import register_services
from survey.breakdown import Pattern, ServiceCell, read_patterns, read_services
from survey.database import Tx
from survey.evidence import Evidence
from survey.periods import Period, read_period
from survey.places import find_place
from survey.results import Results, read_results

YEAR = read_period("2026")
FIRST_HALF = read_period("2026-S1")
ASKED = "skm-2017.1"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with installation(database_url) as opened:
        opened.agency(units=("u1", "u2"))
        yield opened


def patterns(world: World, unit: str | None = None, period: Period = YEAR) -> list[Pattern]:
    def read(tx: Tx, items: list[None]) -> list[list[Pattern]]:
        return [read_patterns(tx, find_place(tx, "dukcapil", unit), ASKED, period)]

    return world.platform.writer.call(read, None)


def services(world: World, unit: str | None = None, period: Period = YEAR) -> list[ServiceCell]:
    layout = world.platform.layouts[ASKED]

    def read(tx: Tx, items: list[None]) -> list[list[ServiceCell]]:
        return [read_services(tx, find_place(tx, "dukcapil", unit), ASKED, layout, period)]

    return world.platform.writer.call(read, None)


def evidence(world: World) -> Evidence:
    world.count()
    instruments = world.platform.instruments

    def read(tx: Tx, items: list[None]) -> list[Results]:
        place = find_place(tx, "dukcapil")
        return [read_results(tx, place, instruments, ASKED, YEAR, evidence=True)]

    found = world.platform.writer.call(read, None).evidence
    assert found is not None
    return found


def test_equal_answers_are_one_pattern_with_their_number(world: World) -> None:
    world.answer(1, "333333333", "333333333", "444444440")
    assert patterns(world) == [Pattern("333333333-------", 2), Pattern("444444440-------", 1)]


def test_a_unit_has_its_own_patterns_and_its_agency_has_all(world: World) -> None:
    world.answer(1, "333333333", unit=1)
    world.answer(1, "444444444", unit=2)
    assert patterns(world, "u2") == [Pattern("444444444-------", 1)]
    assert len(patterns(world)) == 2


def test_a_period_takes_its_first_and_its_last_day(world: World) -> None:
    for day in (20251231, 20260101, 20260630, 20260701):
        world.answer(1, "333333333", day=day)
    assert patterns(world, period=FIRST_HALF) == [Pattern("333333333-------", 2)]


def test_imported_answers_are_in_no_breakdown(world: World) -> None:
    world.import_sekadau(1)
    assert patterns(world, period=read_period("2019")) == []
    assert services(world, period=read_period("2019")) == []


def test_the_ledger_stands_beside_the_answers_by_service_channel_and_month(world: World) -> None:
    world.platform.writer.call(register_services, (1, "akta", "Akta"))
    world.serve(1, 7, answered=2, day=20260310)
    world.serve(1, 4, unit=2, day=20260410, service=2)
    world.answer(1, "444444444", "333333300", day=20260310)
    score = world.platform.layouts[ASKED].unit
    assert services(world) == [
        ServiceCell("akta", "counter", 202604, 4, 0, 0, 0),
        ServiceCell("ktp", "counter", 202603, 7, 2, 7 * score, 25 * score**2),
    ]
    assert [cell.service for cell in services(world, "u1")] == ["ktp"]


def test_answers_of_another_month_than_their_service_have_no_transactions(world: World) -> None:
    world.serve(1, 1, answered=1, day=20260331)
    world.answer(1, "444444444", day=20260401)
    assert [(cell.month, cell.transactions, cell.n) for cell in services(world)] == [
        (202603, 1, 0),
        (202604, 0, 1),
    ]


def test_more_answers_than_transactions_are_not_weighed(world: World) -> None:
    world.serve(1, 3, answered=3)
    world.answer(1, *["333333333"] * 6)
    assert evidence(world).weighed is None


def test_one_kind_of_transactions_alone_has_nothing_to_be_weighed_against(world: World) -> None:
    world.serve(1, 100, answered=40)
    world.answer(1, *["333333333", "444444444"] * 20)
    weighed = evidence(world).weighed
    assert weighed is not None
    assert (weighed.adjusted, weighed.withheld) == (None, "too_few")
    assert (weighed.bias_low, weighed.bias_high) == (pytest.approx(50), pytest.approx(95))


def test_complete_answers_are_not_compared_when_that_would_tell_of_a_few(world: World) -> None:
    world.answer(1, *["333333333"] * 20, *["444444440"] * 4)
    assert evidence(world).cases is None
    world.answer(1, "444444440", "444444440")
    cases = evidence(world).cases
    assert cases is not None
    assert (cases.n, cases.complete_n) == (26, 20)
    assert cases.differ


def test_nothing_stands_beside_an_index_that_is_withheld(world: World) -> None:
    world.answer(1, *["333333333"] * 4)
    world.count()
    instruments = world.platform.instruments

    def read(tx: Tx, items: list[None]) -> list[Results]:
        return [read_results(tx, find_place(tx, "dukcapil"), instruments, ASKED, YEAR, evidence=True)]

    assert world.platform.writer.call(read, None).evidence is None


def test_trust_counts_those_who_were_asked_among_those_who_answered(world: World) -> None:
    world.answer(1, *["333333333" + "54-4---"] * 12, *["333333333" + "0------"] * 3)
    trust = evidence(world).trust
    assert trust is not None
    level = trust.checks.answering["trust_level"]
    assert (level.count, level.n) == (12, 15)
    assert isinstance(trust.index, Withheld)
