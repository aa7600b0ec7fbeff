"""Handing one message to a provider over HTTP, once.

What came of it is one of a few verdicts, and the difference that matters is whether the message can have
been taken. Before the request was written it surely was not; after that, only an answer that is recognised
says so. Nothing is ever sent a second time from here: the HTTP library repeats idempotent requests whose
connection broke (RFC 9110, section 9.2.2), which a GET that sends an SMS is not.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote, urlencode

import msgspec

from survey.messaging.blocks import Answer, Provider, Send
from survey.messaging.config import SmsConfig
from survey.messaging.said import as_text, as_word, find

if TYPE_CHECKING:
    import aiohttp

MOST_ANSWER_BYTES = 64 * 1024
_REF = re.compile(r"^[!-~]{1,128}$")
# What a proxy says that has given up on an answer: whoever is behind it may have taken the message.
_GAVE_UP = frozenset({502, 504})
_TEMPORARY = frozenset({408, 425, 429})
# Never about one message: our address, our method or our credentials are wrong, or the account is.
_ACCOUNT = frozenset({401, 402, 403, 404, 405, 407})


class Outgoing(NamedTuple):
    """A message to be sent: our reference, the number as E.164, the text, and whether it needs UCS-2."""

    ref: str
    phone: str
    text: str
    ucs2: bool


class Verdict(StrEnum):
    """What came of a try.

    ``accepted``; ``temporary``: not taken, later is right; ``refused``: nobody was reached, surely not sent;
    ``rejected``: not taken, for a reason of this message; ``account``: not taken, for a reason of ours;
    ``opted_out``: the number does not want to be written to; ``unknown``: nobody can say.
    """

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    REFUSED = "refused"
    REJECTED = "rejected"
    ACCOUNT = "account"
    OPTED_OUT = "opted_out"
    UNKNOWN = "unknown"


class Sent(NamedTuple):
    """The verdict, the provider's own name for the message, and a word or two on why: never a text."""

    verdict: Verdict
    provider_ref: str | None
    code: str


class Gateway(Protocol):
    """Something that hands messages over; used within one event loop."""

    async def send(self, outgoing: Outgoing) -> Sent:
        """Hand one message over; never raises for what a provider does."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


def open_gateway(provider: Provider, config: SmsConfig, write: Callable[[str], None]) -> Gateway:
    """The gateway of a provider; ``write`` is given each line of the console."""
    if provider.kind == "console":
        return ConsoleGateway(write)
    return HttpGateway(provider, config)


class ConsoleGateway:
    """Writes each message as one line; for the demonstration, where nobody is written to."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    async def send(self, outgoing: Outgoing) -> Sent:
        """Write the message."""
        text = " / ".join(outgoing.text.splitlines())
        try:
            self._write(f"SMS to {outgoing.phone}: {text}")
        except (OSError, ValueError):  # nobody reads there any more
            return Sent(Verdict.REFUSED, None, "console closed")
        return Sent(Verdict.ACCEPTED, f"console-{outgoing.ref}", "console")

    async def close(self) -> None:
        """Nothing is held."""


class _Request(NamedTuple):
    url: str
    headers: dict[str, str]
    body: bytes | None


class HttpGateway:
    """A provider that takes messages over HTTP, as its configuration says."""

    def __init__(self, provider: Provider, config: SmsConfig) -> None:
        if provider.send is None or provider.accept is None:
            raise ValueError(f"provider {provider.name!r} does not say how to send")
        self._provider, self._send, self._config = provider, provider.send, config
        self._session: aiohttp.ClientSession | None = None

    async def send(self, outgoing: Outgoing) -> Sent:
        """Ask the provider to send the message; exactly one request leaves."""
        import aiohttp

        request = build_request(self._send, self._values(outgoing))
        try:
            answer = await self._ask(request)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            return Sent(Verdict.REFUSED, None, _reason(error))
        except TimeoutError:
            return Sent(Verdict.UNKNOWN, None, "timeout")
        except (aiohttp.ClientError, OSError, _Dropped):
            return Sent(Verdict.UNKNOWN, None, "dropped")
        except Exception as error:
            # Whatever else it is: its text may hold the address, which may hold number and text.
            return Sent(Verdict.UNKNOWN, None, f"error {as_word(type(error).__name__) or 'unnamed'}")
        return classify(self._provider, answer)

    async def close(self) -> None:
        """Close what is open; a later message opens it again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _values(self, outgoing: Outgoing) -> dict[str, str]:
        return {
            "phone": outgoing.phone,
            "digits": outgoing.phone.removeprefix("+"),
            "national": national(outgoing.phone),
            "text": outgoing.text,
            "sender": self._provider.sender or self._config.sender,
            "ref": outgoing.ref,
            "report_url": self._config.callback_address(self._provider, "report", outgoing.ref),
            "ucs2": "1" if outgoing.ucs2 else "",
        }

    async def _ask(self, request: _Request) -> Answer:
        from yarl import URL

        session = self._session = self._session or _open_session(self._provider)
        url = URL(request.url, encoded=True)
        async with session.request(
            self._send.method, url, data=request.body, headers=request.headers, allow_redirects=False
        ) as response:
            content = b""
            async for chunk in response.content.iter_any():
                content += chunk
                if len(content) > MOST_ANSWER_BYTES:
                    break
            text = content[:MOST_ANSWER_BYTES].decode("utf-8", "replace")
            return Answer(response.status, text, _parsed(text))


class _Dropped(Exception):
    """The connection broke after the request was begun."""


async def _only_once(request: "aiohttp.ClientRequest", handler: Any) -> "aiohttp.ClientResponse":
    import aiohttp

    try:
        response: aiohttp.ClientResponse = await handler(request)
        return response
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        # These the library would answer by sending the request again.
        raise _Dropped from error


def _open_session(provider: Provider) -> "aiohttp.ClientSession":
    import aiohttp

    # A kept connection may be closed by the other side just when a message is written to it, and then
    # nobody can say whether it was read: each message has its own.
    connector = aiohttp.TCPConnector(limit=provider.in_flight, force_close=True)
    seconds = provider.timeout_seconds
    return aiohttp.ClientSession(
        connector=connector,
        # Not having been connected by half the time is surely not having sent; later it is in doubt.
        timeout=aiohttp.ClientTimeout(total=seconds, connect=seconds / 2),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "percaya", "Accept-Encoding": "identity"},
        middlewares=(_only_once,),
    )


def build_request(send: Send, values: Mapping[str, str]) -> _Request:
    """The request that sends a message; ``values`` are those of its gaps, and ``ucs2`` is "1" or empty."""
    params = send.params.fill(values)
    if values["ucs2"]:
        params |= send.params_ucs2.fill(values)
    url = send.url.fill(values, lambda value: quote(value, safe=""))
    headers = {name: template.fill(values) for name, template in send.headers.items()}
    if send.basic is not None:
        headers["Authorization"] = _basic(send.basic[0].value, send.basic[1].value)
    if send.encode == "query":
        return _Request(f"{url}{'&' if '?' in url else '?'}{urlencode(params)}", headers, None)
    if send.encode == "form":
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return _Request(url, headers, urlencode(params).encode())
    headers.setdefault("Content-Type", "application/json")
    return _Request(url, headers, msgspec.json.encode(params))


def _basic(user: str, password: str) -> str:
    from base64 import b64encode

    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def national(phone: str) -> str:
    """A number as it is dialled in Indonesia; one of another country stays as it is."""
    return "0" + phone.removeprefix("+62") if phone.startswith("+62") else phone


def _parsed(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def classify(provider: Provider, answer: Answer) -> Sent:
    """What an answer means: by the provider's rules, and where none holds, by its status.

    A success that no rule recognises, a redirection and a proxy that gave up are in doubt: a captive portal
    answers 200 to everything, and whoever is behind it may or may not have taken the message.
    """
    for rule, verdict in (
        (provider.opted_out, Verdict.OPTED_OUT),
        (provider.account, Verdict.ACCOUNT),
        (provider.temporary, Verdict.TEMPORARY),
        (provider.permanent, Verdict.REJECTED),
    ):
        if rule is not None and rule.holds(answer):
            return Sent(verdict, None, _code(provider, answer))
    if provider.accept is not None and provider.accept.holds(answer):
        return Sent(Verdict.ACCEPTED, _provider_ref(provider, answer), _code(provider, answer))
    return Sent(_by_status(answer.status), None, _code(provider, answer))


def _by_status(status: int) -> Verdict:
    if status < 400 or status in _GAVE_UP:
        return Verdict.UNKNOWN
    if status >= 500 or status in _TEMPORARY:
        return Verdict.TEMPORARY
    return Verdict.ACCOUNT if status in _ACCOUNT else Verdict.REJECTED


def _code(provider: Provider, answer: Answer) -> str:
    path = provider.send.code if provider.send is not None else None
    word = as_word(as_text(find(answer.data, path))) if path else None
    return f"http {answer.status}" + (f" {word}" if word else "")


def _provider_ref(provider: Provider, answer: Answer) -> str | None:
    accept = provider.accept
    if accept is None:
        return None
    found: str | None = None
    if accept.id is not None:
        found = as_text(find(answer.data, accept.id))
    elif accept.body is not None and "id" in accept.body.groupindex:
        match = accept.body.search(answer.text)
        found = match.group("id") if match else None
    return found if found is not None and _REF.fullmatch(found) else None


def _reason(error: Exception) -> str:
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "no such host"
    if isinstance(error, aiohttp.ClientSSLError):
        return "tls"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "connect timeout"
    if isinstance(error, aiohttp.InvalidURL):
        return "bad address"
    return "connection refused"
