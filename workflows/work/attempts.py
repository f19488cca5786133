"""Trying one row of due work, and putting it off when it fails."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from workflows.database import Database, Instant, Retried
from workflows.engine import BrokenState
from workflows.errors import Refused
from workflows.operations import unreadable
from workflows.organisation.actor import Actor

MOST_AT_ONCE = 200
MOST_DOUBLINGS = 9  # a little more than eight hours
MINUTE = timedelta(minutes=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of due work: rows of a table that keep their attempts (`Retried`).

    A row is due from `at` on while all of `waits` hold; each kind has a partial index on just
    that, so that a look at nothing costs nothing. `do` finds and locks what the row concerns, and
    does nothing when somebody else was faster. With `together` one row is done for all that share
    it.
    """

    name: str
    table: type[Retried]
    at: sa.SQLColumnExpression[Any]
    waits: tuple[sa.SQLColumnExpression[bool], ...]
    do: Callable[[Session, int, datetime], None]
    together: sa.ColumnElement[int] | None = None
    title: str = ""
    case: sa.SQLColumnExpression[Any] | None = None  # which it moves, if the table has no case_id
    over: Callable[[datetime], dict[str, object]] | None = None  # what marks a row as given up

    def ready(self, now: Any) -> tuple[sa.ColumnElement[bool], ...]:
        """What holds for a row that is due and not put off."""
        retried = self.table.retry_at
        return (*self.waits, self.at <= now, sa.or_(retried.is_(None), retried <= now))

    def due(self, now: Any) -> sa.Select[int]:
        """Choose what is due and not put off, the oldest first."""
        ready = self.ready(now)
        if self.together is None:
            return sa.select(self.table.id).where(*ready).order_by(self.at, self.table.id)
        first = sa.func.min(self.table.id)
        return sa.select(first).where(*ready).group_by(self.together).order_by(first)

    def first(self) -> sa.ScalarSelect[datetime]:
        """Ask when the first row is due that waits; it may be put off."""
        wanted = sa.select(self.at).select_from(self.table).where(self.at.is_not(None), *self.waits)
        return wanted.order_by(self.at).limit(1).scalar_subquery()

    def shares(self, now: datetime) -> sa.Select[int, int]:
        """Choose what is due, each with the case that it moves, if it does."""
        case = getattr(self.table, "case_id", None) if self.case is None else self.case
        of_case = sa.null() if case is None else case
        return sa.select(self.table.id, of_case).where(
            self.table.id.in_(self.due(now).limit(MOST_AT_ONCE))
        )


def due_ids(database: Database, wanted: Kind | sa.Select[int], *, now: datetime) -> list[int]:
    """Read what is due, as much as is done before one looks again."""
    statement = _due(wanted) if isinstance(wanted, Kind) else wanted.limit(_MOST)
    which = {"now": now, "most": MOST_AT_ONCE}
    with database.reading() as session:
        return list(session.connection().execute(statement, which).scalars())


def attempt(database: Database, kind: Kind, row_id: int, *, now: datetime) -> bool:
    """Do one row in a transaction of its own; whether it could be done."""
    try:
        with database.writing() as session, session.begin():
            if not database.is_sqlite and not _is_mine(session, kind, row_id):
                return False  # another clock is at it, and this one can take the next meanwhile
            is_due = session.connection().execute(_one(kind), {"row_id": row_id, "now": now})
            if is_due.first() is None:
                return False  # done, put off or moved to another time meanwhile
            kind.do(session, row_id, now)
    except Exception as fault:  # one stuck row never blocks the others; it is tried again
        log.exception("due_work_failed", kind=kind.name, row=row_id)
        with database.writing() as session, session.begin():
            _put_off(session, kind, row_id, told(fault), now=now)
            if isinstance(fault, BrokenState):
                unreadable.mark(session, fault, by=Actor.system("clock"), now=now)
        return False
    return True


# Built once, for every look and every row asks them.
NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Instant())
_MOST: sa.BindParameter[int] = sa.bindparam("most", type_=sa.Integer())


@cache
def _due(kind: Kind) -> sa.Select[int]:
    return kind.due(NOW).limit(_MOST)


@cache
def _one(kind: Kind) -> sa.Select[int]:
    """Choose one row, if it is due."""
    row_id: sa.BindParameter[int] = sa.bindparam("row_id")
    return sa.select(kind.table.id).where(kind.table.id == row_id, *kind.ready(NOW))


def _is_mine(session: Session, kind: Kind, row_id: int) -> bool:
    """Take the row for this transaction, in a way that nobody waits for: a lock upon the row itself
    would come before that of its case.
    """
    key = sa.func.hashtextextended(f"{kind.name}:{row_id}", 0)
    return bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(key))))


def told(fault: Exception) -> str:
    """Name a failure by its kind and code; what it says may hold what somebody wrote."""
    name = type(fault).__name__
    if isinstance(fault, Refused):
        return f"{name}: {fault.code}"
    return f"{name}: {type(fault.orig).__name__}" if isinstance(fault, DBAPIError) else name


def _put_off(session: Session, kind: Kind, row_id: int, error: str, *, now: datetime) -> None:
    """Try a row again later, each time after a longer pause."""
    attempts = session.scalar(sa.select(kind.table.attempts).where(kind.table.id == row_id))
    if attempts is not None:  # it may be gone meanwhile
        pause = MINUTE * 2 ** min(attempts + 1, MOST_DOUBLINGS)
        session.execute(
            sa.update(kind.table)
            .where(kind.table.id == row_id)
            .values(attempts=attempts + 1, error=error, retry_at=now + pause)
        )
