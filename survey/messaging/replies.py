"""Reads one SMS of a citizen: a command, answers, or why it is neither. Pure.

Nothing is guessed. A complete message is exactly as many answers as there are questions; what follows is the
remark. A run of digits is never cut, and what could be read in two ways is refused with the reason.
Opt-out words follow what CTIA's Messaging Principles (2019) name standard opt-outs, with Indonesia's own.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from survey.messaging.words import COMMANDS, LANGUAGE_NAMES, NUMBERS, OPT_OUT, OPT_OUT_FIRST

MOST_CHARACTERS = 2000
"""Of a longer text only this much is looked at."""
_OPT_OUT_WORDS = 4
_COMMAND_WORDS = 3
# A remark may begin with a number or a range ("2 jam", "2-3 jam"); more of them are answers too many.
_MOST_RUNS_BEFORE_WORDS = 2

TroubleKind = Literal[
    "nonsense", "too_few", "too_many", "out_of_scale", "numbered", "correction", "language", "receipt"
]


@dataclass(frozen=True, slots=True)
class Stop:
    """The number must not be written to any more, by anybody."""


@dataclass(frozen=True, slots=True)
class Start:
    """Begin, or go on, question by question; also the way back after an opt-out."""


@dataclass(frozen=True, slots=True)
class Info:
    """Who asks, and what becomes of the answer?"""


@dataclass(frozen=True, slots=True)
class Skip:
    """No answer to the question that is open."""


@dataclass(frozen=True, slots=True)
class Language:
    """Go on in another language."""

    code: str


@dataclass(frozen=True, slots=True)
class Correct:
    """Answer ``number`` (from 1) is to be ``value``."""

    number: int
    value: int


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase the answer with this receipt; the text is as it was written, not yet checked."""

    receipt: str


@dataclass(frozen=True, slots=True)
class Complete:
    """An answer to every question, in their order, and what was added in words."""

    values: tuple[int, ...]
    comment: str | None


@dataclass(frozen=True, slots=True)
class Single:
    """One answer, for whichever question is open, and what was added in words."""

    value: int
    comment: str | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Neither command nor answer, and why; ``missing`` is how many answers too few it has."""

    kind: TroubleKind
    missing: int = 0


Command = Stop | Start | Info | Skip | Language | Correct | Erase
Reply = Command | Complete | Single | Trouble

_WORD = re.compile(r"[^\W_]+")
# What may stand between answers. Not =, : and %, which make something else of a number.
_BETWEEN = re.compile(r"[\s,.;/|_+*#&()\[\]\"'~-]*")
_PAIR = re.compile(r"([0-9]{1,3})\s*[=:]\s*([0-9]{1,3})(?![0-9])")
_CORRECTION = re.compile(r"([0-9]{1,3})[\s=:.,/-]+([0-9]{1,3})")
# What people write in front of their answers, after the habit of other SMS services.
_PREFIX = re.compile(r"\W*(?:skm|jawab(?:an)?|mulai|start)(?:[\W_]+|(?=[0-9]))(?=\S)", re.IGNORECASE)
_NOT_A_COUNT = ("%", "‰", "°")
_KEYCAP = "\ufe0f\u20e3"


def read_reply(text: str, count: int, scale: int) -> Reply:
    """Read a message against a questionnaire of ``count`` questions with answers 1 to ``scale``.

    Never raises, whatever the text. Digits of any script are digits, and words for numbers in the four
    languages are numbers.
    """
    plain = _plain(text)
    command = _command(plain)
    if command is not None:
        return command
    begun = _PREFIX.match(plain)
    return _answers(plain[begun.end() :] if begun else plain, count, scale)


def read_command(text: str) -> Command | Trouble | None:
    """Read a message that can be no answer, since nothing is asked; a Trouble is a command gone wrong."""
    return _command(_plain(text))


def _plain(text: str) -> str:
    """The text with ASCII digits and without what cannot be seen, at most `MOST_CHARACTERS` of it."""
    return "".join(_shown(character) for character in text[:MOST_CHARACTERS]).strip()


def _shown(character: str) -> str:
    if (character.isascii() and character.isprintable()) or character == "\n":
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    # Of a keycap emoji only the digit in it is left.
    if category in ("Cf", "Cs") or character in _KEYCAP:
        return ""
    return " " if category in ("Cc", "Zs", "Zl", "Zp") else character


def words_of(text: str) -> list[str]:
    """The words of a text without case, accents of width and punctuation."""
    return _WORD.findall(unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold())


def _command(plain: str) -> Command | Trouble | None:
    words = words_of(plain)
    if not words:
        return None
    if (len(words) == 1 and words[0] in OPT_OUT) or (
        len(words) <= _OPT_OUT_WORDS and words[0] in OPT_OUT_FIRST
    ):
        return Stop()
    name = COMMANDS.get(words[0])
    if name is None:
        return Language(LANGUAGE_NAMES[words[0]]) if _names_a_language(words) else None
    return _named(name, words)


def _names_a_language(words: Sequence[str]) -> bool:
    # The two letters alone could mean anything; they count behind BAHASA.
    return len(words) == 1 and len(words[0]) > 2 and words[0] in LANGUAGE_NAMES


def _named(name: str, words: Sequence[str]) -> Command | Trouble | None:
    if name == "correct":
        return _correction(words)
    if name == "language":
        code = LANGUAGE_NAMES.get(words[1]) if len(words) == 2 else None
        return Language(code) if code else Trouble("language")
    if name == "erase":
        return Erase("".join(words[1:])) if len(words) > 1 else Trouble("receipt")
    if name == "skip":
        return Skip() if len(words) == 1 else None
    # "MULAI 434443444" is answers, with a word in front.
    if len(words) > _COMMAND_WORDS or any(word.isdecimal() for word in words):
        return None
    return Start() if name == "start" else Info()


def _correction(words: Sequence[str]) -> Correct | Trouble:
    said = " ".join(NUMBERS.get(word, word) for word in words[1:])
    found = _CORRECTION.fullmatch(said)
    # UBAH 32 could be 3=2 and could be a slip: it is asked again, not cut.
    return Correct(int(found[1]), int(found[2])) if found else Trouble("correction")


def _answers(text: str, count: int, scale: int) -> Complete | Single | Trouble:
    numbered = _PAIR.match(text) is not None
    values, rest = _read_pairs(text) if numbered else _read_values(text, count, scale)
    if values is None:
        return Trouble("numbered")
    trouble = _trouble(values, rest, count, scale)
    if trouble is not None:
        return trouble
    if len(values) == count:
        return Complete(tuple(values), _remark(rest))
    if len(values) == 1 and not numbered:
        return Single(values[0], _remark(rest))
    return Trouble("too_few", count - len(values))


def _trouble(values: Sequence[int], rest: str, count: int, scale: int) -> Trouble | None:
    if not values:
        return Trouble("nonsense")
    if len(values) > count or (len(values) == count and _goes_on(rest, count, scale)):
        return Trouble("too_many")
    if not all(1 <= value <= scale for value in values):
        return Trouble("out_of_scale")
    if len(values) == count and _may_be_numbered(values):
        return Trouble("numbered")
    return None


def _may_be_numbered(values: Sequence[int]) -> bool:
    """Whether answers could be half as many with their numbers: "1 4, 2 3, 3 4 …"."""
    half = len(values) // 2
    return len(values) == 2 * half > 2 and list(values[::2]) == list(range(1, half + 1))


def _read_pairs(text: str) -> tuple[list[int] | None, str]:
    """Answers written with their numbers (``1=4 2=3``), and the rest; None when they are not 1, 2, 3…"""
    values: list[int] = []
    at = 0
    while found := _PAIR.match(text, at):
        if int(found[1]) != len(values) + 1:
            return None, ""
        values.append(int(found[2]))
        at = _end_of(_BETWEEN, text, found.end())
    return values, text[at:]


def _read_values(text: str, most: int, scale: int) -> tuple[list[int], str]:
    """Answers from the beginning of a text, until there are ``most`` or something else comes; and the rest.

    More than ``most`` come back when a run of digits goes beyond it.
    """
    values: list[int] = []
    at = 0
    while len(values) < most:
        run, end = _run(text, _end_of(_BETWEEN, text, at), scale, 0 if values else most)
        if not run:
            break
        values += run
        at = end
    return values, text[at:]


def _run(text: str, begin: int, scale: int, whole: int) -> tuple[list[int], int]:
    """The answers in the word at ``begin``, and where they end; none when it is no answer.

    ``whole`` is how many digits may have letters right behind them, since they can only be all answers.
    """
    found = _WORD.match(text, begin)
    if found is None:
        return [], begin
    word = found[0]
    if word.casefold() in NUMBERS:
        return [int(NUMBERS[word.casefold()])], found.end()
    length = len(word) - len(word.lstrip("0123456789"))
    end = begin + length
    # "2jam" and "100%" are remarks; "434443444bagus" is all answers and a remark.
    if not length or text.startswith(_NOT_A_COUNT, end) or (length < len(word) and not 1 < length == whole):
        return [], begin
    if scale > 9:  # answers of two digits: they must stand apart
        return [int(word[: min(length, 4)])], end
    return [int(digit) for digit in word[:length]], end


def _goes_on(rest: str, count: int, scale: int) -> bool:
    """Whether what follows the answers is more answers rather than a remark."""
    begin, runs = _end_of(_BETWEEN, rest, 0), 0
    if _PAIR.match(rest, begin):
        return True
    while (end := _run(rest, begin, scale, 0)[1]) > begin:
        begin, runs = _end_of(_BETWEEN, rest, end), runs + 1
    if runs and (runs > _MOST_RUNS_BEFORE_WORDS or not any(map(str.isalpha, rest[begin:]))):
        return True
    # A second answer behind the remark of the first belongs to somebody else.
    return any(_is_whole(rest[found.start() :], count, scale) for found in _WORD.finditer(rest))


def _is_whole(text: str, count: int, scale: int) -> bool:
    values, _ = _read_values(text, count, scale)
    return len(values) == count > 1 and all(1 <= value <= scale for value in values)


def _remark(rest: str) -> str | None:
    begin = _end_of(_BETWEEN, rest, 0)
    opening = "([\"'"
    while begin and rest[begin - 1] in opening:
        begin -= 1
    return rest[begin:].strip() or None


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
