"""Configured providers and callbacks as they come in, for the tests of what providers tell."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from survey.messaging.blocks import Provider
from survey.messaging.config import SmsConfig, read_config
from survey.messaging.incoming import Incoming

NOW = 1_795_000_000
PUBLIC = "https://ikm.go.id"
GENERAL = f'[sms]\nsender = "IKM"\ncallback_url = "{PUBLIC}"\n'
KANNEL_SECRET = "kannel-calls-back-here"
INFOBIP_SECRET = "infobip-calls-back-here"
SECRETS = {
    "kannel": f'USER = "skm", PASSWORD = "rahasia", CALLBACK = "{KANNEL_SECRET}"',
    "twilio": 'ACCOUNT = "AC1", TOKEN = "12345"',
    "vonage": 'KEY = "k", SECRET = "s", SIGNATURE = "my_secret_key_for_testing"',
    "zenziva": 'USER = "u", PASS = "p"',
    "infobip": f'HOST = "abc.api.infobip.com", KEY = "k", CALLBACK = "{INFOBIP_SECRET}"',
}
BOTH = """
[provider.send]
url = "https://sms.example/send"
params = { to = "{phone}", text = "{text}" }
[provider.accept]
status = [200]
[provider.report]
ref = "ref"
id = "id"
status = "status"
map = { ok = "delivered", bad = "undelivered" }
[provider.inbound]
from = "from"
text = "text"
id = "id"
at = "at"
"""


def write_config(directory: Path, *blocks: str) -> Path:
    """A file of providers."""
    path = directory / "sms.toml"
    path.write_text(GENERAL + "".join(f"[[provider]]\n{block}\n" for block in blocks), encoding="utf-8")
    return path


def packaged(name: str, more: str = "") -> str:
    """The block of a packaged provider with its secrets."""
    return f'use = "{name}"\nsecrets = {{ {SECRETS[name]} }}\n{more}'


def provider(directory: Path, block: str) -> Provider:
    """One provider as it is configured."""
    return configured(directory, block).providers[0]


def configured(directory: Path, *blocks: str) -> SmsConfig:
    """The configuration of some providers."""
    return read_config(write_config(directory, *blocks))


def asked(path: str, **changes: Any) -> Incoming:
    """A callback by GET, at the public address."""
    query = urlsplit(path).query
    known = Incoming(
        method="GET",
        url=PUBLIC + path,
        headers={},
        query=parse_qsl(query, keep_blank_values=True),
        body=b"",
        client="127.0.0.1",
        secret=None,
        now=NOW,
    )
    return known._replace(**changes)


def form(path: str, fields: dict[str, str] | list[tuple[str, str]], **changes: Any) -> Incoming:
    """A callback that posts a form."""
    headers = {"content-type": "application/x-www-form-urlencoded", **changes.pop("headers", {})}
    body = urlencode(fields).encode()
    return asked(path, method="POST", headers=headers, body=body, **changes)


def posted(path: str, body: Any, **changes: Any) -> Incoming:
    """A callback that posts JSON."""
    headers = {"content-type": "application/json; charset=utf-8", **changes.pop("headers", {})}
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return asked(path, method="POST", headers=headers, body=written, **changes)
