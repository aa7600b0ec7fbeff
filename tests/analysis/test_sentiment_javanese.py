"""Comments in Javanese, ngoko and krama; the larger list is language_comments.tsv."""

from pathlib import Path

import pytest

from analysis.sentiment import lexicon_analyzer

COMMENTS = [
    line.split("\t")
    for line in (Path(__file__).parent / "language_comments.tsv").read_text(encoding="utf-8").splitlines()[1:]
    if not line.startswith("#")
]
FLOOR = 0.9


def read(text):
    reading = lexicon_analyzer().read(text)
    assert reading.language == "jv"
    return reading


def test_nine_of_ten_comments_are_labelled_as_a_reader_would():
    ours = [(text, label) for text, language, label in COMMENTS if language == "jv"]
    assert len(ours) >= 60
    found = lexicon_analyzer().label_many([text for text, _ in ours])
    right = sum(label == expected for label, (_, expected) in zip(found, ours, strict=True))
    assert right / len(ours) >= FLOOR


@pytest.mark.parametrize(
    ("praise", "blame"),
    [
        ("petugase apik lan grapyak", "petugase ora apik lan ora grapyak"),
        ("petugasipun ramah sanget nggih", "petugasipun mboten ramah nggih"),
        ("pangladosanipun sae", "pangladosanipun mboten sae"),
        ("pangladosanipun sae sanget", "pangladosanipun kirang sae"),
        ("iki ora suwe", "iki suwe banget"),
        ("mboten dangu kok pak", "dangu sanget pak"),
        ("regane ora larang", "regane larang tenan"),
        ("ngurus kene ora angel", "ngurus kene angel tenan"),
        ("informasine wis cetha", "informasine ora cetha"),
        ("iki dudu pelayanan sing elek", "iki dudu pelayanan sing apik"),
        ("petugase sabar karo wong tuwa", "petugase kurang sabar karo wong tuwa"),
        ("ora ana pungli ing kene", "isih ana pungli ing kene"),
        ("wis rampung kabeh, suwun", "durung rampung uga nganti saiki"),
    ],
)
def test_negation_turns_what_is_said(praise, blame):
    assert read(praise).label == "positive"
    assert read(blame).label == "negative"


@pytest.mark.parametrize("negator", ["ora", "ra", "gak", "mboten", "boten", "dudu"])
def test_every_negator_of_javanese_turns_praise(negator):
    assert read("pelayanane iki apik").label == "positive"
    assert read(f"pelayanane iki {negator} apik").polarity < 0


@pytest.mark.parametrize("booster", ["banget", "tenan", "pol", "sanget"])
def test_a_word_of_degree_after_the_quality_strengthens_it(booster):
    assert read(f"lokete iki angel {booster}").polarity < read("lokete iki angel").polarity < 0


def test_a_weakening_word_weakens():
    assert 0 > read("antrine iki rada suwe").polarity > read("antrine iki suwe").polarity


def test_what_comes_after_but_weighs_more():
    assert (
        read("petugase apik nanging suwe banget").polarity
        < read("suwe banget nanging petugase apik").polarity
    )


def test_a_wish_is_no_praise():
    assert (
        read("muga-muga lokete dadi cepet lan gampang").polarity
        < read("lokete saiki cepet lan gampang").polarity
    )


@pytest.mark.parametrize(
    "text",
    [
        "aku mrene pas dina Senin karo bapak",
        "loket loro kanggo KK, bar iku menyang loket telu",
        "salah siji lokete ana ing lor kono",
        "ora mung KTP, nanging uga KK",
    ],
)
def test_words_that_are_a_judgement_only_in_indonesian_are_none_here(text):
    assert read(text).label == "neutral"


def test_javanese_is_not_read_through_indonesian_slang():
    # As a message "g" or "jg" mean other words; here the same letters must stay what they are.
    assert read("wis apik kok pelayanane iki").label == "positive"


def test_the_deciding_word_is_shown_as_written_with_its_negator():
    reading = read("Petugase ORA ramah kok")
    assert reading.words[0].text == "ORA ramah"
    assert reading.words[0].contribution < 0


def test_comments_mixed_with_indonesian_are_read_in_both():
    assert read("petugase ramah tapi antrine sue, parkire sempit lan kotor").label == "negative"
