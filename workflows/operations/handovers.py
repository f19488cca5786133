"""Giving a task to somebody by name: delegating it, sending it back, giving it to another, or
saying that another should have it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.language import on
from workflows.notices.rows import tell
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.permissions import Deed, acting, require
from workflows.queries.receivers import leaders, may_be_given
from workflows.tasks.models import Task
from workflows.tasks.rows import free, require_open


def delegate(
    session: Session,
    task: Task,
    to: Person,
    why: str,
    *,
    command: str,
    by: Actor,
    now: datetime,
) -> None:
    """Hand a task one has to somebody else, who may send it back; the same post twice does it once.

    :raises Conflict: if it is closed, or theirs already
    :raises Forbidden: if it is not one's own to give
    :raises Invalid: if the receiver must not have it
    """
    if _is_repeated(task, command):
        return
    require_open(task)
    by = acting(by, task)
    require(by, Deed.DELEGATE, task)
    _give(session, task, to, command=command, now=now)
    _record(session, task, "task_delegated", to.id, why, by=by, now=now)
    tell(session, [to.id], "task_given", task_id=task.id, now=now)


def return_(
    session: Session, task: Task, why: str, *, command: str, by: Actor, now: datetime
) -> None:
    """Send a task back to whoever gave it; if they cannot have it any more, to its role.

    :raises Conflict: if it is closed, or nobody gave it
    :raises Forbidden: if `by` does not have it
    :raises Invalid: if no reason is given
    """
    if _is_repeated(task, command):
        return
    require_open(task)
    by = acting(by, task)
    require(by, Deed.RETURN, task)
    earlier = list(task.given_from or [])
    if not earlier:
        raise Conflict("nobody_gave_it")
    _must_say(why)
    task.command = command or None
    while earlier:
        giver = session.get_one(Person, earlier.pop())
        if may_be_given(session, task, giver, today=on(now)):
            task.assignee_id, task.claimed_at, task.claimed_for_id = giver.id, now, None
            task.given_from = earlier or None
            _record(session, task, "task_returned", giver.id, why, by=by, now=now)
            tell(session, [giver.id], "task_returned", task_id=task.id, now=now)
            return
    free(task)
    _record(session, task, "task_freed", None, why, by=by, now=now)


def reassign(
    session: Session,
    task: Task,
    to: Person | None,
    why: str,
    *,
    command: str,
    by: Actor,
    now: datetime,
) -> None:
    """Give a task to another than whoever has it, as their manager or as an operator; to nobody
    means to let its role have it.

    :raises Conflict: if it is closed, theirs already, or nobody's role could take it
    :raises Forbidden: if `by` neither leads the unit nor operates the case
    :raises Invalid: if no reason is given, or the receiver must not have it
    """
    if _is_repeated(task, command):
        return
    require_open(task)
    require(by, Deed.REASSIGN, task)
    _must_say(why)
    before = task.assignee_id
    if to is None:
        if before is None or not task.roles:
            raise Conflict("nobody_else_s")
        free(task)
        task.command = command or None
        _record(session, task, "task_freed", None, why, by=by, now=now)
    else:
        _give(session, task, to, command=command, now=now)
        _record(session, task, "task_reassigned", to.id, why, by=by, now=now)
        tell(session, {to.id} - {by.id}, "task_given", task_id=task.id, now=now)
    if before is not None and before != by.id:
        tell(session, [before], "task_taken", task_id=task.id, now=now)


def suggest(
    session: Session,
    task: Task,
    to: Person | None,
    why: str,
    *,
    command: str,
    by: Actor,
    now: datetime,
) -> None:
    """Say that one is not the right person for a task, and perhaps who is: whoever may give it to
    another is told. Until they do, it stays where it is.

    :raises Conflict: if it is closed
    :raises Forbidden: if it is not theirs to do either
    :raises Invalid: if no reason is given, or who is suggested must not have it
    """
    if _is_repeated(task, command):
        return
    require_open(task)
    by = acting(by, task)
    require(by, Deed.SUGGEST, task)
    _must_say(why)
    if to is not None and (to.id == by.id or not may_be_given(session, task, to, today=on(now))):
        raise Invalid("must_not_have_it", name=to.name)
    task.command = command or None
    kind = "other_suggested" if to else "other_asked_for"
    _record(session, task, kind, to.id if to else None, why, by=by, now=now)
    told = leaders(session, task, today=on(now)) - {by.id}
    tell(session, told, "other_suggested", task_id=task.id, now=now)


def _give(session: Session, task: Task, to: Person, *, command: str, now: datetime) -> None:
    if to.id == task.assignee_id:
        raise Conflict("theirs_already", name=to.name)
    if not may_be_given(session, task, to, today=on(now)):
        raise Invalid("must_not_have_it", name=to.name)
    if task.assignee_id is not None:
        task.given_from = [*(task.given_from or []), task.assignee_id]
    task.assignee_id, task.claimed_at, task.claimed_for_id = to.id, now, None
    task.command = command or None


def _is_repeated(task: Task, command: str) -> bool:
    return bool(command) and task.command == command


def _must_say(why: str) -> None:
    if not why.strip():
        raise Invalid("reason_missing")


def _record(
    session: Session,
    task: Task,
    kind: str,
    person_id: int | None,
    why: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=task.case_id,
        unit_id=task.unit_id,
        step=task.element,
        what={"step_id": task.step_id} | ({"person": person_id} if person_id is not None else {}),
        why=why.strip() or None,
    )
