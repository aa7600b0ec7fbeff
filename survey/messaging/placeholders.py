"""Texts of a provider's configuration with gaps in them: ``{phone}``, ``{text}``, ``{secret.TOKEN}``.

They are checked when the configuration is read, so that a mistyped gap is found by the operator and not by
a citizen. What holds a secret never shows its content when it is printed.
"""

from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any, Literal, NamedTuple

KNOWN = ("phone", "digits", "national", "text", "sender", "ref", "report_url")
"""What a message gives: its number as E.164, without the plus, and as dialled within the country; its text;
the sender; our reference; the address its delivery reports go to. ``{{`` and ``}}`` are braces."""
_SECRET = "secret."  # noqa: S105 - the word before a secret's name, not a secret
Kind = Literal["literal", "value", "secret"]


class Piece(NamedTuple):
    """A literal, the name of a value, or a secret itself."""

    kind: Kind
    text: str


# These are no dataclasses, which msgspec would read itself instead of having them read by what stands below.
class Template:
    """A text with gaps."""

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self.pieces = pieces

    def __repr__(self) -> str:
        return "Template(…)"

    @property
    def names(self) -> set[str]:
        """The values it needs."""
        return {piece.text for piece in self.pieces if piece.kind == "value"}

    def fill(self, values: Mapping[str, str], escape: Callable[[str], str] | None = None) -> str:
        """The text with its gaps filled; what is filled in is escaped, what was written is not."""
        filled = []
        for kind, text in self.pieces:
            known = values[text] if kind == "value" else text
            filled.append(known if escape is None or kind == "literal" else escape(known))
        return "".join(filled)


class Secret:
    """A value that is never printed; it comes from the configuration or from a file it names."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Secret(…)"


class Params:
    """The parameters of a request: flat for queries and forms, of any shape for JSON."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self.tree = tree

    def __repr__(self) -> str:
        return f"Params({', '.join(self.tree)})"

    @property
    def flat(self) -> bool:
        """Whether every parameter is a plain text."""
        return all(isinstance(value, Template) for value in self.tree.values())

    @property
    def names(self) -> set[str]:
        """The values it needs."""
        return _names(self.tree)

    def fill(self, values: Mapping[str, str]) -> dict[str, Any]:
        """The parameters with every gap filled."""
        return {name: _fill(node, values) for name, node in self.tree.items()}


def read_template(text: object, secrets: Mapping[str, str]) -> Template:
    """Read a text with gaps.

    Raises:
        ValueError: not a text, a gap nobody knows, or a secret that is not given.
    """
    if not isinstance(text, str):
        raise ValueError("must be a text")
    pieces: list[Piece] = []
    for literal, name, form, conversion in Formatter().parse(text):
        if literal:
            pieces.append(Piece("literal", literal))
        if name is None:
            continue
        if form or conversion:
            raise ValueError("a gap has only a name; write {{ for a brace")
        pieces.append(_gap(name, secrets))
    return Template(tuple(pieces))


def _gap(name: str, secrets: Mapping[str, str]) -> Piece:
    if name.startswith(_SECRET):
        wanted = name.removeprefix(_SECRET)
        if not secrets.get(wanted):
            raise ValueError(f"the secret {wanted} is not given; put it under secrets or secret_files")
        return Piece("secret", secrets[wanted])
    if name not in KNOWN:
        known = ", ".join(f"{{{known}}}" for known in KNOWN)
        raise ValueError(f"unknown gap {{{name}}}; there are {known} and {{secret.NAME}}")
    return Piece("value", name)


def read_secret(text: object, secrets: Mapping[str, str]) -> Secret:
    """Read a value that is secret, written out or as ``{secret.NAME}``.

    Raises:
        ValueError: it is empty or needs a value of a message.
    """
    template = read_template(text, secrets)
    if template.names:
        raise ValueError("may hold only {secret.NAME}")
    value = template.fill({})
    if not value:
        raise ValueError("is empty")
    return Secret(value)


def read_params(table: object, secrets: Mapping[str, str]) -> Params:
    """Read parameters: texts with gaps, numbers and truth values, lists and tables of these.

    Raises:
        ValueError: a text in it cannot be read.
    """
    if not isinstance(table, Mapping):
        raise ValueError("must be a table")
    return Params({str(name): _read(node, secrets, str(name)) for name, node in table.items()})


def _read(node: object, secrets: Mapping[str, str], where: str) -> Any:
    if isinstance(node, Mapping):
        return {str(name): _read(value, secrets, f"{where}.{name}") for name, value in node.items()}
    if isinstance(node, list):
        return [_read(value, secrets, f"{where}.{index}") for index, value in enumerate(node)]
    if isinstance(node, bool | int | float):
        return node
    try:
        return read_template(node, secrets)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _names(node: Any) -> set[str]:
    if isinstance(node, Template):
        return node.names
    children = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    return {name for child in children for name in _names(child)}


def _fill(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, Template):
        return node.fill(values)
    if isinstance(node, Mapping):
        return {name: _fill(value, values) for name, value in node.items()}
    if isinstance(node, list):
        return [_fill(value, values) for value in node]
    return node
