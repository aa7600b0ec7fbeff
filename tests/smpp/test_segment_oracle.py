"""The product's count of parts against the number that Kannel really sends."""

import random
from collections.abc import Sequence
from urllib.parse import quote

import pytest

from survey.messaging.segments import is_gsm, segment
from tests.smpp.kannel import Kannel
from tests.smpp.smsc import GSM7, UCS2, Message

GSM_ALPHABET = [chr(code) for code in range(0x2100) if is_gsm(chr(code))]
EXTENDED = "^{}\\[~]|€"
GSM_TEXTS = [
    "a",
    "a" * 160,
    "a" * 161,
    "a" * 306,
    "a" * 307,
    "a" * 459,
    "a" * 460,
    "a" * 152 + "€" + "b" * 152,
    "a" * 152 + "€" + "b" * 153,
    "€" * 80,
    "€" * 81,
    "€" * 152,
    "€" * 153,
    "a" * 159 + "€",
    "a" * 158 + "€",
]
UNICODE_TEXTS = [
    "★",
    "★" * 70,
    "★" * 71,
    "★" * 134,
    "★" * 135,
    "★" * 68 + "👍",
    "★" * 69 + "👍",
    "★" * 65 + "👍" + "★" * 4,
    "👍" * 35,
    "👍" * 36,
    "“" + "a" * 69,
    "“" + "a" * 70,
]
# Kannel fills each part with 67 units and so cuts the pair in the middle; the product's parts stay readable.
CUT_TEXTS = ["★" * 66 + "👍" + "★" * 4, "★" * 66 + "👍" * 2 + "★" * 40, "👍" * 50]


def through_kannel(kannel: Kannel, texts: Sequence[str]) -> list[Message]:
    """What came to the SMSC of each text, sent as the product sends it."""
    for number, text in enumerate(texts):
        send = kannel.send if segment(text).encoding == "gsm7" else kannel.send_unicode
        assert send(f"+62812{number:07d}", text).status == 202, quote(text)
    kannel.wait_until_idle()
    messages = {message.recipient: message for message in kannel.smsc.messages(len(texts))}
    return [messages[f"+62812{number:07d}"] for number in range(len(texts))]


def counted(text: str) -> int:
    return len(segment(text).parts)


@pytest.mark.parametrize(("texts", "coding"), [(GSM_TEXTS, GSM7), (UNICODE_TEXTS, UCS2)])
def test_as_many_parts_are_sent_as_were_counted(kannel: Kannel, texts: list[str], coding: int) -> None:
    messages = through_kannel(kannel, texts)
    assert [message.text for message in messages] == texts
    assert {message.coding for message in messages} == {coding}
    assert [len(message.parts) for message in messages] == [counted(text) for text in texts]


def test_texts_at_random_are_sent_in_as_many_parts_as_were_counted(kannel: Kannel) -> None:
    draw = random.Random(160)
    letters = "abc dé@" + EXTENDED
    texts = ["".join(draw.choices(letters, k=draw.choice([75, 80, 140, 153, 160, 300]))) for _ in range(80)]
    messages = through_kannel(kannel, texts)
    assert [message.text for message in messages] == texts
    assert [len(message.parts) for message in messages] == [counted(text) for text in texts]


def test_kannel_cuts_gsm_texts_where_the_product_does(kannel: Kannel) -> None:
    for text, message in zip(GSM_TEXTS, through_kannel(kannel, GSM_TEXTS), strict=True):
        sent = [len(part.data) for part in message.parts]
        assert sent == [segment(part).units for part in segment(text).parts]


def test_every_character_counted_as_gsm_arrives_as_itself(kannel: Kannel) -> None:
    assert len(GSM_ALPHABET) > 130
    messages = through_kannel(kannel, [f"<{character}>" for character in GSM_ALPHABET])
    arrived = {character: message.text for character, message in zip(GSM_ALPHABET, messages, strict=True)}
    assert arrived == {character: f"<{character}>" for character in GSM_ALPHABET}


@pytest.mark.parametrize("text", CUT_TEXTS)
def test_where_kannel_cuts_a_pair_the_product_counts_no_fewer_parts(kannel: Kannel, text: str) -> None:
    (message,) = through_kannel(kannel, [text])
    assert message.text == text
    with pytest.raises(UnicodeDecodeError):
        message.parts[0].data.decode("utf-16-be")
    ours = segment(text)
    assert all(part.encode("utf-16-be") for part in ours.parts)
    assert len(message.parts) <= len(ours.parts)


def test_a_pair_at_the_boundary_can_cost_the_product_a_part_more_than_kannel(kannel: Kannel) -> None:
    text = "★" * 66 + "👍" + "★" * 66
    (message,) = through_kannel(kannel, [text])
    assert (len(message.parts), counted(text)) == (2, 3)
