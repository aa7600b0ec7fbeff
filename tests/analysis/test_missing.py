import json
from fractions import Fraction
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import Contradiction, Malformed, NoFigure, UnknownKey, WrongWeights
from analysis.index import index, spread
from analysis.matrix import read_matrix, tally_of
from analysis.missing import compare_cases, complete_rows, linearised, valid_rows, without

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
SEKADAU = [[int(mark) for mark in row] for row in CASES["sekadau"]["rows"]]
# Six visitors of the library of Salatiga, one of whom stopped after the fourth element. The rows are made up;
# their sums are those of the survey: 63 and 78 of the five complete rows, and 15 of the one that stopped.
SALATIGA = [
    [4, 3, 3, 3, 4, 3, 3, 3, 3],
    [3, 3, 3, 3, 3, 3, 3, 3, 3],
    [3, 3, 3, 4, 3, 3, 3, 3, 3],
    [3, 3, 3, 3, 3, 3, 3, 4, 3],
    [3, 3, 4, 3, 3, 3, 4, 3, 3],
    [4, 4, 4, 3, None, None, None, None, None],
]


def test_available_and_complete_cases_of_salatiga_differ_by_more_than_a_point():
    cases = compare_cases(read_matrix(SALATIGA))
    assert (str(cases.available.rounded), cases.available.grade) == ("79.44", "B")
    assert (str(cases.complete.rounded), cases.complete.grade) == ("78.33", "B")
    assert (cases.n, cases.valid, cases.complete_n) == (6, 5, 5)
    assert cases.difference == cases.available.ikm - cases.complete.ikm
    assert cases.differ


def test_a_response_of_less_than_half_can_be_left_out_before():
    cases = compare_cases(valid_rows(read_matrix(SALATIGA)))
    assert (cases.n, cases.difference, cases.differ) == (5, 0, False)


def test_a_difference_of_exactly_one_point_is_not_worth_a_word():
    # A four beside threes, one of 25 answers to one of nine elements: 1/9 of a point each.
    rows = [[3] * 9] * 16 + [[4] * 4 + [None] * 5] * 9
    cases = compare_cases(read_matrix(rows))
    assert cases.difference == Fraction(25 * 4 * 9, 9 * 25) == 4
    assert cases.differ
    less = compare_cases(read_matrix([[3] * 9] * 16 + [[4] + [None] * 8] * 9))
    assert (less.difference, less.differ) == (1, False)


def test_without_complete_responses_there_is_nothing_to_compare():
    cases = compare_cases(read_matrix([[4, None], [None, 2]]))
    assert cases.available.ikm == 75
    assert (cases.complete, cases.difference, cases.differ, cases.complete_n) == (None, None, False, 0)


def test_an_element_that_does_not_apply_is_no_gap():
    rows = [[3, None, 4], [3, None, 3]]
    assert compare_cases(read_matrix(rows)).complete is None
    cases = compare_cases(read_matrix(rows), {"U2"})
    assert (cases.complete.ikm, cases.complete_n, cases.available.k) == (cases.available.ikm, 2, 2)
    assert cases.available.not_applicable == ("U2",)
    assert not cases.available.comparable


def test_an_element_that_applies_and_was_never_answered_is_named():
    cases = compare_cases(read_matrix([[3, None, 4]]))
    assert (cases.available.unanswered, cases.available.not_applicable) == (("U2",), ())


def test_nobody_who_answered_is_refused():
    for matrix in (read_matrix([[None, None]]), read_matrix([], ["time"])):
        with pytest.raises(NoFigure, match="nobody answered"):
            compare_cases(matrix)
        with pytest.raises(NoFigure, match="nobody answered"):
            linearised(matrix)


def test_an_element_said_not_to_exist_has_no_answers():
    matrix = read_matrix([[3, 4], [3, None]], counts=[2, 5])
    with pytest.raises(Contradiction, match="2 answers to U2"):
        without(matrix, {"U2"})
    with pytest.raises(UnknownKey, match="no element 'U3'"):
        without(matrix, {"U3"})
    with pytest.raises(Malformed, match="at least one column"):
        without(read_matrix([[None]]), {"U1"})


def test_half_of_nine_elements_is_five():
    rows = [[4] * answered + [None] * (9 - answered) for answered in range(10)]
    assert valid_rows(read_matrix(rows)).n == 5
    assert valid_rows(without(read_matrix([[*row[:8], None] for row in rows]), {"U9"})).n == 6
    assert complete_rows(read_matrix(rows)).n == 1


def test_with_complete_answers_the_linearised_error_is_that_of_the_mean_score():
    found = linearised(read_matrix(SEKADAU))
    # scipy 1.13.1 sem of the respondents' scores: 1.2352445974526869.
    assert found.se == pytest.approx(1.2352445974526869, abs=1e-9)
    assert found.ikm == pytest.approx(CASES["sekadau"]["ikm"], abs=1e-9)
    assert (found.n, found.k, found.unanswered) == (49, 9, ())
    assert found.se == pytest.approx(spread(tally_of(read_matrix(SEKADAU))).sd / sqrt(49), rel=1e-12)


def test_the_linearised_error_of_sekadau_with_five_answers_removed_is_the_published_one():
    case = CASES["sekadau_missing"]
    rows = [list(row) for row in SEKADAU]
    for row, column in case["missing"]:
        rows[row][column] = None
    found = linearised(read_matrix(rows))
    assert (found.ikm, found.se) == pytest.approx((case["ikm"], case["se"]), abs=1e-6)
    assert found.nrr["U4"] == pytest.approx(3.608695652173913, abs=1e-12)
    assert found.nrr["U9"] == pytest.approx(3.25531914893617, abs=1e-12)


def test_weights_enter_both_the_means_and_the_error():
    # Kish's small example on one element: mean 3.5 and error 0.2672612419124244 (closed form, Taylor), x 25.
    weights = np.array([1.0, 1, 1, 2, 2, 4, 4, 5])
    found = linearised(read_matrix([[y] for y in (3, 4, 3, 2, 4, 3, 4, 4)]), weights)
    assert (found.ikm, found.nrr["U1"]) == pytest.approx((25 * 3.5, 3.5))
    assert found.se == pytest.approx(25 * 0.2672612419124244, abs=1e-9)


def test_the_linearised_error_is_that_of_a_jackknife_when_responses_are_many():
    rng = np.random.default_rng(20)
    values = np.clip(rng.normal(3, 0.8, (400, 1)) + rng.normal(0, 0.5, (400, 6)), 1, 4).round()
    rows = [[None if rng.random() < 0.2 else int(x) for x in row] for row in values]
    weights = rng.uniform(0.5, 2, 400)
    matrix = read_matrix(rows)
    found = linearised(matrix, weights)
    left_out = [linearised(matrix, np.where(np.arange(400) == i, 0, weights)).ikm for i in range(400)]
    jackknife = sqrt(399 / 400 * np.sum((np.array(left_out) - np.mean(left_out)) ** 2))
    assert found.se == pytest.approx(jackknife, rel=0.01)


def test_a_weight_of_zero_is_no_response():
    rows = [[3, 4], [2, None], [1, 1]]
    found = linearised(read_matrix(rows), np.array([1.0, 2.0, 0.0]))
    assert found == linearised(read_matrix(rows[:2]), np.array([1.0, 2.0]))
    assert found.n == 2


def test_an_element_answered_only_with_weight_zero_is_unanswered():
    found = linearised(read_matrix([[3, None], [2, 4]]), np.array([1.0, 0.0]))
    assert (found.k, found.unanswered, found.ikm) == (1, ("U2",), 75)


def test_a_single_respondent_has_no_error_and_equal_ones_have_none_to_see():
    assert linearised(read_matrix([[3, 4]])).se is None
    assert linearised(read_matrix([[3, 4]], counts=[2])).se == 0


def test_an_index_of_fours_with_odd_weights_does_not_pass_a_hundred():
    rng = np.random.default_rng(0)
    found = [
        linearised(read_matrix([[4] * k] * n), rng.uniform(0.01, 1, n))
        for k in range(1, 10)
        for n in range(1, 40)
    ]
    assert max(one.ikm for one in found) == 100
    assert max(max(one.nrr.values()) for one in found) == 4


@pytest.mark.parametrize(
    "weights",
    [[1.0, -1.0], [1.0, np.nan], [1.0, np.inf], [0.0, 0.0], [1.0], [[1.0, 1.0]], [True, True], ["1", "1"]],
)
def test_weights_that_cannot_be_are_refused(weights):
    with pytest.raises(WrongWeights):
        linearised(read_matrix([[3], [4]]), np.array(weights))


def test_answers_on_another_scale_have_no_index():
    with pytest.raises(Malformed, match="1 to 4, not 1 to 6"):
        linearised(read_matrix([[6]], scale=6))
    with pytest.raises(Malformed, match="1 to 4, not 1 to 6"):
        compare_cases(read_matrix([[6]], scale=6))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from([1, 2, 3, 4, None]), min_size=4, max_size=4), st.integers(0, 4)),
        min_size=1,
        max_size=12,
    )
)
def test_the_linearised_index_is_the_exact_one_and_counts_are_repeated_rows(patterns):
    joined = read_matrix([row for row, _ in patterns], counts=[count for _, count in patterns])
    single = read_matrix([row for row, count in patterns for _ in range(count)], joined.columns)
    exact = index(tally_of(joined))
    if exact is None:
        with pytest.raises(NoFigure):
            linearised(joined)
        return
    found, repeated = linearised(joined), linearised(single)
    assert found.ikm == pytest.approx(float(exact.ikm), abs=1e-10)
    assert (found.n, found.k, found.unanswered) == (exact.n, exact.k, exact.unanswered)
    if found.se is None:
        assert repeated.se is None
    else:
        assert found.se == pytest.approx(repeated.se, abs=1e-9)


@given(st.lists(st.floats(min_value=0.01, max_value=10), min_size=2, max_size=12), st.integers(1, 4))
def test_equal_answers_have_no_error_at_all_however_they_are_weighted(weights, answer):
    # A trace of rounding would pass for a standard error, and make a difference certain that is not.
    found = linearised(read_matrix([[answer, 5 - answer]] * len(weights)), np.array(weights))
    assert (found.ikm, found.se) == (62.5, 0)
    assert list(found.nrr.values()) == [answer, 5 - answer]


@given(st.lists(st.floats(min_value=0.01, max_value=10), min_size=2, max_size=12))
def test_who_weighs_nothing_leaves_no_trace_in_the_error(weights):
    found = linearised(read_matrix([[1]] * len(weights) + [[4]]), np.array([*weights, 0]))
    assert (found.nrr, found.se, found.n) == ({"U1": 1}, 0, len(weights))
