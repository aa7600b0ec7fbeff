"""Answering: once per link, however many try; opening changes nothing; nothing typed is ever lost."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from factories import ELEMENTS, FORM, FORM_TYPE, answer, answers, count, form_body, issue, rows, submission
from litestar.testing import TestClient
from sqlalchemy import delete

from survey import tokens
from survey.database import Statement
from survey.ledger import DAY_SECONDS
from survey.models import Dirty
from survey.platform import Platform, open_platform
from survey.responses import LinkState, accept
from survey.settings import Settings
from survey.work import expire

CLEAR = Statement(delete(Dirty))


@pytest.fixture
def link(client: TestClient, api_key: str) -> str:
    """The path of a fresh link."""
    return "/" + str(issue(client.app.state.platform, phone="+6281234567890")[0].code)


def checked(page: str) -> int:
    """How many buttons of a form are pressed."""
    return len(re.findall(r"<input[^>]*\schecked", page))


def stored(client: TestClient, column: str = "answers") -> list[Any]:
    return [row[0] for row in rows(client.app.state.platform.database, f"SELECT {column} FROM response")]


def test_an_answer_is_stored_with_where_and_how_but_not_when_or_from_whom(
    client: TestClient, link: str
) -> None:
    assert client.post(link, data={**FORM, "comment": "Petugas ramah"}).status_code == 200
    assert rows(
        client.app.state.platform.database,
        "SELECT agency_id, unit_id, service_id, channel, mode, source, language, day, answered, score_sum,"
        " comment, sealed FROM response",
    ) == [(1, 1, 1, "counter", "web", "invited", "id", 20261118, 9, 27, "Petugas ramah", 0)]


def test_answering_ends_the_invitation_and_purges_its_contact_and_language(
    client: TestClient, link: str
) -> None:
    client.post(link, data=FORM)
    assert rows(client.app.state.platform.database, "SELECT state, contact, language FROM invitation") == [
        ("answered", None, None)
    ]


def test_opening_a_link_five_times_changes_nothing_and_answering_still_works(
    client: TestClient, link: str
) -> None:
    database = client.app.state.platform.database
    before = rows(database, "SELECT * FROM invitation")
    for _ in range(5):
        assert client.get(link).status_code == 200
    assert rows(database, "SELECT * FROM invitation") == before
    assert client.post(link, data=FORM).status_code == 200


def test_head_is_answered_like_get_without_a_body(client: TestClient, link: str) -> None:
    for path, status in ((link, 200), ("/", 200), ("/privacy", 200), ("/nothing", 404), ("/healthz", 200)):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (status, b"")
        assert head.headers["content-type"] == get.headers["content-type"]
    assert client.post(link, data=FORM).status_code == 200


def test_a_second_answer_is_told_kindly_that_there_is_one(client: TestClient, link: str) -> None:
    client.post(link, data=FORM)
    for again in (client.post(link, data=FORM), client.get(link)):
        assert again.status_code == 410
        assert "<form" not in again.text
    assert len(stored(client)) == 1


def test_an_expired_link_is_told_so_also_before_the_worker_has_noticed(
    client: TestClient, link: str, clock: Any
) -> None:
    platform = client.app.state.platform
    clock.at += platform.settings.invitation_days * DAY_SECONDS - 1
    assert client.get(link).status_code == 200
    clock.at += 1
    assert client.get(link).status_code == 410
    assert client.post(link, data=FORM).status_code == 410
    platform.writer.call(expire, platform.now())
    assert client.post(link, data=FORM).status_code == 410
    assert stored(client) == []


def test_a_link_that_expires_between_opening_and_sending_takes_no_answer(
    client: TestClient, link: str, clock: Any
) -> None:
    platform = client.app.state.platform
    clock.at += platform.settings.invitation_days * DAY_SECONDS
    assert answer(platform, link[1:]).state is LinkState.EXPIRED
    assert stored(client) == []


def test_an_unknown_link_is_told_so(client: TestClient, api_key: str) -> None:
    for path in ("/222222222222", "/nothing", "/%00", "/" + "A" * 3000, "/é", "/../etc/passwd"):
        assert client.get(path).status_code == 404
        assert client.post(path, data=FORM).status_code == 404


def test_the_answer_is_counted_under_the_day_it_is_in_the_units_own_zone(
    client: TestClient, api_key: str, clock: Any
) -> None:
    platform = client.app.state.platform
    west, east = issue(platform)[0], issue(platform, start=1, unit="u2")[0]
    clock.at += 4 * 3600  # 15:06 UTC: 22:06 in Jakarta, 00:06 of the next day in Jayapura
    answer(platform, str(west.code))
    answer(platform, str(east.code))
    assert dict(rows(platform.database, "SELECT unit_id, day FROM response")) == {1: 20261118, 2: 20261119}


def test_five_of_nine_elements_are_enough_and_four_are_not(client: TestClient, link: str) -> None:
    few = {"v": "0", "shown": "id", **dict.fromkeys(ELEMENTS[:4], "4")}
    refused = client.post(link, data=few)
    assert refused.status_code == 422
    assert checked(refused.text) == 4
    assert client.post(link, data={**few, ELEMENTS[4]: "1"}).status_code == 200
    assert [text[:9] for text in stored(client)] == ["444410000"]
    assert rows(client.app.state.platform.database, "SELECT answered, score_sum FROM response") == [(5, 17)]


def test_an_answer_of_five_an_unknown_item_and_a_repeated_one_are_refused(
    client: TestClient, link: str, subtests: pytest.Subtests
) -> None:
    complete = form_body().decode()
    for body in (
        form_body(time="5"),
        form_body(time="0"),
        form_body(time=" 3"),
        form_body(time="３"),
        form_body(weather="3"),
        form_body(v="99"),
        form_body(v="-1"),
        form_body(shown="fr"),
        form_body(sex="robot"),
        (complete + "&time=2").encode(),
        (complete + "&" + "&".join(f"x{n}=1" for n in range(200))).encode(),
        complete.replace("comment=", "comment=%FF%FE").encode(),
        complete.encode().replace(b"comment=", b"comment=\xff"),
        form_body(comment="a\0b"),
        b"",
        b"nothing",
    ):
        with subtests.test(body=body[-40:]):
            refused = client.post(link, content=body, headers=FORM_TYPE)
            assert 400 <= refused.status_code < 500
            assert stored(client) == []
    assert client.post(link, data=FORM).status_code == 200


def test_another_media_type_than_a_form_is_refused(client: TestClient, link: str) -> None:
    assert client.post(link, json=FORM).status_code == 415
    assert client.post(link, data=FORM, files={"f": b"x"}).status_code == 415
    assert stored(client) == []


def test_what_cannot_be_read_is_told_that_nothing_was_stored_and_the_link_still_works(
    client: TestClient, link: str
) -> None:
    refused = client.post(link + "?lang=en", content=b"\xff", headers=FORM_TYPE)
    assert refused.status_code == 400
    assert "Nothing was stored, and your link still works." in refused.text
    assert client.get(link).status_code == 200


def test_a_comment_of_two_thousand_characters_is_taken_and_one_more_is_not(
    client: TestClient, link: str
) -> None:
    refused = client.post(link, data={**FORM, "comment": "é" * 2001})
    assert refused.status_code == 422
    assert "2001" in refused.text or "2.001" in refused.text
    assert client.post(link, data={**FORM, "comment": "é" * 2000}).status_code == 200
    assert stored(client, "comment") == ["é" * 2000]


@pytest.mark.parametrize("letter", ["a", "é", "😀"])
def test_a_comment_of_a_hundred_thousand_characters_is_refused_and_none_of_it_is_lost(
    client: TestClient, link: str, letter: str
) -> None:
    refused = client.post(link, data={**FORM, "comment": letter * 100_000})
    assert refused.status_code == 422
    assert letter * 100_000 in refused.text
    assert checked(refused.text) == 9
    assert stored(client) == []


def test_a_comment_is_stored_as_it_was_meant_and_shown_as_text(client: TestClient, link: str) -> None:
    hostile = "<script>alert(1)</script> \"'&; DROP TABLE response; -- 😀\nbaris dua"
    again = client.post(link, data={"v": "0", "shown": "id", "comment": hostile})
    assert "<script>alert" not in again.text
    client.post(link, data={**FORM, "comment": hostile})
    assert stored(client, "comment") == [hostile]


def test_changing_the_language_keeps_the_answers_and_takes_nothing(client: TestClient, link: str) -> None:
    shown = client.post(link, data={**FORM, "comment": "ramah", "lang": "en"})
    assert shown.status_code == 200
    assert 'lang="en"' in shown.text
    assert checked(shown.text) == 9
    assert "ramah" in shown.text
    assert stored(client) == []


def test_the_answer_carries_the_language_the_form_was_shown_in(client: TestClient, link: str) -> None:
    client.post(link, data={**FORM, "shown": "jv"})
    assert stored(client, "language") == ["jv"]


def test_a_profile_is_kept_only_as_far_as_it_was_told(client: TestClient, link: str) -> None:
    instrument = next(iter(client.app.state.platform.instruments.values()))
    item = instrument.profile[0]
    choice = next(iter(item.choices))
    others = {other.key: "" for other in instrument.profile[1:]}
    client.post(link, data={**FORM, item.key: choice, **others})
    told = rows(
        client.app.state.platform.database, "SELECT sex, age_band, education, occupation FROM response"
    )
    assert [value for value in told[0] if value is not None] == [choice]


@pytest.fixture
def two_platforms(settings: Settings, platform: Platform) -> Iterator[list[Platform]]:
    """Two processes' worth of the same installation: two writers, two connections."""
    other = open_platform(settings, platform.now)
    yield [platform, other]
    other.close()


def test_of_many_simultaneous_answers_to_one_link_exactly_one_is_taken(
    two_platforms: list[Platform],
) -> None:
    platform = two_platforms[0]
    for round_number in range(10):
        code = str(issue(platform, start=round_number)[0].code)
        start = threading.Barrier(8)
        states: list[LinkState] = []

        def send(by: Platform, code: str = code, start: Any = start, states: Any = states) -> None:
            start.wait(20)
            states.append(answer(by, code, answers(by)).state)

        threads = [threading.Thread(target=send, args=(two_platforms[n % 2],)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(states) == [LinkState.OPEN] + [LinkState.USED] * 7
        assert count(platform.database, "response") == round_number + 1
    assert count(platform.database, "invitation", "state = 'answered'") == 10


def test_two_answers_to_one_link_in_one_commit_give_one_response(platform: Platform) -> None:
    code = str(issue(platform)[0].code)
    both = [submission(platform, code, tokens.draw_receipt()) for _ in range(2)]

    def together(tx: Any, items: Any) -> list[list[LinkState]]:
        return [accept(tx, both) for _ in items]

    assert platform.writer.call(together, None) == [LinkState.OPEN, LinkState.USED]
    assert count(platform.database, "response") == 1


def test_an_answer_marks_the_day_of_answering_and_the_day_of_the_service(
    platform: Platform, clock: Any
) -> None:
    code = str(issue(platform)[0].code)
    platform.writer.call(lambda tx, items: [tx.run(CLEAR) for _ in items], None)
    clock.at += 2 * DAY_SECONDS
    answer(platform, code)
    assert sorted(rows(platform.database, "SELECT agency_id, unit_id, day FROM dirty")) == [
        (1, 1, 20261118),
        (1, 1, 20261120),
    ]


def test_an_answer_to_another_instrument_than_the_links_is_not_taken(platform: Platform) -> None:
    code = str(issue(platform)[0].code)
    other = replace(submission(platform, code, "ACDEFHJKMNPR"), instrument="skm-1999")
    assert platform.writer.call(accept, other) is LinkState.UNKNOWN
    assert count(platform.database, "response") == 0


def test_a_wrong_form_for_a_used_link_is_told_that_the_link_is_used(client: TestClient, link: str) -> None:
    right = {"instrument": "skm-2017.1", "v": "0", "shown": "id", **dict.fromkeys(ELEMENTS, "4")}
    assert client.post(link, data=right).status_code == 200
    assert client.post(link, data={**right, "time": "5"}).status_code == 410
    assert client.post(link, data={**right, "lang": "en"}).status_code == 410
