"""A change of level is found where it is, and pure noise has none."""

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.changes import MOST_CHANGES, find_changes, split
from analysis.errors import Malformed, NoFigure, NotACount, TooFew

# Annual flow of the Nile at Aswan, 1871-1970 (Cobb 1978, Biometrika 65:243-251; R's data set Nile).
NILE = [
    1120.0, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020,
    960, 1180, 799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840,
    874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702,
    1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
    781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801,
    1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815,
    1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
]  # fmt: skip


def squares(values: Any, places: Any) -> float:
    cuts = [0, *places, len(values)]
    return sum(float(np.var(values[a:b]) * (b - a)) for a, b in pairwise(cuts))


def test_the_nile_fell_after_1898() -> None:
    for found in (split(NILE, 1), find_changes(NILE)):
        assert found.last_before == (28,)
        assert 1870 + found.last_before[0] == 1898
        assert found.means == pytest.approx((1097.75, 849.9722), abs=1e-4)


@given(st.lists(st.integers(50, 100), min_size=9, max_size=13), st.integers(1, 3), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_no_other_places_leave_smaller_squares(values: list[int], changes: int, shortest: int) -> None:
    if len(values) < (changes + 1) * shortest:
        return
    found = split(values, changes, shortest=shortest).last_before
    best = min(
        squares(values, places)
        for places in combinations(range(1, len(values)), changes)
        if min(np.diff([0, *places, len(values)])) >= shortest
    )
    assert min(np.diff([0, *found, len(values)])) >= shortest
    assert squares(values, found) == pytest.approx(best, abs=1e-6)


def test_two_steps_are_found_with_their_levels() -> None:
    noise = np.random.default_rng(9).normal(0, 1, 36)
    found = find_changes(np.repeat([80.0, 86.0, 78.0], 12) + noise)
    assert found.last_before == (12, 24)
    assert found.means == pytest.approx((80, 86, 78), abs=1)


def test_a_constant_series_has_no_change() -> None:
    # Rounding must not make one: the mean of some stretches is not quite what all their values are.
    for value in (76.61, 88.31, 0.1, 97.03):
        for periods in range(24, 50):
            found = find_changes([value] * periods)
            assert (found.last_before, found.penalty) == ((), 0)
            assert found.means == pytest.approx((value,))


def test_a_step_without_any_noise_is_one_change() -> None:
    assert find_changes([80.0] * 12 + [90.0] * 12).last_before == (12,)


def test_noise_alone_seldom_looks_like_a_change() -> None:
    random = np.random.default_rng(24)
    found = [bool(find_changes(random.normal(80, 2, 24)).last_before) for _ in range(600)]
    schwarz = [bool(find_changes(random.normal(80, 2, 24), penalty=2).last_before) for _ in range(600)]
    assert np.mean(found) < 0.07
    assert np.mean(schwarz) > 0.09


def test_shifting_and_stretching_the_scale_changes_no_place() -> None:
    values = np.array(NILE)
    found = find_changes(values / 1000 + 1e5)
    assert found.last_before == (28,)
    assert found.means[0] == pytest.approx(1e5 + 1.09775)


def test_a_larger_penalty_never_finds_more() -> None:
    values = np.repeat([80.0, 83.0, 79.0, 81.0], 8) + np.random.default_rng(3).normal(0, 1, 32)
    found = [len(find_changes(values, penalty=factor).last_before) for factor in (0.1, 1, 3, 30, 3000)]
    assert found == sorted(found, reverse=True)
    assert (found[0], found[-1]) == (MOST_CHANGES, 0)


def test_fewer_than_24_periods_have_no_trend_to_break() -> None:
    with pytest.raises(TooFew) as refusal:
        find_changes([80.0] * 23)
    assert refusal.value.needed == 24


def test_a_series_cannot_hold_more_stretches_than_fit() -> None:
    with pytest.raises(TooFew):
        split([80.0] * 8, 2)
    with pytest.raises(TooFew):
        find_changes(NILE, shortest=51)
    assert split([80.0, 80, 80, 90, 90, 90, 70, 70, 70], 2).last_before == (3, 6)


@pytest.mark.parametrize("wrong", [0, -1, 1.0, True, "1", None])
def test_numbers_of_changes_and_periods_are_whole(wrong: Any) -> None:
    with pytest.raises(NotACount):
        split(NILE, wrong)
    with pytest.raises(NotACount):
        find_changes(NILE, shortest=wrong)


def test_a_series_with_a_hole_is_refused() -> None:
    with pytest.raises(Malformed):
        find_changes([*NILE, float("nan")])
    with pytest.raises(NoFigure):
        split([], 1)
    for penalty in (0, -1.0, float("nan")):
        with pytest.raises(Malformed):
            find_changes(NILE, penalty=penalty)
