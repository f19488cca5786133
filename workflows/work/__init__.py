"""What the clock does: each piece of due work is a row, done and marked in one transaction.

Mail alone has an effect outside the database: it is sent between two short transactions.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy import Dialect
from sqlalchemy.orm import Session

from workflows.database import Database, Instant
from workflows.notices.letters import Post
from workflows.queries import starts
from workflows.work.attempts import MOST_AT_ONCE, Kind, attempt, due_ids
from workflows.work.kinds import BY_NAME, CLOCK, KINDS, POST
from workflows.work.mail import send_mail
from workflows.work.ticking import beat, plan_starts

MOST_HOPS = 50  # in one go; two cases that answer each other for ever do not keep the clock
SLICE = 20  # of each kind in turn, when there is more than one look finds


def run_due(
    database: Database,
    *,
    now: datetime,
    post: Post | None = None,
    has_time: Callable[[], bool] = lambda: False,
) -> int:
    """Do what is due, each piece in a transaction of its own; returns how many were done.

    One that fails is tried again later, and never keeps the others waiting. Of what is more than
    one look finds the rest is done while the caller `has_time`, and else at the next tick. Without
    `post` there is no mail, and what would be mailed waits.
    """
    with database.reading() as session:
        is_planned = starts.is_planned(session, now=now)
        waiting = _look(session, now)
    if not is_planned:
        plan_starts(database, now=now)
        waiting.add("start")
    done = moved = 0
    tried: dict[Kind, set[int]] = {}
    for kind in KINDS:
        if moved:  # what is done may make more due
            waiting |= _waiting(database, now)
        moved = 0
        if kind.name in waiting:
            ids = due_ids(database, kind, now=now)
            moved = sum(attempt(database, kind, row_id, now=now) for row_id in ids)
            done += moved
            if len(ids) == MOST_AT_ONCE:
                tried[kind] = set(ids)
    while tried and has_time():
        for kind in list(tried):
            ids = [i for i in due_ids(database, kind, now=now) if i not in tried[kind]][:SLICE]
            done += sum(attempt(database, kind, row_id, now=now) for row_id in ids)
            tried[kind].update(ids)
            if not ids:
                del tried[kind]
    if done:
        done += deliver(database, now=now)
    return done + (send_mail(database, post, now=now) if post else 0)


def _waiting(database: Database, now: datetime) -> set[str]:
    with database.reading() as session:
        return _look(session, now)


def _look(session: Session, now: datetime) -> set[str]:
    """Tell of which kinds something may be due; mostly of none, and that shall cost nothing."""
    connection = session.connection()
    found = connection.execute(_firsts(connection.dialect)).one()
    return {kind.name for kind, at in zip(KINDS, found, strict=True) if at and at <= now}


@cache
def _firsts(dialect: Dialect) -> sa.TextualSelect:
    """Ask for the first moment of every kind at once, without a parameter: so PostgreSQL keeps its
    plan, and need not make one at every look, which would take longer than the look.
    """
    wanted = sa.select(*(kind.first().label(kind.name) for kind in KINDS))
    text = str(wanted.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return sa.text(text).columns(*(sa.column(kind.name, Instant()) for kind in KINDS))


def deliver(database: Database, *, now: datetime) -> int:
    """Deliver what goes between cases, and what follows from that in turn; returns how many."""
    done = 0
    for _ in range(MOST_HOPS):
        waiting = _waiting(database, now)
        moved = sum(
            attempt(database, kind, row_id, now=now)
            for kind in POST
            if kind.name in waiting
            for row_id in due_ids(database, kind, now=now)
        )
        if not moved:
            break
        done += moved
    return done


__all__ = [
    "BY_NAME",
    "CLOCK",
    "KINDS",
    "attempt",
    "beat",
    "deliver",
    "plan_starts",
    "run_due",
    "send_mail",
]
