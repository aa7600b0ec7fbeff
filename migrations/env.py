"""How Alembic reaches the database: through the caller's connection, or by the settings' URL."""

from alembic import context
from sqlmodel import SQLModel

import survey.comments.models
import survey.messaging.models
import survey.models  # noqa: F401 - the tables register themselves
from survey.database import Database
from survey.settings import read_settings

target_metadata = SQLModel.metadata


def run(connection) -> None:
    """Run the migrations on an open connection, each in a transaction of its own."""
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(read_settings().database_url)
    with database.engine.connect() as opened:
        run(opened)
    database.close()
