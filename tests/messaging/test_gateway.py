"""Handing a message to a provider over real sockets: one request, and a verdict that can be trusted."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from survey.messaging.blocks import Answer
from survey.messaging.config import SmsConfig, console_config, read_config
from survey.messaging.gateway import (
    MOST_ANSWER_BYTES,
    HttpGateway,
    Outgoing,
    Sent,
    Verdict,
    build_request,
    classify,
    national,
    open_gateway,
)

MESSAGE = Outgoing("7-1f", "+6281234567890", "Halo: 4 & 3 = baik?", False)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
GENERAL = '[sms]\nsender = "IKM"\ncallback_url = "https://ikm.go.id"\n'
KANNEL = (
    'use = "kannel"\nsecrets = { USER = "skm", PASSWORD = "rahasia", CALLBACK = "kannel-calls-back-here" }\n'
)
TWILIO = 'use = "twilio"\nsecrets = { ACCOUNT = "AC1", TOKEN = "12345" }\n'
VONAGE = 'use = "vonage"\nsecrets = { KEY = "k", SECRET = "s", SIGNATURE = "sig" }\n'
ZENZIVA = 'use = "zenziva"\nsecrets = { USER = "u", PASS = "p" }\n'
INFOBIP = (
    'use = "infobip"\nsecrets = { HOST = "abc.api.infobip.com", KEY = "k", CALLBACK = "sixteen-letters-x" }\n'
)


def configured(tmp_path: Path, block: str) -> SmsConfig:
    path = tmp_path / "sms.toml"
    path.write_text(f"{GENERAL}[[provider]]\n{block}", encoding="utf-8")
    return read_config(path)


def to(tmp_path: Path, address: str, block: str = KANNEL, seconds: float = 5) -> SmsConfig:
    return configured(tmp_path, f'{block}timeout_seconds = {seconds}\n[provider.send]\nurl = "{address}"\n')


class Counterpart:
    """A server on the loopback that keeps what it read and answers as a test says."""

    def __init__(self, answer: Handler) -> None:
        self.requests: list[bytes] = []
        self._answer = answer
        self.address = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line[15:])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                ),
                0,
            )
            self.requests.append(head + await reader.readexactly(length))
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def counterpart(answer: Handler) -> AsyncIterator[Counterpart]:
    there = Counterpart(answer)
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    there.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/cgi-bin/sendsms"
    async with server:
        yield there


def says(status: int, body: bytes, kind: str = "text/plain", more: str = "") -> Handler:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return answer


async def hangs_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def resets(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def never_answers(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def stops_halfway(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n0: Acc")
    await writer.drain()


async def speaks_no_http(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"+CMGS: 1\r\nOK\r\n")
    await writer.drain()


def exchange(
    tmp_path: Path, answer: Handler, block: str = KANNEL, seconds: float = 5
) -> tuple[Sent, list[bytes]]:
    async def run() -> tuple[Sent, list[bytes]]:
        async with counterpart(answer) as there:
            config = to(tmp_path, there.address, block, seconds)
            gateway = open_gateway(config.providers[0], config, print)
            try:
                return await gateway.send(MESSAGE), there.requests
            finally:
                await gateway.close()

    return asyncio.run(run())


def test_kannel_is_asked_as_its_interface_wants(tmp_path: Path) -> None:
    sent, requests = exchange(tmp_path, says(202, b"0: Accepted for delivery"))
    assert sent == Sent(Verdict.ACCEPTED, None, "http 202")
    method, target, _ = requests[0].split(b"\r\n")[0].split(b" ")
    asked = dict(parse_qsl(urlsplit(target.decode()).query))
    assert method == b"GET"
    assert asked["to"] == "+6281234567890"
    assert asked["text"] == "Halo: 4 & 3 = baik?"
    assert asked["from"] == "IKM"
    assert asked["dlr-url"] == (
        "http://127.0.0.1:8000/sms/kannel/report/kannel-calls-back-here?ref=7-1f&type=%d&answer=%A&name=%F&at=%T"
    )
    assert "coding" not in asked


def test_queued_for_later_is_taken(tmp_path: Path) -> None:
    sent, _ = exchange(tmp_path, says(202, b"3: Queued for later delivery"))
    assert sent.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("answer", [hangs_up, resets], ids=["closes", "resets"])
@pytest.mark.parametrize("block", [KANNEL, TWILIO], ids=["GET", "POST"])
def test_a_server_that_drops_the_connection_sees_one_request_and_the_message_is_in_doubt(
    tmp_path: Path, answer: Handler, block: str
) -> None:
    # The HTTP library would repeat the GET by itself, and the citizen would get the message twice.
    sent, requests = exchange(tmp_path, answer, block)
    assert sent == Sent(Verdict.UNKNOWN, None, "dropped")
    assert len(requests) == 1


def test_every_message_has_a_connection_of_its_own(tmp_path: Path) -> None:
    # A kept connection that the server closes meanwhile would put a message in doubt for nothing.
    async def run() -> list[bytes]:
        async with counterpart(says(202, b"0: Accepted")) as there:
            config = to(tmp_path, there.address)
            gateway = open_gateway(config.providers[0], config, print)
            for _ in range(2):
                assert (await gateway.send(MESSAGE)).verdict is Verdict.ACCEPTED
            await gateway.close()
            return there.requests

    assert [b"connection: close" in request.lower() for request in asyncio.run(run())] == [True, True]


def test_no_answer_in_time_leaves_the_message_in_doubt(tmp_path: Path) -> None:
    sent, requests = exchange(tmp_path, never_answers, seconds=0.2)
    assert sent == Sent(Verdict.UNKNOWN, None, "timeout")
    assert len(requests) == 1


@pytest.mark.parametrize("answer", [stops_halfway, speaks_no_http], ids=["cut", "no http"])
def test_an_answer_that_cannot_be_read_leaves_the_message_in_doubt(tmp_path: Path, answer: Handler) -> None:
    sent, _ = exchange(tmp_path, answer)
    assert sent == Sent(Verdict.UNKNOWN, None, "dropped")


def test_a_captive_portal_is_not_believed(tmp_path: Path) -> None:
    page = b"<html><body>Selamat datang di WiFi Desa. 0: Accepted? Silakan masuk.</body></html>"
    sent, _ = exchange(tmp_path, says(200, page, "text/html"))
    assert sent == Sent(Verdict.UNKNOWN, None, "http 200")
    sent, _ = exchange(tmp_path, says(202, page, "text/html"))
    assert sent == Sent(Verdict.UNKNOWN, None, "http 202")


def test_a_redirection_is_not_followed(tmp_path: Path) -> None:
    sent, requests = exchange(tmp_path, says(302, b"", more="Location: /cgi-bin/sendsms\r\n"))
    assert sent == Sent(Verdict.UNKNOWN, None, "http 302")
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (503, b"4: Temporal failure, try again later.", Verdict.TEMPORARY),
        (429, b"slow down", Verdict.TEMPORARY),
        (500, b"", Verdict.TEMPORARY),
        (403, b"Authorization failed for sendsms", Verdict.ACCOUNT),
        (404, b"", Verdict.ACCOUNT),
        (400, b"Missing receiver", Verdict.REJECTED),
        (502, b"", Verdict.UNKNOWN),
        (504, b"", Verdict.UNKNOWN),
    ],
)
def test_a_refusal_over_the_wire_has_its_verdict(
    tmp_path: Path, status: int, body: bytes, verdict: Verdict
) -> None:
    sent, _ = exchange(tmp_path, says(status, body))
    assert sent == Sent(verdict, None, f"http {status}")


def test_nobody_listening_means_surely_not_sent(tmp_path: Path) -> None:
    async def run() -> Sent:
        async with counterpart(hangs_up) as there:
            address = there.address
        config = to(tmp_path, address)
        gateway = open_gateway(config.providers[0], config, print)
        sent = await gateway.send(MESSAGE)
        await gateway.close()
        return sent

    assert asyncio.run(run()) == Sent(Verdict.REFUSED, None, "connection refused")


def test_a_name_nobody_has_means_surely_not_sent(tmp_path: Path) -> None:
    config = to(tmp_path, "http://sms.invalid/send")

    async def run() -> Sent:
        gateway = open_gateway(config.providers[0], config, print)
        sent = await gateway.send(MESSAGE)
        await gateway.close()
        return sent

    assert asyncio.run(run()) == Sent(Verdict.REFUSED, None, "no such host")


def test_whatever_else_goes_wrong_leaves_the_message_in_doubt_and_is_not_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_gateway: HttpGateway, request: object) -> Answer:
        raise RuntimeError(f"cannot ask {request}")

    monkeypatch.setattr(HttpGateway, "_ask", breaks)
    config = configured(tmp_path, KANNEL)
    sent = asyncio.run(HttpGateway(config.providers[0], config).send(MESSAGE))
    assert sent == Sent(Verdict.UNKNOWN, None, "error RuntimeError")


def test_not_being_connected_in_time_means_surely_not_sent(tmp_path: Path) -> None:
    # One connection may be open at once and hangs; the second message is never written.
    async def run() -> tuple[tuple[Sent, Sent], list[bytes]]:
        async with counterpart(never_answers) as there:
            block = f"{KANNEL}in_flight = 1\n"
            config = to(tmp_path, there.address, block, seconds=0.4)
            gateway = open_gateway(config.providers[0], config, print)
            sent = await asyncio.gather(gateway.send(MESSAGE), gateway.send(MESSAGE))
            await gateway.close()
            return sent, there.requests

    sent, requests = asyncio.run(run())
    assert sorted(one.verdict for one in sent) == [Verdict.REFUSED, Verdict.UNKNOWN]
    assert len(requests) == 1


def test_a_server_without_tls_means_surely_not_sent(tmp_path: Path) -> None:
    read: list[bytes] = []

    async def greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        read.append(await reader.read(1024))
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def run() -> Sent:
        server = await asyncio.start_server(greets, "127.0.0.1", 0)
        config = to(tmp_path, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/send")
        gateway = open_gateway(config.providers[0], config, print)
        async with server:
            sent = await gateway.send(MESSAGE)
            await gateway.close()
        return sent

    assert asyncio.run(run()) == Sent(Verdict.REFUSED, None, "tls")
    assert b"rahasia" not in read[0]


def test_an_endless_answer_is_read_only_to_its_limit(tmp_path: Path) -> None:
    written = 0

    async def floods(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 202 Accepted\r\n\r\n0: ")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()
            written += 65_536

    sent, _ = exchange(tmp_path, floods)
    assert sent.verdict is Verdict.ACCEPTED
    assert written < 200 * MOST_ANSWER_BYTES


def test_twilio_is_sent_a_form_with_basic_authentication(tmp_path: Path) -> None:
    answer = json.dumps({"sid": "SM0123abc", "status": "queued"}).encode()
    sent, requests = exchange(tmp_path, says(201, answer, "application/json"), TWILIO)
    assert sent == Sent(Verdict.ACCEPTED, "SM0123abc", "http 201")
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert b"authorization: basic qumxojeymzq1" in head.lower()
    assert parse_qs(body.decode()) == {
        "To": ["+6281234567890"],
        "From": ["IKM"],
        "Body": [MESSAGE.text],
        "StatusCallback": ["https://ikm.go.id/sms/twilio/report?ref=7-1f"],
    }


def answered(tmp_path: Path, block: str, status: int, body: object) -> Sent:
    text = body if isinstance(body, str) else json.dumps(body)
    data = None if isinstance(body, str) else body
    return classify(configured(tmp_path, block).providers[0], Answer(status, text, data))


def test_a_number_that_opted_out_at_the_provider_is_known(tmp_path: Path) -> None:
    refused = {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}
    assert answered(tmp_path, TWILIO, 400, refused) == Sent(Verdict.OPTED_OUT, None, "http 400 21610")


@pytest.mark.parametrize(
    ("status", "body", "verdict"),
    [
        (400, {"code": 21211, "message": "The 'To' number +6281234567890 is not valid"}, Verdict.REJECTED),
        (401, {"code": 20003, "message": "Authenticate"}, Verdict.ACCOUNT),
        (400, {"code": 21606}, Verdict.ACCOUNT),
        (429, {"code": 20429}, Verdict.TEMPORARY),
        (201, {"status": "queued"}, Verdict.UNKNOWN),
    ],
)
def test_twilio_s_answers_have_their_verdicts(
    tmp_path: Path, status: int, body: object, verdict: Verdict
) -> None:
    assert answered(tmp_path, TWILIO, status, body).verdict is verdict


@pytest.mark.parametrize(
    ("told", "verdict"),
    [("0", Verdict.ACCEPTED), ("1", Verdict.TEMPORARY), ("4", Verdict.ACCOUNT), ("6", Verdict.REJECTED)],
)
def test_vonage_refuses_within_a_success(tmp_path: Path, told: str, verdict: Verdict) -> None:
    body = {"message-count": "1", "messages": [{"status": told, "message-id": "0C000000217B7F02"}]}
    sent = answered(tmp_path, VONAGE, 200, body)
    wanted = "0C000000217B7F02" if verdict is Verdict.ACCEPTED else None
    assert sent == Sent(verdict, wanted, f"http 200 {told}")


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ({"messageId": 43125, "status": "1", "text": "Success"}, Verdict.ACCEPTED),
        ({"messageId": 0, "status": "0", "text": "Saldo tidak cukup"}, Verdict.ACCOUNT),
        ({"messageId": 0, "status": "0", "text": "Nomor tujuan salah"}, Verdict.REJECTED),
        ("<html>Gangguan</html>", Verdict.UNKNOWN),
    ],
)
def test_zenziva_s_answers_have_their_verdicts(tmp_path: Path, body: object, verdict: Verdict) -> None:
    sent = answered(tmp_path, ZENZIVA, 200, body)
    assert sent.verdict is verdict
    assert sent.provider_ref == ("43125" if verdict is Verdict.ACCEPTED else None)


@pytest.mark.parametrize(
    ("group", "name", "verdict"),
    [
        ("PENDING", "PENDING_ACCEPTED", Verdict.ACCEPTED),
        ("REJECTED", "REJECTED_NOT_ENOUGH_CREDITS", Verdict.ACCOUNT),
        ("REJECTED", "REJECTED_DESTINATION", Verdict.REJECTED),
    ],
)
def test_infobip_s_answers_have_their_verdicts(
    tmp_path: Path, group: str, name: str, verdict: Verdict
) -> None:
    body = {"messages": [{"messageId": "m-1", "status": {"groupName": group, "name": name}}]}
    sent = answered(tmp_path, INFOBIP, 200, body)
    assert (sent.verdict, sent.code) == (verdict, f"http 200 {name}")


def values(**changes: str) -> dict[str, str]:
    known = {
        "phone": "+6281234567890",
        "digits": "6281234567890",
        "national": "081234567890",
        "text": 'kata "baik" {x}',
        "sender": "IKM",
        "ref": "7-1f",
        "report_url": "https://ikm.go.id/r",
        "ucs2": "",
    }
    return known | changes


def test_a_json_request_keeps_its_shape_and_whatever_is_in_the_text(tmp_path: Path) -> None:
    send = configured(tmp_path, INFOBIP).providers[0].send
    assert send is not None
    request = build_request(send, values())
    assert request.url == "https://abc.api.infobip.com/sms/3/messages"
    assert request.headers["Authorization"] == "App k"
    assert request.body is not None
    message = json.loads(request.body)["messages"][0]
    assert message["content"] == {"text": 'kata "baik" {x}'}
    assert message["destinations"] == [{"to": "6281234567890"}]
    assert message["webhooks"]["callbackData"] == "7-1f"


def test_ucs2_adds_its_own_parameters(tmp_path: Path) -> None:
    send = configured(tmp_path, KANNEL).providers[0].send
    assert send is not None
    asked = parse_qs(urlsplit(build_request(send, values(ucs2="1", text="Selamat ★ pagi")).url).query)
    assert (asked["coding"], asked["charset"], asked["text"]) == (["2"], ["UTF-8"], ["Selamat ★ pagi"])


def test_what_is_filled_into_an_address_cannot_change_it(tmp_path: Path) -> None:
    block = TWILIO.replace("AC1", "AC1/../x?y#z")
    send = configured(tmp_path, block).providers[0].send
    assert send is not None
    url = build_request(send, values()).url
    assert url == "https://api.twilio.com/2010-04-01/Accounts/AC1%2F..%2Fx%3Fy%23z/Messages.json"


def test_a_number_is_dialled_as_at_home_only_where_it_is_at_home() -> None:
    assert national("+6281234567890") == "081234567890"
    assert national("+60123456789") == "+60123456789"


def test_a_code_never_repeats_what_a_provider_wrote(tmp_path: Path) -> None:
    # Their error may quote the number or the text; only words that can be neither are kept.
    for told in ("+6281234567890", "6281234567890", "Budi sudah pindah", "x" * 40, "SMS ke 0812"):
        assert answered(tmp_path, TWILIO, 400, {"code": told}).code == "http 400"


def test_a_name_of_the_provider_s_that_no_column_could_hold_is_dropped(tmp_path: Path) -> None:
    for told in ("x" * 129, "two words", "bell\a", ""):
        body = {"messages": [{"status": "0", "message-id": told}]}
        assert answered(tmp_path, VONAGE, 200, body).provider_ref is None


def test_a_name_of_the_provider_s_can_stand_in_a_plain_text(tmp_path: Path) -> None:
    block = (
        'name = "jasmin"\n[provider.send]\nurl = "http://127.0.0.1:1401/send"\n'
        'method = "GET"\nencode = "query"\n'
        'params = { to = "{digits}", content = "{text}" }\n'
        '[provider.accept]\nstatus = [200]\nbody = \'^Success "(?P<id>[^"]+)"$\'\n'
    )
    assert answered(tmp_path, block, 200, 'Success "0ab-1"') == Sent(Verdict.ACCEPTED, "0ab-1", "http 200")
    assert answered(tmp_path, block, 200, "Error").verdict is Verdict.UNKNOWN


def test_the_console_writes_one_line_and_counts_as_accepted() -> None:
    lines: list[str] = []
    config = console_config()
    gateway = open_gateway(config.providers[0], config, lines.append)
    sent = asyncio.run(gateway.send(MESSAGE._replace(text="baris satu\nbaris dua")))
    assert lines == ["SMS to +6281234567890: baris satu / baris dua"]
    assert sent == Sent(Verdict.ACCEPTED, "console-7-1f", "console")


def test_a_console_that_nobody_reads_has_sent_nothing() -> None:
    def closed(_line: str) -> None:
        raise BrokenPipeError

    config = console_config()
    sent = asyncio.run(open_gateway(config.providers[0], config, closed).send(MESSAGE))
    assert sent.verdict is Verdict.REFUSED
