"""What a comment is about, clause by clause, and whether each is good or bad news."""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain, repeat
from typing import NamedTuple, Protocol

from analysis.sentiment import Label
from analysis.sentiment.tokens import prepare
from analysis.themes.claims import Claim, settled
from analysis.themes.matching import Layout, Matcher
from analysis.themes.names import INTEGRITY
from analysis.themes.pieces import piece
from analysis.themes.rules import Rule, merged
from analysis.themes.speaking import Markers
from analysis.themes.wording import begins_at, words

ENGINE = 1
"""Number of the way themes are found; raised when the same rules would find something else."""

STATED = 0.5
"""Polarity, up or down, where only the rule says whether it is good or bad news."""

_END = re.compile(r"[.!?;\n]")


class Clause(Protocol):
    """What the analyser of sentiment says of one clause."""

    @property
    def text(self) -> str:
        """The clause as written."""
        ...

    @property
    def polarity(self) -> float:
        """-1 to 1."""
        ...

    @property
    def label(self) -> Label:
        """Negative, neutral or positive."""
        ...

    @property
    def words(self) -> Sequence[tuple[str, float]]:
        """The words that decided, each with its signed contribution."""
        ...


class Opinion(Protocol):
    """What the analyser of sentiment says of a piece of text."""

    @property
    def polarity(self) -> float:
        """-1 to 1."""
        ...

    @property
    def label(self) -> Label:
        """Negative, neutral or positive."""
        ...


class ClauseAnalyzer(Protocol):
    """The analyser of sentiment, as far as themes need it."""

    @property
    def version(self) -> str:
        """Name and version."""
        ...

    def clauses(self, text: str) -> Sequence[Clause]:
        """The clauses of a comment, in order."""
        ...

    def read(self, text: str) -> Opinion:
        """Score a piece of text."""
        ...


class Found(NamedTuple):
    """A theme in a clause of a comment.

    Attributes:
        theme: one of ``analysis.themes.THEMES``.
        polarity: -1 to 1, of what is said about this theme.
        label: negative, neutral or positive; "tidak ada pungli" is positive.
        clause: the clause as written.
        words: the words that matched, as written, in their order.
    """

    theme: str
    polarity: float
    label: Label
    clause: str
    words: tuple[str, ...]


class _Text(NamedTuple):
    """A comment taken apart.

    Attributes:
        clauses: as the analyser gives them.
        layout: its words.
        written: the words as written; slang for two words stands here twice.
        of: for each word the position of its clause in ``clauses``.
        nth: for each word its position in its clause.
        asked: numbers of the clauses, as in the layout, that end in a question mark.
    """

    clauses: Sequence[Clause]
    layout: Layout
    written: list[str]
    of: list[int]
    nth: list[int]
    asked: frozenset[int]


class Finder:
    """Finds the themes of comments by rules.

    Args:
        rules: as ``analysis.themes.rules.load`` gives them.
        analyzer: gives the clauses of a comment with their polarity.
        slang: what a spelling means, in small letters.

    Raises:
        ValueError: a pattern names a group that has no rows.
    """

    def __init__(
        self, rules: Sequence[Rule], analyzer: ClauseAnalyzer, slang: Mapping[str, str] | None = None
    ) -> None:
        self.rules = tuple(rules)
        self._analyzer = analyzer
        self._slang = dict(slang or {})
        self._matcher = Matcher(self.rules, self._slang)
        self.version = f"themes-{ENGINE}+{_digest(self.rules, self._slang)}/{analyzer.version}"

    def with_rules(self, further: Sequence[Rule]) -> "Finder":
        """The same finder with more rules, which override those of the same theme and pattern."""
        return Finder(merged([*self.rules, *further]), self._analyzer, self._slang)

    def find(self, text: str, *, scores: Mapping[str, int] | None = None) -> tuple[Found, ...]:
        """The themes of a comment: at most one ``Found`` per theme and clause, in the order of the text.

        Args:
            text: a comment; its first ``analysis.sentiment.tokens.LONGEST`` characters are looked at.
            scores: the respondent's own answers to the elements, 1 to 4. They decide only between elements
                that claim the same words with about the same weight.
        """
        text = prepare(text).shown
        known = self._matcher.known
        if not any(known(word).begins for word in words(text)):
            return ()
        taken = self._taken_apart(text)
        matches = self._matcher.matches(taken.layout)
        themes = [match for match in matches if not match.rule.theme.startswith("@")]
        if not themes:
            return ()
        labels = [clause.label for clause in taken.clauses]
        claims: dict[int, list[Claim]] = {}
        for number, claim in settled(themes, taken.of, labels, scores or {}):
            claims.setdefault(number, []).append(claim)
        markers = Markers(self._matcher, taken.layout, matches, taken.asked)
        return tuple(
            found
            for number, within in claims.items()
            for found in self._of_clause(taken, number, within, markers)
        )

    def _taken_apart(self, text: str) -> _Text:
        clauses = self._analyzer.clauses(text)
        taken = _Text(clauses, Layout([], []), [], [], [], frozenset())
        asked: set[int] = set()
        end = running = 0
        for position, clause in enumerate(clauses):
            start = text.find(clause.text, end)
            between = text[end:start] if start >= 0 else "."
            running += 2 if _ends(between) else 1
            end = max(start, end) + len(clause.text)
            if "?" in (text[end : end + 1], clause.text[-1:]):
                asked.add(running)
            # A "tapi" that the analyser leaves out between two clauses is the first word of the second.
            joining = words(between)
            self._lay(taken, position, running, joining, [0] * len(joining))
            within = words(clause.text)
            self._lay(taken, position, running, within, range(len(within)))
            if _ends(clause.text[-1:]):
                running += 1
        return taken._replace(asked=frozenset(asked))

    def _lay(self, taken: _Text, position: int, running: int, written: list[str], nth: Sequence[int]) -> None:
        """Add words of a clause."""
        known = self._matcher.known
        meant = [known(word).meant for word in written]
        if any(len(one) != 1 for one in meant):
            at = [place for place, one in enumerate(meant) for _ in one]
            written, nth = [written[place] for place in at], [nth[place] for place in at]
        taken.layout.numbers.extend(chain.from_iterable(meant))
        taken.layout.clause.extend(repeat(running, len(written)))
        taken.written.extend(written)
        taken.of.extend(repeat(position, len(written)))
        taken.nth.extend(nth)

    def _of_clause(
        self, taken: _Text, number: int, claims: Sequence[Claim], markers: Markers
    ) -> Iterator[Found]:
        clause = taken.clauses[number]
        mixed = len(claims) > 1 and len({contribution > 0 for _, contribution in clause.words}) > 1
        for claim in claims:
            opinion: Opinion = clause
            if mixed and (border := piece(claim, claims, number, taken.of, markers)):
                opinion = self._analyzer.read(_cut(clause.text, border, taken.nth))
            polarity, label = _judged(claim, opinion, markers)
            matched = dict.fromkeys(
                (taken.of[place], taken.nth[place], taken.written[place]) for place in claim.places
            )
            yield Found(claim.theme, polarity, label, clause.text, tuple(word for *_, word in matched))


def _cut(text: str, border: tuple[int | None, int | None], nth: Sequence[int]) -> str:
    """The part of a clause between two of its words, the second left out; None is its beginning or end."""
    first, last = border
    start = 0 if first is None else begins_at(text, nth[first])
    return text[start:] if last is None else text[start : begins_at(text, nth[last])]


def _judged(claim: Claim, opinion: Opinion, markers: Markers) -> tuple[float, Label]:
    """Polarity and label of a theme: as the clause speaks, or, where only the rule can say, as it says.

    A clause on bribes, middlemen or discrimination follows its rule and not the analyser: "tidak ada pungli,
    kata mereka" must never count as an allegation by the sound of the word, nor "pungli lancar" as praise.
    """
    integrity = claim.theme in INTEGRITY
    sign = claim.match.rule.sign or (-1 if integrity else 0)
    if not sign or (opinion.label != "neutral" and not integrity):
        return opinion.polarity, opinion.label
    manner = markers.manner(claim.match)
    if manner in ("asked", "wished"):
        # Somebody who asks or wishes has not said that it is so, and has not said that it is not.
        return min(0.0, opinion.polarity) if integrity else 0.0, "neutral"
    if manner == "denied":
        sign = -sign
    polarity = opinion.polarity if opinion.polarity * sign >= STATED else sign * STATED
    return polarity, "positive" if sign > 0 else "negative"


def _ends(text: str) -> bool:
    return _END.search(text) is not None


def _digest(rules: Sequence[Rule], slang: Mapping[str, str]) -> str:
    listed = repr([tuple(rule[:4]) for rule in rules]) + repr(sorted(slang.items()))
    return sha256(listed.encode()).hexdigest()[:8]
