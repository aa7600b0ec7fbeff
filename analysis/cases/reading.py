"""What a case says, and in which shape it wants to be answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from analysis.errors import Malformed

LEVEL = 0.95


@dataclass(frozen=True)
class Case:
    """A case as it was given."""

    data: Mapping[str, Any]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The inputs of a topic; a kind has them beside its name."""
        inputs: Mapping[str, Any] = self.data.get("inputs", self.data)
        return inputs

    @property
    def wanted(self) -> Mapping[str, Any]:
        """The expected block, of which only keys and shapes are used."""
        wanted: Mapping[str, Any] = self.data.get("expected") or {}
        return wanted

    @property
    def level(self) -> float:
        """Nominal coverage."""
        return float(self.inputs.get("level") or LEVEL)

    def number(self, name: str) -> float:
        """An input that must be there."""
        return float(self.inputs[name])

    def sizes(self, pattern: str) -> dict[str, str]:
        """Keys of the expected block that fit a pattern, with what its one group matched."""
        found = ((key, re.fullmatch(pattern, key)) for key in self.wanted)
        return {key: match[1] for key, match in found if match}

    def shaped(self, key: str, values: Mapping[str, Any], *, listed: bool = False) -> Any:
        """Values by element, as a list or a mapping: as expected, or as is usual."""
        wanted = self.wanted.get(key)
        as_list = isinstance(wanted, list) if wanted is not None else listed
        return list(values.values()) if as_list else dict(values)


def matrix_rows(case: Case) -> list[list[int | None]]:
    """The rows of a matrix, with the cells that a case takes out set to None."""
    inputs = case.inputs
    if "matrix" not in inputs:
        where = f" (it refers to {inputs['ref']!r})" if "ref" in inputs else ""
        raise Malformed(f"the case brings no matrix{where}")
    rows = [list(row) for row in inputs["matrix"]]
    base = int(inputs.get("index_base", 0))
    for row, column in inputs.get("set_missing", ()):
        rows[row - base][column - base] = None
    return rows


def column_names(case: Case, width: int) -> tuple[str, ...]:
    """The names of the columns of a matrix: as given, or U1, U2, ..."""
    for name in ("positional_elements", "elements", "order"):
        given = case.inputs.get(name)
        if isinstance(given, Sequence) and not isinstance(given, str) and len(given) == width:
            return tuple(map(str, given))
    return tuple(f"U{number}" for number in range(1, width + 1))


def plain(value: Any) -> Any:
    """A value as JSON has it: no fractions, decimals, tuples or arrays."""
    if isinstance(value, Fraction | Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def digits(value: Any) -> Decimal:
    """A printed number with the digits it has."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Malformed(f"{value!r} is not a printed number")
    try:
        return Decimal(str(value))
    except ArithmeticError:
        raise Malformed(f"{value!r} is not a printed number") from None
