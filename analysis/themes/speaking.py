"""How a comment speaks of a theme: that it is so, that it is not so, as a question or as a wish."""

from collections.abc import Sequence
from typing import Literal

from analysis.themes.matching import Layout, Match, Matcher
from analysis.themes.names import INTEGRITY

Manner = Literal["stated", "denied", "asked", "wished"]

NEGATOR_REACH = 4
"""Words that may lie between a negator and what it denies."""

AFTER_REACH = 2
"""Words that may lie between what is denied and "tidak ada" behind it."""


class Markers:
    """The places of negators, questions and wishes in one comment.

    Args:
        matcher: knows the words of the groups.
        layout: the words of the comment.
        matches: every match of the comment, those of the phrases of groups among them.
        asked: numbers of the clauses that end in a question mark.
    """

    def __init__(
        self, matcher: Matcher, layout: Layout, matches: Sequence[Match], asked: frozenset[int]
    ) -> None:
        self._matcher = matcher
        self._numbers, self._clause = layout
        self._asked = asked
        self._phrases: dict[str, set[int]] = {}
        self._integrity: set[int] = set()
        self._after: set[int] = set()
        for match in matches:
            theme = match.rule.theme
            if theme == "@absent_after":
                self._after.add(match.places[0])
            elif theme == "@absent":
                # Of "bersih dari" only the last word counts, or the two would cancel each other.
                self._phrases.setdefault(theme, set()).add(match.places[-1])
            elif theme.startswith("@"):
                self._phrases.setdefault(theme, set()).update(match.places)
            elif theme in INTEGRITY:
                self._integrity.update(match.places)

    def has(self, group: str, place: int) -> bool:
        """Whether a word is of a group."""
        return self._matcher.is_in(group, self._numbers[place]) or place in self._phrases.get(group, ())

    def _denies_behind(self, place: int) -> bool:
        return place in self._after or self.has("@absent_after", place)

    def manner(self, match: Match) -> Manner:
        """How a comment speaks of what a rule found in it.

        A negator before it, or in one of its gaps, or "tidak ada" behind it, denies it; two negators do not.
        A denial in a wish ("semoga tidak ada calo lagi") is a wish, unless it is that something may last.
        """
        clause = self._clause[match.places[-1]]
        denied = self._denied(match)
        if self._in_clause("@wishing", clause) and not self._in_clause("@lasting", clause):
            return "wished"
        if not self._in_clause("@rhetorical", clause):
            if self._in_clause("@asking", clause):
                return "asked"
            if clause in self._asked and not denied:
                return "asked"
        return "denied" if denied else "stated"

    def _in_clause(self, group: str, clause: int) -> bool:
        first = self._clause.index(clause)
        end = next(
            (place for place in range(first, len(self._clause)) if self._clause[place] != clause), None
        )
        return any(self.has(group, place) for place in range(first, end or len(self._clause)))

    def _denied(self, match: Match) -> bool:
        first, last = match.places[0], match.places[-1]
        inside = set(range(first, last)) - set(match.places)
        negators = sum(self.has("@absent", place) for place in inside) + self._before(first, last)
        if not negators:
            behind = range(last + 1, min(len(self._clause), last + 2 + AFTER_REACH))
            clause = self._clause[last]
            return any(self._denies_behind(place) and self._clause[place] == clause for place in behind)
        return negators % 2 == 1

    def _before(self, first: int, last: int) -> int:
        """Negators before a place: none, one, or two that cancel each other ("bukan tidak ada").

        In a list ("tidak ada calo, pungli atau suap") one negator serves all items; an item behind a comma
        is one only if nothing but the item and joining words stand behind that comma.
        """
        if self.has("@absent", first):
            return 0
        passed = 0
        for place in range(first - 1, -1, -1):
            apart = self._clause[place + 1] - self._clause[place]
            listed = place in self._integrity
            if apart > 1 or (apart and (passed or not listed)) or self.has("@turn", place):
                return 0
            if self.has("@absent", place):
                return 0 if self._conditional(place, last) else 1 + self._doubled(place)
            if not listed and not self.has("@joining", place):
                passed += 1
                if passed >= NEGATOR_REACH:
                    return 0
        return 0

    def _conditional(self, negator: int, last: int) -> bool:
        """Whether a negator is only supposed: "kalau tidak lewat calo", "ora nyogok ora dilayani"."""
        clause = self._clause[negator]
        for place in range(negator - 1, max(-1, negator - 3), -1):
            if self._clause[place] == clause and self.has("@if", place):
                return True
        for place in range(last + 1, min(len(self._clause), last + 2 + NEGATOR_REACH)):
            if self._clause[place] != clause or self.has("@joining", place) or self.has("@turn", place):
                return False
            if self.has("@absent", place):
                following = range(place + 1, min(len(self._clause), place + 4))
                return not self._denies_behind(place) and self._integrity.isdisjoint(following)
        return False

    def _doubled(self, negator: int) -> bool:
        """Whether another negator stands right before one, or one word before it."""
        for place in range(negator - 1, max(-1, negator - 3), -1):
            if self._clause[place] != self._clause[negator] or place in self._integrity:
                return False
            if self.has("@absent", place):
                return True
            if self.has("@joining", place) or self.has("@turn", place):
                return False
        return False
