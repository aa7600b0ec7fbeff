"""Published tables and computed vectors, recomputed case by case through one adapter.

Each case in the two files beside this one carries its source and its tolerance.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from analysis.cases import KINDS, TOPICS, run
from analysis.errors import Malformed, NoFigure, NotConverged, OutOfScale, Refused, UnknownKey

HERE = Path(__file__).parent
FILES = ("skm_cases", "stat_cases")
CASES: list[dict[str, Any]] = [
    case
    for file in FILES
    for case in json.loads((HERE / f"{file}.json").read_text(encoding="utf-8"))["cases"]
]
BY_ID = {case["id"]: case for case in CASES}
# Keys of an expected block that are no quantities of ours: tolerances, and what a source prints.
NO_QUANTITY = ("tol", "published")


def close(found: Any, expected: Any, tolerance: float, relative: float) -> bool:
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            key in found and close(found[key], value, tolerance, relative) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return len(found) == len(expected) and all(
            close(one, other, tolerance, relative) for one, other in zip(found, expected, strict=True)
        )
    if isinstance(expected, bool | str) or expected is None:
        return bool(found == expected)
    return abs(found - expected) <= max(tolerance, relative * abs(expected)) + 1e-15


def quantities(case: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in case["expected"].items()
        if not key.endswith(NO_QUANTITY[0]) and key != NO_QUANTITY[1]
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_gives_what_its_source_says(case: dict[str, Any]) -> None:
    found = run(case)
    tolerance = case.get("tol", case["expected"].get("ikm_tol", 1e-9))
    expected = quantities(case)
    assert expected
    wrong = {
        key: (found.get(key), value)
        for key, value in expected.items()
        if key not in found or not close(found[key], value, tolerance, case.get("rtol") or 0.0)
    }
    assert wrong == {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_is_expected_is_never_looked_at(case: dict[str, Any]) -> None:
    bare = {key: value for key, value in case.items() if key != "expected"}
    assert quantities(case).keys() <= run(bare).keys()
    lied = deepcopy(case)
    lied["expected"] = dict.fromkeys(case["expected"], 0)
    for key in ("ikm", "lo", "tau2", "chi2", "safe", "grade"):
        if key in case["expected"]:
            assert run(lied)[key] == run(case)[key]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_comes_back_is_plain(case: dict[str, Any]) -> None:
    found = run(case)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_every_kind_and_topic_has_a_case_or_is_tested_below() -> None:
    covered = {case.get("kind") or case["topic"] for case in CASES}
    assert (KINDS.keys() | TOPICS.keys()) - covered == {"matrix_missing", "element_index_25_100"}


def test_a_matrix_with_gaps_gives_available_and_complete_cases() -> None:
    # As at a library in Salatiga six answered and one stopped after item four; the rows are made up.
    rows: list[list[int | None]] = [[3, 3, 3, 4, 3, 3, 3, 3, 3] for _ in range(5)]
    rows.append([4, 4, 3, 4, None, None, None, None, None])
    found = run({"kind": "matrix_missing", "matrix": rows})
    assert found["answered_per_element"] == {f"U{n}": 6 if n < 5 else 5 for n in range(1, 10)}
    assert found["nrr"]["U1"] == pytest.approx(19 / 6)
    assert found["ikm_complete_case"] == pytest.approx(25 * 28 / 9)
    assert found["ikm_available_case"] == pytest.approx(25 * (19 / 6 + 19 / 6 + 3 + 4 + 15) / 9)
    assert (found["grade"], found["complete_n"]) == ("B", 5)


def test_a_list_is_given_where_a_list_is_expected() -> None:
    case = {"kind": "matrix_missing", "matrix": [[4, None], [2, 3]], "expected": {"nrr": [0], "n": 0}}
    assert run(case)["nrr"] == [3.0, 3.0]


def test_values_on_25_to_100_give_the_index_and_its_verdict() -> None:
    case = {
        "kind": "element_index_25_100",
        "element_index": {"requirements": 80.25, "time": 90.0, "cost": 76.6},
        "published": {"ikm": 82.28},
    }
    found = run(case)
    assert found["ikm"] == pytest.approx(246.85 / 3)
    assert (found["ikm_rounded"], found["grade"]) == (82.28, "B")
    assert found["element_grades"] == {"requirements": "B", "time": "A", "cost": "C"}
    assert found["published_headline_consistent"] is True
    assert run({**case, "published": {"ikm": 81.46}})["published_headline_consistent"] is False


def test_the_wrong_headline_of_a_worked_example_is_found_out() -> None:
    wrong = {**BY_ID["skm-gaspul-tw3"], "published": {"ikm": 90.56}}
    found = run(wrong)
    assert found["published_headline_consistent"] is False
    assert found["likely_causes"][0].startswith("weight")


def test_a_weight_is_read_from_the_name_of_what_is_asked() -> None:
    case = {
        "kind": "element_means",
        "element_means": {"a": 3.0, "b": 4.0},
        "expected": {"ikm_if_weight_0_5": 0, "ikm_if_weight_one_third": 0},
    }
    found = run(case)
    assert found["ikm_if_weight_0_5"] == 87.5
    assert found["ikm_if_weight_one_third"] == pytest.approx(25 * 7 / 3)


def test_the_row_out_of_scale_is_named_wherever_it_stands() -> None:
    found = run({"kind": "matrix_invalid", "matrix": [[1, 2], [3, 4], [0, 4]]})
    assert found["validation_error"] == {"row": 3, "column": "U1", "value": 0}
    assert found["ikm_after_dropping_row_3"] == 62.5


def test_a_scale_of_eleven_points_has_bands_of_its_own() -> None:
    counts = [1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 1]
    found = run({"topic": "rescale", "inputs": {"scale": [0, 10], "counts": counts}})
    assert (found["agree"], found["disagree"]) == pytest.approx((13 / 20, 5 / 20))
    mean = sum(value * count for value, count in enumerate(counts)) / 20
    assert found["mean_0_100"] == pytest.approx(10 * mean)


def test_satisfaction_on_five_points_is_no_index() -> None:
    found = run({"topic": "csat_topbox", "inputs": {"counts_1_to_5": [1, 2, 7, 20, 30]}})
    assert (found["top1"], found["top2"]) == (0.5, pytest.approx(50 / 60))
    assert "ikm" not in found


def test_a_table_of_any_size_is_raked() -> None:
    table = [[10.0, 20.0, 30.0], [30.0, 20.0, 10.0]]
    inputs = {"table": table, "row_targets": [50, 70], "col_targets": [30, 40, 50]}
    found = run({"topic": "raking", "inputs": inputs})["table"]
    assert [sum(row) for row in found] == pytest.approx([50, 70])
    assert [sum(column) for column in zip(*found, strict=True)] == pytest.approx([30, 40, 50])


def test_periods_of_unequal_size_have_a_limit_each() -> None:
    found = run({"topic": "p_chart", "inputs": {"x": [5, 9, 2], "n": [50, 100, 25]}})
    assert len(found["ucl"]) == 3
    assert found["pbar"] == pytest.approx(16 / 175)


def test_limits_are_given_for_the_size_asked() -> None:
    inputs = {"x": [45, 80], "n": [50, 100]}
    case = {"topic": "funnel_proportion_limits", "inputs": inputs, "expected": {"limits95_n400": []}}
    low, high = run(case)["limits95_n400"]
    assert 0.7 < low < 125 / 150 < high < 0.9


def test_early_limits_of_a_moving_average_are_narrower_when_asked_exactly() -> None:
    inputs = {**BY_ID["ewma-nist"]["inputs"], "limits": "exact"}
    found = run({"topic": "ewma", "inputs": inputs})
    assert found["ucl"][0] < found["ucl"][-1] < BY_ID["ewma-nist"]["expected"]["ucl"] + 1e-9


def test_sums_that_are_not_standardised_keep_their_unit() -> None:
    case = BY_ID["cusum-ikm-weekly"]
    plain = {**case["inputs"], "standardise": False, "k": 0.3, "h": 2.4}
    found, standard = run({"topic": "cusum", "inputs": plain}), run(case)
    assert found["c_minus"] == pytest.approx([0.6 * value for value in standard["c_minus"]])
    assert found["signals_minus"] == standard["signals_minus"]


def test_two_breaks_are_two_numbers() -> None:
    series = [1.0] * 10 + [5.0] * 10 + [2.0] * 10
    found = run({"topic": "change_point", "inputs": {"x": series, "n_bkps": 2}})
    assert found["breakpoint_index"] == [10, 20]


@pytest.mark.parametrize(
    ("case", "refusal"),
    [
        ({"kind": "tea leaves"}, UnknownKey),
        ({"topic": "astrology", "inputs": {}}, UnknownKey),
        ({}, UnknownKey),
        ([], Malformed),
        ({"kind": "element_means"}, Malformed),
        ({"kind": "element_means", "element_means": {}}, NoFigure),
        ({"kind": "element_means", "element_means": {"a": 4.01}}, Malformed),
        ({"kind": "element_means", "element_means": {"a": "three"}}, Malformed),
        ({"kind": "matrix", "matrix": []}, Refused),
        ({"kind": "matrix", "ref": "skm_cases:elsewhere"}, Malformed),
        ({"kind": "grade_boundaries", "inputs": {"ikm": ["24.99"]}}, Malformed),
        ({"kind": "grade_boundaries", "inputs": {"ikm": ["80"], "table": "1999"}}, UnknownKey),
        ({"topic": "proportion_wilson", "inputs": {"x": 5, "n": 0}}, Refused),
        ({"topic": "mean_ci_t", "inputs": {"matrix": [[4, 5]]}}, OutOfScale),
        ({"topic": "mean_ci_vcw", "inputs": {"m": 80.0, "sd": 8.0}}, Malformed),
        (
            {
                "topic": "raking",
                "inputs": {"table": [[1, 0], [0, 1]], "row_targets": [60, 40], "col_targets": [35, 65]},
            },
            NotConverged,
        ),
        (
            {
                "topic": "suppression_audit",
                "inputs": {"table": [[1, 2]], "suppressed": [], "row_and_column_totals_published": False},
            },
            Malformed,
        ),
        ({"topic": "change_point", "inputs": {"x": [1.0, 2.0], "model": "rbf"}}, UnknownKey),
    ],
)
def test_a_case_that_cannot_be_run_is_refused_by_name(case: Any, refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        run(case)
