"""The citizen's pages, each reached the way a citizen reaches it."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.conftest import Site

LANGUAGES = ("id", "en", "jv", "su")
WRONG_CODE = "2345-6789-ACDF"


def choose(page: Page, answered: int = 99) -> None:
    """Choose the third answer of the first `answered` rated questions."""
    page.evaluate(
        """answered => [...document.querySelectorAll("fieldset")].slice(0, answered)
            .forEach(group => group.querySelectorAll("label")[2].click())""",
        answered,
    )


def send(page: Page) -> None:
    """Press the page's main button."""
    with page.expect_navigation():
        page.locator("button.send").click()


def form(page: Page, site: Site, lang: str) -> None:
    page.goto(f"{site.link()}?lang={lang}")


def form_too_short(page: Page, site: Site, lang: str) -> None:
    form(page, site, lang)
    choose(page, 2)
    send(page)


def thanks(page: Page, site: Site, lang: str) -> None:
    form(page, site, lang)
    choose(page)
    send(page)


def receipt_of(page: Page) -> str:
    """The receipt code on the thank-you page."""
    return page.locator(".code").inner_text()


def used(page: Page, site: Site, lang: str) -> None:
    thanks(page, site, lang)
    page.goto(page.url)


def expired(page: Page, site: Site, lang: str) -> None:
    page.goto(f"{site.link(days_ago=30)}?lang={lang}")


def unknown(page: Page, site: Site, lang: str) -> None:
    page.goto(f"{site.url}/no-such-page?lang={lang}")


def home(page: Page, site: Site, lang: str) -> None:
    page.goto(f"{site.url}/?lang={lang}")


def home_wrong_code(page: Page, site: Site, lang: str) -> None:
    home(page, site, lang)
    page.locator("#code").fill(WRONG_CODE)
    send(page)


def privacy(page: Page, site: Site, lang: str) -> None:
    page.goto(f"{site.url}/privacy?lang={lang}")


def erase(page: Page, site: Site, lang: str) -> None:
    page.goto(f"{site.url}/receipt?lang={lang}")


def erase_wrong_code(page: Page, site: Site, lang: str) -> None:
    erase(page, site, lang)
    page.locator("#code").fill(WRONG_CODE)
    send(page)


def erased(page: Page, site: Site, lang: str) -> None:
    thanks(page, site, lang)
    receipt = receipt_of(page)
    erase(page, site, lang)
    page.locator("#code").fill(receipt)
    send(page)


Scene = Callable[[Page, Site, str], None]
SCENES: dict[str, Scene] = {
    "form": form,
    "form too short": form_too_short,
    "thanks": thanks,
    "used": used,
    "expired": expired,
    "unknown": unknown,
    "home": home,
    "home, wrong code": home_wrong_code,
    "privacy": privacy,
    "erase": erase,
    "erase, wrong code": erase_wrong_code,
    "erased": erased,
}
