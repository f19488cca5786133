"""What waits for a person: their own tasks, those of their roles, and what others ask them for."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from workflows.cases.models import Case
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, may
from workflows.tasks.extensions import Extension
from workflows.tasks.models import Task, TaskRole

PAGE = 50


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of tasks, the most urgent first, and how many there are in all."""

    tasks: list[Task]
    total: int


def mine(session: Session, by: Actor, *, page: int = 1) -> Inbox:
    """The open tasks somebody has taken or been given."""
    return _inbox(session, Task.assignee_id == by.id, page)


def for_my_roles(session: Session, by: Actor, *, page: int = 1) -> Inbox:
    """The free tasks that anybody with one of the actor's roles may take."""
    return _inbox(session, sa.and_(Task.assignee_id.is_(None), _for_roles(by)), page)


def done(session: Session, by: Actor, *, page: int = 1) -> Inbox:
    """What the person has completed, the latest first."""
    where = Task.done_by_id == by.id
    return _page(session, where, page, Task.closed_at.desc(), Task.id.desc())


def to_answer(session: Session, by: Actor) -> list[Extension]:
    """The requests for longer time that wait for the actor's decision, the oldest first."""
    places = sorted({(held.role, held.unit_id) for held in by.held})
    place = sa.tuple_(Extension.decider, sa.func.coalesce(Extension.decider_unit_id, Task.unit_id))
    asked = session.scalars(
        sa.select(Extension)
        .join(Extension.task)
        .where(Extension.decided_at.is_(None), Task.closed_at.is_(None), place.in_(places))
        .options(
            contains_eager(Extension.task).options(
                joinedload(Task.unit), joinedload(Task.case).joinedload(Case.process)
            )
        )
        .order_by(Extension.id)
    )
    return [one for one in asked if may(by, Deed.GIVE_TIME, one)]


def _inbox(session: Session, where: sa.ColumnElement[bool], page: int) -> Inbox:
    still_open = sa.and_(Task.closed_at.is_(None), where)
    return _page(session, still_open, page, Task.due_at.asc().nulls_last(), Task.id)


def _page(session: Session, where: sa.ColumnElement[bool], page: int, *order: Any) -> Inbox:
    total = session.scalar(sa.select(sa.func.count()).select_from(Task).where(where)) or 0
    tasks = session.scalars(
        sa.select(Task)
        .where(where)
        .options(
            joinedload(Task.unit),
            joinedload(Task.process),
            joinedload(Task.case).joinedload(Case.process),
        )
        .order_by(*order)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return Inbox(list(tasks), total)


def _for_roles(by: Actor) -> sa.ColumnElement[bool]:
    return for_places({(held.role, held.unit_id, held.process_id) for held in by.held})


def for_places(places: set[tuple[str, int, int | None]]) -> sa.ColumnElement[bool]:
    """Of tasks: those for any of the roles in their units, perhaps in one process only."""
    by_process: dict[int | None, list[tuple[str, int]]] = {}
    for role, unit_id, process_id in places:
        by_process.setdefault(process_id, []).append((role, unit_id))
    place = sa.tuple_(TaskRole.role, TaskRole.unit_id)
    is_for = [
        sa.and_(
            sa.select(TaskRole.task_id)
            .where(TaskRole.task_id == Task.id, place.in_(sorted(pairs)))
            .exists(),
            sa.true() if process_id is None else Task.process_id == process_id,
        )
        for process_id, pairs in by_process.items()
    ]
    return sa.or_(sa.false(), *is_for)
