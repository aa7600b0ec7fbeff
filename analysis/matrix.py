"""Raw responses as a table of whole answers, one row per distinct row of answers with how many gave it.

Missing answers stay missing (NaN): nothing is filled in, clamped or left out without being counted. What
tallies can say exactly is computed from tallies (``tally_of``); what needs the single responses takes the
arrays of a ``Matrix``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING

from analysis.checks import MOST, is_count
from analysis.errors import Malformed, NotACount, OutOfScale, UnknownKey
from analysis.tally import LONGEST_SCALE, MARKS, NOT_ASKED, SKIPPED, Layout, Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Matrix:
    """Answers of respondents to items; its arrays are checked, copied and read-only.

    Attributes:
        columns: keys of the items.
        values: answers, shape (rows, items): whole numbers from 1 to the scale of their column, NaN for none.
        counts: how many respondents gave exactly that row, shape (rows,).
        scales: highest answer to each item, 2 to ``LONGEST_SCALE``.

    Raises:
        OutOfScale: a value that is no answer, with its row (from 1) and its column.
        NotACount: a negative or fractional number of respondents.
        Malformed: shapes that do not fit, no columns, two columns of one name, or an impossible scale.
    """

    columns: tuple[str, ...]
    values: "Floats"
    counts: "Integers"
    scales: tuple[int, ...]

    def __post_init__(self) -> None:
        import numpy as np

        _check_columns(self.columns, self.scales)
        values, counts = raw(self.values, self.counts)
        if values.shape[1] != len(self.columns):
            raise Malformed(f"{values.shape[1]} answers in a row of {len(self.columns)} columns")
        with np.errstate(invalid="ignore"):
            wrong = (values != np.floor(values)) | (values < 1) | (values > np.array(self.scales))
        wrong &= ~np.isnan(values)
        if wrong.any():
            row, column = (int(place) for place in np.argwhere(wrong)[0])
            found = float(values[row, column])
            shown = int(found) if found.is_integer() else found
            raise OutOfScale(row + 1, self.columns[column], shown, 1, self.scales[column])
        for name, array in (("values", values), ("counts", counts)):
            own = array.copy()
            own.setflags(write=False)
            object.__setattr__(self, name, own)

    @property
    def scale(self) -> int:
        """The highest answer, where all columns share it.

        Raises:
            Malformed: the columns are answered on several scales.
        """
        if len(set(self.scales)) != 1:
            raise Malformed(f"the columns are answered on several scales: {self.scales}")
        return self.scales[0]

    @property
    def n(self) -> int:
        """Number of respondents, whatever they answered."""
        return int(self.counts.sum())

    def rows(self, chosen: "NDArray[np.bool_]") -> "Matrix":
        """The rows for which a mask of shape (rows,) is true."""
        return Matrix(self.columns, self.values[chosen], self.counts[chosen], self.scales)


def raw(values: "Floats", counts: "Integers | None" = None) -> "tuple[Floats, Integers]":
    """Check raw responses and give their arrays the types every function of the package expects.

    Args:
        values: shape (rows, items), NaN for not answered.
        counts: how many respondents gave each row, shape (rows,); None when every row is one respondent.

    Raises:
        Malformed: not two dimensions, no items, not numbers, an infinite value, or counts of another length.
        NotACount: a count that is negative or not whole, or more respondents than ``analysis.checks.MOST``.
    """
    import numpy as np

    table = np.asarray(values)
    if table.ndim != 2 or table.shape[1] == 0:
        raise Malformed(f"responses need the shape (rows, items), not {table.shape}")
    if table.dtype.kind not in "iuf":
        raise Malformed(f"answers are numbers, not {table.dtype}")
    if np.isinf(table).any():
        row, column = np.argwhere(np.isinf(table))[0]
        raise Malformed(f"row {row + 1}, column {column + 1} is infinite")
    many = np.ones(len(table), np.int64) if counts is None else np.asarray(counts)
    if many.shape != (len(table),):
        raise Malformed(f"counts of shape {many.shape} for {len(table)} rows")
    if many.size and (many.dtype.kind not in "iu" or many.min() < 0):
        raise NotACount("how many respondents gave a row is a whole number, not negative")
    # In floating point, which does not overflow.
    if many.sum(dtype=np.float64) > MOST:
        raise NotACount(f"{many.sum(dtype=np.float64):g} respondents are too many to be counted one by one")
    return table.astype(np.float64), many.astype(np.int64)


def read_matrix(
    rows: Sequence[Sequence[int | None]],
    columns: Sequence[str] | None = None,
    *,
    scale: int = 4,
    counts: Sequence[int] | None = None,
) -> Matrix:
    """Check a table of answers cell by cell.

    Args:
        rows: one row per respondent (or per distinct row of answers); None is not answered.
        columns: keys of the items; U1, U2 and so on when not given.
        scale: highest answer.
        counts: how many respondents gave each row; one each when not given.

    Raises:
        OutOfScale: a whole number that is no answer; it is never clamped. Row (from 1), column and value.
        Malformed: a cell that is not a whole number (a float and a bool among them), rows of several lengths,
            or neither rows nor columns.
        NotACount: a number of respondents that is negative or not whole.
    """
    import numpy as np

    if columns is None:
        if not rows:
            raise Malformed("without rows the columns must be named")
        columns = [f"U{position}" for position in range(1, len(rows[0]) + 1)]
    names = tuple(columns)
    _check_columns(names, (scale,) * len(names))
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise Malformed(f"row {number} has {len(row)} answers for {len(names)} columns")
        for name, cell in zip(names, row, strict=True):
            if cell is not None:
                _check_cell(number, name, cell, scale)
    cells = [float("nan") if cell is None else float(cell) for row in rows for cell in row]
    values = np.array(cells, np.float64).reshape(len(rows), len(names))
    if counts is not None and not all(is_count(count) for count in counts):
        raise NotACount("how many respondents gave a row is a whole number, not negative")
    many = np.ones(len(rows), np.int64) if counts is None else np.array(counts, np.int64)
    return Matrix(names, values, many, (scale,) * len(names))


def from_answers(layout: Layout, patterns: Iterable[tuple[str, int]], keys: Sequence[str]) -> Matrix:
    """Chosen items of stored answers, with equal rows joined.

    Args:
        layout: which items a stored string holds, in order.
        patterns: strings as in ``analysis.tally.Answered.answers``, each with the number of responses that
            hold it. What was skipped and what was not asked is both not answered here.
        keys: the items wanted, as columns in this order.

    Raises:
        UnknownKey: a key that the layout has not.
        OutOfScale: a character that is no answer to a wanted item.
        Malformed: a string of another length, or no or twice the same key.
        NotACount: a number of responses that is negative or not whole.
    """
    import numpy as np

    names, items = tuple(keys), layout.items
    for key in names:
        if key not in items:
            raise UnknownKey(f"no item {key!r} among {', '.join(items)}")
    places, scales = [items.index(key) for key in names], tuple(layout.scale(key) for key in names)
    _check_columns(names, scales)
    pairs = list(patterns)
    for number, (answers, count) in enumerate(pairs, start=1):
        if len(answers) != len(items):
            raise Malformed(f"row {number} has {len(answers)} answers for {len(items)} items")
        if not is_count(count):
            raise NotACount(f"row {number}: {count!r} is not a number of responses")
    codes = np.array([[ord(mark) for mark in answers] for answers, _ in pairs], np.int64)
    marks = codes.reshape(len(pairs), len(items))[:, places]
    digits = np.full(marks.shape, -1, np.int64)
    for mark, digit in [*zip(MARKS, range(len(MARKS)), strict=True), (SKIPPED, 0), (NOT_ASKED, 0)]:
        digits[marks == ord(mark)] = digit
    wrong = (digits < 0) | (digits > np.array(scales))
    if wrong.any():
        row, column = (int(place) for place in np.argwhere(wrong)[0])
        raise OutOfScale(row + 1, names[column], chr(int(marks[row, column])), 1, scales[column])
    distinct, which = np.unique(digits, axis=0, return_inverse=True)
    counts = np.zeros(len(distinct), np.int64)
    np.add.at(counts, which.reshape(-1), np.array([count for _, count in pairs], np.int64))
    return Matrix(names, np.where(distinct == 0, np.nan, distinct), counts, scales)


def tally_of(matrix: Matrix) -> Tally:
    """The tally of a matrix, its columns as the elements, so that the exact functions of the index work.

    Raises:
        Malformed: the columns are answered on several scales.
        ValueError: the scale is beyond what a layout of elements allows.
    """
    import numpy as np

    layout = Layout(matrix.columns, element_scale=matrix.scale)
    numbers = dict.fromkeys(layout.measures, 0) | {"n": matrix.n}
    for column, key in enumerate(matrix.columns):
        for value in range(1, matrix.scale + 1):
            numbers[f"{key}_{value}"] = int(matrix.counts[matrix.values[:, column] == value].sum())
    sums = np.nansum(matrix.values, axis=1).astype(np.int64)
    pairs = np.stack([(~np.isnan(matrix.values)).sum(axis=1), sums], axis=1)
    distinct, which = np.unique(pairs, axis=0, return_inverse=True)
    many = np.zeros(len(distinct), np.int64)
    np.add.at(many, which.reshape(-1), matrix.counts)
    # Python's integers from here: squares of scores of many elements outgrow 64 bits.
    for (answered, total), count in zip(distinct.tolist(), many.tolist(), strict=True):
        if answered:
            score = total * layout.unit // answered
            numbers["score_n"] += count
            numbers["score_sum"] += count * score
            numbers["score_sumsq"] += count * score * score
    return Tally(layout, tuple(numbers[measure] for measure in layout.measures))


def _check_columns(columns: tuple[str, ...], scales: tuple[int, ...]) -> None:
    if not columns:
        raise Malformed("a table needs at least one column")
    if len(set(columns)) != len(columns):
        raise Malformed(f"two columns share a name: {', '.join(columns)}")
    if len(scales) != len(columns):
        raise Malformed(f"{len(scales)} scales for {len(columns)} columns")
    for scale in scales:
        if type(scale) is not int or not 2 <= scale <= LONGEST_SCALE:
            raise Malformed(f"a scale ends between 2 and {LONGEST_SCALE}, not at {scale!r}")


def _check_cell(row: int, column: str, cell: object, scale: int) -> None:
    if isinstance(cell, bool) or not isinstance(cell, Integral):
        raise Malformed(f"row {row}, column {column}: {cell!r} is not a whole number")
    if not 1 <= int(cell) <= scale:
        raise OutOfScale(row, column, int(cell), 1, scale)
