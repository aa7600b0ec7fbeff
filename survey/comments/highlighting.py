"""The passages of a comment that speak of a theme, and the words by which they were found."""

from collections.abc import Sequence
from typing import NamedTuple

from analysis.themes import Found

_CLAUSE, _WORD = 1, 2


class Part(NamedTuple):
    """A piece of text; ``strong`` when these words were what was found."""

    text: str
    strong: bool


class Passage(NamedTuple):
    """A run of text; ``marked`` when it is a clause that speaks of a theme."""

    marked: bool
    parts: tuple[Part, ...]


def passages_of(text: str, found: Sequence[Found]) -> tuple[Passage, ...]:
    """A comment taken apart into clauses that speak of the themes found in it, and what lies between.

    Where the finder has looked at another form of the text (without tags or foreign letters) and a clause
    does not stand in it as it is, only the words that were found are marked.

    Args:
        text: a comment as it is kept.
        found: what the finder found in it, or some of that, in the order of the text.
    """
    marked = bytearray(len(text))
    begin, end = 0, 0
    themes: set[str] = set()
    for one in found:
        # A theme is found once in a clause: a second time means that the same clause was written again.
        if end == 0 or text[begin:end] != one.clause or one.theme in themes:
            place = text.find(one.clause, end)
            if place < 0:
                _mark_words(marked, text, one.words, end, len(text))
                continue
            begin, end, themes = place, place + len(one.clause), set()
            marked[begin:end] = bytes([_CLAUSE]) * (end - begin)
        themes.add(one.theme)
        _mark_words(marked, text, one.words, begin, end)
    return _runs(text, marked)


def _mark_words(marked: bytearray, text: str, words: Sequence[str], begin: int, end: int) -> None:
    for word in words:
        place = text.find(word, begin, end)
        if place >= 0:
            begin = place + len(word)
            marked[place:begin] = bytes([_WORD]) * len(word)


def _runs(text: str, marked: bytearray) -> tuple[Passage, ...]:
    passages: list[tuple[bool, list[Part]]] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and marked[end] == marked[start]:
            continue
        part = Part(text[start:end], marked[start] == _WORD)
        if passages and passages[-1][0] == bool(marked[start]):
            passages[-1][1].append(part)
        else:
            passages.append((bool(marked[start]), [part]))
        start = end
    return tuple(Passage(is_marked, tuple(parts)) for is_marked, parts in passages)
