"""Reading what a provider tells: delivery reports and citizens' messages, in whatever shape it has.

Pure. A callback may be a query, a form or JSON, and hold one item or many. Each item gets an external id
under which it is stored once: the provider's own where it gives one, otherwise one made of its content.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

from survey.messaging.blocks import Inbound, Provider, Report
from survey.messaging.blocks import Status as Status
from survey.messaging.said import agree, as_text, as_word, find

MOST_FIELDS = 200
MOST_ITEMS = 1000
MOST_TEXT = 4000
"""Characters of a message that are kept: more than 25 segments, and far more than any answer."""
REPEATED_SECONDS = 10
_REF = re.compile(r"^[!-~]{1,128}$")
T = TypeVar("T")
_FORM = "application/x-www-form-urlencoded"


class Malformed(ValueError):
    """A callback that cannot be read; the message says why and repeats nothing of it."""


class Incoming(NamedTuple):
    """A callback as it came in.

    ``url`` is the address as the provider knows it, with its query; ``headers`` have names in lower case;
    ``client`` is the address it came from; ``secret`` the last part of the path, if there is one; ``now`` is
    when it came (UTC epoch seconds).
    """

    method: str
    url: str
    headers: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    body: bytes
    client: str
    secret: str | None
    now: int


class Reported(NamedTuple):
    """A delivery report: which message, in our words and in the provider's, and what became of it.

    ``opted_out`` is a number when the provider says that it does not want to be written to.
    """

    external_id: str
    ref: str | None
    provider_ref: str | None
    status: Status
    code: str
    opted_out: str = ""


class Heard(NamedTuple):
    """A citizen's message; ``opted_out`` when the provider itself took it for an opt-out."""

    external_id: str
    sender: str
    recipient: str
    text: str
    opted_out: bool = False


def read_reports(provider: Provider, incoming: Incoming) -> list[Reported]:
    """The delivery reports of a callback.

    Raises:
        Malformed: it is not of the shape the configuration says.
    """
    block = provider.report
    if block is None:
        raise Malformed("this provider sends no reports")
    in_path = _ref_in_path(provider, incoming) if provider.ref_in_path else None
    items = _items(provider, incoming, block.items)
    return _readable(items, lambda item: _reported(block, item, in_path))


def read_heard(provider: Provider, incoming: Incoming) -> list[Heard]:
    """The citizens' messages of a callback.

    Raises:
        Malformed: it is not of the shape the configuration says.
    """
    block = provider.inbound
    if block is None:
        raise Malformed("this provider hands no messages on")
    items = _items(provider, incoming, block.items)
    return _readable(items, lambda item: _heard(block, item, incoming.now))


def _readable(items: Sequence[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], T]) -> list[T]:
    """What can be read of a batch: refusing all of it for one item would lose the others with it."""
    good, bad = [], None
    for item in items:
        try:
            good.append(read(item))
        except Malformed as error:
            bad = error
    if bad is not None and not good:
        raise bad
    return good


def fields_of(incoming: Incoming) -> list[tuple[str, str]]:
    """The parameters of a form, in order; none when the body is no form.

    Raises:
        Malformed: it has too many.
    """
    if _media_type(incoming) != _FORM:
        return []
    try:
        text = incoming.body.decode("utf-8", "replace")
        return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Malformed("the form has too many fields") from None


def _media_type(incoming: Incoming) -> str:
    return incoming.headers.get("content-type", "").partition(";")[0].strip().lower()


def _items(provider: Provider, incoming: Incoming, path: str | None) -> list[Mapping[str, Any]]:
    """Each item as a table of its values; what only stands in the address fills the gaps, where believed."""
    around: Mapping[str, Any] = {} if provider.body_only else dict(incoming.query)
    if not incoming.body:
        if path is not None or not around:
            raise Malformed("the body is empty")
        return [around]
    media_type = _media_type(incoming)
    if media_type == _FORM and path is None:
        return [{**around, **dict(fields_of(incoming))}]
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise Malformed("the body is neither a form nor JSON")
    data = _json(incoming.body)
    found = data if path is None else find(data, path)
    items = found if isinstance(found, list) else [found]
    if not all(isinstance(item, dict) for item in items) or len(items) > MOST_ITEMS:
        raise Malformed("the body does not hold what was agreed")
    return [{**around, **item} for item in items]


def _json(body: bytes) -> Any:
    try:
        # Not by msgspec, which refuses half of a surrogate pair: a cut message must not be lost for it.
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not readable JSON") from None


def _value(item: Mapping[str, Any], path: str | None) -> str | None:
    return None if path is None else as_text(find(item, path))


def _named(text: str | None) -> str | None:
    """A reference, when it is one that can be: a few printable characters."""
    return text if text is not None and _REF.fullmatch(text) else None


def _ref_in_path(provider: Provider, incoming: Incoming) -> str | None:
    last = incoming.secret or ""
    before, _, ref = last.rpartition(".")
    return (ref if before else None) if provider.secret_in_path else last or None


def _reported(block: Report, item: Mapping[str, Any], in_path: str | None) -> Reported:
    ref = _named(in_path if in_path is not None else _value(item, block.ref))
    provider_ref = _named(_value(item, block.id))
    if ref is None and provider_ref is None:
        raise Malformed("a report names no message")
    told = _value(item, block.status)
    if told is None:
        raise Malformed("a report has no status")
    reason = _value(item, block.reason) or ""
    status, known = _status(block, told)
    if status in (Status.UNDELIVERED, Status.REJECTED) and block.temporary_when is not None:
        status = Status.TEMPORARY if block.temporary_when.search(reason) else status
    opted_out = bool(block.opted_out) and agree(item, block.opted_out)
    return Reported(
        external_id=_digest(ref or "", json.dumps(item, sort_keys=True)),
        ref=ref,
        provider_ref=provider_ref,
        status=status,
        code=_code(block, told, reason, known),
        opted_out=(_value(item, block.to) or "") if opted_out else "",
    )


def _status(block: Report, told: str) -> tuple[Status, bool]:
    """The status a value means, and whether it was known. One nobody told us of promises nothing."""
    if block.bitmask:
        bits = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0
        for bit in block.precedence:
            if bits & int(bit):
                return block.map[bit], True
        return Status.SUBMITTED, False
    for value, status in block.map.items():
        if fnmatchcase(told.casefold(), value.casefold()):
            return status, True
    return Status.SUBMITTED, False


def _code(block: Report, told: str, reason: str, known: bool) -> str:
    words = [as_word(told)] if known else ["unmapped", as_word(told)]
    match = block.reason_word.search(reason)
    if match is not None:
        words += [as_word(group) for group in match.groups()]
    return " ".join(word for word in words if word)[:64]


def _heard(block: Inbound, item: Mapping[str, Any], now: int) -> Heard:
    sender, text = _value(item, block.from_), _value(item, block.text)
    if not sender or text is None:
        raise Malformed("a message has no sender or no text")
    recipient = _value(item, block.to) or ""
    given = _value(item, block.id)
    if given:
        external_id = _digest("id", given)
    elif block.at is None:
        # Twilio signs names and values with nothing between them: a replay could push the message's name
        # into the value before it, and would then be another message at every moment.
        raise Malformed("a message has no name")
    else:
        # Without any word of the provider's, the same text again within a moment is a repetition.
        moment = _value(item, block.at) or str(now // REPEATED_SECONDS)
        external_id = _digest("content", sender, recipient, text, moment)
    opted_out = bool(block.opted_out) and agree(item, block.opted_out)
    return Heard(external_id, sender.strip()[:64], recipient.strip()[:64], text[:MOST_TEXT], opted_out)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
