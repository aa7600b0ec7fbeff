"""Finding single values in what a provider says, and deciding which of its words may be kept."""

import re
from collections.abc import Mapping
from typing import Any

DEEPEST = 8
# A word of a provider's that may be kept: nothing that could be a number, a name or a text of anybody.
WORD = re.compile(r"^(\d{1,6}|0x[0-9a-f]{1,8}|[A-Za-z][A-Za-z_/-]{0,31}\d{0,6})$")


def find(data: Any, path: str) -> Any:
    """What is at a path such as ``messages.0.status``, or at a name that is written like that; else None."""
    if isinstance(data, Mapping) and path in data:
        return data[path]
    for step in path.split(".", DEEPEST):
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isascii() and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def as_text(value: Any) -> str | None:
    """A plain value as text; None for nothing, lists and tables."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        # What JSON can hold and a database cannot: half of a surrogate pair, and the character zero.
        return str(value).encode("utf-8", "replace").decode().replace("\0", "")
    return None


def agree(data: Any, wanted: Mapping[str, re.Pattern[str]]) -> bool:
    """Whether the value at each path is as wanted."""
    found = ((as_text(find(data, path)), pattern) for path, pattern in wanted.items())
    return all(text is not None and pattern.fullmatch(text) is not None for text, pattern in found)


def as_word(text: str | None) -> str | None:
    """A provider's word when it is one that may be kept."""
    return text if text is not None and WORD.fullmatch(text) else None
