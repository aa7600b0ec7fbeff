"""The form over the slowest network, and the proof that what a page must not do would be noticed."""

import pytest

from tests.browser.conftest import OpenPage, Site, Witness
from tests.browser.scenes import choose, form, send

pytestmark = pytest.mark.browser

# The edge of a network: GPRS, 30 kbit/s and 800 ms there and back.
GPRS = {"offline": False, "latency": 800, "downloadThroughput": 30_000 / 8, "uploadThroughput": 30_000 / 8}

_FIRST_PAINT = """() => new Promise(resolve => new PerformanceObserver(list => {
    for (const one of list.getEntriesByName("first-contentful-paint")) resolve(one.startTime);
}).observe({type: "paint", buffered: true}))"""


def test_a_complaint_of_the_browser_is_noticed(open_page: OpenPage, site: Site, witness: Witness) -> None:
    page = open_page()
    page.goto(f"{site.url}/privacy")
    page.evaluate(
        "document.body.append(Object.assign(new Image(), {src: 'https://elsewhere.example/x.png'}))"
    )
    page.evaluate("console.error('noticed')")
    assert "noticed" in witness.complaints
    assert any("Content Security Policy" in one for one in witness.complaints)


def test_the_form_is_seen_and_answered_over_the_slowest_network(open_page: OpenPage, site: Site) -> None:
    page = open_page(width=320)
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", GPRS)
    form(page, site, "id")
    painted = page.evaluate(_FIRST_PAINT)
    assert 800 < painted < 5_000, "milliseconds; the lower bound proves that the network was slow"
    choose(page)
    send(page)
    assert page.locator(".code").count() == 1
