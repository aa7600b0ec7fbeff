"""What the published figures of one release give away of the hidden ones."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import Leak, Release, Row, Statistic, Thresholds, audit, leaks, tabulate


def rows(numbers: Mapping[tuple[str, ...], int], names: tuple[str, ...], mean: int = 80) -> list[Row]:
    return [Row(dict(zip(names, cell, strict=True)), n, n * mean) for cell, n in numbers.items()]


def hide(release: Release, *cuts: Mapping[str, str]) -> Release:
    """The same release without some of its figures."""
    assert all(any(each.cut == cut for each in release.statistics) for cut in cuts)
    statistics = [
        replace(each, published=False, reason="too_few") if each.cut in cuts else each
        for each in release.statistics
    ]
    return replace(release, statistics=tuple(statistics))


def units(*numbers: int, mean: int = 80) -> Release:
    """An agency with units U1, U2, ... and its total."""
    named = {(f"U{i}",): n for i, n in enumerate(numbers, 1)}
    return tabulate(rows(named, ("unit",), mean), [(), ("unit",)])


def cell(found: list[Leak], **cut: str) -> Leak:
    (leak,) = (leak for leak in found if leak.cut == cut)
    return leak


def test_a_release_without_anything_hidden_or_small_gives_nothing_away():
    assert audit(units(20, 30, 40)) == []
    assert leaks(units(20, 30, 40)).safe


def test_the_only_hidden_unit_of_an_agency_follows_with_its_mean():
    found = audit(hide(units(3, 30, 40), {"unit": "U1"}))
    assert len(found) == 1
    leak = cell(found, unit="U1")
    assert (leak.reason, leak.n, leak.low, leak.high, leak.exact) == ("recoverable", 3, 3, 3, True)
    assert leak.mean_low == pytest.approx(80)
    assert leak.mean_high == pytest.approx(80)
    assert {} in leak.through


def test_all_and_all_but_one_reveal_the_one():
    # 42 answers with a mean of 81.5 and, without one of them, 41 with 82.0: that one gave 61.
    people = [Row({"channel": "web"}, 41, 41 * 82), Row({"channel": "kiosk"}, 1, 61)]
    leak = cell(audit(hide(tabulate(people, [(), ("channel",)]), {"channel": "kiosk"})), channel="kiosk")
    assert (leak.low, leak.high) == (1, 1)
    assert leak.mean_low == pytest.approx(61)
    assert leak.mean_high == pytest.approx(61)


def test_two_hidden_units_protect_each_other_if_together_they_are_enough():
    # The larger of them is at most 12 - 1, as the other has at least one: an interval of 10.
    assert audit(hide(units(3, 9, 40), {"unit": "U1"}, {"unit": "U2"})) == []
    found = audit(hide(units(3, 8, 40), {"unit": "U1"}, {"unit": "U2"}))
    assert {(leak.reason, leak.low, leak.high) for leak in found} == {("narrow", 1, 10)}


def test_if_empty_cells_look_like_hidden_ones_a_hidden_one_can_be_empty():
    release = hide(units(3, 7, 40), {"unit": "U1"}, {"unit": "U2"})
    assert audit(release, Thresholds(least=0)) == []
    assert audit(release) != []


def test_hidden_units_that_are_together_too_few_are_a_group_of_too_few():
    found = audit(hide(units(3, 4, 40), {"unit": "U1"}, {"unit": "U2"}))
    (both,) = (leak for leak in found if leak.reason == "difference")
    assert (both.n, both.exact, both.mean_low) == (7, True, pytest.approx(80))
    assert [dict(each) for each in both.cells] == [{"unit": "U1"}, {"unit": "U2"}]


def test_a_large_figure_is_hidden_in_vain_if_it_follows_to_within_half_its_value():
    release = hide(units(12, 100, 40), {"unit": "U1"}, {"unit": "U2"})
    assert audit(release) == []  # 100 is between 1 and 111
    table = tabulate(
        rows({("web", "1"): 100, ("web", "2"): 12, ("desk", "1"): 9, ("desk", "2"): 10}, ("channel", "unit")),
        [("channel",), ("unit",), ("unit", "channel")],
    )
    hidden = hide(table, *(each.cut for each in table.statistics if len(each.cut) == 2))
    found = audit(hidden)
    # 100 can grow by 8 at the cost of the 9, and shrink by 9 at the cost of the 10: an interval of 17.
    assert [(leak.n, leak.high - leak.low, leak.reason) for leak in found] == [(100, 17, "narrow")]
    assert audit(hidden, Thresholds(relative=0.17)) == []


def test_totals_of_another_table_give_a_cell_away():
    # Each line hides two cells or none; unit and channel totals together still tell the cell of U1.
    numbers = {("U1", "web"): 4, ("U1", "desk"): 30, ("U2", "web"): 20, ("U2", "desk"): 25}
    release = tabulate(rows(numbers, ("unit", "channel")), [(), ("unit",), ("channel",), ("unit", "channel")])
    hidden = hide(release, {"unit": "U1", "channel": "web"}, {"unit": "U1", "channel": "desk"})
    assert cell(audit(hidden), unit="U1", channel="web").exact


def test_a_hierarchy_is_what_its_rows_say():
    numbers = {("A", "A1"): 4, ("A", "A2"): 30, ("B", "B1"): 20, ("B", "B2"): 6}
    release = tabulate(rows(numbers, ("agency", "unit")), [(), ("agency",), ("unit",)])
    hidden = hide(release, {"unit": "A1"}, {"unit": "A2"}, {"unit": "B2"})
    assert [dict(leak.cut) for leak in audit(hidden)] == [{"unit": "B2"}]
    # With the agencies hidden, the total of the province still has room for all.
    assert audit(hide(hidden, {"agency": "A"}, {"agency": "B"}, {"unit": "B1"})) == []


def test_the_same_people_under_another_name_give_them_away():
    # Unit U1 offers one service only.
    numbers = {("U1", "permit"): 4, ("U2", "permit"): 30, ("U2", "tax"): 30, ("U3", "permit"): 12}
    release = tabulate(rows(numbers, ("unit", "service")), [("unit",), ("unit", "service")])
    leak = cell(audit(hide(release, {"unit": "U1"})), unit="U1")
    assert leak.exact
    assert leak.through == ({"service": "permit", "unit": "U1"},)


def test_a_difference_of_figures_that_is_no_cell_of_any_table_is_found():
    # Published by unit for the web only: the rest of U1 are three who came to the desk.
    numbers = {("U1", "web"): 30, ("U1", "desk"): 3, ("U2", "web"): 30, ("U2", "desk"): 30}
    release = tabulate(rows(numbers, ("unit", "channel")), [("unit",), ("unit", "channel")])
    without = replace(
        release, statistics=tuple(each for each in release.statistics if each.cut.get("channel") != "desk")
    )
    (leak,) = audit(without)
    assert (dict(leak.cut), leak.n, leak.exact) == ({"unit": "U1", "channel": "desk"}, 3, True)


def test_figures_that_overlap_are_not_subtracted_twice():
    # Of 100 the first row and the first column are known; the rest of both could be anybody's.
    numbers = {("r", "c"): 30, ("r", "d"): 20, ("s", "c"): 44, ("s", "d"): 6}
    release = tabulate(rows(numbers, ("row", "column")), [(), ("row",), ("column",), ("row", "column")])
    shown: list[dict[str, str]] = [{}, {"row": "r"}, {"column": "c"}]
    others = [each.cut for each in release.statistics if each.cut not in shown]
    found = audit(hide(release, *others), Thresholds(relative=0))
    # What follows are the other row and column; the 6 in both can be up to 26.
    assert {tuple(leak.cut.items()) for leak in found} == {(("row", "s"),), (("column", "d"),)}


def test_people_are_whole():
    # Three groups, each pair of them with some others eleven: the three are 16 at most, not 33 / 2; and the
    # seventh group, with which they are 20, is at least 4.
    def row(p: str, q: str, r: str, three: str, seven: str, n: int) -> Row:
        return Row({"p": p, "q": q, "r": r, "three": three, "seven": seven}, n)

    people = [
        row("1", "0", "1", "1", "1", 5),
        row("1", "1", "0", "1", "1", 5),
        row("0", "1", "1", "1", "1", 5),
        row("1", "2", "2", "0", "0", 1),
        row("2", "1", "3", "0", "2", 1),
        row("3", "3", "1", "0", "3", 1),
        row("4", "4", "4", "7", "1", 5),
    ]
    release = tabulate(people, [("p",), ("q",), ("r",), ("seven",), ("three",)])
    told = [each for each in release.statistics if set(each.cut.items()) & {(name, "1") for name in "pqr"}]
    told += [each for each in release.statistics if each.cut == {"seven": "1"}]
    three, seventh = (
        replace(each, published=False) for each in release.statistics if each.cut.get("three") in {"1", "7"}
    )
    found = audit(replace(release, statistics=(*told, three, seventh)), Thresholds(public=20))
    assert (cell(found, three="1").low, cell(found, three="1").high) == (1, 16)
    assert (cell(found, three="7").low, cell(found, three="7").high) == (4, 19)


def test_a_group_from_parts_that_are_not_linked_has_one_mean():
    people = [
        Row({"agency": "A", "unit": "A2", "kind": "y"}, 8, 320),
        Row({"agency": "A", "unit": "A1", "kind": "x"}, 4, 160),
        Row({"agency": "B", "unit": "B1", "kind": "x"}, 5, 500),
    ]
    release = tabulate(people, [("agency",), ("unit",), ("kind",)])
    hidden = hide(release, {"unit": "A1"}, {"unit": "A2"}, {"unit": "B1"}, {"kind": "x"}, {"kind": "y"})
    leak = cell(audit(hidden, Thresholds(public=30)), kind="x")
    assert (leak.low, leak.high) == (6, 16)
    # The five of B gave 100. Of the twelve of A, who have 180 points above the lowest, 180 / 75 can have all
    # of them, which leaves 9.6 with 25 each.
    assert leak.mean_low == pytest.approx((9.6 * 25 + 500) / 14.6)
    assert leak.mean_high == pytest.approx(100)


def test_scores_at_the_end_of_the_scale_tell_numbers():
    # All of the row gave 100 and all of the column 25, so that nobody is in both.
    numbers = {("r", "c"): (0, 0), ("r", "d"): (12, 1200), ("s", "c"): (12, 300), ("s", "d"): (12, 960)}
    people = [Row({"row": r, "column": c}, n, total) for (r, c), (n, total) in numbers.items()]
    release = tabulate(people, [("row",), ("column",), ("row", "column")])
    hidden = hide(release, *(each.cut for each in release.statistics if len(each.cut) == 2 and each.n))
    hidden = replace(
        hidden, statistics=tuple(each for each in hidden.statistics if each.n or len(each.cut) == 1)
    )
    assert cell(audit(hidden), row="r", column="d").exact
    # Without scores the same table leaves everything open.
    numbers_only = [replace(row, total=None) for row in hidden.rows]
    without = replace(
        hidden,
        rows=tuple(numbers_only),
        statistics=tuple(replace(each, total=None) for each in hidden.statistics),
    )
    assert audit(without) == []


def test_a_number_that_is_shown_without_its_mean_keeps_its_mean():
    people = [Row({"sex": "female"}, 7, 7 * 60), Row({"sex": "male"}, 43, 43 * 80)]
    release = tabulate(people, [(), ("sex",)])
    shown = [
        replace(each, total=None) if each.cut.get("sex") == "female" else each for each in release.statistics
    ]
    leak = cell(audit(replace(release, statistics=tuple(shown))), sex="female")
    assert (leak.reason, leak.n, leak.low, leak.high) == ("mean_recoverable", 7, 7, 7)
    assert leak.mean_low == pytest.approx(60)
    numbers_only = [each if not each.cut else replace(each, total=None) for each in release.statistics]
    assert audit(replace(release, statistics=tuple(numbers_only))) == []


def test_a_mean_that_follows_nearly_is_a_leak_while_the_number_stays_open():
    # Twenty who gave 100 but for three points, and twelve of them are published: the other eight are two
    # hidden units whose members gave nearly 100, whatever the split.
    people = [
        Row({"unit": "U1"}, 12, 12 * 60),
        Row({"unit": "U2"}, 4, 400),
        Row({"unit": "U3"}, 16, 1597),
    ]
    release = hide(tabulate(people, [(), ("unit",)]), {"unit": "U2"}, {"unit": "U3"})
    leak = cell(audit(release), unit="U2")
    assert leak.reason == "mean_narrow"
    assert (leak.mean_low, leak.mean_high) == (pytest.approx(97), pytest.approx(100))
    assert audit(release, Thresholds(mean_width=2)) == []


def test_a_figure_in_which_everybody_agrees_tells_of_its_parts_by_itself():
    everybody = hide(units(4, 20, mean=100), {"unit": "U1"}, {"unit": "U2"})
    assert audit(everybody) == []
    nobody = hide(units(4, 20, mean=25), {"unit": "U1"}, {"unit": "U2"})
    assert audit(nobody) == []


def test_the_units_of_scores_do_not_matter():
    hidden = hide(units(3, 30, 40), {"unit": "U1"})
    finer = [replace(row, total=(row.total or 0) * 504 // 5) for row in hidden.rows]
    scaled = tabulate(finer, [(), ("unit",)], scale=(2520, 10080))
    leak = cell(audit(hide(scaled, {"unit": "U1"})), unit="U1")
    assert leak.mean_low == pytest.approx(80)


def test_the_agency_sees_more_of_itself():
    small = tabulate(rows({("U1",): 5, ("U2",): 9}, ("unit",)), [(), ("unit",)], audience="agency")
    assert leaks(small).safe
    public = leaks(replace(small, audience="public"))
    assert [(leak.reason, dict(leak.cut)) for leak in public.leaks] == [
        ("too_few", {"unit": "U1"}),
        ("too_few", {"unit": "U2"}),
    ]
    assert not public.safe


def test_two_traits_are_not_crossed_within_a_unit():
    people = [
        Row({"unit": "U1", "sex": sex, "age": age}, 30) for sex in ("f", "m") for age in ("young", "old")
    ]
    by_unit = leaks(tabulate(people, [("unit", "sex"), ("unit", "age"), ("unit", "sex", "age")]))
    assert {leak.reason for leak in by_unit.leaks} == {"two_way_demographic"}
    assert len(by_unit.leaks) == 4
    assert leaks(tabulate(people, [("unit", "sex"), ("sex", "age")])).safe
    allowed = Thresholds(two_way_at_unit=True)
    assert leaks(tabulate(people, [("unit", "sex", "age")]), thresholds=allowed).safe


def test_how_many_there_are_of_a_trait_is_shown_from_five():
    people = [Row({"unit": "U1", "sex": "f"}, 4), Row({"unit": "U1", "sex": "m"}, 5)]
    report = leaks(tabulate(people, [("unit", "sex")]))
    assert [(leak.reason, leak.cut["sex"]) for leak in report.leaks] == [("too_few", "f")]


def test_figures_of_nobody_are_shown():
    assert leaks(units(0, 20)).safe


def test_the_report_says_what_is_hidden_and_how_much_is_shown():
    release = hide(units(3, 30, 40), {"unit": "U1"})
    report = leaks(release)
    assert not report.safe
    assert report.published == 3
    assert report.hidden == (Statistic({"unit": "U1"}, 3, 240, False, "too_few"),)
    assert report.earlier == ()


CELLS = list(product("xy", "ab", "12"))
CUTS: list[tuple[str, ...]] = [
    (), ("r",), ("c",), ("p",), ("r", "c"), ("r", "p"), ("c", "p"), ("r", "c", "p"),
]  # fmt: skip
LENIENT = Thresholds(public=3, agency=3, demographic=3, mean_width=0, revision=3)


ALL_NUMBERS = np.array(list(product(range(5), repeat=6)))


def selected(release: Release, cut: Mapping[str, str]) -> list[int]:
    return [i for i, row in enumerate(release.rows) if cut.items() <= row.attributes.items()]


def worlds(release: Release) -> np.ndarray:
    """All numbers of six rows, up to 4, that agree with what is published and marked as hidden."""
    fits = np.full(len(ALL_NUMBERS), True)
    for each in release.statistics:
        sums = ALL_NUMBERS[:, selected(release, each.cut)].sum(axis=1)
        fits &= sums == each.n if each.published else sums >= 1
    return ALL_NUMBERS[fits]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
    st.sampled_from([CELLS[:6], CELLS[1:7], CELLS[2:]]),
    st.lists(st.sampled_from(CUTS), min_size=2, max_size=4, unique=True),
    st.data(),
)
def test_bounds_contain_every_world_that_fits_and_find_whatever_only_one_number_fits(
    numbers: list[int], cells: list[tuple[str, ...]], cuts: list[tuple[str, ...]], data: st.DataObject
):
    people = [Row(dict(zip("rcp", cell, strict=True)), n) for cell, n in zip(cells, numbers, strict=True)]
    release = tabulate(people, cuts)
    with_people = [each.cut for each in release.statistics if each.n]
    if not with_people:
        return
    hidden = hide(release, *data.draw(st.lists(st.sampled_from(with_people), min_size=1, max_size=6)))
    # Cuts that select the same people are one leak.
    found = {tuple(selected(hidden, leak.cut)): leak for leak in audit(hidden, LENIENT) if not leak.cells}
    possible = worlds(hidden)
    for each in hidden.hidden:
        values = set(possible[:, selected(hidden, each.cut)].sum(axis=1))
        leak = found.get(tuple(selected(hidden, each.cut)))
        if leak is not None:
            assert leak.low <= min(values) <= max(values) <= leak.high
        if len(values) == 1:
            assert leak is not None
        if max(values) - min(values) >= LENIENT.public:
            assert leak is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.floats(0, 1)), min_size=4, max_size=4))
def test_means_contain_every_split_of_numbers_and_scores_that_fits(drawn: list[tuple[int, float]]):
    # Scores of 0 and 1; of a table of four with both margins shown one cell determines the others.
    n = [number for number, _ in drawn]
    t = [round(number * share) for number, share in drawn]
    people = [Row({"r": r, "c": c}, n[i], t[i]) for i, (r, c) in enumerate(product("xy", "ab"))]
    release = tabulate(people, [("r",), ("c",), ("r", "c")], scale=(0, 1))
    hidden = hide(release, *(each.cut for each in release.statistics if len(each.cut) == 2 and each.n))
    hidden = replace(
        hidden, statistics=tuple(each for each in hidden.statistics if each.n or len(each.cut) == 1)
    )
    least = [int(number > 0) for number in n]
    seen: list[set[tuple[int, float]]] = [set() for _ in n]
    for number in range(n[0] + n[1] + 1):
        split = [number, n[0] + n[1] - number, n[0] + n[2] - number, n[3] - n[0] + number]
        for scores in range(number + 1):
            sums = [scores, t[0] + t[1] - scores, t[0] + t[2] - scores, t[3] - t[0] + scores]
            if all(a >= b and 0 <= s <= a for a, b, s in zip(split, least, sums, strict=True)):
                for cell_seen, a, s in zip(seen, split, sums, strict=True):
                    cell_seen.add((a, 25 + 75 * s / a if a else 25.0))
    found = {tuple(sorted(leak.cut.items())): leak for leak in audit(hidden) if not leak.cells}
    for i, row in enumerate(hidden.rows):
        leak = found.get(tuple(sorted(row.attributes.items())))
        numbers = {number for number, _ in seen[i]}
        if n[i] and len(numbers) == 1:
            assert leak is not None
        if leak is not None and n[i]:
            assert leak.low <= min(numbers)
            assert max(numbers) <= leak.high
            if leak.mean_low is not None and leak.mean_high is not None:
                assert leak.mean_low <= min(mean for _, mean in seen[i]) + 1e-4
                assert leak.mean_high >= max(mean for _, mean in seen[i]) - 1e-4
