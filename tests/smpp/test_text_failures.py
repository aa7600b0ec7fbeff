"""Texts on their way through Kannel: what is counted and paid for is what arrives, whole and readable."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from survey.agencies import NewUnit, register_units
from survey.messaging.preparing import MOST_PARTS
from survey.messaging.texts import fit_names
from survey.settings import Settings
from tests.conftest import Clock
from tests.smpp.kannel import Kannel
from tests.smpp.smsc import GSM7, UCS2, Message
from tests.smpp.workers import Desk

PHONE, OTHER = "+6281234567890", "+6281355554444"
STATES = "SELECT state, reason FROM message ORDER BY state"
LINK = "https://ikm.go.id/"
CODE_LENGTH = 12
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk(settings: Settings, kannel: Kannel, tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """An installation within the test, at the test's time."""
    opened = Desk(settings, kannel, tmp_path, clock)
    yield opened
    opened.close()


def sent(desk: Desk, kannel: Kannel, parts: int) -> list[Message]:
    """Everything that arrives when everything due is sent, once there are so many parts of it."""
    desk.send()
    kannel.smsc.parts(parts)
    kannel.wait_until_idle()
    return kannel.smsc.messages()


def invite_at(desk: Desk, name: str, phone: str = PHONE) -> None:
    """Invite somebody who was served by a unit of this name."""
    desk.platform.writer.call(register_units, NewUnit(1, "u9", name, "Asia/Jakarta", "Bogor"))
    desk.invite(phone, unit="u9", start=9)


def counted(desk: Desk) -> list[int]:
    return [row[0] for row in desk.rows("SELECT segments FROM message")]


def test_a_curly_quote_a_hard_space_a_tab_or_a_backtick_arrives_as_its_like_and_never_as_a_question_mark(
    desk: Desk, kannel: Kannel
) -> None:
    """One of them would have made two messages of one, or have been replaced without a word."""
    invite_at(desk, "Loket\u00a0“Satu”\t`A’ – B…")
    (message,) = sent(desk, kannel, 1)
    assert message.text.startswith("KTP-el, Loket \"Satu\" 'A' - B...: ")
    assert message.text.count("?") == 1
    assert (message.coding, len(message.parts), counted(desk)) == (GSM7, 1, [1])


def test_a_name_no_plain_message_can_carry_is_not_sent_mutilated_and_holds_nobody_up(
    desk: Desk, kannel: Kannel
) -> None:
    invite_at(desk, "Loket 👍")
    desk.invite(OTHER)
    (message,) = sent(desk, kannel, 1)
    assert message.recipient == OTHER
    assert desk.rows(STATES) == [("submitted", None), ("suppressed", "unsayable")]


def test_an_emoji_in_a_reply_arrives_as_itself(desk: Desk, kannel: Kannel) -> None:
    desk.reply(PHONE, "Suwun 👍 “sae”")
    (message,) = sent(desk, kannel, 1)
    assert (message.text, message.coding, counted(desk)) == ("Suwun 👍 “sae”", UCS2, [1])


def test_a_pair_that_does_not_fit_into_a_part_is_paid_for_as_the_three_messages_it_makes(
    desk: Desk, kannel: Kannel
) -> None:
    """306 septets: two parts of 153 would hold them, were the euro sign not two that stay together."""
    text = "a" * 152 + "€" + "b" * 152
    desk.reply(PHONE, text)
    (message,) = sent(desk, kannel, 3)
    assert message.text == text
    assert counted(desk) == [len(message.parts)] == [3]


@pytest.mark.parametrize("text", ["★" * 66 + "👍" + "★" * 4, "👍" * 50, "★" * 66 + "👍" + "★" * 66])
def test_an_emoji_at_the_boundary_of_two_parts_arrives_whole_and_is_never_counted_too_low(
    desk: Desk, kannel: Kannel, text: str
) -> None:
    desk.reply(PHONE, text)
    (message,) = sent(desk, kannel, 2)
    assert message.text == text
    assert counted(desk)[0] >= len(message.parts)


def test_a_text_whose_end_a_gateway_would_cut_off_in_silence_is_not_sent(desk: Desk, kannel: Kannel) -> None:
    longest = "a" * (153 * MOST_PARTS)
    desk.reply(PHONE, longest + "a")
    desk.reply(OTHER, longest)
    (message,) = sent(desk, kannel, MOST_PARTS)
    assert (message.recipient, message.text) == (OTHER, longest)
    assert desk.rows(STATES) == [("submitted", None), ("suppressed", "too_long")]


def longest_in_full() -> int:
    """Characters of a unit's name that the full wording has just room for, beside the service `KTP-el`."""
    asked: dict[str, Any] = {"service": "KTP-el", "link": LINK + "X" * CODE_LENGTH, "elements": 9}
    forms = [fit_names("invitation", "id", unit="x" * length, **asked).wording for length in range(1, 100)]
    return forms.count("full")


@pytest.mark.parametrize("more", [0, 1, 200])
def test_a_name_that_would_make_161_characters_costs_no_second_message_and_no_letter_of_the_link(
    desk: Desk, kannel: Kannel, more: int
) -> None:
    length = longest_in_full() + more
    invite_at(desk, "x" * length)
    (message,) = sent(desk, kannel, 1)
    assert (message.coding, len(message.parts), counted(desk)) == (GSM7, 1, [1])
    (link,) = (word for word in message.text.split(" ") if word.startswith(LINK))
    assert len(link) == len(LINK) + CODE_LENGTH
    assert message.text.endswith(" STOP")
    assert ("x" * length in message.text) == (more < 200)
    assert len(message.text) == 160 or more == 1
