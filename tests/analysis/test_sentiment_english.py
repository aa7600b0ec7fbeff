"""Comments in English: our own words, TextBlob's, and when TextBlob is loaded."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest

from analysis.sentiment import english, lexicon_analyzer
from analysis.sentiment.english import EnglishVocabulary, pattern_valence
from analysis.sentiment.lexicon import load

COMMENTS = [
    line.split("\t")
    for line in (Path(__file__).parent / "language_comments.tsv").read_text(encoding="utf-8").splitlines()[1:]
    if not line.startswith("#")
]
FLOOR = 0.9


@pytest.fixture(scope="module")
def data():
    return load()


def read(text):
    reading = lexicon_analyzer().read(text)
    assert reading.language == "en"
    return reading


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout


def test_nine_of_ten_comments_are_labelled_as_a_reader_would():
    ours = [(text, label) for text, language, label in COMMENTS if language == "en"]
    assert len(ours) >= 60
    found = lexicon_analyzer().label_many([text for text, _ in ours])
    right = sum(label == expected for label, (_, expected) in zip(found, ours, strict=True))
    assert right / len(ours) >= FLOOR


@pytest.mark.parametrize(
    ("praise", "blame"),
    [
        ("The staff are helpful", "The staff are not helpful"),
        ("The service was good", "The service wasn't good"),
        ("The service was good", "The service doesn\u2019t feel good"),
        ("There was no queue", "There was a long queue"),
        ("There are no brokers here", "There are brokers here"),
        ("It was not expensive", "It was expensive"),
        ("Not bad at all", "Really bad"),
        ("The rules are clear", "The rules are too complicated"),
        ("Registration works well, great", "The registration does not work"),
        ("They are wonderful", "They are dreadful"),
    ],
)
def test_negation_turns_what_is_said(praise, blame):
    assert read(praise).label == "positive"
    assert read(blame).label == "negative"


@pytest.mark.parametrize("word", ["queue", "bribe", "broker", "delay", "lost", "overpriced", "slow", "rude"])
def test_the_troubles_of_public_service_weigh(word):
    assert read(f"This is about the {word} at the office").polarity < 0


@pytest.mark.parametrize("word", ["more", "many", "own", "first", "other", "main", "sure", "few"])
def test_words_that_textblob_takes_for_a_judgement_are_none(word):
    assert pattern_valence(word) != 0
    assert read(f"This is {word} of the form at the office").polarity == 0


def test_degree_strengthens():
    assert read("It was very slow").polarity < read("It was slow").polarity < 0


def test_a_wish_is_no_praise():
    assert read("It should be fast and friendly").polarity < read("It is fast and friendly").polarity / 2


def test_what_comes_after_but_weighs_more():
    assert read("Friendly staff but slow").polarity < read("Slow but friendly staff").polarity


def test_the_deciding_words_are_shown_as_written_with_their_negator():
    words = read("The staff were NOT Helpful").words
    assert words[0].text == "NOT Helpful"
    assert words[0].contribution < 0


def test_a_comment_without_a_word_that_judges_is_neutral():
    reading = read("I came to the office on Tuesday with my father.")
    assert (reading.label, reading.polarity, reading.words) == ("neutral", 0, ())


def test_what_our_rows_do_not_know_is_valued_by_textblob(data):
    assert "dreadful" not in data.valences["en"]
    vocabulary = EnglishVocabulary(data)
    assert vocabulary["dreadful"].value == pattern_valence("dreadful") < -1


def test_our_rows_count_before_those_of_textblob(data, monkeypatch):
    monkeypatch.setattr(english, "pattern_valence", lambda _: pytest.fail("TextBlob was asked"))
    vocabulary = EnglishVocabulary(data)
    assert vocabulary["helpful"].value == data.valences["en"]["helpful"]
    assert vocabulary["more"] is None or vocabulary["more"].value == 0


def test_a_word_that_only_begins_a_phrase_of_ours_is_still_valued_by_textblob(tmp_path):
    (tmp_path / "lexicon.en.tsv").write_text("word\tvalence\tkind\tnote\ndreadful mess\t-4\tphrase\t\n")
    record = EnglishVocabulary(load(tmp_path))["dreadful"]
    assert record.follow
    assert record.value == pattern_valence("dreadful") < -1


def test_an_indonesian_word_in_an_english_comment_keeps_its_valence(data, monkeypatch):
    monkeypatch.setattr(english, "pattern_valence", lambda _: pytest.fail("TextBlob was asked"))
    assert EnglishVocabulary(data)["ramah"].value == data.valences["id"]["ramah"] > 0


def test_a_word_is_asked_of_textblob_once(data, monkeypatch):
    asked = []
    monkeypatch.setattr(english, "pattern_valence", lambda word: asked.append(word) or 1.5)
    vocabulary = EnglishVocabulary(data)
    assert [vocabulary["flummoxing"].value for _ in range(3)] == [1.5] * 3
    assert asked == ["flummoxing"]


def test_numbers_marks_and_endless_words_are_not_asked_of_textblob(data, monkeypatch):
    monkeypatch.setattr(english, "pattern_valence", lambda _: pytest.fail("TextBlob was asked"))
    vocabulary = EnglishVocabulary(data)
    for token in ("12", "!", "...", "12:30", "a" * 5_000):
        assert vocabulary[token] is None or not vocabulary[token].value
    assert "a" * 5_000 not in vocabulary


def test_the_apostrophe_of_telephones_is_an_apostrophe(data):
    vocabulary = EnglishVocabulary(data)
    assert vocabulary["don\u2019t"] == vocabulary["don't"]


def test_textblob_is_asked_through_its_sentiment_and_the_chosen_analyser(monkeypatch):
    from textblob import Blobber
    from textblob.base import BaseSentimentAnalyzer
    from textblob.en.sentiments import PatternAnalyzer

    class Chosen(BaseSentimentAnalyzer):
        def analyze(self, text):
            return PatternAnalyzer.RETURN_TYPE(-0.5, 0.0)

    monkeypatch.setattr(english, "_blob", Blobber(analyzer=Chosen()))
    assert pattern_valence("excellent") == -0.5 * 4 * english.TRUST


def test_the_valence_of_textblob_keeps_within_its_bounds():
    assert pattern_valence("excellent") == 4 * english.TRUST
    assert pattern_valence("awful") == -4 * english.TRUST
    assert pattern_valence("xyzzy") == 0


def test_textblob_is_loaded_by_the_first_english_comment_and_not_before():
    code = (
        "import sys\n"
        "from analysis.sentiment import lexicon_analyzer\n"
        "analyzer = lexicon_analyzer()\n"
        "analyzer.read('petugasnya ramah sekali, terima kasih')\n"
        "analyzer.read('petugase ora ramah'); analyzer.read('patugasna teu someah')\n"
        "print('textblob' in sys.modules)\n"
        "analyzer.read('The officers of this office were dreadful to my mother')\n"
        "print('textblob' in sys.modules)\n"
        "from textblob.en import sentiment\n"
        "print(dict.__len__(sentiment) > 2000)"  # asking the lexicon itself would load it
    )
    assert run(code).split() == ["False", "True", "True"]


def test_threads_that_start_together_load_textblob_once(monkeypatch):
    import textblob

    loaded = []
    start, both_inside = Barrier(4), Barrier(2)
    original = textblob.Blobber

    def counting(*args, **how):
        loaded.append(1)
        with suppress(BrokenBarrierError):  # nobody else gets in here
            both_inside.wait(timeout=0.2)
        return original(*args, **how)

    monkeypatch.setattr(textblob, "Blobber", counting)
    monkeypatch.setattr(english, "_blob", None)

    def ask(word):
        start.wait(timeout=10)
        return pattern_valence(word)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, ["excellent", "awful", "excellent", "awful"]))
    assert found == [3.0, -3.0, 3.0, -3.0]
    assert loaded == [1]


def test_reading_never_asks_for_an_nltk_corpus(tmp_path):
    code = (
        "import nltk.data; nltk.data.path[:] = []\n"
        "def refuse(name, *_): raise AssertionError(name)\n"
        "nltk.data.find = nltk.data.load = refuse\n"
        "from analysis.sentiment import lexicon_analyzer\n"
        "print(lexicon_analyzer().read('Not the best; but the officers are wonderful and superb!').label)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={"HOME": str(tmp_path)}, text=True
    )
    assert done.stdout == "positive\n"
