"""The model card says what is: its figures are those of the code, its wrong examples are really judged so."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from analysis.comments.confusion import Confusion, error_rate
from analysis.comments.misclassification import Corrected, correct
from analysis.comments.tally import LABELS, CommentTally
from analysis.sentiment import lexicon_analyzer
from analysis.sentiment.errors import SETS, measured
from analysis.themes import finder, per_theme
from tests.analysis import test_masking_examples, test_themes

CARD = (Path(__file__).parents[2] / "docs" / "model-card.md").read_text(encoding="utf-8")
SIGNS = {"positive": "+", "neutral": "0", "negative": "-"}
NAMES = {
    "smsa_valid_clean": "SmSA, Indonesian reviews",
    "nusax_ind_valid": "NusaX, Indonesian",
    "nusax_jav_valid": "NusaX, Javanese",
    "nusax_sun_valid": "NusaX, Sundanese",
    "nusax_eng_valid": "NusaX, English",
}


class Wrong(NamedTuple):
    """A comment of the card, what it is taken for, and what a reader takes it for."""

    text: str
    judged: str
    read: str
    why: str


def section(heading: str) -> str:
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", CARD, re.M | re.S)
    assert found, heading
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The rows of the first table of a text, without its heading."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


LABELLED_WRONG = [Wrong(*row) for row in rows(section("Thirty-two that are misjudged: the label"))]
THEMES_WRONG = [Wrong(*row) for row in rows(section("Thirty-two that are misjudged: the theme"))]


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}"


def with_interval(confusion: Confusion) -> str:
    right = confusion.n - confusion.wrong
    share = error_rate(confusion).share
    return (
        f"{percent(right, confusion.n)} ({100 - 100 * share.interval.high:.1f}–"
        f"{100 - 100 * share.interval.low:.1f})"
    )


@pytest.mark.parametrize("name", SETS)
def test_the_accuracy_on_every_set_stands_in_the_card_with_its_interval(name: str) -> None:
    confusion = Confusion(SETS[name].counts)
    table = rows(section("The lexicon, by set"))
    (row,) = [row for row in table if row[0] == NAMES[name]]
    assert row[1:3] == [f"{confusion.n:,}", with_interval(confusion)]


def test_the_table_of_all_stands_in_the_card() -> None:
    table = rows(section("Which label is mistaken for which"))
    assert [row[0] for row in table] == list(LABELS)
    assert [[int(cell) for cell in row[1:4]] for row in table] == [
        list(row) for row in measured().confusion.counts
    ]


def test_the_error_rate_of_every_language_stands_in_the_card() -> None:
    table = {row[0]: row[1:] for row in rows(section("The error rate that pages state"))}
    expected = {"all": measured().confusion, **measured().by_language}
    assert table.keys() == expected.keys()
    for language, confusion in expected.items():
        stated = error_rate(confusion)
        low, high = stated.share.interval.low, stated.share.interval.high
        assert table[language] == [
            f"{confusion.n:,}",
            str(confusion.wrong),
            f"{percent(confusion.wrong, confusion.n)} ({100 * low:.1f}–{100 * high:.1f})",
            f"1 in {stated.one_in}",
        ]


def test_the_short_version_says_the_same() -> None:
    found = measured().confusion
    short = section("In short")
    assert f"**1 comment in {error_rate(found).one_in}**" in short
    neutral = found.counts[LABELS.index("neutral")]
    assert f"only {percent(neutral[LABELS.index('neutral')], sum(neutral))} %" in short


def test_the_example_of_a_correction_is_what_the_correction_gives() -> None:
    corrected = correct(CommentTally(1000, 400, 100, 500, 0, 1000), measured().confusion, seed=1)
    assert isinstance(corrected, Corrected)
    text = " ".join(section("What the errors mean for shares").split())
    for share in corrected.shares:
        low, high = (f"{100 * end:.1f}" for end in (share.interval.low, share.interval.high))
        assert f"{100 * share.value:.1f} % ({low}–{high})" in text


def test_the_analyser_that_was_counted_is_named() -> None:
    assert f"`{measured().version}`" in CARD


@pytest.mark.parametrize(("lot", "name"), [("written", "written"), ("held_out", "held out")])
def test_the_figures_of_the_themes_stand_in_the_card(lot: str, name: str) -> None:
    found = test_themes.figures(test_themes.judged(lot))
    (row,) = [row for row in rows(section("Themes")) if row[0] == name]
    assert row[1:] == [str(len(test_themes.judged(lot))), *(f"{figure:.2f}" for figure in found)]


@pytest.mark.parametrize(("lot", "name"), [("written", "written"), ("held_out", "held out")])
def test_the_figures_of_the_masking_stand_in_the_card(lot: str, name: str) -> None:
    examples = [one for one in test_masking_examples.ALL if one.which == lot]
    right, wrong, missed = (one.total() for one in test_masking_examples.counted(examples))
    (row,) = [row for row in rows(section("Masking")) if row[0] == name]
    assert row[1:] == [
        *map(str, (len(examples), right, wrong, missed)),
        f"{right / (right + wrong):.2f}",
        f"{right / (right + missed):.2f}",
    ]


def test_thirty_two_comments_stand_there_and_each_once() -> None:
    texts = [wrong.text for wrong in (*LABELLED_WRONG, *THEMES_WRONG)]
    assert len(texts) == len(set(texts)) == 32
    assert len(LABELLED_WRONG) >= 20
    assert len(THEMES_WRONG) >= 6


@pytest.mark.parametrize("wrong", LABELLED_WRONG, ids=lambda wrong: wrong.text[:40])
def test_a_comment_is_given_the_wrong_label_that_the_card_says(wrong: Wrong) -> None:
    assert lexicon_analyzer().read(wrong.text).label == wrong.judged
    assert wrong.read in LABELS
    assert wrong.read != wrong.judged


@pytest.mark.parametrize("wrong", THEMES_WRONG, ids=lambda wrong: wrong.text[:40])
def test_a_comment_is_given_the_wrong_themes_that_the_card_says(wrong: Wrong) -> None:
    found = per_theme(finder().find(wrong.text))
    judged = ", ".join(f"{one.theme}{SIGNS[one.label]}" for one in found) or "none"
    assert judged == wrong.judged
    assert wrong.read != wrong.judged
