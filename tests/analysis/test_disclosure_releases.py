"""What several releases about the same responses tell together."""

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import (
    Leak,
    Release,
    Row,
    Thresholds,
    differences,
    leaks,
    revision,
    suppress,
    tabulate,
)
from analysis.errors import Malformed, NoFigure, NotACount

Numbers = Mapping[str, tuple[int, int]]


def by_unit(numbers: Numbers, name: str = "", **more: str) -> Release:
    """Units with n and total, and all of them together."""
    people = [Row({"unit": unit, **more}, n, total) for unit, (n, total) in numbers.items()]
    return tabulate(people, [(), ("unit",)], name=name)


def by_channel(numbers: Mapping[tuple[str, str], tuple[int, int]], *cuts: tuple[str, ...]) -> Release:
    people = [Row({"unit": unit, "channel": way}, n, t) for (unit, way), (n, t) in numbers.items()]
    return tabulate(people, cuts)


def hide(release: Release, *cuts: Mapping[str, str]) -> Release:
    return replace(
        release,
        statistics=tuple(replace(each, published=each.cut not in cuts) for each in release.statistics),
    )


def of(found: list[Leak], **cut: str) -> Leak:
    (leak,) = (leak for leak in found if leak.cut == cut)
    return leak


def test_one_more_answer_is_told_by_two_publications():
    # Validation case differencing-time.
    found = revision((41, 82.0), (42, 81.5))
    assert found.change == 1
    assert found.mean == pytest.approx(61.0, abs=1e-9)
    assert found.must_block


def test_one_answer_less_is_told_as_well():
    found = revision((42, 81.5), (41, 82.0))
    assert (found.change, found.must_block) == (-1, True)
    assert found.mean == pytest.approx(61.0, abs=1e-9)


def test_ten_more_answers_or_none_may_be_published():
    assert not revision((41, 82.0), (51, 81.0)).must_block
    assert revision((41, 82.0), (50, 81.0)).must_block
    assert not revision((41, 82.0), (41, 82.0)).must_block
    assert not revision((51, 81.0), (41, 82.0)).must_block


def test_the_same_number_with_another_mean_is_an_answer_changed():
    assert revision((41, 82.0), (41, 82.5)) == (0, None, True)


def test_a_mean_of_nobody_or_of_no_number_is_refused():
    with pytest.raises(NoFigure):
        revision((0, 0.0), (41, 82.0))
    with pytest.raises(Malformed):
        revision((41, float("nan")), (42, 81.5))
    with pytest.raises(Malformed):
        revision((41, 82.0), (42, float("inf")))
    with pytest.raises(NotACount):
        revision((41.0, 82.0), (42, 81.5))  # type: ignore[arg-type]
    with pytest.raises(NotACount):
        revision((-41, 82.0), (42, 81.5))


def test_a_revised_release_tells_of_the_one_who_was_added():
    first = by_unit({"U1": (41, 41 * 82), "U2": (50, 4000)}, "first")
    second = by_unit({"U1": (42, 42 * 163 // 2), "U2": (50, 4000)}, "second")
    found = differences([first], second)
    leak = of(found, unit="U1")
    assert (leak.reason, leak.n, leak.exact, leak.earlier) == ("revision_few", 1, True, "first")
    assert leak.mean_low == pytest.approx(61)
    assert of(found).n == 1  # the total of both units
    assert not leaks(second, [first]).safe
    assert leaks(second).safe


def test_an_erasure_is_a_revision():
    first = by_unit({"U1": (42, 42 * 80), "U2": (50, 4000)})
    second = by_unit({"U1": (41, 42 * 80 - 25), "U2": (50, 4000)})
    leak = of(differences([first], second), unit="U1")
    assert (leak.n, leak.mean_low) == (-1, pytest.approx(25))


def test_a_changed_answer_is_a_revision():
    first = by_unit({"U1": (42, 42 * 80), "U2": (50, 4000)})
    second = by_unit({"U1": (42, 42 * 80 + 25), "U2": (50, 4000)})
    assert {leak.reason for leak in differences([first], second)} == {"revision_scores"}


def test_the_same_again_and_many_more_are_no_leak():
    first = by_unit({"U1": (42, 3360), "U2": (50, 4000)})
    assert differences([first], first) == []
    assert leaks(by_unit({"U1": (52, 4160), "U2": (50, 4000)}), [first]).safe


def test_scores_are_compared_across_scales():
    first = by_unit({"U1": (42, 3360)})
    # 80 of 25 to 100 is 3.2 of 1 to 4, times 2520.
    people = [Row({"unit": "U1"}, 42, 42 * 8064)]
    assert differences([first], tabulate(people, [("unit",)], scale=(2520, 10080))) == []
    people = [Row({"unit": "U1"}, 42, 42 * 8064 + 1)]
    found = differences([first], tabulate(people, [("unit",)], scale=(2520, 10080)))
    assert [leak.reason for leak in found] == ["revision_scores"]


def test_a_closed_period_beside_a_new_one_is_no_leak():
    first = by_unit({"U1": (42, 3360), "U2": (50, 4000)}, quarter="1")
    second = by_unit({"U1": (3, 240), "U2": (51, 4100)}, quarter="2")
    assert differences([first], second) == []


def test_a_running_total_tells_of_those_who_came_since():
    live = tabulate([Row({"unit": "U1", "month": "1"}, 41, 3362)], [("unit",)])
    later = [Row({"unit": "U1", "month": "1"}, 41, 3362), Row({"unit": "U1", "month": "2"}, 1, 61)]
    found = differences([live], tabulate(later, [("unit",)]))
    assert [(leak.reason, leak.n, leak.mean_low) for leak in found] == [
        ("difference_few", 1, pytest.approx(61))
    ]
    assert dict(found[0].cut) == {"unit": "U1", "month": "2"}


def test_a_finer_cut_tells_what_it_leaves_of_an_earlier_figure():
    first = by_unit({"U1": (42, 3360)})
    people = {("U1", "web"): (38, 38 * 80), ("U1", "desk"): (4, 320)}
    second = hide(by_channel(people, ("unit", "channel")), {"unit": "U1", "channel": "desk"})
    assert leaks(second).safe
    found = differences([first], second)
    assert [(leak.reason, dict(leak.cut), leak.n) for leak in found] == [
        ("difference_few", {"unit": "U1", "channel": "desk"}, 4)
    ]
    report = leaks(second, [first])
    assert {leak.reason for leak in report.leaks} == {"recoverable", "difference_few"}


def test_a_coarser_cut_tells_what_earlier_figures_leave_of_it():
    people = {("U1", "web"): (38, 38 * 80), ("U1", "desk"): (4, 320)}
    first = hide(by_channel(people, ("unit", "channel")), {"unit": "U1", "channel": "desk"})
    second = by_channel(people, ("unit",))
    assert [leak.n for leak in differences([first], second)] == [4]


def test_parts_that_add_up_to_a_revised_figure_are_a_revision_of_it():
    first = by_unit({"U1": (41, 41 * 80)})
    people = {("U1", "web"): (30, 30 * 80), ("U1", "desk"): (12, 12 * 80)}
    found = differences([first], by_channel(people, ("unit", "channel")))
    assert [(leak.reason, leak.n, dict(leak.cut)) for leak in found] == [("revision_few", 1, {"unit": "U1"})]


def test_a_revision_that_only_follows_by_subtraction_is_found():
    # U2 is published in neither release, yet goes from 60 to 63.
    first = hide(by_unit({"U1": (50, 4000), "U2": (60, 4800)}), {"unit": "U2"})
    second = hide(by_unit({"U1": (60, 4800), "U2": (63, 5040)}), {"unit": "U2"})
    assert of(differences([first], second), unit="U2").n == 3


def test_what_earlier_releases_said_stays_known_in_the_audit():
    # Each release by itself hides the four; together they are a table with its margins.
    people = {
        ("U1", "web"): (4, 320),
        ("U1", "desk"): (40, 3200),
        ("U2", "web"): (50, 4000),
        ("U2", "desk"): (60, 4800),
    }
    first = by_channel(people, ("channel",))
    second = hide(by_channel(people, ("unit", "channel")), {"unit": "U1", "channel": "web"})
    assert leaks(first).safe
    assert leaks(second).safe
    assert of([*leaks(second, [first]).leaks][:1], unit="U1", channel="web").exact


def test_an_earlier_release_that_is_no_longer_true_does_not_bound_this_one():
    first = by_unit({"U1": (42, 3360), "U2": (50, 4000)})
    second = hide(by_unit({"U1": (4, 320), "U2": (100, 8000)}), {"unit": "U1"}, {"unit": "U2"})
    assert leaks(second, [first]).safe
    numbers_only = [
        tabulate([replace(row, total=None) for row in each.rows], [(), ("unit",)]) for each in (first, second)
    ]
    assert leaks(hide(numbers_only[1], {"unit": "U1"}, {"unit": "U2"}), numbers_only[:1]).safe


@pytest.mark.parametrize("scale", [(25, 100), (2520, 10080)])
def test_an_earlier_release_tells_of_these_rows_through_others(scale: tuple[int, int]):
    def quarters(first: int, second: int, name: str) -> Release:
        people = [Row({"unit": "U1", "quarter": "1"}, first, first * scale[1])]
        people += [Row({"unit": "U1", "quarter": "2"}, second, second * scale[1])] * (second > 0)
        return hide(tabulate(people, [("unit",), ("quarter",)], scale=scale, name=name), {"quarter": "2"})

    people = [Row({"unit": f"U{i}", "quarter": "2"}, n, n * 100) for i, n in ((1, 4), (2, 50))]
    release = hide(tabulate(people, [("unit",)]), {"unit": "U1"})
    assert leaks(release).safe
    # Quarter 1 was revised from 30 to 40 before a total of 44 was published: four are from quarter 2.
    earlier = [quarters(30, 0, "first"), quarters(40, 4, "second")]
    assert of(list(leaks(release, earlier).leaks), unit="U1").exact
    assert leaks(release, earlier[:1]).safe


def test_what_only_the_agency_saw_does_not_bind_the_public():
    first = replace(by_unit({"U1": (41, 3280), "U2": (50, 4000)}), audience="agency")
    second = by_unit({"U1": (42, 3360), "U2": (50, 4000)})
    assert leaks(second, [first]).safe
    assert not leaks(replace(second, audience="agency"), [replace(first, audience="public")]).safe


def test_an_earlier_release_by_something_the_rows_do_not_say_is_refused():
    people = {("U1", "web"): (38, 38 * 80)}
    with pytest.raises(Malformed):
        differences([by_channel(people, ("channel",))], by_unit({"U1": (38, 38 * 80)}))


def test_the_threshold_of_revisions_is_configuration():
    first = by_unit({"U1": (41, 3280)})
    second = by_unit({"U1": (44, 3520)})
    assert differences([first], second, Thresholds(revision=3)) == []


def test_suppression_holds_a_revision_back():
    first = by_unit({"U1": (41, 41 * 82), "U2": (50, 4000), "U3": (70, 5600)}, "first")
    second = by_unit({"U1": (42, 3423), "U2": (50, 4000), "U3": (90, 7200)}, "second")
    result = suppress(second, earlier=[first])
    # U1 has one answer more. U2 is the same as before, so that only U3 can keep it from being worked out.
    assert {(each.cut.get("unit"), each.reason) for each in result.hidden} == {
        ("U1", "revision"),
        ("U3", "revision"),
    }
    report = leaks(result, [first])
    assert report.safe
    assert report.earlier == ("first",)


def test_what_earlier_releases_give_away_cannot_be_mended_and_is_said():
    first = by_unit({"U1": (4, 320), "U2": (50, 4000)})
    result = suppress(first, earlier=[first])
    assert result.hidden[0].cut == {"unit": "U1"}
    assert {leak.reason for leak in leaks(result, [first]).leaks} == {"recoverable", "difference_few"}


CUTS = [(), ("unit",), ("quarter",), ("unit", "quarter")]


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 999),
    st.lists(
        st.dictionaries(st.sampled_from(["U0", "U1", "U2", "U3"]), st.sampled_from([-12, -1, 1, 4, 15])),
        min_size=2,
        max_size=4,
    ),
)
def test_no_two_published_releases_ever_differ_by_a_few(seed: int, changes: list[dict[str, int]]):
    # A replay: quarters close one after the other, late answers and erasures change those before.
    draw = random.Random(seed)
    people: dict[tuple[str, str], list[int]] = {}
    published: list[Release] = []
    for quarter, change in enumerate(changes):
        for unit in ("U0", "U1", "U2", "U3"):
            number = draw.choice([0, 4, 12, 30, 100])
            people[unit, f"Q{quarter}"] = [draw.randint(25, 100) for _ in range(number)]
        for unit, more in change.items():
            scores = people[unit, f"Q{draw.randint(0, quarter)}"]
            if more < 0:
                del scores[more:]
            else:
                scores += [draw.randint(25, 100) for _ in range(more)]
        rows = [
            Row({"unit": unit, "quarter": when}, len(scores), sum(scores))
            for (unit, when), scores in people.items()
        ]
        release = suppress(tabulate(rows, CUTS, name=f"after Q{quarter}"), earlier=published)
        if leaks(release, published).safe:
            published.append(release)
    for before, after in combinations(published, 2):
        shown = {tuple(sorted(each.cut.items())): each for each in after.statistics if each.published}
        for old in before.statistics:
            new = shown.get(tuple(sorted(old.cut.items())))
            if new is None or not old.published:
                continue
            if new.n == old.n:
                assert new.total == old.total
            else:
                assert abs(new.n - old.n) >= 10
