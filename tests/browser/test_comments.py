"""The pages of the comments: accessible, whole on a phone, complete without scripts."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page

from survey.comments.readings import Entry, Theme
from tests.browser.audit import LOOKS, blind_spots, enlarge, look, overflow, texts, violations
from tests.browser.conftest import Clock, OpenPage, Witness, installed
from tests.results_world import NOW, World

pytestmark = pytest.mark.browser

PAGES = {
    "agency": "/comments/dukcapil",
    "unit": "/comments/dukcapil/u1",
    "corrected": "/comments/dukcapil?corrected=1",
    "chosen": "/comments/dukcapil?theme=time&label=negative",
    "too few answers": "/comments/dukcapil/u2",
    "no data yet": "/comments/samsat",
    "unknown": "/comments/nowhere",
}
each_page = pytest.mark.parametrize("name", list(PAGES))
each_language = pytest.mark.parametrize("lang", ["id", "en"])
WRITTEN = {
    "id": [
        "antre lama sekali di loket pembayaran",
        "loket pembayaran antre lama, cuma satu petugas",
        "lama sekali antre, petugas cuma satu di loket",
    ],
    "jv": ["antri suwe banget ing loket, petugase mung siji"],
    "en": ["a very long queue at the only counter that was open"],
}


@pytest.fixture(scope="module")
def comments(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with half a year of comments in three languages, under two versions."""
    clock = Clock()
    clock.at = NOW
    with (
        installed(sqlite_template, tmp_path_factory.mktemp("comments"), clock) as (url, app),
        httpx.Client(base_url=url) as client,
    ):
        world = World(app, client)
        agency = world.agency(units=("u1", "u2"))
        for month in range(6, 12):
            if month == 8:
                world.series("another version", reason="changed")
            for language, said in WRITTEN.items():
                entry = Entry(
                    language, -1, -400, 800, (Theme("time", -1, -400), Theme("facilities", -1, -300))
                )
                for text in said:
                    rows = ["444444444"] * month
                    world.answer(agency, *rows, day=20260010 + month * 100, comment=text, reading=entry)
            kind = Entry("id", 1, 600, 900, (Theme("behaviour", 1, 600), Theme("bribery", -1, -500)))
            world.answer(
                agency, *["333333333"] * 30, day=20260010 + month * 100, comment="petugas ramah", reading=kind
            )
            plain = Entry("id", 0, 0, 500, ())
            day = 20260010 + month * 100
            world.answer(agency, *["333333333"] * 12, day=day, comment="biasa saja", reading=plain)
        world.answer(agency, "333333333", unit=2, comment="biasa saja menurut saya", reading=plain)
        world.agency("samsat", "Samsat", ("loket",))
        world.count()
        yield url


def visit(page: Page, comments: str, name: str, lang: str) -> None:
    """Open a page of the comments in a language."""
    path = PAGES[name]
    page.goto(f"{comments}{path}{'&' if '?' in path else '?'}lang={lang}")


@each_language
@each_page
def test_axe_finds_nothing_at_any_width_in_any_colours(
    open_page: OpenPage, comments: str, name: str, lang: str
) -> None:
    page = open_page()
    visit(page, comments, name, lang)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = {}
    for seen in LOOKS:
        look(page, *seen)
        found[seen] = violations(page)
    assert not any(found.values()), found
    assert blind_spots(page) == []


@each_language
@each_page
def test_no_page_is_wider_than_a_phone_even_in_letters_of_twice_the_size(
    open_page: OpenPage, comments: str, name: str, lang: str
) -> None:
    page = open_page(width=320)
    visit(page, comments, name, lang)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert overflow(page) == []
    with enlarge(page, 2):
        assert overflow(page) == []


@each_page
def test_the_two_languages_share_no_sentence_but_those_of_citizens(
    open_page: OpenPage, comments: str, name: str
) -> None:
    written = {text for said in WRITTEN.values() for text in said}
    said = []
    for lang in ("id", "en"):
        page = open_page()
        visit(page, comments, name, lang)
        said.append({text for text, _ in texts(page) if len(text.split()) >= 4} - written)
    assert said[0]
    assert said[0] & said[1] == set()


@each_page
def test_a_page_asks_only_its_own_server_and_pleases_the_browser(
    open_page: OpenPage, comments: str, witness: Witness, name: str
) -> None:
    page = open_page()
    visit(page, comments, name, "id")
    page.wait_for_load_state("networkidle")
    assert witness.hosts == {urlsplit(comments).netloc}
    assert [one for one in witness.complaints if name != "unknown"] == []
    assert page.context.cookies() == []


def test_every_picture_is_shown_and_told_in_words(open_page: OpenPage, comments: str) -> None:
    page = open_page()
    visit(page, comments, "agency", "en")
    pictures = page.locator("img")
    assert pictures.count() == 3
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
        assert picture.evaluate("one => one.complete && one.naturalWidth") > 0
        assert len(str(picture.get_attribute("alt"))) > 40


def test_comments_are_chosen_and_shares_corrected_without_scripts(open_page: OpenPage, comments: str) -> None:
    page = open_page(width=320, scripts=False)
    visit(page, comments, "agency", "en")
    page.locator("#theme").select_option("time")
    page.locator("#language").select_option("jv")
    with page.expect_navigation():
        page.get_by_role("button", name="Show comments").click()
    assert page.locator("#write blockquote").all_inner_texts() == WRITTEN["jv"]
    assert page.locator("#write blockquote").get_attribute("lang") == "jv"
    with page.expect_navigation():
        page.get_by_role("link", name="Correct the shares for misjudged comments").click()
    assert page.locator("#how").get_by_text("Unfavourable, corrected").is_visible()
    assert page.locator("#language").input_value() == "jv"
    with page.expect_navigation():
        page.get_by_role("link", name="Show the shares as they were read").click()
    assert page.locator("#how").get_by_text("Unfavourable, corrected").count() == 0
