"""``GET /api/v1/agencies/{agency}/comments``: what people write, for machines, by the rules of the page."""

from litestar import Response, get

from survey.comments.bodies import CommentsOut, comments_body
from survey.comments.results import CommentQuestion, answer_comments
from survey.places import NotFound
from survey.platform import Platform
from survey.problems import Refused
from survey.results import read_apart
from survey.routes.comment_docs import DESCRIPTION, RESPONSES
from survey.routes.doors import require_reader_of
from survey.routes.figures import AgencyCode, AnyRequest, UnitCode, WrittenPeriod, wanted_period

_NO_STORE = {"Cache-Control": "private, no-cache"}


@get(
    "/api/v1/agencies/{agency:str}/comments",
    operation_id="readAgencyComments",
    summary="Read what people write about an agency",
    description=DESCRIPTION,
    responses=RESPONSES,
    tags=["comments"],
    security=[{"agencyKey": []}],
)
async def read_agency_comments(
    request: AnyRequest, agency: AgencyCode, period: WrittenPeriod = None
) -> Response[CommentsOut]:
    """The comments of an agency."""
    return await _read(request, agency, None, period)


@get(
    "/api/v1/agencies/{agency:str}/units/{unit:str}/comments",
    operation_id="readUnitComments",
    summary="Read what people write about a unit",
    description=DESCRIPTION,
    responses=RESPONSES,
    tags=["comments"],
    security=[{"agencyKey": []}],
)
async def read_unit_comments(
    request: AnyRequest, agency: AgencyCode, unit: UnitCode, period: WrittenPeriod = None
) -> Response[CommentsOut]:
    """The comments of a unit."""
    return await _read(request, agency, unit, period)


async def _read(
    request: AnyRequest, agency: str, unit: str | None, period: str | None
) -> Response[CommentsOut]:
    await require_reader_of(request, agency)
    platform: Platform = request.app.state.platform
    question = CommentQuestion(
        instruments=platform.instruments,
        words=platform.settings.words_dir,
        instrument=platform.settings.instrument,
        period=wanted_period(period),
        agency=agency,
        unit=unit,
    )
    try:
        results = await read_apart(platform.database, answer_comments, question)
    except NotFound:
        what = "agency" if unit is None else "unit of this agency"
        raise Refused(404, "not-found", f"there is no such {what}, or this key may not read it") from None
    return Response(comments_body(results), headers=_NO_STORE)


ROUTES = [read_agency_comments, read_unit_comments]
