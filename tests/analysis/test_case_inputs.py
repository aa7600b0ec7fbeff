"""How a case is read: the forms its inputs may take, and what is refused instead of being guessed at."""

import json
from collections.abc import Iterator
from copy import deepcopy
from math import inf, nan, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from analysis.cases import run
from analysis.errors import (
    Contradiction,
    EmptyLevel,
    Malformed,
    NoFigure,
    NotACount,
    NoVariation,
    OutOfScale,
    Refused,
    TooFew,
    UnknownKey,
    WrongWeights,
)

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = [
    case
    for file in ("skm_cases.json", "stat_cases.json")
    for case in json.loads((HERE / file).read_text(encoding="utf-8"))["cases"]
]
BY_ID = {case["id"]: case for case in CASES}
KEYS = ("requirements", "procedure", "time", "cost", "product", "competence", "behaviour")
KEYS += ("facilities", "complaints")

# Quarter III of 2025 of the agency whose quarters I and II are in skm_cases.json; published is 95.33.
QUARTER_3 = (3.846, 3.769, 3.659, 3.956, 3.890, 3.846, 3.725, 3.769, 3.857)
# Page of the licensing service (DPMPTSP) of Kota Bogor, values from 25 to 100; published is 96.88.
BOGOR = (85.94, 85.16, 82.81, 93.75, 85.94, 84.38, 86.72, 85.16, 96.88)


def kind(name: str, **fields: Any) -> dict[str, Any]:
    return run({"kind": name, **fields})


def topic(name: str, expected: Any = None, /, **inputs: Any) -> dict[str, Any]:
    return run({"topic": name, "inputs": inputs, "expected": expected})


# Published tables


def test_a_published_quarter_follows_from_its_means() -> None:
    means = dict(zip(KEYS, QUARTER_3, strict=True))
    found = kind("element_means", element_means=means, published={"ikm": 95.33})
    assert found["ikm"] == pytest.approx(25 * sum(QUARTER_3) / 9, abs=1e-12)
    assert (found["ikm_rounded"], found["grade"], found["lowest_element"]) == (95.33, "A", "time")
    assert found["published_headline_consistent"] is True


def test_an_element_printed_as_the_headline_does_not_follow() -> None:
    found = kind(
        "element_index_25_100",
        element_index=dict(zip(KEYS, BOGOR, strict=True)),
        published={"ikm": 96.88, "grade": "A - SANGAT BAIK"},
    )
    assert (found["ikm_rounded"], found["grade"]) == (87.42, "B")
    assert found["published_headline_consistent"] is False
    assert found["likely_causes"] == ["element_as_headline"]


@pytest.mark.parametrize(("headline", "follows"), [(82.38, True), (82.37, True), (82.4, False)])
def test_a_headline_of_82_point_4_is_82_point_40(headline: float, follows: bool) -> None:
    # The index is 82.375; JSON drops the zero that the page printed.
    found = kind("element_sums", element_sums={"a": 332, "b": 327}, n=100, published={"ikm": headline})
    assert found["published_headline_consistent"] is follows


def test_rounded_means_excuse_half_a_digit_of_each_and_no_more() -> None:
    means = {"a": 3.14, "b": 3.16}  # an index of 78.75, that may be off by 0.125 + 0.005
    within = kind("element_means", element_means=means, published={"ikm": 78.88})
    beyond = kind("element_means", element_means=means, published={"ikm": 78.89})
    assert within["published_headline_consistent"] is True
    assert beyond["published_headline_consistent"] is False


def test_without_a_headline_there_is_no_verdict() -> None:
    assert kind("element_means", element_means={"a": 3.1})["published_headline_consistent"] is None
    unknown = kind("element_means", element_means={"a": 3.1}, published={"ikm": None, "grade": "lumayan"})
    assert unknown["published_headline_consistent"] is None


def test_a_grade_alone_is_the_headline() -> None:
    found = kind("element_means", element_means={"a": 3.1}, published={"grade": "A"})
    assert found["published_headline_consistent"] is False


def test_means_that_were_never_rounded_are_taken_as_they_are() -> None:
    found = kind("element_means", element_means={"a": 138 / 49, "b": 139 / 49}, published={"ikm": 70.66})
    assert found["ikm"] == pytest.approx(25 * 277 / 98, abs=1e-9)
    assert found["published_headline_consistent"] is True


def test_elements_in_a_list_take_the_names_of_the_columns() -> None:
    found = kind("element_means", element_means=[3.2, 3.1], positional_elements=["U1", "U2"])
    assert (found["lowest_element"], found["lowest_position"]) == ("U2", "U2")


def test_the_position_of_an_element_is_that_of_its_order() -> None:
    found = kind("element_means", element_means={"time": 3.0, "cost": 3.5}, order=["cost", "time"])
    assert (found["lowest_element"], found["lowest_position"]) == ("time", "U2")


def test_all_elements_that_share_the_lowest_mean_are_named() -> None:
    means = {"a": 3.1, "b": 3.1, "c": 3.5}
    assert kind("element_means", element_means=means)["lowest_element"] == ["a", "b"]
    one = kind("element_means", element_means=means, expected={"lowest_element": ""})
    assert one["lowest_element"] == "a"
    assert one["rank_high_to_low"] == {"a": 2, "b": 2, "c": 1}


def test_an_element_is_left_out_by_name() -> None:
    found = kind("element_means", element_means={"cost": 4, "time": 3}, expected={"ikm_without_time": 0})
    assert (found["ikm_without_cost"], found["ikm_without_time"]) == (75.0, 100.0)


def test_a_weight_of_three_elements_is_a_third_or_its_rounding() -> None:
    found = kind("element_means", element_means={"a": 3, "b": 3, "c": 3})
    assert found["ikm_if_weight_one_third"] == 75.0
    assert (found["ikm_if_weight_0_33"], found["ikm_if_weight_0_333"]) == (74.25, 74.925)


def test_a_name_that_holds_no_weight_asks_for_nothing() -> None:
    asked = {"ikm_if_weight_0_0": 0, "ikm_if_weight_heavy": 0, "ikm_if_weight_1_4": 0}
    found = kind("element_means", element_means={"a": 3}, expected=asked)
    assert set(asked) & set(found) == {"ikm_if_weight_1_4"}
    assert found["ikm_if_weight_1_4"] == 18.75


def test_each_element_may_have_been_answered_by_others() -> None:
    found = kind("element_sums", element_sums={"a": 31, "b": 32}, answered_per_element={"a": 10, "b": 8})
    assert found["ikm"] == pytest.approx(25 * (3.1 + 4) / 2)
    assert (found["n"], found["publishable"]) == (10, True)


def test_counts_of_answers_are_enough_and_may_not_contradict_their_sums() -> None:
    counts = {"a": {"4": 3, "2": 1}}
    assert kind("element_sums", element_counts=counts)["element_sums"] == {"a": 14}
    with pytest.raises(Contradiction):
        kind("element_sums", element_counts=counts, element_sums={"a": 13}, n=4)


def test_grades_can_be_asked_by_the_older_table() -> None:
    found = kind("element_means", element_means={"a": 3.3}, interval_table="kep_25_2004")
    assert (found["grade"], found["element_grades"]) == ("A", {"a": "A"})


def test_an_index_on_four_may_be_printed_with_its_conversion() -> None:
    found = kind("index_only", index_1_4=3.2, n=9, published={"ikm": 80.13})
    assert (found["ikm"], found["publishable"], found["element_grades"]) == (80.0, False, {})
    assert found["published_headline_consistent"] is True
    wrong = kind("index_only", index_1_4=3.2, published={"ikm": 80.14})
    assert wrong["published_headline_consistent"] is False


def test_a_half_hundredth_written_as_a_number_is_rounded_as_it_is_printed() -> None:
    found = kind("grade_boundaries", inputs={"ikm": [76.605, 64.995, 88.305]})
    assert (found["ikm_rounded"], found["grade"]) == ([76.61, 65.0, 88.31], ["B", "C", "A"])


# Tables of single answers


@pytest.mark.parametrize(
    ("cell", "value"),
    [(5, 5), (0, 0), (-1, -1), (3.5, 3.5), ("4", "4"), (True, True), (inf, "inf"), ([4], [4])],
)
@pytest.mark.parametrize("name", ["matrix", "matrix_missing", "matrix_invalid"])
def test_what_is_no_answer_is_named_with_its_place(name: str, cell: object, value: object) -> None:
    found = kind(name, matrix=[[3, 4], [4, cell]], positional_elements=["time", "cost"])
    assert found["validation_error"] == {"row": 2, "column": "cost", "value": value}
    assert "ikm" not in found


def test_a_table_without_fault_has_no_error() -> None:
    found = kind("matrix_invalid", matrix=[[3, 4], [4, 4]])
    assert (found["validation_error"], found["ikm"]) == (None, 93.75)


def test_rows_are_left_out_until_what_is_left_can_be_computed() -> None:
    asked = {"ikm_after_dropping_row_2": 0, "ikm_after_dropping_rows_2_3": 0}
    found = kind("matrix_invalid", matrix=[[3, 4], [5, 2], [4, 0]], expected=asked)
    assert found["invalid_rows"] == [2, 3]
    assert found["ikm_after_dropping_row_2"] is None
    assert found["ikm_after_dropping_rows_2_3"] == 87.5


def test_what_a_table_taken_as_it_is_would_give() -> None:
    found = kind("matrix_invalid", matrix=[[3, 4], [5, 4]])
    assert found["ikm_if_accepted"] == 100.0
    assert found["ikm_if_accepted_and_weight_one_half"] == 100.0
    assert kind("matrix_invalid", matrix=[[3, "four"]])["ikm_if_accepted"] is None


def test_an_element_nobody_answered_leaves_the_index_and_keeps_its_place() -> None:
    found = kind("matrix_missing", matrix=[[3, None], [2, nan]], expected={"nrr": []})
    assert (found["ikm"], found["k"], found["nrr"]) == (62.5, 1, [2.5, None])
    assert found["answered_per_element"] == {"U1": 2, "U2": 0}
    assert (found["unanswered"], found["ikm_complete_case"]) == (["U2"], None)


def test_whole_numbers_are_answers_however_they_are_written() -> None:
    assert kind("matrix", matrix=[[3.0, 4], [4.0, 2]])["ikm"] == 81.25


def test_the_best_by_their_sums_are_not_all() -> None:
    asked = {"score_ordered_top_44_IKM": 0}
    found = run({**BY_ID["skm-sekadau-2019-s1"], "expected": asked})
    assert found["score_ordered_top_44_IKM"] == pytest.approx(80.68, abs=0.005)
    assert found["score_ordered_top_44_IKM"] > found["ikm"]


# Statistics


def test_an_interval_with_gaps_rests_on_the_linearised_error() -> None:
    rows = [[3, 4], [None, 2], [1, 4], [4, 3]]
    found = topic("mean_ci_t", matrix=rows, level=0.9)
    # By hand: means 8/3 and 13/4, and z_i = 12.5 x the sum of (answer - mean) / answers of the element.
    z = 12.5 * np.array(
        [(3 - 8 / 3) / 3 + 0.75 / 4, -1.25 / 4, (1 - 8 / 3) / 3 + 0.75 / 4, (4 - 8 / 3) / 3 - 0.25 / 4]
    )
    se = sqrt(4 / 3 * float(z @ z))
    assert found["mean"] == pytest.approx(12.5 * (8 / 3 + 13 / 4))
    assert found["se"] == pytest.approx(se)
    assert found["lo"] == pytest.approx(found["mean"] - t.ppf(0.95, 3) * se)


def test_an_interval_of_given_moments_needs_no_answers() -> None:
    found = topic("mean_ci_t_fpc", mean=80.0, sd=10.0, n=25, N=100.0)
    assert found["se"] == pytest.approx(2 * sqrt(0.75))


def test_one_answer_has_the_whole_scale_and_no_error() -> None:
    found = topic("mean_ci_t", matrix=[[3, 4]])
    assert (found["mean"], found["se"], found["lo"], found["hi"]) == (87.5, None, 25.0, 100.0)


def test_cells_are_taken_out_counting_from_one_where_that_is_said() -> None:
    rows = [[3, 4, 2], [3, 2, 2], [4, 4, 1]]
    one = topic("ikm_linearised_se_missing", matrix=rows, set_missing=[[1, 1]], index_base=1)
    zero = topic("ikm_linearised_se_missing", matrix=rows, set_missing=[[0, 0]])
    gap = topic("ikm_linearised_se_missing", matrix=[[None, 4, 2], *rows[1:]])
    assert one == zero == gap
    assert one["nrr"] == pytest.approx([3.5, 10 / 3, 5 / 3])


def test_weighted_answers_count_what_they_are_worth() -> None:
    found = topic("proportion_wilson", x=45, n=100, n_eff=40)
    plain = topic("proportion_wilson", x=18, n=40)
    assert (found["lo"], found["hi"]) == pytest.approx((plain["lo"], plain["hi"]))


def test_strata_of_any_scale_and_any_inequality_have_a_mean() -> None:
    # Weights this unequal are never published, but a case asks for the number.
    strata = [
        {"h": "a", "N": 10000, "n": 5, "mean": 800.0, "sd": 30.0},
        {"N": 100, "n": 95, "mean": 600.0, "var": 900.0},
    ]
    found = topic("stratified_mean_fpc", strata=strata)
    assert found["mean"] == pytest.approx((10000 * 800 + 100 * 600) / 10100)
    free = (10000 / 10100) ** 2 * 900 / 5, (100 / 10100) ** 2 * 900 / 95
    assert found["se"] == pytest.approx(sqrt(sum(free)))
    assert found["se_fpc"] == pytest.approx(sqrt(free[0] * (1 - 5 / 10000) + free[1] * 0.05))


def test_a_table_of_three_axes_is_raked_to_all_of_them() -> None:
    table = np.arange(1.0, 9.0).reshape(2, 2, 2).tolist()
    targets = [[40, 60], [50, 50], [30, 70]]
    found = np.array(topic("raking", table=table, targets=targets)["table"])
    for axis, totals in enumerate(targets):
        others = tuple(other for other in range(3) if other != axis)
        assert found.sum(axis=others) == pytest.approx(totals, abs=1e-9)


def test_margins_hold_far_beyond_the_tolerance_of_the_rule() -> None:
    inputs = {"table": [[1000, 1], [1, 1000]], "row_targets": [100000, 20000], "col_targets": [20000, 100000]}
    found = topic("raking", **inputs)
    assert np.array(found["table"]).sum(axis=1) == pytest.approx([100000, 20000], abs=1e-6)
    assert found["odds_ratio_preserved"] == pytest.approx(1e6)


def test_alpha_takes_any_scale_and_says_its_ends_to_the_places_asked() -> None:
    rows = [[5.5, 4, 3], [2, 1, 2], [4, 4, 5], [1, 2, None], [1, 2, 2]]
    found = topic("cronbach_alpha", {"ci_feldt_1dp": []}, matrix=rows)
    assert (found["n"], found["k"]) == (4, 3)
    assert found["ci_feldt_1dp"] == [round(end, 1) for end in found["ci_feldt"]]


def test_net_scores_come_from_counts_per_answer_as_from_classes() -> None:
    each = topic("nps_net_trust", counts=[1, 0, 0, 2, 3, 4, 5, 10, 20, 30, 40])
    classes = topic("nps_net_trust", promoters=70, passives=30, detractors=15)
    assert {name: each[name] for name in classes} == pytest.approx(classes)
    assert topic("nps_net_trust", trust=40, neutral=20, distrust=30)["net_trust_points"] == pytest.approx(
        100 / 9
    )


def test_percentages_have_an_error_only_with_their_number() -> None:
    percents = {"trust_pct": 41.4, "neutral_pct": 14.8, "distrust_pct": 41.1}
    found = topic("nps_net_trust", **percents, n=1000)
    assert found["se"] == pytest.approx(100 * sqrt((0.825 - 0.003**2) / 1000))
    assert found["dont_know_pct"] == pytest.approx(2.7)
    assert "se" not in topic("nps_net_trust", **percents)


@pytest.mark.parametrize(
    ("scale", "agree", "neutral"), [([1, 4], 3 + 4, 0), ([1, 7], 5 + 6 + 7, 4), ([0, 10], 45, 6)]
)
def test_above_the_middle_of_any_scale_is_agreement(scale: list[int], agree: int, neutral: int) -> None:
    counts = list(range(1, scale[1] - scale[0] + 2))
    found = topic("rescale", scale=scale, counts=counts)
    assert found["agree"] == pytest.approx(agree / sum(counts))
    assert found["neutral"] == pytest.approx(neutral / sum(counts))
    assert found["net"] == pytest.approx(found["agree"] - found["disagree"])


def test_a_mean_of_elements_is_moved_to_0_to_100() -> None:
    assert topic("rescale", scale=[1, 4], value=3.25)["mean_0_100"] == pytest.approx(75)


def test_counts_may_be_given_by_answer() -> None:
    found = topic("csat_topbox", counts_1_to_4={"4": 30, "3": 60, "1": 10})
    assert (found["top1"], found["top2"], found["ikm"]) == (0.3, 0.9, pytest.approx(77.5))


def test_a_single_answer_has_no_deviation_of_its_own() -> None:
    found = topic("response_patterns", matrix=[[5, None], [5, 5]], scale=5)
    assert (found["irv"], found["all_max_rate"]) == ([None, 0.0], 1.0)
    assert topic("response_patterns", matrix=[[5, 5]], scale=[1, 5])["all_max_rate"] == 1.0


def test_importance_is_named_where_names_are_wanted() -> None:
    data = [[1, 2], [2, None], [3, 5], [4, 3], [5, 9], [1, 1]]
    found = topic("relative_importance_lmg", {"lmg": {}}, X=data, y=[1, 2, 3, 5, 4, 2], names=["a", "b"])
    assert found["lmg"].keys() == {"a", "b"}
    assert sum(found["lmg"].values()) == pytest.approx(found["r2"])


def test_limits_and_flags_have_the_level_of_their_name() -> None:
    asked = {"limits99_n60": [], "flag_99_naive": []}
    found = run({**BY_ID["funnel-prop-arcsine"], "expected": asked})
    low, high = found["limits99_n60"]
    # The arcsine limits of 60 answers, with the quantile of 99 %.
    angle = np.arcsin(sqrt(found["target"]))
    assert (low, high) == pytest.approx(
        [np.sin(angle + side * 2.5758293 / (2 * sqrt(60))) ** 2 for side in (-1, 1)], abs=1e-7
    )
    assert found["flag_99_naive"] == [i for i, z in enumerate(found["z"]) if abs(z) > 2.5758293]


def test_poisson_limits_come_for_one_unit_or_for_many() -> None:
    many = topic("funnel_poisson_limits", expected_count=[15, 30])
    assert many["ll95"] == [topic("funnel_poisson_limits", expected_count=e)["ll95"] for e in (15, 30)]


def test_a_target_that_is_given_is_the_target() -> None:
    inputs = BY_ID["funnel-mean-od"]["inputs"]
    assert topic("funnel_mean_overdispersion", **inputs, target=80)["target"] == 80.0
    assert topic("p_chart", x=[5, 9, 2], n=50, p0=0.2)["pbar"] == 0.2


def test_groups_may_have_words_for_names_and_covariates_may_be_given() -> None:
    values, errors = [1.0, 2, 3, 4, 5, 7], [1.0] * 6
    words = topic("eb_fay_herriot_reml", y=values, se=errors, group=["a", "a", "b", "b", "b", "a"])
    given = topic(
        "eb_fay_herriot_reml",
        y=values,
        se=errors,
        X=[[0], [0], [1], [1], [1], [0]],
        design="intercept + one dummy",
    )
    assert words == given
    alone = topic("eb_fay_herriot_reml", y=values, se=errors)
    assert alone["beta"] == pytest.approx([22 / 6])


def test_periods_of_one_size_have_one_limit_or_a_list_of_them() -> None:
    one = topic("p_chart", x=[5, 9, 2], n=50)["ucl"]
    assert topic("p_chart", x=[5, 9, 2], n=[50, 50, 50])["ucl"] == [one] * 3
    assert topic("p_chart", {"ucl": 0.0}, x=[5, 9, 2], n=[50, 50, 50])["ucl"] == one


def test_a_moving_average_draws_its_limits_from_the_start_unless_one_number_is_wanted() -> None:
    inputs = {"x": [1, 2], "target": 1, "sigma": 1}
    exact = topic("ewma", **inputs)["ucl"]
    assert exact == topic("ewma", **inputs, limits="exact")["ucl"]
    assert topic("ewma", {"ucl": 0.0}, **inputs)["ucl"] == pytest.approx(1 + 2.86 * sqrt(0.2 / 1.8))


def test_the_year_of_a_change_needs_the_year_of_the_beginning() -> None:
    series = [1.0] * 4 + [5.0] * 5
    assert "last_year_before" not in topic("change_point", x=series)
    assert topic("change_point", x=series, first_year=2010)["last_year_before"] == 2013


def test_answers_added_between_two_releases_are_counted_however_they_are_written() -> None:
    found = topic("differencing", first={"n": 41.0, "ikm": 82}, second={"n": 61, "ikm": 81.5})
    assert (found["change"], found["must_block"]) == (20, False)
    same = topic("differencing", first={"n": 41, "ikm": 82}, second={"n": 41, "ikm": 82})
    assert (same["implied_new_respondent_score"], same["must_block"]) == (None, False)


# Refusals


@pytest.mark.parametrize(
    ("name", "inputs", "refusal"),
    [
        ("mean_ci_t", {"matrix": [[4, 5]]}, OutOfScale),
        ("mean_ci_t", {"ref": "skm_cases:elsewhere"}, Malformed),
        ("mean_ci_t_fpc", {"matrix": [[3, 4], [2, 2]]}, Malformed),
        ("mean_ci_t_fpc", {"matrix": [[3, 4], [2, 2]], "N": 10.7}, NotACount),
        ("mean_ci_t_fpc", {"matrix": [[3, 4], [2, 2]], "N": 1}, Contradiction),
        ("mean_ci_vcw", {"m": 80, "sd": 5, "n": 20.6}, NotACount),
        ("mean_ci_vcw", {"m": 80, "sd": 5, "n": "20"}, NotACount),
        ("mean_ci_vcw", {"m": 80, "sd": True, "n": 20}, Malformed),
        ("mean_ci_vcw", {"m": 80, "sd": 5, "n": 20, "deff": 0}, Malformed),
        ("mean_ci_vcw", {"m": 80, "sd": 5, "n": 20, "level": 0}, Malformed),
        ("mean_ci_vcw", {"m": nan, "sd": 5, "n": 20}, Malformed),
        ("proportion_wilson", {"x": 30, "n": 20}, NotACount),
        ("ikm_linearised_se_missing", {"matrix": [[3, 4]], "set_missing": [[0, 2]]}, UnknownKey),
        ("ikm_linearised_se_missing", {"matrix": [[3, 4]], "set_missing": [[-1, 0]]}, NotACount),
        ("ikm_linearised_se_missing", {"matrix": [[3, 4]], "set_missing": [[0]]}, Malformed),
        ("kish_neff", {"w": [1, -1]}, WrongWeights),
        ("stratified_mean_fpc", {"strata": [{"N": 9, "n": 1, "mean": 80, "sd": 0}]}, TooFew),
        ("stratified_mean_fpc", {"strata": [{"N": 9, "n": 5.5, "mean": 80, "sd": 1}]}, NotACount),
        ("stratified_mean_fpc", {"strata": [{"N": 9, "n": 5, "mean": 80, "var": -1}]}, Malformed),
        ("raking", {"table": [[0, 0], [3, 4]], "row_targets": [5, 5], "col_targets": [5, 5]}, EmptyLevel),
        ("raking", {"table": [[1, 2], [3, 4]], "row_targets": [5, 5], "col_targets": [5, 6]}, WrongWeights),
        ("raking", {"table": [[1, 2], [3, 4]], "row_targets": ["5", 5], "col_targets": [5, 5]}, Malformed),
        ("krejcie_morgan", {"rows": [10.5]}, NotACount),
        ("krejcie_morgan", {"rows": [0]}, NotACount),
        ("nps_net_trust", {"promoters": 60.5, "passives": 20, "detractors": 10}, NotACount),
        ("nps_net_trust", {"promoters": 0, "passives": 0, "detractors": 0}, NoFigure),
        ("nps_net_trust", {"promoters": 5, "passives": 0, "detractors": 0}, NoVariation),
        ("csat_topbox", {"counts_1_to_4": [1.9, 2, 3, 4]}, NotACount),
        ("csat_topbox", {"counts_1_to_4": [1, 2, 3, 4, 5]}, Malformed),
        ("csat_topbox", {"counts_1_to_4": {"5": 1}}, UnknownKey),
        ("csat_topbox", {"counts_1_to_4": [0, 0, 0, 0]}, NoFigure),
        ("rescale", {"scale": [5, 1], "counts": [1]}, Malformed),
        ("rescale", {"scale": [1, 5], "value": 6}, OutOfScale),
        ("relative_importance_lmg", {"X": [[1, 2], [2]], "y": [1, 2]}, Malformed),
        ("suppression_audit", {"table": [[40.5, 3]], "suppressed": [[0, 0]]}, NotACount),
        ("cusum", {"x": [1, 2], "target": 1}, Malformed),
        ("ewma", {"x": [1, 2], "target": 1, "sigma": 1, "limits": "wide"}, UnknownKey),
        ("ewma", {"x": [1, 2], "target": 1, "sigma": 1, "lam": 0}, Malformed),
        ("change_point", {"x": [1, 1, 1, 5, 5, 5], "n_bkps": 1.7}, NotACount),
        ("burst", {"count": 14.5, "expected": 3.2}, NotACount),
        ("burst", {"count": 10**30, "expected": 3.2}, NotACount),
        ("burst", {"count": True, "expected": 3.2}, NotACount),
        ("eb_fay_herriot_reml", {"y": [1, 2, 3, 4], "se": [1] * 4, "group": [1, 2]}, Contradiction),
        ("dersimonian_laird", {"y": [1, 1e308], "se": [1, 1]}, Malformed),
    ],
)
def test_a_wrong_input_is_refused_by_its_name(name: str, inputs: Any, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        topic(name, **inputs)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"kind": "element_sums", "element_sums": {"a": 31}}, Malformed),
        ({"kind": "element_sums", "element_sums": {"a": 0}, "n": 0}, NoFigure),
        ({"kind": "element_sums", "element_sums": {"a": 50}, "n": 10}, Malformed),
        ({"kind": "element_sums", "element_sums": {"a": 31}, "n": 10.5}, NotACount),
        ({"kind": "element_means", "element_means": {"a": -1}, "published": {"ikm": 80}}, Malformed),
        ({"kind": "element_means", "element_means": [3.1, 3.2], "order": ["a"]}, Malformed),
        ({"kind": "matrix", "matrix": [[3, 4], [3]]}, Malformed),
        ({"kind": "matrix_missing", "matrix": [[None, None]]}, NoFigure),
        ({"kind": "matrix", "matrix": [[3, 4]], "elements": ["a", "a"]}, Malformed),
        ({"kind": "index_only", "index_1_4": 4.01}, Malformed),
        ({"kind": "grade_boundaries", "inputs": {"ikm": ["7e1"]}}, Malformed),
        ({"kind": ["matrix"]}, UnknownKey),
        ({"topic": "mean_ci_t", "inputs": [1]}, Malformed),
        ({"topic": "mean_ci_t", "inputs": {"matrix": [[3]]}, "expected": [1]}, Malformed),
    ],
)
def test_a_table_that_gives_no_figure_is_refused_by_its_name(fields: Any, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        run(fields)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a case, the whole of it left out."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in inner:
        yield (*path, key)
        yield from places(entry, (*path, key))


NUMBERS = [-1, 0, 0.5, 1e12, -1e12, 1e308, 1e-320, nan, inf, 10**9, 10**400]
OTHERS = [None, True, "x", "", "3", [], {}, [[]], [None], [1], {"a": 1}]
rubbish = st.sampled_from([*NUMBERS, *OTHERS])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CASES), rubbish, st.data())
def test_whatever_stands_in_a_case_it_is_computed_or_refused_by_name(
    case: dict[str, Any], value: object, data: st.DataObject
) -> None:
    spoilt = deepcopy(case)
    path = data.draw(st.sampled_from(list(places(spoilt))))
    part = spoilt
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    try:
        found = run(spoilt)
    except Refused:
        return
    json.dumps(found, allow_nan=False)
