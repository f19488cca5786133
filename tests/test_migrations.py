from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from workflows.database import WRITES, Database
from workflows.upkeep.schema import (
    NewerSchema,
    differences,
    downgrade,
    migrate,
    revision_of,
    revisions,
)


@pytest.fixture
def bare(kind, tmp_path):
    """A database without a single table."""
    if kind == "sqlite":
        made = Database(f"sqlite:///{tmp_path}/bare.sqlite3")
    else:
        from tests.postgres import fresh_url

        made = Database(fresh_url())
    yield made
    made.close()


def test_the_migrations_make_exactly_the_tables_of_the_models(bare):
    migrate(bare)
    assert differences(bare) == []


def test_every_migration_can_be_taken_back_and_made_again(bare):
    migrate(bare)
    before = _tables(bare)
    for revision in ["base", *revisions()[:-1]]:
        downgrade(bare, to=revision)
        migrate(bare)
        assert revision_of(bare) == revisions()[-1]
        assert _tables(bare) == before


def test_migrating_again_changes_nothing(bare):
    migrate(bare)
    migrate(bare)
    assert revision_of(bare) == revisions()[-1]


def test_what_is_there_comes_along_from_the_first_release_to_this_one(bare):
    for revision in revisions():
        migrate(bare, to=revision)
        _fill(bare)
    with bare.engine.connect() as connection:
        kept = {
            name: connection.scalar(sa.text(f'SELECT count(*) FROM "{name}"'))
            for name in _tables(bare)
        }
    assert [name for name, count in kept.items() if not count] == []


def _fill(database):
    """Put a row into each table that has none; it points at the first of the others, and itself."""
    found = sa.MetaData()
    found.reflect(database.engine)
    with database.engine.execution_options(**{WRITES: True}).begin() as connection:
        if not database.is_sqlite:  # tables point at each other in rings
            connection.execute(sa.text("SET session_replication_role = replica"))
        else:
            connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        for table in found.tables.values():
            if connection.scalar(sa.select(sa.func.count()).select_from(table)):
                continue
            row = {one.name: _some(one) for one in table.columns if str(one) not in NOT_BOTH}
            connection.execute(sa.insert(table).values(row))


# A role is held by a person or as another is, a stop set on a case or a unit.
NOT_BOTH = ("holding.same_as_role", "holding.same_as_unit_id", "legal_hold.unit_id")


def _some(column):
    match column.type:
        case sa.Integer():
            return 1
        case sa.Boolean():
            return False
        case sa.Date():
            return date(2027, 1, 4)
        case sa.DateTime():
            return datetime(2027, 1, 4, tzinfo=UTC)
        case sa.JSON():
            return []
        case sa.LargeBinary():
            return b"x"
        case _:
            return "{}"  # some hold canonical JSON


def test_a_database_of_a_newer_program_is_left_alone(bare):
    migrate(bare)
    with bare.writing() as session, session.begin():
        session.execute(sa.text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    with pytest.raises(NewerSchema):
        migrate(bare)
    assert revision_of(bare) == "from_the_future"


def _tables(database):
    inspector = sa.inspect(database.engine)
    return {
        table: sorted(column["name"] for column in inspector.get_columns(table))
        for table in inspector.get_table_names()
    }
