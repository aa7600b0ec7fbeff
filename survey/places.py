"""Agencies and their units, found by code or listed by name."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select

from survey.database import Statement, Tx
from survey.models import Agency, ServiceUnit, columns

_a = columns(Agency)
_u = columns(ServiceUnit)

AGENCIES = Statement(select(_a.id, _a.code, _a.name).order_by(_a.name))
UNITS = Statement(
    select(_u.id, _u.code, _u.name, _u.place).where(_u.agency_id == bindparam("agency_id")).order_by(_u.name)
)


class NotFound(Exception):
    """There is no such agency or unit."""


class Place(NamedTuple):
    """An agency, or one of its units."""

    agency_id: int
    agency: str
    agency_name: str
    unit_id: int | None = None
    unit: str | None = None
    unit_name: str | None = None

    @property
    def name(self) -> str:
        """The name people know it by."""
        return self.unit_name or self.agency_name


def list_agencies(tx: Tx, items: Sequence[None]) -> list[list[Place]]:
    """Every agency, by name."""
    return [[Place(number, code, name) for number, code, name in tx.all(AGENCIES)] for _ in items]


def list_units(tx: Tx, agency: Place) -> list[Place]:
    """The units of an agency, by name."""
    return [
        agency._replace(unit_id=number, unit=code, unit_name=name)
        for number, code, name, _ in tx.all(UNITS, {"agency_id": agency.agency_id})
    ]


def find_place(tx: Tx, agency_code: str, unit_code: str | None = None) -> Place:
    """An agency by its code, or one of its units.

    Raises:
        NotFound: no such agency, or it has no such unit.
    """
    for agency in list_agencies(tx, [None])[0]:
        if agency.agency == agency_code:
            if unit_code is None:
                return agency
            for unit in list_units(tx, agency):
                if unit.unit == unit_code:
                    return unit
    raise NotFound(
        f"there is no agency {agency_code!r}" + (f" with a unit {unit_code!r}" if unit_code else "")
    )
