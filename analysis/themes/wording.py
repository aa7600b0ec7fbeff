"""Words of a comment, and the forms under which a rule may know them."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from analysis.themes.letters import folded
from analysis.themes.rules import NUMBER

LONGEST_WORD = 40
"""Letters of a word that are looked at; what is longer is noise."""

MOST_KEPT = 20_000
"""Written words whose meaning is kept."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_STRETCHED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"([^\d])\1+")

# Indonesian -nya, -lah ..., Javanese -e, -ne, -ipun, Sundanese -na: what may hang on any word.
_ENDINGS = ("nya", "ny", "lah", "kah", "pun", "ku", "mu", "ipun", "ne", "e", "na")
_SHORTEST = 3

# A prefix, and the letter of the stem that it swallows: mem-bayar, men-unggu (tunggu), meng-urus, di-urus.
_PREFIXES = (
    ("memper", ""), ("diper", ""), ("menge", ""), ("meng", ""), ("meng", "k"), ("meny", "s"), ("mem", ""),
    ("mem", "p"), ("men", ""), ("men", "t"), ("me", ""), ("di", ""), ("ber", ""), ("ter", ""), ("ke", ""),
    ("nge", ""), ("ng", ""), ("ng", "k"), ("ny", "s"), ("n", "t"),
    ("m", ""), ("dipun", ""), ("pe", ""), ("per", ""), ("peng", ""), ("pem", ""),
)  # fmt: skip
_SHORTEST_STEM = 4


def words(text: str) -> list[str]:
    """The words and numbers of a text as written; a hyphen separates two words."""
    return _WORD.findall(text)


def begins_at(text: str, nth: int) -> int:
    """The offset at which a word of a text begins, the words counted from 0."""
    return next(islice(_WORD.finditer(text), nth, None)).start()


def forms(word: str) -> list[str]:
    """The small-letter forms of a word, the word as written first: without stretching, the 2 of
    reduplication, and an ending."""
    word = folded(word[:LONGEST_WORD])
    if not word:
        return []
    found = [word]
    if word[-1] in "2²" and len(word) > 1:
        found.append(word[:-1])
    found += [_STRETCHED.sub(r"\1\1", form) for form in found]
    found += [_DOUBLED.sub(r"\1", form) for form in found]
    for form in list(dict.fromkeys(found)):
        found += [
            form[: -len(end)] for end in _ENDINGS if form.endswith(end) and len(form) - len(end) >= _SHORTEST
        ]
    return list(dict.fromkeys(found))


def stems(form: str) -> list[str]:
    """What a form may be behind a prefix, itself first."""
    found = [form]
    for prefix, first in _PREFIXES:
        if form.startswith(prefix):
            stem = first + form[len(prefix) :]
            if len(stem) >= _SHORTEST_STEM:
                found.append(stem)
    return found


class Known(NamedTuple):
    """What a written word can be in the patterns.

    Attributes:
        meant: the numbers of the pattern words, for each word it stands for (slang may stand for two).
        begins: whether a pattern of a theme can begin with it.
    """

    meant: tuple[tuple[int, ...], ...]
    begins: bool


class Vocabulary(dict[str, Known]):
    """What written words can be, each looked up at its first occurrence and kept.

    Args:
        listed: for each word in the notation of the rules (``antri``, ``antri*``, ``~bayar``) the numbers of
            the pattern words it stands for.
        heads: the numbers that begin a pattern of a theme.
        slang: what a spelling means, in small letters.
    """

    def __init__(self, listed: Mapping[str, set[int]], heads: set[int], slang: Mapping[str, str]) -> None:
        super().__init__()
        self._plain: dict[str, set[int]] = {}
        self._beginning: dict[str, set[int]] = {}
        self._stem: dict[str, set[int]] = {}
        self._stem_beginning: dict[str, set[int]] = {}
        for word, numbers in listed.items():
            table = self._table(word)
            table.setdefault(word.strip("~*"), set()).update(numbers)
        self._heads = heads
        self._slang = slang

    def __missing__(self, word: str) -> Known:
        meant = self._numbers(word)
        known = Known(meant, any(not self._heads.isdisjoint(numbers) for numbers in meant))
        if len(word) <= LONGEST_WORD:
            # A flood of words nobody ever wrote before must not fill the memory.
            if len(self) >= MOST_KEPT:
                self.clear()
            self[word] = known
        return known

    def _table(self, word: str) -> dict[str, set[int]]:
        if word.startswith("~"):
            return self._stem_beginning if word.endswith("*") else self._stem
        return self._beginning if word.endswith("*") else self._plain

    def _numbers(self, word: str) -> tuple[tuple[int, ...], ...]:
        """For each word that a written word stands for (slang may stand for two) its numbers, ascending."""
        known = forms(word)
        if not known:
            return ((),)
        meant = next((self._slang[form] for form in known if form in self._slang), None)
        if meant is None:
            return (self._of(known),)
        first, *others = meant.split()
        return (self._of([*known, *forms(first)]), *(self._of(forms(other)) for other in others))

    def _of(self, known: list[str]) -> tuple[int, ...]:
        found: set[int] = set()
        if known[0][0].isdigit():
            found |= self._plain.get(NUMBER, set())
        for form in known:
            found |= self._plain.get(form, set())
            found |= _by_beginning(self._beginning, form)
            for stem in stems(form):
                found |= self._stem.get(stem, set())
                found |= _by_beginning(self._stem_beginning, stem)
        return tuple(sorted(found))


def _by_beginning(table: Mapping[str, set[int]], form: str) -> set[int]:
    found: set[int] = set()
    if table:
        for length in range(_SHORTEST, len(form) + 1):
            found |= table.get(form[:length], set())
    return found
