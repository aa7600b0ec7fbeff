"""The quiet work, and counting everything again."""

import click

from survey import tallies
from survey.commands.console import err, opened, progress
from survey.sealing import seal as seal_now


@click.group("tallies")
def tallies_group() -> None:
    """The counts behind every figure."""


@tallies_group.command("work")
def tallies_work() -> None:
    """Do the quiet work (score, count, expire, seal) as a process of its own until interrupted."""
    with opened() as platform:
        err.print("working; stop with Ctrl-C", style="dim")
        try:
            platform.worker.run()
        except KeyboardInterrupt:
            return


@tallies_group.command("rebuild")
def tallies_rebuild() -> None:
    """Count everything again from the responses and say whether the kept counts were right."""
    with opened() as platform:
        tallies.refresh_all(platform.writer, platform.definition)
        before = platform.writer.call(tallies.read_kept, None)
        total = len(platform.writer.call(tallies.list_units, None))
        with progress("units") as bar:
            task = bar.add_task("", total=total)
            for number in tallies.rebuild(platform.writer, platform.definition):
                bar.update(task, completed=number)
        after = platform.writer.call(tallies.read_kept, None)
        different = len(set(before) ^ set(after))
        click.echo(f"{len(after)} tallies rebuilt, {different} differ from those kept before")


@click.command()
def seal() -> None:
    """Shuffle the responses of the days that are over (the worker does it every night)."""
    with opened() as platform:
        click.echo(f"{seal_now(platform.database, platform.now())} responses sealed")
