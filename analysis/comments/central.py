"""Which comments of a theme say what the others say too.

They are chosen by how much they have in common with the other comments, never by a score: the most
unfavourable and the most favourable would show what the judge is best at, not what most citizens write.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.checks import check_count, check_seed
from analysis.sentiment.tokens import prepare, tokens

if TYPE_CHECKING:
    import numpy as np

    from analysis.columns import Floats

MOST_COMMENTS = 500
"""Of more, so many are drawn at random: the most central of 500 are as good, and the time stays short."""

FEWEST_WORDS = 4
"""Different words that a representative comment has, unless all comments have fewer: "bagus" resembles many
comments for being short and tells nobody anything. Our judgement."""

TOO_ALIKE = 0.5
"""Comments that share more of the different words of both are not shown side by side. Our judgement."""

_PLACES = 9  # digits to which both are compared; of equal ones the first text in order is taken


def representatives(
    texts: Sequence[str], count: int = 3, *, seed: "int | np.random.Generator" = 0
) -> list[int]:
    """The comments that have most in common with all the others, the most central first.

    Comments become vectors of words weighted by TF-IDF (Salton & Buckley 1988, Information Processing &
    Management 24:513-523; tf 0 or 1, since a word repeated in a comment says no more; idf
    ln((1 + n)/(1 + df)) + 1) and of length 1. The first comment is the most central: the one with the highest
    mean cosine similarity to all the others (degree centrality of LexRank, Erkan & Radev 2004, JAIR
    22:457-479, without a threshold). Each further one is the one that resembles the comments not chosen yet
    by most more than those chosen do, summed over these (greedy facility location; Lin & Bilmes 2011, Proc.
    ACL, 510-520): the second speaks for those for whom the first does not. Of equal ones the most central.

    Comments that share more than ``TOO_ALIKE`` of their words with one chosen are passed over; when none is
    left, fewer are returned. Comments of fewer than ``FEWEST_WORDS`` different words are not chosen, unless
    all have fewer; then the longest are.

    What is chosen depends on the set of texts and the seed, not on their order; of equal texts the first is
    returned.

    Args:
        texts: the comments of one theme, at best of one language.
        count: how many are wanted, at least 1.
        seed: draws the ``MOST_COMMENTS`` among more comments; not used otherwise.

    Returns:
        Places in ``texts``, at most ``count``; empty when no comment has a word.

    Raises:
        NotACount: the count is not a whole number from 1.
        Malformed: the seed is none.
    """
    check_count(count, "comments", 1)
    generator = check_seed(seed)
    # In the order of the texts, so that neither the draw nor a rounded sum depends on the order given.
    order = sorted(range(len(texts)), key=lambda place: (texts[place], place))
    if len(order) > MOST_COMMENTS:
        drawn = generator.choice(len(order), MOST_COMMENTS, replace=False)
        order = [order[place] for place in sorted(drawn.tolist())]
    words = [_words(texts[place]) for place in order]
    longest = max(map(len, words), default=0)
    if longest == 0:
        return []
    fit = [len(found) >= min(FEWEST_WORDS, longest) for found in words]
    return [order[place] for place in _chosen(_similarities(words), words, fit, count)]


def _words(text: str) -> frozenset[str]:
    """The different words of a comment; numbers and marks are none."""
    return frozenset(token for token in tokens(prepare(text).lower) if token[0].isalpha())


def _similarities(words: Sequence[frozenset[str]]) -> "Floats":
    """Cosine similarity of each comment to each other, and 0 to itself: nobody represents himself."""
    import numpy as np

    column = {word: place for place, word in enumerate(sorted(frozenset().union(*words)))}
    present = np.zeros((len(words), len(column)))
    for row, found in enumerate(words):
        present[row, [column[word] for word in found]] = 1.0
    weighted = present * (np.log((1 + len(words)) / (1 + present.sum(axis=0))) + 1)
    lengths = np.linalg.norm(weighted, axis=1, keepdims=True)
    vectors = weighted / np.where(lengths > 0, lengths, 1.0)
    similar: Floats = vectors @ vectors.T
    np.fill_diagonal(similar, 0.0)
    return similar


def _chosen(similar: "Floats", words: Sequence[frozenset[str]], fit: Sequence[bool], count: int) -> list[int]:
    import numpy as np

    centrality = np.round(similar.sum(axis=1), _PLACES)
    left = [place for place, fits in enumerate(fit) if fits]
    spoken_for = np.zeros(len(words))
    chosen: list[int] = []
    while left and len(chosen) < count:
        gains = np.round(np.maximum(similar[left] - spoken_for, 0.0).sum(axis=1), _PLACES)
        best = left[int(np.lexsort((-centrality[left], -gains))[0])]  # the last key counts first
        chosen.append(best)
        spoken_for = np.maximum(spoken_for, similar[best])
        spoken_for[best] = 1.0
        left = [place for place in left if not _alike(words[place], words[best])]
    return chosen


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) > TOO_ALIKE * len(one | other)
