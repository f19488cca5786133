"""What follows when dates change: those that hang on what a case knows, when tasks call for
attention, and steps whose milestone no longer exists.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows import engine
from workflows.calendar.because import are_same
from workflows.cases.deadlines import date_of
from workflows.cases.models import Case, Timer
from workflows.notices.rows import plan_calls, tell
from workflows.processes.rows import Kept, compiled, kept_as
from workflows.queries.redating import MOVES, extended_until, opened_in
from workflows.steering.models import Move
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Task

AT_ONCE = 50
_asked_for: Kept[frozenset[str]] = Kept()  # by version, which never changes
OF_THE_CASE = "case."  # how a rule names what the case knows
_NAMED = re.compile(r"\bcase\.(\w+)")


def follow_data(
    session: Session,
    case: Case,
    before: Mapping[str, Any] | None,
    seen: engine.Facts,
    *,
    now: datetime,
) -> list[dict[str, object]]:
    """Date anew the open tasks and waiting timers whose rules ask for what the case knows and did
    not know `before`, such as a day that has just been filled in; tells which moved.
    """
    version = case.version
    names = _asked_for.get(kept_as(version), lambda: _asked(compiled(version)))
    is_known = before is not None and all(before.get(one) == case.data.get(one) for one in names)
    if is_known or not names:
        return []
    moved: list[dict[str, object]] = []
    tasks: list[Task] = []
    for row in _hanging(session, case):
        opened = row.opened_at or opened_in(row.because or {})
        rule = (row.because or {}).get("rule", "")
        if OF_THE_CASE not in rule or opened is None:
            continue
        new = date_of(
            session,
            case,
            rule,
            seen,
            opened=opened,
            legal=isinstance(row, Task) and row.is_legal,
            item=row.item,
            until=extended_until(row.because or {}),
        )
        if new.due_at == row.due_at and are_same(new.because, row.because):
            continue
        if new.due_at != row.due_at:
            told = {"step_id": row.step_id if isinstance(row, Task) else row.wait_id}
            dates: dict[str, object] = {
                "old": row.due_at,
                "new": new.due_at,
                "because": new.because,
            }
            moved.append(dates | told | {"element": row.element})
        row.due_at, row.because = new.due_at, new.because
        if isinstance(row, Task):
            tasks.append(row)
    session.flush()
    if tasks:
        calendar = calendar_of(session, case.unit_id, case.year, to_write=True)
        plan_calls(session, [(task, calendar) for task in tasks], now=now)
    for task in tasks:
        if task.assignee_id is not None:
            tell(session, [task.assignee_id], "deadline_moved", task_id=task.id, now=now)
    return moved


def _asked(runs: engine.Compiled) -> frozenset[str]:
    """Name what the rules of a version ask of the case."""
    due = (one.rule for step in runs.description.steps.values() for one in step.due)
    timers = (node.event.text or "" for node in runs.plan.nodes.values() if node.event)
    return frozenset(name for text in (*due, *timers) for name in _NAMED.findall(text))


def _hanging(session: Session, case: Case) -> list[Task | Timer]:
    key = {"case_id": case.id}
    return [*session.scalars(_TASKS, key), *session.scalars(_TIMERS, key)]


# Built once: every completed task asks.
_TASKS = (
    sa.select(Task)
    .where(
        Task.case_id == sa.bindparam("case_id"),
        Task.closed_at.is_(None),
        Task.because.is_not(None),
    )
    .order_by(Task.id)
)
_TIMERS = (
    sa.select(Timer)
    .where(
        Timer.case_id == sa.bindparam("case_id"),
        Timer.closed_at.is_(None),
        Timer.fired_at.is_(None),
        Timer.because.is_not(None),
    )
    .order_by(Timer.id)
)


def plan(session: Session, move_id: int, *, now: datetime) -> None:
    """Plan the calls of the task of a move and of its neighbours, by the dates they have now."""
    first = move_id - move_id % AT_ONCE
    here = (Move.id >= first, Move.id < first + AT_ONCE, Move.calls_due, Move.fate == MOVES)
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
