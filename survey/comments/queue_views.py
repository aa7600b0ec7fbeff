"""What the page of the queue of allegations shows: plain values for the template. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.parse import urlencode

from analysis.themes import INTEGRITY
from survey.clock import as_date
from survey.comments.allegations import MOST_LISTED, STATES, Allegation, Queue, QueueQuestion
from survey.comments.highlighting import Passage
from survey.comments.queue_texts import TROUBLES, Trouble, notice_of, state_name
from survey.comments.references import Reference
from survey.comments.texts import theme_name
from survey.i18n import NAMES, format_date, translator
from survey.operations_views import Frame, TextPage
from survey.results_texts import OFFERED, month_name, number, say
from survey.results_views import Link, Option

ADDRESS = "/allegations"
CORRECTIONS = "/corrections"

Seal = Callable[[Reference], str]


@dataclass(frozen=True)
class Tab:
    """A state with the number of allegations in it."""

    name: str
    count: str
    address: str
    chosen: bool


@dataclass(frozen=True)
class Choice:
    """Something to choose from a list."""

    id: str
    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Case:
    """One allegation: ``fields`` go with what is chosen of ``outcomes``; ``state`` says what is known."""

    id: str
    heading: str
    themes: str
    passages: tuple[Passage, ...]
    state: str
    open: bool
    fields: tuple[tuple[str, str], ...]
    outcomes: Choice
    correction: Link


@dataclass(frozen=True)
class QueuePage:
    """The queue: ``months`` are those of this page with their allegations; ``empty`` says why none.

    What is chosen to be shown is asked at ``action``, what came of an allegation is sent to ``save``.
    """

    frame: Frame
    tabs: tuple[Tab, ...]
    kept: tuple[tuple[str, str], ...]
    filters: tuple[Choice, ...]
    action: str
    save: str
    months: tuple[tuple[str, tuple[Case, ...]], ...]
    empty: str
    cut: str
    pages: str
    turns: tuple[Link, ...]
    corrections: Link


def question_of(query: Mapping[str, str], words: Path | None) -> QueueQuestion:
    """What an address asks for; a word that is none of ours is as if it were not there."""
    theme, state, page = query.get("theme", ""), query.get("state", ""), query.get("page", "")
    return QueueQuestion(
        words,
        theme if theme in INTEGRITY else "",
        query.get("agency", ""),
        state if state in STATES else "",
        int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def address_of(question: QueueQuestion, lang: str, *, to: str = ADDRESS, **changes: str) -> str:
    """The address of what a question asks for, with some of it changed."""
    asked = {
        "theme": question.theme,
        "agency": question.agency,
        "state": question.state,
        "page": str(question.page) if question.page > 1 else "",
    }
    listed = {name: value for name, value in (asked | changes).items() if value}
    return f"{to}?{urlencode({'lang': lang, **listed})}"


def correction_address(sealed: str, lang: str, **query: str) -> str:
    """The address at which a comment can be corrected, of its sealed reference."""
    return f"{CORRECTIONS}/{sealed}?{urlencode({'lang': lang, **query})}"


def queue_page(
    queue: Queue, question: QueueQuestion, names: Mapping[str, str], lang: str, done: str, seal: Seal
) -> QueuePage:
    """A page of the queue.

    Args:
        queue: what was asked for.
        question: what the address asked.
        names: name of each item, by key, in the language.
        lang: the language, one of ``OFFERED``.
        done: what came of an action, as it stands in the address.
        seal: makes a reference as it may leave the installation.
    """
    _ = translator(lang).gettext
    languages = tuple(Link(NAMES[code], address_of(question, code), code) for code in OFFERED)
    cases = [
        (one.month, _case(one, place, question, names, lang, seal)) for place, one in enumerate(queue.listed)
    ]
    turn = {"page": number(queue.page, lang), "pages": number(queue.pages, lang)}
    return QueuePage(
        frame=Frame(
            _("Allegations"),
            languages,
            (Link(_("Results"), f"/results?lang={lang}"),),
            notice_of(done, lang),
        ),
        tabs=_tabs(queue, question, lang),
        kept=tuple((name, value) for name, value in (("lang", lang), ("state", question.state)) if value),
        filters=_filters(queue, question, names, lang),
        action=ADDRESS,
        save=address_of(question, lang),
        months=tuple(
            (month_name(month, lang), tuple(case for _month, case in group))
            for month, group in groupby(cases, key=lambda one: one[0])
        ),
        empty="" if cases else _empty(question, lang),
        cut=_("Only the latest %(most)s are looked at.") % {"most": number(MOST_LISTED, lang)}
        if queue.cut
        else "",
        pages=_("Page %(page)s of %(pages)s") % turn if queue.pages > 1 else "",
        turns=_turns(queue, question, lang),
        corrections=Link(_("Correct what comments are about"), f"{CORRECTIONS}?lang={lang}"),
    )


def _tabs(queue: Queue, question: QueueQuestion, lang: str) -> tuple[Tab, ...]:
    everything = Tab(
        translator(lang).gettext("all"),
        number(sum(queue.counts.values()), lang),
        address_of(question, lang, state="", page=""),
        not question.state,
    )
    return (
        everything,
        *(
            Tab(
                state_name(state, lang),
                number(queue.counts[state], lang),
                address_of(question, lang, state=state, page=""),
                state == question.state,
            )
            for state in STATES
        ),
    )


def _filters(
    queue: Queue, question: QueueQuestion, names: Mapping[str, str], lang: str
) -> tuple[Choice, ...]:
    _ = translator(lang).gettext
    themes = [("", _("all"))] + [(key, theme_name(key, names, lang)) for key in INTEGRITY]
    agencies = [("", _("all")), *queue.agencies]
    return (
        Choice("theme", _("About"), _options(themes, question.theme)),
        Choice("agency", _("Agency"), _options(agencies, question.agency)),
    )


def _options(offered: list[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, name, value == chosen) for value, name in offered)


def _case(
    one: Allegation, place: int, question: QueueQuestion, names: Mapping[str, str], lang: str, seal: Seal
) -> Case:
    _ = translator(lang).gettext
    sealed = seal(one.reference)
    outcomes = [(state, state_name(state, lang)) for state in STATES]
    state = state_name(one.state, lang)
    if one.since is not None:
        since = {"state": state, "day": format_date(as_date(one.since), lang)}
        state = _("%(state)s, since %(day)s") % since
    return Case(
        id=f"case-{place + 1}",
        heading=f"{one.unit}, {one.agency}",
        themes="; ".join(theme_name(key, names, lang) for key in one.themes)
        or _("no longer found, or corrected"),
        passages=one.passages,
        state=state,
        open=one.state == STATES[0],
        fields=(("ref", sealed), ("seen", one.state)),
        outcomes=Choice(f"outcome-{place + 1}", _("What came of it"), _options(outcomes, one.state)),
        correction=Link(_("Is it about something else? Correct it"), correction_address(sealed, lang)),
    )


def _empty(question: QueueQuestion, lang: str) -> str:
    _ = translator(lang).gettext
    if question.theme or question.agency or question.state:
        return _("There is none like that. Choose others above.")
    return _(
        "There is none. A comment appears here when it speaks of bribes, brokers or discrimination, after the"
        " night that follows it."
    )


def _turns(queue: Queue, question: QueueQuestion, lang: str) -> tuple[Link, ...]:
    _ = translator(lang).gettext
    offered = ((queue.page - 1, _("Previous page"), "prev"), (queue.page + 1, _("Next page"), "next"))
    return tuple(
        Link(name, address_of(question, lang, page=str(page)), code)
        for page, name, code in offered
        if 1 <= page <= queue.pages
    )


def trouble_page(trouble: Trouble, lang: str) -> TextPage:
    """Why there is no page here, and what to do."""
    _ = translator(lang).gettext
    heading, text = (say(one, lang) for one in TROUBLES[trouble])
    languages = tuple(Link(NAMES[code], f"{ADDRESS}?lang={code}", code) for code in OFFERED)
    trail = (
        Link(_("Allegations"), f"{ADDRESS}?lang={lang}"),
        Link(_("Corrections"), f"{CORRECTIONS}?lang={lang}"),
    )
    return TextPage(Frame(heading, languages, trail), text)
