"""The secrets people carry: the code in a link and the receipt of an answer. Pure.

A code has twelve characters from an alphabet of 25 without look-alikes: eleven that carry
log2(25^11) = 51.1 bits and one check character. The check is a weighted sum modulo 25 with weights
1, 2, 4, 1, 2, 4, …; because every weight, and every difference of two weights up to two places
apart, is coprime to 25, it catches every single mistyped character, every swap of neighbours and
every swap across one character, without asking the database.

A link's code is a keyed function of the transaction's random id (BLAKE2b, RFC 7693): it need not be
stored to be given again, and only its keyed digest is kept.
"""

import hashlib
import os
import secrets

ALPHABET = "23456789ACDEFHJKMNPRTVWXY"
BASE = len(ALPHABET)
DATA_LENGTH = 11
LENGTH = DATA_LENGTH + 1
DIGEST_BYTES = 16
_SPACE = BASE**DATA_LENGTH
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = (1, 2, 4) * 4
# Two characters at a time, with what each pair adds to the check at its place: a link is made for every
# transaction of a country.
_PAIRS = [ALPHABET[pair % BASE] + ALPHABET[pair // BASE] for pair in range(BASE * BASE)]
_PAIR_SUMS = [
    [_WEIGHTS[at] * (pair % BASE) + _WEIGHTS[at + 1] * (pair // BASE) for pair in range(BASE * BASE)]
    for at in range(0, DATA_LENGTH - 1, 2)
]
_CHECK_INVERSE = pow(_WEIGHTS[DATA_LENGTH], -1, BASE)
# A person who reads S means 5: the look-alike that is not in the alphabet stands for the one that is.
_READ_AS = str.maketrans("BGSUZ", "865V2", " -\t.")


def encode(number: int) -> str:
    """Write a number as a code of twelve characters with its check character.

    Args:
        number: any non-negative integer; taken modulo 25^11.
    """
    number %= _SPACE
    text, total = "", 0
    for weighted in _PAIR_SUMS:
        number, pair = divmod(number, BASE * BASE)
        text += _PAIRS[pair]
        total += weighted[pair]
    total += _WEIGHTS[DATA_LENGTH - 1] * number
    return text + ALPHABET[number] + ALPHABET[-total * _CHECK_INVERSE % BASE]


def read(text: str) -> str | None:
    """The code a person meant, or None when it cannot be one.

    Lower case, spaces, dots and dashes are forgiven, and B, G, S, U, Z are read as 8, 6, 5, V, 2.
    """
    code = text if len(text) == LENGTH and _is_code(text) else text[:64].upper().translate(_READ_AS)
    return code if len(code) == LENGTH and _is_code(code) else None


def _is_code(code: str) -> bool:
    try:
        return sum(weight * _VALUE[letter] for weight, letter in zip(_WEIGHTS, code, strict=True)) % BASE == 0
    except KeyError:
        return False


def link_code(key: bytes, transaction_id: int) -> str:
    """The code of a transaction's link: a keyed function of its random 63-bit id."""
    drawn = hashlib.blake2b(transaction_id.to_bytes(8, "big"), key=key, digest_size=16).digest()
    return encode(int.from_bytes(drawn, "big"))


def digest(key: bytes, code: str) -> bytes:
    """The keyed digest (16 bytes) under which a link's code is stored."""
    return hashlib.blake2b(code.encode(), key=key, digest_size=DIGEST_BYTES).digest()


def draw_receipt() -> str:
    """A fresh receipt code from the system's randomness."""
    return encode(secrets.randbelow(_SPACE))


def draw_id() -> int:
    """A fresh random id of 63 bits: says nothing about when its row was made."""
    return int.from_bytes(os.urandom(8), "big") >> 1
