"""Whether a learned analyser is better than the lexicon, on comments it did not learn from."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from analysis.sentiment.analyzer import LexiconAnalyzer
from analysis.sentiment.features import key
from analysis.sentiment.labelled import Labelled
from analysis.sentiment.training import FEWEST_OF_A_KIND, Progress, import_sklearn, train

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_RATED = 200
"""Rated comments without which there is no comparison."""
FOLDS = 5
_FEWEST_OF_A_KIND = FEWEST_OF_A_KIND * FOLDS // (FOLDS - 1)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to use a learned analyser, and why.

    Attributes:
        n: favourable and unfavourable rated comments compared on.
        learned: mean of the shares of favourable and of unfavourable comments that the learned analyser finds
            on the right side of 0 (a polarity of 0 is half right); None without a comparison.
        lexicon: the same of the lexicon.
        difference: `learned` - `lexicon`.
        standard_error: of the difference, of the same comments judged by both.
        learned_labels: share of all these comments with the right label from the learned analyser, where
            neutral counts as wrong.
        lexicon_labels: the same of the lexicon.
        used: the difference is larger than its standard error.
        reason: in words.
    """

    n: int
    learned: float | None
    lexicon: float | None
    difference: float | None
    standard_error: float | None
    learned_labels: float | None
    lexicon_labels: float | None
    used: bool
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Decision":
        """What `to_dict` gave.

        Raises:
            TypeError: a field is missing, or one is there that does not belong.
        """
        return cls(**content)


def validate(
    rows: Sequence[Labelled],
    lexicon: LexiconAnalyzer,
    *,
    progress: Progress = lambda _stage, _share: None,
    seed: int = 0,
) -> Decision:
    """Compare a learned analyser with the lexicon by cross-validation on the rated comments.

    Five folds; the same text is never both learned from and judged. Labelled comments are learned from in
    every fold and judged in none. Both sides weigh the same, however few people are dissatisfied: who calls
    everything favourable is right most of the time and has understood nothing.

    Args:
        rows: all that `train` would be given.
        lexicon: what to compare with, and to learn with.
        progress: told how far it is.
        seed: of the folds.

    Raises:
        ExtraMissing: scikit-learn is not installed.
        TooFew, Malformed: as `train`.
    """
    import_sklearn()
    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold

    rated = [row for row in rows if row.rated and row.label != "neutral"]
    labelled = [row for row in rows if not row.rated]
    answers = np.array([row.label == "positive" for row in rated], float)
    if (why := _too_few(answers)) is not None:
        return Decision(len(rated), None, None, None, None, None, None, used=False, reason=why)
    keys = [key(row.text) for row in rated]
    groups = np.unique(keys, return_inverse=True)[1]
    learned, labels = np.zeros(len(rated)), np.zeros(len(rated))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for number, (known, held_out) in enumerate(folds.split(keys, answers, groups)):
        judged = {keys[place] for place in held_out}
        others = [rated[place] for place in known] + [row for row in labelled if key(row.text) not in judged]
        analyzer = train(
            others,
            lexicon,
            progress=lambda stage, share, done=number: progress(stage, (done + share) / FOLDS),  # type: ignore[misc]
            seed=seed,
        )
        texts = [rated[place].text for place in held_out]
        learned[held_out] = analyzer.polarity_many(texts)
        labels[held_out] = [
            said == rated[place].label
            for said, place in zip(analyzer.label_many(texts), held_out, strict=True)
        ]
    progress("done", 1.0)
    readings = lexicon.read_many([row.text for row in rated])
    known_before = [reading.label == row.label for reading, row in zip(readings, rated, strict=True)]
    return _decision(
        answers,
        groups,
        _right(learned, answers),
        _right(np.array([reading.polarity for reading in readings]), answers),
        (float(labels.mean()), float(np.mean(known_before))),
    )


def _too_few(answers: "Floats") -> str | None:
    if len(answers) < FEWEST_RATED:
        return f"there are {len(answers)} rated comments to compare on; {FEWEST_RATED} are needed"
    fewest = int(min(answers.sum(), len(answers) - answers.sum()))
    if fewest < _FEWEST_OF_A_KIND:
        return (
            f"only {fewest} of the rated comments are on the rarer side;"
            f" {_FEWEST_OF_A_KIND} favourable and as many unfavourable ones are needed"
        )
    return None


def _right(polarities: "Floats", answers: "Floats") -> "Floats":
    """1 where the polarity is on the side of the answer, 0.5 where it is 0, 0 elsewhere."""
    import numpy as np

    return (1 + np.sign(polarities) * (2 * answers - 1)) / 2


def _decision(
    answers: "Floats",
    groups: "NDArray[np.int64]",
    learned: "Floats",
    lexicon: "Floats",
    labels: tuple[float, float],
) -> Decision:
    import numpy as np

    each = learned - lexicon
    sides = [answers == side for side in (0.0, 1.0)]
    shares = [(learned[side].mean(), lexicon[side].mean()) for side in sides]
    difference = float(np.mean([a - b for a, b in shares]))
    error = _standard_error(each, sides, groups)
    used = difference > error
    return Decision(
        n=len(answers),
        learned=float(np.mean([a for a, _ in shares])),
        lexicon=float(np.mean([b for _, b in shares])),
        difference=difference,
        standard_error=error,
        learned_labels=labels[0],
        lexicon_labels=labels[1],
        used=used,
        reason=f"{'' if used else 'not '}better than the lexicon by more than the standard error",
    )


def _standard_error(
    each: "Floats", sides: "Sequence[NDArray[np.bool_]]", groups: "NDArray[np.int64]"
) -> float:
    """Of the mean of the two sides' mean differences, where the same text written often is one observation.

    Linearised, by clusters (Liang and Zeger 1986, Biometrika 73:13-22).
    """
    import numpy as np

    influence = np.zeros(len(each))
    for side in sides:
        influence[side] = (each[side] - each[side].mean()) / side.sum() / 2
    sums = np.bincount(groups, influence)
    n = len(sums)
    return float(np.sqrt((sums**2).sum() * n / max(n - 1, 1)))
