"""Taking a backup: one consistent look at every table, written whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from workflows.database import Database
from workflows.errors import Conflict
from workflows.upkeep import copying
from workflows.upkeep.archive import Manifest, Writer
from workflows.upkeep.last_ids import last_ids
from workflows.upkeep.schema import standing_at
from workflows.upkeep.sealing import Sealer

KEYS = ("secret.key", "seal.key")  # in the data folder


def backup(
    database: Database,
    data_folder: Path,
    file: Path,
    *,
    with_keys: bool = False,
    to: Path | None = None,
) -> Manifest:
    """Save everything in `file`, readable by its owner only; `to` is a public key to seal it to.

    :raises Conflict: if there is a file of that name already
    """
    if file.exists():
        raise Conflict("backup_exists", file=str(file))
    with _new_file(file) as out, _snapshot(database) as connection:
        if to is None:
            return _write(Writer(out), connection, data_folder, with_keys=with_keys)
        sealer = Sealer(out, to)
        manifest = _write(
            Writer(sealer),  # type: ignore[arg-type]  # it asks for no more than a raw file has
            connection,
            data_folder,
            with_keys=with_keys,
        )
        sealer.finish()
        return manifest


def _write(
    writer: Writer, connection: Connection, data_folder: Path, *, with_keys: bool
) -> Manifest:
    tables = copying.tables(connection)
    for table in tables:
        writer.table(table.name, [*table.columns.keys()], copying.lines(connection, table))
    for name in KEYS if with_keys else ():
        if (data_folder / name).exists():
            writer.key(data_folder / name)
    return writer.finish(standing_at(connection), last_ids(connection, tables))


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """Look at the database as it stands at this moment, whatever others write meanwhile."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:  # SQLite reads from a snapshot anyhow
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def _new_file(file: Path) -> Iterator[BinaryIO]:
    """Give a file that gets its name only when it is whole and on the disk."""
    unnamed = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(unnamed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        unnamed.rename(file)
    finally:
        unnamed.unlink(missing_ok=True)
