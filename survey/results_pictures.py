"""A picture of a results page with what stands around it: address, words, facts and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from survey.drawings import Trend, drawing_of
from survey.i18n import translator
from survey.pictures import Drawing, Subject
from survey.places import Place
from survey.results import Results
from survey.results_beside import Fact, mode_caution, mode_facts, trust_facts
from survey.results_tables import Table, elements_table, funnel_table, months_table, picture_table
from survey.results_texts import N_, say

_READ_BY_PROGRAM = N_(
    "Comments in every language are read by a program, which is wrong now and then; how often, and what"
    " people write, is on the page of the comments."
)


@dataclass(frozen=True)
class PictureView:
    """A picture with its summary in words and its data as a table; no address when there is nothing."""

    subject: Subject
    title: str
    address: str | None
    summary: str
    remark: str
    table: Table | None
    facts: tuple[Fact, ...] = ()


def picture_view(
    results: Results, subject: Subject, names: Mapping[str, str], lang: str, asked: str
) -> PictureView:
    """A picture of a place as its page shows it; arguments as for ``survey.results_views.place_page``."""
    drawing = drawing_of(results, subject, names, lang)
    # Trends show every month there is, whatever the period asked for.
    query = query_of(lang, "" if subject in ("trend", "sentiment") else asked)
    facts = _facts(results, drawing, lang)
    return PictureView(
        subject,
        drawing.title,
        None if drawing.empty else f"{address_of(results.place)}/pictures/{subject}.svg{query}",
        drawing.summary,
        _remark(subject, facts, lang),
        _numbers(results, drawing, names, lang),
        facts,
    )


def address_of(place: Place, pages: str = "results") -> str:
    """The address of a place's page: of its results, or of its ``comments``."""
    return "/".join([f"/{pages}", quote(place.agency), *([quote(place.unit)] if place.unit else [])])


def query_of(lang: str, asked: str) -> str:
    """The query that keeps a language and a period, the latter as it stood in the address."""
    return "?" + urlencode({"lang": lang, **({"period": asked} if asked else {})})


def _facts(results: Results, drawing: Drawing, lang: str) -> tuple[Fact, ...]:
    evidence = results.evidence
    if evidence is None:
        return ()
    if drawing.subject == "modes":
        return tuple(mode_facts(evidence.modes, lang))
    if drawing.subject == "trust" and evidence.trust is not None and not drawing.empty:
        return tuple(trust_facts(evidence.trust, lang))
    return ()


def _remark(subject: Subject, facts: tuple[Fact, ...], lang: str) -> str:
    if subject == "sentiment":
        return say(_READ_BY_PROGRAM, lang)
    return mode_caution(lang) if subject == "modes" and facts else ""


def _numbers(results: Results, drawing: Drawing, names: Mapping[str, str], lang: str) -> Table | None:
    """The numbers of a picture as a table; those of the index stand beside it already."""
    _ = translator(lang).gettext
    figure = results.figure
    if isinstance(drawing.data, Trend):
        value, counted = _("Index"), _("Answers")
        if drawing.subject == "sentiment":
            value, counted = _("Mean, −1 to 1"), _("Comments")
        return months_table(drawing.data.points, drawing.title, value, counted, lang)
    if drawing.subject == "elements":
        return elements_table(figure, names, lang) if figure and figure.elements else None
    if drawing.subject == "funnel":
        return funnel_table(results.funnel, lang) if results.funnel.transactions else None
    return picture_table(drawing, lang)
