"""What becomes of the tasks of somebody who leaves; for the verbs that close a person."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from workflows.cases.models import Case
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.tasks.models import Task
from workflows.tasks.rows import free


def let_go(session: Session, person: Person, *, by: Actor, now: datetime) -> None:
    """Let the tasks a person has be free for their roles again; drafts stay.

    One that was for them alone is then nobody's, and stands in the list of what stands still.
    The cases are locked in their order, before any chain.
    """
    theirs = sa.and_(Task.assignee_id == person.id, Task.closed_at.is_(None))
    of_cases = sa.select(Task.case_id).where(theirs)
    locked = sa.select(Case.id).where(Case.id.in_(of_cases)).order_by(Case.id)
    session.execute(locked.with_for_update())
    wanted = sa.select(Task).where(theirs).options(selectinload(Task.roles)).order_by(Task.case_id)
    for task in session.scalars(wanted.execution_options(populate_existing=True)).all():
        free(task)
        record(
            session,
            "task_freed",
            by=by,
            now=now,
            case_id=task.case_id,
            unit_id=task.unit_id,
            step=task.element,
            what={"step_id": task.step_id, "person": person.id},
        )
