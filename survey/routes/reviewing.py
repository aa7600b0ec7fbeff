"""What the pages of allegations and corrections share: a form from a page of ours, and pages of trouble."""

from collections.abc import Callable
from typing import Any

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from survey.comments.queue_texts import Trouble
from survey.comments.queue_views import trouble_page
from survey.comments.references import Reference, open_reference, seal_reference
from survey.database import Unavailable
from survey.problems import Refused
from survey.routes.doors import require_admin
from survey.routes.errors import on_unexpected
from survey.routes.staff import AnyRequest, language_of, platform_of, send
from survey.routes.wire import read_fields
from survey.security import asked_from_here

MOST_FORM_BYTES = 4096
_TROUBLES: dict[int, Trouble] = {401: "unauthorized", 403: "forbidden", 404: "expired"}


def sealer(request: AnyRequest) -> Callable[[Reference], str]:
    """What makes a reference to a comment as it may leave the installation."""
    platform = platform_of(request)
    keys, now = platform.settings.keys, platform.now()
    return lambda reference: seal_reference(keys, reference, now)


def opened(request: AnyRequest, sealed: str) -> Reference:
    """The comment that a reference means.

    Raises:
        Refused: 404, it is none of ours, or too old.
    """
    platform = platform_of(request)
    found = open_reference(platform.settings.keys, sealed, platform.now())
    if found is None:
        raise Refused(404, "not-found", "this reference is too old, or none of ours")
    return found


async def fields_of(request: AnyRequest) -> dict[str, str]:
    """The fields of a form that the administrator sent from a page of ours.

    Raises:
        Refused: 401, or 403 when another site's page sent it.
    """
    require_admin(request)
    if not asked_from_here(request.headers, platform_of(request).settings.public_url):
        raise Refused(403, "forbidden", "this was not sent from a page of this installation")
    return dict(await read_fields(request.scope, request.receive, MOST_FORM_BYTES))


def see(where: str) -> Response[Any]:
    """Go on to another page."""
    return Redirect(where, status_code=303, headers={"Cache-Control": "no-store"})


def _trouble(
    request: AnyRequest, trouble: Trouble, status: int, headers: dict[str, str] | None = None
) -> Response[Any]:
    response = send(request, "allegations/text", trouble_page(trouble, language_of(request)), status)
    response.headers.update(headers or {})
    return response


def _on_refused(request: AnyRequest, error: Refused) -> Response[Any]:
    status = error.problem.status
    return _trouble(request, _TROUBLES.get(status, "unreadable"), status, error.headers)


def _on_http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    return _trouble(request, "unreadable", error.status_code, dict(error.headers or {}))


def _on_unavailable(request: AnyRequest, _error: Unavailable) -> Response[Any]:
    return _trouble(request, "unavailable", 503, {"Retry-After": "10"})


def _on_unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    on_unexpected(request, error)
    return _trouble(request, "internal", 500)


HANDLERS: dict[Any, Any] = {
    Refused: _on_refused,
    HTTPException: _on_http_error,
    Unavailable: _on_unavailable,
    Exception: _on_unexpected,
}
