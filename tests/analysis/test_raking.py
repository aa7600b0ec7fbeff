"""Raking to margins: tables, weights of rows, and the mean with a standard error that repeats it."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import svy
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cells import Cell
from analysis.collapse import join_levels
from analysis.errors import (
    Contradiction,
    EmptyLevel,
    Malformed,
    NoFigure,
    NotACount,
    NotConverged,
    TooFew,
    UnknownKey,
    WrongWeights,
)
from analysis.poststratification import poststratify
from analysis.raking import rake_table, rake_weights
from analysis.replicates import raked_mean
from analysis.weighting import kish, trim

MARGINS = {"sex": {"f": 60, "m": 40}, "age": {"young": 35, "old": 65}}
CHANNELS = {"service": {"a": 900, "b": 300}, "channel": {"x": 700, "y": 300, "z": 200}}
NAMES = ("service", "channel")


def rows(seed, n=150, shares=(0.5, 0.3, 0.2)):
    generator = np.random.default_rng(seed)
    return {
        "service": generator.choice(["a", "b"], n).tolist(),
        "channel": generator.choice(["x", "y", "z"], n, p=shares).tolist(),
    }, generator.normal(80, 5, n)


def cells_of(levels, scores, populations):
    """Cells of two keys from rows, with the transactions of each cell."""
    keys = list(zip(levels["service"], levels["channel"], strict=True))
    cells = []
    for key, population in populations.items():
        mine = [score for score, own in zip(scores, keys, strict=True) if own == key]
        mean = float(np.mean(mine)) if mine else None
        sd = float(np.std(mine, ddof=1)) if len(mine) > 1 else None
        cells.append(Cell(key, population, len(mine), mean, sd))
    return cells


# Of the margins in CHANNELS.
SERVED = {
    ("a", "x"): 600,
    ("a", "y"): 200,
    ("a", "z"): 100,
    ("b", "x"): 100,
    ("b", "y"): 100,
    ("b", "z"): 100,
}


# Tables


def test_a_table_is_fitted_to_its_margins():
    # Agrees with ipfn 1.4.4.
    result = rake_table([[30.0, 10.0], [20.0, 40.0]], MARGINS)
    wanted = [[29.459850214380094, 30.540149785619903], [5.540149785619907, 34.45985021438009]]
    assert result.values == pytest.approx(np.array(wanted), abs=1e-5)
    assert result.off <= 1e-6
    assert (result.trimmed, result.bound) == (0, None)


def test_fitting_keeps_the_odds_ratio():
    (a, b), (c, d) = rake_table([[30.0, 10.0], [20.0, 40.0]], MARGINS).values
    assert a * d / (b * c) == pytest.approx(6.0, abs=1e-5)


def test_a_table_that_fits_is_left_as_it_is():
    result = rake_table([[20.0, 40.0], [15.0, 25.0]], MARGINS)
    assert result.values == pytest.approx(np.array([[20.0, 40.0], [15.0, 25.0]]))
    assert result.iterations == 1


@settings(deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_every_margin_of_a_table_of_any_shape_holds(seed, shape):
    generator = np.random.default_rng(seed)
    table, target = generator.uniform(0.5, 9, shape), generator.uniform(0.5, 9, shape)
    axes = range(len(shape))
    totals = [target.sum(axis=tuple(other for other in axes if other != axis)) for axis in axes]
    margins = {f"m{axis}": {f"l{at}": float(t) for at, t in enumerate(totals[axis])} for axis in axes}
    fitted = rake_table(table, margins).values
    for axis in axes:
        reached = fitted.sum(axis=tuple(other for other in axes if other != axis))
        assert reached == pytest.approx(totals[axis], rel=1.1e-6)


def test_a_zero_stays_zero_and_a_level_of_no_total_becomes_zero():
    margins = {"sex": {"f": 60, "m": 40}, "age": {"young": 35, "old": 65, "none": 0}}
    fitted = rake_table([[0.0, 10.0, 7.0], [20.0, 40.0, 7.0]], margins).values
    assert fitted == pytest.approx(np.array([[0, 60, 0], [35, 5, 0]]), abs=1e-4)


def test_margins_that_zeros_forbid_do_not_converge():
    with pytest.raises(NotConverged) as refusal:
        rake_table([[10.0, 0.0], [0.0, 10.0]], MARGINS)
    assert refusal.value.iterations == 500
    assert refusal.value.off > 0.1


def test_the_limit_of_rounds_is_kept():
    with pytest.raises(NotConverged) as refusal:
        rake_table([[30.0, 10.0], [20.0, 40.0]], MARGINS, limit=2)
    assert refusal.value.iterations == 2
    assert rake_table([[30.0, 10.0], [20.0, 40.0]], MARGINS, limit=2, tolerance=0.1).iterations <= 2


def test_a_level_without_anything_is_named():
    with pytest.raises(EmptyLevel) as refusal:
        rake_table([[30.0, 0.0], [20.0, 0.0]], MARGINS)
    assert (refusal.value.margin, refusal.value.level) == ("age", "old")


@pytest.mark.parametrize(
    ("margins", "error"),
    [
        ({}, Malformed),
        ({"sex": {}, "age": {"young": 35, "old": 65}}, Malformed),
        ({"sex": {"f": 60, "m": 40}, "age": {"young": 35, "old": 66}}, WrongWeights),
        ({"sex": {"f": 60, "m": 40}, "age": {"young": -35, "old": 135}}, WrongWeights),
        ({"sex": {"f": 60, "m": float("nan")}, "age": {"young": 35, "old": 65}}, WrongWeights),
        ({"sex": {"f": 60, "m": float("inf")}, "age": {"young": 35, "old": 65}}, WrongWeights),
        ({"sex": {"f": 60, "m": "40"}, "age": {"young": 35, "old": 65}}, WrongWeights),
        ({"sex": {"f": 0, "m": True}, "age": {"young": 1, "old": 0}}, WrongWeights),
        ({"sex": {"f": 0, "m": 0}, "age": {"young": 0, "old": 0}}, WrongWeights),
    ],
)
def test_margins_that_are_none_are_refused(margins, error):
    with pytest.raises(error):
        rake_table([[30.0, 10.0], [20.0, 40.0]], margins)
    with pytest.raises(error):
        rake_weights({"sex": ["f", "m", "f"], "age": ["young", "old", "old"]}, margins)


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ([[30.0, 10.0]], Malformed),
        ([[30.0, 10.0], [20.0]], Malformed),
        ([[30.0, -10.0], [20.0, 40.0]], WrongWeights),
        ([[30.0, float("nan")], [20.0, 40.0]], WrongWeights),
        ([["a", "b"], ["c", "d"]], WrongWeights),
    ],
)
def test_tables_that_are_none_are_refused(table, error):
    with pytest.raises(error):
        rake_table(table, MARGINS)


# Weights of rows


def test_weights_are_those_of_survey_software():
    levels, _ = rows(1)
    base = np.random.default_rng(2).uniform(1, 3, 150)
    data = pl.DataFrame({**levels, "w": base, "id": range(150)})
    theirs = svy.Sample(data, svy.Design(wgt="w", psu="id")).weighting.rake(
        controls=CHANNELS, tol=1e-12, max_iter=500
    )
    ours = rake_weights(levels, CHANNELS, base=base, tolerance=1e-12)
    assert ours.values == pytest.approx(theirs.data["rk_wgt"].to_numpy(), rel=1e-9)


def test_every_level_of_every_margin_reaches_its_total():
    levels, _ = rows(3)
    result = rake_weights(levels, CHANNELS)
    for margin, totals in CHANNELS.items():
        column = np.array(levels[margin])
        for level, total in totals.items():
            assert result.values[column == level].sum() == pytest.approx(total, rel=1e-6)


def test_rows_with_counts_weigh_as_their_repetitions():
    levels = {"service": ["a", "a", "b", "b"], "channel": ["x", "y", "z", "x"]}
    counts = [3, 1, 4, 2]
    repeated = {key: np.repeat(column, counts).tolist() for key, column in levels.items()}
    by_count = rake_weights(levels, CHANNELS, counts=counts, trim_rule="median")
    by_row = rake_weights(repeated, CHANNELS, trim_rule="median")
    assert np.repeat(by_count.values, counts) == pytest.approx(by_row.values)


def test_one_margin_gives_transactions_per_answer():
    result = rake_weights({"service": ["a", "a", "b"]}, {"service": {"a": 900, "b": 300}})
    assert result.values == pytest.approx([450, 450, 300])


def test_large_weights_are_cut_and_the_margins_hold_again():
    # Two answers about a channel with 200 of 1,200 transactions weigh 100 each, the others about 7.
    levels, _ = rows(5)
    levels = {"service": levels["service"], "channel": ["z", "z", *np.resize(["x", "x", "y"], 148).tolist()]}
    loose, cut = rake_weights(levels, CHANNELS), rake_weights(levels, CHANNELS, trim_rule="larger")
    assert (loose.trimmed, loose.bound) == (0, None)
    assert cut.trimmed == 2
    assert cut.bound == trim(loose.values).bound
    channel = np.array(levels["channel"])
    assert cut.values[channel == "z"].sum() == pytest.approx(200, rel=1e-6)
    # Nobody else answered there: the margin gives back what the cut took, and says so by its cost.
    assert kish(cut.values).deff == pytest.approx(kish(loose.values).deff, rel=0.05)


def test_a_heavy_combination_is_lighter_after_the_cut():
    generator = np.random.default_rng(7)
    shares = {"service": (0.8, 0.2), "channel": (0.8, 0.14, 0.06), "month": (0.8, 0.2)}
    levels = {key: generator.choice(list("xyz")[: len(p)], 400, p=p).tolist() for key, p in shares.items()}
    margins = {
        "service": {"x": 600, "y": 400},
        "channel": {"x": 640, "y": 220, "z": 140},
        "month": {"x": 600, "y": 400},
    }
    loose, cut = rake_weights(levels, margins), rake_weights(levels, margins, trim_rule="median")
    assert cut.trimmed > 0
    assert cut.values.max() < loose.values.max()
    assert cut.values.sum() == pytest.approx(1000, rel=1e-6)
    assert kish(cut.values).deff < kish(loose.values).deff


def test_weights_without_a_reason_to_cut_are_left():
    levels, _ = rows(1)
    cut = rake_weights(levels, CHANNELS, trim_rule="median")
    assert cut.trimmed == 0
    assert cut.values == pytest.approx(rake_weights(levels, CHANNELS).values)


def test_many_heavy_weights_are_left_and_their_cost_decides():
    # Eight of ten answers are about a twentieth of the transactions: the bound is below the mean weight.
    levels = {"service": ["a"] * 80 + ["b"] * 20}
    result = rake_weights(levels, {"service": {"a": 50, "b": 950}}, trim_rule="larger")
    assert (result.trimmed, result.bound) == (0, float("inf"))
    assert result.values == pytest.approx([50 / 80] * 80 + [950 / 20] * 20)


def test_a_level_with_transactions_and_no_answer_is_named():
    with pytest.raises(EmptyLevel) as refusal:
        rake_weights({"service": ["a", "b"], "channel": ["x", "y"]}, CHANNELS)
    assert (refusal.value.margin, refusal.value.level) == ("channel", "z")
    with pytest.raises(EmptyLevel):
        rake_weights({"service": ["a", "b"]}, {"service": {"a": 9, "b": 3}}, counts=[4, 0])


def test_answers_where_nothing_was_served_contradict():
    with pytest.raises(Contradiction, match="service = b"):
        rake_weights({"service": ["a", "b"]}, {"service": {"a": 9, "b": 0}})


@pytest.mark.parametrize(
    ("levels", "given", "error"),
    [
        ({"service": ["a", "b"]}, {}, UnknownKey),
        ({"service": ["a", "c"], "channel": ["x", "y"]}, {}, UnknownKey),
        ({"service": ["a", None], "channel": ["x", "y"]}, {}, UnknownKey),
        ({"service": ["a", "b"], "channel": ["x"]}, {}, Malformed),
        ({"service": [], "channel": []}, {}, NoFigure),
        ({"service": ["a", "b"], "channel": ["x", "y"]}, {"base": [1.0]}, Malformed),
        ({"service": ["a", "b"], "channel": ["x", "y"]}, {"base": [1.0, -1.0]}, WrongWeights),
        ({"service": ["a", "b"], "channel": ["x", "y"]}, {"counts": [1, -1]}, NotACount),
        ({"service": ["a", "b"], "channel": ["x", "y"]}, {"counts": [0, 0]}, NoFigure),
    ],
)
def test_rows_that_do_not_belong_to_the_margins_are_refused(levels, given, error):
    with pytest.raises(error):
        rake_weights(levels, CHANNELS, **given)


def test_the_row_of_an_unknown_level_is_named():
    with pytest.raises(UnknownKey, match="row 2: service has no level 'c'"):
        rake_weights({"service": ["a", "c"]}, {"service": {"a": 9}})


# The raked mean


def test_the_raked_mean_is_the_mean_of_the_raked_rows():
    levels, scores = rows(1)
    result = raked_mean(cells_of(levels, scores, SERVED), NAMES, seed=1, trim_rule=None)
    weights = rake_weights(levels, CHANNELS).values
    assert result.value == pytest.approx(np.average(scores, weights=weights), abs=1e-4)
    assert result.weights.deff == pytest.approx(kish(weights).deff, rel=1e-5)
    assert (result.method, result.n, result.population, result.cells) == ("raked", 150, 1200, 6)
    assert result.unweighted == pytest.approx(scores.mean())


def test_the_standard_error_is_that_of_raked_replicates_of_survey_software():
    levels, scores = rows(1)
    # A difference between channels, which raking takes out of the error.
    scores = scores + np.array([{"x": 0, "y": 9, "z": -9}[channel] for channel in levels["channel"]])
    data = pl.DataFrame({**levels, "y": scores, "w": np.ones(150), "id": range(150)})
    sample = svy.Sample(data, svy.Design(wgt="w", psu="id"))
    raked = sample.weighting.create_bs_wgts(n_reps=2000, rstate=4).weighting.rake(
        controls=CHANNELS, tol=1e-8, max_iter=500
    )
    theirs = raked.estimation.mean("y", method="replication").to_polars()["se"][0]
    ours = raked_mean(
        cells_of(levels, scores, SERVED), NAMES, seed=4, replicates=2000, finite=False, trim_rule=None
    )
    assert ours.se == pytest.approx(theirs, rel=0.07)
    unraked = np.std(scores, ddof=1) / np.sqrt(150)
    assert ours.se < 0.85 * unraked


def test_the_standard_error_is_the_deviation_of_repeated_samples():
    generator = np.random.default_rng(12)
    truth = {key: 70 + 5 * at for at, key in enumerate(SERVED)}
    n = 200

    def sample():
        picked = generator.choice(len(SERVED), n, p=[0.2, 0.2, 0.2, 0.2, 0.1, 0.1])
        keys = [list(SERVED)[at] for at in picked]
        scores = generator.normal([truth[key] for key in keys], 6)
        levels = {"service": [key[0] for key in keys], "channel": [key[1] for key in keys]}
        return cells_of(levels, scores, SERVED)

    results = [raked_mean(sample(), NAMES, seed=at, replicates=60, finite=False) for at in range(250)]
    deviation = np.std([result.value for result in results], ddof=1)
    assert np.mean([result.se for result in results]) == pytest.approx(deviation, rel=0.12)
    ends = [result.interval for result in results]
    centre = np.mean([result.value for result in results])
    assert np.mean([end.low <= centre <= end.high for end in ends]) > 0.91


def test_raking_to_one_margin_is_poststratification():
    cells = [Cell(("counter",), 900, 60, 82.0, 9.0), Cell(("online",), 2100, 90, 88.5, 7.5)]
    raked = raked_mean(cells, ("channel",), seed=3, replicates=2000, finite=False)
    exact = poststratify(cells, finite=False)
    assert raked.value == pytest.approx(exact.value)
    assert raked.weights == pytest.approx(exact.weights)
    assert raked.se == pytest.approx(exact.se, rel=0.06)


def test_answers_in_proportion_give_the_plain_mean():
    cells = [
        Cell((s, c), 5 * n, n, mean, 6.0)
        for s, c, n, mean in [
            ("a", "x", 30, 80.0),
            ("a", "y", 40, 90.0),
            ("b", "x", 50, 70.0),
            ("b", "y", 60, 85.0),
        ]
    ]
    result = raked_mean(cells, NAMES, seed=1)
    assert result.value == pytest.approx(result.unweighted)
    assert result.weights.deff == pytest.approx(1)
    assert result.trimmed == 0


def test_a_seed_gives_the_same_again_and_another_one_gives_another():
    cells = cells_of(*rows(1), SERVED)
    first = raked_mean(cells, NAMES, seed=5)
    assert raked_mean(cells, NAMES, seed=5) == first
    assert raked_mean(cells, NAMES, seed=np.random.default_rng(5)) == first
    other = raked_mean(cells, NAMES, seed=6)
    assert other.se != first.se
    assert other.value == first.value


def test_a_finite_population_is_less_uncertain():
    cells = cells_of(*rows(1), SERVED)
    whole = raked_mean(cells, NAMES, seed=5, finite=False)
    exact = raked_mean(cells, NAMES, seed=5)
    assert exact.se == pytest.approx(whole.se * np.sqrt(1 - 150 / 1200))
    assert exact.interval.high - exact.interval.low < whole.interval.high - whole.interval.low
    assert (exact.finite, whole.finite) == (True, False)


def test_progress_is_told_until_all_replicates_are_done():
    told = []
    raked_mean(cells_of(*rows(1), SERVED), NAMES, seed=5, replicates=60, progress=lambda *at: told.append(at))
    assert told == [(25, 60), (50, 60), (60, 60)]


def test_a_cell_without_answers_is_spoken_for_by_its_margins():
    levels, scores = rows(1)
    kept = [at for at in range(150) if (levels["service"][at], levels["channel"][at]) != ("b", "z")]
    levels = {key: [column[at] for at in kept] for key, column in levels.items()}
    cells = cells_of(levels, scores[kept], SERVED)
    assert cells[-1].n == 0
    result = raked_mean(cells, NAMES, seed=2, minimum=5)
    assert (result.population, result.unheard) == (1200, 100)
    assert result.value == pytest.approx(
        np.average(scores[kept], weights=rake_weights(levels, CHANNELS).values), abs=1e-4
    )


def test_answers_that_all_agree_leave_doubt():
    cells = [Cell((s, c), 200, 30, 100.0, 0.0) for s in "ab" for c in "xy"]
    result = raked_mean(cells, NAMES, seed=1)
    assert (result.value, result.se) == (100, pytest.approx(0, abs=1e-9))
    assert 95 < result.interval.low < 100


def test_weights_that_are_too_unequal_withhold_the_raked_figure():
    cells = [Cell(("a", "x"), 200, 190, 90.0, 5.0), Cell(("b", "x"), 20_000, 20, 60.0, 5.0)]
    for rule in (None, "larger"):
        result = raked_mean(cells, NAMES, seed=1, trim_rule=rule)
        assert (result.value, result.se, result.withheld) == (None, None, "weights_too_unequal")


def test_a_thin_margin_is_refused_until_it_is_joined():
    cells = [Cell((s, c), 200, n, 80.0, 5.0) for s, c, n in [("a", "x", 60), ("a", "z", 19), ("b", "y", 40)]]
    with pytest.raises(TooFew, match="channel = z") as refusal:
        raked_mean(cells, NAMES, seed=1)
    assert (refusal.value.n, refusal.value.needed) == (19, 20)
    result = raked_mean(join_levels(cells), NAMES, seed=1)
    assert (result.cells, result.n, result.population) == (3, 119, 600)


def test_the_silence_of_a_level_is_named():
    cells = [Cell(("a", "x"), 200, 60, 80.0, 5.0), Cell(("a", "z"), 10, 0, None, None)]
    with pytest.raises(EmptyLevel) as refusal:
        raked_mean(cells, NAMES, seed=1)
    assert (refusal.value.margin, refusal.value.level) == ("channel", "z")


FINE = [Cell((s, c), 200, 30, 80.0, 5.0) for s in "ab" for c in "xy"]


@pytest.mark.parametrize(
    ("cells", "given", "error"),
    [
        ([], {}, NoFigure),
        ([Cell(("a", "x"), 9, 0, None, None)], {}, NoFigure),
        ([Cell(("a", "x"), 9, 1, 80.0, None)], {"minimum": 0}, TooFew),
        ([*FINE, FINE[0]], {}, Contradiction),
        ([replace(FINE[0], population=20), *FINE[2:]], {}, Contradiction),
        ([replace(FINE[0], mean=20.0), *FINE[1:]], {}, Malformed),
        (FINE, {"names": ("service",)}, Malformed),
        (FINE, {"replicates": 1}, NotACount),
        (FINE, {"replicates": 200.0}, NotACount),
        (FINE, {"minimum": -1}, NotACount),
        (FINE, {"seed": None}, Malformed),
        (FINE, {"seed": True}, Malformed),
        (FINE, {"seed": -1}, Malformed),
        (FINE, {"trim_rule": "mean"}, UnknownKey),
    ],
)
def test_what_cannot_be_raked_is_refused(cells, given, error):
    with pytest.raises(error):
        raked_mean(cells, **{"names": NAMES, "seed": 1, **given})
