"""What follows from the elements of a published table: means, index and grades, each as a range.

The index is that of PermenPAN-RB 14/2017: 25 × the equally weighted mean of the element means. Printed
figures enter as the ranges they stand for, so the result is the range of every index the table can mean.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from analysis.index import GRADE_TABLES, SCALE, grade
from analysis.published import PublishedElement, PublishedTable, Range, decimals_of, printed_range

_UNKNOWN = Range(Fraction(1), Fraction(1 + SCALE, 2), Fraction(SCALE))


@dataclass(frozen=True)
class Recomputed:
    """The index that follows from a table.

    Attributes:
        means: mean of each element that has one, 1 to 4, as a range.
        sources: from what each mean is taken: ``counts``, ``sum``, ``mean`` or ``value``, the most exact.
        unanswered: elements nobody answered; they leave the index.
        unknown: how many elements the index has whose mean the table does not print.
        k: how many elements the index has.
        outside: elements with an answer, mean or value outside its scale.
        accepted: the index with everything accepted as printed, even outside the scale, 25 to 100.
    """

    means: Mapping[str, Range]
    sources: Mapping[str, str]
    unanswered: tuple[str, ...]
    unknown: int
    k: int
    outside: tuple[str, ...]
    accepted: Range

    @property
    def range(self) -> Range | None:
        """The range of the index, or None where a value outside the scale forbids one."""
        return None if self.outside else self.accepted

    @property
    def exact(self) -> bool:
        """Whether every mean comes from counts or sums, so that nothing was rounded."""
        return not self.unknown and all(one.low == one.high for one in self.means.values())


def recompute(table: PublishedTable) -> Recomputed | None:
    """The index of a table's elements, or None when nobody answered any of them."""
    means: dict[str, Range] = {}
    sources: dict[str, str] = {}
    unanswered: list[str] = []
    for element in table.elements:
        found = evidence(table, element)
        if found:
            sources[element.key], means[element.key] = next(iter(found.items()))
        elif element.answered == 0:
            unanswered.append(element.key)
    k = (table.k or len(table.elements)) - len(unanswered)
    if k == 0:
        return None
    unknown = k - len(means)
    return Recomputed(
        means=means,
        sources=sources,
        unanswered=tuple(unanswered),
        unknown=unknown,
        k=k,
        outside=tuple(element.key for element in table.elements if is_outside(element, means)),
        accepted=index_range([*means.values(), *[_UNKNOWN] * unknown]),
    )


def evidence(table: PublishedTable, element: PublishedElement) -> dict[str, Range]:
    """Every mean that is printed of an element, 1 to 4, the most exact first: its source, its range."""
    found: dict[str, Range] = {}
    n = table.n if element.answered is None else element.answered
    if element.counts is not None and element.answered:
        found["counts"] = exactly(Fraction(element.sum_of_answers or 0, element.answered))
    if element.total is not None and n:
        found["sum"] = exactly(Fraction(element.total, n))
    if element.mean is not None:
        found["mean"] = _on_scale(printed_range(element.mean, table.mean_decimals()))
    if element.value is not None:
        printed = printed_range(element.value, table.value_decimals())
        found["value"] = _on_scale(printed.scaled(Fraction(1, 25)))
    return found


def is_outside(element: PublishedElement, means: Mapping[str, Range]) -> bool:
    """Whether anything printed of an element cannot be on its scale."""
    if any(count and not 1 <= answer <= SCALE for answer, count in (element.counts or {}).items()):
        return True
    printed = [] if element.mean is None else [Fraction(element.mean)]
    printed += [] if element.value is None else [Fraction(element.value) / 25]
    printed += [means[element.key].mid] if element.key in means else []
    return any(not 1 <= one <= SCALE for one in printed)


def index_range(means: Iterable[Range]) -> Range:
    """25 × the mean of element means, 25 to 100."""
    listed = list(means)
    low, mid, high = (
        sum(ends, Fraction(0)) * Fraction(25, len(listed)) for ends in zip(*listed, strict=True)
    )
    return Range(low, mid, high)


def grades_within(values: Range, table: str) -> str:
    """The grades that values of a range on the 25-100 scale can have, from D upwards: "C" or "CB"."""
    low, high = (min(max(one, Fraction(25)), Fraction(100)) for one in (values.low, values.high))
    every = [letter for letter, _ in GRADE_TABLES[table]]
    return "".join(every[every.index(grade(low, table)) : every.index(grade(high, table)) + 1])


def grades_of_printed(headline: Decimal, table: str) -> str:
    """The grades a headline on the 25-100 scale can have: one, unless it is printed too coarsely to tell."""
    if decimals_of(headline) >= 2:
        return grade(headline, table)
    return grades_within(printed_range(headline), table)


def exactly(value: Fraction) -> Range:
    """The range of a figure that nothing has rounded."""
    return Range(value, value, value)


def _on_scale(printed: Range) -> Range:
    """A printed 4.00 stands for no mean above 4; what is printed outside the scale stays outside."""
    if not 1 <= printed.mid <= SCALE:
        return printed
    return Range(max(printed.low, Fraction(1)), printed.mid, min(printed.high, Fraction(SCALE)))
