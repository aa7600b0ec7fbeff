"""Satisfaction, recommendation and effort: CSAT, NPS and CES, never under each other's name.

Everything here needs tallies only: how often each answer of the scale was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.errors import Malformed
from analysis.shares import Mean, NetScore, Share, checked_counts, mean, net_score, share

CSAT_POINTS = (4, 5)
"""Scales on which a satisfaction item has a top box and a second box that both mean satisfied."""

NPS_POINTS = 11
"""Answers 0 to 10 to "how likely are you to recommend"."""

NPS_DETRACTORS_TO = 6
NPS_PROMOTERS_FROM = 9
"""Classes of Reichheld 2003, Harvard Business Review 81(12): detractors 0-6, passives 7-8, promoters 9-10."""

CES_POINTS = 7
CES_EASY_FROM = 5
"""Customer effort score 2.0, agreement on 7 points that something was made easy; 5-7 count as easy.
Status: from memory, to be checked against Dixon, Toman & DeLisi 2013, The Effortless Experience."""


@dataclass(frozen=True)
class Csat:
    """Satisfaction with a service.

    Attributes:
        top: share of the highest answer.
        top_two: share of the two highest answers.
        mean: mean answer, 1 to 4 or 1 to 5.
        points: answers of the scale, 4 or 5.
    """

    top: Share
    top_two: Share
    mean: Mean
    points: int


@dataclass(frozen=True)
class Nps:
    """Net promoter score: a weak fit for a public monopoly, and never a part of an index.

    Attributes:
        score: promoters minus detractors, in points, -100 to 100.
        promoters: share answering 9 or 10.
        passives: share answering 7 or 8.
        detractors: share answering 0 to 6.
    """

    score: NetScore
    promoters: Share
    passives: Share
    detractors: Share


@dataclass(frozen=True)
class Ces:
    """How easy it was.

    Attributes:
        mean: mean answer, 1 to 7.
        easy: share answering 5 to 7.
    """

    mean: Mean
    easy: Share


def csat(counts: Sequence[int], *, level: float = 0.95) -> Csat:
    """Top box, two top boxes and mean of a satisfaction item. Tallies suffice.

    Args:
        counts: how often 1, 2, ... was answered; 4 or 5 numbers.
        level: nominal coverage of the intervals.

    Raises:
        Malformed: another scale, or a level that is not between 0 and 1.
        NotACount: a number is negative or not whole.
        NoFigure: nobody answered.
    """
    if len(counts) not in CSAT_POINTS:
        raise Malformed(f"a satisfaction item has 4 or 5 answers, not {len(counts)}")
    points = len(counts)
    answers = checked_counts(counts, points)
    return Csat(
        share(answers[-1:], answers, level),
        share(answers[-2:], answers, level),
        mean(answers, 1, level),
        points,
    )


def nps(counts: Sequence[int], *, level: float = 0.95, method: str = "wilson-calibrated") -> Nps:
    """Net promoter score. Tallies suffice.

    Args:
        counts: how often 0, 1, ... 10 was answered; 11 numbers.
        level: nominal coverage of the intervals.
        method: of the score's interval, see ``net_score``.

    Raises:
        Malformed: another scale, or a level that is not between 0 and 1.
        NotACount: a number is negative or not whole.
        NoFigure: nobody answered.
        NoVariation: as in ``net_score``.
        UnknownKey: as in ``net_score``.
    """
    answers = checked_counts(counts, NPS_POINTS)
    below, above = answers[: NPS_DETRACTORS_TO + 1], answers[NPS_PROMOTERS_FROM:]
    promoters, detractors = share(above, answers, level), share(below, answers, level)
    passives = share(answers[NPS_DETRACTORS_TO + 1 : NPS_PROMOTERS_FROM], answers, level)
    score = net_score(promoters.value, detractors.value, promoters.n, level=level, method=method)
    return Nps(score, promoters, passives, detractors)


def ces(counts: Sequence[int], *, level: float = 0.95) -> Ces:
    """Customer effort: mean, and share of those who found it easy. Tallies suffice.

    Args:
        counts: how often 1, 2, ... 7 was answered; 7 numbers.
        level: nominal coverage of the intervals.

    Raises:
        Malformed: another scale, or a level that is not between 0 and 1.
        NotACount: a number is negative or not whole.
        NoFigure: nobody answered.
    """
    answers = checked_counts(counts, CES_POINTS)
    return Ces(mean(answers, 1, level), share(answers[CES_EASY_FROM - 1 :], answers, level))
