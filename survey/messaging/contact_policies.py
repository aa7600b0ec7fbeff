"""The rules of each agency, and when a number was last invited by any of them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from survey.database import Statement, Tx
from survey.messaging.models import ContactPolicy, LastContact
from survey.messaging.policy import DAY_SECONDS, LONGEST_CAP_DAYS, PolicyRefused, Rules, held_to, read_rules
from survey.models import columns
from survey.recorded import read_directory

_p = columns(ContactPolicy)
_c = columns(LastContact)
_FOREVER = 1 << 62  # later than any time: a claim that no earlier one is too recent for

ONE = Statement(select(_p.rules).where(_p.agency_id == bindparam("agency_id")))
ALL = Statement(select(_p.rules))
_stored = insert(ContactPolicy).values(agency_id=bindparam("agency_id"), rules=bindparam("rules"))
# SQLite took this clause over from PostgreSQL word for word, so one statement serves both.
STORE = Statement(
    _stored.on_conflict_do_update(index_elements=[_p.agency_id], set_={"rules": _stored.excluded.rules})
)
_invited = insert(LastContact).values(phone_digest=bindparam("digest"), invited_at=bindparam("now"))
CLAIM = Statement(
    _invited.on_conflict_do_update(
        index_elements=[_c.phone_digest],
        set_={"invited_at": _invited.excluded.invited_at},
        where=_c.invited_at <= bindparam("before"),
    ).returning(_c.invited_at)
)
RECENT = Statement(
    select(_c.invited_at).where(_c.phone_digest == bindparam("digest"), _c.invited_at > bindparam("before"))
)
FORGET = Statement(delete(LastContact).where(_c.invited_at <= bindparam("before")))


class PolicyIn(NamedTuple):
    """What an agency says of its rules, by key; what it does not say is the national rule."""

    agency_id: int
    said: Mapping[str, Any]
    national: Rules


class ContactIn(NamedTuple):
    """An invitation about to go to a number: its digests (the secret in use first), and the agency's cap."""

    digests: Sequence[bytes]
    now: int
    cap_days: int


class Forgetting(NamedTuple):
    """What is forgotten at UTC epoch second ``now``: invitations older than the longest cap of anybody."""

    now: int
    national: Rules


def read(tx: Tx, agency_ids: Sequence[int], national: Rules) -> list[Rules]:
    """The rules of each agency, never laxer than the national rules of now."""
    found = tx.each(ONE, [{"agency_id": agency_id} for agency_id in agency_ids]) if agency_ids else []
    return [national if row is None else _read(row[0], national) for row in found]


def read_known(tx: Tx, agency_ids: Sequence[int], national: Rules) -> dict[int, Rules]:
    """The same by agency, without those whose rules this version cannot read: nobody knows what they are."""
    rules: dict[int, Rules] = {}
    for agency_id in agency_ids:
        try:
            rules[agency_id] = read(tx, [agency_id], national)[0]
        except PolicyRefused:
            continue
    return rules


def read_said(tx: Tx, agency_ids: Sequence[int]) -> list[dict[str, Any]]:
    """What each agency itself says, by key."""
    rows = [tx.one(ONE, {"agency_id": agency_id}) for agency_id in agency_ids]
    return [{} if row is None else msgspec.json.decode(row[0]) for row in rows]


def store(tx: Tx, policies: Sequence[PolicyIn]) -> list[Rules]:
    """Store what agencies say, in place of what they said before; the rules that come of it.

    Raises:
        PolicyRefused: see ``policy.read_rules``, or a stratum of a unit or service that the agency has not;
            nothing was stored.
    """
    rules = [read_rules(policy.said, policy.national) for policy in policies]
    for policy, read_as in zip(policies, rules, strict=True):
        _check_strata(tx, policy.agency_id, read_as)
        text = msgspec.json.encode(policy.said, order="deterministic").decode()
        tx.run(STORE, {"agency_id": policy.agency_id, "rules": text})
    return rules


def claim_contact(tx: Tx, contacts: Sequence[ContactIn]) -> list[bool]:
    """Claim for each number that it may be invited now; False: it was, by whomever, within the cap's days.

    A claim is one statement, so of two at once exactly one succeeds. Call it once per transaction, for all
    its numbers: they are claimed in the order of their digests, lest two transactions wait for each other.
    """
    granted = [False] * len(contacts)
    order = sorted(range(len(contacts)), key=lambda index: contacts[index].digests[0])
    free = [index for index in order if not _recent_under_earlier_secret(tx, contacts[index])]
    if free:
        claims = [
            {
                "digest": contacts[index].digests[0],
                "now": contacts[index].now,
                "before": _before(contacts[index]),
            }
            for index in free
        ]
        for index, row in zip(free, tx.each(CLAIM, claims), strict=True):
            granted[index] = row is not None
    return granted


def forget_contacts(tx: Tx, items: Sequence[Forgetting]) -> list[int]:
    """Forget when numbers were invited once nobody's cap asks for it any more; how many were forgotten."""
    forgotten = []
    for now, national in items:
        longest = max(national.cap_days, *(_cap_days(text, national) for (text,) in tx.all(ALL)), 0)
        forgotten.append(tx.run(FORGET, {"before": now - longest * DAY_SECONDS}))
    return forgotten


def _check_strata(tx: Tx, agency_id: int, rules: Rules) -> None:
    # A code that is mistyped would leave its transactions to another probability, and nobody would see it.
    directory = read_directory(tx, [agency_id])[0]
    for number, stratum in enumerate(rules.sampling.strata):
        for key, code, known in (
            ("unit", stratum.unit, directory.units.keys()),
            ("service", stratum.service, directory.services.keys()),
        ):
            if code is not None and code not in known:
                raise PolicyRefused(f"sampling.strata[{number}]: no {key} has the code {code!r}")


@lru_cache(maxsize=1024)
def _read(text: str, national: Rules) -> Rules:
    return held_to(msgspec.json.decode(text), national)


def _cap_days(text: str, national: Rules) -> int:
    try:
        return _read(text, national).cap_days
    except PolicyRefused:  # of another version: it may ask for any
        return LONGEST_CAP_DAYS


def _before(contact: ContactIn) -> int:
    return contact.now - contact.cap_days * DAY_SECONDS if contact.cap_days else _FOREVER


def _recent_under_earlier_secret(tx: Tx, contact: ContactIn) -> bool:
    before = _before(contact)
    return any(
        tx.one(RECENT, {"digest": digest, "before": before}) is not None for digest in contact.digests[1:]
    )
