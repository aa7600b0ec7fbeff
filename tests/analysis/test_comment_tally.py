"""A tally of comments counts what was judged, adds up in any order, and is refused when it counts nothing."""

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.comments import LABELS, MEASURES, CommentTally
from analysis.errors import Contradiction, Malformed, NotACount, UnknownKey

READINGS = st.lists(st.tuples(st.sampled_from(LABELS), st.integers(-1000, 1000)), max_size=40)


def test_comments_are_counted_by_label_and_their_polarities_summed_in_thousandths() -> None:
    tally = CommentTally.of([("negative", -600), ("neutral", 20), ("positive", 1000), ("positive", 500)])
    assert tally == (4, 1, 1, 2, 920, 360_000 + 400 + 1_000_000 + 250_000)
    assert tally.labels == (1, 1, 2)


def test_the_measures_are_named_in_the_order_of_the_numbers() -> None:
    assert MEASURES == ("n", "negative", "neutral", "positive", "sum", "sumsq")
    assert CommentTally(*range(6))._asdict() == dict(zip(MEASURES, range(6), strict=True))


@given(READINGS, READINGS)
def test_tallies_of_parts_add_up_to_the_tally_of_the_whole(
    one: list[tuple[str, int]], other: list[tuple[str, int]]
) -> None:
    added = CommentTally.of(one) + CommentTally.of(other)
    assert isinstance(added, CommentTally)
    assert added == CommentTally.of(other + one)
    assert added + CommentTally.zero() == added
    assert sum([CommentTally.of(one), CommentTally.of(other)], CommentTally.zero()) == added


@given(READINGS)
def test_what_was_counted_passes_the_check_and_has_the_moments_of_numpy(
    readings: list[tuple[str, int]],
) -> None:
    tally = CommentTally.of(readings)
    assert tally.check() is tally
    polarities = np.array([polarity for _, polarity in readings], np.int64)
    assert (tally.n, tally.sum, tally.sumsq) == (
        polarities.size,
        polarities.sum(),
        (polarities * polarities).sum(),
    )


def test_a_tally_does_not_add_up_with_something_else() -> None:
    with pytest.raises(TypeError):
        operator.add(CommentTally.zero(), (1, 0, 0, 1, 0, 0))


@pytest.mark.parametrize(
    ("reading", "error"),
    [
        (("good", 10), UnknownKey),
        (("positive", 1001), Malformed),
        (("negative", -1001), Malformed),
        (("positive", 0.5), Malformed),
        (("positive", True), Malformed),
    ],
)
def test_what_is_no_reading_is_not_counted(reading: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        CommentTally.of([("neutral", 0), reading])


@pytest.mark.parametrize(
    ("numbers", "error", "said"),
    [
        ((2, -1, 1, 2, 0, 0), NotACount, "negative: -1"),
        ((1.0, 1, 0, 0, 0, 0), NotACount, r"n: 1\.0"),
        ((True, 1, 0, 0, 0, 0), NotACount, "n: True"),
        ((3, 1, 0, 1, 0, 0), Contradiction, "2 labels of 3 comments"),
        ((0, 0, 0, 0, 5, 25), Contradiction, "0 polarities"),
        ((2, 0, 0, 2, 2000, 1_999_999), Contradiction, "cannot sum to 2000"),
        ((2, 2, 0, 0, 0, 2_000_001), Contradiction, "their squares to 2000001"),
        ((1, 1, 0, 0, 0.5, 1), Malformed, "not whole"),
        ((1, 1, 0, 0, 0, 1.0), Malformed, "not whole"),
    ],
)
def test_numbers_that_count_no_comments_are_refused(numbers: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        CommentTally(*numbers).check()


def test_all_comments_at_one_end_are_possible() -> None:
    assert CommentTally(3, 3, 0, 0, -3000, 3_000_000).check().n == 3
