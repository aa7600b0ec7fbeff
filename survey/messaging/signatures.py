"""Whether a callback comes from the provider it says: secrets, signatures, addresses.

Pure, and in constant time where a secret is compared. Everything the configuration asks for must hold.
Signatures with a time in them are believed for a day, which is less than callbacks are remembered, so that
a recorded one can never count twice.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec

from survey.messaging.blocks import Provider
from survey.messaging.incoming import Incoming, Malformed, fields_of
from survey.messaging.proofs import (
    AddressAuth,
    Auth,
    BasicAuth,
    HmacAuth,
    NoAuth,
    SecretAuth,
    TwilioAuth,
    VonageAuth,
)

DAY_SECONDS = 86_400
_AHEAD_SECONDS = 600
_STANDARD_PORTS = {"https": 443, "http": 80}
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


def authenticate(provider: Provider, incoming: Incoming) -> bool:
    """Whether a callback proves that it comes from this provider."""
    proved = [_proved(auth, provider, incoming) for auth in provider.auth]
    return bool(proved) and all(proved)


def _proved(auth: Auth, provider: Provider, incoming: Incoming) -> bool:
    match auth:
        case SecretAuth():
            return _knows_secret(auth, provider, incoming)
        case BasicAuth():
            return _basic(auth, incoming)
        case HmacAuth():
            return _signed_body(auth, incoming)
        case TwilioAuth():
            return _signed_by_twilio(auth, incoming)
        case VonageAuth():
            return _signed_by_vonage(auth, incoming)
        case AddressAuth():
            return _from_address(auth, incoming)
        case NoAuth():
            return True


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


def _knows_secret(auth: SecretAuth, provider: Provider, incoming: Incoming) -> bool:
    if auth.place == "path":
        last = incoming.secret or ""
        given = last.rpartition(".")[0] if provider.ref_in_path and "." in last else last
    elif auth.place == "query":
        given = dict(incoming.query).get(auth.name or "", "")
    else:
        given = incoming.headers.get((auth.name or "").lower(), "")
    return _same(given, auth.secret.value)


def _basic(auth: BasicAuth, incoming: Incoming) -> bool:
    scheme, _, given = incoming.headers.get("authorization", "").partition(" ")
    try:
        decoded = b64decode(given.strip(), validate=True).decode("utf-8", "replace")
    except ValueError:
        return False
    known = _same(decoded, f"{auth.user.value}:{auth.password.value}")
    return known and scheme.lower() == "basic"


def _signed_body(auth: HmacAuth, incoming: Incoming) -> bool:
    # The signature of nothing is always the same, and would open the door to every address.
    if not incoming.body:
        return False
    mac = hmac.new(auth.secret.value.encode(), incoming.body, auth.algorithm)
    wanted = mac.hexdigest() if auth.encoding == "hex" else b64encode(mac.digest()).decode()
    given = incoming.headers.get(auth.header.lower(), "")
    if auth.encoding == "hex":
        given = auth.prefix + given[len(auth.prefix) :].lower() if given.startswith(auth.prefix) else given
    return _same(given, auth.prefix + wanted)


def twilio_signature(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Twilio's signature of a callback (its public documentation, "Validate requests").

    HMAC-SHA1, in Base64, of the address followed by each distinct parameter of the form and its value,
    sorted.
    """
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return b64encode(hmac.new(token.encode(), signed.encode("utf-8", "replace"), "sha1").digest()).decode()


def _signed_by_twilio(auth: TwilioAuth, incoming: Incoming) -> bool:
    given = incoming.headers.get("x-twilio-signature", "")
    digest = dict(incoming.query).get("bodySHA256")
    try:
        fields = fields_of(incoming) if digest is None and incoming.method == "POST" else []
    except Malformed:
        return False
    if digest is None:
        # A body that is no form is signed only through its digest in the address.
        intact = bool(fields) or not incoming.body
    else:
        intact = _same(digest, hashlib.sha256(incoming.body).hexdigest())
    # Twilio signs the address with or without the port, and has changed its mind about which.
    signed = [
        _same(given, twilio_signature(auth.token.value, url, fields)) for url in _with_ports(incoming.url)
    ]
    return intact and any(signed)


def _with_ports(url: str) -> list[str]:
    parts = urlsplit(url)
    host = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc
    port = parts.port or _STANDARD_PORTS.get(parts.scheme)
    return list(dict.fromkeys([url, _at(parts, host, url), _at(parts, f"{host}:{port}", url)]))


def _at(parts: SplitResult, netloc: str, url: str) -> str:
    # Not put together again from its parts, which would change an address that is written unusually.
    before, _, after = url.partition(parts.netloc)
    return before + netloc + after


def vonage_signature(secret: str, method: str, fields: Sequence[tuple[str, str]]) -> str:
    """Vonage's signature over parameters (its public documentation, "Signing Messages"), lower-case hex.

    Every parameter but ``sig``, sorted, as ``&name=value`` with ``&`` and ``=`` in values made ``_``; either
    its MD5 together with the secret, or its HMAC.
    """
    parts = sorted(
        (name, value.replace("&", "_").replace("=", "_")) for name, value in fields if name != "sig"
    )
    signed = "".join(f"&{name}={value}" for name, value in parts).encode("utf-8", "replace")
    if method == "md5hash":
        return hashlib.md5(signed + secret.encode()).hexdigest()  # noqa: S324 - the scheme is Vonage's
    return hmac.new(secret.encode(), signed, method).hexdigest()


def _signed_by_vonage(auth: VonageAuth, incoming: Incoming) -> bool:
    if auth.method == "jwt":
        return _vonage_token(auth, incoming)
    try:
        fields = [*incoming.query, *(fields_of(incoming) or _flat_json(incoming))]
    except Malformed:
        return False
    # Only in values these signs are replaced: a replay could make two parameters into one of the same text,
    # and so lose the name by which a repetition is known.
    if any("&" in name or "=" in name for name, _ in fields):
        return False
    told = dict(fields)
    signed = _same(told.get("sig", "").lower(), vonage_signature(auth.secret.value, auth.method, fields))
    return signed and _recent(told.get("timestamp", ""), incoming.now)


def _flat_json(incoming: Incoming) -> list[tuple[str, str]]:
    if not incoming.body:
        return []
    try:
        return list(msgspec.json.decode(incoming.body, type=dict[str, str]).items())
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Malformed("the body is no table of texts") from None


def _vonage_token(auth: VonageAuth, incoming: Incoming) -> bool:
    """A JSON Web Token (RFC 7519) signed with HS256, whose ``payload_hash`` is the SHA-256 of the body."""
    scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
    signed, _, signature = token.strip().rpartition(".")
    mac = hmac.new(auth.secret.value.encode(), signed.encode("utf-8", "replace"), "sha256").digest()
    known = hmac.compare_digest(_unpacked(signature), mac)
    head, _, claims = signed.partition(".")
    told = _table(claims)
    digest = told.get("payload_hash")
    intact = isinstance(digest, str) and _same(digest, hashlib.sha256(incoming.body).hexdigest())
    named = scheme.lower() == "bearer" and _table(head).get("alg") == "HS256"
    return (
        known and intact and named and bool(incoming.body) and _recent(str(told.get("iat", "")), incoming.now)
    )


def _unpacked(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return b""


def _table(part: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(_unpacked(part), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _recent(moment: str, now: int) -> bool:
    if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
        return False
    return now - DAY_SECONDS < int(moment) < now + _AHEAD_SECONDS


def _from_address(auth: AddressAuth, incoming: Incoming) -> bool:
    client = incoming.client
    if any(name in incoming.headers for name in _FORWARDED):
        # Whoever came through a proxy is not who the connection says; only a known proxy is believed.
        if not _within(client, auth.proxies):
            return False
        client = incoming.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return _within(client, auth.addresses)


def _within(address: str, networks: Sequence[str]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in ip_network(network) for network in networks)
