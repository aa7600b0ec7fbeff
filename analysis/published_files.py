"""Read a file that holds a published table: what it is, how large it may be, how it is encoded."""

from typing import Literal

from analysis.errors import Malformed
from analysis.published import PublishedTable
from analysis.published_csv import read_csv_table
from analysis.published_json import read_json_table
from analysis.published_words import Order

Form = Literal["csv", "json"]

MOST_BYTES = 2 * 1024 * 1024
"""A larger file is no published table: the answers of fifty thousand respondents take half of it."""


def read_published(data: bytes, form: Form, order: Order | None = None) -> PublishedTable:
    """A published table from a file's content, UTF-8 with or without a byte order mark.

    Args:
        data: the content of the file.
        form: ``csv`` (columns separated by comma, semicolon or tab) or ``json``.
        order: what the elements U8 and U9 are; what the file itself says gives way to it. Without any they
            keep their numbers, which changes nothing in the index.

    Raises:
        Refused: it is too large, no text, or no such table; the message says where.
    """
    if len(data) > MOST_BYTES:
        raise Malformed(f"the file is larger than {MOST_BYTES // 1024} KiB; it is no published table")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(f"line {line}: not UTF-8 text; save the table as CSV UTF-8") from None
    if "\0" in text:
        raise Malformed(
            f"line {text.count(chr(10), 0, text.index(chr(0))) + 1}: not text but a NUL character"
        )
    return read_csv_table(text, order) if form == "csv" else read_json_table(text, order)
