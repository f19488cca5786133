"""Writing down all of how a case stands, where its events say too little to show it as it stood."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case, Timer
from workflows.history.as_it_stood import CaseThen, TaskThen, TimerThen, written
from workflows.history.folding import STATED
from workflows.history.models import Event
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.tasks.models import Task, TaskRole


def untold(session: Session) -> list[int]:
    """List the cases whose first event does not say how they began, as before version 0.5, and
    which nobody has written down since; what was weeded out stays gone."""
    first, stated = sa.orm.aliased(Event), sa.orm.aliased(Event)
    says_all = sa.exists().where(
        first.case_id == Case.id, first.n == 1, first.what.contains('"about":', autoescape=True)
    )
    is_stated = sa.exists().where(stated.case_id == Case.id, stated.kind == STATED)
    wanted = sa.select(Case.id).where(Case.purged_at.is_(None), ~says_all, ~is_stated)
    return list(session.scalars(wanted.order_by(Case.id)))


def state(session: Session, case_id: int, *, by: Actor, now: datetime) -> None:
    """Write down how a case stands, so that it can be shown as it stood from now on.

    :raises Forbidden: if it is not the program itself that does it, after an upgrade
    """
    require(by, Deed.STATE, None)
    case = session.scalars(sa.select(Case).where(Case.id == case_id).with_for_update()).one()
    what = written(_standing(session, case))
    record(session, STATED, by=by, now=now, case_id=case.id, unit_id=case.unit_id, what=what)


def _standing(session: Session, case: Case) -> CaseThen:
    names = ("key", "unit_id", "year", "occasion", "secrecy", "state", "opened_at", "closed_at")
    stands = CaseThen(
        **{name: getattr(case, name) for name in names},
        process=case.process.key,
        version=case.version.number,
        data=case.data,
    )
    stands.tasks = {one.step_id: one for one in _tasks(session, case)}
    waiting = sa.select(Timer).where(
        Timer.case_id == case.id, Timer.fired_at.is_(None), Timer.closed_at.is_(None)
    )
    if case.closed_at is None:
        timers = session.scalars(waiting.order_by(Timer.id))
        stands.timers = {one.wait_id: TimerThen(one.element, one.due_at) for one in timers}
    return stands


def _tasks(session: Session, case: Case) -> Iterator[TaskThen]:
    roles: dict[int, set[tuple[str, int]]] = {}
    of_case = sa.select(TaskRole).join(Task).where(Task.case_id == case.id)
    for role in session.scalars(of_case):
        roles.setdefault(role.task_id, set()).add((role.role, role.unit_id))
    for one in session.scalars(sa.select(Task).where(Task.case_id == case.id).order_by(Task.id)):
        names = ("step_id", "element", "opened_at", "due_at", "because", "assignee_id",
                 "claimed_for_id", "closed_at", "outcome", "done_by_id", "done_for_id")  # fmt: skip
        known = {name: getattr(one, name) for name in names}
        called = {"sv": one.name_sv, "en": one.name_en}
        yield TaskThen(**known, names=called, roles=frozenset(roles.get(one.id, ())))
