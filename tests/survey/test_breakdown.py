"""The responses of a place and period by pattern, and by service, channel and month beside the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest
from factories import ELEMENTS, answer, answers, issue
from results_world import INSTRUMENT, World, installation

from survey import responses
from survey.agencies import register_services
from survey.breakdown import (
    ModeMonth,
    Pattern,
    ServiceCell,
    read_modes,
    read_patterns,
    read_services,
    together,
)
from survey.database import Tx
from survey.periods import read_period
from survey.places import find_place

Patterns = Callable[..., list[Pattern]]
Services = Callable[..., list[ServiceCell]]
Modes = Callable[..., tuple[dict[str, list[Pattern]], list[ModeMonth]]]
NOT_ASKED = "-" * 7


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An agency (1) with two units (1 and 2) and two services (1 is ktp, 2 is kk), on either database."""
    with installation(database_url) as opened:
        agency = opened.agency(units=("u1", "u2"))
        opened.platform.writer.call(register_services, (agency, "kk", "KK"))
        yield opened


@pytest.fixture
def patterns(world: World) -> Patterns:
    """Reads the patterns of an agency or unit in a period."""

    def read(unit: str | None = None, period: str = "2026", agency: str = "dukcapil") -> list[Pattern]:
        def ask(tx: Tx, items: list[None]) -> list[list[Pattern]]:
            place = find_place(tx, agency, unit)
            return [together(read_patterns(tx, place, INSTRUMENT, read_period(period))) for _ in items]

        return world.platform.writer.call(ask, None)

    return read


@pytest.fixture
def services(world: World) -> Services:
    """Reads the cells of an agency or unit in a period."""

    def read(unit: str | None = None, period: str = "2026", agency: str = "dukcapil") -> list[ServiceCell]:
        layout = world.platform.layouts[INSTRUMENT]

        def ask(tx: Tx, items: list[None]) -> list[list[ServiceCell]]:
            place = find_place(tx, agency, unit)
            return [read_services(tx, place, INSTRUMENT, layout, read_period(period)) for _ in items]

        return world.platform.writer.call(ask, None)

    return read


@pytest.fixture
def modes(world: World) -> Modes:
    """Reads the patterns by mode, and the modes by month, of an agency or unit in a period."""

    def read(
        unit: str | None = None, period: str = "2026", agency: str = "dukcapil"
    ) -> tuple[dict[str, list[Pattern]], list[ModeMonth]]:
        def ask(tx: Tx, items: list[None]) -> list[tuple[dict[str, list[Pattern]], list[ModeMonth]]]:
            asked = (tx, find_place(tx, agency, unit), INSTRUMENT, read_period(period))
            return [(read_patterns(*asked), read_modes(*asked)) for _ in items]

        return world.platform.writer.call(ask, None)

    return read


def counted(cells: list[ServiceCell]) -> list[tuple[str, str, int, int, int]]:
    """The cells without their moments."""
    return [cell[:5] for cell in cells]


def test_equal_answers_are_one_pattern_with_their_number_in_the_order_of_the_text(
    world: World, patterns: Patterns
) -> None:
    world.answer(1, *["333333333"] * 3, "222222222", *["333333333"] * 2)
    assert patterns() == [("222222222" + NOT_ASKED, 1), ("333333333" + NOT_ASKED, 5)]


def test_answers_with_the_same_score_stay_apart(world: World, patterns: Patterns) -> None:
    world.answer(1, "423333333", "243333333")
    assert [one.answers[:9] for one in patterns()] == ["243333333", "423333333"]


def test_what_was_skipped_and_what_was_not_asked_stay_apart(world: World, patterns: Patterns) -> None:
    world.answer(1, "3333333305-00---", "3333333305-0----")
    assert [one.answers for one in patterns()] == ["3333333305-0----", "3333333305-00---"]


def test_a_unit_has_its_own_patterns_and_the_agency_all_of_them(world: World, patterns: Patterns) -> None:
    world.answer(1, "333333333", unit=1)
    world.answer(1, "333333333", "444444444", unit=2)
    assert [n for _, n in patterns("u1")] == [1]
    assert [n for _, n in patterns("u2")] == [1, 1]
    assert [n for _, n in patterns()] == [2, 1]


def test_a_unit_has_its_own_cells_and_the_agency_all_of_them(world: World, services: Services) -> None:
    world.serve(1, 3, unit=1)
    world.serve(1, 4, unit=2)
    world.answer(1, "333333333", unit=1)
    world.answer(1, "333333333", "444444444", unit=2)
    assert counted(services("u1")) == [("ktp", "counter", 202611, 3, 1)]
    assert counted(services("u2")) == [("ktp", "counter", 202611, 4, 2)]
    assert counted(services()) == [("ktp", "counter", 202611, 7, 3)]


def test_a_period_begins_and_ends_with_its_own_days(
    world: World, patterns: Patterns, services: Services
) -> None:
    for number, day in enumerate((20260630, 20260701, 20260930, 20261001), start=1):
        world.answer(1, str(number) * 9, day=day)
        world.serve(1, number, day=day)
    assert [one.answers[0] for one in patterns(period="2026-Q3")] == ["2", "3"]
    assert counted(services(period="2026-Q3")) == [
        ("ktp", "counter", 202607, 2, 1),
        ("ktp", "counter", 202609, 3, 1),
    ]
    assert patterns(period="2025") == services(period="2025") == []


def test_answers_to_another_instrument_are_left_out(
    world: World, patterns: Patterns, services: Services
) -> None:
    world.answer(1, "333333333")
    world.answer(1, "444444444", instrument="skm-2017.2")
    assert [one.answers[:9] for one in patterns()] == ["333333333"]
    assert [cell.n for cell in services()] == [1]


def test_imported_answers_are_left_out(world: World, patterns: Patterns, services: Services) -> None:
    world.import_sekadau(1)
    assert patterns(period="2019") == services(period="2019") == []
    world.answer(1, "333333333", day=20190615)
    assert [n for _, n in patterns(period="2019")] == [1]
    assert [cell.n for cell in services(period="2019")] == [1]


def test_another_agency_with_units_and_services_of_the_same_numbers_is_left_out(
    world: World, patterns: Patterns, services: Services
) -> None:
    other = world.agency("samsat", "Samsat", units=("s1",))
    world.answer(other, "333333333")
    world.serve(other, 5)
    assert patterns() == services() == patterns("u1") == services("u1") == []
    assert [n for _, n in patterns(agency="samsat")] == [1]
    assert counted(services(agency="samsat")) == [("ktp", "counter", 202611, 5, 1)]


def test_an_erased_answer_is_gone_from_both(world: World, patterns: Patterns, services: Services) -> None:
    platform = world.platform
    sent = [
        answer(platform, str(link.code), answers(platform, dict.fromkeys(ELEMENTS, value)))
        for link, value in zip(issue(platform, 2), (2, 4), strict=True)
    ]
    assert [one.answers[0] for one in patterns()] == ["2", "4"]
    gone = responses.response_id(platform.settings.keys, sent[1].receipt)
    assert platform.writer.call(responses.erase, gone)
    assert [one.answers[0] for one in patterns()] == ["2"]
    assert counted(services()) == [("ktp", "counter", 202611, 2, 1)]


def test_cells_are_told_by_the_code_of_the_service_the_channel_and_the_month_in_this_order(
    world: World, services: Services
) -> None:
    world.serve(1, 1, service=1, day=20261110)
    world.serve(1, 2, service=2, day=20261110)
    world.serve(1, 3, service=2, day=20261010)
    world.serve(1, 4, service=2, day=20261110, channel="online")
    assert counted(services()) == [
        ("kk", "counter", 202610, 3, 0),
        ("kk", "counter", 202611, 2, 0),
        ("kk", "online", 202611, 4, 0),
        ("ktp", "counter", 202611, 1, 0),
    ]


def test_an_answer_belongs_to_the_cell_of_its_service_channel_and_month(
    world: World, services: Services
) -> None:
    world.answer(1, "333333333", service=2, channel="online", day=20261010)
    world.answer(1, "333333333", "444444444", service=1)
    assert counted(services()) == [
        ("kk", "online", 202610, 0, 1),
        ("ktp", "counter", 202611, 0, 2),
    ]


def test_the_moments_are_those_of_the_respondents_own_means_whatever_they_skipped(
    world: World, services: Services
) -> None:
    rows = ["443333333", "430333333", "403003210", "123412341"]
    world.answer(1, *rows)
    unit = world.platform.layouts[INSTRUMENT].unit
    given = [[int(mark) for mark in row if mark != "0"] for row in rows]
    scores = [Fraction(sum(marks), len(marks)) * unit for marks in given]
    (cell,) = services()
    assert cell.n == 4
    assert cell.total == sum(scores)
    assert cell.squares == sum(score * score for score in scores)
    assert type(cell.total) is type(cell.squares) is int


def test_each_mode_has_its_own_patterns_and_together_they_are_those_of_all(
    world: World, modes: Modes, patterns: Patterns
) -> None:
    world.answer(1, "333333333", "444444444")
    world.answer(1, *["333333333"] * 2, "22222222-", mode="sms")
    found, _ = modes()
    assert found == {
        "sms": [Pattern("22222222-" + NOT_ASKED, 1), Pattern("333333333" + NOT_ASKED, 2)],
        "web": [Pattern("333333333" + NOT_ASKED, 1), Pattern("444444444" + NOT_ASKED, 1)],
    }
    assert patterns() == together(found)
    assert [n for _, n in together(found)] == [1, 3, 1]


def test_modes_are_counted_by_month_in_the_order_of_months_and_modes(world: World, modes: Modes) -> None:
    world.answer(1, *["333333333"] * 2, day=20261130)
    world.answer(1, "333333333", day=20261101, mode="sms")
    world.answer(1, "444444444", day=20261031, mode="kiosk")
    assert modes()[1] == [
        ModeMonth(202610, "kiosk", 1),
        ModeMonth(202611, "sms", 1),
        ModeMonth(202611, "web", 2),
    ]
    assert modes(period="2026-10")[1] == [ModeMonth(202610, "kiosk", 1)]


def test_modes_are_those_of_the_place_the_instrument_and_the_invited(world: World, modes: Modes) -> None:
    other = world.agency("samsat", "Samsat", units=("s1",))
    world.answer(other, "333333333", mode="kiosk")
    world.answer(1, "333333333", unit=1, mode="sms")
    world.answer(1, "444444444", unit=2)
    world.answer(1, "444444444", mode="kiosk", instrument="skm-2017.2")
    world.import_sekadau(1)
    assert [one.mode for one in modes()[1]] == ["sms", "web"]
    assert [one.mode for one in modes("u1")[1]] == ["sms"]
    assert list(modes("u2")[0]) == ["web"]
    assert modes(period="2019") == ({}, [])
