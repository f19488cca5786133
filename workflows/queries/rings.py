"""What the rings of a year are made of, process by process: stretches of time, and marks in them.

Rows are read as plain columns, and those of a city counted where they lie: a year can hold many.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from workflows.calendar.windows import plan
from workflows.calendar.years import Calendar
from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.models import Case, CaseState
from workflows.language import ZONE, on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.processes.models import Process, Version, VersionState
from workflows.processes.rows import compiled, planned
from workflows.queries.inbox import IS_FREE, OPEN, open_to
from workflows.queries.sight import sees_case, visible_cases, visible_tasks
from workflows.tasks.models import Outcome, Task


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the year, and how much of what belongs there is done: `done` of `steps`."""

    first: date
    last: date
    done: int
    steps: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A step on its day: `late`, `soon`, `waiting`, `planned` (perhaps no task yet) or `done`; or
    how many there are in a week, with no names.
    """

    day: date
    state: str
    names: Mapping[str, str]
    task_id: int | None = None
    due_at: datetime | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """Which year is asked for, by whom, and how days are counted there."""

    session: Session
    unit: Unit
    year: int
    calendar: Calendar
    today: date
    soon: date  # what is due by then is due soon
    by: Actor
    now: datetime

    def begins(self, year: int) -> datetime:
        return datetime.combine(date(year, 1, 1), time(), ZONE)

    @property
    def in_time(self) -> sa.ColumnElement[bool]:
        """Of open tasks: those due in the year; in this one also what was due before it."""
        by_then = Task.due_at < self.begins(self.year + 1)
        if self.year == self.today.year:
            return by_then
        return by_then & (Task.due_at >= self.begins(self.year))

    def state(self, due_at: datetime, *, is_mine: bool = True) -> str:
        """Say how an open step stands."""
        if due_at < self.now:
            return "late"
        if not is_mine:
            return "waiting"
        return "soon" if on(due_at) <= self.soon else "planned"


Found = Iterator[tuple[int, Iterable[Span], Iterable[Mark]]]
OF_TASK = (
    Task.id, Task.case_id, Task.process_id, Task.element, Task.name_sv, Task.name_en, Task.not_by,
    Task.opened_at, Task.due_at, Task.closed_at, Task.done_by_id,
)  # fmt: skip


# --- a unit -----------------------------------------------------------------------------------


def of_unit(asked: Asked) -> Found:
    """Find the cases of a unit's year with all their steps, and what is yet to begin."""
    by, session = asked.by, asked.session
    of_year = (
        Case.unit_id == asked.unit.id,
        Case.year == asked.year,
        Case.state != CaseState.CANCELLED,
        visible_cases(by),
    )
    columns = (Case.id, Case.process_id, Case.version_id, Case.opened_at, Case.closed_at)
    cases = session.execute(sa.select(*columns).where(*of_year).order_by(Case.opened_at)).all()
    is_mine = sa.or_(Task.assignee_id == by.id, open_to(by)).label("is_mine")
    was_or_is = sa.or_(Task.outcome.is_(None), Task.outcome == Outcome.COMPLETED)
    wanted = sa.select(*OF_TASK, is_mine).where(
        Task.case_id.in_(sa.select(Case.id).where(*of_year))
    )
    tasks: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(wanted.where(was_or_is).order_by(Task.id)):
        tasks[row.case_id].append(row)
    ends = _ends(asked, [case for case in cases if case.closed_at is None])
    for case in cases:
        own = {row.element for row in tasks[case.id] if row.done_by_id == by.id}
        span = _span(case, tasks[case.id], ends.get(case.id), asked.today)
        yield (
            case.process_id,
            [span],
            [
                _mark(row, asked, is_mine=row.is_mine and own.isdisjoint(row.not_by))
                for row in tasks[case.id]
                if row.due_at
            ],
        )
    yield from _to_begin(asked, [asked.unit.id])


def _ends(asked: Asked, cases: list[Any]) -> dict[int, tuple[date, int]]:
    """Say when the last step of a case would be due, and how many steps there are; of many cases of
    one process, worked out for the first and the last.
    """
    versions = {
        one.id: one
        for one in asked.session.scalars(
            sa.select(Version)
            .where(Version.id.in_({case.version_id for case in cases}))
            .options(defer(Version.source))
        )
    }
    by_version: dict[int, list[Any]] = defaultdict(list)
    for case in cases:
        by_version[case.version_id].append(case)
    found = {}
    for version_id, alike in by_version.items():
        steps = planned(versions[version_id])
        for case in {alike[0], alike[-1]}:
            windows = plan(steps, asked.calendar, asked.year, start=case.opened_at)
            last = max((on(one.due_at) for one in windows if one.due_at), default=asked.today)
            found[case.id] = (last, len(steps))
        for case in alike[1:-1]:
            found[case.id] = (on(case.opened_at), len(steps))
    return found


def _span(case: Any, tasks: list[Any], end: tuple[date, int] | None, today: date) -> Span:
    """Say from when to when a case runs: to its end, or to when its last step would be due."""
    done = sum(row.closed_at is not None for row in tasks)
    if end is None:
        return Span(on(case.opened_at), on(case.closed_at), max(done, 1), max(done, 1))
    days = [end[0], today, *(on(row.due_at) for row in tasks if row.due_at)]
    return Span(on(case.opened_at), max(days), done, max(end[1], len(tasks)))


def _mark(row: Any, asked: Asked, *, is_mine: bool) -> Mark:
    names, due_at = {"sv": row.name_sv, "en": row.name_en}, row.due_at
    if row.closed_at is not None:
        return Mark(on(row.closed_at), "done", names, row.id, due_at)
    return Mark(on(due_at), asked.state(due_at, is_mine=is_mine), names, row.id, due_at)


def _to_begin(asked: Asked, unit_ids: Iterable[int], *, only_mine: bool = False) -> Found:
    """Find the cases that will begin by themselves, with their steps on the days they would be due;
    `only_mine` gives the steps that the roles of the actor are to do there.
    """
    columns = (PlannedStart.process_id, PlannedStart.unit_id, PlannedStart.due_at)
    wanted = _waiting(asked, sa.select(*columns)).where(PlannedStart.unit_id.in_(unit_ids))
    starts = asked.session.execute(wanted).all()
    versions = _active(asked.session, {start.process_id for start in starts})
    for start in starts:
        version = versions.get(start.process_id)
        if version is None or start.due_at is None:
            continue
        windows = plan(planned(version), asked.calendar, asked.year, start=start.due_at)
        steps = compiled(version).description.steps
        if only_mine:
            windows = tuple(
                one
                for one in windows
                if steps[one.key].of == "unit"
                and any(asked.by.holds(role, start.unit_id) for role in steps[one.key].roles)
            )
        days = [on(one.due_at) for one in windows if one.due_at]
        count = sum(not one.is_removed for one in windows)
        if count:
            span = Span(on(start.due_at), max(days, default=on(start.due_at)), 0, count)
            yield (
                start.process_id,
                [span],
                [
                    Mark(on(one.due_at), "planned", steps[one.key].names, due_at=one.due_at)
                    for one in windows
                    if one.due_at
                ],
            )


def _waiting(asked: Asked, wanted: Any) -> Any:
    """Ask for the starts of the year that wait for their day and that the actor may know of."""
    return wanted.join(Process, Process.id == PlannedStart.process_id).where(
        PlannedStart.year == asked.year,
        PlannedStart.state == StartState.WAITING,
        PlannedStart.due_at.is_not(None),
        sees_case(
            asked.by,
            Process.secrecy,
            PlannedStart.unit_id,
            PlannedStart.process_id,
            PlannedStart.year,
        ),
    )


def _active(session: Session, process_ids: Iterable[int]) -> dict[int, Version]:
    """Load the versions that run, by process."""
    wanted = (
        sa.select(Version)
        .where(Version.process_id.in_(process_ids), Version.state == VersionState.ACTIVE)
        .options(defer(Version.source))
    )
    return {version.process_id: version for version in session.scalars(wanted)}


# --- a person ---------------------------------------------------------------------------------


def of_person(asked: Asked) -> Found:
    """Find what somebody has to do or may take, what they have done, and what will come to them."""
    by = asked.by
    theirs = Task.id.in_(
        sa.union(
            sa.select(Task.id).where(OPEN, Task.assignee_id == by.id),
            sa.select(Task.id).where(OPEN, IS_FREE, open_to(by)),
        )
    )
    done = (
        Task.done_by_id == by.id,
        Task.closed_at >= asked.begins(asked.year),
        Task.closed_at < asked.begins(asked.year + 1),
    )
    was, is_open = (
        asked.session.execute(sa.select(*OF_TASK).where(*where)).all()
        for where in (done, (OPEN, theirs, asked.in_time))
    )
    own = {(row.case_id, row.element) for row in was}  # nobody reviews what they did themselves
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in (*was, *is_open):
        if row.closed_at is not None or own.isdisjoint((row.case_id, each) for each in row.not_by):
            rows[row.process_id].append(row)
    for process_id, found in rows.items():
        first = min(on(row.opened_at) for row in found)
        last = max(on(row.closed_at or row.due_at) for row in found)
        is_done = sum(row.closed_at is not None for row in found)
        span = Span(first, max(first, last), is_done, len(found))
        yield process_id, [span], [_mark(row, asked, is_mine=True) for row in found]
    yield from _to_begin(asked, {held.unit_id for held in by.held}, only_mine=True)


# --- the city ---------------------------------------------------------------------------------


def of_city(asked: Asked) -> Found:
    """Count what is open, day by day, what is done, and what will begin."""
    cases, starts = _cases(asked), _starts(asked)
    versions = _active(asked.session, {*cases, *starts})
    due = _due(asked)
    for process_id in {*cases, *starts, *due}:
        spans = [*cases.get(process_id, ()), *starts.get(process_id, ())]
        days = [mark.day for mark in due.get(process_id, ())]
        first = min([span.first for span in spans] or days)
        version = versions.get(process_id)
        if version is not None:
            opened = datetime.combine(first, time(8), ZONE)
            windows = plan(planned(version), asked.calendar, asked.year, start=opened)
            days += [on(one.due_at) for one in windows if one.due_at]
        last = max([span.last for span in spans] + days)
        done, steps = sum(span.done for span in spans), sum(span.steps for span in spans)
        yield process_id, [Span(first, last, done, steps)], due.get(process_id, [])


def _cases(asked: Asked) -> dict[int, list[Span]]:
    """Count the cases of the year, those that are over as done."""
    wanted = (
        sa.select(Case.process_id, Case.state, sa.func.count(), sa.func.min(Case.opened_at))
        .where(
            Case.year == asked.year,
            Case.state != CaseState.CANCELLED,
            visible_cases(asked.by),
        )
        .group_by(Case.process_id, Case.state)
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for process_id, state, count, opened_at in asked.session.execute(wanted):
        done = count if state is CaseState.FINISHED else 0
        found[process_id].append(Span(on(opened_at), on(opened_at), done, count))
    return found


def _starts(asked: Asked) -> dict[int, list[Span]]:
    """Count the cases that will begin by themselves."""
    process_id, due_at = PlannedStart.process_id, PlannedStart.due_at
    columns = (process_id, sa.func.count(), sa.func.min(due_at), sa.func.max(due_at))
    wanted = _waiting(asked, sa.select(*columns)).group_by(process_id)
    return {
        process_id: [Span(on(first), on(last), 0, count)]
        for process_id, count, first, last in asked.session.execute(wanted)
    }


def _due(asked: Asked) -> dict[int, list[Mark]]:
    """Count the open tasks of each process by the week they are due in."""
    wanted = (
        sa.select(Task.process_id, Task.due_at, sa.func.count())
        .where(OPEN, asked.in_time)
        .where(visible_tasks(asked.by))
        .group_by(Task.process_id, Task.due_at)
        .order_by(Task.due_at)
    )
    weeks: dict[tuple[int, str, date], list[Any]] = {}
    rows: Iterable[Any] = asked.session.execute(wanted)
    for process_id, due_at, count in rows:
        day = on(due_at)
        key = (process_id, asked.state(due_at), day - timedelta(days=day.weekday()))
        week = weeks.setdefault(key, [day, due_at, 0])
        week[2] += count
    found: dict[int, list[Mark]] = defaultdict(list)
    for (process_id, state, _), (day, due_at, count) in weeks.items():
        found[process_id].append(Mark(day, state, {}, due_at=due_at, count=count))
    return found
