"""What a questionnaire consists of: rated items of several kinds, a profile, languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["element", "trust", "coaching", "csat", "ces", "nps"]

# How many answers the further items have. The lowest comes first: of coaching 1 is no and 2 is yes, of the
# recommendation (nps) 1 is the 0 and 11 the 10.
OTHER_SCALES: Mapping[Kind, tuple[int, ...]] = {"coaching": (2,), "csat": (4, 5), "ces": (7,), "nps": (11,)}


@dataclass(frozen=True)
class Language:
    """A language of a questionnaire; `reviewed` is False while no native reviewer has approved it."""

    reviewed: bool


@dataclass(frozen=True)
class Item:
    """One rated question; `answers[lang][i]` is the label of answer `i + 1` of `scale`.

    Where the labels are numbers, `ends[lang]` says in words what the first and the last of them mean.
    """

    key: str
    kind: Kind
    scale: int
    name: Mapping[str, str]
    question: Mapping[str, str]
    answers: Mapping[str, tuple[str, ...]]
    ends: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class ProfileItem:
    """One optional question about the respondent; `choices[value][lang]` is the label of a value."""

    key: str
    label: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]
