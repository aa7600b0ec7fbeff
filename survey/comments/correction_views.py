"""What the pages of corrections show: plain values for the templates. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.themes import THEMES
from survey.comments.correcting import Correctable
from survey.comments.highlighting import Passage
from survey.comments.queue_texts import LABELS, NOT_MENTIONED, notice_of
from survey.comments.queue_views import ADDRESS, CORRECTIONS, Choice, Seal, correction_address
from survey.comments.sampling import Measured, Rate, Sampled, Samples
from survey.comments.texts import ranged, theme_name
from survey.i18n import NAMES, translator
from survey.operations_views import Button, Frame
from survey.results_texts import OFFERED, month_name, number, percent, say
from survey.results_views import Link, Option

PREFIX = "theme-"
"""What the fields of a correction are called, before the theme's key."""


@dataclass(frozen=True)
class Entry:
    """A comment of a sample: what it is about, and the way to correct it."""

    text: str
    about: str
    reviewed: str
    correct: Link


@dataclass(frozen=True)
class Precision:
    """How the rules do, as a row of a table: how much of what they find is right, how much they find."""

    name: str
    precision: str
    recall: str


@dataclass(frozen=True)
class CorrectionsPage:
    """The sample of a month, and what all samples tell of the rules."""

    frame: Frame
    months: tuple[Link, ...]
    month: str
    reviewed: str
    labels: str
    rows: tuple[Precision, ...]
    listed: tuple[Entry, ...]
    empty: str


@dataclass(frozen=True)
class CorrectionPage:
    """A comment with what was found in it, and a form to say what it is about."""

    frame: Frame
    passages: tuple[Passage, ...]
    evidence: tuple[tuple[str, str, str], ...]
    action: str
    fields: tuple[tuple[str, str], ...]
    themes: tuple[Choice, ...]
    given: str
    withdraw: Button | None
    queue: Link | None


def corrections_page(
    samples: Samples, names: Mapping[str, str], lang: str, done: str, seal: Seal
) -> CorrectionsPage:
    """The sample of a month; arguments as for ``survey.comments.queue_views.queue_page``."""
    _ = translator(lang).gettext
    month = str(samples.month or "")
    asked = f"&month={month}" if month else ""
    numbers = {"reviewed": number(samples.reviewed, lang), "drawn": number(samples.drawn, lang)}
    rows = (samples.overall, *samples.themes) if samples.reviewed else ()
    return CorrectionsPage(
        frame=Frame(
            _("Corrections"),
            tuple(Link(NAMES[code], f"{CORRECTIONS}?lang={code}{asked}", code) for code in OFFERED),
            (Link(_("Results"), f"/results?lang={lang}"), Link(_("Allegations"), f"{ADDRESS}?lang={lang}")),
            notice_of(done, lang),
        ),
        months=tuple(
            Link(month_name(one, lang), f"{CORRECTIONS}?lang={lang}&month={one}")
            for one in samples.months
            if one != samples.month
        ),
        month="" if samples.month is None else month_name(samples.month, lang),
        reviewed=_("%(reviewed)s of %(drawn)s comments of the samples have been gone through.") % numbers,
        labels=_("Of the themes rightly found, so many are rightly called favourable or not: %(rate)s.")
        % {"rate": _rate(samples.labels, lang)}
        if samples.labels.n
        else "",
        rows=tuple(_precision(one, names, lang) for one in rows),
        listed=tuple(_entry(one, month, names, lang, seal) for one in samples.listed),
        empty="" if samples.listed else _("There is no comment yet that has been read and shuffled."),
    )


def _precision(one: Measured, names: Mapping[str, str], lang: str) -> Precision:
    name = theme_name(one.theme, names, lang) if one.theme else translator(lang).gettext("All themes")
    return Precision(name, _rate(one.precision, lang), _rate(one.recall, lang))


def _rate(rate: Rate, lang: str) -> str:
    if rate.value is None or rate.interval is None:
        return "–"
    counted = f"{number(rate.hits, lang)} / {number(rate.n, lang)}"
    return f"{counted}: {ranged(percent(rate.value, lang), rate.interval, lang)}"


def _entry(one: Sampled, month: str, names: Mapping[str, str], lang: str, seal: Seal) -> Entry:
    _ = translator(lang).gettext
    said = one.found if one.given is None else one.given
    about = about_text(said, names, lang)
    return Entry(
        text=one.text,
        about=(_("Found: %(themes)s") if one.given is None else _("Said by a person: %(themes)s"))
        % {"themes": about},
        reviewed="" if one.given is None else _("gone through"),
        correct=Link(
            _("Confirm or correct") if one.given is None else _("Look again"),
            correction_address(seal(one.reference), lang, month=month),
        ),
    )


def about_text(themes: Mapping[str, int], names: Mapping[str, str], lang: str) -> str:
    """Themes with their labels in one line; that there is none, in words."""
    listed = [
        f"{theme_name(key, names, lang)} ({say(LABELS[themes[key]], lang)})"
        for key in THEMES
        if key in themes
    ]
    return "; ".join(listed) or translator(lang).gettext("no theme")


def correction_page(
    comment: Correctable, sealed: str, month: str, names: Mapping[str, str], lang: str, done: str
) -> CorrectionPage:
    """A comment to be corrected; ``sealed`` is its reference, ``month`` the sample it was chosen from."""
    _ = translator(lang).gettext
    given = comment.given
    themes = comment.found if given is None else given
    query = {"month": month} if month else {}
    action = f"{CORRECTIONS}?lang={lang}" + (f"&month={month}" if month else "")
    fields = (("ref", sealed), ("seen", comment.seen))
    return CorrectionPage(
        frame=Frame(
            _("What is this comment about?"),
            tuple(Link(NAMES[code], correction_address(sealed, code, **query), code) for code in OFFERED),
            (Link(_("Corrections"), action),),
            notice_of(done, lang),
        ),
        passages=comment.passages,
        evidence=tuple(
            (theme_name(theme, names, lang), clause, ", ".join(words))
            for theme, clause, words in comment.clauses
        ),
        action=action,
        fields=fields,
        themes=tuple(
            Choice(f"{PREFIX}{key}", theme_name(key, names, lang), _labels(themes.get(key), lang))
            for key in THEMES
        ),
        given="" if given is None else _("A person has gone through this comment."),
        withdraw=None
        if given is None
        else Button("withdraw", action, (*fields, ("withdraw", "yes")), _("Take the correction back")),
        queue=Link(_("It stands in the queue of allegations"), f"{ADDRESS}?lang={lang}")
        if comment.alleges
        else None,
    )


def _labels(chosen: int | None, lang: str) -> tuple[Option, ...]:
    listed = {"": NOT_MENTIONED} | {str(label): name for label, name in LABELS.items()}
    return tuple(
        Option(value, say(name, lang), value == ("" if chosen is None else str(chosen)))
        for value, name in listed.items()
    )


def themes_of(fields: Mapping[str, str]) -> dict[str, int] | None:
    """The labels by theme that a form gives; None when it takes back what was said.

    Raises:
        ValueError: a field is missing, or is no label.
    """
    if fields.get("withdraw") == "yes":
        return None
    given = {key: fields.get(f"{PREFIX}{key}") for key in THEMES}
    if not all(value in ("", "-1", "0", "1") for value in given.values()):
        raise ValueError("a theme of the form is missing, or has no label of ours")
    return {key: int(value) for key, value in given.items() if value}
