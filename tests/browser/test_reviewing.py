"""The queue of allegations and the corrections: whole on a phone, complete without scripts."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from survey.comments.readings import unpack
from survey.comments.references import Reference, seal_reference
from tests.browser.audit import LOOKS, blind_spots, enlarge, look, overflow, small_targets, texts, violations
from tests.browser.conftest import Clock, OpenPage, Witness, installed
from tests.comments_world import BRIBE, BROKER, PRAISE, Written
from tests.conftest import register
from tests.factories import rows

pytestmark = pytest.mark.browser

NAMES = ("queue", "none like that", "corrections", "correction", "gone through", "unknown")
each_page = pytest.mark.parametrize("name", NAMES)


class Desk(NamedTuple):
    """A running installation with allegations and praise."""

    url: str
    written: Written

    def paths(self) -> dict[str, str]:
        """Every page of the ombudsman and of those who correct."""
        platform = self.written.platform
        sealed = {
            comment: seal_reference(platform.settings.keys, Reference(agency_id, number), platform.now())
            for comment, agency_id, number in rows(
                platform.database, "SELECT comment, agency_id, id FROM response"
            )
        }
        return {
            "queue": "/allegations",
            "none like that": "/allegations?state=settled&theme=discrimination",
            "corrections": "/corrections",
            "correction": f"/corrections/{sealed[BRIBE]}",
            "gone through": f"/corrections/{sealed[PRAISE]}",
            "unknown": "/corrections/abc",
        }


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path) -> Iterator[Desk]:
    """A server with comments that were read and shuffled, one of them corrected."""
    clock = Clock()
    with installed(sqlite_template, tmp_path, clock) as (url, app):
        platform = app.state.platform
        register(platform)
        written = Written(platform, clock)
        written.say(BRIBE, BROKER, PRAISE, "kata" + "panjang" * 30 + " ada calo")
        written.night()
        yield Desk(url, written)


def visit(page: Page, desk: Desk, name: str, lang: str = "en") -> None:
    path = desk.paths()[name]
    page.goto(f"{desk.url}{path}{'&' if '?' in path else '?'}lang={lang}")


def correct(page: Page, desk: Desk) -> None:
    visit(page, desk, "gone through")
    page.locator("#theme-time").select_option("-1")
    page.locator("#save").click()
    expect(page.locator(".notice")).to_have_text("Saved.")


@each_page
def test_axe_finds_nothing_at_any_width_in_any_colours(open_page: OpenPage, desk: Desk, name: str) -> None:
    page = open_page()
    correct(page, desk)
    visit(page, desk, name)
    found = {}
    for seen in LOOKS:
        look(page, *seen)
        found[seen] = violations(page)
    assert not any(found.values()), found
    assert blind_spots(page) == []


@pytest.mark.parametrize("lang", ["id", "en"])
@each_page
def test_no_page_is_wider_than_a_phone_even_in_letters_of_twice_the_size(
    open_page: OpenPage, desk: Desk, name: str, lang: str
) -> None:
    page = open_page(width=320)
    visit(page, desk, name, lang)
    assert overflow(page) == []
    assert small_targets(page, 24) == []
    with enlarge(page, 2):
        assert overflow(page) == []


@each_page
def test_the_two_languages_share_no_sentence(open_page: OpenPage, desk: Desk, name: str) -> None:
    said = []
    for lang in ("id", "en"):
        page = open_page()
        visit(page, desk, name, lang)
        assert page.locator("html").get_attribute("lang") == lang
        written = page.locator(".said, #found dd, article h3").all_inner_texts()
        said.append(
            {
                text
                for text, _ in texts(page)
                if len(text.split()) >= 4 and not any(text in one for one in written)
            }
        )
    assert said[0]
    assert said[0] & said[1] == set()


@each_page
def test_a_page_asks_only_its_own_server_keeps_nothing_and_pleases_the_browser(
    open_page: OpenPage, desk: Desk, witness: Witness, name: str
) -> None:
    page = open_page()
    visit(page, desk, name)
    page.wait_for_load_state("networkidle")
    assert [one for one in witness.complaints if "404" not in str(one)] == []
    assert witness.hosts == {urlsplit(desk.url).netloc}
    assert page.context.cookies() == []


def test_an_outcome_is_chosen_and_saved_by_keyboard(open_page: OpenPage, desk: Desk) -> None:
    page = open_page()
    visit(page, desk, "queue")
    case = page.locator("article", has_text="uang pelicin")
    case.locator("select").select_option("referred")
    case.locator("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_have_text("Saved.")
    decision = unpack(desk.written.reading(BRIBE)).decision
    assert decision is not None
    assert decision.outcome == "referred"
