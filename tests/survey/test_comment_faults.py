"""What goes wrong while comments are read: one that nobody can read, broken words, others at work as well."""

import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from factories import answer, answers, connected, count, issue, rows

from analysis.sentiment import lexicon_analyzer
from analysis.sentiment.labelled import Labelled
from analysis.sentiment.training import train
from survey import responses, sealing, tallies
from survey.comments import scoring
from survey.comments.judge import Judge, appoint, version_of
from survey.comments.readings import Entry, unpack
from survey.comments.rescoring import rescore
from survey.comments.scoring import Batch, Scorer, find_unread, read_comment, store_readings
from survey.comments.series import NewSeries, begin, find_current, list_series
from survey.database import Database, Tx, Unavailable
from survey.demo.seed import seed
from survey.platform import Platform
from survey.settings import SettingsError
from tests.conftest import Clock

LEXICON = "word\tvalence\tkind\tnote\nwasweswos\t{}\tadj\t\n"
THEMES = "theme\tpattern\tweight\tnote\nfacilities\twasweswos\t1\t\n"
POISON = "racun bagi pembaca"


def say(platform: Platform, *comments: str, start: int = 0) -> list[str]:
    """Answers with these comments; the receipts of those who gave them."""
    issued = issue(platform, len(comments), start)
    return [
        answer(platform, str(one.code), answers(platform, None, comment)).receipt
        for one, comment in zip(issued, comments, strict=True)
    ]


def words_of(directory: Path, valence: object = 4) -> Path:
    """A deployment's own folder with one word."""
    directory.mkdir(exist_ok=True)
    (directory / "lexicon.id.tsv").write_text(LEXICON.format(valence))
    return directory


def scorer_of(platform: Platform, words: Path | None) -> Scorer:
    """Who reads in a process with these words."""
    return Scorer(platform.writer, platform.layouts, words, platform.now)


def readings(platform: Platform) -> dict[str, list[int]]:
    """The series that have read each comment; a comment that waits is left out."""
    kept = rows(platform.database, "SELECT comment, reading FROM response WHERE reading IS NOT NULL")
    return {comment: sorted(unpack(reading).entries) for comment, reading in kept}


def states(platform: Platform) -> list[str]:
    return [one.state for one in platform.writer.call(list_series, None)]


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


def test_two_processes_with_different_words_do_not_take_each_others_place(
    platform: Platform, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = scorer_of(platform, None), scorer_of(platform, words_of(tmp_path / "words"))
    for number, scorer in enumerate([one, other, one, one, other, one]):
        say(platform, f"petugas jutek {number}", start=number)
        assert scorer.turn() == 1
        current = platform.writer.call(find_current, None)
        assert current is not None
        assert current.id == (1 if number == 0 else 2)
    found = readings(platform)
    assert [found[f"petugas jutek {number}"] for number in range(6)] == [[1], [2], [1], [1], [2], [1]]
    assert caplog.text.count("series 2 was begun elsewhere") == 1
    assert states(platform) == ["past", "current"]


def test_words_that_were_edited_and_read_by_a_command_are_taken_up_by_who_runs(
    platform: Platform, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = words_of(tmp_path / "words")
    running = scorer_of(platform, words)
    say(platform, "wasweswos")
    running.turn()
    words_of(words, -4)
    # The command is a process of its own: it has read the file as it is now.
    lexicon_analyzer.__globals__["_loaded"].cache_clear()
    from analysis.themes import finder

    finder.cache_clear()
    assert appoint(platform.writer, words, platform.now()).series.id == 2
    say(platform, "wasweswos sekali", start=1)
    running.turn()
    kept = rows(platform.database, "SELECT reading FROM response WHERE comment = 'wasweswos sekali'")
    assert {number: one.label for number, one in unpack(kept[0][0]).entries.items()} == {2: -1}
    assert states(platform) == ["past", "current"]
    assert "elsewhere" not in caplog.text


def test_words_that_break_while_it_runs_leave_the_last_ones_in_use(
    platform: Platform, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = words_of(tmp_path / "words")
    running = scorer_of(platform, words)
    say(platform, "wasweswos")
    running.turn()
    words_of(words, "")
    platform.writer.call(begin, NewSeries("lexicon-of-another", "lexicon", 0, {}))
    say(platform, "wasweswos sekali", start=1)
    assert [running.turn(), running.turn()] == [1, 0]
    assert readings(platform)["wasweswos sekali"] == [1]
    assert "lexicon.id.tsv, line 2" in caplog.text


def test_what_was_read_while_another_series_began_is_read_again_under_that_one(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = Judge.read

    def read(self: Judge, comment: str, scores: Mapping[str, int]) -> Entry:
        entry = really(self, comment, scores)
        platform.writer.call(begin, NewSeries("lexicon-of-another", "lexicon", 0, {}))
        return entry

    say(platform, "petugas jutek")
    monkeypatch.setattr(Judge, "read", read)
    platform.scorer.turn()
    assert readings(platform) == {}


def test_two_workers_with_the_same_comments_count_each_once(platform: Platform) -> None:
    say(platform, "petugas jutek", "petugas ramah")
    judge = appoint(platform.writer, None, platform.now())
    waiting = platform.writer.call(find_unread, None)
    done = [read_comment(judge, platform.layouts, unread) for unread in waiting]
    for _ in range(2):
        assert platform.writer.call(store_readings, Batch(judge.series.id, done))
        tallies.refresh_all(platform.writer, platform.definition)
    kept = "SELECT counts FROM tally_unit_day WHERE source = 'comments' AND instrument = '1/all'"
    [(counts,)] = rows(platform.database, kept)
    assert tallies.unpack(counts)[0] == 2


def test_comments_wait_in_the_order_of_their_random_numbers(platform: Platform) -> None:
    say(platform, *(f"komentar {number}" for number in range(30)))
    waiting = [unread[:2] for unread in platform.writer.call(find_unread, None)]
    assert waiting == sorted(waiting)


def test_what_somebody_changed_while_it_was_read_again_is_read_in_the_next_round(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(platform, "petugas jutek", "petugas ramah")
    platform.scorer.turn()
    really, changed = Judge.read, list[str]()

    def read(self: Judge, comment: str, scores: Mapping[str, int]) -> Entry:
        if not changed:
            changed.append(comment)
            with connected(platform.database) as connection:
                sql = "UPDATE response SET reading = replace(reading, '}', ',\"staff\":[20261118,[]]}')"
                connection.execute(f"{sql} WHERE comment = '{comment}'")
        return really(self, comment, scores)

    judge = appoint(platform.writer, words_of(tmp_path / "words"), platform.now())
    monkeypatch.setattr(Judge, "read", read)
    assert list(rescore(platform.writer, platform.layouts, judge)) == [2, 2]
    assert readings(platform) == {"petugas jutek": [1, 2], "petugas ramah": [1, 2]}
    [(reading,)] = rows(platform.database, f"SELECT reading FROM response WHERE comment = '{changed[0]}'")
    assert unpack(reading).correction is not None


def test_counted_anew_the_counts_of_many_series_are_the_kept_ones(platform: Platform, tmp_path: Path) -> None:
    receipts = say(platform, "petugas jutek", "antri lama", "wasweswos", "loket kotor")
    platform.scorer.turn()
    for valence in (4, -4):
        words = words_of(tmp_path / f"words{valence}", valence)
        list(rescore(platform.writer, platform.layouts, appoint(platform.writer, words, platform.now())))
    platform.writer.call(responses.erase, responses.response_id(platform.settings.keys, receipts[0]))
    with connected(platform.database) as connection:
        later = json.dumps({"7": ["xx", 1, 900, 500, [["theme_of_later", 1, 900]]]})
        connection.execute(f"UPDATE response SET reading = '{later}' WHERE comment = 'loket kotor'")
    tallies.refresh_all(platform.writer, platform.definition)
    kept = platform.writer.call(tallies.read_kept, None)
    names = {str(row[-2]) for row in kept if "comments" in row}
    assert {name.split("/")[0] for name in names} == {"1", "2", "3", "7"}
    assert list(tallies.rebuild(platform.writer, platform.definition))
    assert platform.writer.call(tallies.read_kept, None) == kept


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


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_an_answer_is_erased_though_the_nightly_seal_is_writing_it_anew(
    platform: Platform, clock: Clock
) -> None:
    [receipt] = say(platform, "petugas jutek")
    clock.at += 2 * 86_400
    number = responses.response_id(platform.settings.keys, receipt)
    gone: list[bool] = []
    erasing = threading.Thread(
        target=lambda: gone.append(platform.writer.call(responses.erase, number)), daemon=True
    )
    connection = platform.database.connect()
    tx = Tx(connection, platform.database.dialect)
    assert tx.run(sealing._REWRITE, {"before": 20261119}) == 1
    erasing.start()
    wait_for_a_lock(platform.database)
    connection.commit()
    connection.close()
    erasing.join(10)
    assert gone == [True]
    assert count(platform.database, "response") == 0


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_a_series_begins_only_after_what_is_being_stored_under_the_one_before(platform: Platform) -> None:
    say(platform, "petugas jutek")
    judge = appoint(platform.writer, None, platform.now())
    waiting = platform.writer.call(find_unread, None)
    done = [read_comment(judge, platform.layouts, unread) for unread in waiting]
    connection = platform.database.connect()
    assert store_readings(Tx(connection, platform.database.dialect), [Batch(1, done)]) == [True]
    new = NewSeries("lexicon-of-another", "lexicon", 0, {})
    beginning = threading.Thread(target=platform.writer.call, args=(begin, new), daemon=True)
    beginning.start()
    wait_for_a_lock(platform.database)
    connection.commit()
    connection.close()
    beginning.join(10)
    assert states(platform) == ["past", "current"]
    assert readings(platform) == {"petugas jutek": [1]}


def wait_for_a_lock(database: Database) -> None:
    """Return once a session of this database waits for another."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(2_000):
        if rows(database, waiting)[0][0]:
            return
    raise AssertionError("nobody waits")


def test_the_demonstration_refuses_words_that_cannot_be_read(platform: Platform, tmp_path: Path) -> None:
    settings = platform.settings.model_copy(update={"words_dir": words_of(tmp_path / "words", "sangat")})
    with pytest.raises(SettingsError, match=r"PERCAYA_WORDS_DIR: .*lexicon\.id\.tsv, line 2"):
        next(seed(platform.writer, settings, platform.instruments["skm-2017.1"], platform.now()))
