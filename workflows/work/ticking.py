"""What a clock does before it looks for due work: notes that it runs, and plans what will start."""

from datetime import datetime

import structlog

from workflows.cases import lateness
from workflows.database import Database
from workflows.history.rows import record
from workflows.operations import starting
from workflows.organisation.forgetting import forget_old
from workflows.queries import starts
from workflows.work.kinds import CLOCK

log = structlog.get_logger()


def beat(database: Database, *, now: datetime) -> None:
    """Note now and then that a clock runs, so that it is known afterwards when none did; and
    forget what nobody needs any more.
    """
    with database.reading() as session:
        if not lateness.needs_beat(session, now=now):
            return
    with database.writing() as session, session.begin():
        forget_old(session, now=now)
        if (since := lateness.beat(session, now=now)) is not None:
            record(session, "clock_back", by=CLOCK, now=now, what={"since": since})


def plan_starts(database: Database, *, now: datetime) -> None:
    """Plan anew which cases start when, if anything that rests on has changed; mostly a look."""
    try:
        _plan_starts(database, now)
    except Exception:  # what is planned already, and all other work, goes on
        log.exception("starts_not_planned")


def _plan_starts(database: Database, now: datetime) -> None:
    with database.reading() as session:
        if starts.is_planned(session, now=now):
            return
        seen = starts.word(session, now=now)
        found = starts.wanted(session, now=now)
    with database.writing() as session, session.begin():
        starting.plan(session, found, seen, now=now)
