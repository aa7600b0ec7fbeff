"""The doors: who may call a route. Until accounts exist: agencies by key, the administrator, the demo."""

from typing import Any

from litestar import Request

from survey.access import Caller, Presented, credential, find_callers, is_administrator
from survey.platform import Platform
from survey.problems import Refused

AnyRequest = Request[Any, Any, Any]


async def require_agency(request: AnyRequest) -> Caller:
    """The agency whose key came with the request.

    Raises:
        Refused: 401, no key or one that is not valid.
    """
    platform: Platform = request.app.state.platform
    key = credential(request.headers.get("authorization"))
    if key is not None:
        caller = await platform.reader.run(find_callers, Presented(key, platform.settings.keys))
        if caller is not None:
            return caller
    raise Refused(
        401,
        "unauthorized",
        "send the agency's API key: Authorization: Bearer pcy_…",
        headers={"WWW-Authenticate": 'Bearer realm="percaya"'},
    )


def is_admin(request: AnyRequest) -> bool:
    """Whether the administrator's key came with the request."""
    settings = request.app.state.platform.settings
    admin_key = settings.admin_key.get_secret_value() if settings.admin_key else None
    return is_administrator(credential(request.headers.get("authorization")), admin_key)


def require_admin(request: AnyRequest) -> None:
    """Let the administrator in, or anyone in the demonstration.

    Raises:
        Refused: 401, without the administrator's key.
    """
    if not request.app.state.platform.settings.demo and not is_admin(request):
        raise Refused(
            401,
            "unauthorized",
            "results are open to the administrator only: give any name, and the key as password",
            headers={"WWW-Authenticate": 'Basic realm="percaya", charset="UTF-8"'},
        )


async def require_reader_of(request: AnyRequest, agency_code: str) -> None:
    """Let in the administrator, the agency itself, or anyone in the demonstration.

    Raises:
        Refused: 401, or 404 for another agency's key (which learns nothing, not even that it exists).
    """
    if request.app.state.platform.settings.demo or is_admin(request):
        return
    caller = await require_agency(request)
    if caller.agency_code != agency_code:
        raise Refused(404, "not-found", "there is no such agency, or this key may not read it")
