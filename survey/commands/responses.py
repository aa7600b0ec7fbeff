"""Import historical answers, erase an answer."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from survey import imports, responses, tallies, tokens
from survey.clock import as_day
from survey.commands.console import Refusal, err, opened, place_of
from survey.commands.figures import read, show


@click.group("responses")
def responses_group() -> None:
    """Answers: historical tables, erasure."""


@responses_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agency", required=True, help="Code of the agency.")
@click.option("--unit", required=True, help="Code of the unit.")
@click.option("--name", required=True, help="What the table is, e.g. 'SKM semester I 2019'.")
@click.option("--day", "on", required=True, help="The day it counts under, e.g. 2019-06-30.")
@click.option(
    "--order", type=click.Choice(["questionnaire", "regulation"]), help="Order of numbered columns."
)
@click.option(
    "--instrument", default=None, help="Instrument of the table; the one in the settings if not said."
)
def responses_import(
    file: Path,
    agency: str,
    unit: str,
    name: str,
    on: str,
    order: imports.Order | None,
    instrument: str | None,
) -> None:
    """Import a respondent × element table (CSV) as a series of its own, marked imported."""
    try:
        day = as_day(date.fromisoformat(on))
    except ValueError:
        raise click.UsageError("write --day like 2019-06-30") from None
    with opened() as platform:
        place = place_of(platform, agency, unit)
        chosen = platform.instruments.get(instrument or platform.settings.instrument)
        if chosen is None:
            raise Refusal(f"no such instrument; known are {', '.join(platform.instruments)}")
        table = _read_table(file.read_bytes(), chosen, order)
        series = imports.SeriesImport(
            table=table,
            agency_id=place.agency_id,
            unit_id=place.unit_id or 0,
            day=day,
            name=name,
            instrument=chosen.id,
            language=platform.settings.default_language,
            now=platform.now(),
        )
        try:
            stored = platform.writer.call(imports.store_series, series)
        except imports.TableRefused as error:
            raise Refusal(str(error)) from None
        tallies.refresh_all(platform.writer, platform.definition)
        click.echo(f"{stored} responses imported as {name!r}, order of columns: {table.order}")
        show(read(platform, agency, unit))


def _read_table(data: bytes, instrument: Any, order: imports.Order | None) -> imports.Table:
    try:
        return imports.read_table(data, instrument, order)
    except imports.OrderNeeded as error:
        if not sys.stdin.isatty():
            raise Refusal(str(error)) from None
        click.echo("The columns are only numbered, and two orders are in use for the last two elements:")
        click.echo("  questionnaire: 8 facilities, 9 complaints\n  regulation:    8 complaints, 9 facilities")
        asked = click.prompt(
            "Which order does the file use?", type=click.Choice(["questionnaire", "regulation"])
        )
        order = "regulation" if asked == "regulation" else "questionnaire"
        return _read_table(data, instrument, order)
    except imports.TableRefused as error:
        for problem in error.problems[1:]:
            err.print(f"row {problem.row}, column {problem.column}: {problem.reason}", markup=False)
        raise Refusal(str(error)) from None


@responses_group.command("erase")
@click.argument("receipt")
def responses_erase(receipt: str) -> None:
    """Erase the answer with this receipt code, as its owner asked."""
    code = tokens.read(receipt)
    with opened() as platform:
        number = responses.response_id(platform.settings.keys, code) if code else None
        if number is None or not platform.writer.call(responses.erase, number):
            raise Refusal("no answer has this receipt code")
        tallies.refresh_all(platform.writer, platform.definition)
        click.echo("erased; the tallies are counted again")
