"""How cases stand by their rows and by their history: the same, after every deed."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import canonical_text, parse
from workflows.cases.models import Case, Timer
from workflows.history.as_it_stood import CaseThen, read_into, written
from workflows.history.folding import folded
from workflows.history.models import Event
from workflows.tasks.models import Task, TaskRole


def by_rows(session: Session, case: Case) -> dict:
    """Say how a case stands by its rows."""
    tasks = session.scalars(sa.select(Task).where(Task.case_id == case.id)).all()
    roles: dict[int, set] = {}
    for role in session.scalars(sa.select(TaskRole).join(Task).where(Task.case_id == case.id)):
        roles.setdefault(role.task_id, set()).add((role.role, role.unit_id))
    waiting = sa.select(Timer).where(
        Timer.case_id == case.id, Timer.fired_at.is_(None), Timer.closed_at.is_(None)
    )
    timers = session.scalars(waiting).all() if case.closed_at is None else []
    names = ("key", "unit_id", "year", "occasion", "secrecy", "state", "opened_at", "closed_at")
    return {name: getattr(case, name) for name in names} | {
        "process": case.process.key,
        "version": case.version.number,
        "data": canonical_text(case.data),
        "tasks": {
            one.step_id: (
                one.element, one.due_at, one.assignee_id, one.claimed_for_id, one.closed_at,
                one.outcome, one.done_by_id, one.done_for_id, frozenset(roles.get(one.id, ())),
            )
            for one in tasks
        },
        "timers": {one.wait_id: (one.element, one.due_at) for one in timers},
    }  # fmt: skip


def by_history(session: Session, case: Case) -> dict:
    """Say the same by its events alone."""
    wanted = sa.select(Event).where(Event.case_id == case.id).order_by(Event.id)
    then = folded(session.scalars(wanted))
    assert then is not None
    assert then.unknown_since is None
    stated = CaseThen()
    read_into(stated, parse(canonical_text(written(then))))
    assert as_told(stated) == as_told(then), "written down at once it is the same"
    return as_told(then)


def as_told(then: CaseThen) -> dict:
    """Write a case that history tells of as `by_rows` writes it."""
    names = ("key", "unit_id", "year", "occasion", "secrecy", "state", "opened_at", "closed_at")
    return {name: getattr(then, name) for name in names} | {
        "process": then.process,
        "version": then.version,
        "data": canonical_text(then.data),
        "tasks": {
            key: (
                one.element, one.due_at, one.assignee_id, one.claimed_for_id, one.closed_at,
                one.outcome, one.done_by_id, one.done_for_id, one.roles,
            )
            for key, one in then.tasks.items()
        },
        "timers": {key: (one.element, one.due_at) for key, one in then.timers.items()},
    }  # fmt: skip


def agree(session: Session) -> None:
    """Hold history against the rows of every case there is."""
    session.flush()
    for case in session.scalars(sa.select(Case)):
        rows, told = by_rows(session, case), by_history(session, case)
        differs = {name: (told[name], rows[name]) for name in rows if told[name] != rows[name]}
        assert not differs, f"{case.key}: {differs}"
