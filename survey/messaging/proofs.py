"""How a callback may have to prove where it comes from, as the configuration says it."""

import re
from ipaddress import ip_network
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from survey.messaging.placeholders import Secret

Field = Annotated[str, Meta(min_length=1, max_length=64)]
SHORTEST_SECRET = 16
_IN_ADDRESS = re.compile(r"[A-Za-z0-9_-]+")


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the configuration; a key nobody knows is a mistake."""


class SecretAuth(Block, frozen=True, kw_only=True, tag="secret", tag_field="type"):
    """The callback knows a secret: the last part of its address, a parameter of it, or a header."""

    secret: Secret
    place: Literal["path", "query", "header"] = "path"
    name: Field | None = None

    def __post_init__(self) -> None:
        if len(self.secret.value) < SHORTEST_SECRET:
            raise ValueError(f"secret is shorter than {SHORTEST_SECRET} characters")
        if self.place != "header" and not _IN_ADDRESS.fullmatch(self.secret.value):
            raise ValueError("a secret in an address may have only letters, digits, - and _")
        if (self.place == "path") != (self.name is None):
            raise ValueError("name is the parameter or header of the secret; one in the path has none")


class BasicAuth(Block, frozen=True, kw_only=True, tag="basic", tag_field="type"):
    """The callback carries a user and a password (RFC 7617)."""

    user: Secret
    password: Secret


class HmacAuth(Block, frozen=True, kw_only=True, tag="hmac", tag_field="type"):
    """The callback's body is signed (RFC 2104); what is not in the body is not believed."""

    secret: Secret
    header: Field
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""


class TwilioAuth(Block, frozen=True, kw_only=True, tag="twilio", tag_field="type"):
    """Signed the way Twilio does, with the account's token."""

    token: Secret


class VonageAuth(Block, frozen=True, kw_only=True, tag="vonage", tag_field="type"):
    """Signed the way Vonage does: a token over the body, or a signature over the parameters."""

    secret: Secret
    method: Literal["jwt", "sha512", "sha256", "sha1", "md5", "md5hash"] = "sha256"


class AddressAuth(Block, frozen=True, kw_only=True, tag="address", tag_field="type"):
    """The callback comes from certain addresses; behind ``proxies`` the address is the one they name."""

    addresses: tuple[str, ...]
    proxies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.addresses:
            raise ValueError("addresses is empty")
        for network in (*self.addresses, *self.proxies):
            try:
                ip_network(network)
            except ValueError:
                raise ValueError(f"{network!r} is no address and no network such as 10.0.0.0/8") from None


class NoAuth(Block, frozen=True, kw_only=True, tag="none", tag_field="type"):
    """Nothing is proved; only beside addresses of this machine."""


Auth = SecretAuth | BasicAuth | HmacAuth | TwilioAuth | VonageAuth | AddressAuth | NoAuth
