"""Accept an answer, whatever way it came, and erase one on its owner's wish.

Accepting is one transaction: redeem the link (a conditional update that succeeds once), store the
response, mark what must be counted again. The response is stored under a keyed digest of a receipt that
only the citizen holds; nothing in it leads to the invitation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, select, update

from survey.answers import Answers
from survey.clock import day_in
from survey.comments.readings import packed_counts
from survey.database import Insertion, Statement, Tx
from survey.dirty import mark
from survey.keys import Keys
from survey.models import Agency, Invitation, Response, columns

PROFILE = ("sex", "age_band", "education", "occupation", "disability")


class LinkState(StrEnum):
    """What a link can still do."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Link(NamedTuple):
    """A link as its form page needs it."""

    state: LinkState
    instrument: str = ""
    language: str = ""


class LinkQuery(NamedTuple):
    """Ask for a link by the digest of its code, at UTC epoch second ``now``."""

    token_digest: bytes
    now: int


@dataclass(frozen=True, slots=True)
class Submission:
    """An answer on its way in: who may answer (the code's digest), what, and how it came."""

    token_digest: bytes
    instrument: str
    answers: Answers
    language: str
    mode: str
    response_id: int
    now: int


_i = columns(Invitation)
_r = columns(Response)
_AGENCY_ID = columns(Agency).id

FIND = Statement(
    select(_i.state, _i.instrument, _i.language, _i.expires_at).where(
        _i.token_digest == bindparam("token_digest")
    )
)
REDEEM = Statement(
    update(Invitation)
    .where(
        _i.token_digest == bindparam("digest"),
        _i.state == "open",
        _i.expires_at > bindparam("now"),
        _i.instrument == bindparam("for_instrument"),
    )
    .values(state="answered", contact=None, language=None)
    .returning(_i.agency_id, _i.unit_id, _i.service_id, _i.channel, _i.day, _i.timezone)
)
INSERT_RESPONSE = Insertion(Response)
ERASE = Statement(
    delete(Response)
    .where(_r.agency_id.in_(select(_AGENCY_ID)), _r.id == bindparam("response_id"))
    .returning(_r.agency_id, _r.unit_id, _r.day)
)
FIND_DAY = Statement(
    select(_r.day).where(_r.agency_id.in_(select(_AGENCY_ID)), _r.id == bindparam("response_id"))
)


def find_links(tx: Tx, queries: Sequence[LinkQuery]) -> list[Link]:
    """The state of each link; reading changes nothing, however often a link is opened."""
    rows = tx.each(FIND, [{"token_digest": query.token_digest} for query in queries])
    return [_link(row, query.now) for row, query in zip(rows, queries, strict=True)]


def _link(row: tuple[Any, ...] | None, now: int) -> Link:
    if row is None:
        return Link(LinkState.UNKNOWN)
    state, instrument, language, expires_at = row
    if state == "answered":
        return Link(LinkState.USED, instrument)
    if state == "expired" or expires_at <= now:
        return Link(LinkState.EXPIRED, instrument)
    return Link(LinkState.OPEN, instrument, language)


def accept(tx: Tx, submissions: Sequence[Submission]) -> list[LinkState]:
    """Store each answer whose link can still be used.

    Returns:
        per submission ``OPEN`` when the answer was taken, otherwise what the link had become.
    """
    redeemed = tx.each(
        REDEEM,
        [
            {
                "digest": submission.token_digest,
                "now": submission.now,
                "for_instrument": submission.instrument,
            }
            for submission in submissions
        ],
    )
    responses: list[dict[str, Any]] = []
    cells: set[tuple[int, int, int]] = set()
    states: list[LinkState] = []
    for submission, row in zip(submissions, redeemed, strict=True):
        if row is None:
            states.append(_refused(tx, submission))
            continue
        agency_id, unit_id, service_id, channel, day_served, zone = row
        day = day_in(zone, submission.now)
        responses.append(
            response_row(
                submission.answers,
                agency_id=agency_id,
                id=submission.response_id,
                unit_id=unit_id,
                service_id=service_id,
                channel=channel,
                mode=submission.mode,
                source="invited",
                language=submission.language,
                day=day,
                instrument=submission.instrument,
            )
        )
        cells.add((agency_id, unit_id, day))
        cells.add((agency_id, unit_id, day_served))
        states.append(LinkState.OPEN)
    tx.many(INSERT_RESPONSE, responses)
    mark(tx, cells)
    return states


def _refused(tx: Tx, submission: Submission) -> LinkState:
    link = find_links(tx, [LinkQuery(submission.token_digest, submission.now)])[0]
    # An open link that refused belongs to another instrument than the form that was sent.
    return LinkState.UNKNOWN if link.state is LinkState.OPEN else link.state


def response_row(answers: Answers, **known: Any) -> dict[str, Any]:
    """The row of the response table for some answers and what is known of their origin."""
    return {
        "series_id": None,
        "answers": answers.values,
        "answered": answers.answered,
        "score_sum": answers.score_sum,
        "comment": answers.comment,
        "masked": None if answers.comment is None else packed_counts(answers.masked),
        "reading": None,
        "sealed": 0,
        **{name: answers.profile.get(name) for name in PROFILE},
        **known,
    }


def response_id(keys: Keys, receipt: str) -> int:
    """The id under which the answer with this receipt is stored: a keyed digest of 63 bits."""
    return int.from_bytes(keys.digest("receipt", receipt)[:8], "big") >> 1


def erase(tx: Tx, response_ids: Sequence[int]) -> list[bool]:
    """Erase answers by their receipts' ids; whether each was there. Their cells are counted again."""
    rows = tx.each(ERASE, [{"response_id": number} for number in response_ids])
    if not tx.sqlite and None in rows:
        # The nightly seal writes rows anew: who waited for it finds the old one gone, and now the new one.
        again = tx.each(ERASE, [{"response_id": number} for number in response_ids])
        rows = [first or second for first, second in zip(rows, again, strict=True)]
    mark(tx, {(row[0], row[1], row[2]) for row in rows if row is not None})
    return [row is not None for row in rows]


def find_days(tx: Tx, response_ids: Sequence[int]) -> list[int | None]:
    """The day each receipt's answer is counted under, or None when there is none."""
    rows = tx.each(FIND_DAY, [{"response_id": number} for number in response_ids])
    return [None if row is None else row[0] for row in rows]
