"""What citizens write, as it comes through SMPP and Kannel: late, twice, in pieces, at once, or as nonsense.

What citizens are told is counted at the SMSC: whatever is written costs at most one SMS.
"""

import threading
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.factories import FORM_TYPE, form_body
from tests.servers import receipt_in
from tests.smpp.configuration import SENDER, Options
from tests.smpp.kannel import running
from tests.smpp.product import CALLBACK
from tests.smpp.smsc import GSM7, encode
from tests.smpp.world import ACKNOWLEDGED, INBOUND, Citizen, World, stored
from tests.smpp.world import whole_world as whole_world
from tests.smpp.world import world as world

NINE = "4 3 4 4 4 3 4 4 4"
VALUES = (4, 3, 4, 4, 4, 3, 4, 4, 4)
TRIES = 4
"""How often Kannel offers a message here: once, and http-request-retry times more."""


def let_a_minute_pass(world: World) -> None:
    """Let what comes next be no repetition of what came before."""
    world.run("UPDATE conversation SET changed_at = changed_at - 60 WHERE changed_at > 60")


def is_thanks(text: str) -> bool:
    """Whether a text says that an answer is in, and how to erase it."""
    return text.startswith("Terima kasih! Jawaban Anda tersimpan") and "HAPUS" in text


@pytest.mark.parametrize(
    ("text", "values", "comment"),
    [
        (NINE, VALUES, None),
        ("434443444", VALUES, None),
        ("4,3,4,4,4,3,4,4,4 petugas ramah 👍🏽", VALUES, "petugas ramah 👍🏽"),
        ("4 3 4 4 4 3 4 4 2 2 jam menunggu", (*VALUES[:8], 2), "2 jam menunggu"),
        ("papat telu papat papat papat telu papat papat papat", VALUES, None),
        ("sekawan tiga sekawan 4 4 telu sekawan 4 papat matur nuwun", VALUES, "matur nuwun"),
        ("٤ ٣ ٤ ٤ ٤ ٣ ٤ ٤ ٤ شكرا", VALUES, "شكرا"),
        ("4 3 4 4 4 3 4 4 4 {biaya} €5 ~ [ok]", VALUES, "{biaya} €5 ~ [ok]"),
    ],
)
def test_nine_answers_are_stored_as_they_were_meant_and_thanked_for_with_one_sms(
    world: World, text: str, values: tuple[int, ...], comment: str | None
) -> None:
    citizen, before = world.invited(), stored(world)
    assert is_thanks(citizen.asks(text))
    assert stored(world, before) == [("sms", values, comment)]


def test_an_answer_whose_parts_come_in_the_wrong_order_is_one_answer(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    remark = "ramah dan sangat cepat sekali 👍"
    cut = remark.index("👍")
    first, second = f"{NINE} {remark[:cut]}\ud83d", "\udc4d sekali"
    assert is_thanks(citizen.asks(first, second, arriving=(2, 1)))
    assert stored(world, before) == [("sms", VALUES, f"{remark} sekali")]


def test_half_an_answer_whose_other_half_was_lost_is_no_answer_and_may_be_sent_again(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    told = citizen.asks("4 3 4 4 ", "4 3 4 4 4", arriving=(1,))
    assert told.startswith("Kurang 5 angka")
    assert stored(world, before) == []
    assert is_thanks(citizen.asks(NINE))
    assert stored(world, before) == [("sms", VALUES, None)]


def test_an_answer_that_we_took_without_kannel_learning_it_is_counted_once(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    world.to_product.lose_answers(INBOUND, 2)
    assert is_thanks(citizen.asks(NINE))
    offered = world.to_product.asked(INBOUND, 3)
    assert (len(offered), len(set(offered))) == (3, 1)
    world.settle()
    assert len(citizen.heard()) == 2
    assert stored(world, before) == [("sms", VALUES, None)]


def test_an_answer_that_we_could_not_take_at_once_is_not_lost(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    world.to_product.refuse(INBOUND, 1)
    assert is_thanks(citizen.asks(NINE))
    assert stored(world, before) == [("sms", VALUES, None)]


def test_an_answer_offered_more_often_in_vain_than_kannel_tries_is_lost_and_may_be_sent_again(
    world: World,
) -> None:
    citizen, before = world.invited(), stored(world)
    world.to_product.refuse(INBOUND, TRIES)
    world.kannel.smsc.hear(citizen.phone, SENDER, NINE)
    world.to_product.asked(INBOUND, TRIES)
    assert is_thanks(citizen.asks("3 3 3 3 3 3 3 3 3"))
    assert stored(world, before) == [("sms", (3,) * 9, None)]


def test_with_a_high_http_request_retry_an_answer_outlasts_our_absence(world: World, tmp_path: Path) -> None:
    # The setting that docs/sms.md asks for: without it the answer above was lost.
    citizen, before = world.invited(), stored(world)
    total = world.outcomes().total()
    with running(tmp_path, Options(http_request_retry=1000)) as patient:
        patient.send_inbound_to(world.to_product.url + INBOUND)
        world.to_product.refuse(INBOUND, TRIES)
        patient.smsc.hear(citizen.phone, SENDER, NINE)
        world.wait_for_messages(total + 1)
    assert stored(world, before) == [("sms", VALUES, None)]
    assert len(citizen.heard()) == 2


def test_an_answer_that_was_taken_before_a_power_cut_is_dealt_with_after_it(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    world.product.stop()
    world.product.start(PERCAYA_WORK_IN_PROCESS="false")
    total = world.outcomes().total()
    world.kannel.smsc.hear(citizen.phone, SENDER, NINE)
    world.product.wait(
        "SELECT count(*) FROM sms_callback WHERE state = 'waiting'", lambda found: found[0][0] == 1
    )
    world.product.kill()
    world.product.start()
    world.wait_for_messages(total + 1)
    assert stored(world, before) == [("sms", VALUES, None)]
    assert is_thanks(citizen.heard()[1])


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("👍👍🏽❤️", "Balas MULAI"),
        ("सेवा अच्छी थी", "Balas MULAI"),
        ("服务很好", "Balas MULAI"),
        ("", "Balas MULAI"),
        ("loro bapak loro ibu", "Belum ada pertanyaan"),
        (f"{NINE} {NINE}", "Angkanya lebih dari 9"),
        ("4 3 4 4 4 3 4 4", "Kurang 1 angka"),
        ("5 5 5 5 5 5 5 5 5", "Setiap angka harus 1 sampai 4"),
    ],
)
def test_what_is_no_answer_is_counted_for_none_and_costs_one_hint(
    world: World, text: str, beginning: str
) -> None:
    citizen, before = world.invited(), stored(world)
    assert citizen.asks(text).startswith(beginning)
    assert stored(world, before) == []


def test_a_machine_that_answers_everything_we_say_is_answered_once(world: World) -> None:
    machine = world.invited()
    assert len(machine.asks("Nomor ini tidak menerima pesan.")) <= 160
    for number in range(3):
        assert machine.gets_nothing(f"Nomor ini tidak menerima pesan. ({number})") == "silent"


@pytest.mark.parametrize("sender", ["99888", "TELKOMSEL", SENDER, "+99777", "0"])
def test_a_sender_that_is_no_telephone_costs_nothing_and_is_not_remembered(world: World, sender: str) -> None:
    kept = world.count("conversation")
    assert Citizen(world, sender).gets_nothing(NINE) == "ignored_sender"
    assert world.count("conversation") == kept
    assert sender not in {message.recipient for message in world.kannel.smsc.messages()}


def test_a_stranger_is_told_once_whatever_he_writes(world: World) -> None:
    stranger, before = world.citizen(), stored(world)
    assert stranger.asks(NINE).startswith("Ini nomor survei layanan publik")
    assert stranger.gets_nothing("MULAI") == "silent"
    assert stored(world, before) == []


def test_an_answer_from_another_telephone_than_the_invited_one_uses_nobodys_right_up(world: World) -> None:
    invited, other, before = world.invited(), world.citizen(), stored(world)
    other.asks("1 1 1 1 1 1 1 1 1")
    assert stored(world, before) == []
    assert is_thanks(invited.asks(NINE))
    assert stored(world, before) == [("sms", VALUES, None)]


def test_too_late_is_told_once_and_counts_for_nothing(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    world.run("UPDATE invitation SET expires_at = 1000 WHERE state = 'open'")
    assert citizen.asks(NINE).startswith("Maaf, waktu untuk menjawab survei ini sudah habis")
    let_a_minute_pass(world)
    assert citizen.gets_nothing("3 3 3 3 3 3 3 3 3") == "silent"
    assert stored(world, before) == []


def test_a_second_answer_is_told_once_that_the_first_is_in_and_changes_nothing(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    citizen.asks(NINE)
    let_a_minute_pass(world)
    assert citizen.asks("1 1 1 1 1 1 1 1 1").startswith("Terima kasih, jawaban Anda sudah kami terima")
    let_a_minute_pass(world)
    assert citizen.gets_nothing("1 1 1 1 1 1 1 1 1") == "silent"
    assert stored(world, before) == [("sms", VALUES, None)]


def test_two_different_answers_at_once_are_one_answer(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    total = world.outcomes().total()
    texts = [" ".join(str(value) * 9) for value in (1, 2, 3, 4)]
    world.kannel.smsc.hear_many(
        [
            {
                "from": citizen.phone,
                "to": SENDER,
                "coding": GSM7,
                "parts": [{"hex": encode(text, GSM7).hex(), "udh": ""}],
            }
            for text in texts
        ]
    )
    world.wait_for_messages(total + len(texts))
    assert len(stored(world, before)) == 1
    assert [is_thanks(text) for text in citizen.heard()[1:]] == [True]


def test_of_an_answer_by_sms_and_one_by_link_at_the_same_instant_exactly_one_is_counted(world: World) -> None:
    citizens = [world.citizen() for _ in range(8)]
    codes = world.invite(*citizens)
    before, total = stored(world), world.outcomes().total()
    pages: dict[str, bytes] = {}
    ready = threading.Barrier(len(citizens) + 1)

    def answer_by_link(code: str, number: int) -> None:
        # Half of them at once, half at the moment an SMS has been taken and is about to be dealt with.
        ready.wait()
        world.to_product.asked(INBOUND, number if number % 2 else 0)
        assert world.product.server is not None
        pages[code] = world.product.server.ask("POST", f"/{code}", form_body(), FORM_TYPE)[1]

    threads = [
        threading.Thread(target=answer_by_link, args=(code, number)) for number, code in enumerate(codes)
    ]
    for thread in threads:
        thread.start()
    parts = [{"hex": encode(NINE, GSM7).hex(), "udh": ""}]
    heard = [{"from": citizen.phone, "to": SENDER, "coding": GSM7, "parts": parts} for citizen in citizens]
    ready.wait()
    world.kannel.smsc.hear_many(heard)
    for thread in threads:
        thread.join()
    world.wait_for_messages(total + len(citizens))
    assert len(stored(world, before)) == len(citizens)
    for citizen, code in zip(citizens, codes, strict=True):
        (told,) = citizen.heard()[1:]
        assert is_thanks(told) != (receipt_in(pages[code]) is not None)


def test_what_does_not_prove_where_it_comes_from_opts_nobody_out_and_answers_for_nobody(world: World) -> None:
    citizen, before, known = world.invited(), stored(world), world.count("sms_callback")
    server = world.product.server
    assert server is not None
    for text in ("STOP", NINE):
        query = f"?from={quote(citizen.phone)}&to={SENDER}&text={quote(text)}&id=forged-{len(text)}"
        forged = [
            f"/sms/kannel/inbound{query}",
            f"/sms/kannel/inbound/{CALLBACK[:-1]}{query}",
            f"/sms/kannel/inbound/{CALLBACK.upper()}{query}",
            f"/sms/kannel/inbound/{CALLBACK}%00{query}",
            f"/sms/twilio/inbound/{CALLBACK}{query}",
        ]
        assert {server.ask("GET", path)[0] for path in forged} == {403}
    assert world.count("sms_callback") == known
    assert is_thanks(citizen.asks(NINE))
    assert stored(world, before) == [("sms", VALUES, None)]


def test_a_megabyte_is_refused_keeps_nothing_and_holds_nobody_up(world: World) -> None:
    citizen, known = world.invited(), world.count("sms_callback")
    server = world.product.server
    assert server is not None
    megabyte = b"text=" + b"4" * 1_000_000
    assert server.ask("POST", INBOUND, megabyte, FORM_TYPE)[0] == 413
    assert server.ask("GET", f"{INBOUND}?from={quote(citizen.phone)}&id=1&{megabyte.decode()}")[0] >= 400
    assert world.count("sms_callback") == known
    assert is_thanks(citizen.asks(NINE))


def test_the_longest_message_that_sms_can_carry_costs_one_sms(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    parts = [("ramah " * 26)[:153]] * 254
    assert is_thanks(citizen.asks(f"{NINE} ramah", *parts))
    ((_, values, comment),) = stored(world, before)
    assert (values, (comment or "")[:5]) == (VALUES, "ramah")


def test_a_gateway_that_repeats_until_it_reads_its_word_is_answered_with_it(world: World) -> None:
    citizen, before = world.invited(), stored(world)
    server = world.product.server
    assert server is not None
    total = world.outcomes().total()
    path = (
        f"{INBOUND}?from={quote(citizen.phone)}&to={SENDER}&text={quote(NINE)}&id=jasmin-{citizen.phone[1:]}"
    )
    for _ in range(3):
        assert server.ask("GET", path) == (200, ACKNOWLEDGED.encode())
    world.wait_for_messages(total + 1)
    assert len(citizen.heard()) == 2
    assert stored(world, before) == [("sms", VALUES, None)]
