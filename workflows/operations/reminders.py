"""Letting the moment come at which a task calls for attention: by the clock, or because somebody
asks; whom it is for is found now.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from workflows.cases.models import Case
from workflows.database import Base
from workflows.errors import Conflict
from workflows.history.rows import record
from workflows.language import on
from workflows.notices import rows
from workflows.notices.models import Call, Choice
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.queries.holdings import Place, anywhere, holders
from workflows.queries.receivers import awaited
from workflows.queries.words_given import NUDGE, words_given
from workflows.statements import run
from workflows.tasks.models import Task

NOTICES = {"opened": "task_opened", "reminder": "reminder", "escalation": "escalation"}
_call = Base.metadata.tables["task_call"]
_FIRE = sa.update(_call).where(_call.c.id == sa.bindparam("of_call"), _call.c.fired_at.is_(None))
EVENTS = {"reminder": "reminded", "escalation": "escalated"}


def call(session: Session, due: Call, task: Task, *, by: Actor, now: datetime) -> None:
    """Tell those a task calls for, once; one that is closed calls no more.

    The case of the task is locked by whoever calls this.
    """
    if task.closed_at is not None:
        session.execute(sa.delete(Call).where(Call.id == due.id, Call.fired_at.is_(None)))
        return
    if not run(session, _FIRE, {"of_call": due.id, "fired_at": now}).rowcount:
        return  # it was read before the lock, and another clock has been here
    set_committed_value(due, "fired_at", now)
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


def nudge(session: Session, tasks: Sequence[Task], *, by: Actor, now: datetime) -> set[int]:
    """Ask those whom tasks wait for how it goes; returns whom. Each gets one mail of all of them,
    at once, unless they want no mail; of a task that somebody has said something about, or that was
    asked about lately, nobody is asked.

    :raises Conflict: if there is nothing left to ask about
    :raises Forbidden: if they are not the actor's to ask about
    """
    for case in (cases := {task.case_id: task.case for task in tasks}).values():
        require(by, Deed.NUDGE, case)
    session.execute(
        sa.select(Case.id).where(Case.id.in_(cases)).order_by(Case.id).with_for_update()
    )
    known = words_given(session, list(cases), now=now)
    silent = [task for task in tasks if task.id in known and known[task.id].may_be_asked]
    waited_for = awaited(session, silent, today=on(now))
    asked = [task for task in silent if waited_for[task.id] - {by.id}]
    if not asked:
        raise Conflict("nothing_to_ask")
    chosen = rows.choices(session, set().union(*waited_for.values()))
    for task in sorted(asked, key=lambda one: (one.case_id, one.id)):
        people = waited_for[task.id] - {by.id}
        quiet = {one for one in people if chosen[one] is Choice.NONE}
        rows.tell(session, people - quiet, "nudge", task_id=task.id, at_once=True, now=now)
        rows.tell(session, quiet, "nudge", task_id=task.id, now=now)
        session.add(
            Call(
                task_id=task.id,
                occasion=NUDGE,
                key=NUDGE,
                to=["holder"],
                is_legal=False,
                due_at=now,
                fired_at=now,
                attempts=0,
            )
        )
        record(
            session,
            "nudged",
            by=by,
            now=now,
            case_id=task.case_id,
            unit_id=task.unit_id,
            step=task.element,
            what={"step_id": task.step_id, "due_at": task.due_at, "people": sorted(people)},
        )
    return set().union(*(waited_for[task.id] for task in asked)) - {by.id}


def _people(session: Session, group: str, task: Task, *, now: datetime) -> set[int]:
    """Find whom a policy means by one of its words."""
    today = on(now)
    match group:
        case "holder":
            return awaited(session, [task], today=today)[task.id]
        case "deputy":
            return set()  # whoever stands in for a holder is told in their place
        case "manager":
            managers = _all(holders(session, [("unit_manager", task.unit_id)], today))
            return managers or _all(holders(session, [("director", task.unit_id)], today))
        case "central":
            return anywhere(session, "central_security", today)
        case "duty_officer":
            on_duty = _all(holders(session, [("duty_officer", task.unit_id)], today))
            return on_duty or anywhere(session, "duty_officer", today)
        case _:
            raise KeyError(f"{group} is nobody a policy can name")


def _all(found: Mapping[Place, set[int]]) -> set[int]:
    return set().union(*found.values())
