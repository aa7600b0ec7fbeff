"""An installation with two SMS providers, and messages in every state, made through the outbox."""

from pathlib import Path
from typing import Any

from survey.messaging.gateway import Verdict
from survey.messaging.incoming import Status
from survey.messaging.outbox import Claimed
from survey.messaging.reports import ReportIn, apply_reports
from survey.platform import Platform
from survey.settings import Settings
from tests.messaging.outbox_world import begun, claimed, finished, invite, promoted, reply

PROVIDER = """
[[provider]]
name = "{name}"
weight = {weight}
[provider.send]
url = "http://127.0.0.1:9/send"
[provider.send.params]
to = "{{phone}}"
text = "{{text}}"
[provider.accept]
status = [202]
"""
FILE = '[sms]\nsender = "IKM"\n' + "".join(
    PROVIDER.format(name=name, weight=weight) for name, weight in (("one", 100), ("two", 50))
)


def with_sms(settings: Settings, directory: Path) -> Settings:
    """The same settings with two providers, ``one`` and ``two``; nobody listens there."""
    path = directory / "sms.toml"
    path.write_text(FILE, encoding="utf-8")
    return settings.model_copy(update={"sms_file": path})


class Messages:
    """Makes messages, each by its own invitation or reply, and takes them where they are wanted."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self._made = 0

    def due(self, count: int = 1) -> None:
        """Invitations that are queued and due."""
        invite(self.platform, count, start=self._made)
        self._made += count
        promoted(self.platform)

    def later(self, seconds: int) -> None:
        """An invitation scheduled for later."""
        invite(self.platform, start=self._made, not_before=self.platform.now() + seconds)
        self._made += 1

    def reply(self, text: str = "terima kasih") -> None:
        """A reply that is queued."""
        reply(self.platform, text)

    def claim(self) -> Claimed:
        """A queued message, claimed; of all that are queued the most urgent."""
        (message,) = claimed(self.platform, most=1)
        return message

    def sending(self, provider: str = "one") -> Claimed:
        """An invitation a worker is sending; when nothing else is queued."""
        self.due()
        message = self.claim()
        assert begun(self.platform, message, provider) == 1
        return message

    def sent(self, verdict: Verdict = Verdict.ACCEPTED, provider: str = "one", **changes: Any) -> Claimed:
        """An invitation a provider answered about."""
        message = self.sending(provider)
        assert finished(self.platform, message, verdict, provider=provider, **changes)
        return message

    def sent_reply(self, verdict: Verdict) -> Claimed:
        """A reply a provider answered about."""
        self.reply()
        message = self.claim()
        assert begun(self.platform, message) == 1
        assert finished(self.platform, message, verdict)
        return message

    def gave_up(self) -> Claimed:
        """An invitation whose last try failed."""
        return self.sent(Verdict.TEMPORARY, code="http 503", retry_at=None)

    def reported(self, status: Status, provider: str = "one") -> Claimed:
        """An invitation that was handed over and reported."""
        message = self.sent(provider=provider)
        self.report(message, status, provider)
        return message

    def report(self, message: Claimed, status: Status, provider: str = "one") -> None:
        """A provider's report of a message."""
        said = ReportIn(provider, message.ref, None, status, "stat 5", self.platform.now())
        assert self.platform.writer.call(apply_reports, said)
