"""The kept month tallies of places, read and sorted by source, instrument and month."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select

from analysis.tally import Layout, Tally
from survey.comments.months import CommentMonths
from survey.database import Row, Statement, Tx
from survey.models import COMMENTS, LEDGER, AgencyMonth, UnitMonth, columns
from survey.periods import Period
from survey.places import Place
from survey.tallies import unpack

_um = columns(UnitMonth)
_am = columns(AgencyMonth)

AGENCY_MONTHS = Statement(
    select(_am.month, _am.source, _am.instrument, _am.counts).where(_am.agency_id == bindparam("agency_id"))
)
UNIT_MONTHS = Statement(
    select(_um.month, _um.source, _um.instrument, _um.counts).where(
        _um.agency_id == bindparam("agency_id"), _um.unit_id == bindparam("unit_id")
    )
)
ALL_UNIT_MONTHS = Statement(
    select(_um.unit_id, _um.month, _um.source, _um.instrument, _um.counts).where(
        _um.agency_id == bindparam("agency_id"),
        _um.month.between(bindparam("first"), bindparam("last")),
        _um.source != COMMENTS,
    )
)
ALL_AGENCY_MONTHS = Statement(
    select(_am.agency_id, _am.month, _am.source, _am.instrument, _am.counts).where(
        _am.month.between(bindparam("first"), bindparam("last")), _am.source != COMMENTS
    )
)
LIVE_MONTHS = Statement(select(_am.month).where(_am.source != "imported").distinct())


@dataclass
class Months:
    """The months of a place: tallies by (source, instrument) and month, the ledger by month, the comments.

    Of several places side by side the comments are not read.
    """

    tallies: dict[tuple[str, str], dict[int, Tally]] = field(default_factory=lambda: defaultdict(dict))
    ledger: dict[int, tuple[int, ...]] = field(default_factory=dict)
    comments: CommentMonths = field(default_factory=CommentMonths)

    def of(self, source: str, instrument: str) -> Mapping[int, Tally]:
        """The tallies of one source and instrument, by month; empty when there are none."""
        return self.tallies.get((source, instrument), {})


def read_place(tx: Tx, place: Place, layouts: Mapping[str, Layout]) -> Months:
    """All months of an agency or unit."""
    months = Months()
    statement = AGENCY_MONTHS if place.unit_id is None else UNIT_MONTHS
    for row in tx.all(statement, {"agency_id": place.agency_id, "unit_id": place.unit_id}):
        _sort_in(months, row, layouts)
    return months


def read_all_units(
    tx: Tx, agency: Place, layouts: Mapping[str, Layout], period: Period
) -> Mapping[int, Months]:
    """The months of a period of every unit of an agency, by the unit's id."""
    parameters = {"agency_id": agency.agency_id, "first": period.first, "last": period.last}
    return _by_owner(tx.all(ALL_UNIT_MONTHS, parameters), layouts)


def read_all_agencies(tx: Tx, layouts: Mapping[str, Layout], period: Period) -> Mapping[int, Months]:
    """The months of a period of every agency, by its id."""
    return _by_owner(tx.all(ALL_AGENCY_MONTHS, {"first": period.first, "last": period.last}), layouts)


def list_months(tx: Tx) -> list[int]:
    """The months (``yyyymm``) in which any agency has transactions or invited answers, ascending."""
    return sorted(row[0] for row in tx.all(LIVE_MONTHS))


def _by_owner(rows: Sequence[Row], layouts: Mapping[str, Layout]) -> Mapping[int, Months]:
    months: dict[int, Months] = defaultdict(Months)
    for owner, *row in rows:
        _sort_in(months[owner], tuple(row), layouts)
    return months


def _sort_in(months: Months, row: Row, layouts: Mapping[str, Layout]) -> None:
    month, source, instrument, counts = row
    if instrument == LEDGER:
        months.ledger[month] = unpack(counts)
    elif source == COMMENTS:
        months.comments.add(month, instrument, unpack(counts))
    elif instrument in layouts:
        months.tallies[source, instrument][month] = Tally(layouts[instrument], unpack(counts))
