"""Who may come in: agencies by key, the administrator by another, and nobody by guessing."""

import base64

import pytest
from factories import rows
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from survey import access
from survey.access import NewKey, Presented
from survey.agencies import register_agencies
from survey.platform import Platform


def caller(platform: Platform, key: str) -> access.Caller | None:
    return platform.writer.call(access.find_callers, Presented(key, platform.settings.keys))


def new_key(platform: Platform, agency_id: int = 1) -> str:
    key = access.draw_api_key()
    platform.writer.call(
        access.create_keys, NewKey(agency_id, "test", key, platform.settings.keys, platform.now())
    )
    return key


def test_a_key_opens_its_own_agency(platform: Platform) -> None:
    other = platform.writer.call(register_agencies, ("other", "Another agency"))
    assert caller(platform, new_key(platform)) == access.Caller(1, "duk")
    assert caller(platform, new_key(platform, other)) == access.Caller(other, "other")


def test_a_right_prefix_with_a_wrong_secret_is_nobody(platform: Platform) -> None:
    key = new_key(platform)
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    assert caller(platform, wrong) is None


def test_the_secret_of_one_key_does_not_open_another(platform: Platform) -> None:
    one, other = new_key(platform), new_key(platform)
    assert caller(platform, "_".join([*one.split("_")[:2], other.split("_", 2)[2]])) is None


def test_a_revoked_key_opens_nothing_from_then_on(platform: Platform) -> None:
    key = new_key(platform)
    assert platform.writer.call(access.revoke_keys, (key.split("_")[1], platform.now())) is True
    assert caller(platform, key) is None


def test_revoking_twice_or_what_is_not_there_is_said(platform: Platform) -> None:
    prefix = new_key(platform).split("_")[1]
    platform.writer.call(access.revoke_keys, (prefix, platform.now()))
    assert platform.writer.call(access.revoke_keys, (prefix, platform.now())) is False
    assert platform.writer.call(access.revoke_keys, ("nothing", platform.now())) is False


@pytest.mark.parametrize("text", ["", "pcy", "pcy_", "pcy__", "pcy_\0_x", "nothing at all", "pcy_é_ü", "'"])
def test_what_is_no_key_is_nobody(platform: Platform, text: str) -> None:
    assert caller(platform, text) is None


def test_neither_a_key_nor_its_secret_is_stored(platform: Platform) -> None:
    key = new_key(platform)
    secret = key.split("_", 2)[2]
    stored = repr(rows(platform.database, "SELECT * FROM api_key"))
    assert key.split("_")[1] in stored
    assert secret not in stored
    assert secret.encode().hex() not in stored


def test_a_key_has_two_hundred_and_fifty_six_bits_and_never_repeats() -> None:
    keys = {access.draw_api_key() for _ in range(500)}
    assert len(keys) == 500
    assert all(len(base64.urlsafe_b64decode(key.split("_", 2)[2] + "=")) == 32 for key in keys)


def test_a_bearer_token_and_a_basic_password_are_both_read() -> None:
    basic = base64.b64encode(b"anyone:pcy_a_b:c").decode()
    assert access.credential("Bearer pcy_a_b") == "pcy_a_b"
    assert access.credential("bearer  pcy_a_b ") == "pcy_a_b"
    assert access.credential(f"Basic {basic}") == "pcy_a_b:c"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic", "Basic ?", "Basic /w==", "Digest x"]
)
def test_a_header_without_a_key_gives_none(header: str | None) -> None:
    assert access.credential(header) is None


@given(st.text(), st.text())
def test_only_the_very_administrator_key_is_the_administrators(key: str, admin_key: str) -> None:
    assert access.is_administrator(key, admin_key) == (key == admin_key and key != "")


def test_without_an_administrator_key_nobody_is_the_administrator() -> None:
    assert not access.is_administrator("", None)
    assert not access.is_administrator(None, "")
    assert not access.is_administrator("anything", None)


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Bearer wrong",
        "Bearer pcy_00000000_" + "A" * 43,
        "Basic " + base64.b64encode(b"x:pcy_\0_\0").decode(),
    ],
)
def test_a_request_without_a_valid_key_gets_401_and_how_to_send_one(
    client: TestClient, api_key: str, authorization: str | None
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = client.post("/api/v1/transactions", json={}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "Authorization: Bearer" in answer.json()["detail"]


def administrator(client: TestClient) -> dict[str, str]:
    admin_key = client.app.state.platform.settings.admin_key
    return {"Authorization": f"Bearer {admin_key.get_secret_value()}"}


def test_an_agency_key_does_not_open_the_administrators_counters(client: TestClient, api_key: str) -> None:
    assert client.get("/metrics", headers={"Authorization": f"Bearer {api_key}"}).status_code == 401
    assert client.get("/metrics", headers=administrator(client)).status_code == 200


def test_the_administrators_key_does_not_report_for_an_agency(client: TestClient, api_key: str) -> None:
    answer = client.post("/api/v1/transactions", json={}, headers=administrator(client))
    assert answer.status_code == 401
