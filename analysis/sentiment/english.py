"""English comments, scored with the pattern lexicon of TextBlob."""

from importlib.metadata import version

from analysis.sentiment import Score

LONGEST = 5_000
"""Characters of a comment that are scored; the rest adds time, hardly information."""


class EnglishAnalyzer:
    """TextBlob's ``PatternAnalyzer``: a lexicon of adjectives with negation and intensifiers.

    It ships with its own lexicon and needs none of the NLTK corpora, which are not installed and would have
    to be fetched from the network.
    """

    language = "en"

    def __init__(self) -> None:
        from textblob import Blobber
        from textblob.en.sentiments import PatternAnalyzer

        self.version = f"textblob-pattern-{version('textblob')}"
        self._blob = Blobber(analyzer=PatternAnalyzer())
        self.score("good")  # loads the lexicon now, while only one thread is here

    def score(self, text: str) -> Score:
        """Score the first ``LONGEST`` characters; without a word of the lexicon the polarity is 0."""
        # `.sentiment` asks the analyser it was given; `.polarity` always asks the default one.
        polarity = float(self._blob(text[:LONGEST]).sentiment.polarity)
        return Score(max(-1.0, min(1.0, polarity)), self.version)
