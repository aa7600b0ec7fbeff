"""Figures for machines: exact, complete, honest about what is withheld, and closed to strangers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from results_world import ADMIN_KEY, World, entry, installation

from survey.agencies import register_services
from survey.figure_bodies import FiguresOut
from survey.figures import SHOWN_FROM
from survey.settings import Environment


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    with installation(sqlite_url) as opened:
        yield opened


@pytest.fixture
def closed(sqlite_url: str) -> Iterator[World]:
    with installation(sqlite_url, Environment.PRODUCTION) as opened:
        yield opened


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    copied = shutil.copy(sqlite_template, tmp_path / "test.db")
    return f"sqlite:///{copied}"


def figures(world: World, path: str = "dukcapil", **query: str) -> dict[str, Any]:
    answer = world.client.get(f"/api/v1/agencies/{path}/figures", params=query)
    assert answer.status_code == 200, answer.text
    msgspec.json.decode(answer.content, type=FiguresOut)
    found: dict[str, Any] = answer.json()
    return found


def refusal(world: World, path: str, status: int, key: str | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = world.client.get(f"/api/v1/agencies/{path}", headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    return found


def test_the_published_matrix_of_sekadau_gives_its_index_in_a_figure_of_its_own(world: World) -> None:
    agency = world.agency()
    world.import_sekadau(agency)
    world.count()
    found = figures(world)
    imported = found["imported"]["figure"]
    assert found["figure"] is None
    assert (imported["ikm"], imported["n"], imported["grade"]) == (78.74, 49, "B")
    assert imported["ikm_exact"] == pytest.approx(78.74149659863946, abs=1e-12)
    assert imported["ikm_without_cost"] == 77.3
    assert imported["period"] == {"text": "2019-06", "first": 201906, "last": 201906}
    assert "response_rate" not in imported
    assert found["imported"]["series"] == [
        {"name": "Semester I 2019", "respondents": 49, "order": "questionnaire"}
    ]


def test_imported_answers_never_enter_a_live_figure(world: World) -> None:
    agency = world.agency()
    world.serve(agency, 10, answered=6)
    world.answer(agency, *["444444444"] * 6)
    world.count()
    alone = figures(world)
    world.import_sekadau(agency)
    world.count()
    together = figures(world)
    assert together["imported"]["figure"]["n"] == 49
    assert {**together, "imported": None} == alone


def test_a_figure_comes_with_all_it_needs_to_be_read_from_either_database(database_url: str) -> None:
    with installation(database_url) as world:
        agency = world.agency()
        world.serve(agency, 100, answered=40)
        world.answer(agency, *["333333333"] * 20, *["443333333"] * 20)
        world.count()
        figure = figures(world)["figure"]
    assert {name: figure[name] for name in ("n", "transactions", "invited", "answered", "response_rate")} == {
        "n": 40,
        "transactions": 100,
        "invited": 100,
        "answered": 40,
        "response_rate": 0.4,
    }
    assert figure["ikm"] == 77.78
    assert figure["ikm_exact"] == pytest.approx(25 * (3 + 1 / 9))
    assert figure["interval"]["low"] < figure["ikm_exact"] < figure["interval"]["high"]
    assert figure["interval"]["level"] == 0.95
    assert (figure["period"]["first"], figure["period"]["last"]) == (202512, 202611)
    assert "14/2017" in figure["method"]
    assert (figure["grade"], figure["grade_certain"], figure["withheld"]) == ("B", True, [])
    first = figure["elements"][0]
    assert first.pop("low") < 87.5 < first.pop("high")
    assert first == {"key": "requirements", "answers": 40, "nrr": 3.5, "value": 87.5, "grade": "B"}
    assert (figure["kind"], figure["ends"], figure["k"]) == ("ikm", {"low": 25.0, "high": 100.0}, 9)
    assert (figure["value"], figure["value_exact"]) == (figure["ikm"], figure["ikm_exact"])
    # Krejcie & Morgan 1970, table of sample sizes: 80 of a population of 100.
    assert (figure["target"], figure["unanswered"]) == (80, [])
    assert sum(figure["grade_probabilities"].values()) == pytest.approx(1)
    assert figure["grade_probabilities"]["B"] > 0.8


@pytest.mark.parametrize(
    ("answers", "withheld", "shown", "graded"),
    [
        (0, ["no_answers"], False, False),
        (4, ["too_few"], False, False),
        (5, ["too_few_for_grade"], True, False),
        (29, ["too_few_for_grade"], True, False),
        (30, [], True, True),
    ],
)
def test_a_figure_is_withheld_when_too_few_people_stand_behind_it(
    world: World, answers: int, withheld: list[str], shown: bool, graded: bool
) -> None:
    agency = world.agency()
    world.serve(agency, 50, answered=answers)
    world.answer(agency, *["333333333"] * answers)
    world.count()
    found = figures(world)
    figure = found["figure"]
    assert figure["withheld"] == withheld
    assert figure["withheld_because"] == [
        {"reason": reason, "n": answers, "needed": 30 if "grade" in reason else 5} for reason in withheld
    ]
    assert figure["n"] == answers
    assert (figure["ikm"] is not None, figure["interval"] is not None, bool(figure["elements"])) == (
        shown,
    ) * 3
    assert (figure["grade"] is not None) == graded
    assert all((element["grade"] is not None) == graded for element in figure["elements"])
    assert all((month["value"] is not None) == shown for month in found["trend"])


def test_an_element_too_few_answered_is_withheld_and_never_alone(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333303"] * 6, *["330333333"] * 2, *["333333333"] * 2)
    world.count()
    figure = figures(world)["figure"]
    assert figure["elements_withheld"] == ["time", "facilities"]
    assert "too_few_for_element" in figure["withheld"]
    assert min(element["answers"] for element in figure["elements"]) >= SHOWN_FROM
    assert len(figure["elements"]) == 7
    # How few answered it is part of what is withheld.
    assert {"reason": "too_few_for_element", "n": None, "needed": 5} in figure["withheld_because"]


def test_the_index_without_cost_does_not_give_a_withheld_cost_away(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333033333"] * 6, *["333333333"] * 2)
    world.count()
    figure = figures(world)["figure"]
    assert "cost" in figure["elements_withheld"]
    assert figure["ikm"] == 75.0
    assert figure["ikm_without_cost"] is None


def test_a_grade_near_its_border_is_not_certain(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333"] * 15, *["444444444"] * 15)
    world.count()
    figure = figures(world)["figure"]
    assert (figure["ikm"], figure["grade"], figure["grade_certain"]) == (87.5, "B", False)


def test_a_period_holds_only_its_own_months(world: World) -> None:
    agency = world.agency()
    world.serve(agency, 10, day=20260710)
    world.answer(agency, *["222222222"] * 6, day=20260710)
    world.answer(agency, *["444444444"] * 5, day=20261010)
    world.count()
    july, autumn = figures(world, period="2026-Q3")["figure"], figures(world, period="2026-10")["figure"]
    assert (july["n"], july["ikm"], july["transactions"]) == (6, 50.0, 10)
    assert (autumn["n"], autumn["ikm"], autumn["transactions"]) == (5, 100.0, 0)
    assert autumn["response_rate"] is None
    assert figures(world)["figure"]["n"] == 11


def test_the_trend_keeps_the_months_without_a_value(world: World) -> None:
    agency = world.agency()
    written = {"comment": "cukup baik", "reading": entry(1, 500)}
    world.answer(agency, *["333333333"] * 5, day=20260710, **written)
    world.answer(agency, "333333333", day=20260910, **written)
    world.answer(agency, "333333333", day=20260910)
    world.count()
    found = figures(world)
    assert [(month["month"], month["n"], month["withheld"]) for month in found["trend"]] == [
        (202607, 5, None),
        (202608, 0, "no_answers"),
        (202609, 2, "too_few"),
    ]
    assert found["trend"][0]["value"] == 75.0
    assert [(month["value"], month["n"]) for month in found["sentiment"]] == [(0.5, 5), (None, 0), (None, 1)]


def test_a_unit_has_figures_of_its_own(world: World) -> None:
    agency = world.agency(units=("u1", "u2"))
    world.answer(agency, *["222222222"] * 5, unit=1)
    world.answer(agency, *["444444444"] * 5, unit=2)
    world.count()
    assert figures(world, "dukcapil/units/u2")["figure"]["ikm"] == 100.0
    assert figures(world, "dukcapil/units/u1")["unit_name"] == "Kantor u1"
    assert figures(world)["figure"]["ikm"] == 75.0


def test_an_agency_that_reported_nothing_has_no_figure(world: World) -> None:
    world.agency()
    found = figures(world)
    assert (found["figure"], found["imported"], found["trend"]) == (None, None, [])


@pytest.mark.parametrize("period", ["2026-13", "Q3-2026", "yesterday", "2026-Q5", "' OR 1=1"])
def test_a_period_that_cannot_be_read_is_refused_saying_how_to_write_it(world: World, period: str) -> None:
    world.agency()
    problem = refusal(world, f"dukcapil/figures?period={period}", 400)
    assert problem["field"] == "period"
    assert "2026-Q3" in problem["detail"]


@pytest.mark.parametrize("path", ["nobody/figures", "nobody/units/u1/figures", "dukcapil/units/u9/figures"])
def test_an_unknown_agency_or_unit_is_not_found(world: World, path: str) -> None:
    world.agency()
    assert "there is no such" in refusal(world, path, 404)["detail"]


def reason(part: dict[str, Any]) -> tuple[str, int | None, int | None]:
    """Why a part has no value; all else in it is empty."""
    why: dict[str, Any] = part["withheld"]
    assert part.get("value") is part.get("low") is part.get("high") is None
    return why["reason"], why["n"], why["needed"]


def test_nothing_stands_beside_a_figure_that_is_withheld_and_each_part_says_why(world: World) -> None:
    agency = world.agency()
    world.serve(agency, 50, answered=4)
    world.answer(agency, *["333333333555555"] * 4)
    world.count()
    found = figures(world)
    for part in ("adjusted", "bias_bound", "complete_cases", "modes", "trust", "key_drivers"):
        assert reason(found[part]) == ("too_few", 4, 5), part
    assert found["modes"]["modes"] == found["modes"]["months"] == []
    assert found["trust"]["level"] is None
    assert found["ratings"] == []


def test_without_a_figure_nothing_stands_beside_it(world: World) -> None:
    world.agency()
    found = figures(world)
    parts = ("figure", "adjusted", "bias_bound", "complete_cases", "modes", "trust", "key_drivers")
    assert [found[part] for part in parts] == [None] * 7


def test_the_modes_of_answering_come_with_their_index_their_difference_and_their_mix(
    database_url: str,
) -> None:
    with installation(database_url) as world:
        agency = world.agency()
        world.serve(agency, 200, answered=70)
        world.answer(agency, *["333333333", "443333333"] * 20, day=20261010)
        world.answer(agency, *["323333333"] * 30, mode="sms")
        world.count()
        found = figures(world)
    modes = found["modes"]
    by_web, by_sms = modes["modes"]
    assert (by_web["mode"], by_web["n"], by_web["share"]) == ("web", 40, 40 / 70)
    assert by_web["value"] == pytest.approx(25 * 28 / 9)
    assert by_sms["value"] == pytest.approx(25 * 26 / 9)
    for one in (by_web, by_sms):
        assert one["low"] < one["value"] < one["high"]
        assert (one["k"], one["withheld"], one["grade_withheld"]) == (9, None, None)
    assert (by_web["grade"], by_sms["grade"]) == ("B", "C")
    difference = modes["difference"]
    assert (difference["first"], difference["second"], difference["verdict"]) == ("sms", "web", "lower")
    assert difference["value"] == pytest.approx(-25 * 2 / 9)
    assert difference["low"] < difference["value"] < difference["high"] < 0
    assert modes["months"] == [
        {"month": 202610, "n": 40, "shares": [1.0, 0.0], "withheld": None},
        {"month": 202611, "n": 30, "shares": [0.0, 1.0], "withheld": None},
    ]
    assert modes["withheld"] is None
    # The official figure is that of all, whichever way they came.
    assert found["figure"]["n"] == 70


def test_one_mode_alone_is_not_compared_and_few_answers_of_one_hide_the_other(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333"] * 20)
    world.count()
    (alone,) = figures(world)["modes"]["modes"]
    assert (alone["mode"], alone["share"], alone["value"]) == ("web", 1.0, 75.0)
    assert alone["grade_withheld"] == {"reason": "too_few_for_grade", "n": 20, "needed": 30}
    assert figures(world)["modes"]["difference"] is None
    world.answer(agency, *["111111111"] * 4, mode="sms", day=20260910)
    world.count()
    modes = figures(world)["modes"]
    assert [reason(one) for one in modes["modes"]] == [
        ("would_give_away", None, None),
        ("too_few", 4, 5),
    ]
    assert reason(modes["difference"]) == ("too_few", 4, 5)
    assert [(month["n"], month["shares"], month["withheld"]) for month in modes["months"]] == [
        (4, [], {"reason": "too_few", "n": 4, "needed": 5}),
        (0, [], {"reason": "no_answers", "n": 0, "needed": 5}),
        (20, [1.0, 0.0], None),
    ]


def test_the_adjusted_index_stands_beside_the_official_one_and_changes_nothing_of_it(
    database_url: str,
) -> None:
    with installation(database_url) as world:
        agency = world.agency()
        world.platform.writer.call(register_services, (agency, "kk", "KK"))
        world.serve(agency, 300, service=1)
        world.serve(agency, 100, service=2)
        world.answer(agency, *["444444444"] * 20, service=1)
        world.answer(agency, *["222222222"] * 60, service=2)
        world.count()
        found = figures(world)
    adjusted, bound = found["adjusted"], found["bias_bound"]
    # Twenty at 100 and sixty at 50; of the transactions three in four are of the first kind.
    assert (found["figure"]["ikm"], found["figure"]["n"]) == (62.5, 80)
    assert "unweighted" in found["figure"]["method"]
    assert adjusted["value"] == pytest.approx(87.5)
    assert adjusted["low"] < 87.5 < adjusted["high"]
    assert (adjusted["cells"], adjusted["unheard"], adjusted["method"]) == (2, 0, "poststratified")
    assert (adjusted["difference"], adjusted["noteworthy"]) == (pytest.approx(25.0), True)
    assert adjusted["design_effect"] == pytest.approx(80 / adjusted["n_eff"])
    assert adjusted["withheld"] is bound["withheld"] is None
    # A fifth answered: 62.5, the others from 25 to 100.
    assert (bound["low"], bound["high"], bound["response_rate"]) == (32.5, 92.5, 0.2)


@pytest.mark.parametrize(
    ("served", "answers", "why"),
    [
        (100, 20, ("too_few", 20, 40)),
        (100, 50, ("one_group", 1, 2)),
        (49, 50, ("fewer_transactions_than_answers", 49, 50)),
        (0, 50, ("fewer_transactions_than_answers", 0, 50)),
    ],
)
def test_an_adjusted_index_that_cannot_be_made_says_why(
    world: World, served: int, answers: int, why: tuple[str, int, int]
) -> None:
    agency = world.agency()
    world.serve(agency, served)
    world.answer(agency, *["333333333"] * answers)
    world.count()
    found = figures(world)
    assert reason(found["adjusted"]) == why
    assert (found["bias_bound"]["low"] is not None) == (served >= answers)


@pytest.mark.parametrize(
    ("skipping", "said"), [(0, (75.0, 20, 0.0, False)), (4, None), (5, (75.0, 20, None, True))]
)
def test_complete_answers_are_told_apart_unless_it_would_be_the_answers_of_a_few(
    world: World, skipping: int, said: tuple[float, int, float, bool] | None
) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333"] * 20, *["111111110"] * skipping)
    world.count()
    cases = figures(world)["complete_cases"]
    if said is None:
        assert reason(cases) == ("too_few", None, 5)
        assert cases["ikm"] is cases["n"] is cases["difference"] is cases["differ"] is None
        return
    assert (cases["ikm"], cases["n"], cases["differ"]) == (said[0], said[1], said[3])
    assert cases["difference"] == said[2] if said[2] is not None else cases["difference"] < -1


def test_trust_comes_item_by_item_with_its_index_its_net_and_its_checks(world: World) -> None:
    agency = world.agency()
    # Level 5, 4 and 2; four drivers by turns, the fifth asked of four people only.
    rows = ["3333333335-5454-", "3333333334-4545-", "3333333332-2222-"] * 12 + ["3333333333-----3"] * 4
    world.answer(agency, *rows, *["3333333330"] * 2)
    world.count()
    trust = figures(world)["trust"]
    level = trust["level"]
    assert (level["n"], level["asked"]) == (40, 42)
    # (12 x 4 + 12 x 3 + 12 x 1 + 4 x 2) / 40 steps of 25 points.
    assert level["mean"] == pytest.approx(65.0)
    assert (level["agree"], level["neutral"], level["disagree"]) == (0.6, 0.1, 0.3)
    assert trust["net"] == level["net"]
    assert trust["net"]["value"] == pytest.approx(30.0)
    assert trust["net"]["low"] < 30 < trust["net"]["high"]
    drivers = {item["key"]: item for item in trust["drivers"]}
    assert list(drivers) == ["reliability", "responsiveness", "openness", "integrity", "fairness"]
    assert reason(drivers["fairness"]) == ("too_few", 4, 5)
    assert drivers["openness"]["asked"] == 36
    assert reason(trust["change"]) == ("no_answers", 0, 5)
    index = trust["index"]
    assert index["drivers"] == ["reliability", "responsiveness", "openness", "integrity"]
    assert index["n"] == 36
    # Each driver: twelve 5s, twelve 4s, twelve 2s.
    assert index["value"] == pytest.approx((100 + 75 + 25) / 3)
    assert index["low"] < index["value"] < index["high"]
    checks = trust["checks"]
    assert checks["alpha"]["n"] == checks["correlation"]["n"] == 36
    assert checks["alpha"]["low"] < checks["alpha"]["value"] < checks["alpha"]["high"] <= 1
    assert 0.4 < checks["correlation"]["value"] < 1
    assert (checks["verdict"], checks["sure"]) == ("supported", True)


def test_without_enough_drivers_the_index_and_its_checks_say_so(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["3333333335-5"] * 10)
    world.count()
    trust = figures(world)["trust"]
    for part in (trust["index"], trust["checks"]["alpha"], trust["checks"]["correlation"]):
        assert reason(part) == ("too_few_drivers", 1, 4)
    assert trust["checks"]["verdict"] == "not_known"


def associated(number: int) -> list[str]:
    """Responses whose level of trust follows the time it took, and hardly anything else."""
    drawn = Random(20261110)
    rows = []
    for _ in range(number):
        marks = [drawn.randint(1, 4) for _ in range(9)]
        rows.append("".join(map(str, marks)) + str(min(5, marks[2] + drawn.randint(0, 1))))
    return rows


def test_what_goes_along_with_trust_is_stated_with_its_numbers(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *associated(150), "3333333303")
    world.count()
    found = figures(world)["key_drivers"]
    assert (found["stated"], found["reason"], found["withheld"]) == (True, None, None)
    assert (found["n"], found["left_out"], len(found["drivers"])) == (150, 1, 9)
    # Importances are parts of the explained variance.
    assert sum(driver["importance"] for driver in found["drivers"]) == pytest.approx(found["r2"])
    assert found["importance_line"] == pytest.approx(found["r2"] / 9)
    first = max(found["drivers"], key=lambda driver: driver["importance"])
    assert (first["key"], first["clear"]) == ("time", True)
    assert first["quadrant"] in ("concentrate_here", "keep_up")
    assert all(driver["low"] <= driver["importance"] <= driver["high"] for driver in found["drivers"])


@pytest.mark.parametrize(
    ("rows", "why", "about"),
    [
        (associated(99), ("too_few", 99, 100), []),
        ([row[:9] + "4" for row in associated(100)], ("no_variation", 100, None), ["trust_level"]),
        ([row[0] * 2 + row[2:] for row in associated(100)], ("collinear", 100, None), None),
    ],
)
def test_what_goes_along_with_trust_is_not_stated_without_its_reason(
    world: World, rows: list[str], why: tuple[str, int, int | None], about: list[str] | None
) -> None:
    agency = world.agency()
    world.answer(agency, *rows)
    world.count()
    found = figures(world)["key_drivers"]
    assert (found["stated"], found["drivers"], found["reason"]) == (False, [], why[0])
    assert reason(found) == why
    assert about is None or found["about"] == about


def test_further_items_have_their_own_names_and_are_in_no_index(sqlite_url: str) -> None:
    with installation(sqlite_url, instrument="skm-2017.2") as world:
        agency = world.agency()
        rows = ["333333333-------56-"] * 6 + ["333333333-------47-"] * 4
        world.answer(agency, *rows, instrument="skm-2017.2")
        world.count()
        found = figures(world)
    assert found["figure"]["ikm"] == 75.0
    ratings = {rating["key"]: rating for rating in found["ratings"]}
    assert {one["name"]: one["value"] for one in ratings["satisfaction"]["measures"]} == {
        "csat_top": 0.6,
        "csat_top_two": 1.0,
        "csat_mean": 4.6,
    }
    assert {one["name"]: one["value"] for one in ratings["ease"]["measures"]} == {
        "ces_easy": 1.0,
        "ces_mean": 6.4,
    }
    assert (ratings["coaching"]["measures"], reason(ratings["coaching"])) == ([], ("no_answers", 0, 5))


def test_a_perception_index_is_not_called_an_ikm(sqlite_url: str) -> None:
    with installation(sqlite_url, instrument="spkp-2021.1") as world:
        agency = world.agency()
        world.serve(agency, 100, answered=30)
        world.answer(agency, *["65555555"] * 15, *["44444444"] * 15, instrument="spkp-2021.1")
        world.count()
        found = figures(world)
    figure = found["figure"]
    assert (figure["kind"], figure["ends"]["high"], figure["k"]) == ("perception", 4.0, 8)
    # Mean (5.125 + 4) / 2 = 4.5625 of 6 steps, x 4 / 6 = 3.04, and on 0 to 100 (4.5625 - 1) / 5 = 71.25.
    assert (figure["value"], figure["of_hundred"]) == (3.04, 71.25)
    assert figure["ikm"] is figure["ikm_exact"] is figure["ikm_without_cost"] is None
    assert (figure["grade"], figure["grade_probabilities"], figure["withheld"]) == (None, None, ["no_grades"])
    assert all(1 <= month["value"] <= 4 for month in found["trend"])
    for part in ("adjusted", "bias_bound", "complete_cases"):
        assert reason(found[part])[0] == "not_for_this_index"
    assert reason(found["trust"])[0] == reason(found["key_drivers"])[0] == "not_asked"


def test_an_element_nobody_answered_is_named_and_the_index_is_not_comparable(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333033333"] * 10)
    world.count()
    figure = figures(world)["figure"]
    assert (figure["unanswered"], figure["k"], figure["comparable"]) == (["cost"], 8, False)


def test_without_a_key_nobody_reads_figures(closed: World) -> None:
    closed.agency()
    for path in ("dukcapil/figures", "dukcapil/units/u1/figures", "nobody/figures"):
        refusal(closed, path, 401)


def test_an_agency_reads_its_own_figures_and_learns_nothing_of_others(closed: World) -> None:
    own = closed.key(closed.agency())
    closed.agency("samsat", "Samsat")
    headers = {"Authorization": f"Bearer {own}"}
    assert closed.client.get("/api/v1/agencies/dukcapil/figures", headers=headers).status_code == 200
    assert closed.client.get("/api/v1/agencies/dukcapil/units/u1/figures", headers=headers).status_code == 200
    other = refusal(closed, "samsat/figures", 404, own)
    assert other == refusal(closed, "samsat/units/u1/figures", 404, own)
    assert other == refusal(closed, "nobody/figures", 404, own)


def test_the_administrator_reads_every_agency(closed: World) -> None:
    closed.agency()
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    assert closed.client.get("/api/v1/agencies/dukcapil/figures", headers=headers).status_code == 200


def test_figures_are_kept_by_no_shared_cache(world: World) -> None:
    world.agency()
    assert "private" in world.client.get("/api/v1/agencies/dukcapil/figures").headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/api/v1/agencies/{agency}/figures", "/api/v1/agencies/{agency}/units/{unit}/figures"]
)
def test_the_description_of_the_api_has_an_example_and_every_refusal(world: World, path: str) -> None:
    operation = world.client.get("/openapi.json").json()["paths"][path]["get"]
    content = operation["responses"]["200"]["content"]["application/json"]
    (example,) = content["examples"].values()
    msgspec.convert(example["value"], FiguresOut)
    assert content["schema"]
    for part in ("adjusted", "bias_bound", "complete_cases", "trust", "key_drivers"):
        assert example["value"][part] is not None
    for status in ("400", "401", "404", "503"):
        assert "application/problem+json" in operation["responses"][status]["content"]
