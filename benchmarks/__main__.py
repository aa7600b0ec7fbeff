"""`python -m benchmarks`: measure and print."""

import json
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from benchmarks import fill, indices, links, memory
from benchmarks.results import Result, as_data, as_table
from benchmarks.stores import PostgresStores, SqliteStores, Stores, postgres_server

_DATABASES = {
    "both": ("sqlite", "postgres"),
    "sqlite": ("sqlite",),
    "postgres": ("postgres",),
    "none": (),
}


@click.command()
@click.argument("what", type=click.Choice(["fill", "links", "memory", "indices", "all"]), default="all")
@click.option("--database", type=click.Choice(["sqlite", "postgres", "both"]), default="both")
@click.option(
    "--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Keep the data here too."
)
@click.option("--repeats", type=click.IntRange(1), default=3, show_default=True, help="The best one counts.")
@click.option(
    "--fills", type=click.IntRange(100), default=3000, show_default=True, help="Fills a repetition."
)
@click.option("--clients", type=click.IntRange(1), default=16, show_default=True, help="Citizens at a time.")
@click.option(
    "--links", "many", type=click.IntRange(1000), default=20_000, show_default=True, help="Links issued."
)
def main(
    what: str, database: str, file: Path | None, repeats: int, fills: int, clients: int, many: int
) -> None:
    """Measure what the hot paths cost, each beside its floor, and print a table."""
    results: list[Result] = indices.measure() if what in ("indices", "all") else []
    if what == "indices":
        database = "none"
    for name in _DATABASES[database]:
        with _opened(name) as stores:
            if what in ("fill", "all"):
                results.append(fill.measure(stores, fills=fills, repeats=repeats, clients=clients))
            if what in ("links", "all"):
                for phones in (False, True):
                    results += links.measure(stores, links=many, repeats=repeats, phones=phones)
            if what in ("memory", "all"):
                results.append(memory.measure(stores, repeats=repeats))
    click.echo(as_table(results))
    if file is not None:
        file.write_text(json.dumps(as_data(results), indent=2, ensure_ascii=False) + "\n")


@contextmanager
def _opened(name: str) -> Iterator[Stores]:
    # A short path: a Unix socket's address has at most 107 characters.
    directory = Path(tempfile.gettempdir()) / f"percaya-{uuid.uuid4().hex[:8]}"
    directory.mkdir()
    try:
        if name == "sqlite":
            yield SqliteStores(directory)
        else:
            with postgres_server(directory) as server:
                yield PostgresStores(server)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
