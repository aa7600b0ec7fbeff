"""Polarity of comments, by an analyser that knows the language of the comment, or not at all."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from threading import Lock
from typing import Protocol

from analysis.tally import SENTIMENT_UNIT


@dataclass(frozen=True)
class Score:
    """How favourable a comment is.

    Attributes:
        polarity: -1 (entirely unfavourable) to 1 (entirely favourable).
        version: what scored it; scores of different versions are different series.
    """

    polarity: float
    version: str


class Analyzer(Protocol):
    """Scores comments written in one language."""

    @property
    def language(self) -> str:
        """The language it knows, as an ISO 639-1 code."""
        ...

    @property
    def version(self) -> str:
        """Name and version, stored with every score."""
        ...

    def score(self, text: str) -> Score:
        """Score one comment."""
        ...


_loaded: dict[str, Analyzer] = {}
_loading = Lock()


def analyzer_for(language: str) -> Analyzer | None:
    """The analyser of a language (ISO 639-1), loaded at the first call and kept; None when there is none.

    A comment in a language without an analyser stays unscored. Given Indonesian, an English analyser would
    call 95 % of the comments neutral, which looks like an opinion and is none.
    """
    if language != "en":
        return None
    # The lexicon fills itself at first use; a second thread must not score with half of it.
    with _loading:
        if language not in _loaded:
            from analysis.sentiment.english import EnglishAnalyzer

            _loaded[language] = EnglishAnalyzer()
        return _loaded[language]


def to_fixed(polarity: float) -> int:
    """A polarity in whole thousandths, halves rounded away from zero, for a tally.

    Raises:
        ValueError: the polarity is outside -1 to 1.
    """
    if not -1 <= polarity <= 1:
        raise ValueError(f"a polarity of {polarity} is outside -1 to 1")
    # Through the digits as written: 0.0005 is exactly a half in them, but a little more or less in binary.
    return int((Decimal(repr(float(polarity))) * SENTIMENT_UNIT).quantize(Decimal(1), ROUND_HALF_UP))
