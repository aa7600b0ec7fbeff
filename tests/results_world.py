"""A small world for the tests of figures: an installation, agencies, transactions and answers by the day."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from pydantic import SecretStr

from app import create_app
from survey import tokens
from survey.access import NewKey, create_keys, draw_api_key
from survey.agencies import NewUnit, register_agencies, register_services, register_units
from survey.answers import read_values
from survey.comments.readings import Entry, Readings, Theme, pack, packed_counts
from survey.comments.series import NewSeries, begin, find_current
from survey.imports import SeriesImport, read_table, store_series
from survey.ledger import INSERT_INVITATION, INSERT_TRANSACTION
from survey.platform import Platform
from survey.responses import INSERT_RESPONSE, response_row
from survey.settings import Environment, Settings
from survey.tallies import rebuild

NOW = 1_795_521_600  # 2026-11-24 12:00 UTC
ADMIN_KEY = "the-key-of-the-administrator-of-tests"
INSTRUMENT = "skm-2017.1"
CASES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "analysis" / "cases.json").read_text(encoding="utf-8")
)


def entry(
    label: int = 1,
    polarity: int | None = None,
    *themes: tuple[str, int],
    language: str = "id",
    confidence: int = 800,
) -> Entry:
    """What a series says of a comment; a theme is its key and its label."""
    found = tuple(Theme(key, sign, 500 * sign) for key, sign in themes)
    return Entry(language, label, 500 * label if polarity is None else polarity, confidence, found)


class World:
    """An installation served to a client; ``count`` makes what was added visible."""

    def __init__(self, app: Litestar, client: TestClient[Litestar]) -> None:
        self.platform: Platform = app.state.platform
        self.client = client

    def agency(
        self, code: str = "dukcapil", name: str = "Dinas Dukcapil", units: Sequence[str] = ("u1",)
    ) -> int:
        call = self.platform.writer.call
        agency_id: int = call(register_agencies, (code, name))
        call(register_services, (agency_id, "ktp", "KTP"))
        for unit in units:
            call(register_units, NewUnit(agency_id, unit, f"Kantor {unit}", "Asia/Jakarta"))
        return agency_id

    def key(self, agency_id: int) -> str:
        key = draw_api_key()
        self.platform.writer.call(
            create_keys, NewKey(agency_id, "test", key, self.platform.settings.keys, NOW)
        )
        return key

    def serve(
        self,
        agency_id: int,
        number: int,
        *,
        answered: int = 0,
        unit: int = 1,
        day: int = 20261110,
        service: int = 1,
        channel: str = "counter",
    ) -> None:
        """Add transactions, all invited, of which some are answered."""
        common = {
            "agency_id": agency_id,
            "unit_id": unit,
            "service_id": service,
            "channel": channel,
            "day": day,
        }
        transactions, invitations = [], []
        for place in range(number):
            transaction_id = tokens.draw_id()
            transactions.append(
                common
                | {
                    "id": transaction_id,
                    "outcome": "approved",
                    "finished_at": NOW,
                    "officer_digest": None,
                    "external_ref": f"REF-{transaction_id}",
                    "fingerprint": bytes(16),
                    "request_id": 0,
                    "sampling_probability": 1.0,
                    "recorded_at": NOW,
                }
            )
            invitations.append(
                common
                | {
                    "transaction_id": transaction_id,
                    "token_digest": transaction_id.to_bytes(16, "big"),
                    "state": "answered" if place < answered else "expired",
                    "timezone": "Asia/Jakarta",
                    "instrument": INSTRUMENT,
                    "language": None,
                    "contact": None,
                    "expires_at": NOW,
                }
            )
        self._add(INSERT_TRANSACTION, transactions)
        self._add(INSERT_INVITATION, invitations)

    def answer(
        self,
        agency_id: int,
        *rows: str,
        unit: int = 1,
        day: int = 20261110,
        service: int = 1,
        channel: str = "counter",
        instrument: str = INSTRUMENT,
        mode: str = "web",
        comment: str | None = None,
        reading: Entry | None = None,
        masked: dict[str, int] | None = None,
        sealed: bool = True,
    ) -> None:
        """Add answers: a digit per element, ``0`` for a skipped one; more for trust, ``-`` for not asked.

        All of them with the same comment and what the current series says of it, when there is one.
        """
        written = {
            "comment": comment,
            "masked": None if comment is None else packed_counts(masked or {}),
            "reading": None if reading is None else pack(Readings({self.series(): reading})),
            "sealed": int(sealed),
        }
        asked = self.platform.instruments[instrument]
        keys = [item.key for item in asked.items]
        self._add(
            INSERT_RESPONSE,
            [
                response_row(
                    read_values(
                        asked,
                        {key: int(mark) or None for key, mark in zip(keys, row, strict=False) if mark != "-"},
                    ),
                    agency_id=agency_id,
                    id=tokens.draw_id(),
                    unit_id=unit,
                    service_id=service,
                    channel=channel,
                    mode=mode,
                    source="invited",
                    language="en",
                    day=day,
                    instrument=instrument,
                )
                | written
                for row in rows
            ],
        )

    def series(self, version: str | None = None, *, now: int = NOW, **decision: Any) -> int:
        """The number of the current series; one of a version is begun, the first in any case.

        Of a hundred comments of each label its analyser gets 90 right, unless the decision says otherwise.
        """
        call = self.platform.writer.call
        current = call(find_current, None)
        if version is None and current is not None:
            return int(current.id)
        told = {"reason": "first", "confusion": [[90, 5, 5], [5, 90, 5], [5, 5, 90]], **decision}
        begun = call(begin, NewSeries(version or "lexicon-test", "lexicon", now, told))
        return int(begun.id)

    def import_sekadau(self, agency_id: int) -> None:
        """Import the published matrix of Sekadau, 49 respondents."""
        rows = "\n".join(",".join(row) for row in CASES["sekadau"]["rows"])
        table = read_table(rows.encode(), self.platform.instruments[INSTRUMENT], "questionnaire")
        one = SeriesImport(table, agency_id, 1, 20190630, "Semester I 2019", INSTRUMENT, "id", NOW)
        self.platform.writer.call(store_series, one)

    def count(self) -> None:
        """Count everything again, as the worker would within seconds."""
        for _ in rebuild(self.platform.writer, self.platform.definition):
            pass

    def _add(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        self.platform.writer.call(lambda tx, items: [tx.many(statement, rows) for _ in items], None)


@contextmanager
def installation(
    database_url: str, environment: Environment = Environment.DEMO, instrument: str = INSTRUMENT
) -> Iterator[World]:
    """An installation on a migrated database; in production with an administrator's key."""
    settings = Settings(
        _env_file=None,
        environment=environment,
        database_url=database_url,
        secret=SecretStr("a secret of tests, long enough for production"),
        admin_key=SecretStr(ADMIN_KEY),
        base_url="https://ikm.example",
        work_in_process=False,
        instrument=instrument,
    )
    app = create_app(settings, lambda: NOW)
    with TestClient(app) as client:
        yield World(app, client)
