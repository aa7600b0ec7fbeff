"""From a claimed message to what is sent: the number, the text, or the reason against it. Pure."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from survey import tokens
from survey.instruments import Instrument
from survey.keys import Keys
from survey.messaging import texts
from survey.messaging.outbox import Claimed
from survey.messaging.policy import Rules, earliest
from survey.messaging.segments import segment

MOST_PARTS = 5
"""A longer text is not sent: gateways cut it off in silence at a limit of their own (max-messages)."""


class Ready(NamedTuple):
    """A message as it is sent; ``digests`` are those of its number, none for a reply."""

    message: Claimed
    phone: str
    text: str
    ucs2: bool
    segments: int
    digests: tuple[bytes, ...]


class Against(NamedTuple):
    """A message that must not be sent, and why."""

    message: Claimed
    why: str


class Later(NamedTuple):
    """A message whose citizen sleeps; ``due`` is UTC epoch seconds."""

    message: Claimed
    due: int


class Desk(NamedTuple):
    """What preparing needs to know: keys, where links point, questionnaires and each agency's rules."""

    keys: Keys
    public_url: str
    instruments: Mapping[str, Instrument]
    rules_of: Callable[[int], Rules]


def prepare(message: Claimed, desk: Desk, now: int) -> Ready | Against | Later:
    """Write a message, or say why not (now)."""
    if message.kind == "reply":
        return _reply(message, desk, now)
    return _invitation(message, desk, now)


def _reply(message: Claimed, desk: Desk, now: int) -> Ready | Against:
    if message.expires_at <= now:
        return Against(message, "expired")
    if message.contact is None or message.body is None:
        return Against(message, "no_number")
    # Somebody asked and waits: at any hour, and also after the STOP that is being confirmed.
    return _ready(message, desk.keys.open_contact(message.contact), desk.keys.open_text(message.body), ())


def _invitation(message: Claimed, desk: Desk, now: int) -> Ready | Against | Later:
    if message.open_until <= now or message.expires_at <= now:
        return Against(message, "answered" if message.open_until == 0 else "expired")
    instrument = desk.instruments.get(message.instrument)
    if message.contact is None or instrument is None:
        return Against(message, "no_number")
    due = earliest(desk.rules_of(message.agency_id), message.timezone or "UTC", now)
    if due > now:
        return Later(message, due)
    phone = desk.keys.open_contact(message.contact)
    code = tokens.link_code(desk.keys.token, message.transaction_id or 0)
    try:
        text = texts.invitation_text(
            "reminder" if message.kind == "reminder" else "invitation",
            message.language,
            service=message.service,
            unit=message.unit,
            link=f"{desk.public_url}/{code}",
            elements=len(instrument.elements),
            steps=instrument.element_scale,
        )
    except texts.Unsayable:
        # A name in another script; `percaya sms count --agency` says which.
        return Against(message, "unsayable")
    return _ready(message, phone, text, tuple(desk.keys.phone_digests(phone)))


def _ready(message: Claimed, phone: str, text: str, digests: tuple[bytes, ...]) -> Ready | Against:
    counted = segment(text)
    if len(counted.parts) > MOST_PARTS:
        return Against(message, "too_long")
    return Ready(message, phone, text, counted.encoding == "ucs2", len(counted.parts), digests)
