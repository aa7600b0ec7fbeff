"""Who may call back: every scheme with its genuine callback and with forged ones.

The vectors of Twilio and Vonage are those of the vendors' own public test suites.
"""

import hashlib
import hmac
import itertools
import json
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from provider_world import (
    BOTH,
    INFOBIP_SECRET,
    KANNEL_SECRET,
    NOW,
    PUBLIC,
    asked,
    form,
    packaged,
    posted,
    provider,
)

from survey.messaging.blocks import Provider
from survey.messaging.incoming import Incoming
from survey.messaging.signatures import DAY_SECONDS, authenticate, twilio_signature, vonage_signature

TWILIO_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
TWILIO_FIELDS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
TWILIO_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
VONAGE_FIELDS = [
    ("message-timestamp", "2013-11-21 15:27:30"),
    ("messageId", "020000001B0FE827"),
    ("msisdn", "14843472194"),
    ("text", "Test again"),
    ("timestamp", "1385047698"),
    ("to", "13239877404"),
    ("type", "text"),
]
VONAGE_SECRET = "my_secret_key_for_testing"


def secured(tmp_path: Path, auth: str) -> Provider:
    return provider(tmp_path, f'name = "satu"\nauth = {auth}\n{BOTH}')


# Twilio ------------------------------------------------------------------------------------------


def test_twilio_s_documented_signature_is_ours() -> None:
    assert twilio_signature("12345", TWILIO_URL, TWILIO_FIELDS) == TWILIO_SIGNATURE


def test_twilio_signs_a_repeated_parameter_once_per_value() -> None:
    fields = [
        ("Sid", "CA123"),
        ("SidAccount", "AC123"),
        ("Digits", "5678"),
        ("Digits", "1234"),
        ("Digits", "1234"),
    ]
    assert twilio_signature("12345", TWILIO_URL, fields) == "IK+Dwps556ElfBT0I3Rgjkr1wJU="


def from_twilio(signature: str, url: str = TWILIO_URL, fields: Any = TWILIO_FIELDS) -> Incoming:
    path = url.removeprefix("https://mycompany.com")
    return form(path, fields, url=url, headers={"x-twilio-signature": signature})


def test_a_callback_of_twilio_s_is_known_by_its_signature(tmp_path: Path) -> None:
    twilio = provider(tmp_path, packaged("twilio"))
    assert authenticate(twilio, from_twilio(TWILIO_SIGNATURE))


@pytest.mark.parametrize("port", ["", ":443", ":1234"])
def test_twilio_s_signature_holds_with_and_without_the_port(tmp_path: Path, port: str) -> None:
    twilio = provider(tmp_path, packaged("twilio"))
    assert authenticate(twilio, from_twilio(TWILIO_SIGNATURE, TWILIO_URL.replace(".com", f".com{port}")))


def test_twilio_s_signature_over_the_standard_port_holds_for_the_bare_address(tmp_path: Path) -> None:
    twilio = provider(tmp_path, packaged("twilio"))
    assert authenticate(twilio, from_twilio("kvajT1Ptam85bY51eRf/AJRuM3w="))


@pytest.mark.parametrize(
    "forged",
    [
        from_twilio(""),
        from_twilio("AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        from_twilio(TWILIO_SIGNATURE[:-1]),
        from_twilio("ß王"),
        from_twilio(TWILIO_SIGNATURE, fields=[*TWILIO_FIELDS[:-1], ("Caller", "+14158675300")]),
        from_twilio(TWILIO_SIGNATURE, fields=TWILIO_FIELDS[:-1]),
        from_twilio(TWILIO_SIGNATURE, fields=[*TWILIO_FIELDS, ("OptOutType", "STOP")]),
        from_twilio(TWILIO_SIGNATURE, url=TWILIO_URL + "&ref=9-9"),
        from_twilio(TWILIO_SIGNATURE, url=TWILIO_URL.replace("https", "http")),
        from_twilio(TWILIO_SIGNATURE, url=TWILIO_URL.replace("mycompany.com", "127.0.0.1:8000")),
        from_twilio(TWILIO_SIGNATURE)._replace(headers={"content-type": "application/x-www-form-urlencoded"}),
    ],
)
def test_a_forged_callback_of_twilio_s_is_not_believed(tmp_path: Path, forged: Incoming) -> None:
    assert not authenticate(provider(tmp_path, packaged("twilio")), forged)


def test_twilio_signs_json_through_the_digest_in_its_address(tmp_path: Path) -> None:
    twilio = provider(tmp_path, packaged("twilio"))
    body = b'{"property": "value", "boolean": true}'
    digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    path = f"/myapp.php?foo=1&bar=2&bodySHA256={digest}"
    headers = {"x-twilio-signature": "a9nBmqA0ju/hNViExpshrM61xv4="}
    genuine = posted(path, body, url=f"https://mycompany.com{path}", headers=headers)
    assert authenticate(twilio, genuine)
    assert not authenticate(twilio, genuine._replace(body=body.replace(b"true", b"false")))


def test_a_body_that_twilio_did_not_sign_is_not_believed(tmp_path: Path) -> None:
    twilio = provider(tmp_path, packaged("twilio"))
    # Signed as a GET without parameters; the body would be read all the same.
    signature = twilio_signature("12345", f"{PUBLIC}/sms/twilio/inbound", [])
    headers = {"x-twilio-signature": signature}
    assert authenticate(twilio, asked("/sms/twilio/inbound", headers=headers))
    assert not authenticate(twilio, posted("/sms/twilio/inbound", {"From": "+62812"}, headers=headers))
    smuggled = form("/sms/twilio/inbound", {"From": "+62812"}, headers=headers)
    assert not authenticate(twilio, smuggled._replace(method="GET"))


# Vonage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "signature"),
    [
        ("md5hash", "d2e7b1dc968737c5998ad624e02f90b7"),
        ("md5", "DDEBD46008C2D4E93CCE578A332A52D5"),
        ("sha1", "27D0D05C2876C7CB1720DBCDBA4D492E1E55C09A"),
        ("sha256", "DDB8397C2B90AAC7F3882D306475C9A5058C92322EEF43C92B298B6E0FC0D330"),
        (
            "sha512",
            "E0D3C650F8C9D1A5C174D10DDDBFB003E561F59B265616208B0487C5D819481C"
            "D3C311D59CF6165ECD1139622D5BA3A256C0D763AC4A9AD9144B5A426B94FE82",
        ),
    ],
)
def test_vonage_s_own_vectors_are_ours(tmp_path: Path, method: str, signature: str) -> None:
    assert vonage_signature(VONAGE_SECRET, method, VONAGE_FIELDS) == signature.lower()
    signed = [*VONAGE_FIELDS, ("sig", signature)]
    vonage = provider(
        tmp_path,
        packaged("vonage", f'auth = {{ type = "vonage", secret = "{VONAGE_SECRET}", method = "{method}" }}'),
    )
    for callback in (form("/sms/vonage/inbound", signed), posted("/sms/vonage/inbound", dict(signed))):
        assert authenticate(vonage, callback._replace(now=1385047698))
        assert not authenticate(vonage, callback._replace(now=1385047698 + DAY_SECONDS))
        assert not authenticate(vonage, callback._replace(now=1385047698 - DAY_SECONDS))


def test_what_vonage_replaces_in_values_is_replaced_here() -> None:
    for value in ("_", "&", "="):
        assert (
            vonage_signature(VONAGE_SECRET, "md5hash", [("k", value)]) == "c3d6a686ab9c7e7408bb1c0506e9629a"
        )


def vonage_fields(**changes: str) -> list[tuple[str, str]]:
    fields = dict(VONAGE_FIELDS) | {"timestamp": str(NOW)} | changes
    return [*fields.items(), ("sig", vonage_signature(VONAGE_SECRET, "sha256", list(fields.items())))]


def test_a_signed_callback_of_vonage_s_may_be_a_query(tmp_path: Path) -> None:
    vonage = provider(tmp_path, packaged("vonage"))
    callback = form("/sms/vonage/inbound", vonage_fields())
    assert authenticate(vonage, asked(f"/sms/vonage/inbound?{callback.body.decode()}"))


@pytest.mark.parametrize(
    "forged",
    [
        form("/i", VONAGE_FIELDS),
        form("/i", [*vonage_fields()[:-1], ("sig", "0" * 64)]),
        form("/i", [(name, value + "x" if name == "text" else value) for name, value in vonage_fields()]),
        form("/i?msisdn=62812", vonage_fields()),
        form("/i", [*vonage_fields(), ("msisdn", "62812")]),
        form("/i", vonage_fields(timestamp="")),
        form("/i", vonage_fields(timestamp="yesterday")),
        form("/i", vonage_fields(timestamp=str(NOW - DAY_SECONDS))),
        posted("/i", {"nested": {"a": 1}, "sig": "0" * 64}),
        posted("/i", b"{"),
        asked("/i"),
    ],
)
def test_a_forged_callback_of_vonage_s_is_not_believed(tmp_path: Path, forged: Incoming) -> None:
    assert not authenticate(provider(tmp_path, packaged("vonage")), forged)


def test_a_replay_that_hides_the_name_of_vonage_s_message_is_not_believed(tmp_path: Path) -> None:
    vonage = provider(tmp_path, packaged("vonage"))
    genuine = dict(vonage_fields())
    assert authenticate(vonage, form("/i", genuine))
    names = sorted(name for name in genuine if name != "sig")
    for before, name in itertools.pairwise(names):
        merged = {key: value for key, value in genuine.items() if key not in (before, name)}
        merged[f"{before}={genuine[before]}&{name}"] = genuine[name]
        assert vonage_signature(VONAGE_SECRET, "sha256", list(merged.items())) == genuine["sig"]
        assert not authenticate(vonage, form("/i", merged))
        assert not authenticate(vonage, posted("/i", merged))


BODY = json.dumps({"msisdn": "62812", "text": "4 3 4"}).encode()


def packed(table: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(table).encode()).rstrip(b"=").decode()


def token(secret: str = VONAGE_SECRET, head: Any = None, **claims: Any) -> str:
    told = {"iat": NOW, "iss": "Vonage", "payload_hash": hashlib.sha256(BODY).hexdigest()} | claims
    signed = f"{packed(head or {'alg': 'HS256', 'typ': 'JWT'})}.{packed(told)}"
    mac = hmac.new(secret.encode(), signed.encode(), "sha256").digest()
    return f"{signed}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def bearing(text: str, body: bytes = BODY, scheme: str = "Bearer") -> Incoming:
    return posted("/sms/vonage/inbound", body, headers={"authorization": f"{scheme} {text}"})


def vonage_jwt(tmp_path: Path) -> Provider:
    auth = f'auth = {{ type = "vonage", secret = "{VONAGE_SECRET}", method = "jwt" }}'
    return provider(tmp_path, packaged("vonage", auth))


def test_a_token_of_vonage_s_vouches_for_the_body(tmp_path: Path) -> None:
    assert authenticate(vonage_jwt(tmp_path), bearing(token()))


@pytest.mark.parametrize(
    "forged",
    [
        bearing(token(), body=BODY + b" "),
        bearing(token("another secret")),
        bearing(token(head={"alg": "none"})),
        bearing(token(head={"alg": "HS512"})),
        bearing(token(iat=NOW - DAY_SECONDS)),
        bearing(token(iat="soon")),
        bearing(token(payload_hash=None)),
        bearing(token(), scheme="Basic"),
        bearing(token().rpartition(".")[0] + "."),
        bearing("a.b"),
        bearing("ß.王.é"),
        bearing(token(payload_hash=hashlib.sha256(b"").hexdigest()), body=b""),
        posted("/sms/vonage/inbound", BODY),
    ],
)
def test_a_token_that_does_not_vouch_is_not_believed(tmp_path: Path, forged: Incoming) -> None:
    assert not authenticate(vonage_jwt(tmp_path), forged)


# Secrets, passwords, bodies, addresses -----------------------------------------------------------


def test_a_secret_in_the_path_and_an_address_must_both_be_right(tmp_path: Path) -> None:
    kannel = provider(tmp_path, packaged("kannel"))
    genuine = asked("/sms/kannel/report/x?ref=7-1f&type=1", secret=KANNEL_SECRET, client="127.0.0.1")
    assert authenticate(kannel, genuine)
    assert authenticate(kannel, genuine._replace(client="::ffff:127.0.0.1"))
    for secret in (None, "", KANNEL_SECRET[:-1], KANNEL_SECRET + "x", KANNEL_SECRET.upper(), "ß"):
        assert not authenticate(kannel, genuine._replace(secret=secret))
    for client in ("10.0.0.1", "", "localhost", "::2"):
        assert not authenticate(kannel, genuine._replace(client=client))


def test_a_secret_beside_a_reference_in_the_path_is_found(tmp_path: Path) -> None:
    block = f'name = "satu"\nauth = {{ type = "secret", secret = "{INFOBIP_SECRET}" }}\n{BOTH}'
    satu = provider(tmp_path, block.replace('ref = "ref"', 'ref = "path"'))
    assert authenticate(satu, asked("/r?status=ok", secret=f"{INFOBIP_SECRET}.7-1f"))
    assert authenticate(satu, asked("/i?from=1&text=a", secret=INFOBIP_SECRET))
    assert not authenticate(satu, asked("/r?status=ok", secret=f"7-1f.{INFOBIP_SECRET}"))


def test_a_secret_may_be_a_parameter_or_a_header(tmp_path: Path) -> None:
    query = secured(
        tmp_path, '{ type = "secret", secret = "sixteen-letters-x", place = "query", name = "key" }'
    )
    header = secured(
        tmp_path,
        '{ type = "secret", secret = "Bearer sixteen letters", place = "header", name = "Authorization" }',
    )
    assert authenticate(query, asked("/r?key=sixteen-letters-x&status=ok"))
    assert not authenticate(query, asked("/r?status=ok"))
    assert not authenticate(query, asked("/r?key=sixteen-letters-y", secret="sixteen-letters-x"))
    assert authenticate(header, asked("/r", headers={"authorization": "Bearer sixteen letters"}))
    assert not authenticate(header, asked("/r", headers={"authorization": "Bearer"}))
    assert not authenticate(header, asked("/r"))


def basic(text: str, scheme: str = "Basic") -> Incoming:
    return asked("/r", headers={"authorization": f"{scheme} {b64encode(text.encode()).decode()}"})


def test_a_user_and_a_password_must_both_be_right(tmp_path: Path) -> None:
    satu = secured(tmp_path, '{ type = "basic", user = "gateway", password = "pass:word" }')
    assert authenticate(satu, basic("gateway:pass:word"))
    assert authenticate(satu, basic("gateway:pass:word", scheme="basic"))
    for text in ("gateway:pass", "gateway", "", ":", "Gateway:pass:word"):
        assert not authenticate(satu, basic(text))
    assert not authenticate(satu, basic("gateway:pass:word", scheme="Bearer"))
    assert not authenticate(satu, asked("/r", headers={"authorization": "Basic ß"}))
    assert not authenticate(satu, asked("/r", headers={"authorization": "Basic %%%"}))


@pytest.mark.parametrize(("encoding", "prefix"), [("hex", "sha256="), ("base64", "")])
def test_a_signed_body_must_be_the_one_that_was_signed(tmp_path: Path, encoding: str, prefix: str) -> None:
    auth = (
        f'{{ type = "hmac", secret = "k", header = "X-Sign", encoding = "{encoding}", prefix = "{prefix}" }}'
    )
    satu = secured(tmp_path, auth)
    mac = hmac.new(b"k", BODY, "sha256")
    signature = prefix + (mac.hexdigest() if encoding == "hex" else b64encode(mac.digest()).decode())
    genuine = posted("/r", BODY, headers={"x-sign": signature})
    assert authenticate(satu, genuine)
    assert not authenticate(satu, genuine._replace(body=BODY + b"\n"))
    assert not authenticate(satu, posted("/r", BODY))
    assert not authenticate(satu, posted("/r", BODY, headers={"x-sign": prefix}))
    assert not authenticate(satu, posted("/r", BODY, headers={"x-sign": signature[len(prefix) :] + "0"}))


def test_the_signature_of_nothing_opens_no_door(tmp_path: Path) -> None:
    satu = secured(tmp_path, '{ type = "hmac", secret = "k", header = "X-Sign" }')
    signature = hmac.new(b"k", b"", "sha256").hexdigest()
    assert not authenticate(satu, asked("/r?ref=7-1f&status=ok", headers={"x-sign": signature}))


def test_whoever_came_through_an_unknown_proxy_is_nobody(tmp_path: Path) -> None:
    # A proxy on this machine makes every stranger come from 127.0.0.1.
    satu = secured(tmp_path, '[{ type = "none" }, { type = "address", addresses = ["127.0.0.0/8"] }]')
    assert authenticate(satu, asked("/r"))
    for name in ("x-forwarded-for", "forwarded", "x-real-ip"):
        assert not authenticate(satu, asked("/r", headers={name: "127.0.0.1"}))


def test_behind_a_known_proxy_the_last_address_it_names_counts(tmp_path: Path) -> None:
    satu = secured(tmp_path, '{ type = "address", addresses = ["203.0.113.0/24"], proxies = ["127.0.0.1"] }')

    def through(named: str, client: str = "127.0.0.1") -> bool:
        return authenticate(satu, asked("/r", client=client, headers={"x-forwarded-for": named}))

    assert through("203.0.113.7")
    assert through("10.9.9.9, 203.0.113.7")
    assert not through("203.0.113.7, 10.9.9.9")
    assert not through("203.0.113.7", client="10.0.0.9")
    assert not authenticate(satu, asked("/r"))
    assert authenticate(satu, asked("/r", client="203.0.113.7"))


def test_a_provider_without_any_condition_is_believed_nothing(tmp_path: Path) -> None:
    assert not authenticate(provider(tmp_path, packaged("zenziva")), asked("/r"))
