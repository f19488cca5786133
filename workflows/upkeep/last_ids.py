"""The highest id each table has ever given, kept over a restore: an id never means two rows."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy import Connection, Table


def last_ids(connection: Connection, tables: Iterable[Table]) -> dict[str, int]:
    """Return the highest id given, by table, of those that number their rows."""
    if connection.dialect.name == "sqlite":
        if not sa.inspect(connection).has_table("sqlite_sequence"):
            return {}
        listed = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
        return {name: seq for name, seq in listed if seq}
    found = {table.name: _last_value(connection, table.name) for table in _numbered(tables)}
    return {name: last for name, last in found.items() if last}


def keep_last_ids(connection: Connection, tables: Iterable[Table], last: Mapping[str, int]) -> None:
    """Go on numbering after the highest id given before."""
    for table in _numbered(tables):
        highest = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
        highest = max(highest, last.get(table.name, 0))
        if highest:
            _continue(connection, table.name, highest)


def _continue(connection: Connection, name: str, highest: int) -> None:
    values = {"name": name, "highest": highest}
    if connection.dialect.name != "sqlite":
        order = "SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"
        connection.execute(sa.text(order), values)
        return
    connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
    connection.execute(sa.text("INSERT INTO sqlite_sequence VALUES (:name, :highest)"), values)


def _numbered(tables: Iterable[Table]) -> list[Table]:
    return [table for table in tables if [*table.primary_key.columns.keys()] == ["id"]]


def _last_value(connection: Connection, name: str) -> int | None:
    sequence = connection.scalar(
        sa.text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": name}
    )
    if sequence is None:
        return None
    last = sa.text(f"SELECT CASE WHEN is_called THEN last_value END FROM {sequence}")
    found: int | None = connection.scalar(last)
    return found
