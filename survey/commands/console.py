"""What every command shares: the opened platform, the two outputs, progress, refusals in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from survey.database import DatabaseError, Tx, Unavailable
from survey.places import NotFound, Place, find_place
from survey.platform import NotMigrated, Platform, open_platform
from survey.settings import Settings, SettingsError, read_settings

out = Console()
err = Console(stderr=True)


class Refusal(click.ClickException):
    """A refusal in one line; exit code 1."""


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what an operator can mend into a refusal in one line."""
    try:
        yield
    except (SettingsError, NotMigrated, DatabaseError) as error:
        raise Refusal(str(error)) from None
    except Unavailable as error:
        raise Refusal(f"the database is not available: {error}") from None


@contextmanager
def opened() -> Iterator[Platform]:
    """The platform of the settings, closed afterwards; what cannot be opened is refused in one line."""
    with refusing():
        platform = open_platform(settings())
        try:
            yield platform
        finally:
            platform.close()


def settings() -> Settings:
    """The settings, or a refusal that names what is wrong with them."""
    try:
        return read_settings()
    except SettingsError as error:
        raise Refusal(str(error)) from None


def progress(what: str, *, counted: bool = True) -> Progress:
    """A progress bar on standard error: of things that are counted, or of stages with a share of all work."""
    done = MofNCompleteColumn() if counted else TextColumn("{task.percentage:3.0f} % {task.description}")
    columns = (TextColumn(what), BarColumn(), done, TimeRemainingColumn())
    return Progress(*columns, console=err, transient=not err.is_terminal)


def place_of(platform: Platform, agency: str, unit: str | None = None) -> Place:
    """An agency or unit by its codes, or a refusal."""

    def find(tx: Tx, items: Any) -> list[Place]:
        return [find_place(tx, agency, unit) for _ in items]

    try:
        return platform.writer.call(find, None)
    except NotFound as error:
        raise Refusal(str(error)) from None
