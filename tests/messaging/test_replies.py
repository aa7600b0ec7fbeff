"""Reading what citizens write: nothing raises, and no answer is guessed."""

import re
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.messaging.replies import (
    MOST_CHARACTERS,
    Complete,
    Correct,
    Erase,
    Info,
    Language,
    Reply,
    Single,
    Skip,
    Start,
    Stop,
    Trouble,
    read_command,
    read_reply,
)
from survey.messaging.words import NUMBERS

NINE = (4, 3, 4, 4, 4, 3, 4, 4, 4)


def read(text: str, count: int = 9, scale: int = 4) -> Reply:
    return read_reply(text, count, scale)


@pytest.mark.parametrize(
    "text",
    [
        "4 3 4 4 4 3 4 4 4",
        "434443444",
        "4,3,4,4,4,3,4,4,4",
        "4, 3, 4, 4, 4, 3, 4, 4, 4.",
        "4-3-4-4-4-3-4-4-4",
        "4/3/4/4/4/3/4/4/4",
        "4;3;4;4;4;3;4;4;4",
        "4.3.4.4.4.3.4.4.4",
        "4\n3\n4\r\n4\n4\n3\n4\n4\n4\n",
        "4,3 4-4/4;3.4\n44",
        "4344 434 44",
        "434-443-444",
        "  434443444  ",
        "SKM 4 3 4 4 4 3 4 4 4",
        "skm434443444",
        "SKM#4 3 4 4 4 3 4 4 4",
        "Jawaban: 4 3 4 4 4 3 4 4 4",
        "MULAI 434443444",
        "1=4 2=3 3=4 4=4 5=4 6=3 7=4 8=4 9=4",
        "1:4, 2:3, 3:4, 4:4, 5:4, 6:3, 7:4, 8:4, 9:4",
        "1 = 4\n2 = 3\n3 = 4\n4 = 4\n5 = 4\n6 = 3\n7 = 4\n8 = 4\n9 = 4",
        "٤٣٤٤٤٣٤٤٤",
        "٤ ٣ ٤ ٤ ٤ ٣ ٤ ٤ ٤",
        "４３４４４３４４４",
        "꧔꧓꧔꧔꧔꧓꧔꧔꧔",
        "4\u200b3\u200b4\u200b4\u200b4\u200b3\u200b4\u200b4\u200b4",
        "4\ufe0f\u20e33\ufe0f\u20e34\ufe0f\u20e3 4 4 3 4 4 4",
        "empat tiga empat empat empat tiga empat empat empat",
        "four three four four four three four four four",
        "papat telu papat papat papat telu papat papat papat",
        "sekawan tiga sekawan sekawan sekawan tiga sekawan sekawan sekawan",
        "opat tilu opat opat opat tilu opat opat opat",
        "Empat, 3, papat, opat, FOUR, telu, 4 4 4",
    ],
)
def test_nine_answers_are_read_however_they_are_separated_and_written(text: str) -> None:
    assert read(text) == Complete(NINE, None)


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("4 3 4 4 4 3 4 4 4 petugas ramah", "petugas ramah"),
        ("4 3 4 4 4 3 4 4 4 2 jam menunggu", "2 jam menunggu"),
        ("4 3 4 4 4 3 4 4 4\n2 jam menunggu", "2 jam menunggu"),
        ("4 3 4 4 4 3 4 4 4, 2-3 jam menunggu", "2-3 jam menunggu"),
        ("434443444 dua jam menunggu", "dua jam menunggu"),
        ("434443444 120 menit antre", "120 menit antre"),
        ("434443444petugas ramah", "petugas ramah"),
        ("434443444, bagus! nilai 10", "bagus! nilai 10"),
        ("434443444 (2 jam)", "(2 jam)"),
        ("434443444 100%", "100%"),
        ("434443444 hubungi 081234567890", "hubungi 081234567890"),
        ("434443444 👍", "👍"),
        ("1=4 2=3 3=4 4=4 5=4 6=3 7=4 8=4 9=4 baik", "baik"),
        ("434443444 baris satu\nbaris dua", "baris satu\nbaris dua"),
        ("434443444 ꦱꦲꦺ", "ꦱꦲꦺ"),
    ],
)
def test_what_follows_the_ninth_answer_is_the_remark(text: str, comment: str) -> None:
    assert read(text) == Complete(NINE, comment)


@pytest.mark.parametrize(
    "text",
    [
        "4344434442",
        "4 3 4 4 4 3 4 4 42 jam",
        "4 3 4 4 4 3 4 4 4 2",
        "4 3 4 4 4 3 4 4 4 dua",
        "434443444 4 4 4 bagus",
        "434443444 2 👍",
        "434443444 333333333",
        "4 3 4 4 4 3 4 4 4 bagus 3 3 3 3 3 3 3 3 3",
        "434443444 bagus\n333333333 biasa saja",
        "434443444 081234567890",
        "1=4 2=3 3=4 4=4 5=4 6=3 7=4 8=4 9=4 10=4",
        "081234567890",
        "1 4 2 3 3 4 4 4 5 4 6 3 7 4 8 4 9 4",
    ],
)
def test_more_answers_than_questions_are_never_cut_to_fit(text: str) -> None:
    assert read(text) == Trouble("too_many")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("4 3 4 4 4 3 4 4", 1),
        ("4 3 4 4 4 3 4 4 petugas ramah", 1),
        ("4 3 4 4 4 3 4 4 2jam menunggu", 1),
        ("4 3 4 4 4 3 4 44jam", 2),
        ("4 3 4 4 4 3 4 4 100%", 1),
        ("43444", 4),
        ("4 3", 7),
        ("1=4 2=3 3=4", 6),
        ("1=4", 8),
        ("43444 3 jam", 3),
    ],
)
def test_fewer_answers_than_questions_are_told_how_many_are_missing(text: str, missing: int) -> None:
    assert read(text) == Trouble("too_few", missing)


@pytest.mark.parametrize(
    "text",
    [
        "4 3 4 4 4 3 4 4 5",
        "0 3 4 4 4 3 4 4 4",
        "434443449",
        "lima empat empat empat empat tiga empat empat empat",
        "9",
        "1=5",
    ],
)
def test_a_digit_outside_the_scale_is_no_answer(text: str) -> None:
    assert read(text) == Trouble("out_of_scale")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n ",
        "petugas ramah",
        "😀😀😀",
        "½ ¾",
        "ꦱꦲꦺ ꦱꦔꦼꦠ꧀",
        "السلام عليكم",
        "🇮🇩",
        "TIDAK",
        "batal",
        "END",
        "quit",
        "ya",
        "?",
        "#",
        "\x00\x01",
        "\ud800",
        "berhenti pungli di kantor ini",
        "saya ingin stop berlangganan",
        "http://contoh.id/434443444",
    ],
)
def test_nonsense_is_nonsense(text: str) -> None:
    assert read(text) == Trouble("nonsense")


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        "Stop.",
        '"STOP"',
        "“stop”",
        "'stop!'",
        "ST\u200bOP",
        "\ufeffSTOP\u200b",
        "ＳＴＯＰ",
        " stop \n",
        "STOP 👎",
        "BERHENTI",
        "unreg",
        "Keluar",
        "henti",
        "UNSUBSCRIBE",
        "stop dong",
        "berhenti ya pak",
        "UNREG SKM",
        "stop kirim sms ini",
        "mandheg",
        "Mandeg!",
        "EUREUN",
        "berenti",
    ],
)
def test_every_form_of_stop_opts_out(text: str) -> None:
    assert read(text) == Stop()
    assert read_command(text) == Stop()


@pytest.mark.parametrize("text", ["keluar dari sini", "henti saja", "stop, saya masih mau menjawab survei"])
def test_an_opt_out_word_in_a_sentence_is_none(text: str) -> None:
    assert not isinstance(read(text), Stop)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MULAI", Start()),
        ("mulai.", Start()),
        ("Mulai ya", Start()),
        ("START", Start()),
        ("INFO", Info()),
        ("bantuan", Info()),
        ("HELP", Info()),
        ("LEWATI", Skip()),
        ("skip", Skip()),
        ("BAHASA EN", Language("en")),
        ("bahasa inggris", Language("en")),
        ("BAHASA JAWA", Language("jv")),
        ("basa sunda", Language("su")),
        ("bahasa id", Language("id")),
        ("LANGUAGE JV", Language("jv")),
        ("English", Language("en")),
        ("BAHASA", Trouble("language")),
        ("BAHASA FR", Trouble("language")),
        ("UBAH 3=2", Correct(3, 2)),
        ("ubah 3 2", Correct(3, 2)),
        ("ganti 3:2", Correct(3, 2)),
        ("CHANGE 3 = 2", Correct(3, 2)),
        ("ubah tiga dua", Correct(3, 2)),
        ("UBAH 3=9", Correct(3, 9)),
        ("UBAH 32", Trouble("correction")),
        ("UBAH", Trouble("correction")),
        ("UBAH 3=2 4=1", Trouble("correction")),
        ("HAPUS ABCD-EFGH-JKMN", Erase("abcdefghjkmn")),
        ("hapus: abcd efgh jkmn", Erase("abcdefghjkmn")),
        ("ERASE", Trouble("receipt")),
        ("4", Single(4, None)),
        (" 4. ", Single(4, None)),
        ("empat", Single(4, None)),
        ("４", Single(4, None)),
        ("4 petugas ramah", Single(4, "petugas ramah")),
        ("2=3", Trouble("numbered")),
        ("1=4 3=3 2=4", Trouble("numbered")),
    ],
)
def test_commands_and_single_answers_are_told_apart(text: str, expected: Any) -> None:
    assert read(text) == expected


def test_the_two_letters_of_a_language_alone_are_none() -> None:
    assert read("id") == Trouble("nonsense")


def test_numbers_with_answers_are_not_taken_for_twice_as_many_answers() -> None:
    assert read("1 4 2 3 3 4 4 4", count=8) == Trouble("numbered")
    assert read("4 4 2 3 3 4 4 4", count=8) == Complete((4, 4, 2, 3, 3, 4, 4, 4), None)


def test_a_scale_beyond_nine_needs_numbers_that_stand_apart() -> None:
    assert read("10 11 1 2", count=4, scale=11) == Complete((10, 11, 1, 2), None)
    assert read("101112", count=3, scale=11) == Trouble("out_of_scale")


def test_one_question_is_answered_by_one_digit() -> None:
    assert read("3 baik", count=1) == Complete((3,), "baik")


def test_a_megabyte_is_cut_before_anything_else_is_done() -> None:
    began = time.monotonic()
    assert read("434443444 " + "panjang " * 131_072) == Complete(
        NINE, ("panjang " * 300)[: MOST_CHARACTERS - 10].strip()
    )
    for megabyte in ("4" * 1_048_576, "4 " * 524_288, "😀" * 1_048_576, "STOP " * 200_000, "(" * 1_048_576):
        assert isinstance(read(megabyte), Trouble)
    # Cut late, each of these takes minutes.
    assert time.monotonic() - began < 5


def written_digits(text: str) -> list[int]:
    """The digits in a text, of any script, and the numbers that are written as words, in their order."""
    found = []
    for word in re.findall(r"[^\W\d_]+|\d", text):
        if word.casefold() in NUMBERS:
            found.append(int(NUMBERS[word.casefold()]))
        elif unicodedata.category(word[0]) == "Nd":
            found.append(int(unicodedata.decimal(word)))
    return found


PIECES = st.one_of(
    st.sampled_from("0123456789"),
    st.sampled_from([" ", ",", "-", "=", ":", "\n", ".", "(", "%", "/"]),
    st.sampled_from(
        [" dua ", "papat ", " skm ", "STOP ", "ubah ", "jam", " bagus", "1=4 ", "434443444", "٤"]
    ),
    st.text(max_size=3),
)


@settings(max_examples=600)
@given(pieces=st.lists(PIECES, max_size=30), count=st.integers(1, 12), scale=st.integers(2, 11))
def test_whatever_is_written_it_never_raises_and_never_guesses(
    pieces: list[str], count: int, scale: int
) -> None:
    text = "".join(pieces)
    result = read_reply(text, count, scale)
    match result:
        case Complete(values, comment):
            assert len(values) == count
            assert all(1 <= value <= scale for value in values)
            if scale <= 9 and "=" not in text and ":" not in text:
                assert written_digits(text)[:count] == list(values)
            assert comment is None or comment == comment.strip() != ""
        case Single(value, _):
            assert 1 <= value <= scale
            if scale <= 9:
                assert written_digits(text)[0] == value
        case Trouble("too_few", missing):
            assert 0 < missing < count


@settings(max_examples=300)
@given(
    values=st.lists(st.integers(1, 4), min_size=9, max_size=9),
    between=st.lists(
        st.sampled_from(["", " ", ", ", "-", "/", "; ", ".", "\n", "  "]), min_size=8, max_size=8
    ),
    remark=st.sampled_from(["", " petugas ramah", "\n2 jam menunggu", ". ok", "bagus", " 👍"]),
)
def test_nine_digits_with_any_separators_are_those_nine_answers(
    values: list[int], between: list[str], remark: str
) -> None:
    text = "".join(str(value) + after for value, after in zip(values, [*between, ""], strict=True))
    # Letters right behind a digit belong to a remark that begins with it, unless all nine stand together.
    if remark == "bagus" and len(text) > 9:
        assert read(text + remark) == Trouble("too_few", missing_before(text))
        return
    result = read(text + remark)
    assert isinstance(result, Complete)
    assert result.values == tuple(values)
    assert (result.comment or "") == remark.strip(" \n.")


def missing_before(text: str) -> int:
    """How many digits stand in the last run, which letters right behind it make part of a remark."""
    found = re.search(r"\d+$", text)
    assert found is not None
    return len(found[0])


@given(
    values=st.lists(st.integers(1, 4), min_size=10, max_size=40), separator=st.sampled_from(["", " ", ","])
)
def test_digits_alone_that_are_too_many_are_never_an_answer(values: list[int], separator: str) -> None:
    assert read(separator.join(map(str, values))) == Trouble("too_many")


@given(text=st.text(max_size=60))
def test_commands_alone_are_read_the_same_with_and_without_a_questionnaire(text: str) -> None:
    command = read_command(text)
    if command is not None:
        assert read(text) == command
