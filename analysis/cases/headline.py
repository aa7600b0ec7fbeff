"""The headline of a published table in a case: what is printed, and whether it follows."""

from collections.abc import Mapping
from decimal import Decimal

from analysis.audit import audit_published
from analysis.cases.reading import Case
from analysis.cases.values import printed
from analysis.errors import UnknownKey
from analysis.index import round_half_up
from analysis.published import PublishedElement, PublishedTable, decimals_of, letters

RULES = {"permenpan_14_2017": "2017", "kep_25_2004": "2004", "2017": "2017", "2004": "2004"}
"""Grade tables by the names that cases give them."""

PRINTED_DECIMALS = 2
"""Decimals of a headline; JSON drops the last zero of 82.50."""

_MOST_DECIMALS = 9  # more are not printed but computed


def audit_headline(
    case: Case,
    elements: tuple[PublishedElement, ...],
    *,
    n: int | None = None,
    decimals: int | None = None,
) -> dict[str, object]:
    """Whether the printed headline of a case follows from its elements; None where none is printed.

    Where only a grade is printed, it is the headline.
    """
    said = case.fields.get("published")
    said = said if isinstance(said, Mapping) else {}
    headline = {name: _headline(said.get(key), key) for name, key in (("ikm", "ikm"), ("index", "index_1_4"))}
    letter = _grade_printed(said.get("grade"))
    if letter is None and not any(headline.values()):
        return {"published_headline_consistent": None}
    audit = audit_published(
        PublishedTable(
            elements,
            ikm=headline["ikm"],
            index=headline["index"],
            grade=letter,
            n=n,
            decimals=decimals,
            rule=rule_of(case),
        )
    )
    follows = audit.headline_follows
    return {
        "published_headline_consistent": audit.follows if follows is None else follows,
        "published_follows": audit.follows,
        "published_headline_off": audit.off,
        "likely_causes": [cause.word for cause in audit.causes],
    }


def elements_of(given: Mapping[str, object], column: str) -> tuple[PublishedElement, ...]:
    """The elements as printed, their figures being means or values; too many decimals enter rounded."""
    figures = {key: as_printed(printed(value, key)) for key, value in given.items()}
    if column == "mean":
        return tuple(PublishedElement(key, mean=figure) for key, figure in figures.items())
    return tuple(PublishedElement(key, value=figure) for key, figure in figures.items())


def as_printed(figure: Decimal) -> Decimal:
    """A figure with no more decimals than anybody prints."""
    return figure if decimals_of(figure) <= _MOST_DECIMALS else round_half_up(figure, _MOST_DECIMALS)


def rule_of(case: Case) -> str:
    """The table of grades that a case asks for; that of 2017 unless it says otherwise.

    Raises:
        UnknownKey: there is no such table.
    """
    named = case.text("interval_table", "") or case.text("table", "2017")
    if named not in RULES:
        raise UnknownKey(f"no table of grades {named!r} among {', '.join(RULES)}")
    return RULES[named]


def _grade_printed(value: object) -> str | None:
    """A printed grade or word for one; None for any other word, which says nothing that can be checked."""
    try:
        letters(value if isinstance(value, str) else "")
    except UnknownKey:
        return None
    return str(value)


def _headline(value: object, name: str) -> Decimal | None:
    if value is None:
        return None
    figure = as_printed(printed(value, name))
    return figure if decimals_of(figure) >= PRINTED_DECIMALS else round_half_up(figure, PRINTED_DECIMALS)
