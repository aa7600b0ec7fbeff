"""Comments of which it is known what they say: by the writer's own ratings, or by labels in a file."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from analysis.errors import Malformed
from analysis.sentiment.reading import Label

NEGATIVE_BELOW = 1 / 2
POSITIVE_FROM = 2 / 3
"""Shares of the way from the lowest to the highest answer."""

_LABELS: Mapping[str, Label] = {
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
    "negatif": "negative",
    "netral": "neutral",
    "positif": "positive",
}


class Labelled(NamedTuple):
    """A comment of which it is known, or taken to be known, what it says.

    Attributes:
        text: as the citizen wrote it.
        label: what it is.
        rated: the label comes from the writer's own ratings, and was not given by a reader of the comment.
        weight: above 0, at most 1.
    """

    text: str
    label: Label
    rated: bool = False
    weight: float = 1.0


def weak_label(mean_of_elements: float, scale: int = 4) -> Label | None:
    """What the respondent's own scores say of the comment, to learn from.

    Unfavourable below the middle of the scale (2.5 of 1 to 4), favourable from two thirds of it (3 of 1 to 4,
    "good" throughout); between them it is open, and the comment teaches nothing.

    Args:
        mean_of_elements: mean of the answers, 1 to `scale`.
        scale: the highest answer, at least 2.

    Raises:
        Malformed: the mean is not on the scale.
    """
    if scale < 2 or not 1 <= mean_of_elements <= scale:
        raise Malformed(f"a mean of {mean_of_elements:g} is not on a scale of 1 to {scale}")
    share = (mean_of_elements - 1) / (scale - 1)
    if share < NEGATIVE_BELOW:
        return "negative"
    # A mean of 3 may come as 2.9999999999999996.
    return "positive" if share >= POSITIVE_FROM - 1e-9 else None


def read_labelled(file: Path) -> list[Labelled]:
    """The comments of a file with the columns ``text`` and ``label`` (others are left alone), in UTF-8.

    The columns are separated by tabs, semicolons or commas, whichever the first line shows; with tabs,
    quotation marks are nothing special. Labels are positive, neutral, negative, or positif, netral, negatif.

    Raises:
        Malformed: a row cannot be read; says the file, the line and what to do, and never shows a comment.
        OSError: the file cannot be opened.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return list(_read(file, lines))
    except UnicodeDecodeError:
        raise Malformed(f"{file}: save this file as UTF-8") from None


def _read(file: Path, lines: Iterator[str]) -> Iterator[Labelled]:
    heading = next(lines, "")
    mark = max("\t;,", key=heading.count)
    names = [name.strip().lower() for name in next(csv.reader([heading], delimiter=mark), [])]
    if "text" not in names or "label" not in names:
        raise Malformed(f"{file}, line 1: name the columns text and label")
    text, label = names.index("text"), names.index("label")
    reader = csv.reader(lines, delimiter=mark, quoting=csv.QUOTE_NONE if mark == "\t" else csv.QUOTE_MINIMAL)
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            where = f"{file}, line {reader.line_num + 1}"
            if len(cells) != len(names):
                raise Malformed(f"{where}: there are {len(cells)} columns, the first line has {len(names)}")
            known = _LABELS.get(cells[label].strip().lower())
            if known is None:
                raise Malformed(f"{where}: the label must be positive, neutral or negative")
            yield Labelled(cells[text], known)
    except csv.Error:
        raise Malformed(f"{file}, line {reader.line_num + 1}: a quotation mark is not closed here") from None
