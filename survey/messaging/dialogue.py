"""One step of a conversation by SMS: what was written, where it stood, what is said and where it stands now.

Pure. A conversation is `invited` (an invitation has gone out), `asking` (question by question) or `ended`.
Every step says at most one thing. What cannot be understood is met with one hint and then with silence, so
that two machines never talk to each other for long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal, NamedTuple

from survey.answers import Answers, read_values
from survey.instruments import Instrument
from survey.items import Item
from survey.messaging.questions import fitted, question, spoken_in
from survey.messaging.replies import (
    Complete,
    Correct,
    Info,
    Language,
    Reply,
    Single,
    Skip,
    Start,
    Trouble,
    read_reply,
    words_of,
)
from survey.messaging.texts import say

MOST_HINTS = 1
"""Hints about what makes no sense at all; something understood in between starts anew."""
MOST_CLOSE_HINTS = 3
"""Hints about what was nearly right, such as an answer too few: only people write that."""
MOST_ASIDES = 12
"""Requests that bring an answer no nearer, such as INFO, and are met: a machine may begin every text so."""
_ASIDE = 10

State = Literal["invited", "asking", "ended"]
Draft = Mapping[str, int | None]


class Outcome(StrEnum):
    """What became of an inbound message; bounded, fit for a metric's label."""

    ANSWERED = "answered"
    ASKED = "asked"
    INFORMED = "informed"
    HINTED = "hinted"
    SILENT = "silent"
    REPEATED = "repeated"
    OPTED_OUT = "opted_out"
    RETURNED = "returned"
    STRANGER = "stranger"
    CLOSED = "closed"
    ALREADY_IN = "already_in"
    ERASED = "erased"
    IGNORED_SENDER = "ignored_sender"


@dataclass(frozen=True, slots=True)
class View:
    """Where a conversation stands.

    ``draft`` holds the answers by element, None for a question that was skipped. ``answered`` tells of an
    ended conversation whether an answer came in or its time is over. ``hints`` counts, in its last digit,
    what was said to no avail since something was understood, and in tens the asides since the last answer.
    """

    state: State
    language: str
    draft: Draft = field(default_factory=dict)
    hints: int = 0
    answered: bool = False
    agency: str = ""
    unit: str = ""


class Step(NamedTuple):
    """What a message leads to: where the conversation stands, what is said, an answer to be accepted.

    What is said to an answer depends on whether it is accepted: see `thanks` and `ended`.
    """

    outcome: Outcome
    view: View
    reply: str | None = None
    accept: Answers | None = None


def step(view: View, text: str, instrument: Instrument) -> Step:
    """Take a message; opting out and erasing are not decided here. Never raises, whatever the text."""
    reply = read_reply(text, len(instrument.elements), instrument.element_scale)
    if view.state == "ended":
        return _after_the_end(view, reply)
    if view.state == "asking":
        reply = _by_label(reply, text, _open_item(view, instrument))
    # What begins the questions is an answer's beginning; asked once more it is an aside.
    if isinstance(reply, Info | Language) or (isinstance(reply, Start) and view.state == "asking"):
        return _aside(view, reply, instrument)
    match reply:
        case Complete(values, comment):
            keys = (item.key for item in instrument.elements)
            return _accept(view, instrument, dict(zip(keys, values, strict=True)), comment)
        case Start():
            return _ask(replace(view, state="asking"), instrument)
        case Single() | Skip() | Correct() if view.state == "asking":
            return _take(view, reply, instrument)
    return _hint(view, reply, instrument)


def thanks(language: str, receipt: str) -> str:
    """What is said to an answer that was accepted; the receipt of twelve characters in groups of four."""
    groups = " ".join(receipt[at : at + 4] for at in range(0, len(receipt), 4))
    return say(language, "reply.thanks", receipt=groups)


def ended(view: View, *, answered: bool) -> Step:
    """The end of a conversation that was answered before, or whose time is over; said once."""
    over = View("ended", view.language, answered=answered)
    return _after_the_end(over, Trouble("nonsense"))


def hints_given(hints: int) -> int:
    """How many hints were given since something was understood."""
    return hints % _ASIDE


def _aside(view: View, reply: Info | Language | Start, instrument: Instrument) -> Step:
    """What is said to a request that brings an answer no nearer, unless there were too many of them."""
    asides = view.hints // _ASIDE
    counted = replace(view, hints=(asides + 1) * _ASIDE)
    if isinstance(reply, Language):
        counted = replace(counted, language=reply.code)
    if asides >= MOST_ASIDES:
        return Step(Outcome.SILENT, replace(counted, hints=view.hints))
    if isinstance(reply, Info):
        return Step(Outcome.INFORMED, counted, _info(view, instrument))
    if view.state == "asking":
        text = question(instrument, counted.language, len(view.draft))
        return Step(Outcome.ASKED, counted, text)
    return Step(Outcome.INFORMED, counted, _said(counted.language, "how", instrument))


def _take(view: View, reply: Single | Skip | Correct, instrument: Instrument) -> Step:
    """An answer to the question that is open, or to one before."""
    item = _open_item(view, instrument)
    last = len(view.draft) == len(instrument.elements) - 1
    match reply:
        case Correct(number, value):
            return _correct(view, number, value, instrument)
        case Single(value, comment) if comment is None or last:
            return _advance(view, {**view.draft, item.key: value}, instrument, comment)
        case Skip():
            most = len(instrument.elements) - instrument.half
            if sum(value is None for value in view.draft.values()) >= most:
                return _hint_before(view, instrument, "too_many_skipped", close=True, most=most)
            return _advance(view, {**view.draft, item.key: None}, instrument, None)
    # "2 jam saya menunggu" would be a 2 to most questions: only a digit alone is one.
    return _hint_before(view, instrument, "one_number", close=True)


def _advance(view: View, draft: Draft, instrument: Instrument, comment: str | None) -> Step:
    if len(draft) == len(instrument.elements):
        return _accept(view, instrument, draft, comment)
    return _ask(replace(view, draft=draft), instrument)


def _correct(view: View, number: int, value: int, instrument: Instrument) -> Step:
    keys = [item.key for item in instrument.elements]
    if not 1 <= value <= instrument.element_scale:
        return _hint_before(view, instrument, "one_number", close=True)
    if not 1 <= number <= len(keys) or keys[number - 1] not in view.draft:
        return _hint_before(view, instrument, "cannot_change", close=True)
    changed = replace(view, draft={**view.draft, keys[number - 1]: value})
    return _ask(changed, instrument, say(view.language, "reply.changed", number=number, value=value))


def _accept(view: View, instrument: Instrument, values: Draft, comment: str | None) -> Step:
    answers = read_values(instrument, values, comment=comment, language=spoken_in(instrument, view.language))
    return Step(Outcome.ANSWERED, replace(view, hints=0), accept=answers)


def _ask(view: View, instrument: Instrument, before: str = "") -> Step:
    asked = replace(view, hints=0)
    return Step(Outcome.ASKED, asked, question(instrument, view.language, len(view.draft), before))


def _info(view: View, instrument: Instrument) -> str:
    names = {"agency": view.agency, "unit": view.unit}
    return fitted(view.language, "reply.info", names, **_counts(instrument))


def _hint(view: View, reply: Reply, instrument: Instrument) -> Step:
    """Say once what could be done; ``reply`` is what could not be made use of."""
    kind = reply.kind if isinstance(reply, Trouble) else "nothing_open"
    if kind == "language":
        return _spoken(view, MOST_CLOSE_HINTS, say(view.language, "reply.languages"))
    if kind == "receipt":
        return _spoken(view, MOST_CLOSE_HINTS, say(view.language, "reply.wrong_receipt"))
    if view.state == "asking":
        before = "cannot_change" if kind == "correction" else "one_number"
        return _hint_before(view, instrument, before, close=kind != "nonsense")
    most = MOST_HINTS if kind == "nonsense" else MOST_CLOSE_HINTS
    key: str = kind if kind in ("too_few", "too_many", "out_of_scale") else "how"
    if isinstance(reply, Single | Skip):
        key = "nothing_open"
    missing = reply.missing if isinstance(reply, Trouble) else 0
    return _spoken(view, most, _said(view.language, key, instrument, missing=missing))


def _hint_before(view: View, instrument: Instrument, key: str, *, close: bool, **values: object) -> Step:
    before = _said(view.language, key, instrument, **values)
    text = question(instrument, view.language, len(view.draft), before)
    return _spoken(view, MOST_CLOSE_HINTS if close else MOST_HINTS, text)


def _spoken(view: View, most: int, text: str, outcome: Outcome = Outcome.HINTED) -> Step:
    """Say it if there were fewer hints than ``most`` since the last thing that was understood."""
    if hints_given(view.hints) >= most:
        return Step(Outcome.SILENT, view)
    return Step(outcome, replace(view, hints=view.hints + 1), text)


def _after_the_end(view: View, reply: Reply) -> Step:
    if isinstance(reply, Language):
        view = replace(view, language=reply.code)
    if not view.answered:
        return _spoken(view, MOST_HINTS, say(view.language, "reply.closed"), Outcome.CLOSED)
    if isinstance(reply, Correct) or reply == Trouble("correction"):
        text = say(view.language, "reply.no_correction")
        return _spoken(view, MOST_CLOSE_HINTS, text, Outcome.ALREADY_IN)
    return _spoken(view, MOST_HINTS, say(view.language, "reply.already_in"), Outcome.ALREADY_IN)


def _open_item(view: View, instrument: Instrument) -> Item:
    return next(item for item in instrument.elements if item.key not in view.draft)


def _by_label(reply: Reply, text: str, item: Item) -> Reply:
    """What the answer's own words say: ``Sesuai``, or ``3 sesuai`` with nothing to remark."""
    if isinstance(reply, Single) and reply.comment is not None:
        same = reply.value in _labelled(reply.comment, item)
        return Single(reply.value, None) if same else reply
    if reply == Trouble("nonsense"):
        values = _labelled(text, item)
        return Single(values.pop(), None) if len(values) == 1 else reply
    return reply


def _labelled(text: str, item: Item) -> set[int]:
    """The answers of an item that are called so in any of its languages."""
    words = words_of(text)
    return {
        value
        for labels in item.answers.values()
        for value, label in enumerate(labels, 1)
        if words and words_of(label) == words
    }


def _said(language: str, key: str, instrument: Instrument, **values: object) -> str:
    return say(language, f"reply.{key}", **_counts(instrument), **values)


def _counts(instrument: Instrument) -> dict[str, int]:
    return {"elements": len(instrument.elements), "steps": instrument.element_scale}
