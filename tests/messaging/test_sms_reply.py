"""`percaya sms reply`: a citizen's side of the demonstration, from the command line."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from factories import count, rows
from outbox_world import begun, claimed, invite, promoted

from survey.commands.sms_reply import sms_reply
from survey.messaging import texts
from survey.platform import Platform

Run = Callable[..., Result]


@pytest.fixture
def run(platform: Platform, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command on a demonstration's database, at the platform's time."""
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "demo")
    monkeypatch.setenv("PERCAYA_SECRET", platform.settings.secret.get_secret_value())
    monkeypatch.setenv("PERCAYA_DATABASE_URL", database_url)
    monkeypatch.setattr("survey.platform.time.time", lambda: platform.now())

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(sms_reply, words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return run


def test_an_answer_is_stored_and_its_thanks_are_printed_and_queued(run: Run, platform: Platform) -> None:
    invite(platform)
    promoted(platform)
    begun(platform, claimed(platform)[0])
    printed = run("081234567890", "4 3 4 4 4 3 4 4 4 petugas ramah").output
    assert printed.startswith("reply: Terima kasih!")
    assert rows(platform.database, "SELECT mode, comment FROM response") == [("sms", "petugas ramah")]
    ((body,),) = rows(platform.database, "SELECT body FROM message WHERE kind = 'reply'")
    assert printed == f"reply: {platform.settings.keys.open_text(bytes(body))}\n"


def test_words_need_no_quotes(run: Run, platform: Platform) -> None:
    invite(platform)
    promoted(platform)
    begun(platform, claimed(platform)[0])
    run("081234567890", "4", "3", "4", "4", "4", "3", "4", "4", "4")
    assert rows(platform.database, "SELECT substr(answers, 1, 9) FROM response") == [("434443444",)]


def test_silence_says_why(run: Run) -> None:
    assert run("081234567890", "STOP").output == f"reply: {texts.say('id', 'reply.stopped')}\n"
    assert run("081234567890", "STOP").output == "(no reply: silent)\n"
    assert run("99777", "promo").output == "(no reply: ignored_sender)\n"


def test_outside_the_demonstration_it_is_refused(
    run: Run, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERCAYA_ENVIRONMENT", "production")
    monkeypatch.setenv("PERCAYA_BASE_URL", "https://ikm.go.id")
    result = run("081234567890", "STOP", code=1)
    assert "only the demonstration" in result.output
    assert count(platform.database, "opt_out") == 0
