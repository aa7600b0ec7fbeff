"""Every page of the citizen in every language: for everyone, on every screen, small, and silent to others.

Each page is reached once and then looked at by all tests.
"""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.audit import LOOKS, TARGET, blind_spots, enlarge, look, overflow, small_targets, violations
from tests.browser.conftest import Site, Witness, opening
from tests.browser.scenes import LANGUAGES, SCENES

pytestmark = pytest.mark.browser

MOST_RAW = 16_384  # bytes
MOST_PACKED = 4_096


class Shown(NamedTuple):
    """A page that is shown, what it did, and where and in which language it is."""

    page: Page
    witness: Witness
    site: Site
    lang: str


EVERY_PAGE = [(scene, lang) for scene in SCENES for lang in LANGUAGES]


@pytest.fixture(scope="module", params=EVERY_PAGE, ids="-".join)
def shown(request: pytest.FixtureRequest, chromium: Browser, site: Site) -> Iterator[Shown]:
    """A page, reached the way a citizen reaches it."""
    scene, lang = request.param
    witness = Witness()
    with opening(chromium, witness) as open_page:
        page = open_page()
        SCENES[scene](page, site, lang)
        yield Shown(page, witness, site, lang)


def test_a_page_is_one_small_request(shown: Shown) -> None:
    assert all(request.is_navigation_request() for request in shown.witness.requests)
    response = shown.witness.requests[-1].response()
    assert response is not None
    assert response.headers["content-encoding"] == "gzip"
    assert response.request.sizes()["responseBodySize"] <= MOST_PACKED
    assert len(response.body()) <= MOST_RAW


def test_a_page_asks_nobody_else_keeps_nothing_and_gives_the_browser_no_cause_to_complain(
    shown: Shown,
) -> None:
    assert shown.witness.hosts == {urlsplit(shown.site.url).netloc}
    assert shown.page.context.cookies() == []
    assert shown.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert shown.witness.complaints == []


def test_axe_finds_nothing_at_any_width_in_any_colours(shown: Shown) -> None:
    found = {}
    for seen in LOOKS:
        look(shown.page, *seen)
        found[seen] = violations(shown.page)
    assert not any(found.values()), found


def test_groups_have_legends_ids_are_single_and_descriptions_exist(shown: Shown) -> None:
    assert shown.page.locator("html").get_attribute("lang") == shown.lang
    assert blind_spots(shown.page) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_everything_that_can_be_pressed_is_big_enough_for_a_thumb(shown: Shown, width: int) -> None:
    look(shown.page, width, "light", "none")
    assert small_targets(shown.page, TARGET) == []


@pytest.mark.parametrize("times", [1, 2])
def test_no_page_is_wider_than_a_phone_even_in_letters_of_twice_the_size(shown: Shown, times: int) -> None:
    look(shown.page, 320, "light", "none")
    with enlarge(shown.page, times):
        assert overflow(shown.page) == []
