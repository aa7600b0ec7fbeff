"""An Idempotency-Key: the same request gives the very same outcome, another body is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from factories import count, rows
from litestar.testing import TestClient

from survey.access import NewKey, create_keys, draw_api_key
from survey.agencies import register_agencies

Report = Callable[..., dict[str, Any]]
Post = Callable[..., Any]

KEY = {"Idempotency-Key": "job-7"}


def test_the_same_request_under_the_same_key_gives_the_very_same_outcome(post: Post, report: Report) -> None:
    first, second = post(report(), **KEY), post(report(), **KEY)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()


def test_a_batch_under_the_same_key_gives_the_very_same_outcome(post: Post, report: Report) -> None:
    batch = [report(), report(), report(external_ref="A-2", unit="nowhere"), report(external_ref="A-3")]
    first, second = post(batch, **KEY), post(batch, **KEY)
    assert first.json() == second.json()
    assert first.json()["accepted"] == 2


def test_another_body_under_the_same_key_is_refused_and_stores_nothing(
    client: TestClient, post: Post, report: Report
) -> None:
    post(report(), **KEY)
    answer = post(report(external_ref="A-2"), **KEY)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:percaya:problem:idempotency-key"
    assert count(client.app.state.platform.database, "service_transaction") == 1


def test_the_same_key_of_another_agency_is_another_key(
    client: TestClient, post: Post, report: Report
) -> None:

    platform, key = client.app.state.platform, draw_api_key()
    other = platform.writer.call(register_agencies, ("other", "Another"))
    platform.writer.call(create_keys, NewKey(other, "x", key, platform.settings.keys, platform.now()))
    post(report(), **KEY)
    answer = post(report(external_ref="B"), Authorization=f"Bearer {key}", **KEY)
    assert answer.json()["type"] != "urn:percaya:problem:idempotency-key"


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_an_idempotency_key_that_is_none_is_refused(post: Post, report: Report, key: str) -> None:
    answer = post(report(), **{"Idempotency-Key": key})
    assert 400 <= answer.status_code < 500


def test_the_idempotency_key_itself_is_not_stored(client: TestClient, post: Post, report: Report) -> None:
    post(report(), **{"Idempotency-Key": "citizen-ani-081234567890"})
    assert "081234567890" not in repr(
        [
            bytes(row[0])
            for row in rows(client.app.state.platform.database, "SELECT key_digest FROM idempotency_key")
        ]
    )
