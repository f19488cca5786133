"""Reading and writing single tasks, without permission or history; called by verbs and queries."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import (
    Session,
    contains_eager,
    joinedload,
    undefer,
)
from sqlalchemy.orm.attributes import set_committed_value

from workflows.cases.models import Case
from workflows.database import Base
from workflows.errors import Conflict
from workflows.history.models import Chain, Event
from workflows.history.rows import know_head
from workflows.organisation.models import Unit
from workflows.processes.models import Version
from workflows.processes.rows import compiled
from workflows.statements import Beside, run, standing, write
from workflows.tasks.models import Draft, Outcome, Task, TaskRole

_FIND = (
    sa.select(Task)
    .join(Task.case)
    .where(Task.id == sa.bindparam("task_id"))
    .options(
        contains_eager(Task.case).options(
            undefer(Case.engine_state),
            joinedload(Case.version, innerjoin=True),
            joinedload(Case.process, innerjoin=True),
            joinedload(Case.unit, innerjoin=True),
        ),
        joinedload(Task.assignee),
        joinedload(Task.roles),
    )
)
# The case before the task: that is the order in which PostgreSQL locks them, and in which everybody
# does. The row of the task is locked too, so that it is read as whoever held the case left it.
_read = Beside(Case, Task, Unit, Version, TaskRole, also=["engine_state"])
_FIND_TO_CHANGE = (
    sa.select(*_read.columns, Chain.n, Chain.hash)
    .select_from(Case)
    .join(Task, Task.case_id == Case.id)
    .join(Unit, Unit.id == Case.unit_id)
    .join(Version, Version.id == Case.version_id)
    .join(TaskRole, TaskRole.task_id == Task.id, isouter=True)
    .join(Chain, Chain.name == sa.literal("case:") + sa.cast(Case.id, sa.Text), isouter=True)
    .where(Task.id == sa.bindparam("task_id"))
    .with_for_update(of=(Case, Task))
)
_task = Base.metadata.tables["task"]
NEW = dict.fromkeys(one.key for one in sa.inspect(Task).column_attrs if one.key != "id") | {
    "revision": 1
}
_ADD = sa.insert(_task).returning(_task.c.step_id, _task.c.id)  # in whatever order
_task_role = Base.metadata.tables["task_role"]
_ADD_ROLES = sa.insert(_task_role)
_CLOSE_ROLES = (
    sa.update(_task_role)
    .where(_task_role.c.task_id == sa.bindparam("of_task"))
    .values(is_open=sa.false())
)
_HAS_DRAFT = sa.exists().where(Draft.task_id == _task.c.id)  # others wait to save one meanwhile
_FORGET_DRAFT = sa.delete(Draft.__table__).where(  # type: ignore[arg-type]  # a mapped class has one
    Draft.__table__.c.task_id == sa.bindparam("task_id")
)


def find(session: Session, task_id: int, *, to_change: bool = False) -> Task | None:
    """Load a task with its case, unit, roles, and those it is barred for, in one statement or two.

    `to_change` locks the case first, always before its tasks and its chain, so that two who act
    in one case take turns instead of waiting for each other.
    """
    key = {"task_id": task_id}
    task = _to_change(session, key) if to_change else session.scalars(_FIND, key).unique().first()
    if task is not None:
        know_barred(session, task)
    return task


def _to_change(session: Session, key: Mapping[str, int]) -> Task | None:
    """Lock and read a task with all that completing it asks for: its case with its unit, version
    and the head of its chain, and its roles.
    """
    session.flush()
    rows = session.connection().execute(_FIND_TO_CHANGE, key).all()
    if not rows:
        return None
    case, task, unit, version, role = _read.objects(session, rows[0])
    roles = [role, *(_read.objects(session, row)[-1] for row in rows[1:])] if role else []
    set_committed_value(case, "unit", unit)
    set_committed_value(case, "version", version)
    set_committed_value(task, "case", case)
    set_committed_value(task, "roles", roles)
    n, hash_ = rows[0][-2:]
    if n is not None:
        know_head(session, case.id, n, hash_)
    return task  # type: ignore[no-any-return]


# Who has done one of these to a case has had a hand in what is to be reviewed in it.
STEERED = ("data_corrected", "incident_mended", "step_skipped", "case_moved")
TOLD = ("message_received", "signal_received")  # by a person: what it said is known to the case


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
    session.flush()
    rows = session.connection().execute(wanted, given)
    return frozenset(person for row in rows for person in row if person is not None)


_of_case = Task.case_id == sa.bindparam("case_id")
_is_named = Task.element.in_(sa.bindparam("elements", expanding=True))
_events = sa.select(Event.actor_id, Event.acting_for_id).where(
    Event.case_id == sa.bindparam("case_id")
)
# Who typed in a draft has done of the work, whoever handed it in.
_typed_in = sa.exists().where(
    _of_case, _is_named, Event.what.contains('"step_id":"' + Task.step_id + '"')
)
_done = sa.select(Task.done_by_id, Task.done_for_id).where(_of_case, _is_named)
_typed = _events.where(Event.kind == "draft_saved", _typed_in)
_DOERS = sa.union_all(_done, _typed)
_DOERS_OR_STEERED = sa.union_all(_done, _typed, _events.where(Event.kind.in_((*STEERED, *TOLD))))


_LAST_DONE = (
    sa.select(Task.done_by_id, Task.done_for_id)
    .where(_of_case, Task.element == sa.bindparam("element"), Task.done_by_id.is_not(None))
    .order_by(Task.closed_at.desc(), Task.id.desc())
    .limit(1)
)


def last_doers(session: Session, case_id: int, element: str) -> set[int]:
    """Find who last did a step of a case, and who they did it for."""
    session.flush()
    which = {"case_id": case_id, "element": element}
    row = session.connection().execute(_LAST_DONE, which).first()
    return {person for person in row or () if person is not None}


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
        run(session, _CLOSE_ROLES, {"of_task": task.id})
    return list(left)


def add(
    session: Session,
    opening: list[dict[str, Any]],
    places: Mapping[str, Iterable[tuple[str, int]]],
) -> list[Task]:
    """Write tasks that open, each by what its columns hold (those not told of hold nothing), and
    by the step the roles in a unit that may take it.
    """
    if not opening:
        return []
    session.flush()
    rows = [NEW | values for values in opening]
    ids = {row.step_id: row.id for row in session.connection().execute(_ADD, rows)}
    roles = [
        {"task_id": ids[step_id], "role": role, "unit_id": unit_id}
        for step_id, found in places.items()
        for role, unit_id in found
    ]
    if roles:
        run(session, _ADD_ROLES, roles)
    return [standing(session, Task, row | {"id": ids[row["step_id"]]}) for row in rows]


def close(session: Session, task: Task, done: Mapping[str, Any]) -> None:
    """Write that a task is done, and remove its draft: its words now stand in the case.

    :raises StaleDataError: if somebody has changed it
    """
    if write(session, task, done, asking=_HAS_DRAFT):
        forget_draft(session, task)
    run(session, _CLOSE_ROLES, {"of_task": task.id})


def draft_of(session: Session, task: Task) -> Draft | None:
    """Load the draft of a task, if anybody has typed something."""
    return session.get(Draft, task.id)


def require_newest(session: Session, task: Task, *, seen: int) -> None:
    """Refuse to go on from an older draft than the one that is saved.

    :raises Conflict: if somebody saved since revision `seen`
    """
    draft = draft_of(session, task)
    if draft is not None and draft.revision != seen:
        raise Conflict("draft_overtaken", seen=seen, saved=draft.revision)


def forget_draft(session: Session, task: Task) -> None:
    """Remove the draft; its words now stand in the case, or the case went another way."""
    session.flush()
    run(session, _FORGET_DRAFT, {"task_id": task.id})
