"""Vehicle plates and passport numbers: letters with digits."""

import re

from analysis.masking.folding import Span, apart, words

# Registration areas (Peraturan Kepolisian 7/2021).
_AREAS = (
    "AA AB AD AE AG A BA BB BD BE BG BH BK BL BM BN BP B DA DB DC DD DE DG DH DK DL DM DN DP DR DS DT "
    "DW D EA EB ED E F G H KB KH KT KU K L M N PA PB PG PS PT P R S T W Z"
)
_AREA = "(?:" + "|".join(_AREAS.split()) + ")"
_PLATE = re.compile(
    rf"(?<![^\W_])(?P<area>{_AREA})(?P<gap>[ .\-]{{0,2}})(?P<number>[1-9]\d{{0,3}})(?P<gap2>[ .\-]{{0,2}})"
    r"(?P<series>[A-Z]{1,3})(?![^\W_])",
    re.I,
)
_SHORT_PLATE = re.compile(rf"(?<![^\W_]){_AREA}[ .\-]{{0,2}}[1-9]\d{{2,3}}(?![^\W_])", re.I)
_LABEL = re.compile(
    r"\b(?:plat|pelat|nopol|no\.? ?pol|nomor polisi|nomer polisi|stnk|bpkb|kendaraan|mobil|motor|"
    r"angkot|bus|bis|truk|taksi|ambulans?|ambulance|avanza|innova|xenia|beat|vario|nmax|plate)(?:nya|ku)?\b[^.!?\n]{0,18}$",
    re.I,
)
_QUEUE = re.compile(
    r"\b(?:antri|antrian|antrean|ngantri|ngantre|loket|ruang|ruangan|gedung|blok|lantai|kelas|meja|tiket|pintu|gate|"
    r"counter|lulusan|jurusan|ijazah|formulir|form|pasal)(?: ?(?:no|nomor|nomer|urut)\.?)*[ :.]{0,2}$",
    re.I,
)
# Short words that stand behind a number and are no series.
_WORDS_BEHIND = words(
    "wib wit yg dan dgn utk tdk gak ga gk jd jam org dr di ke ya sdh udh blm tp dg itu ini ada rp rb jt "
    "thn bln hr km kg cm mm am pm to in is the for not and lg aja si kok tok wis sing lan pun atau bgt"
)
_PASSPORT = re.compile(r"(?<![^\W_])[A-Z]{1,2}[ \-]?\d{6,7}(?![^\W_])")
_PASSPORT_LABEL = re.compile(r"\b(?:paspor|passport|pasport)(?:nya)?\b.{0,20}$", re.I)
_LOWER_PASSPORT = re.compile(r"(?<![^\W_])[a-z]{1,2}[ \-]?\d{6,7}(?![^\W_])")
_DIGIT = re.compile(r"\d")
_LOOK_BACK = 40


def find_lettered(text: str, said: frozenset[str]) -> list[Span]:
    """Plates and passport numbers in a folded text, in order and apart."""
    if not _DIGIT.search(text):
        return []
    spans = [
        Span(*found.span(), "identity") for found in _PASSPORT.finditer(text) if _is_passport(text, found)
    ]
    spans += [
        Span(*found.span(), "identity")
        for found in _LOWER_PASSPORT.finditer(text)
        if _PASSPORT_LABEL.search(_before(text, found))
    ]
    spans += [Span(*found.span(), "plate") for found in _PLATE.finditer(text) if _is_plate(text, found)]
    spans += [
        Span(*found.span(), "plate")
        for found in _SHORT_PLATE.finditer(text)
        if _LABEL.search(_before(text, found)) and not _QUEUE.search(_before(text, found))
    ]
    return apart(spans)


def _before(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - _LOOK_BACK) : found.start()]


def _is_passport(text: str, found: re.Match[str]) -> bool:
    digits = sum(map(str.isdigit, found[0]))
    together = found[0].isalnum() and digits == 7 and found[0][0].isupper() and found[0][1].isdigit()
    return together or bool(_PASSPORT_LABEL.search(_before(text, found)))


def _is_plate(text: str, found: re.Match[str]) -> bool:
    before = _before(text, found)
    if _QUEUE.search(before):
        return False
    labelled = bool(_LABEL.search(before))
    series, digits = found["series"], found["number"]
    if series.lower() in _WORDS_BEHIND and not (labelled and series.isupper()):
        return False
    if labelled:
        return True
    # A bachelor's degree is an S1, a diploma a D3: without a word about a vehicle only three digits or more.
    if len(digits) < 3:
        return False
    if found["area"].isupper() and series.isupper():
        return True
    return len(digits) == 4 and len(series) >= 2 and not found["gap"] and not found["gap2"]
