"""What the words of a comment say together: negation, degree, requests, waiting, contrast and sarcasm.

The words come as records in the order of the comment. Every word with a valence makes a contribution; the
small words around it turn it, strengthen it or take its meaning away. The numbers below were chosen by
cross-validation on labelled reviews, coarsely: what is not clearly better than its neighbours was left at a
round number.
"""

from collections.abc import Sequence
from typing import NamedTuple

from analysis.sentiment.words import (
    ABILITY,
    BOOSTER,
    COMMA,
    CONTRAST,
    EXCESS,
    INTENSIFIER,
    LACKING,
    LINK,
    NEGATOR,
    NUMBER,
    ONLY,
    PAST,
    SARCASM,
    STOP,
    UNIT,
    VALUE,
    WAIT,
    WISH,
    Follow,
    Record,
)

PREPARING = frozenset({NEGATOR, LACKING, EXCESS})
"""What waits for the word that it turns."""

ENGINE = 1
"""Part of the analyser's version; to be raised with every change of what a comment scores."""

SCOPE = 3
"""Tokens after a negator, a lack or an excess in which it finds its word."""
REQUESTED = 7
"""Tokens after "mohon" in which praise is a request."""
QUEUE = 5
"""Tokens after a word of waiting in which praise is said of the waiting."""
NEAR = 3
"""Tokens between a degree word and what it strengthens."""

NOT_GOOD = -0.9
NOT_BAD = -0.6
BARE_NOT = -0.6
UNABLE = -2.0
LACKS_GOOD = -0.9
BARE_LACK = -1.2
TOO_GOOD = -0.8
TOO_BAD = 1.2
BARE_EXCESS = -0.8
NOT_TOO = 0.6
WISHED = 0.15
WISHED_MORE = -0.5
WISHED_AWAY = -0.6
BEFORE_BUT = 0.6
MOCKED = -0.7
MOCKING_NEEDS = 1.0
BETTER_ELSEWHERE = -0.8
COMMA_ENDS = 3
NOWHERE = -99
LONG_WAIT = -1.5
SHORT_WAIT = 1.5


class Weighed(NamedTuple):
    """The contributions of a comment, and the tokens that each comes from, first and last.

    Attributes:
        values: signed, in the order of the comment; 0 where another took it in.
        firsts: the first token of each.
        lasts: the last token of each, inclusive.
        negations: how many negators, lacks and excesses there were.
        wishes: how many requests and wishes.
        asked: how many question marks.
        exclaimed: how many exclamation marks.
    """

    values: list[float]
    firsts: list[int]
    lasts: list[int]
    negations: int
    wishes: int
    asked: int
    exclaimed: int


def weigh(records: Sequence[Record | None]) -> Weighed:
    """What each deciding word of a comment contributes.

    One pass in time linear in the number of records: this is asked of every comment of a country.
    """
    values: list[float] = []
    firsts: list[int] = []
    lasts: list[int] = []
    negations = wishes = asked = exclaimed = 0
    skip = -1
    # The last token on which each word still acts, and the contribution made by what waits for its object.
    negated = lacking = exceeding = wished = strengthened = more = -1
    waiting = 0
    turned = degree = 1.0
    # Where in the sentence these stand; NOWHERE when they do not.
    queueing = queue_value = numbered = only = only_value = NOWHERE
    compared = lasted = degree_value = NOWHERE
    closed = degree_first = 0
    mocking: list[int] = []
    for place, record in enumerate(records):
        if record is None or place <= skip:
            continue
        op, value, strength, follow, form = record
        last = place
        if follow:
            longest = _phrase(records, place, follow)
            if longest is not None:
                last, (op, value, strength, _, form) = longest
                skip = last

        if op != VALUE:
            if op == STOP:
                asked += form == "?"
                exclaimed += form == "!"
                negated = lacking = exceeding = wished = NOWHERE
                queueing = queue_value = numbered = only = compared = lasted = strengthened = NOWHERE
                closed = len(values)
                continue
            if op == COMMA:
                negated = lacking = exceeding = strengthened = NOWHERE
                wished -= COMMA_ENDS
                continue
            if op in PREPARING:
                if op == NEGATOR:
                    negated, turned, bare = last + SCOPE, strength, value or BARE_NOT
                elif place <= negated:
                    # "tidak terlalu lama" is a weak negation, "tidak kurang" is none.
                    turned *= NOT_TOO
                    negated = NOWHERE if op == LACKING else negated
                    continue
                elif op == LACKING:
                    lacking, bare = last + SCOPE, value or BARE_LACK
                else:
                    exceeding, bare = last + SCOPE, value or BARE_EXCESS
                negations += 1
                waiting = len(values)
                values.append(bare)
                firsts.append(place)
                lasts.append(last)
                continue
            if op == BOOSTER:
                if len(values) > closed and place - lasts[-1] <= 2:
                    values[-1] *= strength
                    lasts[-1] = last
                    continue
            elif op == INTENSIFIER:
                degree, degree_first, strengthened = strength, place, last + NEAR
                if form == "lebih":
                    compared, more = len(values), strengthened
                if not value:
                    continue
                if place > negated:
                    # "luar biasa" is praise, until it turns out to strengthen something.
                    degree_value = len(values)
                    values.append(value)
                    firsts.append(place)
                    lasts.append(last)
                    continue
                strengthened = NOWHERE
            elif op == ABILITY:
                if place <= negated:
                    values[waiting] = min(values[waiting], UNABLE)
                    lasts[waiting] = last
                    if strength >= 1:
                        negated = NOWHERE
                    continue
            elif op == WISH:
                wishes += 1
                wished = last + REQUESTED
            elif op == CONTRAST:
                for earlier in range(len(values)):
                    values[earlier] *= BEFORE_BUT
                negated = lacking = exceeding = wished = NOWHERE
            elif op == LINK:
                negated = lacking = exceeding = NOWHERE
            elif op == SARCASM:
                mocking.append(len(values))
            elif op == WAIT:
                queueing = last
                if lasted != NOWHERE:
                    values.append(LONG_WAIT)
                    firsts.append(lasted)
                    lasts.append(last)
                    lasted = NOWHERE
            elif op == NUMBER:
                numbered = last
            elif op == ONLY:
                only, only_value = last, len(values) if value else NOWHERE
            elif op == UNIT:
                first = numbered if numbered == place - 1 else place
                if first < place or strength > 1:
                    if first - only == 1:
                        if only_value != NOWHERE:
                            values[only_value] = 0.0
                        value, place = SHORT_WAIT, only
                    elif strength >= 1:
                        if queueing == NOWHERE:
                            lasted = first
                        else:
                            value, place = LONG_WAIT, first
                    if value:
                        values.append(value)
                        firsts.append(place)
                        lasts.append(last)
                    continue
            elif op == PAST and compared != NOWHERE:
                for earlier in range(compared, len(values)):
                    if values[earlier] > 0:
                        values[earlier] *= BETTER_ELSEWHERE
                        lasts[earlier] = last
                compared = NOWHERE

        if not value:
            continue
        first = place
        turns = False
        if degree != 1.0:
            if place <= strengthened:
                value, first = value * degree, degree_first
                if degree_value != NOWHERE:
                    values[degree_value] = 0.0
            degree, degree_value = 1.0, NOWHERE
        if place <= negated:
            turns = True
            value *= (NOT_GOOD if value > 0 else NOT_BAD) * turned
            values[waiting], first = 0.0, min(first, firsts[waiting])
            negated = NOWHERE
        elif place <= lacking:
            if value > 0:
                value *= LACKS_GOOD
                values[waiting], first = 0.0, min(first, firsts[waiting])
            lacking = NOWHERE
        elif place <= exceeding:
            value *= TOO_GOOD if value > 0 else TOO_BAD
            values[waiting], first = 0.0, min(first, firsts[waiting])
            exceeding = NOWHERE
        if place <= wished and value > 0:
            # Nobody asks for what there is: "lebih cepat" and "tidak lelet" say that it is slow, and lelet.
            value *= WISHED_MORE if place <= more else WISHED_AWAY if turns else WISHED
        elif value > 0:
            praised = op != SARCASM and form[0].isalpha()
            if praised and queue_value != NOWHERE and place - queueing <= QUEUE:
                values[queue_value] = 0.0  # "antrinya tidak lama": the queue is what is praised
                queue_value = NOWHERE
        elif op == WAIT:
            queue_value = len(values)
        values.append(value)
        firsts.append(first)
        lasts.append(last)
    if mocking:
        _mock(values, mocking, lasted)
    return Weighed(values, firsts, lasts, negations, wishes, asked, exclaimed)


def _mock(values: list[float], mocking: Sequence[int], lasted: int) -> None:
    """Turn praise that stands beside a complaint ("hebat ya, tiga jam")."""
    complaint = -sum(value for value in values if value < 0) - (LONG_WAIT if lasted != NOWHERE else 0)
    if complaint >= MOCKING_NEEDS:
        for place in mocking:
            if place < len(values) and values[place] > 0:
                values[place] *= MOCKED


def _phrase(records: Sequence[Record | None], place: int, follow: Follow) -> tuple[int, Record] | None:
    """The longest phrase that begins at a place: its last token and its record."""
    found = None
    go_on: Follow | None = follow
    while go_on:
        place += 1
        if place >= len(records) or (following := records[place]) is None:
            break
        node = go_on.get(following[4])
        if node is None:
            break
        record, go_on = node
        if record is not None:
            found = place, record
    return found
