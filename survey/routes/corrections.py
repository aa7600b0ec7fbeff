"""Corrections of what comments are about, for the administrator and, in the demonstration, for everybody."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from survey.clock import day_in
from survey.comments.allegations import Done
from survey.comments.correcting import CommentAsked, Correcting, correct, find_correctable
from survey.comments.correction_views import correction_page, corrections_page, themes_of
from survey.comments.queue_views import CORRECTIONS, correction_address
from survey.comments.sampling import read_samples
from survey.problems import Refused
from survey.results import read_apart
from survey.routes.doors import require_admin
from survey.routes.forms import fields_of, require_ours, see
from survey.routes.reviewing import HANDLERS, opened, sealer
from survey.routes.staff import AnyRequest, item_names, language_of, platform_of, send


def _month(request: AnyRequest) -> str:
    """The month of the sample that is worked through, or nothing."""
    month: str = request.query_params.get("month", "")
    return month if len(month) == 6 and month.isascii() and month.isdigit() else ""


def _done(request: AnyRequest) -> str:
    done: str = request.query_params.get("done", "")
    return done


@get("/corrections", include_in_schema=False, exception_handlers=HANDLERS)
async def show_corrections(request: AnyRequest) -> Response[bytes]:
    """The sample of a month, and how often the rules are right."""
    require_admin(request)
    platform, lang, month = platform_of(request), language_of(request), _month(request)
    samples = await read_apart(platform.database, read_samples, int(month) if month else None)
    page = corrections_page(samples, item_names(platform, lang), lang, _done(request), sealer(request))
    return send(request, "allegations/corrections", page)


@get("/corrections/{sealed:str}", include_in_schema=False, exception_handlers=HANDLERS)
async def show_correction(request: AnyRequest, sealed: FromPath[str]) -> Response[bytes]:
    """A comment, and a form to say what it is about."""
    require_admin(request)
    platform, lang = platform_of(request), language_of(request)
    asked = CommentAsked(opened(request, sealed), platform.settings.words_dir)
    found = await read_apart(platform.database, find_correctable, asked)
    if found is None:
        raise Refused(404, "not-found", "there is no such comment")
    names = item_names(platform, lang)
    page = correction_page(found, sealed, _month(request), names, lang, _done(request))
    return send(request, "allegations/correction", page)


@post("/corrections", include_in_schema=False, exception_handlers=HANDLERS, status_code=303)
async def correct_comment(request: AnyRequest) -> Response[Any]:
    """Say what a comment is about, or take that back."""
    require_ours(request)
    fields = await fields_of(request)
    platform, lang, month = platform_of(request), language_of(request), _month(request)
    sealed = fields.get("ref", "")
    try:
        themes = themes_of(fields)
    except ValueError as error:
        raise Refused(422, "invalid", str(error)) from None
    day = day_in("Asia/Jakarta", platform.now())
    item = Correcting(opened(request, sealed), fields.get("seen", ""), themes, day)
    done = await platform.writer.run(correct, item)
    if done is Done.MEANWHILE or (done is Done.STORED and not month):
        asked = {"month": month} if month else {}
        return see(correction_address(sealed, lang, done=done.value, **asked))
    listed = {"lang": lang, "done": done.value} | ({"month": month} if month else {})
    return see(f"{CORRECTIONS}?{urlencode(listed)}")


ROUTES = [show_corrections, show_correction, correct_comment]
