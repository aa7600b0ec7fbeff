"""Names of people: what follows a title, a role or "bernama" and is no ordinary word."""

import re
from typing import NamedTuple

from analysis.masking.folding import Span, words
from analysis.masking.ordinary import Wordbook
from analysis.masking.vocabulary import Title, Vocabulary

_WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_GAP = re.compile(r"[ \t]{1,3}")
_AFTER_ABBREVIATION = re.compile(r"(?:[ \t]{1,3}|\.[ \t]{0,2})")
_AFTER_INTRODUCTION = re.compile(r"[ \t]{0,2}[:=.]?[ \t]{0,2}|[ \t]{1,3}|[ \t]?\([ \t]?")
_AFTER_OPENING = re.compile(r"[ \t]?[,:]?[ \t\n]{1,3}")
_BETWEEN_TITLES = re.compile(r"[ \t]{0,2}[./]?[ \t]{0,2}")
_INITIAL_GAP = re.compile(r"\.?[ \t]{0,2}")
_INSIDE_PHRASE = re.compile(r"[ \t]{1,2}|\.[ \t]?|/")
_MOST_WORDS, _MOST_TITLES, _LONGEST_WORD = 4, 4, 24
_SHORTENED = words("m moh moch muh muhd mhd abd st sy tgk tb rr h hj")
_JOINING = words("bin binti bt al el van de")
# In front of these a name belongs to a thing: Jalan Dewi Sartika, RSUD Dr. Sutomo.
_NAMED_AFTER = words(
    "jl jln jalan gang gg rs rsud rsup rsu rsia klinik puskesmas sd sdn smp smpn sma sman smk smkn "
    "universitas univ masjid gereja gedung bandara stasiun terminal pasar toko warung pt cv ud apotek "
    "taman museum stadion pelabuhan waduk jembatan hotel aula"
)


class Token(NamedTuple):
    """A word of the text."""

    start: int
    end: int
    lower: str
    capital: bool
    shouted: bool


class NameFinder:
    """Finds names with the words it is given."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._titles = vocabulary.titles
        self._first_of_phrase = {phrase.split()[0] for phrase in vocabulary.titles if " " in phrase}
        self._signs = self._first_of_phrase | {
            word for word, title in vocabulary.titles.items() if title.kind != "opening"
        }
        self._book = Wordbook(vocabulary)

    def find(self, text: str, said: frozenset[str]) -> list[Span]:
        """The names in a folded text, in order and apart."""
        if said.isdisjoint(self._signs) and not self._book.has_names(said):
            return []
        tokens = _tokens(text)
        spans: list[Span] = []
        at = 0
        while at < len(tokens):
            end = self._name_at(text, tokens, at)
            if end is None:
                at += 1
                continue
            start, at = end
            spans.append(Span(tokens[start].start, tokens[at - 1].end, "name"))
        return spans

    def _name_at(self, text: str, tokens: list[Token], at: int) -> tuple[int, int] | None:
        """The first word of a name and the one after its last, when a name begins or is announced here."""
        title, after = self._title(text, tokens, at)
        if title is None:
            return self._two_names(text, tokens, at)
        if _named_after(tokens, at):
            return None
        kind, last = title.kind, title
        for _ in range(_MOST_TITLES):
            further, beyond = self._title(text, tokens, after)
            if further is None or further.kind == "opening" or not _gap(_BETWEEN_TITLES, text, tokens, after):
                break
            # The surest counts, "pak" of "pak haji"; an office makes a name less sure: "pak polisi galak".
            kind = "role" if "role" in (kind, further.kind) else max(kind, further.kind, key=_SURENESS.index)
            last, after = further, beyond
        if after >= len(tokens) or not _gap(_gap_after(last), text, tokens, after):
            return None
        end = self._end(text, tokens, after, kind)
        return None if end is None else (after, end)

    def _title(self, text: str, tokens: list[Token], at: int) -> tuple[Title | None, int]:
        """What announces a name at a word, and the word behind it."""
        if at >= len(tokens):
            return None, at
        word = tokens[at].lower
        if word in self._first_of_phrase:
            for count in (3, 2):
                last = at + count
                if last <= len(tokens) and all(
                    _gap(_INSIDE_PHRASE, text, tokens, place) for place in range(at + 1, last)
                ):
                    found = self._titles.get(" ".join(token.lower for token in tokens[at:last]))
                    if found:
                        return found, last
        title = self._titles.get(word)
        if title and title.kind == "short" and not text.startswith(".", tokens[at].end):
            title = None
        return title, at + 1

    def _end(self, text: str, tokens: list[Token], first: int, kind: str) -> int | None:
        """The word after the last of a name that may begin at a word; None when none begins."""
        start = first
        # Initials and short forms: M. Yusuf, A. Rahman, Moh Ali.
        while start < len(tokens) - 1 and start - first < 2 and _is_short(tokens[start]):
            if not _gap(_INITIAL_GAP, text, tokens, start + 1):
                break
            if not self._is_name(tokens[start + 1], kind):
                break
            start += 1
        if not self._is_name(tokens[start], kind):
            return None
        end = start + 1
        while end < len(tokens) and end - start < _MOST_WORDS and self._goes_on(text, tokens, end):
            end += 1
        if end == start + 1 and end < len(tokens) and self._has_second(text, tokens, start):
            end += 1
        return end

    def _has_second(self, text: str, tokens: list[Token], first: int) -> bool:
        """Whether an unknown word behind a well-known first name is the rest of it: bu susi pudjiastuti."""
        token, book = tokens[first + 1], self._book
        return (
            book.is_only_name(tokens[first].lower)
            and bool(_GAP.fullmatch(text, tokens[first].end, token.start))
            and 4 <= len(token.lower) <= _LONGEST_WORD
            and token.lower not in self._titles
            and not token.shouted
            and book.can_be_spoken(token.lower)
            and not book.is_ordinary(token.lower, token.capital)
        )

    def _goes_on(self, text: str, tokens: list[Token], at: int) -> bool:
        """Whether a further word belongs to a name."""
        token = tokens[at]
        shortened = _is_short(tokens[at - 1])
        if not _gap(_INITIAL_GAP if shortened else _GAP, text, tokens, at):
            return False
        if token.lower in _JOINING or (_is_short(token) and text[token.end : token.end + 1] == "."):
            return at + 1 < len(tokens) and self._goes_on_plainly(tokens[at + 1])
        return self._goes_on_plainly(token)

    def _goes_on_plainly(self, token: Token) -> bool:
        if token.lower in self._titles or len(token.lower) > _LONGEST_WORD:
            return False
        return self._book.is_known(token.lower, token.capital) or (
            not self._book.is_ordinary(token.lower, token.capital)
            and not token.shouted
            and (token.capital or self._book.looks_like_name(token.lower))
        )

    def _is_name(self, token: Token, kind: str) -> bool:
        lower, book = token.lower, self._book
        if kind == "opening":
            return token.capital and book.is_only_name(lower)
        if book.is_known(lower, token.capital):
            return True
        if len(lower) > _LONGEST_WORD or lower in self._titles or token.shouted:
            return False
        if book.is_ordinary(lower, token.capital):
            return False
        if token.capital:
            return len(lower) >= 2
        if kind in ("title", "introduction", "short"):
            return len(lower) >= 3 and book.can_be_spoken(lower)
        return book.looks_like_name(lower)

    def _two_names(self, text: str, tokens: list[Token], at: int) -> tuple[int, int] | None:
        """Two known names side by side, written as names, are a person without any title."""
        token, book = tokens[at], self._book
        if not token.capital or at + 1 >= len(tokens) or not book.is_known(token.lower, True):
            return None
        after = tokens[at + 1]
        if not after.capital or not book.is_known(after.lower, True) or not _gap(_GAP, text, tokens, at + 1):
            return None
        if not (book.is_only_name(token.lower) or book.is_only_name(after.lower)) or _named_after(tokens, at):
            return None
        end = at + 2
        while end < len(tokens) and end - at < _MOST_WORDS and tokens[end].capital:
            if not self._goes_on(text, tokens, end):
                break
            end += 1
        return at, end


# From what makes a name most likely to what makes it least.
_SURENESS = ("opening", "role", "rare", "short", "title", "introduction")


def _gap_after(title: Title) -> re.Pattern[str]:
    if title.kind in ("introduction", "short"):
        return _AFTER_INTRODUCTION
    if title.kind == "opening":
        return _AFTER_OPENING
    return _AFTER_ABBREVIATION if title.dotted else _GAP


def _gap(pattern: re.Pattern[str], text: str, tokens: list[Token], at: int) -> bool:
    """Whether only what a pattern allows stands before a word; a full stop glued to both is a slip."""
    if at >= len(tokens):
        return False
    start, end = tokens[at - 1].end, tokens[at].start
    return bool(pattern.fullmatch(text, start, end)) or text[start:end] == "."


def _named_after(tokens: list[Token], at: int) -> bool:
    return at > 0 and tokens[at - 1].lower in _NAMED_AFTER


def _is_short(token: Token) -> bool:
    return token.lower in _SHORTENED or (len(token.lower) == 1 and token.capital)


def _tokens(text: str) -> list[Token]:
    words = [(found.start(), found.end(), found[0]) for found in _WORD.finditer(text)]
    telling = _capitals_tell([word for _, _, word in words])
    return [
        Token(
            start,
            end,
            word.lower(),
            telling and word[0].isupper() and (len(word) == 1 or not word.isupper()),
            telling and len(word) > 1 and word.isupper(),
        )
        for start, end, word in words
    ]


def _capitals_tell(words: list[str]) -> bool:
    """Whether capitals tell names from other words: not where everything is written with them."""
    long = [word for word in words if len(word) > 3]
    if sum(map(str.isupper, words)) * 2 > len(words):
        return False
    return len(long) < 6 or sum(word[0].isupper() for word in long) * 10 < len(long) * 7
