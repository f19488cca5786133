"""The same step in the years before: when it was done, by which role, and how late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar.workdays import workdays_between
from workflows.calendar.years import Calendar
from workflows.cases.models import Case
from workflows.engine.describing import Words
from workflows.follow_up.year_rows import with_predecessors
from workflows.language import on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.processes.models import Process, Secrecy
from workflows.processes.rows import compiled
from workflows.queries.sight import visible_cases
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Outcome, Task, TaskRole

YEARS = 4  # that stand beside each other


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was done in a year; `unit_id` is the body that did it, perhaps one that has gone
    up in another since. Where there were several alike the last counts."""

    year: int
    unit_id: int
    due_at: datetime | None
    closed_at: datetime
    late: int  # working days after its date; below none: before it
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """A process of a body, year against year: each step with how it went, the latest year first."""

    years: tuple[int, ...]
    occasions: tuple[str, ...]
    occasion: str
    rows: tuple[tuple[str, Words, Mapping[int, tuple[Done, ...]]], ...]
    units: Mapping[int, str]  # those that did it, by name


def of_task(session: Session, task: Task) -> Done | None:
    """Say how the same step went the last time before this year; None if it never did."""
    case = task.case
    found = _done(
        session, case.process_id, with_predecessors(case.unit_id),
        Case.occasion == case.occasion, Case.year < case.year, Task.element == task.element,
    )  # fmt: skip
    last = max(found, key=lambda row: (row.year, row.closed_at), default=None)
    if last is None:
        return None
    return _told(last, calendar_of(session, case.unit_id, last.year), ())


def steps(
    session: Session, process: Process, unit: Unit, occasion: str | None, *, by: Actor
) -> Steps:
    """Lay the years of a process in a body beside each other, with those of the bodies that went
    up in it; of several occasions in a year one is shown."""
    units = with_predecessors(unit.id)
    # Whoever may follow the process in a body may know when those before it did their steps.
    sight = visible_cases(by) | (Case.secrecy != Secrecy.SECRET)
    wanted = (
        sa.select(Case.occasion, sa.func.max(Case.year))
        .where(Case.process_id == process.id, Case.unit_id.in_(units), sight)
        .group_by(Case.occasion)
        .order_by(Case.occasion)
    )
    latest = dict(session.execute(wanted).all())
    if occasion not in latest:
        occasion = max(latest, key=lambda one: (latest[one], one), default="")
    found = _done(session, process.id, units, Case.occasion == occasion, sight)
    years = tuple(sorted({row.year for row in found}, reverse=True)[:YEARS])
    roles = _roles(session, [row.case_id for row in found])
    calendars = {year: calendar_of(session, unit.id, year) for year in years}
    by_step: dict[str, dict[int, list[Done]]] = {}
    for row in found:
        if row.year in calendars:
            done = _told(row, calendars[row.year], roles.get((row.case_id, row.element), ()))
            by_step.setdefault(row.element, {}).setdefault(row.year, []).append(done)
    names = {row.element: {"sv": row.name_sv, "en": row.name_en} for row in found}
    order = (
        list(compiled(process.active_version).description.steps) if process.active_version else []
    )
    known = sorted(by_step, key=lambda one: order.index(one) if one in order else len(order))
    named = sa.select(Unit.id, Unit.name).where(Unit.id.in_(units))
    return Steps(
        years,
        tuple(latest),
        occasion or "",
        tuple(
            (one, names[one], {year: tuple(done) for year, done in by_step[one].items()})
            for one in known
        ),
        dict(session.execute(named).all()),
    )


def used_in(session: Session, unit: Unit) -> set[int]:
    """Say which processes have cases in a body, or had before it."""
    wanted = sa.select(Case.process_id).where(Case.unit_id.in_(with_predecessors(unit.id)))
    return set(session.scalars(wanted.distinct()))


def _done(
    session: Session,
    process_id: int,
    units: sa.Select[int],
    *conditions: sa.ColumnElement[bool],
) -> list[Any]:
    wanted = (
        sa.select(
            Case.id.label("case_id"),
            Case.year,
            Case.unit_id,
            Task.element,
            sa.func.max(Task.name_sv).label("name_sv"),
            sa.func.max(Task.name_en).label("name_en"),
            sa.func.max(Task.due_at).label("due_at"),
            sa.func.max(Task.closed_at).label("closed_at"),
        )
        .join(Task, Task.case_id == Case.id)
        .where(
            Case.process_id == process_id,
            Case.unit_id.in_(units),
            Task.outcome == Outcome.COMPLETED,
            *conditions,
        )
        .group_by(Case.id, Case.year, Case.unit_id, Task.element)
    )
    return list(session.execute(wanted))


def _told(row: Any, calendar: Calendar, roles: tuple[str, ...]) -> Done:
    late = workdays_between(calendar.closed, on(row.due_at), on(row.closed_at)) if row.due_at else 0
    return Done(row.year, row.unit_id, row.due_at, row.closed_at, late, roles)


def _roles(session: Session, cases: Iterable[int]) -> dict[tuple[int, str], tuple[str, ...]]:
    wanted = (
        sa.select(Task.case_id, Task.element, TaskRole.role)
        .join(TaskRole, TaskRole.task_id == Task.id)
        .where(Task.case_id.in_(set(cases)), Task.outcome == Outcome.COMPLETED)
        .distinct()
        .order_by(TaskRole.role)
    )
    found: dict[tuple[int, str], tuple[str, ...]] = {}
    for case_id, element, role in session.execute(wanted):
        found[case_id, element] = (*found.get((case_id, element), ()), role)
    return found
