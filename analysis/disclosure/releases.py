"""What several releases about the same responses tell together.

A figure that is published again after one answer more tells that answer: 41 respondents with a mean of 82.0
and 42 with 81.5 differ by somebody who gave 61.0. The same happens when answers are erased, and when a later
release cuts finer than an earlier one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import isfinite
from typing import NamedTuple

from analysis.disclosure.groups import Rows, arrange
from analysis.disclosure.lattice import Release, Statistic, members
from analysis.disclosure.leak import Leak
from analysis.disclosure.thresholds import DEFAULT, POINTS, Thresholds
from analysis.disclosure.timeline import former_statistics, scores_above_lowest, timeline
from analysis.disclosure.view import View
from analysis.disclosure.whole import whole
from analysis.errors import Malformed, NoFigure


class Revision(NamedTuple):
    """A figure that is published a second time.

    Attributes:
        change: net change of the number of respondents.
        mean: mean score of those who were added (or taken away), in the units of the means, if it is they who
            made the difference; None if the number is the same.
        must_block: whether the second publication tells about too few.
    """

    change: int
    mean: float | None
    must_block: bool


class Told(NamedTuple):
    """A sum over a set of rows that a release tells, by a statistic or by the difference of several.

    Attributes:
        rows: the set.
        n: respondents.
        scores: sum of (score - lowest) / (highest - lowest); None where no scores are published.
        by: positions of the statistics that tell it, in their release.
        cuts: the same statistics by their cuts.
        table: what the set is a cell of; the cells of a table share no row. None for a difference.
    """

    rows: Rows
    n: int
    scores: Fraction | None
    by: tuple[int, ...]
    cuts: tuple[Mapping[str, str], ...]
    table: frozenset[str] | None


class Compared(NamedTuple):
    """The difference of what two releases tell.

    Attributes:
        rows: the set it concerns: the same in both, or what the parts leave of the whole.
        same: whether both speak of the same set.
        n: respondents: the net change, or those that are left.
        scores: their scores, see ``Told``.
        now: positions of the statistics of the later release that tell it.
        cuts: all statistics that tell it.
    """

    rows: Rows
    same: bool
    n: int
    scores: Fraction | None
    now: frozenset[int]
    cuts: tuple[Mapping[str, str], ...]


def revision(
    before: tuple[int, float], after: tuple[int, float], thresholds: Thresholds = DEFAULT
) -> Revision:
    """Whether a figure may be published again, from (n, mean) of both publications. Tallies suffice.

    It may if the responses are the same, or the net change is at least ``thresholds.revision`` (the rule says
    "adds at least ten"; a group of ten that was erased is as large as one that was added, so both count).
    Means that were rounded before they are given here state the implied mean less precisely.

    Raises:
        NotACount: an n that is not a whole number, or negative.
        NoFigure: an n of 0, which has no mean.
        Malformed: a mean that is not a finite number.
    """
    sums = []
    for n, mean in (before, after):
        if whole(n, "n") == 0:
            raise NoFigure("nobody answered: there is no mean to publish")
        if isinstance(mean, bool | str) or not isfinite(mean):
            raise Malformed(f"a mean of {mean!r} is not a number")
        sums.append(n * Fraction(mean))
    change = after[0] - before[0]
    if change == 0:
        return Revision(0, None, sums[0] != sums[1])
    return Revision(change, float((sums[1] - sums[0]) / change), abs(change) < thresholds.revision)


def differences(earlier: Sequence[Release], release: Release, thresholds: Thresholds = DEFAULT) -> list[Leak]:
    """What the differences of a release with earlier ones tell about too few. Tallies suffice.

    Compared are, with each earlier release: the same set of rows, published or implied by published
    statistics of one release (``revision_few`` for a net change of fewer than ``thresholds.revision``,
    ``revision_scores`` where the number is the same and the scores are not); and a figure of one release with
    the published figures of its parts in the other (``difference_few`` for what is left).

    Numbers of respondents are compared net: ten more may be eleven more and one less, which nobody sees in
    the figures. An earlier release of which this one still is true is also part of ``leaks``, by the linear
    audit; one that is no longer true is only compared here, set by set.

    Args:
        earlier: releases that the same audience has seen; others are passed over. Their rows may be coarser.
        release: the release in question. A row that lost all its answers is among its rows with n 0; one that
            is missing is taken to be outside its scope.
        thresholds: what must hold.

    Returns:
        The leaks; ``n`` is the net change from the earlier to this release, or the size of what is left.

    Raises:
        Malformed: an earlier release has a dimension that the rows of this one do not have.
    """
    return [leak for leak, _ in compared(timeline(release, earlier), earlier, thresholds)]


def compared(
    seen: View, earlier: Sequence[Release], thresholds: Thresholds
) -> list[tuple[Leak, frozenset[int]]]:
    """The leaks of ``differences``, each with the positions of the release's statistics that cause it."""
    release = seen.release
    _, former = former_statistics(release, earlier)
    selected = members((row.attributes for row in release.rows), (each.cut for each in release.statistics))
    now = [
        _told(statistic, rows, number, release.scale)
        for number, (statistic, rows) in enumerate(zip(release.statistics, selected, strict=True))
        if statistic.published and rows
    ]
    floor = thresholds.floor(frozenset(), True, release.audience)
    found = []
    for number, before in enumerate(earlier):
        then = [
            _told(each.statistic, each.rows, position, before.scale)
            for position, each in enumerate(former)
            if each.release == number
        ]
        done: set[tuple[Rows, bool, int]] = set()
        for each in (
            *_same(then, now),
            *_across(then, now, whole_is_now=False),
            *_across(then, now, whole_is_now=True),
        ):
            if (each.rows, each.same, each.n) not in done:
                done.add((each.rows, each.same, each.n))
                reason = _reason(each, thresholds.revision if each.same else floor)
                if reason is not None:
                    found.append((_leak(seen, each, reason, before.name), each.now))
    return found


def _same(then: Sequence[Told], now: Sequence[Told]) -> Iterable[Compared]:
    """Sets that both releases tell."""
    old = {told.rows: told for told in (*_implied(then), *then)}
    for told in (*now, *_implied(now)):
        if told.rows in old:
            before = old[told.rows]
            yield Compared(
                told.rows,
                True,
                told.n - before.n,
                None if told.scores is None or before.scores is None else told.scores - before.scores,
                frozenset(told.by),
                (*before.cuts, *told.cuts),
            )


def _implied(told: Sequence[Told]) -> list[Told]:
    """What published parts leave of a published whole."""
    groups = arrange([each.rows for each in told], [each.table for each in told])
    by_set = {each.rows: each for each in told}
    left = []
    for line in groups.lines:
        if line.rest:
            large, *small = (by_set[groups.sets[number]] for number in (line.whole, *line.parts))
            left.append(_minus(large, small, line.rest))
    return left


def _minus(large: Told, small: Sequence[Told], rest: Rows) -> Told:
    every = (large, *small)
    scores = large.scores
    for each in small:
        scores = None if scores is None or each.scores is None else scores - each.scores
    return Told(
        rest,
        large.n - sum(each.n for each in small),
        scores,
        tuple(number for each in every for number in each.by),
        tuple(cut for each in every for cut in each.cuts),
        None,
    )


def _across(then: Sequence[Told], now: Sequence[Told], *, whole_is_now: bool) -> Iterable[Compared]:
    """What the published parts in one release leave of a whole in the other."""
    wholes, parts = (now, then) if whole_is_now else (then, now)
    tables: dict[frozenset[str] | None, dict[int, int]] = {}
    for number, part in enumerate(parts):
        tables.setdefault(part.table, {}).update(dict.fromkeys(part.rows, number))
    for large in wholes:
        for table in tables.values():
            inside = Counter(table[row] for row in sorted(large.rows) if row in table)
            small = [parts[number] for number, count in inside.items() if count == len(parts[number].rows)]
            if not small:
                continue
            rest = large.rows.difference(*(part.rows for part in small))
            left = _minus(large, small, rest)
            # Of the same set it is the change that counts, later minus earlier; else what is left.
            sign = 1 if rest or whole_is_now else -1
            by = large.by if whole_is_now else tuple(number for part in small for number in part.by)
            yield Compared(
                rest or large.rows,
                not rest,
                sign * left.n,
                None if left.scores is None else sign * left.scores,
                frozenset(by),
                left.cuts,
            )


def _told(statistic: Statistic, rows: Rows, number: int, scale: tuple[int, int]) -> Told:
    return Told(
        rows,
        statistic.n,
        scores_above_lowest(statistic.total, statistic.n, scale),
        (number,),
        (statistic.cut,),
        frozenset(statistic.cut),
    )


def _reason(difference: Compared, needed: int) -> str | None:
    if 0 < abs(difference.n) < needed:
        return "revision_few" if difference.same else "difference_few"
    return "revision_scores" if difference.n == 0 and difference.scores else None


def _leak(seen: View, difference: Compared, reason: str, earlier: str) -> Leak:
    cut, cells = seen.named(difference.rows)
    mean = None
    if difference.scores is not None and difference.n:
        mean = POINTS[0] + (POINTS[1] - POINTS[0]) * float(difference.scores / difference.n)
    n = difference.n
    return Leak(reason, cut, n, n, n, True, cells, mean, mean, difference.cuts, earlier)
