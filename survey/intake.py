"""Read reported transactions from JSON, NDJSON or CSV, row by row in bounded memory.

A body is read twice from a file on disk: once to see that all of it can be read at all (encoding,
syntax, columns), before anything is stored; once to check and record each row.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Annotated, Any, Literal

import ijson
import msgspec

from survey.ledger import DAY_SECONDS, Report
from survey.models import CHANNELS, LANGUAGES, OUTCOMES
from survey.phones import read_phone

MOST_LINE_BYTES = 64 * 1024
MOST_PROBLEMS = 20
# A row is an object of plain values; what lies deeper is somebody's attempt to exhaust the reader.
MOST_DEPTH = 16
_NO_CONTROL = "^[^\\x00-\\x1f\\x7f]*$"
Text64 = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_NO_CONTROL)]
Text128 = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=_NO_CONTROL)]
Phone = Annotated[str, msgspec.Meta(min_length=3, max_length=32, pattern=_NO_CONTROL)]
# The same at both readings: what the first lets through, the second can read.
_DECODE_ARRAY_ITEM = {"use_float": True}
_OPENING = ("start_map", "start_array")
_CLOSING = ("end_map", "end_array")


class TransactionIn(msgspec.Struct, forbid_unknown_fields=True):
    """A finished transaction as an agency's system sends it."""

    unit: Text64
    service: Text64
    channel: Literal["counter", "online", "mobile", "phone", "other"]
    outcome: Literal["approved", "rejected", "pending", "informed", "withdrawn"]
    finished_at: Annotated[datetime, msgspec.Meta(tz=True)]
    external_ref: Text128
    officer: Text64 | None = None
    language: Literal["id", "en", "jv", "su"] | None = None
    phone: Phone | None = None


FIELDS = TransactionIn.__struct_fields__
REQUIRED = FIELDS[:6]
WORDS = {"channel": CHANNELS, "outcome": OUTCOMES, "language": LANGUAGES}
Format = Literal["json", "array", "ndjson", "csv"]


@dataclass(frozen=True)
class Rules:
    """What a report must obey at the moment it is read; ``now`` is UTC epoch seconds."""

    now: int
    oldest_seconds: int
    phone_region: str
    language: str


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be taken: its field, when one is to blame, and what to do."""

    row: int
    field: str | None
    reason: str


class Unreadable(Exception):
    """The body as a whole cannot be read; nothing of it was stored."""

    def __init__(self, reason: str, problems: list[RowProblem] | None = None) -> None:
        super().__init__(reason)
        self.problems = problems or []


Entry = tuple[int, Report | RowProblem]


def check_readable(body: IO[bytes], form: Format) -> None:
    """See that all of a body can be read, before any of it is stored.

    Raises:
        Unreadable: wrong encoding, broken syntax, a wrong header or rows that are no rows; the rows named.
    """
    body.seek(0)
    _check_encoding(body)
    body.seek(0)
    if form == "array":
        _check_array(body)
        return
    problems: list[RowProblem] = []
    for row, _, reason in _raw_rows(body, form):
        if reason is not None:
            problems.append(RowProblem(row, None, reason))
            if len(problems) == MOST_PROBLEMS:
                break
    if problems:
        first = problems[0]
        raise Unreadable(f"row {first.row}: {first.reason}; nothing was stored", problems)


def read_reports(body: IO[bytes], form: Format, rules: Rules) -> Iterator[Entry]:
    """The rows of a readable body, numbered from 1, each a report or the problem with it."""
    body.seek(0)
    if form == "array":
        items = ijson.items(body, "item", **_DECODE_ARRAY_ITEM)
        for row, item in enumerate(items, start=1):
            yield row, _read(row, item, rules)
        return
    for row, fields, reason in _raw_rows(body, form):
        yield row, RowProblem(row, None, reason) if reason is not None else _read(row, fields, rules)


def read_one(body: bytes, rules: Rules) -> Report | RowProblem:
    """One transaction from a JSON object.

    Raises:
        Unreadable: the body is not JSON.
    """
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise Unreadable("the body is nested too deeply") from None
    return _read(1, fields, rules)


def _check_encoding(body: IO[bytes]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    at = lines = 0
    while chunk := body.read(1 << 20):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            lines += chunk[: error.start].count(b"\n")
            raise Unreadable(
                f"the body is not UTF-8: byte {at + error.start} in line {lines + 1}; save it as UTF-8"
            ) from None
        lines += chunk.count(b"\n")
        at += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Unreadable("the body ends in the middle of a UTF-8 character; it may be cut off") from None


def _check_array(body: IO[bytes]) -> None:
    row = depth = 0
    try:
        for kind, _ in ijson.basic_parse(body, **_DECODE_ARRAY_ITEM):
            row += depth == 1 and kind != "end_array"
            if depth == 1 and kind not in ("start_map", "end_array"):
                raise Unreadable(f"row {row}: every element of the array must be an object")
            depth += (kind in _OPENING) - (kind in _CLOSING)
            if depth > MOST_DEPTH:
                raise Unreadable(f"row {row}: the row is nested too deeply")
    except ijson.JSONError as error:
        raise Unreadable(f"row {row + (depth == 1)}: the array is not JSON: {_first_line(error)}") from None


def _raw_rows(body: IO[bytes], form: Format) -> Iterator[tuple[int, Any, str | None]]:
    return _csv_rows(body) if form == "csv" else _json_lines(body)


def _json_lines(body: IO[bytes]) -> Iterator[tuple[int, Any, str | None]]:
    row = 0
    while line := body.readline(MOST_LINE_BYTES):
        row += 1
        if len(line) == MOST_LINE_BYTES and not line.endswith(b"\n"):
            yield row, None, f"the line is longer than {MOST_LINE_BYTES} bytes"
            return
        if not line.strip():
            row -= 1
            continue
        try:
            fields = msgspec.json.decode(line)
        except msgspec.DecodeError as error:
            yield row, None, f"the line is not JSON: {error}"
            continue
        except RecursionError:
            yield row, None, "the line is nested too deeply"
            continue
        yield row, fields, None if isinstance(fields, dict) else "the line is not a JSON object"


def _csv_rows(body: IO[bytes]) -> Iterator[tuple[int, Any, str | None]]:
    lines = io.TextIOWrapper(_Kept(body), encoding="utf-8-sig", newline="")  # type: ignore[type-var]
    rows = csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
    except csv.Error as error:
        raise Unreadable(f"the header cannot be read: {error}") from None
    _check_header(header)
    row = 0
    while True:
        try:
            values = next(rows, None)
        except csv.Error as error:
            yield row + 1, None, f"the row cannot be read as CSV: {error}"
            return
        if values is None:
            return
        if not values:
            continue
        row += 1
        if len(values) != len(header):
            yield row, None, f"the row has {len(values)} columns, the header has {len(header)}"
        elif any("\0" in value for value in values):
            yield row, None, "the row contains a NUL character"
        else:
            yield row, {name: value for name, value in zip(header, values, strict=True) if value != ""}, None


def _check_header(header: list[str]) -> None:
    doubled = sorted({name for name in header if header.count(name) > 1})
    unknown = [name for name in header if name not in FIELDS]
    missing = [name for name in REQUIRED if name not in header]
    if doubled:
        raise Unreadable(f"the header names a column twice: {', '.join(doubled)}")
    if unknown:
        raise Unreadable(
            f"the header has an unknown column: {', '.join(map(repr, unknown))};"
            f" known are {', '.join(FIELDS)}"
        )
    if missing:
        raise Unreadable(f"the header lacks the column: {', '.join(missing)}")


class _Kept(io.BufferedIOBase):
    """A body that its text wrapper may close without closing the file beneath."""

    def __init__(self, body: IO[bytes]) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._body.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._body.read(size)


def _read(row: int, fields: Any, rules: Rules) -> Report | RowProblem:
    try:
        given = msgspec.convert(fields, TransactionIn)
    except msgspec.ValidationError as error:
        return RowProblem(row, *_said(str(error)))
    finished_at = int(given.finished_at.timestamp())
    if finished_at > rules.now + 300:
        return RowProblem(row, "finished_at", "the transaction is in the future; send it when it is finished")
    if finished_at < rules.now - rules.oldest_seconds:
        days = rules.oldest_seconds // DAY_SECONDS
        return RowProblem(row, "finished_at", f"the transaction finished more than {days} days ago")
    phone = None
    if given.phone is not None:
        phone = read_phone(given.phone, rules.phone_region)
        if phone is None:
            return RowProblem(
                row, "phone", "not a telephone number that can exist; write it like +6281234567890"
            )
    return Report(
        given.unit,
        given.service,
        given.channel,
        given.outcome,
        finished_at,
        given.external_ref,
        given.officer,
        given.language or rules.language,
        phone,
    )


def _said(message: str) -> tuple[str | None, str]:
    """The field and the reason in a message of msgspec; never the value, which may be somebody's number."""
    reason, _, where = message.partition(" - at `$.")
    if where:
        field = where.rstrip("`")
        if reason.startswith("Invalid enum value"):
            reason = f"Invalid value: use one of {', '.join(WORDS.get(field, ()))}"
        if "regex" in reason:
            reason = "Control characters are not allowed"
        return field, reason
    for start in ("Object missing required field `", "Object contains unknown field `"):
        if message.startswith(start):
            return message.removeprefix(start).rstrip("`")[:64], message[:120]
    return None, reason


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
