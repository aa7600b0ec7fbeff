"""Personal data in comments: found and replaced by marks before a comment is stored or scored.

What is masked is what tells who somebody is or how to reach them: identity numbers, telephone numbers, e-mail
addresses, accounts, links, plates, names, house numbers and dates of birth (Undang-Undang 27/2022 on personal
data protection, articles 4 and 16). Prices, times, years, queue numbers and numbers of laws stay: they are
what a comment is about. Nothing here logs, and nothing but counts is kept of what was removed.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from analysis.masking.folding import MARKS, Folded, Span
from analysis.masking.lettered import find_lettered
from analysis.masking.names import NameFinder
from analysis.masking.online import find_online
from analysis.masking.places import find_places
from analysis.masking.runs import find_runs
from analysis.masking.spelled import find_spelled
from analysis.masking.vocabulary import read_vocabulary

__all__ = ["KINDS", "MARKS", "Masked", "Masker", "mask", "masker"]

KINDS = tuple(MARKS)
"""Every kind of finding, as `Masked.counts` names them."""

_MOST_ROUNDS = 6
Detector = Callable[[str, frozenset[str]], list[Span]]
"""Finds spans in a folded text, given its words in lower case: most comments need no closer look."""

_WORD = re.compile(r"[^\W\d_]+")


class Masked(NamedTuple):
    """A comment without personal data.

    Attributes:
        text: the comment, each finding replaced by its mark (``MARKS``); otherwise as it was, character for
            character.
        counts: how many findings of each kind were replaced; kinds of which there were none are left out.
    """

    text: str
    counts: Mapping[str, int]


class Masker:
    """Masks comments, with the words of the project and of a deployment."""

    def __init__(self, extra: Path | None = None) -> None:
        """Read the words.

        Args:
            extra: a directory of files named as those in ``analysis/masking/data``, whose rows are added.

        Raises:
            ValueError: a file has an error; it names the file, the line and what to do.
        """
        names = NameFinder(read_vocabulary(extra))
        # Addresses hold dots and digits, dates and house numbers hold digits: the longer things come first.
        self._detectors: tuple[Detector, ...] = (
            find_online,
            find_places,
            find_runs,
            find_spelled,
            find_lettered,
            names.find,
        )

    def mask(self, text: str) -> Masked:
        """Replace what is personal in a comment.

        Masking a masked text changes nothing and counts nothing. The time is proportional to the length.
        """
        folded = Folded.of(text)
        counts: Counter[str] = Counter()
        # A mark may leave its neighbours looking different, so all detectors look again until none finds
        # anything: the second look is then the same as that of a second masking.
        for _ in range(_MOST_ROUNDS):
            before = counts.total()
            words = frozenset(_WORD.findall(folded.text.lower()))
            for detector in self._detectors:
                spans = detector(folded.text, words)
                if spans:
                    counts.update(span.kind for span in spans)
                    folded = folded.replaced(spans)
            if counts.total() == before:
                break
        return Masked(folded.original() if counts else text, dict(counts))


@lru_cache(maxsize=4)
def masker(extra: Path | None = None) -> Masker:
    """The masker with a deployment's own words, read once and kept.

    Raises:
        ValueError: a file has an error; it names the file, the line and what to do.
    """
    return Masker(extra)


def mask(text: str) -> Masked:
    """Replace what is personal in a comment, with the words of the project alone (see `Masker.mask`)."""
    return masker().mask(text)
