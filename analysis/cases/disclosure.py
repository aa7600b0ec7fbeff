"""Cases of disclosure control: what a table or two releases give away."""

from analysis.cases.reading import Case, Runner
from analysis.cases.values import count_of, entries_of, nested
from analysis.disclosure import audit_table, revision
from analysis.errors import Malformed


def suppression(case: Case) -> dict[str, object]:
    """Bounds of the ``suppressed`` cells of a table whose line totals are published, in the order given."""
    if not case.flag("row_and_column_totals_published", True):
        raise Malformed("a table is audited with its row and column totals published; without, all is open")
    hidden = [
        [count_of(at, "suppressed") for at in entries_of(cell, "suppressed")]
        for cell in case.entries("suppressed")
    ]
    threshold = case.whole("k") if case.has("k") else 10
    found = audit_table(nested(case.entries("table"), "table", count_of), hidden, k=threshold)
    cells = [
        {"cell": cell.cell, "true": cell.true, "lo": cell.lo, "hi": cell.hi, "exact": cell.exact}
        for cell in found.cells
    ]
    return {
        "audit": cells,
        "safe": found.safe,
        "no_exact_recovery": not any(cell.exact for cell in found.cells),
    }


def differencing(case: Case) -> dict[str, object]:
    """What two publications of one figure tell about those who answered between them."""
    first, second = (
        (part.whole("n"), part.number("ikm", "mean")) for part in (case.part("first"), case.part("second"))
    )
    found = revision(first, second)
    return {
        "implied_new_respondent_score": found.mean,
        "implied_mean": found.mean,
        "must_block": found.must_block,
        "change": found.change,
    }


TOPICS: dict[str, Runner] = {"suppression_audit": suppression, "differencing": differencing}
