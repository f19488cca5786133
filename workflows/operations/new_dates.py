"""Planning when moved tasks call for attention, a few at a time after the change was made."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.models import Case
from workflows.notices.rows import plan_calls
from workflows.steering.models import Move
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Task

AT_ONCE = 50


def plan(session: Session, move_id: int, *, now: datetime) -> None:
    """Plan the calls of the task of a move and of its neighbours, by the dates they have now."""
    first = move_id - move_id % AT_ONCE
    here = (Move.id >= first, Move.id < first + AT_ONCE, Move.calls_due)
    task_ids = session.scalars(sa.select(Move.task_id).where(*here).with_for_update()).all()
    tasks = session.scalars(
        sa.select(Task)
        .where(Task.id.in_(task_ids), Task.closed_at.is_(None))
        .options(joinedload(Task.case).joinedload(Case.version))
    ).all()
    dated = [(task, calendar_of(session, task.unit_id, task.case.year)) for task in tasks]
    if dated:
        plan_calls(session, dated, now=now)
    done = sa.update(Move).where(*here).values(calls_due=False)
    session.execute(done.execution_options(synchronize_session=False))
