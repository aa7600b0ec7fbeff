"""The words that citizens steer with, and their words for numbers, in the four languages; without case."""

from collections.abc import Mapping

OPT_OUT = frozenset(
    {"stop", "berhenti", "unreg", "keluar", "henti", "unsubscribe", "berenti", "stopall"}
    | {"mandheg", "mandeg", "eureun"}
)
"""Words that opt out as a whole message, in Javanese and Sundanese too.

Not END, QUIT, TIDAK or BATAL: they are ordinary answers.
"""
OPT_OUT_FIRST = frozenset({"stop", "berhenti", "unreg"})
"""Words that also opt out at the beginning of a short message."""

COMMANDS: Mapping[str, str] = {
    **dict.fromkeys(("mulai", "start", "unstop", "miwiti", "mimiti", "ngamimitian", "lanjut"), "start"),
    **dict.fromkeys(("info", "bantuan", "help", "bantu"), "info"),
    **dict.fromkeys(("lewati", "skip", "liwati", "liwat"), "skip"),
    **dict.fromkeys(("ubah", "ganti", "change", "owahi", "robah"), "correct"),
    **dict.fromkeys(("bahasa", "basa", "language"), "language"),
    **dict.fromkeys(("hapus", "erase", "busak"), "erase"),
}

LANGUAGE_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("id", "indonesia", "indonesian"), "id"),
    **dict.fromkeys(("en", "inggris", "english"), "en"),
    **dict.fromkeys(("jv", "jawa", "javanese"), "jv"),
    **dict.fromkeys(("su", "sunda", "sundanese"), "su"),
}

# Javanese in its familiar (ngoko) and its polite (krama) words.
_WORDS: Mapping[int, str] = {
    0: "nol kosong zero",
    1: "satu one siji setunggal hiji",
    2: "dua two loro kalih",
    3: "tiga three telu tilu",
    4: "empat four papat sekawan opat",
    5: "lima five gangsal",
    6: "enam six enem nem genep",
    7: "tujuh seven pitu",
    8: "delapan eight wolu dalapan",
    9: "sembilan nine sanga sangang salapan",
    10: "sepuluh ten sedasa",
}
NUMBERS: Mapping[str, str] = {word: str(value) for value, said in _WORDS.items() for word in said.split()}
