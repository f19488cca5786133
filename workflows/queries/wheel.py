"""A unit's year as the wheel shows it: when each process runs, how far it is, what is open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.calendar.milestones import Milestone
from workflows.calendar.windows import Window, plan
from workflows.calendar.workdays import add_workdays, workdays_between
from workflows.calendar.years import Calendar
from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.models import Case, CaseState
from workflows.language import on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may
from workflows.processes.models import Process
from workflows.processes.rows import compiled
from workflows.processes.windows import steps_of
from workflows.queries.cases import may_be_seen
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Outcome, Task

SOON = 10  # working days
# What stands on the rim; the others stand in the calendar.
RIM = ("VB", "T1", "BUDGET_KS", "T2", "RSA_CITY", "BUDGET_KF", "VP")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the year, and how much of what belongs there is done: `done` of `steps`."""

    first: date
    last: date
    done: int
    steps: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A step on its day: `late`, `soon`, `waiting`, `planned` (perhaps no task yet) or `done`."""

    day: date
    state: str
    names: Mapping[str, str]
    task_id: int | None = None
    due_at: datetime | None = None
    because: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """One process: its stretches and marks in order of day."""

    process: Process
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]

    @property
    def done(self) -> int:
        return sum(span.done for span in self.spans)

    @property
    def steps(self) -> int:
        return sum(span.steps for span in self.spans)

    @property
    def next(self) -> Mark | None:
        """The step to think of first: the most urgent open one, else the first that is planned."""
        return next((mark for mark in self.marks if mark.state != "done"), None)

    @property
    def first(self) -> date:
        return min(span.first for span in self.spans)

    @property
    def last(self) -> date:
        return max(span.last for span in self.spans)


@dataclass(frozen=True, slots=True)
class Wheel:
    """A year of a unit."""

    unit: Unit
    year: int
    today: date
    rings: tuple[Ring, ...]
    milestones: tuple[Milestone, ...]
    next_milestone: Milestone | None
    workdays_left: int  # to the next milestone

    def count(self, state: str) -> int:
        """Count the open steps in a state."""
        return sum(mark.state == state for ring in self.rings for mark in ring.marks)


def wheel(session: Session, unit: Unit, year: int, *, by: Actor, now: datetime) -> Wheel:
    """Gather the year of a unit, as far as the actor may see it."""
    calendar, today = calendar_of(session, unit.id, year), on(now)
    cases = [case for case in _cases(session, unit, year) if may(by, Deed.SEE_CASE, case)]
    tasks = _tasks(session, cases)
    soon = add_workdays(calendar.closed, today, SOON)
    found: dict[int, tuple[Process, list[Span], list[Mark]]] = {}
    for case in cases:
        _, spans, marks = found.setdefault(case.process_id, (case.process, [], []))
        spans.append(_span(case, tasks.get(case.id, []), calendar, today))
        own = {task.element for task in tasks.get(case.id, []) if task.done_by_id == by.id}
        marks += [_mark(task, now, soon, by, own) for task in tasks.get(case.id, []) if task.due_at]
    for start in _starts(session, unit, year):
        if start.due_at is None or not may_be_seen(start.process, unit, by):
            continue
        _, spans, marks = found.setdefault(start.process_id, (start.process, [], []))
        windows = _windows(start.process, calendar, year, start.due_at)
        days = [on(window.due_at) for window in windows.values() if window.due_at]
        spans.append(Span(on(start.due_at), max(days, default=on(start.due_at)), 0, len(windows)))
        marks += _planned(start.process, windows)
    rings = [
        Ring(
            process,
            tuple(sorted(spans, key=lambda span: span.first)),
            tuple(sorted(marks, key=lambda mark: mark.day)),
        )
        for process, spans, marks in found.values()
    ]
    milestones = sorted(
        (one for one in calendar.milestones if one.code in RIM and one.exists and one.on),
        key=lambda one: one.on or date.max,
    )
    ahead = next((one for one in milestones if one.on and one.on >= today), None)
    return Wheel(
        unit=unit,
        year=year,
        today=today,
        rings=tuple(sorted(rings, key=lambda ring: (ring.first, ring.process.id))),
        milestones=tuple(one for one in milestones if one.on and one.on.year == year),
        next_milestone=ahead,
        workdays_left=_left(calendar, today, ahead),
    )


def units_of(session: Session, by: Actor) -> list[Unit]:
    """List the units whose year is the actor's own, by name."""
    ids = {held.unit_id for held in by.held}
    wanted = sa.select(Unit).where(Unit.id.in_(ids)).order_by(Unit.sort_key, Unit.id)
    return list(session.scalars(wanted))


def _left(calendar: Calendar, today: date, ahead: Milestone | None) -> int:
    return workdays_between(calendar.closed, today, ahead.on) if ahead and ahead.on else 0


def _cases(session: Session, unit: Unit, year: int) -> list[Case]:
    wanted = sa.select(Case).where(
        Case.unit_id == unit.id, Case.year == year, Case.state != CaseState.CANCELLED
    )
    loaded = wanted.options(joinedload(Case.process), joinedload(Case.version))
    return list(session.scalars(loaded.order_by(Case.opened_at)))


def _tasks(session: Session, cases: list[Case]) -> dict[int, list[Task]]:
    ids = [case.id for case in cases]
    found: dict[int, list[Task]] = {}
    wanted = sa.select(Task).where(
        Task.case_id.in_(ids),
        sa.or_(Task.outcome.is_(None), Task.outcome == Outcome.COMPLETED),
    )
    for task in session.scalars(wanted.options(joinedload(Task.roles))).unique():
        found.setdefault(task.case_id, []).append(task)
    return found


def _starts(session: Session, unit: Unit, year: int) -> list[PlannedStart]:
    wanted = sa.select(PlannedStart).where(
        PlannedStart.unit_id == unit.id,
        PlannedStart.year == year,
        PlannedStart.state == StartState.WAITING,
    )
    return list(session.scalars(wanted.options(joinedload(PlannedStart.process))))


def _span(case: Case, tasks: list[Task], calendar: Calendar, today: date) -> Span:
    """Say from when to when a case runs: to its end, or to when its last step would be due."""
    done = sum(task.closed_at is not None for task in tasks)
    if case.closed_at is not None:
        return Span(on(case.opened_at), on(case.closed_at), max(done, 1), max(done, 1))
    steps = steps_of(compiled(case.version))
    windows = plan(steps, calendar, case.year, start=case.opened_at.astimezone(UTC))
    days = [on(window.due_at) for window in windows if window.due_at]
    days += [on(task.due_at) for task in tasks if task.due_at]
    return Span(on(case.opened_at), max([*days, today]), done, max(len(steps), len(tasks)))


def _windows(process: Process, calendar: Calendar, year: int, start: datetime) -> dict[str, Window]:
    if process.active_version is None:
        return {}
    steps = steps_of(compiled(process.active_version))
    windows = plan(steps, calendar, year, start=start)
    return {window.key: window for window in windows if not window.is_removed}


def _planned(process: Process, windows: Mapping[str, Window]) -> Iterator[Mark]:
    if process.active_version is None:
        return
    names = compiled(process.active_version).description.steps
    for key, window in windows.items():
        if window.due_at:
            yield Mark(on(window.due_at), "planned", names[key].names, due_at=window.due_at)


def _mark(task: Task, now: datetime, soon: date, by: Actor, own: set[str]) -> Mark:
    """Say how a step stands for the actor, who has done the steps `own` of its case."""
    due_at = task.due_at or now
    names = {"sv": task.name_sv, "en": task.name_en}
    if task.closed_at is not None:
        return Mark(on(task.closed_at), "done", names, task.id, due_at, task.because)
    may_take = task.assignee_id == by.id or may(by, Deed.CLAIM, task)
    is_theirs = may_take and own.isdisjoint(task.not_by)
    if due_at < now:
        state = "late"
    elif not is_theirs:
        state = "waiting"
    else:
        state = "soon" if on(due_at) <= soon else "planned"
    return Mark(on(due_at), state, names, task.id, due_at, task.because)
