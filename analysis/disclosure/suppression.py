"""Which figures to hide so that what must stay hidden cannot be worked out.

Hiding a figure of too few is not enough where its row or column has a published total: something else in that
line must be hidden with it. Finding the least that is enough is a hard problem (Kelly, Golden & Assad 1992,
Networks 22:397-417; cited from memory), so this is a greedy search that the linear audit has the last word
about.
"""

from collections.abc import Sequence
from dataclasses import replace

from analysis.disclosure.audit import examine
from analysis.disclosure.groups import Line
from analysis.disclosure.lattice import Release
from analysis.disclosure.releases import compared
from analysis.disclosure.thresholds import DEFAULT, Thresholds
from analysis.disclosure.timeline import timeline
from analysis.disclosure.view import View


def suppress(release: Release, thresholds: Thresholds = DEFAULT, earlier: Sequence[Release] = ()) -> Release:
    """Hide what must be hidden, and as little else as will protect it. Tallies suffice.

    First whatever may not be shown by itself is hidden; then, in every line of a whole and its parts, the
    smallest part with which the line no longer tells what is hidden in it, preferring one that opens no new
    line; then, until the audit of the whole lattice finds nothing, the smallest figure that a leak follows
    from. A whole is hidden when its parts do not suffice. Figures of nobody stay: that a unit had no answers
    tells nothing about anybody.

    The same release gives the same result. Nothing is hidden silently: ``Release.hidden`` lists it with
    reasons. Where everything is small, everything ends up hidden, and says so. What only earlier releases
    give away cannot be mended by hiding: whoever publishes the result asks ``leaks`` first.

    Args:
        release: the release; what it hides already stays hidden.
        thresholds: what must hold.
        earlier: releases that the same audience has seen, see ``analysis.disclosure.differences``.

    Returns:
        The same release with more statistics hidden; reasons ``two_way_demographic``, ``too_few``,
        ``revision`` and ``protects_others``.

    Raises:
        NotConverged: see ``audit``.
        Malformed: see ``differences``.
    """
    search = _Search(timeline(_primary(release, thresholds), earlier), thresholds)
    of = search.view.groups.of
    while revised := compared(search.view, earlier, thresholds):
        causes = [(frozenset(of[number] for number in by), 0.0) for _, by in revised]
        if not search.hide_some_of(causes, "revision"):
            break
    search.close_lines()
    # Numbers of respondents first: most of the work, and cheaper without the scores.
    for scores in (False, True):
        while found := examine(search.view, thresholds, scores=scores):
            if not search.hide_some_of([(each.causes, each.lacks) for each in found], "protects_others"):
                break
            search.close_lines()
    return search.view.release


def breaches(release: Release, thresholds: Thresholds) -> dict[int, str]:
    """Positions of the published statistics that may not be shown by themselves, with the reason."""
    reasons = {}
    for number, statistic in enumerate(release.statistics):
        floor = thresholds.floor(frozenset(statistic.cut), statistic.total is not None, release.audience)
        if statistic.published and statistic.n:
            if thresholds.crosses_traits(statistic.cut):
                reasons[number] = "two_way_demographic"
            elif statistic.n < floor:
                reasons[number] = "too_few"
    return reasons


def _primary(release: Release, thresholds: Thresholds) -> Release:
    reasons = breaches(release, thresholds)
    statistics = [
        replace(statistic, published=False, reason=reasons[number]) if number in reasons else statistic
        for number, statistic in enumerate(release.statistics)
    ]
    return replace(release, statistics=tuple(statistics))


class _Search:
    """A search for what to hide.

    Attributes:
        view: the release with what is hidden so far.
        shown: sets that are told by a published statistic.
    """

    def __init__(self, view: View, thresholds: Thresholds) -> None:
        self.view = view
        self._thresholds = thresholds
        self._groups = view.groups
        self._n = [sum(view.rows[row].n for row in rows) for rows in view.groups.sets]
        self._fixed = frozenset(view.groups.of[len(view.release.statistics) :])
        self.shown = self._fixed | {
            group
            for group, statistic in zip(view.groups.of, view.release.statistics, strict=False)
            if statistic.published
        }
        self._known_least: dict[int, int] = {}
        self._floors: dict[int, int] = {}
        for group, statistic in zip(view.groups.of, view.release.statistics, strict=False):
            floor = thresholds.floor(
                frozenset(statistic.cut), statistic.total is not None, view.release.audience
            )
            self._floors[group] = max(floor, self._floors.get(group, 0))
        self._floor_of_rows = thresholds.floor(view.release.dimensions, False, view.release.audience)
        self._lines = sorted(self._groups.lines, key=lambda line: len(self._groups.sets[line.whole]))

    def hide_some_of(self, choices: Sequence[tuple[frozenset[int], float]], reason: str) -> bool:
        """Hide the smallest sets of each choice; a choice of which one was hidden for another is done with.

        Args:
            choices: sets, and how many respondents those that are hidden must have together to be enough.
            reason: why.

        Returns:
            Whether anything could be hidden.
        """
        hidden: set[int] = set()
        for choice, lacks in choices:
            if hidden & choice:
                continue
            gained = 0
            while (not gained or gained < lacks) and (possible := self._can_be_hidden(choice)):
                chosen = self._hide(possible)
                hidden.add(chosen)
                gained += self._n[chosen]
        self._record(hidden, reason)
        return bool(hidden)

    def close_lines(self) -> None:
        """Hide parts, or wholes, until no line by itself tells what is hidden in it."""
        hidden: set[int] = set()
        changed = True
        while changed:
            changed = False
            for line in self._lines:
                while self._lacks(line):
                    possible = self._can_be_hidden(line.parts) or self._can_be_hidden([line.whole])
                    if not possible:
                        break  # an earlier release has told it
                    hidden.add(self._hide(possible))
                    changed = True
        self._record(hidden, "protects_others")

    def _hide(self, possible: Sequence[int]) -> int:
        chosen = min(possible, key=self._cost)
        self.shown -= {chosen}
        self._known_least.clear()
        return chosen

    def _can_be_hidden(self, sets: Sequence[int] | frozenset[int]) -> list[int]:
        return [one for one in sorted(sets) if one in self.shown and one not in self._fixed and self._n[one]]

    def _lacks(self, line: Line) -> float:
        """How much wider a line would have to leave the interval of what is hidden in it; 0 if nothing."""
        if line.whole not in self.shown:
            return 0.0
        hidden = [part for part in line.parts if part not in self.shown and self._n[part]]
        rest = sum(self.view.rows[row].n for row in line.rest)
        if not hidden and not 0 < rest < self._floor_of_rows:
            return 0.0
        needed = max(
            [max(self._floors[part], self._thresholds.relative * self._n[part]) for part in hidden],
            default=float(self._floor_of_rows),
        )
        if len(hidden) + (rest > 0) == 1:
            return needed
        # The widest that any interval can be when none of the others is less than is known of it.
        width = sum(self._n[part] - self._least(part) for part in hidden) + rest
        return max(0.0, needed - width)

    def _least(self, one: int) -> int:
        """How many respondents a set has at least, by what is shown or marked as hidden inside it."""
        if one in self.shown:
            return self._n[one]
        if not self._n[one]:
            return 0
        if one not in self._known_least:
            lines = [self._groups.lines[number] for number in self._groups.below[one]]
            self._known_least[one] = max(
                [self._thresholds.least, *(sum(map(self._least, line.parts)) for line in lines)]
            )
        return self._known_least[one]

    def _cost(self, one: int) -> tuple[int, int, int]:
        """How bad it is to hide a set: lines in which it would be the only unknown, size, position."""
        alone = 0
        for number in self._groups.through[one]:
            line = self._groups.lines[number]
            others = any(part not in self.shown and self._n[part] for part in line.parts if part != one)
            others = others or any(self.view.rows[row].n for row in line.rest)
            alone += line.whole in self.shown and not others
        return alone, self._n[one], one

    def _record(self, hidden: set[int], reason: str) -> None:
        of = self._groups.of
        statistics = [
            replace(statistic, published=False, reason=reason)
            if of[number] in hidden and statistic.published
            else statistic
            for number, statistic in enumerate(self.view.release.statistics)
        ]
        release = replace(self.view.release, statistics=tuple(statistics))
        self.view = replace(self.view, release=release)
