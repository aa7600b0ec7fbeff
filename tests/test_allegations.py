"""The ombudsman's queue: every allegation that was read and shuffled, of any office, for nobody else."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from analysis.themes import Found, finder
from analysis.themes import allegations as themes_alleged
from app import create_app
from survey import responses
from survey.comments import allegations
from survey.comments.allegations import Deciding, Done, QueueQuestion, decide, read_queue
from survey.comments.highlighting import passages_of
from survey.comments.judge import appoint
from survey.comments.readings import Correction, Theme, corrected, pack, unpack
from survey.comments.references import SECONDS, Reference, open_reference, seal_reference
from survey.comments.rescoring import rescore
from survey.keys import Keys
from survey.platform import Platform
from survey.settings import Environment, Settings
from tests.comments_world import ADMIN, BRIBE, BROKER, DAY, PRAISE, Written, hidden, press, show
from tests.conftest import SECRET, Clock, register
from tests.factories import connected, rows
from tests.page_tree import Element

PAGE = "/allegations"


@pytest.fixture
def written(platform: Platform, clock: Clock) -> Written:
    """Comments, on either database."""
    return Written(platform, clock)


@pytest.fixture
def sqlite_settings(settings: Settings, sqlite_template: Path, tmp_path: Path) -> Settings:
    """What the pages say does not depend on the database; what they read is tested on both."""
    copied = shutil.copy(sqlite_template, tmp_path / "pages.db")
    return settings.model_copy(update={"database_url": f"sqlite:///{copied}"})


@pytest.fixture
def client(sqlite_settings: Settings, clock: Clock) -> Iterator[TestClient[Any]]:
    with TestClient(create_app(sqlite_settings, clock), base_url="https://ikm.go.id") as opened:
        yield opened


@pytest.fixture
def key(client: TestClient[Any]) -> str:
    return register(client.app.state.platform)


@pytest.fixture
def told(client: TestClient[Any], key: str, clock: Clock) -> Written:
    """Comments, in the installation of the client."""
    return Written(client.app.state.platform, clock)


pages = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def queue(platform: Platform, **asked: Any) -> allegations.Queue:
    return platform.writer.call(read_queue, QueueQuestion(None, **asked))


def texts(found: allegations.Queue) -> list[str]:
    return ["".join(part.text for run in one.passages for part in run.parts) for one in found.listed]


def settle(platform: Platform, one: allegations.Allegation, outcome: str, seen: str = "new") -> Done:
    return platform.writer.call(decide, Deciding(one.reference, seen, outcome, 20261124))


def allegations_of(text: str) -> tuple[Found, ...]:
    return themes_alleged(finder().find(text))


def said(page: Element) -> list[str]:
    return [one.text for one in page.all("blockquote")]


def test_one_comment_of_a_small_office_is_enough(written: Written) -> None:
    written.say(BRIBE, unit="u2")
    written.night()
    [found] = queue(written.platform).listed
    assert (found.agency, found.unit, found.month) == ("Dinas Kependudukan", "Loket Dua", 202611)
    assert (found.themes, found.state, found.since) == (("bribery",), "new", None)


def test_praise_and_what_is_said_to_be_absent_are_no_allegations(written: Written) -> None:
    written.say(PRAISE, "tidak ada pungli, bagus", "semoga tidak ada calo lagi")
    written.night()
    assert texts(queue(written.platform)) == ["semoga tidak ada calo lagi"]


def test_nothing_appears_before_the_night_has_passed(written: Written) -> None:
    written.say(BRIBE)
    written.platform.scorer.turn()
    assert queue(written.platform).total == 0
    written.night()
    assert queue(written.platform).total == 1


def test_the_clause_that_says_it_is_marked_and_no_other(written: Written) -> None:
    written.say(BRIBE)
    written.night()
    [found] = queue(written.platform).listed
    marked = ["".join(part.text for part in run.parts) for run in found.passages if run.marked]
    assert marked == ["petugas minta uang pelicin 50rb"]
    strong = [part.text for run in found.passages for part in run.parts if part.strong]
    assert {"uang", "pelicin"} <= set(strong)
    assert texts(queue(written.platform)) == [BRIBE]


def test_the_newest_month_stands_first_and_a_month_in_no_order_of_time(written: Written) -> None:
    written.clock.at -= 40 * DAY
    written.say(BROKER)
    written.night()
    written.clock.at += 40 * DAY
    for number in range(8):
        written.say(f"{BRIBE} {number}")
    written.night()
    found = queue(written.platform)
    assert [one.month for one in found.listed] == [202611] * 8 + [202610]
    numbers = [one.reference.id for one in found.listed[:8]]
    assert numbers == sorted(numbers)


def test_filters_and_counts_by_state(written: Written) -> None:
    written.say(BRIBE, BROKER, f"{BROKER} lagi")
    written.night()
    [bribe] = queue(written.platform, theme="bribery").listed
    assert settle(written.platform, bribe, "referred") is Done.STORED
    found = queue(written.platform, state="new")
    assert found.counts == {"new": 2, "referred": 1, "no_grounds": 0, "settled": 0}
    assert sorted(texts(found)) == [BROKER, f"{BROKER} lagi"]
    assert queue(written.platform, theme="brokers").counts["referred"] == 0
    assert queue(written.platform, agency="duk").total == 3
    assert queue(written.platform, agency="elsewhere").total == 0
    assert found.agencies == (("duk", "Dinas Kependudukan"),)


def test_a_page_holds_so_many_and_one_beyond_the_last_is_the_last(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allegations, "PER_PAGE", 2)
    written.say(*(f"{BROKER} {number}" for number in range(5)))
    written.night()
    shown = [texts(queue(written.platform, page=page)) for page in (1, 2, 3)]
    assert [len(one) for one in shown] == [2, 2, 1]
    assert len({text for one in shown for text in one}) == 5
    assert queue(written.platform, page=9).page == queue(written.platform).pages == 3
    assert texts(queue(written.platform, page=9)) == shown[2]


def test_an_outcome_can_be_said_anew_and_taken_back(written: Written) -> None:
    written.say(BRIBE)
    written.night()
    before = written.reading(BRIBE)
    [one] = queue(written.platform).listed
    assert settle(written.platform, one, "referred") is Done.STORED
    assert settle(written.platform, one, "settled", seen="referred") is Done.STORED
    [after] = queue(written.platform).listed
    assert (after.state, after.since) == ("settled", 20261124)
    assert settle(written.platform, one, "new", seen="settled") is Done.STORED
    assert written.reading(BRIBE) == before


def test_who_was_slower_is_told_and_changes_nothing(written: Written) -> None:
    written.say(BRIBE)
    written.night()
    [one] = queue(written.platform).listed
    settle(written.platform, one, "referred")
    kept = written.reading(BRIBE)
    assert settle(written.platform, one, "no_grounds") is Done.MEANWHILE
    assert written.reading(BRIBE) == kept


def test_a_reading_that_came_between_is_not_written_over(written: Written) -> None:
    written.say(BRIBE)
    written.night()
    [one] = queue(written.platform).listed
    stale = unpack(written.reading(BRIBE))
    settle(written.platform, one, "referred")
    done = written.platform.writer.call(
        lambda tx, items: [allegations.replace_reading(tx, one.reference, pack(stale), stale) for _ in items],
        None,
    )
    assert done is Done.MEANWHILE
    assert queue(written.platform).counts["referred"] == 1


def test_an_outcome_outlives_a_reading_under_a_new_series(written: Written, tmp_path: Path) -> None:
    written.say(BRIBE)
    written.night()
    [one] = queue(written.platform).listed
    settle(written.platform, one, "referred")
    words = tmp_path / "words"
    words.mkdir()
    (words / "themes.tsv").write_text("theme\tpattern\tweight\tnote\nbrokers\tpelicin\t5\t\n")
    judge = appoint(written.platform.writer, words, written.clock.at)
    assert queue(written.platform).counts["referred"] == 1  # also before anything is read again
    assert list(rescore(written.platform.writer, written.platform.layouts, judge)) == [1]
    assert sorted(unpack(written.reading(BRIBE)).entries) == [1, 2]
    assert queue(written.platform).counts["referred"] == 1


def test_an_allegation_of_an_earlier_series_is_not_lost_until_it_is_read_again(
    written: Written, tmp_path: Path
) -> None:
    written.say(BRIBE)
    written.night()
    words = tmp_path / "words"
    words.mkdir()
    (words / "themes.tsv").write_text("theme\tpattern\tweight\tnote\nbrokers\twasweswos\t1\t\n")
    appoint(written.platform.writer, words, written.clock.at)
    assert texts(queue(written.platform)) == [BRIBE]


def test_what_a_person_says_is_none_leaves_the_queue_unless_it_was_decided(written: Written) -> None:
    written.say(BRIBE, BROKER)
    written.night()
    [bribe] = queue(written.platform, theme="bribery").listed
    settle(written.platform, bribe, "no_grounds")
    said_none = Correction(20261124, (Theme("time", -1, -500),))
    with connected(written.platform.database) as connection:
        for text in (BRIBE, BROKER):
            packed = pack(corrected(unpack(written.reading(text)), said_none))
            connection.execute(f"UPDATE response SET reading = '{packed}' WHERE comment = '{text}'")
    assert [(one.state, one.themes) for one in queue(written.platform).listed] == [("no_grounds", ())]


def test_erasing_an_answer_erases_what_came_of_it(written: Written) -> None:
    [receipt] = written.say(BRIBE)
    written.night()
    [one] = queue(written.platform).listed
    settle(written.platform, one, "referred")
    number = responses.response_id(written.platform.settings.keys, receipt)
    assert number == one.reference.id
    assert written.platform.writer.call(responses.erase, number)
    assert rows(written.platform.database, "SELECT * FROM response") == []
    assert queue(written.platform).counts == dict.fromkeys(allegations.STATES, 0)
    assert settle(written.platform, one, "settled", seen="referred") is Done.GONE


def test_an_outcome_changes_no_count(written: Written) -> None:
    written.say(BRIBE)
    written.night()
    before = written.counted()
    [one] = queue(written.platform).listed
    settle(written.platform, one, "referred")
    assert rows(written.platform.database, "SELECT count(*) FROM dirty") == [(0,)]
    assert written.counted() == before


KEYS = Keys(SECRET)
WHERE = Reference(7, 2**62 + 5)


def test_a_reference_says_nothing_and_opens_for_a_working_day() -> None:
    sealed = seal_reference(KEYS, WHERE, 1000)
    assert re.fullmatch(r"[\w-]+", sealed)
    assert sealed != seal_reference(KEYS, WHERE, 1000)
    assert open_reference(KEYS, sealed, 1000 + SECONDS - 1) == WHERE
    assert open_reference(KEYS, sealed, 1000 + SECONDS) is None


@pytest.mark.parametrize("sealed", ["", "x", "é", "a" * 300, "A" * 80, "%2e%2e"])
def test_what_is_no_reference_opens_nothing(sealed: str) -> None:
    assert open_reference(KEYS, sealed, 0) is None


def test_a_reference_of_another_secret_or_a_text_of_another_kind_opens_nothing() -> None:
    assert open_reference(Keys("another secret" * 4), seal_reference(KEYS, WHERE, 0), 0) is None
    sealed = seal_reference(KEYS, WHERE, 0)
    assert open_reference(Keys("another secret" * 4, [SECRET]), sealed, 0) == WHERE

    class Message(Keys):
        def seal_text(self, text: str) -> bytes:
            return super().seal_text("message 7 5 9999999999")

    assert open_reference(KEYS, seal_reference(Message(SECRET), WHERE, 0), 0) is None


def test_a_text_without_findings_is_one_passage() -> None:
    assert [(run.marked, "".join(part.text for part in run.parts)) for run in passages_of("a b", ())] == [
        (False, "a b")
    ]
    assert passages_of("", ()) == ()


def test_the_same_clause_written_twice_is_marked_where_it_stands() -> None:
    text = "ada calo. loket sepi. ada calo"
    runs = passages_of(text, allegations_of(text))
    assert [run.marked for run in runs] == [True, False, True]


def test_a_text_with_tags_is_shown_as_it_is_kept_with_the_words_marked() -> None:
    text = "ada <b>calo</b> di loket"
    runs = passages_of(text, allegations_of(text))
    assert "".join(part.text for run in runs for part in run.parts) == text
    assert [part.text for run in runs if run.marked for part in run.parts] == ["calo"]


@pages
def test_the_page_shows_place_month_theme_and_marked_text_and_no_finer_date(
    client: TestClient[Any], told: Written
) -> None:
    told.say(BRIBE, unit="u2")
    told.night()
    page = show(client, PAGE)
    case = page.one("article", id="case-1")
    assert case.one("h3").text == "Loket Dua, Dinas Kependudukan"
    assert page.one("section", class_="month").one("h2").text == "November 2026"
    assert "Illegal fees and bribes" in case.text
    assert said(page) == [BRIBE]
    assert case.one("mark").text == "petugas minta uang pelicin 50rb"
    assert "State: new" in case.text
    assert not re.search(r"\b18\b|2026-11|20261118", page.text)


@pages
def test_no_number_of_a_response_leaves_the_installation(client: TestClient[Any], told: Written) -> None:
    told.say(BRIBE)
    told.night()
    ((number,),) = rows(told.platform.database, "SELECT id FROM response")
    text = client.get(PAGE, headers=ADMIN).text
    assert "case-1" in text
    assert str(number) not in text
    assert f"{number:x}" not in text


@pages
def test_an_empty_queue_says_when_there_will_be_something(client: TestClient[Any], key: str) -> None:
    assert "after the night that follows" in show(client, PAGE).one("p", id="none").text
    assert "Choose others" in show(client, PAGE, state="settled").one("p", id="none").text


@pages
def test_choosing_what_came_of_it_is_saved_and_said(client: TestClient[Any], told: Written) -> None:
    told.say(BRIBE)
    told.night()
    form = show(client, PAGE, state="new").one("form", class_="outcome")
    address = form.attributes["action"]
    status, where = press(client, address, {**hidden(form), "outcome": "referred"})
    assert (status, "state=new" in where) == (303, True)
    page = show(client, where.partition("?")[0], done="stored")
    assert page.one("p", class_="notice").text == "Saved."
    assert "State: referred, since 20 November 2026" in page.one("article", id="case-1").text
    tabs = [tab.text for tab in page.one("nav", id="states").all("a")]
    assert tabs == ["all 1", "new 0", "referred 1", "no grounds 0", "settled 0"]


@pages
def test_who_was_slower_or_too_late_is_told_kindly(client: TestClient[Any], told: Written) -> None:
    [receipt] = told.say(BRIBE)
    told.night()
    form = show(client, PAGE).one("form", class_="outcome")
    address, fields = form.attributes["action"], hidden(form)
    press(client, address, {**fields, "outcome": "referred"})
    _, where = press(client, address, {**fields, "outcome": "settled"})
    assert "Somebody else was faster" in show(client, where).one("p", class_="notice").text
    number = responses.response_id(told.platform.settings.keys, receipt)
    told.platform.writer.call(responses.erase, number)
    _, where = press(client, address, {**fields, "outcome": "settled"})
    assert "The citizen has erased this answer" in show(client, where).one("p", class_="notice").text


@pages
@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}]
)
def test_a_form_of_another_site_changes_nothing(
    client: TestClient[Any], told: Written, headers: dict[str, str]
) -> None:
    told.say(BRIBE)
    told.night()
    form = show(client, PAGE).one("form", class_="outcome")
    sent = press(client, form.attributes["action"], {**hidden(form), "outcome": "settled"}, headers)
    assert sent[0] == 403
    assert unpack(told.reading(BRIBE)).decision is None


@pages
@pytest.mark.parametrize(
    ("changes", "status"), [({"outcome": "hushed up"}, 422), ({"seen": "?"}, 422), ({"ref": "A" * 80}, 404)]
)
def test_what_is_none_of_ours_is_refused(
    client: TestClient[Any], told: Written, changes: dict[str, str], status: int
) -> None:
    told.say(BRIBE)
    told.night()
    form = show(client, PAGE).one("form", class_="outcome")
    fields = {**hidden(form), "outcome": "settled", **changes}
    assert press(client, PAGE, fields)[0] == status
    assert unpack(told.reading(BRIBE)).decision is None


@pages
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_neither_a_stranger_nor_the_agency_itself_gets_in(
    client: TestClient[Any], told: Written, key: str, method: str
) -> None:
    told.say(BRIBE)
    told.night()
    for headers in ({}, {"Authorization": f"Bearer {key}"}):
        own = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        answered = client.request(method, PAGE, headers={**headers, **own})
        assert answered.status_code == 401
        assert "pelicin" not in answered.text


@pages
def test_the_demonstration_is_open_to_everybody(sqlite_settings: Settings, clock: Clock) -> None:
    demo = sqlite_settings.model_copy(update={"environment": Environment.DEMO})
    with TestClient(create_app(demo, clock), base_url="https://ikm.go.id") as opened:
        assert opened.get(PAGE).status_code == 200


@pages
def test_turning_pages_keeps_what_was_chosen(
    client: TestClient[Any], told: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allegations, "PER_PAGE", 1)
    told.say(BROKER, f"{BROKER} lagi", BRIBE)
    told.night()
    page = show(client, PAGE, theme="brokers")
    [link] = page.one("nav", class_="turns").all("a")
    assert link.attributes["rel"] == "next"
    assert "Page 1 of 2" in page.one("nav", class_="turns").text
    following = show(client, link.attributes["href"])
    assert said(page) + said(following) != said(page) * 2
    assert {*said(page), *said(following)} == {BROKER, f"{BROKER} lagi"}


@pages
@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "-1"}, {"page": "9" * 99}, {"theme": "<b>"}])
def test_an_address_that_makes_no_sense_is_read_as_far_as_it_does(
    client: TestClient[Any], told: Written, query: dict[str, str]
) -> None:
    told.say(BRIBE)
    told.night()
    assert said(show(client, PAGE, **query)) == [BRIBE]


@pages
def test_what_a_citizen_wrote_is_shown_as_text(client: TestClient[Any], told: Written) -> None:
    told.say("<script>alert(1)</script> ada calo <b>di loket</b>")
    told.night()
    text = client.get(PAGE, headers=ADMIN).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


@pages
def test_the_page_may_run_nothing_and_tells_no_other_site(client: TestClient[Any], key: str) -> None:
    headers = client.get(PAGE, headers=ADMIN).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"
    assert "private" in headers["cache-control"]
