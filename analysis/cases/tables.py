"""Cases of published tables: element means, sums, values, and matrices of single answers."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from analysis.audit import audit_published
from analysis.cases.reading import Case, column_names, digits, matrix_rows, plain
from analysis.disclosure import DEFAULT
from analysis.errors import Contradiction, Malformed, NoFigure, OutOfScale
from analysis.exact import round_half_up
from analysis.index import IndexOfMeans, grade, index_of_means
from analysis.matrix import Matrix, read_matrix, tally_of
from analysis.missing import compare_cases
from analysis.published import PublishedElement, PublishedTable

_WEIGHT = re.compile(r"ikm_if_(?:accepted_and_)?weight_(\w+)")
_DROPPED = re.compile(r"ikm_after_dropping_row_(\d+)")
_PARTS = {
    "one_half": 2,
    "one_third": 3,
    "one_quarter": 4,
    "one_fourth": 4,
    "one_fifth": 5,
    "one_sixth": 6,
    "one_seventh": 7,
    "one_eighth": 8,
    "one_ninth": 9,
    "one_tenth": 10,
}
_TABLES_BY_NAME = {"permenpan_14_2017": "2017", "kep_25_2004": "2004"}

Means = dict[str, Fraction]


def _element_means(case: Case) -> dict[str, Any]:
    printed = {key: digits(mean) for key, mean in case.data["element_means"].items()}
    decimals = case.data.get("element_means_decimals")
    elements = tuple(PublishedElement(key, mean=mean) for key, mean in printed.items())
    return _headline(case, {key: Fraction(mean) for key, mean in printed.items()}, elements, decimals)


def _element_sums(case: Case) -> dict[str, Any]:
    counts, n = case.data.get("element_counts") or {}, case.data.get("n")
    sums = case.data.get("element_sums") or {
        key: sum(int(answer) * count for answer, count in given.items()) for key, given in counts.items()
    }
    elements = []
    for key, total in sums.items():
        given = {int(a): c for a, c in counts[key].items()} if key in counts else None
        elements.append(PublishedElement(key, counts=given, total=total, n=n))
        if given is not None and sum(a * c for a, c in given.items()) != total:
            raise Contradiction(f"{key}: the counts add up to another sum than {total}")
    means = {one.key: Fraction(one.sum_of_answers or 0, one.answered or n) for one in elements}
    found = _headline(case, means, tuple(elements), None)
    return {**found, "n": n, "element_sums": dict(sums)}


def _element_values(case: Case) -> dict[str, Any]:
    printed = {key: digits(value) for key, value in case.data["element_index"].items()}
    elements = tuple(PublishedElement(key, value=value) for key, value in printed.items())
    means = {key: Fraction(value) / 25 for key, value in printed.items()}
    return _headline(case, means, elements, case.data.get("element_index_decimals"))


def _headline(
    case: Case, means: Means, elements: tuple[PublishedElement, ...], decimals: int | None
) -> dict[str, Any]:
    found = index_of_means(means)
    published = case.data.get("published") or {}
    result = _index_of(case, found, means)
    headline, index, letter = (published.get(name) for name in ("ikm", "index_1_4", "grade"))
    if any(one is not None for one in (headline, index, letter)):
        audit = audit_published(
            PublishedTable(
                elements=elements,
                ikm=None if headline is None else digits(headline),
                index=None if index is None else digits(index),
                grade=letter,
                n=case.data.get("n"),
                decimals=decimals,
            )
        )
        result["published_headline_consistent"] = (
            audit.follows if audit.headline_follows is None else audit.headline_follows
        )
        result["published_follows"] = audit.follows
        result["likely_causes"] = [cause.word for cause in audit.causes]
    return result


def _index_of(case: Case, found: IndexOfMeans, means: Means) -> dict[str, Any]:
    ordered = sorted(found.nrr, key=lambda key: -found.nrr[key])
    return {
        "ikm": float(found.ikm),
        "ikm_rounded": float(found.rounded),
        "index_1_4": float(found.ikm / 25),
        "grade": found.grade,
        "k": found.k,
        "comparable": found.comparable,
        "nrr": case.shaped("nrr", plain(found.nrr)),
        "element_grades": dict(found.element_grades),
        "lowest_element": found.lowest[0],
        "lowest_position": found.lowest[0],
        "lowest_elements": list(found.lowest),
        "rank_high_to_low": {key: position for position, key in enumerate(ordered, start=1)},
        "ikm_without_cost": None
        if "cost" not in means or len(means) < 2
        else float(index_of_means({key: mean for key, mean in means.items() if key != "cost"}).ikm),
        **_weighted(case, means),
    }


def _weighted(case: Case, means: Means) -> dict[str, float]:
    """The index under wrong weights: those usual for so many elements, and those asked for by name."""
    third = len(means) == 3
    names = ["ikm_if_weight_0_33"] if third else ["ikm_if_weight_0_111", "ikm_if_weight_0_11"]
    names += [key for key in case.wanted if _WEIGHT.fullmatch(key)]
    total = sum(means.values(), Fraction(0))
    return {name: float(25 * total * _weight(name)) for name in names}


def _weight(name: str) -> Fraction:
    match = _WEIGHT.fullmatch(name)
    words = match[1] if match else ""
    if words in _PARTS:
        return Fraction(1, _PARTS[words])
    if not re.fullmatch(r"\d+(_\d+)?", words):
        raise Malformed(f"{name}: {words!r} is no weight")
    return Fraction(Decimal(words.replace("_", ".")))


def _matrix(case: Case) -> dict[str, Any]:
    rows = matrix_rows(case)
    columns = column_names(case, len(rows[0]) if rows else 0)
    try:
        matrix = read_matrix(rows, columns)
    except OutOfScale as error:
        return _invalid(case, rows, columns, error)
    return _of_matrix(case, matrix)


def _of_matrix(case: Case, matrix: Matrix) -> dict[str, Any]:
    tally = tally_of(matrix)
    cases = compare_cases(matrix)
    means = dict(cases.available.nrr)
    answered = {key: tally.answered(key) for key in matrix.columns}
    complete = cases.complete
    return {
        **_index_of(case, index_of_means(means), means),
        "n": matrix.n,
        "element_sums": case.shaped("element_sums", {key: tally.total(key) for key in matrix.columns}),
        "answered_per_element": case.shaped("answered_per_element", answered),
        "publishable": matrix.n >= DEFAULT.public,
        "ikm_available_case": float(cases.available.ikm),
        "ikm_complete_case": None if complete is None else float(complete.ikm),
        "ikm_available_case_rounded": float(cases.available.rounded),
        "ikm_complete_case_rounded": None if complete is None else float(complete.rounded),
        "grade_available_case": cases.available.grade,
        "grade_complete_case": None if complete is None else complete.grade,
        "complete_n": cases.complete_n,
        "n_complete": cases.complete_n,
        "valid_n": cases.valid,
        "cases_differ": cases.differ,
        "flag": cases.differ,
    }


def _invalid(
    case: Case, rows: list[list[int | None]], columns: tuple[str, ...], error: OutOfScale
) -> dict[str, Any]:
    """Where the error is; what those would get who accept the value, and who leave its row out."""
    result: dict[str, Any] = {
        "validation_error": {"row": error.row, "column": error.column, "value": error.value}
    }
    accepted = _means_of_anything(rows, columns)
    total = sum(accepted.values(), Fraction(0))
    parts = {count: word for word, count in _PARTS.items()}
    names = ["ikm_if_accepted_and_weight_0_33", f"ikm_if_accepted_and_weight_{parts.get(len(columns), '')}"]
    names += [key for key in case.wanted if _WEIGHT.fullmatch(key)]
    result |= {name: float(25 * total * _weight(name)) for name in names if not name.endswith("_")}
    for key, row in {
        f"ikm_after_dropping_row_{error.row}": str(error.row),
        **case.sizes(_DROPPED.pattern),
    }.items():
        kept = [one for place, one in enumerate(rows, start=1) if place != int(row)]
        try:
            left = read_matrix(kept, columns)
        except OutOfScale:  # more than one row is wrong
            continue
        result[key] = float(compare_cases(left).available.ikm)
    return result


def _means_of_anything(rows: list[list[int | None]], columns: tuple[str, ...]) -> Means:
    """Means as a table without a check makes them."""
    means = {}
    for place, key in enumerate(columns):
        given = [Fraction(digits(row[place])) for row in rows if row[place] is not None]
        if given:
            means[key] = sum(given, Fraction(0)) / len(given)
    return means


def _boundaries(case: Case) -> dict[str, Any]:
    values = [digits(value) for value in case.inputs["ikm"]]
    table = str(case.inputs.get("table") or "2017")
    return {
        "ikm_rounded": [float(round_half_up(value, 2)) for value in values],
        "grade": [grade(value, table) for value in values],
    }


def _index_only(case: Case) -> dict[str, Any]:
    value = 25 * Fraction(digits(case.data["index_1_4"]))
    means = {key: digits(mean) for key, mean in (case.data.get("element_means") or {}).items()}
    return {
        "ikm": float(value),
        "ikm_rounded": float(round_half_up(value, 2)),
        "grade": grade(value),
        "element_grades": {key: grade(25 * Fraction(mean)) for key, mean in means.items()},
        "n": case.data.get("n"),
    }


def _grade_tables(case: Case) -> dict[str, Any]:
    means = {key: 25 * Fraction(digits(mean)) for key, mean in case.data["element_means"].items()}
    if not means:
        raise NoFigure("the case has no element")
    return {
        name: {key: grade(value, table) for key, value in means.items()}
        for name, table in _TABLES_BY_NAME.items()
    }


TABLES: Mapping[str, Callable[[Case], dict[str, Any]]] = {
    "element_means": _element_means,
    "element_sums": _element_sums,
    "element_index_25_100": _element_values,
    "matrix": _matrix,
    "matrix_missing": _matrix,
    "matrix_invalid": _matrix,
    "grade_boundaries": _boundaries,
    "index_only": _index_only,
    "interval_table_version": _grade_tables,
}
