"""What a learned analyser sees of a comment: words, pairs of words, their letters, and the lexicon's numbers.

A word stands for the sum of its character n-grams (2 to 5 letters, a blank on either side), so that "plynan"
has something in common with "pelayanan". A comment is the sum of its words, each counted 1 + log(times),
divided by the root of the sum of their squared lengths. That is TF-IDF (Salton and Buckley 1988, Information
Processing & Management 24:513-523), but that two words of one comment with a common n-gram are taken to have
none: what a comment scores is then an exact sum over its words, known word by word, and quick to add up.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from analysis.sentiment.analyzer import FEATURES
from analysis.sentiment.tokens import prepare, tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SHORTEST_GRAM = 2
LONGEST_GRAM = 5
LONGEST_WORD = 40
"""Letters of a word that are looked at."""
MOST_KEPT = 50_000
"""Words that one cache keeps, so that a flood of invented ones cannot fill the memory."""
FARTHEST = 6.0
"""Standard deviations that a number of the lexicon counts at most."""

_DRAWN_OUT = re.compile(r"(.)\1{2,}", re.DOTALL)
_DIGITS = re.compile(r"\d+")


@lru_cache(MOST_KEPT)
def form(token: str) -> str:
    """A token as it is counted: drawn-out letters shortened, a number without its figures, one mark for many.

    Never empty, and without any blank.
    """
    if token[0].isalnum():
        return _DIGITS.sub("0", _DRAWN_OUT.sub(r"\1\1", token[:LONGEST_WORD]))
    return "." if token[0].isspace() else token[:2].rstrip()


def forms(text: str) -> list[str]:
    """The words and marks of a comment, in order, as they are counted."""
    return list(map(form, tokens(prepare(text).lower)))


def pairs(words: Sequence[str]) -> list[str]:
    """Neighbours, with a blank between them: "tidak ramah"."""
    return [f"{first} {second}" for first, second in pairwise(words)]


def grams(word: str) -> list[str]:
    """The character n-grams of a word between blanks, as often as they occur."""
    padded = f" {word} "
    return [
        padded[start : start + length]
        for length in range(SHORTEST_GRAM, min(LONGEST_GRAM, len(padded)) + 1)
        for start in range(len(padded) - length + 1)
    ]


def gain(times: int) -> float:
    """What a word counts that occurs that often in one comment (at least once)."""
    return 1.0 + math.log(times)


def counted(items: Iterable[str]) -> dict[str, float]:
    """Each item with its gain."""
    return {item: gain(times) if times > 1 else 1.0 for item, times in Counter(items).items()}


def expand(values: Sequence[Sequence[float]]) -> "Floats":
    """The lexicon's numbers, and again on a scale on which the tenth good word adds less than the first.

    Args:
        values: `LexiconAnalyzer.features` of each comment.

    Returns:
        Shape (comments, 2 x features).
    """
    import numpy as np

    numbers = np.array(values, float).reshape(-1, len(FEATURES))
    return np.hstack([numbers, np.copysign(np.log1p(np.abs(numbers)), numbers)])


def key(text: str) -> str:
    """What comments that differ in capitals, marks and blanks alone have in common; empty without a word."""
    return " ".join(token for token in tokens(prepare(text).lower) if token[0].isalnum())
