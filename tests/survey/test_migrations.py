"""The schema changes only by migration: up, down and up again, equal to the models, data untouched."""

import re
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from factories import answer, issue, rows
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table, UniqueConstraint, inspect
from sqlmodel import SQLModel

import survey.comments.models
import survey.messaging.models
import survey.models  # noqa: F401 - the tables register themselves
from survey import migrations
from survey.database import Database
from survey.platform import Platform
from survey.settings import ROOT

TABLES = sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name)


def revisions() -> list[str]:
    """Every revision, oldest first."""
    scripts = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini")))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def table_names(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def schema(database: Database) -> dict[str, Any]:
    """Everything the database says of its tables, to compare before and after."""
    inspector = inspect(database.engine)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in columns],
            sorted(str(check["name"]) for check in inspector.get_check_constraints(name)),
            sorted(str(index["name"]) for index in inspector.get_indexes(name)),
            sorted(str(key["name"]) for key in inspector.get_foreign_keys(name)),
        )
        for name in sorted(table_names(database))
        for columns in [inspector.get_columns(name)]
    }


def test_the_migrations_are_one_line_without_branches() -> None:
    assert len(ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini"))).get_heads()) == 1
    assert revisions()[-1] == migrations.head()


def test_going_down_removes_everything(database: Database) -> None:
    assert table_names(database)
    migrations.downgrade(database, "base")
    assert table_names(database) == set()
    assert migrations.current(database) is None


def test_going_down_and_up_again_gives_the_same_schema(database: Database) -> None:
    before = schema(database)
    migrations.downgrade(database, "base")
    migrations.upgrade(database)
    assert schema(database) == before
    assert migrations.current(database) == migrations.head()


def test_every_revision_can_be_reached_one_by_one_upwards_and_downwards(database: Database) -> None:
    migrations.downgrade(database, "base")
    for revision in revisions():
        migrations.upgrade(database, revision)
        assert migrations.current(database) == revision
    for revision in revisions()[::-1]:
        assert migrations.current(database) == revision
        migrations.downgrade(database, "-1")


def test_the_models_are_what_the_migrations_make(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_column_the_migrations_forgot_would_be_noticed(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE service_unit DROP COLUMN place")
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) != []


def _plain(sql: str) -> str:
    return re.sub(r"\s+", "", sql)


# Alembic compares neither CHECKs nor the names of other constraints nor table options: here by hand.
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_checks_of_a_table_are_those_of_its_model(database: Database, table: Table) -> None:
    declared = {
        str(check.name): _plain(str(check.sqltext))
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    found = {
        str(check["name"]): _plain(check["sqltext"])
        for check in inspect(database.engine).get_check_constraints(table.name)
    }
    if database.sqlite:  # PostgreSQL writes a condition in its own words
        assert found == declared
    else:
        assert set(found) == set(declared)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_keys_of_a_table_are_those_of_its_model(database: Database, table: Table) -> None:
    inspector = inspect(database.engine)
    foreign = {
        (key["name"], tuple(key["constrained_columns"]), key["referred_table"])
        for key in inspector.get_foreign_keys(table.name)
    }
    assert foreign == {
        (key.name, tuple(key.column_keys), key.referred_table.name)
        for key in table.constraints
        if isinstance(key, ForeignKeyConstraint)
    }
    unique = {tuple(key["column_names"]) for key in inspector.get_unique_constraints(table.name)}
    assert unique == {
        tuple(column.name for column in key.columns)
        for key in table.constraints
        if isinstance(key, UniqueConstraint)
    }
    primary = inspector.get_pk_constraint(table.name)["constrained_columns"]
    assert primary == [column.name for column in table.primary_key.columns]


def test_upgrading_a_database_that_is_up_to_date_changes_no_row(platform: Platform) -> None:
    links = issue(platform, 3, phone="+6281234567890")
    answer(platform, str(links[0].code))
    names = sorted(table_names(platform.database))
    before = {name: sorted(map(repr, rows(platform.database, f"SELECT * FROM {name}"))) for name in names}
    migrations.upgrade(platform.database)
    after = {name: sorted(map(repr, rows(platform.database, f"SELECT * FROM {name}"))) for name in names}
    assert after == before
    assert before["response"]


def test_the_newest_revision_is_the_one_alembic_finds() -> None:
    assert migrations.head() == ScriptDirectory(str(ROOT / "migrations")).get_current_head()
