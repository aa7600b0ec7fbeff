"""What must not change a figure, and what must change it in one direction only, for any responses."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.aggregation import AGGREGATIONS, aggregate
from analysis.index import index
from analysis.matrix import from_answers, read_matrix, tally_of
from analysis.missing import compare_cases, linearised, valid_rows
from analysis.perception import perception
from analysis.tally import Answered, Layout, Tally, tally_responses

K = 4
COLUMNS = ("time", "cost", "product", "behaviour")
LAYOUT = Layout(COLUMNS, 4, ("trust",), 5, (("recommend", 11), ("coached", 2)))

cells = st.sampled_from([1, 2, 3, 4, None])
rows = st.lists(cells, min_size=K, max_size=K)
tables = st.lists(rows, min_size=1, max_size=15).filter(lambda table: any(any(row) for row in table))
quick = settings(max_examples=40, deadline=None)


def exact(table, columns=COLUMNS, counts=None):
    return index(tally_of(read_matrix(table, columns, counts=counts)))


def approximate(table, weights=None, columns=COLUMNS):
    return linearised(read_matrix(table, columns), weights)


def same(found, expected):
    """The two linearised figures agree as far as floating point goes."""
    assert (found.n, found.k, found.unanswered) == (expected.n, expected.k, expected.unanswered)
    assert found.ikm == pytest.approx(expected.ikm, abs=1e-9)
    assert found.nrr == pytest.approx(expected.nrr, abs=1e-9)
    assert found.se == (None if expected.se is None else pytest.approx(expected.se, abs=1e-7))


def text(row):
    return "".join("0" if cell is None else str(cell) for cell in row)


@quick
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_respondents_changes_nothing(table, random):
    mixed = random.sample(table, len(table))
    assert exact(mixed) == exact(table)
    assert compare_cases(read_matrix(mixed)) == compare_cases(read_matrix(table))
    same(approximate(mixed), approximate(table))


@quick
@given(tables)
def test_ordering_respondents_by_their_score_changes_nothing(table):
    by_score = sorted(table, key=lambda row: sum(cell or 0 for cell in row), reverse=True)
    for ordered in (by_score, by_score[::-1]):
        assert exact(ordered) == exact(table)
        assert valid_rows(read_matrix(ordered)).n == valid_rows(read_matrix(table)).n
        same(approximate(ordered), approximate(table))


@quick
@given(tables, st.permutations(range(K)))
def test_the_order_of_elements_changes_nothing(table, order):
    permuted = [[row[place] for place in order] for row in table]
    names = tuple(COLUMNS[place] for place in order)
    before, after = exact(table), exact(permuted, names)
    assert (after.ikm, after.nrr, after.grade) == (before.ikm, before.nrr, before.grade)
    assert (set(after.lowest), set(after.unanswered)) == (set(before.lowest), set(before.unanswered))
    found, expected = approximate(permuted, columns=names), approximate(table)
    assert (found.ikm, found.se) == pytest.approx((expected.ikm, expected.se), abs=1e-7)


@quick
@given(tables, st.integers(2, 6))
def test_replicating_every_response_leaves_the_index_and_shrinks_its_error(table, times):
    once, often = approximate(table), approximate(table * times)
    assert exact(table * times).ikm == exact(table).ikm
    assert often.ikm == pytest.approx(once.ikm)
    assume(once.se)
    assert often.se == pytest.approx(once.se * sqrt((once.n - 1) / (once.n * times - 1)))
    assert often.se < once.se


@quick
@given(tables)
def test_a_response_of_nothing_but_fours_raises_the_index(table):
    before, after = exact(table).ikm, exact([*table, [4] * K]).ikm
    assert after > before or before == after == 100


@quick
@given(tables)
def test_a_response_of_nothing_but_ones_lowers_the_index(table):
    before, after = exact(table).ikm, exact([*table, [1] * K]).ikm
    assert after < before or before == after == 25


@quick
@given(tables, st.data())
def test_a_better_answer_never_lowers_the_index(table, data):
    answered = [(i, j) for i, row in enumerate(table) for j, cell in enumerate(row) if cell and cell < 4]
    assume(answered)
    i, j = data.draw(st.sampled_from(answered))
    better = [list(row) for row in table]
    better[i][j] += 1
    assert exact(better).ikm > exact(table).ikm
    assert approximate(better).ikm > approximate(table).ikm


@quick
@given(tables)
def test_turning_every_answer_round_mirrors_the_index_and_keeps_its_error(table):
    turned = [[None if cell is None else 5 - cell for cell in row] for row in table]
    assert exact(turned).ikm == 125 - exact(table).ikm
    found, expected = approximate(turned), approximate(table)
    assert found.ikm == pytest.approx(125 - expected.ikm)
    assert found.se == (None if expected.se is None else pytest.approx(expected.se, abs=1e-7))


@quick
@given(tables, st.data(), st.sampled_from([1e-200, 0.37, 7.0, 1e200]))
def test_weights_scaled_by_a_constant_change_nothing(table, data, constant):
    weights = np.array(data.draw(st.lists(st.floats(0.1, 9), min_size=len(table), max_size=len(table))))
    same(approximate(table, weights * constant), approximate(table, weights))


@quick
@given(tables, st.floats(1e-3, 1e3))
def test_equal_weights_are_no_weights(table, weight):
    same(approximate(table, np.full(len(table), weight)), approximate(table))


@quick
@given(tables, st.data())
def test_whole_weights_give_the_index_of_repeated_responses(table, data):
    times = data.draw(st.lists(st.integers(1, 4), min_size=len(table), max_size=len(table)))
    repeated = [row for row, number in zip(table, times, strict=True) for _ in range(number)]
    found = approximate(table, np.array(times, float))
    assert found.ikm == pytest.approx(float(exact(repeated).ikm))


@quick
@given(tables, st.data())
def test_counts_are_repeated_responses(table, data):
    counts = data.draw(st.lists(st.integers(0, 4), min_size=len(table), max_size=len(table)))
    repeated = [row for row, number in zip(table, counts, strict=True) for _ in range(number)]
    assert exact(table, counts=counts) == exact(repeated)
    patterns = [(text(row) + "-00", number) for row, number in zip(table, counts, strict=True)]
    assert index(tally_of(from_answers(LAYOUT, patterns, COLUMNS))) == exact(repeated)


@quick
@given(tables, st.lists(st.text("012", min_size=3, max_size=3), min_size=15, max_size=15))
def test_other_questions_do_not_enter_the_index(table, others):
    answers = [text(row) + other for row, other in zip(table, others, strict=False)]
    found = index(tally_responses(LAYOUT, map(Answered, answers)))
    assert found == exact(table)
    chosen = from_answers(LAYOUT, [(one, 1) for one in answers], COLUMNS)
    same(linearised(chosen), approximate(table))


@quick
@given(tables, st.data())
def test_the_tallies_of_parts_add_up_to_the_whole(table, data):
    part_of = data.draw(st.lists(st.sampled_from("abc"), min_size=len(table), max_size=len(table)))
    parts = {
        part: tally_of(
            read_matrix([row for row, one in zip(table, part_of, strict=True) if one == part], COLUMNS)
        )
        for part in "abc"
    }
    whole = sum(parts.values(), Tally.zero(Layout(COLUMNS)))
    assert whole == tally_of(read_matrix(table, COLUMNS))
    assert aggregate("pooled", parts).ikm == exact(table).ikm
    assert perception(whole) == perception(tally_of(read_matrix(table, COLUMNS)))


@quick
@given(tables, tables, tables, st.permutations(["a", "b", "c"]))
def test_the_order_of_services_changes_no_aggregate(first, second, third, order):
    services = {
        name: tally_of(read_matrix(table, COLUMNS))
        for name, table in zip("abc", (first, second, third), strict=True)
    }
    used = {"a": 20, "b": 50, "c": 100}
    mixed = {name: services[name] for name in order}
    for name in AGGREGATIONS:
        assert aggregate(name, mixed, used).ikm == aggregate(name, services, used).ikm


@quick
@given(tables)
def test_an_element_that_does_not_exist_is_as_if_it_had_not_been_in_the_questionnaire(table):
    widened = [[*row, None] for row in table]
    found = compare_cases(read_matrix(widened, (*COLUMNS, "fee")), {"fee"})
    expected = compare_cases(read_matrix(table, COLUMNS))
    assert (found.available.ikm, found.available.nrr) == (expected.available.ikm, expected.available.nrr)
    assert (found.complete, found.valid, found.differ) == (expected.complete, expected.valid, expected.differ)
