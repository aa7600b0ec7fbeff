"""What a citizen sent, read against the questionnaire: either exact answers or a list of what is wrong.

Pure. Every mode of answering (web form, SMS, import) is read here, by the same checks.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.masking import mask
from analysis.tally import MARKS, NOT_ASKED, SKIPPED
from survey.instruments import RESERVED, Instrument
from survey.items import Item

COMMENT_LIMIT = 2000

# `lang` is the language button that was pressed, `shown` the language the page was in, `instrument` and
# `v` say which questions it asked.
FORM_FIELDS = RESERVED - {"code"}

_MARK_OF = {str(number): mark for number, mark in enumerate(MARKS) if number}
_UNANSWERED = (SKIPPED, NOT_ASKED)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}")


@dataclass(frozen=True)
class Problem:
    """One reason for a refusal: the field to mend, what is wrong with it, and the numbers to say so.

    Codes: `unknown_field`, `repeated`, `not_an_answer`, `not_asked`, `bad_choice`, `bad_variant`,
    `bad_language`, `comment_too_long` (params `length`, `limit`), `comment_unreadable`, and `too_few`
    (params `given`, `needed`, `total`; its field is the first element without an answer).
    """

    field: str
    code: str
    params: Mapping[str, int] = dataclasses.field(default_factory=dict)


class AnswersRefused(ValueError):
    """What was sent cannot be accepted; `problems` says why, in the order of the form."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(sorted({problem.code for problem in problems})))
        self.problems = list(problems)


@dataclass(frozen=True)
class Answers:
    """An acceptable set of answers.

    `values` has one character per item in the order of the instrument, elements first: `1` to `9` and on
    with `a` (10) and `b` (11) an answer, `0` asked but skipped, `-` not asked. `answered` and `score_sum`
    count and add the answers to the elements. `comment` has lost what it said of persons, and `masked` counts
    what that was, by kind. `profile` holds only what was told.
    """

    values: str
    answered: int
    score_sum: int
    comment: str | None
    masked: Mapping[str, int]
    profile: Mapping[str, str]
    language: str


def wanted_language(instrument: Instrument, fields: Iterable[tuple[str, str]]) -> str | None:
    """The language whose button was pressed, or None when the form was really sent."""
    return next((v for name, v in fields if name == "lang" and v in instrument.languages), None)


def shown_variant(instrument: Instrument, fields: Iterable[tuple[str, str]]) -> int | None:
    """The variant of the form that was filled in, or None when the field is absent or wrong."""
    sent = [value for name, value in fields if name == "v"]
    if len(sent) != 1 or not _NUMBER.fullmatch(sent[0]):
        return None
    number = int(sent[0])
    return number if number < len(instrument.variants) else None


def read_form(instrument: Instrument, fields: Sequence[tuple[str, str]]) -> Answers:
    """Read the fields of the web form, in any order; raises AnswersRefused with every problem found."""
    sent = dict(fields)
    problems = _names(instrument, fields)
    variant = shown_variant(instrument, fields)
    if variant is None:
        problems.append(Problem("v", "bad_variant"))
    asked = instrument.variants[variant or 0]

    values = ""
    for item in instrument.items:
        is_asked = item.kind != "trust" or item.key in asked
        if is_asked:
            values += _answer(item, sent.get(item.key), problems)
        else:
            values += NOT_ASKED
            if item.key in sent and variant is not None:
                problems.append(Problem(item.key, "not_asked"))
    told = {item.key: sent[item.key] for item in instrument.profile if sent.get(item.key)}
    return _finish(instrument, values, sent.get("comment"), told, sent.get("shown"), problems)


def read_values(
    instrument: Instrument,
    values: Mapping[str, int | None],
    *,
    comment: str | None = None,
    profile: Mapping[str, str] | None = None,
    language: str | None = None,
) -> Answers:
    """Read answers that came another way: a number is an answer, None skipped, an absent key not asked.

    Answers are numbered from 1 whatever their labels: a recommendation of 0 is 1, of 10 is 11.

    The half that must be answered is half of the instrument's elements, asked or not: a mode that asks
    fewer may not pass off a fragment as a response. Raises AnswersRefused with every problem found.
    """
    keys = {item.key for item in instrument.items}
    problems = [Problem(key, "unknown_field") for key in values if key not in keys]
    text = ""
    for item in instrument.items:
        if item.key in values:
            value = values[item.key]
            text += _answer(item, None if value is None else str(value), problems)
        else:
            text += NOT_ASKED
    told = {key: value for key, value in (profile or {}).items() if value}
    known = {item.key for item in instrument.profile}
    problems += [Problem(key, "unknown_field") for key in told if key not in known]
    return _finish(instrument, text, comment, told, language, problems)


def _names(instrument: Instrument, fields: Sequence[tuple[str, str]]) -> list[Problem]:
    known = FORM_FIELDS | {item.key for item in instrument.items} | {item.key for item in instrument.profile}
    counts = Counter(name for name, _ in fields)
    problems = [Problem(name, "unknown_field") for name in counts if name not in known]
    return problems + [Problem(name, "repeated") for name, n in counts.items() if n > 1 and name in known]


def _answer(item: Item, sent: str | None, problems: list[Problem]) -> str:
    if sent is None:
        return SKIPPED
    # Compared as text: int() would also take " 3", "+3" and the digits of other scripts.
    mark = _MARK_OF.get(sent)
    if mark is not None and mark in MARKS[: item.scale + 1]:
        return mark
    problems.append(Problem(item.key, "not_an_answer"))
    return SKIPPED


def _finish(
    instrument: Instrument,
    values: str,
    comment: str | None,
    told: Mapping[str, str],
    language: str | None,
    problems: list[Problem],
) -> Answers:
    scores = [MARKS.index(mark) for mark in values[: len(instrument.elements)] if mark not in _UNANSWERED]
    # With a wrong answer among them, "too few" would blame the citizen for what the wrong one caused.
    if not problems and len(scores) < instrument.half:
        problems.append(_too_few(instrument, values, len(scores)))
    text, masked = _comment(comment, problems)
    for item in instrument.profile:
        if item.key in told and told[item.key] not in item.choices:
            problems.append(Problem(item.key, "bad_choice"))
    if language is not None and language not in instrument.languages:
        problems.append(Problem("shown", "bad_language"))
    if problems:
        raise AnswersRefused(problems)
    return Answers(
        values=values,
        answered=len(scores),
        score_sum=sum(scores),
        comment=text,
        masked=masked,
        profile=told,
        language=language or instrument.default_language,
    )


def _too_few(instrument: Instrument, values: str, given: int) -> Problem:
    marked = zip(instrument.elements, values, strict=False)
    first = next(item.key for item, mark in marked if mark in _UNANSWERED)
    total = len(instrument.elements)
    return Problem(first, "too_few", {"given": given, "needed": instrument.half, "total": total})


def _comment(sent: str | None, problems: list[Problem]) -> tuple[str | None, Mapping[str, int]]:
    """The comment as it may be stored: nothing that was typed into it about a person goes any further."""
    # A browser sends every line end as CR LF, which must not count twice.
    text = (sent or "").replace("\r\n", "\n").replace("\r", "\n").strip(" \n\t")
    if len(text) > COMMENT_LIMIT:
        problems.append(Problem("comment", "comment_too_long", {"length": len(text), "limit": COMMENT_LIMIT}))
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in text):
        problems.append(Problem("comment", "comment_unreadable"))
    if not text or problems:
        return text or None, {}
    return mask(text)
