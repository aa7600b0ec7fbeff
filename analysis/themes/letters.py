"""Letters made comparable: "Ménta" and "menta" are one word to the rules."""

import unicodedata


def folded(word: str) -> str:
    """Small letters without accents, width variants made plain, one form of apostrophe."""
    word = word.lower()
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word.replace("’", "'"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter)).lower()
