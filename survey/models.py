"""The tables and their CHECKs; no behaviour.

Times are UTC epoch seconds, days are integers ``yyyymmdd`` in the service unit's own zone. Every key
starts with ``agency_id``: it is the tenant, the permission boundary and the shard key.

The response table holds no key, time or value that leads back to an invitation or a person: its id is
a keyed digest of the receipt only the citizen holds, its day is the day of answering (which the
invitation does not know), and in SQLite it has no hidden row number.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from survey.comments.readings import ALLEGED

CHANNELS = ("counter", "online", "mobile", "phone", "other")
OUTCOMES = ("approved", "rejected", "pending", "informed", "withdrawn")
MODES = ("web", "sms", "kiosk", "import")
SOURCES = ("invited", "imported")
INVITATION_STATES = ("open", "answered", "expired")
LANGUAGES = ("id", "en", "jv", "su")
LEDGER = "ledger"
COMMENTS = "comments"
_UNREAD = text("comment IS NOT NULL AND reading IS NULL")
_ALLEGED = text(ALLEGED)


def columns(table: type[SQLModel]) -> Any:
    """The columns of a table, for statements built in SQLAlchemy Core."""
    return table.__table__.c  # type: ignore[attr-defined]


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _unit_reference(constraint: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["agency_id", "unit_id"], ["service_unit.agency_id", "service_unit.id"], name=constraint
    )


def _day_check(column: str = "day") -> CheckConstraint:
    return CheckConstraint(f"{column} BETWEEN 19700101 AND 99991231", name=f"{column}_range")


class Agency(SQLModel, table=True):
    """A public body; the tenant."""

    __tablename__ = "agency"
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    code: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    name: str = Field(sa_column=Column(Text, nullable=False))


class ServiceUnit(SQLModel, table=True):
    """An office of an agency, with the zone its days are counted in."""

    __tablename__ = "service_unit"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agency.id"], name="service_unit_agency"),
        UniqueConstraint("agency_id", "code", name="service_unit_code"),
    )
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    code: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    place: str = Field(sa_column=Column(Text, nullable=False, server_default=""))
    timezone: str = Field(sa_column=Column(Text, nullable=False))
    province: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


class Service(SQLModel, table=True):
    """Something an agency's units offer."""

    __tablename__ = "service"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agency.id"], name="service_agency"),
        UniqueConstraint("agency_id", "code", name="service_code"),
    )
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    code: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))


class ApiKey(SQLModel, table=True):
    """An agency's key for the API: a visible prefix and a keyed digest, shown once."""

    __tablename__ = "api_key"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id"], ["agency.id"], name="api_key_agency"),
        UniqueConstraint("prefix", name="api_key_prefix"),
        CheckConstraint("length(digest) = 16", name="digest_length"),
    )
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    prefix: str = Field(sa_column=Column(Text, primary_key=True))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    created_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    revoked_at: int | None = Field(default=None, sa_column=Column(BigInteger))


class Transaction(SQLModel, table=True):
    """One service rendered to one person; the ledger holds every one, invited or not."""

    __tablename__ = "service_transaction"
    __table_args__ = (
        _unit_reference("transaction_unit"),
        ForeignKeyConstraint(
            ["agency_id", "service_id"], ["service.agency_id", "service.id"], name="transaction_service"
        ),
        UniqueConstraint("agency_id", "external_ref", name="transaction_external_ref"),
        _one_of("channel", CHANNELS),
        _one_of("outcome", OUTCOMES),
        _day_check(),
        CheckConstraint(
            "sampling_probability >= 0 AND sampling_probability <= 1", name="sampling_probability_range"
        ),
        Index("transaction_unit_day", "agency_id", "unit_id", "day"),
    )
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    unit_id: int = Field(sa_column=Column(Integer, nullable=False))
    service_id: int = Field(sa_column=Column(Integer, nullable=False))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    outcome: str = Field(sa_column=Column(Text, nullable=False))
    finished_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    day: int = Field(sa_column=Column(Integer, nullable=False))
    officer_digest: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    external_ref: str = Field(sa_column=Column(Text, nullable=False))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    request_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    sampling_probability: float = Field(sa_column=Column(Double, nullable=False))
    recorded_at: int = Field(sa_column=Column(BigInteger, nullable=False))


class Invitation(SQLModel, table=True):
    """The right to answer once about one transaction; keeps the contact only while it is open."""

    __tablename__ = "invitation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "transaction_id"],
            ["service_transaction.agency_id", "service_transaction.id"],
            name="invitation_transaction",
        ),
        UniqueConstraint("token_digest", name="invitation_token_digest"),
        _one_of("state", INVITATION_STATES),
        _one_of("language", LANGUAGES),
        CheckConstraint("length(token_digest) = 16", name="token_digest_length"),
        CheckConstraint(
            "state = 'open' OR (contact IS NULL AND language IS NULL)", name="contact_purged_when_ended"
        ),
        Index(
            "invitation_open_until",
            "expires_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    transaction_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    token_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    unit_id: int = Field(sa_column=Column(Integer, nullable=False))
    service_id: int = Field(sa_column=Column(Integer, nullable=False))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    day: int = Field(sa_column=Column(Integer, nullable=False))
    timezone: str = Field(sa_column=Column(Text, nullable=False))
    instrument: str = Field(sa_column=Column(Text, nullable=False))
    language: str | None = Field(default=None, sa_column=Column(Text))
    contact: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    expires_at: int = Field(sa_column=Column(BigInteger, nullable=False))


class Series(SQLModel, table=True):
    """A historical table of answers that was imported, never mixed with invited answers."""

    __tablename__ = "series"
    __table_args__ = (
        _unit_reference("series_unit"),
        UniqueConstraint("agency_id", "digest", name="series_digest"),
    )
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    unit_id: int = Field(sa_column=Column(Integer, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False))
    instrument: str = Field(sa_column=Column(Text, nullable=False))
    element_order: str = Field(sa_column=Column(Text, nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    rows: int = Field(sa_column=Column(Integer, nullable=False))
    imported_at: int = Field(sa_column=Column(BigInteger, nullable=False))


class Response(SQLModel, table=True):
    """The answers of somebody, sometime that day; see the module's text for what is not here.

    ``answers`` has one character per item of the instrument, elements before trust items: a digit is
    an answer, ``0`` skipped, ``-`` not asked. ``masked`` counts, by kind, what the comment said of persons
    before it was stored (JSON; NULL: a comment of before there was masking). ``reading`` is what analysers
    and staff made of the comment (see `survey.comments.readings`). ``sealed`` tells whether the nightly
    shuffle has passed.
    """

    __tablename__ = "response"
    __table_args__ = (
        _unit_reference("response_unit"),
        _one_of("channel", CHANNELS),
        _one_of("mode", MODES),
        _one_of("source", SOURCES),
        _one_of("language", LANGUAGES),
        _day_check(),
        CheckConstraint("answered > 0", name="answered_positive"),
        CheckConstraint("score_sum >= answered", name="score_sum_range"),
        CheckConstraint("(masked IS NULL) OR (comment IS NOT NULL)", name="masked_has_comment"),
        CheckConstraint("(reading IS NULL) OR (masked IS NOT NULL)", name="read_after_masking"),
        CheckConstraint("(source = 'imported') = (series_id IS NOT NULL)", name="imported_has_series"),
        CheckConstraint("sealed IN (0, 1)", name="sealed_flag"),
        Index("response_unit_day", "agency_id", "unit_id", "day"),
        Index("response_unread", "agency_id", "id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index("response_alleged", "day", sqlite_where=_ALLEGED, postgresql_where=_ALLEGED),
        {"sqlite_with_rowid": False},
    )
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    unit_id: int = Field(sa_column=Column(Integer, nullable=False))
    service_id: int | None = Field(default=None, sa_column=Column(Integer))
    channel: str = Field(sa_column=Column(Text, nullable=False))
    mode: str = Field(sa_column=Column(Text, nullable=False))
    source: str = Field(sa_column=Column(Text, nullable=False))
    series_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    language: str = Field(sa_column=Column(Text, nullable=False))
    day: int = Field(sa_column=Column(Integer, nullable=False))
    instrument: str = Field(sa_column=Column(Text, nullable=False))
    answers: str = Field(sa_column=Column(Text, nullable=False))
    answered: int = Field(sa_column=Column(SmallInteger, nullable=False))
    score_sum: int = Field(sa_column=Column(SmallInteger, nullable=False))
    comment: str | None = Field(default=None, sa_column=Column(Text))
    masked: str | None = Field(default=None, sa_column=Column(Text))
    reading: str | None = Field(default=None, sa_column=Column(Text))
    sex: str | None = Field(default=None, sa_column=Column(Text))
    age_band: str | None = Field(default=None, sa_column=Column(Text))
    education: str | None = Field(default=None, sa_column=Column(Text))
    occupation: str | None = Field(default=None, sa_column=Column(Text))
    disability: str | None = Field(default=None, sa_column=Column(Text))
    sealed: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False))


class Dirty(SQLModel, table=True):
    """A mark: this unit's day must be counted again. Marks are only added and removed, never changed."""

    __tablename__ = "dirty"
    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    agency_id: int = Field(sa_column=Column(Integer, nullable=False))
    unit_id: int = Field(sa_column=Column(Integer, nullable=False))
    day: int = Field(sa_column=Column(Integer, nullable=False))


class UnitDay(SQLModel, table=True):
    """The tally of one unit's day: ``counts`` is a JSON array of integers in the layout's order.

    Beside the responses of each ``source`` and ``instrument`` there are the ledger, and the comments, whose
    instrument names the series and what is counted (``3/theme:time``).
    """

    __tablename__ = "tally_unit_day"
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    unit_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    day: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    source: str = Field(sa_column=Column(Text, primary_key=True))
    instrument: str = Field(sa_column=Column(Text, primary_key=True))
    counts: str = Field(sa_column=Column(Text, nullable=False))


class UnitMonth(SQLModel, table=True):
    """The sum of a unit's days in one month (``yyyymm``)."""

    __tablename__ = "tally_unit_month"
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    unit_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    month: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    source: str = Field(sa_column=Column(Text, primary_key=True))
    instrument: str = Field(sa_column=Column(Text, primary_key=True))
    counts: str = Field(sa_column=Column(Text, nullable=False))


class AgencyMonth(SQLModel, table=True):
    """The sum of an agency's units in one month (``yyyymm``)."""

    __tablename__ = "tally_agency_month"
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    month: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    source: str = Field(sa_column=Column(Text, primary_key=True))
    instrument: str = Field(sa_column=Column(Text, primary_key=True))
    counts: str = Field(sa_column=Column(Text, nullable=False))


class IdempotencyKey(SQLModel, table=True):
    """Which request body an ``Idempotency-Key`` stood for; the outcome itself is derived again."""

    __tablename__ = "idempotency_key"
    __table_args__ = (ForeignKeyConstraint(["agency_id"], ["agency.id"], name="idempotency_key_agency"),)
    agency_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    key_digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    request_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    created_at: int = Field(sa_column=Column(BigInteger, nullable=False))
