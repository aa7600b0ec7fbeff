"""What the pages of results and comments share: language, period, sending a page, and pages of trouble."""

from typing import Any

from litestar import Request, Response

from survey.database import Unavailable
from survey.i18n import environment, negotiate
from survey.instruments import Instrument
from survey.periods import Period, read_period
from survey.pictures import Picture
from survey.places import NotFound
from survey.platform import Platform
from survey.problems import Refused
from survey.results_texts import OFFERED
from survey.results_views import Trouble, trouble_page
from survey.routes.assets import ADDRESSES
from survey.routes.errors import on_unexpected
from survey.routes.wire import fresh, page_response

AnyRequest = Request[Any, Any, Any]
_TROUBLES: dict[int, Trouble] = {400: "period", 401: "unauthorized", 404: "unknown"}
_PRIVATE = {"Cache-Control": "private, no-cache"}


def platform_of(request: AnyRequest) -> Platform:
    """The running installation."""
    platform: Platform = request.app.state.platform
    return platform


def language_of(request: AnyRequest) -> str:
    """The language asked for, else the browser's; one of those that staff pages are written in."""
    asked: str | None = request.query_params.get("lang")
    if asked in OFFERED:
        return str(asked)
    default = platform_of(request).settings.default_language
    return negotiate(request.headers.get("accept-language"), OFFERED, default if default in OFFERED else "id")


def written_period(request: AnyRequest) -> str:
    """The period as it stands in the address, empty when none."""
    asked: str = request.query_params.get("period", "")
    return asked


def period_of(request: AnyRequest) -> Period | None:
    """The period asked for.

    Raises:
        Refused: 400, it cannot be read.
    """
    asked = written_period(request)
    try:
        return read_period(asked) if asked else None
    except ValueError as error:
        raise Refused(400, "period", str(error), field="period") from None


def item_names(platform: Platform, lang: str) -> dict[str, str]:
    """The names of all items; those of the instrument that is asked come last and count."""
    asked = platform.instruments[platform.settings.instrument]
    listed: tuple[Instrument, ...] = (*platform.instruments.values(), asked)
    return {
        item.key: item.name.get(lang) or item.name[instrument.default_language]
        for instrument in listed
        for item in instrument.items
    }


def send(request: AnyRequest, template: str, page: object, status: int = 200) -> Response[bytes]:
    """A page from its template and everything that the template shows."""
    settings = platform_of(request).settings
    body = (
        environment(language_of(request))
        .get_template(f"{template}.html")
        .render(page=page, assets=ADDRESSES, site_name=settings.site_name, contact=settings.site_contact)
    )
    return page_response(request.scope, fresh(body.encode()), status)


def send_picture(request: AnyRequest, picture: Picture) -> Response[bytes]:
    """A picture, or that the browser has it already."""
    headers = {**_PRIVATE, "ETag": picture.etag, "Vary": "Accept-Language"}
    if picture.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(picture.svg, media_type="image/svg+xml", headers=headers)


def _trouble(
    request: AnyRequest, trouble: Trouble, status: int, headers: dict[str, str] | None = None
) -> Response[Any]:
    response = send(request, "results/trouble", trouble_page(trouble, language_of(request)), status)
    response.headers.update(headers or {})
    return response


def _on_refused(request: AnyRequest, error: Refused) -> Response[Any]:
    status = error.problem.status
    return _trouble(request, _TROUBLES[status], status, error.headers)


def _on_unknown(request: AnyRequest, _error: NotFound) -> Response[Any]:
    return _trouble(request, "unknown", 404)


def _on_unavailable(request: AnyRequest, _error: Unavailable) -> Response[Any]:
    return _trouble(request, "unavailable", 503, {"Retry-After": "10"})


def _on_unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    on_unexpected(request, error)
    return _trouble(request, "internal", 500)


# The citizen's pages of trouble speak of links and codes, and bring a style of their own.
HANDLERS: dict[Any, Any] = {
    Refused: _on_refused,
    NotFound: _on_unknown,
    Unavailable: _on_unavailable,
    Exception: _on_unexpected,
}
