"""Bringing a database to the shape this program knows, with the migrations in `migrations/`."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from workflows.database import Database
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
    with database.writing() as session:
        connection = session.connection()
        _refuse_newer(connection)
        command.upgrade(_config(connection), to)
        if to == "head" and search.is_empty(session):  # what is older than the index
            search.rebuild(session)
        session.commit()


def downgrade(database: Database, *, to: str) -> None:
    """Take the database back to an older shape; what the older one cannot hold is lost."""
    with database.writing() as session:
        command.downgrade(_config(session.connection()), to)
        session.commit()


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


def _refuse_newer(connection: Connection) -> None:
    stands_at = standing_at(connection)
    if stands_at is not None and stands_at not in revisions():
        raise NewerSchema(revision=stands_at)


def _config(connection: Connection) -> Config:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    return config
