"""What citizens read by SMS: texts of each language, and invitations that always fit one message.

Texts are TOML files in `templates/sms/<language>/`: a key (in tables, `table.key`) and its text, with
placeholders in braces by name. A table `[longest]` gives the longest value a placeholder will get, for
counting. Indonesian is complete; what another language lacks is said in Indonesian.
"""

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from survey.i18n import DEFAULT_LANGUAGE, LANGUAGES
from survey.messaging.segments import WHOLE, fold, not_gsm, segment
from survey.tokens import LENGTH

Kind = Literal["invitation", "reminder"]
KINDS: tuple[Kind, ...] = ("invitation", "reminder")
LEAST_NAME = 8
"""Septets that are left for each name even with the longest address, or the address is refused."""

_DIRECTORY = Path(__file__).resolve().parents[2] / "templates" / "sms"
_LONGEST = "longest"
_ONE = WHOLE["gsm7"]
# The fuller wording is used when both names fit as they are.
_WORDINGS = ("full", "brief")
# A name that is cut must not end in the middle of a list or a bracket.
_DANGLING = re.compile(r"(?:[\s,;:/&(\[{+-]|\b(?:dan|di|ke|dari|untuk|atau|serta|and|of|for|the))+$", re.I)


class TextsError(ValueError):
    """A file of texts that cannot be used; the message names it and the key at fault."""


class Unsayable(ValueError):
    """An invitation that cannot be one plain SMS; the message says what to change, and holds no link."""


class Texts(NamedTuple):
    """The texts of a language by key, and the longest value of each placeholder."""

    by_key: Mapping[str, str]
    longest: Mapping[str, str]


class Fitted(NamedTuple):
    """The wording an invitation takes and its names as they are shown there."""

    wording: str
    service: str
    unit: str


def say(language: str, key: str, /, **values: object) -> str:
    """A text in a language with its placeholders filled; more values than it has do no harm.

    Raises:
        KeyError: no such language or key, or a placeholder without its value.
    """
    # Only plain names in braces pass the reading of the files, so nothing of a value can be asked for here.
    return texts(language).by_key[key].format_map(values)


@cache
def texts(language: str) -> Texts:
    """Everything that can be said in a language.

    Raises:
        KeyError: no such language.
        TextsError: a file is wrong.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    if language == DEFAULT_LANGUAGE:
        return read_texts(_DIRECTORY / language)
    return read_texts(_DIRECTORY / language, texts(DEFAULT_LANGUAGE))


def read_texts(directory: Path, complete: Texts | None = None) -> Texts:
    """The texts of a directory's `*.toml` files, completed by those of another language.

    Raises:
        TextsError: not TOML, no text, a key in two files, a placeholder that is not a plain name, or other
            placeholders than the complete language has in the same text.
    """
    by_key: dict[str, str] = {}
    longest: dict[str, str] = {}
    for path in sorted(directory.glob("*.toml")):
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TextsError(f"{_named(path)} is not readable TOML: {error}") from None
        for name, value in _flat(path, {_LONGEST: tables.pop(_LONGEST, {})}):
            placeholder = name.removeprefix(f"{_LONGEST}.")
            longest[placeholder] = max(longest.get(placeholder, ""), value, key=len)
        for key, text in _flat(path, tables):
            if key in by_key:
                raise TextsError(f"{_named(path)}: {key}: another file has this key too")
            _check(path, key, text, complete)
            by_key[key] = text
    known = complete or Texts({}, {})
    return Texts(MappingProxyType({**known.by_key, **by_key}), MappingProxyType({**known.longest, **longest}))


def _named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _flat(path: Path, table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(path, value, f"{prefix}{key}.")
        elif isinstance(value, str):
            yield prefix + key, value
        else:
            raise TextsError(f"{_named(path)}: {prefix}{key}: must be a text")


def _check(path: Path, key: str, text: str, complete: Texts | None) -> None:
    try:
        named = placeholders(text)
    except ValueError as error:
        raise TextsError(f"{_named(path)}: {key}: {error}") from None
    if complete and key in complete.by_key and named != placeholders(complete.by_key[key]):
        expected = ", ".join(sorted(placeholders(complete.by_key[key]))) or "none"
        raise TextsError(f"{_named(path)}: {key}: the placeholders must be: {expected}")


def placeholders(text: str) -> frozenset[str]:
    """The names in braces in a text.

    Raises:
        ValueError: a brace alone, or a placeholder that is more than a name.
    """
    found = set()
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if form or conversion or not (name.isascii() and name.isidentifier()):
            raise ValueError(f"a placeholder is a plain name in braces, not {name!r}")
        found.add(name)
    return frozenset(found)


def longest_text(language: str, key: str) -> str:
    """A text with the longest value of each of its placeholders.

    Raises:
        KeyError: no such language or key, or no `[longest]` table knows a placeholder of the text.
    """
    return say(language, key, **texts(language).longest)


def check_name(name: str) -> str | None:
    """Why a unit's or service's name cannot stand in a plain SMS, or None when it can."""
    strange = not_gsm(tidy_name(name))
    if not strange:
        return None
    more = f" and {len(strange) - 3} more" if len(strange) > 3 else ""
    return f"an SMS cannot carry {', '.join(strange[:3])}{more}; write the name in Latin letters"


def check_address(address: str) -> str | None:
    """Why links under an address (`https://ikm.go.id`) are too long for invitations, or None."""
    asked = {"link": f"{address}/{'X' * LENGTH}", "elements": 9, "steps": 4}
    if not_gsm(address):
        return "the address of links has a character that a plain SMS cannot carry"
    room = min(_room(kind, language, _WORDINGS[-1], asked) for kind in KINDS for language in LANGUAGES)
    return None if room >= 2 * LEAST_NAME else _too_long(room)


def invitation_text(
    kind: Kind, language: str, *, service: str, unit: str, link: str, elements: int, steps: int = 4
) -> str:
    """An invitation or reminder: the link, how to answer by SMS, and STOP; always one GSM-7 message.

    Args:
        kind: a reminder says that it is one.
        language: one of the four; KeyError for another.
        service: name of the service; folded to the alphabet, and shortened at a word where it must be.
        unit: name of the service unit, likewise.
        link: the whole link; never changed.
        elements: how many digits a complete answer has.
        steps: the highest digit.

    Raises:
        Unsayable: a name that cannot be folded, or a link that leaves no room for names.
    """
    fitted = fit_names(kind, language, service=service, unit=unit, link=link, elements=elements, steps=steps)
    return say(
        language,
        f"{kind}.{fitted.wording}",
        service=fitted.service,
        unit=fitted.unit,
        link=link,
        elements=elements,
        steps=steps,
    )


def fit_names(
    kind: Kind, language: str, *, service: str, unit: str, link: str, elements: int, steps: int = 4
) -> Fitted:
    """How the names stand in an invitation; arguments and errors are those of `invitation_text`."""
    for name in (service, unit):
        reason = check_name(name)
        if reason:
            raise Unsayable(reason)
    if not_gsm(link):
        raise Unsayable("the address of links has a character that a plain SMS cannot carry")
    service, unit = tidy_name(service), tidy_name(unit)
    asked = {"link": link, "elements": elements, "steps": steps}
    for wording in _WORDINGS:
        room = _room(kind, language, wording, asked)
        if _septets(service) + _septets(unit) <= room:
            return Fitted(wording, service, unit)
    if room < 2 * LEAST_NAME:
        raise Unsayable(_too_long(room))
    return Fitted(wording, *_share(service, unit, room))


def _room(kind: Kind, language: str, wording: str, asked: Mapping[str, object]) -> int:
    """Septets that an invitation leaves for both names; below 0 when it is too long without them."""
    return _ONE - _septets(say(language, f"{kind}.{wording}", service="", unit="", **asked))


def _too_long(room: int) -> str:
    return (
        f"links are {2 * LEAST_NAME - room} characters too long for an SMS that also names service and unit;"
        " use a shorter PERCAYA_BASE_URL"
    )


def tidy_name(name: str) -> str:
    """A name as it stands in an SMS that has room for it: folded, on one line."""
    return " ".join(fold(name).split())


def _septets(text: str) -> int:
    return segment(text).units


def _share(service: str, unit: str, room: int) -> tuple[str, str]:
    """Both names in the room there is: each has a right to half, and to what the other leaves."""
    shown = _shortened(service, room // 2)
    unit = _shortened(unit, room - _septets(shown))
    return _shortened(service, room - _septets(unit)), unit


def _shortened(name: str, most: int) -> str:
    """The words of a name that fit into some septets; of a single long word, its beginning."""
    if _septets(name) <= most:
        return name
    cut = name
    while _septets(cut) > most:
        cut = cut[:-1]
    at_word = cut if name[len(cut)].isspace() else cut.rpartition(" ")[0]
    return _DANGLING.sub("", at_word) or cut.rstrip()
