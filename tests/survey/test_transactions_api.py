"""Reporting transactions: accepted once, the same link for the same row, a clear conflict for another."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from factories import count, issue, rows
from litestar.testing import TestClient
from sqlalchemy import text

from survey import ledger, tokens
from survey.access import NewKey, create_keys, draw_api_key
from survey.agencies import NewUnit, register_agencies, register_services, register_units
from survey.database import Statement
from survey.messaging.policy import Rules, Sampling, Stratum
from survey.platform import Platform
from survey.recording import Context

HEADER = "unit,service,channel,outcome,finished_at,external_ref,phone,officer"
PREPARED = Statement(text("SELECT statement FROM pg_prepared_statements"))
Report = Callable[..., dict[str, Any]]
Post = Callable[..., Any]


def as_csv(*reports: dict[str, Any]) -> str:
    names = HEADER.split(",")
    lines = [",".join(str(report.get(name, "")) for name in names) for report in reports]
    return "\n".join([HEADER, *lines])


def as_ndjson(*reports: dict[str, Any]) -> str:
    return "\n".join(json.dumps(report) for report in reports)


BATCHES: dict[str, tuple[str, Callable[..., str]]] = {
    "array": ("application/json", lambda *reports: json.dumps(reports)),
    "ndjson": ("application/x-ndjson", as_ndjson),
    "jsonl": ("application/jsonl", as_ndjson),
    "csv": ("text/csv; charset=utf-8", as_csv),
}


def test_a_recorded_transaction_gives_link_expiry_and_qr_code(post: Post, report: Report) -> None:
    answer = post(report())
    made = answer.json()
    assert answer.status_code == 201
    assert (made["status"], made["external_ref"]) == ("accepted", "A-1")
    assert tokens.read(made["link"].removeprefix("https://ikm.go.id/"))
    assert len(made["link"]) <= 30
    assert made["expires_at"] == "2026-12-02T11:06:40Z"
    assert made["qr_svg"].startswith("<svg")


def test_the_qr_code_can_be_a_png_or_left_away(post: Post, report: Report) -> None:
    png = post(report(), query="?qr=png").json()
    none = post(report(external_ref="A-2"), query="?qr=none").json()
    assert png["qr_png"].startswith("data:image/png;base64,")
    assert "qr_svg" not in png
    assert not {"qr_svg", "qr_png"} & set(none)


def test_the_same_row_again_is_a_duplicate_with_the_same_link(
    client: TestClient, post: Post, report: Report
) -> None:
    first, second = post(report()), post(report())
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["status"] == "duplicate"
    assert second.json()["link"] == first.json()["link"]
    assert second.json()["expires_at"] == first.json()["expires_at"]
    assert count(client.app.state.platform.database, "service_transaction") == 1


CONFLICTS: list[dict[str, Any]] = [
    {"unit": "u2"},
    {"channel": "online"},
    {"outcome": "rejected"},
    {"finished_at": "2026-11-18T10:00:01+07:00"},
    {"officer": "Budi"},
    {"language": "en"},
    {"phone": "+6281234567891"},
    {"phone": None},
]


def test_another_row_under_the_same_reference_is_a_conflict_and_changes_nothing(
    client: TestClient, post: Post, report: Report, subtests: pytest.Subtests
) -> None:
    database = client.app.state.platform.database
    post(report(phone="+6281234567890"))
    before = rows(database, "SELECT * FROM service_transaction")
    for change in CONFLICTS:
        with subtests.test(change=change):
            answer = post(report(**({"phone": "+6281234567890"} | change)))
            assert answer.status_code == 409
            assert answer.json()["type"] == "urn:percaya:problem:conflict"
            assert answer.json()["field"] == "external_ref"
            assert rows(database, "SELECT * FROM service_transaction") == before


def test_the_same_moment_in_another_zone_is_the_same_row(post: Post, report: Report) -> None:
    post(report())
    assert post(report(finished_at="2026-11-18T03:00:00Z")).json()["status"] == "duplicate"


def test_two_agencies_may_use_the_same_reference(client: TestClient, post: Post, report: Report) -> None:

    platform = client.app.state.platform
    call, key = platform.writer.call, draw_api_key()
    other = call(register_agencies, ("other", "Another"))
    call(register_units, NewUnit(other, "u1", "Loket", "Asia/Jakarta"))
    call(register_services, (other, "ktp", "KTP-el"))
    call(create_keys, NewKey(other, "x", key, platform.settings.keys, platform.now()))
    assert post(report()).status_code == 201
    assert post(report(), Authorization=f"Bearer {key}").status_code == 201


@pytest.mark.parametrize("form", BATCHES)
def test_a_batch_says_of_each_row_what_became_of_it(
    client: TestClient, post: Post, report: Report, form: str
) -> None:
    kind, write = BATCHES[form]
    post(report(external_ref="known"))
    answer = post(
        write(
            report(external_ref="known"),
            report(external_ref="new"),
            report(external_ref="known", channel="online"),
            report(external_ref="bad", unit="nowhere"),
            report(external_ref="ill", phone="12345"),
        ),
        kind,
    )
    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["duplicate"], told["rejected"]) == (1, 1, 3)
    assert [row["row"] for row in told["results"]] == [1, 2, 3, 4, 5]
    assert [row["status"] for row in told["results"]] == [
        "duplicate",
        "accepted",
        "rejected",
        "rejected",
        "rejected",
    ]
    assert told["results"][2]["conflict"] is True
    assert [row.get("field") for row in told["results"][2:]] == ["external_ref", "unit", "phone"]
    assert count(client.app.state.platform.database, "service_transaction") == 2


@pytest.mark.parametrize("form", BATCHES)
def test_every_format_records_the_same_row(client: TestClient, post: Post, report: Report, form: str) -> None:
    kind, write = BATCHES[form]
    post(report(phone="+62 812-3456-7890", officer="Ani, S.Sos" if form != "csv" else "Ani"))
    again = report(phone="0812 3456 7890", officer="Ani, S.Sos" if form != "csv" else "Ani")
    assert post(write(again), kind).json()["results"][0]["status"] == "duplicate"


def test_a_spreadsheets_byte_order_mark_does_no_harm(post: Post, report: Report) -> None:
    answer = post("\ufeff" + as_csv(report()), "text/csv")
    assert answer.json()["accepted"] == 1


def test_a_quoted_cell_may_hold_commas_quotes_and_a_line_end(post: Post) -> None:
    body = HEADER + '\r\nu1,ktp,counter,approved,2026-11-18T10:00:00+07:00,"a,""b",,"Ani"\r\n'
    told = post(body, "text/csv").json()
    assert told["results"][0]["external_ref"] == 'a,"b'


def test_a_row_repeated_within_one_batch_is_recorded_once(
    client: TestClient, post: Post, report: Report
) -> None:
    told = post([report(), report(), report(channel="online")]).json()
    assert [row["status"] for row in told["results"]] == ["accepted", "duplicate", "rejected"]
    assert told["results"][0]["link"] == told["results"][1]["link"]
    assert count(client.app.state.platform.database, "invitation") == 1


def test_a_row_repeated_far_apart_in_one_batch_is_a_duplicate_too(post: Post, report: Report) -> None:
    many = [report(external_ref=f"n-{number}") for number in range(1200)]
    told = post([*many, many[0], many[-1]]).json()
    assert (told["accepted"], told["duplicate"]) == (1200, 2)
    assert [row["status"] for row in told["results"][-2:]] == ["duplicate", "duplicate"]


def test_a_batch_of_which_nothing_can_be_taken_is_refused_row_by_row(post: Post, report: Report) -> None:
    answer = post([report(unit="nowhere"), report(service="nothing")])
    assert answer.status_code == 422
    assert answer.json()["rejected"] == 2


@pytest.mark.parametrize(
    ("body", "kind"), [("[]", "application/json"), (HEADER, "text/csv"), ("\n\n", "application/jsonl")]
)
def test_a_batch_without_a_row_is_refused(post: Post, body: str, kind: str) -> None:
    answer = post(body, kind)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:percaya:problem:empty"


@pytest.mark.parametrize("form", ["object", *BATCHES])
def test_a_dry_run_says_what_would_happen_and_stores_nothing(
    client: TestClient, post: Post, report: Report, form: str
) -> None:
    if form == "object":
        answer = post(report(), query="?dry_run=true")
    else:
        kind, write = BATCHES[form]
        answer = post(write(report(), report(unit="nowhere")), kind, query="?dry_run=true")
    assert answer.status_code == 200
    assert "link" not in answer.text
    for table in ("service_transaction", "invitation", "dirty", "idempotency_key"):
        assert count(client.app.state.platform.database, table) == 0
    assert post(report()).status_code == 201


def test_a_dry_run_refuses_what_a_real_one_would(post: Post, report: Report) -> None:
    assert post(report(unit="nowhere"), query="?dry_run=true").status_code == 422


def test_every_recorded_transaction_is_invited_with_certainty(
    client: TestClient, post: Post, report: Report
) -> None:
    post([report(external_ref=str(number), outcome="rejected") for number in range(5)])
    database = client.app.state.platform.database
    assert rows(database, "SELECT DISTINCT sampling_probability FROM service_transaction") == [(1.0,)]
    assert count(database, "invitation") == count(database, "service_transaction") == 5


@pytest.fixture
def only_online(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules of contact by which nobody is invited but whoever was served online."""
    rules = Rules(sampling=Sampling(probability=0.0, strata=(Stratum(channel="online", probability=1.0),)))
    made = Context.recording

    def recording(context: Context, reports: Sequence[ledger.Report]) -> ledger.Recording:
        return replace(made(context, reports), rules=rules)

    monkeypatch.setattr(Context, "recording", recording)


@pytest.mark.usefixtures("only_online")
@pytest.mark.parametrize("form", BATCHES)
def test_a_row_that_is_not_drawn_is_recorded_and_says_that_nobody_is_invited(
    client: TestClient, post: Post, report: Report, form: str
) -> None:
    kind, write = BATCHES[form]
    body = write(report(external_ref="one"), report(external_ref="two", channel="online"))
    told = post(body, kind, query="?qr=png").json()
    assert (told["accepted"], told["rejected"]) == (2, 0)
    assert told["results"][0] == {"row": 1, "status": "accepted", "external_ref": "one", "invited": False}
    assert told["results"][1].keys() == {"row", "status", "external_ref", "link", "expires_at", "qr_png"}
    database = client.app.state.platform.database
    assert count(database, "service_transaction") == 2
    assert count(database, "invitation") == 1


@pytest.mark.usefixtures("only_online")
def test_a_row_that_is_not_drawn_is_told_the_same_again(post: Post, report: Report) -> None:
    headers = {"Idempotency-Key": "monday"}
    first = post([report(), report()], **headers).json()
    assert [row["status"] for row in first["results"]] == ["accepted", "duplicate"]
    assert post([report(), report()], **headers).json() == first
    later = post([report()]).json()["results"]
    assert later == [{"row": 1, "status": "duplicate", "external_ref": "A-1", "invited": False}]
    assert post([report(channel="online")]).json()["results"][0]["conflict"] is True


@pytest.mark.usefixtures("only_online")
def test_one_transaction_that_is_not_drawn_has_no_link_and_no_qr_code(
    client: TestClient, post: Post, report: Report
) -> None:
    answer = post(report())
    assert answer.status_code == 201
    assert answer.json()["invited"] is False
    assert not {"link", "expires_at", "qr_svg"} & set(answer.json())
    platform = client.app.state.platform
    ((number,),) = rows(platform.database, "SELECT id FROM service_transaction")
    code = tokens.link_code(platform.settings.keys.token, number)
    assert client.get(f"/{code}").status_code == 404


@pytest.mark.usefixtures("only_online")
def test_a_dry_run_says_nothing_about_who_would_be_drawn(post: Post, report: Report) -> None:
    told = post([report()], query="?dry_run=true").json()["results"]
    assert told == [{"row": 1, "status": "accepted", "external_ref": "A-1"}]


def test_the_day_of_a_transaction_is_counted_in_its_units_zone(
    client: TestClient, post: Post, report: Report
) -> None:
    post(report(unit="u1", external_ref="west", finished_at="2026-11-17T22:30:00+07:00"))
    post(report(unit="u2", external_ref="east", finished_at="2026-11-17T22:30:00+07:00"))
    days = dict(rows(client.app.state.platform.database, "SELECT external_ref, day FROM service_transaction"))
    assert days == {"west": 20261117, "east": 20261118}


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_looking_up_known_references_never_keeps_a_plan_made_for_a_small_ledger(platform: Platform) -> None:
    for number in range(12):
        issue(platform, 40, start=number * 40)

    def kept(tx: Any, items: Any) -> list[list[str]]:
        return [[row[0] for row in tx.all(PREPARED)] for _ in items]

    statements = platform.writer.call(kept, None)
    assert any("INSERT INTO service_transaction" in statement for statement in statements)
    assert not any("external_ref IN" in statement for statement in statements)
