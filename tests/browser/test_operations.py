"""The operator's page of SMS: whole on a phone, complete without scripts, moving by itself with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from survey.messaging import provider_states
from survey.messaging.gateway import Verdict
from survey.messaging.incoming import Status
from survey.messaging.provider_states import Attempted
from survey.platform import Platform
from tests.browser.audit import LOOKS, blind_spots, enlarge, look, overflow, small_targets, texts, violations
from tests.browser.conftest import Clock, OpenPage, Witness, installed
from tests.conftest import register
from tests.messaging.sms_world import Messages

pytestmark = pytest.mark.browser

PAGE = "/operations/sms"
CONSOLE = "console"


class Duty(NamedTuple):
    """A running installation whose messages are made by the test."""

    url: str
    platform: Platform
    messages: Messages
    clock: Clock
    doubtful: str

    def paths(self) -> dict[str, str]:
        """Every page of the operator."""
        return {
            "messages": PAGE,
            "held still": f"{PAGE}?still=1",
            "question": f"{PAGE}/retry/{self.doubtful}",
            "costs": f"{PAGE}/costs",
            "unknown": f"{PAGE}/retry/1-f",
        }


@pytest.fixture
def duty(sqlite_template: Path, tmp_path: Path) -> Iterator[Duty]:
    """A server with messages in every state, and a provider in trouble."""
    clock = Clock()
    with installed(sqlite_template, tmp_path, clock) as (url, app):
        platform: Platform = app.state.platform
        register(platform)
        messages = Messages(platform)
        for _ in range(3):
            messages.reported(Status.DELIVERED, CONSOLE)
        messages.reported(Status.UNDELIVERED, CONSOLE)
        messages.sent(Verdict.REJECTED, CONSOLE, code="http 400")
        messages.sent_reply(Verdict.REJECTED)
        doubtful = messages.sent(Verdict.UNKNOWN, CONSOLE, code="timeout")
        messages.later(7200)
        for _ in range(6):
            result = Attempted(CONSOLE, Verdict.TEMPORARY, clock.at, 100, "http 503")
            platform.writer.call(provider_states.record, result)
        yield Duty(url, platform, messages, clock, doubtful.ref)


NAMES = ("messages", "held still", "question", "costs", "unknown")
each_page = pytest.mark.parametrize("name", NAMES)


def visit(page: Page, duty: Duty, name: str, lang: str = "en") -> None:
    path = duty.paths()[name]
    page.goto(f"{duty.url}{path}{'&' if '?' in path else '?'}lang={lang}")


def paused(duty: Duty) -> bool:
    return duty.platform.writer.call(provider_states.is_paused, "*")


@each_page
def test_axe_finds_nothing_at_any_width_in_any_colours(open_page: OpenPage, duty: Duty, name: str) -> None:
    page = open_page()
    visit(page, duty, name)
    found = {}
    for seen in LOOKS:
        look(page, *seen)
        found[seen] = violations(page)
    assert not any(found.values()), found
    assert blind_spots(page) == []


@pytest.mark.parametrize("lang", ["id", "en"])
@each_page
def test_no_page_is_wider_than_a_phone_even_in_letters_of_twice_the_size(
    open_page: OpenPage, duty: Duty, name: str, lang: str
) -> None:
    page = open_page(width=320)
    visit(page, duty, name, lang)
    assert overflow(page) == []
    assert small_targets(page, 24) == []
    with enlarge(page, 2):
        assert overflow(page) == []


@each_page
def test_the_two_languages_share_no_sentence(open_page: OpenPage, duty: Duty, name: str) -> None:
    said = []
    for lang in ("id", "en"):
        page = open_page()
        visit(page, duty, name, lang)
        assert page.locator("html").get_attribute("lang") == lang
        said.append({text for text, _ in texts(page) if len(text.split()) >= 4})
    assert said[0]
    assert said[0] & said[1] == set()


@each_page
def test_a_page_asks_only_its_own_server_keeps_nothing_and_pleases_the_browser(
    open_page: OpenPage, duty: Duty, witness: Witness, name: str
) -> None:
    page = open_page()
    visit(page, duty, name)
    page.wait_for_load_state("networkidle")
    assert witness.complaints == []
    assert witness.hosts == {urlsplit(duty.url).netloc}
    assert page.context.cookies() == []


@pytest.mark.parametrize("scripts", [True, False])
def test_everything_is_paused_by_one_press_and_resumed_by_another(
    open_page: OpenPage, duty: Duty, scripts: bool
) -> None:
    page = open_page(width=320, scripts=scripts)
    visit(page, duty, "messages")
    for text, told, now in (
        ("Pause everything", "Everything is paused.", True),
        ("Resume everything", "Everything is resumed.", False),
    ):
        page.get_by_role("button", name=text).click()
        expect(page.locator(".notice")).to_have_text(told)
        assert paused(duty) is now


def test_a_press_loads_no_page_anew_where_scripts_run(
    open_page: OpenPage, duty: Duty, witness: Witness
) -> None:
    page = open_page()
    visit(page, duty, "messages")
    page.evaluate("document.body.dataset.same = 'page'")
    page.locator("#switch-everything").click()
    expect(page.locator(".notice")).to_have_text("Everything is paused.")
    expect(page.locator("#condition h2")).to_have_text("Everything is paused")
    assert page.evaluate("document.body.dataset.same") == "page"
    assert page.locator("main").count() == 1
    assert violations(page) == []
    assert witness.complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_message_in_doubt_is_sent_again_after_a_question(
    open_page: OpenPage, duty: Duty, scripts: bool
) -> None:
    page = open_page(scripts=scripts)
    visit(page, duty, "messages", "id")
    page.get_by_role("link", name=f"Kirim lagi … {duty.doubtful}").click()
    expect(page.locator("#confirm")).to_contain_text("mungkin menerimanya dua kali")
    page.locator("#retry").click()
    expect(page.locator(".notice")).to_have_text(f"Pesan {duty.doubtful} dikirim lagi.")
    expect(page.locator("#problem-list")).not_to_contain_text(duty.doubtful)


def test_the_page_follows_what_happens_by_itself_and_keeps_the_focus(
    open_page: OpenPage, duty: Duty, witness: Witness
) -> None:
    page = open_page()
    page.clock.install()
    visit(page, duty, "messages")
    waiting = page.locator("#condition dd").first
    expect(waiting).to_have_text("replies: 0; invitations and reminders: 0")
    page.locator("#toggle").focus()
    duty.messages.due(2)
    page.clock.run_for(10_500)
    expect(waiting).to_have_text("replies: 0; invitations and reminders: 2 the oldest for 0 seconds")
    assert page.evaluate("document.activeElement.id") == "toggle"
    duty.messages.due(1)
    page.clock.run_for(10_500)
    expect(waiting).to_contain_text("reminders: 3")
    assert witness.complaints == []


def test_a_page_that_is_held_still_asks_nothing(open_page: OpenPage, duty: Duty, witness: Witness) -> None:
    page = open_page()
    page.clock.install()
    visit(page, duty, "messages")
    page.locator("#toggle").click()
    page.wait_for_url("**still=1")
    page.wait_for_load_state("networkidle")
    asked = len(witness.requests)
    page.clock.run_for(60_000)
    assert len(witness.requests) == asked


def test_a_page_of_another_site_cannot_press_a_button(open_page: OpenPage, duty: Duty) -> None:
    page = open_page()
    # The same machine by another name is another site.
    page.goto(duty.url.replace("127.0.0.1", "localhost") + "/privacy")
    page.route(
        "**/elsewhere",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method="post" action="{duty.url}{PAGE}/pause?lang=en">'
            '<input name="provider" value="*"><button>win</button></form>',
        ),
    )
    page.goto(duty.url.replace("127.0.0.1", "localhost") + "/elsewhere")
    page.locator("button").click()
    expect(page.locator("h1")).to_have_text("This was not asked from this page")
    assert not paused(duty)
