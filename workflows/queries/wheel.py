"""A year as the wheel shows it, of a person, a unit or the whole city: when each process runs, how
far it is, what is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar.milestones import Milestone
from workflows.calendar.workdays import add_workdays, workdays_between
from workflows.language import on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.queries.rings import Asked, Mark, Span, of_city, of_person, of_unit
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Task

SOON = 10  # working days
FEW = 3  # stretches of a ring; more become one
# What stands on the rim; the others stand in the calendar.
RIM = ("VB", "T1", "BUDGET_KS", "T2", "RSA_CITY", "BUDGET_KF", "VP")


class Whose(StrEnum):
    """Of whom or what a year is."""

    PERSON = "person"
    UNIT = "unit"
    CITY = "city"


GATHERED = {Whose.PERSON: of_person, Whose.UNIT: of_unit, Whose.CITY: of_city}


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
    """A year; `unit` is the one whose calendar it follows."""

    unit: Unit
    year: int
    today: date
    rings: tuple[Ring, ...]
    milestones: tuple[Milestone, ...]
    next_milestone: Milestone | None
    workdays_left: int  # to the next milestone
    whose: Whose = Whose.UNIT
    reasons: Mapping[int, Mapping[str, Any]] | None = None  # why the next steps are due, by task

    def count(self, state: str) -> int:
        """Count the open steps in a state."""
        return sum(mark.count for ring in self.rings for mark in ring.marks if mark.state == state)


def wheel(
    session: Session,
    unit: Unit,
    year: int,
    *,
    whose: Whose = Whose.UNIT,
    by: Actor,
    now: datetime,
) -> Wheel:
    """Gather a year, as far as the actor may see it; that of the city in numbers.

    :raises Forbidden: if it is of the city, and they may not see all of it
    """
    if whose is Whose.CITY:
        require(by, Deed.SEE_CITY, None)
    calendar, today = calendar_of(session, unit.id, year), on(now)
    soon = add_workdays(calendar.closed, today, SOON)
    asked = Asked(session, unit, year, calendar, today, soon, by, now)
    found: dict[int, tuple[list[Span], list[Mark]]] = {}
    for process_id, spans, marks in GATHERED[whose](asked):
        of_process = found.setdefault(process_id, ([], []))
        of_process[0].extend(spans)
        of_process[1].extend(marks)
    rings = [
        Ring(process, _few(found[process.id][0]), tuple(sorted(found[process.id][1], key=_day)))
        for process in session.scalars(sa.select(Process).where(Process.id.in_(found)))
        if found[process.id][0]
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
        workdays_left=workdays_between(calendar.closed, today, ahead.on)
        if ahead and ahead.on
        else 0,
        whose=whose,
        reasons=_reasons(session, rings),
    )


def units_of(session: Session, by: Actor) -> list[Unit]:
    """List the units whose year is the actor's own, by name."""
    ids = {held.unit_id for held in by.held}
    wanted = sa.select(Unit).where(Unit.id.in_(ids)).order_by(Unit.sort_key, Unit.id)
    return list(session.scalars(wanted))


def city_of(session: Session) -> Unit | None:
    """Find the unit that is the city."""
    return session.scalars(sa.select(Unit).where(Unit.kind == UnitKind.CITY).limit(1)).first()


def _day(mark: Mark) -> date:
    return mark.day


def _few(spans: list[Span]) -> tuple[Span, ...]:
    """Put the stretches of a ring in order; so many that none could be told apart become one."""
    if len(spans) > FEW:
        done, steps = sum(one.done for one in spans), sum(one.steps for one in spans)
        first, last = min(one.first for one in spans), max(one.last for one in spans)
        return (Span(first, last, done, steps),)
    return tuple(sorted(spans, key=lambda span: span.first))


def _reasons(session: Session, rings: list[Ring]) -> dict[int, Mapping[str, Any]]:
    """Read why the next step of each ring is due when it is."""
    ids = [ring.next.task_id for ring in rings if ring.next and ring.next.task_id]
    wanted = sa.select(Task.id, Task.because).where(Task.id.in_(ids))
    return {row.id: row.because for row in session.execute(wanted) if row.because}
