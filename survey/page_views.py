"""What each citizen page but the form shows: plain values for the templates.

Pure. The templates compute nothing; every text of theirs that depends on a case is chosen here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from survey.i18n import LANGUAGES, NAMES, REVIEWED, translator

CODE_FIELD = 64

Kind = Literal["used", "expired", "unknown", "unreadable", "full_later", "erased"]


def N_(text: str) -> str:
    """Mark a text for translation where it stands in a table; it is translated when it is shown."""
    return text


_NOTICES: Mapping[Kind, tuple[str, tuple[str, ...], tuple[str, str] | None]] = {
    "used": (
        N_("We already have your answers"),
        (
            N_("This link has been used, and each link can be used once. Thank you for taking part."),
            N_("If you did not answer, somebody else may have opened your message. Please tell us."),
        ),
        None,
    ),
    "expired": (
        N_("This link has expired"),
        (
            N_("The time to answer has passed, so we can no longer take your answers. We are sorry."),
            N_("After your next service you will get a new link."),
        ),
        None,
    ),
    "unknown": (
        N_("We cannot find this survey"),
        (
            N_("The link may be incomplete. Please open it again from your message, or type the code."),
            N_("Nothing is wrong with the service you received."),
        ),
        ("/", N_("Type the code")),
    ),
    "unreadable": (
        N_("We could not read what was sent"),
        (
            N_("Nothing was stored, and your link still works."),
            N_("Please open it again from your message and send the form from its page."),
        ),
        None,
    ),
    "full_later": (
        N_("Please try again a little later"),
        (
            N_("We cannot take answers at this moment. Your link still works."),
            N_("Please open it again in a few minutes."),
        ),
        None,
    ),
    "erased": (
        N_("Your answers have been erased"),
        (N_("They no longer count in any result from now on. The receipt code has lost its use."),),
        None,
    ),
}

_WRONG_CODE = N_("We do not know this code. Please compare it with what you were given.")


_CODE_TEXTS: Mapping[str, tuple[str, str, str, str]] = {
    "home": (
        N_("Tell us how the service was"),
        N_("Open the link in your message, or type the code from it here."),
        N_("Your code"),
        N_("Open the survey"),
    ),
    "receipt": (
        N_("Erase my answers"),
        N_("Type the receipt code you were given. Erasing cannot be undone."),
        N_("Your receipt code"),
        N_("Erase my answers for good"),
    ),
}
_CODE_ADDRESSES = {"home": ("/", "/go"), "receipt": ("/receipt", "/receipt")}


@dataclass(frozen=True)
class LanguageChoice:
    """A language to switch to, by its own name."""

    code: str
    name: str


@dataclass(frozen=True)
class Complaint:
    """A line of the error summary: the id it leads to, and what to do."""

    target: str
    message: str


@dataclass(frozen=True)
class TextView:
    """A page of text; `address` is where its language links lead, empty for where it stands."""

    languages: Sequence[LanguageChoice]
    reviewed: bool
    heading: str = ""
    texts: Sequence[str] = ()
    link: tuple[str, str] | None = None
    address: str = ""
    indexed: bool = False


@dataclass(frozen=True)
class CodeView:
    """A page that asks for one code, which it sends to `target`."""

    languages: Sequence[LanguageChoice]
    reviewed: bool
    address: str
    target: str
    heading: str
    text: str
    label: str
    button: str
    typed: str
    problems: Sequence[Complaint]
    indexed: bool = True


@dataclass(frozen=True)
class ThanksView:
    """The page after an answer. It offers no language: following such a link would lose the receipt."""

    receipt: str
    indexed: bool = False


def notice_view(kind: Kind, lang: str) -> TextView:
    """Why there is no form here, or what has been done; KeyError for an unknown kind."""
    translate = translator(lang).gettext
    heading, texts, link = _NOTICES[kind]
    return TextView(
        languages=languages_of(lang),
        reviewed=lang in REVIEWED,
        heading=translate(heading),
        texts=[translate(text) for text in texts],
        link=(link[0], translate(link[1])) if link else None,
        # Erasing is the answer to a POST; its own address asks for the code again.
        address="/receipt" if kind == "erased" else "",
    )


def privacy_view(lang: str) -> TextView:
    """The privacy page, whose text is all in its template."""
    return TextView(languages=languages_of(lang), reviewed=lang in REVIEWED, indexed=True)


def code_view(which: Literal["home", "receipt"], lang: str, typed: str | None) -> CodeView:
    """A page that asks for a code; `typed` is one that was sent and is not known."""
    translate = translator(lang).gettext
    heading, text, label, button = (translate(one) for one in _CODE_TEXTS[which])
    address, target = _CODE_ADDRESSES[which]
    return CodeView(
        languages=languages_of(lang),
        reviewed=lang in REVIEWED,
        address=address,
        target=target,
        heading=heading,
        text=text,
        label=label,
        button=button,
        typed=(typed or "")[:CODE_FIELD],
        problems=[] if typed is None else [Complaint("code", translate(_WRONG_CODE))],
    )


def thanks_view(receipt: str) -> ThanksView:
    """The receipt in groups of four, to be copied by hand."""
    return ThanksView(" ".join(receipt[start : start + 4] for start in range(0, len(receipt), 4)))


def languages_of(lang: str, available: Sequence[str] = LANGUAGES) -> list[LanguageChoice]:
    """The languages a page can be switched to."""
    # The language of the page comes first: Enter in the form presses the first button.
    return [LanguageChoice(code, NAMES[code]) for code in sorted(available, key=lambda code: code != lang)]
