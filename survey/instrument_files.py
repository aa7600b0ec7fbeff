"""The files of questionnaires: parsed, and joined with the one they extend.

A file that says `extends = "<id>"` is that questionnaire under a new id with something added: further
elements, further items (`[[other]]`) and the answer sets these need. It can restate nothing, so no wording,
scale or language of the extended questionnaire ever changes on the way; what is added stands behind what
was there. The extended file must lie beside it and may itself extend another.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ID = re.compile(r"[a-z0-9][a-z0-9.-]*")

# Lists of an extension are put behind those of the extended file; of the rest it may only say these.
_ADDED_ROWS = ("element", "other")
_OF_AN_EXTENSION = frozenset({"id", "extends", "answer_sets", *_ADDED_ROWS})
_KNOWN = _OF_AN_EXTENSION | {
    "default_language",
    "element_scale",
    "index",
    "languages",
    "profile",
    "short_form",
    "trust",
}


class InstrumentError(ValueError):
    """A questionnaire file that cannot be used; the message names the file and the key at fault."""

    def __init__(self, path: Path, where: str, what: str) -> None:
        super().__init__(f"{path.name}: {where}: {what}")
        self.path = path
        self.where = where


def versions(path: Path) -> list[tuple[Path, dict[str, Any]]]:
    """A file's whole content, after that of each file it builds on, the first of them first.

    Raises:
        InstrumentError: a file is not TOML, has a key nobody knows, extends one that is not there or in the
            end itself, or restates what it extends.
    """
    return _versions(path, ())


def _versions(path: Path, extending: tuple[str, ...]) -> list[tuple[Path, dict[str, Any]]]:
    if path.stem in extending:
        raise InstrumentError(path, "extends", f"goes round in a circle: {', '.join(extending)}")
    data = _parsed(path)
    if "extends" not in data:
        return [(path, data)]
    base = data["extends"]
    if not isinstance(base, str) or not ID.fullmatch(base) or not path.with_name(f"{base}.toml").is_file():
        raise InstrumentError(path, "extends", f"there is no questionnaire {base!r} beside this file")
    earlier = _versions(path.with_name(f"{base}.toml"), (*extending, path.stem))
    return [*earlier, (path, _joined(path, earlier[-1][1], data))]


def _parsed(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InstrumentError(path, "file", f"is not readable TOML: {error}") from error
    for name in data:
        if name not in _KNOWN:
            raise InstrumentError(path, name, f"is none of {', '.join(sorted(_KNOWN))}")
    if not isinstance(data.get("answer_sets", {}), dict):
        raise InstrumentError(path, "answer_sets", "must be a table")
    return data


def _joined(path: Path, base: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    for name in data:
        if name not in _OF_AN_EXTENSION:
            raise InstrumentError(path, name, "cannot be restated; the questionnaire it extends says it")
    joined = {**base, "id": data.get("id")}
    for name in _ADDED_ROWS:
        joined[name] = [*base.get(name, []), *rows_of(path, data, name)]
    sets, added = base.get("answer_sets", {}), data.get("answer_sets", {})
    for name in added:
        if name in sets:
            raise InstrumentError(path, f"answer_sets.{name}", "is already in the questionnaire it extends")
    joined["answer_sets"] = {**sets, **added}
    return joined


def rows_of(path: Path, data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of tables under a name, empty when there is none; raises InstrumentError for anything else."""
    rows = data.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InstrumentError(path, name, "must be a list of tables")
    return rows
