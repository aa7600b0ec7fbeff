"""The tables of messaging and their CHECKs; no behaviour.

Times are UTC epoch seconds. A telephone number is nowhere in plain text: it is encrypted while a message
still needs it, and matched by a keyed digest. An invitation's message holds neither number nor text: both
are read from the invitation when it is sent, so that what an ended invitation forgets is forgotten here.
A reply holds no agency and no transaction: nothing joins it to an invitation once its contact is gone.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from survey.models import LANGUAGES

MESSAGE_KINDS = ("invitation", "reminder", "reply")
MESSAGE_STATES = (
    "scheduled",
    "queued",
    "claimed",
    "sending",
    "submitted",
    "unknown",
    "delivered",
    "undelivered",
    "expired",
    "suppressed",
    "rejected",
    "gave_up",
)
# States that nothing but a late report leaves.
ENDED_STATES = ("delivered", "undelivered", "expired", "suppressed", "rejected", "gave_up")
CALLBACK_KINDS = ("report", "inbound")
CALLBACK_STATES = ("waiting", "unmatched", "done")
CONVERSATION_STATES = ("invited", "asking", "ended", "stranger")
OPT_OUT_SOURCES = ("word", "provider", "operator")
INSTALLATION = 0
"""The ``agency_id`` of messages that belong to no agency: replies."""


def _one_of(column: str, values: tuple[str, ...], name: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


def _where(*states: str) -> dict[str, Any]:
    condition = text(f"state IN ({', '.join(repr(state) for state in states)})")
    return {"sqlite_where": condition, "postgresql_where": condition}


# Without row numbers SQLite keeps no order of numbers that could be laid beside the order of transactions.
_NO_ORDER = {"sqlite_with_rowid": False}


class Message(SQLModel, table=True):
    """One SMS on its way out; see docs/sms.md for its states."""

    __tablename__ = "message"
    __table_args__ = (
        _one_of("kind", MESSAGE_KINDS, "message_kind_known"),
        _one_of("state", MESSAGE_STATES, "message_state_known"),
        CheckConstraint("(kind = 'reply') = (transaction_id IS NULL)", name="message_reply_joins_nothing"),
        CheckConstraint(
            f"state NOT IN ({', '.join(repr(state) for state in ENDED_STATES)})"
            " OR (contact IS NULL AND body IS NULL)",
            name="message_purged_when_ended",
        ),
        Index("message_due", "state", "priority", "not_before", **_where("scheduled", "queued")),
        Index("message_leased", "lease_until", **_where("claimed", "sending")),
        Index("message_waiting", "state", "changed_at", **_where("submitted", "unknown")),
        Index(
            "message_ended", "state", "kind", "changed_at", "agency_id", "segments", **_where(*ENDED_STATES)
        ),
        Index("message_provider_ref", "provider", "provider_ref"),
        Index("message_transaction", "agency_id", "transaction_id"),
    )
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    transaction_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    timezone: str | None = Field(default=None, sa_column=Column(Text))
    state: str = Field(sa_column=Column(Text, nullable=False))
    priority: int = Field(sa_column=Column(SmallInteger, nullable=False))
    not_before: int = Field(sa_column=Column(BigInteger, nullable=False))
    expires_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    contact: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    segments: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    attempts: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    resent: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    provider: str | None = Field(default=None, sa_column=Column(Text))
    provider_ref: str | None = Field(default=None, sa_column=Column(Text))
    fence: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    lease_until: int | None = Field(default=None, sa_column=Column(BigInteger))
    changed_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    reason: str | None = Field(default=None, sa_column=Column(Text))


class MessageAttempt(SQLModel, table=True):
    """One try to hand a message to a provider."""

    __tablename__ = "message_attempt"
    __table_args__ = (Index("message_attempt_provider", "provider", "at"),)
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    message_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    number: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    provider: str = Field(sa_column=Column(Text, nullable=False))
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    outcome: str = Field(sa_column=Column(Text, nullable=False))
    code: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    milliseconds: int = Field(sa_column=Column(Integer, nullable=False))


class Callback(SQLModel, table=True):
    """What a provider told us, once: encrypted until it is dealt with, then only its digest."""

    __tablename__ = "sms_callback"
    __table_args__ = (
        _one_of("kind", CALLBACK_KINDS, "callback_kind_known"),
        _one_of("state", CALLBACK_STATES, "callback_state_known"),
        UniqueConstraint("provider", "kind", "external_digest", name="callback_once"),
        CheckConstraint("state <> 'done' OR body IS NULL", name="callback_purged_when_done"),
        Index("callback_waiting", "state", "received_ms", **_where("waiting", "unmatched")),
        Index("callback_received", "received_ms"),
    )
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    provider: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    external_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    received_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    tries: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    outcome: str | None = Field(default=None, sa_column=Column(Text))


class Conversation(SQLModel, table=True):
    """What is being talked about with a number: at most one thing; a draft is encrypted and short-lived."""

    __tablename__ = "conversation"
    __table_args__ = (
        _one_of("state", CONVERSATION_STATES, "conversation_state_known"),
        _one_of("language", LANGUAGES, "conversation_language_known"),
        CheckConstraint(
            "state IN ('invited', 'asking') OR (transaction_id IS NULL AND draft IS NULL)",
            name="conversation_purged_when_ended",
        ),
        Index("conversation_expires", "expires_at"),
        _NO_ORDER,
    )
    phone_digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    state: str = Field(sa_column=Column(Text, nullable=False))
    agency_id: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    transaction_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    instrument: str = Field(default="", sa_column=Column(Text, nullable=False))
    language: str = Field(sa_column=Column(Text, nullable=False))
    draft: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    hints: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    last_text: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    changed_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    expires_at: int = Field(sa_column=Column(BigInteger, nullable=False))


class OptOut(SQLModel, table=True):
    """A number that must not be written to, by any agency."""

    __tablename__ = "opt_out"
    __table_args__ = (_one_of("source", OPT_OUT_SOURCES, "opt_out_source_known"), _NO_ORDER)
    phone_digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    source: str = Field(sa_column=Column(Text, nullable=False))
    day: int = Field(sa_column=Column(Integer, nullable=False))


class LastContact(SQLModel, table=True):
    """When a number was last invited, by any agency."""

    __tablename__ = "last_contact"
    __table_args__ = (Index("last_contact_at", "invited_at"), _NO_ORDER)
    phone_digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    invited_at: int = Field(sa_column=Column(BigInteger, nullable=False))


class ProviderState(SQLModel, table=True):
    """What all workers know of a provider; the row ``*`` pauses everything."""

    __tablename__ = "sms_provider_state"
    name: str = Field(sa_column=Column(Text, primary_key=True))
    weight: int = Field(sa_column=Column(SmallInteger, nullable=False))
    failures: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    open_until: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    weight_changed_at: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    next_free_ms: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    paused: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))
    trouble: str | None = Field(default=None, sa_column=Column(Text))


class ContactPolicy(SQLModel, table=True):
    """An agency's rules of contact, as JSON; what it does not say is the national rule."""

    __tablename__ = "contact_policy"
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    rules: str = Field(sa_column=Column(Text, nullable=False))
