"""What the calendar's pages show: a year of the city or a unit, and a change with what it moves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from workflows.calendar.because import Reason
from workflows.calendar.consistency import Problem, problems
from workflows.calendar.meetings import Meeting
from workflows.calendar.milestones import Milestone, moved
from workflows.calendar.profiles import standard_year
from workflows.calendar.workdays import SATURDAY, holidays_of
from workflows.calendar.years import Calendar
from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.notices.models import Call
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person, Unit, UnitKind
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.processes.rows import compiled
from workflows.queries.redating import LEAVES, MOVES, STAYS, TOLD_ANEW
from workflows.queries.sight import visible_cases
from workflows.steering import rows
from workflows.steering.changes import Desk
from workflows.steering.models import Move, Replanning
from workflows.steering.values import Change, ClosedDay, Edit, Habits, read
from workflows.tasks.models import Task

PAGE = 50
BODIES = (UnitKind.CITY, UnitKind.BOARD, UnitKind.DISTRICT_BOARD, UnitKind.COMPANY)
LATEST_CHANGES = 5
COUNTS = ("tasks", "timers", "units", "stays", "leaves", "reminded")


@dataclass(frozen=True, slots=True)
class Year:
    """A year of one unit as its page shows it."""

    desk: Desk
    milestones: tuple[tuple[Milestone, date | None], ...]  # with the working day it falls on
    meetings: tuple[Meeting, ...]
    closed_days: tuple[ClosedDay, ...]
    holidays: tuple[tuple[date, str], ...]
    problems: tuple[Problem, ...]
    habits: Habits
    calendar: Calendar
    is_set: bool  # somebody has made it; else it stands by rule, or is not there at all
    changes: tuple[tuple[Replanning, Change], ...]

    @property
    def undecided(self) -> int:
        """Count the dates somebody still has to confirm."""
        return sum(
            one.is_movable and one.exists and not one.confirmed for one, _ in self.milestones
        )

    @property
    def quiet(self) -> tuple[date, date] | None:
        """Give the first and the last day of the quiet period, in a leap year."""
        if (days := self.calendar.closed.quiet) is None:
            return None
        (first_month, first), (last_month, last) = days
        return date(2000, first_month, first), date(2000, last_month, last)


def desk(session: Session, unit: Unit, year: int) -> Desk:
    """Lay the calendar of a unit on the table."""
    _, book = rows.current(session)
    return Desk(book, rows.lineage(session, unit.id), year)


def year(session: Session, unit: Unit, number: int) -> Year:
    """Gather a year of the city or a unit."""
    table = desk(session, unit, number)
    calendar = table.book.calendar(table.lineage, number)
    milestones = sorted(
        table.milestones.values(), key=lambda one: (not one.exists, one.on or date.max, one.code)
    )
    lying_above = {unit_id for unit_id, _ in table.lineage}
    return Year(
        desk=table,
        milestones=tuple(
            (one, moved(one.on, one.kind, calendar.closed, legal=False) if one.on else None)
            for one in milestones
        ),
        meetings=tuple(one for one in calendar.agenda if one.on.year == number),
        closed_days=tuple(
            ClosedDay(on, name) for on, name in calendar.closed.own if on.year == number
        ),
        holidays=tuple(
            (on, name) for on, name in holidays_of(number).items() if on.weekday() < SATURDAY
        ),
        problems=problems(calendar, number),
        habits=table.book.habits(unit.id),
        calendar=calendar,
        is_set=any(table.book.has_year(unit_id, number) for unit_id in lying_above),
        changes=tuple(
            (one, _as_seen(session, read(one.change)))
            for one in _latest_changes(session, lying_above, number)
        ),
    )


def bodies(session: Session) -> list[Unit]:
    """List the units that have a calendar of their own, the city first."""
    wanted = sa.select(Unit).where(Unit.kind.in_(BODIES))
    found = session.scalars(wanted.order_by(Unit.kind != UnitKind.CITY, Unit.sort_key))
    return list(found)


def unit(session: Session, unit_id: int | None) -> Unit:
    """Find a unit, or the city.

    :raises NotFound: if there is none
    """
    found = session.get(Unit, unit_id or rows.city_id(session) or 0)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """One date of a change as its page shows it; one the reader may not see is only counted."""

    fate: str
    task: Task | None
    case: Case
    unit: Unit
    person: str | None
    names: dict[str, str]  # of the step, by language
    old_due_at: datetime | None
    new_due_at: datetime | None
    reminded_at: datetime | None  # of the old date, already


@dataclass(frozen=True, slots=True)
class ShownStart:
    """A case that will start on another day; without one it waits for a date, or falls away."""

    process: Process
    unit: Unit
    year: int
    occasion: str
    old: datetime | None
    new: datetime | None
    falls_away: bool


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A prepared or applied change, one page of what it moves, and how much there is in all."""

    change: Replanning
    edits: Change
    moves: tuple[Shown, ...]
    visible: int
    hidden: int
    counts: dict[str, int]  # tasks, timers, units, stays, leaves, reminded
    by_unit: tuple[tuple[str, int], ...]
    starts: tuple[ShownStart, ...]  # the first of them
    starting: int


def find_change(session: Session, change_id: int, *, by: Actor) -> Replanning:
    """Find a change the actor may apply.

    :raises NotFound: if there is none
    """
    found = session.get(Replanning, change_id, options=[joinedload(Replanning.unit)])
    if found is None:
        raise NotFound
    require(by, Deed.CHANGE_CALENDAR, found.unit)
    return found


def change(session: Session, found: Replanning, *, by: Actor, page: int) -> ShownChange:
    """Gather what a change moves and what it leaves because law has fixed it."""
    here = (Move.replanning_id == found.id, Move.fate != TOLD_ANEW)
    counted = session.execute(
        sa.select(
            sa.func.count(Move.task_id).filter(Move.fate == MOVES),
            sa.func.count(Move.timer_id).filter(Move.fate == MOVES),
            sa.func.count(sa.distinct(Move.unit_id)).filter(Move.fate != STAYS),
            sa.func.count().filter(Move.fate == STAYS),
            sa.func.count().filter(Move.fate == LEAVES),
            sa.func.count().filter(Move.fate == MOVES, _reminded_at().is_not(None)),
            sa.func.count(),
            sa.func.count().filter(visible_cases(by)),
        )
        .join(Case, Case.id == Move.case_id)
        .where(*here)
    ).one()
    *counts, total, visible = counted
    starts = found.seen.get("starts", ())
    return ShownChange(
        change=found,
        edits=_as_seen(session, read(found.change)),
        moves=tuple(_shown(session, here, by, page)),
        visible=visible,
        hidden=total - visible,
        counts=dict(zip(COUNTS, counts, strict=True)),
        by_unit=tuple(iter(_by_unit(session, found))),
        starts=tuple(_starts(session, starts[:PAGE])),
        starting=len(starts),
    )


def _as_seen(session: Session, change: Change) -> Change:
    """Set the dates that held by rule in the place of nothing: the first date the city sets makes
    the whole of its year data, though all the others stay what they were.
    """
    _, book = rows.current(session)
    line = rows.lineage(session, change.unit_id)
    if len(line) != 1 or change.kind == "year":
        return change
    made = {one.code: one for one in standard_year(change.year, book.profile(line))}

    def seen(edit: Edit) -> Edit:
        row = edit.new or edit.old
        if isinstance(row, Milestone):
            by_rule = made.get(row.code)
            return replace(edit, old=edit.old or by_rule, new=edit.new or by_rule)
        return edit

    return replace(change, edits=tuple(seen(edit) for edit in change.edits))


def _reminded_at() -> sa.ScalarSelect[datetime | None]:
    """When somebody was last reminded of the old date of a move."""
    sent = (Call.task_id == Move.task_id, Call.fired_at.is_not(None), Call.occasion != "opened")
    return sa.select(sa.func.max(Call.fired_at)).where(*sent).scalar_subquery()


def _starts(session: Session, starts: Sequence[Mapping[str, Any]]) -> Iterator[ShownStart]:
    for one in starts:
        yield ShownStart(
            session.get_one(Process, one["process_id"]),
            session.get_one(Unit, one["unit_id"]),
            one["year"],
            one["occasion"],
            datetime.fromisoformat(one["old"]) if one["old"] else None,
            datetime.fromisoformat(one["new"]) if one["new"] else None,
            one["unresolved"] == Reason.MILESTONE_ABSENT,
        )


def _shown(
    session: Session, here: Sequence[sa.ColumnElement[bool]], by: Actor, page: int
) -> list[Shown]:
    holder = aliased(Person)
    wanted = (
        sa.select(Move, Task, Case, Unit, holder.name, _reminded_at())
        .join(Case, Case.id == Move.case_id)
        .join(Unit, Unit.id == Move.unit_id)
        .outerjoin(Task, Task.id == Move.task_id)
        .outerjoin(holder, holder.id == Move.person_id)
        .where(*here, visible_cases(by))
        .options(joinedload(Case.process), joinedload(Case.version))
        .order_by(Move.fate.desc(), Move.new_due_at, Move.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [
        Shown(
            move.fate,
            task,
            case,
            body,
            person,
            compiled(case.version).description.names_of(move.element),
            move.old_due_at,
            move.new_due_at,
            reminded_at,
        )
        for move, task, case, body, person, reminded_at in session.execute(wanted)
    ]


def _by_unit(session: Session, found: Replanning) -> list[Any]:
    wanted = (
        sa.select(Unit.name, sa.func.count())
        .join(Move, Move.unit_id == Unit.id)
        .where(Move.replanning_id == found.id, Move.fate.in_((MOVES, LEAVES)))
        .group_by(Unit.id, Unit.name, Unit.sort_key)
        .order_by(Unit.sort_key)
    )
    return [(name, count) for name, count in session.execute(wanted)]


def _latest_changes(session: Session, units: set[int], number: int) -> list[Replanning]:
    wanted = (
        sa.select(Replanning)
        .where(
            Replanning.unit_id.in_(units),
            Replanning.year == number,
            Replanning.applied_at.is_not(None),
        )
        .options(joinedload(Replanning.applied_by), joinedload(Replanning.unit))
        .order_by(Replanning.applied_at.desc(), Replanning.id.desc())
        .limit(LATEST_CHANGES)
    )
    return list(session.scalars(wanted))
