"""The citizen's pages: light, complete in themselves, usable by everyone, and nothing typed is lost."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from survey.answers import AnswersRefused, Problem, read_form
from survey.i18n import LANGUAGES
from survey.instruments import load, load_all
from survey.page_views import Kind
from survey.pages import Pages, Site
from survey.routes.wire import fresh, page_response

DIRECTORY = Path(__file__).resolve().parent.parent / "instruments"
SKM = load(DIRECTORY / "skm-2017.1.toml")
PAGES = Pages(load_all(DIRECTORY), Site(name="Survei <Kota> & Contoh", contact="0800 123"))
VOID = {"meta", "link", "input", "br"}
HOSTILE = "\n</textarea><script>alert(1)</script>\"'&amp;{{7*7}}"


@dataclass(eq=False, repr=False)
class Element:
    """A parsed element with its attributes, its text, and the elements around it."""

    tag: str
    attributes: dict[str, str]
    around: list[Element]
    text: str = ""
    inside: list[Element] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<{self.tag} {self.attributes}>"


class Document(HTMLParser):
    """The elements of a page, in document order."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(body.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "option" and self._open[-1].tag == "option":
            self._open.pop()
        element = Element(tag, {name: value or "" for name, value in attrs}, list(self._open))
        self.elements.append(element)
        for outer in self._open:
            outer.inside.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        return [
            element
            for element in self.elements
            if element.tag == tag and attributes.items() <= element.attributes.items()
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        (element,) = self.all(tag, **attributes)
        return element

    def ids(self) -> list[str]:
        return [element.attributes["id"] for element in self.elements if "id" in element.attributes]

    def filled_in(self) -> dict[str, str]:
        """What a browser would send from this page when its last button is pressed."""
        fields = {e.attributes["name"]: e.attributes["value"] for e in self.all("input", type="hidden")}
        for radio in self.all("input", type="radio"):
            if "checked" in radio.attributes:
                fields[radio.attributes["name"]] = radio.attributes["value"]
        for area in self.all("textarea"):
            # A browser drops one line break right after the opening tag.
            fields[area.attributes["name"]] = area.text.removeprefix("\n")
        for select in self.all("select"):
            chosen = [o for o in select.inside if "selected" in o.attributes] or select.inside[:1]
            fields[select.attributes["name"]] = chosen[0].attributes["value"]
        return fields


def refused(fields: dict[str, str], lang: str = "id") -> bytes:
    with pytest.raises(AnswersRefused) as refusal:
        read_form(SKM, list(fields.items()))
    return PAGES.form_again(SKM, lang, int(fields["v"]), fields, refusal.value.problems)


def every_page() -> Iterator[tuple[str, bytes]]:
    for lang in LANGUAGES:
        yield f"form {lang}", PAGES.form(SKM.id, lang, 7).body
        yield f"wrong form {lang}", refused({"v": "7", "time": "9", "comment": HOSTILE, "sex": "X"}, lang)
        yield f"thanks {lang}", PAGES.thanks(lang, "ACDEFHJKMNPR").body
        yield f"privacy {lang}", PAGES.privacy(lang).body
        yield f"home {lang}", PAGES.home(lang).body
        yield f"home again {lang}", PAGES.home_again(lang, HOSTILE)
        yield f"receipt {lang}", PAGES.receipt(lang).body
        yield f"receipt again {lang}", PAGES.receipt_again(lang, HOSTILE)
        for kind in get_args(Kind):
            yield f"{kind} {lang}", PAGES.notice(kind, lang).body


EVERY_FORM = [(lang, variant) for lang in LANGUAGES for variant in range(len(SKM.variants))]
EVERY_PAGE = list(every_page())
on_every_form = pytest.mark.parametrize(("lang", "variant"), EVERY_FORM)
on_every_page = pytest.mark.parametrize(("name", "body"), EVERY_PAGE, ids=[name for name, _ in EVERY_PAGE])


@on_every_form
def test_a_form_weighs_at_most_four_kilobytes_compressed_and_sixteen_plain(lang: str, variant: int) -> None:
    page = PAGES.form(SKM.id, lang, variant)
    assert len(page.body) <= 16_384
    assert len(page.gzip) <= 4_096
    assert gzip.decompress(page.gzip) == page.body


@on_every_page
def test_a_page_is_one_request_without_script_or_inline_style(name: str, body: bytes) -> None:
    document = Document(body)
    tags = Counter(element.tag for element in document.elements)
    assert not tags.keys() & {"script", "img", "iframe", "object", "svg", "audio", "video"}
    assert [link.attributes["href"] for link in document.all("link")] == ["data:,"]
    for element in document.elements:
        assert not {name for name in element.attributes if name.startswith("on") or name == "style"}
        for name in ("href", "action", "src"):
            assert re.fullmatch(r"[/#?][^/:]*|data:,|", element.attributes.get(name, "")), element
    assert "url(" not in document.one("style").text
    assert "@import" not in document.one("style").text


@on_every_page
def test_a_page_has_one_heading_a_language_and_ids_that_are_unique(name: str, body: bytes) -> None:
    document = Document(body)
    assert document.one("html").attributes["lang"] == name.split()[-1]
    assert document.one("h1").text.strip()
    assert document.one("title").text.strip()
    assert max(Counter(document.ids()).values(), default=1) == 1


@on_every_page
def test_labels_descriptions_and_links_lead_somewhere(name: str, body: bytes) -> None:
    document = Document(body)
    ids = set(document.ids())
    for element in document.elements:
        attributes = element.attributes
        for name in ("for", "aria-labelledby"):
            assert name not in attributes or attributes[name] in ids
        assert set(attributes.get("aria-describedby", "").split()) <= ids
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids


@on_every_page
def test_every_field_has_a_label_with_text(name: str, body: bytes) -> None:
    document = Document(body)
    named = {label.attributes["for"] for label in document.all("label") if label.attributes.get("for")}
    for element in document.elements:
        if element.tag in ("select", "textarea", "input") and element.attributes.get("type") != "hidden":
            wrapped = any(outer.tag == "label" and outer.text.strip() for outer in element.around)
            assert wrapped or element.attributes.get("id") in named, element


@on_every_page
def test_the_style_of_a_page_is_the_one_the_policy_allows(name: str, body: bytes) -> None:
    style = Document(body).one("style").text
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert PAGES.style_hash == f"sha256-{digest}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_text_in_another_language_says_which(lang: str) -> None:
    for page in (PAGES.form(SKM.id, lang, 0), PAGES.notice("used", lang), PAGES.home(lang)):
        document = Document(page.body)
        buttons = document.all("button", name="lang")
        choices = buttons or [a for a in document.all("a") if "hreflang" in a.attributes]
        assert {choice.attributes["lang"] for choice in choices} == set(LANGUAGES)
        assert [c.attributes["lang"] for c in choices if "aria-current" in c.attributes] == [lang]


@pytest.mark.parametrize(("lang", "variant"), [("id", 0), ("en", 11), ("jv", 19), ("su", 5)])
def test_each_question_is_a_fieldset_whose_legend_is_the_wording(lang: str, variant: int) -> None:
    document = Document(PAGES.form(SKM.id, lang, variant).body)
    asked = [i for i in SKM.items if i.kind == "element" or i.key in SKM.variants[variant]]
    legends = [legend.text for legend in document.all("legend")]
    assert legends == [f"{number}. {item.question[lang]}" for number, item in enumerate(asked, 1)]
    for fieldset, item in zip(document.all("fieldset"), asked, strict=True):
        radios = [e for e in fieldset.inside if e.attributes.get("type") == "radio"]
        assert {radio.attributes["name"] for radio in radios} == {item.key}
        assert [radio.attributes["value"] for radio in radios] == ["12345"[n] for n in range(item.scale)]
        labels = [e.text for e in fieldset.inside if e.tag == "label"]
        assert tuple(labels) == item.answers[lang]


def test_an_untouched_form_says_nothing_about_the_person() -> None:
    fields = Document(PAGES.form(SKM.id, "en", 4).body).filled_in()
    told = {item.key: "" for item in SKM.profile}
    assert fields == {"shown": "en", "instrument": SKM.id, "v": "4", "comment": "", **told}


def test_every_profile_question_starts_at_prefer_not_to_say() -> None:
    document = Document(PAGES.form(SKM.id, "en", 4).body)
    firsts = [select.inside[0].text.strip() for select in document.all("select")]
    assert firsts == ["Prefer not to say"] * len(SKM.profile)


def test_the_form_posts_to_its_own_address_as_utf_8() -> None:
    attributes = Document(PAGES.form(SKM.id, "id", 0).body).one("form").attributes
    assert attributes == {"action": "", "method": "post", "accept-charset": "utf-8"}


def test_the_button_that_enter_presses_does_not_send_the_answers() -> None:
    for lang in LANGUAGES:
        first, *_, last = Document(PAGES.form(SKM.id, lang, 0).body).all("button")
        assert (first.attributes["name"], first.attributes["value"]) == ("lang", lang)
        assert "name" not in last.attributes


def test_the_pages_of_every_language_differ() -> None:
    bodies = dict(EVERY_PAGE)
    for name in {name.rsplit(" ", 1)[0] for name in bodies}:
        headings = {Document(bodies[f"{name} {lang}"]).one("h1").text for lang in LANGUAGES}
        assert len(headings) == len(LANGUAGES), name


def test_unreviewed_languages_say_so_and_reviewed_ones_do_not() -> None:
    notes = {
        lang: len(Document(PAGES.form(SKM.id, lang, 0).body).all("p", **{"class": "note"}))
        for lang in LANGUAGES
    }
    assert notes == {"id": 1, "en": 1, "jv": 2, "su": 2}
    assert [PAGES.privacy(lang).body.count(b'class="note"') for lang in LANGUAGES] == [0, 0, 1, 1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_switching_the_language_keeps_everything_filled_in(lang: str) -> None:
    filled = {
        "instrument": SKM.id,
        "v": "3",
        "requirements": "2",
        "cost": "4",
        "trust_level": "5",
        "sex": "P",
        "comment": HOSTILE,
    }
    again = Document(PAGES.form_again(SKM, lang, 3, filled, ())).filled_in()
    told = {item.key: "" for item in SKM.profile}
    assert again == {**told, **filled, "shown": lang}


def test_a_hostile_comment_stays_text() -> None:
    body = PAGES.form_again(SKM, "id", 0, {"comment": HOSTILE}, ())
    document = Document(body)
    assert not document.all("script")
    assert document.one("textarea").text == "\n" + HOSTILE


def test_a_hostile_code_stays_in_its_field() -> None:
    for body in (PAGES.home_again("id", HOSTILE), PAGES.receipt_again("id", HOSTILE)):
        document = Document(body)
        assert not document.all("script")
        assert document.one("input", id="code").attributes["value"] == HOSTILE[:64]


def test_the_name_of_the_site_is_escaped() -> None:
    assert b"Survei &lt;Kota&gt; &amp; Contoh" in PAGES.home("id").body


def test_a_refused_form_keeps_what_was_filled_in() -> None:
    filled = {
        "instrument": SKM.id,
        "v": "3",
        "requirements": "2",
        "cost": "4",
        "sex": "L",
        "comment": "baik\nsekali",
    }
    again = Document(refused(filled)).filled_in()
    assert filled.items() <= again.items()


@on_every_form
def test_a_refused_form_weighs_at_most_four_kilobytes_as_it_is_sent(lang: str, variant: int) -> None:
    filled = {"requirements": "3", "procedure": "3", "v": str(variant), "shown": lang}
    problem = Problem("time", "too_few", {"given": 2, "needed": 5, "total": 9})
    page = fresh(PAGES.form_again(SKM, lang, variant, filled, [problem]))
    sent = page_response({"headers": [(b"accept-encoding", b"gzip")]}, page)  # type: ignore[typeddict-item]
    assert sent.headers["content-encoding"] == "gzip"
    assert len(sent.content) <= 4096


def test_a_refused_form_starts_with_a_focused_summary_that_leads_to_the_first_open_question() -> None:
    document = Document(refused({"v": "0", "requirements": "2", "time": "3"}, "en"))
    assert document.one("title").text.startswith("Error: ")
    summary = document.one("div", **{"class": "problems"})
    assert summary.attributes["tabindex"] == "-1"
    assert "autofocus" in summary.attributes
    assert document.elements.index(summary) < document.elements.index(document.one("form"))
    (link,) = [element for element in summary.inside if element.tag == "a"]
    assert link.text == "Please answer at least 5 of the first 9 questions. You have answered 2."
    target = link.attributes["href"][1:]
    first = document.one("input", id=target)
    assert (target, first.attributes["name"], first.attributes["value"]) == ("procedure", "procedure", "1")
    assert link.text in document.one("p", id="problem-procedure").text


def test_the_title_of_a_refused_form_warns_in_indonesian_too() -> None:
    assert Document(refused({"v": "0"})).one("title").text.startswith("Kesalahan: ")


def test_a_problem_is_told_beside_its_field_and_tied_to_it() -> None:
    fields = {"v": "0", "time": "9", "sex": "X", "comment": "a" * 2001}
    document = Document(refused(fields, "en"))
    assert "Please choose" in document.one("p", id="problem-time").text
    assert document.one("select", id="sex").attributes["aria-describedby"] == "problem-sex"
    assert "2001" in document.one("p", id="problem-comment").text
    assert "problem-comment" in document.one("textarea").attributes["aria-describedby"]
    wrong = [f for f in document.all("fieldset") if "aria-describedby" in f.attributes]
    assert [f.attributes["aria-describedby"] for f in wrong] == ["problem-time"]


def test_a_problem_without_a_field_on_the_page_leads_to_the_first_question_and_does_not_echo_it() -> None:
    problems = [Problem("<evil>", "unknown_field"), Problem("v", "bad_variant")]
    document = Document(PAGES.form_again(SKM, "en", 0, {}, problems))
    links = [e for e in document.one("div", **{"class": "problems"}).inside if e.tag == "a"]
    assert [link.attributes["href"] for link in links] == ["#requirements"]
    assert "evil" not in links[0].text


def test_an_answer_that_could_not_be_stored_can_be_sent_again() -> None:
    filled = {"v": "0", "time": "3", "comment": "baik"}
    document = Document(PAGES.form_again(SKM, "en", 0, filled, [Problem("", "try_later")]))
    assert "send them again" in document.one("div", **{"class": "problems"}).text
    assert filled.items() <= document.filled_in().items()


def test_the_receipt_is_shown_in_groups_and_no_link_leads_to_its_loss() -> None:
    document = Document(PAGES.thanks("id", "ACDEFHJKMNPR").body)
    assert document.one("p", **{"class": "code"}).text == "ACDE FHJK MNPR"
    assert {a.attributes["href"] for a in document.all("a")} == {"/receipt?lang=id", "/privacy?lang=id"}


def test_pages_that_answer_a_post_switch_language_at_an_address_that_can_be_opened() -> None:
    for body, address in [
        (PAGES.home_again("id", "x"), "/"),
        (PAGES.receipt_again("id", "x"), "/receipt"),
        (PAGES.notice("erased", "id").body, "/receipt"),
        (PAGES.notice("used", "id").body, ""),
    ]:
        links = [a.attributes["href"] for a in Document(body).all("a") if "hreflang" in a.attributes]
        assert links == [f"{address}?lang={lang}" for lang in LANGUAGES]


def test_codes_are_posted_where_they_are_understood() -> None:
    assert Document(PAGES.home("id").body).one("form").attributes["action"] == "/go"
    assert Document(PAGES.receipt("id").body).one("form").attributes["action"] == "/receipt"


def test_only_pages_without_a_token_may_be_indexed() -> None:
    hidden = [PAGES.form(SKM.id, "id", 0).body, PAGES.thanks("id", "A").body, PAGES.notice("used", "id").body]
    open_ = [PAGES.home("id").body, PAGES.privacy("id").body]
    assert all(Document(body).all("meta", name="robots", content="noindex") for body in hidden)
    assert not any(Document(body).all("meta", name="robots") for body in open_)


def test_the_same_page_is_the_same_bytes_and_its_etag_tells_versions_apart() -> None:
    other = Pages(load_all(DIRECTORY), Site(name="Survei <Kota> & Contoh", contact="0800 123"))
    assert other.form(SKM.id, "id", 3) == PAGES.form(SKM.id, "id", 3)
    assert len({PAGES.form(SKM.id, lang, variant).etag for lang, variant in EVERY_FORM}) == 80


@pytest.mark.parametrize(("lang", "variant"), [("fr", 0), ("id", 20), ("id", -1)])
def test_a_form_that_does_not_exist_is_a_key_error(lang: str, variant: int) -> None:
    with pytest.raises(KeyError):
        PAGES.form(SKM.id, lang, variant)
