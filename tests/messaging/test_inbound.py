"""Messages of citizens against a real database: what is stored, what is said, and what is forgotten."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest
from factories import INSTRUMENT, answer, answers, count, issue, rows
from outbox_world import PHONE, begun, claimed, finished, invite, promoted
from pydantic import SecretStr

from survey import responses, tokens
from survey.messaging import conversations, dialogue, texts
from survey.messaging.gateway import Verdict
from survey.messaging.inbound import (
    QUICK_SECONDS,
    REPEAT_SECONDS,
    InboundIn,
    Said,
    Surroundings,
    converse,
    forget,
    receive,
)
from survey.messaging.segments import segment
from survey.platform import Platform
from survey.settings import Settings
from survey.work import expire
from survey.writer import Writer

DAY = 86_400
NINE = "4 3 4 4 4 3 4 4 4"


def inbound(platform: Platform, text: str, phone: str = PHONE, **changes: Any) -> InboundIn:
    item = InboundIn(
        keys=platform.settings.keys,
        phone=phone,
        text=text,
        provider="one",
        opted_out=False,
        now=platform.now(),
        surroundings=Surroundings(platform.instruments, platform.settings),
    )
    return item._replace(**changes)


class Citizen:
    """Somebody with a telephone; each message comes a minute after the last."""

    def __init__(self, platform: Platform, clock: Any, phone: str = PHONE) -> None:
        self.platform = platform
        self.clock = clock
        self.phone = phone

    def says(self, text: str, after: int = 60, **changes: Any) -> Said:
        self.clock.at += after
        return self.platform.writer.call(converse, inbound(self.platform, text, self.phone, **changes))

    def hears(self, text: str, after: int = 60) -> str:
        reply = self.says(text, after).reply
        assert reply is not None, text
        return reply


@pytest.fixture
def invited(platform: Platform) -> Platform:
    """A platform that has sent one invitation by SMS."""
    invite(platform)
    promoted(platform)
    (message,) = claimed(platform)
    assert begun(platform, message) == 1
    assert finished(platform, message, Verdict.ACCEPTED)
    return platform


@pytest.fixture
def citizen(invited: Platform, clock: Any) -> Citizen:
    """The one who was invited."""
    return Citizen(invited, clock)


@pytest.fixture
def stranger(platform: Platform, clock: Any) -> Citizen:
    """Somebody nobody has written to."""
    return Citizen(platform, clock)


def conversation(platform: Platform) -> dict[str, Any]:
    """The only conversation there is."""
    names = ("state", "agency_id", "transaction_id", "language", "draft", "hints", "last_text", "changed_at")
    (row,) = rows(platform.database, f"SELECT {', '.join(names)} FROM conversation")
    return dict(zip(names, row, strict=True))


def replies(platform: Platform) -> list[tuple[str, str]]:
    """Number and text of every reply that is queued."""
    keys = platform.settings.keys
    found = rows(
        platform.database, "SELECT contact, body FROM message WHERE kind = 'reply' ORDER BY not_before"
    )
    return [(keys.open_contact(bytes(contact)), keys.open_text(bytes(body))) for contact, body in found]


def stored(platform: Platform) -> list[tuple[Any, ...]]:
    return rows(platform.database, "SELECT answers, comment, mode, language FROM response")


def code_of(platform: Platform) -> str:
    """The code in the link of the only invitation."""
    ((transaction,),) = rows(platform.database, "SELECT transaction_id FROM invitation")
    return tokens.link_code(platform.settings.keys.token, transaction)


def receipt_in(reply: str) -> str:
    """The receipt in a text of thanks."""
    found = [code for at in range(len(reply)) if (code := tokens.read(reply[at : at + 14]))]
    assert len(set(found)) == 1
    return found[0]


def keep_house(platform: Platform, at: int) -> int:
    """Forget every minute of an hour, so that everything has its turn; how many were deleted."""

    def an_hour(tx: Any, moments: Sequence[int]) -> list[int]:
        return [
            sum(forget(tx, [moment + minute * 60 for minute in range(conversations.SLICES)]))
            for moment in moments
        ]

    return platform.writer.call(an_hour, at)


# --- answering ---


def test_nine_digits_and_a_remark_are_stored_and_thanked_for(citizen: Citizen) -> None:
    said = citizen.says(f"{NINE} petugas ramah")
    assert said.outcome is dialogue.Outcome.ANSWERED
    ((values, comment, mode, language),) = stored(citizen.platform)
    assert (values[:9], comment, mode, language) == ("434443444", "petugas ramah", "sms", "id")
    assert set(values[9:]) == {"-"}
    assert replies(citizen.platform) == [(PHONE, said.reply)]
    assert rows(citizen.platform.database, "SELECT state FROM invitation") == [("answered",)]


def test_the_receipt_in_the_thanks_erases_the_answer_and_nothing_else_does(citizen: Citizen) -> None:
    receipt = receipt_in(citizen.hears(NINE))
    other = tokens.draw_receipt()
    assert citizen.hears(f"HAPUS {other}") == texts.say("id", "reply.wrong_receipt")
    assert count(citizen.platform.database, "response") == 1
    assert citizen.hears(f"hapus {receipt[:4]} {receipt[4:8]}-{receipt[8:]}".lower()) == texts.say(
        "id", "reply.erased"
    )
    assert count(citizen.platform.database, "response") == 0


def test_question_by_question_it_is_the_same_answer(citizen: Citizen) -> None:
    assert citizen.hears("MULAI").startswith("1/9 ")
    for number, digit in enumerate("43444344", 2):
        assert citizen.hears(digit).startswith(f"{number}/9 ")
    assert "Tanda terima" in citizen.hears("4 petugas ramah")
    ((values, comment, *_),) = stored(citizen.platform)
    assert (values[:9], comment) == ("434443444", "petugas ramah")


def test_an_unfinished_answer_is_finished_days_later_with_a_correction(citizen: Citizen) -> None:
    for text in ("MULAI", "4", "4", "LEWATI", "UBAH 1=1"):
        citizen.says(text)
    assert stored(citizen.platform) == []
    assert citizen.hears("MULAI", after=5 * DAY).startswith("4/9 ")
    for _ in range(6):
        citizen.says("2")
    ((values, *_),) = stored(citizen.platform)
    assert values[:9] == "140222222"


def test_a_draft_is_sealed_and_gone_when_the_answer_is_in(citizen: Citizen) -> None:
    citizen.says("MULAI")
    citizen.says("4")
    draft = bytes(conversation(citizen.platform)["draft"])
    assert b"requirements" not in draft
    assert citizen.platform.settings.keys.open_text(draft) == '{"requirements":4}'
    citizen.says(NINE)
    kept = conversation(citizen.platform)
    assert (kept["state"], kept["draft"], kept["transaction_id"]) == ("ended", None, None)


def test_after_the_answer_nothing_of_it_is_readable_but_the_sealed_reply(citizen: Citizen) -> None:
    receipt = receipt_in(citizen.hears(f"{NINE} petugas ramah"))
    kept = conversation(citizen.platform)
    assert (kept["agency_id"], kept["last_text"], kept["hints"]) == (0, None, 0)
    dump = "".join(
        str([bytes(value) if isinstance(value, memoryview) else value for row in found for value in row])
        for table in ("conversation", "message", "invitation", "opt_out", "service_transaction")
        for found in [rows(citizen.platform.database, f"SELECT * FROM {table}")]
    )
    for secret in (receipt, "petugas", "434443444", PHONE, PHONE[3:]):
        assert secret not in dump
    assert receipt not in str(rows(citizen.platform.database, "SELECT * FROM response"))


def test_soon_it_is_forgotten_when_the_answer_came(citizen: Citizen) -> None:
    citizen.says(NINE)
    assert conversation(citizen.platform)["changed_at"] == citizen.clock.at
    keep_house(citizen.platform, citizen.clock.at)
    assert conversation(citizen.platform)["changed_at"] == 0
    assert citizen.says("halo").outcome is dialogue.Outcome.ALREADY_IN


def test_soon_the_language_of_an_answer_is_forgotten_as_its_invitation_forgets_it(citizen: Citizen) -> None:
    citizen.says("BAHASA JV")
    assert citizen.hears(NINE).startswith("Matur nuwun")
    assert citizen.hears("halo") == texts.say("jv", "reply.already_in")
    keep_house(citizen.platform, citizen.clock.at)
    assert conversation(citizen.platform)["language"] == "id"
    assert rows(citizen.platform.database, "SELECT language FROM response") == [("jv",)]


def test_a_wiped_language_is_the_installations(citizen: Citizen) -> None:
    citizen.says(NINE)
    keep_house(citizen.platform, citizen.clock.at)
    english = citizen.platform.settings.model_copy(update={"default_language": "en"})
    said = citizen.says("halo", surroundings=Surroundings(citizen.platform.instruments, english))
    assert said.reply == texts.say("en", "reply.already_in")


@pytest.mark.parametrize("by", ["sms", "web", "nobody"])
def test_an_ended_conversation_does_not_end_with_its_invitation(citizen: Citizen, by: str) -> None:
    platform = citizen.platform
    if by == "sms":
        citizen.says(NINE)
    elif by == "web":
        answer(platform, code_of(platform))
    else:
        citizen.clock.at += platform.settings.invitation_days * DAY
    keep_house(platform, citizen.clock.at)
    ((state, expires_at, instrument),) = rows(
        platform.database, "SELECT state, expires_at, instrument FROM conversation"
    )
    ((until,),) = rows(platform.database, "SELECT expires_at FROM invitation")
    assert (state, expires_at % DAY, instrument) == ("ended", 0, "")
    assert until % DAY
    assert expires_at >= until


def test_stop_forgets_what_was_written_before_it(citizen: Citizen) -> None:
    citizen.says("4 3 4 4 4 3 4 4")
    assert conversation(citizen.platform)["last_text"] is not None
    citizen.says("STOP")
    assert conversation(citizen.platform)["last_text"] is None


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("4 3 4 4 4 3 4 4", "Kurang 1 angka."),
        ("4 3 4 4 4 3 4 4 5", "Setiap angka harus 1 sampai 4."),
        ("4344434442", "Angkanya lebih dari 9."),
        ("434443444 333333333", "Angkanya lebih dari 9."),
        ("😀😀", "Balas MULAI"),
        ("ꦱꦲꦺ", "Balas MULAI"),
        ("x" * 1_048_576, "Balas MULAI"),
        ("\ud800\x00", "Balas MULAI"),
    ],
)
def test_bad_input_stores_no_answer_and_gets_one_sms(citizen: Citizen, text: str, beginning: str) -> None:
    reply = citizen.hears(text)
    assert reply.startswith(beginning)
    assert len(segment(reply).parts) == 1
    assert stored(citizen.platform) == []
    assert len(replies(citizen.platform)) == 1


def test_numbers_as_javanese_words_are_an_answer(citizen: Citizen) -> None:
    citizen.says("papat telu papat papat papat telu papat papat papat sae sanget")
    ((values, comment, *_),) = stored(citizen.platform)
    assert (values[:9], comment) == ("434443444", "sae sanget")


def test_a_remark_with_half_a_character_is_stored_without_it(citizen: Citizen) -> None:
    citizen.says(f"{NINE} bagus \ud83d")
    assert stored(citizen.platform)[0][1] == "bagus ?"


def test_nonsense_is_answered_once_and_then_met_with_silence(citizen: Citizen) -> None:
    said = [citizen.says(f"mesin {number}") for number in range(5)]
    assert [one.reply is not None for one in said] == [True, False, False, False, False]
    assert len(replies(citizen.platform)) == 1
    assert citizen.says(NINE).outcome is dialogue.Outcome.ANSWERED


def test_another_language_is_remembered_and_is_that_of_the_answer(citizen: Citizen) -> None:
    assert citizen.hears("BAHASA EN").startswith("Reply START")
    assert citizen.hears("START").startswith("1/9 Requirements")
    assert citizen.hears(NINE).startswith("Thank you!")
    assert stored(citizen.platform)[0][3] == "en"


def test_info_names_who_asks(citizen: Citizen) -> None:
    assert citizen.hears("INFO").startswith("Survei Dinas Kependudukan, Loket Satu: tanpa nama")


# --- the end ---


def test_a_second_answer_is_told_kindly_once_and_changes_nothing(citizen: Citizen) -> None:
    citizen.says(NINE)
    assert citizen.hears("111111111") == texts.say("id", "reply.already_in")
    assert citizen.says("222222222").reply is None
    assert [row[0][:9] for row in stored(citizen.platform)] == ["434443444"]


def test_an_answer_on_the_web_wins_over_a_later_sms(citizen: Citizen) -> None:
    citizen.says("MULAI")
    citizen.says("4")
    answer(citizen.platform, code_of(citizen.platform))
    said = citizen.says(NINE)
    assert (said.outcome, said.reply) == (dialogue.Outcome.ALREADY_IN, texts.say("id", "reply.already_in"))
    assert [row[2] for row in stored(citizen.platform)] == ["web"]
    kept = conversation(citizen.platform)
    assert (kept["state"], kept["transaction_id"], kept["draft"], kept["agency_id"]) == (
        "ended",
        None,
        None,
        0,
    )


def test_an_answer_by_sms_wins_over_a_later_one_on_the_web(citizen: Citizen) -> None:
    code = code_of(citizen.platform)
    citizen.says(NINE)
    assert answer(citizen.platform, code).state is responses.LinkState.USED
    assert [row[2] for row in stored(citizen.platform)] == ["sms"]


def test_of_an_answer_by_web_and_one_by_sms_at_once_exactly_one_is_stored(citizen: Citizen) -> None:
    platform, code = citizen.platform, code_of(citizen.platform)
    items = [inbound(platform, NINE)]
    given = answers(platform)
    writers = [Writer(platform.database) for _ in range(2)]
    start = threading.Barrier(2)
    states: list[Any] = []

    def by_sms() -> None:
        start.wait()
        states.append(writers[0].call(converse, items[0]).outcome)

    def by_web() -> None:
        submission = responses.Submission(
            token_digest=tokens.digest(platform.settings.keys.token_digest, code),
            instrument=INSTRUMENT,
            answers=given,
            language="id",
            mode="web",
            response_id=tokens.draw_id(),
            now=platform.now(),
        )
        start.wait()
        states.append(writers[1].call(responses.accept, submission))

    run_together([by_sms, by_web])
    for writer in writers:
        writer.close()
    assert count(platform.database, "response") == 1
    assert len({"answered", responses.LinkState.OPEN} & set(states)) == 1


def test_too_late_is_told_once(citizen: Citizen) -> None:
    late = citizen.platform.settings.invitation_days * DAY
    assert citizen.hears(NINE, after=late) == texts.say("id", "reply.closed")
    assert citizen.says(NINE).reply is None
    assert stored(citizen.platform) == []
    kept = conversation(citizen.platform)
    assert (kept["state"], kept["transaction_id"], kept["draft"]) == ("ended", None, None)


def test_too_late_is_told_also_when_the_house_was_kept_before(citizen: Citizen) -> None:
    citizen.says("MULAI")
    citizen.says("4")
    citizen.clock.at += citizen.platform.settings.invitation_days * DAY
    for work in (expire, forget):
        citizen.platform.writer.call(work, citizen.clock.at)
    kept = conversation(citizen.platform)
    assert (kept["state"], kept["transaction_id"], kept["draft"], kept["last_text"]) == (
        "ended",
        None,
        None,
        None,
    )
    assert citizen.hears(NINE) == texts.say("id", "reply.closed")
    assert stored(citizen.platform) == []


def test_a_new_invitation_opens_the_conversation_again(citizen: Citizen) -> None:
    citizen.says(NINE)
    invite(citizen.platform, start=1, phones=[PHONE])
    # Past the cap on invitations of one number, which is not what is looked at here.
    citizen.clock.at += 100
    citizen.platform.writer.call(lambda tx, items: [clear_contacts(tx) for _ in items], None)
    promoted(citizen.platform)
    (message,) = [one for one in claimed(citizen.platform) if one.kind == "invitation"]
    begun(citizen.platform, message)
    assert citizen.says("222222222").outcome is dialogue.Outcome.ANSWERED
    assert sorted(row[0][:9] for row in stored(citizen.platform)) == ["222222222", "434443444"]


def clear_contacts(tx: Any) -> None:
    from sqlalchemy import delete

    from survey.database import Statement
    from survey.messaging.models import LastContact

    tx.run(Statement(delete(LastContact)))


# --- opting out ---


@pytest.mark.parametrize(
    "text", ["STOP", "“stop”", "berhenti ya", "UNREG", "S\u200bTOP.", "eureun", "Mandheg"]
)
def test_stop_is_confirmed_once_and_silent_the_second_time(citizen: Citizen, text: str) -> None:
    assert citizen.hears(text) == texts.say("id", "reply.stopped")
    again = citizen.says(text)
    assert (again.outcome, again.reply) == (dialogue.Outcome.SILENT, None)
    assert count(citizen.platform.database, "opt_out") == 1


def test_stop_in_the_middle_of_the_questions_ends_them_and_forgets_the_draft(citizen: Citizen) -> None:
    for text in ("MULAI", "4", "STOP"):
        citizen.says(text)
    kept = conversation(citizen.platform)
    assert (kept["state"], kept["draft"]) == ("invited", None)


@pytest.mark.parametrize("text", [NINE, "4", "INFO", "halo", "BAHASA EN", "LEWATI"])
def test_whoever_opted_out_hears_nothing_more(citizen: Citizen, text: str) -> None:
    citizen.says("STOP")
    said = citizen.says(text)
    assert (said.outcome, said.reply) == (dialogue.Outcome.SILENT, None)
    assert stored(citizen.platform) == []


def test_mulai_brings_back_and_says_so_and_once_more_begins(citizen: Citizen) -> None:
    citizen.says("STOP")
    returned = citizen.says("MULAI")
    assert (returned.outcome, returned.reply) == (
        dialogue.Outcome.RETURNED,
        texts.say("id", "reply.returned_open"),
    )
    assert count(citizen.platform.database, "opt_out") == 0
    assert citizen.hears("MULAI").startswith("1/9 ")


def test_stop_counts_for_every_agency_and_keeps_the_next_invitation_back(citizen: Citizen) -> None:
    citizen.says("STOP")
    invite(citizen.platform, start=1, phones=[PHONE])
    promoted(citizen.platform)
    assert rows(
        citizen.platform.database, "SELECT state, reason FROM message WHERE state = 'suppressed'"
    ) == [("suppressed", "opted_out")]


def test_a_providers_own_opt_out_is_honoured_without_a_word(citizen: Citizen) -> None:
    said = citizen.says("", opted_out=True)
    assert (said.outcome, said.reply) == (dialogue.Outcome.OPTED_OUT, None)
    assert rows(citizen.platform.database, "SELECT source FROM opt_out") == [("provider",)]
    assert citizen.says("STOP").reply is None


def test_a_stranger_may_opt_out_and_come_back(stranger: Citizen) -> None:
    assert stranger.hears("STOP") == texts.say("id", "reply.stopped")
    assert stranger.hears("MULAI") == texts.say("id", "reply.returned")
    assert stranger.says("MULAI").reply is None


def test_an_answer_can_be_erased_after_opting_out_without_a_word(citizen: Citizen) -> None:
    receipt = receipt_in(citizen.hears(NINE))
    citizen.says("STOP")
    said = citizen.says(f"HAPUS {receipt}")
    assert (said.outcome, said.reply) == (dialogue.Outcome.ERASED, None)
    assert stored(citizen.platform) == []


# --- who writes ---


@pytest.mark.parametrize("sender", ["99777", "TELKOMSEL", "+62215551234", "", "abc", "+6281234567890x"])
def test_machines_are_never_answered_and_nothing_is_kept_of_them(
    invited: Platform, clock: Any, sender: str
) -> None:
    for text in ("STOP", NINE, "MULAI", "Promo hari ini"):
        said = Citizen(invited, clock, sender).says(text)
        assert (said.outcome, said.reply) == (dialogue.Outcome.IGNORED_SENDER, None)
    assert replies(invited) == []
    assert count(invited.database, "opt_out") == 0
    assert count(invited.database, "conversation") == 1


@pytest.mark.parametrize("written", ["+6281234567890", "081234567890", "6281234567890", "0062 812-3456-7890"])
def test_a_number_is_known_however_the_provider_writes_it(
    invited: Platform, clock: Any, written: str
) -> None:
    assert Citizen(invited, clock, written).says(NINE).outcome is dialogue.Outcome.ANSWERED
    assert [phone for phone, _ in replies(invited)] == [PHONE]


def test_a_stranger_gets_one_hint_a_day(stranger: Citizen) -> None:
    first = stranger.says("434443444")
    assert first.outcome is dialogue.Outcome.STRANGER
    assert first.reply is not None
    assert "Percaya" in first.reply
    assert [stranger.says(text).reply for text in ("halo", "MULAI", "INFO")] == [None, None, None]
    assert stranger.says("halo", after=DAY).outcome is dialogue.Outcome.STRANGER
    assert stranger.says("halo").reply is None
    assert len(replies(stranger.platform)) == 2


def test_an_invitation_forwarded_to_another_number_is_not_answered_from_there(
    invited: Platform, clock: Any
) -> None:
    said = Citizen(invited, clock, "+6281234567899").says(NINE)
    assert said.outcome is dialogue.Outcome.STRANGER
    assert stored(invited) == []
    assert Citizen(invited, clock).says(NINE).outcome is dialogue.Outcome.ANSWERED


def test_a_stranger_from_abroad_may_opt_out_but_costs_nothing(platform: Platform, clock: Any) -> None:
    abroad = Citizen(platform, clock, "+14155552671")
    for text in ("halo", "MULAI", "HAPUS 2222"):
        assert abroad.says(text).reply is None
    assert abroad.says("STOP").outcome is dialogue.Outcome.OPTED_OUT
    assert replies(platform) == []


def test_whoever_holds_the_receipt_may_erase_from_any_number(citizen: Citizen) -> None:
    receipt = receipt_in(citizen.hears(NINE))
    other = Citizen(citizen.platform, citizen.clock, "+6281234567899")
    assert other.hears(f"HAPUS {receipt}") == texts.say("id", "reply.erased")
    assert stored(citizen.platform) == []


def test_guessing_receipts_is_met_with_silence(stranger: Citizen) -> None:
    said = [stranger.says(f"HAPUS {tokens.draw_receipt()}") for _ in range(6)]
    assert [one.reply is not None for one in said] == [True] * 3 + [False] * 3


# --- twice, at once, later ---


def test_the_same_text_again_within_seconds_is_one_message(citizen: Citizen) -> None:
    assert citizen.says("halo semua").reply is not None
    assert citizen.says("halo semua", after=REPEAT_SECONDS).outcome is dialogue.Outcome.REPEATED
    assert conversation(citizen.platform)["hints"] == 1


def test_an_answer_that_was_sent_twice_is_thanked_for_once(citizen: Citizen) -> None:
    citizen.says(NINE)
    again = citizen.says(NINE, after=2)
    assert (again.outcome, again.reply) == (dialogue.Outcome.REPEATED, None)
    assert citizen.says(NINE, after=REPEAT_SECONDS).outcome is dialogue.Outcome.ALREADY_IN


def test_a_digit_that_was_sent_twice_answers_one_question(citizen: Citizen) -> None:
    citizen.says("MULAI")
    assert citizen.hears("4").startswith("2/9 ")
    assert citizen.says("4", after=QUICK_SECONDS).outcome is dialogue.Outcome.REPEATED
    assert citizen.hears("4", after=1).startswith("3/9 "), "a quick citizen with the same answer is heard"


def test_two_messages_at_once_are_both_taken(invited: Platform, clock: Any) -> None:
    citizen = Citizen(invited, clock)
    citizen.says("MULAI")
    clock.at += 60
    writers = [Writer(invited.database) for _ in range(2)]
    begun_first, second_is_there = threading.Event(), threading.Event()
    outcomes: list[str] = []

    def slowly(tx: Any, items: Sequence[InboundIn]) -> list[str]:
        """Deal with a message, and keep the transaction open until the second message has come."""
        found = receive(tx, items)
        begun_first.set()
        assert second_is_there.wait(timeout=30)
        return found

    def first() -> None:
        outcomes.append(writers[0].call(slowly, inbound(invited, "2")))

    def second() -> None:
        assert begun_first.wait(timeout=30)
        if invited.database.sqlite:
            # It cannot even begin before the first has ended.
            second_is_there.set()
        outcomes.append(writers[1].call(receive, inbound(invited, "3")))

    def watch() -> None:
        """Wait until PostgreSQL says that the second one waits for the first."""
        blocked = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        deadline = time.monotonic() + 20
        assert begun_first.wait(timeout=30)
        while time.monotonic() < deadline and not rows(invited.database, blocked)[0][0]:
            continue
        second_is_there.set()

    run_together([first, second] if invited.database.sqlite else [first, second, watch])
    for writer in writers:
        writer.close()
    assert outcomes == ["asked", "asked"]
    draft = bytes(conversation(invited)["draft"])
    assert invited.settings.keys.open_text(draft) == '{"requirements":2,"procedure":3}'


def test_two_messages_of_a_stranger_at_once_are_answered_once(platform: Platform) -> None:
    writers = [Writer(platform.database) for _ in range(4)]
    start = threading.Barrier(4)
    outcomes: list[str] = []

    def send(writer: Writer, text: str) -> None:
        item = inbound(platform, text)
        start.wait()
        outcomes.append(writer.call(receive, item))

    run_together([lambda w=writer, n=n: send(w, f"halo {n}") for n, writer in enumerate(writers)])
    for writer in writers:
        writer.close()
    assert sorted(outcomes) == ["silent", "silent", "silent", "stranger"]
    assert len(replies(platform)) == 1


def run_together(works: Sequence[Any]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)


def test_a_failed_transaction_stores_neither_answer_nor_reply(
    citizen: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the queue is broken")

    with monkeypatch.context() as patched:
        patched.setattr("survey.messaging.outbox.enqueue_replies", broken)
        with pytest.raises(RuntimeError):
            citizen.says(NINE)
    assert stored(citizen.platform) == []
    assert conversation(citizen.platform)["state"] == "invited"
    assert citizen.says(NINE).outcome is dialogue.Outcome.ANSWERED


def test_a_conversation_survives_a_change_of_the_secret(citizen: Citizen, settings: Settings) -> None:
    citizen.says("MULAI")
    citizen.says("4")
    fields = settings.model_dump() | {
        "secret": SecretStr("another-secret-of-at-least-32-characters"),
        "previous_secrets": (settings.secret,),
    }
    later = Settings.model_validate(fields)
    surroundings = Surroundings(citizen.platform.instruments, later)
    item = inbound(citizen.platform, "3", keys=later.keys, surroundings=surroundings)
    citizen.clock.at += 60
    said = citizen.platform.writer.call(converse, item._replace(now=citizen.clock.at))
    assert said.reply is not None
    assert said.reply.startswith("3/9 ")
    said = citizen.platform.writer.call(converse, item._replace(text=NINE, now=citizen.clock.at + 60))
    assert said.outcome is dialogue.Outcome.ANSWERED
    assert stored(citizen.platform)[0][0][:9] == "434443444"


def test_forgetting_ends_what_was_answered_on_the_web_and_deletes_what_is_over(
    citizen: Citizen,
) -> None:
    platform, clock = citizen.platform, citizen.clock
    citizen.says("MULAI")
    citizen.says("4")
    answer(platform, code_of(platform))
    assert keep_house(platform, clock.at) == 0
    kept = conversation(platform)
    assert (kept["state"], kept["transaction_id"], kept["draft"], kept["agency_id"]) == (
        "ended",
        None,
        None,
        0,
    )
    clock.at += (platform.settings.invitation_days + 1) * DAY
    assert platform.writer.call(forget, clock.at) == 1
    assert count(platform.database, "conversation") == 0


def test_forgetting_leaves_open_conversations_alone(citizen: Citizen) -> None:
    citizen.says("MULAI")
    before = conversation(citizen.platform)
    keep_house(citizen.platform, citizen.clock.at + DAY)
    assert conversation(citizen.platform) == before


def test_every_digest_has_its_turn_once_in_an_hour() -> None:
    parts = [conversations._slice(number) for number in range(conversations.SLICES)]
    assert parts[0]["low"] == b"\0\0"
    assert [part["high"] for part in parts[:-1]] == [part["low"] for part in parts[1:]]
    assert parts[-1]["high"] > b"\xff" * 16


def test_of_somebody_too_late_nothing_is_kept_for_long(citizen: Citizen) -> None:
    now = citizen.clock.at + citizen.platform.settings.invitation_days * DAY
    citizen.platform.writer.call(forget, now)
    assert count(citizen.platform.database, "conversation") == 1
    assert citizen.platform.writer.call(forget, now + conversations.KEEP_CLOSED_SECONDS + DAY) == 1


def test_a_stranger_is_forgotten_after_a_day(stranger: Citizen) -> None:
    stranger.says("halo")
    assert stranger.platform.writer.call(forget, stranger.clock.at + DAY - 1) == 0
    assert stranger.platform.writer.call(forget, stranger.clock.at + DAY) == 1


def test_many_messages_in_one_batch_are_dealt_with_in_order(platform: Platform) -> None:
    issue(platform)
    items = [
        inbound(platform, "STOP"),
        inbound(platform, "STOP"),
        inbound(platform, "MULAI"),
        inbound(platform, "halo"),
    ]

    def together(tx: Any, batches: Sequence[Any]) -> list[list[str]]:
        return [receive(tx, items) for _ in batches]

    assert platform.writer.call(together, None) == ["opted_out", "silent", "returned", "silent"]
