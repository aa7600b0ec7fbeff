"""Bad input gets a precise message and a 4xx; nothing is lost and nothing is half stored."""

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from factories import count
from litestar.testing import TestClient

URL = "/api/v1/transactions"
HEADER = "unit,service,channel,outcome,finished_at,external_ref,phone"
Report = Callable[..., dict[str, Any]]
Post = Callable[..., Any]
JSON, CSV, NDJSON = "application/json", "text/csv", "application/x-ndjson"


@pytest.fixture
def post(client: TestClient, api_key: str) -> Iterator[Post]:
    """Posts a body with the agency's key; afterwards nothing may be stored of any of them."""

    def send(body: Any, kind: str = JSON) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        return client.post(
            URL, content=text, headers={"Authorization": f"Bearer {api_key}", "Content-Type": kind}
        )

    yield send
    database = client.app.state.platform.database
    assert {table: count(database, table) for table in ("service_transaction", "invitation", "dirty")} == {
        "service_transaction": 0,
        "invitation": 0,
        "dirty": 0,
    }


def is_problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem an answer must be (RFC 9457)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["type"].startswith("urn:percaya:problem:") or problem["type"] == "about:blank"
    assert len(problem["detail"]) >= 10
    return problem


WRONG_FIELDS: list[tuple[dict[str, Any], str | None, str]] = [
    ({"colour": "red"}, "colour", "unknown field"),
    ({"unit": None}, "unit", "missing"),
    ({"external_ref": None}, "external_ref", "missing"),
    ({"unit": 7}, "unit", "Expected `str`"),
    ({"channel": "pigeon"}, "channel", "use one of counter, online, mobile, phone, other"),
    ({"outcome": ["approved"]}, "outcome", "Expected `str`"),
    ({"language": "fr"}, "language", "use one of id, en, jv, su"),
    ({"unit": "nowhere"}, "unit", "no unit has the code"),
    ({"service": "nothing"}, "service", "no service has the code"),
    ({"finished_at": "2026-11-18T11:12:00Z"}, "finished_at", "future"),
    ({"finished_at": "9999-12-31T23:59:59-14:00"}, "finished_at", "future"),
    ({"finished_at": "2025-10-01T00:00:00Z"}, "finished_at", "400 days"),
    ({"finished_at": "0001-01-01T00:00:00+14:00"}, "finished_at", "400 days"),
    ({"finished_at": "2026-11-18T10:00:00"}, "finished_at", "timezone"),
    ({"finished_at": "yesterday"}, "finished_at", "RFC3339"),
    ({"finished_at": 1763460000}, "finished_at", "Expected"),
    ({"phone": "12345"}, "phone", "telephone"),
    ({"phone": "+628"}, "phone", "telephone"),
    ({"phone": "call me"}, "phone", "telephone"),
    ({"phone": "+62812345678901234"}, "phone", "telephone"),
    ({"phone": 6281234567890}, "phone", "Expected"),
    ({"external_ref": ""}, "external_ref", "length"),
    ({"external_ref": "x" * 129}, "external_ref", "length"),
    ({"unit": "u1\0"}, "unit", "Control characters"),
    ({"external_ref": "a\nb"}, "external_ref", "Control characters"),
    ({"officer": "\u0000"}, "officer", "Control characters"),
    ({"external_ref": {"a": 1}}, "external_ref", "Expected `str`"),
]


def test_a_wrong_field_is_named_with_the_reason(
    post: Post, report: Report, subtests: pytest.Subtests
) -> None:
    for change, field, reason in WRONG_FIELDS:
        with subtests.test(change=change):
            problem = is_problem(post(report(**change)), 422)
            assert problem["field"] == field
            assert reason in problem["detail"]


@pytest.mark.parametrize("kind", [JSON, NDJSON, CSV])
def test_a_wrong_phone_is_never_repeated_in_the_answer(post: Post, report: Report, kind: str) -> None:
    bad = report(phone="+999812345678")
    body: Any = {
        JSON: bad,
        NDJSON: json.dumps(bad),
        CSV: HEADER + "\n" + ",".join(str(bad[name]) for name in HEADER.split(",")),
    }[kind]
    answer = post(body, kind)
    assert answer.status_code == 422
    assert "999812345678" not in answer.text


NOT_JSON = [
    b"{",
    b"nothing",
    b'{"unit": "u1",}',
    b'{"unit": "\\ud800"}',
    b'{"unit": NaN}',
    b'{"unit": "u1"} {"unit": "u2"}',
    b'{"unit": "\xff"}',
    '{"unit": "u1"}'.encode("utf-16"),
    b'{"unit": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    b'{"unit": ' * 5_000 + b"1" + b"}" * 5_000,
    b"\x00",
    b"   ",
]


def test_a_body_that_is_not_json_is_refused(post: Post, subtests: pytest.Subtests) -> None:
    for body in NOT_JSON:
        with subtests.test(body=body[:20]):
            assert is_problem(post(body), 400)["type"] == "urn:percaya:problem:unreadable"


def test_json_that_is_no_object_is_refused(post: Post) -> None:
    for body in (b'"text"', b"7", b"null", b"true"):
        assert "object" in is_problem(post(body), 422)["detail"]


def test_an_empty_body_is_refused(post: Post) -> None:
    assert is_problem(post(b""), 400)["type"] == "urn:percaya:problem:empty"


def test_one_object_of_ten_megabytes_is_refused(post: Post, report: Report) -> None:
    problem = is_problem(post(report(external_ref="x" * 10_000_000)), 413)
    assert "65536 bytes" in problem["detail"]


def test_a_batch_beyond_the_limit_in_the_settings_is_refused(
    client: TestClient, post: Post, report: Report
) -> None:
    from dataclasses import replace

    platform = client.app.state.platform
    narrow = platform.settings.model_copy(update={"max_batch_bytes": 2000})
    client.app.state.platform = replace(platform, settings=narrow)
    problem = is_problem(post([report(external_ref=str(number)) for number in range(20)]), 413)
    assert "2000 bytes" in problem["detail"]


def test_another_media_type_is_refused_and_the_known_ones_are_named(post: Post, report: Report) -> None:
    for kind in ("", "text/html", "multipart/form-data", "application/xml", "json"):
        problem = is_problem(post(report(), kind), 415)
        assert all(known in problem["detail"] for known in (JSON, NDJSON, CSV))


def test_another_method_is_refused_and_the_right_one_is_named(client: TestClient, api_key: str) -> None:
    answer = client.delete(URL)
    assert "Allow" in is_problem(answer, 405)["detail"]
    assert "POST" in answer.headers["allow"]


def test_an_unknown_address_of_the_api_is_a_problem_too(client: TestClient) -> None:
    is_problem(client.get("/api/v1/nothing"), 404)


@pytest.mark.parametrize("query", ["?dry_run=perhaps", "?qr=gif"])
def test_a_wrong_parameter_is_named(client: TestClient, api_key: str, report: Report, query: str) -> None:
    answer = client.post(URL + query, json=report(), headers={"Authorization": f"Bearer {api_key}"})
    assert is_problem(answer, 400)["field"] == query[1:].partition("=")[0]


ROW = "u1,ktp,counter,approved,2026-11-18T10:00:00+07:00,{ref},"


def csv_body(*lines: str, header: str = HEADER) -> str:
    return "\n".join([header, *lines])


WRONG_HEADERS = [
    (HEADER + ",unit", "twice: unit"),
    (HEADER + ",colour", "unknown column: 'colour'"),
    (HEADER.removesuffix(",external_ref,phone"), "lacks the column: external_ref"),
    (HEADER.replace(",", ";"), "unknown column"),
    ("", "lacks the column"),
    ("unit\0,service", "unknown column"),
    ('"unit', "header"),
]


def test_a_wrong_header_is_refused_and_says_what_is_wrong(post: Post, subtests: pytest.Subtests) -> None:
    for header, reason in WRONG_HEADERS:
        with subtests.test(header=header):
            body = csv_body(ROW.format(ref="a"), header=header)
            assert reason in is_problem(post(body, CSV), 400)["detail"]


def test_broken_csv_row_57312_of_100000_is_named_and_nothing_is_stored(post: Post) -> None:
    lines = [ROW.format(ref=number) for number in range(1, 100_001)]
    lines[57_311] = "u1,ktp,counter"
    problem = is_problem(post(csv_body(*lines), CSV), 400)
    assert problem["detail"].startswith("row 57312: the row has 3 columns")
    assert problem["rows"][0]["row"] == 57_312


def test_every_broken_row_is_named_up_to_twenty(post: Post) -> None:
    lines = [ROW.format(ref=number) for number in range(100)]
    for number in range(10, 40):
        lines[number] = "broken"
    problem = is_problem(post(csv_body(*lines), CSV), 400)
    assert [row["row"] for row in problem["rows"]] == list(range(11, 31))


BROKEN_ROWS = [
    (csv_body(ROW.format(ref="a"), 'u1,"ktp'), CSV, "row 2"),
    (csv_body(ROW.format(ref="a"), 'u1,"k"tp,counter,approved,x,y,'), CSV, "row 2"),
    (csv_body(ROW.format(ref="a"), ROW.format(ref="b\0")), CSV, "row 2: the row contains a NUL"),
    (csv_body(ROW.format(ref="a"), "u1," * 60_000), CSV, "row 2"),
    (csv_body(ROW.format(ref="a"), '"' + "x" * 200_000 + '"'), CSV, "row 2"),
    ('{"unit": "u1"}\nnothing', NDJSON, "row 2: the line is not JSON"),
    ('{"unit": "u1"}\n[1]', NDJSON, "row 2: the line is not a JSON object"),
    ('{"unit": "u1"}\n{"a": "' + "x" * 70_000 + '"}', NDJSON, "row 2: the line is longer"),
    ('{"unit": "u1"}\n{"a":' + "[" * 30_000 + "]" * 30_000 + "}", NDJSON, "row 2"),
    ('{"unit": "u1"}\n\0', NDJSON, "row 2"),
    ('[{"unit": "u1"}, 7]', JSON, "row 2: every element of the array must be an object"),
    ('[{"unit": "u1"}, [{"unit": "u1"}]]', JSON, "row 2: every element of the array must be an object"),
    ('[{"unit": "u1"}, {"unit": ]', JSON, "row 2: the array is not JSON"),
    ('[{"unit": "u1"}', JSON, "row 2: the array is not JSON"),
    ('[{"unit": "u1"}, {"unit": 123456789012345678901234567890}]', JSON, "row 2: the array is not JSON"),
    ('[{"unit": "u1"}, {"unit": 1e999}]', JSON, "row 2: the array is not JSON"),
    ('[{"unit": "u1"}] [', JSON, "the array is not JSON"),
    ('[{}, {"a": ' + "[" * 300_000 + "]" * 300_000 + "}]", JSON, "row 2: the row is nested too deeply"),
]


def test_a_row_that_is_no_row_refuses_the_whole_batch_and_is_named(
    post: Post, subtests: pytest.Subtests
) -> None:
    for broken, kind, reason in BROKEN_ROWS:
        with subtests.test(kind=kind, reason=reason):
            assert reason in is_problem(post(broken, kind), 400)["detail"]


def test_another_encoding_than_utf8_is_refused_with_the_line(post: Post) -> None:
    for kind, start in {CSV: HEADER + "\n", NDJSON: "{}\n", JSON: "[\n"}.items():
        body = start.encode() + "Jalan Café".encode("latin-1") + b" more text"
        detail = is_problem(post(body, kind), 400)["detail"]
        assert "not UTF-8" in detail
        assert "line 2" in detail


def test_a_spreadsheets_unicode_text_is_refused(post: Post) -> None:
    for encoding in ("utf-16", "utf-32"):
        assert "UTF-8" in is_problem(post(csv_body(ROW).encode(encoding), CSV), 400)["detail"]


def test_a_body_cut_off_within_a_character_is_refused(post: Post) -> None:
    assert "cut off" in is_problem(post(HEADER.encode() + "\né".encode()[:-1], CSV), 400)["detail"]


@pytest.mark.parametrize("kind", [JSON, NDJSON])
def test_a_nul_in_a_json_value_is_refused_in_its_row(post: Post, report: Report, kind: str) -> None:
    row = report(external_ref="a\0b")
    answer = post([row] if kind == JSON else json.dumps(row), kind)
    assert answer.status_code == 422
    assert answer.json()["results"][0]["field"] == "external_ref"


def test_a_nul_or_half_a_character_in_an_unknown_key_is_refused(post: Post, report: Report) -> None:
    assert post(report(**{"a\0b": 1})).status_code == 422
    assert post([report(**{"a\0b": 1})]).status_code == 422


def test_arbitrary_bytes_are_refused(post: Post, subtests: pytest.Subtests) -> None:
    for body in (struct.pack("<Q", 2**63), bytes(range(256)), b"\x1f\x8b\x08\x00"):
        for kind in (JSON, NDJSON, CSV):
            with subtests.test(body=body[:8], kind=kind):
                is_problem(post(body, kind), 400)
