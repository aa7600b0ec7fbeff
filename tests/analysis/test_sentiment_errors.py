"""The stated error rate: counts that agree, that a correction can use, and that say what they are of."""

import re
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import f1_score

from analysis.comments.confusion import Confusion, error_rate
from analysis.comments.misclassification import Corrected, correct
from analysis.comments.tally import LABELS, CommentTally
from analysis.sentiment import engine
from analysis.sentiment.errors import SETS, measured
from analysis.sentiment.labelled import Labelled
from benchmarks import sentiment as benchmark

KNOWN = {"smsa_valid_clean": 1255} | {f"nusax_{name}_valid": 100 for name in ("ind", "jav", "sun", "eng")}


def test_every_comment_of_the_sets_is_counted_once() -> None:
    assert {name: sum(map(sum, one.counts)) for name, one in SETS.items()} == KNOWN
    assert measured().confusion.n == sum(KNOWN.values())
    assert f"{measured().confusion.n:,} comments" in measured().about


def test_the_same_sentences_in_four_languages_have_the_same_labels() -> None:
    labels = {tuple(map(sum, one.counts)) for name, one in SETS.items() if name.startswith("nusax")}
    assert len(labels) == 1


def test_the_languages_add_up_to_the_whole() -> None:
    found = measured()
    assert set(found.by_language) == {"id", "jv", "su", "en"}
    summed = sum(np.array(one.counts) for one in found.by_language.values())
    assert summed.tolist() == [list(row) for row in found.confusion.counts]
    assert found.by_language["id"].n == 1355


@pytest.mark.parametrize("language", ["id", "jv", "su", "en"])
def test_in_every_language_reading_is_better_than_calling_all_by_the_commonest_label(language: str) -> None:
    counts = measured().by_language[language].counts
    assert sum(counts[place][place] for place in range(3)) > 1.3 * max(map(sum, counts))


def test_the_version_names_the_way_of_scoring_that_is_in_use() -> None:
    assert re.fullmatch(rf"lexicon-{engine.ENGINE}\+[0-9a-f]{{8}}", measured().version)


def test_it_makes_a_sentence_that_is_true() -> None:
    stated = error_rate(measured().confusion)
    assert stated.one_in is not None
    assert stated.share.interval.low <= 1 / stated.one_in <= stated.share.interval.high


@pytest.mark.parametrize("confusion", [measured().confusion, measured().by_language["id"]], ids=["all", "id"])
def test_shares_can_be_corrected_with_it(confusion: Confusion) -> None:
    given = [sum(row[place] for row in confusion.counts) for place in range(3)]
    corrected = correct(CommentTally(sum(given), *given, 0, sum(given)), confusion, seed=1)
    assert isinstance(corrected, Corrected)
    for label, row in zip(LABELS, confusion.counts, strict=True):
        assert corrected.share(label).value == pytest.approx(sum(row) / confusion.n)


def test_asking_for_it_loads_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "textblob", "sklearn", "analysis.sentiment.engine")
    code = (
        "import sys; from analysis.sentiment.errors import measured; measured();"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_macro_f1_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(5)
    true, given = generator.choice(LABELS, 200), generator.choice(LABELS, 200, p=[0.6, 0.1, 0.3])
    table = benchmark.confusion(lambda _: given.tolist(), [Labelled("", label) for label in true.tolist()])
    found = float(benchmark.macro_f1(np.array(table.counts)))
    assert found == pytest.approx(f1_score(true, given, average="macro"))
    low, high = benchmark.f1_interval(table)
    assert low < found < high


def test_a_recount_says_whether_the_counts_still_hold() -> None:
    found = [
        benchmark.Judged("lexicon", name, measured_one)
        for name, measured_one in ((name, benchmark.Confusion(one.counts)) for name, one in SETS.items())
    ]
    assert benchmark.still_holds(found, measured().version).endswith("is what was counted now.")
    other = found[0]._replace(confusion=benchmark.Confusion(((300, 40, 54), (20, 80, 31), (30, 50, 650))))
    told = benchmark.still_holds([other, *found[1:]], measured().version)
    assert "smsa_valid_clean: ((300, 40, 54), (20, 80, 31), (30, 50, 650))" in told
    assert "lexicon-9+00000000" in benchmark.still_holds(found, "lexicon-9+00000000")
    assert "not counted" in benchmark.still_holds(found[1:], measured().version)
