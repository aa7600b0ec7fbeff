"""The pages of the comments: what is said of them, how surely, and whose text is never shown."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from page_tree import Document, Element
from results_world import ADMIN_KEY, NOW, World, entry, installation
from statsmodels.stats.proportion import proportion_confint

from analysis.sentiment import lexicon_analyzer
from analysis.themes import finder
from survey.comments import written
from survey.comments.judge import version_of
from survey.comments.results import CommentQuestion, answer_comments
from survey.comments.series import NewSeries, begin
from survey.periods import Period, read_period
from survey.results import read_apart
from survey.settings import Environment

GOOD, BAD = "444444444", "111111111"
SLOW = [
    "antre lama sekali di loket pembayaran pagi hari",
    "antre di loket pembayaran lama sekali, dua jam",
    "menunggu dua jam di loket pembayaran, antre lama",
    "loket pembayaran antre lama karena cuma satu petugas",
    "pagi hari antre lama sekali di depan loket",
    "dua jam menunggu karena cuma satu petugas di loket",
]


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


def show(world: World, path: str = "/comments/dukcapil", status: int = 200, **query: str) -> Element:
    answer = world.client.get(path, params={"lang": "en", **query})
    assert answer.status_code == status, answer.text
    return Document(answer.text).root


def facts(page: Element, section: str) -> dict[str, str]:
    listed = page.one("section", id=section).all("dl")
    return {row.one("dt").text: row.one("dd").text for one in listed for row in one.all("div")}


def quotes(page: Element, section: str = "write") -> list[str]:
    return [one.text for one in page.one("section", id=section).all("blockquote")]


def write(
    world: World, agency: int, label: int, number: int, *themes: tuple[str, int], **how: object
) -> None:
    """Answers with one and the same comment of a label."""
    text = {"comment": "sebuah komentar biasa saja dari warga", **how}
    world.answer(agency, *["333333333"] * number, reading=entry(label, None, *themes), **text)  # type: ignore[arg-type]


def ranged(count: int, n: int) -> str:
    low, high = (f"{100 * end:.1f} %" for end in proportion_confint(count, n, method="wilson"))
    return f"{100 * count / n:.1f} % ({low} – {high})"


def slow(world: World, agency: int, **how: object) -> None:
    """Six comments about the time it took, each one's own words."""
    for text in SLOW:
        write(world, agency, -1, 1, ("time", -1), comment=text, **how)


def test_how_citizens_wrote_is_told_with_numbers_intervals_and_how_far_to_rely_on_it(world: World) -> None:
    agency = world.agency()
    for label, number in ((-1, 10), (0, 8), (1, 22)):
        write(world, agency, label, number)
    world.answer(agency, *["333333333"] * 60)
    world.count()
    how = facts(show(world), "how")
    assert how["Comments"].startswith("40 from 100 answers")
    assert how["Unfavourable"] == ranged(10, 40)
    assert how["Neither"] == ranged(8, 40)
    assert how["Favourable"] == ranged(22, 40)
    # (22 - 10) x 0.5 / 40.
    assert re.match(r"0\.15 \(0\.0\d – 0\.2\d\) from −1", how["Mean"])
    # Thirty of the three hundred that its analyser was tried on.
    assert how["How far to rely on it"].startswith("about 1 comment in 10 is misjudged 30 of 300 comments")


@pytest.mark.parametrize(
    ("number", "mean", "shares"), [(4, False, False), (5, True, False), (29, True, False), (30, True, True)]
)
def test_of_few_comments_nothing_is_told_but_why(world: World, number: int, mean: bool, shares: bool) -> None:
    agency = world.agency()
    write(world, agency, 1, number)
    world.count()
    page = show(world)
    how = facts(page, "how")
    assert (how["Mean"].startswith("–"), how["Favourable"].startswith("–")) == (not mean, not shares)
    assert shares or how["Favourable"] == "– shares are shown from 30 comments on"
    (row,) = page.rows("months-numbers")
    assert (row[1] == row[2] == "–") == (not shares)
    assert row[3] == str(number)
    assert len(page.one("section", id="months").all("img")) == (2 if shares else 0)


def test_the_correction_for_misjudged_comments_is_an_option_and_changes_nothing_of_what_was_read(
    world: World,
) -> None:
    agency = world.agency()
    world.series(confusion=[[80, 20, 0], [10, 80, 10], [0, 10, 90]])
    for label, number in ((-1, 52), (0, 54), (1, 94)):
        write(world, agency, label, number)
    world.count()
    plain = show(world)
    link = plain.one("section", id="how").all("a")[0]
    assert (link.text, "corrected=1" in link.attributes["href"]) == (
        "Correct the shares for misjudged comments",
        True,
    )
    page = show(world, corrected="1")
    how = facts(page, "how")
    assert {name: how[name] for name in facts(plain, "how")} == facts(plain, "how")
    # Of 30 %, 20 % and 50 % such an analyser makes 0.8 x 30 + 0.1 x 20 = 26 %, 27 % and 47 %.
    assert how["Unfavourable"].startswith("26.0 % (")
    assert how["Unfavourable, corrected"].startswith("30.0 % (")
    assert how["Neither, corrected"].startswith("20.0 % (")
    assert how["Favourable, corrected"].startswith("50.0 % (")
    assert "Unfavourable, corrected" not in facts(plain, "how")
    assert "corrected=1" in page.one("section", id="months").all("img")[0].attributes["src"]
    back = page.one("section", id="how").all("a")[0].attributes["href"]
    assert "corrected" not in back
    assert (
        "period=2026-11"
        in show(world, corrected="1", period="2026-11")
        .one("section", id="how")
        .all("a")[0]
        .attributes["href"]
    )


def test_a_correction_that_cannot_be_made_says_why(world: World) -> None:
    agency = world.agency()
    world.series(confusion=[[50, 50, 0], [50, 50, 0], [0, 0, 100]])
    write(world, agency, 1, 40)
    world.count()
    how = facts(show(world, corrected="1"), "how")
    assert how["Corrected"] == "– not corrected: the program tells the kinds apart too badly"


def test_months_are_drawn_with_gaps_and_a_break_where_another_version_begins(world: World) -> None:
    agency = world.agency()
    write(world, agency, -1, 30, day=20260710)
    write(world, agency, -1, 3, day=20260810)
    world.series("another version", reason="changed")
    write(world, agency, 1, 30, day=20260910)
    world.count()
    page = show(world)
    rows = page.rows("months-numbers")
    assert [[row[0], row[1][:7], row[3]] for row in rows] == [
        ["September 2026", "0.0 % (", "30"],
        ["August 2026 too few comments", "–", "3"],
        ["July 2026", "100.0 %", "30"],
    ]
    image = page.one("section", id="months").all("img")[0]
    assert image.attributes["alt"].startswith("July 2026 to September 2026. Latest: 0.0\u00a0% in September")
    assert image.attributes["alt"].endswith("Months without a value: 1.")
    picture = world.client.get(image.attributes["src"])
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "Sep 2026: from here read by another version" in picture.text
    # What only the earlier version has read is in no figure of the period.
    assert facts(page, "how")["Comments"].startswith("30 ")
    assert facts(page, "reading")["Not read yet by this version"].startswith("33 ")
    assert [row[1] for row in page.rows("series")] == ["in use", "earlier"]
    assert [row[3] for row in page.rows("series")] == ["its words or rules were changed", "the first one"]


def test_themes_come_most_mentioned_first_and_those_of_few_comments_without_a_number(world: World) -> None:
    agency = world.agency()
    write(world, agency, -1, 20, ("time", -1))
    write(world, agency, 1, 15, ("time", 1), ("behaviour", 1))
    write(world, agency, 1, 4, ("cost", 1))
    world.count()
    page = show(world)
    rows = page.rows("themes-numbers")
    assert rows[0][:4] == ["Completion time", "35", ranged(20, 35), ranged(15, 35)]
    assert rows[1][:4] == ["Conduct of staff", "15", "–", "–"]
    assert {tuple(row[1:4]) for row in rows[2:]} == {("fewer than 5", "–", "–")}
    assert len(rows) == 12
    picture = world.client.get(page.one("section", id="themes").one("img").attributes["src"])
    for text in ("Completion time", "20", "15", "35", "shares are shown from 30"):
        assert text in picture.text
    assert "Cost" not in picture.text


def test_a_theme_that_more_complain_of_than_before_is_called_rising_and_one_by_chance_is_not(
    world: World,
) -> None:
    agency = world.agency()
    for day, late, dear in ((20260810, 10, 10), (20260910, 40, 12)):
        write(world, agency, -1, late, ("time", -1), day=day)
        write(world, agency, -1, dear, ("cost", -1), day=day)
        write(world, agency, 1, 100 - late - dear, day=day)
    write(world, agency, -1, 6, ("product", -1), day=20260910)
    world.count()
    page = show(world, period="2026-09")
    change = {row[0]: row[4] for row in page.rows("themes-numbers")}
    # 40 of 106 against 10 of 100.
    assert change["Completion time"].startswith("rising: +27.7 points (")
    assert change["Cost / tariff"].startswith("no clear change: +1.3 points (−")
    # None before and six now: what is said of it is said without numbers.
    assert change["Service product specification"] in ("rising", "no clear change")
    assert "against August 2026" in page.one("section", id="themes").text
    assert show(world, period="2026-08").rows("themes-numbers")[0][4] == "no comments"


@pytest.mark.parametrize(("others", "shown"), [(3, False), (4, True)])
def test_no_text_is_shown_before_ten_have_answered(world: World, others: int, shown: bool) -> None:
    agency = world.agency()
    slow(world, agency)
    world.answer(agency, *["333333333"] * others)
    world.count()
    for query in ({}, {"theme": "time"}, {"label": "negative"}):
        page = show(world, **query)
        assert bool(quotes(page)) == shown
        assert any(text in page.text for text in SLOW) == shown
        assert ("Texts are shown from 10 answers in the period on" in page.text) != shown


def test_texts_wait_for_the_night_and_are_shown_of_five_at_least(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *["333333333"] * 20)
    slow(world, agency, sealed=False)
    world.count()
    page = show(world)
    assert quotes(page) == []
    assert "shown from the next night on" in page.text
    for text in SLOW[:4]:
        write(world, agency, -1, 1, ("time", -1), comment=text)
    world.count()
    assert quotes(show(world)) == []
    assert "There are fewer than 5 comments" in show(world, theme="time").text
    write(world, agency, -1, 1, ("time", -1), comment=SLOW[4])
    world.count()
    assert quotes(show(world)) != []
    assert SLOW[5] not in show(world).text


def test_comments_stand_in_no_order_of_time_and_with_nothing_that_tells_whose_they_are(world: World) -> None:
    pages = []
    for code, texts in (("a", SLOW), ("b", SLOW[::-1])):
        agency = world.agency(code, code, units=("u1", "u2"))
        for place, text in enumerate(texts):
            how = {"unit": 1 + place % 2, "day": 20261101 + place, "mode": "sms" if place % 2 else "web"}
            write(world, agency, -1, 2, ("time", -1), comment=text, **how)
        world.count()
        pages.append(show(world, f"/comments/{code}").one("section", id="write"))
    first, second = pages
    assert first.text == second.text
    assert quotes(show(world, "/comments/a"))
    assert re.findall(r"Kantor|SMS|2026|November|Web", first.text) == []


def numbers_read(world: World, period: Period | None = None) -> list[int]:
    """The numbers of the comments that a page looks at, as they are kept."""
    platform = world.platform
    asked = platform.settings.instrument
    question = CommentQuestion(platform.instruments, None, asked, period, agency="dukcapil")
    results = anyio.run(read_apart, platform.database, answer_comments, question)
    assert results.comments is not None
    return [one.id for one in results.comments.written]


def test_comments_are_kept_in_an_order_that_tells_neither_day_nor_unit(world: World) -> None:
    agency = world.agency(units=("u1", "u2"))
    for place, text in enumerate(SLOW * 3):
        write(world, agency, -1, 1, comment=text, unit=1 + place % 2, day=20261101 + place)
    world.count()
    numbers = numbers_read(world)
    assert len(numbers) == 18
    assert numbers == sorted(numbers)


def test_a_comment_comes_with_what_it_says_its_language_and_the_words_that_decided(world: World) -> None:
    agency = world.agency()
    world.series(version_of(lexicon_analyzer(None), finder(None)))
    for text in ("antre sangat lama dan petugas ramah", *SLOW):
        world.answer(
            agency,
            "333333333",
            "333333333",
            comment=text,
            reading=entry(1, None, ("time", -1), language="jv"),
        )
    world.count()
    page = show(world, theme="time")
    found = {one.one("blockquote").text: one for one in page.one("section", id="write").all("figure")}
    quote = found["antre sangat lama dan petugas ramah"]
    # Of the comment as a whole the series said otherwise.
    assert quote.one("figcaption").text.startswith("unfavourable · JavaneseWords that decided:")
    words = quote.one("span", class_="words").text
    assert "ramah +" in words
    assert "antre −" in words
    assert quote.one("blockquote").attributes["lang"] == "jv"
    assert {one.text.split(" ·")[0] for one in page.one("section", id="write").all("figcaption")} == {
        "unfavourable"
    }


def test_what_another_version_read_is_not_explained_by_the_words_of_this_one(world: World) -> None:
    agency = world.agency()
    slow(world, agency)
    slow(world, agency)
    world.count()
    page = show(world)
    assert quotes(page)
    assert "Words that decided" not in page.text


def test_comments_are_chosen_by_theme_kind_and_language_in_a_form_that_needs_no_script(world: World) -> None:
    agency = world.agency()
    slow(world, agency)
    for number in range(6):
        said = f"petugas ramah sekali dan sabar nomor {'abcdef'[number]}"
        world.answer(agency, GOOD, comment=said, reading=entry(1, None, ("behaviour", 1), language="su"))
    world.count()
    form = show(world, period="2026-11", corrected="1").one("section", id="write").one("form")
    assert form.attributes["method"] == "get"
    kept = {one.attributes["name"]: one.attributes["value"] for one in form.all("input")}
    assert kept == {"lang": "en", "period": "2026-11", "corrected": "1"}
    assert [one.attributes["name"] for one in form.all("select")] == ["theme", "label", "language"]
    for query, only in (
        ({"theme": "time"}, "antre|loket"),
        ({"theme": "behaviour"}, "ramah"),
        ({"label": "positive"}, "ramah"),
        ({"label": "negative"}, "antre|loket"),
        ({"language": "su"}, "ramah"),
        ({"language": "su", "theme": "behaviour", "label": "positive"}, "ramah"),
    ):
        page = show(world, **query)
        assert quotes(page)
        assert all(re.search(only, text) for text in quotes(page)), query
        chosen = [
            one for one in page.one("section", id="write").all("option") if "selected" in one.attributes
        ]
        assert {one.attributes["value"] for one in chosen} - {""} == set(query.values())
    assert "fewer than 5" in show(world, theme="time", label="positive").one("section", id="write").text
    # What is none of the choices chooses nothing; nor does a matter of integrity.
    everything = quotes(show(world))
    for odd in ({"theme": "bribery"}, {"theme": "x"}, {"label": "<b>"}, {"language": "fr"}):
        assert quotes(show(world, **odd)) == everything


def test_who_rated_one_way_and_wrote_another_is_counted_beside_what_errors_would_make(world: World) -> None:
    agency = world.agency()
    for number, text in ((10, "lambat dan berbelit, tidak ada kepastian"), (30, "baik sekali pelayanannya")):
        label = -1 if number == 10 else 1
        world.answer(agency, *[GOOD] * number, comment=text, reading=entry(label))
    world.answer(agency, *[BAD] * 3, comment="bagus", reading=entry(1))
    world.count()
    page = show(world)
    section = page.one("section", id="contradictions")
    found = facts(page, "contradictions")
    assert found["Share"] == f"{ranged(10, 40)} of 40 comments of people who rated high"
    # All that are not unfavourable are favourable: one in twenty of these is taken for unfavourable.
    assert found["Number"].startswith("10 2 (")
    assert found["What that says"] == "there are more than errors explain: some are real"
    assert found["Comments"] == "– told from 30 comments of people who rated low on"
    assert quotes(page, "contradictions") == ["lambat dan berbelit, tidak ada kepastian"]
    assert [one.text for one in section.all("h3")] == ["Rated high, wrote badly", "Rated low, wrote well"]


def test_contradictions_that_errors_could_explain_are_said_to_be_perhaps_none(world: World) -> None:
    agency = world.agency()
    world.answer(agency, *[GOOD] * 38, comment="baik", reading=entry(1))
    world.answer(agency, *[GOOD] * 2, comment="lambat", reading=entry(-1))
    world.count()
    page = show(world)
    assert facts(page, "contradictions")["What that says"] == "errors of reading could explain all of them"
    assert quotes(page, "contradictions") == []


def test_shares_are_not_corrected_by_an_analyser_never_tried_on_one_of_the_labels(world: World) -> None:
    agency = world.agency()
    world.series(confusion=[[90, 0, 10], [0, 0, 0], [10, 0, 90]])
    world.answer(agency, *[GOOD] * 40, comment="lambat", reading=entry(-1))
    world.count()
    page = show(world, corrected="1")
    assert facts(page, "how")["Corrected"].startswith("– not corrected: too few comments of known meaning")


def test_of_what_was_learned_from_ratings_stands_what_ratings_said_and_nothing_is_corrected(
    world: World,
) -> None:
    agency = world.agency()
    decision = {"n": 400, "learned_labels": 0.9, "learned": 0.91, "lexicon": 0.85, "reason": "better"}
    begun = NewSeries("learned-test", "learned", NOW, decision, b"a model")
    world.platform.writer.call(begin, begun)
    world.answer(agency, *[GOOD] * 40, comment="lambat", reading=entry(-1))
    world.count()
    page = show(world, corrected="1")
    told = facts(page, "how")
    assert told["How far to rely on it"].startswith("about 1 comment in 10 is misjudged")
    tried = "40 of 400 rated comments of this installation that it had not learned from"
    assert tried in told["How far to rely on it"]
    assert told["Corrected"].startswith("– not corrected: too few comments of known meaning")
    contrary = page.one("section", id="contradictions").all("dd")[0].text
    assert contrary.startswith("– not told: too few comments of known meaning")


@pytest.mark.parametrize(("number", "told"), [(0, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (7, "7")])
def test_allegations_are_counted_and_their_texts_never_shown(world: World, number: int, told: str) -> None:
    agency = world.agency()
    alleged = "petugas minta uang rokok supaya berkas cepat selesai"
    if number:
        write(world, agency, -1, number, ("bribery", -1), ("time", -1), comment=alleged)
    denied = "tidak ada pungli sama sekali di sini"
    write(world, agency, 1, 60, ("bribery", 1), ("behaviour", 1), comment=denied)
    world.count()
    page = show(world)
    (bribery,) = [row for row in page.rows("themes-numbers") if row[0] == "Illegal fees and bribes"]
    # One who alleges among sixty who deny would be seen in the shares.
    assert (bribery[2] == bribery[3] == "–", bribery[4] == "too few comments") == (number < 5, number < 5)
    picture = world.client.get("/comments/dukcapil/pictures/themes.svg", params={"lang": "en"})
    assert ("not told apart: fewer than 5 raise it" in picture.text) == (number < 5)
    assert page.rows("allegations-numbers") == [
        ["Illegal fees and bribes", told],
        ["Brokers", "fewer than 5"],
        ["Discrimination", "fewer than 5"],
    ]
    assert "go to the ombudsman's queue" in page.one("section", id="allegations").text
    for query in ({}, {"theme": "time"}, {"label": "negative"}, {"theme": "bribery"}, {"language": "id"}):
        assert alleged not in show(world, **query).text


def test_the_page_says_how_the_comments_were_read(world: World) -> None:
    agency = world.agency()
    write(world, agency, 1, 20, masked={"name": 1, "phone": 2})
    world.answer(agency, *["333333333"] * 6, comment="apik tenan", reading=entry(1, language="jv"))
    world.answer(agency, *["333333333"] * 7, comment="belum dibaca siapa pun")
    world.count()
    reading = facts(show(world), "reading")
    assert reading["Read by"] == "a list of words and rules, version lexicon-test"
    assert reading["In use since"] == "24 November 2026 the first one"
    assert reading["Languages"].startswith("Indonesian: 20; Javanese: 6 ")
    assert reading["Masked"].startswith("names: 20; telephone numbers: 40 ")
    assert reading["Waiting to be read"] == "7"
    assert "no comment is ever sent to anybody" in reading["Where"]
    assert "Sample" not in reading


def test_a_language_of_few_cannot_be_had_from_the_others(world: World) -> None:
    agency = world.agency()
    for language, number in (("id", 20), ("jv", 6), ("su", 2)):
        world.answer(agency, *["333333333"] * number, comment="sae", reading=entry(1, language=language))
    world.count()
    assert facts(show(world), "reading")["Languages"].startswith("Indonesian: 20 languages of few")


def test_of_very_many_comments_a_sample_is_read_and_the_page_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = world.agency()
    write(world, agency, 1, 300, masked={"name": 1})
    world.count()
    monkeypatch.setattr(written, "MOST_READ", 100)
    page = show(world)
    reading = facts(page, "reading")
    number = int(reading["Masked"].split()[1])
    # Of the numbers of 300 responses some 98 fall into the window.
    assert 60 < number < 140
    assert reading["Sample"].startswith(f"Texts and masked things are from {number} comments drawn at random")
    assert facts(page, "how")["Comments"].startswith("300 ")
    assert facts(show(world), "reading") == reading
    # Another period has a window of its own: by chance as many, but hardly ever the same comments.
    assert numbers_read(world) == numbers_read(world) != numbers_read(world, read_period("2026-11"))


def test_a_unit_has_a_page_of_its_own_comments_alone(world: World) -> None:
    agency = world.agency(units=("u1", "u2"))
    write(world, agency, -1, 30, unit=1, comment="lambat sekali di kantor yang satu ini")
    write(world, agency, 1, 40, ("time", 1), unit=2, comment="cepat sekali di kantor yang lain itu")
    world.count()
    page = show(world, "/comments/dukcapil/u2")
    assert facts(page, "how")["Comments"].startswith("40 ")
    assert page.one("h1").text == "What people write: Kantor u2"
    assert quotes(page) == ["cepat sekali di kantor yang lain itu"]
    assert "lambat sekali" not in page.text
    assert facts(show(world), "how")["Comments"].startswith("70 ")
    image = page.one("section", id="months").all("img")[0].attributes["src"]
    assert image.startswith("/comments/dukcapil/u2/pictures/negative.svg?")
    assert world.client.get(image).status_code == 200


def test_the_results_of_a_place_and_its_comments_lead_to_each_other(world: World) -> None:
    agency = world.agency()
    write(world, agency, 1, 6)
    world.count()
    for path in ("dukcapil", "dukcapil/u1"):
        there = show(world, f"/results/{path}", period="2026-11").one("section", id="sentiment").one("a")
        assert there.attributes["href"] == f"/comments/{path}?lang=en&period=2026-11"
        page = show(world, f"/comments/{path}", period="2026-11")
        trail = [link.attributes["href"] for link in page.one("ol", class_="trail").all("a")]
        assert trail[-1] == f"/results/{path}?lang=en&period=2026-11"
        languages = [link.attributes["href"] for link in page.one("nav", id="languages").all("a")]
        assert languages == [f"/comments/{path}?lang={lang}&period=2026-11" for lang in ("id", "en")]


def test_a_page_without_comments_says_what_to_expect(world: World) -> None:
    agency = world.agency()
    assert "Nobody has written anything in this period" in show(world).text
    world.answer(agency, *["333333333"] * 3, comment="belum dibaca")
    world.count()
    page = show(world)
    assert "3 comments wait to be read" in page.text
    assert page.all("section", id="how") == []
    write(world, agency, 1, 5)
    world.count()
    assert show(world).all("section", id="how") != []


def test_when_only_another_version_has_read_them_the_page_says_how_to_have_them_read(world: World) -> None:
    agency = world.agency()
    write(world, agency, 1, 8)
    world.series("another version")
    world.count()
    page = show(world)
    assert "Another version has read 8" in page.text
    assert page.one("pre").text == "percaya comments rescore"


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_page_speaks_both_languages_of_the_staff(world: World, lang: str) -> None:
    agency = world.agency()
    write(world, agency, -1, 40, ("time", -1))
    world.count()
    page = show(world, lang=lang)
    said = {"id": "sekitar 1 dari 10 komentar salah dinilai", "en": "about 1 comment in 10 is misjudged"}
    assert said[lang] in page.text
    assert {"id": "100,0 %", "en": "100.0 %"}[lang] in page.text


def test_what_citizens_wrote_is_text_not_markup(world: World) -> None:
    agency = world.agency()
    written = '<script>alert(1)</script> antre "lama" sekali & <b>panas</b>'
    write(world, agency, -1, 12, ("time", -1), comment=written)
    world.count()
    page = show(world)
    assert quotes(page) == [written]
    assert len(page.all("script")) == 1
    assert page.all("b") == []


@pytest.mark.parametrize(
    "path",
    [
        "/comments/nobody",
        "/comments/dukcapil/u9",
        "/comments/dukcapil/pictures/other.svg",
        "/comments/dukcapil/pictures/trend.svg",
        "/comments/nobody/pictures/themes.svg",
        "/comments/dukcapil/u9/pictures/themes.svg",
        "/comments/dukcapil/pictures/negative.svg",
    ],
)
def test_what_does_not_exist_is_not_found_in_words(world: World, path: str) -> None:
    world.agency()
    assert show(world, path, 404).one("h1").text == "There is no such agency or unit"


def test_a_period_that_cannot_be_read_is_refused_saying_how_to_write_it(world: World) -> None:
    world.agency()
    for path in ("/comments/dukcapil", "/comments/dukcapil/u1", "/comments/dukcapil/pictures/themes.svg"):
        assert "2026-Q3" in show(world, path, 400, period="2026-13").one("main").text


def test_only_the_administrator_sees_what_people_write(closed: World) -> None:
    agency = closed.agency()
    write(closed, agency, -1, 40, ("time", -1))
    closed.count()
    key = closed.key(agency)
    for path in (
        "/comments/dukcapil",
        "/comments/dukcapil/u1",
        "/comments/nobody",
        "/comments/dukcapil/pictures/themes.svg",
        "/comments/dukcapil/u1/pictures/negative.svg",
    ):
        for headers in ({}, {"Authorization": f"Bearer {key}"}):
            answer = closed.client.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic")
            assert "komentar biasa" not in answer.text
    allowed = closed.client.get("/comments/dukcapil", headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    assert allowed.status_code == 200
    assert "komentar biasa" in allowed.text
    assert allowed.headers["cache-control"] == "private, no-cache"


def test_nothing_on_a_page_needs_a_looser_policy_or_another_host(world: World) -> None:
    agency = world.agency()
    write(world, agency, -1, 40, ("time", -1))
    world.count()
    for path, status in (("/comments/dukcapil", 200), ("/comments/nobody", 404)):
        answer = world.client.get(path)
        assert answer.status_code == status
        assert "style-src 'self'" in answer.headers["content-security-policy"]
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        page = Document(answer.text).root
        assert page.all("style") == []
        for element in page.inside:
            assert not {name for name in element.attributes if name == "style" or name.startswith("on")}
            for name in ("src", "href", "action"):
                assert element.attributes.get(name, "/").startswith(("/", "#"))


def test_a_picture_is_asked_for_again_only_when_its_numbers_changed(world: World) -> None:
    agency = world.agency()
    write(world, agency, -1, 40, ("time", -1))
    world.count()
    address = "/comments/dukcapil/pictures/themes.svg"
    first = world.client.get(address)
    known = {"If-None-Match": first.headers["etag"]}
    assert world.client.get(address, headers=known).status_code == 304
    write(world, agency, 1, 1, ("time", 1))
    world.count()
    assert world.client.get(address, headers=known).status_code == 200
