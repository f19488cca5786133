import pytest
import sqlalchemy as sa

from workflows.database import Database
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
