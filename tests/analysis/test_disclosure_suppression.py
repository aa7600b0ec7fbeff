"""What is hidden so that the rest can be published."""

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import Release, Row, Statistic, Thresholds, audit, leaks, suppress, tabulate
from analysis.errors import UnknownKey

TABLES: list[tuple[str, ...]] = [
    (),
    ("agency",),
    ("unit",),
    ("channel",),
    ("agency", "channel"),
    ("unit", "channel"),
    ("quarter",),
    ("unit", "quarter"),
    ("unit", "channel", "quarter"),
]


def crossed(table: list[list[int]]) -> Release:
    """A table with its margins and total; everybody gave 80."""
    cells = [
        Row({"row": str(i), "column": str(j)}, n, n * 80)
        for i, line in enumerate(table)
        for j, n in enumerate(line)
    ]
    return tabulate(cells, [(), ("row",), ("column",), ("row", "column")])


def hidden(release: Release) -> dict[tuple[str, ...], str | None]:
    """Reasons by the values of the cut, in the order of the names of its dimensions."""
    return {tuple(value for _, value in sorted(each.cut.items())): each.reason for each in release.hidden}


def lattice(numbers: list[int], seed: int, units: int, channels: int, quarters: int) -> Release:
    """Units of two agencies by channel and quarter, with scores drawn from the whole scale."""
    draw = random.Random(seed)
    cells = list(product(range(units), range(channels), range(quarters)))
    people = [
        Row(
            {"agency": f"A{u % 2}", "unit": f"U{u}", "channel": f"c{c}", "quarter": f"q{q}"},
            n,
            sum(draw.randint(25, 100) for _ in range(n)),
        )
        for (u, c, q), n in zip(cells, numbers, strict=True)
    ]
    return tabulate(people, TABLES)


sizes = st.one_of(st.integers(0, 12), st.integers(10, 60), st.integers(100, 400))
lattices = st.tuples(st.integers(2, 4), st.integers(1, 3), st.integers(1, 2)).flatmap(
    lambda shape: st.builds(
        lattice,
        st.lists(sizes, min_size=shape[0] * shape[1] * shape[2], max_size=shape[0] * shape[1] * shape[2]),
        st.integers(0, 99),
        *map(st.just, shape),
    )
)


def test_nothing_is_hidden_where_nothing_is_small():
    release = crossed([[40, 30], [31, 22]])
    assert suppress(release) == release


def test_a_small_cell_is_hidden_with_the_rectangle_that_costs_least():
    # The table of the validation cases suppress-*: 3 is small. In its row 25 is the smallest partner, in its
    # column 15, and 27 closes both lines.
    release = suppress(crossed([[40, 3, 25], [31, 22, 18], [12, 15, 27]]))
    assert hidden(release) == {
        ("1", "0"): "too_few",
        ("2", "0"): "protects_others",
        ("1", "2"): "protects_others",
        ("2", "2"): "protects_others",
    }
    assert leaks(release).safe


def test_two_small_cells_of_a_line_do_not_protect_each_other_if_together_they_are_too_few():
    release = suppress(crossed([[3, 4, 50], [60, 70, 80], [55, 66, 77]]))
    assert {("0", "0"), ("1", "0")} < hidden(release).keys()
    assert leaks(release).safe


def test_a_total_is_hidden_where_its_parts_are_too_few():
    release = suppress(
        tabulate(
            [
                Row({"agency": "A", "unit": "A1"}, 3, 240),
                Row({"agency": "A", "unit": "A2"}, 8, 640),
                Row({"agency": "B", "unit": "B1"}, 90, 7200),
                Row({"agency": "C", "unit": "C1"}, 60, 4800),
            ],
            [(), ("agency",), ("unit",)],
        )
    )
    reasons = hidden(release)
    assert reasons[("A",)] == "protects_others"
    # 11 can then be anything between 2 and 70; agency and unit C are the same people.
    assert reasons.keys() == {("A",), ("A1",), ("A2",), ("C",), ("C1",)}
    assert leaks(release).safe


def test_where_all_is_small_all_is_hidden_and_says_so():
    release = suppress(crossed([[1, 2], [0, 1]]))
    assert [each for each in release.statistics if each.published] == [
        Statistic({"column": "0", "row": "1"}, 0, 0)
    ]
    assert set(hidden(release).values()) == {"too_few"}


def test_figures_of_nobody_stay():
    release = suppress(crossed([[0, 3, 40], [50, 60, 70]]))
    assert ("0", "0") not in hidden(release)
    assert leaks(release).safe


def test_what_is_hidden_already_stays_hidden_and_is_protected():
    release = crossed([[40, 30], [31, 22]])
    *others, last = release.statistics
    on_request = replace(last, published=False, reason="by_request")
    result = suppress(replace(release, statistics=(*others, on_request)))
    assert hidden(result)["1", "1"] == "by_request"
    assert len(result.hidden) == 4
    assert leaks(result).safe


def test_a_mean_that_would_follow_nearly_is_protected_as_well():
    # The number of the four is open between 1 and 19, but hardly anybody of the twenty gave less than 100.
    release = tabulate(
        [
            Row({"unit": "U1"}, 12, 12 * 60),
            Row({"unit": "U2"}, 4, 400),
            Row({"unit": "U3"}, 16, 1597),
            Row({"unit": "U4"}, 30, 30 * 70),
        ],
        [(), ("unit",)],
    )
    assert hidden(suppress(release)) == {("U1",): "protects_others", ("U2",): "too_few"}
    risky = [
        replace(each, published=each.cut not in ({"unit": "U2"}, {"unit": "U3"}))
        for each in release.statistics
    ]
    result = suppress(replace(release, statistics=tuple(risky)))
    assert hidden(result).keys() == {("U1",), ("U2",), ("U3",)}
    assert leaks(result).safe


def test_crossed_traits_of_a_unit_are_hidden_as_such():
    people = [Row({"unit": "U", "sex": sex, "age": age}, 30) for sex in "fm" for age in "yo"]
    release = suppress(tabulate(people, [("unit",), ("unit", "sex"), ("unit", "sex", "age")]))
    assert set(hidden(release).values()) == {"two_way_demographic"}
    assert len(release.hidden) == 4


def test_the_agency_is_shown_more_than_the_public():
    public = crossed([[40, 7, 25], [31, 22, 18]])
    assert hidden(suppress(public))
    assert not hidden(suppress(replace(public, audience="agency")))


def test_the_same_release_is_hidden_in_the_same_way():
    numbers = [random.Random(4).choice([3, 9, 20, 45, 160]) for _ in range(24)]
    first = suppress(lattice(numbers, 1, 4, 3, 2))
    assert suppress(lattice(numbers, 1, 4, 3, 2)) == first
    assert suppress(first) == first


def test_an_unknown_audience_is_refused():
    with pytest.raises(UnknownKey):
        suppress(replace(crossed([[40, 3]]), audience="press"))


@settings(max_examples=25, deadline=None)
@given(lattices)
def test_after_suppression_the_audit_finds_nothing_and_every_small_figure_is_hidden(release: Release):
    result = suppress(release)
    assert audit(result) == []
    assert leaks(result).safe
    for before, after in zip(release.statistics, result.statistics, strict=True):
        assert (after.cut, after.n, after.total) == (before.cut, before.n, before.total)
        assert after.published == (after.reason is None)
        if 0 < after.n < 10:
            assert (after.published, after.reason) == (False, "too_few")
        elif after.n == 0:
            assert after.published
        else:
            assert after.reason in {None, "protects_others"}
    if not any(0 < each.n < 10 for each in release.statistics):
        assert result == release


ALL_NUMBERS = np.array(list(product(range(8), repeat=6)))


def selected(release: Release, cut: Mapping[str, str]) -> list[int]:
    return [i for i, row in enumerate(release.rows) if cut.items() <= row.attributes.items()]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=6, max_size=6), st.sampled_from([(3, 2), (2, 3), (6, 1)]))
def test_after_suppression_every_hidden_number_can_be_several(numbers: list[int], shape: tuple[int, int]):
    # An oracle that knows no linear programs: all numbers of the cells that fit are tried out. Up to 7 is
    # enough: from 4 or fewer, nothing has to move by more than 3 to show an interval of 3.
    rule = Thresholds(public=3, agency=3, demographic=3, relative=0)
    people = [
        Row({"unit": f"U{u}", "channel": f"c{c}"}, n)
        for (u, c), n in zip(product(range(shape[0]), range(shape[1])), numbers, strict=True)
    ]
    release = suppress(tabulate(people, [(), ("unit",), ("channel",), ("unit", "channel")]), rule)
    fits = np.full(len(ALL_NUMBERS), True)
    for each in release.statistics:
        sums = ALL_NUMBERS[:, selected(release, each.cut)].sum(axis=1)
        fits &= sums == each.n if each.published else sums >= 1
    for each in release.hidden:
        values = ALL_NUMBERS[fits][:, selected(release, each.cut)].sum(axis=1)
        assert values.max() - values.min() >= 3
