"""What citizens write, read: the language, how favourable it is, and the words that decided.

Nothing is read or loaded before the first comment; a process that reads no comment pays nothing.
"""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from analysis.sentiment.reading import Analyzer, Clause, Label, Reading, Word

if TYPE_CHECKING:
    from analysis.sentiment.analyzer import LexiconAnalyzer

__all__ = [
    "FIXED_UNIT",
    "Analyzer",
    "Clause",
    "Label",
    "Reading",
    "Word",
    "label_many",
    "lexicon_analyzer",
    "to_fixed",
]

FIXED_UNIT = 1_000
"""Parts of a polarity in the whole numbers that tallies add up."""

_loading = Lock()


@cache
def _loaded(extra: Path | None) -> "LexiconAnalyzer":
    from analysis.sentiment.analyzer import LexiconAnalyzer

    return LexiconAnalyzer(extra)


def lexicon_analyzer(extra: Path | None = None) -> "LexiconAnalyzer":
    """The analyser that knows words: loaded at the first call and kept.

    Args:
        extra: a deployment's own folder of data files, whose rows are added to ours and override them.

    Raises:
        ValueError: a row of a data file cannot be read; says the file, the line and what to do.
    """
    with _loading:  # threads that start together read the files once
        return _loaded(extra)


def label_many(texts: list[str]) -> list[str]:
    """The label of each comment: ``positive``, ``neutral`` or ``negative``.

    The first call loads everything, also what only English needs, so that no later one has to wait.
    """
    analyzer = lexicon_analyzer()
    analyzer.complete()
    return list(analyzer.label_many(texts))


def to_fixed(polarity: float) -> int:
    """A polarity in whole thousandths, halves rounded away from zero, for a tally.

    Raises:
        ValueError: the polarity is outside -1 to 1.
    """
    if not -1 <= polarity <= 1:
        raise ValueError(f"a polarity of {polarity} is outside -1 to 1")
    # Through the digits as written: 0.0005 is exactly a half in them, but a little more or less in binary.
    return int((Decimal(repr(float(polarity))) * FIXED_UNIT).quantize(Decimal(1), ROUND_HALF_UP))
