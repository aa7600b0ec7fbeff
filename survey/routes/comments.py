"""The pages of the comments, for those who may see the results."""

from litestar import Response, get
from litestar.params import FromPath

from survey.comments.drawings import comment_drawing
from survey.comments.results import CommentQuestion, CommentResults, answer_comments
from survey.comments.views import Asked, asked_of, comments_page
from survey.drawn import PICTURES
from survey.pictures import COMMENT_SUBJECTS
from survey.places import NotFound
from survey.results import read_apart
from survey.routes.doors import require_admin
from survey.routes.figure_troubles import HANDLERS
from survey.routes.staff import (
    AnyRequest,
    item_names,
    language_of,
    period_of,
    platform_of,
    send,
    send_picture,
    written_period,
)


@get("/comments/{agency:str}", include_in_schema=False, exception_handlers=HANDLERS)
async def show_agency_comments(request: AnyRequest, agency: FromPath[str]) -> Response[bytes]:
    """What people write about an agency."""
    return await _show(request, agency, None)


@get("/comments/{agency:str}/{unit:str}", include_in_schema=False, exception_handlers=HANDLERS)
async def show_unit_comments(
    request: AnyRequest, agency: FromPath[str], unit: FromPath[str]
) -> Response[bytes]:
    """What people write about a unit."""
    return await _show(request, agency, unit)


async def _show(request: AnyRequest, agency: str, unit: str | None) -> Response[bytes]:
    require_admin(request)
    asked, lang = _asked(request), language_of(request)
    results = await _read(request, agency, unit, asked, texts=True)
    names = item_names(platform_of(request), lang)
    return send(request, "comments/place", comments_page(results, names, lang, asked))


@get("/comments/{agency:str}/pictures/{name:str}", include_in_schema=False, exception_handlers=HANDLERS)
async def show_agency_comments_picture(
    request: AnyRequest, agency: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """A picture of the comments about an agency."""
    return await _show_picture(request, agency, None, name)


@get(
    "/comments/{agency:str}/{unit:str}/pictures/{name:str}",
    include_in_schema=False,
    exception_handlers=HANDLERS,
)
async def show_unit_comments_picture(
    request: AnyRequest, agency: FromPath[str], unit: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """A picture of the comments about a unit."""
    return await _show_picture(request, agency, unit, name)


async def _show_picture(request: AnyRequest, agency: str, unit: str | None, name: str) -> Response[bytes]:
    require_admin(request)
    subject = next((subject for subject in COMMENT_SUBJECTS if name == f"{subject}.svg"), None)
    if subject is None:
        raise NotFound(name)
    asked, lang = _asked(request), language_of(request)
    results = await _read(request, agency, unit, asked, texts=False)
    names = item_names(platform_of(request), lang)
    drawing = comment_drawing(results, subject, names, lang, corrected=asked.corrected)
    if drawing.empty:
        raise NotFound(name)
    return send_picture(request, await PICTURES.get(drawing))


def _asked(request: AnyRequest) -> Asked:
    return asked_of(written_period(request), dict(request.query_params))


async def _read(
    request: AnyRequest, agency: str, unit: str | None, asked: Asked, *, texts: bool
) -> CommentResults:
    platform = platform_of(request)
    question = CommentQuestion(
        instruments=platform.instruments,
        words=platform.settings.words_dir,
        instrument=platform.settings.instrument,
        period=period_of(request),
        agency=agency,
        unit=unit,
        chosen=asked.chosen,
        corrected=asked.corrected,
        texts=texts,
    )
    return await read_apart(platform.database, answer_comments, question)


ROUTES = [
    show_agency_comments,
    show_unit_comments,
    show_agency_comments_picture,
    show_unit_comments_picture,
]
