"""What an audit of a published table sees: contradictions and remarks, with the figures they rest on."""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from analysis.audit_causes import Cause, Number
from analysis.index import ELEMENTS, GRADE_TABLES, SCALE
from analysis.published import PublishedElement, PublishedTable, Range, letters, printed_range
from analysis.recomputed import Recomputed, evidence, grades_of_printed, grades_within, is_outside

Numbers = dict[str, Number | str]

PUBLISHABLE_FROM = 10
"""A public figure of fewer respondents is remarked on: it may tell what single people answered. A judgement
of this project, not of the regulation."""

MOST_MISFITS = 20
"""So many cells outside the scale are listed; the others are counted."""

UNORDERED = frozenset({"U8", "U9"})
"""Numbers that the regulation's list and its sample form give to complaints and facilities in turn."""


class Finding(NamedTuple):
    """One thing the audit saw.

    Attributes:
        word: its machine word.
        breaks: whether the table contradicts itself by it; otherwise it is a remark.
        element: the element it concerns, if it concerns one.
        numbers: the figures it rests on, by name; grades and columns are text.
    """

    word: str
    breaks: bool
    element: str | None = None
    numbers: Mapping[str, Number | str] = {}


def find_all(table: PublishedTable, found: Recomputed) -> tuple[Finding, ...]:
    """Everything to be said of a table, contradictions first."""
    steps = (_scale, _headline, _grade, _element_grades, _sources, _numbers_of_answers, _remarks)
    findings = [finding for step in steps for finding in step(table, found)]
    return tuple(sorted(findings, key=lambda one: not one.breaks))


def grade_table_used(table: PublishedTable, found: Recomputed) -> Iterator[Cause]:
    """The other grade table, when some printed grade misses the table's own rule and all fit the other."""
    if _all_grades_fit(table, found, table.rule):
        return
    for rule in GRADE_TABLES:
        if _all_grades_fit(table, found, rule):
            yield Cause("grade_table", found.accepted, None, {"rule": int(rule)})


def _all_grades_fit(table: PublishedTable, found: Recomputed, rule: str) -> bool:
    pairs = [
        (element.grade, grades_within(found.means[element.key].scaled(25), rule))
        for element in table.elements
        if element.grade and element.key in found.means
    ]
    if table.grade:
        pairs.append((table.grade, _grades_of_headline(table, rule) or _grades_of_index(found, rule)))
    return all(set(letters(printed)) & set(possible) for printed, possible in pairs)


def _grades_of_headline(table: PublishedTable, rule: str) -> str:
    """Grades of the printed headline; none when there is no headline or it is outside its scale."""
    if table.headline is None or not 25 <= table.headline.mid <= 100:
        return ""
    if table.ikm is not None:
        return grades_of_printed(table.ikm, rule)
    return grades_within(table.headline, rule)


def _grades_of_index(found: Recomputed, rule: str) -> str:
    return grades_within(found.range, rule) if found.range else ""


def _scale(table: PublishedTable, found: Recomputed) -> Iterator[Finding]:
    for misfit in table.misfits[:MOST_MISFITS]:
        numbers: Numbers = {"row": misfit.row, "column": misfit.column, "value": misfit.value}
        yield Finding("answer_outside_scale", True, None, numbers)
    if len(table.misfits) > MOST_MISFITS:
        more = len(table.misfits) - MOST_MISFITS
        yield Finding("more_outside_scale", True, None, {"more": more})
    for element in table.elements:
        for answer, count in sorted((element.counts or {}).items()):
            if count and not 1 <= answer <= SCALE and not table.misfits:
                yield Finding("count_outside_scale", True, element.key, {"answer": answer, "count": count})
        if element.mean is not None and not 1 <= element.mean <= SCALE:
            yield Finding("mean_outside_scale", True, element.key, {"mean": element.mean})
        if element.value is not None and not 25 <= element.value <= 100:
            yield Finding("value_outside_scale", True, element.key, {"value": element.value})


def _headline(table: PublishedTable, found: Recomputed) -> Iterator[Finding]:
    values = found.range
    if table.ikm is not None:
        printed = printed_range(table.ikm)
        if not 25 <= table.ikm <= 100:
            yield Finding("headline_outside_scale", True, None, {"printed": table.ikm})
        elif values and not printed.touches(values):
            yield Finding("headline_off", True, None, _apart(printed, values, found))
    if table.index is not None:
        printed = printed_range(table.index)
        if not 1 <= table.index <= SCALE:
            yield Finding("index_outside_scale", True, None, {"printed": table.index})
        elif values and not printed.touches(values.scaled(Fraction(1, 25))):
            yield Finding("index_off", True, None, _apart(printed, values.scaled(Fraction(1, 25)), found))
    if table.ikm is not None and table.index is not None:
        converted = printed_range(table.index).scaled(25)
        if not converted.touches(printed_range(table.ikm)):
            numbers: Numbers = {
                "ikm": table.ikm,
                "index": table.index,
                "low": converted.low,
                "high": converted.high,
            }
            yield Finding("scales_contradict", True, None, numbers)


def _apart(printed: Range, values: Range, found: Recomputed) -> Numbers:
    numbers: Numbers = {"printed": printed.mid, "low": values.low, "high": values.high}
    if not found.unknown:
        numbers |= {"recomputed": values.mid, "off": printed.mid - values.mid}
    return numbers


def _grade(table: PublishedTable, found: Recomputed) -> Iterator[Finding]:
    if table.grade is None:
        return
    of_headline, of_index = _grades_of_headline(table, table.rule), _grades_of_index(found, table.rule)
    if table.headline and of_headline and not set(letters(table.grade)) & set(of_headline):
        numbers: Numbers = {"printed": table.grade, "headline": table.headline.mid, "grades": of_headline}
        yield Finding("grade_not_of_headline", True, None, numbers)
    if of_index and not set(letters(table.grade)) & set(of_index):
        yield Finding("grade_off", True, None, {"printed": table.grade, "grades": of_index})


def _element_grades(table: PublishedTable, found: Recomputed) -> Iterator[Finding]:
    for element in table.elements:
        if element.grade is None or element.key not in found.means or element.key in found.outside:
            continue
        value = found.means[element.key].scaled(25)
        grades = grades_within(value, table.rule)
        if not set(letters(element.grade)) & set(grades):
            numbers: Numbers = {"printed": element.grade, "grades": grades, "value": value.mid}
            yield Finding("element_grade_off", True, element.key, numbers)


def _sources(table: PublishedTable, found: Recomputed) -> Iterator[Finding]:
    """Counts, sums, means and values of one element that cannot all be true."""
    for element in table.elements:
        given = list(evidence(table, element).items())
        for source, mean in given[1:]:
            first, best = given[0]
            if not mean.touches(best):
                numbers: Numbers = {"first": first, "second": source}
                numbers |= {"mean": best.mid, "other": mean.mid}
                yield Finding("element_contradicts_itself", True, element.key, numbers)


def _numbers_of_answers(table: PublishedTable, found: Recomputed) -> Iterator[Finding]:
    for element in table.elements:
        answered, total = element.answered, element.total
        if element.n is not None and answered != element.n:
            numbers: Numbers = {"answered": answered or 0, "n": element.n}
            yield Finding("n_contradicts_counts", True, element.key, numbers)
        if answered is not None and table.n is not None and answered != table.n:
            word, breaks = ("n_exceeded", True) if answered > table.n else ("answers_missing", False)
            if answered:
                yield Finding(word, breaks, element.key, {"answered": answered, "n": table.n})
        n = table.n if answered is None else answered
        if n is None:
            continue
        if total is not None and not n <= total <= SCALE * n:
            yield Finding("sum_impossible", True, element.key, {"sum": total, "n": n})
        if n and not is_outside(element, found.means):
            yield from _impossible_mean(table, element, n)


def _impossible_mean(table: PublishedTable, element: PublishedElement, n: int) -> Iterator[Finding]:
    """The GRIM test (Brown & Heathers 2017, doi:10.1177/1948550616673876): a mean of n whole answers is s/n.

    A remark only: some may have skipped the question, and then n is smaller for this element.
    """
    for source, mean in evidence(table, element).items():
        if source in ("mean", "value") and math.ceil(mean.low * n) > mean.high * n:
            yield Finding("mean_not_possible", False, element.key, {"mean": mean.mid, "n": n})
            return


def _remarks(table: PublishedTable, found: Recomputed) -> Iterator[Finding]:
    for key in found.unanswered:
        yield Finding("element_unanswered", False, key)
    if found.unknown:
        numbers: Numbers = {"known": len(found.means), "k": found.k}
        yield Finding("elements_unknown", False, None, numbers)
    if found.k != ELEMENTS:
        yield Finding("not_nine_elements", False, None, {"k": found.k})
    answered = [element.answered or 0 for element in table.elements]
    n = max(answered) if table.n is None else table.n
    if 0 < n < PUBLISHABLE_FROM:
        yield Finding("too_few_to_publish", False, None, {"n": n, "needed": PUBLISHABLE_FROM})
    if {element.key for element in table.elements} >= UNORDERED:
        yield Finding("order_unknown", False)
    if table.weight is not None and Fraction(table.weight) != Fraction(1, found.k):
        weights: Numbers = {"weight": table.weight, "k": found.k, "sum": found.k * Fraction(table.weight)}
        yield Finding("weight_printed", False, None, weights)
