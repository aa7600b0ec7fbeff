"""Which words are ordinary ones, and which may be names, by lists and by the shapes of words."""

import re

from analysis.masking.vocabulary import Vocabulary

_CLITICS = re.compile(r"(?:nya|lah|kah|pun|ku|mu|ne|na|e|an|in|i)$")
_PARTICLES = re.compile(r"(?:lah|kah|pun)$")
# Prefixes that hardly any name begins with, and circumfixes that none has.
_PREFIXED = re.compile(
    r"(?:meng|meny|mem[bpf]|men[cdjtsz]|peng|peny|pem[bp]|ter[bcdgjklp]|diper|keter|kese|sebe|"
    r"ng[aeiou]|ny[aeiou])\w{3,}|\w{3,}kan"
)
# These some names begin or end with: they count where a word has no capital.
_LIKELY_AFFIXED = re.compile(r"(?:me[mnlrwy]|ber)\w{4,}|\w{3,}(?:nya|kah|ipun)")
_AROUND = re.compile(
    r"(?:ke|pe[mnr]?|per|di|me|nge?|ka|pa|di)\w{3,}(?:an|kan|keun|ake|aken|kake)|\w{3,}(?:keun|kake|akan)"
)
_PREFIXES = re.compile(r"^(?:di|ter|ber|se|ke|me[mn]?|pe[mn]?|ng|n|m|ny|dak|tak|nge|ka|pa|ti)")
_REPEATED = re.compile(r"(.)\1+")
_VOWEL = re.compile(r"[aeiouy]")
# Endings of Javanese, Sundanese and Arabic names, with something before them.
_NAME_ENDING = re.compile(
    r"\w{2,}(?:wati|anto|yanto|yono|iono|ningsih|ningrum|awan|yadi|udin|uddin|ullah|utomo|tomo|putra|putri|wijaya|jaya|"
    r"kusuma|rahman|asih|ansyah|syah|santi|yanti|mawati|harjo|hardjo|wardi|warno|parno|marno|jono|dianto|iyah|wibowo|"
    r"dinata|negara|saputra|nugraha|widodo|widjaja|atmaja|wardhani|wardani|lestari|kurnia|narti|tini|tono|kino|rno|rjo|"
    r"oso|udi|isna|riana|iani)"
)


class Wordbook:
    """The lists, asked for words in lower case."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._names = vocabulary.names
        self._only_names = frozenset(name for name, only in vocabulary.names.items() if only)
        self._ordinary = vocabulary.ordinary | {
            title for title, how in vocabulary.titles.items() if how.kind != "rare" and " " not in title
        }
        self._squeezed = {_squeezed(word) for word in self._ordinary if len(word) > 3}

    def is_known(self, word: str, capital: bool) -> bool:
        """Whether it is a name of the list; one that is also a word counts only when written as a name."""
        only = self._names.get(word)
        return only is not None and (only or capital)

    def has_names(self, words: frozenset[str]) -> bool:
        """Whether any of the words is a name of the list and nothing else."""
        return not words.isdisjoint(self._only_names)

    def is_only_name(self, word: str) -> bool:
        """Whether it is a name of the list and nothing else."""
        return self._names.get(word, False)

    def is_ordinary(self, word: str, capital: bool) -> bool:
        """Whether it is no name: a word of the list, with what may be put before and behind it."""
        return self._is_listed(word) or (not capital and bool(_LIKELY_AFFIXED.fullmatch(word)))

    def _is_listed(self, word: str) -> bool:
        if word in self._ordinary or _squeezed(word) in self._squeezed:
            return True
        if "-" in word:
            # Words said twice are no names: pelan-pelan, bolak-balik.
            return any(self._is_listed(half) for half in word.split("-") if half)
        if _PREFIXED.fullmatch(word) or _AROUND.fullmatch(word):
            return True
        return any(stem in self._ordinary for stem in _stems(word))

    def looks_like_name(self, word: str) -> bool:
        """Whether a word that no list has is shaped like a name."""
        return bool(_NAME_ENDING.fullmatch(word))

    def can_be_spoken(self, word: str) -> bool:
        """Whether it has a vowel; what has none is a shortened word: tlg, mksh, gmn."""
        return bool(_VOWEL.search(word))


def _squeezed(word: str) -> str:
    """Without letters said long: lamaaa."""
    return _REPEATED.sub(r"\1", word)


def _stems(word: str) -> set[str]:
    """What may be left of a word without a prefix or an ending, four letters at least."""
    bare = {word, _CLITICS.sub("", word), _PARTICLES.sub("", word)}
    bare |= {_PREFIXES.sub("", stem) for stem in bare}
    return {stem for stem in bare if len(stem) > 3 or _PARTICLES.fullmatch(word, len(stem))} - {word}
