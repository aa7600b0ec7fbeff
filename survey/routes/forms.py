"""Forms that staff send from pages of ours, and where they lead."""

from typing import Any

from litestar import Response
from litestar.response import Redirect

from survey.problems import Refused
from survey.routes.doors import require_admin
from survey.routes.staff import AnyRequest, platform_of
from survey.routes.wire import read_fields
from survey.security import asked_from_here

MOST_FORM_BYTES = 4096


def require_ours(request: AnyRequest) -> None:
    """See that the administrator sent this from a page of ours.

    Raises:
        Refused: 401, or 403 when another site's page sent it.
    """
    require_admin(request)
    if not asked_from_here(request.headers, platform_of(request).settings.public_url):
        raise Refused(403, "forbidden", "this was not sent from a page of this installation")


async def fields_of(request: AnyRequest) -> dict[str, str]:
    """The fields of a form."""
    return dict(await read_fields(request.scope, request.receive, MOST_FORM_BYTES))


def see(where: str) -> Response[Any]:
    """Go on to another page."""
    return Redirect(where, status_code=303, headers={"Cache-Control": "no-store"})
