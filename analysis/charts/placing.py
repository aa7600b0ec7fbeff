"""Where the numbers of crowded points go, so that none covers another or a point."""

from collections.abc import Iterator, Sequence
from math import cos, pi, sin
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle on the page."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: "Box") -> bool:
        """Whether it lies in the other one."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.top <= self.top
            and self.bottom <= other.bottom
        )


def around(x: float, y: float, width: float, height: float) -> Box:
    """A rectangle of a size around its centre."""
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def place(
    points: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], inside: Box, dot: float
) -> list[tuple[float, float]]:
    """Centres for one label per point, each as near to its point as there is room, above it first.

    The first labels get the best places, and the same input gives the same places.

    Args:
        points: centres of the dots.
        sizes: width and height of each label.
        inside: where labels may stand.
        dot: diameter of the dots, which no label covers.

    Returns:
        A centre per label. One for which the whole of ``inside`` has no room stands right above its point.
    """
    taken = [around(x, y, dot, dot) for x, y in points]
    centres = []
    for (x, y), (width, height) in zip(points, sizes, strict=True):
        nearest = dot / 2 + height / 2 + 1
        free = (
            centre
            for centre in _candidates(x, y, nearest, inside)
            if _free(around(*centre, width, height), taken, inside)
        )
        centre = next(free, (x, y - nearest))
        taken.append(around(*centre, width, height))
        centres.append(centre)
    return centres


def _free(box: Box, taken: Sequence[Box], inside: Box) -> bool:
    return box.within(inside) and not any(box.meets(other) for other in taken)


def _candidates(x: float, y: float, nearest: float, inside: Box) -> Iterator[tuple[float, float]]:
    """Places around a point in growing rings: above, below, aslant; not beside, where its interval runs."""
    order = (0, 8, 1, 15, 2, 14, 7, 9, 6, 10, 3, 13, 5, 11)
    farthest = max(inside.right - inside.left, inside.bottom - inside.top)
    distance = nearest
    while distance < farthest:
        for turn in order:
            angle = turn * pi / 8
            yield x + distance * sin(angle), y - distance * cos(angle)
        distance += 5
