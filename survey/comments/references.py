"""References to a comment, for a page that lets somebody do something about it.

The number under which a response is kept must not stand in an address: addresses are logged, and remembered
by browsers. So a page gives the number sealed and with a time to live. Of two references to one comment
nobody can tell that they are; without this installation's secret one says nothing, and to a stranger who
finds it in a log it opens nothing: the page asks for the administrator's key all the same.
"""

import base64
import binascii
from typing import NamedTuple

from survey.keys import Keys

SECONDS = 12 * 60 * 60
"""How long a reference opens: a working day, so that a list can be worked through at leisure."""

_PURPOSE = "comment"
_LONGEST = 200


class Reference(NamedTuple):
    """Where a comment is kept."""

    agency_id: int
    id: int


def seal_reference(keys: Keys, reference: Reference, now: int) -> str:
    """A reference as it may stand in an address or a form, made at UTC epoch second ``now``."""
    text = f"{_PURPOSE} {reference.agency_id} {reference.id} {now + SECONDS}"
    return base64.urlsafe_b64encode(keys.seal_text(text)).decode().rstrip("=")


def open_reference(keys: Keys, sealed: str, now: int) -> Reference | None:
    """The comment that a reference means; None when it is none of ours, or too old."""
    try:
        if len(sealed) > _LONGEST:
            return None
        padded = sealed.encode("ascii") + b"=" * (-len(sealed) % 4)
        purpose, *numbers = keys.open_text(base64.urlsafe_b64decode(padded)).split(" ")
    except (ValueError, binascii.Error):
        return None
    if purpose != _PURPOSE:  # a message that was sealed for another end
        return None
    agency_id, number, until = map(int, numbers)
    return Reference(agency_id, number) if now < until else None
