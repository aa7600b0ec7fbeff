"""How the API describes itself: bodies, examples and refusals for OpenAPI."""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIResponse, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from survey.intake import FIELDS, TransactionIn
from survey.problems import MEDIA_TYPE, Problem
from survey.recording import Invited, RowResult

EXAMPLE = {
    "unit": "loket-1",
    "service": "ktp",
    "channel": "counter",
    "outcome": "approved",
    "finished_at": "2026-11-24T09:30:00+07:00",
    "external_ref": "REG-2026-000123",
    "officer": "P07",
    "language": "id",
    "phone": "+6281234567890",
}


class BatchRecorded(msgspec.Struct):
    """What became of a batch: how many rows of each kind, and every row in order."""

    accepted: int
    duplicate: int
    rejected: int
    dry_run: bool
    results: list[RowResult]


class Recorded(msgspec.Struct, omit_defaults=True):
    """One recorded transaction: the citizen's link, until when it works, and its QR code.

    Where the agency's rules of contact sample, a transaction that is not drawn is recorded with ``invited``
    false and has no link; the same row again gives the same answer.
    """

    status: Literal["accepted", "duplicate"]
    external_ref: str
    link: str | None = None
    expires_at: str | None = None
    invited: Invited = True
    qr_svg: str | None = None
    qr_png: str | None = None


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """The problem responses of an operation."""
    said = {
        400: "The body cannot be read; nothing was stored",
        401: "No valid key",
        404: "There is no such thing, or this key may not see it",
        409: "Another transaction is recorded under this reference",
        413: "The body is too large",
        415: "Another media type is needed",
        422: "The values cannot be taken; nothing was stored",
        503: "The database is away; nothing was stored",
    }
    return {
        status: ResponseSpec(
            Problem,
            description=said[status],
            media_type=MEDIA_TYPE,
            generate_examples=False,
        )
        for status in statuses
    }


def _transaction_schema() -> Schema:
    _, components = msgspec.json.schema_components([TransactionIn], ref_template="{name}")
    described = components["TransactionIn"]
    return Schema(
        type=OpenAPIType.OBJECT,
        title="Transaction",
        description="A finished transaction. finished_at needs a UTC offset; phone is optional.",
        properties={name: _property(name, described["properties"][name]) for name in FIELDS},
        required=list(described["required"]),
        additional_properties=False,
    )


def _property(name: str, described: dict[str, Any]) -> Schema:
    options = described.get("anyOf", [described])
    kinds = [option for option in options if option.get("type") != "null"]
    kind = kinds[0]
    types = [OpenAPIType(kind.get("type", "string"))]
    if len(kinds) < len(options):
        types.append(OpenAPIType.NULL)
    values = kind.get("enum")
    return Schema(
        type=types if len(types) > 1 else types[0],
        enum=[*values, None] if values and len(types) > 1 else values,
        min_length=kind.get("minLength"),
        max_length=kind.get("maxLength"),
        pattern=kind.get("pattern"),
        format=OpenAPIFormat.DATE_TIME if name == "finished_at" else None,
        examples=[EXAMPLE[name]],
    )


def _csv_example() -> str:
    return ",".join(EXAMPLE) + "\n" + ",".join(EXAMPLE.values()) + "\n"


@dataclass
class RecordTransactions(Operation):
    """``POST /api/v1/transactions`` with all the bodies it takes."""

    def __post_init__(self) -> None:
        one = _transaction_schema()
        many = Schema(type=OpenAPIType.ARRAY, items=one, min_items=1)
        text = Schema(type=OpenAPIType.STRING)
        line = msgspec.json.encode(EXAMPLE).decode() + "\n"
        self.request_body = RequestBody(
            required=True,
            description="One object, a JSON array, NDJSON (one object a line) or CSV with a header.",
            content={
                "application/json": OpenAPIMediaType(
                    schema=Schema(one_of=[one, many]),
                    examples={
                        "one": Example(summary="One transaction", value=EXAMPLE),
                        "many": Example(summary="An array", value=[EXAMPLE]),
                    },
                ),
                "application/x-ndjson": OpenAPIMediaType(
                    schema=text, examples={"lines": Example(value=line)}
                ),
                "text/csv": OpenAPIMediaType(schema=text, examples={"table": Example(value=_csv_example())}),
            },
        )
        # A batch of which no row could be taken is told row by row, like one of which some could.
        responses = self.responses or {}
        accepted, refused = responses["200"], responses["422"]
        if isinstance(accepted, OpenAPIResponse) and isinstance(refused, OpenAPIResponse):
            refused.content = {**(refused.content or {}), **(accepted.content or {})}
