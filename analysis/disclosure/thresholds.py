"""From how many answers a figure may be shown, and to whom.

The numbers are judgement calls, as they are in every office that publishes statistics about people: no
regulation of the survey of satisfaction sets them. They are configuration, with defaults that are usual for
frequency tables (10 for the public, 5 for those who hold the records anyway).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.disclosure.whole import whole
from analysis.errors import Malformed, UnknownKey

AUDIENCES = ("public", "agency")
"""``agency`` is the agency whose answers they are, behind a login; everybody else is the public."""

DEMOGRAPHICS = frozenset({"sex", "age", "education", "occupation", "disability"})
"""Dimensions that describe a person, not the service."""

POINTS = (25.0, 100.0)
"""The scale on which means are reported, that of the index."""


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of disclosure control; every default is a judgement call, none is from a regulation.

    Attributes:
        public: fewest respondents of a figure that the public sees.
        agency: fewest respondents of a figure that the agency itself sees.
        detail: fewest respondents of a grade or an element table that the public sees.
        demographic: fewest respondents in a cell of a breakdown by a trait of persons that shows only how
            many there are.
        text: fewest responses in a period before the agency reads comments (redacted); the public never does.
        relative: an interval into which a hidden count can be bracketed must be at least as wide as the
            threshold of the cell, and as this share of its true value.
        mean_width: an interval into which the mean score of too few can be bracketed must have at least this
            width, in points of 25 to 100.
        revision: a released figure may only be revised by a net change of at least so many responses.
        least: what everybody knows of a hidden cell. Empty cells are shown as empty, hence a hidden one holds
            at least one person; 0 if empty cells carry the same mark as hidden ones.
        unit: name of the dimension below which two traits of persons are not crossed.
        two_way_at_unit: whether they may be crossed there after all.
        demographics: dimensions that describe a person.

    Raises:
        NotACount: a threshold that is not a whole number.
        Malformed: a threshold below 1, a share outside 0 to 1, a width outside 0 to 75.
    """

    public: int = 10
    agency: int = 5
    detail: int = 30
    demographic: int = 5
    text: int = 10
    relative: float = 0.5
    mean_width: float = 10.0
    revision: int = 10
    least: int = 1
    unit: str = "unit"
    two_way_at_unit: bool = False
    demographics: frozenset[str] = DEMOGRAPHICS

    def __post_init__(self) -> None:
        for name in ("public", "agency", "detail", "demographic", "text", "revision"):
            if whole(getattr(self, name), name) < 1:
                raise Malformed(f"a threshold {name} of {getattr(self, name)} protects nobody")
        if whole(self.least, "least") > 1:
            raise Malformed(f"nobody knows that every hidden cell holds {self.least}")
        if not 0 <= self.relative <= 1:
            raise Malformed(f"relative: {self.relative!r} is not a share")
        if not 0 <= self.mean_width <= POINTS[1] - POINTS[0]:
            raise Malformed(f"mean_width: {self.mean_width!r} points do not fit the scale of 25 to 100")

    def floor(self, dimensions: frozenset[str], has_scores: bool, audience: str) -> int:
        """Fewest respondents of a statistic in the lattice of a release.

        Args:
            dimensions: the dimensions of its cut.
            has_scores: whether it shows a mean score, not only how many there are.
            audience: one of ``AUDIENCES``.

        Raises:
            UnknownKey: another audience.
        """
        if not has_scores and dimensions & self.demographics:
            return self.demographic
        return self._figure(audience)

    def crosses_traits(self, cut: Mapping[str, str]) -> bool:
        """Whether a cut crosses two traits of persons within a unit, which is not published."""
        return not self.two_way_at_unit and self.unit in cut and len(self.demographics.intersection(cut)) >= 2

    def withheld(self, what: str, n: int, audience: str = "public") -> str | None:
        """Why something is not shown by itself, or None if it may be. Tallies suffice.

        This is the first rule only: whether it can be worked out from other figures is for ``leaks`` to say.

        Args:
            what: ``figure``, ``grade``, ``elements``, ``demographic`` or ``text``.
            n: number of respondents it rests on; for text, of responses in the period.
            audience: one of ``AUDIENCES``.

        Returns:
            ``no_answers``, ``too_few``, ``never_public``, or None.

        Raises:
            NotACount: n is negative or not a whole number.
            UnknownKey: nothing of that name is shown, or another audience.
        """
        whole(n, "n")
        figure = self._figure(audience)
        detail = self.detail if audience == "public" else figure
        floors = {
            "figure": figure,
            "grade": detail,
            "elements": detail,
            "demographic": self.demographic,
            "text": self.text,
        }
        if what not in floors:
            raise UnknownKey(f"{what!r} is none of {', '.join(floors)}")
        if what == "text" and audience == "public":
            return "never_public"
        if n == 0:
            return "no_answers"
        return "too_few" if n < floors[what] else None

    def _figure(self, audience: str) -> int:
        if audience not in AUDIENCES:
            raise UnknownKey(f"{audience!r} is none of the audiences {', '.join(AUDIENCES)}")
        return self.public if audience == "public" else self.agency


DEFAULT = Thresholds()
"""The thresholds unless configured otherwise."""
