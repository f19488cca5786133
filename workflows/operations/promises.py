"""A besked: saying when a task will be done, and why not before; escalation waits till then."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.language import on
from workflows.notices.models import Promise
from workflows.notices.rows import plan_calls
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, acting, require
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Task

LONGEST_WHY = 500


def promise(
    session: Session,
    task: Task,
    until: date,
    why: str,
    *,
    needs_help: bool = False,
    by: Actor,
    now: datetime,
) -> Promise:
    """Promise a task by a day, perhaps given help; the date it is due stays what it is.

    :raises Conflict: if it is closed
    :raises Forbidden: if it is not theirs
    :raises Invalid: if no reason is given, or the day has passed
    """
    by = acting(by, task)
    require(by, Deed.PROMISE, task)
    if task.closed_at is not None:
        raise Conflict("task_closed", task=task.id)
    if not why.strip() or len(why) > LONGEST_WHY:
        raise Invalid("reason_missing", longest=LONGEST_WHY)
    if until < on(now):
        raise Invalid("day_passed")
    given = Promise(
        task_id=task.id,
        until=until,
        why=why.strip(),
        needs_help=needs_help,
        given_by_id=by.id,
        given_at=now,
    )
    session.add(given)
    session.flush()
    calendar = calendar_of(session, task.unit_id, task.case.year, to_write=True)
    plan_calls(session, [(task, calendar)], now=now)
    record(
        session,
        "promise_given",
        by=by,
        now=now,
        case_id=task.case_id,
        unit_id=task.unit_id,
        step=task.element,
        what={"step_id": task.step_id, "until": until, "needs_help": needs_help},
        why=given.why,
    )
    return given
