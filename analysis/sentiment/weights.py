"""What the words of many comments add to a model's log-odds, summed in a few array operations."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING

from analysis.sentiment.archive import Model
from analysis.sentiment.features import MOST_KEPT, counted, grams, pairs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# Columns of the rows that are kept: of a word by its letters, and of a word or a pair by itself.
GRAM_SIGN, GRAM_NEUTRAL, GRAM_SQUARE, SIGN, NEUTRAL, SQUARE, SPEAKS = range(7)


class Weights:
    """The words and pairs of a model with what they add; other words are worked out when met, and kept."""

    def __init__(self, model: Model) -> None:
        """Make the weights of a model ready."""
        import numpy as np

        self._terms = {term: place for place, term in enumerate(model.words)}
        self._own = _rows(model.word_idf, model.word_weights)
        self._gram_places = {gram: place for place, gram in enumerate(model.grams)}
        self._grams = _rows(model.gram_idf, model.gram_weights)
        self._places: dict[str, int] = {}
        self._kept = np.zeros((0, 7))
        self._meeting = Lock()
        self._meet([[term for term in model.words if " " not in term]])

    def sums(self, comments: Sequence[Sequence[str]]) -> "tuple[Floats, NDArray[np.bool_]]":
        """What the words of each comment add to the log-odds, and whether any of them is known at all.

        Args:
            comments: their words, as `analysis.sentiment.features.forms` gives them.

        Returns:
            Log-odds of favourable and of neutral, shape (comments, 2), and shape (comments,).
        """
        import numpy as np

        with self._meeting:  # another thread must not find a word that has no weights yet
            self._meet(comments)
            found = [list(map(self._places.__getitem__, words)) for words in comments]
            rows, places, times = _counted(found)
            kept = self._kept[places]
        single = _summed(rows, 1.0 + np.log(times), kept, len(comments))
        known = [
            [place for place in map(self._terms.get, pairs(comment)) if place is not None]
            for comment in comments
        ]
        rows, places, times = _counted(known)
        couples = _summed(rows, 1.0 + np.log(times), self._own[places], len(comments))
        own, letters = single[:, SIGN : SQUARE + 1] + couples, single[:, : GRAM_SQUARE + 1]
        added = own[:, :2] / _length(own[:, 2:]) + letters[:, :2] / _length(letters[:, 2:])
        return added, np.asarray(single[:, SPEAKS] > 0)

    def each(self, words: Sequence[str]) -> dict[str, float]:
        """What each word of a comment adds to favourable: by its letters, itself, and half its pairs."""
        units, couples = counted(words), counted(pairs(words))
        with self._meeting:
            self._meet([words])
            rows = self._kept[[self._places[word] for word in units]].tolist() if units else []
        kept = dict(zip(units, rows, strict=True))
        found = {pair: self._terms[pair] for pair in couples if pair in self._terms}
        known = dict(zip(found, self._own[list(found.values())].tolist(), strict=True)) if found else {}
        squares = sum(units[word] ** 2 * row[SQUARE] for word, row in kept.items())
        squares += sum(couples[pair] ** 2 * row[2] for pair, row in known.items())
        length = math.sqrt(squares) or 1.0
        gram_length = math.sqrt(sum(units[word] ** 2 * row[GRAM_SQUARE] for word, row in kept.items())) or 1.0
        added = {
            word: units[word] * (row[GRAM_SIGN] / gram_length + row[SIGN] / length)
            for word, row in kept.items()
        }
        for pair, row in known.items():
            for word in pair.split(" "):
                added[word] += couples[pair] * row[0] / length / 2
        return added

    def _meet(self, comments: Iterable[Sequence[str]]) -> None:
        """Work out the words that were not met before."""
        import numpy as np

        if len(self._places) > MOST_KEPT:
            self._places = {}
        new = [word for word in dict.fromkeys(chain.from_iterable(comments)) if word not in self._places]
        first, end = len(self._places), len(self._places) + len(new)
        if end > len(self._kept):
            self._kept = np.concatenate([self._kept, np.zeros((2 * end - len(self._kept), 7))])
        self._places.update(zip(new, range(first, end), strict=True))
        known = [[p for p in map(self._gram_places.get, grams(word)) if p is not None] for word in new]
        rows, places, times = _counted(known)
        self._kept[first:end, :SIGN] = _summed(rows, times, self._grams[places], len(new))
        self._kept[first:end, SIGN:] = 0.0
        for place, word in enumerate(new, first):
            term = self._terms.get(word)
            if term is not None:
                self._kept[place, SIGN:SPEAKS] = self._own[term]
            if word[0].isalnum():
                self._kept[place, SPEAKS] = self._kept[place, GRAM_SQUARE] + self._kept[place, SQUARE]


def _rows(idf: "NDArray[np.float32]", weights: "NDArray[np.float32]") -> "Floats":
    """Of each term what it adds to both heads and to the squared length, shape (terms, 3)."""
    import numpy as np

    rarity = idf.astype(float)
    return np.column_stack([rarity * weights[0], rarity * weights[-1], rarity**2])


def _counted(comments: Sequence[Sequence[int]]) -> "tuple[Integers, Integers, Integers]":
    """The different items of each comment: in which comment, which item, and how often."""
    import numpy as np

    lengths = np.fromiter(map(len, comments), np.int64, len(comments))
    items = np.fromiter(chain.from_iterable(comments), np.int64, int(lengths.sum()))
    most = int(items.max(initial=0)) + 1
    rows = np.repeat(np.arange(len(comments)), lengths)
    different, times = np.unique(rows * most + items, return_counts=True)
    return different // most, different % most, times


def _summed(rows: "Integers", gains: "Floats | Integers", values: "Floats", n: int) -> "Floats":
    """Values times gains, but squares times squared gains, by comment; shape (n, columns of values)."""
    import numpy as np

    squares = {2} if values.shape[1] == 3 else {GRAM_SQUARE, SQUARE}
    return np.column_stack(
        [
            np.bincount(rows, values[:, column] * (gains**2 if column in squares else gains), n)
            for column in range(values.shape[1])
        ]
    )


def _length(squares: "Floats") -> "Floats":
    import numpy as np

    return np.where(squares > 0, np.sqrt(squares), 1.0)
