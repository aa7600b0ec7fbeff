"""`percaya sms`: how it is, pausing, sending one again, and a worker that can be stopped."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from survey.commands import sms as commands
from survey.commands.sms import NOT_CONFIGURED, REFUSALS, sms_group
from survey.messaging import provider_states
from survey.messaging.gateway import Verdict
from survey.messaging.incoming import Status
from survey.messaging.troubled import Retried
from survey.messaging.worker import SmsWorker
from survey.platform import Platform, open_platform
from survey.settings import Settings
from tests.conftest import ADMIN_KEY, SECRET, Clock, register
from tests.messaging.outbox_world import states
from tests.messaging.sms_world import Messages, with_sms

Run = Callable[..., Result]


@pytest.fixture
def configured(settings: Settings, tmp_path: Path) -> Settings:
    return with_sms(settings, tmp_path)


@pytest.fixture
def platform(configured: Settings, clock: Clock) -> Iterator[Platform]:
    """The installation the commands open too, at a time that is now for both."""
    opened = open_platform(configured, clock)
    register(opened)
    yield opened
    opened.close()


@pytest.fixture
def messages(platform: Platform) -> Messages:
    return Messages(platform)


@pytest.fixture
def run(configured: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "production")
    monkeypatch.setenv("PERCAYA_SECRET", SECRET)
    monkeypatch.setenv("PERCAYA_ADMIN_KEY", ADMIN_KEY)
    monkeypatch.setenv("PERCAYA_BASE_URL", "https://ikm.go.id")
    monkeypatch.setenv("PERCAYA_DATABASE_URL", configured.database_url)
    monkeypatch.setenv("PERCAYA_SMS_FILE", str(configured.sms_file))
    monkeypatch.setattr("survey.commands.console.open_platform", lambda read: open_platform(read, clock))

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(sms_group, words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return run


def paused(platform: Platform, name: str) -> bool:
    return platform.writer.call(provider_states.is_paused, name)


def test_status_says_first_what_is_the_matter(run: Run, messages: Messages, clock: Clock) -> None:
    assert run("status").output.splitlines()[0] == "all is well"
    messages.due()
    clock.at += 300
    lines = run("status").output.splitlines()
    assert lines[0].startswith("nobody is sending")
    assert lines[1] == "due\t0 replies, 1 invitations and reminders; the oldest for 300 s"


def test_status_shows_providers_segments_and_troubled_messages(run: Run, messages: Messages) -> None:
    messages.reported(Status.DELIVERED)
    message = messages.sent(Verdict.UNKNOWN, code="timeout")
    output = run("status").output
    assert "segments, 202611\t1 invitation duk" in output
    assert (
        "provider one\tclosed; weight 100 of 100; took 1 of 2 tries in 24 h;"
        " delivered 100.0% (20.7% to 100.0%) of 1 in 7 days; 5 ms (95 %: 5 ms)" in output
    )
    assert f"{message.ref}\tinvitation duk\tunknown for 0 s\tone\t1 tries\ttimeout" in output
    assert "in doubt\t1" in output


def test_status_as_json_has_everything_a_script_needs(run: Run, messages: Messages) -> None:
    message = messages.gave_up()
    messages.reported(Status.DELIVERED)
    body: dict[str, Any] = json.loads(run("status", "--json").output)
    assert body["condition"] == "well"
    assert body["backlog"]["due"] == {"reply": 0, "invitation": 0}
    assert body["ended"]["gave_up"]["invitation"] == 1
    assert body["providers"][0]["tries"] == {"accepted": 1, "temporary": 1}
    assert body["providers"][0]["delivery"]["delivered"] == 1
    assert [one["ref"] for one in body["troubled"]] == [message.ref]
    assert body["segments"] == [{"month": 202611, "kind": "invitation", "agency": "duk", "segments": 1}]


def test_no_number_or_text_is_printed(run: Run, messages: Messages) -> None:
    messages.sent(Verdict.UNKNOWN)
    messages.sent_reply(Verdict.UNKNOWN)
    output = run("status").output + run("status", "--json").output
    assert "812345" not in output
    assert "terima kasih" not in output


def test_a_provider_is_paused_and_resumed_by_its_name(run: Run, platform: Platform) -> None:
    assert run("pause", "two").output == "two is paused\n"
    assert (paused(platform, "two"), paused(platform, "one")) == (True, False)
    assert run("pause", "two").output == "two is paused already\n"
    assert run("resume", "two").output == "two is resumed\n"
    assert not paused(platform, "two")
    assert run("resume", "two").output == "two was not paused\n"


def test_everything_is_paused_and_resumed_without_a_name(run: Run, platform: Platform) -> None:
    assert run("pause").output == "everything is paused\n"
    assert paused(platform, "one")
    assert run("status").output.startswith("everything is paused")
    assert run("resume").output == "everything is resumed\n"
    assert not paused(platform, "one")


def test_an_unknown_provider_is_refused_with_those_that_there_are(run: Run, platform: Platform) -> None:
    for command in ("pause", "resume"):
        result = run(command, "three", code=1)
        assert result.output == "Error: there is no provider 'three'; there are one, two\n"


def test_a_message_is_sent_again(run: Run, platform: Platform, messages: Messages) -> None:
    message = messages.gave_up()
    assert run("retry", message.ref).output == f"{message.ref} is queued\n"
    assert states(platform.database) == ["queued"]


def test_a_message_in_doubt_needs_a_yes(run: Run, platform: Platform, messages: Messages) -> None:
    message = messages.sent(Verdict.UNKNOWN)
    assert "with --yes" in run("retry", message.ref, code=1).output
    assert states(platform.database) == ["unknown"]
    run("retry", message.ref, "--yes")
    assert states(platform.database) == ["queued"]


def test_what_cannot_be_sent_again_is_one_line_that_says_why(run: Run, messages: Messages) -> None:
    delivered = messages.reported(Status.DELIVERED)
    assert run("retry", delivered.ref, "--yes", code=1).output == f"Error: {delivered.ref} is delivered\n"
    assert run("retry", "1-f", code=1).output == "Error: there is no message 1-f\n"


def test_every_refusal_has_its_words() -> None:
    assert set(REFUSALS) == set(Retried) - {Retried.QUEUED}


@pytest.mark.parametrize("words", [("status",), ("pause",), ("resume",), ("retry", "1-f"), ("work",)])
def test_without_a_configuration_each_is_refused_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.delenv("PERCAYA_SMS_FILE")
    assert run(*words, code=1).output == f"Error: {NOT_CONFIGURED}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_worker_comes_to_its_end_when_it_is_told_to_stop(
    run: Run, platform: Platform, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    turned = threading.Event()

    class Watched(SmsWorker):
        async def turn(self, dispatcher: Any) -> int:
            done = await super().turn(dispatcher)
            if not turned.is_set():
                turned.set()
                os.kill(os.getpid(), number)
            return done

    monkeypatch.setattr(commands, "SmsWorker", Watched)
    before = signal.getsignal(number)
    run("work")
    assert turned.is_set()
    assert signal.getsignal(number) is before


def test_after_a_restore_what_was_due_is_in_doubt_and_not_sent(
    run: Run, messages: Messages, platform: Platform
) -> None:
    messages.due()
    said = run("restored").stdout
    assert said.startswith("in doubt: 1;")
    assert states(platform.database) == ["unknown"]
