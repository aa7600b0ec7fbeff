"""What is learned from labelled and rated comments, and how."""

import math
import random
import statistics
import sys

import numpy as np
import pytest
from learned_comments import INVENTED, SAID, comments, from_labels, labelled, rated
from sklearn.feature_extraction.text import TfidfVectorizer

from analysis.errors import Malformed, TooFew
from analysis.sentiment import lexicon_analyzer
from analysis.sentiment.features import expand, forms, grams
from analysis.sentiment.labelled import Labelled, weak_label
from analysis.sentiment.reading import Label
from analysis.sentiment.table import Design, Terms
from analysis.sentiment.training import ExtraMissing, train

LEXICON = lexicon_analyzer()


def design(texts: list[str]) -> tuple[Design, "np.ndarray[tuple[int, int], np.dtype[np.float64]]"]:
    words = [forms(text) for text in texts]
    numbers = expand([LEXICON.features(text) for text in texts])
    made = Design.of(words, numbers)
    return made, made.table(words, numbers).toarray()


def test_words_and_pairs_are_weighed_as_scikit_learn_weighs_them() -> None:
    texts = [text for text, _ in comments(60, seed=8)] + ["loket loket ramah", "ramah ramah ramah sekali"]
    made, table = design(texts)
    oracle = TfidfVectorizer(
        tokenizer=forms, token_pattern=None, ngram_range=(1, 2), min_df=3, sublinear_tf=True, lowercase=False
    )
    expected = oracle.fit_transform(texts)
    assert made.words.names == tuple(oracle.get_feature_names_out())
    assert table[:, : len(made.words.names)] == pytest.approx(expected.toarray(), abs=1e-12)


def test_letters_are_weighed_as_scikit_learn_weighs_them_where_words_share_none() -> None:
    texts = ["abc", "abc", "abc xyz", "xyz abc", "xyz pqr", "pqr", "pqr abc"]
    words = [text.split() for text in texts]
    made = Design.of(words, np.zeros((7, 3)))
    oracle = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3)
    oracle.fit(list(dict.fromkeys(texts)))
    ours = made.table(words, np.zeros((7, 3))).toarray()[:, len(made.words.names) : -3]
    # A blank before one word and a blank before another are no common n-gram: there are none of one sign.
    assert made.grams.names == tuple(oracle.get_feature_names_out())
    assert ours == pytest.approx(oracle.transform(texts).toarray(), abs=1e-12)


def test_the_model_says_of_a_comment_what_the_table_says_of_it() -> None:
    """The quick sums at reading, against the weights times the row that was learned from."""
    learned = from_labels()
    known = [row.text for row in labelled(300, seed=1)]
    made, _ = design(known)
    texts = [*known, "kemarin", "bagus " * 60, "tidak ramah tidak ramah", "ramah? ramah!"]
    words, numbers = [forms(text) for text in texts], expand([LEXICON.features(text) for text in texts])
    table = made.table(words, numbers).toarray()
    model = learned.model
    assert made.words.names == model.words
    weights = np.hstack([model.word_weights, model.gram_weights, model.lexicon_weights]).astype(float)
    sign, neutral = 1 / (1 + np.exp(-(table @ weights.T + model.intercepts.astype(float)))).T
    expected = (1 - neutral) * (2 * sign - 1)
    assert learned.polarity_many(texts) == pytest.approx(expected, abs=1e-5)


def test_a_word_of_two_comments_is_not_learned_however_often_it_was_sent() -> None:
    rows = labelled(120, seed=3)
    rows += [Labelled("pak zubagyo ramah", "positive")] * 50 + [
        Labelled("pak zubagyo cepat", "positive")
    ] * 50
    learned = train(rows, LEXICON)
    assert not any("zubagyo" in term for term in learned.model.words)
    assert not any("zub" in gram for gram in learned.model.grams)
    more = train([*rows, Labelled("zubagyo baik", "positive")], LEXICON)
    assert "zubagyo" in more.model.words


def test_terms_of_three_comments_are_kept_and_rare_ones_weigh_more() -> None:
    terms = Terms([{"a", "b"}, {"a", "b"}, {"a", "b"}, {"a", "c"}, {"a", "c"}])
    assert terms.names == ("a", "b")
    assert terms.idf == pytest.approx([1.0, math.log(6 / 4) + 1])


def test_the_same_rows_and_seed_give_the_same_model() -> None:
    first, again = (train(rated(120, 5), LEXICON, seed=4) for _ in range(2))
    assert first.version == again.version


def test_ratings_alone_teach_no_neutral_and_labels_do() -> None:
    assert train(rated(100, 5), LEXICON).model.intercepts.shape == (1,)
    assert from_labels().model.intercepts.shape == (2,)
    assert (from_labels().model.rated, from_labels().model.labelled) == (0, 300)


def test_ratings_do_not_talk_a_model_out_of_neutral_comments() -> None:
    """Nine hundred people rated, and wrote what says nothing of it."""
    said_nothing: dict[Label, list[str]] = {label: SAID["neutral"] for label in ("negative", "positive")}
    both = train(labelled(300, seed=1) + rated(900, 12, said_nothing), LEXICON)
    neutral = [text for text, label in comments(90, seed=21) if label == "neutral"]
    assert both.label_many(neutral).count("neutral") >= 28
    assert (both.model.rated, both.model.labelled) == (900, 300)


def test_what_ratings_teach_is_used_beside_labels() -> None:
    both = train(labelled(300, seed=1) + rated(200, 2, INVENTED), LEXICON)
    good, bad = both.read_many(["petugas zorabing", "petugas bluzerok"])
    assert (good.words[0].text, bad.words[0].text) == ("zorabing", "bluzerok")
    assert good.words[0].contribution > 1
    assert bad.words[0].contribution < -1
    assert "bluzerok" not in [word.text for word in from_labels().read("petugas bluzerok").words]


def test_a_mostly_favourable_public_does_not_make_every_comment_favourable() -> None:
    """Nine in ten are content whatever they write: then the words tell nothing of who is."""
    chance = random.Random(6)
    rows = [row._replace(label="negative" if chance.random() < 0.1 else "positive") for row in rated(900, 3)]
    unseen = [text for text, _ in comments(200, seed=44)]
    assert abs(statistics.mean(train(rows, LEXICON).polarity_many(unseen))) < 0.3


def test_a_rating_of_neutral_is_left_out() -> None:
    rows = rated(100, 5)
    assert (
        train([*rows, *(row._replace(label="neutral") for row in rows)], LEXICON).version
        == train(rows, LEXICON).version
    )


def test_numbers_beyond_those_seen_count_no_more_than_those() -> None:
    words = [["a"], ["b"], ["c"]]
    made = Design.of(words, np.array([[1.0], [2.0], [6.0]]))
    beyond = made.table([["a"]] * 4, np.array([[-50.0], [1.0], [6.0], [1e9]])).toarray()[:, -1]
    assert beyond[0] == beyond[1] < beyond[2] == beyond[3]


def contradicting(**other: object) -> list[Labelled]:
    """As many comments that praise with a word as complain with it, the latter another kind of row."""
    sides = {label: SAID[label] for label in ("negative", "positive")}
    said = [f"zorabing {text}" for text, _ in comments(40, 31, sides)]
    rest = [Labelled(text, label) for text, label in comments(100, 33, sides)]
    praise = [Labelled(text, "positive") for text in said]
    return rest + praise + [row._replace(label="negative", **other) for row in praise]  # type: ignore[arg-type]


def learned_of_zorabing(rows: list[Labelled]) -> float:
    """Log-odds of favourable that the word adds."""
    words = [word.contribution for word in train(rows, LEXICON).read("zorabing").words]
    return words[0] if words else 0.0


def test_a_labelled_row_outweighs_a_rated_one() -> None:
    even, praised = learned_of_zorabing(contradicting()), learned_of_zorabing(contradicting(rated=True))
    assert praised > max(even + 0.3, 0)


def test_a_row_of_little_weight_teaches_little() -> None:
    assert learned_of_zorabing(contradicting(weight=0.05)) > learned_of_zorabing(contradicting()) + 1


@pytest.mark.parametrize("missing", ["positive", "negative"])
def test_too_few_of_one_side_are_refused(missing: str) -> None:
    rows = [row for row in labelled(150, seed=1) if row.label != missing]
    some = [row for row in labelled(150, seed=2) if row.label == missing]
    with pytest.raises(TooFew) as refused:
        train(rows + some[:19], LEXICON)
    assert (refused.value.n, refused.value.needed) == (19, 20)
    assert train(rows + some[:20], LEXICON).model.labelled == len(rows) + 20


@pytest.mark.parametrize("weight", [0.0, -1.0, 1.5, float("nan")])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    rows = labelled(90, seed=1)
    with pytest.raises(Malformed, match="weight"):
        train([*rows, rows[0]._replace(weight=weight)], LEXICON)


def test_progress_begins_at_nothing_and_ends_at_all() -> None:
    told: list[tuple[str, float]] = []
    train(labelled(180, seed=1), LEXICON, progress=lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len({stage for stage, _ in told}) >= 5


def test_without_scikit_learn_training_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ExtraMissing, match=r"percaya\[ml\]"):
        train(labelled(90, seed=1), LEXICON)


@pytest.mark.parametrize(
    ("mean", "scale", "label"),
    [
        (1, 4, "negative"),
        (2.49, 4, "negative"),
        (2.5, 4, None),
        (2.99, 4, None),
        (3, 4, "positive"),
        (27 / 9 - 4e-16, 4, "positive"),
        (4, 4, "positive"),
        (2, 5, "negative"),
        (3, 5, None),
        (4, 5, "positive"),
    ],
)
def test_scores_below_the_middle_are_unfavourable_and_good_ones_favourable(
    mean: float, scale: int, label: str | None
) -> None:
    assert weak_label(mean, scale) == label


@pytest.mark.parametrize(("mean", "scale"), [(0.9, 4), (4.1, 4), (float("nan"), 4), (1, 1)])
def test_a_mean_that_is_not_on_the_scale_is_refused(mean: float, scale: int) -> None:
    with pytest.raises(Malformed):
        weak_label(mean, scale)


def test_grams_reach_no_further_than_a_word() -> None:
    assert all(" " not in gram.strip(" ") for gram in grams("pelayanan"))
