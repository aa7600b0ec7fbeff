"""Takes in what citizens write: opting out, answering, and at most one SMS in reply to each.

Everything a message leads to is one transaction: the answer, where the conversation stands, and the reply.
Two messages of one number are dealt with one after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from survey import responses, tokens
from survey.answers import Answers
from survey.clock import day_in
from survey.counters import ANSWERS
from survey.database import Tx
from survey.instruments import Instrument
from survey.keys import Keys
from survey.messaging import conversations, dialogue, opt_outs, outbox
from survey.messaging.conversations import DAY_SECONDS, Kept
from survey.messaging.conversations import forget as forget
from survey.messaging.dialogue import MOST_CLOSE_HINTS, Outcome, Step, View
from survey.messaging.models import INSTALLATION
from survey.messaging.opt_outs import OptingOut
from survey.messaging.outbox import ReplyOut
from survey.messaging.questions import fitted
from survey.messaging.replies import MOST_CHARACTERS, Command, Erase, Start, Stop, Trouble, read_command
from survey.messaging.texts import say
from survey.phones import reachable, read_sender
from survey.responses import LinkState, Submission
from survey.settings import Settings

REPEAT_SECONDS = 10
"""The same text again so soon was sent twice by a telephone or a network, not meant twice."""
QUICK_SECONDS = 4
"""The same for a single digit or word while questions are asked: two may well have the same answer."""


@dataclass(frozen=True)
class Surroundings:
    """What stays the same from message to message."""

    instruments: Mapping[str, Instrument]
    settings: Settings


class InboundIn(NamedTuple):
    """One message from a citizen, as a provider gave it, at UTC epoch second ``now``.

    ``opted_out`` is the provider's own word that the number wants no more messages.
    """

    keys: Keys
    phone: str
    text: str
    provider: str
    opted_out: bool
    now: int
    surroundings: Surroundings


class Said(NamedTuple):
    """What became of a message, and what is said to it, if anything."""

    outcome: Outcome
    reply: str | None = None


class _Heard(NamedTuple):
    """A message whose sender and command are known; ``kept`` is what is stored about the number."""

    item: InboundIn
    phone: str
    digests: list[bytes]
    text: str
    command: Command | Trouble | None
    kept: Kept | None

    @property
    def language(self) -> str:
        """The language of the conversation, or the installation's."""
        if self.kept is not None and self.kept.language_known:
            return self.kept.language
        return self.item.surroundings.settings.default_language


def receive(tx: Tx, items: Sequence[InboundIn]) -> list[str]:
    """Deal with messages of citizens and queue what is said to each; a word for what became of each."""
    return [said.outcome.value for said in converse(tx, items)]


def converse(tx: Tx, items: Sequence[InboundIn]) -> list[Said]:
    """The same, with what was said."""
    return [_converse(tx, item) for item in items]


def _converse(tx: Tx, item: InboundIn) -> Said:
    phone = read_sender(item.phone, item.surroundings.settings.phone_region)
    if phone is None:
        return Said(Outcome.IGNORED_SENDER)
    # Half a surrogate pair can be neither stored nor digested.
    text = item.text[:MOST_CHARACTERS].encode("utf-8", "replace").decode()
    digests = item.keys.phone_digests(phone)
    kept = conversations.find(tx, item.keys, digests)
    said = _decide(tx, _Heard(item, phone, digests, text, read_command(text), kept))
    if said.reply is not None:
        outbox.enqueue_replies(tx, [ReplyOut(item.keys, phone, said.reply, item.now)])
    return said


def _decide(tx: Tx, heard: _Heard) -> Said:
    if heard.item.opted_out or isinstance(heard.command, Stop):
        return _opt_out(tx, heard)
    if opt_outs.find(tx, [heard.digests])[0]:
        return _while_opted_out(tx, heard)
    if isinstance(heard.command, Erase):
        return _erase(tx, heard, heard.command)
    if heard.kept is None or heard.kept.state == "stranger":
        return _meet_stranger(tx, heard)
    if _is_repeated(heard, heard.kept):
        return Said(Outcome.REPEATED)
    return _step(tx, heard, heard.kept)


def _opt_out(tx: Tx, heard: _Heard) -> Said:
    item, kept = heard.item, heard.kept
    before = opt_outs.find(tx, [heard.digests])[0]
    source: opt_outs.Source = "provider" if item.opted_out else "word"
    opt_outs.add(tx, [OptingOut(heard.digests[0], source, day_in("UTC", item.now))])
    if kept is not None and kept.state in ("invited", "asking"):
        # What was said so far goes; the invitation stays, for somebody who comes back.
        _store(tx, heard, replace(kept, state="invited", draft=None, hints=0, last_text=None))
    if before:
        return Said(Outcome.SILENT)
    confirmed = not item.opted_out and _may_be_answered(heard)
    return Said(Outcome.OPTED_OUT, say(heard.language, "reply.stopped") if confirmed else None)


def _while_opted_out(tx: Tx, heard: _Heard) -> Said:
    if isinstance(heard.command, Erase):
        erased = _erase_answer(tx, heard, heard.command)
        return Said(Outcome.ERASED if erased else Outcome.SILENT)
    if not isinstance(heard.command, Start):
        return Said(Outcome.SILENT)
    opt_outs.remove(tx, [heard.digests])
    if not _may_be_answered(heard):
        return Said(Outcome.RETURNED)
    kept = heard.kept
    is_open = kept is not None and kept.state == "invited" and kept.open_until > heard.item.now
    if kept is None or kept.state == "stranger":
        _remember_stranger(tx, heard, hints=1)
    else:
        _store(tx, heard, replace(kept, last_text=_text_digest(heard) if is_open else None))
    return Said(Outcome.RETURNED, say(heard.language, "reply.returned_open" if is_open else "reply.returned"))


def _erase(tx: Tx, heard: _Heard, command: Erase) -> Said:
    if _erase_answer(tx, heard, command):
        return Said(Outcome.ERASED, say(heard.language, "reply.erased"))
    kept = heard.kept
    if (dialogue.hints_given(kept.hints) if kept else 0) >= MOST_CLOSE_HINTS or not _may_be_answered(heard):
        return Said(Outcome.SILENT)
    if kept is None or kept.state == "stranger":
        _remember_stranger(tx, heard, hints=(kept.hints if kept else 0) + 1)
    else:
        _store(tx, heard, replace(kept, hints=kept.hints + 1))
    return Said(Outcome.HINTED, say(heard.language, "reply.wrong_receipt"))


def _erase_answer(tx: Tx, heard: _Heard, command: Erase) -> bool:
    code = tokens.read(command.receipt)
    if code is None:
        return False
    erased = responses.erase(tx, [responses.response_id(heard.item.keys, code)])[0]
    if erased:
        ANSWERS.labels("erased").inc()
    return erased


def _meet_stranger(tx: Tx, heard: _Heard) -> Said:
    known = heard.kept is not None and heard.kept.expires_at > heard.item.now
    if known or not _may_be_answered(heard):
        return Said(Outcome.SILENT)
    _remember_stranger(tx, heard, hints=1)
    site = {"site": heard.item.surroundings.settings.site_name}
    return Said(Outcome.STRANGER, fitted(heard.language, "reply.stranger", site))


def _remember_stranger(tx: Tx, heard: _Heard, hints: int) -> None:
    item = heard.item
    met = Kept(
        phone_digest=heard.kept.phone_digest if heard.kept else heard.digests[0],
        state="stranger",
        language=heard.language,
        expires_at=item.now + DAY_SECONDS,
        hints=hints,
        changed_at=item.now,
    )
    (conversations.store if heard.kept else conversations.add)(tx, item.keys, met)


def _may_be_answered(heard: _Heard) -> bool:
    """Numbers that were written to are answered; of others only the country's own, since each SMS costs."""
    if heard.kept is not None and heard.kept.state != "stranger":
        return True
    return reachable(heard.phone, (heard.item.surroundings.settings.phone_region,)) is None


def _is_repeated(heard: _Heard, kept: Kept) -> bool:
    apart = abs(heard.item.now - kept.changed_at)
    if kept.state == "ended":
        # Of an answer not even a digest is kept, so anything right behind it is taken for it.
        return apart <= REPEAT_SECONDS
    quick = kept.state == "asking" and len(heard.text.split()) == 1
    return apart <= (QUICK_SECONDS if quick else REPEAT_SECONDS) and kept.last_text == _text_digest(heard)


def _text_digest(heard: _Heard) -> bytes:
    return heard.item.keys.digest("callback", "text", heard.digests[0].hex(), heard.text)


def _step(tx: Tx, heard: _Heard, kept: Kept) -> Said:
    surroundings = heard.item.surroundings
    instrument = surroundings.instruments.get(kept.instrument)
    if instrument is None:  # of another version, that ended long ago
        instrument = surroundings.instruments[surroundings.settings.instrument]
    over = kept.state == "ended" or min(kept.open_until, kept.expires_at) <= heard.item.now
    view = View(
        state="ended" if over else "asking" if kept.state == "asking" else "invited",
        language=heard.language,
        draft={} if over else kept.draft or {},
        hints=kept.hints if kept.state == "ended" or not over else 0,
        answered=kept.answered,
        agency=kept.agency,
        unit=kept.unit,
    )
    taken = dialogue.step(view, heard.text, instrument)
    if taken.accept is not None:
        return _accept(tx, heard, kept, taken, taken.accept)
    _store_step(tx, heard, kept, taken.view)
    return Said(taken.outcome, taken.reply)


def _accept(tx: Tx, heard: _Heard, kept: Kept, taken: Step, answers: Answers) -> Said:
    item = heard.item
    receipt = tokens.draw_receipt()
    submission = Submission(
        token_digest=kept.token_digest,
        instrument=kept.instrument,
        answers=answers,
        language=answers.language,
        mode="sms",
        response_id=responses.response_id(item.keys, receipt),
        now=item.now,
    )
    state = responses.accept(tx, [submission])[0]
    if state is LinkState.OPEN:
        ANSWERS.labels("accepted").inc()
        _store_step(tx, heard, kept, View("ended", taken.view.language, answered=True))
        return Said(Outcome.ANSWERED, dialogue.thanks(taken.view.language, receipt))
    late = dialogue.ended(taken.view, answered=state is LinkState.USED)
    _store_step(tx, heard, kept, late.view)
    return Said(late.outcome, late.reply)


def _store_step(tx: Tx, heard: _Heard, kept: Kept, view: View) -> None:
    if view.state == "ended":
        ending = kept.state != "ended"
        late = ending and not view.answered
        after = replace(
            kept,
            state="ended",
            agency_id=INSTALLATION if view.answered else kept.agency_id,
            transaction_id=None,
            instrument="",
            draft=None,
            last_text=None,
            expires_at=conversations.end_of_day(
                heard.item.now + conversations.KEEP_CLOSED_SECONDS if late else kept.expires_at
            ),
        )
    else:
        after = replace(kept, state=view.state, draft=dict(view.draft), last_text=_text_digest(heard))
    _store(tx, heard, replace(after, language=view.language, hints=view.hints))


def _store(tx: Tx, heard: _Heard, kept: Kept) -> None:
    conversations.store(tx, heard.item.keys, replace(kept, changed_at=heard.item.now))
