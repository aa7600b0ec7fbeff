"""An analyser that learned from the deployment's own comments; it needs no scikit-learn to read with."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from analysis.sentiment import archive
from analysis.sentiment.analyzer import FEATURES, LexiconAnalyzer
from analysis.sentiment.archive import Model
from analysis.sentiment.features import expand, form, forms
from analysis.sentiment.reading import Label, Reading, Word
from analysis.sentiment.tokens import prepare, spans, tokens
from analysis.sentiment.weights import Weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BAND = 0.4
"""Nearer to 0 than this is neutral to a model that saw no neutral comment, if the lexicon says so as well."""
UNLEARNED = 0.6
"""Confidence in a neutral label that was not learned: six to nine of ten were right in reviews."""
FEWEST = 0.1
"""A word that moves the log-odds by less is not shown among those that decided."""
MOST_SHOWN = 12
"""Words that a reading names."""
_AT_ONCE = 200
_MOST_ODDS = 30.0
_HITS = FEATURES.index("hits")
_LABELS: tuple[Label, Label, Label] = ("negative", "neutral", "positive")


class _Chances(NamedTuple):
    """How likely a comment is to be what; the three add up to 1.

    Attributes:
        lexical: log-odds of favourable that the lexicon's numbers add, against a comment without a word.
    """

    negative: float
    neutral: float
    positive: float
    lexical: float

    @property
    def polarity(self) -> float:
        return max(-1.0, min(1.0, self.positive - self.negative))


class Stale(ValueError):
    """The model learned with another lexicon than the one at hand; it must be trained again."""


class LearnedAnalyzer:
    """Reads comments with what was learned, and with the lexicon.

    Attributes:
        version: ``learned-`` and eight hexadecimal digits, of the model and of the lexicon's version.
        model: what was learned.
    """

    def __init__(self, model: Model, lexicon: LexiconAnalyzer) -> None:
        """Make a model ready to read.

        Raises:
            Stale: the model was trained with another lexicon, or another version of it.
        """
        if model.lexicon != lexicon.version or model.centre.size != 2 * len(FEATURES):
            raise Stale(f"learned with {model.lexicon}, and now there is {lexicon.version}: train again")
        self.model = model
        self.version = model.version
        self._lexicon = lexicon
        self._weights = Weights(model)
        self._scale = model.scale.astype(float)
        self._centre = model.centre.astype(float)
        self._range = model.lowest.astype(float), model.highest.astype(float)
        self._lexicon_weights = model.lexicon_weights.astype(float)[[0, -1]]
        self._nothing = self._standardised([lexicon.features("")])[0]
        # Of a comment without a word; what the numbers of others add is counted from there.
        self._intercepts = model.intercepts.astype(float)[[0, -1]] + self._lexicon_weights @ self._nothing
        self._judges_neutral = len(model.intercepts) == 2

    @classmethod
    def from_bytes(cls, data: bytes, lexicon: LexiconAnalyzer) -> "LearnedAnalyzer":
        """An analyser from an archive.

        Raises:
            BrokenArchive: the bytes hold no model.
            Stale: the model was trained with another lexicon, or another version of it.
        """
        return cls(archive.from_bytes(data), lexicon)

    def to_bytes(self) -> bytes:
        """The archive of what was learned."""
        return archive.to_bytes(self.model)

    def polarity_many(self, texts: Sequence[str]) -> list[float]:
        """The polarity of each comment, -1 to 1, in order."""
        return [chances.polarity for chances in self._chances(texts)]

    def label_many(self, texts: Sequence[str]) -> list[Label]:
        """The labels of comments, without the words that decided."""
        return [
            self._judge(text, chances)[0] for text, chances in zip(texts, self._chances(texts), strict=True)
        ]

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """`read` of each, in order."""
        return [
            self._reading(text, chances) for text, chances in zip(texts, self._chances(texts), strict=True)
        ]

    def read(self, text: str) -> Reading:
        """All there is to say of one comment.

        The words are those that moved it towards favourable or unfavourable, in log-odds. A word of the
        lexicon has its part of what the lexicon's numbers add together: a model does not weigh them by word.
        """
        return self.read_many([text])[0]

    def _reading(self, text: str, chances: _Chances) -> Reading:
        label, confidence = self._judge(text, chances)
        known = self._lexicon.read(text)
        words = self._words(text, known.words, abs(chances.lexical))
        return Reading(known.language, chances.polarity, label, confidence, words)

    def _chances(self, texts: Sequence[str]) -> Iterator[_Chances]:
        for start in range(0, len(texts), _AT_ONCE):
            yield from self._some(texts[start : start + _AT_ONCE])

    def _some(self, texts: Sequence[str]) -> Iterator[_Chances]:
        import numpy as np

        added, known = self._weights.sums([forms(text) for text in texts])
        values = [self._lexicon.features(text) for text in texts]
        lexical = (self._standardised(values) - self._nothing) @ self._lexicon_weights.T
        margins = added + lexical + self._intercepts
        sign, neutral = (1 / (1 + np.exp(-np.clip(margins, -_MOST_ODDS, _MOST_ODDS)))).T
        if not self._judges_neutral:
            neutral = np.zeros_like(neutral)
        # Without a word that is known there is nothing to judge, and an intercept is no judgement.
        mute = ~known & (np.array(values)[:, _HITS] == 0)
        neutral, sign = np.where(mute, 0.5, neutral), np.where(mute, 0.5, sign)
        positive = (1 - neutral) * sign
        columns = (1 - neutral - positive, neutral, positive, lexical[:, 0])
        return map(_Chances, *(column.tolist() for column in columns))

    def _standardised(self, values: Sequence[Sequence[float]]) -> "Floats":
        import numpy as np

        scaled: Floats = np.clip((expand(values) - self._centre) / self._scale, *self._range)
        return scaled

    def _judge(self, text: str, chances: _Chances) -> tuple[Label, float]:
        """The label and how sure it is."""
        best = max((0, 2, 1), key=chances.__getitem__)
        if self._judges_neutral or abs(chances.polarity) >= BAND:
            return _LABELS[best], chances[best]
        # Ratings teach nothing of neutral comments; the lexicon knows whether there is a judgement.
        if chances.polarity == 0 or self._lexicon.label_many([text]) == ["neutral"]:
            return "neutral", UNLEARNED
        return _LABELS[best], chances[best]

    def _words(self, text: str, known: Sequence[Word], lexical: float) -> tuple[Word, ...]:
        """What decided, the strongest first; `lexical` is divided among the words the lexicon knows."""
        prepared = prepare(text)
        placed = spans(prepared.lower)
        words = [form(span.token) for span in placed]
        each = self._weights.each(words)
        shares: dict[str, float] = {}
        taken: set[str] = set()
        total = sum(abs(word.contribution) for word in known) or 1.0
        for shown, contribution in known:
            share = contribution * lexical / total
            parts = set(map(form, tokens(prepare(shown).lower))) - taken
            taken |= parts
            shares[shown] = shares.get(shown, 0.0) + share + sum(each.get(part, 0.0) for part in parts)
        for span, word in zip(placed, words, strict=True):
            if word not in taken and word[0].isalnum():
                taken.add(word)
                shares[prepared.shown[span.start : span.end]] = each[word]
        strongest = sorted(shares.items(), key=lambda item: (-abs(item[1]), item[0]))
        return tuple(
            Word(shown, round(share, 3)) for shown, share in strongest[:MOST_SHOWN] if abs(share) >= FEWEST
        )
