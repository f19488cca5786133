"""Reading and writing single tasks, without permission or history; called by verbs and queries."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import (
    Session,
    contains_eager,
    joinedload,
    make_transient_to_detached,
    undefer,
)

from workflows.cases.models import Case
from workflows.database import Base
from workflows.errors import Conflict
from workflows.history.models import Chain, Event
from workflows.history.rows import know_head
from workflows.processes.models import Version
from workflows.processes.rows import compiled
from workflows.tasks.models import Draft, Outcome, Task

_OF_VERSION = (Version.process_id, Version.number, Version.content_hash)
_BY_ID = sa.select(Task).join(Task.case).where(Task.id == sa.bindparam("task_id"))
_FIND = _BY_ID.options(
    contains_eager(Task.case).options(
        undefer(Case.engine_state),
        joinedload(Case.version, innerjoin=True),
        joinedload(Case.process, innerjoin=True),
        joinedload(Case.unit, innerjoin=True),
    ),
    joinedload(Task.assignee),
    joinedload(Task.roles),
)
# The case before the task: that is the order in which PostgreSQL locks them, and in which everybody
# does. The row of the task is locked too, so that it is read as whoever held the case left it.
_FIND_TO_CHANGE = (
    _BY_ID.options(
        contains_eager(Task.case).options(
            undefer(Case.engine_state),
            joinedload(Case.version, innerjoin=True).load_only(*_OF_VERSION),
            joinedload(Case.unit, innerjoin=True),
        ),
        joinedload(Task.roles),
    )
    .add_columns(Chain.n, Chain.hash)
    .join(Chain, Chain.name == sa.literal("case:") + sa.cast(Case.id, sa.Text), isouter=True)
    .with_for_update(of=(Case, Task))
    .execution_options(populate_existing=True)
)
_task = Base.metadata.tables["task"]
_COLUMNS = tuple(one.name for one in _task.c if one.name not in ("id", "revision"))
NEW: dict[str, Any] = dict.fromkeys(_COLUMNS)  # what a task begins as, before it is told of
_ADD = sa.insert(_task).returning(_task.c.step_id, _task.c.id)  # in whatever order
_ADD_ROLES = sa.insert(Base.metadata.tables["task_role"])
_FORGET_DRAFT = sa.delete(Draft.__table__).where(  # type: ignore[arg-type]  # a mapped class has one
    Draft.__table__.c.task_id == sa.bindparam("task_id")
)


def find(session: Session, task_id: int, *, to_change: bool = False) -> Task | None:
    """Load a task with its case, unit, roles, and those it is barred for, in one statement or two.

    `to_change` locks the case first, always before its tasks and its chain, so that two who act
    in one case take turns instead of waiting for each other.
    """
    key = {"task_id": task_id}
    if to_change:
        row = session.execute(_FIND_TO_CHANGE, key).unique().one_or_none()
        task, n, hash_ = row or (None, None, None)
        if task is not None and n is not None and hash_ is not None:
            know_head(session, task.case_id, n, hash_)
    else:
        task = session.scalars(_FIND, key).unique().one_or_none()
    if task is not None:
        know_barred(session, task)
    return task


# Who has done one of these to a case has had a hand in what is to be reviewed in it.
STEERED = ("data_corrected", "incident_mended", "step_skipped", "case_moved")


def know_barred(session: Session, task: Task) -> None:
    """Learn who may not do the task: who did a step it names in `notBy`, or steered the case."""
    task.__dict__["_barred"] = (
        _doers(session, task.case_id, task.not_by, is_task=True) if task.not_by else frozenset()
    )


def know_reviewed(session: Session, case: Case) -> None:
    """Learn who did work in a case that another step of it bars them from."""
    steps = compiled(case.version).description.steps.values()
    named = {element for step in steps for element in step.not_by}
    case.__dict__["_barred"] = _doers(session, case.id, named) if named else frozenset()


def _doers(
    session: Session, case_id: int, elements: Iterable[str], *, is_task: bool = False
) -> frozenset[int]:
    wanted = _DOERS_OR_STEERED if is_task else _DOERS
    given = {"case_id": case_id, "elements": sorted(elements)}
    rows = session.execute(wanted, given)
    return frozenset(person for row in rows for person in row if person is not None)


_DOERS = sa.select(Task.done_by_id, Task.done_for_id).where(
    Task.case_id == sa.bindparam("case_id"),
    Task.element.in_(sa.bindparam("elements", expanding=True)),
)
_DOERS_OR_STEERED = _DOERS.union_all(
    sa.select(Event.actor_id, Event.acting_for_id).where(
        Event.case_id == sa.bindparam("case_id"), Event.kind.in_(STEERED)
    )
)


def require_open(task: Task) -> None:
    """Refuse to touch what is done.

    :raises Conflict: if it is closed
    """
    if task.closed_at is not None:
        raise Conflict("task_closed", task=task.id)


def free(task: Task) -> None:
    """Let a task be nobody's; its draft stays."""
    task.assignee_id, task.claimed_at, task.claimed_for_id, task.given_from = None, None, None, None


def withdraw(
    session: Session, case_id: int, step_ids: list[str] | None, *, now: datetime
) -> list[Task]:
    """Close the open tasks of steps the case has left, or (None) all; returns those that were."""
    if step_ids == []:
        return []
    wanted = sa.select(Task).where(Task.case_id == case_id, Task.closed_at.is_(None))
    if step_ids is not None:
        wanted = wanted.where(Task.step_id.in_(step_ids))
    left = session.scalars(wanted).all()
    for task in left:
        task.closed_at = now
        task.outcome = Outcome.WITHDRAWN
        forget_draft(session, task)
    return list(left)


def add(session: Session, tasks: list[Task], roles: Iterable[tuple[Task, str, int]]) -> None:
    """Write tasks that open, and the roles in a unit that may take them."""
    if not tasks:
        return
    session.flush()
    connection = session.connection()
    rows = [{name: task.__dict__[name] for name in _COLUMNS} | {"revision": 1} for task in tasks]
    ids = {row.step_id: row.id for row in connection.execute(_ADD, rows)}
    for task in tasks:
        task.id, task.revision = ids[task.step_id], 1
        make_transient_to_detached(task)
        session.add(task)
    places = [
        {"task_id": task.id, "role": role, "unit_id": unit_id} for task, role, unit_id in roles
    ]
    if places:
        connection.execute(_ADD_ROLES, places)


def draft_of(session: Session, task: Task) -> Draft | None:
    """Load the draft of a task, if anybody has typed something."""
    return session.get(Draft, task.id)


def forget_draft(session: Session, task: Task) -> None:
    """Remove the draft; its words now stand in the case, or the case went another way."""
    session.flush()
    session.connection().execute(_FORGET_DRAFT, {"task_id": task.id})
