"""What happened, with the names of those it happened to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.history.contents import content
from workflows.history.models import Event
from workflows.organisation.models import Person, Unit
from workflows.processes.models import Process
from workflows.processes.rows import compiled
from workflows.tasks.models import Task

PAGE = 50
KEYS = ("process", "message")  # what an event may name a process by
DATED = ("opened", "timers", "redated", "tasks")  # the lists of an event whose rows have a date


@dataclass(frozen=True, slots=True)
class DateTold:
    """A date that an event gave a step, the one it had before, and why it was to be that day."""

    step: dict[str, str]  # language -> name
    due_at: datetime | None
    old: datetime | None
    because: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """An event with everything its sentence may name."""

    id: int
    at: datetime
    kind: str
    actor: str | None
    acting_for: str | None
    case_id: int | None
    case: str | None
    step: dict[str, str]  # language -> name
    unit: str | None
    why: str | None
    what: dict[str, Any] = field(default_factory=dict)
    person: str | None = None
    process: dict[str, str] = field(default_factory=dict)  # which it names by its key
    to: dict[str, str] = field(default_factory=dict)  # another step it names, by language
    dates: tuple[DateTold, ...] = ()


def of_case(session: Session, case: Case) -> list[Told]:
    """Tell everything that happened in a case, the latest first; the case must be seen already."""
    wanted = sa.select(Event).where(Event.case_id == case.id).order_by(Event.id.desc())
    return tell(session, session.scalars(wanted), case)


HANDED = ("task_delegated", "task_returned", "task_reassigned")
SUGGESTED = ("other_suggested", "other_asked_for")
MOST_OF_TASK = 40


@dataclass(frozen=True, slots=True)
class TaskTold:
    """What happened to a task and the steps beside it, the latest first; how it came to whoever has
    it, if somebody gave it to them; and who else was last asked for, if nobody has answered that.
    """

    events: list[Told]
    given: Told | None
    suggested: Told | None


def of_task(session: Session, task: Task) -> TaskTold:
    """Tell of a task that may be seen already."""
    is_its = sa.and_(Event.step == task.element, Event.kind != "reminded")
    wanted = (
        sa.select(Event)
        .where(
            Event.case_id == task.case_id,
            sa.or_(is_its, Event.kind.in_(("case_started", "task_completed"))),
        )
        .order_by(Event.id.desc())
        .limit(MOST_OF_TASK)
    )
    events = tell(session, session.scalars(wanted))
    moved = [
        one
        for one in events
        if one.kind in (*HANDED, *SUGGESTED, "task_freed")
        and one.what.get("step_id") == task.step_id
    ]
    given = next((one for one in moved if one.kind in HANDED), None)
    if given and given.what.get("person") != task.assignee_id:
        given = None
    return TaskTold(events, given, moved[0] if moved and moved[0].kind in SUGGESTED else None)


def in_the_name_of(session: Session, person_id: int, *, since: datetime) -> list[Told]:
    """Tell what others did in somebody's name, the latest first; it is theirs to know."""
    wanted = sa.select(Event).where(Event.acting_for_id == person_id, Event.at >= since)
    return tell(session, session.scalars(wanted.order_by(Event.id.desc()).limit(PAGE)))


def tell(session: Session, found: Iterable[Event], case: Case | None = None) -> list[Told]:
    """Tell of events that may be seen already, with what they name; all of one `case` need not load
    that again.
    """
    events = list(found)
    whats = [content(event.what) for event in events]
    people = _names(
        session,
        Person,
        {event.actor_id for event in events}
        | {event.acting_for_id for event in events}
        | {what.get("person") for what in whats},
    )
    known: dict[int | None, Case] = {case.id: case} if case else {}
    units: dict[int | None, str] = {case.unit_id: case.unit.name} if case else {}
    units |= _names(session, Unit, {event.unit_id for event in events} - units.keys())
    cases = known | _cases(session, {event.case_id for event in events} - known.keys())
    processes = _processes(session, {what.get(name) for what in whats for name in KEYS})
    return [
        Told(
            id=event.id,
            at=event.at,
            kind=event.kind,
            actor=people.get(event.actor_id),
            acting_for=people.get(event.acting_for_id),
            case_id=event.case_id,
            case=case.key if (case := cases.get(event.case_id)) else None,
            step=_step(case, event.step),
            unit=units.get(event.unit_id),
            why=event.why,
            what=what,
            person=people.get(what.get("person")),
            process=processes.get(str(what.get("process") or what.get("message")), {}),
            to=_step(case, what.get("to")) if event.kind == "case_moved" else {},
            dates=tuple(_dates(case, what | {"element": event.step})),
        )
        for event, what in zip(events, whats, strict=True)
    ]


def _dates(case: Case | None, what: dict[str, Any]) -> Iterator[DateTold]:
    """Give the dates an event tells of; those of events from before they said why are not told."""
    listed = (what.get(name) for name in DATED)
    for row in (what, *(row for rows in listed if isinstance(rows, list) for row in rows)):
        if isinstance(row, dict) and row.get("because"):
            new, old = row.get("new", row.get("due_at")), row.get("old")
            yield DateTold(
                _step(case, row.get("element")),
                datetime.fromisoformat(new) if new else None,
                datetime.fromisoformat(old) if old else None,
                row["because"],
            )


def _names(
    session: Session, table: type[Person] | type[Unit], ids: set[Any]
) -> dict[int | None, str]:
    wanted = {value for value in ids if isinstance(value, int)}
    if not wanted:
        return {}
    rows = session.execute(sa.select(table.id, table.name).where(table.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def _processes(session: Session, keys: set[Any]) -> dict[str, dict[str, str]]:
    wanted = {key for key in keys if isinstance(key, str)}
    if not wanted:
        return {}
    rows = session.execute(
        sa.select(Process.key, Process.name_sv, Process.name_en).where(Process.key.in_(wanted))
    )
    return {key: {"sv": sv, "en": en} for key, sv, en in rows}


def _cases(session: Session, ids: set[int | None]) -> dict[int | None, Case]:
    wanted = ids - {None}
    if not wanted:
        return {}
    return {case.id: case for case in session.scalars(sa.select(Case).where(Case.id.in_(wanted)))}


def _step(case: Case | None, element: str | None) -> dict[str, str]:
    if case is None or element is None:
        return {}
    return compiled(case.version).description.names_of(element) or {"sv": element, "en": element}
