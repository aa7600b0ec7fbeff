"""Engines, connections and pragmas: the only place, with the writer, that opens a connection."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import URL, Engine, bindparam, create_engine, event, insert, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ClauseElement
from sqlmodel import SQLModel

if TYPE_CHECKING:
    import psycopg

Row = tuple[Any, ...]
Parameters = dict[str, Any]

# WAL lets readers go on while one writes; FULL makes an acknowledged answer survive a power cut.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-16000",
)
CONNECT_SECONDS = 5
WORTH_A_COPY = 50


class Unavailable(Exception):
    """The database cannot be reached or is full; nothing was stored, trying again later is right."""


class DatabaseError(Exception):
    """The database URL cannot be used; the message says why."""


class Cursor(Protocol):
    """What SQLite's and PostgreSQL's cursors have in common."""

    rowcount: int

    def fetchone(self) -> Any: ...  # noqa: D102
    def fetchall(self) -> list[Any]: ...  # noqa: D102


class Statement:
    """A statement built once in SQLAlchemy Core and kept as text for each database.

    Compiling costs more than running on the hot path, so a statement is a module constant. PostgreSQL
    keeps the plan of one that runs often; ``keep_plan=False`` has it planned each time, for a statement
    whose plan for a small table would be ruinous for a large one.
    """

    def __init__(self, clause: ClauseElement, *, keep_plan: bool = True) -> None:
        self._clause = clause
        self.keep_plan = keep_plan
        self._compiled: dict[str, tuple[str, Parameters]] = {}

    def compiled(self, dialect: Dialect) -> tuple[str, Parameters]:
        """The SQL for a database, with named parameters, and the values of those that never change."""
        found = self._compiled.get(dialect.name)
        if found is None:
            compiled = self._clause.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
            binds = compiled.binds.items()  # type: ignore[attr-defined]
            constants = {name: bind.value for name, bind in binds if not bind.required}
            found = self._compiled[dialect.name] = (str(compiled), constants)
        return found


class Insertion(Statement):
    """Stores whole rows of a table, given as dictionaries of all its columns."""

    def __init__(self, table: type[SQLModel]) -> None:
        stored: Any = table.__table__  # type: ignore[attr-defined]
        self.table = str(stored.name)
        self.columns = [str(column.name) for column in stored.c]
        super().__init__(insert(stored).values({name: bindparam(name) for name in self.columns}))


class Database:
    """One database by its URL: ``sqlite:///path`` or ``postgresql://…``."""

    def __init__(self, url: str) -> None:
        self.url = _supported(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(self.url)
        self.dialect = self.engine.dialect
        # The module sqlite3 or psycopg: only the one in use is loaded, and both name their errors alike.
        self.driver: Any = self.dialect.loaded_dbapi

    def connect(self) -> "sqlite3.Connection | psycopg.Connection[Row]":
        """Open a plain connection, set up as this project needs it; the caller closes it.

        Raises:
            Unavailable: the database cannot be reached.
        """
        try:
            if self.sqlite:
                return _open_sqlite(str(self.url.database))
            plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
            return self.driver.connect(plain, connect_timeout=CONNECT_SECONDS)  # type: ignore[no-any-return]
        except self.driver.OperationalError as error:
            raise Unavailable(str(error).splitlines()[0]) from error

    def close(self) -> None:
        """Give back the pooled connections."""
        self.engine.dispose()


def _supported(url: str) -> URL:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise DatabaseError("SQLite needs a file: sqlite:///data/percaya.db")
        return parsed.set(drivername="sqlite")
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise DatabaseError(f"{parsed.get_backend_name()} is not supported: use sqlite:///… or postgresql://…")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=4, hide_parameters=True)
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, paramstyle="named")
    event.listen(engine, "connect", lambda connection, _record: _set_pragmas(connection))
    return engine


def _open_sqlite(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    _set_pragmas(connection)
    return connection


def _set_pragmas(connection: sqlite3.Connection) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


class Tx:
    """One transaction as a use case sees it: prebuilt statements in, plain tuples out."""

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self.sqlite = dialect.name == "sqlite"

    def _execute(self, statement: Statement, parameters: Parameters | None) -> Cursor:
        sql, constants = statement.compiled(self._dialect)
        values = {**constants, **(parameters or {})}
        cursor: Cursor
        if self.sqlite or statement.keep_plan:
            cursor = self._connection.execute(sql, values)
        else:
            cursor = self._connection.execute(sql, values, prepare=False)
        return cursor

    def run(self, statement: Statement, parameters: Parameters | None = None) -> int:
        """Run a statement; the number of rows it touched."""
        return self._execute(statement, parameters).rowcount

    def one(self, statement: Statement, parameters: Parameters | None = None) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._execute(statement, parameters).fetchone()
        return row

    def all(self, statement: Statement, parameters: Parameters | None = None) -> list[Row]:
        """Every row."""
        return self._execute(statement, parameters).fetchall()

    def many(self, statement: Statement, rows: Sequence[Parameters]) -> None:
        """Run a statement once per row of parameters; many whole rows go to PostgreSQL as a COPY."""
        if isinstance(statement, Insertion) and not self.sqlite and len(rows) >= WORTH_A_COPY:
            self._copy(statement, rows)
        elif rows:
            sql, constants = statement.compiled(self._dialect)
            cursor = self._connection.cursor()
            cursor.executemany(sql, [{**constants, **row} for row in rows] if constants else rows)
            cursor.close()

    def _copy(self, insertion: Insertion, rows: Sequence[Parameters]) -> None:
        command = f"COPY {insertion.table} ({', '.join(insertion.columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row([row[name] for name in insertion.columns])

    def each(self, statement: Statement, rows: Sequence[Parameters]) -> list[Row | None]:
        """Run a statement once per row of parameters; for each, the first row it gave, or None.

        PostgreSQL gets them all in one round trip (pipelined).
        """
        if self.sqlite or len(rows) == 1:
            return [self.one(statement, row) for row in rows]
        sql, constants = statement.compiled(self._dialect)
        found: list[Row | None] = []
        with self._connection.cursor() as cursor:
            cursor.executemany(sql, [{**constants, **row} for row in rows], returning=True)
            for _ in rows:
                found.append(cursor.fetchone())
                cursor.nextset()
        return found
