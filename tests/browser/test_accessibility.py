"""Everyone can use the citizen's pages: WCAG 2.2 AA by axe, and by hand where axe is blind."""

import pytest
from playwright.sync_api import Page

from tests.browser.audit import blind_spots, overflow, small_targets, texts, violations
from tests.browser.conftest import OpenPage, Site
from tests.browser.scenes import LANGUAGES, SCENES, choose, form, form_too_short

pytestmark = pytest.mark.browser

each_scene = pytest.mark.parametrize("scene", list(SCENES))
each_language = pytest.mark.parametrize("lang", LANGUAGES)


def test_axe_is_awake(open_page: OpenPage) -> None:
    page = open_page()
    page.set_content(
        "<html><body><input><p style='color:#999;background:#fff'>pale</p><img src='data:,'></body></html>"
    )
    rules = {found.split(":")[0] for found in violations(page)}
    assert {"html-has-lang", "document-title", "label", "color-contrast", "image-alt"} <= rules


def test_a_page_that_is_too_wide_is_noticed(open_page: OpenPage) -> None:
    page = open_page(width=320)
    page.set_content("<p style='width:400px'>wide</p>")
    assert overflow(page)


def test_what_axe_does_not_see_is_seen_here(open_page: OpenPage) -> None:
    page = open_page()
    page.set_content(
        "<fieldset><p id=a>Q</p><label><input type=radio name=q>1</label></fieldset><p id=a>R</p>"
        "<input aria-describedby=gone><a href=x style='font-size:9px'>x</a>"
    )
    assert set(blind_spots(page)) == {"no legend: q", "id twice: a", "described by nothing: gone"}
    assert any("<a" in small for small in small_targets(page, 44))


def test_the_form_has_a_group_for_every_rated_question(open_page: OpenPage, site: Site) -> None:
    page = open_page()
    form(page, site, "en")
    assert page.get_by_role("group", name="How easy did you find the service procedure").count() == 1
    groups = page.locator("fieldset")
    assert [groups.nth(number).locator("input[type=radio]").count() for number in range(groups.count())] == [
        *[4] * 9,
        *[5] * 4,
    ]


@each_scene
def test_texts_are_marked_with_the_language_they_are_in(open_page: OpenPage, site: Site, scene: str) -> None:
    page = open_page()
    sentences: dict[str, set[str]] = {}
    for lang in LANGUAGES:
        SCENES[scene](page, site, lang)
        # Names, codes and single words may be the same in two languages; whole sentences are not.
        for text, marked in texts(page):
            if len(text.split()) >= 4:
                sentences.setdefault(text, set()).add(marked)
    assert {text: marked for text, marked in sentences.items() if len(marked) > 1} == {}
    assert len(sentences) > len(LANGUAGES)


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene != "thanks"])
def test_languages_are_offered_by_their_own_names_marked_as_such(
    open_page: OpenPage, site: Site, scene: str
) -> None:
    page = open_page()
    SCENES[scene](page, site, "en")
    for lang, name in {"id": "Bahasa Indonesia", "jv": "Basa Jawa", "su": "Basa Sunda"}.items():
        assert page.locator(f"[lang={lang}]", has_text=name).count() == 1


@each_language
def test_an_error_says_the_same_in_the_summary_and_beside_its_question(
    open_page: OpenPage, site: Site, lang: str
) -> None:
    page = open_page()
    form_too_short(page, site, lang)
    prefix = {"id": "Kesalahan:", "en": "Error:", "jv": "Kalepatan:", "su": "Kalepatan:"}[lang]
    assert page.title().startswith(prefix)
    (line,) = page.locator(".problems a").all()
    first = page.locator(str(line.get_attribute("href")))
    question = page.locator("fieldset", has=first)
    described = page.locator(f"#{question.get_attribute('aria-describedby')}")
    assert described.inner_text() == f"{prefix} {line.inner_text()}"
    assert question.locator("input:checked").count() == 0


def test_a_wrong_code_is_told_beside_its_field(open_page: OpenPage, site: Site) -> None:
    page = open_page()
    SCENES["home, wrong code"](page, site, "en")
    described = str(page.locator("#code").get_attribute("aria-describedby")).split()
    assert any(page.locator(f"#{one}").inner_text().startswith("Error: We do not know") for one in described)


def test_the_keyboard_alone_is_enough_and_always_sees_where_it_is(open_page: OpenPage, site: Site) -> None:
    page = open_page(width=1280)
    form(page, site, "en")
    radios = 0
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = _focus(page)
        assert stop["outline"] >= 2, stop
        assert stop["inside"], stop
        if stop["radio"]:
            radios += 1
            # The space bar takes the first answer, each arrow the next.
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("ArrowRight")
            assert _focus(page)["value"] == "3"
        elif stop["name"] == "comment":
            page.keyboard.type("Petugas ramah")
        elif stop["name"] == "sex":
            page.keyboard.press("ArrowDown")
        elif stop["send"]:
            page.keyboard.press("Enter")
            break
    page.wait_for_selector(".code")
    assert radios == 13
    assert "Thank you" in page.title()


_FOCUS = """() => {
    const one = document.activeElement;
    const shown = one.matches("input[type=radio]") ? one.nextElementSibling : one;
    const style = getComputedStyle(shown);
    const box = shown.getBoundingClientRect();
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
    return {
        name: one.name ?? "", value: one.value, radio: one.matches("input[type=radio]"),
        send: one.matches("button.send"),
        outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
        inside: Boolean(hit && (shown.contains(hit) || hit.contains(one))),
    };
}"""


def _focus(page: Page) -> dict[str, object]:
    seen: dict[str, object] = page.evaluate(_FOCUS)
    return seen


def test_a_stray_enter_on_an_answer_sends_nothing(open_page: OpenPage, site: Site) -> None:
    page = open_page()
    form(page, site, "en")
    choose(page)
    page.locator("fieldset input").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("button.send").count() == 1
    assert page.locator("input:checked").count() == 13
