"""Killed at any instant while sending, no message is lost and none is sent twice by the product.

Kannel is killed too, and what it then does by itself is counted apart: it submits again what the SMSC had
taken and not yet answered, and forgets the reports that it was handing over.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.database import Database
from survey.settings import Settings
from tests.smpp.between import Between, between
from tests.smpp.configuration import Options
from tests.smpp.kannel import Kannel, Missing, running
from tests.smpp.product import Product, installed, provider_block
from tests.smpp.sms_crash import IN_FLIGHT, WORKERS, Books, Crash, phones, plan

MESSAGES, FEWER = 3000, 400
WORKER_KILLS, BOX_KILLS = 7, 5
SEED = 20261124
HANDS = IN_FLIGHT * WORKERS
"""Messages that all workers together hand over at once."""
SWALLOWED = 3
"""Of these, what Kannel never gets."""
WINDOW = 20
"""Submits that Kannel has out at a time, and requests that smsbox has."""
PATIENCE = 600
"""How often Kannel tries to tell us, once a second."""
OPTIONS = Options(max_pending_submits=WINDOW, max_pending_requests=WINDOW, http_request_retry=PATIENCE)
# An SMSC that takes its time, so that a kill meets messages on their way everywhere.
SMSC_MILLISECONDS = 20
LONG = 120
"""Seconds that no test takes from handing over to killing; the longest a provider may be waited for."""
DELIVERY = {"retry_seconds": 1, "lease_seconds": 10, "concurrency": IN_FLIGHT}
NOT_FINISHED = (
    "SELECT COUNT(*) FROM message m WHERE NOT EXISTS (SELECT 1 FROM message_attempt a"
    " WHERE a.agency_id = m.agency_id AND a.message_id = m.id)"
)
DROPPED = "SELECT COUNT(*) FROM message_attempt WHERE outcome = 'unknown'"

pytestmark = pytest.mark.crash


@pytest.fixture
def crashing(tmp_path: Path) -> Iterator[Kannel]:
    """A Kannel of its own, whose logs tell of this test only."""
    directory = tmp_path / "kannel"
    directory.mkdir()
    try:
        with running(directory, OPTIONS) as kannel:
            kannel.smsc.rule(wait=SMSC_MILLISECONDS, pause=5)
            yield kannel
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def sender(settings: Settings, crashing: Kannel, tmp_path: Path) -> Iterator[Product]:
    """An installation whose web process only takes callbacks."""
    with installed(settings, crashing, tmp_path) as product:
        block = provider_block(crashing, product.port, timeout_seconds=8)
        product.configure([block], delivery=DELIVERY)
        product.start(PERCAYA_WORK_IN_PROCESS="false")
        yield product


@pytest.fixture
def gateway(sender: Product) -> Iterator[Between]:
    """What stands between the workers and Kannel; they wait for its answers for long."""
    with between(sender.kannel.send_url) as opened:
        block = provider_block(sender.kannel, sender.port, timeout_seconds=LONG - 1)
        block = block.replace(sender.kannel.send_url, opened.url)
        sender.configure([block], delivery=DELIVERY | {"lease_seconds": LONG})
        yield opened


@pytest.fixture
def crash(sender: Product, tmp_path: Path) -> Iterator[Crash]:
    """Two workers, not started yet."""
    made = Crash(sender, tmp_path)
    yield made
    made.close()


def books(crash: Crash, tmp_path: Path) -> Books:
    return Books(crash.product, tmp_path / "kannel" / "smsbox.log")


def assert_file_is_whole(database: Database) -> None:
    if database.sqlite:
        with sqlite3.connect(str(database.url.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


def assert_what_was_never_sent_is_known_and_goes_when_told_to(crash: Crash, tmp_path: Path) -> None:
    """A worker that died between saying that it sends and sending leaves a doubt, and nothing worse."""
    interrupted = books(crash, tmp_path)
    assert interrupted.never_taken <= interrupted.of_state("unknown")
    crash.retry([interrupted.refs[phone] for phone in sorted(interrupted.never_taken)])
    crash.wait_until_nothing_moves()
    after = books(crash, tmp_path)
    assert after.never_taken == set()
    assert after.twice_taken == interrupted.twice_taken
    # A request that never got through may have been logged by Kannel all the same.
    assert after.twice_asked <= interrupted.never_taken


def test_killed_twelve_times_while_sending_no_message_is_lost_or_sent_twice(
    crash: Crash, tmp_path: Path
) -> None:
    crash.product.post(*phones(MESSAGES))
    crash.start()
    crash.live_through(plan(SEED, MESSAGES, workers=WORKER_KILLS, boxes=BOX_KILLS))
    crash.wait_until_nothing_moves()
    kept = books(crash, tmp_path)
    assert len(kept.states) == MESSAGES

    # Nothing is sent twice: Kannel was asked once about each. What the SMSC got twice nevertheless, Kannel
    # submitted again by itself after it was killed: at most what it had out each time.
    assert kept.twice_asked == set()
    assert set(kept.taken) <= set(kept.requested)
    assert len(kept.twice_taken) <= WINDOW * crash.killed["bearerbox"]
    assert max(kept.taken.values()) <= 1 + crash.killed["bearerbox"]

    # Nothing is lost: what was not taken is in doubt, and everything in doubt was interrupted. How much the
    # kills met is for chance to say; the next test makes certain that they meet what Kannel has taken.
    (unfinished,), (dropped,) = crash.product.rows(NOT_FINISHED)[0], crash.product.rows(DROPPED)[0]
    assert unfinished <= IN_FLIGHT * crash.killed["worker"]
    boxes = crash.killed["smsbox"] + crash.killed["bearerbox"]
    assert dropped <= IN_FLIGHT * WORKERS * boxes
    assert kept.of_state("delivered", "submitted", "unknown") == set(kept.states)
    assert len(kept.of_state("unknown")) <= unfinished + dropped

    # The SMSC reported each to Kannel; those that stay submitted were in the hands of a killed smsbox, or
    # came to a bearerbox that was still starting: what it had out when it was killed, reported and not.
    counters = crash.kannel.smsc.counters()
    assert (counters["owed"], counters["reports"]) == (0, counters["parts"])
    unreported = kept.of_state("submitted") | (kept.of_state("unknown") & set(kept.taken))
    assert len(unreported) <= WINDOW * boxes + 2 * WINDOW * crash.killed["bearerbox"]
    assert_what_was_never_sent_is_known_and_goes_when_told_to(crash, tmp_path)
    assert_file_is_whole(crash.product.database)


def test_a_doubt_outlives_its_lease_and_is_ended_by_its_report_alone(
    crash: Crash, gateway: Between, tmp_path: Path
) -> None:
    """Both workers are killed with their hands full of what Kannel has taken and they do not know of."""
    product = crash.product
    product.post(*phones(FEWER))
    product.stop()  # Kannel keeps its reports meanwhile, and nobody can tell what became of anything
    gateway.behave(*["swallow"] * SWALLOWED, "hold")
    crash.start()
    in_hand = [asked.to for asked in gateway.asked(HANDS)]
    swallowed, taken = set(in_hand[:SWALLOWED]), set(in_hand[SWALLOWED:])
    assert {part.recipient for part in product.kannel.smsc.parts(len(taken))} == taken
    crash.lose_workers()
    gateway.behave("pass")
    gateway.release()

    # While the lease lasts nobody touches what the dead had in hand; afterwards it is in doubt, and stays so.
    crash.start()
    crash.wait_for_counts(submitted=FEWER - HANDS, sending=HANDS)
    product.let_leases_end()
    crash.wait_for_counts(submitted=FEWER - HANDS, unknown=HANDS)
    doubtful = books(crash, tmp_path)
    assert doubtful.of_state("unknown") == swallowed | taken
    assert doubtful.never_taken == swallowed
    assert set(doubtful.requested.values()) == set(doubtful.taken.values()) == {1}

    # Whatever was taken is reported, and nothing but that ends a doubt: what never was is still in doubt.
    product.start(PERCAYA_WORK_IN_PROCESS="false")
    crash.wait_for_counts(delivered=FEWER - SWALLOWED, unknown=SWALLOWED)
    crash.wait_until_nothing_moves()
    kept = books(crash, tmp_path)
    assert kept.of_state("unknown") == swallowed
    assert (kept.taken, kept.requested) == (doubtful.taken, doubtful.requested)
    assert_what_was_never_sent_is_known_and_goes_when_told_to(crash, tmp_path)
    assert books(crash, tmp_path).of_state("delivered") == set(kept.states)


def test_kannel_forgets_a_report_that_it_was_handing_over_when_smsbox_was_killed(
    crashing: Kannel,
) -> None:
    crashing.receiver.fail(lambda told: True)
    crashing.smsc.rule(reports=[])
    crashing.send("+6281234567890", "terima kasih", "a")
    crashing.receiver.wait("/report")
    crashing.restart("smsbox")
    offered = len(crashing.receiver.told("/report"))
    crashing.send("+6281355554444", "sesudahnya", "b")
    # Before it comes again, whatever failed earlier would have.
    told = crashing.receiver.wait("/report", offered + 2)[offered:]
    assert {one.query["ref"] for one in told} == {"b"}
