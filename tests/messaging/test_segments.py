"""Counting and cutting: what a text costs, and that nothing of it is lost on the way."""

import unicodedata

import pytest
from gsm0338 import Codec  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from survey.messaging.segments import PART, WHOLE, fold, is_gsm, not_gsm, segment

# 3GPP TS 23.038, table in 6.2.1 without its escape, and the table of extensions in 6.2.1.1.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "\f^{}\\[~]|€"
GSM = st.text(BASIC + EXTENDED, max_size=700)
ANY = st.text(max_size=300) | st.text("aé€{★👍ā“\u200d\u0301", max_size=300)


def _septets(text: str) -> bytes:
    return bytes(Codec().encode(text)[0])


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def test_the_alphabet_is_that_of_the_standard() -> None:
    assert len(BASIC) == 127
    assert len(EXTENDED) == 10
    every = "".join(map(chr, range(0x3000)))
    assert {one for one in every if is_gsm(one)} == set(BASIC + EXTENDED)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "lengths"),
    [
        ("", "gsm7", 0, [0]),
        ("a" * 160, "gsm7", 160, [160]),
        ("a" * 161, "gsm7", 161, [153, 8]),
        ("a" * 306, "gsm7", 306, [153, 153]),
        ("a" * 307, "gsm7", 307, [153, 153, 1]),
        ("€" * 80, "gsm7", 160, [80]),
        ("€" * 81, "gsm7", 162, [76, 5]),
        ("★" * 70, "ucs2", 70, [70]),
        ("★" * 71, "ucs2", 71, [67, 4]),
        ("★" * 68 + "👍", "ucs2", 70, [69]),
        ("★" * 66 + "👍" + "★" * 3, "ucs2", 71, [66, 4]),
        ("👍" * 35, "ucs2", 70, [35]),
        ("👍" * 36, "ucs2", 72, [33, 3]),
        ("a" * 100 + "“", "ucs2", 101, [67, 34]),
        ("tanda `", "ucs2", 7, [7]),
        ("tab\t", "ucs2", 4, [4]),
        ("\x1b", "ucs2", 1, [1]),
    ],
)
def test_a_text_is_counted_and_cut(text: str, encoding: str, units: int, lengths: list[int]) -> None:
    done = segment(text)
    assert (done.encoding, done.units) == (encoding, units)
    assert [len(part) for part in done.parts] == lengths


def test_an_escape_pair_at_the_end_of_a_part_costs_a_third_message() -> None:
    """Dividing 306 by 153 says two: one message too few would be paid for."""
    done = segment("a" * 152 + "€" + "b" * 152)
    assert done.units == 306
    assert [len(_septets(part)) for part in done.parts] == [152, 153, 1]
    assert done.parts == ("a" * 152, "€" + "b" * 151, "b")


def test_what_is_left_in_the_last_message_is_said() -> None:
    assert segment("a" * 150).spare == 10
    assert segment("a" * 161).spare == 145
    assert segment("★" * 71 + "€").spare == 62


@given(GSM)
def test_gsm_parts_are_the_text_and_each_fits(text: str) -> None:
    done = segment(text)
    assert "".join(done.parts) == text
    assert done.units == len(_septets(text))
    most = WHOLE["gsm7"] if len(done.parts) == 1 else PART["gsm7"]
    assert all(len(_septets(part)) <= most for part in done.parts)
    # Nothing is wasted: the character after a part would not have fitted.
    for part, following in zip(done.parts, done.parts[1:], strict=False):
        assert len(_septets(part + following[0])) > PART["gsm7"]
    assert len(done.parts) == 1 or done.units > WHOLE["gsm7"]


@given(ANY)
def test_any_text_is_cut_into_parts_that_can_be_read_alone(text: str) -> None:
    done = segment(text)
    assert "".join(done.parts) == text
    assert done.encoding == ("gsm7" if set(text) <= set(BASIC + EXTENDED) else "ucs2")
    if done.encoding == "ucs2":
        assert done.units == len(_utf16(text)) // 2
        most = WHOLE["ucs2"] if len(done.parts) == 1 else PART["ucs2"]
        assert all(len(_utf16(part)) // 2 <= most for part in done.parts)
        # No half of a surrogate pair: each part alone is what it is within the whole.
        assert b"".join(map(_utf16, done.parts)) == _utf16(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("“Loket” ‘1’ – buka…", "\"Loket\" '1' - buka..."),
        ("a\u00a0b\u2009c\td", "a b c d"),
        ("a\u200bb\u200dc\ufeffd\u00ad", "abcd"),
        ("`x´", "'x'"),
        ("Balé Désa è", "Balé Désa è"),
        ("Bale\u0301", "Balé"),
        ("āáâãç ŁœĐ", "aaaac LoeD"),
        ("ＡＢ１２ ١٢ ꧑", "AB12 12 1"),
        ("ﬁ ½ ² ™ № ①", "fi 1/2 2 TM No 1"),
        ("a\r\nb\rc\u2028d\fe", "a\nb\nc\nd\ne"),
        ("a\x00\x1b\x07b", "ab"),
        ("x\u0304 1\ufe0f\u20e3", "x 1"),
        ("• satu − dua", "- satu - dua"),
        ("Rp 5.000 {x} €", "Rp 5.000 {x} €"),
    ],
)
def test_what_has_a_plain_counterpart_is_folded(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert is_gsm(folded)


@pytest.mark.parametrize("text", ["ꦲꦤ꧀ꦕꦫꦏ", "مكتب الخدمة", "👍", "Москва", "한국"])
def test_other_scripts_and_emoji_are_left_as_they_are(text: str) -> None:
    assert fold(text) == unicodedata.normalize("NFC", text)


@given(ANY)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(BASIC.replace("\r", "") + EXTENDED.replace("\f", ""), max_size=300))
def test_what_is_plain_already_stays(text: str) -> None:
    assert fold(text) == text


@given(ANY)
def test_folding_never_makes_a_text_dearer(text: str) -> None:
    before, after = segment(text), segment(fold(text))
    if before.encoding == "gsm7":
        assert after.encoding == "gsm7"
        assert len(after.parts) <= len(before.parts)


def test_one_curly_quote_no_longer_costs_two_more_messages() -> None:
    text = "“" + "a" * 159
    assert len(segment(text).parts) == 3
    assert len(segment(fold(text)).parts) == 1


def test_what_is_not_gsm_is_named_once_each() -> None:
    assert not_gsm("ꦲ x ꦲ 👍`") == [
        "ꦲ U+A9B2 JAVANESE LETTER HA",
        "👍 U+1F44D THUMBS UP SIGN",
        "` U+0060 GRAVE ACCENT",
    ]
    assert not_gsm("\x1b\ue000") == ["U+001B a character without a name", "U+E000 a character without a name"]
    assert not_gsm("Balé [1] €") == []
