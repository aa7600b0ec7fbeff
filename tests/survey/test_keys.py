"""Keys: one secret, one key per purpose, and contacts only this installation can open."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.keys import Keys

KEYS = Keys("a secret of this test")
PURPOSES = ("officer", "api-key", "receipt", "transaction", "idempotency")


def test_equal_parts_give_equal_digests_of_sixteen_bytes() -> None:
    assert KEYS.digest("officer", "1", "Ani") == Keys("a secret of this test").digest("officer", "1", "Ani")
    assert len(KEYS.digest("officer", "1", "Ani")) == 16


@pytest.mark.parametrize(("one", "other"), list(combinations(PURPOSES, 2)))
def test_a_digest_for_one_purpose_is_none_for_another(one: str, other: str) -> None:
    assert KEYS.digest(one, "same") != KEYS.digest(other, "same")


def test_another_secret_gives_other_keys() -> None:
    other = Keys("another secret")
    assert KEYS.digest("officer", "Ani") != other.digest("officer", "Ani")
    assert KEYS.token != other.token
    assert KEYS.token != KEYS.token_digest


@given(st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=4))
def test_parts_cannot_be_moved_from_one_field_to_the_next(one: list[str], other: list[str]) -> None:
    assert (KEYS.digest("transaction", *one) == KEYS.digest("transaction", *other)) == (one == other)


def test_a_sealed_contact_can_be_opened_again() -> None:
    assert KEYS.open_contact(KEYS.seal_contact("+6281234567890")) == "+6281234567890"


def test_the_same_number_is_never_sealed_to_the_same_bytes() -> None:
    assert KEYS.seal_contact("+6281234567890") != KEYS.seal_contact("+6281234567890")


def test_a_sealed_contact_does_not_show_the_number() -> None:
    assert b"81234567890" not in KEYS.seal_contact("+6281234567890")


def test_a_contact_sealed_with_another_secret_is_refused() -> None:
    sealed = Keys("another secret").seal_contact("+6281234567890")
    with pytest.raises(ValueError, match="another PERCAYA_SECRET"):
        KEYS.open_contact(sealed)


def test_a_contact_somebody_changed_is_refused() -> None:
    sealed = bytearray(KEYS.seal_contact("+6281234567890"))
    sealed[-1] ^= 1
    with pytest.raises(ValueError, match="PERCAYA_SECRET"):
        KEYS.open_contact(bytes(sealed))


def test_printing_the_keys_shows_none_of_them() -> None:
    assert repr(KEYS) == str(KEYS) == "Keys(…)"
