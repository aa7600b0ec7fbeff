"""Telephone numbers: read from what people and systems write, and whether one may be written to.

A number that is kept or compared is E.164 (ITU-T E.164), `+6281234567890`. What can exist is known from the
national numbering plans in the package phonenumbers.
"""

import unicodedata
from collections.abc import Collection
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

# Below it are service numbers, which a country code in front would turn into somebody's.
_SHORTEST_WITHOUT_PLUS = 10
_TEXTABLE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)

Unreachable = Literal["landline", "foreign", "not_mobile"]


def read_phone(text: str, region: str) -> str | None:
    """A telephone number as E.164, or None when no such number can exist.

    Numbers of ``region`` (ISO 3166-1 alpha-2) may be written without their country code; a leading ``00``
    means ``+`` everywhere, also where calls abroad start otherwise. Digits of any script are read. Letters
    behind a digit are refused: on a dial 0812XXXXXXXX is the number of a stranger.
    """
    plain = _plain_number(text, region)
    if plain is not None:
        return text if phonenumbers.is_valid_number(plain) else None
    number = _parsed(text, region)
    return _e164(number) if number is not None and phonenumbers.is_valid_number(number) else None


def read_sender(text: str, region: str) -> str | None:
    """Who sent an SMS, as E.164, or None for a machine, which is never answered.

    Machines are short codes, names in letters, and every number that is not a mobile one. A number with its
    country code but without ``+``, as many providers give them, is read as one of ``region`` first.
    """
    digits = _decimal(text.strip())
    if any(character.isalpha() for character in digits):
        return None
    candidates = [digits]
    if digits.isdecimal() and digits[0] != "0" and len(digits) >= _SHORTEST_WITHOUT_PLUS:
        candidates.append("+" + digits)
    for candidate in candidates:
        phone = read_phone(candidate, region)
        if phone is not None and phonenumbers.number_type(phonenumbers.parse(phone)) in _TEXTABLE:
            return phone
    return None


def reachable(phone: str, countries: Collection[str]) -> Unreachable | None:
    """Why a number (E.164) must not be written to, or None when it may be.

    Args:
        phone: a number as `read_phone` gives it.
        countries: regions (ISO 3166-1 alpha-2) whose numbers may be written to; any other is foreign.
    """
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return "not_mobile"
    if phonenumbers.region_code_for_number(number) not in countries:
        return "foreign"
    kind = phonenumbers.number_type(number)
    if kind in _TEXTABLE:
        return None
    return "landline" if kind == PhoneNumberType.FIXED_LINE else "not_mobile"


def _parsed(text: str, region: str) -> PhoneNumber | None:
    written = _decimal(text.strip())
    if _letters_behind_digits(written):
        return None
    digits = "".join(character for character in written if character.isdecimal())
    # Indonesia's own prefixes for calls abroad are 00 and one digit more, so the library would read on.
    if digits.startswith("00") and "+" not in written:
        written = "+" + digits[2:]
    try:
        return phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None


def _decimal(text: str) -> str:
    """The text with digits of any script, full-width ones too, as ASCII."""
    if text.isascii():
        return text
    return "".join(
        character if (digit := unicodedata.decimal(character, None)) is None else str(digit)
        for character in text
    ).replace("＋", "+")


def _letters_behind_digits(text: str) -> bool:
    begun = False
    for character in text:
        begun = begun or character.isdecimal()
        if begun and character.isalpha():
            return True
    return False


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _plain_number(text: str, region: str) -> PhoneNumber | None:
    """A number of the region that is written as E.164 already: nothing to guess, a third of the time."""
    country = phonenumbers.country_code_for_region(region)
    national = text.removeprefix(f"+{country}")
    if national == text or not (national.isascii() and national.isdigit()) or national[0] == "0":
        return None
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    # Where another national prefix may stand in front, only the library can tell.
    if metadata is None or metadata.national_prefix_for_parsing != "0":
        return None
    return PhoneNumber(country_code=country, national_number=int(national))
