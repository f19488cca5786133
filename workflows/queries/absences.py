"""Who is away, what nobody covers meanwhile, and what waits for whoever stands in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.history.models import Event
from workflows.language import ZONE, on
from workflows.notices.models import Promise
from workflows.organisation.absences import Absence, Deputy
from workflows.organisation.actor import Actor
from workflows.organisation.models import Holding, Person, Unit
from workflows.organisation.roles import ROLES
from workflows.permissions import Deed, may, require
from workflows.queries.holdings import Place, places_of, present
from workflows.tasks.models import Draft, Task

DAY = timedelta(days=1)
SHOWN_AFTER = timedelta(days=30)
MOST_LATE = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task somebody absent has, and whether they have begun to type."""

    task: Task
    has_draft: bool


def person(session: Session, person_id: int, *, by: Actor) -> Person:
    """Find somebody whose absence the actor may keep.

    :raises NotFound: if there is nobody, or not for them
    """
    found = session.get(Person, person_id)
    if found is None or not may(by, Deed.SET_ABSENCE, found):
        raise NotFound
    return found


def absence(session: Session, absence_id: int, *, by: Actor) -> Absence:
    """Find an absence the actor may change.

    :raises NotFound: if there is none, or not for them
    """
    found = session.scalars(
        sa.select(Absence).where(Absence.id == absence_id).options(joinedload(Absence.person))
    ).one_or_none()
    if found is None or not may(by, Deed.SET_ABSENCE, found.person):
        raise NotFound
    return found


def of_person(session: Session, person: Person, *, by: Actor, today: date) -> list[Absence]:
    """List when a person is away now or later, and lately was.

    :raises Forbidden: if the actor may not keep their absence
    """
    require(by, Deed.SET_ABSENCE, person)
    return _absences(session, Absence.person_id == person.id, since=today - SHOWN_AFTER)


def stood_in_by(session: Session, by: Actor, *, today: date) -> list[Absence]:
    """List the absences, now and later, in which the actor stands in."""
    mine = sa.select(Deputy.absence_id).where(Deputy.person_id == by.id)
    return _absences(session, Absence.id.in_(mine), since=today)


def keepable(session: Session, by: Actor) -> list[Person]:
    """List those whose absence the actor may keep besides their own: all, or of their units."""
    wanted = sa.select(Person).where(Person.closed_at.is_(None), Person.id != by.id)
    if not by.holds_anywhere("administrator"):
        units = {held.unit_id for held in by.held if held.role == "director" and held.reaches(None)}
        wanted = wanted.where(Person.unit_id.in_(units))
    return list(session.scalars(wanted.order_by(Person.sort_key, Person.id)))


def possible_deputies(session: Session, person: Person) -> list[Person]:
    """List who could stand in: first those of the same unit, then the others."""
    wanted = (
        sa.select(Person)
        .where(Person.closed_at.is_(None), Person.id != person.id)
        .options(joinedload(Person.unit))
        .order_by(Person.unit_id != person.unit_id, Person.sort_key, Person.id)
    )
    return list(session.scalars(wanted))


def may_name_for_all(person: Person, *, by: Actor) -> bool:
    """Tell whether the actor may hand on every role of a person, and not only their unit's."""
    return by.id == person.id or by.holds_anywhere("administrator")


def roles_to_cover(
    session: Session, person: Person, *, by: Actor, today: date
) -> list[tuple[str, Unit]]:
    """List the roles of a person, with their units, that the actor may name deputies for."""
    places = sorted(places_of(session, person.id, today))
    if not may_name_for_all(person, by=by):
        places = [
            (role, unit_id)
            for role, unit_id in places
            if by.holds("director", unit_id) and not ROLES[role].is_guarded
        ]
    units = _units(session, {unit_id for _, unit_id in places})
    return [(role, units[unit_id]) for role, unit_id in places]


def gaps(session: Session, absence: Absence, *, today: date) -> list[Place]:
    """List the roles of the absent person that on some day to come nobody present holds."""
    first = max(absence.from_on, today)
    if absence.to_on < first:
        return []
    places = places_of(session, absence.person_id, first)
    days = _days_of_change(session, places, first, absence.to_on)
    return sorted(
        {
            place
            for day in days
            for place, people in present(session, places, day).items()
            if not people
        }
    )


def uncovered(session: Session, absence: Absence, *, today: date) -> list[tuple[str, Unit]]:
    """List the gaps of an absence with their units."""
    found = gaps(session, absence, today=today)
    units = _units(session, {unit_id for _, unit_id in found})
    return [(role, units[unit_id]) for role, unit_id in found]


def to_take_over(session: Session, by: Actor) -> list[Waiting]:
    """List the open tasks of those the actor stands in for, that they may take over."""
    absent = {held.via_id for held in by.held if held.via_id is not None}
    if not absent:
        return []
    rows = session.execute(_open_tasks().where(Task.assignee_id.in_(absent)))
    return [Waiting(task, draft is not None) for task, draft in rows if _is_covered(task, by)]


def to_take_back(session: Session, by: Actor) -> list[Waiting]:
    """List the open tasks that a deputy took over from the actor, and has still."""
    rows = session.execute(_open_tasks().where(Task.claimed_for_id == by.id))
    return [Waiting(task, draft is not None) for task, draft in rows if may(by, Deed.CLAIM, task)]


def _open_tasks() -> sa.Select[Task, int]:
    return (
        sa.select(Task, Draft.task_id)
        .outerjoin(Draft, Draft.task_id == Task.id)
        .where(Task.closed_at.is_(None), Task.assignee_id.is_not(None))
        .options(
            joinedload(Task.unit),
            joinedload(Task.assignee),
            joinedload(Task.case).joinedload(Case.process),
            selectinload(Task.roles),
        )
        .order_by(Task.due_at.asc().nulls_last(), Task.id)
    )


def _is_covered(task: Task, by: Actor) -> bool:
    places = {(one.role, one.unit_id) for one in task.roles}
    return any(
        held.via_id == task.assignee_id
        and (not places or (held.role, held.unit_id) in places)
        and held.reaches(task.process_id)
        for held in by.held
    )


def late_of(session: Session, person_id: int, *, now: datetime) -> list[Task]:
    """List the open tasks of a person that are late and not promised by another day, the longest
    late first: what to plan anew.
    """
    promised = sa.select(Promise.task_id).where(Promise.until >= on(now))
    wanted = (
        sa.select(Task)
        .where(
            Task.assignee_id == person_id,
            Task.closed_at.is_(None),
            Task.due_at < now,
            Task.id.not_in(promised),
        )
        .options(joinedload(Task.unit), joinedload(Task.case).joinedload(Case.process))
        .order_by(Task.due_at, Task.id)
    )
    return list(session.scalars(wanted.limit(MOST_LATE)))


def case_by_case(session: Session, task_ids: Iterable[int]) -> list[int]:
    """Put tasks in the order of their cases, as everybody locks them who changes several."""
    wanted = sa.select(Task.id).where(Task.id.in_(list(task_ids)))
    return list(session.scalars(wanted.order_by(Task.case_id, Task.id)))


def was_acted_for(session: Session, absence: Absence) -> bool:
    """Tell whether anything was done in the name of the absent person since they left."""
    wanted = sa.select(Event.id).where(
        Event.acting_for_id == absence.person_id, Event.at >= began(absence)
    )
    return session.execute(wanted.limit(1)).first() is not None


def began(absence: Absence) -> datetime:
    """Say at which instant an absence begins."""
    return datetime.combine(absence.from_on, time(0), ZONE)


def _absences(session: Session, where: sa.ColumnElement[bool], *, since: date) -> list[Absence]:
    wanted = (
        sa.select(Absence)
        .where(where, Absence.from_on <= Absence.to_on, Absence.to_on >= since)
        .options(
            joinedload(Absence.person),
            selectinload(Absence.deputies).joinedload(Deputy.person),
            selectinload(Absence.deputies).joinedload(Deputy.unit),
        )
        .order_by(Absence.from_on, Absence.id)
    )
    return list(session.scalars(wanted))


def _days_of_change(
    session: Session, places: Iterable[Place], first: date, last: date
) -> list[date]:
    """List the days on which somebody leaves or comes back, or a role begins or ends."""
    days = {first}
    absences = sa.select(Absence.from_on, Absence.to_on).where(
        Absence.from_on <= last, Absence.to_on >= first
    )
    holdings = sa.select(Holding.from_on, Holding.to_on).where(
        sa.tuple_(Holding.role, Holding.unit_id).in_(sorted(places)),
    )
    for wanted in (absences, holdings):
        for from_on, to_on in session.execute(wanted):
            days |= {from_on or first, to_on + DAY if to_on else first}
    return sorted(day for day in days if first <= day <= last)


def _units(session: Session, ids: set[int]) -> dict[int, Unit]:
    return {unit.id: unit for unit in session.scalars(sa.select(Unit).where(Unit.id.in_(ids)))}
