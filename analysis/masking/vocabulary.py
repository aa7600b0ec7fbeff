"""The words by which names are told from what else follows a title, read from files that anyone can edit."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_OURS = Path(__file__).parent / "data"
_TITLE_KINDS = ("title", "rare", "role", "introduction", "short", "opening")
_NAME_KINDS = ("name", "word")


class Title(NamedTuple):
    """How far a word of ``titles.tsv`` announces a name.

    Attributes:
        kind: ``title``, ``rare``, ``role``, ``introduction``, ``short`` or ``opening``, explained in
            the file.
        dotted: whether it is an abbreviation, behind which a full stop may stand.
    """

    kind: str
    dotted: bool


class Vocabulary(NamedTuple):
    """Words in lower case.

    Attributes:
        titles: words and phrases of up to three words that announce a name.
        names: names, with whether each is nothing but a name.
        ordinary: words that are no names.
    """

    titles: dict[str, Title]
    names: dict[str, bool]
    ordinary: frozenset[str]


def read_vocabulary(extra: Path | None = None) -> Vocabulary:
    """The words of the project, with those of a deployment added.

    Args:
        extra: a directory with any of ``titles.tsv``, ``names.tsv`` and ``ordinary.tsv``. An ordinary word of
            its own is no name any more; a name of its own is one, whatever else it means.

    Raises:
        ValueError: a row that cannot be read; it says which file, which line and what to do.
    """
    titles: dict[str, Title] = {}
    names: dict[str, bool] = {}
    ordinary: set[str] = set()
    for folder in (_OURS, extra) if extra else (_OURS,):
        for word, kind in _rows(folder / "titles.tsv", "kind", _TITLE_KINDS):
            # "a.n." is looked up as "a n", as its letters stand in a text.
            titles[" ".join(word.replace(".", " ").split())] = Title(kind, word.endswith("."))
        added = dict(_rows(folder / "names.tsv", "kind", _NAME_KINDS))
        words = {word for word, _ in _rows(folder / "ordinary.tsv", "note", ())}
        if folder is not _OURS:
            for word in words:
                names.pop(word, None)
        names |= {word: kind == "name" for word, kind in added.items()}
        ordinary |= words
    return Vocabulary(titles, names, frozenset(ordinary))


def _rows(path: Path, second: str, allowed: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
    for place, (number, line) in enumerate(numbered):
        cells = [cell.strip() for cell in line.split("\t")]
        if place == 0:
            if cells[:2] != ["word", second]:
                raise ValueError(f"{path.name}, line {number}: begin with the columns word and {second}")
            continue
        kind = cells[1] if len(cells) > 1 else ""
        if allowed and kind not in allowed:
            kinds = ", ".join(allowed)
            raise ValueError(f"{path.name}, line {number}: write one of {kinds} in the column kind")
        if not cells[0] or len(cells[0].split()) > 3:
            raise ValueError(f"{path.name}, line {number}: write one to three words in the first column")
        yield cells[0].lower(), kind
