"""Why a published headline may differ from the index of its elements: known mistakes, tried one by one.

A cause is named when the mistake gives the printed headline from the printed elements, within the rounding of
both. That shows it is possible, not that it happened: the wider the rounding, the more mistakes fit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from analysis.index import ELEMENTS, SCALE, krejcie_morgan, round_half_up
from analysis.published import PublishedTable, Range, decimals_of
from analysis.recomputed import Recomputed, exactly

Number = Fraction | Decimal | int
Means = Sequence[Fraction]
MeansToIndex = Callable[[Means], Fraction]

WEIGHT_PLACES = (3, 2, 4, 1)
"""Decimals to which weights are found rounded in published tables, the most frequent first: 0.111 in several
templates, 0.11 in worked examples and scripts, 0.33 for three elements; 0.1111 and 0.1 for completeness."""


class Cause(NamedTuple):
    """A mistake that gives the printed headline.

    Attributes:
        word: its machine word.
        ikm: the index it gives, 25 to 100, as a range.
        element: the element it concerns, if it concerns one.
        numbers: what else is to be known of it (a weight, a number of decimals).
    """

    word: str
    ikm: Range
    element: str | None = None
    numbers: Mapping[str, Number] = {}


@dataclass(frozen=True)
class Mistake:
    """A way to compute the index wrongly from means; what it gives never falls when a mean rises."""

    word: str
    of: MeansToIndex
    element: str | None = None
    numbers: Mapping[str, Number] = field(default_factory=dict)


def find_causes(table: PublishedTable, found: Recomputed, headline: Range) -> tuple[Cause, ...]:
    """The mistakes that give a headline which does not follow, the likeliest first.

    The order is a judgement of this project: a weight that the table itself prints, then the mistakes seen in
    published tables, and only when none of these fits, rarer ones, of which so many are tried that one may
    fit by chance. Counts, sums or means suffice; two causes need the matrix of single answers
    (``complete_rows_only``, ``best_scores_only``).
    """
    if found.unknown:
        return ()
    seen = [*_tried(_seen_mistakes(table, found), found), *_other_answers(table, found)]
    causes = [cause for cause in seen if cause.ikm.touches(headline)]
    if not causes:
        rarer = _tried(_rarer_mistakes(table, found), found)
        causes = [cause for cause in rarer if cause.ikm.touches(headline)]
    return tuple(causes or _one_element(found, headline))


def rounded_weights(k: int, printed: Decimal | None = None) -> tuple[Fraction, ...]:
    """Weights used instead of 1/k: the printed one, then 1/k rounded and cut to a few decimals."""
    exact = Fraction(1, k)
    tried = [Fraction(printed)] if printed is not None else []
    for places in WEIGHT_PLACES:
        tried += [_round(exact, places), _cut(exact, places)]
    return tuple(weight for weight in dict.fromkeys(tried) if weight > 0 and weight != exact)


def _tried(mistakes: Iterator[Mistake], found: Recomputed) -> Iterator[Cause]:
    lows, mids, highs = zip(*found.means.values(), strict=True)
    for one in mistakes:
        yield Cause(one.word, Range(one.of(lows), one.of(mids), one.of(highs)), one.element, one.numbers)


def _seen_mistakes(table: PublishedTable, found: Recomputed) -> Iterator[Mistake]:
    k, exact = found.k, Fraction(1, found.k)
    if found.outside:
        yield Mistake("outside_scale_accepted", _weighted(exact))
    for weight in rounded_weights(k, table.weight):
        yield Mistake("weight_rounded", _weighted(weight), None, {"weight": weight})
    if k != ELEMENTS:
        for weight in (Fraction(1, ELEMENTS), *rounded_weights(ELEMENTS)):
            yield Mistake("weight_of_nine", _weighted(weight), None, {"weight": weight})
    for at, key in enumerate(found.means):
        yield Mistake("element_as_headline", _only(at), key)
    places = 2 if table.ikm is None else decimals_of(table.ikm)
    yield Mistake("truncated", _truncated(exact, places), None, {"places": places})
    for places in (2, 1, 3):
        yield Mistake("index_rounded", _index_rounded(places), None, {"places": places})
        numbers: dict[str, Number] = {"places": places, "weight": exact}
        yield Mistake("means_rounded", _weighted(exact, before=places), None, numbers)
        yield Mistake("weighted_rounded", _weighted(exact, after=places), None, numbers)


def _rarer_mistakes(table: PublishedTable, found: Recomputed) -> Iterator[Mistake]:
    k = found.k
    for places in (2, 3, 1):
        for weight in rounded_weights(k, table.weight)[:2]:
            numbers: dict[str, Number] = {"places": places, "weight": weight}
            yield Mistake("means_rounded", _weighted(weight, before=places), None, numbers)
            yield Mistake("weighted_rounded", _weighted(weight, after=places), None, numbers)
    yield Mistake("rescaled_from_zero", lambda means: 100 * (_sum(means) / len(means) - 1) / (SCALE - 1))
    for at, key in enumerate(found.means):
        if k > 1:
            yield Mistake("element_left_out", _without(at, k - 1), key)
        yield Mistake("element_as_zero", _without(at, k), key)
    for key, mean in found.means.items():
        for other in _digits_swapped(table, found, key):
            swapped: dict[str, Number] = {"printed": mean.mid, "instead": other}
            yield Mistake("digits_swapped", _moved(other - mean.mid, k), key, swapped)


def _digits_swapped(table: PublishedTable, found: Recomputed, key: str) -> Iterator[Fraction]:
    """A printed mean with two neighbouring digits exchanged, where that stays on the scale."""
    if found.sources[key] != "mean" or found.means[key].mid < 0:
        return
    places = table.mean_decimals()
    digits = str(int(found.means[key].mid * 10**places))
    for at in range(len(digits) - 1):
        swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        value = Fraction(int(swapped), 10**places)
        if swapped != digits and 1 <= value <= SCALE:
            yield value


def _other_answers(table: PublishedTable, found: Recomputed) -> Iterator[Cause]:
    """The index of other answers than all: gaps taken for zeros, only complete rows, only the best rows."""
    totals = [element.sum_of_answers for element in table.elements]
    gaps = [element.answered is not None and element.answered < (table.n or 0) for element in table.elements]
    if table.n and any(gaps) and None not in totals:
        zeros = Fraction(25 * sum(total or 0 for total in totals), table.n * len(totals))
        yield Cause("missing_as_zero", exactly(zeros))
    if found.unanswered or found.outside:
        return
    complete = [[one for one in row if one is not None] for row in table.rows if None not in row]
    if complete and len(complete) < len(table.rows):
        yield Cause("complete_rows_only", exactly(_index_of(complete)), None, {"rows": len(complete)})
    elif complete and (size := krejcie_morgan(len(complete))) < len(complete):
        # Seen in public software: the recommended number of respondents from a list ordered by score.
        best = sorted(complete, key=sum, reverse=True)[:size]
        yield Cause("best_scores_only", exactly(_index_of(best)), None, {"rows": size})


def _one_element(found: Recomputed, headline: Range) -> Iterator[Cause]:
    """Which single mean, were it another, would give the headline: every one that stays on the scale."""
    shift = (headline.mid - found.accepted.mid) * found.k / 25
    for key, mean in found.means.items():
        instead = mean.mid + shift
        if 1 <= instead <= SCALE:
            yield Cause("one_element", headline, key, {"printed": mean.mid, "instead": instead})


def _weighted(weight: Fraction, before: int | None = None, after: int | None = None) -> MeansToIndex:
    """25 × the sum of mean × weight, with the mean or the product rounded on the way."""

    def of(means: Means) -> Fraction:
        entering = means if before is None else [_round(mean, before) for mean in means]
        products = [mean * weight for mean in entering]
        return 25 * _sum(products if after is None else [_round(one, after) for one in products])

    return of


def _truncated(weight: Fraction, places: int) -> MeansToIndex:
    return lambda means: _cut(25 * weight * _sum(means), places)


def _index_rounded(places: int) -> MeansToIndex:
    return lambda means: 25 * _round(_sum(means) / len(means), places)


def _only(at: int) -> MeansToIndex:
    return lambda means: 25 * means[at]


def _without(at: int, k: int) -> MeansToIndex:
    return lambda means: 25 * (_sum(means) - means[at]) / k


def _moved(by: Fraction, k: int) -> MeansToIndex:
    return lambda means: 25 * (_sum(means) + by) / k


def _index_of(rows: Sequence[Sequence[int]]) -> Fraction:
    return Fraction(25 * sum(map(sum, rows)), sum(map(len, rows)))


def _sum(values: Means) -> Fraction:
    return sum(values, Fraction(0))


def _round(value: Fraction, places: int) -> Fraction:
    return Fraction(round_half_up(value, places))


def _cut(value: Fraction, places: int) -> Fraction:
    return Fraction(int(value * 10**places), 10**places)
