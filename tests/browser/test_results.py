"""The results pages: accessible, whole on a phone, complete without scripts, quick with them."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from survey.comments.readings import Entry
from tests.browser.audit import LOOKS, blind_spots, enlarge, look, overflow, texts, violations
from tests.browser.conftest import Clock, OpenPage, Witness, installed
from tests.results_world import NOW, World

pytestmark = pytest.mark.browser

PAGES = {
    "all": "/results",
    "agency": "/results/dukcapil",
    "unit": "/results/dukcapil/u1",
    "too few answers": "/results/dukcapil/u2",
    "no data yet": "/results/samsat",
    "one quarter": "/results/dukcapil?period=2026-Q3",
    "unknown": "/results/nowhere",
    "wrong period": "/results/dukcapil?period=yesterday",
}
each_page = pytest.mark.parametrize("name", list(PAGES))
each_language = pytest.mark.parametrize("lang", ["id", "en"])


@pytest.fixture(scope="module")
def results(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with two agencies: one with a year of answers and a series, one without."""
    clock = Clock()
    clock.at = NOW
    with (
        installed(sqlite_template, tmp_path_factory.mktemp("results"), clock) as (url, app),
        httpx.Client(base_url=url) as client,
    ):
        world = World(app, client)
        agency = world.agency(units=("u1", "u2"))
        for month in range(1, 12):
            day = 20260010 + month * 100
            # Answers that rise with the year, so that the trend is one.
            rows = ["343433343"] * (40 - month) + ["444434444"] * month
            world.serve(agency, 90, answered=len(rows), day=day)
            by_sms = 3 * month
            said = Entry("id", 1, 40 * month, 900, ())
            world.answer(agency, *rows[by_sms:], day=day, comment="petugas ramah", reading=said)
            world.answer(agency, *rows[:by_sms], day=day, mode="sms")
        world.serve(agency, 12, answered=3, unit=2)
        world.answer(agency, "333333333", "343434343", "444444444", unit=2)
        world.import_sekadau(agency)
        world.agency("samsat", "Samsat", ("loket",))
        world.count()
        yield url


def visit(page: Page, results: str, name: str, lang: str) -> None:
    """Open a results page in a language."""
    path = PAGES[name]
    page.goto(f"{results}{path}{'&' if '?' in path else '?'}lang={lang}")


@each_language
@each_page
def test_axe_finds_nothing_at_any_width_in_any_colours(
    open_page: OpenPage, results: str, name: str, lang: str
) -> None:
    page = open_page()
    visit(page, results, name, lang)
    found = {}
    for seen in LOOKS:
        look(page, *seen)
        found[seen] = violations(page)
    assert not any(found.values()), found
    assert blind_spots(page) == []


@each_language
@each_page
def test_no_page_is_wider_than_a_phone_even_in_letters_of_twice_the_size(
    open_page: OpenPage, results: str, name: str, lang: str
) -> None:
    page = open_page(width=320)
    visit(page, results, name, lang)
    assert overflow(page) == []
    with enlarge(page, 2):
        assert overflow(page) == []


@each_page
def test_the_two_languages_share_no_sentence(open_page: OpenPage, results: str, name: str) -> None:
    said = []
    for lang in ("id", "en"):
        page = open_page()
        visit(page, results, name, lang)
        assert page.locator("html").get_attribute("lang") == lang
        # The example of a command is the same for everybody.
        said.append({text for text, _ in texts(page) if len(text.split()) >= 4 and "curl" not in text})
    assert said[0]
    assert said[0] & said[1] == set()


@each_page
def test_a_page_asks_only_its_own_server_keeps_nothing_and_pleases_the_browser(
    open_page: OpenPage, results: str, witness: Witness, name: str
) -> None:
    page = open_page()
    visit(page, results, name, "id")
    page.wait_for_load_state("networkidle")
    assert witness.complaints == []
    assert witness.hosts == {urlsplit(results).netloc}
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length") == 0
    # htmx notes the address of the tab, until the tab is closed.
    assert set(page.evaluate("Object.keys(sessionStorage)")) <= {"htmx-current-path-for-history"}


@pytest.mark.parametrize("name", ["agency", "unit"])
def test_every_picture_is_shown_and_told_in_words(open_page: OpenPage, results: str, name: str) -> None:
    page = open_page()
    visit(page, results, name, "en")
    page.wait_for_load_state("networkidle")
    pictures = page.locator("img")
    # The index, its elements, the funnel, the modes and both trends; nobody was asked about trust.
    assert pictures.count() == 6
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
        assert picture.evaluate("one => one.complete && one.naturalWidth") > 0
        assert len(str(picture.get_attribute("alt"))) > 40
    assert page.locator(".pictures details table").count() == 5


def test_the_published_matrix_is_shown_apart_in_the_numbers_of_each_language(
    open_page: OpenPage, results: str
) -> None:
    page = open_page()
    for lang, value in (("id", "78,74"), ("en", "78.74")):
        visit(page, results, "agency", lang)
        assert page.locator("#imported .value").inner_text() == value
        assert page.locator("#figure .value").inner_text() != value


def test_a_period_is_chosen_without_scripts(open_page: OpenPage, results: str) -> None:
    page = open_page(width=320, scripts=False)
    visit(page, results, "agency", "en")
    year = page.locator("#figure").inner_text()
    page.locator("#period").select_option("2026-Q1")
    with page.expect_navigation():
        page.locator("#show").click()
    assert "period=2026-Q1" in page.url
    assert page.locator("#period").input_value() == "2026-Q1"
    assert page.locator("#figure .value").is_visible()
    assert page.locator("#figure").inner_text() != year


def test_a_period_is_chosen_without_loading_the_page_anew_where_scripts_run(
    open_page: OpenPage, results: str, witness: Witness
) -> None:
    page = open_page()
    visit(page, results, "agency", "en")
    page.evaluate("document.body.dataset.same = 'page'")
    page.locator("#period").select_option("2026-Q1")
    page.locator("#show").click()
    page.wait_for_url("**period=2026-Q1**")
    expect(page.locator("#shown")).to_have_text("Shown: Quarter I of 2026")
    expect(page).to_have_title(re.compile("Quarter I of 2026"))
    assert page.evaluate("document.body.dataset.same") == "page"
    assert page.locator("#results").count() == 1
    assert page.locator("#period").input_value() == "2026-Q1"
    assert "period=2026-Q1" in str(page.locator("#languages a[lang=id]").get_attribute("href"))
    assert violations(page) == []
    page.wait_for_load_state("networkidle")
    assert witness.complaints == []

    page.go_back()
    expect(page.locator("#period")).to_have_value("")
    assert "period=" not in page.url or page.url.endswith("period=")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_keyboard_reaches_everything_and_sees_where_it_is(
    open_page: OpenPage, results: str, scripts: bool
) -> None:
    page = open_page(scripts=scripts)
    visit(page, results, "agency", "en")
    expected = page.locator("a[href], select, button, summary").count()
    seen = set()
    for _ in range(expected):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        seen.add(focus["place"])
        assert focus["outline"] >= 2, focus
    assert len(seen) == expected


_FOCUS = """() => {
    const one = document.activeElement;
    const style = getComputedStyle(one);
    return {
        place: [...document.querySelectorAll("*")].indexOf(one),
        outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    };
}"""
