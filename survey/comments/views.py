"""What the page of the comments shows: plain values for its template.

Pure. The template computes nothing; every text that depends on a case is chosen here or in ``telling``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from analysis.themes import ELEMENTS
from survey.comments.drawings import comment_drawing
from survey.comments.findings import Findings
from survey.comments.results import NOTHING, Chosen, CommentResults, Quote, Quotes
from survey.comments.tables import allegations_table, months_table, series_table, themes_table
from survey.comments.telling import (
    contradiction_facts,
    how_facts,
    reading_facts,
    why_no_texts,
)
from survey.comments.texts import contradiction_name, few, label_name, theme_name
from survey.i18n import NAMES, translator
from survey.pictures import CommentSubject
from survey.results_beside import Fact
from survey.results_pictures import address_of, query_of
from survey.results_tables import Table
from survey.results_texts import N_, OFFERED, language_name, number, period_name, say
from survey.results_views import Frame, Guidance, Link, Option, Picker, picker_of

LABELS = ("negative", "neutral", "positive")
WRITTEN_LANGUAGES = ("id", "jv", "su", "en", "und")


@dataclass(frozen=True)
class Asked:
    """What was asked of the page: a period as written, the comments chosen, whether shares are corrected."""

    period: str = ""
    chosen: Chosen = NOTHING
    corrected: bool = False


def asked_of(period: str, query: Mapping[str, str]) -> Asked:
    """What was asked, from the query of an address; whatever is none of the choices chooses nothing.

    Matters of integrity are none: their texts are not on this page.
    """

    def one_of(field: str, known: Sequence[str]) -> str:
        return query.get(field, "") if query.get(field) in known else ""

    chosen = Chosen(one_of("theme", ELEMENTS), one_of("label", LABELS), one_of("language", WRITTEN_LANGUAGES))
    return Asked(period, chosen, query.get("corrected") == "1")


@dataclass(frozen=True)
class Picture:
    """A picture with its words; no address when there is nothing to draw."""

    subject: CommentSubject
    title: str
    address: str | None
    summary: str


@dataclass(frozen=True)
class QuoteView:
    """A comment, the language it is written in (a code, or nothing), what is said of it, what decided."""

    text: str
    lang: str
    about: str
    words: str


@dataclass(frozen=True)
class QuoteGroup:
    """Comments under a heading; ``remark`` says why there are none."""

    heading: str
    remark: str
    quotes: tuple[QuoteView, ...]


@dataclass(frozen=True)
class Choice:
    """Something to choose by: the name of its field, what it is called, its options."""

    field: str
    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Contrary:
    """One kind of contradiction: facts, then examples."""

    heading: str
    facts: tuple[Fact, ...]
    quotes: QuoteGroup | None


@dataclass(frozen=True)
class Body:
    """All parts of the page that need comments."""

    how: tuple[Fact, ...]
    toggle: Link
    months: Table | None
    trends: tuple[Picture, ...]
    themes: Table
    themes_picture: Picture
    compared: str
    choices: tuple[Choice, ...]
    hidden: tuple[tuple[str, str], ...]
    no_texts: str
    pending: str
    groups: tuple[QuoteGroup, ...]
    contrary: tuple[Contrary, ...]
    allegations: Table
    reading: tuple[Fact, ...]
    series: Table


@dataclass(frozen=True)
class CommentsPage:
    """The comments of an agency or unit."""

    frame: Frame
    kind: str
    picker: Picker | None
    guidance: Guidance | None
    body: Body | None


def comments_page(results: CommentResults, names: Mapping[str, str], lang: str, asked: Asked) -> CommentsPage:
    """The page of the comments of a place; ``names`` are those of the elements, by key."""
    _ = translator(lang).gettext
    place, query = results.place, query_of(lang, asked.period)
    kind = _("Agency") if place.unit is None else _("Unit of %(agency)s") % {"agency": place.agency_name}
    trail = (
        Link(_("Results"), f"/results{query}"),
        *(
            (Link(place.agency_name, address_of(place._replace(unit=None), "comments") + query),)
            if place.unit is not None
            else ()
        ),
        Link(_("Figures of %(place)s") % {"place": place.name}, address_of(place) + query),
    )
    shown = _("Shown: %(period)s") % {"period": period_name(results.period, lang)} if results.period else ""
    address = address_of(place, "comments")
    frame = Frame(
        _("What people write: %(place)s") % {"place": place.name},
        address,
        tuple(Link(NAMES[code], address + _query(code, asked), code) for code in OFFERED),
        trail,
        shown,
    )
    findings = results.findings
    return CommentsPage(
        frame,
        kind,
        picker_of(results.months, lang, asked.period) if results.months else None,
        _guidance(results, lang),
        None if findings is None else _body(results, findings, names, lang, asked),
    )


def _query(lang: str, asked: Asked, **changed: str) -> str:
    """The query that keeps everything that was asked, but for what is ``changed``."""
    chosen = asked.chosen
    kept = {
        "lang": lang,
        "period": asked.period,
        "theme": chosen.theme,
        "label": chosen.label,
        "language": chosen.language,
        "corrected": "1" if asked.corrected else "",
        **changed,
    }
    return "?" + urlencode({name: value for name, value in kept.items() if value})


def _guidance(results: CommentResults, lang: str) -> Guidance | None:
    _ = translator(lang).gettext
    if results.findings is not None and results.findings.overall.n:
        return None
    if results.waiting:
        text = _("%(n)s comments wait to be read; the worker reads them within seconds.")
        return Guidance(_("No comment has been read yet"), text % {"n": number(results.waiting, lang)})
    if results.elsewhere:
        text = _("Another version has read %(n)s. To have them read by the one in use:")
        return Guidance(
            _("The version in use has read none of these comments"),
            text % {"n": number(results.elsewhere, lang)},
            "percaya comments rescore",
        )
    return Guidance(
        _("Nobody has written anything in this period"),
        _("A comment is never asked for, only offered. Choose another period, or wait."),
    )


def _body(
    results: CommentResults, findings: Findings, names: Mapping[str, str], lang: str, asked: Asked
) -> Body | None:
    if not findings.overall.n:
        return None
    _ = translator(lang).gettext
    trends = tuple(_picture(results, label, names, lang, asked) for label in ("negative", "positive"))
    compared = _("Complaints: unfavourable mentions among all comments, against %(period)s.")
    to = "" if asked.corrected else "1"
    return Body(
        how=tuple(how_facts(results, findings, lang, corrected=asked.corrected)),
        toggle=Link(
            _("Show the shares as they were read")
            if asked.corrected
            else _("Correct the shares for misjudged comments"),
            address_of(results.place, "comments") + _query(lang, asked, corrected=to) + "#how",
        ),
        months=months_table(findings, _("The months as a table"), lang, corrected=asked.corrected)
        if findings.trend
        else None,
        trends=trends,
        themes=themes_table(findings, _("Themes, most mentioned first"), names, lang),
        themes_picture=_picture(results, "themes", names, lang, asked),
        compared=compared % {"period": period_name(findings.compared, lang)},
        choices=_choices(names, lang, asked.chosen),
        hidden=(
            ("lang", lang),
            *((("period", asked.period),) if asked.period else ()),
            *((("corrected", "1"),) if asked.corrected else ()),
        ),
        no_texts=why_no_texts(results, lang),
        pending=_pending(results, lang),
        groups=tuple(_groups(results, names, lang, asked.chosen)),
        contrary=_contrary(results, findings, lang),
        allegations=allegations_table(findings, _("Comments that raise a matter of integrity"), lang),
        reading=tuple(reading_facts(results, findings, lang)),
        series=series_table(
            (*((results.series,) if results.series else ()), *results.others),
            _("Every version that has read comments or was tried"),
            lang,
        ),
    )


def _picture(
    results: CommentResults,
    subject: CommentSubject,
    names: Mapping[str, str],
    lang: str,
    asked: Asked,
) -> Picture:
    drawing = comment_drawing(results, subject, names, lang, corrected=asked.corrected)
    query = {"lang": lang, "period": asked.period, "corrected": "1" if asked.corrected else ""}
    written = urlencode({name: value for name, value in query.items() if value})
    address = f"{address_of(results.place, 'comments')}/pictures/{subject}.svg?{written}"
    return Picture(subject, drawing.title, None if drawing.empty else address, drawing.summary)


def _choices(names: Mapping[str, str], lang: str, chosen: Chosen) -> tuple[Choice, ...]:
    _ = translator(lang).gettext

    def options(all_of_them: str, named: Mapping[str, str], taken: str) -> tuple[Option, ...]:
        return (
            Option("", all_of_them, not taken),
            *(Option(value, name, value == taken) for value, name in named.items()),
        )

    themes = {key: theme_name(key, names, lang) for key in ELEMENTS}
    labels = {label: label_name(label, lang) for label in LABELS}
    languages = {code: language_name(code, lang) for code in WRITTEN_LANGUAGES}
    return (
        Choice("theme", _("Theme"), options(_("all themes"), themes, chosen.theme)),
        Choice("label", _("Kind"), options(_("all kinds"), labels, chosen.label)),
        Choice("language", _("Language"), options(_("all languages"), languages, chosen.language)),
    )


def _pending(results: CommentResults, lang: str) -> str:
    if not results.unsealed:
        return ""
    text = N_("Comments of days that are not over everywhere are shown from the next night on.")
    return say(text, lang)


def _groups(results: CommentResults, names: Mapping[str, str], lang: str, chosen: Chosen) -> list[QuoteGroup]:
    texts = results.texts
    if texts is None:
        return []
    if texts.chosen is not None:
        heading = say(N_("The most typical of those chosen"), lang)
        return [_group(heading, texts.chosen, lang)]
    # Themes in the order of the table above; those of which nothing can be shown are not listed one by one.
    order = [one.key for one in results.findings.themes] if results.findings else []
    shown = [key for key in order if key in texts.themes and texts.themes[key].quotes]
    return [_group(theme_name(key, names, lang), texts.themes[key], lang) for key in shown]


def _group(heading: str, found: Quotes, lang: str) -> QuoteGroup:
    if found.few:
        text = N_("There are %(few)s comments of which the texts may be shown.")
        return QuoteGroup(heading, say(text, lang, few=few(lang)), ())
    return QuoteGroup(heading, "", tuple(_quote(quote, lang) for quote in found.quotes))


def _quote(quote: Quote, lang: str) -> QuoteView:
    about = f"{label_name(quote.label, lang)} · {language_name(quote.language, lang)}"
    words = ", ".join(f"{word} {'+' if good else '−'}" for word, good in quote.words)
    return QuoteView(quote.text, "" if quote.language == "und" else quote.language, about, words)


def _contrary(results: CommentResults, findings: Findings, lang: str) -> tuple[Contrary, ...]:
    found = []
    for kind, one in findings.contradictions.items():
        quotes = results.texts.contradictions[kind] if results.texts else None
        group = None if quotes is None else _group("", quotes, lang)
        found.append(
            Contrary(contradiction_name(kind, lang), tuple(contradiction_facts(kind, one, lang)), group)
        )
    return tuple(found)
