"""Bring a database to the schema of this version; never done while serving.

Alembic is loaded only to migrate: a server needs to know no more than two revisions.
"""

import re
from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table

from survey.database import Database
from survey.settings import ROOT

if TYPE_CHECKING:
    from alembic.config import Config

_REVISION = re.compile(r"^(down_)?revision\b[^=]*=\s*['\"](\w+)['\"]", re.MULTILINE)
_VERSION = table("alembic_version", column("version_num"))


def upgrade(database: Database, revision: str = "head") -> None:
    """Upgrade to a revision, by default the newest."""
    from alembic import command

    with database.engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """Go back to an earlier revision (``base`` removes everything)."""
    from alembic import command

    with database.engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def _config() -> "Config":
    from alembic.config import Config

    return Config(str(ROOT / "alembic.ini"))


def current(database: Database) -> str | None:
    """The revision the database is at, or None when it is empty."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return None
        found: str | None = connection.scalar(select(_VERSION.c.version_num))
        return found


def head() -> str:
    """The newest revision of this version: the one that no other builds upon."""
    made: set[str] = set()
    built_upon: set[str] = set()
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        for down, revision in _REVISION.findall(path.read_text(encoding="utf-8")):
            (built_upon if down else made).add(revision)
    (newest,) = made - built_upon
    return newest
