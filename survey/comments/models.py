"""The table of series: which analysers have read the comments."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

_CURRENT = text("state = 'current'")


class CommentSeries(SQLModel, table=True):
    """The readings of one version of one analyser; comments are read under the current one as they come.

    ``decision`` (JSON) tells why it is used or not and how often it errs. ``model`` is what was learned
    (arrays and JSON, see `analysis.sentiment.archive`), NULL for a lexicon.
    """

    __tablename__ = "comment_series"
    __table_args__ = (
        UniqueConstraint("version", name="comment_series_version"),
        CheckConstraint("kind IN ('lexicon', 'learned')", name="comment_series_kind_known"),
        CheckConstraint("state IN ('current', 'past', 'declined')", name="comment_series_state_known"),
        CheckConstraint("(kind = 'learned') = (model IS NOT NULL)", name="comment_series_learned_has_model"),
        Index(
            "comment_series_current",
            "state",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
    )
    id: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    version: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False))
    begun_at: int = Field(sa_column=Column(BigInteger, nullable=False))
    decision: str = Field(sa_column=Column(Text, nullable=False))
    model: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
