"""Everything one running installation holds, opened together and closed together."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.tally import Layout
from survey import migrations
from survey.counting import Definition
from survey.database import Database
from survey.instruments import Instrument, load_all
from survey.pages import Pages, Site
from survey.settings import ROOT, Settings, SettingsError
from survey.work import Worker
from survey.writer import Reader, Writer


class NotMigrated(Exception):
    """The database is not at this version's schema; the message says what to run."""


@dataclass(frozen=True)
class Platform:
    """The parts of a running installation; time comes in through ``now`` (UTC epoch seconds)."""

    settings: Settings
    database: Database
    writer: Writer
    quiet_writer: Writer
    reader: Reader
    instruments: Mapping[str, Instrument]
    definition: Definition
    pages: Pages
    worker: Worker
    now: Callable[[], int]

    @property
    def layouts(self) -> dict[str, Layout]:
        """The tally layout of each instrument."""
        return {name: instrument.layout for name, instrument in self.instruments.items()}

    def close(self) -> None:
        """Finish what was begun and let go of everything."""
        self.worker.stop()
        self.quiet_writer.close()
        self.writer.close()
        self.reader.close()
        self.database.close()


def read_instruments() -> dict[str, Instrument]:
    """The instruments this version knows, by id."""
    return load_all(ROOT / "instruments")


def open_platform(settings: Settings, now: Callable[[], int] | None = None) -> Platform:
    """Open an installation for serving.

    Raises:
        SettingsError: the settings name an instrument that does not exist.
        NotMigrated: the database lacks this version's schema; it is never changed while serving.
        Unavailable: the database cannot be reached.
    """
    clock = now or (lambda: int(time.time()))
    database = Database(settings.database_url)
    database.connect().close()  # says plainly when there is nobody there
    found, wanted = migrations.current(database), migrations.head()
    if found != wanted:
        database.close()
        raise NotMigrated(
            f"the database is at revision {found}, this version needs {wanted}: run `percaya migrate`"
        )
    instruments = read_instruments()
    if settings.instrument not in instruments:
        database.close()
        known = ", ".join(sorted(instruments))
        raise SettingsError(f"PERCAYA_INSTRUMENT is {settings.instrument!r}; this version knows {known}")
    writer = Writer(database)
    # SQLite takes one writer at a time; PostgreSQL can count while answers come in.
    quiet_writer = writer if database.sqlite else Writer(database)
    definition = Definition({name: instrument.layout for name, instrument in instruments.items()})
    return Platform(
        settings=settings,
        database=database,
        writer=writer,
        quiet_writer=quiet_writer,
        reader=Reader(database),
        instruments=instruments,
        definition=definition,
        pages=Pages(instruments, Site(settings.site_name, settings.site_contact)),
        worker=Worker(database, quiet_writer, definition, clock),
        now=clock,
    )
