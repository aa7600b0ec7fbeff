"""What figures take as arguments: numbers of every kind, and what only looks like one."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from analysis.checks import MOST, check_mean, check_seed, is_count, is_number
from analysis.errors import Malformed


@pytest.mark.parametrize("value", [0, -3, 2.5, Fraction(1, 3), np.int64(7), np.float32(0.5), np.uint8(200)])
def test_finite_numbers_of_any_kind_are_numbers(value: Any) -> None:
    assert is_number(value)


@pytest.mark.parametrize(
    "value",
    [True, np.bool_(1), "1", None, 2j, float("nan"), float("-inf"), np.float64("nan"), 10**400, Decimal(1)],
)
def test_what_cannot_be_reckoned_with_is_no_number(value: Any) -> None:
    assert not is_number(value)


@pytest.mark.parametrize("value", [-1, 1.0, True, "1", None, MOST + 1, 10**400, np.float64(2), Decimal(2)])
def test_what_is_not_whole_or_too_large_is_no_count(value: Any) -> None:
    assert not is_count(value)


def test_counts_reach_as_far_as_floating_point_counts_one_by_one() -> None:
    assert is_count(MOST)
    assert float(MOST) + 1 == float(MOST)


def test_a_mean_that_only_rounding_took_beyond_its_scale_is_the_end_of_it() -> None:
    dust = 0.1 + 0.2 - 0.3
    assert check_mean(100 + 1000 * dust, 25, 100) == 100
    assert check_mean(25 - 1000 * dust, 25, 100) == 25
    assert check_mean(80, 25, 100) == 80


@pytest.mark.parametrize("mean", [100.001, 24.999, 101, -1e300])
def test_a_mean_that_is_beyond_its_scale_is_refused(mean: float) -> None:
    with pytest.raises(Malformed, match="outside the scale of 25 to 100"):
        check_mean(mean, 25, 100)


def test_a_mean_that_is_no_number_is_not_said_to_be_outside_the_scale() -> None:
    # A rounded index is a Decimal; nothing is computed from rounded values.
    with pytest.raises(Malformed, match=r"Decimal\('80.00'\) is not a finite number"):
        check_mean(Decimal("80.00"), 25, 100)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [0, 7, np.int64(3), 2**128])
def test_a_seed_gives_the_same_numbers_again(seed: Any) -> None:
    assert check_seed(seed).integers(10**9) == check_seed(seed).integers(10**9)


def test_a_generator_goes_on_where_it_is() -> None:
    generator = np.random.default_rng(1)
    assert check_seed(generator) is generator


@pytest.mark.parametrize("seed", [None, True, -1, 1.0, "1", np.random.RandomState(1)])
def test_what_cannot_be_repeated_is_no_seed(seed: Any) -> None:
    with pytest.raises(Malformed, match="seed"):
        check_seed(seed)
