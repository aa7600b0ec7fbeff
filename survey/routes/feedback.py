"""The citizen's way: open a link, answer, get a receipt; type a code by hand; erase an answer."""

import gzip
import random
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, get, post
from litestar.exceptions import ClientException
from litestar.params import FromPath
from litestar.response import Redirect

from survey import responses, tokens
from survey.answers import AnswersRefused, Problem, read_form, shown_variant, wanted_language
from survey.counters import ANSWERS
from survey.database import Unavailable
from survey.i18n import LANGUAGES, negotiate
from survey.instruments import Instrument
from survey.pages import Page
from survey.platform import Platform
from survey.responses import Link, LinkQuery, LinkState, Submission

MOST_FORM_BYTES = 64 * 1024
# Room for a comment far beyond its limit, each character in twelve bytes, so that it can be given back
# with the reason and is not lost.
MOST_ANSWER_BYTES = 2 * 1024 * 1024
MOST_FIELDS = 100
HTML = "text/html"  # Litestar adds the charset
# A citizen's page may be shown again by "back" with everything typed; no shared cache may keep it.
_PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Accept-Language"}
_PACKED = {**_PRIVATE, "Content-Encoding": "gzip"}
_STATUS = {LinkState.USED: 410, LinkState.EXPIRED: 410, LinkState.UNKNOWN: 404}

AnyRequest = Request[Any, Any, Any]
_draw = random.SystemRandom().randrange


def send(request: AnyRequest, page: Page, status: int = 200) -> Response[bytes]:
    """A page kept ready, compressed where the browser can."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(page.gzip, media_type=HTML, status_code=status, headers=_PACKED)
    return Response(page.body, media_type=HTML, status_code=status, headers=_PRIVATE)


def send_fresh(request: AnyRequest, body: bytes, status: int = 200) -> Response[bytes]:
    """A page made for this one request."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(gzip.compress(body, 5), media_type=HTML, status_code=status, headers=_PACKED)
    return Response(body, media_type=HTML, status_code=status, headers=_PRIVATE)


def language_of(request: AnyRequest, platform: Platform, wanted: str | None = None) -> str:
    """The language to show: the one asked for, else the link's, else the browser's."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return str(asked)
    if wanted in LANGUAGES:
        return str(wanted)
    accepted = request.headers.get("accept-language")
    return negotiate(accepted, LANGUAGES, platform.settings.default_language)


async def read_fields(request: AnyRequest) -> list[tuple[str, str]]:
    """The fields of a submitted form, in order.

    Raises:
        ClientException: not a form, or not in UTF-8.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise ClientException("send the form as application/x-www-form-urlencoded", status_code=415)
    body = await request.body()
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise ClientException("the form cannot be read: it is not UTF-8 or has too many fields") from error


@get("/{code:str}", include_in_schema=False)
async def open_link(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    """Show the form of a link. Opening changes nothing, however often and by whomever."""
    platform: Platform = request.app.state.platform
    link = await _find(platform, _digest(platform, code))
    if link.state is not LinkState.OPEN:
        return _closed(request, platform, link.state)
    language = language_of(request, platform, link.language)
    instrument = platform.instruments[link.instrument]
    # Drawn anew at each opening: derived from the code, it would tie the answers to the link.
    variant = _draw(len(instrument.variants))
    return send(request, platform.pages.form(link.instrument, language, variant))


@post("/{code:str}", include_in_schema=False, request_max_body_size=MOST_ANSWER_BYTES)
async def answer(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    """Take an answer, once."""
    platform: Platform = request.app.state.platform
    fields = await read_fields(request)
    digest = _digest(platform, code)
    if digest is None:
        return _closed(request, platform, LinkState.UNKNOWN)
    sent = dict(fields)
    instrument = platform.instruments.get(sent.get("instrument", ""))
    if instrument is None or "lang" in sent:
        link = await _find(platform, digest)
        if link.state is not LinkState.OPEN:
            return _closed(request, platform, link.state)
        instrument = platform.instruments[link.instrument]
        if wanted := wanted_language(instrument, fields):
            return _again(request, platform, instrument, wanted, fields, [])
    shown = sent.get("shown", "")
    language = shown if shown in instrument.languages else language_of(request, platform)
    try:
        answers = read_form(instrument, fields)
    except AnswersRefused as refused:
        # Only now is the link looked at: most forms are right, and storing looks at it anyway.
        link = await _find(platform, digest)
        if link.state is not LinkState.OPEN:
            return _closed(request, platform, link.state)
        ANSWERS.labels("refused").inc()
        return _again(request, platform, instrument, language, fields, refused.problems)
    receipt = tokens.draw_receipt()
    submission = Submission(
        token_digest=digest,
        instrument=instrument.id,
        answers=answers,
        language=language,
        mode="web",
        response_id=responses.response_id(platform.settings.keys, receipt),
        now=platform.now(),
    )
    try:
        state = await platform.writer.run(responses.accept, submission)
    except Unavailable:
        return _again(request, platform, instrument, language, fields, [Problem("", "try_later")], 503)
    if state is not LinkState.OPEN:
        return _closed(request, platform, state)
    ANSWERS.labels("accepted").inc()
    return send(request, platform.pages.thanks(language, receipt))


def _again(
    request: AnyRequest,
    platform: Platform,
    instrument: Instrument,
    language: str,
    fields: list[tuple[str, str]],
    problems: list[Problem],
    status: int | None = None,
) -> Response[bytes]:
    variant = shown_variant(instrument, fields)
    variant = _draw(len(instrument.variants)) if variant is None else variant
    body = platform.pages.form_again(instrument, language, variant, dict(fields), problems)
    return send_fresh(request, body, status or (422 if problems else 200))


def _closed(request: AnyRequest, platform: Platform, state: LinkState) -> Response[bytes]:
    page = platform.pages.notice(state.value, language_of(request, platform))  # type: ignore[arg-type]
    return send(request, page, _STATUS[state])


def _digest(platform: Platform, code: str) -> bytes | None:
    read = tokens.read(code)
    return None if read is None else tokens.digest(platform.settings.keys.token_digest, read)


async def _find(platform: Platform, digest: bytes | None) -> Link:
    # A mistyped code fails its check character and never reaches the database.
    if digest is None:
        return Link(LinkState.UNKNOWN)
    return await platform.reader.run(responses.find_links, LinkQuery(digest, platform.now()))


@get("/", include_in_schema=False)
async def home(request: AnyRequest) -> Response[bytes]:
    """The front page: what this is, and a field for a code typed by hand."""
    platform: Platform = request.app.state.platform
    return send(request, platform.pages.home(language_of(request, platform)))


@post("/go", include_in_schema=False, request_max_body_size=MOST_FORM_BYTES, status_code=303)
async def go(request: AnyRequest) -> Response[Any]:
    """Go to the form of a code that was typed by hand."""
    platform: Platform = request.app.state.platform
    fields = dict(await read_fields(request))
    language = language_of(request, platform, fields.get("lang"))
    typed = fields.get("code", "")
    code = tokens.read(typed)
    if code is None:
        return send_fresh(request, platform.pages.home_again(language, typed[:64]), 422)
    return Redirect(f"/{code}?lang={language}", status_code=303, headers=_PRIVATE)


@get("/privacy", include_in_schema=False)
async def privacy(request: AnyRequest) -> Response[bytes]:
    """How answers are protected, and what cannot be hidden."""
    platform: Platform = request.app.state.platform
    return send(request, platform.pages.privacy(language_of(request, platform)))


@get("/receipt", include_in_schema=False)
async def receipt_form(request: AnyRequest) -> Response[bytes]:
    """Ask for a receipt code, to erase the answer it belongs to."""
    platform: Platform = request.app.state.platform
    return send(request, platform.pages.receipt(language_of(request, platform)))


@post("/receipt", include_in_schema=False, request_max_body_size=MOST_FORM_BYTES, status_code=200)
async def erase(request: AnyRequest) -> Response[bytes]:
    """Erase the answer of a receipt; it stops counting within seconds."""
    platform: Platform = request.app.state.platform
    fields = dict(await read_fields(request))
    language = language_of(request, platform, fields.get("lang"))
    typed = fields.get("code", "")
    receipt = tokens.read(typed)
    number = responses.response_id(platform.settings.keys, receipt) if receipt else None
    if number is None or not await platform.writer.run(responses.erase, number):
        return send_fresh(request, platform.pages.receipt_again(language, typed[:64]), 422)
    ANSWERS.labels("erased").inc()
    return send(request, platform.pages.notice("erased", language))


ROUTES = [open_link, answer, home, go, privacy, receipt_form, erase]
