"""One word of a comment looked up: slang, clitics, affixes, doubled words and drawn-out letters.

Indonesian joins so much to a word ("cepatnya", "dipermudahkan", "lama-lama", "lamaaaa") that a table of forms
would never be complete, and a stemmer with a dictionary of roots is slow and larger than all the rest. Here a
word that is in no table is taken apart lightly, and only what leaves a word of the tables counts.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from analysis.sentiment.lexicon import Data, Modifier

LONGEST_WORD = 40
"""Letters of a word that are looked at."""
MOST_KEPT = 50_000
"""Words that one cache keeps, so that a flood of invented ones cannot fill the memory."""

VALUE, NEGATOR, INTENSIFIER, BOOSTER, LACKING, EXCESS, WISH, CONTRAST = range(8)
ABILITY, SARCASM, LINK, WAIT, UNIT, PAST, NUMBER, STOP, COMMA, ONLY = range(8, 18)

_OPS = {
    "negator": NEGATOR,
    "intensifier": INTENSIFIER,
    "diminisher": INTENSIFIER,
    "booster": BOOSTER,
    "lacking": LACKING,
    "excess": EXCESS,
    "wish": WISH,
    "contrast": CONTRAST,
    "ability": ABILITY,
    "sarcasm": SARCASM,
    "link": LINK,
    "wait": WAIT,
    "unit": UNIT,
    "number": NUMBER,
    "past": PAST,
    "only": ONLY,
}
# Whose words count in a comment of a language, the strongest claim last. Modifiers are small words, and small
# words of neighbours mean something else ("tong", "rak", "lain"); only Indonesian ones count elsewhere too.
_LEXICONS = {
    "id": ("su", "jv", "en", "id"),
    "jv": ("su", "en", "id", "jv"),
    "su": ("jv", "en", "id", "su"),
    "en": ("id", "en"),
}
_MODIFIERS = {"id": ("id",), "jv": ("id", "jv"), "su": ("id", "su"), "en": ("en",)}

_SUFFIXES = {"n": ("kan", "in", "an"), "i": ("i",)}
_PREFIXES = {
    "me": ("meng", "meny", "mem", "men", "me"),
    "di": ("di",),
    "be": ("ber",),
    "te": ("ter",),
    "ke": ("ke",),
    "ng": ("nge", "ng"),
    "se": ("se",),
}
_RESTORED = {"meng": "k", "meny": "s", "mem": "p", "men": "t", "ng": "k"}
"""The letter of the root that a prefix has swallowed: "memakai" from "pakai"."""
_CLITICS = {
    "id": ("nya", "lah", "kah", "pun", "ku", "mu", "nye", "ny", "x"),
    "jv": ("nipun", "ipun", "ne", "né", "e", "é", "nya", "ku", "mu"),
    "su": ("nana", "na", "keun", "nya"),
    "en": ("'s",),
}
_AFFIXED = 0.8
"""What is left of a valence in a derived word: "bingung" and "membingungkan" are not quite the same."""
_MOST = 1.25
"""Of a superlative with ter-: "terburuk"."""
_SHORTEST = 3
_SHORTEST_ROOT = 4
_WEAKEST_ROOT = 1.5

_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1")
_MARK = re.compile(r"[.,;!?()\n\"]+")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)?")
_COUNTED = re.compile(r"\d+(\D+)")
_WEAK_MARKS = frozenset(',"(')

ALONE = 2.0
"""Times the strength of a unit of time that needs no number in front of it ("sejam", "3jam")."""
MOCKERY = 3.0
"""The valence of praise that may be meant the other way round."""

Follow = dict[str, "Node"]
T = TypeVar("T", float, Modifier)


class Record(NamedTuple):
    """What the scoring knows of one token.

    Attributes:
        op: what it does, one of the constants above.
        value: its valence, 0 for none.
        strength: of what it does.
        follow: how the phrases that it begins go on; None when it begins none.
        form: the word of the tables it was recognised as.
    """

    op: int
    value: float
    strength: float
    follow: "Follow | None"
    form: str


class Node(NamedTuple):
    """A place in a phrase: what it means when it ends here, and how it may go on."""

    record: Record | None
    follow: Follow


class Vocabulary(dict[str, "Record | None"]):
    """The records of tokens in comments of one language, found at first sight and kept.

    A token without a record says nothing.
    """

    def __init__(self, data: Data, language: str) -> None:
        modifiers = _merged(data.modifiers, _MODIFIERS[language])
        self._modifiers = {word: modifier for word, modifier in modifiers.items() if modifier.strength}
        own = data.valences[language]
        merged = _merged(data.valences, _LEXICONS[language])
        self._valences = _with_spaces(
            {
                word: valence
                for word, valence in merged.items()
                # A neighbour's phrase of words that are known here would say less than they do.
                if word in own or " " not in word or own.keys().isdisjoint(word.split())
            }
        )
        self._emoji = data.emoji
        self._clitics = _by_last_letter(_CLITICS[language])
        self._affixes = language != "en"
        self._phrases = self._begun()
        # In Javanese and Sundanese the same letters are other words.
        slang = data.slang if language == "id" else {}
        known = [*self._valences, *self._modifiers, *self._phrases]
        self._forms = {word: word for word in known} | slang
        self._doubled = {word.partition("-")[0]: word for word in self._valences if "-" in word}
        self._roots = {
            word: form
            for word, form in self._forms.items()
            if len(word) >= _SHORTEST_ROOT and abs(self._valences.get(form, 0.0)) >= _WEAKEST_ROOT
        }

    def __missing__(self, token: str) -> Record | None:
        if len(token) > LONGEST_WORD:
            return self[token[:LONGEST_WORD]]
        if len(self) >= MOST_KEPT:
            self.clear()
        record = self[token] = self._word(token) if token[0].isalpha() else self._other(token)
        return record

    def _begun(self) -> dict[str, Follow]:
        """How phrases go on, by their first word; a word that only goes on has an empty entry."""
        begun: dict[str, Follow] = {}
        for phrase in {word for words in (self._valences, self._modifiers) for word in words if " " in word}:
            first, *rest = phrase.split()
            follow = begun.setdefault(first, {})
            for place, word in enumerate(rest, 1):
                begun.setdefault(word, {})
                node = follow.get(word, Node(None, {}))
                if place == len(rest):
                    node = Node(self._record(phrase, 1.0, None), node.follow)
                follow[word] = node
                follow = node.follow
        return begun

    def _record(self, form: str, factor: float, follow: Follow | None) -> Record:
        """The record of a word or phrase that is in the tables."""
        value = self._valences.get(form, 0.0) * factor
        modifier = self._modifiers.get(form)
        if modifier is None:
            return Record(VALUE, value, 1.0, follow, form)
        if modifier.kind == "sarcasm":
            value = value or MOCKERY * modifier.strength
        return Record(_OPS[modifier.kind], value, modifier.strength, follow, form)

    def _word(self, token: str) -> Record | None:
        form, factor = self._forms.get(token), 1.0
        if form is None and len(token) > _SHORTEST:
            form = self._plain(token)
            if form is None and self._affixes:
                form, factor = self._derived(token)
        if form is None:
            return None
        follow = self._phrases.get(form)
        if form not in self._modifiers and not self._valences.get(form):
            if follow is None:
                return None  # a word that means nothing here, whatever it means in a neighbouring language
            if form not in self._valences and self._affixes:
                return self._part(form, follow)
        return self._record(form, factor, follow or None)

    def _part(self, form: str, follow: Follow) -> Record:
        """The record of a word that is in phrases only, and may still be derived from one with a valence."""
        root, factor = self._derived(form) if len(form) > _SHORTEST_ROOT else (None, 1.0)
        return Record(VALUE, self._valences[root] * factor if root else 0.0, 1.0, follow or None, form)

    def _other(self, token: str) -> Record | None:
        """A number, an emoji, an emoticon or marks."""
        if token[0].isdigit():
            return self._number(token)
        if token in self._emoji:
            modifier = self._modifiers.get(token)
            return Record(_OPS[modifier.kind] if modifier else VALUE, self._emoji[token], 1.0, None, token)
        if not _MARK.fullmatch(token):
            return None
        return Record(COMMA if set(token) <= _WEAK_MARKS else STOP, 0.0, 1.0, None, token[-1])

    def _number(self, token: str) -> Record | None:
        """A number, or one written together with its unit ("3jam")."""
        if _NUMBER.fullmatch(token):
            return Record(NUMBER, 0.0, 1.0, self._phrases.get(token) or None, token)
        counted = _COUNTED.fullmatch(token)
        unit = self._forms.get(counted[1]) if counted else None
        modifier = self._modifiers.get(unit) if unit else None
        if unit and modifier and modifier.kind == "unit":
            return Record(UNIT, 0.0, ALONE * modifier.strength, None, unit)
        return None

    def _plain(self, word: str) -> str | None:
        """The form behind doubling, drawn-out letters and clitics, the likeliest first."""
        forms = self._forms
        tries = [word]
        if "-" in word:
            first, _, second = word.partition("-")
            tries = [word.replace("-", "")]
            if first[1:] == second[1:] or second.startswith(first) or first.endswith(second):
                tries += [second, first]
            else:
                tries.append(second if second in forms else first)
        elif word[-1] in "2²":
            tries = [f"{word[:-1]}-{word[:-1]}", self._doubled.get(word[:-1], ""), word[:-1]]
        if _DOUBLED.search(word):
            tries.append(_DRAWN_OUT.sub(r"\1\1", tries[-1]))
            tries.append(_DOUBLED.sub(r"\1", tries[-1]))
        for tried in tries:
            if tried in forms:
                return forms[tried]
            for end in self._clitics.get(tried[-1:], ()):
                if tried.endswith(end) and len(tried) - len(end) > 2 and tried[: -len(end)] in forms:
                    return forms[tried[: -len(end)]]
        return None

    def _derived(self, word: str) -> tuple[str | None, float]:
        """The root of an Indonesian derivation that carries a valence, with its factor."""
        roots = self._roots
        bare = word.removesuffix("nya")
        stems = [bare]
        for end in _SUFFIXES.get(bare[-1], ()):
            if bare.endswith(end):
                stems.append(bare[: -len(end)])
        prefixes = _PREFIXES.get(word[:2], ())
        for stem in stems:
            if stem in roots:
                return roots[stem], _AFFIXED
            for prefix in prefixes:
                if stem.startswith(prefix):
                    rest = stem[len(prefix) :]
                    root = roots.get(rest) or roots.get(_RESTORED.get(prefix, "") + rest)
                    if root:
                        return root, _MOST if prefix == "ter" and stem is bare else _AFFIXED
        return None, 1.0


def _with_spaces(valences: dict[str, float]) -> dict[str, float]:
    """Doubled words also as they are written without the hyphen ("bolak balik")."""
    return {word.replace("-", " "): value for word, value in valences.items() if "-" in word} | valences


def _by_last_letter(endings: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """So that few need to be tried."""
    return {end[-1]: tuple(other for other in endings if other[-1] == end[-1]) for end in endings}


def _merged(tables: Mapping[str, dict[str, T]], order: tuple[str, ...]) -> dict[str, T]:
    merged: dict[str, T] = {}
    for language in order:
        merged.update(tables[language])
    return merged
