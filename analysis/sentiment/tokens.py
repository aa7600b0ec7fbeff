"""A comment cut into words, emoticons, emoji and marks, in time linear in its length."""

import re
import unicodedata
from typing import NamedTuple

LONGEST = 5_000
"""Characters of a comment that are read; the rest adds time, hardly information."""

_TOKEN = re.compile(
    r"[^\W\d_][^\W_]*(?:[-'’][^\W_]+)*"  # words, also joined; a joint is no letter, so nothing is tried twice
    r"|\d[\d.,:]*(?<=\d)[^\W\d_]*"  # 30, 21.30, 3jam
    r"|[:;=][-']?[()dp3](?![^\W\d_])|\^_*\^|<3|:'\(|-_+-"  # emoticons
    r"|[.,;!?()\n\"]+"  # marks
    r"|[\U0001F300-\U0001FAFF\u2600-\u27BF\u2B50\u2B55\u203C\u2049]"  # emoji
)
# The same for the many comments in plain ASCII, a quarter faster.
_PLAIN = re.compile(
    r"[a-z][a-z0-9]*(?:[-'][a-z0-9]+)*"
    r"|[0-9][0-9.,:]*(?<=[0-9])[a-z]*"
    r"|[:;=][-']?[()dp3](?![a-z])|\^_*\^|<3|:'\(|-_+-"
    r"|[.,;!?()\n\"]+"
)
# Accents that no comment needs (é and è are letters of Javanese and Sundanese), selectors and joiners of
# emoji, colours of their skin, and marks of the direction of writing.
_LOOSE = re.compile(
    r"(?<![eE])[\u0300\u0301]"
    r"|[\u0302-\u036F\u0483-\u0489\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20FF\uFE00-\uFE0F\uFE20-\uFE2F]"
    r"|[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\U0001F3FB-\U0001F3FF]"
)
# What is no word of the citizen: control characters, tags and links.
_FOREIGN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|<[a-z/!][^<>]{0,200}>|https?://\S{1,500}", re.IGNORECASE)
_SUSPECT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f<:]")


class Prepared(NamedTuple):
    """A comment made ready, twice: the places of both are the same.

    Attributes:
        shown: as written, but for what no reader sees.
        lower: the same in lower case.
    """

    shown: str
    lower: str


class Span(NamedTuple):
    """A token and where it stands: ``lower[start:end]`` of a `Prepared`."""

    token: str
    start: int
    end: int


def prepare(text: str) -> Prepared:
    """The first `LONGEST` characters of a comment, each letter in its one ordinary form."""
    text = text[:LONGEST]
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", _LOOSE.sub("", apart))[:LONGEST]
    if _SUSPECT.search(text):
        text = _FOREIGN.sub(" ", text)
    # The one capital that is longer in lower case, "İ", has lost its dot by now: the places are the same.
    return Prepared(text, text.lower())


def tokens(lower: str) -> list[str]:
    """The tokens of a prepared comment, in order."""
    return (_PLAIN if lower.isascii() else _TOKEN).findall(lower)


def spans(lower: str) -> list[Span]:
    """The tokens of a prepared comment with their places."""
    pattern = _PLAIN if lower.isascii() else _TOKEN
    return [Span(found[0], found.start(), found.end()) for found in pattern.finditer(lower)]
