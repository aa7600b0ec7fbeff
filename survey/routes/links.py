"""The two things a citizen does with a link: open it, and answer once.

Their replies are sent without the framework's response objects, which would cost as much as storing an
answer.
"""

import random
from typing import Any, NamedTuple

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.types import ASGIApp, Receive, Scope, Send

from survey import responses, tokens
from survey.answers import Answers, AnswersRefused, Problem, read_form, shown_variant, wanted_language
from survey.counters import ANSWERS
from survey.database import Unavailable
from survey.instruments import Instrument
from survey.pages import Page
from survey.platform import Platform
from survey.responses import Link, LinkQuery, LinkState, Submission
from survey.routes.wire import fresh, language_of, platform_of, read_fields, send_page

# Room for a comment far beyond its limit, each character in twelve bytes, so that it can be given back
# with the reason and is not lost.
MOST_ANSWER_BYTES = 2 * 1024 * 1024
_STATUS = {LinkState.USED: 410, LinkState.EXPIRED: 410, LinkState.UNKNOWN: 404}
AnyRequest = Request[Any, Any, Any]
_draw = random.SystemRandom().randrange


class Reply(NamedTuple):
    """A page and the status it is sent with."""

    page: Page
    status: int = 200


class _Sent(NamedTuple):
    """A form as it came in, and the digest of the code it came for."""

    scope: Scope
    platform: Platform
    digest: bytes
    fields: list[tuple[str, str]]


@get("/{code:str}", include_in_schema=False)
async def open_link(request: AnyRequest, code: FromPath[str]) -> ASGIApp:
    """Show the form of a link. Opening changes nothing, however often and by whomever."""
    return _sending(await _open(request.scope, _digest(request.scope, code)))


@post("/{code:str}", include_in_schema=False)
async def answer(request: AnyRequest, code: FromPath[str]) -> ASGIApp:
    """Take an answer, once."""
    digest = _digest(request.scope, code)
    return _sending(await _answer(request.scope, request.receive, digest))


def _sending(reply: Reply) -> ASGIApp:
    async def send_reply(scope: Scope, _receive: Receive, send: Send) -> None:
        await send_page(scope, send, reply.page, reply.status)

    return send_reply


def _digest(scope: Scope, text: str) -> bytes | None:
    code = tokens.read(text)
    # A mistyped code fails its check character and never reaches the database.
    return None if code is None else tokens.digest(platform_of(scope).settings.keys.token_digest, code)


async def _open(scope: Scope, digest: bytes | None) -> Reply:
    platform = platform_of(scope)
    found = await _find(platform, digest)
    if found.state is not LinkState.OPEN:
        return _closed(scope, found.state)
    instrument = platform.instruments[found.instrument]
    # Drawn anew at each opening: derived from the code, it would tie the answers to the link.
    variant = _draw(len(instrument.variants))
    return Reply(platform.pages.form(found.instrument, language_of(scope, found.language), variant))


async def _answer(scope: Scope, receive: Receive, digest: bytes | None) -> Reply:
    fields = await read_fields(scope, receive, MOST_ANSWER_BYTES)
    if digest is None:
        return _closed(scope, LinkState.UNKNOWN)
    sent = _Sent(scope, platform_of(scope), digest, fields)
    values = dict(fields)
    instrument = sent.platform.instruments.get(values.get("instrument", ""))
    if instrument is None or "lang" in values:
        found = await _find(sent.platform, digest)
        if found.state is not LinkState.OPEN:
            return _closed(scope, found.state)
        instrument = sent.platform.instruments[found.instrument]
        if wanted := wanted_language(instrument, fields):
            return _again(sent, instrument, wanted, [], 200)
    shown = values.get("shown", "")
    language = shown if shown in instrument.languages else language_of(scope)
    try:
        answers = read_form(instrument, fields)
    except AnswersRefused as refused:
        # Only now is the link looked at: most forms are right, and storing looks at it anyway.
        found = await _find(sent.platform, digest)
        if found.state is not LinkState.OPEN:
            return _closed(scope, found.state)
        ANSWERS.labels("refused").inc()
        return _again(sent, instrument, language, refused.problems, 422)
    return await _store(sent, instrument, language, answers)


async def _store(sent: _Sent, instrument: Instrument, language: str, answers: Answers) -> Reply:
    receipt = tokens.draw_receipt()
    submission = Submission(
        token_digest=sent.digest,
        instrument=instrument.id,
        answers=answers,
        language=language,
        mode="web",
        response_id=responses.response_id(sent.platform.settings.keys, receipt),
        now=sent.platform.now(),
    )
    try:
        state = await sent.platform.writer.run(responses.accept, submission)
    except Unavailable:
        return _again(sent, instrument, language, [Problem("", "try_later")], 503)
    if state is not LinkState.OPEN:
        return _closed(sent.scope, state)
    ANSWERS.labels("accepted").inc()
    return Reply(sent.platform.pages.thanks(language, receipt))


def _again(sent: _Sent, instrument: Instrument, language: str, problems: list[Problem], status: int) -> Reply:
    variant = shown_variant(instrument, sent.fields)
    variant = _draw(len(instrument.variants)) if variant is None else variant
    pages = sent.platform.pages
    body = pages.form_again(instrument, language, variant, dict(sent.fields), problems)
    return Reply(fresh(body), status)


def _closed(scope: Scope, state: LinkState) -> Reply:
    page = platform_of(scope).pages.notice(state.value, language_of(scope))  # type: ignore[arg-type]
    return Reply(page, _STATUS[state])


async def _find(platform: Platform, digest: bytes | None) -> Link:
    if digest is None:
        return Link(LinkState.UNKNOWN)
    return await platform.reader.run(responses.find_links, LinkQuery(digest, platform.now()))


ROUTES = [open_link, answer]
