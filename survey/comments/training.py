"""Train an analyser on the comments that citizens rated; it is used only if it is the better one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, tuple_

from analysis.tally import Layout
from survey.comments.judge import version_of
from survey.comments.series import NewSeries, Series, begin
from survey.database import Statement, Tx
from survey.models import Response, columns
from survey.writer import Writer

if TYPE_CHECKING:
    from analysis.sentiment.labelled import Labelled
    from analysis.sentiment.learned import LearnedAnalyzer
    from analysis.sentiment.validation import Decision

BATCH = 5_000
MOST_RATED = 50_000
"""Comments that are learned from; of more, those whose random numbers come first."""

_r = columns(Response)
RATED = Statement(
    select(_r.agency_id, _r.id, _r.instrument, _r.answered, _r.score_sum, _r.comment)
    .where(
        _r.comment.is_not(None),
        _r.masked.is_not(None),
        _r.source == "invited",
        tuple_(_r.agency_id, _r.id) > tuple_(bindparam("after_agency"), bindparam("after_id")),
    )
    .order_by(_r.agency_id, _r.id)
    .limit(BATCH)
)
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Trained:
    """What was learned, and whether it is used."""

    series: Series
    decision: Decision


def find_rated(tx: Tx, places: Sequence[tuple[int, int]]) -> list[list[tuple[Any, ...]]]:
    """Masked comments with their ratings after an (agency, response), up to ``BATCH``: agency, response,
    instrument, number and sum of the answers to elements, comment."""
    return [
        [tuple(row) for row in tx.all(RATED, {"after_agency": agency, "after_id": number})]
        for agency, number in places
    ]


def read_rated(writer: Writer, layouts: Mapping[str, Layout]) -> list[Labelled]:
    """The comments that can be learned from, labelled by their writers' own answers."""
    from analysis.sentiment.labelled import Labelled, weak_label

    found: list[Labelled] = []
    place = (-1, -1)
    while rows := writer.call(find_rated, place):
        for _, _, instrument, answered, total, comment in rows:
            layout = layouts.get(instrument)
            label = None if layout is None else weak_label(total / answered, layout.element_scale)
            if label is not None:
                found.append(Labelled(comment, label, rated=True))
        place = rows[-1][0], rows[-1][1]
        if len(found) >= MOST_RATED:
            break
    return found[:MOST_RATED]


def train(
    writer: Writer,
    layouts: Mapping[str, Layout],
    words: Path | None,
    csvs: Sequence[Path],
    *,
    now: int,
    progress: Progress,
) -> Trained:
    """Learn from rated comments and labelled files; begin a series if that beats the lexicon.

    Both figures of the comparison are kept with the series, whether it is used or not.

    Args:
        writer: of the installation.
        layouts: of every instrument, for the scales of the ratings.
        words: a deployment's own folder of words, or None.
        csvs: files of labelled comments (``text``, ``label``).
        now: UTC epoch seconds.
        progress: told the stage and the share of all work that is done.

    Raises:
        ExtraMissing: scikit-learn is not installed.
        TooFew: too few comments to learn anything from.
        Malformed: a row of a file cannot be read.
    """
    from analysis.sentiment import lexicon_analyzer
    from analysis.sentiment import training as learning
    from analysis.sentiment.labelled import read_labelled
    from analysis.sentiment.validation import validate
    from analysis.themes import finder

    rows = [row for csv in csvs for row in read_labelled(csv)]
    rows += read_rated(writer, layouts)
    lexicon = lexicon_analyzer(words)
    decision = validate(rows, lexicon, progress=lambda what, share: progress(what, share * 0.8))
    learned: LearnedAnalyzer = learning.train(
        rows, lexicon, progress=lambda what, share: progress(what, 0.8 + share * 0.2)
    )
    new = NewSeries(
        version_of(learned, finder(words)),
        "learned",
        now,
        decision.to_dict(),
        learned.to_bytes(),
        declined=not decision.used,
    )
    return Trained(writer.call(begin, new), decision)
