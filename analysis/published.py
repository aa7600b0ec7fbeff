"""A satisfaction table as an agency published it: what is printed, as printed, and how exact that is.

A printed figure stands for a range: 3.16 is any mean from 3.155 to 3.165. Everything an audit says rests on
these ranges, so that nobody is accused of the rounding of a printer.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from analysis.errors import Contradiction, Malformed, NotACount, UnknownKey
from analysis.index import GRADE_TABLES, SCALE

KEYS = (
    *("requirements", "procedure", "time", "cost", "product"),
    *("competence", "behaviour", "complaints", "facilities"),
)
"""The nine elements of PermenPAN-RB 14/2017 in the order of its list."""

LABELS: Mapping[str, str] = {
    "sangat baik": "A",
    "baik": "B",
    "kurang baik": "C",
    "tidak baik": "D",
    "very good": "A",
    "good": "B",
    "less good": "C",
    "not good": "D",
    "sangat memuaskan": "A",
    "memuaskan": "B",
    "kurang memuaskan": "C",
    "tidak memuaskan": "D",
    # English abstracts call both "kurang baik" and "tidak baik" poor.
    "poor": "CD",
    "bad": "D",
}
"""The grades a printed word can mean. Only "(sangat/kurang/tidak) baik" are words of the rule; the others are
found in published tables, and how they are read is a judgement of this project."""

MOST_ELEMENTS = 60
"""More rows than any questionnaire has elements are no table of elements."""

_MOST_DECIMALS = 9
_LARGEST = 10**9


class Range(NamedTuple):
    """From the least to the greatest value a printed figure can stand for, and the figure itself."""

    low: Fraction
    mid: Fraction
    high: Fraction

    def touches(self, other: "Range") -> bool:
        """Whether some value is in both ranges."""
        return self.low <= other.high and other.low <= self.high

    def scaled(self, factor: Fraction | int) -> "Range":
        """The range of a positive multiple."""
        return Range(self.low * factor, self.mid * factor, self.high * factor)


class Misfit(NamedTuple):
    """A cell of a table of respondents that is no answer: row (1 is the first respondent), column, value."""

    row: int
    column: str
    value: int


@dataclass(frozen=True)
class PublishedElement:
    """One element with whatever is printed of it.

    Attributes:
        key: a key of ``KEYS``, or the printed name of an element that is none of the nine.
        counts: how many gave each answer; an answer outside 1 to 4 may stand here, the audit names it.
        total: sum of the answers.
        n: how many answered this element.
        mean: mean answer as printed, on the scale of 1 to 4.
        value: the same on the scale of 25 to 100, as printed.
        grade: A to D, or a word of ``LABELS``.

    Raises:
        NotACount: a count, a sum or n is negative or no whole number (a bool or a float is none).
        Malformed: a printed figure that is no finite Decimal.
        UnknownKey: a grade that is neither a letter nor a known word.
    """

    key: str
    counts: Mapping[int, int] | None = None
    total: int | None = None
    n: int | None = None
    mean: Decimal | None = None
    value: Decimal | None = None
    grade: str | None = None

    def __post_init__(self) -> None:
        for name in ("total", "n"):
            _require_count(f"{self.key}: {name}", getattr(self, name))
        for answer, count in (self.counts or {}).items():
            if isinstance(answer, bool) or not isinstance(answer, int):
                raise Malformed(f"{self.key}: {answer!r} is no answer")
            _require_count(f"{self.key}: number of answers {answer}", count)
        for name in ("mean", "value"):
            _require_printed(f"{self.key}: {name}", getattr(self, name))
        if self.grade is not None:
            letters(self.grade)

    @property
    def answered(self) -> int | None:
        """How many answered this element, if that is printed; the counts know it best."""
        return self.n if self.counts is None else sum(self.counts.values())

    @property
    def sum_of_answers(self) -> int | None:
        """The sum of the answers, if it is printed or can be added up."""
        if self.counts is None:
            return self.total
        return sum(answer * count for answer, count in self.counts.items())


@dataclass(frozen=True)
class PublishedTable:
    """A published table of the index.

    Attributes:
        elements: the elements with what is printed of them.
        ikm: the headline on the scale of 25 to 100, as printed.
        index: the headline on the scale of 1 to 4, as printed.
        grade: the grade of the headline: A to D, or a word of ``LABELS``.
        n: number of respondents.
        weight: the weight of an element, as printed.
        k: how many elements the survey had, when the table shows only some of them.
        rule: the grade table the publication says it follows, a key of ``GRADE_TABLES``.
        decimals: to how many decimals the means (or values) are rounded. If not said, it is the largest
            number of decimals among them, since spreadsheets drop the last zero of 3.10.
        rows: the answers of each respondent in the order of ``elements`` (None is no answer), where the
            whole matrix is published.
        misfits: cells of ``rows`` that are no answer.
        title: what the table is called.
        source: where it was published.

    Raises:
        Malformed: no elements, too many, two of the same key, rows of another length, a figure that is no
            finite Decimal, a sum of answers without any n.
        NotACount: n or k is negative or no whole number.
        Contradiction: k is smaller than the number of elements listed.
        UnknownKey: no such rule or grade.
    """

    elements: tuple[PublishedElement, ...]
    ikm: Decimal | None = None
    index: Decimal | None = None
    grade: str | None = None
    n: int | None = None
    weight: Decimal | None = None
    k: int | None = None
    rule: str = "2017"
    decimals: int | None = None
    rows: tuple[tuple[int | None, ...], ...] = field(default=(), repr=False)
    misfits: tuple[Misfit, ...] = ()
    title: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("n", "k", "decimals"):
            _require_count(name, getattr(self, name))
        for name in ("ikm", "index", "weight"):
            _require_printed(name, getattr(self, name))
        if self.weight is not None and self.weight <= 0:
            raise Malformed(f"a weight is greater than zero, not {self.weight}")
        if self.grade is not None:
            letters(self.grade)
        if self.rule not in GRADE_TABLES:
            raise UnknownKey(f"no grade table {self.rule!r} among {', '.join(GRADE_TABLES)}")
        self._require_elements()

    def _require_elements(self) -> None:
        if not 1 <= len(self.elements) <= MOST_ELEMENTS:
            raise Malformed(f"a table has 1 to {MOST_ELEMENTS} elements, this has {len(self.elements)}")
        keys = [element.key for element in self.elements]
        if doubled := sorted({key for key in keys if keys.count(key) > 1}):
            raise Malformed(f"named twice: {', '.join(doubled)}")
        if self.k is not None and self.k < len(keys):
            raise Contradiction(f"{len(keys)} elements are listed, the survey is said to have had {self.k}")
        if any(len(row) != len(keys) for row in self.rows):
            raise Malformed(f"a row of answers has another length than the {len(keys)} elements")
        for element in self.elements:
            if element.total is not None and element.answered is None and self.n is None:
                raise Malformed(f"{element.key}: a sum of answers needs the number of them, n")

    @property
    def headline(self) -> Range | None:
        """What the headline can stand for, on the scale of 25 to 100; from the 1-4 index if need be."""
        if self.ikm is not None:
            return printed_range(self.ikm)
        return None if self.index is None else printed_range(self.index).scaled(25)

    @property
    def claims(self) -> bool:
        """Whether the table prints anything that its elements can confirm or refute."""
        printed = (self.ikm, self.index, self.grade, *(element.grade for element in self.elements))
        return any(one is not None for one in printed)

    def mean_decimals(self) -> int:
        """To how many decimals the means are rounded."""
        return self._decimals([element.mean for element in self.elements])

    def value_decimals(self) -> int:
        """To how many decimals the values on the 25-100 scale are rounded."""
        return self._decimals([element.value for element in self.elements])

    def _decimals(self, figures: Sequence[Decimal | None]) -> int:
        if self.decimals is not None:
            return self.decimals
        return max((decimals_of(one) for one in figures if one is not None), default=0)


def table_of_rows(
    keys: Sequence[str], rows: Sequence[Sequence[int | None]], columns: Sequence[str] = ()
) -> PublishedTable:
    """A table from the answers of single respondents, rows × elements; None is a skipped answer.

    Answers outside 1 to 4 are kept and listed in ``misfits`` under the name of their column (the key where
    ``columns`` does not say), because the audit must show what they did to the headline. Add the headline
    with ``dataclasses.replace``.

    Raises:
        Malformed: a row of another length, or an answer that is no whole number.
    """
    names = columns or keys
    misfits = []
    for number, row in enumerate(rows, 1):
        if len(row) != len(keys):
            raise Malformed(f"row {number} has {len(row)} answers for {len(keys)} elements")
        for name, value in zip(names, row, strict=True):
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int):
                raise Malformed(f"row {number}, column {name}: {value!r} is not a whole number")
            if not 1 <= value <= SCALE:
                misfits.append(Misfit(number, name, value))
    elements = tuple(
        PublishedElement(key, counts=dict(Counter(value for row in rows if (value := row[at]) is not None)))
        for at, key in enumerate(keys)
    )
    return PublishedTable(
        elements, n=len(rows), rows=tuple(tuple(row) for row in rows), misfits=tuple(misfits)
    )


def printed_range(figure: Decimal, decimals: int | None = None) -> Range:
    """What a figure rounded to so many decimals (those it is printed with) can stand for, both ends in."""
    places = decimals_of(figure) if decimals is None else decimals
    half, mid = Fraction(1, 2 * 10**places), Fraction(figure)
    return Range(mid - half, mid, mid + half)


def decimals_of(figure: Decimal) -> int:
    """How many decimals a figure is printed with."""
    return max(0, -int(figure.as_tuple().exponent))


def letters(grade: str) -> str:
    """The grades a printed grade can mean: ``A`` is A, ``Sangat baik`` is A, ``A - SANGAT BAIK`` is A.

    Raises:
        UnknownKey: it is none of these.
    """
    words = " ".join(grade.lower().replace("(", " ").replace(")", " ").split())
    first, _, rest = words.partition(" ")
    letter = first.rstrip("-–:./").upper()
    if letter in {"A", "B", "C", "D"} and (not rest or LABELS.get(rest.lstrip("-–:./ "), letter) == letter):
        return letter
    if words in LABELS:
        return LABELS[words]
    raise UnknownKey(f"{grade!r} is not a grade from A to D, nor a word for one")


def _require_count(what: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
        raise NotACount(f"{what}: {value!r} is not a whole number from 0")


def _require_printed(what: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, Decimal) or not value.is_finite():
        raise Malformed(f"{what}: {value!r} is not a printed figure (a finite Decimal)")
    # The exponent is looked at first: 1E+999999999 as a fraction would fill the memory.
    exponent = int(value.as_tuple().exponent)
    if abs(exponent) > _MOST_DECIMALS or abs(value) >= _LARGEST:
        raise Malformed(f"{what}: {value} is not a figure of such a table")
