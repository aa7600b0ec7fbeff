"""Answering with scripts switched off, from the link to the receipt and the erasure."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage, Site
from tests.browser.scenes import expired, home, receipt_of, send

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A phone's browser that runs no scripts."""
    return open_page(width=360, scripts=False)


def answer(page: Page, *keys: str) -> None:
    """Press the second answer of the named questions."""
    for key in keys:
        page.locator(f"label:has(input[name={key}][value='2'])").click()


FIVE = ("requirements", "procedure", "time", "cost", "product")


def test_no_script_runs_in_this_browser(page: Page) -> None:
    page.goto("data:text/html,<p>still</p><script>document.body.textContent = 'ran'</script>")
    assert page.locator("p").inner_text() == "still"


def test_five_answers_are_enough_for_a_receipt(page: Page, site: Site) -> None:
    page.goto(site.link())
    answer(page, *FIVE)
    send(page)
    assert page.title() == "Terima kasih – Percaya"
    assert re.fullmatch(r"[2-9A-Y]{4} [2-9A-Y]{4} [2-9A-Y]{4}", receipt_of(page))


def test_a_form_with_too_few_answers_comes_back_with_all_of_them_and_says_what_to_do(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.link()}?lang=en")
    answer(page, "procedure", "cost")
    page.locator("textarea").fill("Cepat & ramah\n<baik>")
    page.locator("select").first.select_option(index=1)
    chosen = page.locator("select").first.input_value()
    send(page)

    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "problems"
    assert page.locator("input[type=radio]:checked").evaluate_all("all => all.map(one => one.name)") == [
        "procedure",
        "cost",
    ]
    assert page.locator("textarea").input_value() == "Cepat & ramah\n<baik>"
    assert page.locator("select").first.input_value() == chosen

    page.locator(".problems a").click()
    assert page.evaluate("document.activeElement.name") == "requirements"
    answer(page, "requirements", "time", "product")
    send(page)
    assert page.locator(".code").count() == 1


def test_another_language_keeps_every_answer(page: Page, site: Site) -> None:
    page.goto(site.link())
    answer(page, *FIVE)
    page.locator("textarea").fill("Petugas ramah")
    questions = page.locator("fieldset input").evaluate_all("all => all.map(one => one.name)")
    names = {"en": "English", "su": "Basa Sunda", "jv": "Basa Jawa", "id": "Bahasa Indonesia"}
    for lang, name in names.items():
        with page.expect_navigation():
            page.get_by_role("button", name=name).click()
        assert page.locator("html").get_attribute("lang") == lang
        assert page.locator("input[type=radio]:checked").count() == 5
        assert page.locator("textarea").input_value() == "Petugas ramah"
        assert page.locator("fieldset input").evaluate_all("all => all.map(one => one.name)") == questions
    send(page)
    assert page.locator(".code").count() == 1


def test_the_form_opens_in_the_language_of_its_invitation(page: Page, site: Site) -> None:
    page.goto(site.link(language="su"))
    assert page.locator("html").get_attribute("lang") == "su"


def test_sending_a_second_time_from_another_tab_is_told_kindly(page: Page, site: Site) -> None:
    link = f"{site.link()}?lang=en"
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(link)
    for tab in (page, other):
        tab.bring_to_front()
        answer(tab, *FIVE)
        send(tab)
    assert page.locator(".code").count() == 1
    assert other.locator("h1").inner_text() == "We already have your answers"


def test_going_back_after_sending_says_that_the_answers_are_in(page: Page, site: Site) -> None:
    page.goto(f"{site.link()}?lang=en")
    answer(page, *FIVE)
    send(page)
    page.go_back()
    assert page.locator("h1").inner_text() == "We already have your answers"


def test_a_used_link_says_that_the_answers_are_in(page: Page, site: Site) -> None:
    link = site.link()
    page.goto(link)
    answer(page, *FIVE)
    send(page)
    opened = page.goto(f"{link}?lang=en")
    assert opened is not None
    assert opened.status == 410
    assert page.locator("h1").inner_text() == "We already have your answers"


def test_an_expired_link_says_so(page: Page, site: Site) -> None:
    expired(page, site, "en")
    assert page.locator("h1").inner_text() == "This link has expired"


def test_an_incomplete_link_leads_to_typing_the_code(page: Page, site: Site) -> None:
    page.goto(f"{site.link()[:-1]}?lang=en")
    assert page.locator("h1").inner_text() == "We cannot find this survey"
    page.get_by_role("link", name="Type the code").click()
    assert page.locator("#code").count() == 1


def test_a_code_typed_by_hand_opens_its_form(page: Page, site: Site) -> None:
    code = site.link().rsplit("/", 1)[1]
    home(page, site, "en")
    page.locator("#code").fill(f" {code[:4]}-{code[4:8]} {code[8:]}".lower())
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == f"{site.url}/{code}?lang=en"
    assert page.locator("fieldset").count() == 13


def test_a_mistyped_code_stays_in_its_field(page: Page, site: Site) -> None:
    home(page, site, "en")
    page.locator("#code").fill("2345-6789-ACDX")
    send(page)
    assert page.title().startswith("Error: ")
    assert page.locator("#code").input_value() == "2345-6789-ACDX"
    page.locator(".problems a").click()
    assert page.evaluate("document.activeElement.id") == "code"


def test_a_receipt_erases_its_answer_once(page: Page, site: Site) -> None:
    page.goto(f"{site.link()}?lang=en")
    answer(page, *FIVE)
    send(page)
    receipt = receipt_of(page)
    page.get_by_role("link", name="Erase my answers").click()
    page.locator("#code").fill(receipt)
    send(page)
    assert page.locator("h1").inner_text() == "Your answers have been erased"

    page.goto(f"{site.url}/receipt?lang=en")
    page.locator("#code").fill(receipt)
    send(page)
    assert page.title().startswith("Error: ")
