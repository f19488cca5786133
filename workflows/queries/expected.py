"""What a running case has before it: the steps it may still come to, and when the calendar says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from workflows.calendar.windows import Step, Window, plan
from workflows.cases import incidents
from workflows.cases.messages import Message, Sent, Wait
from workflows.cases.models import Case, Timer
from workflows.processes.rows import compiled
from workflows.processes.windows import steps_of
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Outcome, Task

Called = aliased(Case)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step that has not been opened; `is_aside` if it comes only when something happens."""

    window: Window
    is_aside: bool


def ahead(session: Session, case: Case, tasks: Sequence[Task], *, now: datetime) -> list[Ahead]:
    """List the steps a case may still come to, the first first: each after those it waits for,
    counted from when they were done, or are due.
    """
    if case.closed_at is not None:
        return []
    runs, opened = compiled(case.version), {task.element for task in tasks}
    standing = _waited_at(session, case) | {one.element for one in incidents.of(case)}
    standing |= {task.element for task in tasks if task.closed_at is None}
    to_come = runs.ahead(standing) - opened
    steps = [step for step in steps_of(runs) if step.key in opened | to_come]
    windows = plan(
        steps,
        calendar_of(session, case.unit_id, case.year),
        case.year,
        start=case.opened_at,
        ended=_ended(tasks, now),
        fields={"case": case.data},
    )
    aside = asides(steps)
    return [
        Ahead(window, window.key in aside)
        for window in windows
        if window.key in to_come and not window.is_removed
    ]


def asides(steps: Iterable[Step]) -> set[str]:
    """Name the steps that come only when something happens."""
    aside: set[str] = set()
    for step in steps:  # and what comes after nothing else
        if step.during or (step.after and aside.issuperset(step.after)):
            aside.add(step.key)
    return aside


def _waited_at(session: Session, case: Case) -> set[str]:
    """Where a case waits for a time, a message or another case, in one statement."""
    timers = sa.select(Timer.element).where(
        Timer.case_id == case.id, Timer.fired_at.is_(None), Timer.closed_at.is_(None)
    )
    waits = sa.select(Wait.element).where(Wait.case_id == case.id, Wait.closed_at.is_(None))
    calls = sa.select(Message.element).where(
        Message.from_case_id == case.id,
        Message.kind == Sent.CALL,
        sa.or_(
            Message.closed_at.is_(None),
            sa.exists().where(
                Called.caller_id == case.id,
                Called.caller_call == Message.key,
                Called.closed_at.is_(None),
            ),
        ),
    )
    return {one for one in session.scalars(sa.union(timers, waits, calls)) if one}


def _ended(tasks: Iterable[Task], now: datetime) -> dict[str, datetime]:
    """Say when each step that was opened ended, or is to end: what is late ends now at best."""
    found: dict[str, datetime] = {}
    for task in tasks:
        if task.outcome is Outcome.WITHDRAWN:
            continue
        ends_at = task.closed_at or max(task.due_at or now, now)
        found[task.element] = max(ends_at, found.get(task.element, ends_at))
    return found
