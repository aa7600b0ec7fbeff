"""Cases of published tables of single answers, respondents × elements."""

import re
from collections.abc import Sequence
from fractions import Fraction
from math import isfinite

from analysis.cases.headline import audit_headline, rule_of
from analysis.cases.reading import Case, Runner
from analysis.cases.tables import of_means, publishable, weights_asked
from analysis.cases.values import number_of, read_cells
from analysis.errors import Malformed, NoFigure, OutOfScale, Refused
from analysis.index import Index, index
from analysis.matrix import Matrix, read_matrix, tally_of
from analysis.missing import compare_cases, linearised
from analysis.published import PublishedElement, table_of_rows
from analysis.recomputed import Recomputed, recompute

Rows = list[list[object]]


def matrix(case: Case) -> dict[str, object]:
    """Sums, means, index and grade of a table of answers; a missing answer counts for nothing.

    The index of the complete rows stands beside that of all answers.
    """
    rows, columns = _given(case)
    try:
        answers = read_cells(rows, columns)
    except (OutOfScale, Malformed) as refused:
        return {"n": len(rows), "validation_error": _misfit(rows, columns, refused)}
    cases = compare_cases(answers, table=rule_of(case))
    complete = cases.complete
    return _figures(case, answers, cases.available) | {
        "ikm_available_case": cases.available.ikm,
        "ikm_complete_case": None if complete is None else complete.ikm,
        "ikm_available_case_rounded": cases.available.rounded,
        "ikm_complete_case_rounded": None if complete is None else complete.rounded,
        "grade_available_case": cases.available.grade,
        "grade_complete_case": None if complete is None else complete.grade,
        "complete_n": cases.complete_n,
        "n_complete": cases.complete_n,
        "valid_n": cases.valid,
        "difference": cases.difference,
        "cases_differ": cases.differ,
        "flag": cases.differ,
        "se": linearised(answers).se,
    }


def matrix_invalid(case: Case) -> dict[str, object]:
    """What is wrong with a table of answers, and what an index would be that took it as it is.

    ``ikm_if_accepted_...`` takes everything for an answer, which the package never does; None where a cell is
    no whole number. ``ikm_after_dropping_row_...`` leaves rows (from 1) out; None where others are wrong too.
    """
    rows, columns = _given(case)
    wrong = [row for row, cells in enumerate(rows, start=1) if not _valid([cells], columns)]
    if not wrong:
        return matrix(case) | {"validation_error": None}
    try:
        read_cells(rows, columns)
    except (OutOfScale, Malformed) as refused:
        error = _misfit(rows, columns, refused)
    result: dict[str, object] = {"n": len(rows), "validation_error": error, "invalid_rows": wrong}
    dropped = {name: found for name in case.shapes if (found := _rows_named(name))}
    plural = "s" if len(wrong) > 1 else ""
    dropped[f"ikm_after_dropping_row{plural}_{'_'.join(map(str, wrong))}"] = wrong
    for name, numbers in dropped.items():
        left = [cells for row, cells in enumerate(rows, start=1) if row not in numbers]
        result[name] = _index(read_cells(left, columns)) if left and _valid(left, columns) else None
    return result | _accepted(case, rows, columns)


def _figures(case: Case, answers: Matrix, found: Index) -> dict[str, object]:
    tally = tally_of(answers)
    sums = {key: tally.total(key) for key in answers.columns}
    answered = {key: tally.answered(key) for key in answers.columns}
    elements = tuple(PublishedElement(key, total=sums[key], n=answered[key]) for key in answers.columns)
    return {
        **of_means(case, found.nrr),
        **audit_headline(case, elements, n=answers.n),
        **_score_ordered(case, answers),
        "n": answers.n,
        "publishable": publishable(found.n),
        "element_sums": case.shaped("element_sums", sums),
        "answered_per_element": case.shaped("answered_per_element", answered),
        "unanswered": found.unanswered,
        "nrr": case.shaped("nrr", {key: found.nrr.get(key) for key in answers.columns}),
    }


def _score_ordered(case: Case, answers: Matrix) -> dict[str, object]:
    """The index of the N best respondents by the sum of their answers: what sampling by score would do."""
    import numpy as np

    result: dict[str, object] = {}
    for name in case.shapes:
        if found := re.fullmatch(r"score_ordered_top_(\d{1,9})_ikm", name.lower(), re.ASCII):
            best = np.argsort(-np.nansum(answers.values, axis=1), kind="stable")[: int(found[1])]
            chosen = np.isin(np.arange(len(answers.values)), best)
            result[name] = _index(answers.rows(chosen))
    return result


def _accepted(case: Case, rows: Rows, columns: list[str]) -> dict[str, object]:
    prefix = "ikm_if_accepted_and_weight_"
    found = _recomputed(rows, columns)
    if found is None:
        names = weights_asked(case, prefix, lambda weight: weight, len(columns))
        return {"ikm_if_accepted": None, **dict.fromkeys(names)}
    ikm, k = found.accepted.mid, found.k
    result: dict[str, object] = {"ikm_if_accepted": ikm}
    return result | weights_asked(case, prefix, lambda weight: ikm * k * weight, k)


def _recomputed(rows: Rows, columns: list[str]) -> Recomputed | None:
    """The table as an audit takes it, where that can be done at all."""
    try:
        for cell in (cell for row in rows for cell in row if cell is not None):
            number_of(cell, "matrix")
        return recompute(table_of_rows(columns, rows))  # type: ignore[arg-type]
    except Refused:
        return None


def _index(answers: Matrix) -> Fraction | None:
    found = index(tally_of(answers))
    return None if found is None else found.ikm


def _given(case: Case) -> tuple[Rows, list[str]]:
    rows = case.rows()
    if not rows:
        raise NoFigure("a table without rows has no figures")
    return rows, case.columns(len(rows[0]))


def _valid(rows: Sequence[Sequence[object]], columns: list[str]) -> bool:
    try:
        read_cells(rows, columns)
    except (OutOfScale, Malformed):
        return False
    return True


def _misfit(rows: Rows, columns: list[str], refused: Refused) -> dict[str, object]:
    """The first cell that is no answer; the refusal itself when the table is wrong in another way."""
    read_matrix([], columns)  # refuses names that are no names of columns
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise refused
        for column, cell in zip(columns, row, strict=True):
            if not _valid([[cell]], [column]):
                shown = str(cell) if isinstance(cell, float) and not isfinite(cell) else cell
                return {"row": number, "column": column, "value": shown}
    raise refused


def _rows_named(name: str) -> list[int]:
    found = re.fullmatch(r"ikm_after_dropping_rows?_(\d{1,9}(?:_\d{1,9})*)", name, re.ASCII)
    return [int(number) for number in found[1].split("_")] if found else []


KINDS: dict[str, Runner] = {
    "matrix": matrix,
    "matrix_missing": matrix,
    "matrix_invalid": matrix_invalid,
}
