"""The ombudsman's queue of allegations, for the administrator and, in the demonstration, for everybody."""

from typing import Any

from litestar import Response, get, post

from survey.clock import day_in
from survey.comments.allegations import STATES, Deciding, QueueQuestion, decide, read_queue
from survey.comments.queue_views import address_of, question_of, queue_page
from survey.problems import Refused
from survey.results import read_apart
from survey.routes.doors import require_admin
from survey.routes.forms import fields_of, require_ours, see
from survey.routes.reviewing import HANDLERS, opened, sealer
from survey.routes.staff import AnyRequest, item_names, language_of, platform_of, send


def _question(request: AnyRequest) -> QueueQuestion:
    return question_of(dict(request.query_params), platform_of(request).settings.words_dir)


@get("/allegations", include_in_schema=False, exception_handlers=HANDLERS)
async def show_allegations(request: AnyRequest) -> Response[bytes]:
    """A page of the queue."""
    require_admin(request)
    platform, lang, question = platform_of(request), language_of(request), _question(request)
    queue = await read_apart(platform.database, read_queue, question)
    done = request.query_params.get("done", "")
    page = queue_page(queue, question, item_names(platform, lang), lang, done, sealer(request))
    return send(request, "allegations/queue", page)


@post("/allegations", include_in_schema=False, exception_handlers=HANDLERS, status_code=303)
async def decide_allegation(request: AnyRequest) -> Response[Any]:
    """Say what came of an allegation; it can be said anew at any time, so nothing is asked back."""
    require_ours(request)
    fields = await fields_of(request)
    platform = platform_of(request)
    seen, outcome = fields.get("seen", ""), fields.get("outcome", "")
    if seen not in STATES or outcome not in STATES:
        raise Refused(422, "invalid", "there is no such outcome")
    reference = opened(request, fields.get("ref", ""))
    day = day_in("Asia/Jakarta", platform.now())
    done = await platform.writer.run(decide, Deciding(reference, seen, outcome, day))
    return see(address_of(_question(request), language_of(request), done=done.value))


ROUTES = [show_allegations, decide_allegation]
