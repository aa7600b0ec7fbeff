"""What the pages for staff share: language, period, sending a page."""

from typing import Any

from litestar import Request, Response

from survey.i18n import environment, negotiate
from survey.instruments import Instrument
from survey.periods import Period, read_period
from survey.pictures import Picture
from survey.platform import Platform
from survey.problems import Refused
from survey.results_texts import OFFERED
from survey.routes.assets import ADDRESSES
from survey.routes.wire import fresh, page_response

AnyRequest = Request[Any, Any, Any]
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
