"""Simulations count what they say they count; statistics claim as seldom as they promise (seeded)."""

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.intervals import wilson_proportion
from benchmarks import gating, null, null_answers, null_series, null_units
from benchmarks.claims import Claims, as_table
from benchmarks.simulations import main


def found(study: null.Study, runs: int) -> dict[str, Claims]:
    return {row.what: row for row in null.simulate(runs, seed=3, of=[(study, 1)])}


def lowest(row: Claims) -> float:
    return wilson_proportion(row.claimed, row.runs, level=0.998).low


def test_a_row_shows_its_rate_with_the_interval_and_what_was_promised() -> None:
    table = as_table([Claims("a claim", 1, 40, 0.05), Claims("another", 0, 1000, None)])
    # Wilson's interval of 1 in 40 (statsmodels.stats.proportion.proportion_confint, method "wilson").
    assert "| a claim | 40 | 2.50 | 0.44–12.88 | 5 |" in table
    assert "| another | 1,000 | 0.00 | 0.00–0.38 | – |" in table


def test_equal_seeds_give_equal_rows_whatever_else_is_run() -> None:
    studies = [(null_units.invited_by_outcome, 1), (null_series.changed_level, 1)]
    both = list(null.simulate(40, seed=5, of=studies))
    assert both[:3] == list(null.simulate(40, seed=5, of=studies[:1]))
    assert both != list(null.simulate(40, seed=6, of=studies))


@pytest.fixture(scope="module")
def ranked() -> dict[str, Claims]:
    return found(null_units.better_than_another, 300)


def test_equal_agencies_are_seldom_ranked_by_the_larger_of_their_own_and_the_familys_deviation(
    ranked: dict[str, Claims],
) -> None:
    rates = [row.rate for what, row in ranked.items() if "the larger" in what]
    assert len(rates) == 5
    # Three standard errors of 5 % among 300 runs.
    assert max(rates) < 0.05 + 3 * (0.05 * 0.95 / 300) ** 0.5


def test_near_the_end_of_the_scale_an_agencys_own_deviation_ranks_equals_too_often(
    ranked: dict[str, Claims],
) -> None:
    assert lowest(ranked["rank sets, any pair: ceiling; own deviations"]) > 0.05


@pytest.mark.parametrize("study", [null_units.invited_by_outcome, null_answers.drivers_of_nothing])
def test_what_promises_five_per_cent_keeps_it(study: null.Study) -> None:
    for row in found(study, 200).values():
        assert lowest(row) <= 0.05, row.what


def test_a_known_process_gives_alarms_as_rarely_as_its_charts_promise() -> None:
    for row in found(null_series.alarms_of_a_known_process, 120).values():
        assert row.nominal is not None
        assert row.rate == pytest.approx(row.nominal, rel=0.3), row.what


def test_a_short_baseline_gives_more_alarms_than_a_known_process_would() -> None:
    row = found(null_series.alarms_of_the_first_year, 400)[
        "EWMA, any alarm in a year: baseline of 12 periods"
    ]
    assert row.nominal is not None
    assert lowest(row) > row.nominal


def test_equal_agencies_of_unequal_size_are_drawn_from_their_population() -> None:
    family = null_units.Family("middle", (gating.one_group("middle", 79.7, 11.3),))
    drawn = null_units.draw(family, np.random.default_rng(1), 300, (50, 200))
    assert drawn.means.mean(axis=0) == pytest.approx([79.7, 79.7], abs=0.4)
    assert drawn.means.std(axis=0) == pytest.approx(11.3 / np.sqrt([50, 200]), rel=0.15)


@pytest.fixture(scope="module")
def gated() -> dict[str, gating.Gated]:
    return {row.what: row for row in gating.simulate(120, seed=2, strengths=(1.0, 0.4, 0.0))}


def test_gating_is_flagged_and_a_coin_is_not(gated: dict[str, gating.Gated]) -> None:
    assert gated["all alike"].flagged < 0.15
    assert gated["rejected 0.4 × as often"].flagged == 1


def test_cells_with_the_outcome_move_the_index_towards_the_truth(gated: dict[str, gating.Gated]) -> None:
    row = gated["rejected 0.4 × as often"]
    assert row.figures[gating.OFFICIAL].off > 2
    assert abs(row.figures[gating.OUTCOME_FIRST].off) < 0.5
    assert row.closer > 0.9


def test_cells_without_the_outcome_leave_it_where_it_was(gated: dict[str, gating.Gated]) -> None:
    assert gated["rejected 0.4 × as often"].figures[gating.BY_SERVICE].off > 2


def test_who_was_never_invited_cannot_be_weighed_in_and_is_counted_as_unheard(
    gated: dict[str, gating.Gated],
) -> None:
    row = gated["rejected never"]
    assert row.unheard == 1
    assert row.figures[gating.OUTCOME_FIRST].off > 3


def test_silence_within_a_kind_is_neither_flagged_nor_mended(gated: dict[str, gating.Gated]) -> None:
    row = gated["all alike, but the more content half of each kind answers twice as often"]
    assert row.flagged < 0.15
    assert row.figures[gating.OUTCOME_FIRST].off > 1.5


@pytest.mark.parametrize("command", ["null", "gating"])
def test_the_commands_print_their_table(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--runs", "20", "--seed", "1"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].startswith("|---|")
    assert len(result.stdout.splitlines()) > 9
