"""The words of the results pages: grades, reasons, periods, and numbers as each language writes them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from babel import dates

from analysis.index import GRADE_TABLES
from survey.figures import GRADED_FROM, METHOD, PERCEPTION_METHOD, SHOWN_FROM
from survey.i18n import format_number, translator
from survey.periods import Period

OFFERED = ("id", "en")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_HALF = re.compile(r"(\d{4})-S([12])")
_ROMAN = ("I", "II", "III", "IV")
_NO_BREAK = "\u00a0"


def N_(text: str) -> str:
    """Mark a text for translation where it stands in a table; it is translated when it is shown."""
    return text


_GRADES = {"A": N_("Very good"), "B": N_("Good"), "C": N_("Less than good"), "D": N_("Not good")}
_REASONS = {
    "no_answers": N_("There are no answers in this period."),
    "too_few": N_(
        "Too few answers: the index is shown from %(shown)s answers on, so that nobody's answer can be told."
    ),
    "no_grades": N_("No grade: the rule has none for this index."),
    "too_few_for_grade": N_("No grade yet: it needs at least %(graded)s answers."),
}
_SHORT_REASONS = {
    "no_answers": N_("no answers"),
    "too_few": N_("too few answers"),
    "would_give_away": N_("the few answers that came another way would follow from it"),
    "other_elements": N_("not the same elements were answered both ways"),
}
_METHODS = {
    METHOD: N_(
        "PermenPAN-RB 14/2017: nine elements with equal weights, all answers pooled, unweighted; 95 %"
        " variance-calibrated Wilson interval"
    ),
    PERCEPTION_METHOD: N_(
        "Perception index of at most 4: each answer × 4 / number of steps, all answers pooled, unweighted;"
        " 95 % variance-calibrated Wilson interval"
    ),
}
_LANGUAGE_NAMES = {
    "id": N_("Indonesian"),
    "en": N_("English"),
    "jv": N_("Javanese"),
    "su": N_("Sundanese"),
    "und": N_("no language to be told"),
}


def say(text: str, lang: str, **values: str) -> str:
    """A source text in a language, with its values filled in."""
    translated = translator(lang).gettext(text)
    return translated % values if values else translated


def grade_name(grade: str, lang: str) -> str:
    """What a grade (A to D) is called."""
    return say(_GRADES[grade], lang)


def reason(code: str, lang: str) -> str:
    """Why a figure or grade is withheld, in a sentence."""
    return say(_REASONS[code], lang, shown=str(SHOWN_FROM), graded=str(GRADED_FROM))


def short_reason(code: str, lang: str) -> str:
    """Why there is no value, for a cell of a table; accepts the reasons of points as well."""
    return say(_SHORT_REASONS[reason_code(code)], lang)


def reason_code(reason: str) -> str:
    """The code of a point's reason, as figures have it: ``no_answers`` or ``too_few``."""
    return {"no answers": "no_answers", "too few answers": "too_few"}.get(reason, reason)


def grade_bands() -> list[tuple[float, float, str]]:
    """The grades on the scale of 25 to 100: from, to, letter."""
    table = GRADE_TABLES["2017"]
    starts = [float(lowest) for _, lowest in table]
    return [
        (start, end, letter)
        for (letter, _), start, end in zip(table, starts, [*starts[1:], 100.0], strict=True)
    ]


def method_text(method: str, lang: str) -> str:
    """How a figure was made; a method nobody has put into words yet is given as it is."""
    return say(_METHODS[method], lang) if method in _METHODS else method


def language_name(code: str, lang: str) -> str:
    """The name of a language in which comments are written; ``und`` is a comment without words."""
    return say(_LANGUAGE_NAMES[code], lang)


def number(value: float, lang: str, places: int = 0) -> str:
    """A number with exactly so many decimals, rounded half up."""
    return format_number(value, lang, places)


def percent(share: float, lang: str) -> str:
    """A share, 0 to 1, as a percentage with one decimal."""
    return f"{format_number(share * 100, lang, 1)}{_NO_BREAK}%"


def signed(points: float, lang: str, places: int = 1) -> str:
    """Points with their sign, one decimal unless said; a real minus, and none before zero."""
    text = number(abs(points), lang, places)
    return text if text.strip("0,.") == "" else ("+" if points > 0 else "−") + text


def span(low: float, high: float, lang: str) -> str:
    """An interval, two decimals."""
    return f"{format_number(low, lang, 2)}{_NO_BREAK}–{_NO_BREAK}{format_number(high, lang, 2)}"


def month_name(month: int, lang: str) -> str:
    """A month (``yyyymm``) in full: November 2026."""
    return dates.format_date(datetime.date(month // 100, month % 100, 1), "MMMM yyyy", locale=lang)


def short_month(month: int, lang: str) -> str:
    """A month (``yyyymm``) with its name cut short: Nov 2026."""
    return dates.format_skeleton("yMMM", datetime.date(month // 100, month % 100, 1), locale=lang)


def short_months(lang: str) -> Sequence[str]:
    """The twelve months as short names, January first."""
    named = dates.get_month_names("abbreviated", context="stand-alone", locale=lang)
    return [named[number] for number in range(1, 13)]


def written_period(text: str, lang: str) -> str | None:
    """A written period such as ``2026-Q3`` as people call it; None for one that is not written so."""
    if found := _QUARTER.fullmatch(text):
        return say(
            N_("Quarter %(number)s of %(year)s"), lang, number=_ROMAN[int(found[2]) - 1], year=found[1]
        )
    if found := _HALF.fullmatch(text):
        half = N_("Half %(number)s of %(year)s")
        return say(half, lang, number=_ROMAN[int(found[2]) - 1], year=found[1])
    if re.fullmatch(r"\d{4}", text):
        return text
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return month_name(int(text.replace("-", "")), lang)
    return None


def period_name(period: Period, lang: str) -> str:
    """What people call a period: Quarter III of 2026, December 2025 – November 2026."""
    ends = dict.fromkeys(month_name(month, lang) for month in (period.first, period.last))
    return written_period(period.text, lang) or " – ".join(ends)
