"""Putting a backup back, into a database of either kind: all of it, or nothing is changed."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from workflows.database import Database
from workflows.errors import Conflict, Invalid
from workflows.history.guards import lifted
from workflows.upkeep import copying, schema
from workflows.upkeep.archive import BadArchive, Manifest, Reader, reading
from workflows.upkeep.last_ids import keep_last_ids
from workflows.upkeep.sealing import is_sealed, opened


def restore(
    database: Database,
    data_folder: Path,
    file: Path,
    *,
    key: Path | None = None,
    replace: bool = False,
) -> Manifest:
    """Read a backup into an empty database; with `replace`, into one whose content goes.

    A backup of an older program is brought to the shape of this one afterwards.

    :raises BadArchive: if the file is damaged
    :raises NewerArchive: if it was made by a newer program, in form or in schema
    :raises Conflict: if the database is not empty, or a key is in the way
    """
    with _plain(file, key) as plain, reading(plain) as archive:
        archive.verify()
        manifest = archive.manifest
        _refuse_other_keys(archive, data_folder, replace=replace)
        _shape(database, manifest, replace=replace)
        with database.writing() as session:
            _load(session.connection(), archive, replace=replace)
            session.commit()
        for name in manifest.keys:
            _write_key(data_folder / name, archive.key(name))
    if manifest.schema is not None:
        schema.migrate(database)
    return manifest


@contextmanager
def _plain(file: Path, key: Path | None) -> Iterator[BinaryIO]:
    """Open the archive, unsealed into a file without a name if need be."""
    with file.open("rb") as found:
        if not is_sealed(found):
            yield found
            return
        if key is None:
            raise Invalid("backup_is_sealed", file=str(file))
        with tempfile.TemporaryFile(dir=file.parent) as plain:
            for piece in opened(found, key):
                plain.write(piece)
            plain.seek(0)
            yield plain


def _shape(database: Database, manifest: Manifest, *, replace: bool) -> None:
    """Give an empty database the shape the backup was taken in."""
    is_empty = _is_empty(database)
    if not is_empty and not replace:
        raise Conflict("database_not_empty")
    stands_at = schema.revision_of(database)
    if manifest.schema == stands_at:
        return
    known = schema.revisions()
    if manifest.schema is None or manifest.schema not in known:
        raise schema.NewerSchema(revision=manifest.schema)
    if not is_empty:
        raise Conflict("database_of_another_shape", revision=manifest.schema)
    if stands_at is None or known.index(stands_at) < known.index(manifest.schema):
        schema.migrate(database, to=manifest.schema)
    else:
        schema.downgrade(database, to=manifest.schema)


def _is_empty(database: Database) -> bool:
    with database.reading() as session:
        connection = session.connection()
        return not any(
            connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
            for table in copying.tables(connection)
        )


def _load(connection: Connection, archive: Reader, *, replace: bool) -> None:
    tables = copying.tables(connection)
    by_name = {table.name: table for table in tables}
    manifest = archive.manifest
    for member in manifest.tables:
        table = by_name.get(member.name)
        if table is None or set(member.columns) != set(table.columns.keys()):
            raise BadArchive(member=member.name)
    with lifted(connection), _references_later(connection, tables):
        for table in tables if replace else ():
            connection.execute(sa.delete(table))
        for member in manifest.tables:
            lines = archive.lines(member)
            copying.insert(connection, by_name[member.name], member.columns, lines)
    keep_last_ids(connection, tables, manifest.last_ids)


@contextmanager
def _references_later(connection: Connection, tables: list[Table]) -> Iterator[None]:
    """Let a row come before the one it refers to; at the end every reference must hold."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        yield
        return
    references = [
        (table.name, constraint.name)
        for table in tables
        for constraint in table.foreign_key_constraints
    ]
    for table_name, name in references:
        _alter(connection, table_name, name, "DEFERRABLE INITIALLY DEFERRED")
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for table_name, name in references:
        _alter(connection, table_name, name, "NOT DEFERRABLE")


def _alter(connection: Connection, table: str, name: object, how: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    connection.exec_driver_sql(
        f"ALTER TABLE {quote(table)} ALTER CONSTRAINT {quote(str(name))} {how}"
    )


def _refuse_other_keys(archive: Reader, data_folder: Path, *, replace: bool) -> None:
    for name in archive.manifest.keys:
        path = data_folder / name
        if not replace and path.exists() and path.read_bytes() != archive.key(name):
            raise Conflict("key_in_the_way", file=str(path))


def _write_key(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
