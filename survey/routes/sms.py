"""Where SMS providers call: delivery reports and citizens' messages. Checked, stored, answered; no more.

Nothing of a callback is dealt with before its answer is sent, so that a provider never waits for it, and
nothing of it is logged.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote

from litestar import HttpMethod, Request, Response, route
from litestar.params import FromPath

from survey.database import Unavailable
from survey.messaging import callbacks
from survey.messaging.blocks import Reply
from survey.messaging.callbacks import Raw
from survey.messaging.incoming import (
    MOST_FIELDS,
    Heard,
    Incoming,
    Malformed,
    Reported,
    read_heard,
    read_reports,
)
from survey.messaging.signatures import authenticate
from survey.platform import Platform
from survey.problems import MEDIA_TYPE, encode, problem

MOST_BYTES = 64 * 1024
AnyRequest = Request[Any, Any, Any]


class _TooLarge(Exception):
    """More than anybody has to say."""


def _moments() -> Callable[[int], int]:
    """Milliseconds, none twice: what came at once is dealt with in the order it came."""
    last = 0

    def moment(now_ms: int) -> int:
        nonlocal last
        # A clock that was put back is believed.
        last = last + 1 if last - 1000 <= now_ms <= last else now_ms
        return last

    return moment


_moment = _moments()


@route(
    ["/sms/{provider:str}/{kind:str}", "/sms/{provider:str}/{kind:str}/{secret:str}"],
    http_method=[HttpMethod.GET, HttpMethod.POST],
    status_code=200,
    include_in_schema=False,
    request_max_body_size=None,
)
async def take_callback(request: AnyRequest, provider: FromPath[str], kind: FromPath[str]) -> Response[Any]:
    """Take a callback of a provider, once."""
    platform: Platform = request.app.state.platform
    sms = platform.sms
    known = None if sms is None else sms.config.provider(provider)
    block = None if known is None else {"report": known.report, "inbound": known.inbound}.get(kind)
    try:
        begin = "" if sms is None or known is None else sms.config.callback_url_of(known)
        incoming = await _incoming(request, begin, platform.now())
    except _TooLarge:
        return _refusal(413, f"a callback has at most {MOST_BYTES} bytes")
    except Malformed as error:
        return _refusal(400, str(error))
    # The same answer for a provider that does not exist and for one that somebody else claims to be.
    if sms is None or known is None or block is None or not authenticate(known, incoming):
        return _refusal(403, "this callback does not prove where it comes from")
    items: list[Reported] | list[Heard]
    try:
        items = read_reports(known, incoming) if kind == "report" else read_heard(known, incoming)
    except Malformed as error:
        return _refusal(400, str(error))
    keys = platform.settings.keys
    stored = (
        Raw(keys, known.name, "report" if kind == "report" else "inbound", item, _moment(platform.now_ms()))
        for item in items
    )
    try:
        await asyncio.gather(*(platform.writer.run(callbacks.store, raw) for raw in stored))
    except Unavailable:
        return _refusal(503, "the database is not available; try again soon", {"Retry-After": "10"})
    sms.wake()
    return _answer(block.reply)


async def _incoming(request: AnyRequest, begin: str, now: int) -> Incoming:
    scope: Any = request.scope
    query = scope.get("query_string", b"").decode("latin-1")
    try:
        fields = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Malformed("the address has too many parameters") from None
    path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1").partition("?")[0]
    return Incoming(
        method=request.method,
        url=f"{begin}{path}{'?' if query else ''}{query}",
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        query=fields,
        body=await _body(request),
        client=scope["client"][0] if scope.get("client") else "",
        secret=request.path_params.get("secret"),
        now=now,
    )


async def _body(request: AnyRequest) -> bytes:
    body = bytearray()  # grows in place: whoever sends byte by byte costs no more than others
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise _TooLarge
    return bytes(body)


def _answer(reply: Reply) -> Response[bytes]:
    return Response(reply.body.encode(), media_type=reply.type, status_code=200)


def _refusal(status: int, detail: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        encode(problem(status, detail)), media_type=MEDIA_TYPE, status_code=status, headers=headers
    )


ROUTES = [take_callback]
