"""Does a published satisfaction index follow from its own table? By how much not, and the likely cause.

The rule is PermenPAN-RB 14/2017: mean answer per element, equal weights 1/k, × 25, graded after rounding to
two decimals; grades can also be read by its predecessor KEP/25/M.PAN/2/2004. The audit judges a table against
itself: it cannot see whether the answers are real, complete or freely given.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from analysis.audit_causes import Cause, find_causes
from analysis.audit_findings import Finding, find_all, grade_table_used
from analysis.errors import NoFigure
from analysis.index import ELEMENTS, grade, round_half_up
from analysis.published import PublishedElement, PublishedTable, Range
from analysis.recomputed import Recomputed, grades_within, recompute


@dataclass(frozen=True)
class AuditedElement:
    """What follows for one element.

    Attributes:
        key: the element.
        mean: its mean, 1 to 4, as the range that its figures can mean; None when they do not say.
        source: what the mean is taken from: ``counts``, ``sum``, ``mean`` or ``value``.
        answered: how many answered it, if that is printed.
        grades: the grades that follow, from D upwards; more than one where the rounding does not decide,
            none without a mean on the scale.
        printed: the grade as printed.
    """

    key: str
    mean: Range | None
    source: str | None
    answered: int | None
    grades: str
    printed: str | None


@dataclass(frozen=True)
class Audit:
    """The verdict on a published table.

    Attributes:
        follows: whether everything the table prints follows from its elements, within the rounding of what
            is printed. Remarks (``Finding.breaks`` is false) do not count against it.
        headline_follows: the same of the headline alone; None when none is printed, or a value outside the
            scale forbids an index.
        ikm: the recomputed index, 25 to 100, exact for the figures as printed; None where a value outside the
            scale or an element without a mean forbids one (the findings say which).
        range: every index the printed figures can mean; None where a value outside the scale forbids one.
        rounded: ``ikm`` half up to two decimals.
        grades: the grades the index can have under the table's rule, from D upwards.
        grade_2017: grade of ``ikm`` under PermenPAN-RB 14/2017.
        grade_2004: grade of ``ikm`` under KEP/25/M.PAN/2/2004.
        headline: the printed headline on the scale of 25 to 100.
        off: headline - ``ikm``.
        k: number of elements in the index.
        comparable: whether that is the official nine.
        elements: what follows for each element.
        findings: what was seen, contradictions first.
        causes: mistakes that would give the printed headline or grades, the likeliest first.
    """

    follows: bool
    headline_follows: bool | None
    ikm: Fraction | None
    range: Range | None
    rounded: Decimal | None
    grades: str
    grade_2017: str | None
    grade_2004: str | None
    headline: Fraction | None
    off: Fraction | None
    k: int
    comparable: bool
    elements: tuple[AuditedElement, ...]
    findings: tuple[Finding, ...]
    causes: tuple[Cause, ...]


def audit_published(table: PublishedTable) -> Audit:
    """Judge a published table of the satisfaction index (IKM) against itself.

    Summaries suffice: counts per answer, sums with n, means or values per element. With the matrix of single
    answers two more causes can be tried.

    Raises:
        NoFigure: the table prints no headline and no grade, or nobody answered any element.
    """
    if not table.claims:
        raise NoFigure("the table prints no headline and no grade: there is nothing to check")
    found = recompute(table)
    if found is None:
        raise NoFigure("nobody answered any element: there is no index to check")
    findings = find_all(table, found)
    headline, values = table.headline, found.range
    ikm = values.mid if values and not found.unknown else None
    return Audit(
        follows=not any(finding.breaks for finding in findings),
        headline_follows=None if headline is None or values is None else values.touches(headline),
        ikm=ikm,
        range=values,
        rounded=None if ikm is None else round_half_up(ikm, 2),
        grades=grades_within(values, table.rule) if values else "",
        grade_2017=None if ikm is None else grade(ikm, "2017"),
        grade_2004=None if ikm is None else grade(ikm, "2004"),
        headline=headline.mid if headline else None,
        off=headline.mid - ikm if headline and ikm is not None else None,
        k=found.k,
        comparable=found.k == ELEMENTS,
        elements=tuple(_audited(table, one, found) for one in table.elements),
        findings=findings,
        causes=_causes(table, found, headline),
    )


def _causes(table: PublishedTable, found: Recomputed, headline: Range | None) -> tuple[Cause, ...]:
    explained = headline is None or (found.range is not None and found.range.touches(headline))
    of_headline = () if explained or headline is None else find_causes(table, found, headline)
    return (*of_headline, *grade_table_used(table, found))


def _audited(table: PublishedTable, element: PublishedElement, found: Recomputed) -> AuditedElement:
    mean = found.means.get(element.key)
    graded = mean is not None and element.key not in found.outside
    return AuditedElement(
        key=element.key,
        mean=mean,
        source=found.sources.get(element.key),
        answered=element.answered,
        grades=grades_within(mean.scaled(25), table.rule) if mean and graded else "",
        printed=element.grade,
    )
