"""Units are compared as if all had the same mix of services, channels and outcomes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, TooFew, WrongWeights
from analysis.standardisation import FEWEST_IN_CELL, standardise

NAN = float("nan")


def table(value: float, shape: tuple[int, int] = (2, 2)) -> list[list[float]]:
    return np.full(shape, value).tolist()


def test_units_that_differ_by_their_mix_alone_come_out_equal() -> None:
    # Both give 70 for permits and 90 for copies; one issues mostly permits.
    means = [[70.0, 90.0], [70.0, 90.0]]
    direct = standardise(means, table(10.0), [[80, 20], [20, 80]])
    indirect = standardise(means, table(10.0), [[80, 9], [20, 80]])
    assert direct.method == "direct"
    assert direct.values.tolist() == pytest.approx([80.0, 80.0])
    assert indirect.method == "indirect"
    assert indirect.values[0] == pytest.approx(indirect.values[1])


def test_a_unit_better_in_every_service_comes_out_better_though_its_mix_is_harder() -> None:
    # Simpson's paradox: the raw means are 75.6 and 84.4.
    found = standardise([[72.0, 90.0], [70.0, 88.0]], table(10.0), [[80, 20], [20, 80]])
    assert found.values[0] - found.values[1] == pytest.approx(2.0)


def test_the_direct_figure_weighs_the_cells_by_the_common_mix() -> None:
    found = standardise(
        [[70.0, 90.0], [60.0, 80.0]], [[8.0, 6.0], [9.0, 5.0]], [[16, 36], [25, 100]], shares=[0.25, 0.75]
    )
    assert found.values.tolist() == pytest.approx([85.0, 75.0])
    assert found.se[0] == pytest.approx(((0.25 * 2) ** 2 + (0.75 * 1) ** 2) ** 0.5)
    # The family's cells: (16 · 70 + 25 · 60) / 41 and (36 · 90 + 100 · 80) / 136.
    assert found.target == pytest.approx(0.25 * 2620 / 41 + 0.75 * 11240 / 136)


def test_the_indirect_figure_is_the_target_plus_what_the_unit_exceeds_its_expectation_by() -> None:
    found = standardise([[70.0, 90.0], [60.0, NAN]], [[8.0, 6.0], [4.0, NAN]], [[10, 30], [20, 0]])
    first, second = (10 * 70 + 20 * 60) / 30, 90.0
    target = (30 * first + 30 * second) / 60
    assert found.target == pytest.approx(target)
    assert found.values.tolist() == pytest.approx(
        [target + 85 - (10 * first + 30 * second) / 40, target + 60 - first]
    )
    variance = (9 * 64 + 19 * 16) / 28
    assert found.se.tolist() == pytest.approx(
        [(10 * variance + 30 * 36) ** 0.5 / 40, (20 * variance) ** 0.5 / 20]
    )
    assert found.thin == ((1, 1),)


def test_one_thin_cell_of_one_unit_makes_the_whole_family_indirect() -> None:
    enough, thin = table(FEWEST_IN_CELL), [[FEWEST_IN_CELL, FEWEST_IN_CELL], [FEWEST_IN_CELL - 1, 50]]
    counts = np.array(enough, np.int64)
    assert standardise(table(80.0), table(9.0), counts).method == "direct"
    found = standardise(table(80.0), table(9.0), thin)
    assert (found.method, found.thin) == ("indirect", ((1, 0),))


def test_a_cell_that_the_common_mix_leaves_out_may_be_empty() -> None:
    means, sd = [[70.0, 90.0], [60.0, NAN]], [[8.0, 6.0], [4.0, NAN]]
    found = standardise(means, sd, [[10, 30], [20, 0]], shares=[1.0, 0.0])
    assert (found.method, found.values.tolist()) == ("direct", [70.0, 60.0])


@given(
    st.lists(
        st.tuples(*[st.tuples(st.floats(25, 100), st.integers(2, 40))] * 3),
        min_size=2,
        max_size=6,
    )
)
def test_the_family_as_a_whole_keeps_its_mean_when_adjusted_indirectly(units: Any) -> None:
    means = [[mean for mean, _ in unit] for unit in units]
    counts = np.array([[n for _, n in unit] for unit in units])
    counts[0, 0] = 2
    found = standardise(means, np.full(counts.shape, 5.0), counts)
    sizes = counts.sum(axis=1)
    assert found.method == "indirect"
    assert found.values @ sizes / sizes.sum() == pytest.approx(found.target)
    assert found.target == pytest.approx(float((np.array(means) * counts).sum() / counts.sum()))


def test_a_standard_error_covers_the_spread_of_the_figures() -> None:
    random = np.random.default_rng(4)
    sizes = np.array([[40, 60], [12, 90]])
    figures, errors = [], []
    for _ in range(400):
        answers = [[random.normal(75 + 10 * cell, 8, n) for cell, n in enumerate(unit)] for unit in sizes]
        means = [[cell.mean() for cell in unit] for unit in answers]
        sd = [[cell.std(ddof=1) for cell in unit] for unit in answers]
        found = standardise(means, sd, sizes, shares=[0.5, 0.5])
        figures.append(found.values)
        errors.append(found.se)
    assert np.std(figures, axis=0).tolist() == pytest.approx(np.mean(errors, axis=0).tolist(), rel=0.12)


def test_a_cell_of_single_answers_has_no_variance_to_borrow() -> None:
    with pytest.raises(TooFew, match="cell 2"):
        standardise([[70.0, 90.0], [60.0, 80.0]], [[8.0, NAN], [4.0, NAN]], [[10, 1], [20, 1]])


@pytest.mark.parametrize("shares", [[0.5, 0.6], [1.2, -0.2], [0.0, 0.0]])
def test_a_mix_must_be_shares_of_one_whole(shares: list[float]) -> None:
    with pytest.raises(WrongWeights):
        standardise(table(80.0), table(9.0), [[20, 20], [20, 20]], shares=shares)


def test_standardisation_refuses_what_it_cannot_use() -> None:
    n = [[20, 20], [20, 20]]
    with pytest.raises(NoFigure, match="unit 2"):
        standardise(table(80.0), table(9.0), [[20, 20], [0, 0]])
    with pytest.raises(TooFew):
        standardise([[80.0, 80.0]], [[9.0, 9.0]], [[20, 20]])
    with pytest.raises(Contradiction, match="unit 1, cell 2: answers without a mean"):
        standardise([[80.0, NAN], [80.0, 80.0]], table(9.0), n)
    with pytest.raises(Contradiction, match="unit 2, cell 1: answers without a standard deviation"):
        standardise(table(80.0), [[9.0, 9.0], [NAN, 9.0]], n)
    with pytest.raises(Contradiction):
        standardise(table(80.0), table(9.0, (2, 3)), n)
    with pytest.raises(Contradiction):
        standardise(table(80.0), table(9.0), n, shares=[1.0])
    with pytest.raises(Malformed):
        standardise(table(80.0), table(-1.0), n)
    with pytest.raises(Malformed):
        standardise([80.0, 90.0], table(9.0), n)
    with pytest.raises(NotACount):
        standardise(table(80.0), table(9.0), [[20, 20], [20, -1]])


def test_shares_that_sum_to_one_but_for_rounding_do_not_move_the_figures() -> None:
    found = standardise([[100.0, 100.0]] * 2, table(0.0), table(20), shares=[0.7, 0.3 + 9e-10])
    assert found.values.max() <= 100 + 1e-12
