import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import Malformed, NotACount, OutOfScale, UnknownKey
from analysis.index import index
from analysis.matrix import Matrix, from_answers, raw, read_matrix, tally_of
from analysis.tally import Answered, Layout, tally_responses

CASES = json.loads((Path(__file__).parent / "cases.json").read_text("utf-8"))
MIXED = Layout(("time", "cost"), 4, ("trust",), 5, (("recommend", 11),))


def rows_of(case):
    return [[int(mark) for mark in row] for row in CASES[case]["rows"]]


def test_the_laboratory_table_is_refused_for_the_five_in_row_17():
    # Scribd 429061031, reliability block: published as 86.63 with the 5 counted in.
    with pytest.raises(OutOfScale, match="row 17, column U2: 5 is not an answer from 1 to 4") as refused:
        read_matrix(rows_of("laboratory"))
    assert (refused.value.row, refused.value.column, refused.value.value) == (17, "U2", 5)


def test_sekadau_read_as_a_matrix_has_its_index():
    matrix = read_matrix(rows_of("sekadau"))
    assert matrix.columns == tuple(f"U{number}" for number in range(1, 10))
    assert (matrix.n, matrix.scale) == (49, 4)
    assert float(index(tally_of(matrix)).ikm) == pytest.approx(CASES["sekadau"]["ikm"], abs=1e-9)


def test_none_is_not_answered():
    matrix = read_matrix([[1, None], [None, 4]], ["time", "cost"])
    assert np.isnan(matrix.values).tolist() == [[False, True], [True, False]]
    assert matrix.columns == ("time", "cost")


@pytest.mark.parametrize("cell", [3.0, float("nan"), float("inf"), True, "3", [3]])
def test_only_whole_numbers_are_answers(cell):
    with pytest.raises(Malformed, match=r"row 2, column U1: .* is not a whole number"):
        read_matrix([[3, 3], [cell, 3]])


@pytest.mark.parametrize("cell", [0, -1, 5, 10**30])
def test_whole_numbers_off_the_scale_are_refused(cell):
    with pytest.raises(OutOfScale, match="row 1, column U2"):
        read_matrix([[3, cell]])


def test_whole_numbers_of_numpy_are_answers():
    assert read_matrix([[np.int64(3), np.int8(4)]]).values.tolist() == [[3.0, 4.0]]


def test_another_scale_has_other_bounds():
    matrix = read_matrix([[6, 1]], scale=6)
    assert (matrix.scale, matrix.values.tolist()) == (6, [[6, 1]])
    with pytest.raises(OutOfScale, match="from 1 to 6"):
        read_matrix([[7]], scale=6)


@pytest.mark.parametrize("scale", [1, 36, True, 4.0])
def test_a_scale_that_cannot_be_stored_is_refused(scale):
    with pytest.raises(Malformed, match="a scale ends between 2 and 35"):
        read_matrix([[1]], scale=scale)


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        ([[1, 2], [1]], None, "row 2 has 1 answers for 2 columns"),
        ([[1, 2]], ["time"], "row 1 has 2 answers for 1 columns"),
        ([[1, 2]], ["time", "time"], "share a name"),
        ([], None, "columns must be named"),
        ([[]], None, "at least one column"),
    ],
)
def test_tables_of_the_wrong_shape_are_refused(rows, columns, message):
    with pytest.raises(Malformed, match=message):
        read_matrix(rows, columns)


@pytest.mark.parametrize("counts", [[1, -1], [1, 1.0], [1, True], [1, 2**60], [1, float("nan")]])
def test_numbers_of_respondents_are_whole_and_not_negative(counts):
    with pytest.raises(NotACount):
        read_matrix([[1], [2]], counts=counts)
    with pytest.raises(NotACount):
        from_answers(Layout(("time",)), zip("12", counts, strict=True), ["time"])


def test_counts_of_another_length_are_refused():
    with pytest.raises(Malformed, match=r"counts of shape \(1,\) for 2 rows"):
        read_matrix([[1], [2]], counts=[3])


def test_no_rows_make_a_matrix_without_respondents():
    matrix = read_matrix([], ["time"])
    assert (matrix.n, matrix.values.shape) == (0, (0, 1))
    assert tally_of(matrix).n == 0


def test_a_matrix_made_of_arrays_is_checked_as_well():
    with pytest.raises(OutOfScale, match=r"row 2, column b: 2\.5"):
        Matrix(("a", "b"), np.array([[1.0, np.nan], [4.0, 2.5]]), np.array([1, 1]), (4, 4))
    with pytest.raises(Malformed, match="2 answers in a row of 1 columns"):
        Matrix(("a",), np.array([[1.0, 2.0]]), np.array([1]), (4,))
    with pytest.raises(Malformed, match="2 scales for 1 columns"):
        Matrix(("a",), np.array([[1.0]]), np.array([1]), (4, 4))


def test_a_matrix_keeps_its_own_arrays_and_nobody_can_change_them():
    values = np.array([[1.0]])
    matrix = Matrix(("a",), values, np.array([1]), (4,))
    values[0, 0] = 4
    assert matrix.values[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        matrix.values[0, 0] = 4
    with pytest.raises(ValueError, match="read-only"):
        matrix.counts[0] = 4


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([1.0, 2.0]), "shape"),
        (np.empty((3, 0)), "shape"),
        (np.array([["3"]]), "answers are numbers"),
        (np.array([[True]]), "answers are numbers"),
        (np.array([[1.0, -np.inf]]), "row 1, column 2 is infinite"),
    ],
)
def test_raw_responses_are_a_table_of_finite_numbers(values, message):
    with pytest.raises(Malformed, match=message):
        raw(values)


@pytest.mark.parametrize("counts", [np.array([-1]), np.array([1.0]), np.array([True])])
def test_raw_counts_are_whole_and_not_negative(counts):
    with pytest.raises(NotACount):
        raw(np.array([[1.0]]), counts)


def test_raw_responses_without_counts_count_one_each():
    values, counts = raw(np.array([[1], [2]]))
    assert (values.dtype, counts.tolist()) == (np.float64, [1, 1])


def test_stored_answers_become_a_matrix_of_the_wanted_items_in_the_wanted_order():
    matrix = from_answers(MIXED, [("13-b", 2), ("4051", 3)], ["recommend", "time", "trust"])
    assert (matrix.columns, matrix.scales) == (("recommend", "time", "trust"), (11, 4, 5))
    rows = {tuple(row): n for row, n in zip(matrix.values.tolist(), matrix.counts.tolist(), strict=True)}
    assert rows[1.0, 4.0, 5.0] == 3
    assert [n for row, n in rows.items() if row[:2] == (11.0, 1.0) and np.isnan(row[2])] == [2]


def test_skipped_and_not_asked_are_both_not_answered():
    matrix = from_answers(MIXED, [("0-11", 1)], ["time", "cost"])
    assert np.isnan(matrix.values).all()


def test_equal_rows_of_stored_answers_are_joined():
    # What differs between them was not asked for.
    matrix = from_answers(MIXED, [("1311", 2), ("1322", 3), ("1411", 1)], ["time", "cost"])
    assert sorted(zip(matrix.values.tolist(), matrix.counts.tolist(), strict=True)) == [
        ([1.0, 3.0], 5),
        ([1.0, 4.0], 1),
    ]


@pytest.mark.parametrize(
    ("answers", "column", "value"), [("1511", "cost", "5"), ("111c", "recommend", "c"), ("1x11", "cost", "x")]
)
def test_a_character_that_is_no_answer_is_refused(answers, column, value):
    with pytest.raises(OutOfScale) as refused:
        from_answers(MIXED, [("1111", 1), (answers, 1)], ["time", "cost", "recommend"])
    assert (refused.value.row, refused.value.column, refused.value.value) == (2, column, value)


@pytest.mark.parametrize("mark", ["B", "²", "é", "٣"])
def test_letters_and_digits_of_other_alphabets_are_no_answers(mark):
    with pytest.raises(OutOfScale):
        from_answers(MIXED, [(f"111{mark}", 1)], ["recommend"])


def test_stored_answers_of_another_layout_are_refused():
    with pytest.raises(Malformed, match="row 1 has 3 answers for 4 items"):
        from_answers(MIXED, [("111", 1)], ["time"])
    with pytest.raises(UnknownKey, match="no item 'smile'"):
        from_answers(MIXED, [], ["smile"])
    with pytest.raises(Malformed, match="share a name"):
        from_answers(MIXED, [], ["time", "time"])


def test_no_stored_answers_make_a_matrix_without_respondents():
    assert from_answers(MIXED, [], ["time", "trust"]).n == 0


def test_columns_on_several_scales_have_no_common_scale_and_no_tally():
    matrix = from_answers(MIXED, [("1111", 1)], ["time", "trust"])
    with pytest.raises(Malformed, match="several scales"):
        tally_of(matrix)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text("01234-", min_size=3, max_size=3), st.integers(0, 5)), max_size=20))
def test_the_tally_of_a_matrix_is_the_tally_of_its_responses(patterns):
    layout = Layout(("a", "b", "c"))
    repeated = [Answered(answers) for answers, count in patterns for _ in range(count)]
    expected = tally_responses(layout, repeated)
    assert tally_of(from_answers(layout, patterns, layout.elements)) == expected
    rows = [[int(mark) if mark in "1234" else None for mark in answers] for answers, _ in patterns]
    assert tally_of(read_matrix(rows, layout.elements, counts=[n for _, n in patterns])) == expected


def test_squares_of_sixteen_elements_do_not_overflow():
    # 720720 x 4, squared, a million times, is beyond 64 bits.
    keys = [f"e{number}" for number in range(16)]
    tally = tally_of(read_matrix([[4] * 16], keys, counts=[10**6]))
    assert tally.count("score_sumsq") == (4 * 720720) ** 2 * 10**6


@pytest.mark.parametrize("counts", [np.array([2**63 + 5, 1], np.uint64), np.array([2**62, 2**62])])
def test_more_respondents_than_can_be_counted_are_refused(counts):
    with pytest.raises(NotACount, match="too many"):
        raw(np.ones((2, 2)), counts)
