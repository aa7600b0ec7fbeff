"""The analyser that knows words and no examples: works from the first comment on, and says what decided."""

import math
from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path

from analysis.sentiment import engine
from analysis.sentiment.english import EnglishVocabulary, pattern_valence
from analysis.sentiment.language import LANGUAGES, NONE, UNDETERMINED, Table, Votes, decide
from analysis.sentiment.language import table as function_words
from analysis.sentiment.lexicon import load
from analysis.sentiment.reading import Clause, Label, Reading, Word
from analysis.sentiment.tokens import Span, prepare, spans, tokens
from analysis.sentiment.words import COMMA, CONTRAST, LONGEST_WORD, MOST_KEPT, STOP, Record, Vocabulary

EVEN = 8.0
"""Contributions at which the polarity is 0.71: two strong words, or three of the ordinary."""
BAND = 1.2
NARROWER = 0.2
"""No judgement is what adds up to `BAND` at most, either way, less `NARROWER` times all that was said in both
directions. Who says little says it plainly or not at all; who praises and blames a lot has an opinion, and
of a hundred such comments readers called one neutral. Both by cross-validation on labelled reviews.
"""
SURE, SURER, ONE_WAY = -1.3, 2.2, -0.5
NOTHING_SAID, LITTLE_SAID = 0.87, 0.6
CLEAR = 4
"""Votes by which whole words must lead for one language, over all others together, to settle it."""
JOINS = frozenset(
    [
        *("dan", "serta", "karena", "krn", "sehingga", "walaupun", "walau", "meskipun", "meski", "sedangkan"),
        *("lan", "nanging", "jeung", "sareng", "tapi", "and", "because", "although", "while"),
    ]
)
"""Words between two statements of one sentence."""

FEATURES = (
    "sum",
    "praise",
    "complaint",
    "magnitude",
    "polarity",
    "hits",
    "negations",
    "wishes",
    "questions",
    "exclamations",
    "last",
    "tokens",
)
"""The names of what `LexiconAnalyzer.features` gives, in order."""


class LexiconAnalyzer:
    """Scores comments by the words of the data files."""

    def __init__(self, extra: Path | None = None) -> None:
        """Read the data files, and those of a deployment's own folder.

        Raises:
            DataError: a row of them cannot be read.
        """
        data = load(extra)
        self.version = f"lexicon-{engine.ENGINE}+{data.digest[:8]}"
        self._language = _Language(extra).of
        self._words = {language: Vocabulary(data, language) for language in LANGUAGES if language != "en"}
        self._words["en"] = EnglishVocabulary(data)
        self._words[UNDETERMINED] = self._words["id"]

    def complete(self) -> None:
        """Load now what the first English comment would load: TextBlob, 1.5 s."""
        pattern_valence("good")

    def label_many(self, texts: Sequence[str]) -> list[Label]:
        """The labels of comments, without the words that decided."""
        labels = []
        for text in texts:
            found = tokens(prepare(text).lower)
            labels.append(_label(engine.weigh(self._records(self._language(found), found)).values))
        return labels

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """`read` of each."""
        return [self.read(text) for text in texts]

    def read(self, text: str) -> Reading:
        """All there is to say of one comment; only its first 5,000 characters are read."""
        prepared = prepare(text)
        placed = spans(prepared.lower)
        found = [span.token for span in placed]
        language = self._language(found)
        weighed = engine.weigh(self._records(language, found))
        label = _label(weighed.values)
        return Reading(
            language,
            _polarity(sum(weighed.values)),
            label,
            _confidence(label, weighed.values),
            _words(prepared.shown, placed, weighed),
        )

    def clauses(self, text: str) -> tuple[Clause, ...]:
        """The statements of a comment with what each of them says, in order; empty ones are left out."""
        prepared = prepare(text)
        placed = spans(prepared.lower)
        found = [span.token for span in placed]
        records = self._records(self._language(found), found)
        clauses = []
        for first, end in _parts(found, records):
            weighed = engine.weigh(records[first:end])
            part = placed[first:end]
            written = prepared.shown[part[0].start : part[-1].end]
            words = _words(prepared.shown, part, weighed)
            clauses.append(Clause(written, _polarity(sum(weighed.values)), _label(weighed.values), words))
        return tuple(clauses)

    def features(self, text: str) -> tuple[float, ...]:
        """The numbers of a comment that a learned analyser may weigh anew, in the order of `FEATURES`."""
        found = tokens(prepare(text).lower)
        weighed = engine.weigh(self._records(self._language(found), found))
        values = [value for value in weighed.values if value]
        total = sum(values)
        praise = sum(value for value in values if value > 0)
        return (
            total,
            praise,
            praise - total,
            2 * praise - total,
            _polarity(total),
            float(len(values)),
            float(weighed.negations),
            float(weighed.wishes),
            float(weighed.asked),
            float(weighed.exclaimed),
            values[-1] if values else 0.0,
            math.log1p(len(found)),
        )

    def _records(self, language: str, found: list[str]) -> list[Record | None]:
        return list(map(self._words[language].__getitem__, found))


class _Language:
    """The language of a comment's tokens, as `analysis.sentiment.language` decides it, but sooner."""

    def __init__(self, extra: Path | None) -> None:
        table = function_words(extra)
        self._whole = {word: _packed(votes) for word, votes in table.words.items()}
        self._all = _Packed(table)

    def of(self, found: Sequence[str]) -> str:
        """One of the languages, or ``und`` without a word."""
        counts = _unpacked(sum(map(self._whole.get, found, repeat(0))))
        most = max(counts)
        if 2 * most > sum(counts) + CLEAR:
            return LANGUAGES[counts.index(most)]  # what parts of words say would not turn it
        if not any(token[0].isalpha() for token in found):
            return UNDETERMINED
        return decide(_unpacked(sum(map(self._all.__getitem__, found))))


class _Packed(dict[str, int]):
    """The votes of tokens, as `analysis.sentiment.language` gives them, packed and kept."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._endings = tuple(table.endings)
        self._beginnings = tuple(table.beginnings)
        self._insides = tuple(table.insides)

    def __missing__(self, token: str) -> int:
        if len(token) > LONGEST_WORD or not token[0].isalpha():
            return 0
        packed = 0
        # Most words tell nothing, which is soon seen.
        if (
            token in self._table.words
            or token.endswith(self._endings)
            or token.startswith(self._beginnings)
            or any(part in token for part in self._insides)
        ):
            packed = _packed(self._table.votes(token) or NONE)
        if len(self) >= MOST_KEPT:
            self.clear()
        self[token] = packed
        return packed


def _packed(votes: Votes) -> int:
    """All four counts in one integer, so that one sum adds them."""
    return votes[0] | votes[1] << 20 | votes[2] << 40 | votes[3] << 60


def _unpacked(total: int) -> Votes:
    return total & 0xFFFFF, total >> 20 & 0xFFFFF, total >> 40 & 0xFFFFF, total >> 60


def _parts(found: Sequence[str], records: Sequence[Record | None]) -> Iterator[tuple[int, int]]:
    """Where clauses begin and end: at marks, at words of contrast and at what joins statements."""
    first = 0
    for place, record in enumerate(records):
        if found[place] in JOINS or (record is not None and record.op in (STOP, COMMA, CONTRAST)):
            if place > first:
                yield first, place
            first = place + 1
    if len(records) > first:
        yield first, len(records)


def _polarity(total: float) -> float:
    """Between -1 and 1: x / √(x² + 64), the form that VADER has (Hutto & Gilbert 2014)."""
    return total / math.sqrt(total * total + EVEN * EVEN)


def _label(values: Sequence[float]) -> Label:
    total = sum(values)
    if -BAND <= total <= BAND and abs(total) <= max(0.0, BAND - NARROWER * sum(map(abs, values))):
        return "neutral"
    return "positive" if total > 0 else "negative"


def _confidence(label: Label, values: Sequence[float]) -> float:
    """About the probability that the label is right.

    Logistic in how much was said and how much of it one way, fitted to the labels of 12,500 reviews with the
    classes weighted as 42 % positive, 18 % neutral and 41 % negative; where nothing or little was said, the
    share of the right among those called neutral.
    """
    said = sum(map(abs, values))
    if label == "neutral":
        return LITTLE_SAID if said else NOTHING_SAID
    total = abs(sum(values))
    return 1 / (1 + math.exp(-(SURE + SURER * math.log1p(total) + ONE_WAY * total / said)))


def _words(shown: str, placed: Sequence[Span], weighed: engine.Weighed) -> tuple[Word, ...]:
    found = [
        Word(shown[placed[first].start : placed[last].end], round(value, 3))
        for value, first, last in zip(weighed.values, weighed.firsts, weighed.lasts, strict=True)
        if value
    ]
    return tuple(sorted(found, key=lambda word: -abs(word.contribution)))
