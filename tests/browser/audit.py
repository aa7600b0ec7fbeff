"""What a page is looked at for: by axe, and by hand where axe is blind."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
# How a page can be looked at: width, colour scheme, forced colours.
LOOKS = [
    (width, scheme, forced)
    for width in (320, 1280)
    for scheme, forced in (("light", "none"), ("dark", "none"), ("dark", "active"))
]
TARGET = 44  # CSS pixels; WCAG 2.2 asks for 24 (2.5.8), its level AAA for this (2.5.5)

# Forced colours are the reader's own, and axe would compare the page's colour with the reader's background.
_AXE_RUN = """tags => axe.run(document, {
    runOnly: tags,
    rules: {"color-contrast": {enabled: !matchMedia("(forced-colors: active)").matches}},
    resultTypes: ["violations"],
}).then(found =>
    found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.target.join(" ")}`)))"""

# Texts for the ear alone are clipped to nothing, wherever they lie.
_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    const clipped = one => one && (getComputedStyle(one).clipPath !== "none" || clipped(one.parentElement));
    const wide = [...document.body.querySelectorAll("*")].filter(one => {
        const box = one.getBoundingClientRect();
        return box.width && (box.right > width + 0.5 || box.left < -0.5) && !clipped(one);
    });
    const scrolls = document.documentElement.scrollWidth > width;
    return {scrolls, wide: wide.map(one => one.outerHTML.slice(0, 80))};
}"""

# A radio button's target is the label around it.
_TARGETS = """() => [...document.querySelectorAll("a, button, select, textarea, input, label")]
    .filter(one => !one.matches("input[type=hidden], input[type=radio], label:not(:has(input))"))
    .map(one => ({what: one.outerHTML.slice(0, 80), box: one.getBoundingClientRect()}))
    .map(({what, box}) => ({what, width: box.width, height: box.height}))"""

_BLIND = """() => {
    const wrong = [];
    const groups = new Map();
    for (const radio of document.querySelectorAll("input[type=radio]")) {
        groups.set(radio.name, [...(groups.get(radio.name) ?? []), radio]);
    }
    const legends = [];
    for (const [name, radios] of groups) {
        const fieldset = radios[0].closest("fieldset");
        const legend = fieldset?.firstElementChild;
        if (legend?.tagName !== "LEGEND" || !legend.innerText.trim()) wrong.push(`no legend: ${name}`);
        else legends.push(legend.innerText.trim());
        if (radios.some(radio => radio.closest("fieldset") !== fieldset)) wrong.push(`scattered: ${name}`);
        if (radios.some(radio => !radio.closest("label")?.innerText.trim())) wrong.push(`no label: ${name}`);
    }
    if (new Set(legends).size !== legends.length) wrong.push("two groups have the same legend");
    const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
    for (const id of new Set(ids)) {
        if (ids.filter(one => one === id).length > 1) wrong.push(`id twice: ${id}`);
    }
    for (const one of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
        for (const name of ["aria-describedby", "aria-labelledby"]) {
            for (const id of (one.getAttribute(name) ?? "").split(" ").filter(Boolean)) {
                if (!document.getElementById(id)?.innerText.trim()) wrong.push(`described by nothing: ${id}`);
            }
        }
    }
    return wrong;
}"""

_TEXTS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) {
        const text = walker.currentNode.data.trim().replace(/\\s+/g, " ");
        if (text) texts.push([text, walker.currentNode.parentElement.closest("[lang]").lang]);
    }
    return texts;
}"""


def look(page: Page, width: int, scheme: Any, forced: Any) -> None:
    """See the page at a width, in a colour scheme, with or without forced colours."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, forced_colors=forced)


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.0 to 2.2, levels A and AA, as `rule: element`."""
    if not page.evaluate("typeof axe === 'object'"):
        # Put in by the debugger, which the page's Content-Security-Policy does not bind.
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_AXE_RUN, TAGS)
    return found


@contextmanager
def enlarge(page: Page, times: int) -> Iterator[None]:
    """See the page as a reader who set the browser's letters to a multiple of their usual size."""
    debugger = page.context.new_cdp_session(page)
    root = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
    debugger.send("Page.setFontSizes", {"fontSizes": {"standard": 16 * times}})
    try:
        assert page.evaluate(root) == 16 * times, "the letters did not grow"
        yield
    finally:
        debugger.send("Page.setFontSizes", {"fontSizes": {"standard": 16}})
        debugger.detach()


def overflow(page: Page) -> list[str]:
    """The elements that reach out of the window sideways."""
    seen = page.evaluate(_WIDE)
    return [*seen["wide"], *(["the page scrolls sideways"] if seen["scrolls"] else [])]


def small_targets(page: Page, smallest: int) -> list[str]:
    """What can be pressed and is lower or narrower than `smallest` CSS pixels."""
    return [
        f"{one['what']} is {one['width']:.0f} x {one['height']:.0f}"
        for one in page.evaluate(_TARGETS)
        if min(one["width"], one["height"]) < smallest
    ]


def blind_spots(page: Page) -> list[str]:
    """Missing legends and labels, ids used twice, descriptions that lead nowhere."""
    found: list[str] = page.evaluate(_BLIND)
    return found


def texts(page: Page) -> list[tuple[str, str]]:
    """Every text with the language it is marked as."""
    return [(text, lang) for text, lang in page.evaluate(_TEXTS)]
