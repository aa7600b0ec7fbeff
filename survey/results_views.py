"""What each results page shows: plain values for the templates, made from figures.

Pure. The templates compute nothing; every text of theirs that depends on a case is chosen here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from survey.figures import Figure
from survey.i18n import NAMES, translator
from survey.periods import Period, choices
from survey.pictures import SUBJECTS
from survey.results import Overview, Results
from survey.results_beside import Fact, rating_facts
from survey.results_cards import Card, Imported, card_of, imported_of
from survey.results_pictures import PictureView, address_of, picture_view, query_of
from survey.results_tables import Table, figures_table
from survey.results_texts import (
    N_,
    OFFERED,
    period_name,
    say,
    written_period,
)

_FIRST_COMMANDS = """\
percaya agencies add CODE "NAME"
percaya agencies add-unit AGENCY CODE "NAME"
percaya keys create AGENCY"""

Trouble = Literal["unauthorized", "period", "unknown", "unavailable", "internal"]

_TROUBLES: Mapping[Trouble, tuple[str, str]] = {
    "unauthorized": (
        N_("Results are open to the administrator only"),
        N_("Load this page again; give any name, and the administrator's key as the password."),
    ),
    "period": (
        N_("We cannot read this period"),
        N_("Write it as 2026, 2026-S1, 2026-Q3 or 2026-11, or choose one from the list."),
    ),
    "unknown": (
        N_("There is no such agency or unit"),
        N_("Choose one from the list of agencies."),
    ),
    "unavailable": (
        N_("The results are not available just now"),
        N_("Nothing is lost. Please load this page again in a minute."),
    ),
    "internal": (
        N_("Something failed on our side"),
        N_("Nothing is lost. If it happens again, please tell us."),
    ),
}


@dataclass(frozen=True)
class Link:
    """A place to go, by its name."""

    name: str
    address: str
    code: str = ""


@dataclass(frozen=True)
class Option:
    """A period that can be chosen."""

    value: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class Picker:
    """The periods to choose from: the latest twelve months first, then groups of (name, options)."""

    latest: Option
    groups: tuple[tuple[str, tuple[Option, ...]], ...]


@dataclass(frozen=True)
class Frame:
    """What stands around a page: its own address, its languages, the way back, and what is shown."""

    heading: str
    address: str
    languages: tuple[Link, ...]
    trail: tuple[Link, ...] = ()
    shown: str = ""


@dataclass(frozen=True)
class Guidance:
    """What to do when there is nothing to show yet, with an example to copy."""

    heading: str
    text: str
    example: str = ""


@dataclass(frozen=True)
class OverviewPage:
    """All agencies with their figures."""

    frame: Frame
    picker: Picker | None
    table: Table | None
    guidance: Guidance | None
    onward: tuple[Link, ...] = ()


@dataclass(frozen=True)
class PlacePage:
    """An agency or unit with everything known of it."""

    frame: Frame
    kind: str
    picker: Picker | None
    card: Card | None
    scale: PictureView | None
    pictures: tuple[PictureView, ...]
    ratings: tuple[Fact, ...]
    units: Table | None
    imported: Imported | None
    guidance: Guidance | None
    comments: Link


@dataclass(frozen=True)
class TroublePage:
    """Why there is no page, and what to do."""

    frame: Frame
    text: str


def overview_page(overview: Overview, lang: str, asked: str) -> OverviewPage:
    """All agencies by name; ``asked`` is the period as it stands in the address, empty when none."""
    _ = translator(lang).gettext
    frame = frame_of(_("Results"), "/results", lang, asked, (), _shown(overview.period, lang))
    if not overview.figures:
        text = _("Register an agency and its units, make a key for it, then report finished transactions.")
        guidance = Guidance(_("No agency is registered yet"), text, _FIRST_COMMANDS)
        return OverviewPage(frame, None, None, guidance)
    table = figures_table(
        overview.figures, _("Agencies, by name"), _("Agency"), lang, "/results", query_of(lang, asked)
    )
    onward = (
        Link(_("Allegations in comments, for the ombudsman"), f"/allegations{query_of(lang, '')}"),
        Link(_("Comments to be looked through"), f"/corrections{query_of(lang, '')}"),
    )
    return OverviewPage(frame, picker_of(overview.months, lang, asked), table, None, onward)


def place_page(
    results: Results, units: Sequence[Figure], names: Mapping[str, str], lang: str, asked: str, example: str
) -> PlacePage:
    """An agency with its units, or one unit.

    Args:
        results: what is known of the place.
        units: the figures of an agency's units, by name; none for a unit.
        names: name of each item, by key, in the language.
        lang: the language, one of ``OFFERED``.
        asked: the period as it stands in the address, empty when none.
        example: how to report a transaction of this place, to copy.
    """
    _ = translator(lang).gettext
    place, query = results.place, query_of(lang, asked)
    trail = [Link(_("Results"), f"/results{query}")]
    if place.unit is not None:
        trail.append(Link(place.agency_name, f"{address_of(place._replace(unit=None))}{query}"))
    figure = results.figure
    live = figure is not None and bool(results.months)
    table = figures_table(units, _("Units, by name"), _("Unit"), lang, address_of(place), query)
    evidence = results.evidence
    views = [picture_view(results, subject, names, lang, asked) for subject in SUBJECTS] if live else []
    return PlacePage(
        frame=frame_of(
            place.name, address_of(place), lang, asked, tuple(trail), _shown(results.period, lang)
        ),
        kind=_("Agency") if place.unit is None else _("Unit of %(agency)s") % {"agency": place.agency_name},
        picker=picker_of(results.months, lang, asked) if live else None,
        card=card_of(figure, names, lang, evidence, drawn=True) if figure is not None and live else None,
        scale=views[0] if views else None,
        pictures=tuple(views[1:]),
        ratings=tuple(rating_facts(evidence.ratings, names, lang)) if evidence else (),
        units=table if units else None,
        imported=imported_of(results, names, lang),
        guidance=_guidance(results, bool(units), lang, example),
        comments=Link(_("What people write"), address_of(place, "comments") + query),
    )


def trouble_page(trouble: Trouble, lang: str) -> TroublePage:
    """Why there is no page here, and what to do."""
    heading, text = (say(one, lang) for one in _TROUBLES[trouble])
    trail = (Link(say(N_("Results"), lang), f"/results{query_of(lang, '')}"),)
    return TroublePage(frame_of(heading, "/results", lang, "", trail, ""), text)


def frame_of(heading: str, address: str, lang: str, asked: str, trail: tuple[Link, ...], shown: str) -> Frame:
    """What stands around a page at an address, in each language for the period as it was asked."""
    languages = tuple(Link(NAMES[code], address + query_of(code, asked), code) for code in OFFERED)
    return Frame(heading, address, languages, trail, shown)


def _shown(period: Period | None, lang: str) -> str:
    return say(N_("Shown: %(period)s"), lang, period=period_name(period, lang)) if period else ""


def picker_of(months: list[int], lang: str, asked: str) -> Picker:
    """The periods to choose from; ``asked`` is among them whatever there is of it."""
    _ = translator(lang).gettext
    offered = choices(months)
    if asked and asked not in offered:
        offered.insert(0, asked)
    groups: dict[str, list[Option]] = {
        _("Years"): [],
        _("Halves"): [],
        _("Quarters"): [],
        _("Months"): [],
    }
    years, halves, quarters, single = groups.values()
    for text in offered:
        group = quarters if "Q" in text else halves if "S" in text else single if "-" in text else years
        group.append(Option(text, written_period(text, lang) or text, text == asked))
    return Picker(
        Option("", _("Latest twelve months"), not asked),
        tuple((name, tuple(options)) for name, options in groups.items() if options),
    )


def _guidance(results: Results, has_units: bool, lang: str, example: str) -> Guidance | None:
    _ = translator(lang).gettext
    figure = results.figure
    if results.place.unit is None and not has_units:
        text = _("Register the offices of this agency; their transactions can be reported after that.")
        command = f'percaya agencies add-unit {results.place.agency} CODE "NAME"'
        return Guidance(_("No unit is registered yet"), text, command)
    if not results.months:
        text = _(
            "Report every finished transaction: each gives a link for the citizen, and the answers appear"
            " here within seconds. With the agency's key:"
        )
        return Guidance(_("No transaction has been reported yet"), text, example)
    if figure is None or figure.n or not results.funnel.invited:
        return None
    text = _("Links have been given and none has been answered. See whether the citizens get their links.")
    return Guidance(_("Nobody has answered yet"), text)
