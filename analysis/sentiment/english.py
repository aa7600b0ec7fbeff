"""English words, valued by our own rows and, where there is none, by TextBlob's ``PatternAnalyzer``.

The lexicon of ``PatternAnalyzer`` knows some 2,900 adjectives and adverbs, but hardly a noun or a verb
("queue", "bribe"), and the analyser reads a sentence crudely: it hears no negation in "wasn't good", and
"more" and "many" count as praise. So the two are combined word by word. What a word is worth says
``lexicon.en.tsv``, which also names words that judge nothing (0, kind ``plain``); of any other word
``PatternAnalyzer`` is asked about that word alone. What the sentence makes of it (negation, degree, wishes,
"but") is the business of the engine, as in every language, so that English comments are explained by their
words and cut into clauses like all others.

On 600 English reviews that this was tuned with, whole sentences given to ``PatternAnalyzer`` got 66 % of the
labels right, the combination 82 %.
"""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from analysis.sentiment.lexicon import STRONGEST, Data
from analysis.sentiment.words import LONGEST_WORD, VALUE, Record, Vocabulary

if TYPE_CHECKING:
    from textblob import TextBlob

TRUST = 0.75
"""What a polarity of ``PatternAnalyzer`` is worth beside a valence of ours, made for public service."""
LEAST = 0.2
"""Valences below this say nothing."""
CURLY = "\u2019"
"""The apostrophe that telephones write."""

_loading = Lock()
_blob: "Callable[[str], TextBlob] | None" = None


def _blobber() -> "Callable[[str], TextBlob]":
    """TextBlob with ``PatternAnalyzer``, loaded (1.5 s, 126 MB) at the first call by one thread.

    It ships with its own lexicon and needs none of the NLTK corpora, which are not installed and would have
    to be fetched from the network.
    """
    global _blob
    with _loading:
        if _blob is None:
            from textblob import Blobber
            from textblob.en.sentiments import PatternAnalyzer

            blob: Callable[[str], TextBlob] = Blobber(analyzer=PatternAnalyzer())
            # The lexicon fills itself at first use; a second thread must not ask when half of it is there.
            _polarity(blob, "good")
            _blob = blob
    return _blob


def _polarity(blob: "Callable[[str], TextBlob]", word: str) -> float:
    # `.sentiment` asks the analyser it was given; `.polarity` always asks the default one.
    return float(blob(word).sentiment.polarity)


def pattern_valence(word: str) -> float:
    """What ``PatternAnalyzer`` says of one word.

    Args:
        word: lower-cased.

    Returns:
        Its valence, -3 to 3; 0 when it is not known or says next to nothing.
    """
    valence = _polarity(_blob or _blobber(), word) * STRONGEST * TRUST
    return valence if abs(valence) >= LEAST else 0.0


class EnglishVocabulary(Vocabulary):
    """The records of tokens in English comments.

    Looking at the first word that our own rows do not know loads TextBlob; building the vocabulary loads
    nothing.
    """

    def __init__(self, data: Data) -> None:
        super().__init__(data, "en")
        self._judged = data.valences["en"].keys() | data.modifiers["en"].keys()

    def __missing__(self, token: str) -> Record | None:
        if CURLY in token:  # don't, as a telephone writes it
            record = self[token.replace(CURLY, "'")]
        else:
            record = super().__missing__(token)
            if token[0].isalpha() and len(token) < LONGEST_WORD and token not in self._judged:
                record = _completed(record, token)
        if len(token) <= LONGEST_WORD:
            self[token] = record
        return record


def _completed(record: Record | None, token: str) -> Record | None:
    """A record with the value that ``PatternAnalyzer`` gives the token, if our rows give it none."""
    if record is not None and (record.value or record.op != VALUE):
        return record
    value = pattern_valence(token)
    if not value:
        return record
    return record._replace(value=value) if record else Record(VALUE, value, 1.0, None, token)
