"""Every text in every language, and numbers and dates as each language writes them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import UndefinedError

from survey.i18n import LANGUAGES, REVIEWED, environment, format_date, format_number, negotiate, translator

ROOT = Path(__file__).resolve().parent.parent
CITIZEN = ("templates/citizen/", "survey/page")


@lru_cache(maxsize=1)
def source_texts() -> dict[str, set[str]]:
    """Every text marked for translation, with the files it stands in."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[str, set[str]] = {}
    for folder in ("survey", "templates"):
        rules = [(p.removeprefix(f"{folder}/"), m) for p, m in methods if p.startswith(f"{folder}/")]
        chosen = {p.removeprefix(f"{folder}/"): o for p, o in options.items()}
        for name, _, text, *_ in extract_from_dir(ROOT / folder, rules, chosen):
            for one in [text] if isinstance(text, str) else text:
                found.setdefault(one, set()).add(f"{folder}/{name}")
    return found


def catalog(lang: str) -> Catalog:
    with (ROOT / "locales" / lang / "LC_MESSAGES" / "percaya.po").open("rb") as file:
        return read_po(file, locale=lang)


def translated(lang: str) -> dict[str, str]:
    singular = [(m.id, m.string) if isinstance(m.id, str) else (m.id[0], m.string[-1]) for m in catalog(lang)]
    return {text: string for text, string in singular if text and string}


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]|%(?!\()", text))


def missing(lang: str, texts: Iterable[str]) -> set[str]:
    return set(texts) - translated(lang).keys()


def test_the_texts_of_pages_and_of_python_are_both_found() -> None:
    assert "Prefer not to say" in source_texts()
    assert "This link has expired" in source_texts()


@pytest.mark.parametrize("lang", sorted(REVIEWED))
def test_every_text_is_translated_in_a_reviewed_language(lang: str) -> None:
    assert missing(lang, source_texts()) == set()


@pytest.mark.parametrize("lang", sorted(set(LANGUAGES) - REVIEWED))
def test_every_text_of_the_citizen_is_translated_in_an_unreviewed_language(lang: str) -> None:
    citizen = {text for text, files in source_texts().items() if any(f.startswith(CITIZEN) for f in files)}
    assert missing(lang, citizen) == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_translation_is_left_of_a_text_that_is_gone(lang: str) -> None:
    assert translated(lang).keys() - source_texts().keys() == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_translation_is_a_guess(lang: str) -> None:
    assert [message.id for message in catalog(lang) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_source(lang: str) -> None:
    wrong = {text for text, string in translated(lang).items() if placeholders(text) != placeholders(string)}
    assert wrong == set()


@pytest.mark.parametrize("lang", ["id", "jv", "su"])
def test_no_text_is_left_in_english(lang: str) -> None:
    same = {text for text, string in translated(lang).items() if text == string}
    assert {text for text in same if len(text.split()) > 2} == set()


@pytest.mark.parametrize("lang", sorted(set(LANGUAGES) - REVIEWED))
def test_an_unreviewed_catalogue_says_so(lang: str) -> None:
    assert "UNREVIEWED DRAFT" in catalog(lang).header_comment


def test_environments_used_in_turn_keep_their_languages() -> None:
    made = [environment(lang).from_string("{{ _('Thank you') }} {{ lang }}") for lang in LANGUAGES]
    assert [template.render() for template in made] == [
        "Terima kasih id",
        "Thank you en",
        "Matur nuwun jv",
        "Hatur nuhun su",
    ]


def test_an_environment_escapes_and_refuses_what_is_undefined() -> None:
    assert environment("id").from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        environment("id").from_string("{{ nothing }}").render()


def test_templates_write_numbers_and_dates_in_their_language() -> None:
    source = "{{ value|number(2) }} {{ day|date }}"
    day = datetime.date(2026, 11, 4)
    shown = {lang: environment(lang).from_string(source).render(value=78.74, day=day) for lang in LANGUAGES}
    assert shown == {
        "id": "78,74 4 November 2026",
        "en": "78.74 4 November 2026",
        "jv": "78,74 4 November 2026",
        "su": "78,74 4 Nopémber 2026",
    }


def test_a_text_missing_in_an_unreviewed_language_is_shown_in_indonesian() -> None:
    assert translator("jv")._fallback is translator("id")


def test_an_unknown_language_has_no_translations() -> None:
    with pytest.raises(KeyError):
        translator("../../etc")


@pytest.mark.parametrize(
    ("value", "lang", "places", "shown"),
    [
        (Decimal("78.745"), "id", 2, "78,75"),
        (Decimal("78.745"), "en", 2, "78.75"),
        (2.675, "en", 2, "2.68"),
        (1234567, "id", 0, "1.234.567"),
        (1234567.5, "en", 1, "1,234,567.5"),
        (100, "id", 2, "100,00"),
        (-0.001, "en", 2, "0.00"),
        (-1.5, "en", 0, "-2"),
    ],
)
def test_a_number_is_rounded_half_up_and_written_as_the_language_does(
    value: Decimal | float, lang: str, places: int, shown: str
) -> None:
    assert format_number(value, lang, places) == shown


def test_a_date_is_written_in_full() -> None:
    assert format_date(datetime.date(2026, 8, 17), "id") == "17 Agustus 2026"
    assert format_date(datetime.date(2026, 8, 17), "en") == "17 August 2026"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "id"),
        ("", "id"),
        ("en", "en"),
        ("en-GB,en;q=0.8", "en"),
        ("fr-FR,fr;q=0.9,su;q=0.4,en;q=0.6", "en"),
        ("jv-ID", "jv"),
        ("in-ID", "id"),
        ("jw", "jv"),
        ("EN-us", "en"),
        ("en;q=0, su;q=0.1", "su"),
        ("fr, de", "id"),
        ("*", "id"),
        ("en;q=abc, su", "su"),
        (";;;,,,q=\x00" * 200, "id"),
        ("x" * 100_000, "id"),
    ],
)
def test_the_language_is_chosen_from_what_the_browser_prefers(header: str | None, language: str) -> None:
    assert negotiate(header, LANGUAGES, "id") == language


def test_only_a_language_on_offer_is_chosen() -> None:
    assert negotiate("su,en;q=0.5", ["id", "en"], "id") == "en"
