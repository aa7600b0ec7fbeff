"""Relative importance, and the table of importance against performance."""

from dataclasses import replace
from itertools import permutations
from math import nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.drivers import (
    COLLINEAR,
    CONCENTRATE,
    KEEP_UP,
    LOW_PRIORITY,
    NO_ORDER,
    POSSIBLE_OVERKILL,
    TOO_LITTLE_EXPLAINED,
    UNSTABLE,
    key_drivers,
)
from analysis.errors import Contradiction, Malformed, NotACount, NoVariation, TooFew, UnknownKey
from analysis.importance import lmg, lmg_from_covariance
from analysis.matrix import Matrix
from analysis.reliability import pairwise_covariance
from analysis.withheld import NO_VARIATION, TOO_FEW_ANSWERS

# Brownlee 1965, the loss of ammonia of a plant on 21 days: air flow, water temperature, acid concentration.
STACK_X = np.array(
    [
        [80, 27, 89], [80, 27, 88], [75, 25, 90], [62, 24, 87], [62, 22, 87], [62, 23, 87], [62, 24, 93],
        [62, 24, 93], [58, 23, 87], [58, 18, 80], [58, 18, 89], [58, 17, 88], [58, 18, 82], [58, 19, 93],
        [50, 18, 89], [50, 18, 86], [50, 19, 72], [50, 19, 79], [50, 20, 80], [56, 20, 82], [70, 20, 91],
    ]
)  # fmt: skip
STACK_Y = np.array([42, 37, 37, 28, 18, 18, 19, 20, 15, 14, 14, 13, 11, 12, 8, 7, 8, 8, 9, 15, 15])


def people(seed: int, n: int, weights: Any = (0.7, 0.5, 0.15, 0.15), noise: float = 0.7) -> Matrix:
    """Answers to elements on four points that go together, and to an outcome on five that follows them."""
    generator = np.random.default_rng(seed)
    k = len(weights)
    own = 0.5 * generator.normal(size=(n, 1)) + 0.8 * generator.normal(size=(n, k))
    means = np.linspace(2.2, 3.2, k)
    elements = np.clip(np.round(means + 0.8 * own), 1, 4)
    trust = np.clip(np.round(3.2 + own @ np.array(weights) + noise * generator.normal(size=n)), 1, 5)
    columns = (*(f"e{number}" for number in range(1, k + 1)), "trust")
    return Matrix(columns, np.column_stack([elements, trust]), np.ones(n, np.int64), (4,) * k + (5,))


def r_squared(x: Any, y: Any) -> float:
    design = np.column_stack([np.ones(len(x)), x])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return float(1 - left @ left / ((y - y.mean()) @ (y - y.mean())))


def by_all_orders(x: Any, y: Any) -> Any:
    """What each predictor adds to R², averaged over every order in which they can enter."""
    shares = np.zeros(x.shape[1])
    orders = list(permutations(range(x.shape[1])))
    for order in orders:
        before = 0.0
        for place in range(len(order)):
            now = r_squared(x[:, order[: place + 1]], y)
            shares[order[place]] += now - before
            before = now
    return shares / len(orders)


# --- importance


def test_the_stack_loss_data_give_their_published_shares() -> None:
    # Shares and R² computed with pingouin 0.7 (linear_regression with relimp).
    result = lmg(STACK_X, STACK_Y)
    assert result.shares == pytest.approx(
        (0.4684783768684277, 0.3887497715043462, 0.05634875608790798), abs=1e-9
    )
    assert result.r2 == pytest.approx(0.913576904460682, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_the_shares_are_the_averages_over_all_orders_of_entry(seed: int, k: int) -> None:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(30, k)) @ generator.normal(size=(k, k))
    y = x @ generator.normal(size=k) + generator.normal(size=30)
    assert lmg(x, y).shares == pytest.approx(by_all_orders(x, y), abs=1e-8)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 12))
def test_the_shares_are_not_negative_and_sum_to_r_squared(seed: int, k: int) -> None:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(60, k)) + generator.normal(size=(60, 1))
    y = x.sum(axis=1) + generator.normal(size=60)
    result = lmg(x, y)
    assert sum(result.shares) == pytest.approx(result.r2)
    assert result.r2 == pytest.approx(r_squared(x, y))
    assert min(result.shares) >= 0


def test_the_order_of_the_predictors_does_not_matter() -> None:
    assert lmg(STACK_X[:, ::-1], STACK_Y).shares[::-1] == pytest.approx(lmg(STACK_X, STACK_Y).shares)


def test_units_and_direction_do_not_matter() -> None:
    assert lmg(STACK_X * [10, -2, 0.1] + 7, 3 - STACK_Y).shares == pytest.approx(lmg(STACK_X, STACK_Y).shares)


def test_counts_say_the_same_as_repeated_rows() -> None:
    counts = np.arange(1, 22)
    repeated = lmg(np.repeat(STACK_X, counts, axis=0), np.repeat(STACK_Y, counts))
    assert lmg(STACK_X, STACK_Y, counts).shares == pytest.approx(repeated.shares)


def test_only_rows_that_hold_everything_take_part() -> None:
    more = np.vstack([STACK_X, [[90, nan, 80], [10, 10, 10], [10, 50, 10]]])
    outcomes = np.append(STACK_Y, [3, nan, 900])
    counts = np.append(np.ones(21, np.int64), [5, 5, 0])
    assert lmg(more, outcomes, counts).shares == pytest.approx(lmg(STACK_X, STACK_Y).shares)


def test_one_predictor_has_all_of_r_squared() -> None:
    result = lmg(STACK_X[:, :1], STACK_Y)
    assert result.shares == pytest.approx((np.corrcoef(STACK_X[:, 0], STACK_Y)[0, 1] ** 2,))


def test_covariances_and_correlations_say_the_same_as_the_rows() -> None:
    both = np.column_stack([STACK_X, STACK_Y]).T
    for matrix in (np.cov(both), np.corrcoef(both)):
        assert lmg_from_covariance(matrix).shares == pytest.approx(lmg(STACK_X, STACK_Y).shares)


def test_pairwise_covariances_of_a_short_form_give_the_shares_of_complete_answers() -> None:
    complete = people(1, 60_000, (0.6, 0.4, 0.2, 0.2, 0.1))
    asked = np.random.default_rng(2).permuted(np.tile(np.arange(5) < 3, (60_000, 1)), axis=1)
    values = complete.values.copy()
    values[:, :5][~asked] = nan
    whole = lmg(complete.values[:, :5], complete.values[:, 5])
    parts = lmg_from_covariance(pairwise_covariance(values, complete.counts))
    assert parts.shares == pytest.approx(whole.shares, abs=0.02)


# --- refusals of importance


@pytest.mark.parametrize("constant", [0, 1])
def test_what_does_not_vary_has_no_share(constant: int) -> None:
    x, y = STACK_X.astype(float), STACK_Y.astype(float)
    (x[:, 1] if constant else y)[:] = 0.1
    with pytest.raises(NoVariation, match="does not vary"):
        lmg(x, y)


def test_a_predictor_that_follows_from_the_others_is_refused() -> None:
    with pytest.raises(NoVariation, match="follows from the others"):
        lmg(np.column_stack([STACK_X, STACK_X[:, 0] - 2 * STACK_X[:, 2]]), STACK_Y)


def test_an_outcome_that_follows_from_the_predictors_is_explained_wholly() -> None:
    assert lmg(STACK_X, STACK_X @ [1, 2, 3]).r2 == pytest.approx(1)


def test_covariances_that_no_table_has_are_refused() -> None:
    with pytest.raises(Contradiction, match="negative eigenvalue"):
        lmg_from_covariance([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]])


@pytest.mark.parametrize(
    ("matrix", "refusal"),
    [
        ([[1, 0.5], [0.4, 1]], Malformed),
        ([[1, nan], [nan, 1]], Malformed),
        ([[1, 0.5, 0.1], [0.5, 1, 0.1]], Malformed),
        ([[1.0]], Malformed),
        ([[1, 0], [0, -1]], Contradiction),
        ([[1, 0], [0, 0]], NoVariation),
        ([[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]], NoVariation),
        (np.eye(14), Malformed),
    ],
)
def test_what_is_no_covariance_matrix_is_refused(matrix: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        lmg_from_covariance(matrix)


@pytest.mark.parametrize(
    ("x", "y", "counts", "refusal"),
    [
        (STACK_X, STACK_Y[:-1], None, Malformed),
        (STACK_X[:, 0], STACK_Y, None, Malformed),
        (STACK_X.astype(str), STACK_Y, None, Malformed),
        (STACK_X, STACK_Y > 10, None, Malformed),
        (np.where(STACK_X == 80, np.inf, STACK_X), STACK_Y, None, Malformed),
        (np.ones((21, 13)), STACK_Y, None, Malformed),
        (STACK_X, STACK_Y, np.full(21, 1.0), NotACount),
        (STACK_X, STACK_Y, np.full(21, -1), NotACount),
        (STACK_X, STACK_Y, np.full(21, True), NotACount),
        (STACK_X[:4], STACK_Y[:4], None, TooFew),
        (STACK_X, STACK_Y, np.zeros(21, int), TooFew),
    ],
)
def test_rows_that_cannot_be_used_are_refused(x: Any, y: Any, counts: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        lmg(x, y, counts)


# --- the table of importance against performance


def test_a_table_that_may_be_shown_has_every_element_with_its_interval() -> None:
    matrix = people(3, 600)
    table = key_drivers(matrix, "trust", seed=1, replicates=400)
    importance = lmg(matrix.values[:, :4], matrix.values[:, 4])
    assert (table.stated, table.reason, table.n, table.left_out) == (True, None, 600, 0)
    assert tuple(driver.key for driver in table.drivers) == ("e1", "e2", "e3", "e4")
    assert tuple(driver.importance for driver in table.drivers) == pytest.approx(importance.shares)
    assert table.r2 == pytest.approx(importance.r2)
    assert table.importance_line == pytest.approx(importance.r2 / 4)
    assert table.performance_line == pytest.approx(np.mean([driver.performance for driver in table.drivers]))
    for driver in table.drivers:
        assert 0 <= driver.interval.low <= driver.importance <= driver.interval.high <= 1
        assert (driver.interval.level, driver.interval.method) == (0.95, "bootstrap-percentile")


def test_the_quadrants_part_at_the_mean_performance_and_the_equal_share_of_r_squared() -> None:
    # Performance rises from the first element to the last.
    found = {}
    for seed, weights in ((4, (0.8, 0.1, 0.1, 0.8)), (5, (0.1, 0.8, 0.8, 0.1))):
        table = key_drivers(people(seed, 800, weights), "trust", seed=1, replicates=200)
        found[weights] = [driver.quadrant for driver in table.drivers]
        assert all(driver.clear for driver in table.drivers)
    assert found == {
        (0.8, 0.1, 0.1, 0.8): [CONCENTRATE, LOW_PRIORITY, POSSIBLE_OVERKILL, KEEP_UP],
        (0.1, 0.8, 0.8, 0.1): [LOW_PRIORITY, CONCENTRATE, KEEP_UP, POSSIBLE_OVERKILL],
    }


def test_an_element_near_the_line_is_not_clear() -> None:
    table = key_drivers(people(6, 200, (0.8, 0.45, 0.45, 0.1)), "trust", seed=1, replicates=300)
    assert table.stated
    assert not all(driver.clear for driver in table.drivers)
    assert table.drivers[0].clear


def test_the_bootstrap_interval_is_that_of_resampling_respondents_one_by_one() -> None:
    matrix = people(7, 300)
    generator = np.random.default_rng(8)
    draws = []
    for _ in range(1500):
        rows = matrix.values[generator.integers(0, 300, 300)]
        draws.append(lmg(rows[:, :4], rows[:, 4]).shares)
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    table = key_drivers(matrix, "trust", seed=9, replicates=1500)
    assert [driver.interval.low for driver in table.drivers] == pytest.approx(low, abs=0.015)
    assert [driver.interval.high for driver in table.drivers] == pytest.approx(high, abs=0.015)


def test_the_same_seed_gives_the_same_table_and_another_seed_another() -> None:
    matrix = people(10, 300)
    first = key_drivers(matrix, "trust", seed=1, replicates=200)
    assert first == key_drivers(matrix, "trust", seed=1, replicates=200)
    assert first == key_drivers(matrix, "trust", seed=np.random.default_rng(1), replicates=200)
    assert first != key_drivers(matrix, "trust", seed=2, replicates=200)


def test_the_outcome_may_stand_in_any_column() -> None:
    matrix = people(11, 300)
    turned = Matrix(matrix.columns[::-1], matrix.values[:, ::-1], matrix.counts, matrix.scales[::-1])
    one, other = (key_drivers(table, "trust", seed=1, replicates=200) for table in (matrix, turned))
    assert [driver.importance for driver in one.drivers] == pytest.approx(
        [driver.importance for driver in other.drivers[::-1]]
    )


def test_performance_takes_every_answer_and_importance_only_complete_rows() -> None:
    matrix = people(12, 400)
    values = matrix.values.copy()
    values[:50, 4] = nan
    values[50:70, 1] = nan
    table = key_drivers(replace(matrix, values=values), "trust", seed=1, replicates=200)
    assert (table.n, table.left_out) == (330, 70)
    assert table.drivers[0].performance == pytest.approx(values[:, 0].mean())
    assert table.drivers[1].performance == pytest.approx(np.nanmean(values[:, 1]))
    assert table.r2 == pytest.approx(r_squared(values[70:, :4], values[70:, 4]))


def test_distinct_rows_with_counts_give_the_table_of_the_single_rows() -> None:
    single = people(13, 400)
    rows, counts = np.unique(single.values, axis=0, return_counts=True)
    joined = Matrix(single.columns, rows, counts, single.scales)
    one, other = (key_drivers(table, "trust", seed=1, replicates=1000) for table in (single, joined))
    for first, second in zip(one.drivers, other.drivers, strict=True):
        assert (first.importance, first.performance) == pytest.approx((second.importance, second.performance))
        assert first.interval.low == pytest.approx(second.interval.low, abs=0.02)


# --- when it is not stated


def withheld(matrix: Matrix, reason: str, **arguments: Any) -> Any:
    table = key_drivers(matrix, "trust", seed=1, **{"replicates": 200} | arguments)
    assert (table.stated, table.reason, table.drivers) == (False, reason, ())
    assert table.importance_line is table.performance_line is table.top_agreement is None
    return table


def test_fewer_than_100_complete_answers_say_nothing() -> None:
    assert withheld(people(14, 99), TOO_FEW_ANSWERS).n == 99
    assert key_drivers(people(14, 100), "trust", seed=1, replicates=200).reason != TOO_FEW_ANSWERS


def test_no_rows_say_nothing() -> None:
    matrix = people(14, 100)
    assert withheld(matrix.rows(np.zeros(100, bool)), TOO_FEW_ANSWERS).n == 0


@pytest.mark.parametrize(("column", "key"), [(1, "e2"), (4, "trust")])
def test_an_item_that_all_answered_alike_is_named(column: int, key: str) -> None:
    matrix = people(15, 200)
    values = matrix.values.copy()
    values[:, column] = 3
    assert withheld(replace(matrix, values=values), NO_VARIATION).about == (key,)


def test_a_row_that_nobody_gave_is_no_variation() -> None:
    matrix = people(15, 200)
    values = matrix.values.copy()
    values[1:, 1] = 3
    values[0, 1] = 4
    counts = np.append(0, matrix.counts[1:])
    assert withheld(replace(matrix, values=values, counts=counts), NO_VARIATION).about == ("e2",)


def test_two_elements_with_equal_answers_cannot_be_told_apart() -> None:
    matrix = people(16, 200)
    values = matrix.values.copy()
    values[:, 2] = values[:, 0]
    withheld(replace(matrix, values=values), COLLINEAR)


def test_elements_that_have_nothing_to_do_with_the_outcome_are_not_ordered() -> None:
    table = withheld(people(17, 150, (0.0,) * 4), TOO_LITTLE_EXPLAINED)
    assert table.adjusted_r2 < 0.1


def test_r_squared_is_judged_after_what_chance_alone_explains() -> None:
    # Nine useless elements and 100 answers: plain R² is about 0.09 by chance, and half the time above 0.1.
    tables = [key_drivers(people(seed, 100, (0.0,) * 9), "trust", seed=1) for seed in range(40)]
    assert sum(table.r2 is not None and table.r2 >= 0.1 for table in tables) > 10
    assert sum(table.reason == TOO_LITTLE_EXPLAINED for table in tables) >= 37
    assert not any(table.stated for table in tables)


def test_an_item_that_hardly_varies_is_unstable() -> None:
    matrix = people(18, 150)
    values = matrix.values.copy()
    values[:, 3] = 4
    values[0, 3] = 3
    table = withheld(replace(matrix, values=values), UNSTABLE)
    assert table.r2 is not None


def test_equally_important_elements_are_hardly_ever_ordered() -> None:
    tables = [
        key_drivers(people(seed, 150, (0.22,) * 6), "trust", seed=seed, replicates=200) for seed in range(60)
    ]
    assert sum(table.stated for table in tables) <= 6
    assert sum(table.reason == NO_ORDER for table in tables) >= 50


def test_the_top_of_a_clear_order_is_found_again_in_every_replicate() -> None:
    clear = key_drivers(people(19, 600, (0.9, 0.2, 0.2, 0.2)), "trust", seed=1, replicates=200)
    even = key_drivers(people(20, 300, (0.6, 0.6, 0.1, 0.1)), "trust", seed=1, replicates=200)
    assert clear.top_agreement == 1
    assert even.top_agreement is not None
    assert 0.4 < even.top_agreement < 1


# --- refusals of the table


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"outcome": "nonsense"}, UnknownKey),
        ({"replicates": 99}, Malformed),
        ({"level": 1.0}, Malformed),
        ({"seed": None}, Malformed),
        ({"seed": True}, Malformed),
    ],
)
def test_arguments_that_cannot_be_are_refused(arguments: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        key_drivers(people(21, 200), **{"outcome": "trust", "seed": 1} | arguments)


@pytest.mark.parametrize("k", [1, 13])
def test_one_predictor_or_more_than_twelve_are_refused(k: int) -> None:
    with pytest.raises(Malformed, match="predictors"):
        key_drivers(people(22, 200, (0.3,) * k), "trust", seed=1)


def test_elements_on_several_scales_have_no_common_line() -> None:
    matrix = people(23, 200)
    with pytest.raises(Malformed, match="one scale"):
        key_drivers(replace(matrix, scales=(4, 4, 4, 6, 5)), "trust", seed=1)
