"""Letting the moment come at which a task calls for attention: whom it is for is found now."""

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.history.rows import record
from workflows.language import on
from workflows.notices import rows
from workflows.notices.models import Call
from workflows.organisation.actor import Actor
from workflows.organisation.models import Holding
from workflows.queries.holdings import Place, holders, in_their_place
from workflows.tasks.models import Task

# No automatic mail to those who are elected.
ELECTED = frozenset({"council", "executive_board", "crisis_board", "board"})
NOTICES = {"opened": "task_opened", "reminder": "reminder", "escalation": "escalation"}
EVENTS = {"reminder": "reminded", "escalation": "escalated"}


def call(session: Session, due: Call, task: Task, *, by: Actor, now: datetime) -> None:
    """Tell those a task calls for, once; one that is closed calls no more.

    The case of the task is locked by whoever calls this.
    """
    if due.fired_at is not None:
        return
    if task.closed_at is not None:
        session.delete(due)
        return
    due.fired_at = now
    people = {one for group in due.to for one in _people(session, group, task, now=now)}
    kind = NOTICES[due.occasion]
    rows.tell(session, people, kind, task_id=task.id, at_once=due.is_legal, now=now)
    if due.occasion in EVENTS:
        record(
            session,
            EVENTS[due.occasion],
            by=by,
            now=now,
            case_id=task.case_id,
            unit_id=task.unit_id,
            step=task.element,
            what={
                "step_id": task.step_id,
                "which": due.key,
                "due_at": due.due_at,
                "people": sorted(people),
            },
        )


def _people(session: Session, group: str, task: Task, *, now: datetime) -> set[int]:
    """Find whom a policy means by one of its words."""
    today = on(now)
    places = [(one.role, one.unit_id) for one in task.roles if one.role not in ELECTED]
    match group:
        case "holder" if task.assignee_id is not None:
            return in_their_place(
                session, task.assignee_id, places, today, process_id=task.process_id
            )
        case "holder":
            return _all(holders(session, places, today, process_id=task.process_id))
        case "deputy":
            return set()  # whoever stands in for a holder is told in their place
        case "manager":
            managers = _all(holders(session, [("unit_manager", task.unit_id)], today))
            return managers or _all(holders(session, [("director", task.unit_id)], today))
        case "central":
            return _anywhere(session, "central_security", today)
        case "duty_officer":
            on_duty = _all(holders(session, [("duty_officer", task.unit_id)], today))
            return on_duty or _anywhere(session, "duty_officer", today)
        case _:
            raise KeyError(f"{group} is nobody a policy can name")


def _anywhere(session: Session, role: str, today: date) -> set[int]:
    units = session.scalars(sa.select(Holding.unit_id).where(Holding.role == role).distinct())
    return _all(holders(session, [(role, unit_id) for unit_id in units], today))


def _all(found: Mapping[Place, set[int]]) -> set[int]:
    return set().union(*found.values())
