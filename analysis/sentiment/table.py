"""Many comments as one sparse table to learn from: a row each, and a column for each term and number."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.sentiment.archive import MOST_TERMS
from analysis.sentiment.features import FARTHEST, counted, grams, pairs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy import sparse

    Floats = NDArray[np.float64]
    Table = sparse.csr_matrix[np.float64]

IN_COMMENTS = 3
"""Different comments a term must occur in to be learned: of a rarer one, a model would tell who wrote it."""


class Terms:
    """Terms that enough comments have, and how rare they are.

    Attributes:
        names: the terms, sorted.
        idf: of each, positive; as scikit-learn smooths it, a term of all comments still counts 1.
    """

    def __init__(self, comments: Sequence[Iterable[str]]) -> None:
        """Count the terms of different comments."""
        found: Counter[str] = Counter()
        for comment in comments:
            found.update(set(comment))
        kept = [term for term, n in found.most_common(MOST_TERMS) if n >= IN_COMMENTS]
        self.names = tuple(sorted(kept))
        self.places = {term: place for place, term in enumerate(self.names)}
        self.idf = [math.log((1 + len(comments)) / (1 + found[term])) + 1.0 for term in self.names]


@dataclass(frozen=True)
class Design:
    """The columns: words and pairs, then n-grams, then the lexicon's numbers.

    Attributes:
        words: words and pairs.
        grams: character n-grams.
        centre: mean of each of the lexicon's numbers.
        scale: standard deviation of each; 1 of one that never varies.
        lowest: of each, the lowest seen, in standard deviations from the mean, but not below -`FARTHEST`.
        highest: the highest, not above `FARTHEST`.
    """

    words: Terms
    grams: Terms
    centre: "Floats"
    scale: "Floats"
    lowest: "Floats"
    highest: "Floats"

    @classmethod
    def of(cls, comments: Sequence[Sequence[str]], numbers: "Floats") -> "Design":
        """The columns that these comments need.

        Args:
            comments: their words.
            numbers: of the lexicon, shape (comments, features).
        """
        import numpy as np

        # What somebody sent ten times is one comment.
        different = list(dict.fromkeys(map(tuple, comments)))
        spread = numbers.std(axis=0)
        # As exact as a model keeps them.
        centre = numbers.mean(axis=0).astype(np.float32).astype(float)
        scale = np.where(spread > 1e-6, spread, 1.0).astype(np.float32).astype(float)
        seen = np.clip((numbers - centre) / scale, -FARTHEST, FARTHEST).astype(np.float32).astype(float)
        return cls(
            words=Terms([[*comment, *pairs(comment)] for comment in different]),
            grams=Terms([_grams_of(comment) for comment in different]),
            centre=centre,
            scale=scale,
            lowest=seen.min(axis=0),
            highest=seen.max(axis=0),
        )

    def table(self, comments: Sequence[Sequence[str]], numbers: "Floats") -> "Table":
        """The comments in these columns, shape (comments, columns)."""
        import numpy as np
        from scipy import sparse

        # No weight is known to hold beyond what was seen: from comments that all judge something, it cannot
        # be learned what a comment without any judgement means.
        standardised = np.clip((numbers - self.centre) / self.scale, self.lowest, self.highest)
        blocks = [self._words(comments), self._grams(comments), sparse.csr_matrix(standardised)]
        return sparse.csr_matrix(sparse.hstack(blocks, format="csr"))

    def _words(self, comments: Sequence[Sequence[str]]) -> "Table":
        import numpy as np
        from scipy import sparse

        rows = [counted(comment) | counted(pairs(comment)) for comment in comments]
        values = _sparse(rows, self.words.places) @ sparse.diags(np.array(self.words.idf))
        return _shortened(values, np.asarray(values.multiply(values).sum(axis=1)).ravel())

    def _grams(self, comments: Sequence[Sequence[str]]) -> "Table":
        import numpy as np
        from scipy import sparse

        places = {word: place for place, word in enumerate(dict.fromkeys(w for c in comments for w in c))}
        spelt = _sparse([Counter(grams(word)) for word in places], self.grams.places)
        spelt = spelt @ sparse.diags(np.array(self.grams.idf))
        used = _sparse([counted(comment) for comment in comments], places)
        squares = np.asarray(spelt.multiply(spelt).sum(axis=1)).ravel()
        return _shortened(used @ spelt, used.multiply(used) @ squares)


def _grams_of(comment: Sequence[str]) -> set[str]:
    return {gram for word in set(comment) for gram in grams(word)}


def _sparse(rows: Sequence[Mapping[str, float]], places: Mapping[str, int]) -> "Table":
    import numpy as np
    from scipy import sparse

    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for row in rows:
        for term, value in row.items():
            place = places.get(term)
            if place is not None:
                columns.append(place)
                values.append(value)
        ends.append(len(columns))
    return sparse.csr_matrix(
        (np.array(values, float), np.array(columns, np.int32), np.array(ends)), shape=(len(rows), len(places))
    )


def _shortened(table: "Table", squares: "Floats") -> "Table":
    """Each row divided by its length, of which the square is given."""
    import numpy as np
    from scipy import sparse

    lengths = np.sqrt(squares)
    lengths[lengths == 0] = 1.0
    return sparse.csr_matrix(sparse.diags(1 / lengths) @ table)
