"""How rules are written and read, and which theme has which words, by small rules and a small analyser."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from analysis.errors import Malformed
from analysis.sentiment import Label
from analysis.themes import THEMES, Finder, Rule, finder
from analysis.themes.rules import load, merged, read, steps

HEADER = "theme\tpattern\tweight\tnote\n"


class Part(NamedTuple):
    text: str
    polarity: float
    label: Label
    words: Sequence[tuple[str, float]]


class Simple:
    """Knows "bagus" and "buruk", and divides at commas and ends of sentences."""

    version = "simple-1"

    def read(self, text: str) -> Part:
        words = [
            (word, 1.0 if word == "bagus" else -1.0)
            for word in re.findall(r"\w+", text)
            if word in ("bagus", "buruk")
        ]
        total = sum(value for _, value in words)
        label: Label = "positive" if total > 0 else "negative" if total < 0 else "neutral"
        return Part(text, max(-1.0, min(1.0, total)), label, words)

    def clauses(self, text: str) -> list[Part]:
        return [self.read(part.strip()) for part in re.split(r"[,.?!]", text) if part.strip()]


def found(rules: Sequence[Rule], text: str, scores: dict[str, int] | None = None) -> list[tuple[str, str]]:
    return [(one.theme, one.label) for one in Finder(rules, Simple()).find(text, scores=scores)]


def matches(pattern: str, text: str, *groups: tuple[str, str]) -> bool:
    rules = [Rule("time", pattern, 2), *(Rule(group, word, 1) for group, word in groups)]
    return bool(found(rules, text))


@pytest.mark.parametrize(
    ("pattern", "hits", "misses"),
    [
        ("antri", ["antri", "Antrinya", "antriii", "antri2", "antrilah"], ["antrian", "ngantri", "kantri"]),
        ("antri*", ["antri", "antrian", "antriannya"], ["ngantri", "antre"]),
        ("~bayar", ["bayar", "membayar", "dibayar", "ngebayar", "mbayar"], ["bayaran", "kabayar"]),
        ("~antri*", ["mengantri", "ngantrinya", "antrian"], ["antre"]),
        ("~tunggu", ["menunggu", "nunggu", "ditunggu"], ["unggu"]),
        (
            "bayar lebih",
            ["mau bayar lebih", "bayar-lebih"],
            ["lebih bayar", "bayar agak lebih", "bayar, lebih"],
        ),
        ("bayar .. cepat", ["bayar cepat", "bayar dulu biar cepat"], ["bayar, cepat", "cepat bayar"]),
        ("bayar ... cepat", ["bayar dulu, pasti cepat"], ["bayar dulu. pasti cepat", "cepat, bayar"]),
        ("# jam", ["3 jam", "12 jam", "3jam jam"], ["tiga jam"]),
        ("saé", ["sae", "saé", "SAÉ"], ["sa"]),
    ],
)
def test_a_pattern_means_what_its_notation_says(pattern: str, hits: list[str], misses: list[str]) -> None:
    assert [text for text in hits if not matches(pattern, text)] == []
    assert [text for text in misses if matches(pattern, text)] == []


def test_a_gap_reaches_only_a_few_words() -> None:
    assert matches("bayar .. cepat", "bayar a b c d e cepat")
    assert not matches("bayar .. cepat", "bayar a b c d e f cepat")


def test_a_group_stands_for_its_words_and_a_filler_may_stand_between() -> None:
    groups = (("@staff", "petugas"), ("@staff", "satpam"), ("@filler", "yang"))
    assert matches("@staff ramah", "satpam ramah", *groups)
    assert matches("@staff ramah", "petugas yang ramah", *groups)
    assert not matches("@staff ramah", "petugas yang yang ramah", *groups)
    assert not matches("@staff ramah", "kursi ramah", *groups)


def test_slang_is_understood_even_when_it_stands_for_two_words() -> None:
    rules = [Rule("time", "tidak selesai", 2), Rule("cost", "mahal", 2)]
    slangy = Finder(rules, Simple(), {"gaselesai": "tidak selesai", "mhl": "mahal"})
    assert [(one.theme, one.words) for one in slangy.find("mhl, gaselesai dong")] == [
        ("cost", ("mhl",)),
        ("time", ("gaselesai",)),
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "..",
        "a ..",
        ".. a",
        "a .. .. b",
        "a b c d e f g",
        "a .. b .. c ... d",
        "ab*",
        "an*tri",
        "~",
        "antri!",
        "@",
    ],
)
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        steps(pattern)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("tim\tantri\t2", "no theme 'tim'"),
        ("time\tantri", "2 columns"),
        ("time\tantri\theavy", "weight is a number"),
        ("time\tantri\t2,5", "with a point"),
        ("time\tantri\t9", "from -5 to 5"),
        ("time\tantri\tnan", "weight is a number"),
        ("time+-\tantri\t1", "one \\+ or -"),
        ("time\tan!\t1", "not a word"),
        ("@staff\tpak polisi\t1", "single words"),
        ("@staff-\tpolisi\t1", "no \\+ or -"),
    ],
)
def test_a_wrong_row_is_reported_with_its_file_and_line(tmp_path: Path, row: str, says: str) -> None:
    (tmp_path / "themes.tsv").write_text(f"# ours\n{HEADER}\ntime\tantri\t2\n{row}\n", encoding="utf-8")
    with pytest.raises(Malformed, match=rf"^themes\.tsv, line 5: .*{says}"):
        load(tmp_path)


def test_a_file_without_its_header_or_not_in_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "themes.tsv"
    file.write_text("time\tantri\t2\n", encoding="utf-8")
    with pytest.raises(Malformed, match="line 1: the first line must be theme, pattern, weight, note"):
        list(read(file))
    file.write_bytes(HEADER.encode() + b"time\tr\xe9sum\xe9\t2\n")
    with pytest.raises(Malformed, match="UTF-8"):
        list(read(file))


def test_a_pattern_that_names_a_group_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="needs rows for @staff"):
        Finder([Rule("behaviour", "@staff ramah", 2)], Simple())


def test_a_deployment_adds_overrides_and_removes_rules(tmp_path: Path) -> None:
    rows = "time\tnomer entek\t2\ncost\tmahal\t0\ntime-\tantri*\t3\tours\n"
    (tmp_path / "themes.tsv").write_text(HEADER + rows, encoding="utf-8")
    ours, theirs = load(), load(tmp_path)
    assert not {("cost", "mahal")} & {rule[:2] for rule in theirs}
    assert Rule("time", "antri*", 3, -1, "ours") in theirs
    assert Rule("time", "nomer entek", 2) in theirs
    assert len({rule[:2] for rule in theirs}) == len(theirs)
    assert finder(tmp_path).version != finder().version
    assert len(ours) > 1_000


def test_the_rules_of_the_project_speak_of_every_theme_and_say_nothing_twice() -> None:
    file = Path(load.__code__.co_filename).parent / "data" / "themes.tsv"
    rules = list(read(file))
    assert {rule.theme for rule in rules if not rule.theme.startswith("@")} == set(THEMES)
    assert len({rule[:2] for rule in rules}) == len(rules)
    assert merged(rules) == tuple(rules)


LONG = [Rule("time", "lama", 2), Rule("facilities", "gedung lama", 3)]
NEAR = [Rule("procedure", "susah", 2), Rule("time", "susah", 1.9), Rule("cost", "susah", 1.5)]


def test_the_heavier_rule_has_the_words_two_themes_claim() -> None:
    assert found(LONG, "gedung lama buruk") == [("facilities", "negative")]
    assert found(LONG, "lama buruk") == [("time", "negative")]


def test_a_word_within_a_longer_pattern_belongs_to_it_wherever_it_stands() -> None:
    rules = [Rule("cost", "bayar", 2), Rule("bribery", "bayar lebih", 3)]
    assert found(rules, "bayar lebih buruk") == [("bribery", "negative")]
    assert found(rules, "bayar buruk") == [("cost", "negative")]


def test_two_themes_with_their_own_words_both_stand() -> None:
    rules = [
        Rule("behaviour", "@staff .. ramah", 2),
        Rule("time", "@staff .. cepat", 2),
        Rule("@staff", "petugas", 1),
    ]
    assert found(rules, "petugas ramah cepat bagus") == [("behaviour", "positive"), ("time", "positive")]


@pytest.mark.parametrize(
    ("text", "scores", "theme"),
    [
        ("susah buruk", {}, "procedure"),
        ("susah buruk", {"procedure": 4, "time": 1}, "time"),
        ("susah buruk", {"procedure": 1, "time": 4}, "procedure"),
        ("susah buruk", {"time": 1}, "time"),
        ("susah buruk", {"cost": 1}, "procedure"),
        ("susah bagus", {"procedure": 1, "time": 4}, "time"),
        ("susah bagus", {"procedure": 4, "time": 1}, "procedure"),
        ("susah", {"procedure": 4, "time": 1}, "procedure"),
    ],
)
def test_the_respondents_own_scores_settle_what_is_nearly_equal(
    text: str, scores: dict[str, int], theme: str
) -> None:
    assert [one for one, _ in found(NEAR, text, scores)] == [theme]


HINTS = [
    Rule("facilities", "aplikasi", 0.5),
    Rule("time", "antri", 2),
    Rule("competence", "petugas", 0.5),
    Rule("behaviour", "petugas", 0.5),
]


def test_a_hint_counts_only_in_a_clause_that_evaluates_and_has_no_other_theme() -> None:
    assert found(HINTS, "aplikasi bagus") == [("facilities", "positive")]
    assert found(HINTS, "aplikasi") == []
    assert found(HINTS, "aplikasi antri buruk") == [("time", "negative")]


def test_a_hint_at_two_themes_is_none_unless_the_scores_say_which() -> None:
    assert found(HINTS, "petugas buruk") == []
    assert found(HINTS, "petugas buruk", {"competence": 4, "behaviour": 1}) == [("behaviour", "negative")]
    assert found(HINTS, "petugas bagus", {"competence": 4, "behaviour": 1}) == [("competence", "positive")]


def test_a_rule_of_negative_weight_takes_its_words_away_and_no_others() -> None:
    rules = [Rule("time", "lama", 2), Rule("time", "sudah lama", -3), Rule("time", "antri", 2)]
    assert found(rules, "sudah lama buruk") == []
    assert found(rules, "sudah lama antri buruk") == [("time", "negative")]


def test_the_sign_of_a_rule_counts_where_the_analyser_has_nothing_to_say() -> None:
    rules = [Rule("time", "lelet", 2, -1), Rule("@absent", "tidak", 1)]
    assert found(rules, "lelet") == [("time", "negative")]
    assert found(rules, "tidak lelet") == [("time", "positive")]
    assert found(rules, "lelet bagus") == [("time", "positive")]


def test_for_integrity_the_rule_counts_whatever_the_analyser_says() -> None:
    rules = [Rule("bribery", "pungli", 3), Rule("@absent", "tidak", 1)]
    assert found(rules, "pungli bagus") == [("bribery", "negative")]
    assert found(rules, "tidak pungli buruk") == [("bribery", "positive")]


def test_a_negator_denies_nothing_beyond_a_word_that_turns_to_something_else() -> None:
    rules = [Rule("bribery", "pungli", 3), Rule("@absent", "tidak", 1)]
    assert found(rules, "tidak kembali padahal pungli") == [("bribery", "positive")]
    turning = [*rules, Rule("@turn", "padahal", 1)]
    assert found(turning, "tidak kembali padahal pungli") == [("bribery", "negative")]


def test_a_mixed_clause_gives_each_theme_the_sentiment_of_its_own_part() -> None:
    rules = [Rule("behaviour", "petugas", 2), Rule("facilities", "kursi", 2)]
    assert found(rules, "petugas bagus kursi buruk") == [
        ("behaviour", "positive"),
        ("facilities", "negative"),
    ]


def test_the_version_changes_with_the_rules_and_the_analyser() -> None:
    first, second = Finder(LONG, Simple()), Finder(LONG[:1], Simple())
    assert first.version != second.version
    assert "simple-1" in first.version
    assert Finder(LONG, Simple()).version == first.version
    assert second.with_rules(LONG[1:]).version == first.version
