"""One table with its line totals: what its hidden cells can be."""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.disclosure import audit_table
from analysis.errors import Contradiction, Malformed, NotACount, UnknownKey

# Cases suppress-primary-only and suppress-2x2-rectangle of the validation vectors (oracle: scipy's linprog).
TABLE = [[40, 3, 25], [31, 22, 18], [12, 15, 27]]
RECTANGLE = [(0, 1), (0, 2), (1, 1), (1, 2)]

Cell = tuple[int, ...]


def possible(table: Sequence[Sequence[int]], hidden: Sequence[Cell], least: int = 0) -> Iterator[list[int]]:
    """All values of the hidden cells in whole numbers with the printed line totals, by trying them out."""
    columns = list(zip(*table, strict=True))
    limits = [min(sum(table[i]), sum(columns[j])) for i, j in hidden]
    for values in product(*(range(least, limit + 1) for limit in limits)):
        tried = [list(row) for row in table]
        for (i, j), value in zip(hidden, values, strict=True):
            tried[i][j] = value
        rows_agree = all(sum(a) == sum(b) for a, b in zip(tried, table, strict=True))
        if rows_agree and [sum(column) for column in zip(*tried, strict=True)] == [*map(sum, columns)]:
            yield list(values)


def test_a_cell_that_is_hidden_alone_follows_from_its_line():
    found = audit_table(TABLE, [(0, 1)])
    assert [(*cell,) for cell in found.cells] == [((0, 1), 3, 3.0, 3.0, True, False)]
    assert not found.safe


def test_a_rectangle_of_hidden_cells_leaves_the_intervals_of_the_validation_case():
    found = audit_table(TABLE, RECTANGLE)
    assert [(cell.cell, cell.true, cell.lo, cell.hi, cell.exact) for cell in found.cells] == [
        ((0, 1), 3, 0.0, 25.0, False),
        ((0, 2), 25, 3.0, 28.0, False),
        ((1, 1), 22, 0.0, 25.0, False),
        ((1, 2), 18, 15.0, 40.0, False),
    ]
    assert found.safe


def test_an_interval_must_be_as_wide_as_k_and_as_half_the_value():
    # All four intervals are 25 wide; half of 25, the largest value, is 12.5.
    assert audit_table(TABLE, RECTANGLE, k=25).safe
    assert not audit_table(TABLE, RECTANGLE, k=26).safe
    assert audit_table(TABLE, RECTANGLE, relative=1.0).safe
    larger = [[40, 3, 60], [31, 22, 18], [12, 15, 27]]
    # Cell (0, 2) lies between 38 and 63: 25 is less than half of 60.
    assert [cell.safe for cell in audit_table(larger, RECTANGLE).cells] == [True, False, True, True]


def test_empty_cells_that_are_shown_as_empty_make_hidden_ones_at_least_one():
    cells = audit_table(TABLE, RECTANGLE, least=1).cells
    # 28 in the row and 25 in the column of (0, 1) are shared with cells that hold one at least.
    assert [(cell.lo, cell.hi) for cell in cells] == [(1, 24), (4, 27), (1, 24), (16, 39)]


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(2, 3), st.integers(2, 3)).flatmap(
        lambda shape: st.lists(
            st.lists(st.integers(0, 6), min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        )
    ),
    st.data(),
    st.sampled_from([0, 1]),
)
def test_in_two_dimensions_the_bounds_are_those_of_all_tables_in_whole_numbers(
    table: list[list[int]], data: st.DataObject, least: int
):
    cells = [(i, j) for i in range(len(table)) for j in range(len(table[0])) if table[i][j] >= least]
    assume(cells)
    hidden = data.draw(st.lists(st.sampled_from(cells), min_size=1, max_size=4, unique=True))
    tables = list(possible(table, hidden, least))
    for number, cell in enumerate(audit_table(table, hidden, least=least).cells):
        values = [values[number] for values in tables]
        assert (cell.lo, cell.hi) == (min(values), max(values))
        assert cell.exact == (len(set(values)) == 1)


def test_one_dimension_and_three_are_tables_too():
    assert audit_table([4, 30, 8], [(0,), (2,)]).cells[0][2:4] == (0, 12)
    cube = np.arange(8).reshape(2, 2, 2) + 20
    # All lines of a cube meet in one hidden cell: it follows.
    assert audit_table(cube, [(1, 1, 1)]).cells[0].exact
    # Hidden all together, the corners move in step, every other one up: 20 to 26 by -20, 21 to 27 by 21.
    corners = audit_table(cube, list(product(range(2), repeat=3))).cells
    assert [(cell.lo, cell.hi) for cell in corners[:3]] == [(0, 41), (0, 41), (1, 42)]


def test_a_line_of_one_cell_tells_it():
    assert audit_table([[3], [20], [30]], [(0, 0), (1, 0)]).cells[0].exact


@pytest.mark.parametrize(
    "table",
    [
        [[1, 2], [3]],
        [[1, 2], 3],
        [],
        [[], []],
        "12",
        7,
        None,
    ],
)
def test_what_is_no_table_is_refused(table: object):
    with pytest.raises(Malformed):
        audit_table(table, [(0, 0)])


@pytest.mark.parametrize("entry", [-1, float("nan"), float("inf"), 2.0, True, np.bool_(True), None])
def test_a_cell_that_is_no_count_is_refused(entry: object):
    with pytest.raises(NotACount):
        audit_table([[1, 2], [3, entry]], [(0, 0)])


def test_a_cell_of_text_is_refused():
    with pytest.raises(NotACount):
        audit_table([["1", 2], [3, 4]], [(0, 0)])


def test_hidden_cells_must_be_cells_and_named_once():
    with pytest.raises(UnknownKey):
        audit_table(TABLE, [(3, 0)])
    with pytest.raises(UnknownKey):
        audit_table(TABLE, [(0,)])
    with pytest.raises(NotACount):
        audit_table(TABLE, [(-1, 0)])
    with pytest.raises(Contradiction):
        audit_table(TABLE, [(0, 1), (0, 1)])
    with pytest.raises(Malformed):
        audit_table(TABLE, [])
    with pytest.raises(Contradiction):
        audit_table([[0, 2], [3, 4]], [(0, 0)], least=1)


def test_a_rule_that_is_none_is_refused():
    with pytest.raises(Malformed):
        audit_table(TABLE, RECTANGLE, relative=float("nan"))
    with pytest.raises(NotACount):
        audit_table(TABLE, RECTANGLE, k=-1)
