"""Show figures in the terminal, or as the JSON of the API."""

import click
import msgspec

from survey.commands.console import Refusal, opened, out
from survey.commands.figure_lines import Line, lines_of
from survey.figure_bodies import figures_body
from survey.periods import read_period
from survey.places import NotFound
from survey.platform import Platform
from survey.results import Question, Results, answer_place


@click.command("figures")
@click.argument("agency")
@click.argument("unit", required=False)
@click.option("--period", help="2026, 2026-S1, 2026-Q3 or 2026-11; the latest twelve months if not said.")
@click.option("--json", "as_json", is_flag=True, help="Print the JSON that the API answers with.")
def figures(agency: str, unit: str | None, period: str | None, as_json: bool) -> None:
    """Show the figures of an agency or unit, and what stands beside them."""
    with opened() as platform:
        try:
            results = read(platform, agency, unit, period)
        except ValueError as error:
            raise Refusal(str(error)) from None
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(figures_body(results)), indent=2).decode())
        else:
            show(results)


def read(platform: Platform, agency: str, unit: str | None, period: str | None = None) -> Results:
    """The results of an agency or unit; ValueError for a period that cannot be read."""
    wanted = read_period(period) if period else None
    question = Question(platform.instruments, platform.settings.instrument, wanted, agency, unit)
    try:
        return platform.writer.call(answer_place, question)
    except NotFound as error:
        raise Refusal(str(error)) from None


def show(results: Results) -> None:
    """Print the figures of a place; lines are not broken, so that they can be searched."""
    out.print(results.place.name, style="bold", markup=False)
    for line in lines_of(figures_body(results)):
        if isinstance(line, Line):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            out.print(line)
