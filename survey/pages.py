"""The citizen's pages: rendered once per version and language, kept as bytes, gzip and ETag.

No page names an office or a link, so one rendering of the form serves every token. Every page is one
request: its style stands in it (allow `Pages.style_hash` in the Content-Security-Policy, and `data:` for
the empty icon that spares a request), and it has no script, cookie or outside address.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from survey.answers import Problem
from survey.i18n import DEFAULT_LANGUAGE, environment
from survey.instruments import Instrument
from survey.page_form import form_language, form_view
from survey.page_views import Kind, code_view, notice_view, privacy_view, thanks_view
from survey.stencil import Stencil

_GAP = "X" * 12


@dataclass(frozen=True)
class Site:
    """Who runs the survey, as its pages say it: a name, and how to reach them, both plain text."""

    name: str
    contact: str


@dataclass(frozen=True)
class Page:
    """A page ready to send; the weak ETag holds for the plain and for the compressed body."""

    body: bytes
    gzip: bytes
    etag: str


class Pages:
    """All citizen pages of a site. What does not depend on a person is rendered once and kept."""

    def __init__(self, instruments: Mapping[str, Instrument], site: Site) -> None:
        self._instruments = dict(instruments)
        self._site = site
        self._thanks: dict[str, Stencil] = {}
        self._kept: dict[tuple[str | int, ...], Page] = {}
        self._style = _minified(environment(DEFAULT_LANGUAGE).get_template("citizen/_style.html").render())

    @property
    def style_hash(self) -> str:
        """The one style block of every citizen page, as a CSP hash source without its quotes."""
        digest = hashlib.sha256(self._style.encode()).digest()
        return f"sha256-{base64.b64encode(digest).decode()}"

    def form(self, instrument_id: str, lang: str, variant: int) -> Page:
        """The empty form; raises KeyError for an unknown instrument, language or variant.

        A language the instrument is not written in gives its default language.
        """
        instrument = self._instruments[instrument_id]
        lang = form_language(instrument, lang)
        return self._keep(
            ("form", instrument_id, lang, variant), lambda: self.form_again(instrument, lang, variant, {}, ())
        )

    def form_again(
        self,
        instrument: Instrument,
        lang: str,
        variant: int,
        fields: Mapping[str, str],
        problems: Sequence[Problem],
    ) -> bytes:
        """The form with all that was filled in kept: with problems what to mend, without them in `lang`.

        A problem's code may also be `try_later`: nothing is wrong, but the answer could not be stored.
        """
        lang = form_language(instrument, lang)
        return self._render("form", lang, form_view(instrument, lang, variant, fields, problems))

    def thanks(self, lang: str, receipt: str) -> Page:
        """The page after an answer, with its receipt in groups of four."""
        if lang not in self._thanks:
            rendered = self._render("thanks", lang, thanks_view(_GAP))
            self._thanks[lang] = Stencil(rendered, thanks_view(_GAP).receipt.encode())
        # A receipt has nothing to be escaped, so it can be put into the rendered page as it is.
        text, stencil = thanks_view(receipt).receipt.encode(), self._thanks[lang]
        return Page(stencil.plain(text), stencil.gzip(text), "")

    def notice(self, kind: Kind, lang: str) -> Page:
        """Tell kindly why there is no form here, or that something is done."""
        return self._keep(
            ("notice", kind, lang), lambda: self._render("notice", lang, notice_view(kind, lang))
        )

    def privacy(self, lang: str) -> Page:
        """How answers are protected, and what cannot be hidden."""
        return self._keep(("privacy", lang), lambda: self._render("privacy", lang, privacy_view(lang)))

    def home(self, lang: str) -> Page:
        """The front page: type the code of a link by hand (POST /go, fields `code` and `lang`)."""
        return self._keep(("home", lang), lambda: self._render("code", lang, code_view("home", lang, None)))

    def home_again(self, lang: str, typed: str) -> bytes:
        """The front page after a code that is not known, which stays in its field."""
        return self._render("code", lang, code_view("home", lang, typed))

    def receipt(self, lang: str) -> Page:
        """Erase an answer by its receipt code (POST /receipt, fields `code` and `lang`)."""
        return self._keep(
            ("receipt", lang), lambda: self._render("code", lang, code_view("receipt", lang, None))
        )

    def receipt_again(self, lang: str, typed: str) -> bytes:
        """The erasing page after a receipt code that is not known, which stays in its field."""
        return self._render("code", lang, code_view("receipt", lang, typed))

    def _keep(self, key: tuple[str | int, ...], render: Callable[[], bytes]) -> Page:
        if key not in self._kept:
            body = render()
            etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
            # No time in the header, or every process would keep different bytes of the same page.
            self._kept[key] = Page(body, gzip.compress(body, compresslevel=9, mtime=0), etag)
        return self._kept[key]

    def _render(self, name: str, lang: str, view: object) -> bytes:
        template = environment(lang).get_template(f"citizen/{name}.html")
        # The style is this project's own file; escaping would break its quotes.
        return template.render(page=view, site=self._site, style=Markup(self._style)).encode()  # noqa: S704


def _minified(style: str) -> str:
    return re.sub(r"\s*([{};,])\s*", r"\1", style).replace(";}", "}").strip()
