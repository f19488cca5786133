"""Where a case stands, for whoever operates it: what is open in it, and which cases stand still."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases import incidents
from workflows.cases.messages import Message, Sent, Wait
from workflows.cases.models import OPEN, Case, CaseState, Timer
from workflows.errors import Conflict
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, may, require
from workflows.tasks.models import Task, TaskRole

MOST = 200


@dataclass(frozen=True, slots=True)
class Thing:
    """Something open in a case; `id` is the engine's name for it."""

    id: str
    element: str
    kind: Literal["task", "timer", "message", "call", "incident"]
    due_at: datetime | None = None
    task: Task | None = None
    incident: incidents.Open | None = None


@dataclass(frozen=True, slots=True)
class Standstill:
    """A case that cannot go on by itself, and why: stopped, or at tasks nobody may take."""

    case: Case
    incidents: list[incidents.Open]
    tasks: list[Task]


def open_things(session: Session, case: Case) -> list[Thing]:
    """List what is open in a case: incidents, tasks, and what it waits for."""
    stopped = [Thing(one.id, one.element, "incident", incident=one) for one in incidents.of(case)]
    tasks = session.scalars(
        sa.select(Task)
        .where(Task.case_id == case.id, Task.closed_at.is_(None))
        .options(joinedload(Task.assignee))
        .order_by(Task.id)
    )
    timers = session.scalars(
        sa.select(Timer)
        .where(Timer.case_id == case.id, Timer.fired_at.is_(None), Timer.closed_at.is_(None))
        .order_by(Timer.id)
    )
    waits = session.scalars(
        sa.select(Wait).where(Wait.case_id == case.id, Wait.closed_at.is_(None)).order_by(Wait.id)
    )
    calls = session.execute(
        sa.select(Message.key, Message.element)
        .outerjoin(
            Case, sa.and_(Case.caller_id == Message.from_case_id, Case.caller_call == Message.key)
        )
        .where(
            Message.from_case_id == case.id,
            Message.kind == Sent.CALL,
            sa.or_(Message.closed_at.is_(None), Case.closed_at.is_(None) & Case.id.is_not(None)),
        )
        .order_by(Message.id)
    )
    return [
        *stopped,
        *(Thing(one.step_id, one.element, "task", one.due_at, task=one) for one in tasks),
        *(Thing(one.wait_id, one.element, "timer", one.due_at) for one in timers),
        *(Thing(one.wait_id, one.element, "message") for one in waits),
        *(Thing(one.key, one.element or "", "call") for one in calls),
    ]


def open_thing(session: Session, case: Case, thing_id: str) -> Thing:
    """Find one open thing of a case.

    :raises Conflict: if it is open no more
    """
    found = next((one for one in open_things(session, case) if one.id == thing_id), None)
    if found is None:
        raise Conflict("not_open", id=thing_id)
    return found


def standing_still(session: Session, *, by: Actor) -> list[Standstill]:
    """List the cases that wait for an operator and that `by` may operate, the oldest first.

    :raises Forbidden: if `by` operates no cases at all
    """
    require(by, Deed.SEE_STANDSTILL, None)
    nobody_s = (
        sa.select(Task)
        .where(
            Task.closed_at.is_(None),
            Task.assignee_id.is_(None),
            ~sa.exists().where(TaskRole.task_id == Task.id),
        )
        .order_by(Task.id)
    )
    tasks: dict[int, list[Task]] = {}
    for task in session.scalars(nobody_s):
        tasks.setdefault(task.case_id, []).append(task)
    cases = session.scalars(
        sa.select(Case)
        .where(
            sa.or_(Case.state == CaseState.STOPPED, Case.id.in_(tasks)),
            Case.state.in_(OPEN),
        )
        .options(joinedload(Case.process), joinedload(Case.unit), joinedload(Case.version))
        .order_by(Case.id)
        .limit(MOST)
    )
    return [
        Standstill(case, incidents.of(case), tasks.get(case.id, []))
        for case in cases
        if may(by, Deed.OPERATE_CASE, case)
    ]
