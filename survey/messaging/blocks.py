"""What is said of a provider in the configuration: how to send, what its answers and callbacks mean.

A provider is data. Only a signature scheme that cannot be described is code (see ``signatures``).
"""

import re
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Meta

from survey.messaging.placeholders import KNOWN, Params, Secret, Template
from survey.messaging.proofs import AddressAuth, Auth, Block, Field, HmacAuth, NoAuth, SecretAuth, VonageAuth
from survey.messaging.said import agree

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Sender = Annotated[str, Meta(pattern=r"^[\x20-\x7e]{1,20}$")]
REF_IN_PATH = "path"
HttpStatus = Annotated[int, Meta(ge=100, le=599)]


class Status(StrEnum):
    """What a delivery report says of a message; ``temporary``: surely not delivered, another may try."""

    SUBMITTED = "submitted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    REJECTED = "rejected"
    TEMPORARY = "temporary"


class Answer(NamedTuple):
    """A provider's answer to a request: its status, its text, and that as JSON where it is JSON."""

    status: int
    text: str
    data: Any


class Rule(Block, frozen=True, kw_only=True):
    """Recognises an answer: by its status, by its text, by values in its JSON; all that is said must hold."""

    status: tuple[HttpStatus, ...] = ()
    body: re.Pattern[str] | None = None
    json: dict[Field, re.Pattern[str]] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.status or self.body or self.json):
            raise ValueError("recognises nothing; say status, body or json")

    def holds(self, answer: Answer) -> bool:
        """Whether an answer is of this kind."""
        return (
            (not self.status or answer.status in self.status)
            and (self.body is None or self.body.search(answer.text) is not None)
            and agree(answer.data, self.json)
        )


class Accept(Rule, frozen=True, kw_only=True):
    """Recognises that a message was taken, and finds the provider's own name for it.

    ``id`` is a path into the JSON; otherwise a group ``(?P<id>…)`` of ``body`` is it.
    """

    id: Field | None = None


class Send(Block, frozen=True, kw_only=True):
    """The request that sends one message; ``params_ucs2`` are added for a text outside GSM-7.

    ``code`` is a path to the provider's own error code in a JSON answer, for the operator.
    """

    url: Template
    method: Literal["GET", "POST"] = "POST"
    encode: Literal["query", "form", "json"] = "form"
    params: Params
    params_ucs2: Params = Params({})
    headers: dict[Field, Template] = msgspec.field(default_factory=dict)
    basic: tuple[Secret, Secret] | None = None
    code: Field | None = None

    def __post_init__(self) -> None:
        first = self.url.pieces[0] if self.url.pieces else None
        if first is None or not re.match(r"https?://", first.text if first.kind == "literal" else ""):
            raise ValueError("url must begin with https:// or http://")
        address = urlsplit(self.url.fill(dict.fromkeys(KNOWN, "0"), lambda value: quote(value, safe="")))
        if not address.hostname or address.port == 0:  # asking for the port raises for one that is none
            raise ValueError("url has no host, or no port that can be")
        if self.method == "GET" and self.encode != "query":
            raise ValueError('method GET needs encode = "query"')
        if self.encode != "json" and not (self.params.flat and self.params_ucs2.flat):
            raise ValueError(f'params are nested or no texts, which encode = "{self.encode}" cannot send')
        for name, template in self.headers.items():
            if not all(piece.text.isprintable() for piece in template.pieces):
                raise ValueError(f"the header {name} would have more than one line")
        if any(template.names & {"text"} for template in self.headers.values()) or "text" in self.url.names:
            raise ValueError("{text} belongs into params")
        if not {"phone", "digits", "national"} & self.names or "text" not in self.names:
            raise ValueError("params need {text} and one of {phone}, {digits}, {national}")

    @property
    def names(self) -> set[str]:
        """Every value the request needs."""
        of_headers = {name for template in self.headers.values() for name in template.names}
        return self.url.names | self.params.names | self.params_ucs2.names | of_headers


class Reply(Block, frozen=True, kw_only=True):
    """What a callback is answered with; some providers repeat it until they read what they expect."""

    body: str = ""
    type: str = "text/plain"


class Report(Block, frozen=True, kw_only=True):
    """Where a delivery report says what. Names are parameters, or paths into an item of its JSON.

    ``ref`` is where our reference comes back, ``path``: as the last part of the address; ``id`` is the
    provider's own. ``map`` gives the meaning of each value of ``status``, in upper or lower case, ``*``
    standing for the rest of a word; the first that fits counts. With ``bitmask`` the value is a sum of bits
    and ``precedence`` says which bit decides. The code kept is what ``reason_word`` finds in ``reason``, not
    all of it: some providers repeat the message's text there.
    """

    ref: Field = "ref"
    id: Field | None = None
    status: Field
    map: dict[str, Status]
    bitmask: bool = False
    precedence: tuple[str, ...] = ()
    reason: Field | None = None
    reason_word: re.Pattern[str] = re.compile(r"^\s*(\S+)\s*$")
    temporary_when: re.Pattern[str] | None = None
    to: Field | None = None
    opted_out: dict[Field, re.Pattern[str]] = msgspec.field(default_factory=dict)
    items: Field | None = None
    reply: Reply = Reply()

    def __post_init__(self) -> None:
        if not self.map:
            raise ValueError("map is empty")
        if self.bitmask and not all(value.isascii() and value.isdigit() for value in self.map):
            raise ValueError("map of a bitmask has a key that is no number")
        if self.bitmask != bool(self.precedence) or set(self.precedence) - set(self.map):
            raise ValueError("precedence lists the bits of map, and belongs to bitmask = true")
        if self.temporary_when is not None and self.reason is None:
            raise ValueError("temporary_when needs reason")
        if self.opted_out and self.to is None:
            raise ValueError("opted_out needs to, the number that opted out")


class Inbound(Block, frozen=True, kw_only=True):
    """Where a citizen's message says what. ``id`` or ``at`` (the provider's time) tells a repetition."""

    from_: Field = msgspec.field(name="from")
    to: Field | None = None
    text: Field
    id: Field | None = None
    at: Field | None = None
    opted_out: dict[Field, re.Pattern[str]] = msgspec.field(default_factory=dict)
    items: Field | None = None
    reply: Reply = Reply()

    def __post_init__(self) -> None:
        if self.id is None and self.at is None:
            raise ValueError("needs id or at, or a repetition could not be told from a second message")


def check_address(url: str | None) -> None:
    """Check the beginning of the addresses of callbacks.

    Raises:
        ValueError: it is none.
    """
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("callback_url must be an address such as https://ikm.go.id")
    if url.endswith("/"):
        raise ValueError("callback_url ends with a slash")


class Provider(Block, frozen=True, kw_only=True):
    """One provider: a way to send, and what comes back.

    ``weight`` is its share among the providers, ``throughput`` messages a second (0: no limit), ``in_flight``
    how many may be asked at once. ``sender`` and ``callback_url`` replace the general ones, the latter for a
    gateway that calls from beside us and not through the public address. The rules are looked at in the order
    ``opted_out``, ``account``, ``temporary``, ``permanent``, ``accept``.
    """

    name: Name
    kind: Literal["http", "console"] = "http"
    sender: Sender | None = None
    callback_url: str | None = None
    weight: Annotated[int, Meta(ge=0, le=100)] = 100
    throughput: Annotated[float, Meta(ge=0)] = 0
    timeout_seconds: Annotated[float, Meta(gt=0, le=120)] = 15
    in_flight: Annotated[int, Meta(ge=1, le=1000)] = 20
    send: Send | None = None
    accept: Accept | None = None
    temporary: Rule | None = None
    permanent: Rule | None = None
    account: Rule | None = None
    opted_out: Rule | None = None
    report: Report | None = None
    inbound: Inbound | None = None
    auth: tuple[Auth, ...] = ()

    def __post_init__(self) -> None:
        check_address(self.callback_url)
        if self.kind == "http" and (self.send is None or self.accept is None):
            raise ValueError("needs send and accept")
        if (self.report or self.inbound) and not self.auth:
            raise ValueError("has callbacks and no auth; say how they prove where they come from")
        if sum(isinstance(auth, SecretAuth) and auth.place == "path" for auth in self.auth) > 1:
            raise ValueError("auth has two secrets in the path")
        if all(isinstance(auth, NoAuth | AddressAuth) for auth in self.auth):
            self._check_unproved()

    def _check_unproved(self) -> None:
        if not any(isinstance(auth, NoAuth) for auth in self.auth):
            return
        listed = [auth for auth in self.auth if isinstance(auth, AddressAuth)]
        if not listed or not all(ip_network(net).is_loopback for auth in listed for net in auth.addresses):
            raise ValueError('auth "none" is only for callbacks from addresses of this machine')

    @property
    def secret_in_path(self) -> bool:
        """Whether the last part of its callbacks' address is a secret."""
        return any(isinstance(auth, SecretAuth) and auth.place == "path" for auth in self.auth)

    @property
    def ref_in_path(self) -> bool:
        """Whether the last part of its reports' address holds our reference."""
        return self.report is not None and self.report.ref == REF_IN_PATH

    @property
    def body_only(self) -> bool:
        """Whether only the body of a callback is proved, so that its address is not believed."""
        return any(
            isinstance(auth, HmacAuth) or (isinstance(auth, VonageAuth) and auth.method == "jwt")
            for auth in self.auth
        )
