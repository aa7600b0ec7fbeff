"""The lexicon analyser as TextBlob's own kind of analyser.

``TextBlob(text, analyzer=IndonesianAnalyzer()).sentiment``; never ``.polarity``, which asks TextBlob's
English analyser whatever analyser the blob was given. Importing this loads TextBlob (1.5 s, 126 MB); whoever
scores many comments asks `analysis.sentiment.lexicon_analyzer` instead, which says the same.
"""

from pathlib import Path
from typing import NamedTuple

from textblob.base import CONTINUOUS, BaseSentimentAnalyzer

from analysis.sentiment import lexicon_analyzer
from analysis.sentiment.reading import Label, Word


class Sentiment(NamedTuple):
    """What `IndonesianAnalyzer` says of a text: as in `analysis.sentiment.Reading`.

    Attributes:
        polarity: -1 to 1.
        label: the three-way judgement.
        confidence: 0 to 1, about the probability that the label is right.
        words: what decided, the strongest first.
    """

    polarity: float
    label: Label
    confidence: float
    words: tuple[Word, ...]


class IndonesianAnalyzer(BaseSentimentAnalyzer):  # type: ignore[misc]
    """Indonesian, and what Indonesians write among it: Javanese, Sundanese and English."""

    kind = CONTINUOUS
    RETURN_TYPE = Sentiment

    def __init__(self, extra: Path | None = None) -> None:
        """Take the lexicon analyser.

        Args:
            extra: a deployment's own folder of data files.
        """
        super().__init__()
        self._analyzer = lexicon_analyzer(extra)

    def analyze(self, text: str, keep_assessments: bool = False) -> Sentiment:
        """The sentiment of a text; the deciding words are kept whatever is asked."""
        reading = self._analyzer.read(text)
        return Sentiment(reading.polarity, reading.label, reading.confidence, reading.words)
