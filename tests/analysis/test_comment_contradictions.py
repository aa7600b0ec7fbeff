"""Rated high and wrote badly, or the other way round: how many, and how many by errors of the judge alone."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.comments import CommentTally
from analysis.comments.confusion import Confusion
from analysis.comments.contradictions import contradiction, contradictions
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount, TooFew, UnknownKey

CONFUSION = Confusion(((180, 10, 10), (30, 50, 20), (12, 12, 276)))


def tally(negative: int, neutral: int, positive: int) -> CommentTally:
    return CommentTally(negative + neutral + positive, negative, neutral, positive, 0, 0)


@pytest.mark.parametrize(
    ("mean", "scale", "label", "expected"),
    [
        (3, 4, "negative", "high_but_negative"),
        (4.0, 4, "negative", "high_but_negative"),
        (2.99, 4, "negative", None),
        (2, 4, "positive", "low_but_positive"),
        (1, 4, "positive", "low_but_positive"),
        (2.01, 4, "positive", None),
        (3.5, 4, "positive", None),
        (1.5, 4, "negative", None),
        (3.5, 4, "neutral", None),
        (1.5, 4, "neutral", None),
        (11 / 3, 5, "negative", "high_but_negative"),
        (Fraction(11, 3), 5, "negative", "high_but_negative"),
        (3.66, 5, "negative", None),
        (7 / 3, 5, "positive", "low_but_positive"),
        (2.34, 5, "positive", None),
        (2, 2, "negative", "high_but_negative"),
        (8 / 11 * 10 + 1, 11, "negative", "high_but_negative"),
    ],
)
def test_a_rating_is_contradicted_from_two_thirds_and_up_to_one_third_of_its_scale(
    mean: Any, scale: int, label: str, expected: str | None
) -> None:
    assert contradiction(mean, scale, label, 0.9) == expected


def test_a_label_that_is_more_likely_wrong_than_right_contradicts_nothing() -> None:
    assert contradiction(4, 4, "negative", 0.49) is None
    assert contradiction(4, 4, "negative", 0.5) == "high_but_negative"
    assert contradiction(1, 4, "positive", 0.49) is None


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0.9, 4, "negative", 1.0), Malformed),
        ((4.1, 4, "negative", 1.0), Malformed),
        ((float("nan"), 4, "negative", 1.0), Malformed),
        ((1, 1, "negative", 1.0), Malformed),
        ((3, 4.0, "negative", 1.0), Malformed),
        ((3, 4, "negative", 1.1), Malformed),
        ((3, 4, "negative", -0.1), Malformed),
        ((3, 4, "bad", 1.0), UnknownKey),
        ((3, 4, "bad", 0.1), UnknownKey),
    ],
)
def test_what_is_no_rated_comment_is_refused(arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        contradiction(*arguments)


def test_the_share_of_contradictions_has_the_interval_of_statsmodels() -> None:
    found = contradictions(tally(60, 40, 300), "high_but_negative", CONFUSION, seed=1)
    assert (found.share.count, found.share.n, found.share.value) == (60, 400, 0.15)
    assert (found.share.interval.low, found.share.interval.high) == pytest.approx(
        proportion_confint(60, 400, method="wilson"), abs=1e-12
    )
    low = contradictions(tally(60, 40, 300), "low_but_positive", CONFUSION, seed=1)
    assert (low.share.count, low.kind) == (300, "low_but_positive")


def test_the_number_by_errors_alone_follows_from_the_rates_of_the_other_two_labels() -> None:
    # 340 others: 40 neutral, mistaken for negative in 30 of 100, and 300 positive, in 12 of 300.
    found = contradictions(tally(60, 40, 300), "high_but_negative", CONFUSION, seed=1)
    assert found.by_error == pytest.approx(400 * (40 / 340 * 0.30 + 300 / 340 * 0.04), abs=1e-9)
    assert found.interval.low < found.by_error < found.interval.high
    # 50 others, 30 negative and 20 neutral, mistaken for positive in 10 of 200 and 20 of 100.
    low = contradictions(tally(30, 20, 10), "low_but_positive", CONFUSION, seed=1)
    assert low.by_error == pytest.approx(60 * (0.6 * 0.05 + 0.4 * 0.20), abs=1e-9)


def test_where_all_comments_contradict_the_other_labels_weigh_the_same() -> None:
    found = contradictions(tally(50, 0, 0), "high_but_negative", CONFUSION, seed=1)
    assert found.by_error == pytest.approx(50 * (0.30 + 0.04) / 2, abs=1e-9)
    assert found.beyond_error


def test_more_than_errors_explain_is_said_and_as_many_as_they_explain_is_not() -> None:
    assert contradictions(tally(70, 40, 300), "high_but_negative", CONFUSION, seed=1).beyond_error
    assert not contradictions(tally(29, 40, 300), "high_but_negative", CONFUSION, seed=1).beyond_error
    assert not contradictions(tally(0, 40, 300), "high_but_negative", CONFUSION, seed=1).beyond_error
    # One negative among eight positive: no error rate is known well enough to tell.
    assert not contradictions(tally(1, 0, 8), "high_but_negative", CONFUSION, seed=1).beyond_error


def test_few_judged_comments_make_the_expected_number_uncertain() -> None:
    few = Confusion(tuple((a // 10, b // 10, c // 10) for a, b, c in CONFUSION.counts))
    sure, unsure = (
        contradictions(tally(60, 40, 300), "high_but_negative", one, seed=1).interval
        for one in (CONFUSION, few)
    )
    assert unsure.high - unsure.low > 2 * (sure.high - sure.low)


def test_the_same_seed_gives_the_same_finding() -> None:
    one, again, other = (
        contradictions(tally(60, 40, 300), "high_but_negative", CONFUSION, seed=seed) for seed in (4, 4, 5)
    )
    assert one == again
    assert one.interval != other.interval


def test_where_no_rating_is_contradicted_more_than_errors_are_seldom_claimed() -> None:
    generator, runs, claimed = np.random.default_rng(9), 400, 0
    rates = np.array([[0.9, 0.05, 0.05], [0.25, 0.55, 0.20], [0.05, 0.05, 0.90]])
    expected, found = 0.0, 0
    for _ in range(runs):
        rows = [generator.multinomial(n, row) for n, row in zip((200, 100, 300), rates, strict=True)]
        confusion = Confusion(tuple((int(a), int(b), int(c)) for a, b, c in rows))
        labels = generator.multinomial(300, np.array([0.0, 0.1, 0.9]) @ rates)
        one = contradictions(
            tally(*map(int, labels)), "high_but_negative", confusion, seed=generator, draws=400
        )
        claimed += one.beyond_error
        expected, found = expected + one.by_error, found + one.share.count
    assert claimed / runs < 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5
    assert claimed > 0
    assert expected / found == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("given", "kind", "options", "error"),
    [
        (tally(0, 0, 0), "high_but_negative", {}, NoFigure),
        (tally(5, 5, 5), "high", {}, UnknownKey),
        (CommentTally(5, 1, 1, 1, 0, 0), "high_but_negative", {}, Contradiction),
        (tally(5, 5, 5), "high_but_negative", {"level": 1.0}, Malformed),
        (tally(5, 5, 5), "high_but_negative", {"seed": "1"}, Malformed),
        (tally(5, 5, 5), "high_but_negative", {"draws": 10}, TooFew),
        (tally(5, 5, 5), "high_but_negative", {"draws": -1}, NotACount),
    ],
)
def test_what_cannot_be_found_is_refused(given: Any, kind: Any, options: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        contradictions(given, kind, CONFUSION, **{"seed": 1, **options})


def test_of_a_label_that_was_never_judged_a_third_is_mistaken_and_nobody_knows() -> None:
    unknown = Confusion((CONFUSION.counts[0], (0, 0, 0), CONFUSION.counts[2]))
    known, found = (
        contradictions(tally(60, 100, 240), "high_but_negative", one, seed=1) for one in (CONFUSION, unknown)
    )
    assert found.by_error == pytest.approx(400 * (100 / 340 / 3 + 240 / 340 * 0.04), abs=1e-9)
    assert found.interval.high - found.interval.low > 3 * (known.interval.high - known.interval.low)


def test_a_matrix_that_takes_the_rating_for_the_truth_finds_no_contradiction() -> None:
    rated = CommentTally.of([("negative", -500)] * 60 + [("neutral", 0)] * 40 + [("positive", 500)] * 300)
    circular = Confusion(((200, 20, 30), (0, 0, 0), rated.labels))
    assert contradictions(rated, "high_but_negative", CONFUSION, seed=1).beyond_error
    assert not contradictions(rated, "high_but_negative", circular, seed=1).beyond_error
