"""The demonstration country: fill it, tell its truth, make a link."""

import time

import click
from rich.table import Table as Grid

from survey import tallies
from survey.commands.console import Refusal, opened, out, progress
from survey.demo.links import draw_demo_link
from survey.demo.seed import demo_country, is_empty, seed
from survey.demo.truth_report import truth_rows


@click.group()
def demo() -> None:
    """The demonstration country."""


@demo.command("seed")
def demo_seed() -> None:
    """Fill an empty database with the demonstration country; a filled one is left as it is."""
    with opened() as platform:
        if not platform.settings.demo:
            raise Refusal("invented data belong to the demonstration only: set PERCAYA_ENVIRONMENT=demo")
        if not platform.writer.call(is_empty, None):
            click.echo("the database already has data; they are kept")
            return
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
        click.echo(draw_demo_link(platform))
