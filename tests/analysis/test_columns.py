"""What is not a number is refused before anything is computed from it."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from analysis.columns import finite, number, part_of, positive, whole
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, NoVariation, TooFew


def test_whole_numbers_fractions_decimals_and_floats_are_numbers() -> None:
    column = finite([1, Fraction(1, 4), Decimal("76.61"), 2.5, np.float32(0.5)], "values")
    assert column.tolist() == [1, 0.25, 76.61, 2.5, 0.5]
    assert column.dtype == np.float64


@pytest.mark.parametrize("wrong", [True, "2", None, float("nan"), float("inf"), Decimal("NaN"), 10**400, 2j])
def test_what_is_no_number_is_refused(wrong: Any) -> None:
    with pytest.raises(Malformed):
        finite([1.0, wrong], "values")


def test_the_message_names_the_column_and_the_place() -> None:
    with pytest.raises(Malformed, match="values: entry 2 is nan"):
        finite(np.array([1.0, np.nan]), "values")
    with pytest.raises(Malformed, match="means: row 2, column 1 is True"):
        finite([[1, 2], [True, 4]], "means", dimensions=2)


@pytest.mark.parametrize(
    "wrong", [np.array([True, False]), np.array(["1", "2"]), "12", 5, [[1, 2], [3]], {1, 2}]
)
def test_what_is_no_column_is_refused(wrong: Any) -> None:
    with pytest.raises(Malformed):
        finite(wrong, "values")


def test_an_empty_column_has_no_figure() -> None:
    with pytest.raises(NoFigure):
        finite([], "values")
    with pytest.raises(NoFigure):
        whole([], "counts")


def test_a_short_column_says_how_many_are_needed() -> None:
    with pytest.raises(TooFew) as refusal:
        finite([1.0, 2.0], "values", needed=3)
    assert (refusal.value.n, refusal.value.needed) == (2, 3)


def test_a_hole_is_let_through_only_where_it_may_be() -> None:
    assert np.isnan(finite([1.0, np.nan], "means", missing=True)[1])
    with pytest.raises(Malformed):
        finite([1.0, np.inf], "means", missing=True)


@pytest.mark.parametrize("wrong", [-1, 2.0, True, "3", None, float("nan"), 10**30])
def test_what_is_no_count_is_refused(wrong: Any) -> None:
    with pytest.raises(NotACount):
        whole([1, wrong], "counts")


@pytest.mark.parametrize("wrong", [np.array([1.0, 2.0]), np.array([True, True]), np.array([-1, 2])])
def test_an_array_that_does_not_count_is_refused(wrong: Any) -> None:
    with pytest.raises(NotACount):
        whole(wrong, "counts")


def test_a_standard_error_of_zero_is_no_certainty() -> None:
    with pytest.raises(NoVariation, match="se: entry 2 is zero"):
        positive([1.0, 0.0], "se", size=2)
    with pytest.raises(Malformed, match="negative"):
        positive([1.0, -0.1], "se", size=2)
    with pytest.raises(Contradiction):
        positive([1.0, 2.0], "se", size=3)


def test_a_part_is_not_larger_than_its_whole_and_not_of_nobody() -> None:
    with pytest.raises(Contradiction, match="entry 2: 5 of 4"):
        part_of([1, 5], [4, 4])
    with pytest.raises(NoFigure, match="entry 1 is zero"):
        part_of([0, 5], [0, 9])
    with pytest.raises(Contradiction):
        part_of([1, 2, 3], [4, 4])


@pytest.mark.parametrize("n", [True, 4.0, "4", None, [4, True], [4.0, 4.0], -4])
def test_the_whole_is_a_count_too(n: Any) -> None:
    with pytest.raises(NotACount):
        part_of([1, 2], n)


def test_one_whole_serves_all_parts() -> None:
    part, given = part_of([1, 2], np.int64(4))
    assert (part.tolist(), given.tolist()) == ([1, 2], [4, 4])


def test_one_number_is_a_float() -> None:
    assert number(Fraction(1, 2), "target") == 0.5


@pytest.mark.parametrize("wrong", [2**62, np.array([2**63 + 1], np.uint64), np.array([2**53 + 1])])
def test_a_number_too_large_to_be_counted_one_by_one_is_refused(wrong: Any) -> None:
    with pytest.raises(NotACount, match="too large"):
        whole(wrong if isinstance(wrong, np.ndarray) else [1, wrong], "counts")
