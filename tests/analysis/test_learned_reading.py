"""What a learned analyser says of comments, and how."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learned_comments import comments, from_labels, from_ratings, rated

from analysis.sentiment import features, lexicon_analyzer, weights
from analysis.sentiment.learned import LearnedAnalyzer, Stale
from analysis.sentiment.training import train

ROOT = Path(__file__).resolve().parents[2]


def test_comments_that_were_not_learned_from_are_read_rightly() -> None:
    known = comments(120, seed=77)
    said = from_labels().label_many([text for text, _ in known])
    assert sum(a == b for a, (_, b) in zip(said, known, strict=True)) >= 115


def test_words_that_no_lexicon_knows_are_learned() -> None:
    good, bad = from_ratings().read_many(["petugas zorabing", "petugas bluzerok"])
    assert (good.label, bad.label) == ("positive", "negative")
    assert good.polarity > 0.4
    assert bad.polarity < -0.4
    assert lexicon_analyzer().read("petugas bluzerok").label == "neutral"


def test_a_misspelt_word_is_known_by_its_letters() -> None:
    assert from_ratings().read("bluzerokk").polarity < -0.2
    assert from_ratings().read("zorabings").polarity > 0.2


@pytest.mark.parametrize("text", ["", " ", "!!!", "...?", "漢字 漢字", "\x00\x01", "<b></b>"])
@pytest.mark.parametrize("learned", [from_labels, from_ratings])
def test_a_comment_without_a_known_word_is_neutral(text: str, learned: object) -> None:
    assert callable(learned)
    reading = learned().read(text)
    assert (reading.label, reading.polarity) == ("neutral", 0.0)


def test_a_model_without_neutral_examples_leaves_neutral_to_the_lexicon() -> None:
    plain = comments(60, seed=5)
    said = from_ratings().label_many([text for text, label in plain if label == "neutral"])
    assert "neutral" in said
    known = from_ratings().read("kemarin di loket")
    assert (known.label, known.confidence) == ("neutral", 0.6)
    assert abs(known.polarity) < 0.4


def test_labels_polarities_and_readings_agree() -> None:
    texts = [text for text, _ in comments(450, seed=9)]
    for learned in (from_labels(), from_ratings()):
        readings = learned.read_many(texts)
        assert [reading.label for reading in readings] == learned.label_many(texts)
        assert [reading.polarity for reading in readings] == learned.polarity_many(texts)
        assert readings[7].label == learned.read(texts[7]).label
        assert readings[7].polarity == pytest.approx(learned.read(texts[7]).polarity, abs=1e-12)
        for reading in readings:
            assert not (reading.label == "positive" and reading.polarity <= 0)
            assert not (reading.label == "negative" and reading.polarity >= 0)


def test_what_one_comment_gets_does_not_depend_on_its_neighbours() -> None:
    texts = [text for text, _ in comments(300, seed=3)]
    together = from_labels().polarity_many(texts)
    alone = [from_labels().polarity_many([text])[0] for text in texts]
    assert together == pytest.approx(alone, abs=1e-12)


def test_the_words_that_decided_are_named_as_written() -> None:
    words = from_ratings().read("Petugas BLUZEROK kemarin").words
    assert words[0].text == "BLUZEROK"
    assert words[0].contribution < -0.5
    strengths = [abs(word.contribution) for word in words]
    assert strengths == sorted(strengths, reverse=True)


def test_a_negated_word_is_named_with_its_negator_and_counted_once() -> None:
    words = from_labels().read("petugas tidak ramah").words
    assert words[0].text == "tidak ramah"
    assert words[0].contribution < 0
    assert "ramah" not in [word.text for word in words]


def test_what_the_words_add_is_the_sum_of_what_each_adds() -> None:
    known = weights.Weights(train(rated(200, seed=2), lexicon_analyzer()).model)
    words = features.forms("loket bagus sekali tadi tadi loket, tidak ramah, ramah, zzz")
    assert {"bagus sekali", "tidak ramah"} <= set(known._terms)
    added, _ = known.sums([words])
    assert sum(known.each(words).values()) == pytest.approx(added[0, 0], abs=1e-9)


def test_the_words_that_decided_add_up_to_the_log_odds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the lexicon's part, which is divided among its words, what is named is all there is."""
    learned = from_ratings()
    model = replace(learned.model, lexicon_weights=np.zeros_like(learned.model.lexicon_weights))
    bare = LearnedAnalyzer(model, lexicon_analyzer())
    monkeypatch.setattr("analysis.sentiment.learned.FEWEST", 0.0)
    reading = bare.read(
        "loket ramah bluzerok zorabing, tadi tadi loket, tidak ramah zorabing, bluzerok ramah"
    )
    log_odds = np.log((1 + reading.polarity) / (1 - reading.polarity))
    added = sum(word.contribution for word in reading.words)
    assert added + float(model.intercepts[0]) == pytest.approx(log_odds, abs=0.01)


def test_a_word_of_two_words_of_the_lexicon_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    learned = train(rated(200, seed=2), lexicon_analyzer())
    model = replace(learned.model, lexicon_weights=np.zeros_like(learned.model.lexicon_weights))
    bare = LearnedAnalyzer(model, lexicon_analyzer())
    monkeypatch.setattr("analysis.sentiment.learned.FEWEST", 0.0)
    words = bare.read("ramah, tidak ramah").words
    assert len(words) == 2
    each = bare._weights.each(["ramah", ",", "tidak", "ramah"])
    assert sum(word.contribution for word in words) == pytest.approx(
        sum(each.values()) - each[","], abs=0.002
    )


def test_the_language_is_the_lexicons() -> None:
    text = "the officer was very kind and the service is good"
    assert from_labels().read(text).language == lexicon_analyzer().read(text).language == "en"


def test_a_model_of_another_lexicon_is_stale() -> None:
    model = replace(from_labels().model, lexicon="lexicon-0+00000000")
    with pytest.raises(Stale, match=r"lexicon-0\+00000000.*train again"):
        LearnedAnalyzer(model, lexicon_analyzer())


def test_a_model_of_other_numbers_of_the_lexicon_is_stale() -> None:
    model = from_labels().model
    arrays = {name: getattr(model, name)[1:] for name in ("centre", "scale", "lowest", "highest")}
    with pytest.raises(Stale):
        LearnedAnalyzer(
            replace(model, lexicon_weights=model.lexicon_weights[:, 1:], **arrays), lexicon_analyzer()
        )


def test_a_flood_of_invented_words_does_not_stay_in_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "MOST_KEPT", 500)
    learned = LearnedAnalyzer(from_labels().model, lexicon_analyzer())
    before = learned.polarity_many(["petugas ramah sekali"])
    for start in range(0, 6000, 300):
        learned.polarity_many(
            [f"kata{chr(97 + n % 26)}x{'abcdefghij'[n // 30 % 10]}{n:x}z" for n in range(start, start + 300)]
        )
        assert len(learned._weights._places) <= 500 + 300
    assert learned.polarity_many(["petugas ramah sekali"]) == before


def test_two_threads_read_as_one_does() -> None:
    texts = [f"{text} {chr(97 + n % 26) * 2}kata{n:x}" for n, (text, _) in enumerate(comments(600, seed=4))]
    expected = from_labels().polarity_many(texts)
    learned = LearnedAnalyzer(from_labels().model, lexicon_analyzer())
    found: list[list[float]] = []
    threads = [Thread(target=lambda: found.append(learned.polarity_many(texts))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(polarities == pytest.approx(expected, abs=1e-12) for polarities in found)


def test_reading_loads_no_scikit_learn_and_no_scipy(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(from_labels().to_bytes())
    program = (
        "import sys, pathlib\n"
        "from analysis.sentiment import lexicon_analyzer\n"
        "from analysis.sentiment.learned import LearnedAnalyzer\n"
        "data = pathlib.Path(sys.argv[1]).read_bytes()\n"
        "learned = LearnedAnalyzer.from_bytes(data, lexicon_analyzer())\n"
        "print(learned.read('petugas ramah sekali').label)\n"
        "print({'sklearn', 'scipy', 'textblob'} & set(sys.modules))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "model")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines() == ["positive", "set()"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gets_a_sane_reading(text: str) -> None:
    for learned in (from_labels(), from_ratings()):
        reading = learned.read(text)
        assert -1 <= reading.polarity <= 1
        assert 0 <= reading.confidence <= 1
        assert all(np.isfinite(word.contribution) for word in reading.words)
        assert len(reading.words) <= 12


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "kata " * 200_000, "\ud800 bagus", "😀" * 10_000, "é̷̢͓" * 5000]
)
def test_monstrous_comments_are_read(text: str) -> None:
    assert from_labels().read(text).label in ("negative", "neutral", "positive")


@given(st.text(min_size=1, max_size=20).filter(lambda text: bool(text.strip())))
def test_every_form_of_a_comment_can_stand_in_a_pair(text: str) -> None:
    assert all(word and not any(mark.isspace() for mark in word) for word in features.forms(text))


def test_drawn_out_letters_and_figures_are_not_told_apart() -> None:
    assert features.forms("Bagussss sekaliiiii 21.30") == features.forms("bagusss sekaliii 7.5")
    assert features.forms("bagus!!!!\n\n") == ["bagus", "!!"]


def test_grams_are_what_stands_between_the_blanks() -> None:
    assert features.grams("ab") == [" a", "ab", "b ", " ab", "ab ", " ab "]
    assert features.grams("a") == [" a", "a ", " a "]


def test_texts_that_differ_in_capitals_marks_and_blanks_have_one_key() -> None:
    assert features.key("Bagus,  SEKALI!") == features.key("bagus sekali") != features.key("bagus")
