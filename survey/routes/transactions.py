"""``POST /api/v1/transactions``: an agency's system reports finished transactions and gets links."""

import tempfile
from collections.abc import Sequence
from typing import IO, Annotated, Any, Literal

import msgspec
from anyio import to_thread
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from survey.access import Caller
from survey.database import Unavailable
from survey.intake import (
    Format,
    RowProblem,
    Unreadable,
    check_readable,
    read_one,
    read_reports,
)
from survey.ledger import Outcome, Recording, Verdict, digest_body, record
from survey.platform import Platform
from survey.problems import Refused
from survey.qr import qr_png, qr_svg
from survey.recording import Claim, Context, RowResult, Tallied, claim_keys, record_entries, result_of
from survey.routes.api_docs import BatchRecorded, Recorded, RecordTransactions, refusals
from survey.routes.doors import require_agency

MOST_OBJECT_BYTES = 64 * 1024
QR = Literal["svg", "png", "none"]
IdempotencyHeader = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key with the same body gives the same outcome again; another body is refused.",
    ),
]
AnyRequest = Request[Any, Any, Any]
_EITHER: Any = BatchRecorded | Recorded  # a union is no class to the type checker
_FORMATS: dict[str, Format] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "text/csv": "csv",
}


@post(
    "/api/v1/transactions",
    status_code=201,
    request_max_body_size=None,
    operation_id="recordTransactions",
    operation_class=RecordTransactions,
    responses={
        200: ResponseSpec(
            _EITHER,
            description="A batch, row by row; or a transaction that was recorded before; or a dry run",
            generate_examples=False,
        ),
        201: ResponseSpec(Recorded, description="One transaction, recorded now", generate_examples=False),
        **refusals(400, 401, 409, 413, 415, 422, 503),
    },
    summary="Record finished transactions",
    description=(
        "Records each transaction once per external_ref and gives the citizen's link, until when it works and"
        " a QR code. The same row again is a duplicate and gives the same link; another row under the same"
        " external_ref is a conflict. A batch that cannot be read as a whole is refused before anything is"
        " stored; otherwise each row has its own result."
    ),
    tags=["transactions"],
    security=[{"agencyKey": []}],
)
async def record_transactions(
    request: AnyRequest,
    dry_run: Annotated[bool, QueryParameter(description="Check everything and store nothing.")] = False,
    qr: Annotated[
        QR | None, QueryParameter(description="QR code of each link; by default svg for one, none for many.")
    ] = None,
    idempotency_key: IdempotencyHeader = None,
) -> Response[Any]:
    """Record finished transactions and get the citizens' links."""
    platform: Platform = request.app.state.platform
    caller = await require_agency(request)
    form = _format(request)
    body = await _spool(request, platform.settings.max_batch_bytes)
    try:
        if form == "json" and _first_byte(body) == b"[":
            form = "array"
        context = await _context(platform, caller, body, dry_run, idempotency_key)
        if form == "json":
            return await _record_one(platform, context, body, qr or "svg")
        return await _record_batch(platform, context, body, form, qr or "none")
    except Unreadable as error:
        rows = [msgspec.to_builtins(problem) for problem in error.problems] or None
        raise Refused(400, "unreadable", str(error), rows=rows) from None
    finally:
        body.close()


def _format(request: AnyRequest) -> Format:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FORMATS:
        raise Refused(415, "media-type", f"send one of {', '.join(_FORMATS)}")
    return _FORMATS[kind]


async def _spool(request: AnyRequest, limit: int) -> IO[bytes]:
    # On disk, unnamed: bounded memory, and gone with the process. Read whole before anything is stored.
    body: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise Refused(413, "too-large", f"the body is larger than {limit} bytes; send it in parts")
            body.write(chunk)
    except BaseException:
        body.close()
        raise
    if size == 0:
        body.close()
        raise Refused(400, "empty", "the body is empty; send a transaction")
    return body


def _first_byte(body: IO[bytes]) -> bytes:
    body.seek(0)
    return body.read(64).lstrip()[:1]


async def _context(
    platform: Platform, caller: Caller, body: IO[bytes], dry_run: bool, key: str | None
) -> Context:
    context = Context(
        caller.agency_id,
        platform.settings,
        platform.now(),
        dry_run=dry_run,
        contact_rules=platform.national,
        sms=platform.sms is not None,
    )
    if key is None or dry_run:
        return context
    body.seek(0)
    fingerprint = digest_body(iter(lambda: body.read(1 << 16), b""))
    digest = platform.settings.keys.digest("idempotency", key)
    claim = Claim(caller.agency_id, digest, fingerprint, context.now)
    request_id = await platform.writer.run(claim_keys, claim)
    if request_id is None:
        raise Refused(
            422, "idempotency-key", "this Idempotency-Key was used before with another body; take a new one"
        )
    context.request_id = request_id
    return context


async def _record_one(platform: Platform, context: Context, body: IO[bytes], qr: QR) -> Response[Recorded]:
    body.seek(0)
    text = body.read(MOST_OBJECT_BYTES + 1)
    if len(text) > MOST_OBJECT_BYTES:
        raise Refused(413, "too-large", f"one transaction has at most {MOST_OBJECT_BYTES} bytes")
    report = read_one(text, context.rules)
    if isinstance(report, RowProblem):
        raise Refused(422, "invalid", report.reason, field=report.field)
    outcome = (await platform.writer.run(record, context.recording([report])))[0]
    result = result_of(1, outcome, context)
    if outcome.verdict is Verdict.REJECTED:
        status, name = (409, "conflict") if outcome.conflict else (422, "invalid")
        raise Refused(status, name, str(outcome.reason), field=outcome.field)
    status = 200 if context.dry_run or outcome.verdict is Verdict.DUPLICATE else 201
    await to_thread.run_sync(_draw, [result], qr)
    return Response(
        Recorded(
            status=result.status,  # type: ignore[arg-type]
            external_ref=report.external_ref,
            link=result.link,
            expires_at=result.expires_at,
            invited=result.invited,
            qr_svg=result.qr_svg,
            qr_png=result.qr_png,
        ),
        status_code=status,
    )


def _draw(results: Sequence[RowResult], qr: QR) -> None:
    for result in results:
        if result.link and qr == "svg":
            result.qr_svg = qr_svg(result.link)
        elif result.link and qr == "png":
            result.qr_png = qr_png(result.link)


def _cut_off(rows: int) -> Refused:
    return Refused(
        503,
        "unavailable",
        f"the database is not available; the first {rows} rows are done with, the others are not recorded:"
        " send the same body again soon, what is recorded already will come back as a duplicate",
        headers={"Retry-After": "10"},
    )


async def _record_batch(
    platform: Platform, context: Context, body: IO[bytes], form: Format, qr: QR
) -> Response[Any]:
    await to_thread.run_sync(check_readable, body, form)
    tallied = Tallied()

    async def recorder(recording: Recording) -> list[Outcome]:
        return await platform.writer.run(record, recording)

    async def draw(results: Sequence[RowResult]) -> None:
        if qr != "none":
            await to_thread.run_sync(_draw, results, qr)

    try:
        await record_entries(read_reports(body, form, context.rules), context, recorder, tallied, draw)
        rows = sum(tallied.counts.values())
        if rows == 0:
            raise Refused(400, "empty", "there is no row in the body; send a transaction")
    except BaseException as error:
        tallied.close()
        if isinstance(error, Unavailable):
            raise _cut_off(sum(tallied.counts.values())) from None
        raise
    return Stream(
        tallied.stream({"dry_run": context.dry_run}),
        status_code=422 if tallied.counts["rejected"] == rows else 200,
        media_type="application/json",
    )


ROUTES = [record_transactions]
