"""Whether the driver index deserves its name."""

from math import nan, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import Contradiction, Malformed, NotACount, UnknownKey
from analysis.matrix import Matrix
from analysis.reliability import Alpha, cronbach_alpha
from analysis.trust import DRIVERS, LEVEL
from analysis.trust_checks import (
    NOT_KNOWN,
    NOT_SUPPORTED,
    PAIRS_DISAGREE,
    PERFECT,
    SUPPORTED,
    Correlation,
    trust_checks,
)
from analysis.withheld import NO_VARIATION, TOO_FEW_ANSWERS, TOO_FEW_DRIVERS, Withheld

ITEMS = (LEVEL, *DRIVERS)


def matrix(values: Any, counts: Any = None, columns: tuple[str, ...] = ITEMS) -> Matrix:
    table = np.asarray(values, float)
    many = np.ones(len(table), np.int64) if counts is None else np.asarray(counts)
    return Matrix(columns, table, many, (5,) * len(columns))


def people(seed: int, n: int, together: float = 0.6) -> Any:
    """Complete answers to the level and the five drivers, all of which lean on one disposition."""
    generator = np.random.default_rng(seed)
    disposition = generator.normal(size=(n, 1))
    own = disposition * together + generator.normal(size=(n, 6)) * sqrt(1 - together**2)
    return np.clip(np.round(3.6 + own), 1, 5)


def drawn(complete: Any, seed: int, draw: int = 3) -> Any:
    """The same people asked the level and ``draw`` of six further items, of which five are the drivers."""
    generator = np.random.default_rng(seed)
    asked = generator.permuted(np.tile(np.arange(6) < draw, (len(complete), 1)), axis=1)[:, :5]
    values = complete.copy()
    values[:, 1:][~asked] = nan
    return values


def correlation_of(values: Any, **arguments: Any) -> Correlation:
    found = trust_checks(matrix(values), **arguments).correlation
    assert isinstance(found, Correlation)
    return found


def ordinary(complete: Any) -> float:
    return float(np.corrcoef(complete[:, 0], complete[:, 1:].mean(axis=1))[0, 1])


# --- the correlation


def test_with_complete_answers_it_is_the_ordinary_correlation_with_the_mean_of_the_drivers() -> None:
    complete = people(1, 200)
    assert correlation_of(complete).value == pytest.approx(ordinary(complete))
    assert correlation_of(complete).pairs == 200


def test_under_the_short_form_it_is_the_one_that_complete_answers_would_have_given() -> None:
    complete = people(2, 60_000)
    assert correlation_of(drawn(complete, 3)).value == pytest.approx(ordinary(complete), abs=0.015)


def test_an_average_over_the_drivers_somebody_answered_would_be_another_number() -> None:
    complete = people(2, 60_000)
    short = drawn(complete, 3)
    some = ~np.isnan(short[:, 1:]).all(axis=1)
    averaged = np.corrcoef(short[some, 0], np.nanmean(short[some, 1:], axis=1))[0, 1]
    assert averaged < ordinary(complete) - 0.05


def test_its_standard_error_is_that_of_leaving_one_respondent_out() -> None:
    values = drawn(people(4, 200, together=0.8), 5, draw=5)
    found = correlation_of(values, pairs=10)
    others = [correlation_of(np.delete(values, row, axis=0), pairs=10).value for row in range(200)]
    jackknife = sqrt(199 / 200 * np.sum((np.array(others) - np.mean(others)) ** 2))
    assert found.se == pytest.approx(jackknife, rel=0.03)


def test_in_many_short_form_surveys_its_interval_holds_the_truth() -> None:
    truth = ordinary(people(9999, 200_000))
    intervals = [correlation_of(drawn(people(seed, 400), seed)).interval for seed in range(150)]
    assert 0.91 <= np.mean([interval.low <= truth <= interval.high for interval in intervals]) <= 0.985
    assert intervals[0].method == "fisher-z"


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 4), min_size=60, max_size=60))
def test_counts_say_the_same_as_repeated_rows(seed: int, counts: list[int]) -> None:
    values = drawn(people(seed, 60), seed, draw=5)
    counted = trust_checks(matrix(values, counts), pairs=20)
    repeated = trust_checks(matrix(np.repeat(values, counts, axis=0)), pairs=20)
    assert isinstance(counted.correlation, Correlation)
    assert isinstance(repeated.correlation, Correlation)
    assert counted.correlation.value == pytest.approx(repeated.correlation.value)
    assert counted.correlation.se == pytest.approx(repeated.correlation.se)
    assert counted.answering == repeated.answering


def test_too_few_who_answered_one_pair_withhold_it() -> None:
    values = drawn(people(6, 100), 7)
    checks = trust_checks(matrix(values))
    assert isinstance(checks.correlation, Withheld)
    assert checks.correlation.reason == TOO_FEW_ANSWERS
    assert checks.correlation.n < checks.correlation.needed == 30
    assert (checks.verdict, checks.sure) == (NOT_KNOWN, False)


@pytest.mark.parametrize("constant", [slice(0, 1), slice(1, 6)])
def test_a_level_or_drivers_that_all_gave_alike_withhold_it(constant: slice) -> None:
    values = people(8, 50)
    values[:, constant] = 4
    checks = trust_checks(matrix(values))
    assert checks.correlation == Withheld(NO_VARIATION, 50, 30)
    assert checks.verdict == NOT_KNOWN


def test_people_who_answer_everything_alike_prove_nothing() -> None:
    values = np.tile(np.arange(1.0, 6).repeat(10)[:, None], (1, 6))
    assert trust_checks(matrix(values)).correlation == Withheld(PERFECT, 50, 30)


def test_pairs_of_different_people_that_contradict_each_other_are_not_cut_at_one() -> None:
    # Whoever was asked about the level says the same of everything; those asked two drivers say the opposite.
    rows = []
    for driver in range(1, 6):
        for value in (1, 5):
            row = [nan] * 6
            row[0] = row[driver] = value
            rows += [row] * 20
        for other in range(driver + 1, 6):
            for value in (1, 5):
                row = [nan] * 6
                row[driver], row[other] = value, 6 - value
                rows += [row] * 2
    assert trust_checks(matrix(rows), pairs=2).correlation == Withheld(PAIRS_DISAGREE, 4, 2)


# --- the verdict


def test_drivers_that_go_with_the_level_support_the_index() -> None:
    checks = trust_checks(matrix(people(10, 800, together=0.8)))
    assert (checks.verdict, checks.sure) == (SUPPORTED, True)


def test_drivers_that_do_not_go_with_the_level_do_not_support_it() -> None:
    values = people(11, 800)
    values[:, 0] = people(12, 800)[:, 0]
    checks = trust_checks(matrix(values))
    assert (checks.verdict, checks.sure) == (NOT_SUPPORTED, True)


def test_the_verdict_turns_at_a_correlation_of_0_4_and_near_it_is_not_sure() -> None:
    # The level is a driver-like answer or, more or less often, chance.
    complete, chance = people(13, 300), people(14, 300)
    verdicts = set()
    for mixed in range(0, 301, 10):
        values = complete.copy()
        values[:mixed, 0] = chance[:mixed, 0]
        checks = trust_checks(matrix(values))
        assert isinstance(checks.correlation, Correlation)
        assert (checks.verdict == SUPPORTED) == (checks.correlation.value >= 0.4)
        if abs(checks.correlation.value - 0.4) < 0.05:
            assert not checks.sure
        verdicts.add((checks.verdict, checks.sure))
    assert {(SUPPORTED, False), (NOT_SUPPORTED, False), (NOT_SUPPORTED, True)} <= verdicts


# --- alpha and shares answering


def test_alpha_is_that_of_the_drivers_without_the_level() -> None:
    values = people(15, 150)
    assert trust_checks(matrix(values)).alpha == cronbach_alpha(values[:, 1:])


def test_under_the_short_form_nobody_answered_all_drivers_and_there_is_no_alpha() -> None:
    checks = trust_checks(matrix(drawn(people(16, 400), 17)))
    assert checks.alpha == Withheld(TOO_FEW_ANSWERS, 0, 10)
    assert isinstance(checks.correlation, Correlation)


def test_alpha_is_not_said_of_a_few_who_answered_everything() -> None:
    values = people(16, 400)
    values[9:, 1] = np.nan
    values[200:, 1] = values[200:, 2]
    values[9:200, 3] = np.nan
    values[200:, 4] = np.nan
    assert trust_checks(matrix(values)).alpha == Withheld(TOO_FEW_ANSWERS, 9, 10)


def test_drivers_whose_sums_are_all_equal_have_no_alpha() -> None:
    assert trust_checks(matrix(np.full((40, 6), 4.0))).alpha == Withheld(NO_VARIATION, 40, 2)


def test_four_drivers_are_enough_and_three_are_not() -> None:
    values = people(18, 120)
    values[:, 5] = nan
    four = trust_checks(matrix(values))
    assert isinstance(four.alpha, Alpha)
    assert four.alpha.k == 4
    values[:, 4] = nan
    three = trust_checks(matrix(values))
    assert three.alpha == three.correlation == Withheld(TOO_FEW_DRIVERS, 3, 4)
    assert three.verdict == NOT_KNOWN


def test_the_share_answering_is_of_those_asked_when_that_is_known() -> None:
    values = drawn(people(19, 400), 20)
    answered = int((~np.isnan(values[:, 1])).sum())
    asked = dict.fromkeys(ITEMS, 400) | {DRIVERS[0]: answered + 10}
    of_asked, of_all = trust_checks(matrix(values), asked=asked), trust_checks(matrix(values))
    assert of_asked.answering[DRIVERS[0]].value == pytest.approx(answered / (answered + 10))
    assert of_all.answering[DRIVERS[0]].value == pytest.approx(answered / 400)
    assert of_all.answering[LEVEL].count == of_all.n == 400


def test_an_item_that_nobody_was_asked_has_no_share() -> None:
    values = people(21, 50)
    values[:, 5] = nan
    checks = trust_checks(matrix(values), asked=dict.fromkeys(ITEMS, 50) | {DRIVERS[4]: 0})
    assert set(checks.answering) == set(ITEMS) - {DRIVERS[4]}


def test_other_columns_are_left_aside() -> None:
    values = people(22, 100)
    wider = matrix(np.column_stack([values[:, ::-1], values[:, 0]]), columns=(*ITEMS[::-1], "trust_change"))
    one, other = trust_checks(matrix(values)), trust_checks(wider)
    assert isinstance(one.correlation, Correlation)
    assert isinstance(other.correlation, Correlation)
    assert one.correlation.value == pytest.approx(other.correlation.value)
    assert one.answering == other.answering


# --- refusals


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"minimum": 0}, Malformed),
        ({"pairs": 1}, Malformed),
        ({"level": 1}, Malformed),
        ({"asked": {LEVEL: 50}}, UnknownKey),
        ({"asked": dict.fromkeys(ITEMS, 49)}, Contradiction),
        ({"asked": dict.fromkeys(ITEMS, 50.0)}, NotACount),
        ({"asked": dict.fromkeys(ITEMS, -1)}, NotACount),
    ],
)
def test_arguments_that_cannot_be_are_refused(arguments: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        trust_checks(matrix(people(23, 50)), **arguments)


def test_without_the_level_there_is_nothing_to_explain() -> None:
    with pytest.raises(UnknownKey, match="trust_level"):
        trust_checks(matrix(people(24, 50)[:, 1:], columns=DRIVERS))


def test_no_rows_are_no_checks() -> None:
    checks = trust_checks(matrix(np.empty((0, 6))))
    assert (checks.n, checks.answering, checks.verdict) == (0, {}, NOT_KNOWN)
