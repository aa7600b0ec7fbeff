"""Questionnaires as data: reads the versioned files in `instruments/` and refuses a wrong one.

Pure: a path in, a frozen value out. A new questionnaire, of any number of elements, is a new file.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from survey.instrument_files import ID, InstrumentError, rows_of, versions
from survey.items import OTHER_SCALES, Item, Kind, Language, ProfileItem

if TYPE_CHECKING:
    from analysis.tally import Layout

Index = Literal["ikm", "perception"]

ELEMENT_SCALE = 4
TRUST_SCALE = 5
# With more steps than 0 to 10 nobody tells one from the next.
LONGEST_SCALE = 11

# A number says less than words; only where there would be many words it may take their place.
_NUMBERED_FROM = 5

# Field names the citizen's form uses for itself; an item of the same name would be unreadable.
RESERVED = frozenset({"instrument", "lang", "shown", "v", "comment", "code"})

_KEY = re.compile(r"[a-z_]+")
_VALUE = re.compile(r"[A-Za-z0-9_]+")
_ITEM_KEYS = frozenset({"key", "name", "question", "answers", "answer_set", "ends"})


@dataclass(frozen=True)
class Instrument:
    """A versioned questionnaire; its items stand in the order in which they are asked.

    `index` is what its elements make: the `ikm` (four steps) or a `perception` index (any `element_scale`).
    `others` are further items that enter no index: `coaching` (did staff tell you what to answer), `csat`
    (satisfaction), `ces` (effort), `nps` (recommendation).

    `variants[v]` holds the keys of the trust items asked in variant `v`: those always asked together
    with one combination of the others (planned missingness). Without trust items there is one, empty.
    """

    id: str
    index: Index
    default_language: str
    languages: Mapping[str, Language]
    element_scale: int
    elements: tuple[Item, ...]
    trust: tuple[Item, ...]
    others: tuple[Item, ...]
    profile: tuple[ProfileItem, ...]
    variants: tuple[frozenset[str], ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """Elements, trust items, others: the order of the characters in `Answers.values`."""
        return self.elements + self.trust + self.others

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
            element_scale=self.element_scale,
            trust=tuple(item.key for item in self.trust),
            trust_scale=TRUST_SCALE,
            others=tuple((item.key, item.scale) for item in self.others),
        )


def load_all(directory: Path) -> dict[str, Instrument]:
    """Read every `*.toml` of a directory, by id; raises InstrumentError for the first wrong one."""
    found = (load(path) for path in sorted(directory.glob("*.toml")))
    return {instrument.id: instrument for instrument in found}


def load(path: Path) -> Instrument:
    """Read and check a questionnaire file and what it extends; raises InstrumentError naming file and key."""
    # What it extends is checked first and under its own name.
    return [_Reader(source, data).instrument() for source, data in versions(path)][-1]


class _Reader:
    """Reads one parsed file; holds the file and its languages, which every message and check needs."""

    def __init__(self, path: Path, data: dict[str, Any]) -> None:
        self.path = path
        self.data = data
        self.languages = self._languages()

    def instrument(self) -> Instrument:
        element_scale = self._element_scale()
        elements = tuple(self._item("element", row, element_scale) for row in self._rows("element"))
        trust = tuple(self._item("trust", row, TRUST_SCALE) for row in self._rows("trust"))
        others = tuple(self._other(row) for row in self._rows("other"))
        profile = tuple(self._profile_item(row) for row in self._rows("profile"))
        if not elements:
            raise self._error("element", "there must be at least one")
        self._check_keys([item.key for item in elements + trust + others] + [item.key for item in profile])
        return Instrument(
            id=self._id(),
            index=self._index(element_scale),
            default_language=self._default_language(),
            languages=self.languages,
            element_scale=element_scale,
            elements=elements,
            trust=trust,
            others=others,
            profile=profile,
            variants=self._variants([item.key for item in trust]),
        )

    def _error(self, where: str, what: str) -> InstrumentError:
        return InstrumentError(self.path, where, what)

    def _id(self) -> str:
        value = self.data.get("id")
        if not isinstance(value, str) or not ID.fullmatch(value):
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

    def _index(self, element_scale: int) -> Index:
        value = self.data.get("index", "ikm")
        if value not in get_args(Index):
            raise self._error("index", f"must be one of {', '.join(get_args(Index))}")
        if value == "ikm" and element_scale != ELEMENT_SCALE:
            raise self._error("index", f"the ikm is made of {ELEMENT_SCALE} steps, not of {element_scale}")
        index: Index = value
        return index

    def _element_scale(self) -> int:
        value = self.data.get("element_scale", ELEMENT_SCALE)
        if type(value) is not int or not 2 <= value <= LONGEST_SCALE:
            raise self._error("element_scale", f"must be a number from 2 to {LONGEST_SCALE}")
        return value

    def _rows(self, name: str) -> list[dict[str, Any]]:
        return rows_of(self.path, self.data, name)

    def _other(self, row: dict[str, Any]) -> Item:
        kind = next((kind for kind in OTHER_SCALES if kind == row.get("kind")), None)
        if kind is None:
            raise self._error(self._key("other", row), f"kind must be one of {', '.join(OTHER_SCALES)}")
        scales = OTHER_SCALES[kind]
        given = self._answer_table(str(row.get("key")), row)[1]
        numbers = {len(labels) for labels in given.values()} if isinstance(given, dict) else set()
        scale = next((scale for scale in scales if scale in numbers), scales[-1])
        return self._item(kind, {name: value for name, value in row.items() if name != "kind"}, scale)

    def _item(self, kind: Kind, row: dict[str, Any], scale: int) -> Item:
        key = self._key(kind, row)
        for name in row:
            if name not in _ITEM_KEYS:
                raise self._error(f"{key}.{name}", f"is none of {', '.join(sorted(_ITEM_KEYS))}")
        ends = self._ends(key, kind, row, scale)
        numbers = range(scale) if kind == "nps" else range(1, scale + 1)
        return Item(
            key=key,
            kind=kind,
            scale=scale,
            name=self._texts(f"{key}.name", row.get("name")),
            question=self._texts(f"{key}.question", row.get("question")),
            answers=dict.fromkeys(self.languages, tuple(map(str, numbers)))
            if ends
            else self._answers(key, row, scale),
            ends=ends,
        )

    def _ends(
        self, key: str, kind: Kind, row: dict[str, Any], scale: int
    ) -> dict[str, tuple[str, ...]] | None:
        if "ends" not in row:
            if kind == "nps":
                raise self._error(f"{key}.ends", "is missing; a recommendation is answered in numbers")
            return None
        if "answers" in row or "answer_set" in row:
            raise self._error(f"{key}.ends", "stands beside answers; an item has numbers or words")
        if scale < _NUMBERED_FROM:
            raise self._error(f"{key}.ends", f"an item of {scale} answers needs a text for each")
        return self._labels(f"{key}.ends", row["ends"], 2)

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
        where, table = self._answer_table(key, row)
        return self._labels(where, table, scale)

    def _answer_table(self, key: str, row: dict[str, Any]) -> tuple[str, object]:
        if "answer_set" not in row:
            return f"{key}.answers", row.get("answers")
        if "answers" in row:
            raise self._error(f"{key}.answer_set", "stands beside answers; say one of them")
        return f"{key}.answer_set", self.data.get("answer_sets", {}).get(row["answer_set"])

    def _labels(self, where: str, table: object, number: int) -> dict[str, tuple[str, ...]]:
        self._same_languages(where, table)
        assert isinstance(table, dict)  # noqa: S101 - as above
        for code, labels in table.items():
            texts = isinstance(labels, list) and all(isinstance(one, str) and one.strip() for one in labels)
            if not texts or len(labels) != number:
                raise self._error(f"{where}.{code}", f"must be {number} texts")
            if len(set(labels)) != number:
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
