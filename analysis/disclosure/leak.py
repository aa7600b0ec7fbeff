"""What a release tells that it should not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Leak:
    """Something a release tells about too few people, or about a figure that it hides.

    Cuts that select the same people are one leak, under the first of them that is hidden.

    Attributes:
        reason: what is wrong. In one release: ``too_few`` (shown although below the threshold),
            ``two_way_demographic`` (crosses two traits of persons within a unit), ``recoverable`` (hidden,
            but follows exactly), ``narrow`` (hidden, but follows nearly), ``mean_recoverable`` and
            ``mean_narrow`` (the same of a mean score while the number stays open or is shown), ``difference``
            (the difference of published figures is a figure of too few). Between releases:
            ``revision_few``, ``revision_scores`` and ``difference_few``, see
            ``analysis.disclosure.releases.differences``.
        cut: the cell; for a group that is no cell, what its rows have in common.
        cells: attributes of the rows of such a group; empty for a cell.
        n: the true number of respondents; between releases the net change, negative where responses went.
        low: smallest n that fits what is published.
        high: largest n that fits; infinite if nothing bounds it.
        exact: whether n follows exactly.
        mean_low: smallest mean score that fits, in points of 25 to 100; None where no scores are published or
            the mean was not in question. Between releases it can leave the scale, when responses were both
            added and taken away.
        mean_high: largest mean score that fits.
        through: cuts of the published figures it follows from.
        earlier: name of the earlier release that is involved, or None.
    """

    reason: str
    cut: Mapping[str, str]
    n: int
    low: float
    high: float
    exact: bool
    cells: tuple[Mapping[str, str], ...] = ()
    mean_low: float | None = None
    mean_high: float | None = None
    through: tuple[Mapping[str, str], ...] = ()
    earlier: str | None = None


class Found(NamedTuple):
    """A leak with the sets that cause it.

    Attributes:
        leak: the leak.
        causes: sets whose publication it follows from: one of them must be hidden to mend it.
        lacks: by how much the interval of n is too narrow.
    """

    leak: Leak
    causes: frozenset[int]
    lacks: float
