"""Every answer, whatever its status, keeps secrets in and strangers out; none sets a cookie."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from factories import FORM, FORM_TYPE, answer, form_body, issue
from litestar.testing import TestClient

from survey.database import Unavailable
from survey.ledger import DAY_SECONDS
from survey.security import Guard

API = "/api/v1/transactions"
EVERYWHERE = {
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
}
Asked = list[tuple[str, int, Any]]


class Failing:
    """A reader or writer of which every call fails."""

    def __init__(self, kind: type[Exception], said: str) -> None:
        self.kind, self.said = kind, said

    async def run(self, work: Any, item: Any) -> Any:
        raise self.kind(self.said)


def break_database(client: TestClient, kind: type[Exception], said: str) -> None:
    failing = Failing(kind, said)
    client.app.state.platform = replace(client.app.state.platform, reader=failing, writer=failing)


# What is sent around an answer does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def asked(client: TestClient, api_key: str, report: Any, clock: Any) -> Asked:
    """An answer of every kind: what was asked, the status it must have, the answer."""
    platform = client.app.state.platform
    used, fresh, sent = (str(issue(platform, start=n)[0].code) for n in range(3))
    answer(platform, used)
    auth = {"Authorization": f"Bearer {api_key}"}
    post = client.post
    found = [
        ("home", 200, client.get("/")),
        ("form", 200, client.get(f"/{fresh}")),
        ("form, packed", 200, client.get(f"/{fresh}", headers={"Accept-Encoding": "gzip"})),
        ("form, head", 200, client.head(f"/{fresh}")),
        ("thanks", 200, post(f"/{sent}", data=FORM)),
        ("privacy", 200, client.get("/privacy")),
        ("receipt", 200, client.get("/receipt")),
        ("alive", 200, client.get("/healthz")),
        ("ready", 200, client.get("/readyz")),
        ("robots", 200, client.get("/robots.txt")),
        ("openapi", 200, client.get("/openapi.json")),
        ("typed code", 303, post("/go", data={"code": fresh}, follow_redirects=False)),
        ("unreadable form", 400, post(f"/{fresh}", content=b"\xff", headers=FORM_TYPE)),
        ("counters", 401, client.get("/metrics")),
        ("no key", 401, post(API, json=report())),
        ("unknown link", 404, client.get("/222222222222")),
        ("unknown page", 404, client.get("/a/b/c")),
        ("unknown in API", 404, client.get("/api/v1/nothing")),
        ("unknown file", 404, client.get("/static/nothing.css")),
        ("wrong method", 405, client.put("/privacy")),
        ("wrong method, API", 405, client.get(API)),
        ("used link", 410, client.get(f"/{used}")),
        ("too large", 413, post(f"/{fresh}", content=b"x" * 3_000_000, headers=FORM_TYPE)),
        ("too large, API", 413, post(API, json={"x": "y" * 70_000}, headers=auth)),
        ("no form", 415, post(f"/{fresh}", json={})),
        ("no media type, API", 415, post(API, content=b"x", headers=auth)),
        ("refused form", 422, post(f"/{fresh}", content=form_body(time="5"), headers=FORM_TYPE)),
        ("refused, API", 422, post(API, json={}, headers=auth)),
        ("wrong parameter", 400, post(API + "?dry_run=x", json=report(), headers=auth)),
        ("recorded", 201, post(API, json=report(), headers=auth)),
        ("conflict", 409, post(API, json=report(unit="u2"), headers=auth)),
    ]
    clock.at += 15 * DAY_SECONDS
    found.append(("expired link", 410, client.get(f"/{fresh}")))
    break_database(client, Unavailable, "away")
    found += [
        ("away", 503, client.get(f"/{fresh}")),
        ("away, API", 503, post(API, json=report(), headers=auth)),
        ("not ready", 503, client.get("/readyz")),
    ]
    break_database(client, RuntimeError, f"it broke at {fresh}")
    found += [
        ("our fault", 500, client.get(f"/{fresh}")),
        ("our fault, API", 500, post(API, json=report(), headers=auth)),
    ]
    return found


def test_every_answer_has_the_status_it_should(asked: Asked) -> None:
    assert [(name, got.status_code) for name, _, got in asked] == [
        (name, status) for name, status, _ in asked
    ]


def test_every_answer_carries_the_protecting_headers_once(asked: Asked) -> None:
    for name, _, got in asked:
        for header, value in EVERYWHERE.items():
            assert got.headers.get_list(header) == [value], f"{name}: {header}"


def test_every_answer_has_a_policy_without_any_script_from_elsewhere(
    asked: Asked,
) -> None:
    for name, _, got in asked:
        policies = got.headers.get_list("content-security-policy")
        assert len(policies) == 1, name
        policy = dict(part.strip().partition(" ")[::2] for part in policies[0].split(";"))
        assert policy["default-src"] == "'none'", name
        assert policy["frame-ancestors"] == "'none'", name
        assert policy["base-uri"] == "'none'", name
        assert "unsafe" not in policies[0], name
        assert "http" not in policies[0], name


def test_a_citizens_page_may_run_no_script_at_all(asked: Asked) -> None:
    form = next(got for name, _, got in asked if name == "form")
    assert "script-src" not in form.headers["content-security-policy"]


def test_no_answer_sets_a_cookie(asked: Asked) -> None:
    assert [name for name, _, got in asked if "set-cookie" in got.headers] == []


def test_no_answer_may_be_kept_by_a_shared_cache(asked: Asked) -> None:
    for name, _, got in asked:
        kept = got.headers.get_list("cache-control")
        assert len(kept) == 1, f"{name}: {kept}"
        assert {"private", "no-store"} & {part.strip() for part in kept[0].split(",")}, name


def test_a_citizens_page_may_be_shown_again_by_going_back(asked: Asked) -> None:
    for name in ("form", "refused form", "thanks"):
        got = next(got for known, _, got in asked if known == name)
        assert got.headers["cache-control"] == "private, no-cache"


def test_a_page_names_its_language_and_says_that_it_depends_on_it(
    asked: Asked,
) -> None:
    form = next(got for name, _, got in asked if name == "form")
    assert "Accept-Language" in form.headers["vary"]
    assert '<html lang="id"' in form.text


def test_a_failure_says_nothing_of_what_is_inside(asked: Asked) -> None:
    for name, status, got in asked:
        if status >= 500:
            assert "it broke" not in got.text, name
            assert "Traceback" not in got.text, name
            assert "RuntimeError" not in got.text, name


def test_a_passing_failure_says_when_to_come_back(asked: Asked) -> None:
    for name, status, got in asked:
        if status == 503 and name != "not ready":
            assert got.headers["retry-after"] == "10"


def test_a_wrong_method_names_the_right_ones(asked: Asked) -> None:
    for name, status, got in asked:
        if status == 405:
            assert got.headers["allow"], name


def test_every_problem_of_the_api_has_type_title_status_and_detail(
    asked: Asked,
) -> None:
    problems = [(name, got) for name, status, got in asked if "API" in name and status >= 400]
    assert len(problems) >= 6
    for name, got in problems:
        assert got.headers["content-type"] == "application/problem+json", name
        assert set(got.json()) >= {"type", "title", "status", "detail"}, name
        assert got.json()["status"] == got.status_code, name


def test_an_answer_the_database_could_not_take_is_given_back_to_send_again(
    client: TestClient, api_key: str
) -> None:
    platform = client.app.state.platform
    code = issue(platform)[0].code
    client.app.state.platform = replace(platform, writer=Failing(Unavailable, "away"))
    again = client.post(f"/{code}", data={**FORM, "comment": "jangan hilang"})
    assert again.status_code == 503
    assert "jangan hilang" in again.text
    client.app.state.platform = platform
    assert client.post(f"/{code}", data=FORM).status_code == 200


def test_a_page_over_plain_http_does_not_promise_https(database_url: str) -> None:
    sent: dict[str, Any] = {"type": "http.response.start", "headers": []}
    asyncio.run(Guard("sha256-x", https=False)(sent, {"path": "/"}))  # type: ignore[arg-type]
    assert b"strict-transport-security" not in dict(sent["headers"])
