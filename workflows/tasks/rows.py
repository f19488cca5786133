"""Reading and writing single tasks, without permission or history; called by verbs and queries."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from workflows.cases.models import Case
from workflows.tasks.models import Draft, Outcome, Task


def find(session: Session, task_id: int, *, to_change: bool = False) -> Task | None:
    """Load a task with its case, unit, roles, and those it is barred for.

    `to_change` locks the case first, always before its tasks and its chain, so that two who act
    in one case take turns instead of waiting for each other.
    """
    if to_change:
        of_task = sa.select(Task.case_id).where(Task.id == task_id).scalar_subquery()
        session.execute(sa.select(Case.id).where(Case.id == of_task).with_for_update())
    task = session.scalars(
        sa.select(Task)
        .where(Task.id == task_id)
        .options(
            joinedload(Task.case).joinedload(Case.version),
            joinedload(Task.case).joinedload(Case.process),
            joinedload(Task.unit),
            joinedload(Task.process),
            joinedload(Task.assignee),
            selectinload(Task.roles),
        )
    ).one_or_none()
    if task is not None:
        know_barred(session, task)
    return task


def know_barred(session: Session, task: Task) -> None:
    """Learn who may not do the task, having done a step it names in `notBy`."""
    barred: set[int] = set()
    if task.not_by:
        done = session.execute(
            sa.select(Task.done_by_id, Task.done_for_id).where(
                Task.case_id == task.case_id, Task.element.in_(task.not_by)
            )
        )
        barred = {person for row in done for person in row if person is not None}
    task.__dict__["_barred"] = frozenset(barred)


def withdraw(session: Session, case_id: int, step_ids: list[str], *, now: datetime) -> list[Task]:
    """Close the open tasks of steps the case has left; returns those that were open."""
    if not step_ids:
        return []
    left = session.scalars(
        sa.select(Task).where(
            Task.case_id == case_id, Task.step_id.in_(step_ids), Task.closed_at.is_(None)
        )
    ).all()
    for task in left:
        task.closed_at = now
        task.outcome = Outcome.WITHDRAWN
        forget_draft(session, task)
    return list(left)


def draft_of(session: Session, task: Task) -> Draft | None:
    """Load the draft of a task, if anybody has typed something."""
    return session.get(Draft, task.id)


def forget_draft(session: Session, task: Task) -> None:
    """Remove the draft; its words now stand in the case, or the case went another way."""
    session.execute(sa.delete(Draft).where(Draft.task_id == task.id))
