"""Asking for messages by state, said so that the partial indexes of the table serve it."""

from sqlalchemy import ColumnElement, and_, literal_column

from survey.messaging.models import Message
from survey.models import columns

PURGED = {"contact": None, "body": None, "lease_until": None}
"""What a message forgets when it has ended."""
_INDEXED = (("scheduled", "queued"), ("claimed", "sending"), ("submitted", "unknown"))
_m = columns(Message)


def in_state(*states: str) -> ColumnElement[bool]:
    """Whether a message is in one of some states.

    SQLite takes a partial index only for a statement that repeats the index's own condition to the letter:
    where an index has it, the whole condition stands beside what is asked for.
    """
    family = next((family for family in _INDEXED if set(states) < set(family)), None)
    return _is_one_of(states) if family is None else and_(_is_one_of(family), _is_one_of(states))


def _is_one_of(states: tuple[str, ...]) -> ColumnElement[bool]:
    # Written out: a parameter could be any state, so no partial index would serve it.
    written: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in states]
    found: ColumnElement[bool] = _m.state == written[0] if len(written) == 1 else _m.state.in_(written)
    return found
