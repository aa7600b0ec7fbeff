"""Read a published table from CSV: lines of ``key,value``, and a table of elements or of respondents."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from analysis.errors import Malformed
from analysis.published import MOST_ELEMENTS, PublishedElement, PublishedTable, table_of_rows
from analysis.published_words import (
    COLUMNS,
    FIELDS,
    NOT_ASKED,
    RESPONDENT,
    TOTALS,
    Order,
    element_key,
    placed,
    plain,
    read_count,
    read_field,
    read_number,
    shown,
)

PAIR = 2
"""Cells of a line that tells one thing of the whole table: a key and a value."""

DELIMITERS = (";", "\t", ",")
"""What may separate columns. Where two make equally much of a file, the first does: beside semicolons a comma
is a decimal comma or stands in a name."""

MEAN_UP_TO, VALUE_FROM = Decimal(10), Decimal(20)
"""A column called only "nilai" has means when none exceeds the first, values on 25-100 when none is below the
second. Wider than the scales, so that a figure outside them is found by the audit."""


class Line(NamedTuple):
    """A line of the file: its number, counted from 1, and its cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The lines of a file by what they are."""

    delimiter: str
    about: Sequence[Line]
    header: Line
    body: Sequence[Line]

    @property
    def names(self) -> list[str]:
        """The names of the columns, plain."""
        return [plain(cell) for cell in self.header.cells]

    @property
    def of_elements(self) -> bool:
        """Whether its rows are elements rather than respondents."""
        return "element" in [COLUMNS.get(name) for name in self.names]


def read_csv_table(text: str, order: Order | None = None) -> PublishedTable:
    """A published table from the text of a CSV file.

    Lines whose first cell is a key of ``FIELDS`` speak of the whole table. The first other line names the
    columns: with a column ``element`` the rows are elements, without one every column is an element and the
    rows are respondents.

    Raises:
        Refused: it cannot be read; the message names line and column.
    """
    sheet = _sheet(text)
    fields = _fields(sheet)
    order = order or fields.pop("order", None)
    fields.pop("order", None)
    if sheet.of_elements:
        return PublishedTable(_elements(sheet, order), **fields)
    return replace(_respondents(sheet, order), **fields)


def _sheet(text: str) -> Sheet:
    """The file with whichever delimiter makes most of its line of names."""
    headers = {delimiter: _header(text, delimiter) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda one: _worth(headers[one]))
    header = headers[delimiter]
    if header is None or len(header.cells) < PAIR:
        raise Malformed("line 1: no line names columns, such as element,mean")
    about: list[Line] = []
    body: list[Line] = []
    for line in _lines(text, delimiter):
        if line.number != header.number:
            (about if _is_about(line) else body).append(line)
    return Sheet(delimiter, about, header, body)


def _header(text: str, delimiter: str) -> Line | None:
    """The first line that says nothing of the whole table."""
    for line in _lines(text, delimiter):
        # "Responden" heads a column of numbers as often as it tells how many there are.
        if not _is_about(line) or (FIELDS[plain(line.cells[0])] == "n" and len(line.cells) > PAIR):
            return line
    return None


def _worth(header: Line | None) -> tuple[bool, int]:
    cells = header.cells if header else ()
    return "element" in [COLUMNS.get(plain(cell)) for cell in cells], len(cells)


def _is_about(line: Line) -> bool:
    return plain(line.cells[0]) in FIELDS


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield Line(reader.line_num, tuple(cells))
    except csv.Error as error:
        raise Malformed(f"line {reader.line_num}: {error}") from None


def _fields(sheet: Sheet) -> dict[str, Any]:
    found: dict[str, str] = {}
    fields: dict[str, Any] = {}
    for line in sheet.about:
        name, *values = line.cells
        field = FIELDS[plain(name)]
        where = f"line {line.number}, column 2 ({name[:30]})"
        if field in found:
            raise Malformed(f"{where}: already said in {found[field]}")
        if len(values) > 1 and field not in ("title", "source"):
            raise Malformed(f"{where}: {len(values)} values; with decimal commas, separate by semicolons")
        if values:
            found[field] = f"line {line.number}"
            read = read_field(field, sheet.delimiter.join(values), where)
            if read.keys() & fields.keys():
                raise Malformed(f"{where}: a second index on the scale of 1 to 4")
            fields |= read
    return fields


def _elements(sheet: Sheet, order: Order | None) -> tuple[PublishedElement, ...]:
    columns = _columns(sheet)
    at = columns.pop("mean_or_value", None)
    if at is not None:
        kind = _mean_or_value(sheet, at)
        if kind in columns:
            raise Malformed(f"line {sheet.header.number}, column {at + 1}: a second column of the {kind}")
        columns[kind] = at
    return tuple(_element(line, columns, sheet.header, order) for line in sheet.body)


def _columns(sheet: Sheet) -> dict[str, int]:
    """Where each known column stands; a count is named by its answer."""
    columns: dict[str, int] = {}
    for at, name in enumerate(sheet.names):
        kind = name if name.isdecimal() else COLUMNS.get(name)
        where = f"line {sheet.header.number}, column {at + 1}"
        if kind is None:
            raise Malformed(f"{where}: {shown(sheet.header.cells[at])} is not a known column")
        if kind in columns:
            raise Malformed(f"{where}: a second column {shown(sheet.header.cells[at])}")
        if kind != "ignored":
            columns[kind] = at
    return columns


def _mean_or_value(sheet: Sheet, at: int) -> str:
    """Whether a column called only "nilai" has means or values, told by their size."""
    figures = [
        read_number(line.cells[at], _where(line, at, sheet.header))
        for line in sheet.body
        if at < len(line.cells) and line.cells[at] and line.cells[at].lower() not in NOT_ASKED
    ]
    if all(figure <= MEAN_UP_TO for figure in figures):
        return "mean"
    if all(figure >= VALUE_FROM for figure in figures):
        return "value"
    raise Malformed(
        f"line {sheet.header.number}, column {at + 1}: figures on different scales;"
        " name the column mean or value"
    )


def _element(line: Line, columns: Mapping[str, int], header: Line, order: Order | None) -> PublishedElement:
    if len(line.cells) > len(header.cells):
        raise Malformed(
            f"line {line.number}, column {len(header.cells) + 1}: {len(line.cells)} cells under"
            f" {len(header.cells)} names; with decimal commas, separate by semicolons"
        )
    cells = {kind: line.cells[at] for kind, at in columns.items() if at < len(line.cells) and line.cells[at]}
    name = cells.pop("element", "")
    if not name or plain(name) in TOTALS:
        raise Malformed(f"{_where(line, columns['element'], header)}: {shown(name)} is not an element")
    grade = cells.pop("grade", None)
    asked = {kind: cell for kind, cell in cells.items() if cell.lower() not in NOT_ASKED}
    read: dict[str, Any] = {
        kind: read_number(cell, _where(line, columns[kind], header))
        for kind, cell in asked.items()
        if kind in ("mean", "value")
    }
    whole = {
        kind: read_count(cell, _where(line, columns[kind], header))
        for kind, cell in asked.items()
        if kind not in read
    }
    counts = {int(kind): number for kind, number in whole.items() if kind.isdecimal()}
    if cells and not asked:
        whole["n"] = 0
    with placed(f"line {line.number}"):
        return PublishedElement(
            element_key(name, order),
            counts=counts or None,
            total=whole.get("sum"),
            n=whole.get("n"),
            grade=None if grade is None or grade.lower() in NOT_ASKED else grade,
            **read,
        )


def _respondents(sheet: Sheet, order: Order | None) -> PublishedTable:
    at = [at for at, name in enumerate(sheet.names) if name not in RESPONDENT]
    columns = [sheet.header.cells[one] for one in at]
    if len(at) > MOST_ELEMENTS or "" in columns:
        raise Malformed(
            f"line {sheet.header.number}: {len(at)} columns of answers, some perhaps without a name"
        )
    rows = [[_answer(line, one, sheet.header) for one in at] for line in sheet.body]
    return table_of_rows([element_key(name, order) for name in columns], rows, columns)


def _answer(line: Line, at: int, header: Line) -> int | None:
    if len(line.cells) > len(header.cells):
        raise Malformed(f"line {line.number}: {len(line.cells)} cells under {len(header.cells)} names")
    cell = line.cells[at] if at < len(line.cells) else ""
    if cell in "1234" and cell:
        return int(cell)
    if not cell or cell.lower() in NOT_ASKED:
        return None
    return read_count(cell, _where(line, at, header))


def _where(line: Line, at: int, header: Line) -> str:
    return f"line {line.number}, column {at + 1} ({header.cells[at][:30]})"
