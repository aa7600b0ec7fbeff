"""What staff's corrections teach: phrases that the rules miss, and phrases that mislead them.

A person who reads comments says what each is about. Where that differs from what the rules found, and one
phrase stands behind several of the differences, a new rule is proposed, with its evidence. Proposals are rows
like those of the rule file: few, readable, and anybody can strike one out.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from analysis.errors import UnknownKey
from analysis.intervals import wilson_proportion
from analysis.themes.finder import Finder
from analysis.themes.letters import folded
from analysis.themes.names import THEMES
from analysis.themes.rules import Rule
from analysis.themes.wording import words

FEWEST = 5
"""Corrected comments that must hold a phrase before anything is learned from it."""

AGREEMENT = 0.8
"""Share of them that must agree."""

FEWEST_MISTAKES = 3
"""Of the comments with a phrase, those in which the rules were wrong about the theme."""

LONGEST_PHRASE = 3
"""Words of a phrase."""

ADDS = 2.0
TAKES_AWAY = -5.0
"""Weights of proposed rules: an added one counts like an ordinary row, one that takes away beats them all."""

COMMON = "@common"
"""The group of words that are no phrase by themselves and do not begin or end one."""


class Correction(NamedTuple):
    """What a person who read a comment says it is about.

    Attributes:
        text: the comment.
        themes: all its themes, of ``THEMES``; empty when it has none. A theme confirmed counts as well as
            one put right: give every comment that was reviewed, not only those that were changed.
    """

    text: str
    themes: tuple[str, ...]


class Proposal(NamedTuple):
    """A rule that corrections speak for.

    Attributes:
        rule: of weight ``ADDS``, or ``TAKES_AWAY`` where the phrase misleads the rules.
        effect: what it does to its theme.
        n: reviewed comments that hold the phrase (when it takes away: in which it also led to the theme).
        agreeing: of those, the ones the staff say are (when it takes away: are not) about the theme.
        lower: lower bound of the 95 % Wilson interval of ``agreeing / n``.
        mistakes: of those, the ones the rules had wrong.
    """

    rule: Rule
    effect: Literal["adds", "takes away"]
    n: int
    agreeing: int
    lower: float
    mistakes: int


class _Reviewed(NamedTuple):
    """A corrected comment: its phrases, those the rules went by, and both judgements."""

    phrases: frozenset[str]
    said: frozenset[str]
    found: frozenset[str]
    led: dict[str, frozenset[str]]


def learn(corrections: Sequence[Correction], finder: Finder) -> tuple[Proposal, ...]:
    """Rules proposed by corrections, the best founded first; none when there are too few.

    A phrase of 1 to 3 words speaks for a theme when at least ``FEWEST`` reviewed comments hold it, at least
    80 % of them are about the theme, the lower bound of the Wilson interval of that share lies above the
    share among the comments without the phrase ((k + 1) / (n + 2), which is 1/2 where there are none), and
    the rules missed the theme in at least ``FEWEST_MISTAKES`` of them. It misleads when the same holds of
    the comments in which it led the rules to the theme, and staff say they are not about it. Of phrases
    that explain the same mistakes one is proposed, the best founded, then the shortest.

    Many phrases are looked at, so now and then one will pass by chance: a proposal is for a person to accept.
    Use them through ``Finder.with_rules``; the finder's version then differs. The result depends on the
    corrections as a set, never on their order.

    Args:
        corrections: every comment that staff have reviewed.
        finder: the rules as they are, without earlier proposals that are to be learned anew.

    Raises:
        UnknownKey: a correction names a theme that does not exist.
    """
    reviewed = [_reviewed(correction, finder) for correction in sorted(set(corrections))]
    proposals = [
        proposal
        for theme in THEMES
        for proposal in (*_additions(theme, reviewed), *_removals(theme, reviewed))
    ]
    return tuple(sorted(proposals, key=_order))


def rules_of(proposals: Iterable[Proposal]) -> tuple[Rule, ...]:
    """The rules of proposals, for ``Finder.with_rules``."""
    return tuple(proposal.rule for proposal in proposals)


def _reviewed(correction: Correction, finder: Finder) -> _Reviewed:
    if unknown := set(correction.themes) - set(THEMES):
        raise UnknownKey(f"no theme {min(unknown)!r}: use {', '.join(THEMES)}")
    common = frozenset(rule.pattern for rule in finder.rules if rule.theme == COMMON)
    led: dict[str, set[str]] = {}
    for found in finder.find(correction.text):
        led.setdefault(found.theme, set()).update(_phrases(" ".join(found.words), common))
    return _Reviewed(
        frozenset(_phrases(correction.text, common)),
        frozenset(correction.themes),
        frozenset(led),
        {theme: frozenset(phrases) for theme, phrases in led.items()},
    )


def _phrases(text: str, common: frozenset[str]) -> Iterator[str]:
    """The phrases of a text; none begins or ends with a word that stands in comments about anything."""
    written = [folded(word) for word in words(text)]
    for start in range(len(written)):
        for length in range(1, LONGEST_PHRASE + 1):
            phrase = written[start : start + length]
            if len(phrase) == length and phrase[0] not in common and phrase[-1] not in common:
                yield " ".join(phrase)


def _additions(theme: str, reviewed: Sequence[_Reviewed]) -> list[Proposal]:
    missed = {number for number, one in enumerate(reviewed) if theme in one.said - one.found}
    holding: dict[str, list[int]] = {}
    for number, one in enumerate(reviewed):
        for phrase in one.phrases:
            holding.setdefault(phrase, []).append(number)
    about = sum(theme in one.said for one in reviewed)
    candidates = []
    for phrase, numbers in holding.items():
        agreeing = sum(theme in reviewed[number].said for number in numbers)
        mistakes = missed.intersection(numbers)
        elsewhere = (about - agreeing + 1) / (len(reviewed) - len(numbers) + 2)
        rule = Rule(theme, phrase, ADDS, 0, "learned from corrections")
        if proposal := _proposal(rule, "adds", len(numbers), agreeing, mistakes, elsewhere):
            candidates.append((proposal, mistakes))
    return _explaining(candidates)


def _removals(theme: str, reviewed: Sequence[_Reviewed]) -> list[Proposal]:
    wrong = {number for number, one in enumerate(reviewed) if theme in one.found - one.said}
    found = [number for number, one in enumerate(reviewed) if theme in one.found]
    leading: dict[str, list[int]] = {}
    for number in found:
        for phrase in reviewed[number].led[theme] & reviewed[number].phrases:
            leading.setdefault(phrase, []).append(number)
    candidates = []
    for phrase, numbers in leading.items():
        mistakes = wrong.intersection(numbers)
        elsewhere = (len(wrong) - len(mistakes) + 1) / (len(found) - len(numbers) + 2)
        rule = Rule(theme, phrase, TAKES_AWAY, 0, "learned from corrections")
        if proposal := _proposal(rule, "takes away", len(numbers), len(mistakes), mistakes, elsewhere):
            candidates.append((proposal, mistakes))
    return _explaining(candidates)


def _proposal(
    rule: Rule,
    effect: Literal["adds", "takes away"],
    n: int,
    agreeing: int,
    mistakes: set[int],
    elsewhere: float,
) -> Proposal | None:
    if n < FEWEST or len(mistakes) < FEWEST_MISTAKES or agreeing < AGREEMENT * n:
        return None
    lower = wilson_proportion(agreeing, n).low
    if lower <= elsewhere:
        return None
    return Proposal(rule, effect, n, agreeing, lower, len(mistakes))


def _explaining(candidates: list[tuple[Proposal, set[int]]]) -> list[Proposal]:
    """The best founded proposals, each of which explains a mistake the ones before it do not."""
    explained: set[int] = set()
    chosen = []
    for proposal, mistakes in sorted(candidates, key=lambda candidate: _order(candidate[0])):
        if mistakes - explained:
            explained |= mistakes
            chosen.append(proposal)
    return chosen


def _order(proposal: Proposal) -> tuple[float, int, int, str, str]:
    pattern = proposal.rule.pattern
    return -proposal.lower, -proposal.mistakes, len(pattern.split()), pattern, proposal.rule.theme
