"""The file of SMS providers: what it may say, and how every mistake is named."""

from pathlib import Path

import pytest

from survey.messaging.blocks import Provider, SecretAuth
from survey.messaging.config import (
    PACKAGED,
    ConfigError,
    SmsConfig,
    console_config,
    read_config,
)

GENERAL = """
[sms]
sender = "IKM"
callback_url = "https://ikm.go.id"
"""
PLAIN = """
[[provider]]
name = "satu"
[provider.send]
url = "https://sms.example/send"
params = { to = "{phone}", text = "{text}" }
[provider.accept]
status = [200]
"""
SECRETS = {
    "kannel": 'USER = "skm", PASSWORD = "rahasia", CALLBACK = "kannel-calls-back-here"',
    "twilio": 'ACCOUNT = "AC1", TOKEN = "12345"',
    "vonage": 'KEY = "k", SECRET = "s", SIGNATURE = "sig"',
    "zenziva": 'USER = "u", PASS = "p"',
    "infobip": 'HOST = "abc.api.infobip.com", KEY = "k", CALLBACK = "infobip-calls-back-here"',
}


def read(tmp_path: Path, text: str) -> SmsConfig:
    path = tmp_path / "sms.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path)


def problem(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, text)
    return str(raised.value)


def packaged(tmp_path: Path, name: str, more: str = "") -> Provider:
    text = f'{GENERAL}[[provider]]\nuse = "{name}"\nsecrets = {{ {SECRETS[name]} }}\n{more}'
    return read(tmp_path, text).providers[0]


def test_a_provider_is_read_with_its_defaults(tmp_path: Path) -> None:
    config = read(tmp_path, GENERAL + PLAIN)
    provider = config.providers[0]
    assert (config.sender, config.callback_url) == ("IKM", "https://ikm.go.id")
    assert (provider.name, provider.kind, provider.weight, provider.in_flight) == ("satu", "http", 100, 20)
    assert (config.delivery.batch, config.delivery.unknown_policy) == (50, "hold")
    assert config.provider("satu") is provider
    assert config.provider("dua") is None


def test_every_packaged_block_can_be_used_with_its_secrets_alone(tmp_path: Path) -> None:
    assert sorted(SECRETS) == sorted(file.stem for file in PACKAGED.glob("*.toml"))
    for name in SECRETS:
        provider = packaged(tmp_path, name)
        assert provider.name == name
        assert provider.send is not None


def test_keys_of_the_file_replace_those_of_the_packaged_block_table_by_table(tmp_path: Path) -> None:
    more = 'name = "kannel-2"\nweight = 10\n[provider.send]\nurl = "http://127.0.0.1:14000/cgi-bin/sendsms"'
    provider = packaged(tmp_path, "kannel", more)
    assert (provider.name, provider.weight) == ("kannel-2", 10)
    assert provider.send is not None
    assert provider.send.url.fill({}) == "http://127.0.0.1:14000/cgi-bin/sendsms"
    assert provider.send.method == "GET"
    assert "dlr-url" in provider.send.params.tree


def test_the_general_tables_are_passed_on(tmp_path: Path) -> None:
    text = GENERAL + '[rules]\nquiet_from = "20:00"\n[delivery]\nattempts = 3\n' + PLAIN
    config = read(tmp_path, text)
    assert config.rules == {"quiet_from": "20:00"}
    assert config.delivery.attempts == 3


def test_a_secret_may_stand_in_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n", encoding="utf-8")
    text = (
        GENERAL
        + '[[provider]]\nuse = "twilio"\nsecrets = { ACCOUNT = "AC1" }\nsecret_files = { TOKEN = "token" }'
    )
    send = read(tmp_path, text).providers[0].send
    assert send is not None
    assert send.basic is not None
    assert send.basic[1].value == "from-a-file"


def test_no_secret_is_ever_printed(tmp_path: Path) -> None:
    for name in SECRETS:
        shown = repr(packaged(tmp_path, name))
        for hidden in ("rahasia", "12345", "calls-back-here", "AC1", "api.infobip"):
            assert hidden not in shown


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("{phone}", "{fone}"), "provider 'satu': send.params: to: unknown gap {fone}"),
        (("{phone}", "{phone!r}"), "send.params: to: a gap has only a name"),
        (("{phone}", "{secret.NOBODY}"), "the secret NOBODY is not given"),
        (("{phone}", "0812"), "params need {text} and one of {phone}"),
        (("status = [200]", ""), "accept: recognises nothing"),
        (("status = [200]", "status = [2000]"), "accept.status[0]: expected `int` <= 599"),
        (("status = [200]", "body = '('"), "accept.body: is not a regular expression"),
        (("status = [200]", "stauts = [200]"), "accept: object contains unknown field `stauts`"),
        (("https://sms.example", "https://[::1"), "send: invalid IPv6 URL"),
        (("https://sms.example", "https://sms.example:99999"), "send: port out of range"),
        (("https://sms.example", "https://"), "send: url has no host"),
        (("https://", "ftp://"), "send: url must begin with https:// or http://"),
        (("https://sms.example/send", "https://x/{text}"), "{text} belongs into params"),
        (('name = "satu"', 'name = "Satu!"'), "name: expected `str` matching regex"),
        (('name = "satu"', 'name = "satu"\nweight = 101'), "weight: expected `int` <= 100"),
        (('name = "satu"', 'name = "satu"\ntimeout_seconds = 60'), "shorter than delivery.lease_seconds"),
        (('name = "satu"', 'name = "satu"\nuse = "nobody"'), "use: there are infobip, kannel, twilio"),
        (('name = "satu"', 'name = "satu"\nuse = "../config"'), "use: there are"),
        (
            ('name = "satu"', 'name = "satu"\nsecret_files = { A = "missing" }'),
            "secret_files.A: cannot be read",
        ),
        (("params = {", 'headers = { X = "a\\nb" }\nparams = {'), "header X would have more than one line"),
        (("params = {", 'method = "GET"\nparams = {'), 'method GET needs encode = "query"'),
        (('to = "{phone}"', 'to = ["{phone}"]'), "params are nested or no texts"),
        (
            ('text = "{text}"', 'text = "{text}", back = "{report_url}"'),
            "gives a {report_url}, and there is no",
        ),
    ],
)
def test_a_mistake_is_named_with_its_provider_and_key(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    text = PLAIN.replace(*change)
    assert text != PLAIN
    found = problem(tmp_path, GENERAL + text)
    assert found.startswith("sms.toml: provider ")
    assert said in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "provider: needs at least one [[provider]]"),
        ("[[provider]\n", "is not readable TOML"),
        (GENERAL + "[smss]\n" + PLAIN, "smss: is none of"),
        (PLAIN, "sms: object missing required field `sender`"),
        (GENERAL.replace("https://ikm.go.id", "ikm.go.id") + PLAIN, "callback_url must be an address"),
        (GENERAL.replace("go.id", "go.id/") + PLAIN, "callback_url ends with a slash"),
        (GENERAL + PLAIN + PLAIN, "provider 'satu': name: is given twice"),
        (GENERAL + '[delivery]\nunknown_policy = "guess"\n' + PLAIN, "delivery.unknown_policy: "),
        (GENERAL + "[delivery]\nconcurrency = 0\n" + PLAIN, "delivery.concurrency: expected `int` >= 1"),
    ],
)
def test_a_mistake_outside_the_providers_is_named_too(tmp_path: Path, text: str, said: str) -> None:
    assert said in problem(tmp_path, text)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^sms\.toml: cannot be read"):
        read_config(tmp_path / "sms.toml")


INBOUND = '[provider.inbound]\nfrom = "a"\ntext = "b"\nid = "c"\n'


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ("", "has callbacks and no auth"),
        ('auth = { type = "none" }', 'auth "none" is only for callbacks from addresses of this machine'),
        (
            'auth = [{ type = "none" }, { type = "address", addresses = ["10.0.0.0/8"] }]',
            'auth "none" is only for callbacks from addresses of this machine',
        ),
        ('auth = { type = "secret", secret = "short" }', "shorter than 16"),
        ('auth = { type = "secret", secret = "sixteen/letters?&" }', "only letters, digits"),
        (
            'auth = { type = "secret", secret = "sixteen-letters-x", place = "query" }',
            "name is the parameter",
        ),
        ('auth = { type = "address", addresses = ["ten"] }', "'ten' is no address"),
        ('auth = { type = "address", addresses = [] }', "addresses is empty"),
        ('auth = { type = "magic" }', "auth[0].type: invalid value"),
        ('auth = { type = "twilio", token = "{phone}" }', "may hold only {secret.NAME}"),
    ],
)
def test_callbacks_that_prove_nothing_are_refused_when_the_file_is_read(
    tmp_path: Path, auth: str, said: str
) -> None:
    text = PLAIN.replace('name = "satu"', f'name = "satu"\n{auth}') + INBOUND
    assert said in problem(tmp_path, GENERAL + text)


def test_nothing_is_proved_only_beside_addresses_of_this_machine(tmp_path: Path) -> None:
    auth = 'auth = [{ type = "none" }, { type = "address", addresses = ["127.0.0.0/8", "::1"] }]'
    text = PLAIN.replace('name = "satu"', f'name = "satu"\n{auth}') + INBOUND
    assert len(read(tmp_path, GENERAL + text).providers[0].auth) == 2


def test_callbacks_need_an_address_to_come_to(tmp_path: Path) -> None:
    auth = 'auth = { type = "secret", secret = "sixteen-letters-x" }'
    text = PLAIN.replace('name = "satu"', f'name = "satu"\n{auth}') + INBOUND
    general = GENERAL.replace('callback_url = "https://ikm.go.id"', "")
    assert "callback_url: is not set" in problem(tmp_path, general + text)


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ('status = "s"\nmap = {}', "map is empty"),
        ('status = "s"\nmap = { a = "lost" }', "invalid enum value 'lost'"),
        (
            'status = "s"\nmap = { a = "delivered" }\nbitmask = true',
            "map of a bitmask has a key that is no number",
        ),
        ('status = "s"\nmap = { 1 = "delivered" }\nbitmask = true', "precedence lists the bits"),
        (
            'status = "s"\nmap = { 1 = "delivered" }\nbitmask = true\nprecedence = ["1", "2"]',
            "precedence lists the bits",
        ),
        ('status = "s"\nmap = { a = "delivered" }\ntemporary_when = "x"', "temporary_when needs reason"),
        ('status = "s"\nmap = { a = "delivered" }\nopted_out = { b = 9 }', "opted_out needs to"),
    ],
)
def test_a_report_that_could_not_be_read_is_refused(tmp_path: Path, report: str, said: str) -> None:
    auth = 'auth = { type = "secret", secret = "sixteen-letters-x" }'
    text = PLAIN.replace('name = "satu"', f'name = "satu"\n{auth}') + f"[provider.report]\n{report}\n"
    assert said in problem(tmp_path, GENERAL + text)


def test_an_inbound_that_could_not_tell_a_repetition_is_refused(tmp_path: Path) -> None:
    auth = 'auth = { type = "secret", secret = "sixteen-letters-x" }'
    text = PLAIN.replace('name = "satu"', f'name = "satu"\n{auth}') + INBOUND.replace('id = "c"', "")
    assert "inbound: needs id or at" in problem(tmp_path, GENERAL + text)


def test_the_address_of_callbacks_holds_the_secret_and_the_reference(tmp_path: Path) -> None:
    config = read(tmp_path, f'{GENERAL}[[provider]]\nuse = "infobip"\nsecrets = {{ {SECRETS["infobip"]} }}')
    provider = config.providers[0]
    begin = "https://ikm.go.id/sms/infobip"
    assert config.callback_address(provider, "inbound") == f"{begin}/inbound/infobip-calls-back-here"
    assert (
        config.callback_address(provider, "report", "7-1f")
        == f"{begin}/report/infobip-calls-back-here?callbackData=7-1f"
    )


def test_a_gateway_beside_us_calls_an_address_of_its_own(tmp_path: Path) -> None:
    config = read(tmp_path, f'{GENERAL}[[provider]]\nuse = "kannel"\nsecrets = {{ {SECRETS["kannel"]} }}')
    address = config.callback_address(config.providers[0], "report", "7-1f")
    assert address == "http://127.0.0.1:8000/sms/kannel/report/kannel-calls-back-here?ref=7-1f"


def test_a_reference_may_be_the_last_part_of_the_address(tmp_path: Path) -> None:
    report = '[provider.report]\nref = "path"\nstatus = "s"\nmap = { a = "delivered" }\n'
    auth = 'auth = { type = "secret", secret = "sixteen-letters-x" }'
    text = PLAIN.replace('name = "satu"', f'name = "satu"\n{auth}') + report
    config = read(tmp_path, GENERAL + text)
    address = config.callback_address(config.providers[0], "report", "7-1f")
    assert address == "https://ikm.go.id/sms/satu/report/sixteen-letters-x.7-1f"
    assert isinstance(config.providers[0].auth[0], SecretAuth)


def test_the_demonstration_writes_to_the_console_and_calls_nobody() -> None:
    config = console_config()
    assert [provider.kind for provider in config.providers] == ["console"]
    assert config.providers[0].send is None
