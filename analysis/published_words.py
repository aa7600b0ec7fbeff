"""The words and numbers of published tables: what things are called, how figures are written.

Indonesian and English names are known, with the official numbers U1 to U9. The names beyond the official ones
are those found in published tables.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Literal

from analysis.errors import Malformed, Refused
from analysis.published import KEYS, letters

Order = Literal["regulation", "questionnaire"]
"""What U8 and U9 are: complaints and facilities in the list of the regulation, the reverse in its form."""

ELEMENT_WORDS: Mapping[str, frozenset[str]] = {
    "requirements": frozenset({"persyaratan", "requirements"}),
    "procedure": frozenset({"prosedur", "procedure"}),
    "time": frozenset({"waktu", "time"}),
    "cost": frozenset({"biaya", "tarif", "cost", "tariff"}),
    "product": frozenset({"produk", "product"}),
    "competence": frozenset({"kompetensi", "kemampuan", "competence"}),
    "behaviour": frozenset({"perilaku", "kesopanan", "behaviour", "behavior", "conduct"}),
    "complaints": frozenset({"pengaduan", "complaints"}),
    "facilities": frozenset({"sarana", "prasarana", "facilities"}),
}
"""Words of which a printed name of an element has at least one, and none of another element."""

FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("title", "judul"), "title"),
    **dict.fromkeys(("source", "sumber"), "source"),
    **dict.fromkeys(("n", "respondents", "responden", "jumlah responden"), "n"),
    **dict.fromkeys(("ikm", "nilai ikm", "headline", "nilai konversi"), "ikm"),
    **dict.fromkeys(("index", "index_1_4", "indeks", "nilai indeks"), "index"),
    **dict.fromkeys(("grade", "mutu", "mutu pelayanan"), "grade"),
    **dict.fromkeys(("weight", "weight_used", "bobot", "penimbang", "nilai penimbang"), "weight"),
    **dict.fromkeys(("k", "jumlah unsur"), "k"),
    **dict.fromkeys(("rule", "aturan"), "rule"),
    **dict.fromkeys(("decimals", "element_means_decimals", "desimal"), "decimals"),
    **dict.fromkeys(("order", "urutan"), "order"),
}
"""What the table as a whole says, by every name it may have."""

COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("element", "unsur", "unsur pelayanan", "indikator", "item"), "element"),
    **dict.fromkeys(("mean", "nrr", "nrr per unsur", "rata-rata", "nilai rata-rata", "nilai unsur"), "mean"),
    **dict.fromkeys(("value", "25-100", "konversi", "nilai konversi"), "value"),
    **dict.fromkeys(("nilai", "score", "skor"), "mean_or_value"),
    **dict.fromkeys(("sum", "jumlah", "total", "jumlah nilai"), "sum"),
    **dict.fromkeys(("n", "respondents", "responden", "jumlah responden"), "n"),
    **dict.fromkeys(("grade", "mutu", "kategori", "kinerja", "label"), "grade"),
    **dict.fromkeys(("no", "nomor", "rank", "peringkat", "weighted", "nrr tertimbang"), "ignored"),
}
"""Columns of a table of elements, by every name they may have; a number heads the count of that answer."""

RESPONDENT = frozenset({"no", "nomor", "respondent", "responden", "nama"})
"""Columns of a table of respondents that hold no answer."""

TOTALS = frozenset({"total", "jumlah", "rata-rata", "average", "mean", "ikm"})
"""Names of rows that sum up the others and are no element."""

NOT_ASKED = frozenset({"-", "–", "na", "n/a"})
"""Written where an element was not asked or not answered."""

_NUMBERED = re.compile(r"(?:u|unsur)?\s*\.?\s*([1-9])")
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:[.,][0-9]{1,9})?")
_COUNT = re.compile(r"[0-9]{1,9}")


def plain(text: str) -> str:
    """A name without case, ends and doubled spaces, as the mappings here have it."""
    return " ".join(text.lower().strip(" \t:.*").split())


def element_key(name: str, order: Order | None) -> str:
    """The key of an element as printed: by key, by name, or by number.

    Numbers stay numbers (``U1``) unless their order is told, and a name that is none of the nine elements
    stays what it is: a survey may have dimensions of its own.
    """
    said = plain(name)
    if found := _NUMBERED.fullmatch(said):
        return _ordered(int(found[1]), order)
    words = set(re.findall(r"[a-z]+", said))
    meant = [key for key, known in ELEMENT_WORDS.items() if words & known]
    return meant[0] if len(meant) == 1 else " ".join(name.split())


def read_field(field: str, text: str, where: str) -> dict[str, Any]:
    """One thing said of a whole table, a value of ``FIELDS``, as an argument of ``PublishedTable``.

    A headline from 1 to 10 is the index on the scale of 1 to 4, under whichever name it stands: no index from
    25 to 100 is so low.

    Raises:
        Malformed: the text is not what the field needs.
    """
    if field in ("title", "source"):
        return {field: text}
    if field in ("n", "k", "decimals"):
        return {field: read_count(text, where)}
    if field == "order":
        return {field: _read_order(text, where)}
    if field == "rule":
        return {field: _read_rule(text, where)}
    if field == "grade":
        with placed(where):
            letters(text)
        return {field: text}
    number = read_number(text, where)
    return {"index" if field == "ikm" and 1 <= number <= 10 else field: number}


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Put before a refusal where in the file it arose."""
    try:
        yield
    except Refused as error:
        raise Malformed(f"{where}: {error}") from None


def read_number(text: str, where: str) -> Decimal:
    """A figure with its decimals as printed, after a point or a comma.

    Raises:
        Malformed: anything else (thousands are written without separators).
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise Malformed(f"{where}: {shown(text)} is not a number")
    return Decimal(text.strip().replace(",", "."))


def read_count(text: str, where: str) -> int:
    """A whole number from 0.

    Raises:
        Malformed: anything else.
    """
    if not _COUNT.fullmatch(text.strip()):
        raise Malformed(f"{where}: {shown(text)} is not a whole number")
    return int(text)


def shown(text: str) -> str:
    """What a message shows of a cell: its beginning, with nothing that moves a cursor."""
    return repr(text[:30])


def _read_order(text: str, where: str) -> Order:
    said = plain(text)
    if said in ("regulation", "peraturan"):
        return "regulation"
    if said in ("questionnaire", "kuesioner"):
        return "questionnaire"
    raise Malformed(f"{where}: {shown(text)} is neither regulation nor questionnaire")


def _read_rule(text: str, where: str) -> str:
    years = [year for year in ("2017", "2004") if year in text]
    if len(years) != 1:
        raise Malformed(f"{where}: {shown(text)} names neither the rule of 2017 nor that of 2004")
    return years[0]


def _ordered(number: int, order: Order | None) -> str:
    if order is None:
        return f"U{number}"
    keys = KEYS if order == "regulation" else (*KEYS[:-2], KEYS[-1], KEYS[-2])
    return keys[number - 1]
