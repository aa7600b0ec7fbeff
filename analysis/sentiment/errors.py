"""How often the lexicon analyser misjudges, counted on public comments of known label.

The comments are Indonesian reviews (SmSA of IndoNLU, its validation part without what nearly repeats its test
part) and sentences of reviews in four languages (NusaX, validation part). Only the counts are kept here, no
text. ``python -m benchmarks sentiment --data DIR`` counts again and says whether these still hold.

The words were written and weighed with an eye on these sets too, so that other comments of the same kind are
probably misjudged a little more often; and comments about public services are another kind. Whoever can label
a few hundred of the own comments should (see the model card).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from analysis.comments.confusion import Confusion

Counts = tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]
"""Comments by true label (rows) and by the label given (columns): negative, neutral, positive."""


class Counted(NamedTuple):
    """How the comments of one set were judged.

    Attributes:
        language: ISO 639-1.
        counts: by true and by given label.
    """

    language: str
    counts: Counts


VERSION = "lexicon-1+b1063733"
"""Of the analyser that was counted."""
ABOUT = "1,655 comments of known label: reviews in Indonesian, and sentences of reviews in four languages"

SETS: Mapping[str, Counted] = {
    "smsa_valid_clean": Counted("id", ((347, 24, 23), (37, 68, 23), (72, 21, 640))),
    "nusax_ind_valid": Counted("id", ((34, 1, 3), (6, 14, 4), (1, 2, 35))),
    "nusax_jav_valid": Counted("jv", ((31, 3, 4), (7, 12, 5), (1, 3, 34))),
    "nusax_sun_valid": Counted("su", ((32, 1, 5), (8, 13, 3), (2, 3, 33))),
    "nusax_eng_valid": Counted("en", ((29, 3, 6), (3, 17, 4), (1, 3, 34))),
}
"""By the name of the set's file."""


@dataclass(frozen=True)
class Measured:
    """How often an analyser was found to misjudge.

    Attributes:
        confusion: of all comments together, four in five of them Indonesian.
        by_language: of those of each language, by its code (ISO 639-1).
        about: what comments these were.
        version: of the analyser.
    """

    confusion: Confusion
    by_language: Mapping[str, Confusion]
    about: str
    version: str


def measured() -> Measured:
    """How the lexicon analyser judged comments of known label."""
    languages = dict.fromkeys(one.language for one in SETS.values())
    return Measured(
        confusion=_pooled(SETS.values()),
        by_language={
            language: _pooled(one for one in SETS.values() if one.language == language)
            for language in languages
        },
        about=ABOUT,
        version=VERSION,
    )


def _pooled(sets: Iterable[Counted]) -> Confusion:
    tables = [one.counts for one in sets]
    rows = [
        tuple(sum(table[true][given] for table in tables) for given in range(len(tables[0])))
        for true in range(len(tables[0]))
    ]
    return Confusion(tuple((row[0], row[1], row[2]) for row in rows))
