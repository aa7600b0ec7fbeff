"""The reader: sees what was committed, and reads on over a fresh connection when its own was killed."""

import asyncio
from typing import Any

import pytest
from factories import kill_connections

from survey.agencies import register_agencies
from survey.database import Database, Statement
from survey.models import Agency, columns
from survey.writer import Reader, Writer

ALL = Statement(columns(Agency).id.table.select())
on_postgres = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


def test_a_reader_sees_what_was_committed(database: Database, writer: Writer) -> None:
    reader = Reader(database)

    async def read() -> list[Any]:
        return list(await reader.run(lambda tx, items: [tx.all(ALL) for _ in items], None))

    try:
        assert asyncio.run(read()) == []
        writer.call(register_agencies, ("duk", "Dinas"))
        assert asyncio.run(read()) == [(1, "duk", "Dinas")]
    finally:
        reader.close()


@on_postgres
def test_a_reader_whose_connection_was_killed_reads_on(database: Database) -> None:
    reader = Reader(database)

    async def read() -> int:
        return await reader.run(lambda tx, items: [len(tx.all(ALL)) for _ in items], None)

    try:
        assert asyncio.run(read()) == 0
        assert kill_connections(database) >= 1
        assert asyncio.run(read()) == 0
    finally:
        reader.close()
