"""How many SMS a text is, and how to make it fewer: the alphabets of SMS and the cutting of long texts.

The GSM 7 bit default alphabet and its extension table are those of 3GPP TS 23.038, 6.2.1; a text outside
them is sent as UCS-2, which today's telephones read as UTF-16. A message holds 160 septets or 70 UTF-16
units, each part of a longer one 153 or 67: six octets go to the header that joins them (3GPP TS 23.040,
9.2.3.24.1). The tables come from the package gsm0338.
"""

import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

from gsm0338 import Codec  # type: ignore[import-untyped]

Encoding = Literal["gsm7", "ucs2"]
WHOLE = {"gsm7": 160, "ucs2": 70}
"""Units in a message of one part: septets, or UTF-16 units."""
PART = {"gsm7": 153, "ucs2": 67}
"""Units in each part of a longer message."""

_ESCAPE = 0x1B
# What stands over, under or around the character before it.
_ACCENTS = ("Mn", "Me")


class Segmented(NamedTuple):
    """A text as it goes over the air: its encoding, its length in units of it, and its parts.

    ``units`` counts septets (an extended character has two) or UTF-16 units (an emoji mostly has two).
    """

    encoding: Encoding
    units: int
    parts: tuple[str, ...]

    @property
    def spare(self) -> int:
        """Units that the last part still has room for."""
        room = WHOLE if len(self.parts) == 1 else PART
        return room[self.encoding] - _units(self.parts[-1], self.encoding)


def _table(prefix: bytes) -> Iterator[str]:
    codec = Codec()
    for code in range(0x80):
        try:
            text, _ = codec.decode(prefix + bytes([code]))
        except UnicodeDecodeError:
            continue
        # Nothing for the escape alone, which is no character that a text may contain.
        if text:
            yield text


_BASIC = frozenset(_table(b""))
_EXTENDED = frozenset(_table(bytes([_ESCAPE])))
_GSM = _BASIC | _EXTENDED

_REMOVED = dict.fromkeys(
    [0xAD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]
)
# What Unicode itself does not decompose into something alike; for the rest see `_plain`.
_ALIKE = {
    **dict.fromkeys("`´′‘’‚‛‹›ʹʻʼʽˈꞌ", "'"),
    **dict.fromkeys("″“”„‟«»", '"'),
    **dict.fromkeys("‐‑‒–—―−•‣●◦▪", "-"),
    **dict.fromkeys("⁄∕", "/"),
    **dict.fromkeys("·∙⋅", "."),
    **dict.fromkeys("\v\f\x85\u2028\u2029\r", "\n"),
    **{"\t": " ", "…": "...", "×": "x", "≤": "<=", "≥": ">=", "→": "->", "←": "<-", "©": "(c)", "®": "(r)"},
    **{"œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ı": "i"},
    **{"ẞ": "ß", "þ": "th", "Þ": "Th", "ŋ": "ng", "Ŋ": "Ng", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T"},
}


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM alphabet or its extension table."""
    return _GSM.issuperset(text)


def segment(text: str) -> Segmented:
    """The parts a text is sent in; no part cuts an escape pair or a surrogate pair.

    Every text gives at least one part, and the parts joined give the text again.
    """
    encoding: Encoding = "gsm7" if is_gsm(text) else "ucs2"
    units = _units(text, encoding)
    if units <= WHOLE[encoding]:
        return Segmented(encoding, units, (text,))
    return Segmented(encoding, units, tuple(_cut(text, encoding)))


def _units(text: str, encoding: Encoding) -> int:
    if encoding == "gsm7":
        return len(text) + sum(map(text.count, _EXTENDED))
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(text: str, encoding: Encoding) -> Iterator[str]:
    begin = filled = 0
    for at, character in enumerate(text):
        width = 1 + (character in _EXTENDED if encoding == "gsm7" else character > "\uffff")
        if filled + width > PART[encoding]:
            yield text[begin:at]
            begin, filled = at, 0
        filled += width
    yield text[begin:]


def fold(text: str) -> str:
    """The text with what GSM cannot say replaced by what looks or reads alike, where there is such a thing.

    Typographic quotes, dashes, spaces and bullets become plain ones, accents and ligatures that the alphabet
    lacks become the letters beneath (é stays, ā becomes a), digits of any script and full-width characters
    become ASCII, line ends become a line feed; invisible and control characters go. The rest stays, for
    `not_gsm` to name. Folding twice is folding once.
    """
    if text.isascii() and text.isprintable() and "`" not in text:
        return text
    # Composed first: an e and its accent apart are one character that the alphabet may have.
    composed = unicodedata.normalize("NFC", text.translate(_REMOVED)).replace("\r\n", "\n")
    folded: list[str] = []
    for character in composed:
        plain = _plain(character)
        if unicodedata.category(character) in _ACCENTS and folded and is_gsm(folded[-1][-1:]):
            # An accent that no composed letter has; on letters of another script it is left alone.
            continue
        if plain:
            folded.append(plain)
    return "".join(folded)


def _plain(character: str) -> str:
    """What stands for one character: itself where nothing better is known, nothing for a control."""
    alike = _ALIKE.get(character)
    if alike is not None:
        return alike
    if character in _GSM:
        return character
    category = unicodedata.category(character)
    if category == "Cc":
        return ""
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(character))
    apart = unicodedata.normalize("NFKD", character)
    letters = "".join(
        _ALIKE.get(one, one) for one in apart if one in _GSM or unicodedata.category(one) not in _ACCENTS
    )
    return letters if letters and is_gsm(letters) else character


def not_gsm(text: str) -> list[str]:
    """Each character outside the GSM alphabet once, in order, as ``ꦲ U+A9B2 JAVANESE LETTER HA``."""
    strange = dict.fromkeys(character for character in text if character not in _GSM)
    return [_named(character) for character in strange]


def _named(character: str) -> str:
    name = unicodedata.name(character, "a character without a name")
    shown = f"{character} " if character.isprintable() else ""
    return f"{shown}U+{ord(character):04X} {name}"
