"""How Alembic finds the tables and the database; used by `arshjul migrate` and by the checks."""

import os

import sqlalchemy as sa
from alembic import context

from workflows.database import Database
from workflows.tables import METADATA
from workflows.upkeep.schema import is_ours


def run(connection: sa.Connection) -> None:
    """Run the migrations on an open connection, all in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_name=is_ours,
    )
    with context.begin_transaction():
        context.run_migrations()


given: sa.Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(os.environ.get("DATABASE_URL", "sqlite:///var/arshjul.sqlite3"))
    with database.writing() as session:
        run(session.connection())
        session.commit()
    database.close()
