"""A release: everything that is published at once about the same responses, and what of it is hidden.

The figures of units, agencies, services, channels and periods are sums over the same responses. Any of them
can be worked out when enough of the others are known, so they are described together: the rows are the
finest groups of respondents there are, and every statistic is the sum of the rows its cut selects.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from analysis.disclosure.thresholds import AUDIENCES
from analysis.disclosure.whole import whole
from analysis.errors import Contradiction, Malformed, UnknownKey

Key = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """One of the finest groups of respondents.

    Attributes:
        attributes: what all of them share, by dimension: their unit, but also its agency and province. A
            dimension of a hierarchy is stated on every row, which is how the hierarchy is known.
        n: how many respondents.
        total: sum of their scores as a whole number, in units of the scale of the release; None where only
            numbers of respondents are published.
    """

    attributes: Mapping[str, str]
    n: int
    total: int | None = None


@dataclass(frozen=True)
class Statistic:
    """One figure of a release: how many respondents a cut has and, through its mean, the sum of their scores.

    Attributes:
        cut: value of each dimension that is fixed; an absent dimension is summed over, no dimension is all.
        n: how many respondents.
        total: sum of their scores, or None where only n is published.
        published: whether it is shown.
        reason: why not, for the record of the office: ``too_few``, ``protects_others``,
            ``two_way_demographic`` or ``revision``. The public must see the same mark for all of them: one
            that says which cells have fewer than ten answers brackets those cells between one and nine.
    """

    cut: Mapping[str, str]
    n: int
    total: int | None = None
    published: bool = True
    reason: str | None = None


@dataclass(frozen=True)
class Release:
    """All statistics that are published together, with the rows they are sums of.

    A combination of values that is not among the rows does not exist, and everybody is taken to know that
    (a service that a unit does not offer); a combination that could have had answers belongs among the rows
    with n 0.

    Attributes:
        rows: the finest groups; no two have the same attributes, all have the same dimensions.
        statistics: what is published or hidden; no two have the same cut.
        audience: who sees it, see ``analysis.disclosure.thresholds.AUDIENCES``.
        scale: lowest and highest score of one respondent in the units of the totals: (25, 100) for points of
            the index, (2520, 10080) for means of answers 1 to 4 times 2520.
        name: under which it is logged.

    Raises:
        Malformed: no rows; rows with different dimensions, or some with and some without a total; a scale
            that does not rise; a dimension or value that is not text.
        NotACount: an n or a total that is not a whole number, or a negative n.
        Contradiction: the same row or cut twice; a total that no n answers of the scale can have; a statistic
            that is not the sum of its rows.
        UnknownKey: another audience, or a cut by a dimension that the rows do not have.
    """

    rows: tuple[Row, ...]
    statistics: tuple[Statistic, ...]
    audience: str = "public"
    scale: tuple[int, int] = (25, 100)
    name: str = ""

    def __post_init__(self) -> None:
        if self.audience not in AUDIENCES:
            raise UnknownKey(f"{self.audience!r} is none of the audiences {', '.join(AUDIENCES)}")
        lowest, highest = (whole(end, "scale", negative=True) for end in self.scale)
        if lowest >= highest:
            raise Malformed(f"a scale from {lowest} to {highest} does not rise")
        _check_rows(self.rows, lowest, highest)
        _check_statistics(self)

    @property
    def dimensions(self) -> frozenset[str]:
        """The dimensions of the rows."""
        return frozenset(self.rows[0].attributes)

    @property
    def hidden(self) -> tuple[Statistic, ...]:
        """The statistics that are not shown."""
        return tuple(statistic for statistic in self.statistics if not statistic.published)


def tabulate(
    rows: Iterable[Row],
    cuts: Iterable[Collection[str]],
    *,
    audience: str = "public",
    scale: tuple[int, int] = (25, 100),
    name: str = "",
) -> Release:
    """A release with one statistic for every combination of values that occurs, nothing hidden yet.

    Tallies suffice.

    Args:
        rows: the finest groups.
        cuts: the tables, each as the dimensions it is by: ``()`` for the total, ``("agency",)`` for one
            figure per agency, ``("unit", "channel")`` for one per channel of each unit.
        audience: see ``Release``; so are ``scale`` and ``name``.

    Returns:
        The release; statistics in the order of ``cuts`` and, within one, of the rows.

    Raises:
        The refusals of ``Release``.
    """
    rows = tuple(rows)
    statistics = [
        statistic for dimensions in cuts for statistic in _table(rows, sorted({*dimensions})).values()
    ]
    return Release(rows, tuple(statistics), audience, scale, name)


def key(cut: Mapping[str, str]) -> Key:
    """A cut as something that can be compared and looked up."""
    return frozenset(cut.items())


def members(keys: Iterable[Mapping[str, str]], cuts: Iterable[Mapping[str, str]]) -> list[frozenset[int]]:
    """Positions of the rows that each cut selects.

    Args:
        keys: attributes of the rows.
        cuts: the cuts.

    Returns:
        One set per cut; empty where no row has its values.
    """
    keys = list(keys)
    cuts = list(cuts)
    by_table: dict[tuple[str, ...], dict[tuple[str, ...], set[int]]] = {}
    for cut in cuts:
        by_table.setdefault(tuple(sorted(cut)), {})[tuple(cut[name] for name in sorted(cut))] = set()
    for dimensions, table in by_table.items():
        for position, attributes in enumerate(keys):
            try:
                values = tuple(attributes[name] for name in dimensions)
            except KeyError:
                continue
            if values in table:
                table[values].add(position)
    frozen = {
        dimensions: {values: frozenset(rows) for values, rows in table.items()}
        for dimensions, table in by_table.items()
    }
    return [frozen[tuple(sorted(cut))][tuple(cut[name] for name in sorted(cut))] for cut in cuts]


def _table(rows: tuple[Row, ...], dimensions: list[str]) -> dict[tuple[str, ...], Statistic]:
    sums: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        missing = [name for name in dimensions if name not in row.attributes]
        if missing:
            raise UnknownKey(f"a table by {missing[0]!r}, of which a row says nothing")
        sums.setdefault(tuple(row.attributes[name] for name in dimensions), []).append(row)
    return {
        values: Statistic(
            dict(zip(dimensions, values, strict=True)),
            sum(whole(row.n, "n") for row in group),
            _total(group),
        )
        for values, group in sums.items()
    }


def _total(rows: Iterable[Row]) -> int | None:
    totals = [row.total for row in rows]
    return None if None in totals else sum(whole(total or 0, "total", negative=True) for total in totals)


def _check_rows(rows: tuple[Row, ...], lowest: int, highest: int) -> None:
    if not rows:
        raise Malformed("a release of nothing: there are no rows")
    seen: set[Key] = set()
    for number, row in enumerate(rows, 1):
        for text in (*row.attributes, *row.attributes.values()):
            if not isinstance(text, str):
                raise Malformed(f"row {number}: {text!r} is not the name of a dimension or value")
        if row.attributes.keys() != rows[0].attributes.keys():
            raise Malformed(f"row {number} has other dimensions than row 1")
        if (row.total is None) != (rows[0].total is None):
            raise Malformed(f"row {number}: either all rows have a total or none has")
        if key(row.attributes) in seen:
            raise Contradiction(f"row {number}: a second row of {dict(row.attributes)}")
        seen.add(key(row.attributes))
        n = whole(row.n, f"row {number}, n")
        if row.total is not None and not (
            lowest * n <= whole(row.total, f"row {number}, total", negative=True) <= highest * n
        ):
            raise Contradiction(
                f"row {number}: {n} answers from {lowest} to {highest} do not sum to {row.total}"
            )


def _check_statistics(release: Release) -> None:
    seen: set[Key] = set()
    cuts = [statistic.cut for statistic in release.statistics]
    for cut in cuts:
        unknown = cut.keys() - release.dimensions
        if unknown:
            raise UnknownKey(f"a cut by {min(unknown)!r}, of which the rows say nothing")
        if key(cut) in seen:
            raise Contradiction(f"{dict(cut)} is in the release twice")
        seen.add(key(cut))
    selected = members((row.attributes for row in release.rows), cuts)
    for statistic, positions in zip(release.statistics, selected, strict=True):
        rows = [release.rows[position] for position in positions]
        n = sum(row.n for row in rows)
        if whole(statistic.n, f"n of {dict(statistic.cut)}") != n:
            raise Contradiction(f"{dict(statistic.cut)}: n is {statistic.n}, its rows have {n}")
        if statistic.total is not None:
            total = _total(rows)
            if total != whole(statistic.total, f"total of {dict(statistic.cut)}", negative=True):
                raise Contradiction(f"{dict(statistic.cut)}: total is {statistic.total}, of its rows {total}")
