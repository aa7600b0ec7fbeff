"""Which hidden figures can be worked out from the published ones.

For everything that must not be known, the smallest and the largest value that fit all published figures are
computed by linear programming, over the whole release at once: the audit step of cell suppression (Willenborg
& de Waal 2001, Elements of Statistical Disclosure Control, ch. 6; cited from memory). Scores are part of the
same system, since a published mean times n is a published sum.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import inf

from analysis.disclosure.bounds import Bounds, Question, answers, points
from analysis.disclosure.groups import Equation, Rows
from analysis.disclosure.lattice import Release
from analysis.disclosure.leak import Found, Leak
from analysis.disclosure.thresholds import DEFAULT, POINTS, Thresholds
from analysis.disclosure.unknown import Known, System, unknown
from analysis.disclosure.view import View, view


def audit(release: Release, thresholds: Thresholds = DEFAULT) -> list[Leak]:
    """Everything hidden in a release that its published figures give away. Tallies suffice.

    Three kinds of groups are examined: the hidden statistics; the differences of published statistics; and
    the smallest groups that the published statistics tell apart, such as those who came to a unit through one
    channel when there are figures by unit and by channel only.

    A number of respondents leaks if it is known exactly, or to within less than the threshold of its cell or
    half its true value (``Thresholds.relative``). A mean score of too few leaks if it is known to within
    ``Thresholds.mean_width`` points. One case is left out: if nearly everybody in one published figure gave
    the highest score, or the lowest, this figure by itself tells the score of each of its parts, and hiding
    parts cannot undo it.

    Bounds are those of the linear program with fractions of respondents cut off, so they always contain
    every possible value. Where three or more dimensions cross, whole numbers can be bounded more tightly than
    that; the width that is asked for leaves room for it but is no proof against it. Means are taken as
    published exactly: a reader who has them rounded to two decimals knows less.

    Measured on one shared core: an agency of 40 units, 5 channels and 4 quarters with all eight tables of
    these (1,230 figures, half of them hidden) takes 2 to 6 seconds, ``suppress`` 7 to 8; 600 agencies of 40
    units over 4 quarters with their provinces (123,000 figures, 24,000 hidden) take 220 seconds and 0.8 GB,
    ``suppress`` as long again. What takes time are unknowns that are linked: a lattice falls apart where
    totals are published.

    Args:
        release: the release.
        thresholds: what must hold.

    Returns:
        The leaks; hidden statistics first, in the order of the release.

    Raises:
        NotConverged: the solver gave up on a cell, whose safety is then not known.
    """
    return [found.leak for found in examine(view(release), thresholds)]


def examine(seen: View, thresholds: Thresholds, *, scores: bool = True) -> list[Found]:
    """The leaks of ``audit`` with what causes them; without ``scores``, of numbers of respondents only."""
    known = _known(seen, thresholds)
    if not scores:
        known = replace(known, scores=None)
    audience = seen.release.audience
    floor_of_rows = thresholds.floor(seen.release.dimensions, False, audience)
    floor_of_means = thresholds.floor(frozenset(), True, audience)
    questions = [*_about_hidden(seen, known, thresholds), *_about_means(seen, known, thresholds)]
    system = unknown(known, [question.rows for question in questions])
    settled = {question.rows for question in questions}
    settled.update(seen.groups.sets[group] for group in known.counted)
    for rows in map(frozenset, system.unknowns):
        n = sum(known.n[row] for row in rows)
        if 0 < n < floor_of_rows and rows not in settled:
            about_mean = None if known.scores is None else 0.0
            questions.append(Question(rows, max(floor_of_rows, thresholds.relative * n), about_mean))
    settled.update(question.rows for question in questions)
    found = [
        judged
        for question, bounds in zip(questions, answers(system, questions), strict=True)
        if (judged := _judge(seen, known, question, bounds, thresholds)) is not None
    ]
    return found + _differences(seen, known, system, settled, floor_of_rows, floor_of_means)


def _about_hidden(seen: View, known: Known, thresholds: Thresholds) -> list[Question]:
    """One question for each set of rows of a hidden statistic."""
    audience = seen.release.audience
    floors: dict[int, int] = {}
    for statistic, group in zip(seen.release.statistics, seen.groups.of, strict=False):
        if not statistic.published and statistic.n:
            floor = thresholds.floor(frozenset(statistic.cut), statistic.total is not None, audience)
            floors[group] = max(floor, floors.get(group, 0))
    questions = []
    for group, floor in floors.items():
        rows = seen.groups.sets[group]
        n = sum(known.n[row] for row in rows)
        about_mean = known.scores is not None and n < thresholds.floor(frozenset(), True, audience)
        width = max(float(floor), thresholds.relative * n)
        questions.append(Question(rows, width, thresholds.mean_width if about_mean else None))
    return questions


def _about_means(seen: View, known: Known, thresholds: Thresholds) -> list[Question]:
    """One question for each set of too few for a mean of which only the number is shown."""
    if known.scores is None:
        return []
    floor = thresholds.floor(frozenset(), True, seen.release.audience)
    groups = [
        group
        for statistic, group in zip(seen.release.statistics, seen.groups.of, strict=False)
        if statistic.published and 0 < statistic.n < floor and group not in known.scored
    ]
    return [Question(seen.groups.sets[group], -inf, thresholds.mean_width) for group in dict.fromkeys(groups)]


def _known(seen: View, thresholds: Thresholds) -> Known:
    statistics = (*seen.release.statistics, *(earlier.statistic for earlier in seen.fixed))
    lowest, highest = seen.release.scale
    shown = [
        (group, statistic)
        for group, statistic in zip(seen.groups.of, statistics, strict=True)
        if statistic.published
    ]
    counted = frozenset(group for group, _ in shown)
    return Known(
        n=[row.n for row in seen.rows],
        scores=None
        if seen.rows[0].total is None
        else [((row.total or 0) - lowest * row.n) / (highest - lowest) for row in seen.rows],
        groups=seen.groups,
        counted=counted,
        scored=frozenset(group for group, statistic in shown if statistic.total is not None),
        hidden=frozenset(
            group
            for group, statistic in zip(seen.groups.of, statistics, strict=True)
            if not statistic.published and statistic.n >= max(thresholds.least, 1) and group not in counted
        ),
        least=thresholds.least,
    )


def _judge(
    seen: View, known: Known, question: Question, bounds: Bounds, thresholds: Thresholds
) -> Found | None:
    n = sum(known.n[row] for row in question.rows)
    if question.width == -inf:  # how many there are is published
        bounds = bounds._replace(low=n, high=n)
    means = bounds.mean
    if bounds.high - bounds.low < question.width:
        reason = "recoverable" if bounds.low == bounds.high else "narrow"
        equations = bounds.told_by
    elif (
        means is not None
        and means[1] - means[0] < thresholds.mean_width
        and not _told_by_one_mean(known, question.rows, thresholds)
    ):
        reason = "mean_recoverable" if means[1] - means[0] < 1e-4 else "mean_narrow"
        equations = bounds.mean_told_by
    else:
        return None
    return _found(seen, reason, question.rows, n, bounds, equations, question.width)


def _told_by_one_mean(known: Known, rows: Rows, thresholds: Thresholds) -> bool:
    """Whether one published mean, so close to an end of the scale, bounds the scores of all its parts."""
    if known.scores is None:
        return False
    spare = thresholds.mean_width / (POINTS[1] - POINTS[0])
    for group in known.scored:
        whole = known.groups.sets[group]
        if rows <= whole:
            n = sum(known.n[row] for row in whole)
            scores = sum(known.scores[row] for row in whole)
            if min(scores, n - scores) < spare:
                return True
    return False


def _differences(
    seen: View, known: Known, system: System, settled: set[Rows], floor: int, floor_of_means: int
) -> list[Found]:
    """Groups of too few that are what published statistics leave of another."""
    sets = seen.groups.sets
    with_scores = [(equation, floor_of_means) for equation in system.scores_told]
    told = with_scores + [(equation, floor) for equation in system.told]
    for line in seen.groups.lines:
        if line.whole in known.counted:
            parts = tuple(part for part in line.parts if part in known.counted)
            left = sets[line.whole].difference(*(sets[part] for part in parts))
            scored = known.scores is not None and {line.whole, *parts} <= known.scored
            told.append((Equation(line.whole, parts, left), floor_of_means if scored else floor))
    scored_rows = {equation.rows for equation in system.scores_told}
    found = []
    for equation, needed in told:
        n = sum(known.n[row] for row in equation.rows)
        # A whole without parts is a published statistic, which is for another rule.
        if 0 < n < needed and equation.parts and equation.rows not in settled:
            settled.add(equation.rows)
            mean = None
            if known.scores is not None and equation.rows in scored_rows:
                mean = points(sum(known.scores[row] for row in equation.rows) / n)
            bounds = Bounds(n, n, (equation,), None if mean is None else (mean, mean), ())
            found.append(_found(seen, "difference", equation.rows, n, bounds, (equation,), needed))
    return found


def _found(
    seen: View,
    reason: str,
    rows: Rows,
    n: int,
    bounds: Bounds,
    equations: Iterable[Equation],
    needed: float,
) -> Found:
    equations = tuple(equations)
    cut, cells = seen.named(rows)
    leak = Leak(
        reason=reason,
        cut=cut,
        n=n,
        low=bounds.low,
        high=bounds.high,
        exact=bounds.low == bounds.high,
        cells=cells,
        mean_low=None if bounds.mean is None else bounds.mean[0],
        mean_high=None if bounds.mean is None else bounds.mean[1],
        through=tuple(seen.cuts[group] for group in sorted({equation.whole for equation in equations})),
    )
    causes = frozenset(group for equation in equations for group in (equation.whole, *equation.parts))
    return Found(leak, causes, max(0.0, needed - (bounds.high - bounds.low)))
