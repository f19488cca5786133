"""What the clock does: each piece of due work is a row, done and marked in one transaction.

Mail alone has an effect outside the database: it is sent between two short transactions.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from workflows.database import Database, Instant
from workflows.notices.letters import Post
from workflows.work.attempts import MOST_AT_ONCE, Kind, attempt, due_ids
from workflows.work.kinds import BY_NAME, CLOCK, KINDS, POST
from workflows.work.mail import send_mail
from workflows.work.ticking import beat, plan_starts

# One question for all kinds, made once: mostly there is nothing, and that shall cost nothing.
_look: sa.CompoundSelect[str] = sa.union_all(
    *(
        sa.select(sa.literal_column(f"'{kind.name}'")).where(
            sa.exists(kind.due(sa.bindparam("now", type_=Instant())))
        )
        for kind in KINDS
    )
)
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
    plan_starts(database, now=now)
    with database.reading() as session:
        waiting = set(session.scalars(_look, {"now": now}))
    done = 0
    tried: dict[Kind, set[int]] = {}
    for kind in KINDS:
        if done or kind.name in waiting:  # what is done may make more due
            ids = due_ids(database, kind.due(now))
            done += sum(attempt(database, kind, row_id, now=now) for row_id in ids)
            if len(ids) == MOST_AT_ONCE:
                tried[kind] = set(ids)
    while tried and has_time():
        for kind in list(tried):
            ids = [i for i in due_ids(database, kind.due(now)) if i not in tried[kind]][:SLICE]
            done += sum(attempt(database, kind, row_id, now=now) for row_id in ids)
            tried[kind].update(ids)
            if not ids:
                del tried[kind]
    if done:
        done += deliver(database, now=now)
    return done + (send_mail(database, post, now=now) if post else 0)


def deliver(database: Database, *, now: datetime) -> int:
    """Deliver what goes between cases, and what follows from that in turn; returns how many."""
    done = 0
    for _ in range(MOST_HOPS):
        moved = sum(
            attempt(database, kind, row_id, now=now)
            for kind in POST
            for row_id in due_ids(database, kind.due(now))
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
