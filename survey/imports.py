"""Import a historical table of answers, respondents by elements, as a series of its own.

The official list and the official form number the last two elements differently, so a table whose
columns are only numbered must come with its order. One wrong cell refuses the whole table and is named.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sqlalchemy import bindparam, select

from survey import tokens
from survey.answers import Answers, AnswersRefused, read_values
from survey.database import Insertion, Statement, Tx
from survey.dirty import mark
from survey.instruments import Instrument
from survey.models import Series, columns
from survey.responses import INSERT_RESPONSE, response_row

Order = Literal["questionnaire", "regulation", "named"]
MOST_PROBLEMS = 20
MOST_BYTES = 32 * 1024 * 1024
_EMPTY = {"", "-", "na", "n/a"}
# The list of elements in the regulation puts complaints before facilities; its form does the reverse.
_LAST_TWO = ("complaints", "facilities")

_s = columns(Series)
FIND_SERIES = Statement(
    select(_s.name).where(_s.agency_id == bindparam("agency_id"), _s.digest == bindparam("digest"))
)
INSERT_SERIES = Insertion(Series)


class CellProblem(NamedTuple):
    """A cell that cannot be an answer: row (1 is the first respondent), column, and why."""

    row: int
    column: str
    reason: str


class TableRefused(Exception):
    """The table cannot be imported; nothing was stored."""

    def __init__(self, reason: str, problems: Sequence[CellProblem] = ()) -> None:
        super().__init__(reason)
        self.problems = list(problems)


class OrderNeeded(TableRefused):
    """The columns are only numbered: say whether in the order of the form or of the regulation's list."""


@dataclass(frozen=True)
class Table:
    """A checked table: its answers row by row, in which order its columns stood, and its digest."""

    answers: tuple[Answers, ...]
    order: Order
    digest: bytes


@dataclass(frozen=True)
class SeriesImport:
    """A table with where, when (``yyyymmdd``) and under what name it belongs."""

    table: Table
    agency_id: int
    unit_id: int
    day: int
    name: str
    instrument: str
    language: str
    now: int


def read_table(data: bytes, instrument: Instrument, order: Order | None) -> Table:
    """Read a CSV table (comma, semicolon or tab), with or without a header.

    A header may name the elements by key, or number them (U1 … U9); a leading column of row numbers
    (``no``) is ignored. Cells are answers on the element's scale; an empty cell is a skipped answer.

    Raises:
        OrderNeeded: numbered columns and no ``order``, of elements that are numbered in two ways.
        TableRefused: anything else that is wrong, naming row and column.
    """
    if len(data) > MOST_BYTES:
        raise TableRefused(f"the file is larger than {MOST_BYTES} bytes")
    rows = _rows(data)
    keys = [item.key for item in instrument.elements]
    columns, rows, named = _columns(rows, keys, order)
    problems: list[CellProblem] = []
    answers = [_answers(number, row, columns, instrument, problems) for number, row in enumerate(rows, 1)]
    if problems:
        first = problems[0]
        raise TableRefused(
            f"row {first.row}, column {first.column}: {first.reason}; nothing was stored",
            problems[:MOST_PROBLEMS],
        )
    if not rows:
        raise TableRefused("the table has no respondents")
    kept = tuple(answer for answer in answers if answer is not None)
    return Table(kept, named, hashlib.blake2b(data, digest_size=16).digest())


def _rows(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableRefused(f"the file is not UTF-8 (byte {error.start}); save it as CSV UTF-8") from None
    if "\0" in text:
        raise TableRefused("the file contains NUL characters; it is not a CSV file")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return [
            [cell.strip() for cell in row]
            for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise TableRefused(f"the file cannot be read as CSV: {error}") from None


def _columns(
    rows: list[list[str]], keys: list[str], order: Order | None
) -> tuple[list[tuple[int, str, str]], list[list[str]], Order]:
    """Where each element stands: (position, title, key); the rows without their header; the order."""
    if not rows:
        raise TableRefused("the file is empty")
    header = [cell.lower() for cell in rows[0]]
    has_header = _is_header(header, len(keys))
    if has_header and set(keys) <= set(header):
        doubled = [key for key in keys if header.count(key) > 1]
        if doubled:
            raise TableRefused(f"the header names a column twice: {', '.join(doubled)}")
        return [(header.index(key), key, key) for key in keys], rows[1:], "named"
    titles = header if has_header else [f"{number}" for number in range(1, len(header) + 1)]
    at = [
        position
        for position, title in enumerate(titles)
        if title not in ("no", "no.", "responden", "respondent")
    ]
    if len(at) != len(keys):
        raise TableRefused(
            f"the table has {len(at)} columns of answers; this instrument has {len(keys)} elements"
        )
    if order is None and not set(_LAST_TWO) <= set(keys):
        order = "questionnaire"  # only these two are numbered in two ways
    if order is None:
        raise OrderNeeded(
            "the columns are only numbered: say --order questionnaire (8 facilities, 9 complaints)"
            " or --order regulation (8 complaints, 9 facilities)"
        )
    ordered = _in_order(keys, order)
    columns = [
        (position, rows[0][position] if has_header else titles[position], key)
        for position, key in zip(at, ordered, strict=True)
    ]
    return columns, rows[1:] if has_header else rows, order


def _is_header(cells: list[str], elements: int) -> bool:
    # A first respondent with a mistyped cell must not pass for a header and vanish.
    numbers = [cell for cell in cells if cell.isdigit()]
    if numbers:
        return numbers == [str(number) for number in range(1, elements + 1)]
    return any(cells)


def _in_order(keys: list[str], order: Order) -> list[str]:
    if order != "regulation":
        return keys
    return [key for key in keys if key not in _LAST_TWO] + [key for key in _LAST_TWO if key in keys]


def _answers(
    number: int,
    row: list[str],
    columns: list[tuple[int, str, str]],
    instrument: Instrument,
    problems: list[CellProblem],
) -> Answers | None:
    values: dict[str, int | None] = {}
    scales = {item.key: item.scale for item in instrument.elements}
    before = len(problems)
    for position, title, key in columns:
        cell = row[position] if position < len(row) else ""
        if cell.lower() in _EMPTY:
            values[key] = None
        elif cell in [str(value) for value in range(1, scales[key] + 1)]:
            values[key] = int(cell)
        else:
            problems.append(
                CellProblem(number, title, f"{cell[:20]!r} is not an answer from 1 to {scales[key]}")
            )
    if len(problems) > before:
        return None
    try:
        return read_values(instrument, values)
    except AnswersRefused as refused:
        problems.append(CellProblem(number, "all", _said(refused)))
        return None


def _said(refused: AnswersRefused) -> str:
    for problem in refused.problems:
        if problem.code == "too_few":
            return "only {given} of {total} elements answered, {needed} are needed".format(**problem.params)
    return str(refused)


def store_series(tx: Tx, imports: Sequence[SeriesImport]) -> list[int]:
    """Store each table as a series marked imported; how many responses it has.

    Raises:
        TableRefused: the same table is already there.
    """
    return [_store(tx, one) for one in imports]


def _store(tx: Tx, one: SeriesImport) -> int:
    found = tx.one(FIND_SERIES, {"agency_id": one.agency_id, "digest": one.table.digest})
    if found is not None:
        raise TableRefused(f"this very table is already imported as {found[0]!r}")
    series_id = tokens.draw_id()
    row = {
        "agency_id": one.agency_id,
        "id": series_id,
        "unit_id": one.unit_id,
        "name": one.name,
        "instrument": one.instrument,
        "element_order": one.table.order,
        "digest": one.table.digest,
        "rows": len(one.table.answers),
        "imported_at": one.now,
    }
    tx.many(INSERT_SERIES, [row])
    tx.many(
        INSERT_RESPONSE,
        [
            response_row(
                answers,
                agency_id=one.agency_id,
                id=tokens.draw_id(),
                unit_id=one.unit_id,
                service_id=None,
                channel="other",
                mode="import",
                source="imported",
                series_id=series_id,
                language=one.language,
                day=one.day,
                instrument=one.instrument,
            )
            for answers in one.table.answers
        ],
    )
    mark(tx, [(one.agency_id, one.unit_id, one.day)])
    return len(one.table.answers)
