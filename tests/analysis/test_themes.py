"""What comments are about, on comments of our own and on what the engine must never get wrong.

The held-out comments were written when the rules were finished; their first try gave precision 0.93, recall
0.94. Three earlier lots, on which the rules were mended afterwards and which now are among the written ones,
had 0.77 / 0.77, 0.83 / 0.86 and 0.77 / 0.75 at the first try: they were written to be hard, with hints at
bribes instead of the word. Of their allegations 60, 73 and 56 % were found at first, of the last lot's all.
The last lot showed two mistakes that were mended since, which is why its figures now are a little higher.
"""

import csv
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.themes import INTEGRITY, THEMES, Found, allegations, finder, per_theme

COMMENTS = Path(__file__).with_name("theme_comments.tsv")
SIGNS = {"positive": "+", "neutral": "0", "negative": "-"}


class Comment(NamedTuple):
    text: str
    themes: dict[str, str]
    lot: str


@cache
def comments() -> list[Comment]:
    lines = [line for line in COMMENTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return [
        Comment(row["text"], {part[:-1]: part[-1] for part in row["themes"].split(",") if part}, row["set"])
        for row in rows
    ]


@cache
def themes_of(text: str) -> dict[str, str]:
    return {found.theme: SIGNS[found.label] for found in per_theme(finder().find(text))}


class Figures(NamedTuple):
    precision: float
    recall: float
    signs: float


def share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def figures(pairs: list[tuple[dict[str, str], dict[str, str]]]) -> Figures:
    right = sum(len(given_.keys() & found.keys()) for given_, found in pairs)
    signs = sum(sign == found.get(theme) for given_, found in pairs for theme, sign in given_.items())
    return Figures(
        share(right, sum(len(found) for _, found in pairs)),
        share(right, sum(len(given_) for given_, _ in pairs)),
        share(signs, right),
    )


def judged(lot: str) -> list[tuple[dict[str, str], dict[str, str]]]:
    return [(comment.themes, themes_of(comment.text)) for comment in comments() if comment.lot == lot]


def only(judgements: dict[str, str], themes: tuple[str, ...]) -> dict[str, str]:
    return {theme: sign for theme, sign in judgements.items() if theme in themes}


def test_the_comments_are_many_and_name_only_themes_there_are() -> None:
    assert len(comments()) >= 240
    assert sum(comment.lot == "held_out" for comment in comments()) >= 100
    assert {theme for comment in comments() for theme in comment.themes} == set(THEMES)
    assert {sign for comment in comments() for sign in comment.themes.values()} == set("+-0")
    assert {comment.lot for comment in comments()} == {"written", "held_out"}


@pytest.mark.parametrize(("lot", "floor"), [("written", 0.88), ("held_out", 0.85)])
def test_themes_are_found_and_little_else(lot: str, floor: float) -> None:
    found = figures(judged(lot))
    print(f"\n{lot}: precision {found.precision:.3f}, recall {found.recall:.3f}, signs {found.signs:.3f}")
    assert found.precision >= floor
    assert found.recall >= floor
    assert found.signs >= 0.75


@pytest.mark.parametrize("lot", ["written", "held_out"])
def test_matters_of_integrity_are_found_and_hardly_ever_invented(lot: str) -> None:
    found = figures([(only(given_, INTEGRITY), only(theirs, INTEGRITY)) for given_, theirs in judged(lot)])
    print(f"\n{lot}, integrity: precision {found.precision:.3f}, recall {found.recall:.3f}")
    assert found.precision >= 0.9
    assert found.recall >= 0.9


@pytest.mark.parametrize("lot", ["written", "held_out"])
def test_allegations_are_told_from_praise(lot: str) -> None:
    wanted = {
        (comment.text, theme)
        for comment in comments()
        for theme, sign in comment.themes.items()
        if comment.lot == lot and theme in INTEGRITY and sign != "+"
    }
    alleged = {
        (comment.text, found.theme)
        for comment in comments()
        if comment.lot == lot
        for found in allegations(finder().find(comment.text))
    }
    assert len(wanted) >= 15
    assert len(alleged & wanted) >= 0.9 * len(wanted)
    assert len(alleged & wanted) >= 0.9 * len(alleged)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gk ada pungli", {"bribery": "+"}),
        ("tanpa calo", {"brokers": "+"}),
        ("tidak diminta uang", {"bribery": "+"}),
        ("pungli tidak ada", {"bribery": "+"}),
        ("tidak ada calo, pungli atau suap", {"bribery": "+", "brokers": "+"}),
        ("tidak ada pungli dan tidak ada calo", {"bribery": "+", "brokers": "+"}),
        ("petugas tidak pernah minta uang", {"bribery": "+"}),
        ("tidak ada pungli tapi banyak calo", {"bribery": "+", "brokers": "-"}),
        ("petugas tidak ramah, calo banyak", {"behaviour": "-", "brokers": "-"}),
        ("bukan tidak ada pungli", {"bribery": "-"}),
        ("saya tidak kembali karena pungli", {"bribery": "-"}),
        ("kalau tidak lewat calo tidak diproses", {"brokers": "-"}),
        ("yen ora nyogok ora dilayani", {"bribery": "-"}),
        ("apakah ada pungli di sini?", {"bribery": "0"}),
        ("ada pungli di sini?", {"bribery": "0"}),
        ("kok masih ada pungli?", {"bribery": "-"}),
        ("semoga tidak ada calo lagi", {"brokers": "0"}),
        ("semoga tetap bebas pungli", {"bribery": "+"}),
        ("pelayanan adil", {"discrimination": "+"}),
        ("pelayanan tidak adil", {"discrimination": "-"}),
        ("teu aya pungli", {"bribery": "+"}),
        ("no bribes, no brokers", {"bribery": "+", "brokers": "+"}),
        ("dipénta duit", {"bribery": "-"}),
    ],
)
def test_integrity_is_read_as_it_is_spoken_of(text: str, expected: dict[str, str]) -> None:
    assert only(themes_of(text), INTEGRITY) == only(expected, INTEGRITY)


@pytest.mark.parametrize(
    "text",
    [
        "saya merasa puas",
        "calon penumpang menunggu dengan tertib",
        "saya kasih bintang lima",
        "saya kasih 5 bintang",
        "bayar pajak jadi cepat dan mudah",
        "jujur saya kecewa",
        "jalur khusus lansia sangat membantu",
        "datang ke kantor urusan agama",
        "tempat favorit keluarga",
        "terima kasih bisa dibantu",
    ],
)
def test_ordinary_words_are_no_allegation(text: str) -> None:
    assert only(themes_of(text), INTEGRITY) == {}


@pytest.mark.parametrize(
    "text",
    ["mantap", "Bagus", "sangat membantu", "👍👍", "", "   ", "tolong diperbaiki", "petugasnya mantap"],
)
def test_mere_praise_or_blame_has_no_theme(text: str) -> None:
    assert themes_of(text) == {}


@pytest.mark.parametrize(
    "text",
    ["antri lama", "ngantri lama", "antriannya lamaaaa", "antrean lama", "Antri-antri lama", "ANTRI LAMA"],
)
def test_forms_and_spellings_of_a_word_are_one(text: str) -> None:
    assert themes_of(text) == {"time": "-"}


def test_a_comment_has_several_themes_each_with_its_own_sentiment() -> None:
    found = finder().find("Petugasnya ramah, tapi toiletnya kotor")
    assert [(one.theme, one.label) for one in found] == [
        ("behaviour", "positive"),
        ("facilities", "negative"),
    ]
    assert [one.words for one in found] == [("ramah",), ("toiletnya", "kotor")]
    assert all(one.clause in "Petugasnya ramah, tapi toiletnya kotor" for one in found)
    assert found[0].polarity > 0 > found[1].polarity


def test_a_clause_without_a_comma_is_divided_where_the_theme_changes() -> None:
    assert themes_of("petugas ramah tempatnya kotor") == {"behaviour": "+", "facilities": "-"}


def test_old_furniture_is_not_a_matter_of_time() -> None:
    assert themes_of("kursi lama sudah rusak") == {"facilities": "-"}


def test_per_theme_counts_each_theme_once_and_an_allegation_prevails() -> None:
    def one(theme: str, polarity: float) -> Found:
        return Found(theme, polarity, "positive" if polarity > 0 else "negative", f"{theme} {polarity}", ())

    found = [
        one("time", 0.9),
        one("time", -0.3),
        one("bribery", 0.8),
        one("bribery", -0.5),
        one("cost", -0.1),
    ]
    assert [(sole.theme, round(sole.polarity, 3), sole.label) for sole in per_theme(found)] == [
        ("time", 0.3, "positive"),
        ("cost", -0.1, "negative"),
        ("bribery", -0.5, "negative"),
    ]


AWKWARD = (
    "a" * 1_000_000,
    "antri " * 2_000,
    "bayar uang biar cepat " * 500,
    "tidak " * 3_000 + "pungli",
    "petugas " * 2_000,
    "calo, " * 2_000,
    "<b>antri</b> \u202eilgnup\u202c \x00\x07 a\u0300\u0301\u0302ntri \ud800 ² ２",
    "," * 10_000,
)


@pytest.mark.parametrize("text", AWKWARD, ids=range(len(AWKWARD)))
def test_bad_input_takes_bounded_time(text: str) -> None:
    finder().find("antri")
    began = time.process_time()
    found = finder().find(text)
    assert time.process_time() - began < 1.5
    assert all(-1 <= one.polarity <= 1 for one in found)


WORDS = (
    "antri pungli tidak ada tapi dan , ? . minta uang biar cepat lama kalau petugas error aplikasi gedung - "
    "5 rb calo semoga bebas dari"
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS.split()), max_size=40).map(" ".join)))
def test_any_text_gives_themes_polarities_and_words_of_the_text(text: str) -> None:
    found = finder().find(text)
    assert found == finder().find(text)
    for one in found:
        assert one.theme in THEMES
        assert -1 <= one.polarity <= 1
        assert (one.label == "neutral") or (one.polarity > 0) == (one.label == "positive")
        assert one.words
    assert set(allegations(found)) <= set(found)
    assert [one.theme for one in per_theme(found)] == [t for t in THEMES if t in {one.theme for one in found}]
