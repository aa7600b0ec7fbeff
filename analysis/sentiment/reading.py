"""What an analyser says of a comment, and what every analyser can be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

Label = Literal["negative", "neutral", "positive"]
"""The three-way judgement of a comment or a clause."""


class Word(NamedTuple):
    """A word that decided.

    Attributes:
        text: as the citizen wrote it, with its negator ("tidak ramah").
        contribution: signed, in the units of the polarity's numerator: of the lexicon about -8 to 8.
    """

    text: str
    contribution: float


class Clause(NamedTuple):
    """One statement of a comment.

    Attributes:
        text: as written, without the mark or the conjunction that ends it.
        polarity: -1 to 1, of this clause alone.
        label: the judgement of it.
        words: what decided, the strongest first.
    """

    text: str
    polarity: float
    label: Label
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """All an analyser says of one comment.

    Attributes:
        language: ``id``, ``jv``, ``su`` or ``en`` (ISO 639-1); ``und`` without a word.
        polarity: -1 (entirely unfavourable) to 1 (entirely favourable).
        label: the three-way judgement.
        confidence: 0 to 1, about the probability that the label is right.
        words: what decided, the strongest first.
    """

    language: str
    polarity: float
    label: Label
    confidence: float
    words: tuple[Word, ...]


class Analyzer(Protocol):
    """Reads comments; what it says of one comment depends on nothing but the comment and its version."""

    @property
    def version(self) -> str:
        """Name and version, kept with every score: the scores of one version are a series."""
        ...

    def read(self, text: str) -> Reading:
        """All there is to say of one comment."""
        ...

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """`read` of each, in order."""
        ...

    def label_many(self, texts: Sequence[str]) -> list[Label]:
        """The labels alone, which may come sooner than whole readings."""
        ...
