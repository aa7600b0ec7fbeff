"""Straight lines, runs and repetition, as counted by hand."""

from itertools import groupby
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import Malformed, NoFigure, NotACount, OutOfScale, TooFew
from analysis.matrix import Matrix, read_matrix
from analysis.patterns import compare_repetition, patterns

# The 49 responses published by the Sekadau regency (sekadaukab.go.id, article 923), nine elements, 1 to 4.
SEKADAU_ROWS = """
223434443 332333323 333443334 224444343 332333323 333433334 333333324 343334434 333333333 323444443
234444443 333333323 343433324 344433444 323333323 333333323 333333432 224444444 333433334 113433332
333233323 334434443 333333323 233444342 312233333 333433334 444434344 333433334 332332222 224444433
333433333 333434443 333433334 223443332 333433334 333434334 333333334 332322323 333444323 333433333
223444433 332434323 344433434 333433334 334343434 334444443 321323312 334444443 333444323
"""
SEKADAU = [[int(answer) for answer in row] for row in SEKADAU_ROWS.split()]
SEKADAU_RUNS = [
    3, 4, 3, 4, 4, 4, 7, 3, 9, 5, 6, 7, 3, 3, 5, 7, 6, 7, 4, 4, 3, 3, 7, 3, 5,
    4, 4, 4, 4, 5, 5, 3, 4, 3, 4, 3, 8, 2, 3, 5, 4, 2, 3, 4, 2, 6, 2, 6, 3,
]  # fmt: skip

ANSWER = st.none() | st.integers(1, 4)
ROWS = st.lists(st.lists(ANSWER, min_size=5, max_size=5), min_size=1, max_size=15).filter(
    lambda rows: any(answer for row in rows for answer in row)
)


def test_the_sekadau_responses_have_one_straight_line_and_none_of_all_fours() -> None:
    found = patterns(read_matrix(SEKADAU))
    assert (found.n, found.judged, found.straight, found.all_highest) == (49, 49, 1, 0)
    assert found.straight_rate == pytest.approx(0.02040816326530612, abs=1e-9)
    assert found.all_highest_rate == 0
    assert (found.most_repeated, found.distinct) == (7, 37)


def test_the_sekadau_responses_have_their_runs_and_spreads() -> None:
    found = patterns(read_matrix(SEKADAU))
    assert found.longest_run.tolist() == SEKADAU_RUNS
    assert found.irv.tolist() == pytest.approx([np.std(row, ddof=1) for row in SEKADAU], abs=1e-9)
    assert found.irv[:3].tolist() == pytest.approx([0.8333333333333334, 0.4409585518440984, 0.5], abs=1e-9)
    assert found.irv[8] == 0


@given(ROWS)
@settings(max_examples=80)
def test_missing_answers_are_passed_over(rows: list[list[int | None]]) -> None:
    found = patterns(read_matrix(rows))
    for position, row in enumerate(rows):
        given_answers = [answer for answer in row if answer is not None]
        longest = max((len(list(run)) for _, run in groupby(given_answers)), default=0)
        assert found.longest_run[position] == longest
        if len(given_answers) > 1:
            assert found.irv[position] == pytest.approx(np.std(given_answers, ddof=1), abs=1e-12)
        else:
            assert np.isnan(found.irv[position])
    judged = [[a for a in row if a is not None] for row in rows]
    judged = [row for row in judged if len(row) > 1]
    assert found.n == sum(any(row) for row in rows)
    assert found.judged == len(judged)
    assert found.straight == sum(len(set(row)) == 1 for row in judged)
    assert found.all_highest == sum(set(row) == {4} for row in judged)
    answered = [tuple(row) for row in rows if any(row)]
    assert found.distinct == len(set(answered))
    assert found.most_repeated == max(answered.count(row) for row in answered)


@given(ROWS, st.lists(st.integers(0, 5), min_size=15, max_size=15))
def test_counts_stand_for_repeated_rows(rows: list[list[int | None]], counts: list[int]) -> None:
    many = counts[: len(rows)]
    repeated = [row for row, count in zip(rows, many, strict=True) for _ in range(count)]
    if not any(answer for row in repeated for answer in row):
        with pytest.raises(NoFigure):
            patterns(read_matrix(rows, counts=many))
        return
    one, other = patterns(read_matrix(rows, counts=many)), patterns(read_matrix(repeated))
    for name in ("n", "judged", "straight", "all_highest", "most_repeated", "distinct"):
        assert getattr(one, name) == getattr(other, name)


def test_a_straight_line_may_have_gaps_but_one_answer_is_no_line() -> None:
    found = patterns(read_matrix([[3, None, 3, 3], [None, 4, None, None], [None] * 4, [4, None, 4, None]]))
    assert (found.n, found.judged, found.straight, found.all_highest) == (3, 2, 2, 1)
    assert found.longest_run.tolist() == [3, 1, 0, 2]


def test_without_anybody_to_judge_there_is_no_rate() -> None:
    found = patterns(read_matrix([[3, None], [None, 2]]))
    assert (found.judged, found.straight_rate, found.all_highest_rate) == (0, None, None)


def test_the_highest_answer_is_that_of_the_scale() -> None:
    assert patterns(read_matrix([[4, 4, 4]], scale=6)).all_highest == 0
    assert patterns(read_matrix([[6, 6, 6]], scale=6)).all_highest == 1


def test_items_of_several_scales_have_no_common_line() -> None:
    values, counts = np.array([[3.0, 3.0]]), np.array([1])
    with pytest.raises(Malformed):
        patterns(Matrix(("a", "b"), values, counts, (4, 5)))


def test_nobody_who_answered_is_no_figure() -> None:
    for rows, counts in ([[[None, None]], None], [[[3, 3]], [0]]):
        with pytest.raises(NoFigure):
            patterns(read_matrix(rows, counts=counts))  # type: ignore[arg-type]


def test_what_is_not_on_the_scale_never_gets_here() -> None:
    with pytest.raises(OutOfScale):
        read_matrix([[3, 5]])


def test_a_hundred_thousand_rows_are_read_at_once() -> None:
    values = np.random.default_rng(1).integers(1, 5, (100_000, 9)).astype(np.float64)
    found = patterns(Matrix(tuple("abcdefghi"), values, np.ones(100_000, np.int64), (4,) * 9))
    assert found.straight_rate == pytest.approx(4**-8, abs=2e-4)


def test_a_unit_that_answers_like_its_family_repeats_no_more_than_it() -> None:
    family = read_matrix(SEKADAU)
    found = compare_repetition(patterns(family), family, 923)
    assert found.p_most_repeated > 0.05
    assert 25 < found.distinct_expected < 37
    assert 7 < found.most_repeated_expected < 13


def test_copied_responses_repeat_more_than_their_family() -> None:
    family = read_matrix(SEKADAU)
    copied = patterns(read_matrix([*SEKADAU[:20], *[SEKADAU[3]] * 29]))
    found = compare_repetition(copied, family, 923, draws=400)
    assert found.p_most_repeated == pytest.approx(1 / 401)
    assert found.p_distinct < 0.01


def test_a_family_of_one_row_expects_nothing_else() -> None:
    family = read_matrix([[3, 3], [None, None]], counts=[50, 30])
    found = compare_repetition(patterns(read_matrix([[3, 3]], counts=[12])), family, 1, draws=10)
    assert (found.most_repeated_expected, found.distinct_expected) == (12, 1)
    assert (found.p_most_repeated, found.p_distinct) == (1, 1)


def test_the_same_seed_gives_the_same_comparison() -> None:
    family = read_matrix(SEKADAU)
    one, again = (compare_repetition(patterns(family), family, 5, draws=50) for _ in range(2))
    assert one == again
    assert compare_repetition(patterns(family), family, 6, draws=50) != one


@pytest.mark.parametrize("draws", [10.0, True, "10"])
def test_draws_are_a_whole_number(draws: Any) -> None:
    family = read_matrix(SEKADAU)
    with pytest.raises(NotACount):
        compare_repetition(patterns(family), family, 1, draws=draws)


def test_repetition_needs_a_family_and_draws() -> None:
    family = read_matrix(SEKADAU)
    with pytest.raises(TooFew):
        compare_repetition(patterns(family), family, 1, draws=0)
    with pytest.raises(NoFigure):
        compare_repetition(patterns(family), read_matrix([[None] * 9]), 1)


@pytest.mark.parametrize("seed", [None, True, -1, "1"])
def test_draws_that_cannot_be_repeated_are_refused(seed: Any) -> None:
    matrix = read_matrix(SEKADAU)
    with pytest.raises(Malformed, match="seed"):
        compare_repetition(patterns(matrix), matrix, seed, draws=3)
