"""Reading delivery reports and citizens' messages in the shapes providers have, and what is none of them."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provider_world import BOTH, NOW, PUBLIC, asked, form, packaged, posted, provider

from survey.messaging.blocks import Provider
from survey.messaging.incoming import (
    MOST_TEXT,
    Heard,
    Incoming,
    Malformed,
    Status,
    read_heard,
    read_reports,
)
from survey.messaging.signatures import authenticate, twilio_signature

PLAIN = 'name = "satu"\nauth = { type = "secret", secret = "sixteen-letters-x" }\n' + BOTH


@pytest.fixture
def plain(tmp_path: Path) -> Provider:
    return provider(tmp_path, PLAIN)


@pytest.fixture
def kannel(tmp_path: Path) -> Provider:
    return provider(tmp_path, packaged("kannel"))


def kannel_report(kind: str, answer: str = "", at: str = "1795000000") -> Incoming:
    answer = answer.replace(" ", "+").replace("/", "%2F").replace(":", "%3A")
    return asked(f"/sms/kannel/report/x?ref=7-1f&type={kind}&answer={answer}&name=abc&at={at}")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("1", Status.DELIVERED),
        ("2", Status.UNDELIVERED),
        ("4", Status.SUBMITTED),
        ("8", Status.SUBMITTED),
        ("16", Status.REJECTED),
        ("34", Status.EXPIRED),
        ("66", Status.UNDELIVERED),
        ("9", Status.DELIVERED),
        ("128", Status.SUBMITTED),
        ("ten", Status.SUBMITTED),
    ],
)
def test_kannel_s_type_is_read_as_a_sum_of_bits(kannel: Provider, kind: str, status: Status) -> None:
    # Read as one of 1, 2, 4, 8, 16 the report of an expired message (34) would be ignored for ever.
    reported = read_reports(kannel, kannel_report(kind))[0]
    assert (reported.ref, reported.status) == ("7-1f", status)


def test_a_refusal_for_haste_may_go_by_another_provider_and_one_for_the_number_not(kannel: Provider) -> None:
    hasty = read_reports(kannel, kannel_report("16", "NACK/Retries Exceeded"))[0]
    wrong = read_reports(kannel, kannel_report("16", "NACK/0x0000000b/Invalid Destination Address"))[0]
    assert (hasty.status, hasty.code) == (Status.TEMPORARY, "16 Retries")
    assert (wrong.status, wrong.code) == (Status.REJECTED, "16 0x0000000b")


def test_of_an_operator_s_report_only_its_words_are_kept(kannel: Provider) -> None:
    answer = "id:77 sub:001 dlvrd:000 stat:UNDELIV err:034 text:Budi 081234567890"
    reported = read_reports(kannel, kannel_report("2", answer))[0]
    assert reported.code == "2 UNDELIV 034"


def test_the_same_report_again_has_the_same_name_and_a_later_one_another(kannel: Provider) -> None:
    first = read_reports(kannel, kannel_report("16", at="1795000000"))[0]
    again = read_reports(kannel, kannel_report("16", at="1795000000"))[0]
    later = read_reports(kannel, kannel_report("16", at="1795000100"))[0]
    assert first.external_id == again.external_id
    assert first.external_id != later.external_id


def test_a_message_from_kannel_is_read(kannel: Provider) -> None:
    heard = read_heard(
        kannel, asked("/sms/kannel/inbound/x?from=%2B62812&to=99777&text=4+3+4%0A&id=u-1&at=t")
    )
    assert heard == [Heard(heard[0].external_id, "+62812", "99777", "4 3 4\n")]


def test_a_message_that_is_retried_has_the_same_name(kannel: Provider) -> None:
    # Kannel repeats what we refused with the same id: it must not be an answer twice.
    first, again = (
        read_heard(kannel, asked(f"/sms/kannel/inbound/x?from=%2B62812&text=4&id=u-1&at={at}"))[0]
        for at in ("1", "2")
    )
    other = read_heard(kannel, asked("/sms/kannel/inbound/x?from=%2B62812&text=4&id=u-2&at=1"))[0]
    assert first.external_id == again.external_id
    assert first.external_id != other.external_id


def test_twilio_s_status_callback_is_read_with_the_reference_of_its_address(tmp_path: Path) -> None:
    twilio = provider(tmp_path, packaged("twilio"))
    fields = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003", "To": "+62812"}
    reported = read_reports(twilio, form("/sms/twilio/report?ref=7-1f", fields))[0]
    assert (reported.ref, reported.provider_ref) == ("7-1f", "SM1")
    assert (reported.status, reported.code, reported.opted_out) == (
        Status.UNDELIVERED,
        "undelivered 30003",
        "",
    )


def test_an_opt_out_in_a_report_names_its_number(tmp_path: Path) -> None:
    twilio = provider(tmp_path, packaged("twilio"))
    vonage = provider(tmp_path, packaged("vonage"))
    theirs = {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "21610", "To": "+62812"}
    others = {
        "messageId": "0C1",
        "status": "failed",
        "err-code": "9",
        "msisdn": "62812",
        "client-ref": "7-1f",
    }
    assert read_reports(twilio, form("/sms/twilio/report", theirs))[0].opted_out == "+62812"
    assert read_reports(vonage, posted("/sms/vonage/report", others))[0].opted_out == "62812"


def test_an_opt_out_that_the_provider_took_itself_is_marked(tmp_path: Path) -> None:
    twilio = provider(tmp_path, packaged("twilio"))
    fields = {"From": "+62812", "To": "+1555", "Body": "stop", "MessageSid": "SM2"}
    assert not read_heard(twilio, form("/sms/twilio/inbound", fields))[0].opted_out
    assert read_heard(twilio, form("/sms/twilio/inbound", fields | {"OptOutType": "STOP"}))[0].opted_out
    assert not read_heard(twilio, form("/sms/twilio/inbound", fields | {"OptOutType": "START"}))[0].opted_out


def infobip_report(name: str, ref: str = "7-1f") -> dict[str, object]:
    return {"messageId": "m-1", "callbackData": ref, "status": {"name": name}, "error": {"name": "NO_ERROR"}}


def test_a_batch_of_reports_is_read_item_by_item(tmp_path: Path) -> None:
    infobip = provider(tmp_path, packaged("infobip"))
    names = ("DELIVERED_TO_OPERATOR", "DELIVERED_TO_HANDSET", "EXPIRED_EXPIRED", "REJECTED_NETWORK")
    results = [infobip_report(name, f"7-{number}") for number, name in enumerate(names)]
    reported = read_reports(infobip, posted("/sms/infobip/report/x", {"results": results}))
    assert [one.status for one in reported] == [
        Status.SUBMITTED,
        Status.DELIVERED,
        Status.EXPIRED,
        Status.REJECTED,
    ]
    assert [one.ref for one in reported] == ["7-0", "7-1", "7-2", "7-3"]
    assert len({one.external_id for one in reported}) == 4


def test_what_can_be_read_of_a_batch_is_not_lost_with_what_cannot(tmp_path: Path) -> None:
    infobip = provider(tmp_path, packaged("infobip"))
    results = [{"status": {"name": "DELIVERED_TO_HANDSET"}}, infobip_report("DELIVERED_TO_HANDSET")]
    reported = read_reports(infobip, posted("/sms/infobip/report/x", {"results": results}))
    assert [one.ref for one in reported] == ["7-1f"]
    with pytest.raises(Malformed, match="names no message"):
        read_reports(infobip, posted("/sms/infobip/report/x", {"results": results[:1]}))


def test_an_empty_batch_tells_nothing(tmp_path: Path) -> None:
    infobip = provider(tmp_path, packaged("infobip"))
    assert read_heard(infobip, posted("/sms/infobip/inbound/x", {"results": []})) == []


def test_a_status_nobody_told_us_of_promises_nothing(plain: Provider) -> None:
    reported = read_reports(plain, asked("/sms/satu/report?ref=7-1f&status=teleported"))[0]
    assert (reported.status, reported.code) == (Status.SUBMITTED, "unmapped teleported")


def test_a_value_is_recognised_in_upper_and_lower_case(plain: Provider) -> None:
    assert read_reports(plain, asked("/r?ref=7-1f&status=OK"))[0].status is Status.DELIVERED


def test_a_reference_that_cannot_be_one_is_dropped(plain: Provider) -> None:
    reported = read_reports(plain, asked("/r?ref=7+1f&id=abc&status=ok"))[0]
    assert (reported.ref, reported.provider_ref) == (None, "abc")


def test_a_reference_may_be_the_last_part_of_the_address(tmp_path: Path) -> None:
    block = PLAIN.replace('ref = "ref"', 'ref = "path"')
    found = read_reports(provider(tmp_path, block), asked("/r?status=ok", secret="sixteen-letters-x.7-1f"))
    assert found[0].ref == "7-1f"
    with pytest.raises(Malformed, match="names no message"):
        read_reports(provider(tmp_path, block), asked("/r?status=ok", secret="sixteen-letters-x"))


def test_a_message_without_any_name_is_told_from_its_repetition_by_time(plain: Provider) -> None:
    def named(path: str, now: int = NOW) -> str:
        return read_heard(plain, asked(path, now=now))[0].external_id

    assert named("/i?from=1&text=STOP&at=5") == named("/i?from=1&text=STOP&at=5", NOW + 60)
    assert named("/i?from=1&text=STOP&at=5") != named("/i?from=1&text=STOP&at=6")
    # Without the provider's time: again within ten seconds is the same, an hour later is a new wish.
    assert named("/i?from=1&text=STOP") == named("/i?from=1&text=STOP", NOW + 1)
    assert named("/i?from=1&text=STOP") != named("/i?from=1&text=STOP", NOW + 3600)
    assert named("/i?from=1&text=STOP") != named("/i?from=2&text=STOP")


def test_a_replay_that_hides_the_name_of_twilio_s_message_is_refused(tmp_path: Path) -> None:
    twilio = provider(tmp_path, packaged("twilio"))
    path = "/sms/twilio/inbound"
    genuine = [("Body", "4"), ("From", "+62812"), ("FromZip", ""), ("MessageSid", "SM1")]
    hidden = [*genuine[:2], ("FromZip", "MessageSidSM1")]
    signature = twilio_signature("12345", PUBLIC + path, genuine)
    replayed = form(path, hidden, headers={"x-twilio-signature": signature})
    assert read_heard(twilio, form(path, genuine))
    assert authenticate(twilio, replayed)  # both are signed alike
    with pytest.raises(Malformed, match="has no name"):
        read_heard(twilio, replayed)


def test_an_emoji_cut_in_half_and_a_zero_byte_lose_nothing_else(plain: Provider) -> None:
    body = b'{"from": "+62812", "text": "4 3 4 bagus \\ud83d", "id": "1"}'
    assert read_heard(plain, posted("/i", body))[0].text == "4 3 4 bagus ?"
    body = b'{"from": "+62812", "text": "4\\u00003", "id": "1"}'
    assert read_heard(plain, posted("/i", body))[0].text == "43"


def test_a_very_long_message_is_cut(plain: Provider) -> None:
    assert (
        len(read_heard(plain, form("/i", {"from": "1", "text": "x" * 60_000, "id": "1"}))[0].text)
        == MOST_TEXT
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is empty"),
        (b"{", "not readable JSON"),
        (b"[" * 60_000, "not readable JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not readable JSON"),
        (b"\xff\xfe", "not readable JSON"),
        (b'"text"', "does not hold what was agreed"),
        (b"[1]", "does not hold what was agreed"),
        (b'{"from": "1"}', "no sender or no text"),
        (b'{"from": ["1"], "text": "a"}', "no sender or no text"),
        (b"[" + b"{}," * 1001 + b"{}]", "does not hold what was agreed"),
    ],
)
def test_what_cannot_be_read_says_why_and_repeats_nothing(plain: Provider, body: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        read_heard(plain, posted("/i", body))


def test_a_body_that_is_neither_form_nor_json_is_refused(plain: Provider) -> None:
    callback = posted("/i", b"<sms/>", headers={"content-type": "text/xml"})
    with pytest.raises(Malformed, match="neither a form nor JSON"):
        read_heard(plain, callback)


def test_a_form_with_too_many_fields_is_refused(plain: Provider) -> None:
    with pytest.raises(Malformed, match="too many fields"):
        read_heard(plain, form("/i", [(f"f{number}", "") for number in range(201)]))


def test_a_provider_without_callbacks_is_not_listened_to(tmp_path: Path) -> None:
    zenziva = provider(tmp_path, packaged("zenziva"))
    with pytest.raises(Malformed, match="sends no reports"):
        read_reports(zenziva, asked("/r?ref=7-1f&status=1"))
    with pytest.raises(Malformed, match="hands no messages on"):
        read_heard(zenziva, asked("/i?from=1&text=a"))


def test_where_only_the_body_is_signed_the_address_is_not_believed(tmp_path: Path) -> None:
    block = PLAIN.replace(
        'auth = { type = "secret", secret = "sixteen-letters-x" }',
        'auth = { type = "hmac", secret = "k", header = "X-Signature" }',
    )
    signed = provider(tmp_path, block)
    reported = read_reports(signed, posted("/r?ref=9-9", {"id": "abc", "status": "ok"}))[0]
    assert (reported.ref, reported.provider_ref) == (None, "abc")


@given(
    st.binary(max_size=300), st.sampled_from(["application/json", "application/x-www-form-urlencoded", ""])
)
def test_whatever_comes_is_read_or_refused_by_name(body: bytes, kind: str) -> None:
    for name in ("kannel", "twilio", "vonage", "infobip"):
        for read in (read_reports, read_heard):
            with suppress(Malformed):
                read(known(name), asked("/x", method="POST", headers={"content-type": kind}, body=body))


_known: dict[str, Provider] = {}


def known(name: str) -> Provider:
    if name not in _known:
        with TemporaryDirectory() as directory:
            _known[name] = provider(Path(directory), packaged(name))
    return _known[name]
