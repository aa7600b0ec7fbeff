"""Cards of the results pages: a figure with everything it needs to be read, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey.evidence import Evidence
from survey.figures import Figure
from survey.i18n import translator
from survey.results import Results
from survey.results_beside import Fact, beside_of
from survey.results_tables import Scale, Table, elements_table, scale_of
from survey.results_texts import (
    N_,
    grade_name,
    method_text,
    number,
    percent,
    period_name,
    reason,
    say,
    span,
)


@dataclass(frozen=True)
class Card:
    """A figure as it is read: its value or why there is none, its grade, and what made it."""

    what: str
    value: str | None
    withheld: str | None
    withheld_code: str
    grade: str | None
    grade_name: str
    grade_remark: str
    scale: Scale | None
    facts: tuple[Fact, ...]
    elements: Table | None


@dataclass(frozen=True)
class Imported:
    """Answers of historical tables, apart from all others."""

    card: Card
    series: tuple[str, ...]


def card_of(
    figure: Figure,
    names: Mapping[str, str],
    lang: str,
    evidence: Evidence | None = None,
    *,
    drawn: bool = False,
) -> Card:
    """A figure as it is read; ``names`` are those of the elements, by key, in the language.

    ``drawn`` says that a picture shows it on its scale, so that none is needed here.
    """
    remark, beside = "", beside_of(evidence, lang) if evidence else []
    if figure.grade_withheld:
        remark = reason(figure.grade_withheld, lang)
    elif figure.grade and not figure.grade_certain:
        remark = _uncertain(figure, lang)
    return Card(
        what=_what(figure, lang),
        value=None if figure.value is None else number(float(figure.value), lang, 2),
        withheld=reason(figure.withheld, lang) if figure.withheld else None,
        withheld_code=figure.withheld or figure.grade_withheld or "",
        grade=figure.grade,
        grade_name=grade_name(figure.grade, lang) if figure.grade else "",
        grade_remark=remark,
        scale=None if drawn or figure.kind != "ikm" else scale_of(figure),
        facts=(*_facts(figure, lang), *beside, *_made(figure, lang)),
        elements=elements_table(figure, names, lang) if figure.elements else None,
    )


def _facts(figure: Figure, lang: str) -> list[Fact]:
    _ = translator(lang).gettext
    facts = []
    funnel, interval = figure.funnel, figure.interval
    n = number(figure.n, lang)
    if interval is not None:
        remark = _("for the transactions of this period") if funnel and funnel.transactions > figure.n else ""
        facts.append(Fact(_("95 % interval"), span(interval.low, interval.high, lang), remark))
    if funnel is None:
        facts.append(Fact(_("Answers"), n))
    else:
        total = number(funnel.transactions, lang)
        facts.append(Fact(_("Answers"), _("%(n)s; transactions: %(total)s") % {"n": n, "total": total}))
        if funnel.response_rate is not None:
            answered = number(funnel.answered, lang)
            facts.append(
                Fact(
                    _("Response rate"),
                    percent(funnel.response_rate, lang),
                    _("%(answered)s of %(total)s transactions") % {"answered": answered, "total": total},
                )
            )
    if figure.target is not None and funnel is not None and funnel.transactions:
        remark = _("what the table of Krejcie and Morgan asks for so many transactions; it draws no sample")
        reached = figure.n >= figure.target
        value = number(figure.target, lang)
        value += ": " + (_("reached") if reached else _("not yet reached"))
        facts.append(Fact(_("Answers aimed at"), value, remark))
    if figure.without_cost is not None:
        facts.append(
            Fact(
                _("IKM without cost"),
                number(float(figure.without_cost), lang, 2),
                _("“free” is a fact about the tariff, not an opinion"),
            )
        )
    if figure.of_hundred is not None:
        remark = _("0 is the lowest answer and 100 the highest, whatever the number of steps")
        facts.append(Fact(_("On 0 to 100"), number(float(figure.of_hundred), lang, 2), remark))
    return facts


def _made(figure: Figure, lang: str) -> list[Fact]:
    """Of when it is, whether it may be compared, and how it was made."""
    _ = translator(lang).gettext
    facts = [Fact(_("Period"), period_name(figure.period, lang))]
    if figure.kind == "ikm" and not figure.comparable:
        remark = _("%(k)s elements count, each with the same weight") % {"k": str(figure.k)}
        facts.append(Fact(_("Comparable"), _("no: not all nine elements are answered"), remark))
    facts.append(Fact(_("Method"), method_text(figure.method, lang), long=True))
    return facts


def _what(figure: Figure, lang: str) -> str:
    ikm = N_("Community satisfaction index (IKM), 25 to 100")
    return say(ikm if figure.kind == "ikm" else N_("Perception index, at most 4"), lang)


def _uncertain(figure: Figure, lang: str) -> str:
    possible = sorted((figure.grade_probabilities or {}).items(), key=lambda one: -one[1])[:2]
    odds = ", ".join(f"{letter} {percent(share, lang)}" for letter, share in possible)
    text = N_("The grade is not certain. How likely within this precision: %(odds)s.")
    return say(text, lang, odds=odds)


def imported_of(results: Results, names: Mapping[str, str], lang: str) -> Imported | None:
    """What was imported for a place, or None."""
    if results.imported is None:
        return None
    orders = {
        "questionnaire": N_("columns in the order of the questionnaire"),
        "regulation": N_("columns in the order of the regulation"),
        "named": N_("columns named"),
    }
    text = N_("%(name)s: %(rows)s respondents, %(order)s")
    return Imported(
        card_of(results.imported, names, lang),
        tuple(
            say(text, lang, name=name, rows=number(rows, lang), order=say(orders[order], lang))
            for name, rows, order in results.series
        ),
    )
