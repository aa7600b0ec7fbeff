"""A comment as the detectors read it: plain digits and letters, nothing invisible, each with its origin."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

MARKS = {
    "nik": "[nik]",
    "identity": "[identitas]",
    "phone": "[telepon]",
    "email": "[surel]",
    "handle": "[akun]",
    "link": "[tautan]",
    "code": "[kode]",
    "account": "[rekening]",
    "plate": "[plat]",
    "name": "[nama]",
    "address": "[alamat]",
    "birth": "[lahir]",
}
"""What stands in the place of a finding of each kind."""

GAP = "\ufffc"
"""The one character that detectors see in the place of a mark: no digit, no letter, no space."""

_MARK = re.compile("|".join(map(re.escape, MARKS.values())))
_KEPT_CONTROLS = "\n\t\r"
_PLAIN = re.compile(r"[\x20-\x7e\n\t\r]*", re.ASCII)


class Span(NamedTuple):
    """A finding: ``text[start:end]`` is of a kind of ``MARKS``."""

    start: int
    end: int
    kind: str


def words(written: str) -> frozenset[str]:
    """A set of words that are written in one row."""
    return frozenset(written.split())


def apart(spans: list[Span]) -> list[Span]:
    """Spans in the order of the text; of those that overlap, the one that came first."""
    if len(spans) < 2:
        return spans
    kept: list[tuple[int, Span]] = []
    for rank, span in sorted(enumerate(spans), key=lambda one: (one[1].start, one[0])):
        if not kept or span.start >= kept[-1][1].end:
            kept.append((rank, span))
        elif rank < kept[-1][0]:
            kept[-1] = (rank, span)
    return [span for _, span in kept]


class Folded(NamedTuple):
    """A text to look through, and the way back to the original.

    Attributes:
        text: what the detectors read.
        source: the comment as it was written.
        starts: where each character of ``text`` begins in ``source``.
        ends: where it ends there.
        marks: the marks that stand for some characters of ``text``, by where they begin in ``source``.
    """

    text: str
    source: str
    starts: list[int]
    ends: list[int]
    marks: dict[int, str]

    @classmethod
    def of(cls, source: str) -> "Folded":
        """Fold a comment: marks that stand in it already become one character each, as after a masking."""
        if _PLAIN.fullmatch(source):
            size = len(source)
            folded = cls(source, source, list(range(size)), list(range(1, size + 1)), {})
        else:
            folded = _plainly(source)
        if "[" not in source:
            return folded
        return folded.replaced(Span(*found.span(), "") for found in _MARK.finditer(folded.text))

    def replaced(self, spans: Iterable[Span]) -> "Folded":
        """With each finding seen as one ``GAP``; spans must be in order and apart."""
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        marks, done = dict(self.marks), 0
        for start, end, kind in spans:
            parts += self.text[done:start], GAP
            starts += self.starts[done:start]
            ends += self.ends[done:start]
            starts.append(self.starts[start])
            ends.append(self.ends[end - 1])
            # A mark of an earlier masking stays as it stands: it has no kind here.
            if kind:
                marks[self.starts[start]] = MARKS[kind]
            done = end
        parts.append(self.text[done:])
        starts += self.starts[done:]
        ends += self.ends[done:]
        return Folded("".join(parts), self.source, starts, ends, marks)

    def original(self) -> str:
        """The comment as it was written, with the marks in it."""
        parts: list[str] = []
        done = 0
        for start in sorted(self.marks):
            if start < done:
                continue
            parts += self.source[done:start], self.marks[start]
            done = self.ends[bisect_left(self.starts, start)]
        parts.append(self.source[done:])
        return "".join(parts)


def _plainly(source: str) -> Folded:
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for position, character in enumerate(source):
        plain = _folded(character)
        if plain:
            text.append(plain)
            starts.append(position)
            ends.append(position + 1)
    return Folded("".join(text), source, starts, ends, {})


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """One character as the detectors want it: at most one, since places must stay comparable."""
    if character in _KEPT_CONTROLS:
        return character
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Mn", "Me"):
        return ""
    if category == "Zs":
        return " "
    if category == "Pd":
        return "-"
    if character in "’‘ʼ`":
        return "'"
    composed = unicodedata.normalize("NFKC", character)
    return composed if len(composed) == 1 else character
