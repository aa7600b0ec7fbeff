"""Codes: no look-alikes, at least 50 bits, short enough for an SMS, and no slip of a finger gets through."""

import math
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from factories import FORM, issue, rows
from hypothesis import assume, given
from hypothesis import strategies as st
from litestar.testing import TestClient

from survey import tokens

NUMBERS = st.integers(min_value=0, max_value=tokens.BASE**tokens.DATA_LENGTH - 1)
LOOK_ALIKES = ("0ODQ", "1IL", "2Z", "5S", "6G", "8B", "UV")
CODES = [tokens.encode(number) for number in (0, 1, 24, 25, 7**17, 25**11 - 1)]


def swapped(code: str, one: int, other: int) -> str:
    letters = list(code)
    letters[one], letters[other] = letters[other], letters[one]
    return "".join(letters)


@pytest.mark.parametrize("group", LOOK_ALIKES)
def test_at_most_one_of_each_group_of_look_alikes_is_in_the_alphabet(group: str) -> None:
    assert len(set(group) & set(tokens.ALPHABET)) <= 1


def test_the_alphabet_names_no_character_twice() -> None:
    assert len(set(tokens.ALPHABET)) == len(tokens.ALPHABET) == tokens.BASE


def test_a_code_carries_at_least_fifty_bits() -> None:
    assert tokens.DATA_LENGTH * math.log2(len(tokens.ALPHABET)) >= 50


def test_a_link_with_a_short_host_has_at_most_thirty_characters() -> None:
    assert all(len(f"https://ikm.go.id/{code}") <= 30 for code in CODES)


@given(NUMBERS)
def test_a_code_that_was_made_is_read_as_itself(number: int) -> None:
    code = tokens.encode(number)
    assert tokens.read(code) == code


@given(NUMBERS, NUMBERS)
def test_different_numbers_make_different_codes(one: int, other: int) -> None:
    assume(one != other)
    assert tokens.encode(one) != tokens.encode(other)


@pytest.mark.parametrize("code", CODES)
def test_every_single_wrong_character_is_refused(code: str) -> None:
    for position in range(len(code)):
        for letter in set(tokens.ALPHABET) - {code[position]}:
            assert tokens.read(code[:position] + letter + code[position + 1 :]) is None


@given(NUMBERS, st.integers(0, tokens.LENGTH - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_wrong_key_anywhere_is_refused_or_meant_the_right_character(
    number: int, position: int, key: str
) -> None:
    code = tokens.encode(number)
    assert tokens.read(code[:position] + key + code[position + 1 :]) in (None, code)


@pytest.mark.parametrize("distance", [1, 2])
def test_every_swap_of_two_values_is_refused_in_every_position(distance: int) -> None:
    rest = tokens.encode(123_456_789_012_345)
    for first in range(tokens.LENGTH - distance):
        for one, other in combinations(tokens.ALPHABET, 2):
            code = completed(rest, {first: one, first + distance: other})
            if code is not None:
                assert tokens.read(swapped(code, first, first + distance)) is None


def completed(rest: str, fixed: dict[int, str]) -> str | None:
    """A valid code with given characters at two places: some third character is chosen to make it so."""
    letters = list(rest)
    for position, letter in fixed.items():
        letters[position] = letter
    free = next(position for position in range(tokens.LENGTH) if position not in fixed)
    for letter in tokens.ALPHABET:
        letters[free] = letter
        if tokens.read("".join(letters)):
            return "".join(letters)
    return None


@given(NUMBERS, st.integers(0, tokens.LENGTH - 2), st.sampled_from([1, 2]))
def test_a_swap_of_neighbours_or_across_one_character_is_refused(
    number: int, first: int, distance: int
) -> None:
    code = tokens.encode(number)
    assume(first + distance < tokens.LENGTH and code[first] != code[first + distance])
    assert tokens.read(swapped(code, first, first + distance)) is None


@given(NUMBERS)
def test_a_code_is_read_in_lower_case_with_spaces_dots_and_dashes(number: int) -> None:
    code = tokens.encode(number)
    typed = f" {code[:4]}-{code[4:8]}.{code[8:]}\t".lower()
    assert tokens.read(typed) == code


@given(NUMBERS)
def test_a_look_alike_is_read_as_the_character_it_looks_like(number: int) -> None:
    code = tokens.encode(number)
    assert tokens.read(code.translate(str.maketrans("865V2", "BGSUZ"))) == code


@given(st.text(max_size=200))
def test_any_text_at_all_is_a_code_or_nothing(text: str) -> None:
    code = tokens.read(text)
    assert code is None or tokens.read(code) == code


@given(st.integers(0, 2**63 - 1))
def test_a_link_is_the_same_each_time_and_another_under_another_key(transaction_id: int) -> None:
    code = tokens.link_code(b"k" * 32, transaction_id)
    assert tokens.link_code(b"k" * 32, transaction_id) == code
    assert tokens.link_code(b"l" * 32, transaction_id) != code


def test_receipts_do_not_repeat() -> None:
    assert len({tokens.draw_receipt() for _ in range(2000)}) == 2000


class Counting:
    """A reader or writer that counts what reaches the database."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.asked = 0

    async def run(self, work: Any, item: Any) -> Any:
        self.asked += 1
        return await self.inner.run(work, item)


@pytest.fixture
def counted(client: TestClient) -> tuple[TestClient, Counting, Counting]:
    platform = client.app.state.platform
    reader, writer = Counting(platform.reader), Counting(platform.writer)
    client.app.state.platform = replace(platform, reader=reader, writer=writer)
    return client, reader, writer


def test_a_mistyped_code_never_reaches_the_database(counted: tuple[TestClient, Counting, Counting]) -> None:
    client, reader, writer = counted
    wrong = swapped(CODES[4], 0, 1)
    assert client.get(f"/{wrong}").status_code == 404
    assert client.post(f"/{wrong}", data=FORM).status_code == 404
    assert client.post("/go", data={"code": wrong}).status_code == 422
    assert client.post("/receipt", data={"code": wrong}).status_code == 422
    assert (reader.asked, writer.asked) == (0, 0)


def test_a_well_formed_code_does_reach_the_database(
    api_key: str, counted: tuple[TestClient, Counting, Counting]
) -> None:
    client, reader, _ = counted
    assert client.get(f"/{CODES[4]}").status_code == 404
    assert reader.asked == 1


def test_a_code_read_to_someone_opens_the_same_form(client: TestClient, api_key: str) -> None:
    code = str(issue(client.app.state.platform)[0].code)
    spoken = code.lower().translate(str.maketrans("865v2", "bgsuz"))
    assert client.get(f"/{spoken}").status_code == 200


def test_only_a_keyed_digest_of_a_code_is_stored(client: TestClient, api_key: str) -> None:
    platform = client.app.state.platform
    code = str(issue(platform)[0].code)
    digest = tokens.digest(platform.settings.keys.token_digest, code)
    assert [bytes(row[0]) for row in rows(platform.database, "SELECT token_digest FROM invitation")] == [
        digest
    ]
    assert tokens.digest(b"another key", code) != digest
