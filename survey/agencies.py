"""Register agencies, their units and their services; registering what is there only renames it."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import bindparam, func, select, update

from survey.database import Insertion, Statement, Tx
from survey.models import Agency, Service, ServiceUnit, columns

_a = columns(Agency)
_u = columns(ServiceUnit)
_s = columns(Service)
FIND_AGENCY = Statement(select(_a.id).where(_a.code == bindparam("by_code")))
NEXT_AGENCY = Statement(select(func.coalesce(func.max(_a.id), 0) + 1))
ADD_AGENCY = Insertion(Agency)
NAME_AGENCY = Statement(update(Agency).where(_a.id == bindparam("of")).values(name=bindparam("new_name")))
FIND_UNIT = Statement(
    select(_u.id).where(_u.agency_id == bindparam("agency_id"), _u.code == bindparam("by_code"))
)
NEXT_UNIT = Statement(
    select(func.coalesce(func.max(_u.id), 0) + 1).where(_u.agency_id == bindparam("agency_id"))
)
ADD_UNIT = Insertion(ServiceUnit)
FIND_SERVICE = Statement(
    select(_s.id).where(_s.agency_id == bindparam("agency_id"), _s.code == bindparam("by_code"))
)
NEXT_SERVICE = Statement(
    select(func.coalesce(func.max(_s.id), 0) + 1).where(_s.agency_id == bindparam("agency_id"))
)
ADD_SERVICE = Insertion(Service)


@dataclass(frozen=True)
class NewUnit:
    """A unit to register; ``timezone`` is an IANA name."""

    agency_id: int
    code: str
    name: str
    timezone: str
    place: str = ""
    province: str = ""


def register_agencies(tx: Tx, agencies: Sequence[tuple[str, str]]) -> list[int]:
    """Register agencies by (code, name); their ids."""
    found = []
    for code, name in agencies:
        row = tx.one(FIND_AGENCY, {"by_code": code})
        if row is not None:
            tx.run(NAME_AGENCY, {"of": row[0], "new_name": name})
            found.append(row[0])
            continue
        number = (tx.one(NEXT_AGENCY) or (1,))[0]
        tx.many(ADD_AGENCY, [{"id": number, "code": code, "name": name}])
        found.append(number)
    return found


def register_units(tx: Tx, units: Sequence[NewUnit]) -> list[int]:
    """Register units; their ids within the agency.

    Raises:
        ValueError: a time zone that does not exist.
    """
    found = []
    for unit in units:
        _check_zone(unit.timezone)
        cell = {"agency_id": unit.agency_id}
        row = tx.one(FIND_UNIT, {**cell, "by_code": unit.code})
        if row is None:
            row = tx.one(NEXT_UNIT, cell) or (1,)
            values = {
                "code": unit.code,
                "name": unit.name,
                "timezone": unit.timezone,
                "place": unit.place,
                "province": unit.province,
            }
            tx.many(ADD_UNIT, [{**cell, "id": row[0], **values}])
        found.append(row[0])
    return found


def register_services(tx: Tx, services: Sequence[tuple[int, str, str]]) -> list[int]:
    """Register services by (agency id, code, name); their ids within the agency."""
    found = []
    for agency_id, code, name in services:
        cell = {"agency_id": agency_id}
        row = tx.one(FIND_SERVICE, {**cell, "by_code": code})
        if row is None:
            row = tx.one(NEXT_SERVICE, cell) or (1,)
            tx.many(ADD_SERVICE, [{**cell, "id": row[0], "code": code, "name": name}])
        found.append(row[0])
    return found


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"there is no time zone {name!r}; use one like Asia/Jakarta") from None
