"""The data files of the analysers: read, checked and put together with those of a deployment.

All are tables with tabs between the columns, UTF-8, headings in the first line; a line that begins with ``#``
is a comment. A deployment may keep a folder with files of the same names: its rows are added to ours and
override them.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from analysis.sentiment.language import LANGUAGES

OURS = Path(__file__).parent / "data"
STRONGEST = 4.0
"""The highest valence: a word that says all there is to say."""
LONGEST_PHRASE = 4
"""Words that one row may have."""
KINDS = (
    "negator",
    "intensifier",
    "booster",
    "diminisher",
    "lacking",
    "excess",
    "wish",
    "contrast",
    "ability",
    "sarcasm",
    "link",
    "wait",
    "unit",
    "past",
    "number",
    "only",
)
"""What a row of ``modifiers.<language>.tsv`` may be: see there."""

T = TypeVar("T")


class DataError(ValueError):
    """A row of a data file cannot be read; says the file, the line and what to do."""


class Modifier(NamedTuple):
    """A word that changes what others say.

    Attributes:
        kind: one of `KINDS`.
        strength: what it multiplies with, or how strongly it acts; 0 takes the word away.
    """

    kind: str
    strength: float


@dataclass(frozen=True)
class Data:
    """All that the lexicon analyser knows.

    Attributes:
        valences: by language, the valence (-4 to 4) of each word or phrase; 0 says that a word of another
            language means nothing in this one.
        modifiers: by language.
        slang: Indonesian, what is meant by what is written.
        emoji: valence of emoji and emoticons.
        digest: hexadecimal, of all files that were read.
    """

    valences: dict[str, dict[str, float]]
    modifiers: dict[str, dict[str, Modifier]]
    slang: dict[str, str]
    emoji: dict[str, float]
    digest: str


def load(extra: Path | None = None) -> Data:
    """Read the files of the package, then those of a deployment's own folder.

    Raises:
        DataError: a row cannot be read.
        OSError: a file or the folder cannot be opened.
    """
    if extra is not None and not extra.is_dir():
        raise DataError(f"{extra}: this is no folder; give one with files such as lexicon.id.tsv, or none")
    return Data(
        valences={lang: _table(f"lexicon.{lang}.tsv", extra, _valence) for lang in LANGUAGES},
        modifiers={lang: _table(f"modifiers.{lang}.tsv", extra, _modifier) for lang in LANGUAGES},
        slang=_table("slang.id.tsv", extra, _meant),
        emoji=_table("emoji.tsv", extra, _emoji),
        digest=_digest(extra),
    )


def _digest(extra: Path | None) -> str:
    """Of all files, those too that tell the language: any row may change a score."""
    digest = hashlib.sha256()
    several = [
        f"{kind}.{lang}.tsv" for kind in ("lexicon", "modifiers", "function_words") for lang in LANGUAGES
    ]
    for name in (*several, "slang.id.tsv", "emoji.tsv"):
        for file in _files(name, extra):
            content = file.read_bytes()
            digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()


def _files(name: str, extra: Path | None) -> Iterator[Path]:
    for folder in (OURS, extra):
        if folder is not None and (folder / name).exists():
            yield folder / name


def _table(name: str, extra: Path | None, parse: Callable[[list[str]], tuple[str, T]]) -> dict[str, T]:
    """The rows of a file, ours and then the deployment's; the later row of a word counts."""
    found: dict[str, T] = {}
    for file in _files(name, extra):
        found.update(_rows(file, parse))
    return found


def _rows(file: Path, parse: Callable[[list[str]], tuple[str, T]]) -> Iterator[tuple[str, T]]:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise DataError(f"{file}: save this file as UTF-8") from None
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if number == 1 or not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        try:
            word, value = parse([*cells, "", "", ""])
        except ValueError as error:
            raise DataError(f"{file}, line {number}: {error}") from None
        if word in seen:
            raise DataError(f'{file}, line {number}: "{word}" stands in line {seen[word]} already; keep one')
        seen[word] = number
        yield word, value


def _word(cell: str) -> str:
    words = cell.lower().split()
    if not words:
        raise ValueError("give a word in the first column, with a tab after it")
    if len(words) > LONGEST_PHRASE:
        raise ValueError(f"a phrase has at most {LONGEST_PHRASE} words; shorten this one")
    return " ".join(words)


def _number(cell: str, what: str, least: float, most: float) -> float:
    try:
        number = float(cell)
    except ValueError:
        raise ValueError(f"give the {what} as a number such as 1.5 in its column") from None
    if not least <= number <= most:
        raise ValueError(f"the {what} must be from {least:g} to {most:g}")
    return number


def _valence(cells: list[str]) -> tuple[str, float]:
    valence = _number(cells[1], "valence", -STRONGEST, STRONGEST)
    if valence * 2 != int(valence * 2):
        raise ValueError("give the valence in steps of 0.5")
    return _word(cells[0]), valence


def _modifier(cells: list[str]) -> tuple[str, Modifier]:
    if cells[1] not in KINDS:
        raise ValueError(f"the second column must be one of: {', '.join(KINDS)}")
    return _word(cells[0]), Modifier(cells[1], _number(cells[2], "strength", 0, 3))


def _meant(cells: list[str]) -> tuple[str, str]:
    if " " in cells[0]:
        raise ValueError("what is written must be one word")
    if not cells[1]:
        raise ValueError("say in the second column what is meant")
    return _word(cells[0]), _word(cells[1])


def _emoji(cells: list[str]) -> tuple[str, float]:
    return _word(cells[0]), _number(cells[1], "valence", -STRONGEST, STRONGEST)
