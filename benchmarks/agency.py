"""An agency: registered, and its system that reports transactions in batches and gets links."""

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from benchmarks.servers import SECRET
from survey.access import NewKey, create_keys, draw_api_key
from survey.agencies import NewUnit, register_agencies, register_services, register_units
from survey.database import Database
from survey.settings import Environment, Settings
from survey.writer import Writer

UNITS = 100
DAYS = 3
ROWS_PER_BATCH = 1000


def settings() -> Settings:
    """Settings with the secret that the measured servers have."""
    return Settings(environment=Environment.DEMO, secret=SecretStr(SECRET))


def register(url: str, now: int) -> str:
    """Register an agency with ``UNITS`` units and one service; its API key."""
    database = Database(url)
    writer = Writer(database)
    agency = writer.call(register_agencies, ("duk", "Dinas Kependudukan"))
    for number in range(UNITS):
        writer.call(register_units, NewUnit(agency, f"u{number}", f"Loket {number}", "Asia/Jakarta"))
    writer.call(register_services, (agency, "ktp", "KTP-el"))
    key = draw_api_key()
    writer.call(create_keys, NewKey(agency, "benchmark", key, settings().keys, now))
    writer.close()
    database.close()
    return key


def batches(count: int, now: int, *, phones: bool, rows: int = ROWS_PER_BATCH) -> list[bytes]:
    """Bodies of ``rows`` transactions as NDJSON, spread over all units and the last ``DAYS`` days."""
    lines = (json.dumps(report).encode() for report in _reports(count * rows, now, phones))
    return [b"\n".join(next(lines) for _ in range(rows)) for _ in range(count)]


def _reports(count: int, now: int, phones: bool) -> Iterator[dict[str, object]]:
    today = datetime.fromtimestamp(now, UTC)
    for number in range(count):
        finished_at = today - timedelta(days=number // UNITS % DAYS, seconds=number % 3600)
        report: dict[str, object] = {
            "unit": f"u{number % UNITS}",
            "service": "ktp",
            "channel": "counter",
            "outcome": "approved",
            "finished_at": finished_at.isoformat(timespec="seconds"),
            "external_ref": f"KTP/2026/{number:08d}",
            "officer": f"o{number % 300}",
        }
        if phones:
            report["phone"] = f"+62812{number % 100_000_000:08d}"
        yield report


class Reporting:
    """A connection over which an agency's system reports batches."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/x-ndjson",
            "Host": "ikm.go.id",
        }

    def send(self, batch: bytes) -> bytes:
        """Report one batch; the answer as it came.

        Raises:
            RuntimeError: the answer was not 200.
        """
        self._connection.request("POST", "/api/v1/transactions", batch, self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {body[:200]!r}")
        return body

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def links_in(answer: bytes) -> list[str]:
    """The codes of the links in the answer to a batch.

    Raises:
        RuntimeError: a row was not accepted.
    """
    results = json.loads(answer)["results"]
    refused = [result for result in results if result["status"] != "accepted"]
    if refused:
        raise RuntimeError(f"not accepted: {refused[0]}")
    return [result["link"].rpartition("/")[2] for result in results]
