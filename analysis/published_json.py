"""Read a published table from a JSON document: a list of elements, or mappings from element to figure."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analysis.errors import Malformed
from analysis.published import PublishedElement, PublishedTable, table_of_rows
from analysis.published_words import (
    FIELDS,
    NOT_ASKED,
    Order,
    element_key,
    placed,
    read_count,
    read_field,
    read_number,
    shown,
)

BY_ELEMENT: Mapping[str, str] = {
    "element_means": "mean",
    "element_sums": "sum",
    "element_counts": "counts",
    "element_index_25_100": "value",
    "element_n": "n",
    "element_grades": "grade",
    "element_labels": "grade",
}
"""Mappings from element to one of its figures, beside or instead of the list ``elements``."""

_OF_ELEMENT = {"element", "mean", "value", "sum", "n", "counts", "grade"}


def read_json_table(text: str, order: Order | None = None) -> PublishedTable:
    """A published table from the text of a JSON document.

    ``elements`` lists objects with ``element`` and any of ``mean``, ``value``, ``sum``, ``n``, ``counts`` and
    ``grade``; the mappings of ``BY_ELEMENT`` say the same the other way round; ``matrix`` has a row per
    respondent, with the names of its columns in ``positional_elements``. The keys of ``FIELDS`` speak of the
    whole table and may stand in ``published`` too. Keys of neither kind are ignored.

    Raises:
        Refused: it cannot be read; the message names line and column, or the place in the document.
    """
    document = _parsed(text)
    fields = _fields(document)
    order = order or fields.pop("order", None)
    fields.pop("order", None)
    if "matrix" in document:
        return replace(_respondents(document, order), **fields)
    figures = _figures(document, order)
    if not figures:
        raise Malformed(f"no elements: the document has none of elements, matrix, {', '.join(BY_ELEMENT)}")
    return PublishedTable(tuple(_element(key, one) for key, one in figures.items()), **fields)


def _parsed(text: str) -> dict[str, Any]:
    try:
        # Numbers stay text, so that their decimals are those printed and none is too large to hold.
        document = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_refused, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        raise Malformed(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise Malformed("line 1: brackets within brackets without end") from None
    return _mapping(document, "the document")


def _refused(constant: str) -> Any:
    raise Malformed(f"{constant} is not a number of such a table")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        doubled = next(key for key in keys if keys.count(key) > 1)
        raise Malformed(f"the key {shown(doubled)} stands twice in one object")
    return found


def _fields(document: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    published = _mapping(document.get("published", {}), "published")
    for place, holder in (("", document), ("published.", published)):
        for key, value in holder.items():
            field = FIELDS.get(key)
            # A document about a source may keep more of it than its name.
            if field is None or value is None or (field == "source" and not isinstance(value, str)):
                continue
            read = read_field(field, _text(value, place + key), place + key)
            if read.keys() & fields.keys():
                raise Malformed(f"{place}{key}: said twice")
            fields |= read
    return fields


def _figures(document: Mapping[str, Any], order: Order | None) -> dict[str, dict[str, tuple[Any, str]]]:
    """The figures of each element with the place each stands at."""
    found: dict[str, dict[str, tuple[Any, str]]] = {}
    listed = document.get("elements", [])
    if not isinstance(listed, list):
        raise Malformed("elements: not a list")
    for number, one in enumerate(listed):
        place = f"elements[{number}]"
        element = _mapping(one, place)
        if unknown := sorted(element.keys() - _OF_ELEMENT):
            raise Malformed(f"{place}: {shown(unknown[0])} is none of {', '.join(sorted(_OF_ELEMENT))}")
        key = element_key(_text(element.get("element"), f"{place}.element"), order)
        if key in found:
            raise Malformed(f"{place}: {shown(key)} stands twice")
        found[key] = {
            kind: (value, f"{place}.{kind}") for kind, value in element.items() if kind != "element"
        }
    for holder in (document, _mapping(document.get("published", {}), "published")):
        for name, kind in BY_ELEMENT.items():
            # Published summaries may repeat the means as a bare list, which names no element.
            if isinstance(holder.get(name, []), list):
                continue
            for label, value in _mapping(holder[name], name).items():
                key = element_key(label, order)
                if kind in found.setdefault(key, {}):
                    raise Malformed(f"{name}.{label[:30]}: a second {kind} of {shown(key)}")
                found[key][kind] = (value, f"{name}.{label[:30]}")
    return found


def _element(key: str, figures: Mapping[str, tuple[Any, str]]) -> PublishedElement:
    said = {kind: one for kind, one in figures.items() if one[0] is not None}
    asked = {kind: one for kind, one in said.items() if not _is_not_asked(one[0])}
    counts = _counts(*asked["counts"]) if "counts" in asked else None
    read: dict[str, Any] = {}
    for kind, (value, place) in asked.items():
        if kind in ("mean", "value"):
            read[kind] = read_number(_text(value, place), place)
        elif kind in ("sum", "n"):
            read["total" if kind == "sum" else kind] = read_count(_text(value, place), place)
        elif kind == "grade":
            read |= read_field("grade", _text(value, place), place)
    if said.keys() - {"grade"} and not asked.keys() - {"grade"}:
        read["n"] = 0
    with placed(shown(key)):
        return PublishedElement(key, counts=counts, **read)


def _counts(value: Any, place: str) -> dict[int, int]:
    """Counts by answer, or as a list that begins with the answer 1."""
    by_answer = {str(at): one for at, one in enumerate(value, 1)} if isinstance(value, list) else value
    return {
        read_count(answer, place): read_count(_text(count, place), f"{place}.{answer[:9]}")
        for answer, count in _mapping(by_answer, place).items()
    }


def _respondents(document: Mapping[str, Any], order: Order | None) -> PublishedTable:
    matrix = document["matrix"]
    if not isinstance(matrix, list) or not all(isinstance(row, list) for row in matrix) or not matrix:
        raise Malformed("matrix: not a list of rows")
    names = document.get("positional_elements", [f"U{at}" for at in range(1, len(matrix[0]) + 1)])
    if not isinstance(names, list):
        raise Malformed("positional_elements: not a list")
    columns = [_text(name, "positional_elements") for name in names]
    rows = [
        [_answer(cell, f"matrix, row {number}, column {at}") for at, cell in enumerate(row, 1)]
        for number, row in enumerate(matrix, 1)
    ]
    return table_of_rows([element_key(name, order) for name in columns], rows, columns)


def _answer(cell: Any, place: str) -> int | None:
    if cell is None or _is_not_asked(cell):
        return None
    return read_count(_text(cell, place), place)


def _is_not_asked(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower() in NOT_ASKED


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{place}: neither a number nor text")
    return value


def _mapping(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"{place}: not an object in braces")
    return value
