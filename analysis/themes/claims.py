"""Which theme has which words of a comment, when several claim them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from analysis.sentiment import Label
from analysis.themes.matching import Match
from analysis.themes.rules import Rule

CLOSE = 0.25
"""Weights that differ by no more are near each other: the respondent's own scores decide."""

DECIDES = 1.0
"""A weight from here on makes a theme; below it is a hint."""

MIDDLE = 2.5
"""What stands for an element the respondent did not answer: the middle of its scale of 1 to 4."""


class Claim(NamedTuple):
    """A theme that has got words of a clause, and perhaps of the one before.

    Attributes:
        theme: its key.
        match: the heaviest of those that are good or bad news in themselves, else the heaviest.
        places: all words that matched, ascending.
    """

    theme: str
    match: Match
    places: tuple[int, ...]


class _Bid(NamedTuple):
    weight: float
    match: Match
    clause: int


def settled(
    matches: Sequence[Match], of: Sequence[int], labels: Sequence[Label], scores: Mapping[str, int]
) -> list[tuple[int, Claim]]:
    """The themes of a comment with the number of their clause, in the order of the text.

    Two themes dispute a match when one has all the words of the other or both end in the same word: "gedung
    lama" (facilities) and "lama" (time). The heavier has it; near each other, in a negative clause the one
    the respondent scored lower and in a positive one the higher; else the one that stands first in the rules.
    A rule of negative weight takes from its theme the words it matches.

    Args:
        matches: all matches of themes in the comment, in the order of the text and of the rules.
        of: for each word of the comment the number of its clause.
        labels: of the clauses.
        scores: the respondent's own answers to the elements, 1 to 4.
    """
    against = [match for match in matches if match.rule.weight < 0]
    bids = []
    for match in matches:
        weight = match.rule.weight - max((-rule.weight for rule in _taking(match, against)), default=0.0)
        if match.rule.weight > 0 and weight > 0:
            bids.append(_Bid(weight, match, of[match.places[-1]]))
    # Sorting is stable: equals keep the order of the text and of the rules.
    bids.sort(key=lambda bid: (-bid.weight, -len(bid.match.places)))
    won: list[_Bid] = []
    undecided: set[tuple[str, tuple[int, ...]]] = set()
    holders: dict[int, list[_Bid]] = {}
    for bid in bids:
        rivals = [other for other in _near(bid, holders) if _dispute(bid.match, other.match)]
        undecided.update(_undecided(bid, rivals, scores))
        if all(_yields(other, bid, labels[bid.clause], scores) for other in rivals):
            for place in {place for other in rivals for place in other.match.places}:
                holders[place] = [other for other in holders[place] if other not in rivals]
            won = [other for other in won if other not in rivals]
            won.append(bid)
            for place in bid.match.places:
                holders.setdefault(place, []).append(bid)
    return _claims([bid for bid in won if (bid.match.rule.theme, bid.match.places) not in undecided], labels)


def _taking(match: Match, against: Sequence[Match]) -> list[Rule]:
    return [
        other.rule
        for other in against
        if other.rule.theme == match.rule.theme and not set(other.places).isdisjoint(match.places)
    ]


def _near(bid: _Bid, holders: Mapping[int, list[_Bid]]) -> list[_Bid]:
    """Those who hold a word of a bid, each once."""
    found: list[_Bid] = []
    for place in bid.match.places:
        found += [other for other in holders.get(place, ()) if other not in found]
    return found


def _dispute(one: Match, other: Match) -> bool:
    if one.rule.theme == other.rule.theme:
        return False
    if one.places[-1] == other.places[-1]:
        return True
    mine, theirs = set(one.places), set(other.places)
    return mine <= theirs or theirs <= mine


def _undecided(
    bid: _Bid, rivals: Sequence[_Bid], scores: Mapping[str, int]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Hints of one weight for two themes, between which the respondent's scores say nothing.

    Who writes "petugasnya mantap" may mean skill or manners: without the scores that is no theme.
    """
    for rival in rivals:
        themes = bid.match.rule.theme, rival.match.rule.theme
        equal = bid.weight == rival.weight < DECIDES
        if equal and scores.get(themes[0], MIDDLE) == scores.get(themes[1], MIDDLE):
            yield themes[0], bid.match.places
            yield themes[1], rival.match.places


def _yields(holder: _Bid, bid: _Bid, label: Label, scores: Mapping[str, int]) -> bool:
    """Whether the respondent's scores give a heavier bid's words to a lighter one near it."""
    if holder.weight - bid.weight > CLOSE or label == "neutral":
        return False
    held = scores.get(holder.match.rule.theme, MIDDLE)
    wanted = scores.get(bid.match.rule.theme, MIDDLE)
    return wanted < held if label == "negative" else wanted > held


def _claims(won: Sequence[_Bid], labels: Sequence[Label]) -> list[tuple[int, Claim]]:
    strong = {bid.clause for bid in won if bid.weight >= DECIDES}
    by_theme: dict[tuple[int, str], list[_Bid]] = {}
    for bid in won:
        hint = bid.weight < DECIDES
        if not hint or (bid.clause not in strong and labels[bid.clause] != "neutral"):
            by_theme.setdefault((bid.clause, bid.match.rule.theme), []).append(bid)
    claims = [
        (
            number,
            Claim(
                theme, _telling(bids), tuple(sorted({place for bid in bids for place in bid.match.places}))
            ),
        )
        for (number, theme), bids in by_theme.items()
    ]
    return sorted(claims, key=lambda claim: (claim[0], claim[1].places))


def _telling(bids: Sequence[_Bid]) -> Match:
    return next((bid.match for bid in bids if bid.match.rule.sign), bids[0].match)
