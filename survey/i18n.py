"""Languages: translations, template environments, and numbers and dates as each language writes them.

Source texts are English. Catalogues are `locales/<language>/LC_MESSAGES/percaya.po`; they are compiled in
memory when first needed, so there is no compiled file to forget.
"""

from __future__ import annotations

import datetime
import gettext
import io
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path

from babel import dates, negotiate_locale, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined

LANGUAGES = ("id", "en", "jv", "su")
DEFAULT_LANGUAGE = "id"
NAMES = {"id": "Bahasa Indonesia", "en": "English", "jv": "Basa Jawa", "su": "Basa Sunda"}

# Nobody who speaks the others natively has approved their texts yet; pages in them say so.
REVIEWED = frozenset({"id", "en"})

_ROOT = Path(__file__).resolve().parent.parent
_DOMAIN = "percaya"

# Java and old Android still send the codes that ISO 639 withdrew in 1989 and 2001.
_WITHDRAWN = {"in": "id", "jw": "jv"}
# English here writes the day before the month, as Indonesian does.
_DATE_LOCALES = {"en": "en_GB"}

_RANGE = re.compile(r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:\s*;\s*q=([01](?:\.[0-9]{0,3})?))?")


@lru_cache(maxsize=len(LANGUAGES))
def translator(lang: str) -> gettext.NullTranslations:
    """The translations of a language; a text it lacks is given in Indonesian, failing that in English."""
    if lang not in LANGUAGES:
        raise KeyError(lang)
    path = _ROOT / "locales" / lang / "LC_MESSAGES" / f"{_DOMAIN}.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale=lang, domain=_DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    translations = gettext.GNUTranslations(compiled)
    if lang not in REVIEWED:
        translations.add_fallback(translator(DEFAULT_LANGUAGE))
    return translations


@lru_cache(maxsize=len(LANGUAGES))
def environment(lang: str) -> Environment:
    """The templates in a language.

    One environment per language: overlays of a common one share their globals, and every page would
    come out in the language installed last. Offers `lang`, `_`, and the filters `number` and `date`.
    """
    made = Environment(
        loader=FileSystemLoader(_ROOT / "templates"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # The extension adds this method to the environment at run time.
    made.install_gettext_translations(translator(lang), newstyle=True)  # type: ignore[attr-defined]
    made.globals["lang"] = lang
    made.filters["number"] = lambda value, places=0: format_number(value, lang, places)
    made.filters["date"] = lambda day: format_date(day, lang)
    return made


def negotiate(accept_language: str | None, available: Sequence[str], default: str) -> str:
    """The language to answer in, from an `Accept-Language` header (RFC 9110, 12.5.4), however broken."""
    ranges = [_RANGE.fullmatch(part.strip()) for part in (accept_language or "")[:500].split(",")]
    wanted = [(float(found[2] or 1), _current(found[1])) for found in ranges if found]
    preferred = [tag for quality, tag in sorted(wanted, key=lambda pair: -pair[0]) if quality > 0]
    return negotiate_locale(preferred, available, sep="-") or default


def _current(tag: str) -> str:
    language, hyphen, rest = tag.lower().partition("-")
    return _WITHDRAWN.get(language, language) + hyphen + rest


def format_number(value: Decimal | float, lang: str, places: int) -> str:
    """A number with exactly `places` decimals, rounded half up: 78,74 in Indonesian, 78.74 in English."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    # Adding zero turns a negative zero into a plain one.
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP) + 0
    pattern = "#,##0." + "0" * places if places else "#,##0"
    return numbers.format_decimal(rounded, format=pattern, locale=lang)


def format_date(day: datetime.date, lang: str) -> str:
    """A date in full: 24 November 2026."""
    return dates.format_date(day, format="long", locale=_DATE_LOCALES.get(lang, lang))
