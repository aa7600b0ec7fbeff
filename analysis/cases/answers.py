"""Cases of answers to single items and of how items hang together."""

import re
from decimal import Decimal

from analysis.agreement import Bands, agreement, published_net, rescale
from analysis.cases.reading import LEVEL, Case, Runner
from analysis.cases.values import array
from analysis.errors import Malformed
from analysis.importance import lmg
from analysis.index import SCALE, round_half_up
from analysis.patterns import patterns
from analysis.ratings import NPS_POINTS, csat, nps
from analysis.reliability import cronbach_alpha
from analysis.shares import NetScore, net_score

_ENDS = (("promoters", "passives", "detractors"), ("trust", "neutral", "distrust"))


def csat_topbox(case: Case) -> dict[str, object]:
    """Top boxes and mean of a satisfaction item, from ``counts_1_to_4`` or ``counts_1_to_5``.

    ``ikm`` is 25 × the mean on four steps; on five there is none.
    """
    name, points = _scale_of_counts(case)
    counts = case.counts(1, points, name)
    if len(counts) != points:
        raise Malformed(f"{name}: {len(counts)} counts")
    found = csat(counts, level=case.number("level", default=LEVEL))
    result = {"ikm": 25 * found.mean.value} if found.points == SCALE else {}
    return {
        **result,
        "top2": found.top_two.value,
        "top1": found.top.value,
        "mean": found.mean.value,
        "mean_0_100": rescale(found.mean.value, 1, found.points),
        "top2_wilson": found.top_two.interval,
        "top1_wilson": found.top.interval,
        "n": found.top.n,
    }


def net_trust(case: Case) -> dict[str, object]:
    """A net score in points with its normal interval, or net trust from printed percentages.

    Counts stand under ``promoters``, ``passives`` and ``detractors`` (or ``trust``, ``neutral`` and
    ``distrust``), or per answer from 0 to 10 under ``counts``; percentages under the same names with
    ``_pct``. Percentages with ``n`` have an interval too.
    """
    level = case.number("level", default=LEVEL)
    if case.has("counts", "counts_0_to_10"):
        counts = case.counts(0, NPS_POINTS - 1, "counts", "counts_0_to_10")
        found = nps(counts, level=level, method="normal")
        return _net(found.score) | {"promoters": found.promoters.value, "detractors": found.detractors.value}
    above, between, below = next((ends for ends in _ENDS if _given(case, ends)), _ENDS[0])
    if not case.has(f"{above}_pct"):
        up, down = case.whole(above), case.whole(below)
        n = up + down + case.whole(between)
        return _net(net_score(up / n if n else 0, down / n if n else 0, n, level=level, method="normal"))
    up_pct, down_pct = case.number(f"{above}_pct"), case.number(f"{below}_pct")
    printed = published_net(up_pct, case.number(f"{between}_pct", default=0.0), down_pct)
    result: dict[str, object] = {"net_trust_points": printed.net, "score": printed.net}
    if case.has(f"{between}_pct"):
        result["dont_know_pct"] = printed.unknown
    if case.has("n"):
        n = case.whole("n")
        result |= _net(net_score(up_pct / 100, down_pct / 100, n, level=level, method="normal"))
    return result


def rescaled(case: Case) -> dict[str, object]:
    """Mean on 0 to 100 of answers on any ``scale``, and the shares that agree and disagree.

    Answers above the middle of the scale agree, those below it disagree, the middle itself is neutral: 4 and
    5 of five, 6 to 10 of 0 to 10. Without ``counts`` only a ``value`` is moved to 0 to 100.
    """
    lowest, highest = case.wholes("scale")[:2] if len(case.entries("scale")) == 2 else (0, 0)
    if not lowest < highest:
        raise Malformed(f"a scale has a lowest and a highest answer, not {case.value('scale')!r}")
    if not case.has("counts"):
        return {"mean_0_100": rescale(case.number("value", "mean", "x", "nrr"), lowest, highest)}
    bands = Bands(lowest, highest, (lowest + highest - 1) // 2, (lowest + highest) // 2 + 1)
    counts = case.counts(lowest, highest, "counts")
    found = agreement(counts, bands, level=case.number("level", default=LEVEL))
    return {
        "mean_0_100": found.mean,
        "agree": found.agree.value,
        "neutral": found.neutral.value,
        "disagree": found.disagree.value,
        "net": found.net.value / 100,
        "net_points": found.net.value,
        "net_se": found.net.se / 100,
        "se": found.se,
        "n": found.n,
    }


def alpha(case: Case) -> dict[str, object]:
    """Cronbach's alpha of a matrix with Feldt's interval, also rounded as ``ci_feldt_3dp`` asks."""
    found = cronbach_alpha(array(case.table("matrix")), level=case.number("level", default=LEVEL))
    ends = (found.interval.low, found.interval.high)
    result: dict[str, object] = {"alpha": found.alpha, "ci_feldt": ends, "n": found.n, "k": found.k}
    for name in ("ci_feldt_3dp", *case.shapes):
        if places := re.fullmatch(r"ci_feldt_(\d)dp", name, re.ASCII):
            result[name] = [round_half_up(Decimal(repr(end)), int(places[1])) for end in ends]
    return result


def response_patterns(case: Case) -> dict[str, object]:
    """Straight lines, runs, spread and repeated rows of a matrix on four steps, or on those of ``scale``."""
    found = patterns(case.matrix(_highest(case) if case.has("scale") else SCALE))
    return {
        "straightline_rate": found.straight_rate,
        "all_max_rate": found.all_highest_rate,
        "longstring": found.longest_run,
        "irv": found.irv,
        "modal_vector_count": found.most_repeated,
        "distinct_vectors": found.distinct,
        "n": found.n,
    }


def importance(case: Case) -> dict[str, object]:
    """LMG shares of the explained variation of ``y`` among the columns of ``X``."""
    table = case.table("X", "x")
    found = lmg(array(table), array(case.numbers("y")))
    keys = case.entries("names") if case.has("names") else range(1, len(found.shares) + 1)
    if len(keys) != len(found.shares):
        raise Malformed(f"names: {len(keys)} for {len(found.shares)} columns")
    shares = {str(key): share for key, share in zip(keys, found.shares, strict=True)}
    return {"lmg": case.shaped("lmg", shares, list), "r2": found.r2}


def _scale_of_counts(case: Case) -> tuple[str, int]:
    for name in case.fields:
        if (found := re.fullmatch(r"counts_1_to_(\d{1,2})", name, re.ASCII)) and case.has(name):
            return name, int(found[1])
    given = case.value("counts")
    return "counts", len(given) if isinstance(given, list | tuple | dict) else 0


def _highest(case: Case) -> int:
    """The highest answer of a scale from 1, given as 5 or as [1, 5]."""
    if not isinstance(case.value("scale"), list | tuple):
        return case.whole("scale")
    ends = case.wholes("scale")
    if len(ends) != 2 or ends[0] != 1:
        raise Malformed(f"scale: {ends!r} does not begin with 1")
    return ends[1]


def _given(case: Case, ends: tuple[str, ...]) -> bool:
    return case.has(ends[0], f"{ends[0]}_pct")


def _net(found: NetScore) -> dict[str, object]:
    return {
        "score": found.value,
        "net_trust_points": found.value,
        "se": found.se,
        "lo": found.interval.low,
        "hi": found.interval.high,
        "n": found.n,
    }


TOPICS: dict[str, Runner] = {
    "csat_topbox": csat_topbox,
    "nps_net_trust": net_trust,
    "rescale": rescaled,
    "cronbach_alpha": alpha,
    "response_patterns": response_patterns,
    "relative_importance_lmg": importance,
}
