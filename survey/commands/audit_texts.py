"""The words of an audit: what findings and causes say to a reader, and figures as they are written."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from analysis.audit import Audit
from analysis.audit_causes import Cause
from analysis.audit_findings import Finding
from analysis.exact import round_half_up
from survey.i18n import format_number
from survey.results_texts import N_, say

MOST_SHOWN = 60
"""Characters of a name out of somebody's file that are shown."""

_FINDINGS = {
    "answer_outside_scale": N_("Row %(row)s, column %(column)s: %(value)s is not an answer from 1 to 4."),
    "more_outside_scale": N_("%(more)s further answers are not from 1 to 4."),
    "count_outside_scale": N_("%(element)s: %(count)s answers of %(answer)s; the scale is 1 to 4."),
    "mean_outside_scale": N_("%(element)s: a mean of %(mean)s is outside the scale of 1 to 4."),
    "value_outside_scale": N_("%(element)s: a value of %(value)s is outside the scale of 25 to 100."),
    "headline_outside_scale": N_("The published index %(printed)s is outside the scale of 25 to 100."),
    "index_outside_scale": N_("The published index %(printed)s is outside the scale of 1 to 4."),
    "headline_off": N_(
        "The published index is %(printed)s; the elements give between %(low)s and %(high)s (25 to 100)."
    ),
    "index_off": N_(
        "The published index is %(printed)s; the elements give between %(low)s and %(high)s (1 to 4)."
    ),
    "scales_contradict": N_(
        "The index is published as %(ikm)s and as %(index)s; the second is between %(low)s and %(high)s when"
        " converted."
    ),
    "grade_not_of_headline": N_(
        "The published grade is %(printed)s; the published index %(headline)s has grade %(grades)s."
    ),
    "grade_off": N_("The published grade is %(printed)s; the elements give %(grades)s."),
    "element_grade_off": N_("%(element)s: the published grade is %(printed)s; %(value)s has %(grades)s."),
    "element_contradicts_itself": N_(
        "%(element)s: the mean is %(mean)s by its %(first)s and %(other)s by its %(second)s."
    ),
    "n_exceeded": N_("%(element)s has %(answered)s answers, but there are only %(n)s respondents."),
    "n_contradicts_counts": N_("%(element)s: the counts add up to %(answered)s, but %(n)s is printed."),
    "sum_impossible": N_("%(element)s: %(n)s answers from 1 to 4 cannot add up to %(sum)s."),
    "answers_missing": N_("%(element)s: %(answered)s of %(n)s respondents answered."),
    "mean_not_possible": N_(
        "%(element)s: %(n)s whole answers have no mean of %(mean)s; perhaps fewer answered this element."
    ),
    "element_unanswered": N_("%(element)s was not answered; it is left out of the index."),
    "elements_unknown": N_("Only %(known)s of %(k)s elements have figures; the others may be anything."),
    "not_nine_elements": N_(
        "The index has %(k)s elements instead of nine; it is not comparable with nine-element figures."
    ),
    "too_few_to_publish": N_(
        "Not publishable: %(n)s respondents; below %(needed)s, single people's answers may be told."
    ),
    "order_unknown": N_(
        "U8 and U9 are complaints and facilities in the regulation's list and the reverse in its form;"
        " this changes nothing in the index (see --order)."
    ),
    "weight_printed": N_(
        "The printed weight %(weight)s × %(k)s is %(sum)s; an exact weight is 1/%(k)s, and they add up to 1."
    ),
}
# The same where nothing was rounded, so that there is no range.
_EXACT = {
    "headline_off": N_("The published index is %(printed)s; the elements give %(recomputed)s (25 to 100)."),
    "index_off": N_("The published index is %(printed)s; the elements give %(recomputed)s (1 to 4)."),
}
_CAUSES = {
    "outside_scale_accepted": N_("The figures outside the scale were used: this gives %(ikm)s."),
    "weight_rounded": N_("The weight was rounded to %(weight)s instead of 1/%(k)s: this gives %(ikm)s."),
    "weight_of_nine": N_("The weight of nine elements, %(weight)s, was used for %(k)s: this gives %(ikm)s."),
    "element_as_headline": N_("Wrong cell: this is the value of %(element)s alone, %(ikm)s."),
    "truncated": N_("The index was cut after %(places)s decimals instead of rounded: %(ikm)s."),
    "index_rounded": N_(
        "The index from 1 to 4 was rounded to %(places)s decimals before it was multiplied by 25: %(ikm)s."
    ),
    "means_rounded": N_(
        "Means were rounded to %(places)s decimals before they were added (weight %(weight)s): %(ikm)s."
    ),
    "weighted_rounded": N_(
        "Weighted means were rounded to %(places)s decimals before they were added (weight %(weight)s):"
        " %(ikm)s."
    ),
    "missing_as_zero": N_("Missing answers were counted as zero: this gives %(ikm)s."),
    "complete_rows_only": N_("Only the %(rows)s complete rows were used: this gives %(ikm)s."),
    "best_scores_only": N_("Only the %(rows)s respondents with the best scores were used: %(ikm)s."),
    "rescaled_from_zero": N_("The scale was stretched to begin at 0 instead of 25: this gives %(ikm)s."),
    "element_left_out": N_("%(element)s was left out: this gives %(ikm)s."),
    "element_as_zero": N_("%(element)s was counted as zero: this gives %(ikm)s."),
    "digits_swapped": N_(
        "%(element)s: two digits exchanged, %(instead)s for %(printed)s: this gives %(ikm)s."
    ),
    "one_element": N_("%(element)s: with a mean of %(instead)s instead of %(printed)s it would follow."),
    "grade_table": N_("The grades are those of the rule of %(rule)s."),
}
_SOURCES = {"counts": N_("counts"), "sum": N_("sum"), "mean": N_("mean"), "value": N_("value from 25 to 100")}
_VERDICTS = {
    "follows": N_(
        "What is published follows from the table: its elements give %(ikm)s (%(low)s to %(high)s by the"
        " rounding of what is printed), grade %(grades)s."
    ),
    "follows_exactly": N_(
        "What is published follows from the table: its elements give %(ikm)s, grade %(grades)s."
    ),
    "not_refuted": N_("Nothing contradicts what is published, but too little is shown to confirm it."),
    "headline": N_(
        "The published index %(headline)s does not follow from the table: its elements give %(ikm)s, grade"
        " %(grades)s. It is off by %(off)s."
    ),
    "impossible": N_("The published index %(headline)s cannot be, whatever the elements that are not shown."),
    "outside": N_("No index follows from the table: it has answers or figures outside their scale."),
    "other": N_(
        "The published index follows from the table, but not everything else that is published does."
    ),
    "grades": N_("The published grades do not follow from the table."),
}
_MEANS = frozenset({"mean", "other", "instead", "weight"})


def verdict(audit: Audit, lang: str) -> str:
    """The verdict in a sentence."""
    sign = "+" if audit.off and audit.off > 0 else ""
    values = {
        "headline": written(audit.headline, lang),
        "ikm": written(audit.ikm, lang),
        "grades": letters_text(audit.grades),
        "off": sign + written(audit.off, lang),
    }
    if audit.range is not None:
        values |= {"low": written(audit.range.low, lang), "high": written(audit.range.high, lang)}
    return say(_VERDICTS[_verdict_word(audit)], lang, **values)


def _verdict_word(audit: Audit) -> str:
    values = audit.range
    if values is None:
        return "outside"
    if audit.follows:
        if audit.ikm is None:
            return "not_refuted"
        return "follows_exactly" if values.low == values.high else "follows"
    if audit.headline_follows is None:
        return "grades"
    if audit.headline_follows:
        return "other"
    return "impossible" if audit.ikm is None else "headline"


def finding_text(finding: Finding, names: Mapping[str, str], lang: str) -> str:
    """A finding in a sentence."""
    values = _written(finding.numbers, lang)
    for name in ("first", "second"):
        if name in values:
            values[name] = say(_SOURCES[values[name]], lang)
    if finding.element is not None:
        values["element"] = element_name(finding.element, names)
    exact = finding.word in _EXACT and finding.numbers["low"] == finding.numbers["high"]
    return say((_EXACT if exact else _FINDINGS)[finding.word], lang, **values)


def cause_text(cause: Cause, k: int, names: Mapping[str, str], lang: str) -> str:
    """A cause in a sentence."""
    values = {**_written(cause.numbers, lang), "ikm": written(cause.ikm.mid, lang), "k": str(k)}
    if "rule" in values:
        values["rule"] = str(cause.numbers["rule"])
    if cause.element is not None:
        values["element"] = element_name(cause.element, names)
    return say(_CAUSES[cause.word], lang, **values)


def element_name(key: str, names: Mapping[str, str]) -> str:
    """What an element is called; one that is none of the official nine, as the file calls it."""
    return names.get(key) or harmless(key)


def letters_text(grades: str) -> str:
    """The grades that are possible, D upwards: ``C/B``."""
    return "/".join(grades)


def written(value: Fraction | Decimal | None, lang: str, places: int = 2) -> str:
    """A figure with so many decimals, half up; nothing for none."""
    return "" if value is None else format_number(round_half_up(value, places), lang, places)


def harmless(text: str, most: int = MOST_SHOWN) -> str:
    """Text out of somebody's file, without what could move a cursor or fill the screen."""
    kept = "".join(one if one.isprintable() else " " for one in text)
    return kept if len(kept) <= most else kept[: most - 1] + "…"


def _written(numbers: Mapping[str, Fraction | Decimal | int | str], lang: str) -> dict[str, str]:
    return {name: _one(name, value, lang) for name, value in numbers.items()}


def _one(name: str, value: Fraction | Decimal | int | str, lang: str) -> str:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, int):
        return format_number(value, lang, 0)
    if isinstance(value, Decimal):
        return format_number(value, lang, max(0, -int(value.as_tuple().exponent)))
    # A weight such as 0.11 in as few decimals as say it; one third in four.
    places = next((at for at in (2, 3, 4) if (value * 10**at).denominator == 1), 4 if name in _MEANS else 2)
    return written(value, lang, places)
