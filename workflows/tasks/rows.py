"""Reading and writing single tasks, without permission or history; called by verbs and queries."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from workflows.cases.models import Case
from workflows.errors import Conflict
from workflows.history.models import Event
from workflows.processes.rows import compiled
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


# Who has done one of these to a case has had a hand in what is to be reviewed in it.
STEERED = ("data_corrected", "incident_mended", "step_skipped", "case_moved")


def know_barred(session: Session, task: Task) -> None:
    """Learn who may not do the task: who did a step it names in `notBy`, or steered the case."""
    task.__dict__["_barred"] = (
        _doers(session, task.case_id, task.not_by, is_task=True) if task.not_by else frozenset()
    )


def know_reviewed(session: Session, case: Case) -> None:
    """Learn who did work in a case that another step of it bars them from."""
    steps = compiled(case.version).description.steps.values()
    named = {element for step in steps for element in step.not_by}
    case.__dict__["_barred"] = _doers(session, case.id, named) if named else frozenset()


def _doers(
    session: Session, case_id: int, elements: Iterable[str], *, is_task: bool = False
) -> frozenset[int]:
    wanted = sa.select(Task.done_by_id, Task.done_for_id).where(
        Task.case_id == case_id, Task.element.in_(sorted(elements))
    )
    steered = sa.select(Event.actor_id, Event.acting_for_id).where(
        Event.case_id == case_id, Event.kind.in_(STEERED)
    )
    rows = session.execute(wanted.union_all(steered) if is_task else wanted)
    return frozenset(person for row in rows for person in row if person is not None)


def require_open(task: Task) -> None:
    """Refuse to touch what is done.

    :raises Conflict: if it is closed
    """
    if task.closed_at is not None:
        raise Conflict("task_closed", task=task.id)


def free(task: Task) -> None:
    """Let a task be nobody's; its draft stays."""
    task.assignee_id, task.claimed_at, task.claimed_for_id, task.given_from = None, None, None, None


def withdraw(
    session: Session, case_id: int, step_ids: list[str] | None, *, now: datetime
) -> list[Task]:
    """Close the open tasks of steps the case has left, or (None) all; returns those that were."""
    if step_ids == []:
        return []
    wanted = sa.select(Task).where(Task.case_id == case_id, Task.closed_at.is_(None))
    if step_ids is not None:
        wanted = wanted.where(Task.step_id.in_(step_ids))
    left = session.scalars(wanted).all()
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
