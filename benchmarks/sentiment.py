"""How well comments are read: labels, also learned, on sets of known label; themes and masking on our own.

With a folder of labelled sets (``NAME.tsv`` with the columns text and label) every set but those named
``*_train*`` is judged, and from these the learned analyser learns. Without one, the comments that the tests
hold are judged: they were written by the same hand as the words, and flatter them.
"""

import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from analysis.comments.confusion import Confusion
from analysis.comments.tally import LABELS
from analysis.errors import Malformed
from analysis.intervals import wilson_proportion
from analysis.sentiment import lexicon_analyzer
from analysis.sentiment.errors import SETS, VERSION
from analysis.sentiment.features import forms
from analysis.sentiment.labelled import Labelled, read_labelled
from analysis.sentiment.learned import LearnedAnalyzer
from analysis.sentiment.training import train
from tests.analysis import test_masking_examples, test_themes

SEED = 20_170_014
DRAWS = 2_000
RATED = (200, 1_000)
"""Numbers of rated comments from which is learned, as a place may have them."""
DRAWN = 5
"""Random choices of so many; their mean is told."""
TRAINING = "_train"
ALIKE = 0.7

Labeller = Callable[[Sequence[str]], Sequence[str]]
Sets = Mapping[str, Sequence[Labelled]]
_OWN = Path(__file__).resolve().parent.parent / "tests" / "analysis"


class Judged(NamedTuple):
    """How somebody labelled a set.

    Attributes:
        reader: who.
        name: of the set.
        confusion: by true and by given label.
    """

    reader: str
    name: str
    confusion: Confusion


def sets_in(folder: Path) -> dict[str, list[Labelled]]:
    """The labelled sets of a folder, by the names of their files.

    Raises:
        Malformed: a row cannot be read, or there is no set.
    """
    sets = {file.stem: read_labelled(file) for file in sorted(folder.glob("*.tsv"))}
    if all(TRAINING in name for name in sets):
        raise Malformed(f"{folder}: no NAME.tsv is there to be judged")
    return sets


def own_sets() -> dict[str, list[Labelled]]:
    """The comments of the tests by language; whoever wrote them also wrote the words."""
    found: dict[str, list[Labelled]] = {}
    for file in ("sentiment_comments.tsv", "language_comments.tsv"):
        lines = [
            line.split("\t")
            for line in (_OWN / file).read_text(encoding="utf-8").splitlines()
            if not line.startswith("#")
        ]
        for row in (dict(zip(lines[0], line, strict=True)) for line in lines[1:]):
            found.setdefault(f"own_{row['language']}", []).append(Labelled(row["text"], row["label"]))
    return found


def to_read(folder: Path | None) -> tuple[list[Labelled], list[str]]:
    """Comments to learn from, and comments to measure speed on: the largest set that nothing learns from."""
    sets = own_sets() if folder is None else sets_in(folder)
    training = [row for name, rows in sets.items() if folder is None or TRAINING in name for row in rows]
    largest = max((rows for name, rows in sets.items() if TRAINING not in name), key=len)
    return training, [row.text for row in largest]


def report(folder: Path | None) -> Iterator[str]:
    """All of it, as Markdown, part by part."""
    sets = own_sets() if folder is None else sets_in(folder)
    judged = {name: rows for name, rows in sets.items() if TRAINING not in name}
    training = apart([row for name, rows in sets.items() if TRAINING in name for row in rows], judged)
    lexicon = lexicon_analyzer()
    readers: dict[str, Labeller] = {"TextBlob as it comes": _textblob, "lexicon": lexicon.label_many}
    if training:
        readers["learned"] = train(training, lexicon, seed=SEED).label_many
    found = []
    for name, rows in judged.items():
        found.append(Judged("the commonest label", name, _commonest(rows)))
        found += [Judged(reader, name, confusion(label, rows)) for reader, label in readers.items()]
    if training:
        yield f"Learned from {len(training):,} comments, none of them nearly like one that is judged."
    yield f"Read by {lexicon.version}:\n\n{as_table(found)}"
    yield still_holds(found, lexicon.version)
    if training:
        yield curve(training, judged)
    yield themes_table()
    yield masking_table()


def apart(training: Sequence[Labelled], judged: Sets) -> list[Labelled]:
    """The rows to learn from without those that are, or nearly are, among the judged.

    Nearly: of the words of both together more than `ALIKE` are in both.
    """
    if not training:
        return []
    words = CountVectorizer(binary=True, tokenizer=forms, lowercase=False, token_pattern=None)
    known = words.fit_transform([row.text for row in training])
    asked = words.transform([row.text for rows in judged.values() for row in rows])
    shared = (known @ asked.T).tocoo()
    sizes = [len(set(forms(row.text))) for rows in judged.values() for row in rows]
    together = known.sum(1).A1[shared.row] + np.array(sizes)[shared.col] - shared.data
    alike = set(shared.row[shared.data > ALIKE * together].tolist())
    return [row for place, row in enumerate(training) if place not in alike]


def confusion(label: Labeller, rows: Sequence[Labelled]) -> Confusion:
    """How a set is labelled."""
    return Confusion.of([row.label for row in rows], label([row.text for row in rows]))


def as_table(found: Iterable[Judged]) -> str:
    """Accuracy (Wilson), macro-F1 (bootstrap) and accuracy on two classes, per cent, with 95 % intervals."""
    lines = [
        "| set | comments | reader | accuracy | macro-F1 | good or bad |",
        "|---|---:|---|---:|---:|---:|",
    ]
    for one in found:
        table = one.confusion
        f1 = macro_f1(np.array(table.counts))
        low, high = f1_interval(table)
        lines.append(
            f"| {one.name} | {table.n:,} | {one.reader} | {_share(table.n - table.wrong, table.n)}"
            f" | {100 * float(f1):.1f} ({100 * low:.1f}–{100 * high:.1f}) | {_share(*two_classes(table))} |"
        )
    return "\n".join(lines)


def two_classes(table: Confusion) -> tuple[int, int]:
    """Of the comments that are favourable or unfavourable, how many are called so, and how many there are.

    One that is called neutral is called wrongly.
    """
    return sum(table.counts[place][place] for place in (0, 2)), sum(
        sum(table.counts[place]) for place in (0, 2)
    )


def macro_f1(counts: "NDArray[np.int64]") -> "NDArray[np.float64]":
    """The mean over the labels of 2 · right / (of this label + given this label), 0 for one that never is.

    Args:
        counts: by true and given label, shape (..., 3, 3).
    """
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    both = counts.sum(-1) + counts.sum(-2)
    return np.asarray((2 * right / np.maximum(both, 1)).mean(-1), np.float64)


def f1_interval(table: Confusion, *, seed: int = SEED) -> tuple[float, float]:
    """The 2.5 % and 97.5 % points of macro-F1 over sets drawn with replacement from the comments judged."""
    shares = np.array(table.counts, float).ravel() / table.n
    drawn = np.random.default_rng(seed).multinomial(table.n, shares, DRAWS).reshape(DRAWS, 3, 3)
    low, high = np.quantile(macro_f1(drawn), (0.025, 0.975))
    return float(low), float(high)


def still_holds(found: Iterable[Judged], version: str) -> str:
    """Whether the error rates that pages show are those counted now."""
    now = {one.name: one.confusion.counts for one in found if one.reader == "lexicon" and one.name in SETS}
    other = {name: counts for name, counts in now.items() if counts != SETS[name].counts}
    if len(now) < len(SETS):
        return "The stated error rate was not counted again: its sets are not among these."
    if not other and version == VERSION:
        return "The stated error rate (analysis/sentiment/errors.py) is what was counted now."
    lines = [f"The stated error rate (analysis/sentiment/errors.py) is of {VERSION}; now it is {version}:"]
    return "\n".join([*lines, *(f"- {name}: {now[name]}" for name in SETS)])


def curve(training: Sequence[Labelled], judged: Sets) -> str:
    """What is learned from few rated comments: favourable and unfavourable ones alone, as ratings say it."""
    lexicon = lexicon_analyzer()
    rated = [row._replace(rated=True) for row in training if row.label != "neutral"]
    generator = random.Random(SEED)
    lines = [
        "| set | rated comments | accuracy | good or bad |",
        "|---|---:|---:|---:|",
    ]
    for size in RATED:
        models = [train(generator.sample(rated, size), lexicon, seed=SEED) for _ in range(DRAWN)]
        for name, rows in judged.items():
            lines.append(f"| {name} | {size:,} | {_means(models, rows)} |")
    return "\n".join(lines)


def _means(models: Sequence[LearnedAnalyzer], rows: Sequence[Labelled]) -> str:
    tables = [confusion(model.label_many, rows) for model in models]
    three = [1 - table.wrong / table.n for table in tables]
    two = [right / n for right, n in map(two_classes, tables)]
    return " | ".join(f"{100 * statistics.mean(shares):.1f}" for shares in (three, two))


def themes_table() -> str:
    """Precision and recall of themes on the comments of the tests."""
    lines = ["| themes | comments | precision | recall | right sign |", "|---|---:|---:|---:|---:|"]
    for lot in ("written", "held_out"):
        pairs = test_themes.judged(lot)
        found = test_themes.figures(pairs)
        lines.append(
            f"| {lot} | {len(pairs)} | {found.precision:.3f} | {found.recall:.3f} | {found.signs:.3f} |"
        )
    return "\n".join(lines)


def masking_table() -> str:
    """Precision and recall of the masking on the comments of the tests."""
    lines = [
        "| masking | comments | right | wrong | missed | precision | recall |",
        "|---|---:" + "|---:" * 5 + "|",
    ]
    for which in ("written", "held_out"):
        examples = [one for one in test_masking_examples.ALL if one.which == which]
        right, wrong, missed = (one.total() for one in test_masking_examples.counted(examples))
        lines.append(
            f"| {which} | {len(examples)} | {right} | {wrong} | {missed}"
            f" | {right / (right + wrong):.3f} | {right / (right + missed):.3f} |"
        )
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    interval = wilson_proportion(part, whole)
    return f"{100 * part / whole:.1f} ({100 * interval.low:.1f}–{100 * interval.high:.1f})"


def _commonest(rows: Sequence[Labelled]) -> Confusion:
    """What comes of calling every comment by the label that most of the set have."""
    labels = [row.label for row in rows]
    return Confusion.of(labels, Counter(labels).most_common(1)[0][:1] * len(labels))


def _textblob(texts: Sequence[str]) -> list[str]:
    """The sign of what TextBlob's own analyser, which knows English, says."""
    from textblob import TextBlob

    signs = [np.sign(TextBlob(text).sentiment.polarity) for text in texts]
    return [LABELS[int(sign) + 1] for sign in signs]
