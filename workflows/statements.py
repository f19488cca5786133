"""What every completed task asks of the database: statements written once, and run as they are.

Core would compile the same text, but find out at every run which one it is; the ORM, what every
column is for (`bench/RESULTS.md` says what that costs). All that is rarer goes by those.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from workflows.database import Base

T = TypeVar("T", bound=Base)
Values = Mapping[str, Any]


class _Text(NamedTuple):
    """A statement as the driver takes it, and how it takes each value, in their order."""

    text: str
    values: tuple[tuple[str, Any, Callable[[Any], Any] | None], ...]
    by_name: bool

    def of(self, given: Values) -> tuple[Any, ...] | dict[str, Any]:
        read = [
            (name, given.get(name, usual) if write is None else write(given.get(name, usual)))
            for name, usual, write in self.values
        ]
        return dict(read) if self.by_name else tuple([value for _, value in read])


_texts: dict[tuple[object, ...], _Text] = {}


def run(session: Session, statement: Any, given: Values | Sequence[Values]) -> sa.CursorResult[Any]:
    """Run a statement that is built once, for one set of values or for many alike."""
    connection = session.connection()
    first = given if isinstance(given, Mapping) else given[0]
    key = (statement, connection.dialect.name, *first)
    text = _texts.get(key)
    if text is None:
        text = _texts[key] = _compiled(statement, connection.dialect, list(first))
    if isinstance(given, Mapping):
        return connection.exec_driver_sql(text.text, text.of(given))
    return connection.exec_driver_sql(text.text, [text.of(one) for one in given])


def _compiled(statement: sa.UpdateBase, dialect: Dialect, names: list[str]) -> _Text:
    compiled = statement.compile(dialect=dialect, column_keys=names)
    order = compiled.positiontup
    values = []
    for name in compiled.binds if order is None else order:
        bind = compiled.binds[name]
        write = bind.type.dialect_impl(dialect).bind_processor(dialect)
        values.append((name, bind.effective_value, write))
    return _Text(str(compiled), tuple(values), by_name=order is None)


def write(
    session: Session, row: Any, values: Values, *, asking: sa.ColumnElement[Any] | None = None
) -> Any:
    """Write to one row at once, unless it has changed since it was read; `row` then holds them too.

    Gives what `asking` asks of it in the same statement.

    :raises StaleDataError: if somebody has changed the row
    """
    session.flush()
    given = {**values, "revision": row.revision + 1}
    which = {"of_id": row.id, "of_revision": row.revision}
    done = run(session, _update(row.__tablename__, asking), given | which)
    told = done.one_or_none() if asking is not None else None
    if told is None and (asking is not None or done.rowcount != 1):
        raise StaleDataError(f"{type(row).__name__} {row.id} has changed since it was read")
    for name, value in given.items():
        set_committed_value(row, name, value)
    return told and told[0]


@cache
def _update(name: str, asking: sa.ColumnElement[Any] | None) -> Any:
    table = Base.metadata.tables[name]
    seen = table.c.revision == sa.bindparam("of_revision")
    update = sa.update(table).where(table.c.id == sa.bindparam("of_id"), seen)
    return update if asking is None else update.returning(asking)


class Beside:
    """Rows of several tables side by side, read by one statement and made what the ORM would.

    `columns` are what to select, in this order; `also` names deferred attributes to read as well.
    """

    def __init__(self, *models: type[Base], also: Sequence[str] = ()) -> None:
        self.columns: list[sa.ColumnElement[Any]] = []
        self._parts: list[tuple[type[Base], list[str], slice]] = []
        for model in models:
            read = [
                one for one in sa.inspect(model).column_attrs if not one.deferred or one.key in also
            ]
            begins = len(self.columns)
            self.columns += [one.columns[0] for one in read]
            place = slice(begins, len(self.columns))
            self._parts.append((model, [one.key for one in read], place))

    def objects(self, session: Session, row: Sequence[Any]) -> list[Any]:
        """Give the object of each table; None where an outer join found nothing."""
        return [
            None
            if row[place.start] is None
            else standing(session, model, dict(zip(names, row[place], strict=True)))
            for model, names, place in self._parts
        ]


def standing(session: Session, model: type[T], values: dict[str, Any]) -> T:
    """Give the object of a row that has just been read or written, as the ORM would."""
    key = (model, tuple([values[name] for name in _key_of(model)]), None)
    known: T | None = session.identity_map.get(key)
    if known is not None:
        session.expire(known)
        for name, value in values.items():
            set_committed_value(known, name, value)
        return known
    made: T = _manager(model).new_instance()
    instance_dict(made).update(values)
    state = instance_state(made)
    state.key, state.session_id = key, session.hash_key
    session.identity_map.add(state)
    return made


@cache
def _manager(model: type[Base]) -> Any:
    return sa.inspect(model).class_manager


@cache
def _key_of(model: type[Base]) -> tuple[str, ...]:
    mapper = sa.inspect(model)
    return tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key)
