"""The results pages: figures that can be read rightly, pictures with words, and no door left open."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import anyio
import httpx
import pytest
from page_tree import Document, Element
from results_world import ADMIN_KEY, World, entry, installation

from analysis.trends import Point
from survey.agencies import register_services
from survey.pictures import Drawing, Pictures
from survey.settings import ROOT, Environment


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


def picture_of(page: Element, subject: str) -> Element:
    """The picture in the section of a subject."""
    return page.one("section", id=subject).one("img")


def facts_of(page: Element, section: str) -> dict[str, str]:
    """Names and values of a section's list of facts."""
    listed = page.one("section", id=section).one("dl")
    return {row.one("dt").text: row.one("dd").text for row in listed.all("div")}


def show(world: World, path: str = "/results/dukcapil", status: int = 200, **query: str) -> Element:
    answer = world.client.get(path, params={"lang": "en", **query})
    assert answer.status_code == status, answer.text
    return Document(answer.text).root


def fact(page: Element, name: str) -> str:
    (value,) = [pair.one("dd").text for pair in page.one("dl").all("div") if pair.one("dt").text == name]
    return value


def value(page: Element) -> str:
    return page.one("section", id="figure").one("p", class_="value").text


def served(world: World, code: str = "dukcapil", **names: str) -> int:
    """An agency with 100 transactions, 40 of them answered with 77.78."""
    agency = world.agency(code, **names)
    world.serve(agency, 100, answered=40)
    world.answer(agency, *["333333333"] * 20, *["443333333"] * 20)
    world.count()
    return agency


@pytest.mark.parametrize(
    ("lang", "index", "without_cost"), [("id", "78,74", "77,30"), ("en", "78.74", "77.30")]
)
def test_the_published_matrix_of_sekadau_is_shown_apart_as_imported(
    world: World, lang: str, index: str, without_cost: str
) -> None:
    agency = world.agency()
    world.import_sekadau(agency)
    world.count()
    for path in ("/results/dukcapil", "/results/dukcapil/u1"):
        page = show(world, path, lang=lang)
        imported = page.one("section", id="imported")
        assert imported.one("p", class_="value").text == index
        assert without_cost in imported.text
        assert imported.one("span", class_="letter").text == "B"
        assert "49" in fact(imported, {"id": "Jawaban", "en": "Answers"}[lang])
        assert imported.one("p", class_="mark").text.startswith({"id": "Hasil impor", "en": "Imported"}[lang])
        assert "Semester I 2019" in imported.one("ul").text
        assert page.all("section", id="figure") == []


def test_imported_answers_do_not_move_the_live_figure(world: World) -> None:
    agency = served(world)
    before = show(world).one("section", id="figure").text
    world.import_sekadau(agency)
    world.count()
    page = show(world)
    assert page.one("section", id="figure").text == before
    assert page.one("section", id="imported").one("p", class_="value").text == "78.74"


def test_a_card_has_everything_a_figure_needs_to_be_read(world: World) -> None:
    served(world)
    page = show(world)
    assert value(page) == "77.78"
    assert page.one("p", class_="grade").text == "B Good"
    assert fact(page, "95 % interval") == "76.24 – 79.25 for the transactions of this period"
    assert fact(page, "Answers") == "40; transactions: 100"
    assert fact(page, "Response rate") == "40.0 % 40 of 100 transactions"
    assert fact(page, "IKM without cost").startswith("78.13")
    assert fact(page, "Period") == "December 2025 – November 2026"
    assert "14/2017" in fact(page, "Method")


def test_a_card_speaks_indonesian(world: World) -> None:
    served(world)
    page = show(world, lang="id")
    assert value(page) == "77,78"
    assert page.one("p", class_="grade").text == "B Baik"
    assert fact(page, "Tingkat respons") == "40,0 % 40 dari 100 transaksi"
    assert fact(page, "Metode").startswith("PermenPAN-RB 14/2017: sembilan unsur")


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        (0, "no_answers", "There are no answers in this period."),
        (4, "too_few", "shown from 5 answers on"),
        (5, "too_few_for_grade", "it needs at least 30 answers"),
    ],
)
def test_what_is_withheld_says_why(world: World, answers: int, code: str, words: str) -> None:
    agency = world.agency()
    world.serve(agency, 40, answered=answers)
    world.answer(agency, *["333333333"] * answers)
    world.count()
    card = show(world).one("section", id="figure")
    assert card.one("div", class_="figure").attributes["data-withheld"] == code
    assert words in card.text
    assert len(card.all("p", class_="value")) == (answers >= 5)
    assert card.all("p", class_="grade") == []


def test_a_grade_near_its_border_is_called_not_certain_in_words(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333"] * 15, *["444444444"] * 15)
    world.count()
    page = show(world)
    assert "The grade is not certain" in page.one("section", id="figure").text
    assert "grade not certain" in page.rows("units")[0][0]
    assert "not certain" not in show(world, "/results").rows("agencies")[0][0].replace(
        "grade not certain", ""
    )


def test_the_funnel_shows_each_stage_with_its_share_of_all_transactions(world: World) -> None:
    served(world)
    assert show(world).rows("funnel-numbers") == [
        ["Transactions", "100", "100.0 %"],
        ["Invited", "100", "100.0 %"],
        ["Answered", "40", "40.0 %"],
    ]


def test_elements_stand_lowest_first_under_their_official_names(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333343"] * 29, "333333333", *["233333334"] * 5)
    world.count()
    rows = show(world, lang="id").rows("elements-numbers")
    assert [row[0] for row in rows] == [
        "Persyaratan terendah",
        "Sistem, Mekanisme, dan Prosedur",
        "Waktu Penyelesaian",
        "Biaya/Tarif",
        "Produk Spesifikasi Jenis Pelayanan",
        "Kompetensi Pelaksana",
        "Perilaku Pelaksana",
        "Penanganan Pengaduan, Saran dan Masukan",
        "Sarana dan Prasarana",
    ]
    # Without finite population correction: the ledger knows no transactions here.
    assert rows[0][1:] == ["2,86", "71,43", "67,68 – 75,00", "C", "35"]
    assert [rows[-1][at] for at in (1, 2, 4, 5)] == ["3,83", "95,71", "A", "35"]


def test_an_element_too_few_answered_is_named_without_its_mean(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333303"] * 6, *["330333333"] * 2, *["333333333"] * 2)
    world.count()
    rows = show(world).rows("elements-numbers")
    assert [row for row in rows if row[1] == "–"] == [
        ["Completion time too few answers", "–", "–", "–", "–", "–"],
        ["Facilities and infrastructure too few answers", "–", "–", "–", "–", "–"],
    ]


def test_agencies_and_units_are_listed_by_name_whatever_their_score(world: World) -> None:
    first = world.agency("b", "Badan Baik", units=("u2", "u1"))
    world.answer(first, *["222222222"] * 5, unit=1)
    world.answer(first, *["444444444"] * 5, unit=2)
    second = world.agency("a", "Dinas Contoh")
    world.answer(second, *["333333333"] * 5)
    world.count()
    agencies = show(world, "/results").rows("agencies")
    assert [row[:2] for row in agencies] == [["Badan Baik", "75.00"], ["Dinas Contoh", "75.00"]]
    units = show(world, "/results/b").rows("units")
    assert [row[:2] for row in units] == [["Kantor u1", "100.00"], ["Kantor u2", "50.00"]]
    assert all(re.fullmatch(r"\d+\.\d\d – \d+\.\d\d", row[2]) for row in agencies + units)


def test_a_period_is_chosen_without_any_script(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["222222222"] * 5, day=20260710)
    world.answer(agency, *["444444444"] * 5, day=20261010)
    world.count()
    form = show(world).one("form")
    assert form.attributes["method"] == "get"
    options = {one.attributes["value"]: one.text for one in form.one("select", name="period").all("option")}
    assert options[""] == "Latest twelve months"
    assert options["2026-Q3"] == "Quarter III of 2026"
    assert "2026-08" not in options
    page = show(world, form.attributes["action"], period="2026-Q3")
    assert value(page) == "50.00"
    (chosen,) = [
        one for one in page.one("select", name="period").all("option") if "selected" in one.attributes
    ]
    assert chosen.attributes["value"] == "2026-Q3"
    assert value(show(world, period="2026-10")) == "100.00"
    assert value(show(world)) == "75.00"


def test_links_keep_the_language_and_the_period(world: World) -> None:
    served(world)
    page = show(world, period="2026-Q4")
    links = [link.attributes["href"] for link in page.all("a") if "/results/" in link.attributes["href"]]
    assert "/results/dukcapil/u1?lang=en&period=2026-Q4" in links
    assert "/results/dukcapil?lang=id&period=2026-Q4" in links
    assert all("period=2026-Q4" in link for link in links)


def test_a_period_that_cannot_be_read_is_refused_saying_how_to_write_it(world: World) -> None:
    world.agency()
    for path in (
        "/results",
        "/results/dukcapil",
        "/results/dukcapil/u1",
        "/results/dukcapil/pictures/trend.svg",
    ):
        page = show(world, path, 400, period="2026-13")
        assert "2026-Q3" in page.one("main").text


@pytest.mark.parametrize(
    "path",
    [
        "/results/nobody",
        "/results/dukcapil/u9",
        "/results/nobody/pictures/trend.svg",
        "/results/dukcapil/u9/pictures/trend.svg",
        "/results/dukcapil/pictures/other.svg",
    ],
)
def test_what_does_not_exist_is_not_found_in_words(world: World, path: str) -> None:
    served(world)
    page = show(world, path, 404)
    assert page.one("h1").text == "There is no such agency or unit"
    assert page.one("main").all("a")[0].attributes["href"] == "/results?lang=en"


def test_the_trend_is_a_picture_with_its_summary_in_words_and_its_numbers(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333"] * 5, day=20260710)
    world.answer(agency, *["444444444"] * 5, day=20260810)
    world.answer(agency, *["444444444"] * 2, day=20260910)
    world.count()
    page = show(world)
    image = picture_of(page, "trend")
    assert image.attributes["alt"] == (
        "July 2026 to September 2026. Latest: 100.00 in August 2026. Highest: 100.00 in August 2026."
        " Lowest: 75.00 in July 2026. Months without a value: 1."
    )
    assert [[row[0], row[1], row[3]] for row in page.rows("trend-numbers")] == [
        ["September 2026 too few answers", "–", "2"],
        ["August 2026", "100.00", "5"],
        ["July 2026", "75.00", "5"],
    ]
    picture = world.client.get(image.attributes["src"])
    assert picture.headers["content-type"] == "image/svg+xml"
    assert image.attributes["alt"] in picture.text
    assert "Dinas Dukcapil" in picture.text


def test_the_sentiment_is_of_the_comments_the_current_series_has_read_and_leads_to_their_page(
    world: World,
) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333"] * 6, comment="cukup baik", reading=entry(1, 250))
    world.answer(agency, *["333333333"] * 5, comment="belum dibaca")
    world.answer(agency, *["333333333"] * 9)
    world.count()
    page = show(world, "/results/dukcapil/u1")
    assert page.rows("sentiment-numbers") == [["November 2026", "0.25", "-0.17 – 0.59", "6"]]
    sentiment = picture_of(page, "sentiment").attributes["src"]
    assert sentiment.startswith("/results/dukcapil/u1/pictures/sentiment.svg")
    assert world.client.get(sentiment).status_code == 200
    section = page.one("section", id="sentiment")
    assert "wrong now and then" in section.text
    assert section.one("a").attributes["href"] == "/comments/dukcapil/u1?lang=en"
    world.series("another version")
    assert (
        "No month has a value yet." in show(world, "/results/dukcapil/u1").one("section", id="sentiment").text
    )


def test_without_a_value_there_is_no_picture_but_words(world: World) -> None:
    served(world)
    page = show(world)
    drawn = [image.attributes["src"].split("?")[0].rpartition("/")[2] for image in page.all("img")]
    assert drawn == ["index.svg", "elements.svg", "funnel.svg", "trend.svg"]
    assert "Too few answers to the questions about trust." in page.one("section", id="trust").text
    assert "No month has a value yet." in page.text
    assert world.client.get("/results/dukcapil/pictures/sentiment.svg").status_code == 404


def test_a_picture_is_asked_for_again_only_when_its_numbers_changed(world: World) -> None:
    agency = served(world)
    address = "/results/dukcapil/pictures/trend.svg"
    first = world.client.get(address)
    assert first.headers["cache-control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["etag"]}
    again = world.client.get(address, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    world.answer(agency, "444444444")
    world.count()
    changed = world.client.get(address, headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_the_official_and_the_adjusted_index_stand_side_by_side(world: World) -> None:
    agency = world.agency()
    call = world.platform.writer.call
    call(register_services, (agency, "akta", "Akta"))
    # Three quarters of the transactions are of a service that fewer people answer about, and dislike.
    world.serve(agency, 60, answered=40)
    world.serve(agency, 180, answered=20, service=2)
    world.answer(agency, *["444444444", "444444443"] * 20)
    world.answer(agency, *["222222222", "222222223"] * 10, service=2)
    world.count()
    page = show(world)
    assert value(page) == "82.87"
    facts = facts_of(page, "figure")
    assert facts["Adjusted to all transactions"].startswith("63.19 (")
    assert "differs from the official index by −19.7 points" in facts["Adjusted to all transactions"]
    assert facts["If the silent are counted"].startswith("39.47 – 95.72")
    assert facts["Answers aimed at"].startswith("148: not yet reached")


def test_without_enough_answers_to_weigh_the_adjusted_index_says_why(world: World) -> None:
    served(world)
    facts = facts_of(show(world), "figure")
    assert facts["Adjusted to all transactions"] == (
        "– withheld: too few answers to weigh services, channels and months against each other"
    )


def test_trust_is_shown_apart_from_the_index_and_its_level_apart_from_its_drivers(world: World) -> None:
    agency = world.agency()
    # Level, change, then the five drivers; in other answers the drivers are not asked.
    world.answer(agency, *["333333333" + "5444444"] * 20, *["333333333" + "2222222"] * 10)
    world.count()
    page = show(world)
    rows = {row[0]: row[1:] for row in page.rows("trust-numbers")}
    assert rows["Trust"] == ["33.3 %", "0.0 %", "66.7 %", "33.3", "30"]
    facts = facts_of(page, "trust")
    assert "The index of its drivers is 58.3 of 100" in facts["Driver index"]
    assert facts["About"].startswith("Trust of people who were served and answered")
    assert value(page) == "75.00"


def test_one_way_of_answering_is_said_in_a_line_and_nothing_is_drawn(world: World) -> None:
    served(world)
    for lang, line in (
        ("en", "All 40 answers of this period came one way: Web form."),
        ("id", "Semua 40 jawaban periode ini masuk lewat satu cara: Formulir web."),
    ):
        section = show(world, lang=lang).one("section", id="modes")
        assert section.one("p").text == line
        assert section.all("img") == section.all("dl") == section.all("table") == []
    assert world.client.get("/results/dukcapil/pictures/modes.svg").status_code == 404


def answered_both_ways(world: World, unit: int = 1) -> int:
    """Sixty answers by the web form in two months, thirty-six by SMS in the second."""
    agency = world.agency(units=("u1", "u2"))
    world.answer(agency, *["333333333"] * 15, *["443333333"] * 15, day=20261010, unit=unit)
    world.answer(agency, *["333333333"] * 15, *["443333333"] * 15, unit=unit)
    world.answer(agency, *["333333332", "323333333"] * 18, mode="sms", unit=unit)
    world.count()
    return agency


def test_each_way_of_answering_has_its_index_and_sms_is_set_against_the_web(world: World) -> None:
    answered_both_ways(world)
    for path in ("/results/dukcapil", "/results/dukcapil/u1"):
        page = show(world, path)
        facts = facts_of(page, "modes")
        assert list(facts) == ["Web form", "SMS", "SMS less web form"]
        assert re.fullmatch(
            r"77\.78 \(76\.\d\d – 79\.\d\d\) 60 answers, 62\.5 % of all; grade B", facts["Web form"]
        )
        assert re.fullmatch(
            r"72\.22 \(7\d\.\d\d – 7\d\.\d\d\) 36 answers, 37\.5 % of all; grade C", facts["SMS"]
        )
        assert re.fullmatch(
            r"−5\.56 points \(−\d\.\d\d to −\d\.\d\d\) those who answered by SMS judge lower",
            facts["SMS less web form"],
        )
        assert "not by itself an effect of the way of answering" in page.one("section", id="modes").text
        assert value(page) == "75.69"


def test_the_mix_of_ways_is_a_picture_with_its_summary_in_words_and_its_numbers(world: World) -> None:
    answered_both_ways(world)
    page = show(world)
    image = picture_of(page, "modes")
    assert image.attributes["alt"] == ("Of 96 answers: Web form 60 (62.5\u00a0%), SMS 36 (37.5\u00a0%).")
    assert page.rows("modes-numbers") == [
        ["Nov 2026", "45.5 %", "54.5 %", "66"],
        ["Oct 2026", "100.0 %", "0.0 %", "30"],
    ]
    picture = world.client.get(image.attributes["src"])
    assert picture.headers["content-type"] == "image/svg+xml"
    for text in (image.attributes["alt"], "Dinas Dukcapil", "Web form", "Oct 2026"):
        assert text in picture.text
    october = show(world, period="2026-10")
    assert "All 30 answers" in october.one("section", id="modes").text
    assert world.client.get("/results/dukcapil/pictures/modes.svg?period=2026-10").status_code == 404


def test_ways_that_differ_by_chance_have_no_clear_difference(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333", "443333333"] * 20)
    world.answer(agency, *["333333333", "443333333"] * 9, "443333333", mode="sms")
    world.count()
    shown = facts_of(show(world), "modes")["SMS less web form"]
    assert re.fullmatch(r"\+0\.\d\d points \(−\d\.\d\d to \+\d\.\d\d\) no clear difference", shown)
    shown = facts_of(show(world, lang="id"), "modes")["SMS dikurangi formulir web"]
    assert re.fullmatch(r"\+0,\d\d poin \(−\d,\d\d sampai \+\d,\d\d\) tidak ada perbedaan yang jelas", shown)


def test_the_index_of_few_who_answered_by_sms_cannot_be_had_from_that_of_the_others(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333"] * 40)
    world.answer(agency, *["111111111"] * 4, mode="sms")
    world.count()
    facts = facts_of(show(world), "modes")
    why = "the few answers that came another way would follow from it"
    assert facts == {
        "Web form": f"– 40 answers, 90.9 % of all; withheld: {why}",
        "SMS": "– 4 answers, 9.1 % of all; withheld: too few answers",
        "SMS less web form": "– withheld: too few answers",
    }


def test_an_order_of_elements_that_chance_could_make_is_not_shown(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333" + "3------"] * 30)
    world.count()
    section = show(world).one("section", id="priority")
    assert section.all("img") == []
    assert "at least 100 complete answers" in section.text


def test_a_grade_on_the_border_says_how_likely_each_is(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333344"] * 15, *["333333333"] * 10, *["222333333"] * 5)
    world.count()
    text = show(world).one("section", id="figure").text
    assert re.search(
        r"The grade is not certain. How likely within this precision: [BC] \d\d\.\d %, [BC]", text
    )


DRAWING = Drawing("trend", "Kantor", (Point(202607, 80.0, 75.0, 85.0, 9, None),), "id")


def test_pictures_asked_for_at_the_same_time_are_drawn_once() -> None:
    drawn: list[Drawing] = []

    def draw(drawing: Drawing) -> bytes:
        drawn.append(drawing)
        return b"<svg/>"

    async def ask() -> None:
        pictures = Pictures(draw)
        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(pictures.get, DRAWING)

    anyio.run(ask)
    assert drawn == [DRAWING]


def test_the_least_used_pictures_are_dropped_beyond_the_limit() -> None:
    drawn: list[str] = []

    def draw(drawing: Drawing) -> bytes:
        drawn.append(drawing.place)
        return bytes(40)

    async def ask() -> None:
        pictures = Pictures(draw, most_bytes=100)
        for place in ("a", "b", "a", "c", "a", "b"):
            await pictures.get(Drawing("trend", place, DRAWING.data, "id"))

    anyio.run(ask)
    assert drawn == ["a", "b", "c", "b"]


def test_with_no_agency_the_first_commands_are_shown(world: World) -> None:
    page = show(world, "/results")
    assert "No agency is registered yet" in page.text
    assert page.one("pre").text.startswith("percaya agencies add")


def test_an_agency_without_units_says_how_to_register_one(world: World) -> None:
    world.agency(units=())
    assert show(world).one("pre").text == 'percaya agencies add-unit dukcapil CODE "NAME"'


def test_a_place_without_transactions_shows_how_to_report_one(world: World) -> None:
    world.agency()
    for path in ("/results/dukcapil", "/results/dukcapil/u1"):
        example = show(world, path).one("pre").text
        assert "https://ikm.example/api/v1/transactions" in example
        assert '"unit": "u1"' in example
        assert '"finished_at": "2026-11-24T12:00:00Z"' in example


def test_links_nobody_answered_ask_to_look_whether_they_arrive(world: World) -> None:
    agency = world.agency()
    world.serve(agency, 3)
    world.count()
    page = show(world)
    assert "Nobody has answered yet" in page.text
    assert "Nobody has answered yet" not in show(world, period="2019").text


def test_live_figures_are_said_to_be_for_the_agency_itself(world: World) -> None:
    served(world)
    for path in ("/results", "/results/dukcapil", "/results/dukcapil/u1"):
        assert "not for publication" in show(world, path).text


@pytest.mark.parametrize(
    ("query", "accepted", "lang"),
    [
        ("?lang=en", "id", "en"),
        ("?lang=id", "en", "id"),
        ("", "en-GB,id;q=0.5", "en"),
        ("?lang=jv", "jv", "id"),
        ("", "fr", "id"),
    ],
)
def test_pages_are_in_indonesian_or_english(world: World, query: str, accepted: str, lang: str) -> None:
    answer = world.client.get("/results" + query, headers={"Accept-Language": accepted})
    page = Document(answer.text).root
    assert page.one("html").attributes["lang"] == lang
    assert [link.attributes["lang"] for link in page.one("nav", id="languages").all("a")] == ["id", "en"]


def test_names_are_text_not_markup(world: World) -> None:
    served(world, name="<script>alert(1)</script>\"'")
    page = show(world)
    assert page.one("h1").text == "<script>alert(1)</script>\"'"
    assert len(page.all("script")) == 1
    assert "<script>" not in world.client.get("/results/dukcapil/pictures/trend.svg").text


def test_nothing_on_a_page_needs_a_looser_policy_or_another_host(world: World) -> None:
    served(world)
    for path, status in (("/results", 200), ("/results/dukcapil", 200), ("/results/nobody", 404)):
        answer = world.client.get(path)
        assert answer.status_code == status
        policy = answer.headers["content-security-policy"]
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy
        page = Document(answer.text).root
        assert page.all("style") == []
        for element in page.inside:
            assert not {name for name in element.attributes if name == "style" or name.startswith("on")}
            for name in ("src", "href", "action"):
                assert element.attributes.get(name, "/").startswith(("/", "#"))
        assert all(script.text == "" for script in page.all("script"))


def test_the_script_evaluates_nothing_and_keeps_no_page_on_the_computer(world: World) -> None:
    config = show(world, "/results").one("meta", name="htmx-config").attributes["content"]
    for setting in ('"includeIndicatorStyles":false', '"allowEval":false', '"historyCacheSize":0'):
        assert setting in config


def test_static_files_are_kept_for_ever_under_an_address_of_their_content(world: World) -> None:
    page = show(world, "/results")
    for element, name in ((page.one("script"), "src"), (page.one("link", rel="stylesheet"), "href")):
        address = element.attributes[name]
        answer = world.client.get(address)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert hashlib.sha256(answer.content).hexdigest()[:12] == address.split(".")[-2]
        plain = world.client.get(address, headers={"Accept-Encoding": "identity"})
        assert plain.content == answer.content
    assert world.client.get("/static/results.000000000000.css").status_code == 404
    assert world.client.get("/static/..%2fapp.py").status_code == 404


def test_the_script_is_the_published_release_with_its_licence() -> None:
    digest = hashlib.sha384((ROOT / "static" / "htmx-2.0.11.min.js").read_bytes()).hexdigest()
    assert digest == (
        "d8e6adcd0cb51fe65dfc822b8ebd5372e0c6a8b5de1e16e8a00c8963529d40c2a7af82d9db6937d4604b7582879958e0"
    )
    assert "Zero-Clause BSD" in (ROOT / "static" / "htmx-2.0.11.LICENSE.txt").read_text(encoding="utf-8")


PROTECTED = (
    "/results",
    "/results/dukcapil",
    "/results/nobody",
    "/results/dukcapil/u1",
    "/results/dukcapil/pictures/trend.svg",
    "/results/dukcapil/u1/pictures/trend.svg",
)


def _basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"anyone:{key}".encode()).decode()}


def test_in_production_the_results_open_only_to_the_administrator(closed: World) -> None:
    agency_key = closed.key(served(closed))
    for path in PROTECTED:
        for headers in (
            {},
            _basic("a-wrong-key"),
            _basic(agency_key),
            {"Authorization": f"Bearer {agency_key}"},
        ):
            answer = closed.client.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic")
            assert "77,78" not in answer.text
            assert "Dinas" not in answer.text


def test_the_administrator_comes_in_with_the_key_as_password(closed: World) -> None:
    served(closed)
    statuses = {path: closed.client.get(path, headers=_basic(ADMIN_KEY)).status_code for path in PROTECTED}
    assert statuses == {path: 404 if path == "/results/nobody" else 200 for path in PROTECTED}


def test_pages_are_kept_by_no_shared_cache(world: World) -> None:
    served(world)
    answers: list[httpx.Response] = [world.client.get(path) for path in PROTECTED]
    assert all("private" in answer.headers["cache-control"] for answer in answers)
    assert all(answer.headers.get("set-cookie") is None for answer in answers)
