"""Score comments: give each the polarity its language's analyser finds, and mark its cell dirty.

A comment in a language nobody can judge yet is marked as seen and stays without a score; calling it
neutral would be a made-up figure.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from analysis.sentiment import analyzer_for, to_fixed
from survey.database import Row, Statement, Tx
from survey.dirty import mark
from survey.models import Response, columns
from survey.writer import Writer

MOST_PER_TURN = 500
NOBODY = "none"

_r = columns(Response)

UNSCORED = Statement(
    select(_r.agency_id, _r.id, _r.unit_id, _r.day, _r.language, _r.comment)
    .where(_r.comment.is_not(None), _r.sentiment_version.is_(None))
    .limit(MOST_PER_TURN)
)
SCORE = Statement(
    update(Response)
    .where(_r.agency_id == bindparam("of_agency"), _r.id == bindparam("of_id"))
    .values(sentiment=bindparam("score"), sentiment_version=bindparam("version"))
)


def find_unscored(tx: Tx, items: Sequence[None]) -> list[list[Row]]:
    """Comments that no analyser has seen, up to ``MOST_PER_TURN``."""
    return [tx.all(UNSCORED) for _ in items]


def store_scores(tx: Tx, batches: Sequence[Sequence[tuple[Row, int | None, str]]]) -> list[None]:
    """Keep scores (comment row, polarity × 1000 or None, analyser version)."""
    for batch in batches:
        tx.many(SCORE, [_parameters(row, score, version) for row, score, version in batch])
        mark(tx, {(row[0], row[2], row[3]) for row, score, _ in batch if score is not None})
    return [None] * len(batches)


def _parameters(row: Row, score: int | None, version: str) -> dict[str, Any]:
    return {"of_agency": row[0], "of_id": row[1], "score": score, "version": version}


def score(language: str, comment: str) -> tuple[int | None, str]:
    """A comment's polarity × 1000 and the analyser's version, or (None, ``none``)."""
    analyzer = analyzer_for(language)
    if analyzer is None:
        return None, NOBODY
    return to_fixed(analyzer.score(comment).polarity), analyzer.version


def score_waiting(writer: Writer) -> int:
    """Score the comments that wait, one batch; how many there were."""
    rows = writer.call(find_unscored, None)
    if rows:
        # Outside any transaction: answers are not kept waiting while an analyser thinks.
        writer.call(store_scores, [(row, *score(row[4], row[5])) for row in rows])
    return len(rows)
