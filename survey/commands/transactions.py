"""Record transactions from files."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from survey.commands.console import Refusal, err, opened, place_of, progress
from survey.intake import Format, RowProblem, Unreadable, check_readable, read_reports
from survey.ledger import record
from survey.platform import Platform
from survey.recording import Context, RowResult, chunked, results_of

_FORMATS: dict[str, Format] = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "array"}


@click.group()
def transactions() -> None:
    """Finished transactions."""


@transactions.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agency", required=True, help="Code of the agency.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write row results here as NDJSON."
)
@click.option("--dry-run", is_flag=True, help="Check everything and store nothing.")
def transactions_import(file: Path, agency: str, output: Path | None, dry_run: bool) -> None:
    """Record the transactions of a CSV, NDJSON or JSON-array FILE; the twin of POST /api/v1/transactions."""
    form = _FORMATS.get(file.suffix.lower())
    if form is None:
        raise click.UsageError(f"name the file {', '.join(_FORMATS)}; the ending tells how to read it")
    with opened() as platform, file.open("rb") as body:
        context = Context(
            place_of(platform, agency).agency_id,
            platform.settings,
            platform.now(),
            dry_run=dry_run,
            contact_rules=platform.national,
            sms=platform.sms is not None,
        )
        try:
            check_readable(body, form)
        except Unreadable as error:
            for problem in error.problems[1:]:
                err.print(f"row {problem.row}: {problem.reason}", markup=False)
            raise Refusal(str(error)) from None
        counts = _import_rows(platform, context, body, form, output)
    click.echo(
        ", ".join(f"{count} {name}" for name, count in counts.items()) + (" (dry run)" if dry_run else "")
    )
    if counts["rejected"]:
        sys.exit(1)


def _import_rows(
    platform: Platform, context: Context, body: Any, form: Format, output: Path | None
) -> dict[str, int]:
    body.seek(0, 2)
    size = body.tell()
    counts = {"accepted": 0, "duplicate": 0, "rejected": 0}
    sink = output.open("wb") if output else None
    try:
        with progress("transactions") as bar:
            task = bar.add_task("", total=size)
            for chunk in chunked(read_reports(body, form, context.rules)):
                recording = context.recording(
                    [entry for _, entry in chunk if not isinstance(entry, RowProblem)]
                )
                outcomes = platform.writer.call(record, recording) if recording.reports else []
                for result in results_of(chunk, outcomes, context):
                    counts[result.status] += 1
                    _report_row(result, sink)
                bar.update(task, completed=min(body.tell(), size))
            bar.update(task, completed=size)
    finally:
        if sink:
            sink.close()
    return counts


def _report_row(result: RowResult, sink: Any) -> None:
    if sink:
        sink.write(msgspec.json.encode(result) + b"\n")
    if result.status == "rejected":
        field = f" ({result.field})" if result.field else ""
        err.print(f"row {result.row}{field}: {result.reason}", markup=False, highlight=False)
