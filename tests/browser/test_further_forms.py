"""The forms of the further questionnaires: six steps in words, eleven numbers, where there is least room."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pydantic import SecretStr

from survey.commands.serving import listen
from survey.instruments import Instrument, load_all
from survey.pages import Pages
from survey.pages import Site as Names
from survey.settings import ROOT, Environment, Settings
from tests.browser.conftest import OpenPage, Site, running
from tests.browser.scenes import send
from tests.conftest import SECRET, Clock, register

pytestmark = pytest.mark.browser

RECOMMENDING = """
id = "recommending-1"
extends = "spak-2021.1"
[[other]]
key = "recommend"
kind = "nps"
name = { id = "Rekomendasi", en = "Recommendation" }
question.id = "Seberapa mungkin Saudara menyarankan layanan ini kepada orang lain?"
question.en = "How likely are you to recommend this service to others?"
ends = { id = ["sangat tidak mungkin", "sangat mungkin"], en = ["not at all likely", "extremely likely"] }
"""
NAMES = ("recommending-1", "skm-2017.2", "spak-2021.1", "spkp-2021.1")
# Of every answer: whether its text is cut off or leaves its box, and how large the box is.
BOXES = """() => [...document.querySelectorAll(".answers span")].map(one => {
    const text = document.createRange();
    text.selectNodeContents(one);
    const [inner, box] = [text.getBoundingClientRect(), one.getBoundingClientRect()];
    const fits = inner.left >= box.left && inner.right <= box.right && one.scrollWidth <= one.clientWidth;
    return {name: one.previousSibling.name, fits, lines: text.getClientRects().length,
            width: box.width, height: box.height};
})"""


@pytest.fixture(scope="module")
def instruments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Instrument]:
    """The questionnaires of the project, and one that asks for a recommendation."""
    directory = tmp_path_factory.mktemp("instruments")
    for path in (ROOT / "instruments").glob("*.toml"):
        shutil.copy(path, directory)
    (directory / "recommending-1.toml").write_text(RECOMMENDING, encoding="utf-8")
    return load_all(directory)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [320, 720])
def test_every_answer_can_be_read_and_pressed(
    open_page: OpenPage, instruments: dict[str, Instrument], name: str, width: int
) -> None:
    page = open_page(width=width, scripts=False)
    for lang in instruments[name].languages:
        page.set_content(Pages(instruments, Names("Percaya", "0800")).form(name, lang, 0).body.decode())
        assert page.evaluate("document.documentElement.scrollWidth") == width
        boxes = page.evaluate(BOXES)
        assert len(boxes) > 10
        assert [box for box in boxes if not box["fits"]] == []
        assert [box for box in boxes if box["height"] < 44 or box["width"] < 44] == []
        # A number that breaks over two lines reads as two numbers.
        numbered = {item.key for item in instruments[name].items if item.ends}
        assert {box["lines"] for box in boxes if box["name"] in numbered} <= {1}


@pytest.fixture(scope="module", params=["skm-2017.2", "spkp-2021.1"])
def further_site(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Site]]:
    """A server whose invitations use a further questionnaire."""
    path = tmp_path_factory.mktemp("site") / "site.db"
    shutil.copy(sqlite_template, path)
    clock = Clock()
    with listen("127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = Settings(
            _env_file=None,
            environment=Environment.DEMO,
            secret=SecretStr(SECRET),
            base_url=url,
            database_url=f"sqlite:///{path}",
            work_in_process=False,
            instrument=request.param,
        )
        with running(settings, clock, listening) as app:
            yield request.param, Site(url, register(app.state.platform), clock)


def press(page: Page, *answers: tuple[str, str]) -> None:
    """Press the named answers by their labels."""
    for key, label in answers:
        page.locator(f"label:has(input[name={key}])", has_text=label).first.click()


def test_it_is_answered_without_scripts_on_the_smallest_phone(
    open_page: OpenPage, further_site: tuple[str, Site]
) -> None:
    name, site = further_site
    page = open_page(width=320, scripts=False)
    page.goto(site.link())
    if name == "spkp-2021.1":
        press(page, *((key, "Sangat setuju") for key in ("information", "set_time", "set_fee")))
        press(page, ("comfort", "Agak tidak setuju"))
        chosen = ["information=6", "set_time=6", "set_fee=6", "comfort=3"]
    else:
        for key in ("requirements", "procedure", "time", "cost"):
            page.locator(f"label:has(input[name={key}][value='2'])").click()
        press(page, ("satisfaction", "Sangat puas"), ("ease", "7"), ("coaching", "Tidak"))
        chosen = [
            "requirements=2",
            "procedure=2",
            "time=2",
            "cost=2",
            "satisfaction=5",
            "ease=7",
            "coaching=1",
        ]
    with page.expect_navigation():
        page.get_by_role("button", name="English").click()
    checked = page.locator("input:checked").evaluate_all("all => all.map(one => `${one.name}=${one.value}`)")
    assert sorted(checked) == sorted(chosen)
    if name == "skm-2017.2":
        send(page)
        assert page.title().startswith("Error: ")
        page.locator("label:has(input[name=product][value='3'])").click()
    send(page)
    assert page.locator(".code").count() == 1
