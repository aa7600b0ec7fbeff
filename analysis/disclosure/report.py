"""What a release tells that it should not: the one question to ask before publishing."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.disclosure.audit import examine
from analysis.disclosure.lattice import Release, Statistic
from analysis.disclosure.leak import Leak
from analysis.disclosure.releases import compared
from analysis.disclosure.suppression import breaches
from analysis.disclosure.thresholds import DEFAULT, Thresholds
from analysis.disclosure.timeline import timeline


@dataclass(frozen=True)
class Report:
    """The verdict on a release.

    Attributes:
        leaks: what it tells that it should not, see ``Leak.reason``.
        hidden: what it hides, each with its reason.
        published: how many statistics it shows.
        earlier: names of the earlier releases that were considered.
    """

    leaks: tuple[Leak, ...]
    hidden: tuple[Statistic, ...]
    published: int
    earlier: tuple[str, ...]

    @property
    def safe(self) -> bool:
        """Whether it may be published."""
        return not self.leaks


def leaks(release: Release, earlier: Sequence[Release] = (), thresholds: Thresholds = DEFAULT) -> Report:
    """Everything a release gives away: by itself, by its arithmetic, and together with earlier releases.

    Tallies suffice. Four questions, in this order: is anything shown that is below its threshold or crosses
    traits of persons within a unit; can anything hidden be worked out from all that is published, including
    what earlier releases said that is still true (``audit``); do scores give away what numbers do not (also
    ``audit``); do differences with earlier releases concern too few (``differences``).

    Args:
        release: the release, as it would be published.
        earlier: all releases that the same audience has seen of the same responses.
        thresholds: what must hold.

    Returns:
        The report; publish only if it is ``safe``.

    Raises:
        NotConverged: the solver gave up on a cell, whose safety is then not known.
        Malformed: an earlier release has a dimension that the rows of this one do not have.
    """
    seen = timeline(release, earlier)
    found = [
        Leak(reason, statistic.cut, statistic.n, statistic.n, statistic.n, True, through=(statistic.cut,))
        for number, reason in breaches(release, thresholds).items()
        for statistic in (release.statistics[number],)
    ]
    found += [each.leak for each in examine(seen, thresholds)]
    found += [leak for leak, _ in compared(seen, earlier, thresholds)]
    return Report(
        leaks=tuple(found),
        hidden=release.hidden,
        published=len(release.statistics) - len(release.hidden),
        earlier=tuple(each.name for each in earlier),
    )
