"""What the product relies on when Kannel hands in a citizen's message."""

import pytest

from tests.smpp.kannel import Kannel
from tests.smpp.receiver import Receiver
from tests.smpp.smsc import concatenation_header

PHONE = "+6281234567890"
SHORT_CODE = "99777"
TRIES = 4
"""The first, and http-request-retry more."""


def texts(receiver: Receiver, count: int) -> list[str]:
    return [told.query["text"] for told in receiver.wait("/inbound", count)]


def test_a_message_is_handed_in_with_its_numbers_and_an_id(kannel: Kannel) -> None:
    kannel.smsc.hear(PHONE, SHORT_CODE, "4 3 4 4 4 3 4 4 4 petugas ramah & cepat+")
    (told,) = kannel.receiver.wait("/inbound")
    assert told.query.pop("id")
    assert told.query == {
        "from": PHONE,
        "to": SHORT_CODE,
        "text": "4 3 4 4 4 3 4 4 4 petugas ramah & cepat+",
        "coding": "0",
        "charset": "UTF-8",
        "udh": "",
    }


@pytest.mark.parametrize("text", ["STOP", "é {x} €", "puas 👍🏽", "सेवा", "baris\nkedua", " ", ""])
def test_a_text_arrives_as_utf8_whatever_it_was_sent_in(kannel: Kannel, text: str) -> None:
    kannel.smsc.hear(PHONE, SHORT_CODE, text)
    (told,) = kannel.receiver.wait("/inbound")
    assert told.query["text"] == text
    assert told.query["charset"] == "UTF-8"


def test_two_messages_have_two_ids(kannel: Kannel) -> None:
    kannel.smsc.hear(PHONE, SHORT_CODE, "sama")
    kannel.smsc.hear(PHONE, SHORT_CODE, "sama")
    first, second = kannel.receiver.wait("/inbound", 2)
    assert first.query["id"] != second.query["id"]


def test_what_is_answered_with_503_is_handed_in_again_under_the_same_id(kannel: Kannel) -> None:
    kannel.receiver.answer(503, 503)
    kannel.smsc.hear(PHONE, SHORT_CODE, "4 3 4")
    tries = kannel.receiver.wait("/inbound", 3)
    assert len({told.query["id"] for told in tries}) == 1


def test_what_nobody_takes_is_handed_in_again(kannel: Kannel) -> None:
    kannel.receiver.refuse()
    kannel.smsc.hear(PHONE, SHORT_CODE, "4 3 4")
    kannel.receiver.listen()
    assert texts(kannel.receiver, 1) == ["4 3 4"]


def test_what_fails_too_often_is_lost(kannel: Kannel) -> None:
    kannel.receiver.answer(*[503] * TRIES)
    kannel.smsc.hear(PHONE, SHORT_CODE, "hilang")
    kannel.receiver.wait("/inbound", TRIES)
    kannel.smsc.hear(PHONE, SHORT_CODE, "berikutnya")
    assert texts(kannel.receiver, TRIES + 1) == [*["hilang"] * TRIES, "berikutnya"]


@pytest.mark.parametrize("status", [204, 302, 401, 500])
def test_every_answer_but_200_and_202_is_taken_for_a_failure(kannel: Kannel, status: int) -> None:
    kannel.receiver.answer(status, 202)
    kannel.smsc.hear(PHONE, SHORT_CODE, "lagi")
    assert texts(kannel.receiver, 2) == ["lagi", "lagi"]
    kannel.smsc.hear(PHONE, SHORT_CODE, "berikutnya")
    assert texts(kannel.receiver, 3) == ["lagi", "lagi", "berikutnya"]


def test_parts_are_joined_in_their_order_whichever_came_first(kannel: Kannel) -> None:
    kannel.smsc.hear_parts(PHONE, SHORT_CODE, ["bagian satu ", "bagian dua"], [2, 1])
    assert texts(kannel.receiver, 1) == ["bagian satu bagian dua"]


def test_a_character_cut_between_two_parts_is_whole_again(kannel: Kannel) -> None:
    high, low = "\ud83d", "\udc4d"
    kannel.smsc.hear_parts(PHONE, SHORT_CODE, ["puas" + high, low + "sekali"], [1, 2])
    assert texts(kannel.receiver, 1) == ["puas👍sekali"]


def test_a_part_whose_others_never_come_is_handed_in_alone_with_its_header(kannel: Kannel) -> None:
    kannel.smsc.hear_parts(PHONE, SHORT_CODE, ["4 3 4 4 ", "4 3 4"], [1], reference=9)
    (told,) = kannel.receiver.wait("/inbound")
    assert told.query["text"] == "4 3 4 4 "
    assert told.query["udh"].encode("latin-1") == concatenation_header(9, 2, 1)


def test_a_message_that_no_smsbox_has_taken_yet_survives_a_power_cut(kannel: Kannel) -> None:
    kannel.kill("smsbox")
    kannel.smsc.hear(PHONE, SHORT_CODE, "4 3 4")
    kannel.restart("bearerbox")
    assert texts(kannel.receiver, 1) == ["4 3 4"]


def test_a_message_that_smsbox_is_still_trying_to_hand_in_is_lost_with_it(kannel: Kannel) -> None:
    kannel.receiver.fail(lambda told: True)
    kannel.smsc.hear(PHONE, SHORT_CODE, "hilang")
    kannel.receiver.wait("/inbound")
    kannel.restart("smsbox")
    offered = len(kannel.receiver.told("/inbound"))
    kannel.smsc.hear(PHONE, SHORT_CODE, "berikutnya")
    # Before it comes again, whatever failed earlier would have.
    assert set(texts(kannel.receiver, offered + 2)[offered:]) == {"berikutnya"}


def test_messages_can_be_handed_in_elsewhere(kannel: Kannel) -> None:
    kannel.send_inbound_to(kannel.receiver.url("/sms/kannel/rahasia/inbound"))
    kannel.smsc.hear(PHONE, SHORT_CODE, "4 3 4")
    (told,) = kannel.receiver.wait("/sms/kannel/rahasia/inbound")
    assert told.query["text"] == "4 3 4"
