"""Rows of any table as lines of JSON and back, the same whichever database they lie in.

The tables are read from the database and not from the models: a backup is taken before an upgrade,
when the two differ.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, MetaData, Table

from workflows.canonical import instant_text
from workflows.upkeep.schema import VERSION_TABLE

MANY, FEW = 1000, 8  # rows at a time; few where each may hold a megabyte


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of one kind of column are written and read."""

    name: str
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _write_instant(value: datetime) -> str:
    return instant_text(value if value.tzinfo else value.replace(tzinfo=UTC))


KINDS: dict[type[Any], Kind] = {
    sa.LargeBinary: Kind("bytes", lambda value: base64.b64encode(value).decode(), base64.b64decode),
    sa.JSON: Kind("json", _same, _same),
    sa.Boolean: Kind("boolean", bool, bool),
    sa.DateTime: Kind("instant", _write_instant, _instant),
    sa.Date: Kind("date", date.isoformat, date.fromisoformat),
    sa.Integer: Kind("integer", int, int),
    sa.Numeric: Kind("decimal", lambda value: format(value, "f"), Decimal),
    sa.String: Kind("text", _same, _same),
}


def tables(connection: Connection) -> list[Table]:
    """Read the tables that hold rows of ours, by name."""
    metadata = MetaData()
    names = set(_names(connection))
    metadata.reflect(connection, only=lambda name, _: name in names)
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                column.type = sa.JSON(none_as_null=True)
    return [table for _, table in sorted(metadata.tables.items())]


def _names(connection: Connection) -> Iterable[str]:
    if connection.dialect.name != "sqlite":
        found = sa.inspect(connection).get_table_names()
    else:  # an index for searching lies in tables of its own, which are made anew
        listed = connection.exec_driver_sql("PRAGMA main.table_list")
        found = [row.name for row in listed if row.type == "table"]
    return (name for name in found if name != VERSION_TABLE and not name.startswith("sqlite_"))


def kinds(table: Table) -> dict[str, Kind]:
    """Say how each column of a table is written."""
    return {column.name: _kind(column) for column in table.columns}


def _kind(column: Column[Any]) -> Kind:
    for type_, kind in KINDS.items():
        if isinstance(column.type, type_):
            return kind
    raise TypeError(f"{column} is of a kind that no archive holds: {column.type!r}")


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Give every row as a line, in order, without holding them all."""
    writers = [kind.write for kind in kinds(table).values()]
    wanted = sa.select(table).order_by(*table.primary_key.columns)
    found = connection.execution_options(yield_per=at_a_time(table)).execute(wanted)
    for row in found:
        values = [
            None if value is None else write(value)
            for write, value in zip(writers, row, strict=True)
        ]
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def insert(connection: Connection, table: Table, columns: list[str], rows: Iterable[bytes]) -> int:
    """Add the rows that the lines tell of; returns how many."""
    readers = [(name, kinds(table)[name].read) for name in columns]
    naive = connection.dialect.name == "sqlite"
    adding = sa.insert(table)
    batch: list[dict[str, Any]] = []
    count = 0
    for line in rows:
        row = {
            name: None if value is None else read(value)
            for (name, read), value in zip(readers, json.loads(line), strict=True)
        }
        batch.append(_without_zones(row) if naive else row)
        count += 1
        if len(batch) == at_a_time(table):
            connection.execute(adding, batch)
            batch.clear()
    if batch:
        connection.execute(adding, batch)
    return count


def _without_zones(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.replace(tzinfo=None) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def at_a_time(table: Table) -> int:
    """Say how many rows of a table may be held at once."""
    is_heavy = any(isinstance(column.type, sa.LargeBinary) for column in table.columns)
    return FEW if is_heavy and table.name != "event" else MANY  # whose bytes are hashes
