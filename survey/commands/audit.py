"""Audit a published table: does its index follow from its elements? Needs no database and no settings."""

import json
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
from rich.table import Table as Grid

from analysis.audit import Audit, AuditedElement, audit_published
from analysis.errors import Refused
from analysis.published import PublishedTable, Range
from analysis.published_files import MOST_BYTES, Form, read_published
from analysis.published_words import Order
from survey.commands.audit_texts import (
    cause_text,
    element_name,
    finding_text,
    harmless,
    letters_text,
    verdict,
    written,
)
from survey.commands.console import out
from survey.platform import read_instruments
from survey.results_texts import N_, say

FORMS: dict[str, Form] = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".json": "json"}
INSTRUMENT = "skm-2017.1"
"""Where the nine elements have their official names."""

_HEADS = (
    *(N_("Element"), N_("Answers"), N_("Mean, 1–4"), N_("25–100")),
    *(N_("Grade"), N_("Published grade")),
)


class Unreadable(click.ClickException):
    """The file is no table that can be audited; exit code 2, as for a wrong call."""

    exit_code = 2


@click.command("audit")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--order",
    type=click.Choice(["regulation", "questionnaire"]),
    help="What U8 and U9 are: complaints and facilities (regulation), or the reverse (questionnaire).",
)
@click.option("--lang", type=click.Choice(["id", "en"]), default="id", help="Language of the report.")
def audit(file: Path, as_json: bool, order: Order | None, lang: str) -> None:
    """Say whether the index of a published table (CSV or JSON) follows from it, and why perhaps not.

    Exit code 0: it follows. 1: it does not. 2: the file cannot be read as such a table.
    """
    form = FORMS.get(file.suffix.lower())
    if form is None:
        raise click.UsageError(f"name the file {', '.join(FORMS)}; the ending tells how to read it")
    try:
        # One byte more than allowed is enough to refuse a file without holding all of it.
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        table = read_published(data, form, order)
        done = audit_published(table)
    except OSError as error:
        raise Unreadable(f"{file.name}: {error.strerror}") from None
    except Refused as error:
        raise Unreadable(_one_line(str(error))) from None
    if as_json:
        click.echo(json.dumps(_plain(table, done), ensure_ascii=False, indent=2))
    else:
        show(table, done, lang)
    if not done.follows:
        sys.exit(1)


def show(table: PublishedTable, done: Audit, lang: str) -> None:
    """Print the verdict, the elements, and what was found."""
    names = {item.key: item.name[lang] for item in read_instruments()[INSTRUMENT].elements}
    _print(verdict(done, lang), style="bold")
    for text in (table.title, table.source):
        if text:
            _print(harmless(text, most=200), style="dim")
    grid = Grid(*(say(head, lang) for head in _HEADS))
    for element in done.elements:
        grid.add_row(*_cells(element, names, lang))
    out.print(grid, markup=False)
    groups = (
        (N_("What contradicts itself"), [one for one in done.findings if one.breaks]),
        (N_("Remarks"), [one for one in done.findings if not one.breaks]),
    )
    for head, findings in groups:
        _list(say(head, lang), [finding_text(one, names, lang) for one in findings])
    causes = [cause_text(one, done.k, names, lang) for one in done.causes]
    _list(say(N_("What would explain it, the likeliest first"), lang), causes)


def _cells(element: AuditedElement, names: dict[str, str], lang: str) -> tuple[str, ...]:
    mean = element.mean
    return (
        element_name(element.key, names),
        "" if element.answered is None else str(element.answered),
        written(mean.mid, lang, 3) if mean else "",
        written(25 * mean.mid, lang) if mean else "",
        letters_text(element.grades),
        harmless(element.printed or ""),
    )


def _list(head: str, lines: list[str]) -> None:
    if lines:
        _print(f"{head}:", style="bold")
    for line in lines:
        _print(f"- {line}")


def _print(text: str, style: str | None = None) -> None:
    out.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _one_line(message: str) -> str:
    return "".join(one if one.isprintable() else " " for one in message)


def _plain(table: PublishedTable, done: Audit) -> dict[str, Any]:
    return {
        "title": table.title,
        "source": table.source,
        "follows": done.follows,
        "headline_follows": done.headline_follows,
        "headline": _number(done.headline),
        "ikm": _number(done.ikm),
        "ikm_exact": None if done.ikm is None else str(done.ikm),
        "ikm_rounded": _number(done.rounded),
        **_ends(done.range),
        "off": _number(done.off),
        "grades": list(done.grades),
        "grade_2017": done.grade_2017,
        "grade_2004": done.grade_2004,
        "elements_in_index": done.k,
        "comparable": done.comparable,
        "elements": [
            {
                "element": one.key,
                "mean": _number(one.mean.mid) if one.mean else None,
                **_ends(one.mean),
                "from": one.source,
                "answered": one.answered,
                "grades": list(one.grades),
                "published_grade": one.printed,
            }
            for one in done.elements
        ],
        "findings": [
            {"finding": one.word, "breaks": one.breaks, "element": one.element, "numbers": _all(one.numbers)}
            for one in done.findings
        ],
        "causes": [
            {
                "cause": one.word,
                "ikm": _number(one.ikm.mid),
                **_ends(one.ikm),
                "element": one.element,
                "numbers": _all(one.numbers),
            }
            for one in done.causes
        ],
    }


def _ends(values: Range | None) -> dict[str, float | None]:
    return {"low": _number(values.low) if values else None, "high": _number(values.high) if values else None}


def _all(numbers: Any) -> dict[str, Any]:
    return {
        name: value if isinstance(value, (int, str)) else _number(value) for name, value in numbers.items()
    }


def _number(value: Fraction | Decimal | None) -> float | None:
    return None if value is None else float(value)
