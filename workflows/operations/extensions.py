"""Longer time for one task: asking for it, and deciding."""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from workflows.calendar.because import Because, read, stored
from workflows.calendar.deadlines import Deadline, extended
from workflows.calendar.places import OFFICE_TIME
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.rows import record
from workflows.language import ZONE, on
from workflows.notices.rows import plan_calls, tell
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, acting, require
from workflows.processes.rows import compiled
from workflows.queries.holdings import holders
from workflows.steering.rows import calendar_of, city_id
from workflows.tasks.extensions import Extension, of_task
from workflows.tasks.models import Task


def ask(
    session: Session, task: Task, until: date, why: str, *, by: Actor, now: datetime
) -> Extension:
    """Ask for a task to be due later.

    :raises Conflict: if it is closed, has no date, or an earlier request is not decided
    :raises Forbidden: if it is not theirs, or law has set the date
    :raises Invalid: if no reason is given, or the day is not a later one
    """
    by = acting(by, task)
    require(by, Deed.ASK_FOR_TIME, task)
    old = _date_of(task)
    if not why.strip():
        raise Invalid("reason_missing")
    if until <= on(old) or until < on(now):
        raise Invalid("day_not_later", due=on(old))
    if any(one.decided_at is None for one in of_task(session, task)):
        raise Conflict("time_asked_for_already")
    decider, decider_unit_id = _decider(session, task)
    asked = Extension(
        task=task,
        decider=decider,
        decider_unit_id=decider_unit_id,
        asked_by_id=by.id,
        asked_for_id=by.acting_for_id,
        asked_at=now,
        why=why.strip(),
        old_due_at=old,
        new_due_at=datetime.combine(until, OFFICE_TIME, ZONE).astimezone(UTC),
    )
    session.add(asked)
    session.flush()
    _record(session, asked, "time_asked_for", why=asked.why, by=by, now=now)
    place = (decider, decider_unit_id or task.unit_id)
    people = holders(session, [place], on(now), process_id=task.process_id)[place] - {by.id}
    tell(session, people, "time_asked_for", task_id=task.id, now=now)
    return asked


def _decider(session: Session, task: Task) -> tuple[str, int | None]:
    """Say which role decides, and in which unit: the task's own when nothing else is said."""
    named = (compiled(task.case.version).description.longer_time or "director").split()
    match named[1:]:
        case ["city"]:
            return named[0], city_id(session)
        case ["parent"]:
            return named[0], task.unit.parent_id
        case _:
            return named[0], None


def may_be_asked(session: Session, task: Task) -> bool:
    """Tell whether longer time can be asked for: not for a date of law, and once at a time."""
    undecided = any(one.decided_at is None for one in of_task(session, task))
    return not (task.is_legal or task.due_at is None or task.closed_at or undecided)


def decide(
    session: Session, asked: Extension, *, give: bool, answer: str, by: Actor, now: datetime
) -> None:
    """Give the longer time, or refuse it with a reason.

    :raises Conflict: if it is decided already, or the task is closed
    :raises Forbidden: if `by` is not who decides, or asked themselves
    :raises Invalid: if it is refused without a reason
    """
    require(by, Deed.GIVE_TIME, asked)
    if asked.decided_at is not None:
        raise Conflict("time_decided_already")
    if not give and not answer.strip():
        raise Invalid("reason_missing")
    task = asked.task
    _date_of(task)
    asked.decided_at, asked.decided_by_id = now, by.id
    asked.is_given, asked.answer = give, answer.strip() or None
    if give and task.due_at is not None and task.due_at < asked.new_due_at:
        why = read(task.because or {})
        if isinstance(why, Because):
            later = extended(Deadline(task.due_at, why), asked.new_due_at)
            task.because = stored(later.because)
        task.due_at = asked.new_due_at
        calendar = calendar_of(session, task.unit_id, task.case.year, to_write=True)
        plan_calls(session, [(task, calendar)], now=now)
    kind = "time_given" if give else "time_refused"
    _record(session, asked, kind, why=asked.answer, by=by, now=now)
    people = {one for one in (asked.asked_by_id, task.assignee_id) if one not in (None, by.id)}
    tell(session, [one for one in people if one is not None], kind, task_id=task.id, now=now)


def _date_of(task: Task) -> datetime:
    if task.closed_at is not None:
        raise Conflict("task_closed", task=task.id)
    if task.is_legal:
        raise Forbidden("legal_date")
    if task.due_at is None or task.because is None:
        raise Conflict("task_undated")
    return task.due_at


def _record(
    session: Session, asked: Extension, kind: str, *, why: str | None, by: Actor, now: datetime
) -> None:
    task = asked.task
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=task.case_id,
        unit_id=task.unit_id,
        step=task.element,
        what={"step_id": task.step_id, "old": asked.old_due_at, "new": asked.new_due_at}
        | ({"because": task.because} if asked.is_given else {}),
        why=why,
    )
