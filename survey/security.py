"""What every answer carries: headers that keep secrets in and strangers out, on every status.

A link's code is in its address, so no page may tell an address to anyone (`Referrer-Policy`), be kept
by a shared cache, be indexed or be framed.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar.types import ASGIApp, Message, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]

_EVERYWHERE = {
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_NOT_KEPT = ((b"cache-control", b"no-store"),)
_SHUT = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
# The style of citizens' pages is allowed here too: a wrong address gets one of their notices.
_STAFF = (
    "default-src 'none'; style-src 'self' '{style_hash}'; script-src 'self';"
    " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Guard:
    """The hook that adds the headers to every response, also to errors and static files."""

    def __init__(self, style_hash: str, *, https: bool) -> None:
        everywhere = dict(_EVERYWHERE)
        if https:
            everywhere["strict-transport-security"] = "max-age=63072000; includeSubDomains"
        citizen = f"{_SHUT}; style-src '{style_hash}'; img-src data:; form-action 'self'"
        self._api = _encode(everywhere | {"content-security-policy": _SHUT})
        self._staff = _encode(everywhere | {"content-security-policy": _STAFF.format(style_hash=style_hash)})
        # A browser says truly where a form was sent from only where it may: no address here is a secret.
        operations = everywhere | {"referrer-policy": "same-origin"}
        self._operations = _encode(
            operations | {"content-security-policy": _STAFF.format(style_hash=style_hash)}
        )
        self._citizen = _encode(everywhere | {"content-security-policy": citizen})

    async def __call__(self, message: Message, scope: Scope) -> None:
        """Add the headers that belong to the address (a Litestar ``before_send`` hook)."""
        if message["type"] != "http.response.start":
            return
        given = message["headers"]
        # What nobody has allowed to be kept is not: an answer may hold a link, a figure or a number.
        kept = () if any(name.lower() == b"cache-control" for name, _ in given) else _NOT_KEPT
        message["headers"] = [*given, *kept, *self._for(scope["path"])]

    def _for(self, path: str) -> Headers:
        if path.startswith("/api/"):
            return self._api
        if path.startswith(("/results", "/comments", "/static/")):
            return self._staff
        if path.startswith(("/operations/", "/allegations", "/corrections")):
            return self._operations
        return self._citizen


def asked_from_here(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether a request that changes something was sent from a page of this installation.

    A browser adds the administrator's password to a form of any other site too, but says where it comes
    from: in ``Sec-Fetch-Site`` (W3C Fetch Metadata) to addresses it trusts, else in ``Origin`` (RFC 6454).
    The names of ``headers`` are in lower case. What says neither was not sent by a browser.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    try:
        origin = urlsplit(headers.get("origin", "")).netloc
        return bool(origin) and origin in (urlsplit(public_url).netloc, headers.get("host"))
    except ValueError:
        return False


def _encode(headers: dict[str, str]) -> Headers:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def answer_head(app: ASGIApp) -> ASGIApp:
    """Answer HEAD like GET without a body: monitors and link previews ask that way."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        asking: Any = scope
        if asking.get("method") != "HEAD":
            await app(scope, receive, send)
            return

        async def without_body(message: Any) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        asking["method"] = "GET"
        await app(scope, receive, without_body)

    return asked
