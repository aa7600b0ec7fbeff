"""Comments in Sundanese, loma and lemes; the larger list is language_comments.tsv."""

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
    assert reading.language == "su"
    return reading


def test_nine_of_ten_comments_are_labelled_as_a_reader_would():
    ours = [(text, label) for text, language, label in COMMENTS if language == "su"]
    assert len(ours) >= 60
    found = lexicon_analyzer().label_many([text for text, _ in ours])
    right = sum(label == expected for label, (_, expected) in zip(found, ours, strict=True))
    assert right / len(ours) >= FLOOR


@pytest.mark.parametrize(
    ("praise", "blame"),
    [
        ("patugasna someah ka abdi", "patugasna teu someah ka abdi"),
        ("palayananana saé pisan", "palayananana kirang saé"),
        ("palayananana sae", "palayananana henteu sae"),
        ("teu lami ngantosna", "lami pisan ngantosna"),
        ("teu lila nungguanana", "lila pisan nungguanana"),
        ("hargana teu mahal", "hargana mahal pisan"),
        ("ngurusna teu hésé", "ngurusna hésé pisan"),
        ("inpormasina tos jelas", "inpormasina teu jelas pisan"),
        ("ieu sanés palayanan anu awon", "ieu sanés palayanan anu saé"),
        ("patugasna sabar ka sepuh", "patugasna kurang sabar ka sepuh"),
        ("di dieu teu aya pungli", "di dieu aya kénéh pungli"),
        ("tos réngsé sadayana, nuhun", "teu acan réngsé ogé nepi ka ayeuna"),
        ("aplikasina tiasa dibuka, alus", "aplikasina teu tiasa dibuka"),
    ],
)
def test_negation_turns_what_is_said(praise, blame):
    assert read(praise).label == "positive"
    assert read(blame).label == "negative"


@pytest.mark.parametrize("negator", ["teu", "henteu", "sanes", "lain", "moal"])
def test_every_negator_of_sundanese_turns_praise(negator):
    assert read("ieu téh alus pisan").label == "positive"
    assert read(f"ieu téh {negator} alus").polarity < 0


@pytest.mark.parametrize("booster", ["pisan", "kacida", "teuing"])
def test_a_word_of_degree_after_the_quality_strengthens_it(booster):
    assert read(f"loketna ieu hese {booster}").polarity < read("loketna ieu hese").polarity < 0


def test_a_weakening_word_weakens():
    assert 0 > read("antrianna ieu rada lila").polarity > read("antrianna ieu lila").polarity


def test_what_comes_after_but_weighs_more():
    assert read("patugasna alus tapi lila pisan").polarity < read("lila pisan tapi patugasna alus").polarity


def test_a_wish_is_no_praise():
    assert read("mugia loketna janten gancang").polarity < read("loketna ayeuna gancang").polarity


@pytest.mark.parametrize(
    "text",
    [
        "abdi ka dieu pas dinten Senén sareng pun bapa",
        "salah sahiji loketna aya di kaler ditu",
        "tong hilap nyandak map sareng poto",
        "loketna muka tabuh dalapan hungkul",
        "warna mapna kedah beureum",
        "loket nu lain aya di gedong anu sanés",
    ],
)
def test_words_that_are_a_judgement_only_elsewhere_are_none_here(text):
    assert read(text).label == "neutral"


def test_the_deciding_word_is_shown_as_written_with_its_negator():
    reading = read("Patugasna TEU ramah ka abdi")
    assert reading.words[0].text == "TEU ramah"
    assert reading.words[0].contribution < 0


def test_comments_mixed_with_indonesian_are_read_in_both():
    assert read("patugasna ramah tapi antrina lila pisan, parkirna sempit jeung kotor").label == "negative"
