"""Everything one running installation holds, opened together and closed together."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.tally import Layout
from survey import migrations
from survey.comments.scoring import Scorer
from survey.counting import Definition
from survey.database import Database
from survey.instruments import Instrument, load_all
from survey.messaging import texts
from survey.messaging.config import ConfigError, SmsConfig, console_config, read_config
from survey.messaging.dispatch import Parts
from survey.messaging.policy import PolicyRefused, Rules, read_rules
from survey.messaging.worker import SmsWorker
from survey.pages import Pages, Site
from survey.settings import ROOT, Settings, SettingsError
from survey.work import Worker
from survey.writer import Reader, Writer


class NotMigrated(Exception):
    """The database is not at this version's schema; the message says what to run."""


@dataclass(frozen=True)
class Sms:
    """The part of an installation that writes to citizens' telephones, and hears from them."""

    config: SmsConfig
    national: Rules
    parts: Parts
    worker: SmsWorker

    def wake(self) -> None:
        """Something is waiting to be dealt with or sent."""
        self.worker.wake()


@dataclass(frozen=True)
class Platform:
    """The parts of a running installation; time comes in through ``now`` (UTC epoch seconds).

    ``sms`` is None where no SMS provider is configured.
    """

    settings: Settings
    database: Database
    writer: Writer
    quiet_writer: Writer
    reader: Reader
    instruments: Mapping[str, Instrument]
    definition: Definition
    pages: Pages
    scorer: Scorer
    worker: Worker
    sms: Sms | None
    now: Callable[[], int]
    now_ms: Callable[[], int]

    @property
    def layouts(self) -> dict[str, Layout]:
        """The tally layout of each instrument."""
        return {name: instrument.layout for name, instrument in self.instruments.items()}

    @property
    def national(self) -> Rules:
        """The national rules of contact, which also say how agencies may sample."""
        return Rules() if self.sms is None else self.sms.national

    def close(self) -> None:
        """Finish what was begun and let go of everything."""
        if self.sms is not None:
            self.sms.worker.stop()
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
    clock, fine_clock = _clocks(now)
    configured = _read_sms(settings)
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
    layouts = {name: instrument.layout for name, instrument in instruments.items()}
    definition = Definition(layouts)
    scorer = Scorer(quiet_writer, layouts, settings.words_dir, clock)
    sms = None
    if configured is not None:
        config, national = configured
        parts = Parts(config, national, settings, instruments, writer, clock, fine_clock, _write_line)
        sms = Sms(config, national, parts, SmsWorker(parts))
    return Platform(
        settings=settings,
        database=database,
        writer=writer,
        quiet_writer=quiet_writer,
        reader=Reader(database),
        instruments=instruments,
        definition=definition,
        pages=Pages(instruments, Site(settings.site_name, settings.site_contact)),
        scorer=scorer,
        worker=Worker(database, quiet_writer, definition, scorer, clock),
        sms=sms,
        now=clock,
        now_ms=fine_clock,
    )


def _clocks(now: Callable[[], int] | None) -> tuple[Callable[[], int], Callable[[], int]]:
    """The time in seconds and in milliseconds, by one clock."""
    if now is not None:
        return now, lambda: now() * 1000
    return lambda: int(time.time()), lambda: int(time.time() * 1000)


def _read_sms(settings: Settings) -> tuple[SmsConfig, Rules] | None:
    if settings.sms_file is None and not settings.demo:
        return None
    try:
        config = read_config(settings.sms_file) if settings.sms_file else console_config()
        if not settings.demo and any(provider.kind == "console" for provider in config.providers):
            raise ConfigError("a provider of kind console belongs to the demonstration: it prints numbers")
        too_long = None if settings.demo else texts.check_address(settings.public_url)
        if too_long:
            raise SettingsError(f"PERCAYA_BASE_URL: {too_long}")
        return config, read_rules(config.rules, None)
    except (ConfigError, PolicyRefused) as error:
        raise SettingsError(f"PERCAYA_SMS_FILE: {error}") from None


def _write_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
