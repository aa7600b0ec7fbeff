"""Runs of digits: identity numbers, telephone numbers and accounts, told from prices, times and years."""

import re
from typing import NamedTuple

from analysis.masking.folding import Span

_ENOUGH = re.compile(r"\d(?:\D{0,3}\d){5}")
_RUN = re.compile(r"\+?\(?\d(?:[ \t.\-()*_~,]{0,3}\d)*")
_GROUP = re.compile(r"\d+")
# A letter that stands for a digit among digits, and at the head of a mobile number.
_LETTER_FOR_DIGIT = re.compile(r"(?<=\d)[oOlI](?=\d)|(?<![A-Za-z0-9])[oO](?=[ .\-]?8[1-9][\d .\-])")
_LOOK_BACK, _LOOK_AHEAD = 48, 14
_LONGEST_LABELLED = 20
_NPWP = (2, 3, 3, 1, 3, 3)
# Digits of a group of a telephone number, at least, without and with the country code written with a plus.
_SHORTEST = {False: 3, True: 2}
# Free-phone numbers and such are nobody's.
_FREE = ("0800", "0804", "0807", "0809")

_FILLER = (
    r"(?:[ \t:=.,#()\-]|\b(?:saya|sy|aku|kami|beliau|nya|anda|milik|istri|suami|anak|ibu|bapak|no|nomor|"
    r"nomer|nmr|number|adalah|yaitu|is|my|id|di|ke|an|dgn|dengan|baru|lama|telp|aktif|hub|hubungi)\b)*$"
)
_NIK_LABEL = re.compile(r"\b(?:nik|n\.i\.k|ktp|e-?ktp)(?:nya)?" + _FILLER)
_IDENTITY_LABEL = re.compile(
    r"\b(?:kk|kartu keluarga|npwp|sim|paspor|passport|bpjs|kis|jkn|nip|nisn|nis|nuptk|nrp|nib|id pel|idpel|"
    r"id pelanggan|nomor pelanggan|no pelanggan|no\. pelanggan|pelanggan|no\.? pel|meteran|peserta|kitas|nrp)"
    r"(?:nya|ku)?" + _FILLER
)
_ACCOUNT_LABEL = re.compile(
    r"\b(?:rek|rekening|norek|no ?rek|acc|account|a/c|bca|bri|bni|bsi|btn|mandiri|cimb|danamon|"
    r"permata|muamalat|bjb|bank [a-z]{2,12}|va|virtual account|transfer ke|tf ke|trf ke|dana|"
    r"ovo|gopay|shopeepay|linkaja)"
    r"(?:nya|ku)?" + _FILLER
)
_PHONE_LABEL = re.compile(
    r"\b(?:hp|no ?hp|wa|whatsapp|telp|telpon|telepon|tlp|tlpn|telfon|ponsel|handphone|hubungi|hub|call|"
    r"phone|kontak|contact|cp|sms|nomor|nomer|nmr)(?:nya|ku)?" + _FILLER
)
_MONEY_BEFORE = re.compile(r"(?:\brp|\bidr|\busd|\brupiah|\$|\brp\.)[ .]{0,2}$")
_MONEY_AFTER = re.compile(
    r"[ ]{0,2}(?:,-|rupiah|rp\b|rb\b|ribu|juta|jt\b|miliar|milyar|triliun|dolar|orang|warga|jiwa)"
)
_LABELS = {
    "money": _MONEY_BEFORE,
    "nik": _NIK_LABEL,
    "identity": _IDENTITY_LABEL,
    "account": _ACCOUNT_LABEL,
    "phone": _PHONE_LABEL,
    "attached": re.compile(r"[a-z]$"),
}
_LETTER = re.compile(r"[a-z$]")


class _Group(NamedTuple):
    """Digits that stand together, and what separates them from those before."""

    start: int
    end: int
    digits: str
    separator: str


class _Slice(NamedTuple):
    """Neighbouring groups, read as one number."""

    digits: str
    sizes: tuple[int, ...]
    separators: frozenset[str]
    plus: bool
    labels: frozenset[str]
    after: str

    @property
    def even(self) -> bool:
        """Whether one and the same separator stands between all groups."""
        return len(self.separators) <= 1


def find_runs(text: str, said: frozenset[str]) -> list[Span]:
    """Numbers of people in a folded text, in order and apart."""
    if not _ENOUGH.search(text):
        return []
    text = _LETTER_FOR_DIGIT.sub(lambda found: "0" if found[0] in "oO" else "1", text)
    spans: list[Span] = []
    for run in _RUN.finditer(text):
        spans += _in_run(text, run.start(), run.end())
    return spans


def _in_run(text: str, start: int, end: int) -> list[Span]:
    groups = _groups(text, start, end)
    spans, first = [], 0
    while first < len(groups):
        found = _longest(text, groups, first)
        if found is None:
            first += 1
            continue
        last, kind = found
        spans.append(Span(_opening(text, groups[first].start), groups[last].end, kind))
        first = last + 1
    return spans


def _groups(text: str, start: int, end: int) -> list[_Group]:
    groups, done = [], start
    for found in _GROUP.finditer(text, start, end):
        separator = text[done : found.start()]
        groups.append(_Group(found.start(), found.end(), found[0], separator))
        done = found.end()
    return groups


def _opening(text: str, start: int) -> int:
    """Where a number begins with the plus or the bracket in front of it."""
    before = text[max(0, start - 2) : start]
    if before.endswith("+("):
        return start - 2
    if before.endswith("+") or (before.endswith("(") and ")" in text[start : start + 6]):
        return start - 1
    return start


def _longest(text: str, groups: list[_Group], first: int) -> tuple[int, str] | None:
    """The longest number that begins at a group: its last group, and its kind."""
    start = groups[first].start
    plus = text[max(0, start - 2) : start].rstrip("(").endswith("+")
    last = _furthest(groups, first, plus)
    digits = sum([len(group.digits) for group in groups[first:last]])
    if digits < 6:
        return None
    before = text[max(0, start - _LOOK_BACK) : start].lower()
    labels = _labels(before.rstrip("(").rstrip("+") if plus else before)
    while last > first and digits >= 6:
        part = groups[first:last]
        number = _Slice(
            "".join([group.digits for group in part]),
            tuple([len(group.digits) for group in part]),
            frozenset([group.separator for group in part[1:]]),
            plus,
            labels,
            text[part[-1].end : part[-1].end + _LOOK_AHEAD].lower(),
        )
        kind = _kind(number)
        if kind:
            return last - 1, kind
        last -= 1
        digits -= len(groups[last].digits)
    return None


def _furthest(groups: list[_Group], first: int, plus: bool) -> int:
    """How many groups may be one number: like separators, or no short groups, or those of an NPWP."""
    digits, last = len(groups[first].digits), first + 1
    even, long, taxed = True, True, digits == _NPWP[0]
    while last < len(groups):
        size, place = len(groups[last].digits), last - first
        digits += size
        even = even and groups[last].separator == groups[first + 1].separator
        long = long and size >= _SHORTEST[plus]
        taxed = taxed and place < len(_NPWP) and size == _NPWP[place]
        if digits > _LONGEST_LABELLED or not (even or long or taxed):
            break
        last += 1
    return last


def _labels(before: str) -> frozenset[str]:
    """What the words in front of a number say it is."""
    # Between numbers there are mostly no words, and there may be very many numbers.
    if not _LETTER.search(before):
        return frozenset()
    return frozenset(name for name, pattern in _LABELS.items() if pattern.search(before))


def _kind(number: _Slice) -> str | None:
    """What a number is, or None when it is nobody's."""
    mixed = not number.even and min(number.sizes[1:]) < _SHORTEST[number.plus] and number.sizes != _NPWP
    if mixed or number.digits.startswith(_FREE) or _is_money(number) or _is_years(number):
        return None
    for kind in (_identity, _phone, _account, _bare):
        found = kind(number)
        if found:
            return found
    return None


def _is_money(number: _Slice) -> bool:
    if "money" in number.labels or (not number.plus and _MONEY_AFTER.match(number.after)):
        return True
    # 1.500.000.000 is an amount; no identity number is written so, and a telephone number begins with 0.
    thousands = number.separators <= {"."} or number.separators <= {","}
    if len(number.sizes) > 1 and thousands and number.sizes[0] <= 3 and set(number.sizes[1:]) == {3}:
        return not number.digits.startswith("0") and "phone" not in number.labels
    return number.digits.endswith("00000") and number.digits[0] != "0" and not number.plus


def _is_years(number: _Slice) -> bool:
    return (
        len(number.sizes) > 1
        and set(number.sizes) == {4}
        and all(number.digits[at : at + 2] in ("19", "20") for at in range(0, len(number.digits), 4))
    )


def _identity(number: _Slice) -> str | None:
    size = len(number.digits)
    if number.sizes == _NPWP:
        return "identity"
    if size == 16 and number.even and "identity" not in number.labels:
        if is_nik(number.digits) and (_alike(number.sizes) or max(number.sizes) >= 4):
            return "nik"
        if _alike(number.sizes) and "account" not in number.labels:
            return "identity"
    if not number.even or size < 8:
        return None
    if 14 <= size <= 18 and "nik" in number.labels and "identity" not in number.labels:
        return "nik"
    if size <= _LONGEST_LABELLED and "identity" in number.labels:
        return "identity"
    return None


def is_nik(digits: str) -> bool:
    """Whether sixteen digits can be a NIK.

    Six digits of a place, whose first two are a province's number (11 to 99), then the date of birth as
    DDMMYY, with 40 added to a woman's day, then a number from 0001
    (Peraturan Pemerintah 40/2019, article 37).
    """
    province, day, month = int(digits[:2]), int(digits[6:8]), int(digits[8:10])
    return 11 <= province <= 99 and 1 <= (day - 40 if day > 40 else day) <= 31 and 1 <= month <= 12


def _alike(sizes: tuple[int, ...]) -> bool:
    """Whether the groups are of one size, the last one at most that."""
    return len(sizes) == 1 or (len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0])


def _phone(number: _Slice) -> str | None:
    digits, size = number.digits, len(number.digits)
    if not _is_dialled(number):
        return None
    labelled = "phone" in number.labels
    if number.plus:
        return "phone" if 8 <= size <= 15 else None
    if digits.startswith("0062"):
        return "phone" if 12 <= size <= 17 else None
    if digits.startswith("62"):
        return "phone" if 10 <= size <= 15 and (digits[2] in "28" or labelled) else None
    if digits.startswith("08"):
        return "phone" if (8 if labelled else 9) <= size <= 14 else None
    if digits[0] == "0" and digits[1] in "234567":
        return "phone" if 9 <= size <= 12 and (labelled or "account" not in number.labels) else None
    if digits[0] == "8" and digits[1] != "0" and (labelled or len(number.sizes) == 1):
        return "phone" if 9 <= size <= 12 and (labelled or size >= 10) else None
    # Seven digits or so behind "telp" are somebody's line, unless they begin as service numbers do.
    return "phone" if labelled and 6 <= size <= 9 and digits[0] in "2345678" and not _dated(number) else None


def _is_dialled(number: _Slice) -> bool:
    """Whether the groups look like those of a telephone number, not like a number and another one."""
    sizes = number.sizes
    if len(sizes) == 1:
        return True
    if "," in "".join(number.separators) and not number.even:
        return False
    if min(sizes[1:]) >= _SHORTEST[number.plus]:
        return len(sizes) <= 5
    return number.even and (max(sizes[1:]) == min(sizes[1:]) or max(sizes[1:]) <= 2)


def _dated(number: _Slice) -> bool:
    """Whether it may be a date: 12-03-2024, 20240312."""
    return number.sizes in ((2, 2, 4), (4, 2, 2), (1, 2, 4), (2, 1, 4)) or (
        number.sizes == (8,) and number.digits[:2] in ("19", "20")
    )


def _account(number: _Slice) -> str | None:
    size = len(number.digits)
    if 8 <= size <= 18 and number.even and not _dated(number) and "account" in number.labels:
        return "account"
    return None


def _bare(number: _Slice) -> str | None:
    """A long number that nothing explains is somebody's all the same."""
    size, single = len(number.digits), len(number.sizes) == 1
    if single and size >= 13:
        return "identity"
    if single and size >= 10 and "attached" not in number.labels:
        return "account"
    dashed = number.separators == {"-"} and min(number.sizes) >= 2 and max(number.sizes) >= 3
    if 10 <= size <= 16 and (dashed or (number.even and number.sizes[:-1] == (4,) * (len(number.sizes) - 1))):
        return "account" if size < 13 else "identity"
    return None
