"""The part of a clause that speaks of one of its themes: "petugas ramah / tempatnya kotor"."""

from collections.abc import Sequence

from analysis.themes.claims import Claim
from analysis.themes.speaking import Markers


def piece(
    claim: Claim, claims: Sequence[Claim], number: int, of: Sequence[int], markers: Markers
) -> tuple[int | None, int | None] | None:
    """The words from where a theme begins to where the next one does, or None when they interlock.

    The border is a joining word between the two ("dan", "tapi"), else the beginning of the later one with
    the negators and degree words before it.

    Args:
        claim: the theme.
        claims: all themes of the clause, by the place of their first word.
        number: of the clause.
        of: for each word of the comment the number of its clause.
        markers: the joining and denying words of the comment.

    Returns:
        The place of the first word and that behind the last, None for the beginning or end of the clause.
    """
    spans = [(other, [place for place in other.places if of[place] == number]) for other in claims]
    here = next(places for other, places in spans if other == claim)
    others = [places for other, places in spans if other != claim and places]
    if not here or any(places[0] <= here[-1] and here[0] <= places[-1] for places in others):
        return None
    before = max((places[-1] for places in others if places[-1] < here[0]), default=None)
    after = min((places[0] for places in others if places[0] > here[-1]), default=None)
    return (
        None if before is None else _border(before, here[0], markers),
        None if after is None else _border(here[-1], after, markers),
    )


def _border(before: int, after: int, markers: Markers) -> int:
    """Where the later of two themes begins, given the last word of one and the first of the other."""
    for place in range(before + 1, after):
        if markers.has("@joining", place) or markers.has("@turn", place):
            return place
    while after - 1 > before and (markers.has("@absent", after - 1) or markers.has("@degree", after - 1)):
        after -= 1
    return after
