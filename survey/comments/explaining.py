"""Which words decided: a comment is read anew when it is shown, by what its series read it with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from survey.comments.judge import usable, version_of
from survey.comments.series import Series, find_models
from survey.database import Tx

if TYPE_CHECKING:
    from analysis.sentiment import Analyzer, Word

MOST_WORDS = 5

Explain = Callable[[str], "Sequence[Word]"]


def explainer_of(tx: Tx, series: Series, words: Path | None) -> Explain:
    """What tells the words that decided about a comment, the strongest first, at most ``MOST_WORDS``.

    It tells none when what the series was read with is no longer at hand: the words of a newer version would
    explain another judgement.
    """
    from analysis.themes import finder

    words = usable(words)
    analyzer = _analyzer(tx, series, words)
    if analyzer is None or version_of(analyzer, finder(words)) != series.version:
        return lambda text: ()
    return lambda text: analyzer.read(text).words[:MOST_WORDS]


def _analyzer(tx: Tx, series: Series, words: Path | None) -> Analyzer | None:
    from analysis.sentiment import lexicon_analyzer

    lexicon = lexicon_analyzer(words)
    if series.kind == "lexicon":
        return lexicon
    from analysis.sentiment.archive import BrokenArchive
    from analysis.sentiment.learned import LearnedAnalyzer, Stale

    (model,) = find_models(tx, [series.id])
    try:
        return None if model is None else LearnedAnalyzer.from_bytes(model, lexicon)
    except (Stale, BrokenArchive):
        return None
