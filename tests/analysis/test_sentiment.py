"""What every comment gets, in whatever language and however badly it is written."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis import sentiment
from analysis.sentiment import label_many, lexicon_analyzer, to_fixed
from analysis.sentiment.analyzer import FEATURES, LexiconAnalyzer
from analysis.sentiment.tokens import LONGEST
from analysis.sentiment.words import MOST_KEPT, Vocabulary

LABELS = {"negative", "neutral", "positive"}
LANGUAGES = {"id", "jv", "su", "en", "und"}
# What people, keyboards and attackers send.
ODD = [
    "",
    " \t\n ",
    "👍👍👍",
    "12345 67,5",
    "?!...,,,",
    "\x00\x07bagus\x1b[31m",
    "\u202eramah\u202c \u200fcepat\u200f",
    "b\u0336a\u0336g\u0336u\u0336s\u0336",
    "<script>alert(1)</script> bagus <b>sekali</b>",
    "très 好 очень bagus ممتاز",
    "\ud800 bagus \udfff",
    "𝐛𝐚𝐠𝐮𝐬",
    "İİİİ ramah",
    "ﷺ" * 6_000,
    "-" * 5_000,
    "a-" * 5_000,
    "'" * 5_000,
    "<" * 5_000,
    "tidak " * 2_000,
    "bagus banget " * 1_000,
    "http" * 2_000,
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_input_gets_a_sane_reading(text):
    reading = lexicon_analyzer().read(text)
    assert reading.label in LABELS
    assert reading.language in LANGUAGES
    assert -1 <= reading.polarity <= 1
    assert 0 <= reading.confidence <= 1
    assert lexicon_analyzer().label_many([text]) == [reading.label]


@settings(max_examples=300, deadline=None)  # the first example loads the tables
@given(
    st.one_of(
        st.text(max_size=300),
        st.text(st.characters(categories=("Cs", "Mn", "Cf", "Cc", "So", "Ll")), max_size=200),
        st.lists(
            st.sampled_from(
                [
                    *("tidak", "kurang", "terlalu", "bagus", "lama", "mohon", "tapi", "cuma", "3", "jam"),
                    *("hebat", "ya", "banget", "lebih", "dulu", "bisa", "antri", "luar", "biasa", ",", "."),
                    *("?", "👏"),
                ]
            ),
            max_size=25,
        ).map(" ".join),
    )
)
@example("\ud83d")
def test_any_text_is_read_alike_by_reading_labelling_and_clauses(text):
    analyzer = lexicon_analyzer()
    reading = analyzer.read(text)
    assert [reading.label] == analyzer.label_many([text])
    assert -1000 <= to_fixed(reading.polarity) <= 1000
    assert 0 <= reading.confidence <= 1
    if reading.label != "neutral":
        assert (reading.polarity > 0) == (reading.label == "positive")
    assert all(word.text for word in reading.words)
    assert len(analyzer.features(text)) == len(FEATURES)
    for clause in analyzer.clauses(text):
        assert clause.text
        assert clause.label in LABELS


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "<a " * 300_000, "1." * 500_000, "-a'" * 300_000, "😀" * 300_000, "e\u0301" * 400_000],
    ids=["a", "tags", "numbers", "joints", "emoji", "accents"],
)
def test_a_megabyte_of_anything_is_read_at_once(text):
    lexicon_analyzer().read("bagus")
    begun = time.process_time()
    reading = lexicon_analyzer().read(text)
    assert time.process_time() - begun < 1
    assert reading.label in LABELS


def test_only_the_beginning_of_a_very_long_comment_is_read():
    beginning = "bagus " * (LONGEST // 6) + "  "
    assert len(beginning) == LONGEST
    read = lexicon_analyzer().read
    assert read(beginning + "buruk " * 5_000) == read(beginning)


def test_a_comment_without_a_word_known_is_neutral_and_zero():
    reading = lexicon_analyzer().read("Saya datang pada hari Selasa.")
    assert (reading.polarity, reading.label, reading.words) == (0, "neutral", ())


def test_a_comment_without_any_word_has_no_language():
    assert lexicon_analyzer().read("👍 123 !!").language == "und"
    assert lexicon_analyzer().read("👍 123 !!").label == "positive"


def test_what_is_said_more_strongly_has_more_polarity_and_more_confidence():
    weak, strong = map(lexicon_analyzer().read, ["pelayanan bagus", "pelayanan sangat bagus dan ramah"])
    assert 0 < weak.polarity < strong.polarity
    assert weak.confidence < strong.confidence


def test_the_strongest_word_comes_first():
    words = lexicon_analyzer().read("tempatnya jauh, tapi petugasnya sangat ramah").words
    assert [word.text for word in words] == ["sangat ramah", "jauh"]


def test_deciding_words_are_shown_as_the_citizen_wrote_them():
    (word,) = lexicon_analyzer().read("Petugasnya GAK Ramah!!").words
    assert word.text == "GAK Ramah"
    assert word.contribution < 0


def test_places_are_right_behind_letters_that_change_their_length():
    assert lexicon_analyzer().read("İİİ ramah").words[0].text == "ramah"
    assert lexicon_analyzer().read("ﬁﬁﬁ e\u0301 ẞ Ramah").words[0].text == "Ramah"


def test_each_clause_has_its_own_judgement():
    clauses = lexicon_analyzer().clauses("Petugas ramah dan cepat, tapi parkir susah. Saya datang Senin")
    assert [(clause.text, clause.label) for clause in clauses] == [
        ("Petugas ramah", "positive"),
        ("cepat", "positive"),
        ("parkir susah", "negative"),
        ("Saya datang Senin", "neutral"),
    ]
    assert clauses[2].words[0].text == "parkir susah"


def test_features_say_what_they_are_called():
    features = lexicon_analyzer().features("Tidak ramah! Kapan cepat? Mohon cepat.")
    named = dict(zip(FEATURES, features, strict=True))
    assert named["complaint"] > 0
    assert named["praise"] > 0
    assert named["sum"] == pytest.approx(named["praise"] - named["complaint"])
    assert named["magnitude"] == pytest.approx(named["praise"] + named["complaint"])
    assert (named["negations"], named["wishes"], named["questions"], named["exclamations"]) == (1, 1, 1, 1)


def test_many_are_read_as_one_is_and_in_order():
    texts = ["bagus", "buruk", "ora apik", "teu lami", "not good", ""]
    analyzer = lexicon_analyzer()
    assert analyzer.read_many(texts) == [analyzer.read(text) for text in texts]
    assert label_many(texts) == [analyzer.read(text).label for text in texts]


def test_an_analyser_is_loaded_once_for_each_folder(tmp_path):
    assert lexicon_analyzer() is lexicon_analyzer()
    assert lexicon_analyzer(tmp_path) is lexicon_analyzer(tmp_path)
    assert lexicon_analyzer(tmp_path) is not lexicon_analyzer()


def test_threads_that_start_together_load_one_analyser(monkeypatch):
    together = Barrier(2)
    made = []

    class Slow(LexiconAnalyzer):
        def __init__(self, extra):
            made.append(self)
            time.sleep(0)  # lets the other thread try

    monkeypatch.setattr("analysis.sentiment.analyzer.LexiconAnalyzer", Slow)
    sentiment._loaded.cache_clear()

    def load(_):
        together.wait(timeout=10)
        return lexicon_analyzer()

    try:
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(load, range(2))
    finally:
        sentiment._loaded.cache_clear()
    assert first is second
    assert len(made) == 1


def test_a_flood_of_invented_words_fills_no_memory(monkeypatch):
    monkeypatch.setattr("analysis.sentiment.words.MOST_KEPT", 100)
    monkeypatch.setattr("analysis.sentiment.analyzer.MOST_KEPT", 100)
    analyzer = LexiconAnalyzer()
    for number in range(30):
        analyzer.read(" ".join(f"kata{number}x{word}" for word in range(30)))
    caches = [*analyzer._words.values(), analyzer._language.__self__._all]
    assert max(map(len, caches)) <= 100 < MOST_KEPT
    assert analyzer.read("bagus").label == "positive"


def test_a_word_longer_than_any_is_not_kept():
    analyzer = LexiconAnalyzer()
    analyzer.read("x" * 4_000)
    assert all(len(token) <= 40 for words in analyzer._words.values() for token in words)
    assert isinstance(analyzer._words["id"], Vocabulary)


@pytest.mark.parametrize(
    "comment",
    ["pelayanan bagus, petugas ramah", "gk bs login trus", "ora suwe", "teu lami", "", "👍"],
)
def test_nothing_heavy_is_loaded_for_a_comment_that_is_not_english(comment):
    code = (
        "import sys; from analysis.sentiment import lexicon_analyzer\n"
        f"lexicon_analyzer().read({comment!r})\n"
        "print([name for name in ('textblob', 'nltk', 'numpy', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_scoring_many_has_loaded_everything_after_its_first_call():
    code = (
        "import sys; from analysis.sentiment import label_many\n"
        "label_many(['bagus']); print('textblob' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


@pytest.mark.parametrize(
    ("value", "fixed"),
    [
        (0.0005, 1),
        (-0.0005, -1),
        (0.0015, 2),
        (0.00049, 0),
        (1.0, 1000),
        (-1.0, -1000),
        (0.3335, 334),
        (1, 1000),
    ],
)
def test_halves_of_a_thousandth_are_rounded_away_from_zero(value, fixed):
    assert to_fixed(value) == fixed


@pytest.mark.parametrize("value", [1.0001, -1.0001, float("nan"), float("inf")])
def test_what_is_no_polarity_is_refused(value):
    with pytest.raises(ValueError, match="outside -1 to 1"):
        to_fixed(value)
