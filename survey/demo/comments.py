"""Comments people might write, chosen so that they fit the answers they come with."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

Polarity = Literal["positive", "negative", "neutral"]
GENERAL = "general"
"""The element of a sentence that is about the visit as a whole."""

_DATA = Path(__file__).with_name("comments.toml")
_SECOND_SENTENCE = 0.55
_TEXTING = 0.35
# What Indonesian writers shorten when they type with a thumb.
_SHORT = {
    "yang": "yg",
    "tidak": "tdk",
    "gak": "gk",
    "sudah": "udh",
    "belum": "blm",
    "dengan": "dgn",
    "untuk": "utk",
    "karena": "krn",
    "bisa": "bs",
    "banget": "bgt",
    "jadi": "jd",
    "saya": "sy",
    "lebih": "lbh",
    "terima kasih": "mksh",
    "petugas": "ptgs",
    "semua": "smua",
    "sampai": "smp",
    "tolong": "tlg",
    "kurang": "krg",
    "bagus": "bgs",
    "orang": "org",
    "langsung": "lgsg",
}
_SHORTENED = re.compile(r"\b(" + "|".join(_SHORT) + r")\b")


class Sentence(NamedTuple):
    """One sentence with what it says: a polarity and the element it is about, or `GENERAL`."""

    text: str
    polarity: Polarity
    element: str


@cache
def sentences(language: str) -> tuple[Sentence, ...]:
    """All sentences of a language (id, jv, su or en). KeyError for another language."""
    data = tomllib.loads(_DATA.read_text(encoding="utf-8"))[language]
    return tuple(
        Sentence(text, polarity, element)
        for polarity, elements in data.items()
        for element, texts in elements.items()
        for text in texts
    )


def fitting(
    answers: Mapping[str, int | None], *, language: str, channel: str, rng: Random
) -> tuple[Sentence, ...]:
    """One or two sentences about different elements that someone who gave `answers` (1-4) could write.

    A negative sentence goes with an answer of 1 or 2 to its element, a positive one with 3 or 4; general
    sentences follow the mean of the answers. Whoever was served online does not write about the building.
    """
    given = {
        element: answer
        for element, answer in answers.items()
        if answer is not None and not (channel == "online" and element == "facilities")
    }
    topics = [(polarity, rng.choice(elements)) for polarity, elements in _topics(given, rng)]
    wanted = 2 if rng.random() < _SECOND_SENTENCE else 1
    return tuple(rng.choice(_about(language, *topic)) for topic in dict.fromkeys(topics[:wanted]))


def write(sentences: tuple[Sentence, ...], *, language: str, rng: Random) -> str:
    """The sentences as one comment; Indonesian is often typed in lower case with shortened words."""
    text = " ".join(sentence.text for sentence in sentences)
    if language == "id" and rng.random() < _TEXTING:
        text = _SHORTENED.sub(lambda word: _SHORT[word[0]], text.lower().rstrip("."))
    return text


def _topics(given: Mapping[str, int], rng: Random) -> Iterator[tuple[Polarity, list[str]]]:
    """Polarities in the order they come to mind, each with the elements it may be about."""
    low = [element for element, answer in given.items() if answer <= 2]
    # The worst answer is what people complain about, the best what they praise.
    worst = [element for element in low if given[element] == min(given.values())]
    high = [element for element, answer in given.items() if answer >= 3]
    best = [element for element in high if given[element] == max(given.values())]
    overall = _overall(given)
    if low and (overall == "negative" or rng.random() < min(0.9, 0.3 + 0.2 * len(low))):
        yield "negative", worst
    if 4 in given.values() or (high and rng.random() < 0.5):
        yield "positive", best
    yield overall, [GENERAL]


def _overall(given: Mapping[str, int]) -> Polarity:
    mean = sum(given.values()) / len(given) if given else 2.8
    return "positive" if mean >= 3.2 else "negative" if mean < 2.3 else "neutral"


@cache
def _about(language: str, polarity: Polarity, element: str) -> tuple[Sentence, ...]:
    return tuple(s for s in sentences(language) if (s.polarity, s.element) == (polarity, element))
