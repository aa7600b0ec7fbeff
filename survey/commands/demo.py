"""The demonstration country: fill it, serve it, tell its truth, make a link."""

import time
from contextlib import closing

import click
from rich.table import Table as Grid

from survey import migrations, tallies
from survey.commands.console import Refusal, opened, out, progress, refusing
from survey.commands.console import settings as read
from survey.database import Database
from survey.demo.links import PHONE, draw_demo_link, find_demo_unit
from survey.demo.seed import Filling, clear, demo_country, find_filling, seed
from survey.demo.truth_report import truth_rows
from survey.places import NotFound
from survey.platform import Platform, open_platform
from survey.settings import Settings

_BY_SMS = f'PERCAYA_ENVIRONMENT=demo .venv/bin/percaya sms reply {PHONE} "4 3 4 4 4 3 4 4 4 petugas ramah"'


@click.group()
def demo() -> None:
    """The demonstration country."""


@demo.command("seed")
def demo_seed() -> None:
    """Fill an empty database with the demonstration country; a filled one is left as it is."""
    with opened() as platform:
        _refuse_outside_demo(platform.settings)
        if not _fill(platform):
            click.echo("the database already has data; they are kept")


@demo.command("run")
def demo_run() -> None:
    """Migrate, fill the database if it is empty, print the addresses worth opening, and serve."""
    # Only this command needs the application; the others start without waiting for it.
    from app import create_app
    from survey.commands.serving import listen, serve

    asked = read()
    _refuse_outside_demo(asked)
    # The address is taken first, so that a busy port is known before a minute of filling.
    with listen(asked.host, asked.port) as listening:
        port = listening.getsockname()[1]
        address = asked.base_url or f"http://{_readable(asked.host)}:{port}"
        settings = asked.model_copy(update={"port": port, "base_url": address})
        _prepare(settings)
        app = create_app(settings)
        lines = _addresses(app.state.platform)
        serve(app, listening, lambda: click.echo("\n".join(lines)))


@demo.command("truth")
def demo_truth() -> None:
    """Print what is really true of each unit of the demonstration country, beside what its answers say."""
    with opened() as platform:
        grid = Grid("unit", "true IKM", "estimate", "95 % interval", "n", "contains the truth")
        rows = truth_rows(platform, demo_country(platform.now()))
        for row in rows:
            grid.add_row(*row.cells())
        out.print(grid)
        inside = sum(row.inside is True for row in rows)
        judged = sum(row.inside is not None for row in rows)
        click.echo(f"{inside} of {judged} intervals contain the truth")


@demo.command("link")
def demo_link() -> None:
    """Record a transaction that finished just now and print its link."""
    with opened() as platform:
        try:
            click.echo(draw_demo_link(platform, find_demo_unit(platform)))
        except NotFound:
            raise Refusal("fill the demonstration first: percaya demo seed") from None


def _refuse_outside_demo(settings: Settings) -> None:
    if not settings.demo:
        raise Refusal("invented data belong to the demonstration only: set PERCAYA_ENVIRONMENT=demo")


def _prepare(settings: Settings) -> None:
    with refusing():
        with closing(Database(settings.database_url)) as database:
            database.connect().close()  # says plainly when there is nobody there
            migrations.upgrade(database)
        with closing(open_platform(settings)) as platform:
            _fill(platform)


def _fill(platform: Platform) -> bool:
    """Fill a database that is empty or was left half filled, with progress; whether that was needed."""
    filling = platform.writer.call(find_filling, None)
    if filling is Filling.FILLED:
        return False
    if filling is Filling.UNFINISHED:
        click.echo("the last filling was interrupted; it is done again from the beginning")
        platform.writer.call(clear, None)
    instrument = platform.instruments[platform.settings.instrument]
    started = time.monotonic()
    stored = 0
    with progress("transactions") as bar:
        task = bar.add_task("", total=None)
        for stored in seed(platform.writer, platform.settings, instrument, platform.now()):
            bar.update(task, completed=stored)
    with progress("units counted") as bar:
        task = bar.add_task("", total=len(platform.writer.call(tallies.list_units, None)))
        for number in tallies.rebuild(platform.writer, platform.definition):
            bar.update(task, completed=number)
    click.echo(f"{stored} transactions of an invented country in {time.monotonic() - started:.0f} s")
    return True


def _readable(host: str) -> str:
    """The host as a browser on this machine can open it."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared with, not listened on
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _addresses(platform: Platform) -> list[str]:
    """The addresses worth opening, one a line, with a fresh link for a citizen."""
    base = platform.settings.public_url
    lines = []
    try:
        unit = find_demo_unit(platform)
    except NotFound:
        click.echo("the database holds other agencies than the demonstration's; no citizen's link was made")
    else:
        # All three are about one unit, so that an answer can be seen to move its results.
        lines = [
            f"citizen form: {draw_demo_link(platform, unit, PHONE)}",
            f"answer it by SMS: {_BY_SMS}",
            f"agency results: {base}/results/{unit.agency}",
            f"unit results: {base}/results/{unit.agency}/{unit.unit}",
        ]
    pages = {
        "all results": "/results",
        "SMS, for the operator": "/operations/sms",
        "type a code": "/",
        "erase an answer": "/receipt",
        "privacy": "/privacy",
        "API description": "/openapi.json",
    }
    return [*lines, *(f"{name}: {base}{path}" for name, path in pages.items())]
