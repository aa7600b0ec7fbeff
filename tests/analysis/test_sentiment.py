import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from threading import Barrier, BrokenBarrierError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sentiment import analyzer_for, to_fixed
from analysis.sentiment.english import LONGEST


def polarity(text):
    return analyzer_for("en").score(text).polarity


def test_praise_is_favourable_and_complaint_is_not():
    assert polarity("The staff were friendly and the service was excellent.") > 0.3
    assert polarity("A terrible, slow and rude counter.") < -0.3


def test_negation_turns_the_polarity():
    assert polarity("The service was good.") > 0 > polarity("The service was not good.")


def test_a_comment_without_a_word_of_the_lexicon_is_zero():
    assert polarity("I came on Tuesday.") == 0
    assert polarity("") == 0


def test_every_score_names_what_made_it():
    analyzer = analyzer_for("en")
    assert analyzer.language == "en"
    assert analyzer.version == f"textblob-pattern-{version('textblob')}"
    assert analyzer.score("good").version == analyzer.version


def test_the_analyser_that_was_chosen_is_the_one_that_is_asked(monkeypatch):
    from textblob.base import BaseSentimentAnalyzer
    from textblob.en import sentiments

    class Chosen(BaseSentimentAnalyzer):
        def analyze(self, text):
            return sentiments.PatternAnalyzer.RETURN_TYPE(-0.125, 0.0)

    analyzer = analyzer_for("en")
    monkeypatch.setattr(analyzer._blob, "analyzer", Chosen())
    assert analyzer.score("excellent").polarity == -0.125


@pytest.mark.parametrize("language", ["id", "jv", "", "EN", "xx"])
def test_a_language_without_an_analyser_stays_unscored(language):
    assert analyzer_for(language) is None


def test_an_analyser_is_loaded_once():
    assert analyzer_for("en") is analyzer_for("en")


def test_only_the_beginning_of_a_very_long_comment_is_scored():
    beginning = "good " * (LONGEST // 5)
    assert len(beginning) == LONGEST
    assert polarity(beginning + "terrible " * 5_000) == polarity(beginning)


def test_the_lexicon_is_complete_before_the_first_comment_is_scored():
    code = (
        "from analysis.sentiment import analyzer_for\n"
        "analyzer_for('en')\n"
        "from textblob.en import sentiment\n"
        "print(dict.__len__(sentiment) > 2000)"  # asking the lexicon itself would load it
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"True\n"


def test_threads_that_start_together_load_one_analyser(monkeypatch):
    both_inside = Barrier(2)

    class Slow:
        def __init__(self):
            with suppress(BrokenBarrierError):  # nobody else gets in here
                both_inside.wait(timeout=0.2)

    monkeypatch.setattr("analysis.sentiment._loaded", {})
    monkeypatch.setattr("analysis.sentiment.english.EnglishAnalyzer", Slow)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(analyzer_for, ["en", "en"])
    assert both_inside.broken
    assert first is second


def test_scoring_never_asks_for_an_nltk_corpus(monkeypatch):
    import nltk.data

    def refuse(name, *_):
        raise AssertionError(f"asked for {name}")

    for function in ("find", "load"):
        monkeypatch.setattr(nltk.data, function, refuse)
    assert polarity("Not the best queue; however, the officers are very helpful!") > 0


def test_scoring_works_where_no_nltk_data_exists(tmp_path):
    code = (
        "from analysis.sentiment import analyzer_for\n"
        "import nltk.data; nltk.data.path[:] = []\n"
        "print(analyzer_for('en').score('excellent').polarity)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={"HOME": str(tmp_path)}
    )
    assert done.stdout == b"1.0\n"


@settings(deadline=None)  # the first example loads the lexicon
@given(st.text(max_size=300))
def test_any_text_has_a_polarity_that_a_tally_can_hold(text):
    assert -1000 <= to_fixed(polarity(text)) <= 1000


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
