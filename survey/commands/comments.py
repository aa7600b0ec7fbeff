"""The comments: under which series they are read, reading them again, training on them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from survey.commands.console import Refusal, err, opened, progress
from survey.comments.judge import Judge, appoint
from survey.comments.rescoring import count_read, rescore
from survey.comments.series import Series, list_series
from survey.comments.training import train
from survey.platform import Platform
from survey.recording import as_utc

_REASONS = {"first": "the first", "changed": "its words or rules changed"}


@click.group("comments")
def comments_group() -> None:
    """What citizens write, and who reads it."""


@comments_group.command("series")
def comments_series() -> None:
    """List every series of readings: version, state, since when, and why."""
    with opened() as platform:
        for series in platform.writer.call(list_series, None):
            click.echo(describe(series))


def describe(series: Series) -> str:
    """A series in one line."""
    state = {"current": "in use", "past": "past", "declined": "not used"}[series.state]
    return f"{series.id}  {state:<8}  {as_utc(series.begun_at)}  {series.version}  {_why(series.decision)}"


def _why(decision: Mapping[str, Any]) -> str:
    reason = str(decision.get("reason", ""))
    if decision.get("learned") is None:
        return _REASONS.get(reason, reason)
    return (
        f"{reason}: {decision['learned']:.1%} against {decision['lexicon']:.1%} right, difference"
        f" {100 * decision['difference']:+.1f} ± {100 * decision['standard_error']:.1f} points,"
        f" on {decision['n']} rated comments (both sides weighed alike)"
    )


@comments_group.command("train")
@click.option(
    "--csv",
    "csvs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of comments that somebody labelled, with the columns text and label; may be repeated.",
)
def comments_train(csvs: Sequence[Path]) -> None:
    """Learn from the comments that citizens rated; used only if that beats the lexicon."""
    from analysis.errors import Refused
    from analysis.sentiment.lexicon import DataError
    from analysis.sentiment.training import ExtraMissing

    with opened() as platform:
        try:
            with progress("training", counted=False) as bar:
                task = bar.add_task("", total=1.0)
                trained = train(
                    platform.writer,
                    platform.layouts,
                    platform.settings.words_dir,
                    csvs,
                    now=platform.now(),
                    progress=lambda stage, share: bar.update(task, completed=share, description=stage),
                )
        except (ExtraMissing, DataError, Refused, OSError) as error:
            raise Refusal(str(error)) from None
        click.echo(describe(trained.series))
        if trained.decision.used:
            click.echo("comments from now on are read with it; earlier ones: percaya comments rescore")


@comments_group.command("rescore")
def comments_rescore() -> None:
    """Read every comment under the current series too; what earlier series said of it stays."""
    with opened() as platform:
        judge = _judge(platform)
        _rescore(platform, judge)
        click.echo(f"every comment is read under series {judge.series.id} ({judge.series.version})")


def _judge(platform: Platform) -> Judge:
    try:
        return appoint(platform.writer, platform.settings.words_dir, platform.now())
    except (ValueError, OSError) as error:
        raise Refusal(f"PERCAYA_WORDS_DIR: {error}") from None


def _rescore(platform: Platform, judge: Judge) -> None:
    with progress("comments") as bar:
        task = bar.add_task("", total=platform.writer.call(count_read, None))
        for looked_at in rescore(platform.writer, platform.layouts, judge):
            bar.update(task, completed=looked_at)
    err.print("the counts follow within seconds where a worker runs", style="dim")
