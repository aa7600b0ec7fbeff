"""Figures for machines: exact, complete, honest about what is withheld, and closed to strangers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from results_world import ADMIN_KEY, World, installation

from survey.figures import SHOWN_FROM
from survey.routes.figures import FiguresOut
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
    assert figure["elements"][0] == {
        "key": "requirements",
        "answers": 40,
        "nrr": 3.5,
        "value": 87.5,
        "grade": "B",
    }


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
    world.answer(agency, *["333333333"] * 5, day=20260710, sentiment=500)
    world.answer(agency, *["333333333"] * 2, day=20260910)
    world.count()
    found = figures(world)
    assert [(month["month"], month["n"], month["withheld"]) for month in found["trend"]] == [
        (202607, 5, None),
        (202608, 0, "no_answers"),
        (202609, 2, "too_few"),
    ]
    assert found["trend"][0]["value"] == 75.0
    assert [(month["value"], month["n"]) for month in found["sentiment"]] == [(0.5, 5), (None, 0), (None, 0)]


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
    for status in ("400", "401", "404", "503"):
        assert "application/problem+json" in operation["responses"][status]["content"]
