"""What earlier releases have told about the rows of a release, which nothing can take back."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from analysis.disclosure.groups import Rows
from analysis.disclosure.lattice import Release, Row, key, members
from analysis.disclosure.view import Earlier, View, view
from analysis.errors import Malformed


def timeline(release: Release, earlier: Sequence[Release]) -> View:
    """A release with those statistics of earlier ones that speak of its rows and are still true.

    Raises:
        Malformed: an earlier release has a dimension that the rows of this one do not have.
    """
    rows, former = former_statistics(release, earlier)
    fixed = []
    for each in former:
        n = sum(rows[row].n for row in each.rows)
        scores = scores_above_lowest(_sum(rows[row].total for row in each.rows), n, release.scale)
        said = scores_above_lowest(each.statistic.total, each.statistic.n, earlier[each.release].scale)
        if each.statistic.n != n:
            continue
        if scores is None:
            each = each._replace(statistic=replace(each.statistic, total=None))
        elif said is not None and said != scores:
            continue
        fixed.append(each)
    return view(release, rows, fixed)


def former_statistics(release: Release, earlier: Sequence[Release]) -> tuple[list[Row], list[Earlier]]:
    """Published statistics of earlier releases that bear on the rows of this one.

    They are those about any of these rows, and those that share rows with them: the total of two quarters
    bears on the second, and so does then the figure of the first.

    Returns:
        The rows of the release, followed by those that only earlier ones have; and the statistics, their rows
        by position among these.

    Raises:
        Malformed: an earlier release has a dimension that the rows of this one do not have.
    """
    rows = list(release.rows)
    former: list[Earlier] = []
    for number, before in enumerate(earlier):
        if before.audience != "public" and release.audience == "public":
            continue  # an agency's own view, which the public never saw
        unknown = before.dimensions - release.dimensions
        if unknown:
            raise Malformed(
                f"the earlier release {before.name!r} cuts by {min(unknown)!r}, of which the rows say nothing"
            )
        at = _placed(rows, before, release)
        shown = [statistic for statistic in before.statistics if statistic.published]
        selected = members((row.attributes for row in before.rows), (each.cut for each in shown))
        for statistic, coarse in zip(shown, selected, strict=True):
            former.append(Earlier(statistic, frozenset[int]().union(*(at[row] for row in coarse)), number))
    return rows, _bearing_on(former, set(range(len(release.rows))))


def _bearing_on(former: Sequence[Earlier], touched: set[int]) -> list[Earlier]:
    waiting = list(former)
    bearing: set[int] = set()
    while found := [each for each in waiting if not touched.isdisjoint(each.rows)]:
        bearing.update(map(id, found))
        touched = touched.union(*(each.rows for each in found))
        waiting = [each for each in waiting if id(each) not in bearing]
    return [each for each in former if id(each) in bearing]


def scores_above_lowest(total: int | None, n: int, scale: tuple[int, int]) -> Fraction | None:
    """A sum of scores on a scale from 0 to 1, on which sums of any two scales can be compared."""
    lowest, highest = scale
    return None if total is None else Fraction(total - lowest * n, highest - lowest)


def _placed(rows: list[Row], before: Release, release: Release) -> list[Rows]:
    """The rows that each row of an earlier release consists of; those that are missing are appended.

    Rows outside this release stand as the latest earlier release saw them.
    """
    found = members((row.attributes for row in rows), (row.attributes for row in before.rows))
    at = []
    for row, positions in zip(before.rows, found, strict=True):
        # Totals of another scale cannot stand among those of this one.
        outside = row if before.scale == release.scale else replace(row, total=None)
        if not positions:
            positions = frozenset({len(rows)})
            rows.append(outside)
        elif (
            len(positions) == 1
            and (position := min(positions)) >= len(release.rows)
            and key(rows[position].attributes) == key(row.attributes)
        ):
            rows[position] = outside
        at.append(positions)
    return at


def _sum(totals: Iterable[int | None]) -> int | None:
    numbers = list(totals)
    return None if None in numbers else sum(number or 0 for number in numbers)
