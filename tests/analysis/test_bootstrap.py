import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import bootstrap

from analysis.bootstrap import MOST_RESPONDENTS, bca_interval
from analysis.errors import Malformed, NoFigure, NotACount, NoVariation, Refused, TooFew
from analysis.intervals import wilson_calibrated

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
SEKADAU = 25 * np.array([[float(mark) for mark in row] for row in CASES["sekadau"]["rows"]])


def ends(interval):
    return interval.low, interval.high


def test_complete_answers_have_scipys_interval_of_their_mean_scores():
    # Skewed, as satisfaction is: there the correction of a plain percentile bootstrap matters.
    values = 100 - np.random.default_rng(3).exponential(8, (30, 4)).clip(0, 75)
    scores = values.mean(axis=1)
    expected, plain = (
        bootstrap(
            (scores,), np.mean, n_resamples=2000, method=method, rng=np.random.default_rng(5)
        ).confidence_interval
        for method in ("BCa", "percentile")
    )
    assert ends(bca_interval(values, seed=5)) == pytest.approx((expected.low, expected.high))
    assert ends(bca_interval(scores[:, None], seed=5)) == pytest.approx((expected.low, expected.high))
    assert ends(bca_interval(values, seed=5)) != pytest.approx((plain.low, plain.high), abs=0.05)


def test_it_agrees_with_the_calibrated_interval_in_the_middle_of_the_scale():
    # Sekadau: 75.81 to 81.44.
    found = bca_interval(SEKADAU, seed=1)
    expected = wilson_calibrated(78.74149659863946, 8.646712182168809, 49)
    assert ends(found) == pytest.approx(ends(expected), abs=0.6)
    assert (found.level, found.method) == (0.95, "bca")


def test_a_missing_answer_counts_neither_for_nor_against():
    values = SEKADAU.copy()
    values[::3, 3] = np.nan
    low, high = ends(bca_interval(values, seed=2))
    assert low < np.nanmean(values, axis=0).mean() < high


def test_the_same_seed_gives_the_same_interval_and_another_one_another():
    assert bca_interval(SEKADAU, seed=7) == bca_interval(SEKADAU, seed=np.random.default_rng(7))
    assert bca_interval(SEKADAU, seed=7) != bca_interval(SEKADAU, seed=8)


def test_counts_are_repeated_rows():
    repeated = np.repeat(SEKADAU[:10], [3, 1, 2, 0, 1, 1, 1, 1, 1, 5], axis=0)
    counts = np.array([3, 1, 2, 0, 1, 1, 1, 1, 1, 5])
    assert bca_interval(SEKADAU[:10], counts, seed=3) == bca_interval(repeated, seed=3)


def test_rows_without_any_answer_are_nobody():
    with_empty = np.vstack([SEKADAU, np.full((5, 9), np.nan)])
    assert bca_interval(with_empty, seed=3) == bca_interval(SEKADAU, seed=3)


def test_a_higher_level_is_wider():
    narrow, wide = bca_interval(SEKADAU, seed=4, level=0.8), bca_interval(SEKADAU, seed=4, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize(
    "values",
    [
        np.full((12, 9), 100.0),
        np.array([[100.0, 75.0]] * 5),
        np.array([[100.0, 75.0], [75.0, 100.0]] * 5),  # everybody has the same mean
    ],
)
def test_respondents_who_move_nothing_leave_nothing_to_resample(values):
    with pytest.raises(NoVariation, match="nothing to say"):
        bca_interval(values, seed=1)


@pytest.mark.parametrize("n", [2, 3])
def test_two_or_three_respondents_have_an_interval_within_their_answers(n):
    values = np.array([[25.0], [100.0], [75.0]])[:n]
    interval = bca_interval(values, seed=1)
    assert 25 <= interval.low <= interval.high <= 100


def test_an_item_hardly_anybody_answered_leaves_the_resamples_without_it():
    values = np.hstack([SEKADAU[:, :1], np.full((49, 1), np.nan)])
    values[0, 1] = 100
    interval = bca_interval(values, seed=1)
    assert 50 < interval.low < interval.high <= 100


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"values": np.full((3, 2), np.nan)}, NoFigure),
        ({"values": np.empty((0, 2))}, NoFigure),
        ({"values": np.array([[75.0, 100.0]])}, TooFew),
        ({"resamples": 99}, TooFew),
        ({"resamples": 1000.0}, NotACount),
        ({"seed": None}, Malformed),
        ({"seed": -1}, Malformed),
        ({"seed": True}, Malformed),
        ({"level": 1.0}, Malformed),
        ({"values": np.array([[np.inf], [1.0]])}, Malformed),
        ({"counts": np.full(49, -1)}, NotACount),
        ({"counts": np.full(49, MOST_RESPONDENTS)}, Refused),
    ],
)
def test_what_cannot_be_resampled_is_refused(arguments, error):
    with pytest.raises(error):
        bca_interval(**{"values": SEKADAU, "seed": 1} | arguments)
