"""The whole journey on both databases: a transaction, its link, an answer, the tally, the figure."""

from collections.abc import Callable

from litestar.testing import TestClient

from survey import tallies

ANSWER = {
    "requirements": "3",
    "procedure": "4",
    "time": "2",
    "cost": "4",
    "product": "3",
    "competence": "3",
    "behaviour": "4",
    "facilities": "3",
    "complaints": "3",
    "v": "0",
    "shown": "id",
    "comment": "ramah",
}


def test_an_answer_reaches_the_tally_of_its_unit_and_day(
    client: TestClient, api_key: str, report: Callable[..., dict[str, object]]
) -> None:
    auth = {"Authorization": f"Bearer {api_key}"}
    made = client.post("/api/v1/transactions", json=report(), headers=auth)
    assert made.status_code == 201
    path = made.json()["link"].removeprefix("https://ikm.go.id")
    assert client.get(path).status_code == 200
    assert client.post(path, data=ANSWER).status_code == 200
    assert client.post(path, data=ANSWER).status_code == 410
    platform = client.app.state.platform
    tallies.refresh_all(platform.writer, platform.definition)
    kept = platform.writer.call(tallies.read_kept, None)
    days = {row[3]: row[5] for row in kept if len(row) == 6 and row[2] == 20261118}
    assert days["ledger"] == "[1,1,1]"
    assert tallies.unpack(days["invited"])[0] == 1
