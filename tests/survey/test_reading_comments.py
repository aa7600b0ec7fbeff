"""Comments are masked before they are stored, read under a series, and counted from what was read."""

import json
from pathlib import Path
from typing import Any

from factories import answer, answers, connected, issue, rows

from survey import responses, tallies
from survey.answers import read_values
from survey.comments.judge import appoint, usable
from survey.comments.readings import unpack
from survey.comments.rescoring import Change as Replaced
from survey.comments.rescoring import count_read, find_next, replace_readings, rescore
from survey.comments.scoring import scores_of
from survey.comments.series import NewSeries, begin, find_current, list_series
from survey.platform import Platform

RUDE = "Bu Ratna jutek, hubungi 0812-3456-7890"


def say(platform: Platform, *comments: str) -> None:
    """Answers with these comments, of as many citizens."""
    for issued, comment in zip(issue(platform, len(comments)), comments, strict=True):
        answer(platform, str(issued.code), answers(platform, None, comment))


def stored(platform: Platform, wanted: str = "comment, masked, reading") -> list[Any]:
    return rows(platform.database, f"SELECT {wanted} FROM response ORDER BY comment")


def counted(platform: Platform) -> dict[str, tuple[int, ...]]:
    tallies.refresh_all(platform.writer, platform.definition)
    kept = "SELECT instrument, counts FROM tally_unit_day WHERE source = 'comments'"
    return {name: tallies.unpack(counts) for name, counts in rows(platform.database, kept)}


def words_of(directory: Path, valence: float) -> Path:
    """A deployment's own word."""
    directory.mkdir(exist_ok=True)
    (directory / "lexicon.id.tsv").write_text(f"word\tvalence\tkind\tnote\nwasweswos\t{valence}\tadj\t\n")
    return directory


def test_what_a_comment_says_of_persons_is_masked_before_it_is_stored(platform: Platform) -> None:
    say(platform, RUDE)
    assert stored(platform, "comment, masked") == [
        ("Bu [nama] jutek, hubungi [telepon]", '{"name":1,"phone":1}')
    ]


def test_an_answer_that_is_read_is_masked_whatever_way_it_came(platform: Platform) -> None:
    instrument = platform.instruments[platform.settings.instrument]
    values: dict[str, int | None] = {item.key: 3 for item in instrument.elements}
    read = read_values(instrument, values, comment=RUDE)
    assert read.comment == "Bu [nama] jutek, hubungi [telepon]"
    assert dict(read.masked) == {"name": 1, "phone": 1}


def test_a_comment_of_before_there_was_masking_is_masked_when_it_is_read(platform: Platform) -> None:
    say(platform, "petugas jutek")
    with connected(platform.database) as connection:
        connection.execute(f"UPDATE response SET comment = '{RUDE}', masked = NULL")
    assert platform.scorer.turn() == 1
    [(comment, masked, reading)] = stored(platform)
    assert comment == "Bu [nama] jutek, hubungi [telepon]"
    assert json.loads(masked) == {"name": 1, "phone": 1}
    assert unpack(reading).entries[1].label == -1


def test_reading_a_comment_begins_the_first_series(platform: Platform) -> None:
    assert platform.writer.call(find_current, None) is None
    say(platform, "petugas ramah sekali")
    platform.scorer.turn()
    current = platform.writer.call(find_current, None)
    assert current is not None
    assert (current.id, current.kind, current.state) == (1, "lexicon", "current")


def test_comments_are_counted_by_label_language_theme_and_rating(platform: Platform) -> None:
    say(platform, "petugas ramah sekali", "petugas jutek, antri lama")
    platform.scorer.turn()
    found = counted(platform)
    assert found["1/all"][:4] == found["1/language:id"][:4] == (2, 1, 0, 1)
    assert found["1/theme:behaviour"][:4] == (2, 1, 0, 1)
    assert found["1/theme:time"][:4] == (1, 1, 0, 0)
    assert sum(numbers[0] for name, numbers in found.items() if "/rated:" in name) == 2


def test_a_comment_is_read_once_under_a_series(platform: Platform) -> None:
    say(platform, "petugas ramah sekali")
    assert [platform.scorer.turn(), platform.scorer.turn()] == [1, 0]


def test_words_that_changed_begin_a_new_series_and_change_no_past_count(
    platform: Platform, tmp_path: Path
) -> None:
    say(platform, "wasweswos wasweswos")
    platform.scorer.turn()
    before = counted(platform)
    judge = appoint(platform.writer, words_of(tmp_path / "words", 4), 1_800_000_000)
    assert judge.series.id == 2
    assert [(one.id, one.state) for one in platform.writer.call(list_series, None)] == [
        (1, "past"),
        (2, "current"),
    ]
    assert counted(platform) == before


def test_reading_again_adds_a_series_and_keeps_what_the_earlier_one_said(
    platform: Platform, tmp_path: Path
) -> None:
    say(platform, "wasweswos wasweswos", "petugas jutek")
    platform.scorer.turn()
    before = counted(platform)
    judge = appoint(platform.writer, words_of(tmp_path / "words", 4), 1_800_000_000)
    assert list(rescore(platform.writer, platform.layouts, judge)) == [2]
    after = counted(platform)
    assert {name: numbers for name, numbers in after.items() if name.startswith("1/")} == before
    assert before["1/all"][:4] == (2, 1, 1, 0)
    assert after["2/all"][:4] == (2, 1, 0, 1)


def test_reading_again_twice_changes_nothing(platform: Platform, tmp_path: Path) -> None:
    say(platform, "petugas jutek")
    platform.scorer.turn()
    judge = appoint(platform.writer, words_of(tmp_path / "words", 4), 1_800_000_000)
    list(rescore(platform.writer, platform.layouts, judge))
    before = stored(platform)
    list(rescore(platform.writer, platform.layouts, judge))
    assert stored(platform) == before
    assert platform.writer.call(count_read, None) == 1


def test_what_changed_meanwhile_is_not_written_over(platform: Platform) -> None:
    say(platform, "petugas jutek")
    platform.scorer.turn()
    [known] = platform.writer.call(find_next, (-1, -1))
    with connected(platform.database) as connection:
        connection.execute("UPDATE response SET reading = '{}'")
    assert platform.writer.call(replace_readings, [Replaced(known, '{"9":[]}')]) == 0
    assert stored(platform, "reading") == [("{}",)]


def test_an_answer_that_was_erased_while_it_was_read_stays_erased(platform: Platform) -> None:
    say(platform, "petugas jutek")
    platform.scorer.turn()
    [known] = platform.writer.call(find_next, (-1, -1))
    assert platform.writer.call(responses.erase, known.id)
    assert platform.writer.call(replace_readings, [Replaced(known, "{}")]) == 0
    assert stored(platform) == []
    assert counted(platform) == {}


def test_a_series_that_is_known_is_taken_up_again_under_its_number(platform: Platform) -> None:
    one, other = (NewSeries(f"lexicon-{number}", "lexicon", 0, {"reason": "changed"}) for number in (1, 2))
    numbers = [platform.writer.call(begin, new).id for new in (one, other, one)]
    assert numbers == [1, 2, 1]
    assert [one.state for one in platform.writer.call(list_series, None)] == ["current", "past"]


def test_a_series_that_was_declined_does_not_take_the_place_of_the_current_one(platform: Platform) -> None:
    platform.writer.call(begin, NewSeries("lexicon-1", "lexicon", 0, {}))
    platform.writer.call(begin, NewSeries("learned-1", "learned", 0, {"used": False}, b"model", True))
    current = platform.writer.call(find_current, None)
    assert current is not None
    assert current.version == "lexicon-1"


def test_answers_settle_a_theme_only_on_the_scale_of_four(platform: Platform) -> None:
    asked = platform.layouts[platform.settings.instrument]
    assert scores_of(asked, "4-0111111" + "-" * 7)["requirements"] == 4
    assert "procedure" not in scores_of(asked, "4-0111111" + "-" * 7)
    assert scores_of(platform.layouts["spak-2021.1"], "66654" + "2") == {}


def test_an_error_in_a_folder_of_words_leaves_the_pages_with_the_words_of_the_project(
    tmp_path: Path,
) -> None:
    broken = words_of(tmp_path / "words", 4)
    (broken / "lexicon.id.tsv").write_text("word\tvalence\tkind\tnote\nwasweswos\tmuch\tadj\t\n")
    assert usable(broken) is None
    assert usable(words_of(tmp_path / "others", 4)) == tmp_path / "others"
    assert usable(None) is None
