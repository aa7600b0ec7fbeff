"""What a case gives, each input checked as it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from analysis.cases.values import cell_of, count_of, entries_of, number_of, read_cells
from analysis.errors import Malformed, UnknownKey
from analysis.matrix import Matrix

V = TypeVar("V")

LEVEL = 0.95
"""Level of an interval when a case does not say."""

_APART = frozenset({"expected", "inputs", "tol", "rtol", "id", "name", "note", "source", "oracle", "formula"})
"""What is about a case and no input of it."""

_COLUMNS = ("positional_elements", "elements", "columns", "order")


@dataclass(frozen=True)
class Case:
    """A case as it was given.

    Attributes:
        fields: inputs by name, with ``kind`` or ``topic`` among them.
        title: the id of the case, in lower case; empty when it has none.
        shapes: what sort of value (a list, a mapping, a number) each expected quantity is; empty when nothing
            is expected.
    """

    fields: Mapping[str, object]
    title: str
    shapes: Mapping[str, type]

    def has(self, *names: str) -> bool:
        """Whether an input stands under any of these names."""
        return any(self.fields.get(name) is not None for name in names)

    def value(self, *names: str) -> object:
        """An input that may go under several names.

        Raises:
            Malformed: the case has none of them.
        """
        for name in names:
            if (found := self.fields.get(name)) is not None:
                return found
        raise Malformed(f"the case gives no {' or '.join(names)}")

    def number(self, *names: str, default: float | None = None) -> float:
        """A finite number; ``default`` where it is not given.

        Raises:
            Malformed: no finite number, or not given and without a default.
        """
        if default is not None and not self.has(*names):
            return default
        return number_of(self.value(*names), names[0])

    def whole(self, *names: str) -> int:
        """A whole number; 400.0 is one, JSON knows no difference.

        Raises:
            Malformed: not given.
            NotACount: not whole, or negative.
        """
        return count_of(self.value(*names), names[0])

    def whole_or_none(self, *names: str) -> int | None:
        """A whole number, or None where it is not given."""
        return self.whole(*names) if self.has(*names) else None

    def text(self, name: str, default: str) -> str:
        """A word.

        Raises:
            Malformed: it is none.
        """
        found = self.fields.get(name)
        if found is not None and not isinstance(found, str):
            raise Malformed(f"{name}: {found!r} is not a word")
        return default if found is None else found

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no.

        Raises:
            Malformed: neither true nor false.
        """
        found = self.fields.get(name)
        if found is not None and not isinstance(found, bool):
            raise Malformed(f"{name}: {found!r} is neither true nor false")
        return default if found is None else found

    def entries(self, *names: str) -> list[object]:
        """A list of anything.

        Raises:
            Malformed: not given, or not a list.
        """
        return entries_of(self.value(*names), names[0])

    def numbers(self, *names: str) -> list[float]:
        """A list of finite numbers.

        Raises:
            Malformed: not given, not a list, or something in it is no number.
        """
        return [number_of(entry, names[0]) for entry in self.entries(*names)]

    def wholes(self, *names: str) -> list[int]:
        """A list of whole numbers; see ``whole``."""
        return [count_of(entry, names[0]) for entry in self.entries(*names)]

    def table(self, *names: str) -> list[list[float]]:
        """Rows of numbers; a missing one is NaN.

        Raises:
            Malformed: not given, not rows of one length, or a cell is no number.
        """
        rows = [entries_of(row, names[0]) for row in self.entries(*names)]
        if len({len(row) for row in rows}) != 1:
            raise Malformed(f"{names[0]}: a table has rows, all of one length")
        return [[float("nan") if cell is None else number_of(cell, names[0]) for cell in row] for row in rows]

    def mapping(self, *names: str) -> dict[str, object]:
        """Values by key; of a list, by the columns of the case.

        Raises:
            Malformed: not given, or neither a mapping nor a list as long as the columns.
        """
        found = self.value(*names)
        if isinstance(found, Mapping):
            return {str(key): value for key, value in found.items()}
        listed = entries_of(found, names[0])
        keys = self.columns(len(listed))
        if len(keys) != len(listed):
            raise Malformed(f"{names[0]}: {len(listed)} values for {len(keys)} columns")
        return dict(zip(keys, listed, strict=True))

    def counts(self, lowest: int, highest: int, *names: str) -> list[int]:
        """How often each answer was given, from a list or by answer.

        Raises:
            UnknownKey: it counts an answer that is not on the scale.
            Malformed: not given, neither a list nor a mapping, or a scale longer than any.
            NotACount: a count that is none.
        """
        found = self.value(*names)
        if not isinstance(found, Mapping):
            return [count_of(entry, names[0]) for entry in entries_of(found, names[0])]
        if highest - lowest > 100:
            raise Malformed(f"a scale of {lowest} to {highest} has too many answers")
        steps = [str(step) for step in range(lowest, highest + 1)]
        for key in found:
            if str(key) not in steps:
                raise UnknownKey(f"{names[0]}: {key!r} is not an answer from {lowest} to {highest}")
        return [count_of(found.get(step, 0), names[0]) for step in steps]

    def columns(self, width: int) -> list[str]:
        """Names of the columns of a table of this width: as given, or U1, U2 and so on."""
        for name in _COLUMNS:
            if self.has(name):
                named = self.entries(name)
                if not all(isinstance(column, str) for column in named):
                    raise Malformed(f"{name}: columns have words for names")
                return [str(column) for column in named]
        return [f"U{position}" for position in range(1, width + 1)]

    def rows(self) -> list[list[object]]:
        """The cells of ``matrix`` as they are: 4.0 as 4, NaN as None, and anything else unchanged.

        Raises:
            Malformed: there is none, only a reference to another case, or not rows.
        """
        if self.has("ref") and not self.has("matrix"):
            raise Malformed(f"the matrix of {self.fields['ref']!r} is not in the case")
        return [[cell_of(cell) for cell in entries_of(row, "matrix")] for row in self.entries("matrix")]

    def matrix(self, scale: int = 4) -> Matrix:
        """The table of answers, checked cell by cell.

        Raises:
            OutOfScale, Malformed: see ``analysis.matrix.read_matrix``.
        """
        rows = self.rows()
        return read_cells(rows, self.columns(len(rows[0]) if rows else 0), scale)

    def part(self, name: str) -> "Case":
        """An object within the case, read as a case is.

        Raises:
            Malformed: not given, or no object.
        """
        return within(self.value(name), name)

    def objects(self, *names: str) -> "list[Case]":
        """A list of objects, each read as a case is.

        Raises:
            Malformed: not given, not a list, or something in it is no object.
        """
        return [within(entry, names[0]) for entry in self.entries(*names)]

    def shaped(self, name: str, values: Mapping[str, V], default: type = dict) -> Mapping[str, V] | list[V]:
        """Values of elements as a list or by key, as ``expected`` has them, or else as ``default`` says."""
        return list(values.values()) if self.shapes.get(name, default) is list else values


Runner: TypeAlias = Callable[[Case], dict[str, object]]


def read_case(case: object) -> Case:
    """The inputs of a case, wherever in it they stand.

    Raises:
        Malformed: not a JSON object, or its inputs are none.
    """
    if not isinstance(case, Mapping):
        raise Malformed(f"a case is an object, not {type(case).__name__}")
    parts: dict[str, Mapping[str, object]] = {}
    for part in ("inputs", "expected"):
        found = case.get(part)
        if found is not None and not isinstance(found, Mapping):
            raise Malformed(f"{part}: {found!r} is not an object")
        parts[part] = found or {}
    outer = {key: value for key, value in case.items() if key not in _APART}
    return Case(
        # What a case is, is said outside of its inputs.
        fields=outer | {key: value for key, value in parts["inputs"].items() if key not in ("kind", "topic")},
        title=str(case.get("id", "")).lower(),
        shapes={key: type(value) for key, value in parts["expected"].items()},
    )


def within(value: object, name: str) -> Case:
    """The inputs of a part of a case.

    Raises:
        Malformed: it is no object.
    """
    if not isinstance(value, Mapping):
        raise Malformed(f"{name}: {value!r} is not an object")
    return Case({str(key): entry for key, entry in value.items()}, "", {})
