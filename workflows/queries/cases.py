"""One case: what has been done, what is open, and who did it."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may, require
from workflows.processes.models import Process, Version, VersionState
from workflows.processes.rows import compiled
from workflows.tasks import rows
from workflows.tasks.models import Task


def case(session: Session, case_id: int, *, by: Actor, to_change: bool = False) -> Case:
    """Load a case the actor may see; `to_change` locks it first, so that two take turns.

    :raises NotFound: if there is none, or not for them
    """
    if to_change:
        session.execute(sa.select(Case.id).where(Case.id == case_id).with_for_update())
    found = session.scalars(
        sa.select(Case)
        .where(Case.id == case_id)
        .options(joinedload(Case.process), joinedload(Case.version), joinedload(Case.unit))
    ).one_or_none()
    if found is None:
        raise NotFound
    require(by, Deed.SEE_CASE, found)
    return found


def case_to_operate(session: Session, case_id: int, *, by: Actor, to_change: bool = False) -> Case:
    """Load a case for whoever operates it, with all that the permission table asks of it.

    `to_change` locks it first, so that two who act in one case take turns.

    :raises NotFound: if there is none, or not for them
    :raises Forbidden: if they do not operate it
    """
    found = case(session, case_id, by=by, to_change=to_change)
    require(by, Deed.OPERATE_CASE, found)
    rows.know_reviewed(session, found)
    return found


def startable(session: Session, *, by: Actor, today: date) -> tuple[list[Process], list[Unit]]:
    """List what the actor may start by hand, and where; what begins with a message is not."""
    active = sa.select(Version).join(Version.process).where(Version.state == VersionState.ACTIVE)
    processes = [
        version.process
        for version in session.scalars(active.order_by(Process.key))
        if not compiled(version).description.begins_on
    ]
    units = session.scalars(sa.select(Unit).order_by(Unit.sort_key, Unit.id))
    where = {
        unit: {one for one in processes if may(by, Deed.START_CASE, Case.to_come(one, unit))}
        for unit in units
        if unit.stands_on(today)
    }
    some = set[Process]().union(*where.values())
    return [one for one in processes if one in some], [unit for unit in where if where[unit]]


def may_be_seen(process: Process, unit: Unit, by: Actor) -> bool:
    """Tell whether the actor would see a case of the process in the unit, before there is one."""
    return may(by, Deed.SEE_CASE, Case.to_come(process, unit))


def task(session: Session, task_id: int, *, by: Actor, to_change: bool = False) -> Task:
    """Load a task the actor may see, with all that the permission table asks of it.

    :raises NotFound: if there is none, or not for them
    """
    found = rows.find(session, task_id, to_change=to_change)
    if found is None:
        raise NotFound
    require(by, Deed.SEE_TASK, found)
    return found


def tasks_of(session: Session, case: Case) -> list[Task]:
    """All tasks of a case in the order they were opened."""
    return list(
        session.scalars(
            sa.select(Task)
            .where(Task.case_id == case.id)
            .options(joinedload(Task.done_by), joinedload(Task.assignee))
            .order_by(Task.opened_at, Task.id)
        )
    )


def called(session: Session, key: str, *, by: Actor) -> Case | None:
    """Find the case people call so, if there is one that the actor may see."""
    wanted = sa.select(Case).where(Case.key == key.strip().upper())
    found = session.scalars(
        wanted.options(joinedload(Case.process), joinedload(Case.version), joinedload(Case.unit))
    ).one_or_none()
    return found if found is not None and may(by, Deed.SEE_CASE, found) else None
