"""Bring a database to the schema of this version; never done while serving."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from survey.database import Database
from survey.settings import ROOT


def _config() -> Config:
    return Config(str(ROOT / "alembic.ini"))


def upgrade(database: Database, revision: str = "head") -> None:
    """Upgrade to a revision, by default the newest."""
    with database.engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """Go back to an earlier revision (``base`` removes everything)."""
    with database.engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def current(database: Database) -> str | None:
    """The revision the database is at, or None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision of this version."""
    return ScriptDirectory.from_config(_config()).get_current_head()
