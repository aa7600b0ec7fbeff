"""House numbers, RT and RW, and dates of birth."""

import re

from analysis.masking.folding import Span, apart, words

_UNITS = (
    r"(?!\d)(?!\s?(?:menit|jam|km|m\b|meter|kali|hari|tahun|thn|orang|bulan|minggu|kg|%|rb|ribu|juta|jt|x\b))"
)
_NEIGHBOURHOOD = re.compile(
    r"(?<![^\W_])RT\.?\s?/\s?RW\.?\s?\d{1,3}\s?[/\-]\s?\d{1,3}(?!\d)"
    r"|(?<![^\W_])RT\.?\s?\d{1,3}(?!\d)(?:\s?[/,.\-]?\s?RW\.?\s?\d{1,3}(?!\d))?"
    r"|(?<![^\W_])RW\.?\s?\d{1,3}(?!\d)",
    re.I,
)
_STREET = (
    r"(?<![^\W_])(?:jl|jln|jalan|gg|gang|komp|komplek|kompleks|perum|perumahan|blok|dusun|dsn|kampung|kp)"
    r"\b\.?\s?"
)
_NUMBER = r"(?:no|nomor|nomer|nmr)\b\.?\s?:?\s?\d{1,4}(?!\d)(?:\s?[A-Za-z]\b)?(?:\s?/\s?\d{1,3})?"
_HOUSE = re.compile(_STREET + r"[^\n\d!?]{1,60}?(?<![^\W_])(?P<house>" + _NUMBER + ")", re.I)
# Without "no", only behind an abbreviated street or a name written with capitals.
_BARE_HOUSE = re.compile(
    r"(?<![^\W_])(?:[Jj][Ll][Nn]?\b\.?\s?(?:[^\W\d_]{3,20}\s){1,3}|Jalan\s(?:[A-Z][a-z]{2,20}\s){1,3})"
    r"(?P<house>\d{1,4}[A-Za-z]?\b)" + _UNITS
)
_BLOCK = re.compile(
    r"(?<![^\W_])blok\s(?P<house>[A-Z]{1,2}\s?[\-/]?\s?\d{1,3}[A-Z]?(?:\s?[/,\-]?\s?"
    + _NUMBER
    + r")|[A-Z]{1,2}\d{0,2}\s?[/\-]\s?\d{1,3})(?!\d)",
    re.I,
)

_MONTH = r"(?:jan|feb|mar|apr|mei|may|jun|jul|agu|ags|aug|sep|okt|oct|nov|des|dec)[a-z]{0,6}\.?"
_DIGIT = re.compile(r"\d")
_SIGNS = words(
    "jl jln jalan gg gang komp komplek kompleks perum perumahan blok dusun dsn kampung kp rt rw lahir "
    "kelahiran ttl tgl born dob birth birthday lair dibabarkeun"
)
_DATE = (
    r"(?:\d{1,2}\s?[\-/. ]\s?\d{1,2}\s?[\-/. ]\s?\d{2,4}"
    rf"|\d{{1,2}}[\s\-]{{1,2}}{_MONTH}[\s\-]{{1,2}}\d{{2,4}}"
    r"|\d{4}[\-/.]\d{1,2}[\-/.]\d{1,2}"
    rf"|{_MONTH}\s\d{{1,2}},?\s\d{{4}}"
    r"|\d{8})"
)
_BIRTH = re.compile(
    r"(?<![^\W_])(?:lahir|kelahiran|ttl|tmpt/tgl lahir|born|dob|date of birth|birthday|lair|dibabarkeun)\b"
    rf"[^\d\n!?]{{0,40}}(?P<date>{_DATE})(?!\d)",
    re.I,
)


def find_places(text: str, said: frozenset[str]) -> list[Span]:
    """House numbers, neighbourhood numbers and birth dates in a folded text, in order and apart."""
    if not _DIGIT.search(text) or said.isdisjoint(_SIGNS):
        return []
    spans = [Span(*found.span("date"), "birth") for found in _BIRTH.finditer(text)]
    for pattern in (_BLOCK, _HOUSE, _BARE_HOUSE):
        spans += [Span(*found.span("house"), "address") for found in pattern.finditer(text)]
    spans += [Span(*found.span(), "address") for found in _NEIGHBOURHOOD.finditer(text)]
    return _joined(text, apart(spans))


def _joined(text: str, spans: list[Span]) -> list[Span]:
    """House number and neighbourhood beside each other are one address."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and last.kind == span.kind == "address" and not text[last.end : span.start].strip(" ,./"):
            joined[-1] = Span(last.start, span.end, "address")
        else:
            joined.append(span)
    return joined
