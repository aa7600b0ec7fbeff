"""Erasing an answer by its receipt: on the page or the command line, and every count follows."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from factories import FORM, answer, answers, count, issue
from litestar.testing import TestClient

from survey import responses, tallies, tokens
from survey.platform import Platform


def unit_day(platform: Platform) -> tuple[int, ...]:
    """The kept tally of unit u1 on the day of the clock; zeros when there is none."""
    for row in platform.writer.call(tallies.read_kept, None):
        if len(row) == 6 and row[1] == 1 and row[2] == 20261118 and row[3] == "invited":
            return tallies.unpack(row[5])
    return (0,)


def receipt_of(page: str) -> str:
    """The receipt on the page of thanks."""
    found = re.search(r"([2-9A-Y]{4})\W+([2-9A-Y]{4})\W+([2-9A-Y]{4})", page)
    assert found, "no receipt on the page"
    code = tokens.read("".join(found.groups()))
    assert code
    return code


def test_the_page_of_thanks_shows_a_receipt_that_erases_the_answer(client: TestClient, api_key: str) -> None:
    platform = client.app.state.platform
    code = issue(platform)[0].code
    receipt = receipt_of(client.post(f"/{code}", data=FORM).text)
    spoken = f"{receipt[:4]} {receipt[4:8]}-{receipt[8:]}".lower()
    assert client.post("/receipt", data={"code": spoken, "lang": "id"}).status_code == 200
    assert count(platform.database, "response") == 0


def test_a_receipt_works_once(client: TestClient, api_key: str) -> None:
    platform = client.app.state.platform
    receipt = answer(platform, str(issue(platform)[0].code)).receipt
    assert client.post("/receipt", data={"code": receipt}).status_code == 200
    assert client.post("/receipt", data={"code": receipt}).status_code == 422


def test_a_receipt_that_is_none_erases_nothing_and_stays_in_its_field(
    client: TestClient, api_key: str
) -> None:
    platform = client.app.state.platform
    answer(platform, str(issue(platform)[0].code))
    for wrong in ("", "hello <b>", tokens.draw_receipt(), "\0", "é" * 500):
        refused = client.post("/receipt", data={"code": wrong})
        assert refused.status_code == 422
        assert "<b>" not in refused.text
    assert count(platform.database, "response") == 1


def test_the_code_of_the_link_is_not_the_receipt(client: TestClient, api_key: str) -> None:
    platform = client.app.state.platform
    code = str(issue(platform)[0].code)
    answer(platform, code)
    assert client.post("/receipt", data={"code": code}).status_code == 422


def test_the_counts_follow_an_erasure(platform: Platform) -> None:
    links = issue(platform, 3)
    receipts = [answer(platform, str(link.code), answers(platform)).receipt for link in links]
    tallies.refresh_all(platform.writer, platform.definition)
    assert unit_day(platform)[0] == 3
    assert platform.writer.call(responses.erase, responses.response_id(platform.settings.keys, receipts[0]))
    tallies.refresh_all(platform.writer, platform.definition)
    assert unit_day(platform)[0] == 2


def test_erasing_the_last_answer_of_a_day_leaves_no_tally_of_answers(platform: Platform) -> None:
    receipt = answer(platform, str(issue(platform)[0].code)).receipt
    tallies.refresh_all(platform.writer, platform.definition)
    platform.writer.call(responses.erase, responses.response_id(platform.settings.keys, receipt))
    tallies.refresh_all(platform.writer, platform.definition)
    assert unit_day(platform) == (0,)


def test_an_erased_answer_does_not_open_its_link_again(platform: Platform) -> None:
    code = str(issue(platform)[0].code)
    receipt = answer(platform, code).receipt
    platform.writer.call(responses.erase, responses.response_id(platform.settings.keys, receipt))
    assert answer(platform, code).state is responses.LinkState.USED


def test_the_day_of_an_answer_can_be_found_by_its_receipt_only(platform: Platform) -> None:
    receipt = answer(platform, str(issue(platform)[0].code)).receipt

    def day(code: str) -> int | None:
        number = responses.response_id(platform.settings.keys, code)
        return platform.writer.call(responses.find_days, number)

    assert day(receipt) == 20261118
    assert day(tokens.draw_receipt()) is None


def run_cli(platform: Platform, database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = platform.settings
    environment: dict[str, Any] = {
        "PATH": os.environ["PATH"],
        "PERCAYA_SECRET": settings.secret.get_secret_value(),
        "PERCAYA_BASE_URL": "https://ikm.go.id",
        "PERCAYA_DATABASE_URL": database_url,
    }
    return subprocess.run(
        [sys.executable, "-m", "survey.cli", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=60,
    )


def test_the_command_line_erases_by_receipt_and_counts_again(platform: Platform, database_url: str) -> None:
    links = issue(platform, 2)
    receipts = [answer(platform, str(link.code)).receipt for link in links]
    tallies.refresh_all(platform.writer, platform.definition)
    done = run_cli(platform, database_url, "responses", "erase", receipts[0])
    assert done.returncode == 0, done.stderr
    assert count(platform.database, "response") == 1
    assert unit_day(platform)[0] == 1


@pytest.mark.parametrize("receipt", ["nonsense", "222222222222"])
def test_the_command_line_refuses_a_receipt_that_is_none(
    platform: Platform, database_url: str, receipt: str
) -> None:
    done = run_cli(platform, database_url, "responses", "erase", receipt)
    assert done.returncode == 1
    assert "no answer has this receipt" in done.stderr
    assert "Traceback" not in done.stderr
