"""The comments for machines: exact, by the rules of the page, and closed to strangers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from results_world import ADMIN_KEY, World, entry, installation
from statsmodels.stats.proportion import proportion_confint

from survey.comments.bodies import CommentsOut
from survey.settings import Environment

LATE = "antre lama sekali di loket pembayaran pagi hari"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    copied = shutil.copy(sqlite_template, tmp_path / "test.db")
    return f"sqlite:///{copied}"


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    with installation(sqlite_url) as opened:
        yield opened


@pytest.fixture
def closed(sqlite_url: str) -> Iterator[World]:
    with installation(sqlite_url, Environment.PRODUCTION) as opened:
        yield opened


def comments(world: World, path: str = "dukcapil", **query: str) -> dict[str, Any]:
    answer = world.client.get(f"/api/v1/agencies/{path}/comments", params=query)
    assert answer.status_code == 200, answer.text
    msgspec.json.decode(answer.content, type=CommentsOut)
    found: dict[str, Any] = answer.json()
    return found


def refusal(world: World, path: str, status: int, key: str | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = world.client.get(f"/api/v1/agencies/{path}", headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    found: dict[str, Any] = answer.json()
    return found


def reason(part: dict[str, Any]) -> tuple[str, int | None, int | None]:
    """Why there is no value."""
    why = part["withheld"]
    return why["reason"], why["n"], why["needed"]


def test_all_figures_of_the_comments_come_with_their_intervals_from_either_database(
    database_url: str,
) -> None:
    with installation(database_url) as world:
        agency = world.agency()
        for label, number in ((-1, 10), (0, 8), (1, 22)):
            world.answer(
                agency,
                *["333333333"] * number,
                comment=LATE,
                reading=entry(label, None, ("time", label)),
                masked={"name": 1},
            )
        world.answer(agency, *["333333333"] * 2, comment="belum dibaca")
        world.count()
        found = comments(world)
    assert (found["n"], found["waiting"], found["unread_by_series"]) == (40, 2, 0)
    negative = found["shares"]["negative"]
    low, high = proportion_confint(10, 40, method="wilson")
    assert (negative["value"], negative["n"]) == (0.25, 40)
    assert (negative["low"], negative["high"]) == pytest.approx((low, high))
    assert found["polarity"]["value"] == pytest.approx(0.15)
    assert found["polarity"]["low"] < 0.15 < found["polarity"]["high"]
    assert found["net"]["value"] == pytest.approx(30.0)
    rate = found["error_rate"]
    assert (rate["value"], rate["wrong"], rate["n"], rate["one_in"]) == (0.1, 30, 300, 10)
    corrected = [found["corrected"][label] for label in ("negative", "neutral", "positive")]
    # 0.9 a + 0.05 b + 0.05 c of a, b and c that sum to one: a = (0.25 - 0.05) / 0.85.
    assert [one["value"] for one in corrected] == pytest.approx([0.2 / 0.85, 0.15 / 0.85, 0.5 / 0.85])
    assert all(one["low"] <= one["value"] <= one["high"] for one in corrected)
    assert [(month["month"], month["series"], month["n"]) for month in found["trend"]] == [(202611, 1, 40)]
    assert (found["languages"], found["masked"]) == ({"id": 40}, {"name": 40})
    (time, *others) = found["themes"]
    assert (time["theme"], time["n"], time["negative"]["value"]) == ("time", 40, 0.25)
    assert {one["n"] for one in others} == {None}
    assert found["series"]["version"] == "lexicon-test"
    assert found["quotes"]["time"]["quotes"] == [
        {"text": LATE, "language": "id", "label": found["quotes"]["time"]["quotes"][0]["label"], "words": []}
    ]


def test_few_comments_are_counted_and_nothing_more_is_told_than_why(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333"] * 4, comment=LATE, reading=entry(-1, None, ("time", -1)))
    world.count()
    found = comments(world)
    assert found["n"] == 4
    assert reason(found["polarity"]) == ("too_few", 4, 5)
    assert reason(found["shares"]["negative"]) == ("too_few", 4, 30)
    assert reason(found["corrected"]["negative"])[0] == "too_few_comments"
    (time,) = [one for one in found["themes"] if one["theme"] == "time"]
    assert time["n"] is None
    # How few there are is part of what is withheld.
    assert reason(time["negative"]) == ("too_few", None, 30)
    assert reason(time["change"]) == ("too_few", None, 30)
    assert {one["n"] for one in found["allegations"]} == {None}
    assert (found["masked"], found["languages"], found["quotes"]) == ({}, {}, None)
    assert LATE not in world.client.get("/api/v1/agencies/dukcapil/comments").text


def test_before_the_first_comment_there_is_a_body_that_says_so(world: World) -> None:
    world.agency()
    found = comments(world)
    assert (found["n"], found["series"], found["period"], found["trend"], found["themes"]) == (
        0,
        None,
        None,
        [],
        [],
    )


@pytest.mark.parametrize(
    ("others", "sealed", "shown"), [(3, True, False), (4, True, True), (9, False, False)]
)
def test_texts_come_under_the_rules_of_the_page(world: World, others: int, sealed: bool, shown: bool) -> None:
    agency = world.agency()
    how = {"comment": LATE, "reading": entry(-1, None, ("time", -1)), "sealed": sealed}
    world.answer(agency, *["444444444"] * 6, **how)  # type: ignore[arg-type]
    world.answer(agency, *["333333333"] * others)
    world.count()
    text = world.client.get("/api/v1/agencies/dukcapil/comments").text
    assert (LATE in text) == shown


def test_what_is_alleged_is_counted_and_never_told(world: World) -> None:
    agency = world.agency()
    alleged = "petugas minta uang rokok supaya berkas cepat selesai"
    said = entry(-1, None, ("bribery", -1), ("time", 1))
    world.answer(agency, *["444444444"] * 30, comment=alleged, reading=said)
    world.count()
    assert comments(world)["allegations"] == [
        {"matter": "bribery", "n": 30},
        {"matter": "brokers", "n": None},
        {"matter": "discrimination", "n": None},
    ]
    assert alleged not in world.client.get("/api/v1/agencies/dukcapil/comments").text


def test_a_change_says_its_verdict_and_its_numbers_where_enough_stand_behind_them(world: World) -> None:
    agency = world.agency()
    for day, late, dear in ((20260810, 10, 0), (20260910, 40, 12)):
        for theme, number in (("time", late), ("cost", dear)):
            said = entry(-1, None, (theme, -1))
            world.answer(agency, *["333333333"] * number, day=day, comment=LATE, reading=said)
        world.answer(agency, *["333333333"] * 60, day=day, comment=LATE, reading=entry(1))
    world.count()
    found = {one["theme"]: one["change"] for one in comments(world, period="2026-09")["themes"]}
    assert found["time"]["verdict"] == "rising"
    assert found["time"]["difference"] == pytest.approx(40 / 112 - 10 / 70)
    assert found["time"]["low"] < found["time"]["difference"] < found["time"]["high"]
    assert (found["cost"]["verdict"], found["cost"]["difference"]) == ("rising", None)
    assert reason(found["product"]) == ("too_few", None, 5)


def test_contradictions_come_beside_what_errors_alone_would_make(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["444444444"] * 10, comment=LATE, reading=entry(-1))
    world.answer(agency, *["444444444"] * 30, comment="baik sekali pelayanannya", reading=entry(1))
    world.answer(agency, *["111111111"] * 3, comment="bagus", reading=entry(1))
    world.count()
    high, low = comments(world)["contradictions"]
    assert (high["kind"], high["count"], high["share"]["value"]) == ("high_but_negative", 10, 0.25)
    assert high["by_error"] == pytest.approx(2.0)
    assert high["by_error_low"] < 2 < high["by_error_high"] < 10
    assert high["beyond_error"] is True
    assert [one["text"] for one in high["examples"]["quotes"]] == [LATE]
    assert (low["kind"], low["count"], reason(low["share"])) == (
        "low_but_positive",
        None,
        ("too_few", None, 30),
    )


def test_a_unit_and_a_period_have_comments_of_their_own(world: World) -> None:
    agency = world.agency(units=("u1", "u2"))
    world.answer(agency, *["333333333"] * 6, unit=1, day=20260710, comment=LATE, reading=entry(-1))
    world.answer(agency, *["333333333"] * 9, unit=2, comment=LATE, reading=entry(1))
    world.count()
    assert comments(world)["n"] == 15
    unit = comments(world, "dukcapil/units/u2")
    assert (unit["n"], unit["unit"], unit["unit_name"]) == (9, "u2", "Kantor u2")
    july = comments(world, period="2026-07")
    assert (july["n"], july["period"]) == (6, {"text": "2026-07", "first": 202607, "last": 202607})


def test_strangers_read_nothing_and_an_agency_its_own(closed: World) -> None:
    own = closed.key(closed.agency())
    closed.agency("samsat", "Samsat")
    for path in ("dukcapil/comments", "dukcapil/units/u1/comments", "nobody/comments"):
        refusal(closed, path, 401)
    for path in ("dukcapil/comments", "dukcapil/units/u1/comments"):
        for key in (own, ADMIN_KEY):
            answer = closed.client.get(f"/api/v1/agencies/{path}", headers={"Authorization": f"Bearer {key}"})
            assert answer.status_code == 200
            assert "private" in answer.headers["cache-control"]
    other = refusal(closed, "samsat/comments", 404, own)
    assert other == refusal(closed, "nobody/comments", 404, own)
    assert refusal(closed, "dukcapil/units/u9/comments", 404, own)["status"] == 404


def test_a_period_that_cannot_be_read_is_refused(world: World) -> None:
    world.agency()
    assert refusal(world, "dukcapil/comments?period=2026-13", 400)["field"] == "period"


@pytest.mark.parametrize(
    "path", ["/api/v1/agencies/{agency}/comments", "/api/v1/agencies/{agency}/units/{unit}/comments"]
)
def test_the_description_of_the_api_has_an_example_and_every_refusal(world: World, path: str) -> None:
    operation = world.client.get("/openapi.json").json()["paths"][path]["get"]
    content = operation["responses"]["200"]["content"]["application/json"]
    (example,) = content["examples"].values()
    msgspec.convert(example["value"], CommentsOut)
    assert content["schema"]
    for part in ("error_rate", "shares", "corrected", "quotes", "contradictions", "themes", "trend"):
        assert example["value"][part]
    for status in ("400", "401", "404", "503"):
        assert "application/problem+json" in operation["responses"][status]["content"]
