"""What somebody who takes a role over needs to know: what is open, promised, begun and decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from workflows.cases.models import Case
from workflows.notices.models import Promise
from workflows.organisation.actor import Actor
from workflows.organisation.handing_over import RoleHandover
from workflows.permissions import Deed, may
from workflows.queries.inbox import DAY, OPEN, begun
from workflows.queries.registers import visible_to
from workflows.registers.models import Entry, EntryState
from workflows.tasks.approvals import Approval
from workflows.tasks.models import Task, TaskRole

MOST = 100
A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a role in a unit stands, of all that whoever asks may see."""

    tasks: list[Task]
    promises: dict[int, Promise]
    begun: set[int]
    decided: list[Approval]
    owned: list[Entry]


def standing(session: Session, place: RoleHandover, *, by: Actor, now: datetime) -> Standing:
    """Gather what is open for a role in a unit and what its holder has decided and answers for."""
    for_role = sa.select(TaskRole.task_id).where(
        TaskRole.role == place.role, TaskRole.unit_id == place.unit_id, TaskRole.is_open
    )
    theirs = sa.and_(Task.unit_id == place.unit_id, Task.assignee_id == place.from_id)
    is_free = Task.assignee_id.is_(None)
    wanted = sa.select(Task).where(OPEN, sa.or_(theirs, sa.and_(Task.id.in_(for_role), is_free)))
    beside = (
        joinedload(Task.case).joinedload(Case.process),
        joinedload(Task.unit),
        joinedload(Task.process),
        joinedload(Task.assignee),
        selectinload(Task.roles),
    )
    found = session.scalars(wanted.options(*beside).order_by(DAY, Task.id).limit(MOST)).all()
    tasks = [one for one in found if may(by, Deed.SEE_TASK, one)]
    promised = sa.select(Promise).where(Promise.task_id.in_([one.id for one in tasks]))
    decided = (
        sa.select(Approval)
        .join(Approval.case)
        .where(Case.unit_id == place.unit_id, Approval.at >= now - A_YEAR)
        .where(sa.or_(Approval.by_id == place.from_id, Approval.for_id == place.from_id))
        .options(joinedload(Approval.case).joinedload(Case.process), joinedload(Approval.task))
        .order_by(Approval.id.desc())
        .limit(MOST)
    )
    owned = sa.select(Entry).where(
        Entry.unit_id == place.unit_id,
        Entry.owner_id == place.from_id,
        Entry.state == EntryState.APPROVED,
        visible_to(by),
    )
    return Standing(
        tasks,
        {one.task_id: one for one in session.scalars(promised.order_by(Promise.id))},
        begun(session, tasks),
        [one for one in session.scalars(decided) if may(by, Deed.SEE_CASE, one.case)],
        list(session.scalars(owned.order_by(Entry.register, Entry.name).limit(MOST))),
    )


def last_of(session: Session, place: RoleHandover) -> RoleHandover | None:
    """Find the last note a holder of a role left."""
    wanted = sa.select(RoleHandover).where(
        RoleHandover.unit_id == place.unit_id,
        RoleHandover.role == place.role,
        RoleHandover.from_id == place.from_id,
    )
    loaded = wanted.options(joinedload(RoleHandover.by), joinedload(RoleHandover.to))
    return session.scalars(loaded.order_by(RoleHandover.id.desc()).limit(1)).first()


def unread(session: Session, *, by: Actor) -> list[RoleHandover]:
    """List what somebody was left and has not read, for the roles they hold or by name."""
    places = sorted({(held.role, held.unit_id) for held in by.held})
    place = sa.tuple_(RoleHandover.role, RoleHandover.unit_id)
    nobody = RoleHandover.to_id.is_(None)
    wanted = sa.select(RoleHandover).where(
        RoleHandover.read_at.is_(None),
        RoleHandover.from_id != (by.id or 0),
        sa.or_(RoleHandover.to_id == by.id, sa.and_(nobody, place.in_(places))),
    )
    loaded = wanted.options(joinedload(RoleHandover.unit), joinedload(RoleHandover.by))
    return list(session.scalars(loaded.order_by(RoleHandover.id)))
