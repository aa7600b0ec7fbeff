"""What goes wrong while comments are read: one that nobody can read, broken words, a broken model."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from factories import connected, count, issue, rows
from reading_world import readings, say, scorer_of, words_of

from analysis.sentiment import lexicon_analyzer
from analysis.sentiment.labelled import Labelled
from analysis.sentiment.training import train
from survey import tallies
from survey.comments import scoring
from survey.comments.judge import Judge, appoint, version_of
from survey.comments.readings import Entry
from survey.comments.rescoring import rescore
from survey.comments.scoring import Scorer
from survey.comments.series import NewSeries, begin, find_current
from survey.database import Unavailable
from survey.demo.seed import seed
from survey.platform import Platform
from survey.settings import SettingsError
from tests.conftest import Clock

THEMES = "theme\tpattern\tweight\tnote\nfacilities\twasweswos\t1\t\n"
POISON = "racun bagi pembaca"


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Comments that were given to a judge, which fails on one of them and quotes it."""
    really, seen = Judge.read, list[str]()

    def read(self: Judge, comment: str, scores: Mapping[str, int]) -> Entry:
        seen.append(comment)
        if POISON in comment:
            raise RecursionError(f"too deep in {comment!r}")
        return really(self, comment, scores)

    monkeypatch.setattr(Judge, "read", read)
    return seen


def test_a_comment_that_nobody_can_read_is_set_aside_and_keeps_no_other_waiting(
    platform: Platform, poisoned: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    say(platform, POISON, "petugas jutek")
    assert [platform.scorer.turn(), platform.scorer.turn()] == [2, 0]
    assert readings(platform) == {POISON: [], "petugas jutek": [1]}
    assert sorted(poisoned) == ["petugas jutek", POISON]
    assert "RecursionError" in caplog.text
    assert POISON not in caplog.text


def test_what_was_set_aside_is_counted_nowhere(platform: Platform, poisoned: list[str]) -> None:
    say(platform, POISON, "petugas jutek")
    platform.scorer.turn()
    tallies.refresh_all(platform.writer, platform.definition)
    kept = "SELECT counts FROM tally_unit_day WHERE source = 'comments' AND instrument = '1/all'"
    [(counts,)] = rows(platform.database, kept)
    assert tallies.unpack(counts)[0] == 1


def test_what_was_set_aside_is_tried_again_when_comments_are_read_again(
    platform: Platform, poisoned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    say(platform, POISON, "petugas jutek")
    platform.scorer.turn()
    judge = appoint(platform.writer, None, platform.now())
    assert list(rescore(platform.writer, platform.layouts, judge)) == [2]
    assert readings(platform)[POISON] == []
    monkeypatch.undo()
    list(rescore(platform.writer, platform.layouts, judge))
    assert readings(platform) == {POISON: [1], "petugas jutek": [1]}


def test_an_error_that_every_comment_would_meet_sets_none_aside(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: Any) -> Entry:
        raise ImportError("half an installation")

    say(platform, "petugas jutek")
    with monkeypatch.context() as broken:
        broken.setattr(Judge, "read", fail)
        with pytest.raises(ImportError):
            platform.scorer.turn()
    assert readings(platform) == {}
    assert platform.scorer.turn() == 1


def test_an_old_comment_that_cannot_be_masked_stays_unread_and_keeps_no_other_waiting(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    really, tried = scoring.mask, list[str]()

    def mask(text: str) -> Any:
        tried.append(text)
        if POISON in text:
            raise ValueError(text)
        return really(text)

    say(platform, POISON, "petugas jutek")
    with connected(platform.database) as connection:
        connection.execute("UPDATE response SET masked = NULL")
    monkeypatch.setattr(scoring, "mask", mask)
    assert [platform.scorer.turn() for _ in range(3)] == [1, 0, 0]
    assert readings(platform) == {"petugas jutek": [1]}
    assert tried.count(POISON) == 1
    assert POISON not in caplog.text


def test_an_error_in_the_own_words_is_told_by_file_and_line_until_it_is_mended(
    platform: Platform, tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    scorer = scorer_of(platform, words_of(tmp_path / "words", "sangat"))
    say(platform, "wasweswos")
    assert [scorer.turn() for _ in range(3)] == [0, 0, 0]
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1
    assert "lexicon.id.tsv, line 2" in told[0]
    words_of(tmp_path / "words")
    clock.at += 60
    assert scorer.turn() == 1
    assert readings(platform) == {"wasweswos": [1]}


def test_a_folder_that_is_missing_is_told_and_stops_nothing(
    platform: Platform, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    say(platform, "petugas jutek")
    assert scorer_of(platform, tmp_path / "nowhere").turn() == 0
    assert "nowhere" in caplog.text


def test_whatever_fails_in_reading_or_counting_the_day_is_sealed(
    platform: Platform, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_given: Any) -> Any:
        raise ValueError(POISON)

    say(platform, "petugas jutek")
    clock.at += 2 * 86_400
    monkeypatch.setattr(Scorer, "turn", fail)
    monkeypatch.setattr("survey.work.count_marked", fail)
    platform.worker.turn()
    assert count(platform.database, "response", "sealed = 1") == 1
    assert caplog.text.count("ValueError") == 2
    assert POISON not in caplog.text


def test_while_many_comments_wait_their_days_are_counted_now_and_then(
    platform: Platform, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = iter([500, 500, 500, 0])
    monkeypatch.setattr(Scorer, "turn", lambda _self: next(waiting))
    left = []
    for number in range(4):
        issue(platform, start=number)
        clock.at += 4
        assert platform.worker.turn() == (number < 3)
        left.append(count(platform.database, "dirty"))
    assert [bool(marks) for marks in left] == [False, True, True, False]


def test_a_database_that_is_away_ends_the_turn(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: Scorer) -> int:
        raise Unavailable("away")

    monkeypatch.setattr(Scorer, "turn", fail)
    with pytest.raises(Unavailable):
        platform.worker.turn()


def learned(platform: Platform) -> bytes:
    """A model of a few comments, and its series the current one."""
    lexicon = lexicon_analyzer(None)
    found = [Labelled(f"blarut nomor {number}", "positive", rated=False) for number in range(20)]
    found += [Labelled(f"kretok nomor {number}", "negative", rated=False) for number in range(20)]
    return train(found, lexicon).to_bytes()


def test_a_model_that_is_broken_leaves_the_lexicon_to_read(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    platform.writer.call(begin, NewSeries("learned-1", "learned", 0, {"used": True}, b"PK\x03\x04broken"))
    say(platform, "petugas jutek")
    assert platform.scorer.turn() == 1
    current = platform.writer.call(find_current, None)
    assert current is not None
    assert current.kind == "lexicon"
    assert "lexicon alone" in caplog.text


def test_other_rules_for_themes_leave_what_was_learned_in_use(platform: Platform, tmp_path: Path) -> None:
    from analysis.sentiment.learned import LearnedAnalyzer
    from analysis.themes import finder

    model = learned(platform)
    version = version_of(LearnedAnalyzer.from_bytes(model, lexicon_analyzer(None)), finder(None))
    told = {"used": True, "n": 300}
    platform.writer.call(begin, NewSeries(version, "learned", 0, told, model))
    words = tmp_path / "words"
    words.mkdir()
    (words / "themes.tsv").write_text(THEMES)
    judge = appoint(platform.writer, words, platform.now())
    assert (judge.series.id, judge.series.kind, judge.series.decision) == (2, "learned", told)
    assert judge.series.version != version
    assert [theme.key for theme in judge.read("wasweswos", {}).themes] == ["facilities"]
    assert appoint(platform.writer, words, platform.now()).series == judge.series


def test_the_demonstration_refuses_words_that_cannot_be_read(platform: Platform, tmp_path: Path) -> None:
    settings = platform.settings.model_copy(update={"words_dir": words_of(tmp_path / "words", "sangat")})
    with pytest.raises(SettingsError, match=r"PERCAYA_WORDS_DIR: .*lexicon\.id\.tsv, line 2"):
        next(seed(platform.writer, settings, platform.instruments["skm-2017.1"], platform.now()))
