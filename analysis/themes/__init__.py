"""What comments are about: the nine elements and matters of integrity, by rules anybody can read and mend."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from analysis.sentiment import Label, lexicon_analyzer
from analysis.sentiment.lexicon import load as load_words
from analysis.themes.finder import Finder, Found
from analysis.themes.names import ELEMENTS, INTEGRITY, THEMES
from analysis.themes.rules import Rule, load

__all__ = [
    "ELEMENTS",
    "INTEGRITY",
    "THEMES",
    "Finder",
    "Found",
    "Rule",
    "allegations",
    "finder",
    "per_theme",
]


@lru_cache(maxsize=8)
def finder(extra: Path | None = None) -> Finder:
    """The finder with the rules and the analyser of the project, kept after the first call.

    Args:
        extra: a directory with a deployment's own data files (``themes.tsv`` and those of the analyser).

    Raises:
        ValueError: a row of a data file is wrong; the message names the file, the line and what to do.
    """
    return Finder(load(extra), lexicon_analyzer(extra), load_words(extra).slang)


def allegations(found: Sequence[Found]) -> tuple[Found, ...]:
    """What the ombudsman should see: matters of integrity that are not spoken of as absent.

    A question ("apa ada pungli?") and a wish ("semoga tidak ada calo lagi") are among them, as neutral: they
    allege nothing, and yet somebody should look.
    """
    return tuple(one for one in found if one.theme in INTEGRITY and one.label != "positive")


def per_theme(found: Sequence[Found]) -> tuple[Found, ...]:
    """One ``Found`` per theme, in the order of ``THEMES``, to count each theme of a comment once.

    The polarity is the mean over the clauses and the label its sign (neutral within ±0.05); clause and words
    are those of the clause that speaks most strongly. An allegation prevails: a comment that names an illegal
    fee in one clause and praises the absence of another still alleges one.
    """
    summed = []
    for theme in THEMES:
        of_theme = [one for one in found if one.theme == theme]
        if alleged := allegations(of_theme):
            of_theme = list(alleged)
        if of_theme:
            polarity = sum(one.polarity for one in of_theme) / len(of_theme)
            strongest = max(of_theme, key=lambda one: abs(one.polarity))
            summed.append(strongest._replace(polarity=polarity, label=_label(polarity, of_theme)))
    return tuple(summed)


def _label(polarity: float, found: Sequence[Found]) -> Label:
    if len(found) == 1:
        return found[0].label
    if abs(polarity) <= 0.05:
        return "neutral"
    return "positive" if polarity > 0 else "negative"
