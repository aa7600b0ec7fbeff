"""The rig itself: what the other tests trust it for."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.smpp.kannel import Answer, Box, Kannel
from tests.smpp.receiver import Told
from tests.smpp.smsc import BAD_DESTINATION, QUEUE_FULL, Part, assemble

ROOT = Path(__file__).resolve().parents[2]
PHONE = "+6281234567890"


def part(data: bytes, join: tuple[int, int, int] | None = None) -> Part:
    return Part("1", "99777", PHONE, 0, data, join, True)


def tells(ref: str, fate: str, told: Told) -> bool:
    return (told.query["ref"], told.query["type"]) == (ref, fate)


def test_a_message_sent_twice_is_counted_twice(kannel: Kannel) -> None:
    kannel.send(PHONE, "sekali")
    kannel.smsc.messages(1)
    kannel.send(PHONE, "sekali")
    assert [message.text for message in kannel.smsc.messages(2)] == ["sekali", "sekali"]


def test_parts_of_a_message_sent_twice_make_two_messages() -> None:
    first, second = part(b"satu ", (7, 2, 1)), part(b"dua", (7, 2, 2))
    assert [message.text for message in assemble([first, first, second, second])] == ["satu dua", "satu dua"]


def test_a_message_that_lacks_a_part_is_no_message() -> None:
    assert assemble([part(b"satu ", (7, 2, 1)), part(b"lain")]) == assemble([part(b"lain")])


def test_parts_with_another_reference_are_another_message() -> None:
    assert assemble([part(b"satu ", (7, 2, 1)), part(b"dua", (8, 2, 2))]) == []


def test_rules_are_used_the_newest_first_and_only_as_often_as_they_say(kannel: Kannel) -> None:
    kannel.smsc.rule(PHONE, 2, status=BAD_DESTINATION)
    kannel.smsc.rule(times=1, status=QUEUE_FULL)
    for ref, fate in (("a", "16"), ("b", "16"), ("c", "8")):
        kannel.send(PHONE, ref, ref)
        kannel.receiver.wait("/report", 1, partial(tells, ref, fate))
    assert [message.text for message in kannel.smsc.messages(1)] == ["c"]
    assert kannel.smsc.counters()["submits"] == 4


def test_reset_forgets_rules_and_what_was_sent_and_brings_back_what_was_killed(kannel: Kannel) -> None:
    kannel.smsc.rule(status=QUEUE_FULL)
    kannel.send(PHONE, "dilupakan")
    kannel.kill("bearerbox")
    kannel.kill("smsc")
    kannel.reset()
    assert kannel.smsc.messages() == []
    assert kannel.send(PHONE, "baru") == Answer(202, "0: Accepted for delivery")
    assert [message.text for message in kannel.smsc.messages(1)] == ["baru"]


def test_reset_ends_what_was_still_being_tried_again(kannel: Kannel) -> None:
    kannel.receiver.answer(503)
    kannel.smsc.hear(PHONE, "99777", "lama")
    kannel.receiver.wait("/inbound")
    kannel.reset()
    kannel.receiver.answer(503)
    kannel.smsc.hear(PHONE, "99777", "baru")
    assert [told.query["text"] for told in kannel.receiver.wait("/inbound", 2)] == ["baru", "baru"]


@pytest.mark.parametrize("box", ["bearerbox", "smsbox", "smsc"])
def test_whatever_was_killed_works_again_after_a_restart(kannel: Kannel, box: Box) -> None:
    address = kannel.send_url
    kannel.restart(box)
    assert kannel.send_url == address
    kannel.send(PHONE, "lagi", "a")
    kannel.receiver.wait("/report", 2)
    assert len(kannel.smsc.messages()) == 1


def test_sessions_that_are_broken_are_bound_again(kannel: Kannel) -> None:
    binds = kannel.smsc.counters(sessions=1)["binds"]
    kannel.smsc.close_sessions()
    assert kannel.smsc.counters(sessions=1)["binds"] == binds + 1


def test_reports_owed_are_delivered_to_the_next_session(kannel: Kannel) -> None:
    kannel.smsc.rule(reports=[])
    kannel.send(PHONE, "tunda", "a")
    kannel.receiver.wait("/report", 1)
    (taken,) = kannel.smsc.parts(1)
    kannel.smsc.stop()
    kannel.smsc.report(taken, "DELIVRD")
    assert kannel.smsc.counters()["owed"] == 1
    kannel.wait_until_offline()
    kannel.smsc.start()
    told = kannel.receiver.wait("/report", 2)
    assert {one.query["type"] for one in told} == {"8", "1"}


def test_nothing_listens_beyond_this_machine(kannel: Kannel) -> None:
    listening = [
        connection.laddr.ip
        for process in psutil.Process().children(recursive=True)
        if os.getpgid(process.pid) == os.getpgid(kannel.smsc.process.pid)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 5
    assert set(listening) == {"127.0.0.1"}


def test_ten_thousand_parts_are_put_together_quickly() -> None:
    parts = [Part(str(n), "99777", f"+62812{n // 2}", 0, b"x" * 100, (n // 2 % 256, 2, n % 2 + 1), True)
             for n in range(10_000)]  # fmt: skip
    began = time.monotonic()
    assert len(assemble(parts)) == 5_000
    assert time.monotonic() - began < 5


def test_everything_ends_with_the_process_that_started_it_even_when_that_is_killed(
    kannel: Kannel, tmp_path: Path
) -> None:
    code = (
        "import sys, pathlib; from tests.smpp.kannel import running\n"
        "with running(pathlib.Path(sys.argv[1])) as kannel:\n"
        "    print(kannel.smsc.process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        assert started.stdout
        assert started.stdout.readline()
        children = psutil.Process(started.pid).children(recursive=True)
        assert len(children) == 4, "the keeper, the SMSC, bearerbox and smsbox"
        os.kill(started.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(children, timeout=30)
        assert alive == []


def test_the_packages_of_the_smsc_are_pinned_and_name_no_registry() -> None:
    lock = (ROOT / "tests" / "smsc" / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
