"""What is said in a conversation, each in one SMS: names are shortened until it fits. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from survey.instruments import Instrument
from survey.items import Item
from survey.messaging.segments import WHOLE, fold, segment
from survey.messaging.texts import say

# Shorter, the name of an element says nothing any more: rather the answers lose their middle.
_LEAST_NAME = 22
# What a name must not end with where it is cut.
# One sign at a time: repeated inside the repetition, a line of dashes in a name would be tried for ever.
_DANGLING = re.compile(r"(?:[\s,;:/&(-](?:dan|lan|sareng|and|of|the|bab|for|untuk)?)+$", re.IGNORECASE)


def question(instrument: Instrument, language: str, position: int, before: str = "") -> str:
    """The question about an element, with its answers and their digits.

    The first one also says how to skip, the last one that a remark may follow.

    Args:
        instrument: the questionnaire.
        language: one of the four; where the questionnaire lacks it, its own default is used.
        position: of the element, from 0.
        before: a sentence to begin with, such as a hint.
    """
    spoken = spoken_in(instrument, language)
    item = instrument.elements[position]
    name = fold(item.name[spoken])
    start = f"{before} " if before else ""
    total = len(instrument.elements)
    forms = list(_forms(item, spoken, language, position, total))
    for options, tail in forms:
        write = partial(_write, language, start, position + 1, total, options, tail)
        if _fits(write(name[:_LEAST_NAME])):
            return _longest(write, name)
    # Answers as long as this cannot be asked in one SMS.
    return _write(language, start, position + 1, total, *forms[-1], name)


def spoken_in(instrument: Instrument, language: str) -> str:
    """The language in which a questionnaire is asked of somebody who speaks ``language``."""
    return language if language in instrument.languages else instrument.default_language


def fitted(language: str, key: str, names: Mapping[str, str], /, **values: object) -> str:
    """A text with names of any length, which are shortened together until it is one SMS."""
    folded = {place: " ".join(fold(name).split()) for place, name in names.items()}
    longest = max(map(len, folded.values()), default=0)
    for most in range(longest, 0, -1):
        shown = {place: _cut(name, most) for place, name in folded.items()}
        text = say(language, key, **shown, **values)
        if _fits(text):
            return text
    return say(language, key, **dict.fromkeys(folded, ""), **values)


def _forms(item: Item, spoken: str, language: str, position: int, total: int) -> Iterator[tuple[str, str]]:
    """The answers and what stands behind them, in less and less room."""
    labels = [fold(label) for label in item.answers[spoken]]
    if item.ends:
        every = _ends(item.scale, [fold(end) for end in item.ends[spoken]])
    else:
        every = " ".join(f"{number} {label}" for number, label in enumerate(labels, 1))
    tails = [""]
    if position == total - 1:
        tails = [f". {say(language, 'reply.remark_tail')}", f". {say(language, 'reply.remark_tail_short')}"]
    elif position == 0:
        tails = [f". {say(language, 'reply.skip_tail')}", ""]
    for options in (every, _ends(item.scale, [labels[0], labels[-1]])):
        for tail in tails:
            yield options, tail


def _write(language: str, start: str, number: int, total: int, options: str, tail: str, name: str) -> str:
    asked = say(language, "reply.question", number=number, total=total, name=name, answers=options)
    return f"{start}{asked}{tail}"


def _ends(scale: int, ends: list[str]) -> str:
    return f"1 {ends[0]} ... {scale} {ends[-1]}"


def _longest(write: Callable[[str], str], name: str) -> str:
    return next(text for most in range(len(name), -1, -1) if _fits(text := write(_cut(name, most))))


def _cut(name: str, most: int) -> str:
    """A name in at most some characters, at the end of a word where one ends late enough."""
    if len(name) <= most:
        return name
    at_word = name[: most + 1].rpartition(" ")[0]
    return _DANGLING.sub("", at_word if len(at_word) > most // 2 else name[:most])


def _fits(text: str) -> bool:
    counted = segment(text)
    # In the larger alphabet little fits: a question in another script may take more than one SMS.
    return len(counted.parts) == 1 or (counted.encoding == "ucs2" and counted.units <= 2 * WHOLE["gsm7"])
