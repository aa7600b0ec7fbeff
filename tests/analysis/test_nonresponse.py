"""What the silent could do to a figure, and the official index beside the adjusted one."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cells import Cell
from analysis.collapse import collapse
from analysis.errors import (
    Contradiction,
    EmptyLevel,
    Malformed,
    NoFigure,
    NotACount,
    NotConverged,
    TooFew,
    WrongWeights,
)
from analysis.intervals import Interval
from analysis.nonresponse import bias_bound, compare, reason
from analysis.poststratification import poststratify

CELLS = [Cell(("counter",), 900, 60, 82.0, 9.0), Cell(("online",), 2100, 90, 88.5, 7.5)]


# What the silent could do


def test_a_fifth_of_answers_leaves_almost_everything_open():
    assert bias_bound(0.2, 85) == pytest.approx((37, 97))


def test_when_all_answer_nothing_is_open_and_when_none_do_everything():
    assert bias_bound(1, 85) == (85, 85)
    assert bias_bound(0, 85) == (25, 100)
    assert bias_bound(0.5, 0.5, low=0, high=1) == (0.25, 0.75)


@settings(deadline=None)
@given(st.lists(st.floats(25, 100), min_size=1), st.lists(st.floats(25, 100)))
def test_the_mean_of_everybody_is_never_outside(answering, silent):
    everybody = answering + silent
    low, high = bias_bound(len(answering) / len(everybody), float(np.clip(np.mean(answering), 25, 100)))
    assert low - 1e-9 <= np.mean(everybody) <= high + 1e-9


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), float("inf"), True, "0.2", None])
def test_what_is_no_response_rate_is_refused(rate):
    with pytest.raises(Malformed):
        bias_bound(rate, 85)


@pytest.mark.parametrize("mean", [24.9, 100.1, float("nan"), "85", None])
def test_a_mean_outside_its_scale_is_refused(mean):
    with pytest.raises(Malformed):
        bias_bound(0.5, mean)
    with pytest.raises(Malformed):
        compare(mean, poststratify(CELLS), n=150, population=3000)


def test_a_scale_without_width_is_refused():
    with pytest.raises(Malformed):
        bias_bound(0.5, 50, low=50, high=50)


# Side by side


def test_both_figures_stand_side_by_side():
    interval = Interval(84.4, 87.2, 0.95, "wilson-calibrated")
    adjusted = poststratify(CELLS)
    both = compare(Fraction(859, 10), adjusted, n=150, population=3000, interval=interval)
    assert both.official == 85.9
    assert both.official_interval is interval
    assert both.adjusted is adjusted
    assert both.withheld is None
    assert both.difference == pytest.approx(0.65)
    assert both.noteworthy is False
    assert (both.official_method, both.adjusted_method) == ("unweighted", "poststratified")
    assert both.response_rate == 0.05
    assert (both.bias_low, both.bias_high) == pytest.approx((0.05 * 85.9 + 23.75, 0.05 * 85.9 + 95))


@pytest.mark.parametrize(
    ("official", "noteworthy"), [(84.56, False), (84.54, True), (88.54, False), (88.56, True)]
)
def test_more_than_two_points_either_way_are_a_finding(official, noteworthy):
    assert compare(official, poststratify(CELLS), n=150, population=3000).noteworthy is noteworthy


def test_the_threshold_is_the_callers():
    assert compare(85.9, poststratify(CELLS), n=150, population=3000, noteworthy=0.5).noteworthy


def test_the_part_of_the_difference_that_weights_make_is_told_apart():
    # Two responses of the 152 have no score, and answers missing elsewhere moved the official index.
    both = compare(85.5, poststratify(CELLS), n=152, population=3000)
    assert both.difference == pytest.approx(1.05)
    assert both.from_weighting == pytest.approx(0.65)


def test_weights_that_are_too_unequal_leave_the_official_figure_alone():
    cells = [Cell(("a",), 40, 30, 90.0, 5.0), Cell(("b",), 4000, 2, 60.0, 5.0)]
    both = compare(88, poststratify(cells), n=32, population=4040)
    assert (both.adjusted, both.withheld) == (None, "weights_too_unequal")
    assert (both.difference, both.from_weighting, both.adjusted_method) == (None, None, None)
    assert both.noteworthy is False
    assert both.official == 88


@pytest.mark.parametrize(
    ("refusal", "word"),
    [
        (TooFew("an adjusted figure", 1, 2), "too_few"),
        (EmptyLevel("channel", "kiosk"), "empty_level"),
        (NotConverged("fitting", 500, 0.1), "not_converged"),
        (WrongWeights("margins differ"), "wrong_weights"),
        (NoFigure("nobody"), "no_figure"),
    ],
)
def test_a_refusal_says_in_a_word_why_there_is_no_adjusted_figure(refusal, word):
    assert reason(refusal) == word
    both = compare(88, refusal, n=32, population=4040)
    assert (both.adjusted, both.withheld, both.official) == (None, word, 88)


@pytest.mark.parametrize(
    ("n", "population", "error"),
    [
        (0, 3000, NoFigure),
        (-1, 3000, NotACount),
        (150.0, 3000, NotACount),
        (True, 3000, NotACount),
        (150, 3000.0, NotACount),
        (3001, 3000, Contradiction),
        (150, 2999, Contradiction),
        (149, 3000, Contradiction),
    ],
)
def test_numbers_that_do_not_belong_together_are_refused(n, population, error):
    with pytest.raises(error):
        compare(85.9, poststratify(CELLS), n=n, population=population)


@pytest.mark.parametrize("threshold", [-1, float("nan"), "2"])
def test_a_threshold_that_is_none_is_refused(threshold):
    with pytest.raises(Malformed):
        compare(85.9, poststratify(CELLS), n=150, population=3000, noteworthy=threshold)


# Who was asked: an office that hears the satisfied


def served(generator):
    """Transactions of two services: outcome and the score everyone would give, whether asked or not."""
    outcome = generator.choice(["approved", "rejected"], 6000, p=[0.65, 0.35])
    service = generator.choice(["permit", "stamp"], 6000)
    score = np.where(outcome == "approved", generator.normal(88, 7, 6000), generator.normal(62, 12, 6000))
    return service, outcome, np.clip(score, 25, 100)


def cells_of(columns, scores, answered):
    keys = list(zip(*columns, strict=True))
    cells = []
    for key in sorted(set(keys)):
        here = np.array([own == key for own in keys])
        mine = scores[here & answered]
        cells.append(
            Cell(
                tuple(map(str, key)),
                int(here.sum()),
                len(mine),
                float(mine.mean()) if len(mine) else None,
                float(mine.std(ddof=1)) if len(mine) > 1 else None,
            )
        )
    return cells


@pytest.mark.parametrize("seed", range(5))
def test_where_the_approved_answer_more_the_adjusted_index_moves_to_the_truth(seed):
    generator = np.random.default_rng(seed)
    service, outcome, scores = served(generator)
    answered = generator.random(6000) < np.where(outcome == "approved", 0.4, 0.1)
    official, truth = scores[answered].mean(), scores.mean()
    assert official > truth + 4
    adjusted = poststratify(collapse(cells_of((service, outcome), scores, answered)))
    assert abs(adjusted.value - truth) < 0.25 * (official - truth)
    assert adjusted.interval.low - 0.5 < truth < adjusted.interval.high + 0.5
    both = compare(float(official), adjusted, n=int(answered.sum()), population=6000)
    assert both.noteworthy
    assert both.difference < -2
    # What responses do not carry cannot be repaired: without the outcome the figure stays where it was.
    blind = poststratify(collapse(cells_of((service,), scores, answered)))
    assert abs(blind.value - official) < 1


def test_where_only_the_approved_were_asked_there_is_no_adjusted_index_and_the_bound_says_so():
    generator = np.random.default_rng(1)
    service, outcome, scores = served(generator)
    answered = (outcome == "approved") & (generator.random(6000) < 0.4)
    cells = cells_of((service, outcome), scores, answered)
    with pytest.raises(EmptyLevel) as refusal:
        poststratify(cells)
    both = compare(float(scores[answered].mean()), refusal.value, n=int(answered.sum()), population=6000)
    assert both.withheld == "empty_level"
    assert both.bias_low < scores.mean() < both.bias_high
    # When cells are joined the approved speak for the rejected, and nothing moves: the silence is told.
    hidden = poststratify(collapse(cells))
    assert hidden.unheard == np.sum(outcome == "rejected")
    assert hidden.value == pytest.approx(scores[answered].mean(), abs=0.5)
