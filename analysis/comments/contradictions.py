"""Citizens who rated high and wrote badly, or the other way round.

Such comments are worth reading: the form did not ask what mattered, or was answered without looking. But
whoever judges comments is sometimes wrong, and each of its errors among content citizens looks like a
contradiction. So the number found is shown beside the number that errors alone would give.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from analysis.checks import check_seed, check_share, is_count, is_number
from analysis.comments.confusion import Confusion, check_draws, drawn_rates, drawn_shares, position
from analysis.comments.tally import LABELS, CommentTally
from analysis.errors import Malformed, NoFigure, UnknownKey
from analysis.intervals import Interval, wilson_proportion
from analysis.shares import Share

if TYPE_CHECKING:
    import numpy as np

Kind = Literal["high_but_negative", "low_but_positive"]

CONTRARY: dict[Kind, str] = {"high_but_negative": "negative", "low_but_positive": "positive"}
"""The label that contradicts the rating."""

HIGH = Fraction(2, 3)
LOW = Fraction(1, 3)
"""A mean answer is high from two thirds of the way up its scale, low up to one third: of 1 to 4, from 3
("good") and up to 2 ("not good"); of 1 to 5, from 3.67 and up to 2.33. Our judgement."""

SURE = 0.5
"""With less confidence the label is more likely wrong than right, and contradicts nothing."""

_ROUNDING = Fraction(1, 10**9)


@dataclass(frozen=True)
class Contradictions:
    """Contradictions among the comments of citizens who rated alike.

    Attributes:
        kind: which way.
        share: the comments that contradict their rating, among all of these.
        by_error: how many would seem to, were there none and the other labels as they were given.
        interval: interval of that number, which knows how few comments the error rates come from.
        beyond_error: whether more are found than errors alone explain: True says that at least some are real.
    """

    kind: Kind
    share: Share
    by_error: float
    interval: Interval
    beyond_error: bool


def contradiction(
    mean_score: float | Fraction, scale: int, label: str, confidence: float = 1.0
) -> Kind | None:
    """Whether what a citizen wrote contradicts how he or she rated.

    Args:
        mean_score: mean of his or her answers to the elements, 1 to ``scale``.
        scale: the highest answer, at least 2.
        label: the judgement of the comment.
        confidence: 0 to 1, of that judgement; below ``SURE`` it contradicts nothing.

    Raises:
        Malformed: there is no such scale, the mean is outside of it, or the confidence outside 0 to 1.
        UnknownKey: there is no such label.
    """
    if not is_count(scale) or scale < 2:
        raise Malformed(f"there is no scale from 1 to {scale!r}")
    if not (is_number(mean_score) and 1 <= mean_score <= scale):
        raise Malformed(f"a mean answer of {mean_score!r} is outside the scale of 1 to {scale}")
    if not (is_number(confidence) and 0 <= confidence <= 1):
        raise Malformed(f"a confidence of {confidence!r} is outside 0 to 1")
    position(label)
    if confidence < SURE:
        return None
    height = (Fraction(mean_score) - 1) / (scale - 1)
    # Means of floating point miss a bound by a hair: 11/3 of 1 to 5 is high.
    if label == CONTRARY["high_but_negative"] and height >= HIGH - _ROUNDING:
        return "high_but_negative"
    if label == CONTRARY["low_but_positive"] and height <= LOW + _ROUNDING:
        return "low_but_positive"
    return None


def contradictions(
    tally: CommentTally,
    kind: Kind,
    confusion: Confusion,
    *,
    seed: "int | np.random.Generator",
    level: float = 0.95,
    draws: int = 4000,
) -> Contradictions:
    """How many comments contradict their rating, and how many would seem to by errors alone.

    Were there no contradiction, all comments with the contrary label c would be misjudged ones of the other
    two labels t. These are then expected n Σ w_t P_tc times, with P_tc the rate at which label t is mistaken
    for c and w_t the shares of the two among the comments that were given one of them (equal when none was).
    Where some contradictions are real, fewer than that number are errors, as fewer comments can be mistaken.
    Of a label no comment of which was judged P_tc is taken as a third, and the interval knows no better.

    For the interval and the verdict, the rows of the matrix and the labels given are drawn from their
    Dirichlet distributions (``analysis.comments.confusion``). The verdict is one-sided: in a share of
    ``level`` of the draws, more comments contradict than errors would make.

    Args:
        tally: the comments of citizens who all rated high, or all low, whatever they wrote; judged without
            regard to confidence, as those of the confusion matrix were.
        kind: which way.
        confusion: the judgements of comments whose label people told from what was written. One that takes
            the rating for the true label calls every contradiction an error, and finds none.
        seed: a number or a generator; the same number gives the same interval.
        level: nominal coverage, and probability behind the verdict.
        draws: number of random draws, at least 100.

    Raises:
        NoFigure: the tally is of no comments.
        TooFew: fewer than 100 draws.
        UnknownKey: there is no such kind.
        NotACount, Contradiction: the tally counts no comments.
        Malformed: the level is not between 0 and 1, or the seed is none.
    """
    import numpy as np

    if kind not in CONTRARY:
        raise UnknownKey(f"no kind {kind!r} among {', '.join(CONTRARY)}")
    check_share(level, "level")
    check_draws(draws)
    generator = check_seed(seed)
    if tally.check().n == 0:
        raise NoFigure("there are no comments to contradict a rating")
    contrary = position(CONTRARY[kind])
    others = [place for place in range(len(LABELS)) if place != contrary]
    found = tally.labels[contrary]
    mix = np.array([tally.labels[place] for place in others], float)
    weights = mix / mix.sum() if mix.any() else np.full(2, 0.5)
    rates = np.array([_mistaken(confusion.counts[place], contrary) for place in others])
    errors = drawn_rates(confusion, generator, draws)[:, others, contrary] @ weights
    given = drawn_shares(tally.labels, generator, draws)[:, contrary]
    low, high = np.quantile(tally.n * errors, ((1 - level) / 2, (1 + level) / 2))
    by_error = float(tally.n * (weights @ rates))
    return Contradictions(
        kind,
        Share(found / tally.n, wilson_proportion(found, tally.n, level=level), found, tally.n),
        by_error,
        Interval(min(float(low), by_error), max(float(high), by_error), level, "confusion-matrix"),
        bool(np.quantile(given - errors, 1 - level) > 0),
    )


def _mistaken(row: tuple[int, int, int], contrary: int) -> float:
    """The rate at which comments of one true label are given the contrary one."""
    judged = sum(row)
    return row[contrary] / judged if judged else 1 / len(LABELS)
