"""Read comments from standard input, one a line: ``python -m analysis.sentiment``."""

import sys
from collections.abc import Iterable
from typing import TextIO

from analysis.sentiment import lexicon_analyzer
from analysis.themes import finder

COLUMNS = ("label", "polarity", "language", "themes", "words")


def describe(comment: str) -> str:
    """A line of tab-separated columns: label, polarity, language, themes and deciding words.

    Themes stand as ``time-`` (negative), ``behaviour+`` (positive) or ``cost=`` (neutral), words with their
    contributions.
    """
    reading = lexicon_analyzer().read(comment)
    signs = {"negative": "-", "neutral": "=", "positive": "+"}
    themes = " ".join(f"{one.theme}{signs[one.label]}" for one in finder().find(comment))
    words = ", ".join(f"{word.text} {word.contribution:+.1f}" for word in reading.words)
    found = (reading.label, f"{reading.polarity:+.3f}", reading.language, themes or "-", words or "-")
    return "\t".join(column.replace("\t", " ") for column in found)


def main(lines: Iterable[str], out: TextIO) -> None:
    """Describe each line."""
    print("\t".join(COLUMNS), file=out)
    for line in lines:
        print(describe(line.rstrip("\n")), file=out, flush=True)


if __name__ == "__main__":
    # Bytes that are no UTF-8 are read as what they can be: a bad line must not end the others.
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    main(sys.stdin, sys.stdout)
