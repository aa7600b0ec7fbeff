"""Who reads the comments: the analyser of the current series and the finder of themes, loaded when needed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from survey.comments.readings import NUMBER_OF, Entry, Theme
from survey.comments.series import NewSeries, Series, begin, find_current, find_models
from survey.writer import Writer

if TYPE_CHECKING:
    from analysis.sentiment import Analyzer
    from analysis.sentiment.analyzer import LexiconAnalyzer
    from analysis.themes import Finder

_log = logging.getLogger("percaya.comments")
MOST_THOUSANDTHS = 1000


@dataclass(frozen=True)
class Judge:
    """Reads comments under one series."""

    series: Series
    analyzer: Analyzer
    finder: Finder

    def read(self, comment: str, scores: Mapping[str, int]) -> Entry:
        """What there is to say of a comment whose writer gave these answers (1 to 4) to elements."""
        from analysis.sentiment import to_fixed
        from analysis.themes import per_theme

        reading = self.analyzer.read(comment)
        return Entry(
            language=reading.language,
            label=NUMBER_OF[reading.label],
            polarity=to_fixed(reading.polarity),
            confidence=round(reading.confidence * MOST_THOUSANDTHS),
            themes=tuple(
                Theme(one.theme, NUMBER_OF[one.label], to_fixed(one.polarity))
                for one in per_theme(self.finder.find(comment, scores=scores))
            ),
        )


def appoint(writer: Writer, words: Path | None, now: int) -> Judge:
    """The judge of the current series; begins a series when there is none, or its analyser has changed.

    Args:
        words: a deployment's own folder of words and rules, or None.

    Raises:
        ValueError: a file in that folder has an error; the message names file and line.
        OSError: the folder or a file of it cannot be opened.
    """
    from analysis.sentiment import lexicon_analyzer
    from analysis.themes import finder

    return _appointed(writer, lexicon_analyzer(words), finder(words), now)


def follow(writer: Writer, words: Path | None, now: int) -> Judge:
    """The judge after another process has begun a series; the folder is read afresh, it may have changed.

    Where this process has other words nevertheless (another folder, another version of the software), its
    judge has a series beside the current one. Were each process to put its own series in the place of the
    other's, they would do so for ever, and every series would have read a part of the comments only.

    Raises:
        ValueError, OSError: as for ``appoint``.
    """
    from analysis.sentiment.analyzer import LexiconAnalyzer
    from analysis.sentiment.lexicon import load as load_words
    from analysis.themes import Finder
    from analysis.themes.rules import load as load_rules

    lexicon = LexiconAnalyzer(words)
    themes = Finder(load_rules(words), lexicon, load_words(words).slang)
    return _appointed(writer, lexicon, themes, now, beside=True)


def _appointed(
    writer: Writer, lexicon: LexiconAnalyzer, themes: Finder, now: int, *, beside: bool = False
) -> Judge:
    current = writer.call(find_current, None)
    if current is not None and current.kind == "learned":
        model = writer.call(find_models, current.id)
        learned = _learned(model, lexicon)
        if learned is not None:
            version = version_of(learned, themes)
            if current.version != version:
                # Other rules for themes, the same words: what was learned of these is as good as before.
                new = NewSeries(version, "learned", now, current.decision, model, beside=beside)
                current = writer.call(begin, new)
            return Judge(current, learned, themes)
    version = version_of(lexicon, themes)
    if current is None or current.version != version:
        why = "first" if current is None else "changed"
        current = writer.call(begin, NewSeries(version, "lexicon", now, {"reason": why}, beside=beside))
    return Judge(current, lexicon, themes)


def usable(words: Path | None) -> Path | None:
    """A folder of words for showing comments: None, as if there were none, while a file of it has an error.

    The worker tells what is wrong; a page must not fail on it.
    """
    from analysis.sentiment import lexicon_analyzer
    from analysis.themes import finder

    try:
        lexicon_analyzer(words)
        finder(words)
    except (ValueError, OSError):
        return None
    return words


def version_of(analyzer: Analyzer, themes: Finder) -> str:
    """The version of a series: of what scores, and of what finds themes, which names the lexicon it uses."""
    if themes.version.endswith(analyzer.version):
        return themes.version
    return f"{analyzer.version}/{themes.version}"


def _learned(model: bytes | None, lexicon: LexiconAnalyzer) -> Analyzer | None:
    """The analyser that a series learned; None when it no longer fits the words it was trained with."""
    from analysis.sentiment.archive import BrokenArchive
    from analysis.sentiment.learned import LearnedAnalyzer, Stale

    if model is None:
        return None
    try:
        return LearnedAnalyzer.from_bytes(model, lexicon)
    except (Stale, BrokenArchive) as error:
        _log.warning("comments are read with the lexicon alone: %s", error)
        return None
