"""Telephone numbers written in words: "nol delapan satu dua", which a filter for digits would not see."""

import re

from analysis.masking.folding import Span, words

_WORDS = words(
    "nol kosong satu dua tiga empat lima enam tujuh delapan lapan sembilan siji loro telu papat limo nem "
    "pitu wolu songo sanga hiji tilu opat genep dalapan salapan zero oh one two three four five six seven "
    "eight nine"
)
_LONGEST_FIRST = sorted(_WORDS, key=len, reverse=True)
_PIECE = re.compile(
    r"(?P<word>(?<![^\W\d_])(?:" + "|".join(_LONGEST_FIRST) + r")(?![^\W\d_]))|(?P<digits>\d{1,4}(?!\d))",
    re.I,
)
_BETWEEN = re.compile(r"[ \t.,\-]{0,3}")
_FEWEST_WORDS, _FEWEST_DIGITS, _FEWEST_WITH_DIGITS = 6, 8, 3


def find_spelled(text: str, said: frozenset[str]) -> list[Span]:
    """Six or more spelled digits in a row, or eight digits of which at least three are spelled."""
    if said.isdisjoint(_WORDS):
        return []
    spans: list[Span] = []
    row: list[re.Match[str]] = []
    for piece in _PIECE.finditer(text):
        if row and not _BETWEEN.fullmatch(text, row[-1].end(), piece.start()):
            spans += _numbers(row)
            row = []
        row.append(piece)
    return spans + _numbers(row)


def _numbers(row: list[re.Match[str]]) -> list[Span]:
    spelled = sum(piece["word"] is not None for piece in row)
    if spelled < _FEWEST_WITH_DIGITS:
        return []
    digits = spelled + sum(len(piece["digits"]) for piece in row if piece["digits"])
    if spelled >= _FEWEST_WORDS or digits >= _FEWEST_DIGITS:
        return [Span(row[0].start(), row[-1].end(), "phone")]
    return []
