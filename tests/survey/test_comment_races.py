"""Several that read comments, correct, erase and seal at once: nothing is lost, and nothing counts twice."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from factories import connected, count, rows
from reading_world import readings, say, scorer_of, states, wait_for_a_lock, words_of

from survey import responses, sealing, tallies
from survey.comments.judge import Judge, appoint
from survey.comments.readings import Entry, unpack
from survey.comments.rescoring import rescore
from survey.comments.scoring import Batch, find_unread, read_comment, store_readings
from survey.comments.series import NewSeries, begin, find_current
from survey.database import Tx
from survey.platform import Platform
from tests.conftest import Clock

on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


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
    # The command is a process of its own: what it has read is the file as it is now.
    command = appoint(platform.writer, words_of(tmp_path / "command", -4), platform.now())
    assert command.series.id == 2
    say(platform, "wasweswos sekali", start=1)
    running.turn()
    kept = rows(platform.database, "SELECT reading FROM response WHERE comment = 'wasweswos sekali'")
    assert {number: one.label for number, one in unpack(kept[0][0]).entries.items()} == {2: -1}
    assert states(platform) == ["past", "current"]
    assert "elsewhere" not in caplog.text


def test_words_that_are_new_beside_those_of_another_process_begin_a_past_series(
    platform: Platform, tmp_path: Path
) -> None:
    words = words_of(tmp_path / "words")
    running = scorer_of(platform, words)
    say(platform, "wasweswos")
    running.turn()
    words_of(words, -4)
    appoint(platform.writer, None, platform.now())
    say(platform, "wasweswos sekali", start=1)
    running.turn()
    assert readings(platform) == {"wasweswos": [1], "wasweswos sekali": [3]}
    assert states(platform) == ["past", "current", "past"]


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


@on_postgres
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


@on_postgres
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
