"""How far each body has come with one process in a year: bodies by steps, in the organisation's own
order and never by lateness.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.models import MOVING, Case, CaseState
from workflows.language import on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.permissions import Deed, may, require
from workflows.processes.models import Process
from workflows.processes.rows import compiled
from workflows.queries.cases import may_be_seen
from workflows.queries.sight import visible_cases
from workflows.queries.words_given import Words, words_given
from workflows.tasks.models import Outcome, Task

ORDER = list(UnitKind)
NOTHING = Words(may_be_asked=False)
MOST_ROWS = 150  # of what is started by hand, the latest; what starts each year has one a body


class State(StrEnum):
    """How a step stands in a body; the first of those that its tasks have."""

    HELP = "help"  # somebody said that they need support, or longer time
    SILENT = "silent"  # it is late, and nobody has said anything
    PROMISED = "promised"
    OPEN = "open"
    DONE = "done"
    CLOSED = "closed"  # it was never needed
    PLANNED = "planned"  # it has not been opened


@dataclass(frozen=True, slots=True)
class Before:
    """The same step in the same body a year earlier."""

    due_at: datetime | None
    closed_at: datetime

    @property
    def days_late(self) -> int:
        return max(0, (on(self.closed_at) - on(self.due_at)).days) if self.due_at else 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One step in one body: the first of its dates, and what was said of it."""

    state: State
    done: int = 0
    tasks: int = 0
    due_at: datetime | None = None
    closed_at: datetime | None = None
    words: Words = NOTHING
    to_ask: tuple[int, ...] = ()  # the tasks that somebody may be asked about
    before: Before | None = None


_NEVER = {True: Cell(State.CLOSED), False: Cell(State.PLANNED)}  # by whether the case is over


@dataclass(frozen=True, slots=True)
class Row:
    """One case, or a body that has none."""

    unit: Unit
    cells: tuple[Cell, ...]
    case_id: int | None = None
    occasion: str = ""
    case_state: CaseState | None = None
    starts_at: datetime | None = None  # of a case that is to come
    may_nudge: bool = False

    @property
    def follow_up(self) -> bool:
        return any(cell.state in (State.HELP, State.SILENT) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Column:
    """A step."""

    element: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Overview:
    """The matrix: its columns in reading order, its rows by kind of body and name."""

    process: Process
    year: int
    occasions: tuple[str, ...]
    occasion: str | None  # the one that is shown; None: whatever was started by hand
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def count(self, state: State) -> int:
        """Count the bodies where some step is in a state."""
        return sum(any(cell.state is state for cell in row.cells) for row in self.rows)

    @property
    def is_over(self) -> int:
        """Count the bodies that are through."""
        return sum(row.case_state is CaseState.FINISHED for row in self.rows)


def processes(session: Session, year: int, *, by: Actor) -> list[tuple[Process, bool]]:
    """List the processes that the actor may follow in some body, those with most steps first, and
    whether they have any case in the year.
    """
    found_in = bodies(session)
    some = sa.exists().where(Case.process_id == Process.id, Case.year == year, visible_cases(by))
    active = sa.select(Process, some).join(Process.active_version)
    loaded = active.options(joinedload(Process.active_version))
    found = [
        (process, bool(is_used))
        for process, is_used in session.execute(loaded)
        if any(may_be_seen(process, unit, by) for unit in found_in)
    ]
    return sorted(found, key=lambda one: (-len(_steps(one[0])), one[0].key))


def overview(
    session: Session,
    process: Process,
    year: int,
    *,
    occasion: str | None,
    by: Actor,
    now: datetime,
) -> Overview:
    """Gather the matrix of a process; without an `occasion` of those that start by themselves in
    the year, that which began last.
    """
    units = followed(session, process, by)
    of_year = (Case.process_id == process.id, Case.year == year, visible_cases(by))
    known = _occasions(session, of_year) if _starts(process) else []
    if known and occasion not in known:
        occasion = known[-1]
    elif not known:
        occasion = None
    cases = [case for case in _cases(session, of_year, occasion) if case.unit_id in units]
    tasks = _tasks(session, cases)
    columns = _columns(session, process, tasks)
    said = words_given(session, list(tasks), now=now) if tasks else {}
    before = _before(session, process, year, cases)
    rows = [
        row_of(case, units[case.unit_id], columns, tasks[case.id], said, before, by, now)
        for case in cases
    ]
    if occasion is not None or _starts(process):
        rows += _without(session, process, year, occasion, units, cases, columns)
    rows.sort(key=lambda row: (ORDER.index(row.unit.kind), row.unit.sort_key, -(row.case_id or 0)))
    return Overview(process, year, tuple(known), occasion, columns, tuple(rows))


def asked_about(session: Session, task_ids: Iterable[int], *, by: Actor) -> list[Task]:
    """Load tasks that somebody is to be asked about, with whom they wait for.

    :raises NotFound: if there is one that the actor may not know of
    """
    wanted = sa.select(Task).where(Task.id.in_(set(task_ids)))
    loaded = wanted.options(
        joinedload(Task.case).joinedload(Case.process),
        joinedload(Task.unit),
        selectinload(Task.roles),
    )
    found = list(session.scalars(loaded.order_by(Task.due_at, Task.case_id, Task.id)))
    for task in found:
        require(by, Deed.SEE_CASE, task.case)
    return found


def _starts(process: Process) -> tuple[str, ...]:
    """Say when the process starts by itself; never, if people start it by hand."""
    return compiled(process.active_version).description.starts if process.active_version else ()


def _steps(process: Process) -> Mapping[str, Any]:
    return compiled(process.active_version).description.steps if process.active_version else {}


def bodies(session: Session) -> list[Unit]:
    """List what may have a row of its own, in Swedish order."""
    wanted = sa.select(Unit).where(Unit.kind != UnitKind.SECTION)
    return list(session.scalars(wanted.order_by(Unit.sort_key, Unit.id)))


def followed(session: Session, process: Process, by: Actor) -> dict[int, Unit]:
    """The bodies that have a row of a process, of those that the actor may see it in."""
    per = compiled(process.active_version).description.per if process.active_version else ()
    return {
        unit.id: unit
        for unit in bodies(session)
        if (not per or unit.kind in per) and may_be_seen(process, unit, by)
    }


def _occasions(session: Session, of_year: Iterable[sa.ColumnElement[bool]]) -> list[str]:
    """Name what has begun in a year, the first first."""
    wanted = sa.select(Case.occasion).where(*of_year).group_by(Case.occasion)
    return list(session.scalars(wanted.order_by(sa.func.min(Case.opened_at))))


def _cases(
    session: Session, of_year: Iterable[sa.ColumnElement[bool]], occasion: str | None
) -> Sequence[Any]:
    wanted = sa.select(
        Case.id, Case.unit_id, Case.process_id, Case.occasion, Case.state, Case.secrecy
    ).where(*of_year)
    if occasion is not None:  # of which a body has one
        wanted = wanted.where(Case.occasion == occasion)
    most = MOST_ROWS if occasion is None else None
    return session.execute(wanted.order_by(Case.id.desc()).limit(most)).all()


def _tasks(session: Session, cases: Iterable[Any]) -> dict[int, list[Any]]:
    """Load what cells are made of, case by case, in the order it was opened."""
    found: dict[int, list[Any]] = {case.id: [] for case in cases}
    wanted = sa.select(
        Task.id,
        Task.case_id,
        Task.element,
        Task.due_at,
        Task.closed_at,
        Task.outcome,
    ).where(Task.case_id.in_(found))
    for row in session.execute(wanted.order_by(Task.case_id, Task.id)):
        found[row.case_id].append(row)
    return found


def _columns(
    session: Session, process: Process, tasks: Mapping[int, list[Any]]
) -> tuple[Column, ...]:
    """Give the steps of the active version in reading order, then those only older ones had."""
    found = {element: Column(element, info.names) for element, info in _steps(process).items()}
    older = {row.element for of_case in tasks.values() for row in of_case} - found.keys()
    if older:
        named = sa.select(Task.element, sa.func.max(Task.name_sv), sa.func.max(Task.name_en)).where(
            Task.case_id.in_(tasks), Task.element.in_(older)
        )
        for element, sv, en in session.execute(named.group_by(Task.element)):
            found[element] = Column(element, {"sv": sv, "en": en})
    return tuple(found.values())


def _before(
    session: Session, process: Process, year: int, cases: Sequence[Any]
) -> dict[tuple[int, str, str], Before]:
    """Say when the same steps were done a year earlier, by unit, occasion and step."""
    wanted = (
        sa.select(
            Case.unit_id,
            Case.occasion,
            Task.element,
            sa.func.max(Task.due_at).label("due_at"),
            sa.func.max(Task.closed_at).label("closed_at"),
        )
        .join(Task, Task.case_id == Case.id)
        .where(
            Case.process_id == process.id,
            Case.unit_id.in_({case.unit_id for case in cases}),
            Case.year == year - 1,
            Case.occasion.in_({case.occasion for case in cases}),
            Task.outcome == Outcome.COMPLETED,
        )
        .group_by(Case.unit_id, Case.occasion, Task.element)
    )
    return {
        (row.unit_id, row.occasion, row.element): Before(row.due_at, row.closed_at)
        for row in session.execute(wanted)
    }


def row_of(
    case: Any,
    unit: Unit,
    columns: Iterable[Column],
    tasks: Iterable[Any],
    said: Mapping[int, Words],
    before: Mapping[tuple[int, str, str], Before],
    by: Actor,
    now: datetime,
) -> Row:
    """Make the row of a case of its tasks and of what was said of them."""
    of_step: dict[str, list[Any]] = {}
    for task in tasks:
        of_step.setdefault(task.element, []).append(task)
    may_nudge = case.state in MOVING and may(by, Deed.NUDGE, case)
    cells = [
        _cell(
            of_step.get(column.element, []),
            case.state,
            said,
            before.get((case.unit_id, case.occasion, column.element)),
            now,
        )
        for column in columns
    ]
    return Row(
        unit=unit,
        cells=tuple(cells),
        case_id=case.id,
        occasion=case.occasion,
        case_state=case.state,
        may_nudge=may_nudge,
    )


def _cell(
    tasks: list[Any],
    case_state: CaseState,
    said: Mapping[int, Words],
    before: Before | None,
    now: datetime,
) -> Cell:
    if not tasks:
        is_over = case_state in (CaseState.FINISHED, CaseState.CANCELLED)
        return _NEVER[is_over] if before is None else replace(_NEVER[is_over], before=before)
    standing = [task for task in tasks if task.closed_at is None]
    done = [task for task in tasks if task.outcome is Outcome.COMPLETED]
    if not standing:
        due = max((task.due_at for task in done if task.due_at), default=None)
        closed = max((task.closed_at for task in done), default=None)
        state = State.DONE if done else State.CLOSED
        return Cell(state, len(done), len(done), due, closed, before=before)
    words = {task.id: said.get(task.id, NOTHING) for task in standing}
    states = {task.id: _state(task, words[task.id], case_state, now) for task in standing}
    state = min(states.values(), key=list(State).index)
    worst = next(task for task in standing if states[task.id] is state)
    return Cell(
        state,
        len(done),
        len(done) + len(standing),
        min((task.due_at for task in standing if task.due_at), default=None),
        words=words[worst.id],
        to_ask=tuple(one for one, said_of in words.items() if said_of.may_be_asked),
        before=before,
    )


def _state(task: Any, words: Words, case_state: CaseState, now: datetime) -> State:
    if words.needs_help:
        return State.HELP
    if words.until is not None:
        return State.PROMISED
    is_late = task.due_at is not None and task.due_at < now and case_state in MOVING
    return State.SILENT if is_late else State.OPEN


def _without(
    session: Session,
    process: Process,
    year: int,
    occasion: str | None,
    units: Mapping[int, Unit],
    cases: Iterable[Any],
    columns: Sequence[Column],
) -> list[Row]:
    """Give the bodies that have no case: when it is to start, if it is."""
    without = units.keys() - {case.unit_id for case in cases}
    wanted = sa.select(PlannedStart.unit_id, sa.func.min(PlannedStart.due_at)).where(
        PlannedStart.process_id == process.id,
        PlannedStart.year == year,
        PlannedStart.state == StartState.WAITING,
    )
    if occasion is not None:
        wanted = wanted.where(PlannedStart.occasion == occasion)
    due = {row[0]: row[1] for row in session.execute(wanted.group_by(PlannedStart.unit_id))}
    stands = date(year, 12, 31)
    return [
        Row(unit, (_NEVER[False],) * len(columns), starts_at=due.get(unit.id))
        for unit in units.values()
        if unit.id in without and (unit.stands_on(stands) or unit.id in due)
    ]
