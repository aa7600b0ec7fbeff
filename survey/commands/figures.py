"""Show figures in the terminal, or as JSON."""

import json
from typing import Any

import click
from rich.table import Table as Grid

from survey.commands.console import Refusal, opened, out
from survey.figures import GRADED_FROM, Figure
from survey.periods import read_period
from survey.places import NotFound
from survey.platform import Platform
from survey.results import Question, Results, answer_place


@click.command("figures")
@click.argument("agency")
@click.argument("unit", required=False)
@click.option("--period", help="2026, 2026-S1, 2026-Q3 or 2026-11; the latest twelve months if not said.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def figures(agency: str, unit: str | None, period: str | None, as_json: bool) -> None:
    """Show the figures of an agency or unit."""
    with opened() as platform:
        try:
            results = read(platform, agency, unit, period)
        except ValueError as error:
            raise Refusal(str(error)) from None
        if as_json:
            both = {"figure": _plain(results.figure), "imported": _plain(results.imported)}
            click.echo(json.dumps(both, ensure_ascii=False, indent=2))
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


def _plain(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    interval = figure.interval
    return {
        "ikm": None if figure.value is None else float(figure.value),
        "ikm_exact": figure.exact,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "grade": figure.grade,
        "n": figure.n,
        "transactions": figure.funnel.transactions if figure.funnel else None,
        "response_rate": figure.funnel.response_rate if figure.funnel else None,
        "period": figure.period.text,
        "source": figure.source,
        "withheld": figure.withheld,
        "method": figure.method,
    }


def show(results: Results) -> None:
    """Print the figures of a place."""
    out.print(results.place.name, style="bold", markup=False)
    for title, figure in (("IKM", results.figure), ("IKM (imported)", results.imported)):
        if figure is None or (figure.source == "invited" and figure.n == 0 and results.imported):
            continue
        if figure.value is None or figure.interval is None:
            out.print(f"{title}: withheld ({figure.withheld}), n = {figure.n}", markup=False)
            continue
        grade = figure.grade or f"withheld below {GRADED_FROM} answers"
        sure = "" if figure.grade is None or figure.grade_certain else ", grade not certain"
        out.print(
            f"{title} {figure.value}  95 % interval {figure.interval.low:.2f}-{figure.interval.high:.2f}"
            f"  grade {grade}{sure}  n = {figure.n}  {figure.period.text}",
            markup=False,
            highlight=False,
        )
        grid = Grid("element", "answers", "NRR", "25-100", "grade")
        for element in sorted(figure.elements, key=lambda one: one.nrr):
            grid.add_row(
                element.key, str(element.answered), str(element.nrr), str(element.value), element.grade or ""
            )
        out.print(grid)
