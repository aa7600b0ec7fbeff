"""The responses of a place and period, broken down further than tallies are: by pattern, mode and service.

Read from the responses themselves when a page of one place is opened; the tallies stay small.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, bindparam, cast, func, literal_column, select

from analysis.tally import Layout
from survey.clock import days_of
from survey.database import Statement, Tx
from survey.models import Response, Service, Transaction, columns
from survey.periods import Period
from survey.places import Place

_r = columns(Response)
_t = columns(Transaction)
_s = columns(Service)
# The answers of one respondent add up to a small number, whose square may not fit beside it.
_SCORE = cast(_r.score_sum, BigInteger)


class Pattern(NamedTuple):
    """How many responses gave exactly these answers, one character per item of the instrument."""

    answers: str
    n: int


class ModeMonth(NamedTuple):
    """How many answered by one mode in one month (``yyyymm``)."""

    month: int
    mode: str
    n: int


class ServiceCell(NamedTuple):
    """The transactions of one service through one channel in one month, and the responses about them.

    ``total`` and ``squares`` are the sum and the sum of squares of the respondents' mean scores × the
    layout's ``unit``.
    """

    service: str
    channel: str
    month: int
    transactions: int
    n: int
    total: int
    squares: int


def _of_unit(statement: Select[tuple[object, ...]], column: object) -> Statement:
    return Statement(statement.where(column == bindparam("unit_id")))


_CHOSEN = (
    _r.agency_id == bindparam("agency_id"),
    _r.day.between(bindparam("first"), bindparam("last")),
    _r.source == "invited",
    _r.instrument == bindparam("instrument"),
)
_PATTERNS = select(_r.mode, _r.answers, func.count()).where(*_CHOSEN).group_by(_r.mode, _r.answers)
_BY_MODE: tuple[Any, ...] = (literal_column("response.day / 100").label("month"), _r.mode)
_MODES = select(*_BY_MODE, func.count()).where(*_CHOSEN).group_by(*_BY_MODE)
# Grouped by the number of answered elements as well: a score is the sum of answers over that number, and only
# Python's integers are sure to hold the sum of its squares.
_KIND: tuple[Any, ...] = (_r.service_id, _r.channel, literal_column("response.day / 100").label("month"))
_SCORES = (
    select(*_KIND, _r.answered, func.count(), func.sum(_SCORE), func.sum(_SCORE * _SCORE))
    .where(*_CHOSEN)
    .group_by(*_KIND, _r.answered)
)
_SERVED: tuple[Any, ...] = (
    _t.service_id,
    _t.channel,
    literal_column("service_transaction.day / 100").label("month"),
)
_LEDGER = (
    select(*_SERVED, func.count())
    .where(
        _t.agency_id == bindparam("agency_id"),
        _t.day.between(bindparam("first"), bindparam("last")),
    )
    .group_by(*_SERVED)
)
PATTERNS = (Statement(_PATTERNS), _of_unit(_PATTERNS, _r.unit_id))
MODE_MONTHS = (Statement(_MODES), _of_unit(_MODES, _r.unit_id))
SCORES = (Statement(_SCORES), _of_unit(_SCORES, _r.unit_id))
LEDGER = (Statement(_LEDGER), _of_unit(_LEDGER, _t.unit_id))
SERVICES = Statement(select(_s.id, _s.code).where(_s.agency_id == bindparam("agency_id")))


def read_patterns(tx: Tx, place: Place, instrument: str, period: Period) -> dict[str, list[Pattern]]:
    """The distinct answers of a period by mode, with how many gave them, by their text and never by score."""
    found: dict[str, list[Pattern]] = defaultdict(list)
    # Sorted here: databases do not agree where a "-" stands among digits.
    rows = tx.all(PATTERNS[_at(place)], _asked(place, instrument, period))
    for mode, answers, n in sorted(map(tuple, rows)):
        found[mode].append(Pattern(answers, n))
    return dict(found)


def together(patterns: Mapping[str, Sequence[Pattern]]) -> list[Pattern]:
    """The distinct answers of all modes, in the order of their text."""
    found: Counter[str] = Counter()
    for of_mode in patterns.values():
        found.update(dict(of_mode))
    return [Pattern(*one) for one in sorted(found.items())]


def read_modes(tx: Tx, place: Place, instrument: str, period: Period) -> list[ModeMonth]:
    """How many answered by each mode in each month of a period, in the order of months and modes."""
    rows = tx.all(MODE_MONTHS[_at(place)], _asked(place, instrument, period))
    return sorted(ModeMonth(month, mode, n) for month, mode, n in rows)


def read_services(tx: Tx, place: Place, instrument: str, layout: Layout, period: Period) -> list[ServiceCell]:
    """Transactions and responses by service, channel and month, in the order of these.

    A transaction counts on the day it was finished, a response on the day it was given: at the edges of a
    short period a cell can have more responses than transactions.
    """
    codes = {number: code for number, code in tx.all(SERVICES, {"agency_id": place.agency_id})}
    moments: dict[tuple[str, str, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for service, channel, month, served in tx.all(LEDGER[_at(place)], _parameters(place, period)):
        moments[codes.get(service, ""), channel, month][0] = served
    for service, channel, month, answered, n, total, squares in tx.all(
        SCORES[_at(place)], _asked(place, instrument, period)
    ):
        cell, step = moments[codes.get(service, ""), channel, month], layout.unit // answered
        cell[1] += n
        cell[2] += int(total) * step
        cell[3] += int(squares) * step * step
    return [ServiceCell(*key, *numbers) for key, numbers in sorted(moments.items())]


def _at(place: Place) -> int:
    return 0 if place.unit_id is None else 1


def _asked(place: Place, instrument: str, period: Period) -> dict[str, Any]:
    return {**_parameters(place, period), "instrument": instrument}


def _parameters(place: Place, period: Period) -> dict[str, int]:
    parameters = {
        "agency_id": place.agency_id,
        "first": days_of(period.first)[0],
        "last": days_of(period.last)[1],
    }
    return parameters if place.unit_id is None else {**parameters, "unit_id": place.unit_id}
