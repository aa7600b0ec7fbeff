"""Patterns of answers that careless or invented responses tend to have, and honest ones often too.

A pattern never deletes a response; see ``analysis.integrity``. All of this needs the raw responses, as
distinct rows with counts.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.checks import check_seed
from analysis.errors import NoFigure, NotACount, TooFew
from analysis.matrix import Matrix

if TYPE_CHECKING:
    import numpy as np

    from analysis.columns import Floats, Integers


@dataclass(frozen=True, eq=False)
class Patterns:
    """Shapes of the answers of one group of respondents.

    Attributes:
        n: respondents who answered anything.
        judged: respondents who answered at least two items; the others have no pattern.
        straight: of those judged, how many gave the same answer to everything they answered.
        all_highest: how many of these gave the highest answer throughout.
        longest_run: longest run of equal answers, shape (rows,); 0 without any answer.
        irv: standard deviation (n - 1) of a respondent's own answers, shape (rows,); NaN below two answers.
        most_repeated: respondents who share the most frequent row of answers.
        distinct: number of different rows of answers.
    """

    n: int
    judged: int
    straight: int
    all_highest: int
    longest_run: "Integers"
    irv: "Floats"
    most_repeated: int
    distinct: int

    @property
    def straight_rate(self) -> float | None:
        """Share of straight-lining responses among those judged, None without any."""
        return self.straight / self.judged if self.judged else None

    @property
    def all_highest_rate(self) -> float | None:
        """Share of responses of only the highest answer among those judged, None without any."""
        return self.all_highest / self.judged if self.judged else None


@dataclass(frozen=True)
class Repetition:
    """Repeated rows of answers against what the family would give by chance.

    Attributes:
        most_repeated_expected: mean number of respondents sharing the most frequent row, in the draws.
        distinct_expected: mean number of different rows in the draws.
        p_most_repeated: share of draws with a row repeated at least as often, the observed one counted in.
        p_distinct: share of draws with at most as many different rows, the observed one counted in.
    """

    most_repeated_expected: float
    distinct_expected: float
    p_most_repeated: float
    p_distinct: float


def patterns(matrix: Matrix) -> Patterns:
    """Straight-lining, runs, spread and repetition of the answers to items of one scale, in order asked.

    A missing answer is passed over: the answers around it are neighbours, for that is how the respondent met
    them when an item was not asked. So a respondent is straight-lining exactly when the longest run is all
    that was answered. In comparing whole rows, missing is an answer like others. On four-point forms honest,
    content people straight-line too; whether runs and spread tell anything is contested (Goldammer et al.
    2020 for, Denison & Wiernik against; from memory).

    Args:
        matrix: raw responses to the items of one scale, columns in the order in which they are asked.

    Raises:
        NoFigure: nobody answered anything.
        Malformed: the columns have several scales.
    """
    import numpy as np

    highest, answered = matrix.scale, (~np.isnan(matrix.values)).sum(axis=1)
    some = (answered > 0) & (matrix.counts > 0)
    if not some.any():
        raise NoFigure("nobody answered anything")
    runs = _longest_runs(matrix.values)
    judged = (answered > 1) & some
    straight = judged & (runs == answered)
    at_top = straight & (np.nansum(matrix.values, axis=1) == highest * answered)
    repeated = _repeats(matrix.values[some], matrix.counts[some])
    people = matrix.counts
    return Patterns(
        n=int(people[some].sum()),
        judged=int(people[judged].sum()),
        straight=int(people[straight].sum()),
        all_highest=int(people[at_top].sum()),
        longest_run=runs,
        irv=_spread_within(matrix.values, answered),
        most_repeated=int(repeated.max()),
        distinct=repeated.size,
    )


def compare_repetition(
    unit: Patterns, family: Matrix, seed: "int | np.random.Generator", *, draws: int = 1000
) -> Repetition:
    """Hold the repeated rows of a unit against samples of its size from the answers of its family.

    All 3 and all 4 are common everywhere; only more repetition than the family's own is a signal.

    Args:
        unit: the patterns of the unit.
        family: raw responses of like units to the same items.
        seed: of the draws, or the generator itself.
        draws: how many samples; p-values are no smaller than 1 / (draws + 1).

    Raises:
        NoFigure: nobody in the family answered anything.
        TooFew: no draws.
        NotACount: the draws are not a whole number.
        Malformed: a seed that cannot be used.
    """
    import numpy as np

    if type(draws) is not int:
        raise NotACount(f"draws: {draws!r} is not a whole number")
    if draws < 1:
        raise TooFew("a comparison with samples", draws, 1)
    some = ~np.isnan(family.values).all(axis=1) & (family.counts > 0)
    if not some.any():
        raise NoFigure("nobody in the family answered anything")
    often = _repeats(family.values[some], family.counts[some])
    random, chances = check_seed(seed), often / often.sum()
    most, distinct = np.empty(draws, np.int64), np.empty(draws, np.int64)
    # One draw at a time: draws x rows would not fit for a large family.
    for draw in range(draws):
        drawn = random.multinomial(unit.n, chances)
        most[draw], distinct[draw] = drawn.max(), np.count_nonzero(drawn)
    return Repetition(
        most_repeated_expected=float(most.mean()),
        distinct_expected=float(distinct.mean()),
        p_most_repeated=float((1 + (most >= unit.most_repeated).sum()) / (draws + 1)),
        p_distinct=float((1 + (distinct <= unit.distinct).sum()) / (draws + 1)),
    )


def _longest_runs(values: "Floats") -> "Integers":
    import numpy as np

    # Answers moved to the left in their order, so that a missing one does not stand between neighbours.
    order = np.argsort(np.isnan(values), axis=1, kind="stable")
    moved = np.take_along_axis(values, order, axis=1)
    longest = (~np.isnan(moved[:, 0])).astype(np.int64)
    run = longest.copy()
    for column in range(1, moved.shape[1]):
        # NaN equals nothing, not even NaN: behind the last answer runs end at 0.
        run = np.where(moved[:, column] == moved[:, column - 1], run + 1, ~np.isnan(moved[:, column]))
        longest = np.maximum(longest, run)
    return longest


def _spread_within(values: "Floats", answered: "Integers") -> "Floats":
    import numpy as np

    several = np.maximum(answered, 1)
    off = values - (np.nansum(values, axis=1) / several)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(np.where(answered > 1, np.nansum(off**2, axis=1) / (answered - 1), np.nan))


def _repeats(values: "Floats", counts: "Integers") -> "Integers":
    """How many respondents share each distinct row."""
    import numpy as np

    _, which = np.unique(np.nan_to_num(values), axis=0, return_inverse=True)
    shared = np.zeros(int(which.max()) + 1, np.int64)
    np.add.at(shared, which.reshape(-1), counts)
    return shared
