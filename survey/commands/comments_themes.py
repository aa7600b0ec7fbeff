"""Propose rules for themes from what staff have corrected, and add them to a folder of words when told to."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from analysis.themes.corrections import Proposal, learn
from analysis.themes.rules import COLUMNS, FILE, read
from survey.commands.console import Refusal, opened
from survey.comments.correcting import read_lessons


@click.command("learn-themes")
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Add the proposed rows to themes.tsv in this folder of words.",
)
def learn_themes(folder: Path | None) -> None:
    """Propose rules where corrections of comments agree, each with its evidence.

    Nothing changes without --write. What is written begins a new series at the next start of the worker.
    """
    from analysis.themes import finder

    with opened() as platform:
        words = platform.settings.words_dir
        lessons = platform.writer.call(read_lessons, None)
        try:
            proposals = learn(lessons, finder(words))
        except ValueError as error:
            raise Refusal(f"PERCAYA_WORDS_DIR: {error}") from None
    click.echo(f"{len(lessons)} comments have been gone through")
    if not proposals:
        click.echo("nothing to propose: corrections must agree on a phrase, in at least five comments")
        return
    for proposal in proposals:
        click.echo(describe(proposal))
    if folder is None:
        click.echo("nothing was changed: look at each, then give --write FOLDER to add them")
        return
    path = append_rules(folder, proposals)
    click.echo(f"{len(proposals)} rows were added to {path}: strike out what you do not want")
    if words is None or folder.resolve() != words.resolve():
        click.echo(f"they count once PERCAYA_WORDS_DIR names the folder: {folder}")
    click.echo("the next start begins a new series; percaya comments rescore reads earlier comments by it")


def describe(proposal: Proposal) -> str:
    """A proposal in two lines: the row as it would be written, and what speaks for it."""
    did = "are about it" if proposal.effect == "adds" else "are not, though the rules say so"
    return (
        f"{_row(proposal)}\n  of {proposal.n} comments with these words, {proposal.agreeing} {did}"
        f" (at least {proposal.lower:.0%}, 95 % interval); the rules had {proposal.mistakes} wrong"
    )


def append_rules(folder: Path, proposals: Sequence[Proposal]) -> Path:
    """Add rows to the rule file of a folder, which is made if it is not there; the file.

    The file is replaced as a whole, once the new one has been read back without an error.

    Raises:
        Refusal: the folder cannot be written, or the file that is there has an error.
    """
    path, fresh = folder / FILE, folder / f"{FILE}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = path.read_text(encoding="utf-8-sig") if path.exists() else "\t".join(COLUMNS) + "\n"
        rows = "".join(f"{_row(proposal)}\n" for proposal in proposals)
        fresh.write_text(known + ("" if known.endswith("\n") else "\n") + rows, encoding="utf-8")
        list(read(fresh))
        os.replace(fresh, path)
    except (OSError, ValueError) as error:
        fresh.unlink(missing_ok=True)
        raise Refusal(f"{path} was not changed: {error}") from None
    return path


def _row(proposal: Proposal) -> str:
    rule = proposal.rule
    evidence = f"{rule.note}: {proposal.agreeing} of {proposal.n}"
    return "\t".join((rule.theme, rule.pattern, f"{rule.weight:g}", evidence))
