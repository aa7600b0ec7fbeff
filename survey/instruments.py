"""Questionnaires as data: reads the versioned files in `instruments/` and refuses a wrong one.

Pure: a path in, a frozen value out. A new questionnaire, of any number of elements, is a new file.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from analysis.tally import Layout

ELEMENT_SCALE = 4
TRUST_SCALE = 5

# Field names the citizen's form uses for itself; an item of the same name would be unreadable.
RESERVED = frozenset({"instrument", "lang", "shown", "v", "comment", "code"})

_KEY = re.compile(r"[a-z_]+")
_VALUE = re.compile(r"[A-Za-z0-9_]+")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")


class InstrumentError(ValueError):
    """A questionnaire file that cannot be used; the message names the file and the key at fault."""

    def __init__(self, path: Path, where: str, what: str) -> None:
        super().__init__(f"{path.name}: {where}: {what}")
        self.path = path
        self.where = where


@dataclass(frozen=True)
class Language:
    """A language of a questionnaire; `reviewed` is False while no native reviewer has approved it."""

    reviewed: bool


@dataclass(frozen=True)
class Item:
    """One rated question; `answers[lang][i]` is the label of answer `i + 1` of `scale`."""

    key: str
    kind: Literal["element", "trust"]
    scale: int
    name: Mapping[str, str]
    question: Mapping[str, str]
    answers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ProfileItem:
    """One optional question about the respondent; `choices[value][lang]` is the label of a value."""

    key: str
    label: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Instrument:
    """A versioned questionnaire; elements and trust items stand in the order in which they are asked.

    `variants[v]` holds the keys of the trust items asked in variant `v`: those always asked together
    with one combination of the others (planned missingness). Without trust items there is one, empty.
    """

    id: str
    default_language: str
    languages: Mapping[str, Language]
    elements: tuple[Item, ...]
    trust: tuple[Item, ...]
    profile: tuple[ProfileItem, ...]
    variants: tuple[frozenset[str], ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """Elements, then trust items: the order of the characters in `Answers.values`."""
        return self.elements + self.trust

    @property
    def half(self) -> int:
        """Fewest answered elements that make a response valid: half of them, rounded up."""
        return (len(self.elements) + 1) // 2

    @cached_property
    def layout(self) -> Layout:
        """The layout of this questionnaire's tallies."""
        # Imported where it is used, so that reading a questionnaire does not load the analysis.
        from analysis.tally import Layout

        return Layout(
            elements=tuple(item.key for item in self.elements),
            element_scale=ELEMENT_SCALE,
            trust=tuple(item.key for item in self.trust),
            trust_scale=TRUST_SCALE,
        )


def load_all(directory: Path) -> dict[str, Instrument]:
    """Read every `*.toml` of a directory, by id; raises InstrumentError for the first wrong one."""
    found = (load(path) for path in sorted(directory.glob("*.toml")))
    return {instrument.id: instrument for instrument in found}


def load(path: Path) -> Instrument:
    """Read and check one questionnaire file; raises InstrumentError naming the file and the key."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InstrumentError(path, "file", f"is not readable TOML: {error}") from error
    return _Reader(path, data).instrument()


class _Reader:
    """Reads one parsed file; holds the file and its languages, which every message and check needs."""

    def __init__(self, path: Path, data: dict[str, Any]) -> None:
        self.path = path
        self.data = data
        self.languages = self._languages()

    def instrument(self) -> Instrument:
        elements = tuple(self._item("element", row) for row in self._rows("element"))
        trust = tuple(self._item("trust", row) for row in self._rows("trust"))
        profile = tuple(self._profile_item(row) for row in self._rows("profile"))
        if not elements:
            raise self._error("element", "there must be at least one")
        self._check_keys([item.key for item in elements + trust] + [item.key for item in profile])
        return Instrument(
            id=self._id(),
            default_language=self._default_language(),
            languages=self.languages,
            elements=elements,
            trust=trust,
            profile=profile,
            variants=self._variants([item.key for item in trust]),
        )

    def _error(self, where: str, what: str) -> InstrumentError:
        return InstrumentError(self.path, where, what)

    def _id(self) -> str:
        value = self.data.get("id")
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise self._error("id", "must be lower-case letters, digits, dots and hyphens")
        if value != self.path.stem:
            raise self._error("id", f"{value!r} must be the name of the file")
        return value

    def _default_language(self) -> str:
        value = self.data.get("default_language")
        if not isinstance(value, str) or value not in self.languages:
            raise self._error("default_language", f"must be one of {', '.join(self.languages)}")
        return value

    def _languages(self) -> dict[str, Language]:
        table = self.data.get("languages")
        if not isinstance(table, dict) or not table:
            raise self._error("languages", "must be a table with at least one language")
        for code, row in table.items():
            if not isinstance(row, dict) or not isinstance(row.get("reviewed"), bool) or len(row) != 1:
                raise self._error(f"languages.{code}", "must say reviewed = true or false, and nothing else")
        return {code: Language(reviewed=row["reviewed"]) for code, row in table.items()}

    def _rows(self, name: str) -> list[dict[str, Any]]:
        rows = self.data.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._error(name, "must be a list of tables")
        return rows

    def _item(self, kind: Literal["element", "trust"], row: dict[str, Any]) -> Item:
        key = self._key(kind, row)
        scale = ELEMENT_SCALE if kind == "element" else TRUST_SCALE
        return Item(
            key=key,
            kind=kind,
            scale=scale,
            name=self._texts(f"{key}.name", row.get("name")),
            question=self._texts(f"{key}.question", row.get("question")),
            answers=self._answers(key, row, scale),
        )

    def _profile_item(self, row: dict[str, Any]) -> ProfileItem:
        key = self._key("profile", row)
        choices: dict[str, Mapping[str, str]] = {}
        for choice in row.get("choices", []):
            labels = dict(choice)
            value = labels.pop("value", None)
            if not isinstance(value, str) or not _VALUE.fullmatch(value):
                raise self._error(f"{key}.choices", f"value {value!r} must be letters, digits and _")
            if value in choices:
                raise self._error(f"{key}.choices", f"value {value!r} stands twice")
            choices[value] = self._texts(f"{key}.choices.{value}", labels)
        if not choices:
            raise self._error(f"{key}.choices", "there must be at least one")
        return ProfileItem(key=key, label=self._texts(f"{key}.label", row.get("label")), choices=choices)

    def _key(self, kind: str, row: dict[str, Any]) -> str:
        key = row.get("key")
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise self._error(kind, f"key {key!r} must be lower-case letters and _")
        if key in RESERVED:
            raise self._error(key, "is a name the form uses for itself")
        return key

    def _check_keys(self, keys: Sequence[str]) -> None:
        for key in keys:
            if keys.count(key) > 1:
                raise self._error(key, "stands twice")

    def _texts(self, where: str, table: object) -> dict[str, str]:
        self._same_languages(where, table)
        assert isinstance(table, dict)  # noqa: S101 - for the type checker; checked by the line above
        for code, text in table.items():
            if not isinstance(text, str) or not text.strip():
                raise self._error(f"{where}.{code}", "must be a text")
        return {code: table[code] for code in self.languages}

    def _answers(self, key: str, row: dict[str, Any], scale: int) -> dict[str, tuple[str, ...]]:
        where, table = f"{key}.answers", row.get("answers")
        if "answer_set" in row:
            where = f"{key}.answer_set"
            table = self.data.get("answer_sets", {}).get(row["answer_set"])
        self._same_languages(where, table)
        assert isinstance(table, dict)  # noqa: S101 - as above
        for code, labels in table.items():
            texts = isinstance(labels, list) and all(isinstance(one, str) and one.strip() for one in labels)
            if not texts or len(labels) != scale:
                raise self._error(f"{where}.{code}", f"must be {scale} texts")
            if len(set(labels)) != scale:
                raise self._error(f"{where}.{code}", "two answers have the same text")
        return {code: tuple(table[code]) for code in self.languages}

    def _same_languages(self, where: str, table: object) -> None:
        if not isinstance(table, dict):
            raise self._error(where, "is missing")
        missing = [code for code in self.languages if code not in table]
        extra = [code for code in table if code not in self.languages]
        if missing:
            raise self._error(where, f"is missing in {', '.join(missing)}")
        if extra:
            raise self._error(where, f"is in a language this questionnaire does not have: {', '.join(extra)}")

    def _variants(self, keys: Sequence[str]) -> tuple[frozenset[str], ...]:
        table = self.data.get("short_form", {"always": list(keys), "draw": 0})
        always, draw = table.get("always"), table.get("draw")
        if not isinstance(always, list) or not set(always) <= set(keys):
            raise self._error("short_form.always", "must name trust items of this file")
        others = [key for key in keys if key not in always]
        if type(draw) is not int or not 0 <= draw <= len(others):
            raise self._error("short_form.draw", f"must be a number from 0 to {len(others)}")
        return tuple(frozenset(always) | frozenset(some) for some in itertools.combinations(others, draw))
