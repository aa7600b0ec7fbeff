"""Corrections: what a person says a comment is about counts in every series, and teaches the rules."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from litestar.testing import TestClient

from analysis.themes import THEMES, finder
from analysis.themes.rules import FILE, read
from app import create_app
from survey import responses
from survey.cli import main
from survey.comments import sampling
from survey.comments.allegations import Done, QueueQuestion, read_queue
from survey.comments.correcting import CommentAsked, Correctable, Correcting, correct, find_correctable
from survey.comments.correction_views import themes_of
from survey.comments.judge import appoint
from survey.comments.readings import Theme, unpack
from survey.comments.references import Reference
from survey.comments.rescoring import rescore
from survey.comments.sampling import Samples, measure, read_samples
from survey.platform import Platform
from survey.settings import Settings
from tests.comments_world import ADMIN, BRIBE, DAY, PRAISE, Written, hidden, press, show
from tests.conftest import ADMIN_KEY, SECRET, Clock, register
from tests.factories import rows

LIST = "/corrections"


@pytest.fixture
def written(platform: Platform, clock: Clock) -> Written:
    """Comments, on either database."""
    return Written(platform, clock)


@pytest.fixture
def client(
    settings: Settings, clock: Clock, sqlite_template: Path, tmp_path: Path
) -> Iterator[TestClient[Any]]:
    copied = shutil.copy(sqlite_template, tmp_path / "pages.db")
    on_file = settings.model_copy(update={"database_url": f"sqlite:///{copied}"})
    with TestClient(create_app(on_file, clock), base_url="https://ikm.go.id") as opened:
        yield opened


@pytest.fixture
def key(client: TestClient[Any]) -> str:
    return register(client.app.state.platform)


@pytest.fixture
def told(client: TestClient[Any], key: str, clock: Clock) -> Written:
    """Comments, in the installation of the client."""
    return Written(client.app.state.platform, clock)


pages = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def where(written: Written, comment: str) -> Reference:
    quoted = comment.replace("'", "''")
    [(agency_id, number)] = rows(
        written.platform.database, f"SELECT agency_id, id FROM response WHERE comment = '{quoted}'"
    )
    return Reference(agency_id, number)


def look(written: Written, comment: str) -> Correctable:
    found = written.platform.writer.call(find_correctable, CommentAsked(where(written, comment), None))
    assert found is not None
    return found


def put_right(written: Written, comment: str, themes: dict[str, int] | None, seen: str = "") -> Done:
    item = Correcting(where(written, comment), seen or look(written, comment).seen, themes, 20261124)
    return written.platform.writer.call(correct, item)


def samples(written: Written, month: int | None = None) -> Samples:
    return written.platform.writer.call(read_samples, month)


def test_what_was_found_is_shown_with_its_clause_and_words(written: Written) -> None:
    written.say(BRIBE)
    written.night()
    found = look(written, BRIBE)
    assert found.found == {"facilities": 1, "bribery": -1}
    assert ("facilities", "gedungnya bersih", ("bersih",)) in found.clauses
    assert (found.given, found.alleges) == (None, True)


def test_a_comment_that_no_night_has_passed_over_cannot_be_seen(written: Written) -> None:
    written.say(PRAISE)
    written.platform.scorer.turn()
    asked = CommentAsked(where(written, PRAISE), None)
    assert written.platform.writer.call(find_correctable, asked) is None


def test_a_correction_counts_in_place_of_what_was_found(written: Written) -> None:
    written.say(PRAISE)
    written.night()
    assert "1/theme:behaviour" in written.counted()
    assert put_right(written, PRAISE, {"time": -1, "competence": 0}) is Done.STORED
    after = written.counted()
    assert "1/theme:behaviour" not in after
    assert after["1/theme:time"] == (1, 1, 0, 0, -500, 250_000)
    assert after["1/theme:competence"][:5] == (1, 0, 1, 0, 0)
    assert after["1/all"][3] == 1  # what the whole says is no matter of themes


def test_a_confirmed_theme_keeps_the_polarity_that_was_found(written: Written) -> None:
    written.say(PRAISE)
    written.night()
    before = written.counted()
    assert put_right(written, PRAISE, {"behaviour": 1}) is Done.STORED
    assert look(written, PRAISE).given == {"behaviour": 1}
    assert written.counted() == before


def test_that_a_comment_has_no_theme_can_be_said_and_taken_back(written: Written) -> None:
    written.say(PRAISE)
    written.night()
    before = written.counted()
    put_right(written, PRAISE, {})
    assert look(written, PRAISE).given == {}
    assert not any("theme:" in name for name in written.counted())
    put_right(written, PRAISE, None)
    assert look(written, PRAISE).given is None
    assert written.counted() == before


def test_a_correction_counts_in_every_series_also_in_one_that_reads_later(
    written: Written, tmp_path: Path
) -> None:
    written.say(PRAISE)
    written.night()
    put_right(written, PRAISE, {"time": -1})
    words = tmp_path / "words"
    words.mkdir()
    (words / FILE).write_text("theme\tpattern\tweight\tnote\ncompetence\tramah\t5\t\n")
    judge = appoint(written.platform.writer, words, written.clock.at)
    assert list(rescore(written.platform.writer, written.platform.layouts, judge)) == [1]
    known = unpack(written.reading(PRAISE))
    assert [theme.key for theme in known.entries[2].themes] == ["competence"]
    after = written.counted()
    assert after["1/theme:time"] == after["2/theme:time"]
    assert "2/theme:competence" not in after


def test_what_is_read_anew_by_the_worker_loses_no_correction(written: Written) -> None:
    written.say(PRAISE)
    written.night()
    put_right(written, PRAISE, {"time": -1})
    kept = written.reading(PRAISE)
    assert written.platform.scorer.turn() == 0
    assert written.reading(PRAISE) == kept


def test_what_a_person_calls_an_allegation_comes_into_the_queue(written: Written) -> None:
    written.say(PRAISE)
    written.night()
    put_right(written, PRAISE, {"brokers": -1})
    [found] = written.platform.writer.call(read_queue, QueueQuestion(None)).listed
    assert found.themes == ("brokers",)
    assert [run.marked for run in found.passages] == [False]


def test_who_was_slower_is_told_and_changes_nothing(written: Written) -> None:
    written.say(PRAISE)
    written.night()
    seen = look(written, PRAISE).seen
    put_right(written, PRAISE, {"time": -1})
    kept = written.reading(PRAISE)
    assert put_right(written, PRAISE, {"cost": -1}, seen) is Done.MEANWHILE
    assert written.reading(PRAISE) == kept


def test_erasing_an_answer_erases_its_correction(written: Written) -> None:
    [receipt] = written.say(PRAISE)
    written.night()
    put_right(written, PRAISE, {"time": -1})
    item = Correcting(where(written, PRAISE), look(written, PRAISE).seen, {}, 20261124)
    number = responses.response_id(written.platform.settings.keys, receipt)
    assert written.platform.writer.call(responses.erase, number)
    assert rows(written.platform.database, "SELECT * FROM response") == []
    assert written.counted() == {}
    assert written.platform.writer.call(correct, item) is Done.GONE
    assert samples(written).drawn == 0


def test_a_theme_that_does_not_exist_is_not_stored(written: Written) -> None:
    written.say(PRAISE)
    written.night()
    kept = written.reading(PRAISE)
    with pytest.raises(KeyError):
        put_right(written, PRAISE, {"weather": 1})
    assert written.reading(PRAISE) == kept


def test_the_sample_of_a_month_is_its_smallest_numbers_over_all_offices(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "PER_MONTH", 4)
    written.clock.at -= 40 * DAY
    written.say(*(f"{PRAISE} {number}" for number in range(3)))
    written.night()
    written.clock.at += 40 * DAY
    written.say(*(f"antri lama {number}" for number in range(6)), unit="u2")
    written.night()
    latest = rows(written.platform.database, "SELECT id FROM response WHERE day > 20261101 ORDER BY id")
    found = samples(written)
    assert (found.months, found.month) == ((202611, 202610), 202611)
    assert [one.reference.id for one in found.listed] == [number for (number,) in latest[:4]]
    assert found.drawn == 4 + 3
    assert len(samples(written, 202610).listed) == 3
    assert samples(written, 209912).month == 202611


def test_a_sample_is_still_full_where_a_month_has_many_comments(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "PER_MONTH", 5)
    written.say(*(f"{PRAISE} {number}" for number in range(120)))
    written.night()
    smallest = rows(written.platform.database, "SELECT id FROM response ORDER BY id LIMIT 5")
    assert [(one.reference.id,) for one in samples(written).listed] == smallest


def test_only_the_sample_tells_how_often_the_rules_are_right(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "PER_MONTH", 2)
    written.say(*(f"{PRAISE} {number}" for number in range(4)))
    written.night()
    chosen = [one.text for one in samples(written).listed]
    others = [f"{PRAISE} {number}" for number in range(4) if f"{PRAISE} {number}" not in chosen]
    for text in others:
        put_right(written, text, {"time": -1})
    assert samples(written).reviewed == 0
    put_right(written, chosen[0], {"behaviour": 1})
    put_right(written, chosen[1], {"behaviour": -1, "time": -1})
    found = samples(written)
    assert (found.reviewed, found.drawn) == (2, 2)
    assert (found.overall.precision[:2], found.overall.recall[:2]) == ((2, 2), (2, 3))
    assert found.labels[:2] == (1, 2)
    assert [one.theme for one in found.themes] == ["time", "behaviour"]


def test_precision_and_recall_are_counted_by_comment_and_theme() -> None:
    reviewed = [
        ({"time": -1}, {"time": -1, "cost": -1}),
        ({"time": 1}, {}),
        ({}, {"time": 0}),
        ({"cost": -1}, {"cost": -1}),
    ]
    of_time = measure("time", reviewed, ("time",))
    assert (of_time.precision[:2], of_time.recall[:2]) == ((1, 2), (1, 2))
    overall = measure("", reviewed, THEMES)
    assert (overall.precision[:2], overall.recall[:2]) == ((2, 3), (2, 4))
    assert overall.precision.interval is not None
    # Wilson 1927, by statsmodels.stats.proportion.proportion_confint(2, 3, method="wilson")
    assert overall.precision.interval.low == pytest.approx(0.20765960)
    assert overall.precision.interval.high == pytest.approx(0.93850840)
    nothing = measure("", [], THEMES)
    assert (nothing.precision.value, nothing.recall.interval) == (None, None)


@pages
def test_the_page_shows_the_sample_without_place_or_day(client: TestClient[Any], told: Written) -> None:
    told.say(PRAISE)
    told.night()
    page = show(client, LIST)
    [entry] = page.all("li", class_="card open")
    assert entry.one("blockquote").text == PRAISE
    assert "Staff competence" not in entry.text
    assert "(favourable)" in entry.text
    assert not any(word in page.text for word in ("Loket Satu", "Dinas Kependudukan", "18"))


@pages
def test_a_comment_is_corrected_on_the_page_and_the_list_goes_on(
    client: TestClient[Any], told: Written
) -> None:
    told.say(PRAISE)
    told.night()
    link = show(client, LIST).one("li", class_="card open").one("a")
    page = show(client, link.attributes["href"])
    form = page.one("form", id="correction")
    chosen = {
        field.attributes["id"]: field.one("option", selected="").attributes["value"]
        for field in form.all("select")
    }
    assert len(chosen) == len(THEMES)
    assert {name: value for name, value in chosen.items() if value} == {"theme-behaviour": "1"}
    sent = {**hidden(form), **chosen, "theme-behaviour": "-1", "theme-time": "0"}
    status, address = press(client, form.attributes["action"], sent)
    assert (status, address.startswith(f"{LIST}?")) == (303, True)
    page = show(client, address)
    assert page.one("p", class_="notice").text == "Saved."
    assert "gone through" in page.one("ol", class_="sample").text
    assert "1 of 1 comments" in page.one("section", id="measured").text
    assert page.rows("precision")[0] == [
        "All themes",
        "1 / 1: 100.0 % (20.7 % – 100.0 %)",
        "1 / 2: 50.0 % (9.5 % – 90.5 %)",
    ]
    given = unpack(told.reading(PRAISE)).correction
    assert given is not None
    assert given.themes == (Theme("time", 0, 0), Theme("behaviour", -1, -500))


@pages
def test_a_correction_is_taken_back_on_the_page(client: TestClient[Any], told: Written) -> None:
    told.say(PRAISE)
    told.night()
    put_right(told, PRAISE, {"time": -1})
    link = show(client, LIST).one("ol", class_="sample").one("a")
    page = show(client, link.attributes["href"])
    form = next(one for one in page.all("form") if one.all("button", id="withdraw"))
    assert press(client, form.attributes["action"], hidden(form))[0] == 303
    assert unpack(told.reading(PRAISE)).correction is None


@pages
def test_from_the_queue_one_comes_to_the_correction_and_back(client: TestClient[Any], told: Written) -> None:
    told.say(BRIBE)
    told.night()
    case = show(client, "/allegations").one("article", id="case-1")
    [link] = case.all("a")
    page = show(client, link.attributes["href"])
    assert "queue of allegations" in page.one("section", id="comment").text
    form = page.one("form", id="correction")
    nothing = {f"theme-{key}": "" for key in THEMES}
    _, address = press(client, form.attributes["action"], {**hidden(form), **nothing})
    page = show(client, address)
    assert page.one("p", class_="notice").text == "Saved."
    assert page.all("form", id="correction")
    assert "There is none" in show(client, "/allegations").one("p", id="none").text


@pages
def test_an_address_that_is_too_old_or_of_an_erased_answer_says_so(
    client: TestClient[Any], told: Written, clock: Clock
) -> None:
    [receipt, _] = told.say(PRAISE, BRIBE)
    told.night()
    links = {
        entry.one("blockquote").text: entry.one("a").attributes["href"]
        for entry in show(client, LIST).all("li", class_="card open")
    }
    told.platform.writer.call(responses.erase, responses.response_id(told.platform.settings.keys, receipt))
    gone = show(client, links[PRAISE], status=404)
    assert gone.one("h1").text == "This link no longer leads to a comment"
    show(client, links[BRIBE])
    clock.at += DAY
    show(client, links[BRIBE], status=404)


@pages
def test_a_form_of_another_site_or_without_a_theme_changes_nothing(
    client: TestClient[Any], told: Written
) -> None:
    told.say(PRAISE)
    told.night()
    link = show(client, LIST).one("ol", class_="sample").one("a")
    form = show(client, link.attributes["href"]).one("form", id="correction")
    whole = {**hidden(form), **{f"theme-{key}": "" for key in THEMES}}
    assert press(client, LIST, whole, {"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert press(client, LIST, hidden(form))[0] == 422
    assert press(client, LIST, {**whole, "theme-time": "2"})[0] == 422
    assert unpack(told.reading(PRAISE)).correction is None
    assert press(client, LIST, whole)[0] == 303


@pages
@pytest.mark.parametrize("path", [LIST, f"{LIST}/abc"])
def test_neither_a_stranger_nor_the_agency_gets_in(client: TestClient[Any], key: str, path: str) -> None:
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert client.post(LIST, data={}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 401


@pages
def test_the_pages_speak_both_languages(client: TestClient[Any], told: Written) -> None:
    told.say(PRAISE)
    told.night()
    assert client.get(LIST, params={"lang": "id"}, headers=ADMIN).text.count("Seberapa sering") >= 1
    assert show(client, LIST).one("h1").text == "Corrections"


def test_a_form_is_read_whole_or_not_at_all() -> None:
    whole = {f"theme-{key}": "" for key in THEMES} | {"theme-time": "-1"}
    assert themes_of(whole) == {"time": -1}
    assert themes_of({"withdraw": "yes"}) is None
    for broken in ({}, whole | {"theme-cost": "5"}, {k: v for k, v in whole.items() if k != "theme-cost"}):
        with pytest.raises(ValueError, match="a theme of the form"):
            themes_of(broken)


Run = Callable[..., Result]


@pytest.fixture
def run(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in (
        ("ENVIRONMENT", "production"),
        ("DATABASE_URL", platform.settings.database_url),
        ("SECRET", SECRET),
        ("ADMIN_KEY", ADMIN_KEY),
        ("BASE_URL", "https://ikm.go.id"),
    ):
        monkeypatch.setenv(f"PERCAYA_{name}", value)

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["comments", "learn-themes", *words])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return run


UNKNOWN = ("wasweswos", "parkiran penuh", "loket tutup", "pagi tadi", "sudah dua kali", "hari kamis")


@pytest.fixture
def taught(written: Written) -> Written:
    """Comments that agree about a word no rule knows, and others without it."""
    about = [f"wasweswos {other}" for other in UNKNOWN]
    others = [f"{other} ini" for other in UNKNOWN[1:]]
    written.say(*about, *others)
    written.night()
    for comment in about:
        put_right(written, comment, {"complaints": -1})
    for comment in others:
        put_right(written, comment, {})
    return written


def test_what_corrections_agree_on_is_proposed_with_its_evidence(taught: Written, run: Run) -> None:
    said = run().output
    assert "11 comments have been gone through" in said
    assert "complaints\twasweswos\t2\tlearned from corrections: 6 of 6" in said
    assert "of 6 comments with these words, 6 are about it (at least 61%" in said
    assert "the rules had 6 wrong" in said
    assert "nothing was changed" in said


def test_proposals_are_written_only_when_told_and_begin_a_new_series(
    taught: Written, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "words"
    run()
    assert not folder.exists()
    said = run("--write", str(folder)).output
    assert "1 rows were added" in said
    assert "PERCAYA_WORDS_DIR" in said
    [rule] = read(folder / FILE)
    assert rule[:3] == ("complaints", "wasweswos", 2.0)
    assert [one.theme for one in finder(folder).find("wasweswos")] == ["complaints"]
    judge = appoint(taught.platform.writer, folder, taught.clock.at)
    assert judge.series.id == 2
    assert sorted(path.name for path in folder.iterdir()) == [FILE]


def test_rows_are_added_behind_those_that_are_there(taught: Written, run: Run, tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text("# ours\ntheme\tpattern\tweight\tnote\ntime\tlemot\t1\t", encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    run("--write", str(tmp_path))
    assert path.read_text(encoding="utf-8").startswith(before + "\n")
    assert [rule.pattern for rule in read(path)] == ["lemot", "wasweswos"]


def test_a_file_with_an_error_is_left_as_it_is(taught: Written, run: Run, tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text("theme\tpattern\tweight\tnote\nweather\train\t1\t\n", encoding="utf-8")
    before = path.read_bytes()
    assert "was not changed" in run("--write", str(tmp_path), code=1).output
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(FILE)] == [FILE]


def test_nothing_is_proposed_or_written_without_corrections(
    written: Written, run: Run, tmp_path: Path
) -> None:
    written.say(PRAISE)
    written.night()
    said = run("--write", str(tmp_path / "words")).output
    assert "0 comments have been gone through" in said
    assert "nothing to propose" in said
    assert not (tmp_path / "words").exists()
