"""Cases of published satisfaction tables: means, sums or values of elements, and grades."""

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from analysis.cases.headline import PRINTED_DECIMALS, RULES, as_printed, audit_headline, elements_of, rule_of
from analysis.cases.reading import Case, Runner
from analysis.cases.values import count_of, exactly, printed
from analysis.disclosure import DEFAULT
from analysis.errors import Contradiction, Malformed, NoFigure
from analysis.index import grade as grade_of
from analysis.index import ikm, index_of_means, round_half_up, weighted_ikm
from analysis.published import PublishedElement, PublishedTable
from analysis.recomputed import evidence

WEIGHTS = ("0_111", "0_11")
"""Weights whose effect is always computed: 1/9 as published tables round it."""

_PARTS = ("half", "third", "quarter", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def element_means(case: Case) -> dict[str, object]:
    """Index, grades and headline of a table of element means, 1 to 4.

    What is printed as ``published.ikm`` is consistent when it follows from the means within the rounding of
    both; ``element_means_decimals`` says to how many decimals they are rounded, or else the most decimals
    among them do.
    """
    given = case.mapping("element_means")
    means = {key: exactly(value, key) for key, value in given.items()}
    decimals = case.whole_or_none("element_means_decimals")
    found = of_means(case, means)
    return found | audit_headline(case, elements_of(given, "mean"), decimals=decimals) | _inferred(case)


def element_index(case: Case) -> dict[str, object]:
    """The same of a table whose elements are printed on the scale of 25 to 100, under ``element_index``."""
    given = case.mapping("element_index", "element_index_25_100")
    means = {key: exactly(value, key) / 25 for key, value in given.items()}
    decimals = case.whole_or_none("element_index_decimals")
    return of_means(case, means) | audit_headline(case, elements_of(given, "value"), decimals=decimals)


def element_sums(case: Case) -> dict[str, object]:
    """The same, exactly, of sums of answers (``element_sums`` with ``n``) or of counts per answer."""
    table = PublishedTable(tuple(_counted(case)), n=case.whole_or_none("n"))
    found = {element.key: evidence(table, element) for element in table.elements}
    for key, means in found.items():
        if len({mean.mid for mean in means.values()}) > 1:
            raise Contradiction(f"{key}: its counts do not add up to its sum")
    known = {key: next(iter(means.values())).mid for key, means in found.items() if means}
    if not known:
        raise NoFigure("nobody answered any element")
    answered = {one.key: table.n if one.answered is None else one.answered for one in table.elements}
    sums = {one.key: one.sum_of_answers for one in table.elements}
    n = max(number or 0 for number in (table.n, *answered.values()))
    return {
        **of_means(case, known),
        **audit_headline(case, table.elements, n=table.n),
        "n": n,
        "publishable": publishable(n),
        "element_sums": case.shaped("element_sums", sums),
        "answered_per_element": case.shaped("answered_per_element", answered),
    }


def index_only(case: Case) -> dict[str, object]:
    """Index on 25 to 100 and its grade from the one on 1 to 4, with the grades of what elements there are.

    The index is printed with two decimals, unless ``index_decimals`` says otherwise.
    """
    value = printed(case.value("index_1_4"), "index_1_4")
    found = index_of_means({"index": value}, rule_of(case))
    decimals = case.whole("index_decimals") if case.has("index_decimals") else PRINTED_DECIMALS
    means = case.mapping("element_means") if case.has("element_means") else {}
    grades = {key: grade_of(25 * exactly(mean, key), rule_of(case)) for key, mean in means.items()}
    result: dict[str, object] = {
        "ikm": found.ikm,
        "ikm_rounded": found.rounded,
        "grade": found.grade,
        "element_grades": case.shaped("element_grades", grades),
    }
    if case.has("n"):
        result |= {"n": case.whole("n"), "publishable": publishable(case.whole("n"))}
    return result | audit_headline(
        case, (PublishedElement("index", mean=as_printed(value)),), decimals=decimals
    )


def grade_boundaries(case: Case) -> dict[str, object]:
    """Values on 25 to 100, as digits, rounded half up to two decimals and graded."""
    values = [printed(value, "ikm") for value in case.entries("ikm")]
    grades = [grade_of(value, rule_of(case)) for value in values]
    return {"ikm_rounded": [round_half_up(value, 2) for value in values], "grade": grades}


def interval_table_version(case: Case) -> dict[str, object]:
    """The grade of each element mean by both tables of grades."""
    means = {key: exactly(value, key) for key, value in case.mapping("element_means").items()}
    return {
        rule: case.shaped(rule, {key: grade_of(25 * mean, RULES[rule]) for key, mean in means.items()})
        for rule in ("permenpan_14_2017", "kep_25_2004")
    }


def of_means(case: Case, means: Mapping[str, Fraction]) -> dict[str, object]:
    """Everything that follows from element means."""
    found = index_of_means(means, rule_of(case))
    keys = list(means)
    result: dict[str, object] = {
        "ikm": found.ikm,
        "ikm_rounded": found.rounded,
        "grade": found.grade,
        "index_1_4": found.ikm / 25,
        "k": found.k,
        "comparable": found.comparable,
        "nrr": case.shaped("nrr", means),
        "element_means": case.shaped("element_means", means),
        "element_grades": case.shaped("element_grades", found.element_grades),
        "rank_high_to_low": {
            key: 1 + sum(other > mean for other in means.values()) for key, mean in means.items()
        },
        "lowest_elements": found.lowest,
        "lowest_element": _lowest(case, "lowest_element", list(found.lowest)),
        "lowest_position": _lowest(
            case, "lowest_position", [_position(case, key, keys) for key in found.lowest]
        ),
    }
    for key in keys:
        rest = {other: mean for other, mean in means.items() if other != key}
        name = f"ikm_without_{key}"
        if rest and (key == "cost" or name in case.shapes):
            result[name] = ikm(rest)
    by_weight = weights_asked(case, "ikm_if_weight_", lambda weight: weighted_ikm(means, weight), len(means))
    return result | by_weight


def weights_asked(
    case: Case, prefix: str, of_weight: Callable[[Fraction], Fraction], k: int
) -> dict[str, object]:
    """What rounded weights would make of an index: those asked for by name, and those usual for k elements.

    A name ends in the weight, as ``0_33`` or ``one_third``.
    """
    rounded = [str(round_half_up(Fraction(1, k), places)).replace(".", "_") for places in (2, 3)]
    usual = [*WEIGHTS, *rounded, *([f"one_{_PARTS[k - 2]}"] if 2 <= k <= len(_PARTS) + 1 else [])]
    asked = [name.removeprefix(prefix) for name in case.shapes if name.startswith(prefix)]
    return {
        prefix + name: of_weight(weight)
        for name in dict.fromkeys([*asked, *usual])
        if (weight := _weight(name)) is not None
    }


def publishable(n: int) -> bool:
    """Whether a figure of so many respondents may be public, as far as their number goes."""
    return DEFAULT.withheld("figure", n) is None


def _weight(name: str) -> Fraction | None:
    if found := re.fullmatch(r"0_(\d{1,9})", name, re.ASCII):
        weight = Fraction(f"0.{found[1]}")
        return weight or None
    if found := re.fullmatch(r"1_([1-9]\d{0,8})", name, re.ASCII):
        return Fraction(1, int(found[1]))
    part = name.removeprefix("one_")
    return Fraction(1, _PARTS.index(part) + 2) if name != part and part in _PARTS else None


def _lowest(case: Case, name: str, tied: list[str]) -> str | list[str]:
    """The lowest element, or all that share its mean where a list is wanted or nothing is said."""
    wanted = case.shapes.get(name, str if len(tied) == 1 else list)
    return tied if wanted is list else tied[0]


def _position(case: Case, key: str, keys: list[str]) -> str:
    order = case.columns(len(keys)) if case.has("order") else keys
    if re.fullmatch(r"U\d+", key, re.ASCII) or key not in order:
        return key
    return f"U{order.index(key) + 1}"


def _counted(case: Case) -> Iterator[PublishedElement]:
    sums = case.mapping("element_sums") if case.has("element_sums") else {}
    counts = case.mapping("element_counts") if case.has("element_counts") else {}
    answered = case.mapping("answered_per_element") if case.has("answered_per_element") else {}
    if not sums and not counts:
        raise Malformed("the case gives no element_sums or element_counts")
    for key in dict.fromkeys([*sums, *counts]):
        yield PublishedElement(
            key,
            counts=_counts(key, counts[key]) if key in counts else None,
            total=count_of(sums[key], key) if key in sums else None,
            n=count_of(answered[key], key) if key in answered else None,
        )


def _counts(key: str, given: object) -> dict[int, int]:
    if not isinstance(given, Mapping):
        raise Malformed(f"{key}: {given!r} does not say how often each answer was given")
    found = {}
    for answer, count in given.items():
        if not re.fullmatch(r"-?\d{1,9}", str(answer), re.ASCII):
            raise Malformed(f"{key}: {answer!r} is no answer")
        found[int(str(answer))] = count_of(count, key)
    return found


def _inferred(case: Case) -> dict[str, object]:
    """The index of sums and a number of respondents that were not printed but found out."""
    if not case.has("inferred_sums") or not case.has("inferred_n"):
        return {}
    sums = case.mapping("inferred_sums")
    n = case.whole("inferred_n")
    if n == 0:
        raise NoFigure("nobody answered any element")
    means = {key: Fraction(count_of(total, key), n) for key, total in sums.items()}
    return {"ikm_from_inferred_counts": ikm(means)}


KINDS: dict[str, Runner] = {
    "element_means": element_means,
    "element_sums": element_sums,
    "element_index_25_100": element_index,
    "index_only": index_only,
    "grade_boundaries": grade_boundaries,
    "interval_table_version": interval_table_version,
}
