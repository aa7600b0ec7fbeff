"""A full run with every logger at its most talkative: no code, number, key or comment comes out anywhere.

The real server runs as a process of its own, with every logger of every library forced to DEBUG. What
came out of it (standard output and error), its counters, its error bodies and its API description are
searched for every secret of the run, also as URL-encoded text, hexadecimal and in pieces.
"""

import base64
import json
import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from factories import FORM_TYPE, connected, form_body, issue
from litestar.testing import TestClient
from servers import Server, receipt_in

from survey import tokens
from survey.access import NewKey, create_keys, draw_api_key
from survey.platform import Platform

PHONE = "081298765432"
REFERENCE = "SURAT-KTP-5521"
OFFICER = "NIP-198501012010011001"
COMMENT = "Pak Slamet minta uang rokok"
# Every logger is asked for everything, whatever its own level; then the server starts as always.
TALKATIVE = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(name)s %(message)s %(pathname)s")
logging.Logger.getEffectiveLevel = lambda self: logging.DEBUG
logging.Logger.isEnabledFor = lambda self, level: level >= logging.DEBUG
import asyncio, os
os.environ["PYTHONASYNCIODEBUG"] = "1"
from survey.pages import Pages
thanks = Pages.thanks
def broken_in_sundanese(self, lang, receipt):
    if lang == "su":
        raise ValueError(f"cannot show {receipt} to anybody")
    return thanks(self, lang, receipt)
Pages.thanks = broken_in_sundanese
sys.argv = ["percaya", "serve"]
from survey.cli import main
main()
"""


class Secrets:
    """What must not come out, in every way it could be written."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def add(self, name: str, secret: str) -> str:
        self.known[name] = secret
        return secret

    def found_in(self, text: str) -> list[str]:
        """Names of the secrets a text holds."""
        lower = text.lower()
        return [name for name, secret in self.known.items() if any(way in lower for way in ways(secret))]


def ways(secret: str) -> set[str]:
    plain = {secret, quote(secret), quote(secret).replace("%20", "+"), secret.encode().hex()}
    grouped = {f"{secret[:4]} {secret[4:8]} {secret[8:]}", f"{secret[:4]}-{secret[4:8]}-{secret[8:]}"}
    encoded = {base64.b64encode(secret.encode()).decode().rstrip("=")}
    return {way.lower() for way in plain | encoded | (grouped if len(secret) == 12 else set())}


def test_the_search_finds_a_secret_in_every_way_it_is_written() -> None:
    secrets = Secrets()
    secrets.add("comment", COMMENT)
    secrets.add("code", "ACDE23456789")
    assert secrets.found_in(f"x {COMMENT.upper()} y") == ["comment"]
    assert secrets.found_in("comment=Pak+Slamet+minta+uang+rokok") == ["comment"]
    assert secrets.found_in("GET /acde23456789") == secrets.found_in("acde 2345 6789") == ["code"]
    assert secrets.found_in("nothing of it") == []


@pytest.fixture
def talkative(platform: Platform, tmp_path: Path) -> Iterator[Server]:
    server = Server(
        platform.settings,
        tmp_path / "log.txt",
        command=(sys.executable, "-c", TALKATIVE),
        extra={"PERCAYA_WORK_IN_PROCESS": "true"},
    )
    yield server
    server.stop()


def test_a_full_run_lets_nothing_secret_into_logs_counters_errors_or_the_api_description(
    platform: Platform, talkative: Server, tmp_path: Path
) -> None:
    secrets, errors = Secrets(), list[tuple[str, int, str]]()
    key = secrets.add("API key", draw_api_key())
    secrets.add("secret of the API key", key.split("_", 2)[2])
    for name, value in (("phone", PHONE), ("E.164", "6281298765432"), ("officer", OFFICER)):
        secrets.add(name, value)
    secrets.add("reference", REFERENCE)
    secrets.add("comment", COMMENT)
    admin_key = platform.settings.admin_key
    assert admin_key is not None
    secrets.add("administrator's key", admin_key.get_secret_value())
    secrets.add("secret of the settings", platform.settings.secret.get_secret_value())
    platform.writer.call(create_keys, NewKey(1, "x", key, platform.settings.keys, platform.now()))
    auth = {"Authorization": f"Bearer {key}"}
    admin = {"Authorization": f"Bearer {admin_key.get_secret_value()}"}

    def ask(what: str, status: int, method: str, path: str, body: Any = None, **headers: str) -> bytes:
        kind = {} if isinstance(body, bytes) else {"Content-Type": "application/json"}
        sent = json.dumps(body).encode() if isinstance(body, dict | list) else body
        got, page = talkative.ask(method, path, sent, {**kind, **headers})
        assert got == status, f"{what}: {got} {page[:300]!r}"
        if status >= 400:
            errors.append((what, status, page.decode()))
        return page

    transaction = {
        "unit": "u1",
        "service": "ktp",
        "channel": "counter",
        "outcome": "approved",
        "finished_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "external_ref": REFERENCE,
        "phone": PHONE,
        "officer": OFFICER,
    }
    api = "/api/v1/transactions"
    made = json.loads(ask("recorded", 201, "POST", api, transaction, **auth))
    code = secrets.add("code", made["link"].removeprefix("https://ikm.go.id/"))
    second = json.loads(
        ask("another", 201, "POST", api, transaction | {"external_ref": REFERENCE + "b"}, **auth)
    )
    broken = secrets.add("second code", second["link"].removeprefix("https://ikm.go.id/"))
    ask("opened", 200, "GET", f"/{code}")
    ask("refused", 422, "POST", f"/{code}", form_body(time="5"), **FORM_TYPE)
    thanks = ask("answered", 200, "POST", f"/{code}", form_body(comment=COMMENT), **FORM_TYPE)
    receipt = secrets.add("receipt", str(receipt_in(thanks)))
    ask("used", 410, "POST", f"/{code}", form_body(comment=COMMENT), **FORM_TYPE)
    ask("broken", 500, "POST", f"/{broken}", form_body(comment=COMMENT, shown="su"), **FORM_TYPE)
    ask("method", 405, "DELETE", f"/{code}")
    ask("below", 404, "GET", f"/{code}/more?code={code}&phone={PHONE}")
    ask("in the API", 404, "GET", f"/api/v1/{code}?phone={PHONE}")
    ask("media type", 415, "POST", f"/{broken}", {"comment": COMMENT})
    ask("no key", 401, "POST", api, transaction)
    ask("wrong key", 401, "POST", api, transaction, Authorization=f"Bearer {key[:-1]}x")
    ask("conflict", 409, "POST", api, transaction | {"channel": "online"}, **auth)
    ask("bad phone", 422, "POST", api, transaction | {"external_ref": "n", "phone": PHONE * 2}, **auth)
    ask("bad type", 422, "POST", api, transaction | {"officer": {OFFICER: PHONE}}, **auth)
    ask("bad word", 422, "POST", api, transaction | {"channel": PHONE}, **auth)
    ask("bad body", 400, "POST", api, [transaction, PHONE], **auth)
    ask("parameter", 400, "POST", f"{api}?qr={PHONE}", transaction, **auth)
    ask("erased", 200, "POST", "/receipt", f"code={receipt}".encode(), **FORM_TYPE)
    counters = ask("counters", 200, "GET", "/metrics", **admin).decode()
    description = ask("description", 200, "GET", "/openapi.json").decode()
    with connected(platform.database) as connection:  # the worker and a request meet a broken database
        connection.execute("ALTER TABLE response RENAME TO response_elsewhere")
    third = str(issue(platform, start=900)[0].code)
    secrets.add("third code", third)
    far = int(time.time()) + 86_400
    with connected(platform.database) as connection:
        connection.execute(f"UPDATE invitation SET expires_at = {far}")
    got, _ = talkative.ask("POST", f"/{third}", form_body(comment=COMMENT), FORM_TYPE)
    assert got in (500, 503)
    talkative.stop()

    log = (tmp_path / "log.txt").read_text()
    assert "failed with ValueError at" in log, "the failure should have been logged"
    assert log.count("\n") > 10, "the log was not talkative at all"
    assert secrets.found_in(log) == []
    assert secrets.found_in(counters) == []
    assert "percaya_answers" in counters
    assert secrets.found_in(description) == []
    # A refused form gives the citizen back what was typed; nothing else may repeat anything.
    kept = {name: value for name, value in secrets.known.items() if name != "comment"}
    for what, _, body in errors:
        secrets.known = kept if what in ("refused",) else {**kept, "comment": COMMENT}
        assert secrets.found_in(body) == [], what


class ServerSide(logging.Filter):
    """Leaves out what the tests' own client says of the addresses it asks for."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.name.startswith(("httpx", "httpcore"))


def test_a_failure_of_ours_is_logged_with_its_place_and_without_any_value(
    client: TestClient, api_key: str, caplog: pytest.LogCaptureFixture
) -> None:
    code = tokens.encode(123_456_789)

    class Failing:
        async def run(self, work: Any, item: Any) -> Any:
            raise RuntimeError(f"no {code} for {PHONE}")

    client.app.state.platform = replace(client.app.state.platform, reader=Failing())
    with caplog.at_level(logging.DEBUG), caplog.filtering(ServerSide()):
        assert client.get(f"/{code}").status_code == 500
    assert "GET /{code} failed with RuntimeError" in caplog.text
    assert "_find" in caplog.text
    assert code not in caplog.text
    assert PHONE not in caplog.text


def test_a_failure_is_counted_under_its_route_and_not_its_address(client: TestClient, api_key: str) -> None:
    class Failing:
        async def run(self, work: Any, item: Any) -> Any:
            raise RuntimeError

    code = tokens.encode(123_456_789)
    client.app.state.platform = replace(client.app.state.platform, reader=Failing())
    client.get(f"/{code}")
    admin_key = client.app.state.platform.settings.admin_key.get_secret_value()
    counters = client.get("/metrics", headers={"Authorization": f"Bearer {admin_key}"}).text
    assert 'percaya_requests_failed_total{route="/{code}"}' in counters
    assert code not in counters
