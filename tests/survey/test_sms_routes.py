"""Where SMS providers call: only who proves it is heard, and it is stored before it is answered."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factories import count, kill_connections, rows
from litestar.testing import TestClient

from app import create_app
from survey.database import Unavailable
from survey.messaging.signatures import twilio_signature
from survey.platform import Platform
from survey.routes import sms
from survey.settings import Settings

SECRET = "kannel-calls-back-here"
CONFIG = f"""
[sms]
sender = "IKM"
callback_url = "https://ikm.go.id"

[[provider]]
use = "kannel"
secrets = {{ USER = "skm", PASSWORD = "rahasia", CALLBACK = "{SECRET}" }}
auth = {{ type = "secret", secret = "{{secret.CALLBACK}}" }}
[provider.inbound]
reply = {{ body = "ACK/Jasmin", type = "text/plain" }}

[[provider]]
use = "twilio"
secrets = {{ ACCOUNT = "AC1", TOKEN = "12345" }}

[[provider]]
use = "infobip"
secrets = {{ HOST = "abc.api.infobip.com", KEY = "k", CALLBACK = "{SECRET}" }}

[[provider]]
use = "zenziva"
secrets = {{ USER = "u", PASS = "p" }}
"""
REPORT = f"/sms/kannel/report/{SECRET}?ref=7-1f&type=1"
INBOUND = f"/sms/kannel/inbound/{SECRET}?from=%2B6281234567890&text=4+3+4&id=u-1"


@pytest.fixture
def client(settings: Settings, clock: Any, tmp_path: Path) -> Iterator[TestClient[Any]]:
    path = tmp_path / "sms.toml"
    path.write_text(CONFIG, encoding="utf-8")
    configured = settings.model_copy(update={"sms_file": path})
    with TestClient(create_app(configured, clock), base_url="https://ikm.go.id") as opened:
        yield opened


@pytest.fixture
def platform(client: TestClient[Any]) -> Platform:
    found: Platform = client.app.state.platform
    return found


def stored(platform: Platform, condition: str = "1 = 1") -> int:
    return count(platform.database, "sms_callback", condition)


def test_a_report_is_stored_and_answered(client: TestClient[Any], platform: Platform) -> None:
    answer = client.get(REPORT)
    assert (answer.status_code, answer.text) == (200, "")
    assert stored(platform, "provider = 'kannel' AND kind = 'report' AND state = 'waiting'") == 1


def test_a_message_is_stored_once_and_answered_as_its_provider_wants(
    client: TestClient[Any], platform: Platform
) -> None:
    # Jasmin calls again until it reads these very words.
    for _ in range(3):
        answer = client.get(INBOUND)
        assert (answer.status_code, answer.text) == (200, "ACK/Jasmin")
    assert stored(platform) == 1


def test_the_worker_is_woken_by_what_was_stored(
    client: TestClient[Any], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[bool] = []
    assert platform.sms is not None
    monkeypatch.setattr(platform.sms.worker, "wake", lambda: woken.append(True))
    client.get(REPORT)
    client.get(REPORT.replace(SECRET, "x" * 20))
    assert woken == [True]


def test_a_signed_form_is_taken_at_the_public_address(client: TestClient[Any], platform: Platform) -> None:
    path = "/sms/twilio/report?ref=7-1f"
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    signature = twilio_signature("12345", f"https://ikm.go.id{path}", fields.items())
    headers = {"X-Twilio-Signature": signature, "Host": "10.0.0.7:8000"}
    assert client.post(path, data=fields, headers=headers).status_code == 200
    assert client.post(path + "1", data=fields, headers=headers).status_code == 403
    assert client.post(path, data=fields | {"x": "1"}, headers=headers).status_code == 403
    assert stored(platform) == 1


def test_a_batch_is_stored_item_by_item(client: TestClient[Any], platform: Platform) -> None:
    results = [{"messageId": f"m-{n}", "from": "62812", "text": "4", "receivedAt": "t"} for n in range(30)]
    url = f"/sms/infobip/inbound/{SECRET}"
    assert client.post(url, json={"results": results}).status_code == 200
    assert (
        client.post(url, json={"results": [*results[:5], {**results[0], "messageId": "m-30"}]}).status_code
        == 200
    )
    assert stored(platform) == 31
    assert len(set(rows(platform.database, "SELECT received_ms FROM sms_callback"))) == 31


@pytest.mark.parametrize(
    "url",
    [
        REPORT.replace(SECRET, "x" * 20),
        REPORT.replace(f"/{SECRET}", ""),
        REPORT.replace("kannel", "nobody", 1),
        REPORT.replace("report", "bill"),
        "/sms/zenziva/report?ref=7-1f&type=1",
        "/sms/twilio/inbound?From=1&Body=a&MessageSid=SM1",
    ],
)
def test_whoever_proves_nothing_gets_one_and_the_same_answer_and_leaves_nothing(
    client: TestClient[Any], platform: Platform, url: str
) -> None:
    answer = client.get(url)
    assert answer.status_code == 403
    assert answer.json()["detail"] == "this callback does not prove where it comes from"
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert stored(platform) == 0


def test_what_cannot_be_read_is_refused_without_repeating_it(
    client: TestClient[Any], platform: Platform
) -> None:
    answer = client.get(f"/sms/kannel/inbound/{SECRET}?from=%2B6281234567890")
    assert answer.status_code == 400
    assert "6281234567890" not in answer.text
    answer = client.post(
        f"/sms/infobip/report/{SECRET}", content=b"[" * 60_000, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert client.get(REPORT + "&x=1" * 300).status_code == 400
    assert stored(platform) == 0


def test_a_body_beyond_the_limit_is_refused(client: TestClient[Any], platform: Platform) -> None:
    # A megabyte sent by anybody costs nobody anything.
    for url in (f"/sms/infobip/inbound/{SECRET}", "/sms/infobip/inbound/guess", "/sms/nobody/inbound"):
        answer = client.post(url, content=b"x" * 1_000_000, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
    assert (
        client.post(f"/sms/infobip/inbound/{SECRET}", content=b" " * (sms.MOST_BYTES + 1)).status_code == 413
    )
    assert stored(platform) == 0


def test_the_largest_body_is_still_read(client: TestClient[Any], platform: Platform) -> None:
    body = b'{"results": [{"messageId": "m", "from": "1", "receivedAt": "t", "text": "'
    body += b"x" * (sms.MOST_BYTES - len(body) - 4) + b'"}]}'
    assert len(body) == sms.MOST_BYTES
    url = f"/sms/infobip/inbound/{SECRET}"
    assert client.post(url, content=body, headers={"Content-Type": "application/json"}).status_code == 200
    assert stored(platform) == 1


def test_other_methods_are_not_taken(client: TestClient[Any]) -> None:
    assert client.put(REPORT).status_code == 405
    assert client.delete(REPORT).status_code == 405


def test_a_database_that_is_away_makes_the_provider_try_again(
    client: TestClient[Any], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_tx: Any, _items: Any) -> Any:
        raise Unavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(sms.callbacks, "store", away)
        answer = client.get(INBOUND)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert client.get(INBOUND).status_code == 200
    assert stored(platform) == 1


def test_a_restart_of_the_database_between_two_callbacks_loses_none(
    client: TestClient[Any], platform: Platform
) -> None:
    assert client.get(INBOUND).status_code == 200
    if not platform.database.sqlite:
        assert kill_connections(platform.database) > 0
    assert client.get(INBOUND.replace("u-1", "u-2")).status_code == 200
    assert stored(platform) == 2


def test_nothing_of_a_callback_is_logged(
    client: TestClient[Any], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.get(INBOUND)
        client.get(INBOUND.replace(SECRET, "wrong-secret-of-somebody"))
        client.get(f"/sms/kannel/inbound/{SECRET}?from=%2B6281234567890")
    # The test's own client says which addresses it asks for.
    ours = (record for record in caplog.records if not record.name.startswith(("httpx", "httpcore")))
    said = "".join(record.getMessage() for record in ours)
    written = capfd.readouterr()
    for told in ("6281234567890", SECRET, "wrong-secret", "4+3+4", "4 3 4"):
        assert told not in said + written.out + written.err


def test_without_sms_nobody_is_heard(settings: Settings, clock: Any) -> None:
    with TestClient(create_app(settings, clock), base_url="https://ikm.go.id") as opened:
        assert opened.get(REPORT).status_code == 403
