"""The whole journey with each further questionnaire in the settings: link, form, answer, tally, results."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from litestar.testing import TestClient

from app import create_app
from survey import tallies
from survey.settings import Settings
from tests.conftest import ADMIN_KEY, Clock

DAY = 20261118
# What is answered, and what the response then is: one character per item.
SENT = {
    "spkp-2021.1": (
        {
            "information": "6",
            "announced_requirements": "5",
            "easy_procedure": "6",
            "set_time": "1",
            "set_fee": "4",
            "comfort": "3",
            "response": "2",
        },
        {"information_6": 1, "set_time_1": 1, "consultation_6": 0, "score_sum": (27 * 840) // 7},
    ),
    "spak-2021.1": (
        {"no_discrimination": "6", "no_fraud": "6", "no_rewards": "3", "coaching": "2"},
        {"no_discrimination_6": 1, "no_rewards_3": 1, "coaching_2": 1, "score_sum": (15 * 60) // 3},
    ),
    "skm-2017.2": (
        {
            **dict.fromkeys(("requirements", "procedure", "time", "cost", "product"), "4"),
            "trust_level": "5",
            "satisfaction": "5",
            "ease": "7",
            "coaching": "1",
        },
        {"time_4": 1, "trust_level_5": 1, "satisfaction_5": 1, "ease_7": 1, "coaching_1": 1},
    ),
}


@pytest.fixture(params=sorted(SENT))
def instrument(request: pytest.FixtureRequest) -> str:
    """The questionnaire that is given to new invitations."""
    return str(request.param)


@pytest.fixture
def client(settings: Settings, clock: Clock, instrument: str) -> Iterator[TestClient]:
    """A client of an installation that uses the questionnaire."""
    chosen = settings.model_copy(update={"instrument": instrument})
    with TestClient(create_app(chosen, clock), base_url="https://ikm.go.id") as opened:
        yield opened


@pytest.fixture
def link(client: TestClient, api_key: str, report: Callable[..., dict[str, object]]) -> Callable[..., str]:
    """Reports a transaction; the path of its link."""

    def make(**changes: object) -> str:
        auth = {"Authorization": f"Bearer {api_key}"}
        made = client.post("/api/v1/transactions", json=report(**changes), headers=auth)
        assert made.status_code == 201
        return str(made.json()["link"]).removeprefix("https://ikm.go.id")

    return make


def kept(client: TestClient, instrument: str) -> dict[str, int]:
    """The day's tally, counted now, by the names of its measures."""
    platform = client.app.state.platform
    tallies.refresh_all(platform.writer, platform.definition)
    rows = platform.writer.call(tallies.read_kept, None)
    (counts,) = [row[5] for row in rows if len(row) == 6 and row[2] == DAY and row[4] == instrument]
    return dict(zip(platform.layouts[instrument].measures, json.loads(counts), strict=True))


def test_an_answer_reaches_the_tally_of_its_questionnaire(
    client: TestClient, instrument: str, link: Callable[..., str]
) -> None:
    path = link()
    answers, counted = SENT[instrument]
    form = client.get(path)
    assert form.status_code == 200
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.text))
    assert hidden["instrument"] == instrument
    assert all(f'name="{key}" value="{value}"' in form.text for key, value in answers.items())
    assert client.post(path, data={**hidden, **answers}).status_code == 200
    assert client.post(path, data={**hidden, **answers}).status_code == 410
    found = kept(client, instrument)
    assert found["n"] == found["score_n"] == 1
    assert {measure: found[measure] for measure in counted} == counted


def test_an_answer_beyond_the_scale_is_refused_and_the_form_comes_back_with_the_others(
    client: TestClient, instrument: str, link: Callable[..., str]
) -> None:
    path = link()
    answers, _ = SENT[instrument]
    key = list(answers)[-1]
    refused = client.post(path, data={**answers, key: "9", "v": "0", "shown": "id", "instrument": instrument})
    assert refused.status_code == 422
    assert f'href="#{key}"' in refused.text
    assert refused.text.count(" checked>") == len(answers) - 1


def test_an_invitation_in_a_language_the_questionnaire_lacks_opens_in_its_own(
    client: TestClient, instrument: str, link: Callable[..., str]
) -> None:
    written = client.app.state.platform.instruments[instrument].languages
    page = client.get(link(language="jv"))
    assert page.status_code == 200
    assert f'<input type="hidden" name="shown" value="{"jv" if "jv" in written else "id"}">' in page.text


def test_the_results_say_what_they_have(
    client: TestClient, instrument: str, link: Callable[..., str], api_key: str
) -> None:
    answers, _ = SENT[instrument]
    for number in range(6):
        path = link(external_ref=f"R-{number}")
        client.post(path, data={**answers, "v": "0", "shown": "id", "instrument": instrument})
    assert kept(client, instrument)["n"] == 6
    for path in ("/results", "/results/duk", "/results/duk/u1"):
        assert client.get(path, auth=("", ADMIN_KEY)).status_code == 200
    figures = client.get("/api/v1/agencies/duk/figures", headers={"Authorization": f"Bearer {api_key}"})
    assert figures.status_code == 200
    assert figures.json()["figure"]["n"] == 6
    assert figures.json()["figure"]["instrument"] == instrument
