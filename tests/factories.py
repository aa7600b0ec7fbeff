"""Makes what tests need through the real use cases: links, answers, and a look at what is stored."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from survey import responses, tokens
from survey.answers import Answers, read_values
from survey.database import Database
from survey.ledger import DAY_SECONDS, Outcome, Recording, Report, record
from survey.platform import Platform
from survey.responses import LinkState, Submission

INSTRUMENT = "skm-2017.1"
ELEMENTS = (
    "requirements",
    "procedure",
    "time",
    "cost",
    "product",
    "competence",
    "behaviour",
    "facilities",
    "complaints",
)
FORM = {**dict.fromkeys(ELEMENTS, "3"), "v": "0", "shown": "id", "comment": ""}
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


def form_body(**changes: str) -> bytes:
    """A complete form as a browser sends it; keywords replace its fields."""
    return urlencode({**FORM, **changes}).encode()


def reported(reference: str, at: int, **changes: Any) -> Report:
    """A checked report of a transaction that finished at UTC epoch second ``at``."""
    known = Report("u1", "ktp", "counter", "approved", at, reference, None, "id", None)
    return known._replace(**changes)


def recording(platform: Platform, reports: Sequence[Report], **changes: Any) -> Recording:
    """Reports of agency 1, ready for the ledger, at the platform's time."""
    fields: dict[str, Any] = {
        "agency_id": 1,
        "reports": reports,
        "request_id": tokens.draw_id(),
        "now": platform.now(),
        "keys": platform.settings.keys,
        "instrument": INSTRUMENT,
        "invitation_seconds": platform.settings.invitation_days * DAY_SECONDS,
    }
    return Recording(**(fields | changes))


def issue(platform: Platform, count: int = 1, start: int = 0, **changes: Any) -> list[Outcome]:
    """Record ``count`` transactions in one request; their outcomes, links included."""
    at = platform.now() - 3600
    reports = [reported(f"ref-{start + number}", at, **changes) for number in range(count)]
    return platform.writer.call(record, recording(platform, reports))


def answers(
    platform: Platform, values: Mapping[str, int | None] | None = None, comment: str | None = None
) -> Answers:
    """Checked answers; without ``values`` a 3 to every element."""
    given = dict.fromkeys(ELEMENTS, 3) if values is None else values
    return read_values(platform.instruments[INSTRUMENT], given, comment=comment)


@dataclass(frozen=True)
class Answered:
    """What became of a submission, and the receipt its citizen would hold."""

    state: LinkState
    receipt: str


def submission(
    platform: Platform, code: str, receipt: str, given: Answers | None = None, language: str = "id"
) -> Submission:
    """An answer to a link, at the platform's time."""
    return Submission(
        token_digest=tokens.digest(platform.settings.keys.token_digest, code),
        instrument=INSTRUMENT,
        answers=given or answers(platform),
        language=language,
        mode="web",
        response_id=responses.response_id(platform.settings.keys, receipt),
        now=platform.now(),
    )


def answer(platform: Platform, code: str, given: Answers | None = None, language: str = "id") -> Answered:
    """Answer a link through the one function that accepts answers."""
    receipt = tokens.draw_receipt()
    state = platform.writer.call(responses.accept, submission(platform, code, receipt, given, language))
    return Answered(state, receipt)


@contextmanager
def connected(database: Database) -> Iterator[Any]:
    """A plain connection that commits each statement, closed afterwards."""
    connection = database.connect()
    if not database.sqlite:
        connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    """The rows a query gives, on a connection of its own."""
    with connected(database) as connection:
        return [tuple(row) for row in connection.execute(sql).fetchall()]


def count(database: Database, table: str, condition: str = "1 = 1") -> int:
    """How many rows a table has."""
    return int(rows(database, f"SELECT count(*) FROM {table} WHERE {condition}")[0][0])


def kill_connections(database: Database) -> int:
    """End every other session of this database, as a restart of the server would; how many there were."""
    with connected(database) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    return int(ended[0])
