"""Bringing a database to the shape this program knows, with the migrations in `migrations/`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from workflows.database import WRITES, Database
from workflows.errors import Refused
from workflows.history.models import TEXT_INDEX
from workflows.search import rows as search
from workflows.search.models import INDEX
from workflows.tables import METADATA

ROOT = Path(__file__).resolve().parents[2]
VERSION_TABLE = "alembic_version"


class NewerSchema(Refused):
    """The database was made by a newer program; nothing was touched."""

    code = "newer_schema"


def migrate(database: Database, *, to: str = "head") -> None:
    """Upgrade the database, all or nothing.

    :raises NewerSchema: if it was made by a newer program
    """
    with _changing(database) as session:
        connection = session.connection()
        _refuse_newer(connection)
        command.upgrade(_config(connection), to)
        if to == "head" and search.is_empty(session):  # what is older than the index
            search.rebuild(session)


def downgrade(database: Database, *, to: str) -> None:
    """Take the database back to an older shape; what the older one cannot hold is lost."""
    with _changing(database) as session:
        command.downgrade(_config(session.connection()), to)


def revision_of(database: Database) -> str | None:
    """Say which migration the database stands at."""
    with database.reading() as session:
        return standing_at(session.connection())


def standing_at(connection: Connection) -> str | None:
    """Say which migration the database behind a connection stands at."""
    return MigrationContext.configure(connection).get_current_revision()


def revisions() -> list[str]:
    """Every migration, the first one first."""
    scripts = ScriptDirectory.from_config(Config(toml_file=ROOT / "pyproject.toml"))
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def differences(database: Database) -> list[object]:
    """What the models have that the migrated database has not, or the other way round."""
    opts = {"compare_type": True, "target_metadata": METADATA, "include_name": is_ours}
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts=opts)
        return list(compare_metadata(context, METADATA))


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave other programs' schemas (Procrastinate's, one day) alone, and the indexes of
    words, which each kind of database makes in its own way."""
    if kind == "schema":
        return name in (None, "public")
    return not (kind in ("table", "index") and (name or "").startswith((INDEX, TEXT_INDEX)))


@contextmanager
def _changing(database: Database) -> Iterator[Session]:
    """Open a transaction in which tables may be made anew: SQLite then drops the old one, rows that
    others point at and all, so that it holds what points where only at the end.
    """
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            with Session(connection, expire_on_commit=False) as session, session.begin():
                yield session
            return
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 (it is connected)
        driver.execute("PRAGMA foreign_keys=OFF")  # heard only outside a transaction
        try:
            writing = connection.execution_options(**{WRITES: True})
            with Session(writing, expire_on_commit=False) as session, session.begin():
                yield session
                if lost := session.execute(text("PRAGMA foreign_key_check")).all():
                    raise ValueError(f"rows would point at nothing: {lost[:5]}")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _refuse_newer(connection: Connection) -> None:
    stands_at = standing_at(connection)
    if stands_at is not None and stands_at not in revisions():
        raise NewerSchema(revision=stands_at)


def _config(connection: Connection) -> Config:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    return config
