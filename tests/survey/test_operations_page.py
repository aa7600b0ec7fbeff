"""The operator's page of SMS: what it says, what it changes, and who may ask it to."""

import base64
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from app import create_app
from survey.database import Unavailable
from survey.messaging import provider_states
from survey.messaging.gateway import Verdict
from survey.messaging.incoming import Status
from survey.messaging.outbox import Claimed
from survey.messaging.provider_states import Attempted
from survey.platform import Platform
from survey.security import asked_from_here
from survey.settings import Settings
from tests.conftest import ADMIN_KEY, Clock, register
from tests.messaging.outbox_world import states
from tests.messaging.sms_world import Messages, with_sms
from tests.test_results_pages import Document, Element

PAGE = "/operations/sms"
ADMIN = {"Authorization": "Basic " + base64.b64encode(f"duty:{ADMIN_KEY}".encode()).decode()}
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """What the pages say does not depend on the database; what they read is tested on both."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'test.db')}"


@pytest.fixture
def client(settings: Settings, clock: Clock, tmp_path: Path) -> Iterator[TestClient[Any]]:
    """A client of the administrator, whose requests come from no page."""
    app = create_app(with_sms(settings, tmp_path), clock)
    with TestClient(app, base_url="https://ikm.go.id") as opened:
        opened.headers.update(ADMIN)
        register(opened.app.state.platform)
        yield opened


@pytest.fixture
def platform(client: TestClient[Any]) -> Platform:
    opened: Platform = client.app.state.platform
    return opened


@pytest.fixture
def messages(platform: Platform) -> Messages:
    return Messages(platform)


def show(client: TestClient[Any], path: str = PAGE, status: int = 200, **query: str) -> Element:
    answer = client.get(path, params={"lang": "en", **query})
    assert answer.status_code == status, answer.text
    return Document(answer.text).root


def facts(page: Element, section: str) -> dict[str, str]:
    listed = page.one("section", id=section).one("dl")
    return {row.one("dt").text: row.one("dd").text for row in listed.all("div")}


def press(
    client: TestClient[Any], action: str, headers: dict[str, str] = OWN, **fields: str
) -> tuple[int, str]:
    """Send a form without following where it leads; the status, and where that is."""
    answer = client.post(f"{PAGE}/{action}", data=fields, headers=headers, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", "")


def paused(platform: Platform, name: str) -> bool:
    return platform.writer.call(provider_states.is_paused, name)


def doubtful(messages: Messages) -> Claimed:
    return messages.sent(Verdict.UNKNOWN, code="timeout")


@pytest.mark.parametrize(("lang", "sentence"), [("en", "All is well"), ("id", "Semua berjalan baik")])
def test_the_first_thing_said_is_whether_it_works(client: TestClient[Any], lang: str, sentence: str) -> None:
    page = show(client, lang=lang)
    condition = page.one("section", id="condition")
    assert condition.one("h2").text == sentence
    assert condition.attributes["data-condition"] == "well"


def test_what_waits_and_for_how_long_is_said_in_words(
    client: TestClient[Any], messages: Messages, clock: Clock
) -> None:
    messages.due(2)
    messages.reply()
    messages.later(7200)
    clock.at += 300
    page = show(client)
    assert page.one("section", id="condition").one("h2").text == "Nobody is sending"
    found = facts(page, "condition")
    assert found["Waiting to be sent"] == "replies: 1; invitations and reminders: 2 the oldest for 5 minutes"
    assert found["For later"].startswith("replies: 0; invitations and reminders: 1")
    assert "As of 18:11:40 WIB" in page.text


def test_a_provider_is_shown_with_its_shares_and_their_numbers(
    client: TestClient[Any], messages: Messages
) -> None:
    messages.reported(Status.DELIVERED)
    messages.reported(Status.UNDELIVERED)
    messages.sent(Verdict.REJECTED)
    found = facts(show(client), "provider-one")
    assert found["Taken, of the tries of 24 hours"] == "66.7 % taken: 2; message rejected: 1"
    assert found["Delivered, of those handed over"] == (
        "50.0 % 95 % interval 9.5 % to 90.5 %; of the latest 2 of seven days"
    )
    assert found["Answers within"] == "5 ms 95 % within 5 ms"
    assert facts(show(client, lang="id"), "provider-one")["Diterima, dari percobaan 24 jam"].startswith(
        "66,7 %"
    )


def test_a_failing_provider_says_since_what_and_until_when(
    client: TestClient[Any], platform: Platform, clock: Clock
) -> None:
    for _ in range(6):
        platform.writer.call(
            provider_states.record, Attempted("two", Verdict.TEMPORARY, clock.at, 50, "http 503")
        )
    page = show(client)
    section = page.one("section", id="provider-two")
    assert "fails, and is not asked until 18:07:10 WIB" in section.text
    assert facts(page, "provider-two")["Trouble"] == "http 503"
    assert section.one("button").text == "Resume two"


def test_troubled_messages_have_a_button_a_question_or_the_reason_against(
    client: TestClient[Any], messages: Messages, clock: Clock
) -> None:
    failed = messages.gave_up()
    clock.at += 1
    wiped = messages.sent_reply(Verdict.REJECTED)
    clock.at += 1
    asked = doubtful(messages)
    page = show(client)
    rows = {row.one("th").text: row for row in page.one("table", id="problem-list").one("tbody").all("tr")}
    assert list(rows) == [asked.ref, wiped.ref, failed.ref]
    assert rows[failed.ref].one("button").text == f"Send again {failed.ref}"
    assert rows[asked.ref].one("a").attributes["href"] == f"{PAGE}/retry/{asked.ref}?lang=en"
    assert rows[asked.ref].all("button") == []
    assert rows[wiped.ref].all("td")[-1].text == "wiped"


def test_what_ended_is_a_table_by_state_and_kind(client: TestClient[Any], messages: Messages) -> None:
    messages.reported(Status.DELIVERED)
    messages.sent_reply(Verdict.REJECTED)
    rows = show(client).rows("ended-counts")
    assert rows[0] == ["delivered", "1", "0", "0"]
    assert ["rejected", "0", "0", "1"] in rows


def test_cost_is_shown_by_month_and_by_agency(
    client: TestClient[Any], messages: Messages, clock: Clock
) -> None:
    messages.sent()
    messages.sent_reply(Verdict.ACCEPTED)
    clock.at += 30 * 86_400
    page = show(client, f"{PAGE}/costs")
    rows = page.rows("totals")
    assert rows[:2] == [["December 2026", "0", "0", "0", "0"], ["November 2026", "1", "0", "1", "2"]]
    assert len(rows) == 12
    assert page.all("table", id="agencies") == []
    (link,) = page.one("nav", class_="months").all("a")
    assert link.attributes["href"] == f"{PAGE}/costs?lang=en&month=202611"
    assert show(client, f"{PAGE}/costs", month="202611").rows("agencies") == [["duk", "1", "0", "1"]]
    assert show(client, f"{PAGE}/costs", month="yesterday").one("h1").text == "Cost in segments"


def test_the_page_refreshes_only_its_moving_part_and_can_be_held_still(client: TestClient[Any]) -> None:
    page = show(client)
    now = page.one("div", id="now")
    assert now.attributes["hx-trigger"] == "every 10s"
    assert now.attributes["hx-get"] == f"{PAGE}?lang=en"
    still = show(client, still="1")
    assert "hx-get" not in still.one("div", id="now").attributes
    assert still.one("a", id="toggle").attributes["href"] == f"{PAGE}?lang=en"
    assert not page.all("meta", http_equiv="refresh")


def test_a_button_pauses_and_the_page_says_so(client: TestClient[Any], platform: Platform) -> None:
    button = show(client).one("section", id="provider-one").one("form")
    assert (button.attributes["method"], button.attributes["action"]) == ("post", f"{PAGE}/pause?lang=en")
    assert button.one("input").attributes["value"] == "one"
    answer = client.post(f"{PAGE}/pause?lang=en", data={"provider": "one"}, headers=OWN)
    page = Document(answer.text).root
    assert page.one("p", class_="notice").text == "one is paused."
    assert page.one("section", id="provider-one").one("button").text == "Resume one"
    assert (paused(platform, "one"), paused(platform, "two")) == (True, False)
    client.post(f"{PAGE}/resume", data={"provider": "one"}, headers=OWN)
    assert not paused(platform, "one")


def test_everything_can_be_paused_and_resumed(client: TestClient[Any], platform: Platform) -> None:
    status, where = press(client, "pause", provider="*")
    assert status == 303
    page = Document(client.get(where).text).root
    assert paused(platform, "two")
    assert page.one("section", id="condition").attributes["data-condition"] == "paused"
    assert page.one("p", class_="notice").text == "Semua pengiriman dijeda."
    press(client, "resume", provider="*")
    assert not paused(platform, "two")


def test_a_message_is_sent_again_at_the_press_of_a_button(
    client: TestClient[Any], platform: Platform, messages: Messages
) -> None:
    message = messages.gave_up()
    status, where = press(client, "retry", ref=message.ref)
    assert (status, states(platform.database)) == (303, ["queued"])
    assert Document(client.get(where).text).root.one("p", class_="notice").text == (
        f"Pesan {message.ref} dikirim lagi."
    )


def test_a_message_in_doubt_is_asked_about_first(
    client: TestClient[Any], platform: Platform, messages: Messages
) -> None:
    message = doubtful(messages)
    status, where = press(client, "retry", ref=message.ref)
    assert (status, where.partition("?")[0]) == (303, f"{PAGE}/retry/{message.ref}")
    assert states(platform.database) == ["unknown"]
    page = Document(client.get(where, params={"lang": "en"}).text).root
    assert "may get it twice" in page.one("section", id="confirm").text
    form = page.one("form")
    fields = {one.attributes["name"]: one.attributes["value"] for one in form.all("input")}
    assert fields == {"ref": message.ref, "twice": "yes"}
    press(client, form.attributes["action"].removeprefix(f"{PAGE}/").partition("?")[0], **fields)
    assert states(platform.database) == ["queued"]


def test_a_question_about_a_message_that_went_on_leads_back_to_the_page(
    client: TestClient[Any], messages: Messages
) -> None:
    message = messages.reported(Status.DELIVERED)
    answer = client.get(f"{PAGE}/retry/{message.ref}", params={"lang": "en"})
    assert Document(answer.text).root.one("p", class_="notice").text == f"Message {message.ref} is delivered."
    assert show(client, f"{PAGE}/retry/1-f", 404).one("h1").text == "There is nothing here"


def test_only_what_is_known_is_repeated_in_a_notice(client: TestClient[Any]) -> None:
    page = show(client, done="paused", what="<b>call 0812</b>")
    assert page.one("p", class_="notice").text == "? is paused."
    assert show(client, done="hacked", what="one").all("p", class_="notice") == []


ACTIONS = [("pause", "provider", "one"), ("resume", "provider", "one"), ("retry", "ref", "1-f")]
FOREIGN: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://ikm.go.id"},
    {"Origin": "https://evil.example"},
    {"Origin": "https://ikm.go.id.evil.example"},
    {"Origin": "null"},
    {"Origin": "http://["},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize(("action", "field", "value"), ACTIONS)
def test_no_other_site_can_press_a_button(
    client: TestClient[Any], platform: Platform, action: str, field: str, value: str, headers: dict[str, str]
) -> None:
    platform.writer.call(provider_states.pause, "two")
    status, _ = press(client, action, headers, **{field: value})
    assert status == 403
    assert (paused(platform, "one"), paused(platform, "two")) == (False, True)


@pytest.mark.parametrize("headers", [OWN, {"Origin": "https://ikm.go.id"}], ids=str)
def test_a_page_of_ours_can(client: TestClient[Any], platform: Platform, headers: dict[str, str]) -> None:
    assert press(client, "pause", headers, provider="one")[0] == 303
    assert paused(platform, "one")


def test_an_origin_is_ours_also_by_the_name_the_browser_used() -> None:
    headers = {"origin": "http://10.0.0.5:8000", "host": "10.0.0.5:8000"}
    assert asked_from_here(headers, "https://ikm.go.id")
    assert not asked_from_here({**headers, "host": "10.0.0.5"}, "https://ikm.go.id")


@pytest.mark.parametrize(("action", "field", "value"), ACTIONS)
def test_only_the_administrator_can(
    client: TestClient[Any], platform: Platform, action: str, field: str, value: str
) -> None:
    status, _ = press(client, action, {**OWN, "Authorization": "Basic eDp5"}, **{field: value})
    assert (status, paused(platform, "one")) == (401, False)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/costs", f"{PAGE}/retry/1-f"])
def test_only_the_administrator_sees_the_pages(client: TestClient[Any], path: str) -> None:
    answer = client.get(path, params={"lang": "en"}, headers={"Authorization": ""})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert "administrator only" in Document(answer.text).root.one("h1").text


def test_an_unknown_provider_and_a_form_that_is_none_change_nothing(
    client: TestClient[Any], platform: Platform
) -> None:
    assert press(client, "pause", provider="three")[0] == 404
    assert press(client, "pause", other="one")[0] == 404
    answer = client.post(f"{PAGE}/pause", content=b"{}", headers={**OWN, "Content-Type": "application/json"})
    assert answer.status_code == 415
    huge = client.post(f"{PAGE}/pause", data={"provider": "x" * 9000}, headers=OWN)
    assert huge.status_code == 413
    assert not paused(platform, "one")


def test_a_page_has_the_headers_of_staff_and_may_say_where_a_form_comes_from(client: TestClient[Any]) -> None:
    headers = client.get(PAGE).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "form-action 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "private, no-cache"
    assert client.get("/results").headers["referrer-policy"] == "no-referrer"


def test_without_a_provider_the_page_says_what_to_do(settings: Settings, clock: Clock) -> None:
    with TestClient(create_app(settings, clock), base_url="https://ikm.go.id") as client:
        client.headers.update(ADMIN)
        assert show(client).one("code").text == "PERCAYA_SMS_FILE=sms.toml"
        assert press(client, "pause", provider="one")[0] == 404


def test_the_page_says_when_the_database_does_not_answer(
    client: TestClient[Any], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect() -> None:
        raise Unavailable("away")

    monkeypatch.setattr(platform.database, "connect", connect)
    answer = client.get(PAGE, params={"lang": "en"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert Document(answer.text).root.one("h1").text == "The database does not answer"


def test_no_page_shows_a_number_or_a_text(client: TestClient[Any], messages: Messages) -> None:
    message = doubtful(messages)
    messages.sent_reply(Verdict.UNKNOWN)
    shown = "".join(client.get(path).text for path in (PAGE, f"{PAGE}/costs", f"{PAGE}/retry/{message.ref}"))
    assert "812345" not in shown
    assert "terima kasih" not in shown


def test_metrics_tell_what_waits_by_a_fixed_few_labels(
    client: TestClient[Any], messages: Messages, clock: Clock
) -> None:
    messages.due(3)
    doubtful(messages)
    clock.at += 9
    text = client.get("/metrics").text
    assert 'percaya_messages_due{kind="invitation"} 3.0' in text
    assert 'percaya_messages_in_state{state="unknown"} 1.0' in text
    assert 'percaya_sms_oldest_seconds{what="message"} 9.0' in text
    assert 'percaya_sms_provider_open{provider="two"} 0.0' in text
    labels = set(re.findall(r'^percaya_(?:messages|sms)_\w+\{\w+="([^"]*)"\}', text, re.MULTILINE))
    assert labels <= {
        *("invitation", "reply", "claimed", "sending", "submitted", "unknown", "stuck", "unreported"),
        *("waiting", "unmatched", "message", "callback", "one", "two", "reminder", "any"),
    }


def test_metrics_keep_telling_what_was_counted_when_the_database_is_away(
    client: TestClient[Any], platform: Platform
) -> None:
    class Away:
        async def run(self, work: Any, item: Any) -> Any:
            raise Unavailable("away")

    client.app.state.platform = replace(platform, reader=Away())  # type: ignore[arg-type]
    answer = client.get("/metrics")
    client.app.state.platform = platform
    assert answer.status_code == 200
    assert "percaya_answers" in answer.text
    assert "percaya_messages_due" not in answer.text
