"""Reading the file of SMS providers; every mistake is named with its provider and its key.

A provider may build on a packaged block (``use = "twilio"``): its own keys then replace those of the block,
table by table. Secrets stand in the file, or in files of their own that it names.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Meta

from survey.messaging.blocks import Provider, Sender, check_address
from survey.messaging.placeholders import (
    Params,
    Secret,
    Template,
    read_params,
    read_secret,
    read_template,
)
from survey.messaging.proofs import Block, SecretAuth

PACKAGED = Path(__file__).parent / "providers"
CONSOLE = "console"
_AT = re.compile(r" - at `\$\.?(.*)`$")
_OF_FILE = frozenset({"sms", "rules", "delivery", "provider"})
Positive = Annotated[int, Meta(ge=1)]
T = TypeVar("T", bound=msgspec.Struct)


class ConfigError(ValueError):
    """The file of SMS providers cannot be used; the message names the file, the provider and the key."""


class Delivery(Block, frozen=True, kw_only=True):
    """How messages are worked off: leases, tries, and how long to wait for what providers tell.

    A try that surely failed is made again after ``retry_seconds``, which double up to ``retry_most_seconds``.
    A message in doubt waits ``unknown_minutes`` for its report; ``resend_once`` then sends it a second time,
    at the risk that somebody gets it twice.
    """

    batch: Annotated[int, Meta(ge=1, le=1000)] = 50
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 20
    lease_seconds: Positive = 60
    retry_seconds: Positive = 30
    retry_most_seconds: Positive = 3600
    attempts: Annotated[int, Meta(ge=1, le=100)] = 8
    report_hours: Positive = 72
    unknown_minutes: Positive = 60
    unknown_policy: Literal["hold", "resend_once"] = "hold"


class _General(Block, frozen=True, kw_only=True):
    sender: Sender
    callback_url: str | None = None

    def __post_init__(self) -> None:
        check_address(self.callback_url)


class SmsConfig(Block, frozen=True, kw_only=True):
    """Everything said about SMS; ``rules`` are the national rules of contact, unread."""

    sender: str
    callback_url: str | None = None
    providers: tuple[Provider, ...]
    rules: dict[str, Any] = msgspec.field(default_factory=dict)
    delivery: Delivery = Delivery()

    def provider(self, name: str) -> Provider | None:
        """A provider by its name."""
        return next((provider for provider in self.providers if provider.name == name), None)

    def callback_url_of(self, provider: Provider) -> str:
        """The beginning of the addresses a provider calls."""
        return provider.callback_url or self.callback_url or ""

    def callback_address(self, provider: Provider, kind: Literal["report", "inbound"], ref: str = "") -> str:
        """The public address a provider calls; with ``ref`` that of the reports of one message.

        It may hold the provider's secret: for the provider and the operator, never for a log.
        """
        last, query = "", {}
        for auth in provider.auth:
            if isinstance(auth, SecretAuth) and auth.place == "path":
                last = auth.secret.value
            elif isinstance(auth, SecretAuth) and auth.place == "query":
                query[auth.name or ""] = auth.secret.value
        if ref and provider.ref_in_path:
            last = f"{last}.{ref}" if last else ref
        elif ref and provider.report is not None:
            query[provider.report.ref] = ref
        path = f"/sms/{provider.name}/{kind}" + (f"/{quote(last, safe='')}" if last else "")
        return f"{self.callback_url_of(provider)}{path}" + (f"?{urlencode(query)}" if query else "")


def console_config() -> SmsConfig:
    """The demonstration's: messages are written where it runs, at any hour, and count as delivered."""
    at_once = {
        "quiet_from": "00:00",
        "quiet_until": "00:00",
        "holidays": False,
        "cap_days": 0,
        "wait_minutes": 0,
    }
    return SmsConfig(sender="PERCAYA", providers=(Provider(name=CONSOLE, kind="console"),), rules=at_once)


def read_config(path: Path) -> SmsConfig:
    """Read the file of SMS providers.

    Raises:
        ConfigError: it cannot be read, or says something that cannot be; no secret is in the message.
    """
    data = _parsed(path)
    for name in data:
        if name not in _OF_FILE:
            raise ConfigError(f"{path.name}: {name}: is none of {', '.join(sorted(_OF_FILE))}")
    blocks = data.get("provider")
    if not isinstance(blocks, list) or not blocks or not all(isinstance(block, dict) for block in blocks):
        raise ConfigError(f"{path.name}: provider: needs at least one [[provider]]")
    rules = data.get("rules", {})
    if not isinstance(rules, dict):
        raise ConfigError(f"{path.name}: rules: must be a table")
    general = _convert(path, "sms.", data.get("sms", {}), _General, {})
    config = SmsConfig(
        sender=general.sender,
        callback_url=general.callback_url,
        providers=tuple(_provider(path, block, number) for number, block in enumerate(blocks, 1)),
        rules=rules,
        delivery=_convert(path, "delivery.", data.get("delivery", {}), Delivery, {}),
    )
    _check_together(path, config)
    return config


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path.name}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: is not readable TOML: {error}") from None


def _provider(path: Path, block: dict[str, Any], number: int) -> Provider:
    block = dict(block)
    used = block.pop("use", None)
    where = f"provider {block.get('name', used or f'number {number}')!r}: "
    if used is not None:
        packaged = PACKAGED / f"{used}.toml"
        if not isinstance(used, str) or not re.fullmatch(r"[a-z0-9-]+", used) or not packaged.is_file():
            known = ", ".join(sorted(file.stem for file in PACKAGED.glob("*.toml")))
            raise ConfigError(f"{path.name}: {where}use: there are {known}")
        block = _merged({"name": used, **_parsed(packaged)}, block)
    secrets = _secrets(path, where, block.pop("secrets", {}), block.pop("secret_files", {}))
    if isinstance(block.get("auth"), dict):
        block["auth"] = [block["auth"]]
    return _convert(path, where, block, Provider, secrets)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        lower = merged.get(name)
        both = isinstance(lower, Mapping) and isinstance(value, Mapping)
        merged[name] = _merged(lower, value) if both else value  # type: ignore[arg-type]
    return merged


def _secrets(path: Path, where: str, written: Any, files: Any) -> dict[str, str]:
    secrets: dict[str, str] = {}
    for key, table in (("secrets", written), ("secret_files", files)):
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            raise ConfigError(f"{path.name}: {where}{key}: must be a table of texts")
    secrets.update(written)
    for name, file in files.items():
        try:
            secrets[name] = (path.parent / file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "is not UTF-8"
            raise ConfigError(f"{path.name}: {where}secret_files.{name}: cannot be read: {reason}") from None
    return secrets


def _convert(path: Path, where: str, data: object, kind: type[T], secrets: Mapping[str, str]) -> T:
    try:
        return msgspec.convert(data, kind, dec_hook=lambda wanted, value: _read(wanted, value, secrets))
    except msgspec.ValidationError as error:
        said = str(error)
        found = _AT.search(said)
        key = f"{found.group(1)}: " if found and found.group(1) else ""
        where = where if key else where.removesuffix(".").removesuffix(": ") + ": "
        problem = _AT.sub("", said)
        raise ConfigError(f"{path.name}: {where}{key}{problem[:1].lower()}{problem[1:]}") from None


def _read(wanted: Any, value: object, secrets: Mapping[str, str]) -> object:
    """What msgspec does not know itself: texts with gaps, secrets, regular expressions."""
    if wanted is Template:
        return read_template(value, secrets)
    if wanted is Secret:
        return read_secret(value, secrets)
    if wanted is Params:
        return read_params(value, secrets)
    return _pattern(value)


def _pattern(value: object) -> re.Pattern[str]:
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError("must be a regular expression or a value")
    try:
        return re.compile(value)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None


def _check_together(path: Path, config: SmsConfig) -> None:
    names = [provider.name for provider in config.providers]
    for provider in config.providers:
        where = f"{path.name}: provider {provider.name!r}: "
        if names.count(provider.name) > 1:
            raise ConfigError(f"{where}name: is given twice")
        if provider.timeout_seconds >= config.delivery.lease_seconds:
            raise ConfigError(f"{where}timeout_seconds: must be shorter than delivery.lease_seconds")
        if provider.send is not None and "report_url" in provider.send.names and provider.report is None:
            raise ConfigError(f"{where}send: gives a {{report_url}}, and there is no report to read it")
        if (provider.report or provider.inbound) and not config.callback_url_of(provider):
            raise ConfigError(f"{where}callback_url: is not set, neither here nor under sms")
