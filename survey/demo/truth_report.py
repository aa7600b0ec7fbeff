"""Hold the platform's estimates against what is really true of the demonstration country."""

from collections.abc import Sequence
from typing import NamedTuple

from survey.clock import day_in
from survey.database import Tx
from survey.demo.country import Country, truth_table
from survey.figures import Figure
from survey.periods import Period
from survey.places import find_place
from survey.platform import Platform
from survey.results import read_units


class TruthLine(NamedTuple):
    """A unit's true IKM (25 to 100) beside its figure over all months of the demonstration."""

    name: str
    truth: float
    figure: Figure

    @property
    def inside(self) -> bool | None:
        """Whether the 95 % interval contains the truth; None when the figure is withheld."""
        interval = self.figure.interval
        return None if interval is None else interval.low <= self.truth <= interval.high

    def cells(self) -> tuple[str, ...]:
        """The line as text, for a table."""
        interval = self.figure.interval
        between = f"{interval.low:.2f}-{interval.high:.2f}" if interval else "withheld"
        inside = {True: "yes", False: "no", None: ""}[self.inside]
        return (
            self.name,
            f"{self.truth:.2f}",
            str(self.figure.value or ""),
            between,
            str(self.figure.n),
            inside,
        )


def truth_rows(platform: Platform, land: Country) -> list[TruthLine]:
    """One line per unit of the country, over the months it has been running."""
    first = land.story_begins
    last = day_in("Asia/Jakarta", platform.now()) // 100
    months = [month for month in range(first, last + 1) if 1 <= month % 100 <= 12]
    truths = {(row.agency, row.unit): row.ikm for row in truth_table(land, months)}
    figures = platform.writer.call(_read_figures, (platform, land, Period(first, last, "all")))
    return [
        TruthLine(
            f"{figure.place.agency}/{figure.place.unit}",
            truths[figure.place.agency, str(figure.place.unit)],
            figure,
        )
        for figure in figures
    ]


def _read_figures(tx: Tx, items: Sequence[tuple[Platform, Country, Period]]) -> list[list[Figure]]:
    return [
        [
            figure
            for agency in land.agencies
            for figure in read_units(
                tx,
                find_place(tx, agency.code),
                platform.instruments,
                platform.settings.instrument,
                period,
                finite=False,
            )
        ]
        for platform, land, period in items
    ]
