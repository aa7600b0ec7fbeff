"""A release with everything that is known about its rows, arranged for the audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from analysis.disclosure.groups import Groups, Rows, arrange
from analysis.disclosure.lattice import Release, Row, Statistic, key, members


class Earlier(NamedTuple):
    """A published statistic of an earlier release.

    Attributes:
        statistic: what it said.
        rows: positions of the rows it was the sum of.
        release: position of the release among the earlier ones.
    """

    statistic: Statistic
    rows: Rows
    release: int


@dataclass(frozen=True)
class View:
    """A release as the audit sees it, with what earlier releases told about the same responses.

    Attributes:
        release: the release.
        rows: its rows, and after them those that only earlier releases had.
        fixed: statistics of earlier releases that are still true, and can no longer be hidden.
        groups: sets of rows: first of the statistics of the release, then of ``fixed``.
    """

    release: Release
    rows: tuple[Row, ...]
    fixed: tuple[Earlier, ...]
    groups: Groups

    @cached_property
    def cuts(self) -> dict[int, Mapping[str, str]]:
        """A cut of each set, that of a published statistic where there is one."""
        return self._first(published=True)

    @cached_property
    def cells(self) -> dict[Rows, Mapping[str, str]]:
        """A cut by the rows of each set, that of a hidden statistic where there is one."""
        return {self.groups.sets[group]: cut for group, cut in self._first(published=False).items()}

    def _first(self, *, published: bool) -> dict[int, Mapping[str, str]]:
        statistics = (*self.release.statistics, *(earlier.statistic for earlier in self.fixed))
        cuts: dict[int, Mapping[str, str]] = {}
        for wanted in (True, False):
            for group, statistic in zip(self.groups.of, statistics, strict=True):
                if (statistic.published == published) == wanted:
                    cuts.setdefault(group, statistic.cut)
        return cuts

    def named(self, rows: Rows) -> tuple[Mapping[str, str], tuple[Mapping[str, str], ...]]:
        """The cut of a cell; of any other group what its rows have in common, and the rows."""
        if rows in self.cells:
            return self.cells[rows], ()
        attributes = tuple(self.rows[row].attributes for row in sorted(rows))
        return dict(frozenset.intersection(*(key(each) for each in attributes))), attributes


def view(release: Release, rows: Sequence[Row] | None = None, fixed: Sequence[Earlier] = ()) -> View:
    """Arrange a release for the audit; see ``View`` for the arguments."""
    rows = release.rows if rows is None else tuple(rows)
    selected = members((row.attributes for row in release.rows), (each.cut for each in release.statistics))
    tables: list[object] = [frozenset(statistic.cut) for statistic in release.statistics]
    tables += [(earlier.release, frozenset(earlier.statistic.cut)) for earlier in fixed]
    groups = arrange([*selected, *(earlier.rows for earlier in fixed)], tables)
    return View(release, rows, tuple(fixed), groups)
