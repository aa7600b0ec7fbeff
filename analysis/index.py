"""The community satisfaction index (IKM) of PermenPAN-RB 14/2017, in exact arithmetic.

Nothing is rounded before it is shown: weights are 1/k exactly, sums are fractions, and a grade is read from
the value rounded half up to two decimals. Tables in circulation that use 0.11 or 0.111 as the weight lose up
to one point.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from analysis.checks import is_count
from analysis.errors import Malformed, NoFigure, NotACount, UnknownKey, WrongWeights
from analysis.exact import deviation, exact
from analysis.exact import round_half_up as round_half_up
from analysis.tally import Tally, check_not_applicable, require_element

ELEMENTS = 9
"""Number of elements of the official index; a figure from fewer is not comparable with one from nine."""

SCALE = 4
"""Answers to an element run from 1 to 4; × 25 they give the range 25 to 100."""

GRADE_TABLES: Mapping[str, tuple[tuple[str, Decimal], ...]] = {
    # PermenPAN-RB 14/2017, annex: quality D, C, B, A from these values of the converted interval upwards.
    "2017": (
        ("D", Decimal("25.00")),
        ("C", Decimal("65.00")),
        ("B", Decimal("76.61")),
        ("A", Decimal("88.31")),
    ),
    # KEP/25/M.PAN/2/2004, its predecessor, still needed to read historical figures.
    "2004": (
        ("D", Decimal("25.00")),
        ("C", Decimal("43.76")),
        ("B", Decimal("62.51")),
        ("A", Decimal("81.26")),
    ),
}
"""Lowest rounded value of each grade, on the 25-100 scale, by year of the rule."""


@dataclass(frozen=True)
class IndexOfMeans:
    """An index with what made it, as far as element means tell.

    Attributes:
        ikm: the index, 25 to 100, exact.
        rounded: the index as shown, half up to two decimals.
        grade: A to D of ``rounded``.
        table: the grade table used, a key of ``GRADE_TABLES``.
        k: number of elements in the index.
        comparable: whether the index rests on all nine official elements.
        nrr: mean answer of each element, 1 to 4, exact.
        element_grades: A to D of 25 × each mean.
        lowest: the element with the lowest mean, or all that share it.
    """

    ikm: Fraction
    rounded: Decimal
    grade: str
    table: str
    k: int
    comparable: bool
    nrr: Mapping[str, Fraction]
    element_grades: Mapping[str, str]
    lowest: tuple[str, ...]


@dataclass(frozen=True)
class Index(IndexOfMeans):
    """An index of responses.

    Attributes:
        n: number of respondents who answered at least one element.
        unanswered: elements that nobody answered although they were applicable; they are not in the index.
        not_applicable: elements configured not to exist for this service; they are not in the index.
    """

    n: int
    unanswered: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()


class Spread(NamedTuple):
    """Mean and standard deviation of the respondents' mean scores, 25 to 100; one score has no deviation."""

    mean: Fraction
    sd: float | None


def grade(value: Fraction | Decimal | int, table: str = "2017") -> str:
    """The grade, A to D, of a value on the 25-100 scale after rounding half up to two decimals.

    Rounding first leaves no value in the gaps between the printed bounds (64.99-65.00 and so on).

    Raises:
        UnknownKey: there is no such table.
        Malformed: the value is outside 25 to 100 or not a number.
        TypeError: a float, see ``round_half_up``.
    """
    if table not in GRADE_TABLES:
        raise UnknownKey(f"no grade table {table!r} among {', '.join(GRADE_TABLES)}")
    if (isinstance(value, Decimal) and value.is_nan()) or not 25 <= value <= 100:
        raise Malformed(f"{value} is outside the scale of 25 to 100")
    rounded = round_half_up(value, 2)
    return [letter for letter, lowest in GRADE_TABLES[table] if rounded >= lowest][-1]


def nrr(tally: Tally) -> dict[str, Fraction]:
    """Mean answer, 1 to the end of its scale, of each element that anybody answered.

    The divisor is the number of filled answers to the element, so a skipped answer counts neither for nor
    against.
    """
    return {
        key: Fraction(tally.total(key), answered)
        for key in tally.layout.elements
        if (answered := tally.answered(key))
    }


def ikm(means: Mapping[str, Fraction]) -> Fraction:
    """25 × the equally weighted mean of element means on the 1-4 scale: 25 to 100, exact.

    Raises:
        NoFigure: no elements.
        Malformed: a mean outside 1 to 4, or one that is not exact, such as a float.
    """
    if not means:
        raise NoFigure("an index needs at least one element")
    for key, mean in means.items():
        if not 1 <= exact(mean, key) <= SCALE:
            raise Malformed(f"{key}: mean {mean} is outside 1 to {SCALE}")
    return 25 * sum(means.values(), Fraction(0)) / len(means)


def index_of_means(means: Mapping[str, Fraction | Decimal | int | str], table: str = "2017") -> IndexOfMeans:
    """The index that element means give, as for a published table that prints no counts.

    A mean is from 1 to 4: printed digits as a string ("3.868") or a Decimal, or an exact fraction.

    Raises:
        NoFigure: no elements.
        Malformed: a mean outside 1 to 4, a float, or a text that is not plain digits with a decimal point.
        UnknownKey: there is no such grade table.
    """
    return _of_means({key: exact(mean, key) for key, mean in means.items()}, table)


def weighted_ikm(
    means: Mapping[str, Fraction | Decimal | int | str], weight: Fraction | Decimal | int | str
) -> Fraction:
    """25 × the sum of the means, each times one weight: what a table with a rounded weight arrives at.

    The weight of the rule is 1/k exactly. This exists to recognise figures made with 0.11, 0.111 or 0.33; it
    is no way of computing an index, and its result may lie outside the scale.

    Raises:
        NoFigure: no elements.
        Malformed: what ``index_of_means`` would refuse.
        WrongWeights: a weight outside 0 to 1.
    """
    given = {key: exact(mean, key) for key, mean in means.items()}
    factor = exact(weight, "weight")
    if not 0 < factor <= 1:
        raise WrongWeights(f"{weight} is not the weight of an element")
    return factor * len(given) * ikm(given)


def index(
    tally: Tally, table: str = "2017", *, not_applicable: Collection[str] = frozenset()
) -> Index | None:
    """The index of a tally, or None when nobody answered any element.

    An element nobody answered (a service that has no fee, no complaints desk) leaves the index: the weight
    becomes 1/k over the rest and the figure is marked as not comparable. ``not_applicable`` names elements
    configured not to exist for this service: it tells them from those that could have been answered.

    Raises:
        Malformed: the elements are not answered on four steps.
        UnknownKey: there is no such grade table or element.
        Contradiction: an element that is said not to exist was answered. One that existed for a part of the
            period or of the services is applicable.
    """
    _require_four_steps(tally)
    check_not_applicable(tally, not_applicable)
    means = nrr(tally)
    if not means:
        return None
    absent = [key for key in tally.layout.elements if key not in means]
    return Index(
        **vars(_of_means(means, table)),
        n=tally.count("score_n"),
        unanswered=tuple(key for key in absent if key not in not_applicable),
        not_applicable=tuple(key for key in absent if key in not_applicable),
    )


def _of_means(means: Mapping[str, Fraction], table: str) -> IndexOfMeans:
    value = ikm(means)
    return IndexOfMeans(
        ikm=value,
        rounded=round_half_up(value, 2),
        grade=grade(value, table),
        table=table,
        k=len(means),
        comparable=len(means) == ELEMENTS,
        nrr=means,
        element_grades={key: grade(25 * mean, table) for key, mean in means.items()},
        lowest=tuple(key for key, mean in means.items() if mean == min(means.values())),
    )


def ikm_without(tally: Tally, key: str) -> Fraction | None:
    """The index, 25 to 100, without one element, or None when nobody answered any other.

    Published beside the official one for ``cost``, where the best answer ("free") is a fact about the tariff.

    Raises:
        UnknownKey: the layout has no such element.
        Malformed: its elements are not answered on four steps.
    """
    _require_four_steps(tally)
    require_element(tally, key)
    means = {other: mean for other, mean in nrr(tally).items() if other != key}
    return ikm(means) if means else None


def spread(tally: Tally) -> Spread | None:
    """Mean and standard deviation (n - 1) of the respondents' mean scores, on the 25-100 scale.

    Divided by the root of n, the deviation is the standard error of the index: exactly so when everybody
    answered everything. With missing answers it approximates the linearised standard error, which needs the
    single responses (measured ratio of the two at 4 % missing answers: median 1.000, 5th to 95th percentile
    0.976 to 1.031).

    Returns:
        None when nobody answered any element; no deviation (None) for a single respondent.

    Raises:
        Malformed: the elements are not answered on four steps.
    """
    _require_four_steps(tally)
    return spread_of_scores(tally, Fraction(25))


def spread_of_scores(tally: Tally, factor: Fraction = Fraction(1)) -> Spread | None:
    """Mean and standard deviation (n - 1) of the respondents' mean answers × a factor, on any scale.

    Returns:
        None when nobody answered any element; no deviation (None) for a single respondent.

    Raises:
        Contradiction: the sum of squares is smaller than the sum allows; such a tally cannot be of responses.
    """
    n, total, squares = (tally.count(measure) for measure in ("score_n", "score_sum", "score_sumsq"))
    if n == 0:
        return None
    step, sd = factor / tally.layout.unit, deviation(n, total, squares)
    return Spread(step * Fraction(total, n), None if sd is None else float(step) * sd)


def krejcie_morgan(population: int) -> int:
    """Sample size for a population, as a target for the number of responses.

    Krejcie & Morgan (1970), Educational and Psychological Measurement 30:607-610, with their constants:
    chi-square 3.841 (not its later decimals), P = 0.5, d = 0.05, ordinary rounding. All of their table is
    reproduced.

    Raises:
        NotACount: the population is not a whole number, or smaller than one.
    """
    if not is_count(population) or population < 1:
        raise NotACount(f"a population of {population!r} has no sample")
    population = int(population)
    chi_square, p, d = Fraction("3.841"), Fraction(1, 2), Fraction(1, 20)
    size = chi_square * population * p * (1 - p) / (d**2 * (population - 1) + chi_square * p * (1 - p))
    return int(round_half_up(size, 0))


def _require_four_steps(tally: Tally) -> None:
    if (scale := tally.layout.element_scale) != SCALE:
        raise Malformed(f"the index is defined on answers 1 to {SCALE}, not 1 to {scale}")
