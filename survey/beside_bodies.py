"""What stands beside an index as plain data: the adjusted index, the silent, complete answers, ratings.

Pure. Nothing is computed here. A part that cannot be given says why in ``withheld``, and its values are null.
"""

from typing import Annotated, Literal

import msgspec

from analysis.collapse import COLLAPSE_BELOW
from analysis.ratings import Ces, Csat, Nps
from analysis.shares import Mean, NetScore, Share
from analysis.withheld import Withheld
from survey.body_reasons import WithheldOut, ZeroToOne, no_figure, withheld_body, word
from survey.evidence import Evidence, Rating
from survey.figures import SHOWN_FROM, Figure

Measure = Literal[
    "csat_top",
    "csat_top_two",
    "csat_mean",
    "nps",
    "nps_promoters",
    "nps_passives",
    "nps_detractors",
    "ces_easy",
    "ces_mean",
    "share_yes",
]


class AdjustedOut(msgspec.Struct, kw_only=True):
    """The index adjusted to all transactions of the ledger. It is never part of the official one."""

    value: Annotated[float | None, msgspec.Meta(description="25 to 100, not rounded.")] = None
    low: float | None = None
    high: float | None = None
    method: Annotated[
        Literal["poststratified", "raked"] | None,
        msgspec.Meta(description="By service, channel and month; groups with few answers are joined."),
    ] = None
    cells: Annotated[int | None, msgspec.Meta(description="Groups of transactions it rests on.")] = None
    design_effect: Annotated[float | None, msgspec.Meta(description="Kish: n / n_eff, 1 or more.")] = None
    n_eff: Annotated[
        float | None, msgspec.Meta(description="Answers with equal weights that would say as much.")
    ] = None
    unheard: Annotated[
        int | None,
        msgspec.Meta(description="Transactions of kinds nobody answered about, for which others speak."),
    ] = None
    difference: Annotated[float | None, msgspec.Meta(description="Adjusted less official, in points.")] = None
    noteworthy: Annotated[
        bool | None, msgspec.Meta(description="Whether the difference is more than 2 points either way.")
    ] = None
    withheld: WithheldOut | None = None


class BoundOut(msgspec.Struct, kw_only=True):
    """Between what the index of all transactions lies, whatever those who did not answer think."""

    low: float | None = None
    high: float | None = None
    response_rate: Annotated[
        ZeroToOne | None,
        msgspec.Meta(description="Answers given in the period / transactions of the period."),
    ] = None
    withheld: WithheldOut | None = None


class CasesOut(msgspec.Struct, kw_only=True):
    """The index of those who answered every element, beside the official one of all answers.

    Withheld as well when fewer than five people left something out: the difference would be theirs.
    """

    ikm: Annotated[float | None, msgspec.Meta(description="Two decimals.")] = None
    n: Annotated[int | None, msgspec.Meta(description="Those who answered every element.")] = None
    difference: Annotated[float | None, msgspec.Meta(description="Official less this one, in points.")] = None
    differ: Annotated[bool | None, msgspec.Meta(description="Whether by more than 1 point either way.")] = (
        None
    )
    withheld: WithheldOut | None = None


class MeasureOut(msgspec.Struct):
    """One figure of a further item, with its 95 % interval.

    Shares are 0 to 1, nps is -100 to 100, means are in the units of their scale (csat_mean 1 to 4 or 5,
    ces_mean 1 to 7).
    """

    name: Measure
    value: float
    low: float
    high: float


class RatingOut(msgspec.Struct, kw_only=True):
    """A further item of the instrument; none of them is in an index."""

    key: str
    n: int
    measures: list[MeasureOut]
    withheld: WithheldOut | None = None


def adjusted_body(figure: Figure, evidence: Evidence | None) -> AdjustedOut:
    """The adjusted index, or why there is none."""
    if evidence is None or evidence.weighed is None:
        return AdjustedOut(withheld=_unweighed(figure, evidence))
    weighed, found = evidence.weighed, evidence.weighed.adjusted
    if found is None or found.value is None or found.interval is None:
        return AdjustedOut(withheld=_not_adjusted(weighed.withheld or "", figure.n))
    method: Literal["poststratified", "raked"] = "raked" if found.method == "raked" else "poststratified"
    return AdjustedOut(
        value=found.value,
        low=found.interval.low,
        high=found.interval.high,
        method=method,
        cells=found.cells,
        design_effect=found.weights.deff,
        n_eff=found.weights.n_eff,
        unheard=found.unheard,
        difference=weighed.difference,
        noteworthy=weighed.noteworthy,
    )


def bound_body(figure: Figure, evidence: Evidence | None) -> BoundOut:
    """The bound of the silent, or why there is none."""
    if evidence is None or evidence.weighed is None:
        return BoundOut(withheld=_unweighed(figure, evidence))
    weighed = evidence.weighed
    return BoundOut(low=weighed.bias_low, high=weighed.bias_high, response_rate=weighed.response_rate)


def cases_body(figure: Figure, evidence: Evidence | None) -> CasesOut:
    """The index of complete responses, or why it is not given."""
    if evidence is None:
        return CasesOut(withheld=no_figure(figure))
    if figure.kind != "ikm":
        return CasesOut(withheld=WithheldOut("not_for_this_index"))
    cases = evidence.cases
    if cases is None or cases.complete is None or cases.difference is None:
        return CasesOut(withheld=WithheldOut("too_few", None, SHOWN_FROM))
    return CasesOut(
        ikm=float(cases.complete.rounded),
        n=cases.complete_n,
        difference=float(cases.difference),
        differ=cases.differ,
    )


def ratings_body(evidence: Evidence | None) -> list[RatingOut]:
    """The further items, each under its own name."""
    return [] if evidence is None else [_rating(key, rating) for key, rating in evidence.ratings]


def _unweighed(figure: Figure, evidence: Evidence | None) -> WithheldOut:
    if evidence is None:
        return no_figure(figure)
    if figure.kind != "ikm":
        return WithheldOut("not_for_this_index")
    served = figure.funnel.transactions if figure.funnel else 0
    return WithheldOut("fewer_transactions_than_answers", served, figure.n)


def _not_adjusted(reason: str, n: int) -> WithheldOut:
    """Groups are joined until each has enough answers; two are the least that can be weighed."""
    least = 2 * COLLAPSE_BELOW
    if reason != "too_few":
        return WithheldOut(word(reason), n)
    return WithheldOut("too_few", n, least) if n < least else WithheldOut("one_group", 1, 2)


def _rating(key: str, rating: Rating | Withheld) -> RatingOut:
    if isinstance(rating, Withheld):
        return RatingOut(key=key, n=rating.n, measures=[], withheld=withheld_body(rating))
    measures = _measures(rating)
    return RatingOut(
        key=key,
        n=measures[0][1].n,
        measures=[
            MeasureOut(name, found.value, found.interval.low, found.interval.high) for name, found in measures
        ],
    )


def _measures(rating: Rating) -> list[tuple[Measure, Share | Mean | NetScore]]:
    if isinstance(rating, Csat):
        return [("csat_top", rating.top), ("csat_top_two", rating.top_two), ("csat_mean", rating.mean)]
    if isinstance(rating, Nps):
        return [
            ("nps", rating.score),
            ("nps_promoters", rating.promoters),
            ("nps_passives", rating.passives),
            ("nps_detractors", rating.detractors),
        ]
    if isinstance(rating, Ces):
        return [("ces_easy", rating.easy), ("ces_mean", rating.mean)]
    return [("share_yes", rating)]
