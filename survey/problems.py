"""Refusals as RFC 9457 problem details: a status, a title, and a detail a person can act on."""

from http import HTTPStatus
from typing import Any

import msgspec

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A problem details object (RFC 9457) with this API's extensions ``field`` and ``rows``."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    rows: list[dict[str, Any]] | None = None


class Refused(Exception):
    """A request that is refused with a problem; nothing was changed."""

    def __init__(
        self,
        status: int,
        name: str,
        detail: str,
        *,
        field: str | None = None,
        rows: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.headers = headers or {}
        self.problem = problem(status, detail, name=name, field=field, rows=rows)


def problem(
    status: int,
    detail: str,
    *,
    name: str | None = None,
    field: str | None = None,
    rows: list[dict[str, Any]] | None = None,
) -> Problem:
    """A problem of a status; ``name`` makes its type ``urn:percaya:problem:<name>``."""
    return Problem(
        type=f"urn:percaya:problem:{name}" if name else "about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        field=field,
        rows=rows,
    )


def encode(value: Any) -> bytes:
    """A value as JSON."""
    return msgspec.json.encode(value)
