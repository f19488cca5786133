"""What checks find in approvals, decisions and dates: each function answers one check."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from workflows.cases.models import Case
from workflows.history.contents import content
from workflows.history.models import Event
from workflows.language import N_, Sentence
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person, Unit
from workflows.queries.sight import visible_cases
from workflows.tasks.approvals import Approval
from workflows.tasks.extensions import Extension
from workflows.tasks.models import DECIDING, Outcome, Task, TaskRole

MOST = 500  # hits of one check: more than anybody reads
JUST_BEFORE = timedelta(days=7)
ROLE_GIVEN = ("role_given", "role_changed")


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: of what, when, by whom, what is noteworthy, and where it can be read."""

    said: Sentence
    place: tuple[str, int | str]  # case, task, entry, unit or day; and which
    at: datetime | None = None
    about: str = ""  # the case, or what else it is of
    step: dict[str, str] = field(default_factory=dict)  # language -> name
    unit: str = ""
    who: str = ""
    why: str = ""  # what somebody gave as the reason


def prepared_too(session: Session, by: Actor, _now: datetime) -> Iterator[Hit]:
    work, deciders = aliased(Task), (Approval.by_id, Approval.for_id)
    is_work = sa.and_(
        work.case_id == Approval.case_id, work.kind.not_in([*DECIDING, "read_receipt"])
    )
    same_item = sa.cast(work.item, sa.Text) == sa.cast(Task.item, sa.Text)
    did = sa.exists().where(
        is_work,
        work.outcome == Outcome.COMPLETED,
        work.closed_at <= Approval.at,
        sa.or_(work.done_by_id.in_(deciders), work.done_for_id.in_(deciders)),
        sa.or_(work.item.is_(sa.null()), Task.item.is_(sa.null()), same_item),
    )
    typed = sa.exists().where(
        Event.case_id == Approval.case_id,
        Event.kind == "draft_saved",
        Event.at <= Approval.at,
        sa.or_(Event.actor_id.in_(deciders), Event.acting_for_id.in_(deciders)),
        is_work,
        work.element == Event.step,
    )
    said = Sentence(N_("approved what they had worked on themselves"))
    for hit, _ in _approvals(session, by, said, Approval.is_approving, sa.or_(did, typed)):
        yield hit


def broken(session: Session, by: Actor, _now: datetime) -> Iterator[Hit]:
    said = Sentence(N_("what was approved has been changed since"))
    for hit, one in _approvals(session, by, said, Approval.broken_at.is_not(None)):
        yield replace(hit, at=one.broken_at)


def _approvals(
    session: Session, by: Actor, said: Sentence, *which: sa.ColumnExpressionArgument[bool]
) -> Iterator[tuple[Hit, Approval]]:
    wanted = (
        sa.select(Approval, Case.key, Unit.name, Person.name)
        .join(Task, Task.id == Approval.task_id)
        .join(Case, Case.id == Approval.case_id)
        .join(Unit, Unit.id == Case.unit_id)
        .outerjoin(Person, Person.id == Approval.by_id)
        .where(visible_cases(by), *which)
        .options(joinedload(Approval.task))
        .order_by(Approval.at.desc(), Approval.id.desc())
    )
    for one, key, unit, person in session.execute(wanted.limit(MOST + 1)):
        yield _hit(said, one.task, key, unit, person, at=one.at), one


def late_decision(session: Session, by: Actor, _now: datetime) -> Iterator[Hit]:
    late = (Task.outcome == Outcome.COMPLETED, Task.closed_at > Task.due_at)
    yield from _tasks(session, by, Task.kind.in_(DECIDING), *late)


def late_legal(session: Session, by: Actor, now: datetime) -> Iterator[Hit]:
    handed_in = sa.and_(Task.outcome == Outcome.COMPLETED, Task.closed_at > Task.due_at)
    is_late = sa.or_(handed_in, sa.and_(Task.closed_at.is_(None), Task.due_at < now))
    yield from _tasks(session, by, Task.is_legal, is_late)


def _tasks(session: Session, by: Actor, *which: sa.ColumnExpressionArgument[bool]) -> Iterator[Hit]:
    for task, key, unit, person in session.execute(_of_tasks(by, *which)):
        said = Sentence(N_("was due {due}, and is not done"), {"due": task.due_at})
        if task.closed_at is not None:
            said = Sentence(N_("was due {due}, and was done after that"), {"due": task.due_at})
        yield _hit(said, task, key, unit, person, at=task.closed_at or task.due_at)


def _of_tasks(
    by: Actor, *which: sa.ColumnExpressionArgument[bool]
) -> sa.Select[Task, str, str, str]:
    return (
        sa.select(Task, Case.key, Unit.name, Person.name)
        .join(Case, Case.id == Task.case_id)
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Person, Person.id == Task.done_by_id)
        .where(visible_cases(by), *which)
        .order_by(sa.func.coalesce(Task.closed_at, Task.due_at).desc(), Task.id.desc())
        .limit(MOST + 1)
    )


def _hit(
    said: Sentence, task: Task, key: str, unit: str, who: str | None, *, at: datetime | None
) -> Hit:
    names = {"sv": task.name_sv, "en": task.name_en}
    return Hit(said, ("task", task.id), at, key, names, unit, who or "")


def undecided_time(session: Session, by: Actor, now: datetime) -> Iterator[Hit]:
    passed = sa.or_(Extension.old_due_at < now, Task.closed_at.is_not(None))
    wanted = _of_tasks(by, Extension.decided_at.is_(None), passed)
    asked = wanted.join(Extension, Extension.task_id == Task.id).add_columns(Extension)
    for task, key, unit, _, one in session.execute(asked):
        said = Sentence(
            N_("longer time was asked for, and nobody answered before {due}"),
            {"due": one.old_due_at},
        )
        person = session.get(Person, one.asked_by_id) if one.asked_by_id else None
        hit = _hit(said, task, key, unit, person.name if person else None, at=one.asked_at)
        yield replace(hit, why=one.why)


def role_just_before(session: Session, by: Actor, _now: datetime) -> Iterator[Hit]:
    """Compare in memory: roles change seldom, and whom an event is of stands in its text."""
    changes: dict[tuple[int, str, int], list[datetime]] = {}
    of_roles = sa.select(Event.at, Event.unit_id, Event.what).where(Event.kind.in_(ROLE_GIVEN))
    for at, unit_id, what in session.execute(of_roles):
        told = content(what)
        if isinstance(told.get("person"), int) and unit_id:
            changes.setdefault((told["person"], str(told.get("role")), unit_id), []).append(at)
    given = {person for person, _, _ in changes}
    said = Sentence(N_("approved by a role that they were given {day}"))
    theirs = Approval.by_id.in_(sorted(given))
    for hit, one in _approvals(session, by, said, Approval.is_approving, theirs):
        roles = session.execute(
            sa.select(TaskRole.role, TaskRole.unit_id).where(TaskRole.task_id == one.task_id)
        )
        days = [at for role, unit in roles for at in changes.get((one.by_id or 0, role, unit), ())]
        near = [at for at in days if timedelta() <= one.at - at <= JUST_BEFORE]
        if near:
            yield replace(hit, said=replace(said, params={"day": max(near)}))
