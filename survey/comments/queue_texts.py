"""The words of the queue of allegations and of the page of corrections, and what came of what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from survey.comments.allegations import Done
from survey.results_texts import N_, say

STATES = {
    "new": N_("new"),
    "referred": N_("referred"),
    "no_grounds": N_("no grounds"),
    "settled": N_("settled"),
}
LABELS = {-1: N_("unfavourable"), 0: N_("neither"), 1: N_("favourable")}
NOT_MENTIONED = N_("not mentioned")

NOTICES: Mapping[str, str] = {
    Done.STORED.value: N_("Saved."),
    Done.MEANWHILE.value: N_(
        "Somebody else was faster: it was changed after this page was shown. Nothing of yours was stored;"
        " please look at it once more."
    ),
    Done.GONE.value: N_(
        "The citizen has erased this answer meanwhile, and everything noted about it is erased too."
    ),
}

Trouble = Literal["unauthorized", "forbidden", "expired", "unreadable", "unavailable", "internal"]
TROUBLES: Mapping[Trouble, tuple[str, str]] = {
    "unauthorized": (
        N_("This page is open to the administrator only"),
        N_("Load this page again; give any name, and the administrator's key as the password."),
    ),
    "forbidden": (
        N_("This was not asked from this page"),
        N_("Nothing was changed. Open the page again and press the button there."),
    ),
    "expired": (
        N_("This link no longer leads to a comment"),
        N_("Such a link opens for twelve hours, or the citizen has erased the answer. Open the list again."),
    ),
    "unreadable": (N_("We cannot read this"), N_("Nothing was changed. Go back and try again.")),
    "unavailable": (
        N_("The database does not answer"),
        N_("Nothing is lost. Please load this page again in a minute."),
    ),
    "internal": (
        N_("Something failed on our side"),
        N_("Nothing is lost. If it happens again, please tell us."),
    ),
}


def notice_of(done: str, lang: str) -> str:
    """What came of an action, in a sentence; empty for a word that is none of ours."""
    return say(NOTICES[done], lang) if done in NOTICES else ""


def state_name(state: str, lang: str) -> str:
    """What a state of an allegation is called, in small letters."""
    return say(STATES[state], lang)
