"""The language of a comment, by votes of its small words.

Every word that is typical of a language votes for it, by the tables ``data/function_words.<language>.tsv``;
the language with most votes is the comment's. General language detectors, trained on well-kept text, send
4-9 % of Indonesian comments written as messages ("gk bs login trus") to another language; tables of the words
that citizens use do not, cost no memory and can be edited.

A row of a table may also speak of a part of a word: ``-keun`` of an ending, ``nga-`` of a beginning, ``-eu-``
of letters anywhere in it. Parts are asked only about a word that has no row in any language.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

LANGUAGES = ("id", "jv", "su", "en")
"""The languages told apart (ISO 639-1), in the order of `Votes`."""

UNDETERMINED = "und"
"""What a comment without any word is written in (ISO 639-2)."""

DEFAULT = "id"
"""The language of words that tell nothing, and of a tie: most comments are Indonesian."""

Votes = tuple[int, int, int, int]
"""Votes for each of `LANGUAGES`."""

HEAD_START = 1
"""Votes that the expected language has before any word is read: one weak sign does not outvote it."""

NONE: Votes = (0, 0, 0, 0)
SHORTEST_REST = 2
"""Letters of a word that an ending or a beginning must leave over to be counted."""
LONGEST_WORD = 30
"""Letters of a word whose parts are looked at; what is longer is no word."""
MOST = 9
"""The highest weight of a row."""
# Javanese and Sundanese are written with these accents by the careful and without them by most.
_PLAIN = str.maketrans("éèêë", "eeee")


class Table(NamedTuple):
    """The votes of all languages, by word and by part of a word."""

    words: dict[str, Votes]
    endings: dict[str, Votes]
    beginnings: dict[str, Votes]
    insides: dict[str, Votes]

    def votes(self, word: str) -> Votes | None:
        """The votes of one lower-cased word; None when it tells nothing."""
        if (known := self.words.get(word)) is not None:
            return known if any(known) else None
        if len(word) > LONGEST_WORD:
            return None
        if not word.isascii() and (plain := word.translate(_PLAIN)) in self.words:
            return self.votes(plain)
        lengths = range(len(word) - SHORTEST_REST, 0, -1)  # the longest ending speaks, not those within it
        ending = next((v for n in lengths if (v := self.endings.get(word[-n:]))), NONE)
        beginning = next((v for n in lengths if (v := self.beginnings.get(word[:n]))), NONE)
        total = add(ending, beginning)
        for part, votes in self.insides.items():
            if part in word:
                total = add(total, votes)
        return total if any(total) else None


def add(one: Votes, other: Votes) -> Votes:
    """The votes of both together."""
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def votes(word: str, extra: Path | None = None) -> Votes | None:
    """How one word votes.

    Args:
        word: lower-cased, as the tokeniser gives it.
        extra: a deployment's own folder, as in `table`.

    Returns:
        Votes (0 or more) in the order of `LANGUAGES`; None when the word tells nothing.
    """
    return table(extra).votes(word)


def decide(votes_sum: Votes, hint: str | None = None) -> str:
    """The language with most votes.

    Args:
        votes_sum: the added votes of a comment with at least one word.
        hint: the language the form was shown in, when that is known; it decides a tie in which it takes part,
            and what to make of words that tell nothing ("mantul").

    Returns:
        One of `LANGUAGES`: `DEFAULT` when neither the votes nor the hint decide.
    """
    expected = LANGUAGES.index(hint if hint in LANGUAGES else DEFAULT)
    counts = list(votes_sum)
    counts[expected] += HEAD_START
    # Of equals the expected language leads, then the order of LANGUAGES.
    return LANGUAGES[max(range(len(counts)), key=lambda place: (counts[place], place == expected, -place))]


def language_of(words: Sequence[str], hint: str | None = None, extra: Path | None = None) -> str:
    """The language of a comment.

    Args:
        words: its words, lower-cased; neither emoji, nor numbers, nor punctuation.
        hint: the language of the form, as in `decide`.
        extra: a deployment's own folder, as in `table`.

    Returns:
        One of `LANGUAGES`; ``"und"`` when there is no word.
    """
    if not words:
        return UNDETERMINED
    known = table(extra)
    total = NONE
    for word in words:
        if counted := known.votes(word):
            total = add(total, counted)
    return decide(total, hint)


@cache
def table(extra: Path | None = None) -> Table:
    """The votes of all languages, read once.

    Args:
        extra: a folder with files of the same names: their rows are added to ours and override them, and a
            weight of 0 takes a word out of its language.

    Raises:
        ValueError: a row cannot be read; says the file, the line and what to do.
    """
    ours = Path(__file__).parent / "data"
    found: tuple[dict[str, list[int]], ...] = ({}, {}, {}, {})
    for place, language in enumerate(LANGUAGES):
        for folder in (ours, extra):
            file = folder / f"function_words.{language}.tsv" if folder else None
            if file is None or (folder is extra and not file.exists()):
                continue
            for word, weight in _rows(file):
                kind, letters = _part(word)
                found[kind].setdefault(letters, [0, 0, 0, 0])[place] = weight
    words, *parts = ({word: _votes(counts) for word, counts in rows.items()} for rows in found)
    # A word without votes keeps its row, so that its parts are not asked either.
    return Table(words, *({part: votes for part, votes in rows.items() if any(votes)} for rows in parts))


def _votes(counts: list[int]) -> Votes:
    return counts[0], counts[1], counts[2], counts[3]


def _part(word: str) -> tuple[int, str]:
    """Which dictionary of a `Table` a row belongs to, and the letters it speaks of."""
    kind = 1 * word.startswith("-") + 2 * word.endswith("-")
    return kind, word.strip("-")


def _rows(file: Path) -> list[tuple[str, int]]:
    """The words of a file with their weights."""
    rows = []
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.split("\t")]
        if number == 1 and cells[:2] != ["word", "weight"]:
            raise ValueError(f"{file}, line 1: begin with the headings word, weight, note, with tabs between")
        if number == 1 or not line.strip() or line.startswith("#"):
            continue
        word, weight = cells[0].lower(), cells[1] if len(cells) > 1 else ""
        if not word.strip("-") or " " in word:
            raise ValueError(f"{file}, line {number}: give one word before the first tab")
        if not (weight.isascii() and weight.isdigit() and int(weight) <= MOST):
            raise ValueError(f"{file}, line {number}: give a weight from 0 to {MOST} after the first tab")
        rows.append((word, int(weight)))
    return rows
