"""What the operator's pages are made of: plain values for the templates, and pages of text.

The templates compute nothing; every text of theirs that depends on a case is chosen before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from survey.i18n import NAMES, translator
from survey.messaging.provider_states import EVERYTHING
from survey.operations_texts import DONE
from survey.operations_texts import EVERYTHING as EVERYTHING_NAME
from survey.results_texts import N_, OFFERED, say
from survey.results_views import Link

ADDRESS = "/operations/sms"

Trouble = Literal["unauthorized", "forbidden", "unknown", "unreadable", "unavailable", "internal"]

_TROUBLES: Mapping[Trouble, tuple[str, str]] = {
    "unauthorized": (
        N_("This page is open to the administrator only"),
        N_("Load this page again; give any name, and the administrator's key as the password."),
    ),
    "forbidden": (
        N_("This was not asked from this page"),
        N_("Nothing was changed. Open the page again and press the button there."),
    ),
    "unknown": (N_("There is nothing here"), N_("Go back to the page of the messages.")),
    "unreadable": (N_("We cannot read this"), N_("Nothing was changed. Go back and try again.")),
    "unavailable": (
        N_("The database does not answer"),
        N_("No message is lost. Please load this page again in a minute."),
    ),
    "internal": (
        N_("Something failed on our side"),
        N_("Nothing is lost. If it happens again, please tell us."),
    ),
}


@dataclass(frozen=True)
class Frame:
    """What stands around a page: its name, its languages, the way back, and what came of an action."""

    heading: str
    languages: tuple[Link, ...]
    trail: tuple[Link, ...] = ()
    notice: str = ""


@dataclass(frozen=True)
class Fact:
    """A name and what is known, with a remark."""

    name: str
    value: str
    remark: str = ""


@dataclass(frozen=True)
class Button:
    """Something to press: a form of ``fields`` posted to ``address``; ``quiet`` when few will want to."""

    id: str
    address: str
    fields: tuple[tuple[str, str], ...]
    text: str
    about: str = ""
    quiet: bool = True


@dataclass(frozen=True)
class Provider:
    """A provider as it is shown; ``ill`` when it takes no messages."""

    name: str
    state: str
    ill: bool
    facts: tuple[Fact, ...]
    button: Button


@dataclass(frozen=True)
class Problem:
    """A message that needs eyes, its ``cells`` by column; what can be done, or the reason ``against``."""

    ref: str
    cells: tuple[tuple[str, str], ...]
    button: Button | None = None
    link: Link | None = None
    against: str = ""


@dataclass(frozen=True)
class Counts:
    """A table of numbers: ``head`` and ``columns`` above it, then rows of a name and its cells."""

    caption: str
    head: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class SmsPage:
    """How the messages are. ``address`` is that of the page itself, ``refresh`` that of the moving part."""

    frame: Frame
    condition: str
    well: bool
    sentence: str
    advice: str
    as_of: str
    refresh: str
    toggle: Link
    everything: Button
    facts: tuple[Fact, ...]
    providers: tuple[Provider, ...]
    problems: tuple[Problem, ...]
    ended: Counts
    costs: Link


@dataclass(frozen=True)
class ConfirmPage:
    """Asks whether a message that may have arrived is to be sent again; ``back`` is the way out."""

    frame: Frame
    cells: tuple[tuple[str, str], ...]
    button: Button
    back: Link


@dataclass(frozen=True)
class CostsPage:
    """What was sent, in segments: every month, then one month by agency; ``months`` are the others' links."""

    frame: Frame
    months: tuple[Link, ...]
    totals: Counts
    agencies: Counts | None


@dataclass(frozen=True)
class TextPage:
    """A page that only says something, with a command to copy."""

    frame: Frame
    text: str
    example: str = ""


def address(path: str, lang: str, **query: str) -> str:
    """An address of these pages in a language."""
    return f"{ADDRESS}{path}?{urlencode({'lang': lang, **query})}"


def frame(heading: str, path: str, lang: str, notice: str = "", **query: str) -> Frame:
    """What stands around a page; below the first page, the way back to it."""
    languages = tuple(Link(NAMES[code], address(path, code, **query), code) for code in OFFERED)
    trail = (Link(say(N_("Messages"), lang), address("", lang)),) if path else ()
    return Frame(heading, languages, trail, notice)


def unconfigured_page(lang: str) -> TextPage:
    """That no provider is configured."""
    _ = translator(lang).gettext
    text = _("No SMS provider is configured. Describe one in a file, and name the file in a setting:")
    return TextPage(frame(_("Messages"), "", lang), text, "PERCAYA_SMS_FILE=sms.toml")


def trouble_page(trouble: Trouble, lang: str) -> TextPage:
    """Why there is no page here, and what to do."""
    heading, text = (say(one, lang) for one in _TROUBLES[trouble])
    languages = tuple(Link(NAMES[code], address("", code), code) for code in OFFERED)
    back = Link(say(N_("Messages"), lang), address("", lang))
    return TextPage(Frame(heading, languages, (back,)), text)


def notice_of(done: str, what: str, lang: str) -> str:
    """What came of an action, in a sentence; empty for a word that is none of ours."""
    text = DONE.get(done)
    shown = say(EVERYTHING_NAME, lang) if what == EVERYTHING else what
    return say(text, lang, what=shown) if text else ""
