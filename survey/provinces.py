"""Indonesia's provinces: their names, their codes and the zone their clocks follow. Pure.

The zones are those of Keputusan Presiden 41/1987; a province founded since keeps the zone of the one it came
from. Names and numbers are those of Keputusan Menteri Dalam Negeri 100.1.1-6117/2022, the letters those of
ISO 3166-2:ID.
"""

import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

Zone = Literal["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]
WIB: Zone = "Asia/Jakarta"
WITA: Zone = "Asia/Makassar"
WIT: Zone = "Asia/Jayapura"


class Province(NamedTuple):
    """A province: its Indonesian name, its ISO 3166-2 code, its ministry's number, and its IANA zone.

    ``also`` are other names it is written under.
    """

    name: str
    iso: str
    number: int
    zone: Zone
    also: tuple[str, ...] = ()


PROVINCES = (
    Province("Aceh", "ID-AC", 11, WIB, ("DI Aceh", "Nanggroe Aceh Darussalam", "NAD")),
    Province("Sumatera Utara", "ID-SU", 12, WIB, ("Sumut",)),
    Province("Sumatera Barat", "ID-SB", 13, WIB, ("Sumbar",)),
    Province("Riau", "ID-RI", 14, WIB),
    Province("Jambi", "ID-JA", 15, WIB),
    Province("Sumatera Selatan", "ID-SS", 16, WIB, ("Sumsel",)),
    Province("Bengkulu", "ID-BE", 17, WIB),
    Province("Lampung", "ID-LA", 18, WIB),
    Province("Kepulauan Bangka Belitung", "ID-BB", 19, WIB, ("Bangka Belitung", "Babel")),
    Province("Kepulauan Riau", "ID-KR", 21, WIB, ("Kepri",)),
    Province(
        "DKI Jakarta",
        "ID-JK",
        31,
        WIB,
        ("Jakarta", "DKJ", "Daerah Khusus Jakarta", "Jakarta Raya", "DKJ Jakarta"),
    ),
    Province("Jawa Barat", "ID-JB", 32, WIB, ("Jabar",)),
    Province("Jawa Tengah", "ID-JT", 33, WIB, ("Jateng",)),
    Province("DI Yogyakarta", "ID-YO", 34, WIB, ("Yogyakarta", "DIY", "DI Jogjakarta", "Jogja")),
    Province("Jawa Timur", "ID-JI", 35, WIB, ("Jatim",)),
    Province("Banten", "ID-BT", 36, WIB),
    Province("Bali", "ID-BA", 51, WITA),
    Province("Nusa Tenggara Barat", "ID-NB", 52, WITA, ("NTB",)),
    Province("Nusa Tenggara Timur", "ID-NT", 53, WITA, ("NTT",)),
    Province("Kalimantan Barat", "ID-KB", 61, WIB, ("Kalbar",)),
    Province("Kalimantan Tengah", "ID-KT", 62, WIB, ("Kalteng",)),
    Province("Kalimantan Selatan", "ID-KS", 63, WITA, ("Kalsel",)),
    Province("Kalimantan Timur", "ID-KI", 64, WITA, ("Kaltim",)),
    Province("Kalimantan Utara", "ID-KU", 65, WITA, ("Kaltara",)),
    Province("Sulawesi Utara", "ID-SA", 71, WITA, ("Sulut",)),
    Province("Sulawesi Tengah", "ID-ST", 72, WITA, ("Sulteng",)),
    Province("Sulawesi Selatan", "ID-SN", 73, WITA, ("Sulsel",)),
    Province("Sulawesi Tenggara", "ID-SG", 74, WITA, ("Sultra",)),
    Province("Gorontalo", "ID-GO", 75, WITA),
    Province("Sulawesi Barat", "ID-SR", 76, WITA, ("Sulbar",)),
    Province("Maluku", "ID-MA", 81, WIT),
    Province("Maluku Utara", "ID-MU", 82, WIT, ("Malut",)),
    Province("Papua", "ID-PA", 91, WIT),
    Province("Papua Barat", "ID-PB", 92, WIT),
    Province("Papua Selatan", "ID-PS", 93, WIT),
    Province("Papua Tengah", "ID-PT", 94, WIT),
    Province("Papua Pegunungan", "ID-PE", 95, WIT),
    Province("Papua Barat Daya", "ID-PD", 96, WIT),
)
# How the beginning of a name is written elsewhere, and how it is written here.
_BEGINNINGS = (("daerahistimewa", "di"), ("daerahkhususibukota", "dki"), ("kep", "kepulauan"))
_OTHER_ZONES: dict[str, Zone] = {"Asia/Pontianak": WIB, "Asia/Ujung_Pandang": WITA}
_WORDS_BEFORE = ("provinsi", "propinsi", "prov")


def province_of(text: str) -> Province | None:
    """The province a name, an ISO code (``ID-PT`` or ``PT``) or a number means; None when it means none.

    Upper and lower case, spaces, dots, the word Provinsi before it, and DI, DKI or Kep. written out or
    shortened make no difference.
    """
    known, word = _known(), _plain(text[:80])
    return known.get(word) or known.get(_as_here(word))


def zone_of(province: str) -> str | None:
    """The IANA zone of a province by its name or code; None when there is no such province."""
    found = province_of(province)
    return found.zone if found else None


def agrees(province: Province, timezone: str) -> bool:
    """Whether an IANA zone is that of a province, under this or another of its names."""
    return _OTHER_ZONES.get(timezone, timezone) == province.zone


def _plain(text: str) -> str:
    composed = unicodedata.normalize("NFKC", text).casefold()
    word = "".join(letter for letter in composed if letter.isalnum())
    for before in _WORDS_BEFORE:
        if word.startswith(before):
            return word.removeprefix(before)
    return word


def _as_here(word: str) -> str:
    for elsewhere, here in _BEGINNINGS:
        if word.startswith(elsewhere):
            return here + word.removeprefix(elsewhere)
    return word


@lru_cache(maxsize=1)
def _known() -> dict[str, Province]:
    known: dict[str, Province] = {}
    for province in PROVINCES:
        names = (province.name, *province.also, province.iso, province.iso[3:], str(province.number))
        for name in names:
            known[_plain(name)] = province
    return known
