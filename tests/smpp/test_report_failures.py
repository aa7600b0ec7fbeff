"""Delivery reports that come early, late, twice, in the wrong order, or never: what is believed, and sent."""

import itertools
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest

from survey.database import Tx
from survey.messaging.outbox import ReplyOut, enqueue_replies
from survey.platform import open_platform
from tests.conftest import ADMIN_KEY
from tests.smpp.world import REPORT, Citizen, World
from tests.smpp.world import whole_world as whole_world
from tests.smpp.world import world as world

MESSAGES = "SELECT agency_id, id FROM message"
ENDED = "SELECT count(*) FROM sms_callback WHERE state = 'done'"
FOUR_DAYS = 4 * 86_400
"""Longer than reports are waited for."""
_references = itertools.count(1_000_000)


class Sent(NamedTuple):
    """A message on its way, known by its key in the database."""

    world: World
    citizen: Citizen
    where: str

    def stored(self, columns: str) -> Any:
        """Some columns of it."""
        return self.world.product.rows(f"SELECT {columns} FROM message WHERE {self.where}")[0]

    def wait(self, state: str, reason: str | None = None) -> None:
        """Wait until it is in a state."""
        sql = f"SELECT state, reason FROM message WHERE {self.where}"
        self.world.product.wait(sql, lambda found: found[0] == (state, reason))


def post(world: World) -> Sent:
    """Report a service; its message may not have been sent yet."""
    citizen = world.citizen()
    return _new(world, citizen, lambda: world.product.post(citizen.phone, start=next(_references)))


def reply(world: World, text: str) -> Sent:
    """Have something said to somebody, as when a citizen wrote."""
    citizen = world.citizen()
    opened = open_platform(world.product.settings)
    said = ReplyOut(opened.settings.keys, citizen.phone, text, opened.now())
    try:
        return _new(world, citizen, lambda: opened.writer.call(_enqueue, said))
    finally:
        opened.close()


def _enqueue(tx: Tx, items: Sequence[ReplyOut]) -> list[None]:
    enqueue_replies(tx, items)
    return [None for _ in items]


def _new(world: World, citizen: Citizen, make: Any) -> Sent:
    before = set(world.product.rows(MESSAGES))
    make()
    ((agency, number),) = set(world.product.rows(MESSAGES)) - before
    world.wake()
    return Sent(world, citizen, f"agency_id = {agency} AND id = {number}")


def types(world: World, count: int) -> list[str]:
    """The types of the reports Kannel has told, in their order, once there are so many."""
    return [type_of(path) for path in world.to_product.asked(REPORT, count)]


def type_of(path: str) -> str:
    """The type a report tells, or nothing when it is none."""
    found = re.search(r"[?&]type=(\d+)", path)
    return found[1] if found else ""


def counted(world: World, result: str) -> int:
    """How many invitations came to a result, as the metrics say."""
    assert world.product.server is not None
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    status, body = world.product.server.ask("GET", "/metrics", headers=headers)
    assert status == 200
    found = re.search(
        rf'^percaya_messages_total{{kind="invitation",result="{result}"}} (\S+)$', body.decode(), re.M
    )
    return int(float(found[1])) if found else 0


def let_days_pass(world: World, *messages: Sent) -> None:
    """Let four days pass since messages were handed over, for a worker that starts afterwards."""
    world.product.stop()
    for sent in messages:
        world.run(f"UPDATE message SET changed_at = changed_at - {FOUR_DAYS} WHERE {sent.where}")
    world.product.start()
    for sent in messages:
        sent.wait("submitted", "no report")


def tell(world: World, path: str) -> int:
    """Ask the product itself for an address; the status."""
    assert world.product.server is not None
    return world.product.server.ask("GET", path)[0]


def test_a_report_that_overtakes_kannels_own_answer_is_not_lost_and_nothing_is_sent_twice(
    world: World,
) -> None:
    world.to_kannel.hold_answers()
    sent = post(world)
    sent.wait("delivered")
    attempts = f"SELECT outcome FROM message_attempt WHERE {sent.where.replace(' id', ' message_id')}"
    assert world.product.rows(attempts) == []
    world.to_kannel.release()
    world.product.wait(attempts, lambda found: found == [("accepted",)])
    world.settle()
    assert sent.stored("state, segments, attempts") == ("delivered", 1, 1)
    assert len(sent.citizen.heard()) == 1


def test_accepted_told_after_delivered_does_not_take_the_delivery_back(world: World) -> None:
    world.to_product.delay(lambda path: type_of(path) == "8")
    sent = post(world)
    sent.wait("delivered")
    world.to_product.release()
    assert types(world, 2) == ["1", "8"]
    world.settle()
    assert sent.stored("state") == ("delivered",)


def test_a_report_whose_answer_was_lost_is_told_again_and_counts_once(world: World) -> None:
    before = counted(world, "delivered")
    world.to_product.lose_first_answers(REPORT)
    sent = post(world)
    assert sorted(types(world, 4)) == ["1", "1", "8", "8"]
    world.settle()
    assert sent.stored("state") == ("delivered",)
    assert counted(world, "delivered") == before + 1


def test_reports_recorded_by_somebody_and_played_again_change_and_keep_nothing(world: World) -> None:
    sent = post(world)
    told = {path for path in world.to_product.asked(REPORT, 2)}
    world.settle()
    before, stored = counted(world, "delivered"), world.count("sms_callback")
    assert [tell(world, path) for path in sorted(told) * 3] == [200] * 6
    assert world.count("sms_callback") == stored
    assert sent.stored("state") == ("delivered",)
    assert counted(world, "delivered") == before


@pytest.mark.parametrize(
    ("reported", "state"), [("UNDELIV", "undelivered"), ("EXPIRED", "expired"), ("REJECTD", "undelivered")]
)
def test_what_the_operator_could_not_deliver_is_known_forgotten_and_not_sent_again(
    world: World, reported: str, state: str
) -> None:
    # Of 34, "expired" is told as a sum of bits: read as one value it would be nothing at all.
    world.kannel.smsc.rule(reports=[reported])
    sent = post(world)
    world.settle()
    assert sent.stored("state, contact, body") == (state, None, None)
    assert reported in sent.stored("reason")[0]
    assert len(sent.citizen.heard()) == 1


def test_a_report_that_never_comes_makes_nobody_send_again_and_the_number_is_forgotten(world: World) -> None:
    # Of the three, Kannel itself loses two: what precedes the response, and what names the message otherwise.
    behaviours: list[dict[str, Any]] = [{"reports": []}, {"early": True}, {"hex": True}]
    messages = []
    for behaviour in behaviours:
        world.kannel.smsc.rule(times=1, **behaviour)
        messages.append(post(world))
        messages[-1].wait("submitted")
        world.kannel.smsc.parts(len(messages))
    let_days_pass(world, *messages)
    assert [len(sent.citizen.heard()) for sent in messages] == [1, 1, 1]


def test_a_report_that_comes_days_later_is_still_believed(world: World) -> None:
    world.kannel.smsc.rule(times=1, reports=[])
    sent = post(world)
    sent.wait("submitted")
    (part,) = world.kannel.smsc.parts(1)
    let_days_pass(world, sent)
    world.kannel.smsc.report(part, "DELIVRD")
    sent.wait("delivered")
    assert len(sent.citizen.heard()) == 1


def test_a_refusal_told_after_number_and_text_were_wiped_ends_the_reply_and_sends_nothing(
    world: World,
) -> None:
    world.kannel.smsc.rule(times=1, reports=[])
    said = reply(world, "terima kasih")
    said.wait("submitted")
    (accepted,) = world.to_product.asked(REPORT, 1)
    let_days_pass(world, said)
    assert said.stored("contact, body") == (None, None)
    refused = accepted.replace("type=8", "type=16").replace("answer=", "answer=NACK%2FRetries+Exceeded")
    assert tell(world, refused) == 200
    said.wait("suppressed", "no_number")
    assert len(said.citizen.heard()) == 1


def test_a_long_message_is_one_message_though_only_its_first_part_is_reported(world: World) -> None:
    text = " ".join(["Terima kasih banyak"] * 20)
    said = reply(world, text)
    world.settle()
    assert said.stored("state, segments") == ("delivered", 3)
    assert said.citizen.heard() == [text]
    parts = [part for part in world.kannel.smsc.parts() if part.recipient == said.citizen.phone]
    assert [part.reported for part in parts] == [True, False, False]


def test_a_forged_report_ends_no_message(world: World) -> None:
    world.kannel.smsc.rule(times=1, reports=[])
    stored = world.count("sms_callback")
    sent = post(world)
    (accepted,) = world.to_product.asked(REPORT, 1)
    world.product.wait(ENDED, lambda found: found[0][0] == stored + 1)
    failed = accepted.replace("type=8", "type=2")
    forged = [
        failed.replace("callback-secret", "callback-secrEt"),
        re.sub(r"/callback-secret[^?]*", "", failed),
        failed.replace("/kannel/", "/twilio/"),
        failed.replace("/report/", "/inbound/"),
    ]
    assert [tell(world, path) for path in forged] == [403, 403, 403, 400]
    assert world.count("sms_callback") == stored + 1
    assert sent.stored("state") == ("submitted",)
    assert tell(world, failed) == 200
    sent.wait("undelivered", "2")


def test_reports_of_messages_nobody_knows_hold_no_other_report_up(world: World) -> None:
    sent = post(world)
    told = world.to_product.asked(REPORT, 2)[-1]
    for number in range(300):
        assert tell(world, re.sub(r"ref=[^&]*", f"ref=1-{number + 1:x}", told)) == 200
    later = post(world)
    world.settle()
    assert (sent.stored("state"), later.stored("state")) == (("delivered",), ("delivered",))
    assert world.count("sms_callback WHERE state = 'unmatched'") == 300
