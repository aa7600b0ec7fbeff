"""Trust of service users after a transaction: level, change, and an index of five drivers.

The five drivers, responsiveness, reliability, openness, integrity and fairness, are those of the OECD
framework (OECD 2017, Trust and Public Policy). They form one index. The level of trust is the outcome that
they should explain: it stands beside the index and is never averaged into it. All of it speaks of people who
used a service and answered, not of trust in government among the public.

``trust_figures`` needs tallies only. ``driver_index`` reads raw responses and gives the exact standard error
of the index; ``analysis.trust_checks`` says whether the index deserves its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from analysis.agreement import FIVE_POINTS, Agreement, Bands, agreement
from analysis.checks import check_count, check_share, is_count
from analysis.errors import Contradiction, Malformed, NoFigure
from analysis.intervals import Interval, wilson_calibrated
from analysis.matrix import Matrix
from analysis.tally import Tally
from analysis.withheld import NO_ANSWERS, NOT_ASKED, TOO_FEW_ANSWERS, TOO_FEW_DRIVERS, Withheld

LEVEL = "trust_level"
CHANGE = "trust_change"
DRIVERS = ("reliability", "responsiveness", "openness", "integrity", "fairness")
"""Keys of the trust items of an instrument."""

DRIVERS_NEEDED = 4
"""Drivers with enough answers without which there is no index. A judgement call of this project."""

PUBLIC_MINIMUM = 10
"""Fewest answers to an item before anything is said of it in public. A judgement call of this project."""


@dataclass(frozen=True)
class DriverIndex:
    """The mean of the drivers' means, with equal weights: which driver matters most does not move it.

    Attributes:
        value: 0-100.
        se: standard error in points.
        se_method: ``bound`` (from tallies, never too small) or ``linearised`` (from raw responses).
        interval: variance-calibrated Wilson interval, 0-100.
        drivers: keys of the drivers in it, four or five.
        n: answers to the least answered of them.
    """

    value: float
    se: float
    se_method: str
    interval: Interval
    drivers: tuple[str, ...]
    n: int


@dataclass(frozen=True)
class TrustFigure:
    """All that a tally says about trust.

    Attributes:
        n: responses, whatever they answered.
        level: trust after the service: the outcome.
        change: how trust changed by the service; agree means that it rose.
        drivers: by key.
        index: of the drivers.
    """

    n: int
    level: Agreement | Withheld
    change: Agreement | Withheld
    drivers: Mapping[str, Agreement | Withheld]
    index: DriverIndex | Withheld


@dataclass(frozen=True)
class Denominators:
    """The three denominators of a survey after transactions (US OMB Circular A-11, section 280).

    OMB counts customers, customers offered the survey, and respondents; here the unit is the transaction, so
    that a person with two of them counts twice.

    Attributes:
        transactions: completed in the period.
        invited: offered the survey.
        answered: gave a valid response.

    Raises:
        NotACount: a number is negative or not whole.
        Contradiction: more invited than there were transactions, or more answered than were invited.
    """

    transactions: int
    invited: int
    answered: int

    def __post_init__(self) -> None:
        for what in ("transactions", "invited", "answered"):
            check_count(getattr(self, what), f"transactions ({what})")
        if self.invited > self.transactions:
            raise Contradiction(f"{self.invited} invited of {self.transactions} transactions")
        if self.answered > self.invited:
            raise Contradiction(f"{self.answered} answered of {self.invited} invited")

    @property
    def invitation_rate(self) -> float:
        """Share of the transactions that was invited, 0 to 1; NoFigure without transactions."""
        return _rate(self.invited, self.transactions, "transactions")

    @property
    def answering_rate(self) -> float:
        """Share of the invited that answered, 0 to 1; NoFigure when nobody was invited."""
        return _rate(self.answered, self.invited, "invitations")

    @property
    def response_rate(self) -> float:
        """Share of the transactions that answered, 0 to 1; NoFigure without transactions."""
        return _rate(self.answered, self.transactions, "transactions")


def trust_figures(
    tally: Tally,
    *,
    minimum: int = PUBLIC_MINIMUM,
    bands: Bands = FIVE_POINTS,
    drivers_each: int | None = None,
    level: float = 0.95,
) -> TrustFigure:
    """Level, change, drivers and driver index of a tally. Tallies suffice; a short form is no obstacle.

    When each respondent is asked a random part of the items, nobody has an index of their own: that of the
    group is the mean of the drivers' means, each over those who answered it.

    A tally does not say how the drivers vary together, so the standard error of the index is a bound, never
    smaller than the linearised one of the same responses. By the Cauchy-Schwarz inequality it is at most the
    mean of the drivers' standard errors; and if no respondent answered more than d of the k drivers, at most
    sqrt(d × sum of their squares) / k. The smaller of the two is given. With five equally variable drivers of
    which three are asked, the second is 0.77 of the first.

    Args:
        tally: of responses to an instrument; items it does not have are withheld as ``NOT_ASKED``.
        minimum: items with fewer answers are withheld and stay out of the index; 10 for a public page.
        bands: the scale of the trust items and what agrees on it.
        drivers_each: most drivers any respondent was asked, as in a short form; None for all.
        level: nominal coverage of the intervals.

    Raises:
        Malformed: the minimum is below one, nobody is asked a driver, or a level not between 0 and 1.
        Contradiction: the bands are of another scale than the tally's trust items, or the respondents
            answered more drivers than they were asked.
    """
    _check_minimum(minimum)
    if drivers_each is not None and not (is_count(drivers_each) and drivers_each >= 1):
        raise Malformed(f"no index from {drivers_each!r} drivers asked of each respondent")
    scale = tally.layout.trust_scale
    if (bands.lowest, bands.highest) != (1, scale):
        raise Contradiction(
            f"trust answers run from 1 to {scale}, the bands from {bands.lowest} to {bands.highest}"
        )
    check_share(level, "level")
    answers = sum(tally.answered(key) for key in DRIVERS if key in tally.layout.trust)
    if drivers_each is not None and answers > drivers_each * tally.n:
        raise Contradiction(f"{answers} answers to drivers of {tally.n} who were asked {drivers_each} each")
    drivers = {key: _item(tally, key, minimum, bands, level) for key in DRIVERS}
    return TrustFigure(
        n=tally.n,
        level=_item(tally, LEVEL, minimum, bands, level),
        change=_item(tally, CHANGE, minimum, bands, level),
        drivers=drivers,
        index=_bounded_index(drivers, drivers_each, level),
    )


def index_of_means(
    means: Mapping[str, float], se: float, se_method: str, n: int, level: float = 0.95
) -> DriverIndex:
    """The driver index of checked means on 0-100, with a standard error from elsewhere in the same points."""
    value = sum(means.values()) / len(means)
    interval = wilson_calibrated(value, se * sqrt(n), n, lower=0, upper=100, level=level)
    return DriverIndex(value, se, se_method, interval, tuple(means), n)


def driver_index(
    matrix: Matrix, *, minimum: int = PUBLIC_MINIMUM, level: float = 0.95
) -> DriverIndex | Withheld:
    """The driver index with its linearised standard error. Raw responses are needed.

    The value is that of ``trust_figures``. A respondent i who answered the drivers A_i moves it by
    z_i = (1 / k) × sum over A_i of (x_ij - m_j) / n_j; the squared standard error is n / (n - 1) × sum of
    z_i² (Taylor linearisation of a sum of ratios with the respondent as the unit, Woodruff 1971, JASA
    66:411-414). It takes in how the drivers vary together and who was asked which.

    Args:
        matrix: with the drivers of ``DRIVERS`` among its columns; others are left aside.
        minimum: drivers with fewer answers stay out of the index.
        level: nominal coverage of the interval.

    Raises:
        Malformed: the minimum is below one, the drivers are answered on several scales, or a level that is
            not between 0 and 1.
    """
    import numpy as np

    check_share(level, "level")
    _check_minimum(minimum)
    keys = drivers_with(matrix, max(minimum, 2))
    if len(keys) < DRIVERS_NEEDED:
        return Withheld(TOO_FEW_DRIVERS, len(keys), DRIVERS_NEEDED)
    part = columns_of(matrix, keys)
    answered = ~np.isnan(part.values)
    each = part.counts @ answered
    points = np.where(answered, 100 * (part.values - 1) / (part.scale - 1), 0.0)
    means = part.counts @ points / each
    moves = np.where(answered, points - means, 0.0) @ (1 / each) / len(keys)
    n = int(part.counts[answered.any(axis=1)].sum())
    se = sqrt(n / (n - 1) * float(part.counts @ moves**2))
    named = dict(zip(keys, means.tolist(), strict=True))
    return index_of_means(named, se, "linearised", int(each.min()), level)


def drivers_with(matrix: Matrix, minimum: int) -> tuple[str, ...]:
    """Keys of the drivers among the columns of a matrix that have so many answers."""
    import numpy as np

    each = dict(zip(matrix.columns, (matrix.counts @ ~np.isnan(matrix.values)).tolist(), strict=True))
    return tuple(key for key in DRIVERS if each.get(key, 0) >= minimum)


def columns_of(matrix: Matrix, keys: tuple[str, ...]) -> Matrix:
    """Columns of a matrix, in the order of the keys.

    Raises:
        Malformed: they are answered on several scales.
    """
    places = [matrix.columns.index(key) for key in keys]
    part = Matrix(
        keys, matrix.values[:, places], matrix.counts, tuple(matrix.scales[place] for place in places)
    )
    if len(set(part.scales)) > 1:
        raise Malformed(f"trust items are answered on one scale, not on {part.scales}")
    return part


def _check_minimum(minimum: int) -> None:
    # Written so that NaN, which is smaller than nothing, does not pass either.
    if not (is_count(minimum) and minimum >= 1):
        raise Malformed(f"a minimum of {minimum!r} answers withholds nothing")


def _rate(part: int, whole: int, what: str) -> float:
    if whole == 0:
        raise NoFigure(f"no {what}: there is no rate of them")
    return part / whole


def _item(tally: Tally, key: str, minimum: int, bands: Bands, level: float) -> Agreement | Withheld:
    if key not in tally.layout.trust:
        return Withheld(NOT_ASKED, 0, minimum)
    n = tally.answered(key)
    if n < minimum:
        return Withheld(TOO_FEW_ANSWERS if n else NO_ANSWERS, n, minimum)
    return agreement(tally.answers(key), bands, level=level)


def _bounded_index(
    drivers: Mapping[str, Agreement | Withheld], drivers_each: int | None, level: float
) -> DriverIndex | Withheld:
    # One answer has no standard error, and an index without one is no figure.
    known = {key: one for key, one in drivers.items() if isinstance(one, Agreement) and one.se is not None}
    if len(known) < DRIVERS_NEEDED:
        return Withheld(TOO_FEW_DRIVERS, len(known), DRIVERS_NEEDED)
    errors = [one.se for one in known.values() if one.se is not None]
    bound = sum(errors) / len(errors)
    if drivers_each is not None:
        bound = min(bound, sqrt(drivers_each * sum(error * error for error in errors)) / len(errors))
    smallest = min(one.n for one in known.values())
    return index_of_means({key: one.mean for key, one in known.items()}, bound, "bound", smallest, level)
