"""What is due ahead for each role, week by week: what is open, what running cases come to, and what
is planned to start; and where that is more than those who hold the role can do."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar.windows import Window, plan
from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.messages import Wait
from workflows.cases.models import MOVING, Case, Timer
from workflows.language import ZONE, on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.models import Process, Version, VersionState
from workflows.processes.rows import compiled, kept_as
from workflows.processes.rows import planned as planned_steps
from workflows.queries.expected import asides
from workflows.queries.role_check import Holders, who_holds
from workflows.queries.sight import sees_case
from workflows.steering.book import Book, Lineage
from workflows.steering.rows import current, lineages
from workflows.tasks.models import Task, TaskRole

WEEK = timedelta(weeks=1)
MOST = 8  # due in a week for each who holds the role, as in a rehearsal
MOST_BEFORE = 3  # in the week before a decision, when reports are written as well
SOON = 6  # weeks
DECISIONS = ("VB", "T1", "T2", "VP")
TERTIALS = ((4, 30), (8, 31), (12, 31))


@dataclass(frozen=True, slots=True)
class Load:
    """What a role in a unit has due in a week, and how many people hold it."""

    role: str
    unit_id: int
    monday: date
    open: int
    expected: int  # steps that running cases come to
    planned: int  # steps of cases that are to start
    people: int
    before: str  # the decision that comes that week or the next

    @property
    def due(self) -> int:
        return self.open + self.expected + self.planned

    @property
    def most(self) -> int:
        return (MOST_BEFORE if self.before else MOST) * self.people

    @property
    def is_too_much(self) -> bool:
        """Tell whether it is more than those who hold the role can do, or nobody holds it."""
        return self.due >= self.most if self.before else self.due > self.most


@dataclass(frozen=True, slots=True)
class Ahead:
    """The weeks from `first` on to the end of the next tertial."""

    first: date
    last: date
    loads: tuple[Load, ...]
    units: dict[int, Unit]
    decisions: dict[date, str]  # of the city, or the one unit asked for, by their week

    @property
    def mondays(self) -> list[date]:
        count = (self.last - self.first).days // 7 + 1
        return [self.first + n * WEEK for n in range(count)]

    @property
    def warnings(self) -> list[Load]:
        """The weeks that hold too much, the first first."""
        found = [one for one in self.loads if one.is_too_much]
        return sorted(found, key=lambda one: (one.monday, -one.due, one.role, one.unit_id))


def ahead(
    session: Session,
    *,
    units: Collection[int] | None = None,
    weeks: int | None = None,
    by: Actor,
    now: datetime,
) -> Ahead:
    """Count what is due ahead in some units, or in all: this tertial and the next, or some weeks;
    of what is secret only what the actor may know."""
    today = on(now)
    first = monday(today)
    last = first + weeks * WEEK - timedelta(days=1) if weeks else _end_of_next_tertial(today)
    gathering = _Gathering(session, units, first, last, by)
    gathering.open_tasks()
    gathering.running()
    gathering.starting()
    return gathering.ahead(who_holds(session, today=today))


def soon(
    session: Session, units: Collection[int] | None, *, by: Actor, now: datetime
) -> list[Load]:
    """Warn of the nearest weeks that hold too much, while there is time to do something."""
    return ahead(session, units=units, weeks=SOON, by=by, now=now).warnings


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _end_of_next_tertial(today: date) -> date:
    ends = [date(year, *end) for year in (today.year, today.year + 1) for end in TERTIALS]
    return [end for end in ends if end >= today][1]


class _Gathering:
    """Counts what is due by role, unit and week; units that keep the city's calendar share it."""

    def __init__(
        self, session: Session, units: Collection[int] | None, first: date, last: date, by: Actor
    ) -> None:
        self.session, self.wanted, self.first, self.last = session, units, first, last
        self.by = by
        self.book: Book = current(session)[1]
        self.units = {one.id: one for one in session.scalars(sa.select(Unit))}
        self.lines = lineages(session)
        self.city = next((u.id for u in self.units.values() if u.kind is UnitKind.CITY), None)
        self.counts: dict[tuple[str, int, date], Counter[str]] = defaultdict(Counter)
        self.roles: dict[tuple[str, int, date], tuple[str, ...]] = {}
        self.until = datetime.combine(last + timedelta(days=1), time(), ZONE).astimezone(UTC)
        self._planned: dict[object, tuple[Window, ...]] = {}
        self._known: dict[int, Version] = {}

    def add(self, kind: str, roles: Iterable[str], unit_id: int, due_at: datetime) -> None:
        day = on(due_at)
        if day > self.last or not (known := tuple(roles)):
            return
        if self.wanted is not None and unit_id not in self.wanted:
            return
        at = ("/".join(sorted(known)), unit_id, max(self.first, monday(day)))
        self.counts[at][kind] += 1
        self.roles[at] = known

    def open_tasks(self) -> None:
        """What is late is to be done this week."""
        wanted = (
            sa.select(Task.id, Task.due_at, TaskRole.role, TaskRole.unit_id)
            .join(TaskRole, TaskRole.task_id == Task.id)
            .join(Case, Case.id == Task.case_id)
            .where(
                TaskRole.is_open,
                Task.closed_at.is_(None),
                Task.due_at < self.until,
                Case.state.in_(MOVING),
                sees_case(self.by, Task.secrecy, Case.unit_id, Task.process_id, Case.year),
            )
        )
        if self.wanted is not None:
            wanted = wanted.where(TaskRole.unit_id.in_(self.wanted))
        tasks: dict[int, tuple[datetime | None, int, set[str]]] = {}
        for task_id, due_at, role, unit_id in self.session.execute(wanted):
            tasks.setdefault(task_id, (due_at, unit_id, set()))[2].add(role)
        for due_at, unit_id, roles in tasks.values():
            if due_at is not None:
                self.add("open", roles, unit_id, due_at)

    def running(self) -> None:
        """The steps that running cases have not come to."""
        cases = list(self.session.execute(self._of_cases(Case)).all())
        if not cases:
            return
        opened: dict[int, set[str]] = defaultdict(set)
        stands: dict[int, set[str]] = defaultdict(set)
        ids = [row.id for row in cases]
        is_open = Task.closed_at.is_(None)
        tasks = sa.select(Task.case_id, Task.element, is_open).where(Task.case_id.in_(ids))
        for case_id, element, stands_open in self.session.execute(tasks):
            opened[case_id].add(element)
            if stands_open:
                stands[case_id].add(element)
        timers = sa.select(Timer.case_id, Timer.element).where(
            Timer.case_id.in_(ids), Timer.fired_at.is_(None), Timer.closed_at.is_(None)
        )
        waits = sa.select(Wait.case_id, Wait.element).where(
            Wait.case_id.in_(ids), Wait.closed_at.is_(None)
        )
        for case_id, element in self.session.execute(timers.union(waits)):
            stands[case_id].add(element)
        versions = self._versions({row.version_id for row in cases})
        for row in cases:
            version = versions[row.version_id]
            to_come = compiled(version).ahead(stands[row.id]) - opened[row.id]
            windows = self.windows(version, row.unit_id, row.year, row.opened_at)
            self._add(version, row.unit_id, "expected", windows, to_come)

    def starting(self) -> None:
        """The steps of cases that are to start."""
        wanted = (
            sa.select(PlannedStart.unit_id, PlannedStart.year, PlannedStart.due_at, Version.id)
            .join(Process, Process.id == PlannedStart.process_id)
            .join(Version, Version.process_id == Process.id)
            .where(
                Version.state == VersionState.ACTIVE,
                PlannedStart.state == StartState.WAITING,
                PlannedStart.due_at < self.until,
                sees_case(
                    self.by, Process.secrecy, PlannedStart.unit_id, Process.id, PlannedStart.year
                ),
            )
        )
        starts = list(self.session.execute(self._mine(wanted, PlannedStart.unit_id)))
        versions = self._versions({row.id for row in starts})
        for unit_id, year, due_at, version_id in starts:
            version = versions[version_id]
            windows = self.windows(version, unit_id, year, due_at)
            self._add(version, unit_id, "planned", windows, None)

    def _of_cases(self, case: type[Case]) -> Any:
        wanted = sa.select(case.id, case.unit_id, case.year, case.version_id, case.opened_at).where(
            case.state.in_(MOVING),
            sees_case(self.by, case.secrecy, case.unit_id, case.process_id, case.year),
        )
        return self._mine(wanted, case.unit_id)

    def _mine(self, wanted: Any, column: Any) -> Any:
        """Only the units asked for; what the city runs is for their roles as well."""
        if self.wanted is None:
            return wanted
        return wanted.where(column.in_({*self.wanted, *([self.city] if self.city else [])}))

    def _versions(self, ids: set[int]) -> dict[int, Version]:
        """Load versions, the active ones with them: those are asked for next."""
        if ids - self._known.keys():
            wanted = sa.select(Version).where(
                sa.or_(Version.id.in_(ids), Version.state == VersionState.ACTIVE)
            )
            self._known = {one.id: one for one in self.session.scalars(wanted)}
        return self._known

    def windows(
        self, version: Version, unit_id: int, year: int, start: datetime
    ) -> tuple[Window, ...]:
        """Plan a case, once for all units that share a calendar."""
        line = self.lines[unit_id]
        own = tuple((one in self.book.by_unit and one, kind) for one, kind in line)
        key = (kept_as(version), year, on(start), own)
        if (known := self._planned.get(key)) is None:
            calendar = self.book.calendar(line, year)
            steps = planned_steps(version)
            aside = asides(steps)
            found = plan(steps, calendar, year, start=start)
            known = tuple(one for one in found if one.due_at and one.key not in aside)
            self._planned[key] = known
        return known

    def _add(
        self,
        version: Version,
        unit_id: int,
        kind: str,
        windows: Iterable[Window],
        only: Collection[str] | None,
    ) -> None:
        steps = compiled(version).description.steps
        for window in windows:
            info = steps[window.key]
            if (only is not None and window.key not in only) or window.due_at is None:
                continue
            if on(window.due_at) >= self.first and (where := self._place(info.of, unit_id)):
                self.add(kind, info.roles, where, window.due_at)

    def _place(self, of: str, unit_id: int) -> int | None:
        if of == "city":
            return self.city
        return self.units[unit_id].parent_id if of == "parent" else unit_id

    def ahead(self, holders: Holders) -> Ahead:
        decisions: dict[int, dict[date, str]] = {}
        loads = []
        for (_, unit_id, week), counts in sorted(self.counts.items()):
            roles = self.roles[_, unit_id, week]
            held = [role for role in roles if holders.get((role, unit_id))]
            role = (held or list(roles))[0]
            if unit_id not in decisions:
                decisions[unit_id] = dict(self._decisions(self.lines[unit_id]))
            before = decisions[unit_id].get(week) or decisions[unit_id].get(week + WEEK, "")
            loads.append(
                Load(
                    role, unit_id, week, counts["open"], counts["expected"], counts["planned"],
                    len(holders.get((role, unit_id), ())), before,
                )
            )  # fmt: skip
        whose = next(iter(self.wanted), None) if self.wanted else self.city
        rim = dict(self._decisions(self.lines[whose])) if whose in self.lines else {}
        return Ahead(self.first, self.last, tuple(_summed(loads)), self.units, rim)

    def _decisions(self, line: Lineage) -> Iterator[tuple[date, str]]:
        for year in {self.first.year, self.last.year}:
            for one in self.book.calendar(line, year).milestones:
                if one.code in DECISIONS and one.exists and one.on is not None:
                    yield monday(one.on), one.code


def _summed(loads: Iterable[Load]) -> Iterator[Load]:
    """Put together what one role has by itself and what it shares with others."""
    found: dict[tuple[str, int, date], Load] = {}
    for one in loads:
        at = (one.role, one.unit_id, one.monday)
        if (known := found.get(at)) is not None:
            one = Load(
                one.role, one.unit_id, one.monday, one.open + known.open,
                one.expected + known.expected, one.planned + known.planned, one.people, one.before,
            )  # fmt: skip
        found[at] = one
    yield from found.values()
