"""What the clock does: each piece of due work is a row, done and marked in one transaction."""

from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from workflows.cases.models import Case, CaseState, Timer
from workflows.database import Database
from workflows.operations import timers
from workflows.organisation.actor import Actor

CLOCK = Actor.system("clock")
MOST_AT_ONCE = 200
LONGEST_PAUSE = timedelta(hours=6)

log = structlog.get_logger()


def run_due(database: Database, *, now: datetime) -> int:
    """Do what is due, each piece in a transaction of its own; returns how many were done.

    One that fails is tried again later, and never keeps the others waiting.
    """
    return sum(_fire(database, timer_id, now=now) for timer_id in _due_timers(database, now=now))


def _due_timers(database: Database, *, now: datetime) -> list[int]:
    with database.reading() as session:
        found = session.scalars(
            sa.select(Timer.id)
            .join(Case, Case.id == Timer.case_id)
            .where(
                Timer.fired_at.is_(None),
                Timer.closed_at.is_(None),
                Timer.due_at <= now,
                sa.or_(Timer.retry_at.is_(None), Timer.retry_at <= now),
                Case.state.in_((CaseState.RUNNING, CaseState.STOPPED)),
            )
            .order_by(Timer.due_at, Timer.id)
            .limit(MOST_AT_ONCE)
        )
        return list(found)


def _fire(database: Database, timer_id: int, *, now: datetime) -> bool:
    try:
        with database.writing() as session, session.begin():
            timer, case = _claim(session, timer_id)
            timers.fire(session, timer, case, by=CLOCK, now=now)
    except Exception:  # one stuck row never blocks the others; it is tried again
        log.exception("timer_failed", timer=timer_id)
        _put_off(database, timer_id, now=now)
        return False
    return True


def _claim(session: Session, timer_id: int) -> tuple[Timer, Case]:
    of_timer = sa.select(Timer.case_id).where(Timer.id == timer_id).scalar_subquery()
    case = session.scalars(sa.select(Case).where(Case.id == of_timer).with_for_update()).one()
    return session.get_one(Timer, timer_id), case


def _put_off(database: Database, timer_id: int, *, now: datetime) -> None:
    with database.writing() as session, session.begin():
        timer = session.get_one(Timer, timer_id)
        timer.attempts += 1
        timer.retry_at = now + min(timedelta(minutes=2**timer.attempts), LONGEST_PAUSE)
