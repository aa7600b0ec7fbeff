"""Where the patterns of the rules occur in the words of a comment.

All patterns are one tree of words, walked from every word that can begin one: the time grows with the length
of the comment, not with the number of rules, and the few gaps a pattern may have bound each walk.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from analysis.themes.rules import MARKERS, Gap, Rule, steps
from analysis.themes.wording import Known, Vocabulary

REACH = 5
"""Words that may lie in a gap within a clause."""

FAR_REACH = 8
"""Words that may lie in a gap that may cross a comma."""

FILLER = "@filler"


class Match(NamedTuple):
    """An occurrence of a rule: the places of its words, ascending."""

    rule: Rule
    places: tuple[int, ...]


class Layout(NamedTuple):
    """The words of a comment as the matcher sees them, one entry per word.

    Attributes:
        numbers: the pattern words it can be.
        clause: number of its clause; two clauses divided by more than a comma lie 2 or more apart.
    """

    numbers: list[tuple[int, ...]]
    clause: list[int]


class _Node:
    """A place in the tree: where each next word leads, by gap, and the rules that are complete here."""

    __slots__ = ("adjacent", "far", "near", "rules")

    def __init__(self) -> None:
        self.adjacent: dict[int, _Node] = {}
        self.near: dict[int, _Node] = {}
        self.far: dict[int, _Node] = {}
        self.rules: list[Rule] = []

    def branch(self, gap: Gap) -> "dict[int, _Node]":
        return {"": self.adjacent, "..": self.near, "...": self.far}[gap]


class Matcher:
    """The patterns of a set of rules, ready to be looked for.

    Args:
        rules: themes and groups, already merged.
        slang: what a spelling means, in small letters.

    Raises:
        ValueError: a pattern names a group that has no rows.
    """

    def __init__(self, rules: Sequence[Rule], slang: Mapping[str, str]) -> None:
        self._numbers: dict[str, int] = {}
        self._root: dict[int, _Node] = {}
        heads: set[int] = set()
        groups = _groups(rules)
        for group in (*MARKERS, FILLER):
            self._number(group)
        for rule in rules:
            # The single words of a group are known by its number, and need no branch of the tree.
            if not rule.theme.startswith("@") or rule.pattern not in groups.get(rule.theme, ()):
                head = self._add(rule, groups)
                if not rule.theme.startswith("@"):
                    heads.add(head)
        listed: dict[str, set[int]] = {}
        for word, number in self._numbers.items():
            for member in groups.get(word, ()) if word.startswith("@") else (word,):
                listed.setdefault(member, set()).add(number)
        self._filler = self._number(FILLER)
        self._vocabulary = Vocabulary(listed, heads, slang)

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))

    def _add(self, rule: Rule, groups: Mapping[str, object]) -> int:
        branch, node = self._root, _Node()
        parts = steps(rule.pattern)
        for position, (_, word) in enumerate(parts):
            if word.startswith("@") and word not in groups:
                raise ValueError(f"the pattern {rule.pattern!r} needs rows for {word}")
            node = branch.setdefault(self._number(word), _Node())
            branch = node.branch(parts[position + 1].gap) if position + 1 < len(parts) else {}
        node.rules.append(rule)
        return self._number(parts[0].word)

    def known(self, word: str) -> Known:
        """What a written word can be in the patterns."""
        return self._vocabulary[word]

    def is_in(self, group: str, numbers: Sequence[int]) -> bool:
        """Whether a word, by its numbers, is a single word of a marker group."""
        return self._numbers[group] in numbers

    def matches(self, layout: Layout) -> list[Match]:
        """Every occurrence of every rule, in the order of its first word."""
        found: list[Match] = []
        for start, numbers in enumerate(layout.numbers):
            if not self._root.keys().isdisjoint(numbers):
                self._walk(self._root, layout, start, (), found)
        return found

    def _walk(
        self, branch: dict[int, _Node], layout: Layout, at: int, before: tuple[int, ...], found: list[Match]
    ) -> None:
        for number in layout.numbers[at]:
            node = branch.get(number)
            if node is None:
                continue
            taken = (*before, at)
            for rule in node.rules:
                found.append(Match(rule, taken))
            if node.adjacent:
                for place in self._beside(layout, at):
                    self._walk(node.adjacent, layout, place, taken, found)
            if node.near:
                for place in _within(layout, at, REACH, 0):
                    self._walk(node.near, layout, place, taken, found)
            if node.far:
                for place in _within(layout, at, FAR_REACH, 1):
                    self._walk(node.far, layout, place, taken, found)

    def _beside(self, layout: Layout, at: int) -> range:
        """The next word of the clause, and behind a filling word the one after."""
        end = at + 3 if at + 1 < len(layout.numbers) and self._filler in layout.numbers[at + 1] else at + 2
        places = range(at + 1, min(end, len(layout.numbers)))
        while places and layout.clause[places[-1]] != layout.clause[at]:
            places = places[:-1]
        return places


def _within(layout: Layout, at: int, reach: int, apart: int) -> Iterable[int]:
    """The words behind one, as far as a gap may reach, that have something to do with any pattern."""
    clause = layout.clause
    for place in range(at + 1, min(len(clause), at + 2 + reach)):
        if clause[place] - clause[place - 1] > apart:
            return
        if layout.numbers[place]:
            yield place


def _groups(rules: Sequence[Rule]) -> dict[str, set[str]]:
    """The single words of each group."""
    groups: dict[str, set[str]] = {}
    for rule in rules:
        if rule.theme.startswith("@") and len(parts := steps(rule.pattern)) == 1:
            groups.setdefault(rule.theme, set()).add(parts[0].word)
    return groups
