"""Learning from rated and labelled comments: logistic regression on TF-IDF and the lexicon's numbers.

Two questions are learned apart. Whether a comment is favourable or not is learned from all rows that say so,
ratings and labels. Whether it judges at all is learned from labelled rows alone, for nobody rates a service
"neutral" on a scale of four; a thousand ratings therefore never talk the model out of neutral comments.

Needs scikit-learn, which is an extra; reading with a trained model does not.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from analysis.errors import Malformed, TooFew
from analysis.sentiment import lexicon_analyzer
from analysis.sentiment.analyzer import LexiconAnalyzer
from analysis.sentiment.archive import Model
from analysis.sentiment.features import expand, forms, key
from analysis.sentiment.labelled import Labelled, read_labelled
from analysis.sentiment.learned import LearnedAnalyzer
from analysis.sentiment.table import Design

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy import sparse

    Floats = NDArray[np.float64]
    Table = sparse.csr_matrix[np.float64]

Progress = Callable[[str, float], None]
"""Is told what is being done and which share of all work, 0 to 1, is behind it."""

FEWEST_OF_A_KIND = 20
"""Favourable and unfavourable rows that are needed, of each."""
FEWEST_NEUTRAL = 50
"""Labelled rows, neutral and others each, below which a model does not learn what is neutral."""
RATED_WEIGHT = 0.5
"""What a rating counts beside a reader's label: many a comment says something else than its rating."""
STRENGTHS = (0.5, 1.5, 5.0)
"""Inverse strengths of the ridge penalty to choose from: ratings are noisy and need a strong one."""
C_NEUTRAL = 8.0
"""Of the second question: a reader's labels; on reviews, weaker penalties than ratings need did better."""
CHOSEN_ON = 1500
"""Different comments of each side that are enough to choose with."""


class ExtraMissing(ImportError):
    """Training needs scikit-learn, and it is not installed."""


def train(
    rows: Sequence[Labelled],
    lexicon: LexiconAnalyzer,
    *,
    progress: Progress = lambda _stage, _share: None,
    seed: int = 0,
) -> LearnedAnalyzer:
    """Learn from comments.

    Args:
        rows: favourable and unfavourable ones at least; of rated ones no neutral label counts.
        lexicon: the analyser whose numbers are learned with; the model reads with this one only.
        progress: told how far it is, from time to time.
        seed: of the solver; the same rows and seed give the same model.

    Raises:
        ExtraMissing: scikit-learn is not installed.
        TooFew: fewer than `FEWEST_OF_A_KIND` favourable or unfavourable rows.
        Malformed: a weight is not above 0 and at most 1.
    """
    import_sklearn()
    from threadpoolctl import threadpool_limits

    rows = [row for row in rows if not (row.rated and row.label == "neutral")]
    _check(rows)
    # Several threads at work this small wait for each other more than they add, and the web needs a core.
    with threadpool_limits(1):
        return LearnedAnalyzer(_learn(rows, lexicon, progress, seed), lexicon)


def _learn(rows: Sequence[Labelled], lexicon: LexiconAnalyzer, progress: Progress, seed: int) -> Model:
    words = [forms(row.text) for row in _told(rows, progress, "words", 0.0, 0.1)]
    told = _told(rows, progress, "lexicon", 0.1, 0.2)
    numbers = expand([lexicon.features(row.text) for row in told])
    design = Design.of(words, numbers)
    progress("counting", 0.3)
    table = design.table(words, numbers)
    progress("strength", 0.4)
    answers, weights = _signs(rows)
    strength = _strength(table, answers, weights, [key(row.text) for row in rows], seed)
    progress("favourable or not", 0.55)
    heads = [_fit(table, answers, weights, strength, seed)]
    if _can_tell_neutral(rows):
        progress("neutral or not", 0.75)
        heads.append(_fit(table, *_neutrals(rows), C_NEUTRAL, seed))
    progress("done", 1.0)
    return _model(design, heads, lexicon.version, rows)


def import_sklearn() -> None:
    """See that scikit-learn is there.

    Raises:
        ExtraMissing: it is not; says what to install.
    """
    try:
        import sklearn  # noqa: F401 - only whether it is there
    except ImportError:
        raise ExtraMissing(
            "training needs scikit-learn: install the extra with  pip install 'percaya[ml]'"
        ) from None


def train_files(csvs: Sequence[Path]) -> LearnedAnalyzer:
    """Learn from files of labelled comments (see `read_labelled`) with the lexicon as it comes.

    Raises:
        Malformed, TooFew, ExtraMissing: as `read_labelled` and `train`.
    """
    rows = [row for file in csvs for row in read_labelled(Path(file))]
    return train(rows, lexicon_analyzer())


def _check(rows: Sequence[Labelled]) -> None:
    if not all(0 < row.weight <= 1 for row in rows):
        raise Malformed("a weight must be above 0 and at most 1")
    for label, what in (("positive", "favourable"), ("negative", "unfavourable")):
        n = sum(row.label == label for row in rows)
        if n < FEWEST_OF_A_KIND:
            raise TooFew(f"learning from {what} comments", n, FEWEST_OF_A_KIND)


def _told(
    rows: Sequence[Labelled], progress: Progress, stage: str, begin: float, end: float
) -> Iterator[Labelled]:
    for place, row in enumerate(rows):
        if place % 500 == 0:
            progress(stage, begin + (end - begin) * place / len(rows))
        yield row


def _signs(rows: Sequence[Labelled]) -> "tuple[Floats, Floats]":
    """Which rows are favourable, and weights that make both sides equally heavy; 0 for neutral ones.

    Equally heavy, because most ratings are favourable: otherwise a text that says nothing would be called so,
    and the model would repeat the average instead of reading.
    """
    import numpy as np

    favourable = np.array([row.label == "positive" for row in rows], float)
    weights = np.array(
        [row.weight * (RATED_WEIGHT if row.rated else 1.0) * (row.label != "neutral") for row in rows]
    )
    half = weights.sum() / 2
    for side in (0.0, 1.0):
        weights[favourable == side] *= half / weights[favourable == side].sum()
    return favourable, weights


def _neutrals(rows: Sequence[Labelled]) -> "tuple[Floats, Floats]":
    """Which rows are neutral, and the weights of those that a reader labelled."""
    import numpy as np

    neutral = np.array([row.label == "neutral" for row in rows], float)
    return neutral, np.array([0.0 if row.rated else row.weight for row in rows])


def _can_tell_neutral(rows: Sequence[Labelled]) -> bool:
    kinds = Counter(row.label == "neutral" for row in rows if not row.rated)
    return min(kinds[True], kinds[False]) >= FEWEST_NEUTRAL


class _Head(NamedTuple):
    """A fitted question: the weights of the columns of the table, and the log-odds of none of them."""

    weights: "Floats"
    intercept: float


def _strength(table: "Table", answers: "Floats", weights: "Floats", keys: Sequence[str], seed: int) -> float:
    """The strength of `STRENGTHS` that foretells comments best that were not learned from.

    By the log loss of three folds; it tells noisy answers from clean ones where accuracy is too coarse to.
    What was written twice is taken once, or it would be foretold from itself.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    different = {text: place for place, text in enumerate(keys) if weights[place] > 0}
    first = np.array(sorted(different.values()))
    shuffled = np.random.default_rng(seed).permutation(first)
    chosen = np.concatenate([shuffled[answers[shuffled] == side][:CHOSEN_ON] for side in (0.0, 1.0)])
    if min((answers[chosen] == side).sum() for side in (0.0, 1.0)) < FEWEST_OF_A_KIND / 2:
        return STRENGTHS[1]
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)

    def loss(c: float) -> float:
        foretold = cross_val_predict(
            LogisticRegression(C=c, max_iter=300),
            table[chosen],
            answers[chosen],
            cv=folds,
            method="predict_proba",
            params={"sample_weight": weights[chosen]},
        )
        return float(log_loss(answers[chosen], foretold[:, 1], sample_weight=weights[chosen]))

    return min(STRENGTHS, key=loss)


def _fit(table: "Table", answers: "Floats", weights: "Floats", c: float, seed: int) -> _Head:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    used = weights > 0
    model = LogisticRegression(C=c, max_iter=300, random_state=seed)
    model.fit(table[used], answers[used], sample_weight=weights[used])
    return _Head(np.asarray(model.coef_[0], float), float(model.intercept_[0]))


def _model(design: Design, heads: Sequence[_Head], lexicon: str, rows: Sequence[Labelled]) -> Model:
    import numpy as np

    weights = np.array([head.weights for head in heads], np.float32)
    first, second = len(design.words.names), len(design.words.names) + len(design.grams.names)
    return Model(
        lexicon=lexicon,
        words=design.words.names,
        grams=design.grams.names,
        word_idf=np.array(design.words.idf, np.float32),
        word_weights=weights[:, :first],
        gram_idf=np.array(design.grams.idf, np.float32),
        gram_weights=weights[:, first:second],
        centre=design.centre.astype(np.float32),
        scale=design.scale.astype(np.float32),
        lowest=design.lowest.astype(np.float32),
        highest=design.highest.astype(np.float32),
        lexicon_weights=weights[:, second:],
        intercepts=np.array([head.intercept for head in heads], np.float32),
        rated=sum(row.rated for row in rows),
        labelled=sum(not row.rated for row in rows),
    )
