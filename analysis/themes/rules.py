"""The rules of the themes: how they are written, read and checked.

A rule file has four columns separated by tabs, ``theme``, ``pattern``, ``weight`` and ``note``, under a
header line; a line that begins with ``#`` is a comment. The notation of a pattern:

==================  =======================================================================================
``antri``           this word; endings such as -nya, -lah, -e or -na, and stretched letters, do not matter
``antri*``          a word that begins so: antri, antrian, antriannya
``~bayar``          this word also behind a prefix: membayar, dibayar, ngebayar; ``~antri*`` has both
``bayar lebih``     words one after another (one word of ``@filler`` may stand between two)
``bayar .. cepat``  the second within the next few words of the clause
``mau ... bayar``   the same, but a comma may lie between
``#``               any number in figures: 3, 50rb
``@staff``          any of the single words listed in rows whose theme is ``@staff``
==================  =======================================================================================

A theme with ``+`` or ``-`` behind it says that the pattern is in itself good or bad news; that counts where
the analyser of sentiment has nothing to say, and always for integrity. A weight of 1 or more makes the theme
by itself, of several themes that claim the same words the heaviest has them; below 1 it is a hint, which
counts only in a clause that evaluates and has no other theme; below 0 it takes its words away from the theme;
0 removes a rule of the same theme and pattern that came before.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from analysis.errors import Malformed
from analysis.themes.letters import folded
from analysis.themes.names import THEMES

FILE = "themes.tsv"
COLUMNS = ("theme", "pattern", "weight", "note")
MOST_WORDS = 6
MOST_GAPS = 2
HEAVIEST = 5.0
NUMBER = "#"

MARKERS = (
    "@absent", "@absent_after", "@asking", "@rhetorical", "@wishing", "@lasting", "@if", "@turn", "@joining",
    "@degree",
)  # fmt: skip
"""Groups that are no themes but say how a theme is spoken of; their rows may be phrases."""

Gap = Literal["", "..", "..."]


class Rule(NamedTuple):
    """One row of a rule file.

    Attributes:
        theme: one of ``THEMES``, or the name of a group with its ``@``.
        pattern: words in the notation of this module.
        weight: -``HEAVIEST`` to ``HEAVIEST``, see the module; groups have 1.
        sign: 1 or -1 when the pattern in itself is good or bad news, else 0.
        note: why, for whoever edits the file.
    """

    theme: str
    pattern: str
    weight: float
    sign: int = 0
    note: str = ""


class Step(NamedTuple):
    """One word of a pattern, and what may lie between it and the word before."""

    gap: Gap
    word: str


def steps(pattern: str) -> tuple[Step, ...]:
    """A pattern taken apart. Hyphens count as spaces, capitals as small letters.

    Raises:
        ValueError: it is empty, too long, has too many gaps, begins or ends with one, or a mark stands where
            it cannot; the message says which.
    """
    found: list[Step] = []
    gap: Gap = ""
    for part in folded(pattern).replace("-", " ").split():
        if part in ("..", "..."):
            if gap or not found:
                raise ValueError("dots stand between two words")
            gap = ".." if part == ".." else "..."
            continue
        _check_word(part)
        found.append(Step(gap, part))
        gap = ""
    if gap:
        raise ValueError("dots stand between two words")
    if not 1 <= len(found) <= MOST_WORDS:
        raise ValueError(f"a pattern has 1 to {MOST_WORDS} words")
    if sum(bool(step.gap) for step in found) > MOST_GAPS:
        raise ValueError(f"a pattern has at most {MOST_GAPS} gaps")
    return tuple(found)


def _check_word(part: str) -> None:
    if part.startswith("@"):
        letters = part[1:].replace("_", "")
    else:
        letters = part.removeprefix("~").removesuffix("*")
        if part.endswith("*") and len(letters) < 3:
            raise ValueError("a beginning before * has at least three letters")
    if part != NUMBER and not letters.replace("'", "").isalnum():
        raise ValueError(f"{part!r} is not a word in this notation")


def load(extra: Path | None = None) -> tuple[Rule, ...]:
    """The rules of the project, and over them those of a deployment's own directory.

    Args:
        extra: a directory that may hold a file ``themes.tsv``; its rows are added, and override those with
            the same theme and pattern.

    Raises:
        Malformed: a row is not a rule; the message names the file, the line and what to do.
    """
    files = [Path(__file__).parent / "data" / FILE]
    if extra is not None and (extra / FILE).is_file():
        files.append(extra / FILE)
    return merged(rule for file in files for rule in read(file))


def merged(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Later rules in place of earlier ones with the same theme and pattern, those of weight 0 left out."""
    kept: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        kept[rule.theme, rule.pattern] = rule
    return tuple(rule for rule in kept.values() if rule.weight)


def read(file: Path) -> Iterator[Rule]:
    """The rules of one file, in its order, those of weight 0 included.

    Raises:
        Malformed: as for ``load``.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise Malformed(f"{file.name} is not UTF-8: save it as UTF-8 text") from error
    header = False
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        try:
            if header:
                yield _rule(cells)
            elif tuple(cells) != COLUMNS:
                raise ValueError(f"the first line must be {', '.join(COLUMNS)}, separated by tabs")
        except ValueError as error:
            raise Malformed(f"{file.name}, line {number}: {error}") from error
        header = True


def _rule(cells: list[str]) -> Rule:
    if not 3 <= len(cells) <= 4:
        raise ValueError(f"{len(cells)} columns: write theme, pattern, weight and, if you like, a note")
    named, pattern, weight = cells[:3]
    theme = named.rstrip("+-")
    sign = {"": 0, "+": 1, "-": -1}.get(named[len(theme) :])
    if sign is None:
        raise ValueError("a theme has one + or - behind it, or none")
    pattern = " ".join(folded(pattern).replace("-", " ").split())
    if theme.startswith("@"):
        if sign or (len(steps(pattern)) > 1 and theme not in MARKERS):
            raise ValueError(f"{theme} is a group: it takes single words, and no + or -")
    elif theme not in THEMES:
        raise ValueError(f"no theme {theme!r}: use one of {', '.join(THEMES)}, or a group with @")
    steps(pattern)
    return Rule(theme, pattern, _weight(weight), sign, cells[3] if len(cells) == 4 else "")


def _weight(written: str) -> float:
    try:
        weight = float(written)
    except ValueError:
        weight = math.nan
    if not -HEAVIEST <= weight <= HEAVIEST:
        raise ValueError(f"the weight is a number from -{HEAVIEST:g} to {HEAVIEST:g}, with a point: 1.5")
    return weight
