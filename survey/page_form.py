"""What the citizen's form shows: plain values for its template, made from a questionnaire and what was sent.

Pure. The template computes nothing; every text of its that depends on a case is chosen here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey.answers import COMMENT_LIMIT, Problem
from survey.i18n import LANGUAGES, REVIEWED, translator
from survey.instruments import Instrument
from survey.items import Item, ProfileItem
from survey.page_views import N_, Complaint, LanguageChoice, languages_of

_UNREADABLE = N_("Part of the form could not be read. Please check your answers and send it again.")
_PROBLEMS = {
    "too_few": N_(
        "Please answer at least %(needed)s of the first %(total)s questions. You have answered %(given)s."
    ),
    "comment_too_long": N_("Your comment has %(length)s characters. Please shorten it to %(limit)s."),
    "comment_unreadable": N_("Your comment contains characters we cannot store. Please type it again."),
    "not_an_answer": N_("Please choose one of the answers shown."),
    "bad_choice": N_("Please choose one of the answers shown."),
    "try_later": N_(
        "Your answers could not be saved just now. They are still here: please send them again soon."
    ),
}


@dataclass(frozen=True)
class Choice:
    """One answer that can be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Question:
    """A question with its answers, and what is wrong with the one given; profile questions have number 0.

    `ends` says what the first and last answer mean where the answers are numbers. `described_by` are the
    ids of what explains the question further, as an attribute lists them.
    """

    key: str
    number: int
    text: str
    options: Sequence[Choice]
    problem: str | None
    ends: str = ""
    described_by: str = ""


@dataclass(frozen=True)
class FormView:
    """The form, empty or filled in."""

    languages: Sequence[LanguageChoice]
    reviewed: bool
    instrument: str
    variant: int
    half: int
    elements: Sequence[Question]
    trust: Sequence[Question]
    others: Sequence[Question]
    profile: Sequence[Question]
    comment: str
    comment_problem: str | None
    problems: Sequence[Complaint]
    comment_limit: int = COMMENT_LIMIT
    indexed: bool = False

    @property
    def total(self) -> int:
        """How many rated questions this variant asks."""
        return len(self.elements) + len(self.trust) + len(self.others)


def form_language(instrument: Instrument, lang: str) -> str:
    """The language the form is shown in: `lang`, or the questionnaire's own where it is not written in that.

    KeyError for a language no page has.
    """
    if lang not in LANGUAGES:
        raise KeyError(lang)
    return lang if lang in instrument.languages else instrument.default_language


def form_view(
    instrument: Instrument, lang: str, variant: int, fields: Mapping[str, str], problems: Sequence[Problem]
) -> FormView:
    """The form with everything in `fields` kept; KeyError for a language or variant it does not have."""
    if lang not in instrument.languages or not 0 <= variant < len(instrument.variants):
        raise KeyError((lang, variant))
    # Of two problems of one field the first is shown beside it, both in the summary.
    said = {problem.field: _message(problem, lang) for problem in reversed(problems)}
    trust = [item for item in instrument.trust if item.key in instrument.variants[variant]]
    asked = [*instrument.elements, *trust, *instrument.others]
    numbered = [_question(item, number, lang, fields, said) for number, item in enumerate(asked, 1)]
    trust_from, others_from = len(instrument.elements), len(asked) - len(instrument.others)
    return FormView(
        languages=languages_of(lang, tuple(instrument.languages)),
        reviewed=lang in REVIEWED and instrument.languages[lang].reviewed,
        instrument=instrument.id,
        variant=variant,
        half=instrument.half,
        elements=numbered[:trust_from],
        trust=numbered[trust_from:others_from],
        others=numbered[others_from:],
        profile=[_profile_question(item, lang, fields, said) for item in instrument.profile],
        comment=fields.get("comment", ""),
        comment_problem=said.get("comment"),
        problems=_complaints(instrument, variant, lang, problems),
    )


def _question(
    item: Item, number: int, lang: str, fields: Mapping[str, str], said: Mapping[str, str]
) -> Question:
    sent = fields.get(item.key)
    labels = enumerate(item.answers[lang], 1)
    options = [Choice(str(value), label, sent == str(value)) for value, label in labels]
    problem = said.get(item.key)
    ends = "" if item.ends is None else _ends(item.answers[lang], item.ends[lang])
    described = [f"ends-{item.key}"] * bool(ends) + [f"problem-{item.key}"] * (problem is not None)
    return Question(item.key, number, item.question[lang], options, problem, ends, " ".join(described))


def _ends(labels: Sequence[str], ends: Sequence[str]) -> str:
    # No line may end between a number and what it means.
    pairs = ((labels[0], ends[0]), (labels[-1], ends[1]))
    return ", ".join(f"{label}\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{words}" for label, words in pairs)


def _profile_question(
    item: ProfileItem, lang: str, fields: Mapping[str, str], said: Mapping[str, str]
) -> Question:
    sent = fields.get(item.key)
    options = [Choice(value, label[lang], sent == value) for value, label in item.choices.items()]
    return Question(item.key, 0, item.label[lang], options, said.get(item.key))


def _message(problem: Problem, lang: str) -> str:
    translated = translator(lang).gettext(_PROBLEMS.get(problem.code, _UNREADABLE))
    return translated % problem.params if problem.params else translated


def _complaints(
    instrument: Instrument, variant: int, lang: str, problems: Sequence[Problem]
) -> list[Complaint]:
    targets = {item.key for item in instrument.elements} | {item.key for item in instrument.profile}
    targets |= instrument.variants[variant] | {item.key for item in instrument.others} | {"comment"}
    first = instrument.elements[0].key
    made = [
        Complaint(problem.field if problem.field in targets else first, _message(problem, lang))
        for problem in problems
    ]
    return list(dict.fromkeys(made))
