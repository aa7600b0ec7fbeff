"""An analyser learns from rated comments and is used only if it beats the lexicon on unseen ones."""

import builtins
from pathlib import Path
from typing import Any

import pytest
from factories import answer, answers, issue, rows

from analysis.errors import TooFew
from analysis.sentiment.training import ExtraMissing
from survey.comments.readings import unpack
from survey.comments.series import find_current, find_models
from survey.comments.training import Trained, read_rated, train
from survey.platform import Platform

ELEMENTS = ("requirements", "procedure", "time", "cost", "product", "competence", "behaviour", "facilities")
# Words of no language, so that only what is learned from ratings can tell them.
GOOD = ("blarut", "nyempok", "gluwis")
BAD = ("kretok", "momplong", "jeblis")
OTHERS = ("loket", "kantor", "petugas", "berkas", "antrean", "kartu", "hari", "meja", "ruang", "kursi")


def say(platform: Platform, value: int, *comments: str, start: int) -> None:
    for issued, comment in zip(issue(platform, len(comments), start), comments, strict=True):
        given = answers(platform, dict.fromkeys((*ELEMENTS, "complaints"), value), comment)
        answer(platform, str(issued.code), given)


def say_what_only_ratings_explain(platform: Platform, count: int) -> None:
    def comments(words: tuple[str, ...]) -> list[str]:
        return [
            f"{OTHERS[number % 10]} {words[number % 3]} {OTHERS[number // 10 % 10]} nomor {number}"
            for number in range(count)
        ]

    say(platform, 4, *comments(GOOD), start=0)
    say(platform, 1, *comments(BAD), start=count)


def trained(platform: Platform, *csvs: Path) -> Trained:
    return train(
        platform.writer,
        platform.layouts,
        None,
        csvs,
        now=platform.now(),
        progress=lambda stage, share: None,
    )


def test_the_ratings_are_the_labels_and_the_middle_teaches_nothing(platform: Platform) -> None:
    say(platform, 4, "satu", start=0)
    say(platform, 3, "dua", start=1)
    say(platform, 2, "tiga", start=2)
    say(platform, 1, "empat", start=3)
    found = read_rated(platform.writer, platform.layouts)
    assert {(row.text, row.label, row.rated) for row in found} == {
        ("satu", "positive", True),
        ("dua", "positive", True),
        ("tiga", "negative", True),
        ("empat", "negative", True),
    }


def test_what_beats_the_lexicon_begins_a_series_that_new_comments_are_read_under(
    platform: Platform,
) -> None:
    say_what_only_ratings_explain(platform, 130)
    platform.scorer.turn()
    done = trained(platform)
    assert done.decision.used
    assert done.decision.n == 260
    assert done.series == platform.writer.call(find_current, None)
    assert (done.series.kind, done.series.id) == ("learned", 2)
    assert done.series.decision["learned"] > done.series.decision["lexicon"]
    say(platform, 1, "pintu momplong", start=1000)
    assert platform.scorer.turn() == 1
    [(reading,)] = rows(platform.database, "SELECT reading FROM response WHERE comment = 'pintu momplong'")
    assert {number: entry.label for number, entry in unpack(reading).entries.items()} == {2: -1}


def test_with_too_few_rated_comments_it_is_noted_and_not_used(platform: Platform) -> None:
    say_what_only_ratings_explain(platform, 50)
    platform.scorer.turn()
    before = platform.writer.call(find_current, None)
    done = trained(platform)
    assert not done.decision.used
    assert "200 are needed" in done.decision.reason
    assert done.series.state == "declined"
    assert platform.writer.call(find_current, None) == before


def test_a_file_of_labelled_comments_is_learned_from_too(platform: Platform, tmp_path: Path) -> None:
    labelled = tmp_path / "labelled.csv"
    lines = [f"{word} nomor {number},positive" for word in GOOD for number in range(20)]
    lines += [f"{word} nomor {number},negative" for word in BAD for number in range(20)]
    labelled.write_text("text,label\n" + "\n".join(lines) + "\n")
    done = trained(platform, labelled)
    assert platform.writer.call(find_models, done.series.id) is not None
    assert not done.decision.used  # nothing rated to compare on


def test_without_comments_there_is_nothing_to_learn(platform: Platform) -> None:
    with pytest.raises(TooFew):
        trained(platform)
    assert platform.writer.call(find_current, None) is None


def test_without_scikit_learn_it_says_what_to_install(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = builtins.__import__

    def without(name: str, *further: Any) -> Any:
        if name.split(".")[0] == "sklearn":
            raise ImportError(name)
        return really(name, *further)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExtraMissing, match=r"percaya\[ml\]"):
        trained(platform)
