"""What could name a person is stored encrypted or as a keyed digest, and purged when its use is over."""

import json
from collections.abc import Callable
from typing import Any

from factories import rows
from litestar.testing import TestClient
from sqlmodel import SQLModel

from survey.intake import Rules, read_one
from survey.ledger import DAY_SECONDS, fingerprint_of
from survey.work import expire

Report = Callable[..., dict[str, Any]]
Post = Callable[..., Any]


def test_a_telephone_number_is_stored_only_encrypted(client: TestClient, post: Post, report: Report) -> None:
    platform = client.app.state.platform
    post(report(phone="0812-3456-7890"))
    sealed = bytes(rows(platform.database, "SELECT contact FROM invitation")[0][0])
    assert platform.settings.keys.open_contact(sealed) == "+6281234567890"
    assert "81234567890" not in repr(everything(client))


def test_the_digest_that_tells_repetitions_does_not_depend_on_the_number(
    client: TestClient, post: Post, report: Report
) -> None:
    post(report(external_ref="same", phone="+6281234567890"))
    fingerprint = "SELECT fingerprint FROM service_transaction"
    platform = client.app.state.platform

    rules = Rules(platform.now(), 400 * DAY_SECONDS, "ID", "id")
    without = read_one(json.dumps(report(external_ref="same")).encode(), rules)
    stored = bytes(rows(platform.database, fingerprint)[0][0])
    assert stored == fingerprint_of(platform.settings.keys, 1, without)  # type: ignore[arg-type]


def test_an_officer_is_stored_only_as_a_keyed_digest(client: TestClient, post: Post, report: Report) -> None:
    platform = client.app.state.platform
    post(report(officer="NIP-198501012010011001"))
    post(report(external_ref="A-2", officer="NIP-198501012010011001"))
    digests = {
        bytes(row[0]) for row in rows(platform.database, "SELECT officer_digest FROM service_transaction")
    }
    assert digests == {platform.settings.keys.digest("officer", "1", "NIP-198501012010011001")}
    assert "198501012010011001" not in repr(everything(client))


def everything(client: TestClient) -> list[Any]:

    database = client.app.state.platform.database
    return [
        [bytes(value) if isinstance(value, memoryview) else value for value in row]
        for name in SQLModel.metadata.tables
        for row in rows(database, f"SELECT * FROM {name}")
    ]


def test_the_contact_and_language_are_purged_when_the_invitation_expires(
    client: TestClient, post: Post, report: Report, clock: Any
) -> None:
    platform = client.app.state.platform
    post(report(phone="+6281234567890"))
    clock.at += platform.settings.invitation_days * DAY_SECONDS - 1
    assert platform.writer.call(expire, platform.now()) == 0
    clock.at += 1
    assert platform.writer.call(expire, platform.now()) == 1
    assert rows(platform.database, "SELECT state, contact, language FROM invitation") == [
        ("expired", None, None)
    ]


def test_a_row_sent_again_after_its_contact_was_purged_is_a_duplicate_and_brings_no_contact_back(
    client: TestClient, post: Post, report: Report, clock: Any
) -> None:
    platform = client.app.state.platform
    post(report(phone="+6281234567890"))
    clock.at += platform.settings.invitation_days * DAY_SECONDS
    platform.writer.call(expire, platform.now())
    assert post(report(phone="+6281234567890")).json()["status"] == "duplicate"
    assert rows(platform.database, "SELECT contact FROM invitation") == [(None,)]
