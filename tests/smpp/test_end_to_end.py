"""From the counter to the tally and back: asked by SMS, answered by SMS or by link, counted once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from survey.access import NewKey, create_keys, draw_api_key
from survey.agencies import NewUnit, register_agencies, register_services, register_units
from survey.platform import open_platform
from tests.browser.conftest import OpenPage
from tests.browser.conftest import chromium as chromium
from tests.browser.conftest import open_page as open_page
from tests.browser.conftest import witness as witness
from tests.browser.scenes import receipt_of, send
from tests.smpp.configuration import SENDER
from tests.smpp.world import World, stored
from tests.smpp.world import whole_world as whole_world
from tests.smpp.world import world as world

RECEIPT = re.compile(r"[2-9A-Y]{4} [2-9A-Y]{4} [2-9A-Y]{4}")
TALLY = "SELECT counts FROM tally_unit_day WHERE source = 'invited'"
SUPPRESSED = "SELECT count(*) FROM message WHERE state = 'suppressed' AND reason = 'opted_out'"


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """The browser of a small telephone that runs no scripts."""
    return open_page(width=320, scripts=False)


def address(world: World, code: str) -> str:
    """Where a link leads on this machine."""
    return f"http://127.0.0.1:{world.product.port}/{code}"


@contextmanager
def another_agency(world: World) -> Iterator[None]:
    """Let services be reported by a second agency for a while."""
    opened = open_platform(world.product.settings)
    call, first, key = opened.writer.call, world.product.key, draw_api_key()
    try:
        agency = call(register_agencies, ("kes", "Dinas Kesehatan"))
        call(register_units, NewUnit(agency, "u1", "Puskesmas", "Asia/Jayapura", "Nduga"))
        call(register_services, (agency, "ktp", "Berobat"))
        call(create_keys, NewKey(agency, "tests", key, opened.settings.keys, opened.now()))
    finally:
        opened.close()
    world.product.key = key
    yield
    world.product.key = first


def test_an_invitation_reaches_the_citizens_telephone_in_one_sms_and_is_reported_delivered(
    world: World,
) -> None:
    citizen = world.citizen()
    code = citizen.invite()
    (message,) = world.kannel.smsc.messages(1)
    assert (message.sender, message.recipient, len(message.parts)) == (SENDER, citizen.phone, 1)
    assert f"https://ikm.go.id/{code}" in message.text
    assert "STOP" in message.text


def test_an_answer_by_sms_is_counted_and_thanked_for(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    told = citizen.asks("4 3 4 4 4 3 4 4 4 petugas ramah")
    assert RECEIPT.search(told)
    assert stored(world, before) == [("sms", (4, 3, 4, 4, 4, 3, 4, 4, 4), "petugas ramah")]
    world.product.wait(TALLY, bool)


def test_question_by_question_it_is_the_same_answer_each_question_one_sms(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    told = citizen.asks("MULAI")
    for number, answer in enumerate("43434343", 1):
        assert told.startswith(f"{number}/9 ")
        told = citizen.asks(answer)
    assert told.startswith("9/9 ")
    assert RECEIPT.search(citizen.asks("4 petugas ramah"))
    assert stored(world, before) == [("sms", (4, 3, 4, 3, 4, 3, 4, 3, 4), "petugas ramah")]


@pytest.mark.browser
def test_an_answer_by_link_wins_over_a_later_sms_which_is_told_kindly(world: World, page: Page) -> None:
    citizen, before = world.citizen(), stored(world)
    page.goto(address(world, citizen.invite()))
    for radio in page.locator("label:has(input[value='3'])").all():
        radio.click()
    page.locator("textarea").fill("lewat tautan")
    send(page)
    assert RECEIPT.search(receipt_of(page))
    assert citizen.asks("1 1 1 1 1 1 1 1 1").startswith("Terima kasih, jawaban Anda sudah kami terima")
    assert stored(world, before) == [("web", (3,) * 9, "lewat tautan")]


@pytest.mark.browser
def test_an_answer_by_sms_wins_over_a_later_one_by_link_which_says_so(world: World, page: Page) -> None:
    citizen, before = world.citizen(), stored(world)
    code = citizen.invite()
    page.goto(f"{address(world, code)}?lang=en")
    citizen.asks("4 3 4 4 4 3 4 4 4")
    page.locator("label:has(input[value='1'])").first.click()
    send(page)
    opened = page.goto(f"{address(world, code)}?lang=en")
    assert opened is not None
    assert opened.status == 410
    assert page.locator("h1").inner_text() == "We already have your answers"
    assert stored(world, before) == [("sms", (4, 3, 4, 4, 4, 3, 4, 4, 4), None)]


def test_stop_in_the_middle_ends_the_questions_and_keeps_every_agency_from_asking_again(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    citizen.asks("MULAI")
    citizen.asks("4")
    assert citizen.asks("Stop dong!").startswith("Baik. Anda tidak akan dikirimi SMS survei lagi")
    assert citizen.gets_nothing("STOP") == "silent"
    assert citizen.gets_nothing("4 3 4 4 4 3 4 4 4") == "silent"
    told = len(citizen.heard())
    with another_agency(world):
        world.product.post(citizen.phone, external_ref="kes-1")
        world.product.wait(SUPPRESSED, lambda found: found[0][0] == 1)
        assert len(citizen.heard()) == told
        assert citizen.asks("MULAI").startswith("Anda dapat dikirimi SMS survei lagi.")
        assert citizen.invite(external_ref="kes-2") in citizen.heard()[-1]
    assert stored(world, before) == []
