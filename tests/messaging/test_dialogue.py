"""A conversation step by step, without a database: what is asked, what is said, and when to be silent."""

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.instruments import Instrument, load_all
from survey.messaging import dialogue, texts
from survey.messaging.dialogue import MOST_ASIDES, MOST_CLOSE_HINTS, Outcome, Step, View, step
from survey.messaging.questions import fitted, question, spoken_in
from survey.messaging.segments import is_gsm, segment
from survey.models import LANGUAGES
from survey.tokens import draw_receipt

INSTRUMENTS = load_all(Path(__file__).resolve().parents[2] / "instruments")
SKM = INSTRUMENTS["skm-2017.1"]
KEYS = [item.key for item in SKM.elements]
INVITED = View("invited", "id", agency="Dinas Kependudukan", unit="Loket Satu")
ANSWERED = View("ended", "id", answered=True)
CLOSED = View("ended", "id", answered=False)
NONSENSE = "apa kabar"


def talk(view: View, messages: Iterable[str], instrument: Instrument = SKM) -> list[Step]:
    """What each message leads to, one after the other."""
    steps = []
    for message in messages:
        steps.append(step(view, message, instrument))
        view = steps[-1].view
    return steps


def said(view: View, *messages: str) -> str:
    """What is said to the last of some messages."""
    reply = talk(view, messages)[-1].reply
    assert reply is not None
    return reply


def asking(answered: int, language: str = "id") -> View:
    """A conversation in which the first questions were answered with a 3."""
    draft = dict.fromkeys(KEYS[:answered], 3)
    return replace(INVITED, state="asking", draft=draft, language=language)


def test_one_message_with_nine_answers_is_an_answer() -> None:
    done = step(INVITED, "4 3 4 4 4 3 4 4 4 petugas ramah", SKM)
    assert done.outcome is Outcome.ANSWERED
    assert done.accept is not None
    assert done.accept.values[:9] == "434443444"
    assert set(done.accept.values[9:]) == {"-"}, "what SMS does not ask is not skipped but not asked"
    assert (done.accept.comment, done.accept.answered, done.accept.score_sum) == ("petugas ramah", 9, 34)
    assert done.reply is None, "thanks are said once it is accepted"


def test_mulai_asks_the_first_question_with_the_wording_of_the_instrument() -> None:
    asked = step(INVITED, "MULAI", SKM)
    assert asked.reply == (
        "1/9 Persyaratan: 1 Tidak sesuai 2 Kurang sesuai 3 Sesuai 4 Sangat sesuai. Lewati: balas LEWATI"
    )
    assert asked.view.state == "asking"


def test_nine_questions_and_nine_digits_make_an_answer() -> None:
    steps = talk(INVITED, ["MULAI", *"123412341"])
    assert [one.reply[:4] for one in steps[:9] if one.reply] == [f"{number}/9 " for number in range(1, 10)]
    done = steps[-1]
    assert done.accept is not None
    assert done.accept.values[:9] == "123412341"


def test_the_last_question_invites_a_remark_and_keeps_it() -> None:
    assert "pesan" in said(asking(7), "4")
    done = step(asking(8), "4 petugas ramah", SKM)
    assert done.accept is not None
    assert done.accept.comment == "petugas ramah"


def test_a_digit_with_words_is_an_answer_only_to_the_last_question() -> None:
    asked = step(asking(2), "2 jam saya menunggu", SKM)
    assert asked.view.draft == dict.fromkeys(KEYS[:2], 3)
    assert asked.outcome is Outcome.HINTED
    assert asked.reply is not None
    assert asked.reply.startswith("Jawab satu angka 1-4. 3/9 Waktu")


@pytest.mark.parametrize("text", ["3 Sesuai", "3. sesuai", "Sesuai", "sesuai!", "They fit", "Trep", "SALUYU"])
def test_the_answers_own_words_are_an_answer(text: str) -> None:
    assert step(asking(0), text, SKM).view.draft == {"requirements": 3}


@pytest.mark.parametrize("text", ["1 Sesuai", "cukup sesuai", "sesuai sekali"])
def test_words_that_are_not_exactly_an_answer_are_none(text: str) -> None:
    assert step(asking(0), text, SKM).view.draft == {}


def test_the_words_of_the_last_answer_are_no_remark() -> None:
    done = step(asking(8), "4 Dikelola dengan baik", SKM)
    assert done.accept is not None
    assert done.accept.comment is None


def test_a_question_may_be_skipped_within_the_half_that_must_be_answered() -> None:
    steps = talk(INVITED, ["MULAI", *["LEWATI"] * 5])
    assert steps[4].view.draft == dict.fromkeys(KEYS[:4])
    assert steps[5].view.draft == dict.fromkeys(KEYS[:4]), "five of nine cannot be skipped"
    assert steps[5].reply is not None
    assert steps[5].reply.startswith("Paling banyak 4 boleh dilewati. 5/9")
    done = talk(steps[5].view, ["4"] * 5)[-1]
    assert done.accept is not None
    assert done.accept.values[:9] == "000044444"


def test_a_conversation_goes_on_where_it_stopped() -> None:
    assert said(asking(3), "MULAI").startswith("4/9 ")
    assert said(asking(3), "2").startswith("5/9 ")
    assert step(asking(3), "MULAI", SKM).view.draft == dict.fromkeys(KEYS[:3], 3)


def test_an_answer_can_be_corrected_while_asking() -> None:
    corrected = step(asking(3), "UBAH 3=2", SKM)
    assert corrected.view.draft == {KEYS[0]: 3, KEYS[1]: 3, KEYS[2]: 2}
    assert corrected.reply is not None
    assert corrected.reply.startswith("Nomor 3 kini 2. 4/9 ")


def test_a_skipped_question_can_be_answered_later() -> None:
    skipped = step(asking(0), "LEWATI", SKM).view
    assert step(skipped, "UBAH 1=4", SKM).view.draft == {KEYS[0]: 4}


@pytest.mark.parametrize(
    "text", ["UBAH 4=2", "UBAH 12=2", "UBAH 0=2", "UBAH 3=5", "UBAH 3=0", "UBAH 32", "UBAH"]
)
def test_a_wrong_correction_changes_nothing(text: str) -> None:
    hinted = step(asking(3), text, SKM)
    assert hinted.view.draft == dict.fromkeys(KEYS[:3], 3)
    assert hinted.outcome is Outcome.HINTED


def test_a_complete_message_in_between_wins_over_the_draft() -> None:
    done = step(asking(5), "111111111", SKM)
    assert done.accept is not None
    assert done.accept.values[:9] == "1" * 9


def test_several_digits_while_one_question_is_open_answer_nothing() -> None:
    hinted = step(asking(3), "4 3", SKM)
    assert hinted.view.draft == dict.fromkeys(KEYS[:3], 3)
    assert hinted.outcome is Outcome.HINTED
    assert step(asking(3), "444444", SKM).view.draft == dict.fromkeys(KEYS[:3], 3)


def test_eight_answers_are_told_that_one_is_missing_and_are_not_kept() -> None:
    hinted = step(INVITED, "4 3 4 4 4 3 4 4", SKM)
    assert hinted.reply is not None
    assert hinted.reply.startswith("Kurang 1 angka.")
    assert hinted.view.draft == {}
    assert hinted.view.state == "invited"


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("4 3 4 4 4 3 4 4 5", "Setiap angka harus 1 sampai 4."),
        ("4344434442", "Angkanya lebih dari 9."),
        ("4", "Belum ada pertanyaan untuk satu angka."),
        ("LEWATI", "Belum ada pertanyaan untuk satu angka."),
        ("UBAH 3=2", "Balas MULAI"),
        ("BAHASA FR", "Pilih bahasa:"),
        ("HAPUS", "Tidak ada jawaban dengan tanda terima itu."),
        (NONSENSE, "Balas MULAI"),
    ],
)
def test_what_cannot_be_taken_is_met_with_the_right_hint(text: str, beginning: str) -> None:
    assert said(INVITED, text).startswith(beginning)


@pytest.mark.parametrize("view", [INVITED, asking(3)], ids=["invited", "asking"])
def test_nonsense_gets_one_hint_and_then_silence(view: View) -> None:
    steps = talk(view, [NONSENSE] * 5)
    assert [one.reply is not None for one in steps] == [True, False, False, False, False]
    assert {one.outcome for one in steps[1:]} == {Outcome.SILENT}
    assert steps[-1].view.draft == view.draft


def test_something_understood_in_between_earns_a_new_hint() -> None:
    steps = talk(asking(0), [NONSENSE, NONSENSE, "4", NONSENSE, NONSENSE])
    assert [one.reply is not None for one in steps] == [True, False, True, True, False]


def test_near_misses_are_helped_a_few_times_and_no_more() -> None:
    steps = talk(INVITED, ["43444344"] * (MOST_CLOSE_HINTS + 2))
    assert [one.reply is not None for one in steps] == [True] * MOST_CLOSE_HINTS + [False] * 2


def test_after_silence_an_answer_is_still_taken() -> None:
    steps = talk(INVITED, [NONSENSE] * 4 + ["434443444"])
    assert steps[-1].accept is not None


def test_info_says_who_asks_that_it_is_anonymous_without_consequences_and_how_to_stop() -> None:
    reply = said(INVITED, "INFO")
    for part in ("Dinas Kependudukan", "Loket Satu", "tanpa nama", "sukarela", "tidak memengaruhi", "STOP"):
        assert part in reply


def test_info_while_asking_loses_nothing() -> None:
    asked = step(asking(4), "INFO", SKM).view
    assert (asked.state, asked.draft) == (asking(4).state, asking(4).draft)


@pytest.mark.parametrize("view", [INVITED, asking(4)])
def test_a_machine_that_begins_every_message_like_a_command_falls_silent(view: View) -> None:
    texts_of_machine = ["Info lebih lanjut", "Bahasa Inggris", "Bantuan pelanggan"] * 10
    steps = talk(view, texts_of_machine)
    assert [one.reply is not None for one in steps] == [True] * MOST_ASIDES + [False] * (30 - MOST_ASIDES)
    # A person behind it is still asked and heard.
    assert step(steps[-1].view, "434443444", SKM).accept is not None
    after = talk(steps[-1].view, ["MULAI", "4", "INFO"] if view == INVITED else ["4", "INFO"])
    assert after[-1].reply is not None


def test_mulai_again_and_again_is_met_only_so_often() -> None:
    steps = talk(INVITED, ["MULAI"] * 30)
    assert sum(one.reply is not None for one in steps) == 1 + MOST_ASIDES
    assert steps[-1].view.state == "asking"


def test_nonsense_after_information_still_gets_its_one_hint() -> None:
    steps = talk(INVITED, [NONSENSE, NONSENSE, "INFO", NONSENSE, NONSENSE])
    assert [one.reply is not None for one in steps] == [True, False, True, True, False]


@pytest.mark.parametrize(("code", "word"), [("en", "Requirements"), ("jv", "Sarat"), ("su", "Sarat")])
def test_another_language_repeats_the_open_question_in_it(code: str, word: str) -> None:
    switched = step(asking(0), f"BAHASA {code}", SKM)
    assert switched.view.language == code
    assert switched.reply is not None
    assert switched.reply.startswith(f"1/9 {word}: 1 ")


def test_another_language_before_the_first_question_says_how_to_answer() -> None:
    assert said(INVITED, "BAHASA EN").startswith("Reply START to be asked")


def test_the_language_chosen_is_the_language_of_the_answer() -> None:
    done = talk(INVITED, ["BAHASA SU", "434443444"])[-1]
    assert done.accept is not None
    assert done.accept.language == "su"


def test_after_an_answer_one_kind_word_and_then_silence() -> None:
    steps = talk(ANSWERED, ["333333333", "333333333", "halo", "MULAI"])
    assert steps[0].reply == texts.say("id", "reply.already_in")
    assert [one.reply for one in steps[1:]] == [None] * 3
    assert [one.accept for one in steps] == [None] * 4


def test_a_correction_after_the_answer_is_explained() -> None:
    reply = said(ANSWERED, "halo", "UBAH 3=2")
    assert "tanpa nama" in reply
    assert "HAPUS" in reply
    assert [one.reply is None for one in talk(ANSWERED, ["UBAH 3=2"] * 5)] == [False] * 3 + [True] * 2


def test_too_late_is_said_once() -> None:
    steps = talk(CLOSED, ["434443444", "434443444", "UBAH 3=2"])
    assert steps[0].reply == texts.say("id", "reply.closed")
    assert (steps[0].outcome, steps[0].accept) == (Outcome.CLOSED, None)
    assert [one.reply for one in steps[1:]] == [None, None]


def test_an_answer_that_came_in_elsewhere_meanwhile_ends_the_conversation_kindly() -> None:
    over = dialogue.ended(asking(8), answered=True)
    assert over.reply == texts.say("id", "reply.already_in")
    assert (over.view.state, over.view.draft) == ("ended", {})
    assert dialogue.ended(asking(8), answered=False).reply == texts.say("id", "reply.closed")


@pytest.mark.parametrize("language", LANGUAGES)
def test_thanks_hold_the_receipt_and_how_to_erase_with_it_in_one_sms(language: str) -> None:
    receipt = draw_receipt()
    reply = dialogue.thanks(language, receipt)
    assert f"{receipt[:4]} {receipt[4:8]} {receipt[8:]}" in reply
    assert "HAPUS" in reply or "ERASE" in reply
    assert len(segment(reply).parts) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda one: one.id)
def test_every_question_is_one_sms_in_every_language_with_every_hint(
    language: str, instrument: Instrument
) -> None:
    counts = {"elements": len(instrument.elements), "steps": instrument.element_scale, "most": 4}
    befores = ["", texts.say(language, "reply.changed", number=9, value=4)]
    befores += [
        texts.say(language, f"reply.{key}", **counts)
        for key in ("one_number", "cannot_change", "too_many_skipped")
    ]
    spoken = spoken_in(instrument, language)
    for position, item in enumerate(instrument.elements):
        for before in befores:
            text = question(instrument, language, position, before)
            counted = segment(text)
            assert (counted.encoding, len(counted.parts)) == ("gsm7", 1), text
            assert text.startswith(before)
            assert f"{position + 1}/{len(instrument.elements)} {item.name[spoken][:9]}" in text
            assert f" {instrument.element_scale} {item.answers[spoken][-1]}" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plain_question_of_the_skm_shows_all_four_answers(language: str) -> None:
    for position, item in enumerate(SKM.elements):
        text = question(SKM, language, position)
        assert all(f"{number} {label}" in text for number, label in enumerate(item.answers[language], 1)), (
            text
        )


def test_answers_too_long_for_one_sms_lose_their_middle() -> None:
    long = tuple(f"jawaban nomor {number} yang panjang sekali" for number in range(1, 7))
    item = replace(SKM.elements[0], answers=dict.fromkeys(LANGUAGES, long), scale=6)
    instrument = replace(SKM, elements=(item, *SKM.elements[1:]))
    text = question(instrument, "id", 0)
    assert "1 jawaban nomor 1 yang panjang sekali ... 6 jawaban nomor 6 yang panjang sekali" in text
    assert len(segment(text).parts) == 1


def test_an_item_with_numbers_for_answers_says_what_its_ends_mean() -> None:
    item = replace(
        SKM.elements[0],
        scale=6,
        answers=dict.fromkeys(LANGUAGES, tuple("123456")),
        ends=dict.fromkeys(LANGUAGES, ("buruk", "baik")),
    )
    text = question(replace(SKM, elements=(item, *SKM.elements[1:])), "id", 0)
    assert text.startswith("1/9 Persyaratan: 1 buruk ... 6 baik")


def test_a_language_that_the_instrument_lacks_is_asked_in_its_own() -> None:
    without = replace(SKM, languages={code: SKM.languages[code] for code in ("id", "en")})
    assert "Persyaratan" in question(without, "jv", 0)
    done = step(replace(INVITED, language="jv"), "434443444", without)
    assert done.accept is not None
    assert done.accept.language == "id"


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_any_length_leave_the_information_one_sms(language: str) -> None:
    view = replace(
        INVITED,
        language=language,
        agency="Dinas Kependudukan dan Pencatatan Sipil Kabupaten Kepulauan Tanimbar" * 3,
        unit="Kantor Distrik “Mbuwa Tengah” – Loket Pelayanan Administrasi Terpadu Kecamatan",
    )
    reply = step(view, "INFO", SKM).reply
    assert reply is not None
    counted = segment(reply)
    assert (counted.encoding, len(counted.parts)) == ("gsm7", 1)
    assert "Dinas" in reply
    assert "Kantor" in reply


def test_a_name_with_a_line_in_it_is_shortened_at_once() -> None:
    began = time.monotonic()
    names = {"agency": "Dinas " + "-" * 24 + "X" * 99, "unit": "U"}
    reply = fitted("id", "reply.info", names, elements=9, steps=4)
    assert len(segment(reply).parts) == 1
    assert time.monotonic() - began < 5


def test_a_short_name_is_not_shortened() -> None:
    assert "Percaya." in fitted("id", "reply.stranger", {"site": "Percaya"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reply_is_one_plain_sms(language: str) -> None:
    for key in texts.texts(language).by_key:
        if key.startswith("reply."):
            text = texts.longest_text(language, key)
            assert is_gsm(text), key
            assert len(segment(text).parts) == 1, key


MESSAGES = st.one_of(
    st.sampled_from(
        [
            "MULAI",
            "LEWATI",
            "INFO",
            "BAHASA EN",
            "UBAH 1=2",
            "UBAH 9=9",
            "4",
            "1",
            "9",
            "434443444",
            "4 3",
            NONSENSE,
        ]
    ),
    st.sampled_from(["😀", "", "Sesuai", "HAPUS", "UBAH", "BAHASA", "2 jam"]),
    st.text(max_size=40),
)


@settings(max_examples=200, deadline=None)
@given(messages=st.lists(MESSAGES, max_size=25), language=st.sampled_from(LANGUAGES))
def test_any_conversation_says_at_most_one_sms_to_each_message_and_invents_no_answer(
    messages: list[str], language: str
) -> None:
    view = replace(INVITED, language=language)
    for message in messages:
        before, taken = view, step(view, message, SKM)
        view = taken.view
        assert (taken.reply is None) or len(segment(taken.reply).parts) == 1
        added = {key: value for key, value in view.draft.items() if before.draft.get(key, 0) != value}
        assert len(added) <= 1, "one message gives at most one answer of a draft"
        assert list(view.draft) == KEYS[: len(view.draft)]
        assert sum(value is None for value in view.draft.values()) <= 4
        if taken.accept is not None:
            assert taken.accept.answered >= 5
            return
