"""What goes wrong between the outbox and the telephone: nothing is lost, and nothing arrives twice.

What arrived is counted at the SMSC; what the product believes is compared with that.
"""

import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from survey.messaging import provider_states
from survey.platform import open_platform
from survey.settings import Settings
from tests.conftest import ADMIN_KEY
from tests.servers import free_port
from tests.smpp.between import Between, Way, between
from tests.smpp.configuration import Options
from tests.smpp.kannel import Kannel, running
from tests.smpp.product import Product, installed, provider_block
from tests.smpp.smsc import BAD_DESTINATION, QUEUE_FULL, THROTTLED

FIRST, SECOND, THIRD, FOURTH = (f"+628120000000{number}" for number in range(1, 5))
BRIEF = 3
"""Seconds until an answer is given up that does not come."""
SQL_TRIES = "SELECT provider, outcome, code FROM message_attempt ORDER BY message_id, number"
# Nothing here depends on which database it is.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def unstarted(settings: Settings, kannel: Kannel, tmp_path: Path) -> Iterator[Product]:
    """An installation whose providers are still to be named."""
    with installed(settings, kannel, tmp_path) as made:
        yield made


@pytest.fixture
def gateway(kannel: Kannel) -> Iterator[Between]:
    """What stands between the product and Kannel."""
    with between(kannel.send_url) as opened:
        yield opened


def start(product: Product, *urls: str, **changes: Any) -> None:
    """Start with providers `one`, which has all the weight, and `two`, each at an address."""
    blocks = [
        provider_block(product.kannel, product.port, name=name, weight=weight, **changes).replace(
            product.kannel.send_url, url
        )
        for name, weight, url in zip(("one", "two"), (100, 0), urls, strict=False)
    ]
    product.configure(blocks)
    product.start()


def arrived(product: Product, until: int) -> list[str]:
    """Who got a message, once so many parts came and nothing is under way any more; twice is there twice."""
    product.kannel.smsc.parts(until)
    product.kannel.wait_until_idle()
    return sorted(message.recipient for message in product.kannel.smsc.messages())


def tries(product: Product) -> list[tuple[str, str, str]]:
    return [(row[0], row[1], row[2]) for row in product.rows(SQL_TRIES)]


def arrived_so_far(product: Product) -> list[str]:
    return [message.recipient for message in product.kannel.smsc.messages()]


def metrics(product: Product) -> str:
    assert product.server is not None
    header = "Basic " + b64encode(f"siapa:{ADMIN_KEY}".encode()).decode()
    status, body = product.server.ask("GET", "/metrics", headers={"Authorization": header})
    assert status == 200
    return body.decode()


def resume(product: Product, name: str) -> None:
    opened = open_platform(product.settings)
    assert opened.writer.call(provider_states.resume, name)
    opened.close()


def wrong_password(product: Product, name: str, weight: int) -> str:
    block = provider_block(product.kannel, product.port, name=name, weight=weight)
    return block.replace("rahasia-kirim", "salah")


def test_a_message_handed_over_while_the_operator_is_away_goes_once_when_it_is_back(product: Product) -> None:
    product.kannel.smsc.stop()
    product.kannel.wait_until_offline()
    product.post(FIRST)
    product.wait_for_states("submitted")
    assert arrived_so_far(product) == []
    product.kannel.smsc.start()
    product.wait_for_states("delivered")
    assert arrived(product, 1) == [FIRST]
    assert tries(product) == [("kannel", "accepted", "http 202")]


def test_a_gateway_nobody_listens_at_loses_no_message_and_the_other_carries_each_once(
    unstarted: Product,
) -> None:
    start(unstarted, f"http://127.0.0.1:{free_port()}/", unstarted.kannel.send_url)
    unstarted.post(FIRST, SECOND, THIRD)
    unstarted.wait_for_states(*["delivered"] * 3)
    assert arrived(unstarted, 3) == [FIRST, SECOND, THIRD]
    assert tries(unstarted) == [("one", "refused", "connection refused"), ("two", "accepted", "http 202")] * 3


def test_an_answer_that_never_came_does_not_send_a_taken_message_twice(
    unstarted: Product, gateway: Between
) -> None:
    gateway.behave("hold")
    unstarted.kannel.smsc.rule(reports=[])
    start(unstarted, gateway.url, unstarted.kannel.send_url, timeout_seconds=BRIEF)
    unstarted.post(FIRST)
    unstarted.wait("SELECT outcome FROM message_attempt", bool)
    assert tries(unstarted) == [("one", "unknown", "timeout")]
    (part,) = unstarted.kannel.smsc.parts(1)
    unstarted.kannel.smsc.report(part, "DELIVRD")
    unstarted.wait_for_states("delivered")
    assert arrived(unstarted, 1) == [FIRST]
    assert tries(unstarted) == [("one", "unknown", "timeout")]


def test_what_silence_a_portal_or_a_broken_line_may_have_taken_is_not_doubled_by_another_gateway(
    unstarted: Product, gateway: Between
) -> None:
    ways: dict[str, tuple[Way, str]] = {
        FIRST: ("swallow", "timeout"),
        SECOND: ("portal", "http 200"),
        THIRD: ("break", "dropped"),
    }
    for phone, (way, _) in ways.items():
        gateway.behave(way, to=phone)
    start(unstarted, gateway.url, unstarted.kannel.send_url, timeout_seconds=BRIEF)
    unstarted.post(*ways)
    unstarted.wait_for_states(*["unknown"] * 3)
    # Whoever comes later is not held up, and while that goes through nothing becomes of the others.
    unstarted.post(FOURTH, start=3)
    unstarted.wait_for_states("delivered", *["unknown"] * 3)
    assert arrived(unstarted, 1) == [FOURTH]
    doubts = [("one", "unknown", code) for _, code in ways.values()]
    assert sorted(tries(unstarted)) == sorted([("one", "accepted", "http 202"), *doubts])
    assert sorted(asked.to for asked in gateway.asked()) == [*ways, FOURTH]


def test_a_gateway_that_cannot_just_now_is_asked_again_later_and_later_and_loses_nothing(
    unstarted: Product, gateway: Between
) -> None:
    gateway.behave("503", "429", "pass")
    start(unstarted, gateway.url)
    unstarted.post(FIRST)
    unstarted.wait_for_states("delivered")
    assert arrived(unstarted, 1) == [FIRST]
    outcomes = [("temporary", "http 503"), ("temporary", "http 429"), ("accepted", "http 202")]
    assert tries(unstarted) == [("one", *outcome) for outcome in outcomes]
    first, second, third = (
        row[0] for row in unstarted.rows("SELECT at FROM message_attempt ORDER BY number")
    )
    assert (second - first >= 1, third - second >= 2) == (True, True)


def test_a_wrong_password_loses_nothing_is_seen_at_once_and_nothing_goes_twice_once_it_is_mended(
    unstarted: Product,
) -> None:
    unstarted.configure([wrong_password(unstarted, "kannel", 100)])
    unstarted.start()
    unstarted.post(FIRST, SECOND)
    unstarted.wait("SELECT trouble FROM sms_provider_state", lambda found: found == [("http 403",)])
    unstarted.wait_for_states("queued", "queued")
    assert 'percaya_sms_provider_open{provider="kannel"} 1.0' in metrics(unstarted)
    assert arrived_so_far(unstarted) == []
    unstarted.stop()
    unstarted.configure([provider_block(unstarted.kannel, unstarted.port)])
    resume(unstarted, "kannel")
    unstarted.start()
    unstarted.wait_for_states("delivered", "delivered")
    assert arrived(unstarted, 2) == [FIRST, SECOND]


def test_a_gateway_with_a_wrong_password_is_asked_no_more_while_another_carries_everything(
    unstarted: Product,
) -> None:
    second = provider_block(unstarted.kannel, unstarted.port, name="two", weight=0)
    unstarted.configure([wrong_password(unstarted, "one", 100), second])
    unstarted.start()
    unstarted.post(FIRST)
    unstarted.wait_for_states("delivered")
    unstarted.post(SECOND, THIRD, start=1)
    unstarted.wait_for_states(*["delivered"] * 3)
    assert arrived(unstarted, 3) == [FIRST, SECOND, THIRD]
    assert sorted(tries(unstarted)) == [
        ("one", "account", "http 403"),
        *[("two", "accepted", "http 202")] * 3,
    ]


def test_a_number_that_does_not_exist_is_not_paid_for_again_at_another_gateway(unstarted: Product) -> None:
    unstarted.kannel.smsc.rule(FIRST, status=BAD_DESTINATION)
    start(unstarted, unstarted.kannel.send_url, unstarted.kannel.send_url)
    unstarted.post(FIRST)
    unstarted.wait_for_states("rejected")
    unstarted.post(SECOND, start=1)
    unstarted.wait_for_states("delivered", "rejected")
    assert arrived(unstarted, 1) == [SECOND]
    assert unstarted.kannel.smsc.counters()["submits"] == 2
    assert tries(unstarted) == [("one", "accepted", "http 202")] * 2
    reasons = {row[0] for row in unstarted.rows("SELECT reason FROM message WHERE state = 'rejected'")}
    assert reasons == {"16 0x0000000b"}


def test_what_a_hurried_operator_refused_to_the_last_is_carried_by_another_and_not_lost(
    unstarted: Product,
) -> None:
    unstarted.kannel.smsc.rule(FIRST, 3, status=THROTTLED)
    unstarted.kannel.smsc.rule(SECOND, 3, status=QUEUE_FULL)
    start(unstarted, unstarted.kannel.send_url, unstarted.kannel.send_url)
    unstarted.post(FIRST, SECOND)
    unstarted.wait_for_states("delivered", "delivered")
    assert arrived(unstarted, 2) == [FIRST, SECOND]
    assert unstarted.kannel.smsc.counters()["submits"] == 8
    assert tries(unstarted) == [("one", "accepted", "http 202"), ("two", "accepted", "http 202")] * 2


def test_a_slow_gateway_is_given_no_more_than_it_can_hold_and_nothing_it_holds_is_sent_again(
    unstarted: Product, gateway: Between
) -> None:
    phones = [f"+62812000{number:05d}" for number in range(12)]
    gateway.behave("hold")
    block = provider_block(unstarted.kannel, unstarted.port, in_flight=5)
    unstarted.configure([block.replace(unstarted.kannel.send_url, gateway.url)])
    unstarted.start()
    unstarted.post(*phones)
    held = gateway.asked(5)
    unstarted.wait("SELECT count(*) FROM message WHERE state = 'queued'", lambda found: found == [(7,)])
    assert len(held) == len(gateway.asked()) == 5
    gateway.release()
    unstarted.wait_for_states(*["delivered"] * len(phones))
    assert arrived(unstarted, len(phones)) == phones
    assert set(tries(unstarted)) == {("kannel", "accepted", "http 202")}


def test_what_kannel_holds_back_for_the_sake_of_its_own_limit_goes_once_and_is_not_given_up(
    settings: Settings, tmp_path: Path
) -> None:
    phones = [f"+62812000{number:05d}" for number in range(40)]
    directory = tmp_path / "slow"
    directory.mkdir()
    with running(directory, Options(throughput=10)) as slow, installed(settings, slow, tmp_path) as made:
        made.start()
        slow.smsc.stop()
        slow.wait_until_offline()
        made.post(*phones)
        made.wait("SELECT count(*) FROM message_attempt", lambda found: found == [(len(phones),)])
        assert arrived_so_far(made) == []
        began = time.monotonic()
        slow.smsc.start()
        slow.smsc.parts(len(phones))
        # Ten at once and then ten a second; a slow machine takes longer, and never less.
        assert time.monotonic() - began >= 2.5
        made.wait_for_states(*["delivered"] * len(phones))
        assert arrived(made, len(phones)) == phones
        assert set(tries(made)) == {("kannel", "accepted", "http 202")}
