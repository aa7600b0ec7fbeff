"""`python -m benchmarks`: measure and print."""

import json
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from benchmarks import fill, indices, links, memory, sms, sms_queue
from benchmarks.results import Result, as_data, as_table
from benchmarks.stores import PostgresStores, SqliteStores, Stores, postgres_server
from tests.smpp.kannel import Missing, running

_WORK = ("fill", "links", "memory", "indices", "sentiment", "sms", "all")
_DATABASES = {
    "both": ("sqlite", "postgres"),
    "sqlite": ("sqlite",),
    "postgres": ("postgres",),
    "none": (),
}


@click.command()
@click.argument("what", type=click.Choice(_WORK), default="all")
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
@click.option(
    "--messages", type=click.IntRange(100), default=4000, show_default=True, help="SMS a repetition."
)
@click.option(
    "--queued", type=click.IntRange(2000), default=1_000_000, show_default=True, help="A long queue of SMS."
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Labelled sets for sentiment: NAME.tsv with text and label.",
)
def main(
    what: str,
    database: str,
    file: Path | None,
    repeats: int,
    fills: int,
    clients: int,
    many: int,
    messages: int,
    queued: int,
    data: Path | None,
) -> None:
    """Measure what the hot paths cost, each beside its floor, and print a table."""
    results: list[Result] = indices.measure() if what in ("indices", "all") else []
    if what in ("sentiment", "all"):
        results += _sentiment(data, repeats)
    if what in ("indices", "sentiment"):
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
            if what in ("sms", "all"):
                results += _sms(stores, messages, repeats, queued, needed=what == "sms")
    click.echo(as_table(results))
    if what in ("sms", "all"):
        click.echo("\n" + sms_queue.segments_table())
    if file is not None:
        file.write_text(json.dumps(as_data(results), indent=2, ensure_ascii=False) + "\n")


def _sentiment(data: Path | None, repeats: int) -> list[Result]:
    """Say how well comments are read, and measure what it costs."""
    # The comments of the tests are read when these are imported.
    from benchmarks import sentiment, sentiment_speed

    for part in sentiment.report(data):
        click.echo(f"{part}\n")
    training, texts = sentiment.to_read(data)
    return sentiment_speed.measure(training, texts, repeats=repeats) + sentiment_speed.fresh(repeats=repeats)


def _sms(stores: Stores, messages: int, repeats: int, queued: int, *, needed: bool) -> list[Result]:
    with tempfile.TemporaryDirectory() as directory:
        try:
            with running(Path(directory)) as kannel:
                sent = sms.measure(stores, kannel, messages=messages, repeats=repeats)
                return sent + sms_queue.measure(stores, kannel, many=queued, few=1000)
        except Missing as missing:
            if needed:
                raise click.ClickException(str(missing)) from None
            click.echo(f"SMS is not measured: {missing}", err=True)
            return []


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
