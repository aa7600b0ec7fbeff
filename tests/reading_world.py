"""Comments on their way through several readers: who has read what, and who waits for whom."""

from pathlib import Path

from survey.comments.readings import unpack
from survey.comments.scoring import Scorer
from survey.comments.series import list_series
from survey.database import Database
from survey.platform import Platform
from tests.factories import answer, answers, issue, rows

LEXICON = "word\tvalence\tkind\tnote\nwasweswos\t{}\tadj\t\n"


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
    """The states of all series, the oldest first."""
    return [one.state for one in platform.writer.call(list_series, None)]


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
