"""What every part of the figures as plain data shares: a value with its interval, or why there is none.

Pure. Nothing is computed here.
"""

from typing import Annotated, Literal, get_args

import msgspec

from analysis.intervals import Interval
from analysis.withheld import Withheld
from survey.figures import SHOWN_FROM, Figure
from survey.results_texts import reason_code

Reason = Literal[
    "no_answers",
    "too_few",
    "too_few_for_grade",
    "too_few_for_element",
    "no_grades",
    "not_asked",
    "not_for_this_index",
    "fewer_transactions_than_answers",
    "one_group",
    "weights_too_unequal",
    "empty_level",
    "too_few_drivers",
    "no_variation",
    "pairs_disagree",
    "perfect_correlation",
    "collinear",
    "too_little_explained",
    "unstable",
    "no_order",
    "too_many_elements",
    "would_give_away",
    "other_elements",
    "too_few_comments",
    "too_few_judged_comments",
    "labels_too_alike",
    "error_rate_does_not_fit",
    "interval_too_wide",
    "not_possible",
]
ZeroToOne = Annotated[float, msgspec.Meta(ge=0, le=1, description="A share, 0 to 1.")]


class WithheldOut(msgspec.Struct):
    """Why there is no value.

    n is how many there are of what the reason speaks of, needed how many there must be: answers, but drivers
    for too_few_drivers, groups of transactions for one_group, transactions for
    fewer_transactions_than_answers, and comments where it is about comments. Either is null where no number
    is the reason, or where it would give somebody away.
    """

    reason: Reason
    n: int | None = None
    needed: int | None = None


class EstimateOut(msgspec.Struct, kw_only=True):
    """A value with its 95 % interval in the same units and the n answers behind it, or why there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    withheld: WithheldOut | None = None


def word(reason: str) -> Reason:
    """A reason of the analysis as the API says it: ``not_possible`` for one that has no word of its own."""
    known = reason_code(reason).replace(" ", "_")
    return next((one for one in get_args(Reason) if one == known), "not_possible")


def no_figure(figure: Figure) -> WithheldOut:
    """Why nothing stands beside a figure that is withheld itself."""
    return WithheldOut(word(figure.withheld or ""), figure.n, SHOWN_FROM)


def withheld_body(found: Withheld) -> WithheldOut:
    """A reason of the analysis with its numbers."""
    return WithheldOut(word(found.reason), found.n, found.needed)


def estimate_body(value: float, ends: Interval, n: int) -> EstimateOut:
    """A value with its interval."""
    return EstimateOut(value=value, low=ends.low, high=ends.high, n=n)
