"""What a citizen's pages need of the wire: a header, a form, the language, and a page sent compressed."""

import gzip
from typing import Any
from urllib.parse import parse_qsl

from litestar import Response
from litestar.exceptions import ClientException
from litestar.types import Receive, Scope, Send

from survey.i18n import LANGUAGES, negotiate
from survey.pages import Page
from survey.platform import Platform

MOST_FIELDS = 100
FORM = "application/x-www-form-urlencoded"
_HTML = (b"content-type", b"text/html; charset=utf-8")
# A citizen's page may be shown again by "back" with everything typed; no shared cache may keep it.
_PRIVATE = ((b"cache-control", b"private, no-cache"), (b"vary", b"Accept-Encoding, Accept-Language"))
_PACKED = (b"content-encoding", b"gzip")


def header(scope: Scope, name: bytes) -> str:
    """A header of the request by its name in lower case, or nothing."""
    for found, value in scope["headers"]:
        if found == name:
            return value.decode("latin-1")
    return ""


def platform_of(scope: Scope) -> Platform:
    """The running installation."""
    platform: Platform = scope["litestar_app"].state.platform
    return platform


def language_of(scope: Scope, wanted: str | None = None) -> str:
    """The language to show: the one asked for, else the link's, else the browser's."""
    query = scope["query_string"]
    asked = dict(parse_qsl(query.decode("latin-1"))).get("lang") if query else None
    for language in (asked, wanted):
        if language in LANGUAGES:
            return str(language)
    default = platform_of(scope).settings.default_language
    return negotiate(header(scope, b"accept-language") or None, LANGUAGES, default)


async def read_fields(scope: Scope, receive: Receive, most_bytes: int) -> list[tuple[str, str]]:
    """The fields of a submitted form, in order.

    Raises:
        ClientException: not a form, not in UTF-8, or larger than ``most_bytes``.
    """
    if header(scope, b"content-type").partition(";")[0].strip().lower() != FORM:
        raise ClientException(f"send the form as {FORM}", status_code=415)
    body = await _read_body(receive, most_bytes)
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise ClientException("the form cannot be read: it is not UTF-8 or has too many fields") from error


async def _read_body(receive: Receive, most_bytes: int) -> bytes:
    body: bytes = b""
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise ClientException("the form was cut off")
        body += message.get("body", b"")
        if len(body) > most_bytes:
            raise ClientException("the form is too large", status_code=413)
        if not message.get("more_body"):
            return body


def fresh(body: bytes) -> Page:
    """A page made for this one request, to be compressed when it is sent."""
    return Page(body, b"", "")


async def send_page(scope: Scope, send: Send, page: Page, status: int) -> None:
    """Send a page, compressed where the browser can."""
    body, packed = _fitting(scope, page)
    head = [_HTML, *_PRIVATE, (b"content-length", str(len(body)).encode())]
    if packed:
        head.append(_PACKED)
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def page_response(scope: Scope, page: Page, status: int = 200) -> Response[bytes]:
    """The same as a response, for the handlers that are not in a hurry."""
    body, packed = _fitting(scope, page)
    headers = {name.decode(): value.decode() for name, value in (*_PRIVATE, *([_PACKED] if packed else []))}
    return Response(body, media_type="text/html", status_code=status, headers=headers)


def _fitting(scope: Scope, page: Page) -> tuple[bytes, bool]:
    """The body for this browser, and whether it is compressed."""
    if "gzip" in header(scope, b"accept-encoding"):
        return page.gzip or gzip.compress(page.body, 6), True
    return page.body, False
