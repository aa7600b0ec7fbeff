"""The figures of a place as lines and tables for the terminal, from the same plain data as the JSON."""

from collections.abc import Iterator

from rich.table import Table

from survey.beside_bodies import AdjustedOut, BoundOut, CasesOut, RatingOut
from survey.body_reasons import EstimateOut, WithheldOut
from survey.figure_bodies import FigureOut, FiguresOut, LiveFigureOut
from survey.figures import GRADED_FROM
from survey.mode_bodies import ModeDifferenceOut, ModeOut, ModesOut
from survey.trust_bodies import KeyDriversOut, TrustChecksOut, TrustItemOut, TrustOut

Line = str

_MENTIONED_FROM = 0.005
_REASONS = {
    "no_answers": "no answers",
    "too_few": "too few answers",
    "not_asked": "the instrument does not ask it",
    "not_for_this_index": "made for the IKM only",
    "fewer_transactions_than_answers": "fewer transactions than answers in this period",
    "one_group": "one group of transactions with enough answers, nothing to weigh it against",
    "weights_too_unequal": "some transactions would count for too many others",
    "empty_level": "nobody answered about a part of the transactions",
    "too_few_drivers": "too few drivers with enough answers",
    "no_variation": "all answers are the same",
    "pairs_disagree": "the pairs of items contradict each other",
    "perfect_correlation": "answered everything alike",
    "collinear": "the answers to one element follow from those to the others",
    "too_little_explained": "the elements say too little about trust",
    "unstable": "the answers are too uniform",
    "no_order": "no element clearly goes along with trust more than another",
    "too_many_elements": "too many elements to tell them apart",
    "would_give_away": "the few answers that came another way would follow from it",
    "other_elements": "not the same elements were answered both ways",
}
_MEASURES = {
    "csat_top": "best answer (CSAT top box)",
    "csat_top_two": "best two answers",
    "csat_mean": "mean satisfaction",
    "nps": "net promoter score",
    "nps_promoters": "promoters",
    "nps_passives": "passives",
    "nps_detractors": "detractors",
    "ces_easy": "found it easy",
    "ces_mean": "mean effort score",
    "share_yes": "said yes",
}
_IN_UNITS = ("csat_mean", "ces_mean")


def lines_of(figures: FiguresOut) -> Iterator[Line | Table]:
    """Lines and tables, first the official figure, then what stands beside it, then what was imported."""
    figure, imported = figures.figure, figures.imported
    if figure is not None and not (figure.n == 0 and imported):
        yield from _figure(figure, "")
        if figure.value is not None:
            yield from _served(figure)
            yield from _beside(figures)
            yield from _elements(figure)
            yield from _modes(figures.modes)
            yield from _trust(figures.trust)
            yield from _key_drivers(figures.key_drivers)
            yield from _ratings(figures.ratings)
    if imported is not None:
        yield from _figure(imported.figure, " (imported)")
        yield from _elements(imported.figure)


def _figure(figure: FigureOut, source: str) -> Iterator[Line]:
    title = ("IKM" if figure.kind == "ikm" else "Perception index") + source
    if figure.value is None or figure.interval is None:
        yield f"{title}: withheld ({figure.withheld[0]}), n = {figure.n}"
        return
    yield (
        f"{title} {figure.value:.2f}  95 % interval {_span(figure.interval.low, figure.interval.high)}"
        f"  grade {_grade(figure)}  n = {figure.n}  {figure.period.text}"
    )
    chances = figure.grade_probabilities
    if chances and not figure.grade_certain:
        likely = ", ".join(
            f"{letter} {_percent(chances[letter])}"
            for letter in sorted(chances)
            if chances[letter] >= _MENTIONED_FROM
        )
        yield f"  how likely each grade is: {likely}"
    if figure.kind == "ikm" and not figure.comparable:
        yield f"  of {figure.k} elements: not comparable with an index of nine"


def _grade(figure: FigureOut) -> str:
    if figure.grade is None:
        none = figure.kind == "perception"
        return "none for this index" if none else f"withheld below {GRADED_FROM} answers"
    return figure.grade + ("" if figure.grade_certain else ", grade not certain")


def _served(figure: LiveFigureOut) -> Iterator[Line]:
    if figure.response_rate is None:
        yield "  no transactions in this period"
        return
    asked = "" if figure.target is None else f"; the rule's table asks for {figure.target} answers"
    yield (
        f"  response rate {_percent(figure.response_rate)}:"
        f" {figure.answered} of {figure.transactions} transactions answered{asked}"
    )


def _beside(figures: FiguresOut) -> Iterator[Line]:
    if figures.adjusted is not None:
        yield _adjusted(figures.adjusted)
    if figures.bias_bound is not None:
        yield _bound(figures.bias_bound)
    if figures.complete_cases is not None:
        yield from _cases(figures.complete_cases)


def _adjusted(found: AdjustedOut) -> Line:
    title = "  adjusted to all transactions"
    if found.value is None or found.low is None or found.high is None:
        return f"{title}: {_why(found.withheld)}"
    apart = "" if found.difference is None else f"; {found.difference:+z.2f} from the official index"
    unheard = f"; {found.unheard} transactions of kinds nobody answered about" if found.unheard else ""
    return (
        f"{title} {found.value:.2f}  95 % interval {_span(found.low, found.high)}"
        f"  ({found.cells} groups, worth {found.n_eff or 0:.0f} answers){apart}"
        f"{', which is a finding in itself' if found.noteworthy else ''}{unheard}"
    )


def _bound(found: BoundOut) -> Line:
    if found.low is None or found.high is None:
        return f"  if the silent are counted: {_why(found.withheld)}"
    return f"  if the silent are counted: between {found.low:.2f} and {found.high:.2f}"


def _cases(found: CasesOut) -> Iterator[Line]:
    if found.differ and found.ikm is not None:
        yield f"  complete answers only: {found.ikm:.2f}, n = {found.n}: those who skip some judge otherwise"


def _elements(figure: FigureOut) -> Iterator[Table]:
    if not figure.elements:
        return
    ends = f"{figure.ends.low:.4g}-{figure.ends.high:.4g}"
    grid = Table("element", "answers", "NRR", ends, "95 % interval", "grade")
    for one in sorted(figure.elements, key=lambda element: element.nrr):
        grid.add_row(
            one.key,
            str(one.answers),
            f"{one.nrr:.2f}",
            f"{one.value:.2f}",
            _span(one.low, one.high),
            one.grade or "",
        )
    for key in figure.elements_withheld:
        grid.add_row(key, "", "", "", "too few answers", "")
    yield grid


def _modes(modes: ModesOut | None) -> Iterator[Line | Table]:
    if modes is None or not modes.modes:
        return
    if len(modes.modes) == 1:
        yield f"how people answered: all by {modes.modes[0].mode}, n = {modes.modes[0].n}"
        return
    yield "how people answered (they choose it: a difference is not by itself an effect of the mode)"
    grid = Table("mode", "answers", "share", "index", "95 % interval", "grade")
    for one in modes.modes:
        grid.add_row(one.mode, str(one.n), _percent(one.share), *_of_mode(one))
    yield grid
    if modes.difference is not None:
        yield _apart(modes.difference)
    grid = Table("month", "answers", *(one.mode for one in modes.modes))
    for month in modes.months:
        shares = map(_percent, month.shares) if month.shares else [_reason(month.withheld)]
        grid.add_row(f"{month.month // 100}-{month.month % 100:02d}", str(month.n), *shares)
    yield grid


def _of_mode(one: ModeOut) -> tuple[str, ...]:
    if one.value is None or one.low is None or one.high is None:
        return "", _reason(one.withheld), ""
    return f"{one.value:.2f}", _span(one.low, one.high), one.grade or ""


def _apart(found: ModeDifferenceOut) -> Line:
    title = f"  {found.first} less {found.second}"
    if found.value is None or found.low is None or found.high is None:
        return f"{title}: {_why(found.withheld)}"
    verdict = (found.verdict or "").replace("_", " ")
    return f"{title} {found.value:+z.2f}  95 % interval {found.low:+z.2f} to {found.high:+z.2f}: {verdict}"


def _trust(trust: TrustOut | None) -> Iterator[Line | Table]:
    if trust is None or trust.level is None:
        yield f"trust of those served: {_why(trust.withheld if trust else None)}"
        return
    yield "trust of those served (not of the public)"
    grid = Table("item", "n", "0-100", "95 %", "agree", "net", "95 % of net")
    for item in (trust.level, trust.change, *trust.drivers):
        if item is not None:
            grid.add_row(*_trust_row(item))
    yield grid
    if trust.index is not None:
        of = f", of {', '.join(trust.index.drivers)}" if trust.index.drivers else ""
        yield f"  driver index (without the level): {_estimate(trust.index, 1)}{of}"
    if trust.checks is not None:
        yield from _checks(trust.checks)


def _trust_row(item: TrustItemOut) -> tuple[str, ...]:
    if item.mean is None or item.low is None or item.high is None or item.net is None:
        return item.key, str(item.n), "", _reason(item.withheld), "", "", ""
    net = item.net
    return (
        item.key,
        str(item.n),
        f"{item.mean:.1f}",
        _span(item.low, item.high, 1),
        _percent(item.agree or 0.0),
        f"{net.value or 0.0:+.1f}",
        f"{net.low or 0.0:.1f} to {net.high or 0.0:.1f}",
    )


def _checks(checks: TrustChecksOut) -> Iterator[Line]:
    verdict = checks.verdict.replace("_", " ")
    yield f"  drivers and level go along: {_estimate(checks.correlation, 2)}; {verdict}"
    yield f"  Cronbach's alpha of the drivers: {_estimate(checks.alpha, 2)}"


def _key_drivers(found: KeyDriversOut | None) -> Iterator[Line | Table]:
    title = "what goes along with trust"
    if found is None or not found.stated:
        about = f" ({', '.join(found.about)})" if found is not None and found.about else ""
        yield f"{title}: {_why(found.withheld if found else None)}{about}"
        return
    yield (
        f"{title}: {_percent(found.r2 or 0.0)} of its differences, n = {found.n};"
        " association, not effect; importances add up to it"
    )
    grid = Table("element", "importance", "95 % interval", "mean answer", "quadrant")
    for one in sorted(found.drivers, key=lambda driver: -driver.importance):
        grid.add_row(
            one.key,
            f"{one.importance:.3f}",
            f"{one.low:.3f}-{one.high:.3f}",
            f"{one.performance:.2f}",
            one.quadrant.replace("_", " ") + ("" if one.clear else " (not certain)"),
        )
    yield grid


def _ratings(ratings: list[RatingOut]) -> Iterator[Line]:
    for rating in ratings:
        if rating.withheld is not None:
            yield f"{rating.key}: {_why(rating.withheld)}"
        for one in rating.measures:
            # Shares are 0 to 1 in the data and read as per cent; the score and the means have units.
            factor, unit = (100, " %") if one.name not in (*_IN_UNITS, "nps") else (1, "")
            yield (
                f"{rating.key}: {_MEASURES[one.name]} {one.value * factor:.2f}{unit}"
                f"  95 % interval {one.low * factor:.2f} to {one.high * factor:.2f}{unit}  n = {rating.n}"
            )


def _estimate(found: EstimateOut, places: int) -> str:
    if found.value is None or found.low is None or found.high is None:
        return _why(found.withheld)
    return f"{found.value:.{places}f} ({found.low:.{places}f} to {found.high:.{places}f}), n = {found.n}"


def _why(withheld: WithheldOut | None) -> str:
    return f"withheld ({_reason(withheld)})"


def _reason(withheld: WithheldOut | None) -> str:
    if withheld is None:
        return "no figure"
    said = _REASONS.get(withheld.reason, withheld.reason.replace("_", " "))
    if withheld.needed is None:
        return said
    return f"{said}: {'' if withheld.n is None else f'{withheld.n}, '}needed {withheld.needed}"


def _span(low: float, high: float, places: int = 2) -> str:
    return f"{low:.{places}f}-{high:.{places}f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
