"""The base of every table, the column types they share, and how a session is made."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy import Dialect, Engine, MetaData, TypeDecorator, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from workflows.canonical import canonical_text, parse

BUSY_SECONDS = 15
MAPPED = 2**31 - 2**16  # bytes of the file, as many as SQLite can
WRITES = "arshjul_writes"
# Pages ask for few rows out of millions: to look one up costs little on the disks of today, and to
# compile a statement or to start others to help with it costs more than to answer it.
POSTGRESQL = "-c random_page_cost=1.1 -c jit=off -c max_parallel_workers_per_gather=0"
# In `Session.info`: what kind of address the request came from; the record keeps that.
ADDRESS_FAMILY = "address_family"
LOCAL = "local"

BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Id = Annotated[int, mapped_column(BigInt, primary_key=True)]


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; refuses a time without a zone."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        zoned = dialect.name == "postgresql"
        return dialect.type_descriptor(
            postgresql.TIMESTAMP(timezone=True) if zoned else sa.DateTime()
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        int: BigInt,
        str: sa.Text(),
        date: sa.Date(),
        datetime: Instant(),
        dict[str, Any]: sa.JSON(none_as_null=True),
        list[Any]: sa.JSON(none_as_null=True),
        # An enum is stored as its text: a new member needs no migration.
        Enum: sa.Enum(
            Enum,
            native_enum=False,
            create_constraint=False,
            length=40,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


class Retried:
    """What a row of due work keeps of failed attempts; it waits until `retry_at`."""

    id: Mapped[Id]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    error: Mapped[str | None]  # its kind and code, never what somebody wrote
    retry_at: Mapped[datetime | None]


@event.listens_for(sa.Table, "after_parent_attach")
def _never_reuse_ids(table: sa.Table, _parent: object) -> None:
    """An id in an old link or event must never come to mean another row."""
    if "id" in table.columns:
        table.dialect_options["sqlite"]["autoincrement"] = True


class Turn:
    """A lock that serves those who wait in the order they came.

    SQLite lets one transaction write; its own waiting is a poll that can starve a thread.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False

    def take(self, seconds: float) -> bool:
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # handed over between the timeout and the guard

    def give(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Database:
    """One database; `reading` and `writing` make sessions that differ only in how they begin."""

    def __init__(self, url: str, *, threads: int = 8, family: str | None = None) -> None:
        self.engine = _engine(url, threads)
        self.reading = sessionmaker(self.engine, expire_on_commit=False)
        self.writing = sessionmaker(
            self.engine.execution_options(**{WRITES: True}),
            expire_on_commit=False,
            info={ADDRESS_FAMILY: family},
        )

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def opened(url: str, *, family: str | None = None) -> Iterator[Database]:
    """Open a database for one errand and close it again."""
    database = Database(url, family=family)
    try:
        yield database
    finally:
        database.close()


def _engine(url: str, threads: int) -> Engine:
    given: dict[str, Any] = {"timeout": BUSY_SECONDS}
    if not url.startswith("sqlite"):
        own = make_url(url).query.get("options", "")  # the later one of two holds
        given = {"options": f"{POSTGRESQL} {own}"}
    engine = create_engine(
        url,
        pool_size=threads + 2,
        hide_parameters=True,  # an error in the log must not tell what somebody wrote
        pool_pre_ping=url.startswith("postgresql"),
        json_serializer=canonical_text,
        json_deserializer=parse,
        connect_args=given,
    )
    if engine.dialect.name == "sqlite":
        _tame_sqlite(engine)
    return engine


def _tame_sqlite(engine: Engine) -> None:
    """Make SQLite keep its promises: durable, no lost updates, foreign keys, fair turns."""
    turn = Turn()

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            # In a large city a page reads hundreds of rows from far apart: not by a call each.
            f"mmap_size={MAPPED}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql("BEGIN")
            return
        if not turn.take(BUSY_SECONDS):
            raise TimeoutError("no turn to write came")
        connection.connection.info["turn"] = turn
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def checkin(_connection: object, record: Any) -> None:
        if held := record.info.pop("turn", None):
            held.give()


def add_unless_there(session: Session, table: type[Any], **values: Any) -> None:
    """Add a row that there is one of; when two do so at once the database lets one of them."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.connection().execute(dialect.insert(table).values(values).on_conflict_do_nothing())


__all__ = [
    "Base",
    "BigInt",
    "Database",
    "Id",
    "Instant",
    "Retried",
    "Session",
    "add_unless_there",
    "opened",
]
