"""From the counter to the tally and back, over SMPP: asked by SMS, answered by SMS, counted."""

import re

from tests.smpp.configuration import SENDER
from tests.smpp.product import Product

PHONE = "+6281234567890"
SMS_ANSWERS = "SELECT answers, comment FROM response WHERE mode = 'sms'"


def test_an_invitation_reaches_the_citizens_telephone_and_is_reported_delivered(product: Product) -> None:
    (link,) = product.post(PHONE)
    (message,) = product.kannel.smsc.messages(1)
    assert (message.sender, message.recipient, len(message.parts)) == (SENDER, PHONE, 1)
    assert link in message.text
    assert "STOP" in message.text
    product.wait_for_states("delivered")


def test_an_answer_by_sms_is_counted_and_thanked_for(product: Product) -> None:
    product.hear_from_kannel()
    product.post(PHONE)
    product.kannel.smsc.messages(1)
    product.kannel.smsc.hear(PHONE, SENDER, "4 3 4 4 4 3 4 4 4 petugas ramah")
    found = product.wait(SMS_ANSWERS, bool)
    assert found[0][0].startswith("434443444")
    assert found[0][1] == "petugas ramah"
    thanks = product.kannel.smsc.messages(2)[1]
    assert thanks.recipient == PHONE
    assert re.search(r"[2-9A-Y]{4} [2-9A-Y]{4} [2-9A-Y]{4}", thanks.text)
    product.wait("SELECT counts FROM tally_unit_day WHERE source = 'invited'", bool)
