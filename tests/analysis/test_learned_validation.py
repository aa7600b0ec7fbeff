"""Whether what was learned is used: only when it beats the lexicon on comments it has not seen."""

import json
import random

import numpy as np
import pytest
from learned_comments import INVENTED, comments, labelled, rated

from analysis.sentiment import lexicon_analyzer, validation
from analysis.sentiment.labelled import Labelled
from analysis.sentiment.training import ExtraMissing
from analysis.sentiment.validation import Decision, validate

LEXICON = lexicon_analyzer()


def test_a_model_that_knows_what_the_lexicon_cannot_is_used() -> None:
    decision = validate(rated(240, 2, INVENTED), LEXICON)
    assert decision.used
    assert decision.n == 240
    assert decision.learned is not None
    assert decision.learned > 0.95
    assert decision.lexicon == pytest.approx(0.5, abs=0.1)
    assert decision.difference == pytest.approx(decision.learned - decision.lexicon)
    assert decision.lexicon_labels is not None
    assert decision.lexicon_labels < 0.3  # neutral counts as wrong
    assert decision.learned_labels is not None
    assert decision.learned_labels > 0.9


def test_a_model_of_ratings_given_by_chance_is_not_used() -> None:
    chance = random.Random(3)
    rows = [row._replace(label=chance.choice(["positive", "negative"])) for row in rated(240, 2, INVENTED)]
    decision = validate(rows, LEXICON)
    assert not decision.used
    assert decision.learned == pytest.approx(0.5, abs=0.12)
    assert decision.reason == "not better than the lexicon by more than the standard error"


def test_the_same_text_is_never_learned_from_and_judged() -> None:
    """Every text twice, with an answer of chance: who has seen the twin knows the answer."""
    chance = random.Random(4)
    rows = []
    for row in rated(120, 2, INVENTED):
        answer = chance.choice(["positive", "negative"])
        rows += [row._replace(label=answer), row._replace(text=row.text.upper() + " !!", label=answer)]
    decision = validate(rows, LEXICON)
    assert decision.learned == pytest.approx(0.5, abs=0.14)
    assert not decision.used


def test_a_labelled_twin_of_a_judged_comment_is_not_learned_from_either() -> None:
    chance = random.Random(5)
    rows = [row._replace(label=chance.choice(["positive", "negative"])) for row in rated(200, 2, INVENTED)]
    twins = [row._replace(rated=False) for row in rows]
    decision = validate(rows + twins * 3, LEXICON)
    assert decision.n == 200
    assert decision.learned == pytest.approx(0.5, abs=0.14)


def test_labelled_comments_are_learned_from_and_not_judged() -> None:
    known = [Labelled(text, label) for text, label in comments(240, 7, INVENTED)]
    few = [row for row in rated(400, 2) if "kecewa" not in row.text][:200]
    decision = validate(few + known + labelled(150, 9), LEXICON)
    assert decision.n == 200


@pytest.mark.parametrize("n", [0, 40, 199])
def test_fewer_than_two_hundred_rated_comments_decide_nothing(n: int) -> None:
    decision = validate(rated(n, 2, INVENTED) + labelled(300, 1), LEXICON)
    assert not decision.used
    assert decision.learned is decision.standard_error is None
    assert decision.reason == f"there are {n} rated comments to compare on; 200 are needed"


def test_too_few_of_the_rarer_side_decide_nothing() -> None:
    rows = rated(600, 2, INVENTED)
    good = [row for row in rows if row.label == "positive"]
    bad = [row for row in rows if row.label == "negative"]
    decision = validate(good + bad[:24], LEXICON)
    assert not decision.used
    assert "only 24 of the rated comments are on the rarer side" in decision.reason
    assert validate(good[:200] + bad[:25], LEXICON).learned is not None


def test_who_calls_everything_favourable_is_half_right() -> None:
    answers = np.array([1.0] * 190 + [0.0] * 10)
    everything, nothing = np.ones(200), np.zeros(200)
    decision = validation._decision(
        answers,
        np.arange(200),
        validation._right(everything, answers),
        validation._right(nothing, answers),
        (0.95, 0.0),
    )
    assert (decision.learned, decision.lexicon, decision.difference) == (0.5, 0.5, 0.0)
    assert not decision.used


def test_the_standard_error_is_that_of_two_means_of_paired_differences() -> None:
    chance = np.random.default_rng(1)
    answers = np.repeat([0.0, 1.0], [60, 140])
    learned, lexicon = chance.integers(0, 2, 200).astype(float), chance.integers(0, 2, 200).astype(float)
    decision = validation._decision(answers, np.arange(200), learned, lexicon, (0.0, 0.0))
    each = learned - lexicon
    of_sides = [each[answers == side].var(ddof=1) / (answers == side).sum() for side in (0, 1)]
    assert decision.standard_error == pytest.approx(np.sqrt(sum(of_sides)) / 2, rel=0.02)
    assert decision.used == (decision.difference > decision.standard_error)  # type: ignore[operator]


def test_one_text_sent_a_hundred_times_is_one_observation() -> None:
    answers = np.repeat([0.0, 1.0], 100)
    learned, lexicon = np.tile([1.0, 0.0], 100), np.tile([0.0, 0.0], 100)
    apart = validation._decision(answers, np.arange(200), learned, lexicon, (0, 0))
    groups = np.concatenate([np.tile([0, 1], 50), np.tile([2, 3], 50)])
    together = validation._decision(answers, groups, learned, lexicon, (0, 0))
    assert apart.standard_error == pytest.approx(0.0354, abs=0.001)
    assert together.standard_error == pytest.approx(0.289, abs=0.01)


def test_a_decision_goes_through_json_unchanged() -> None:
    for decision in (
        Decision(240, 0.9, 0.8, 0.1, 0.02, 0.85, 0.7, used=True, reason="x"),
        Decision(3, None, None, None, None, None, None, used=False, reason="there are 3"),
    ):
        assert Decision.from_dict(json.loads(json.dumps(decision.to_dict()))) == decision
    with pytest.raises(TypeError):
        Decision.from_dict({"n": 3})


def test_validation_gives_what_json_takes() -> None:
    decision = validate(rated(200, 2, INVENTED), LEXICON)
    assert Decision.from_dict(json.loads(json.dumps(decision.to_dict()))) == decision


def test_progress_never_goes_back() -> None:
    told: list[float] = []
    validate(rated(200, 2, INVENTED), LEXICON, progress=lambda _, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_without_scikit_learn_validation_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(ExtraMissing, match=r"percaya\[ml\]"):
        validate(rated(200, 2), LEXICON)
