"""Saying that somebody is away and who stands in for them, and that they are back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar.workdays import ClosedDays, add_workdays
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.rows import record
from workflows.language import ZONE, on
from workflows.notices import rows
from workflows.organisation.absences import Absence, Deputy
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.organisation.roles import ROLES
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.queries.absences import gaps, late_of, was_acted_for
from workflows.queries.holdings import holders

LONGEST = timedelta(days=2 * 366)
LOOKED_FOR = 5  # working days before somebody leaves
MORNING = time(8)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cover:
    """Somebody who stands in: for one role in a unit or for all of them, in everything or in the
    tasks of one process.
    """

    person_id: int
    role: str | None = None
    unit_id: int | None = None
    process_id: int | None = None


def leave(
    session: Session,
    person: Person,
    from_on: date,
    to_on: date,
    covers: Sequence[Cover],
    *,
    by: Actor,
    now: datetime,
) -> Absence:
    """Let a person be away from one day to another, both counted, from today at the earliest.

    A director who says so for somebody else may name deputies only for roles in their own unit
    that guard no secrets: nobody wins rights that way which were not theirs to give.

    :raises Conflict: if the person is away on some of the days already
    :raises Forbidden: if `by` may not say so for this person, or not name these deputies
    :raises Invalid: if the days or the deputies cannot be, such as a ring of people who stand in
        for each other
    """
    require(by, Deed.SET_ABSENCE, person)
    _check_days(from_on, to_on, today=on(now))
    _lock(session, {person.id, *(cover.person_id for cover in covers)})
    if _overlapping(session, [person.id], from_on, to_on):
        raise Conflict("away_already")
    for cover in covers:
        _check(session, cover, person, by=by)
    _refuse_ring(session, person, {cover.person_id for cover in covers}, from_on, to_on)
    absence = Absence(
        person=person,
        from_on=from_on,
        to_on=to_on,
        set_by_id=by.id,
        set_at=now,
        warn_at=max(now, _morning(add_workdays(ClosedDays(), from_on, -LOOKED_FOR))),
        back_at=_morning(to_on + DAY),
        deputies=[Deputy(**asdict(cover)) for cover in dict.fromkeys(covers)],
    )
    session.add(absence)
    session.flush()
    what = {"person": person.id, "from_on": from_on, "to_on": to_on}
    deputies = [asdict(cover) for cover in covers]
    _tell(session, absence, "absence_set", what | {"deputies": deputies}, by=by, now=now)
    named = {cover.person_id for cover in covers} - {by.id}
    told = {**what, "from_on": str(from_on), "to_on": str(to_on)}
    rows.tell(session, named, "deputy_named", what=told, now=now)
    return absence


def come_back(session: Session, absence: Absence, *, by: Actor, now: datetime) -> None:
    """End an absence: from today nobody stands in any more.

    :raises Conflict: if it is over
    :raises Forbidden: if `by` may not say so for this person
    """
    require(by, Deed.SET_ABSENCE, absence.person)
    today = on(now)
    if absence.to_on < today:
        raise Conflict("away_no_more")
    absence.to_on = max(today, absence.from_on) - DAY
    absence.warned_at = absence.warned_at or now
    absence.back_at = min(absence.back_at, now)
    what = {"person": absence.person_id, "from_on": absence.from_on}
    _tell(session, absence, "absence_ended", what, by=by, now=now)


def warn(session: Session, absence: Absence, *, now: datetime) -> None:
    """Tell, once and before they leave, the absent person and their director what nobody covers."""
    if absence.warned_at is not None:
        return
    absence.warned_at = now
    if uncovered := gaps(session, absence, today=on(now)):
        what = {
            "person": absence.person_id,
            "from_on": str(absence.from_on),
            "to_on": str(absence.to_on),
            "places": [[role, unit_id] for role, unit_id in uncovered],
        }
        people = {absence.person_id} | _directors(session, absence.person, today=on(now))
        rows.tell(session, people, "absence_gap", what=what, at_once=True, now=now)


def welcome(session: Session, absence: Absence, *, now: datetime) -> None:
    """Tell a person who is back, once, if things were done in their name or became late."""
    if absence.told_at is not None:
        return
    absence.told_at = now
    if was_acted_for(session, absence) or late_of(session, absence.person_id, now=now):
        rows.tell(session, [absence.person_id], "absence_over", at_once=True, now=now)


def _check_days(from_on: date, to_on: date, *, today: date) -> None:
    if from_on < today:
        raise Invalid("day_passed")
    if to_on < from_on:
        raise Invalid("last_day_first")
    if to_on - from_on > LONGEST:
        raise Invalid("away_too_long")


def _check(session: Session, cover: Cover, person: Person, *, by: Actor) -> None:
    if cover.person_id == person.id:
        raise Invalid("deputy_oneself")
    deputy = session.get(Person, cover.person_id)
    if deputy is None or deputy.closed_at is not None:
        raise Invalid("deputy_unknown")
    if (cover.role is None) != (cover.unit_id is None):
        raise Invalid("deputy_role")
    if cover.role is not None and cover.role not in ROLES:
        raise Invalid("deputy_role")
    if cover.process_id is not None and session.get(Process, cover.process_id) is None:
        raise Invalid("deputy_process")
    if not _may_name(by, cover, person):
        raise Forbidden("may_not_name_deputy")


def _may_name(by: Actor, cover: Cover, person: Person) -> bool:
    if by.is_system or by.id == person.id or by.holds_anywhere("administrator"):
        return True
    if cover.role is None or cover.unit_id is None:
        return False
    return not ROLES[cover.role].is_guarded and by.holds("director", cover.unit_id)


def _refuse_ring(
    session: Session, person: Person, deputies: set[int], from_on: date, to_on: date
) -> None:
    """Follow the deputies who are away themselves on some of these days; none may lead back."""
    seen: set[int] = set()
    to_see = deputies
    while to_see := to_see - seen:
        if person.id in to_see:
            raise Invalid("deputy_ring", person=person.name)
        seen |= to_see
        away = _overlapping(session, to_see, from_on, to_on)
        to_see = {deputy.person_id for absence in away for deputy in absence.deputies}


def _overlapping(
    session: Session, people: Iterable[int], from_on: date, to_on: date
) -> list[Absence]:
    return list(
        session.scalars(
            sa.select(Absence).where(
                Absence.person_id.in_(list(people)),
                Absence.from_on <= Absence.to_on,
                Absence.from_on <= to_on,
                Absence.to_on >= from_on,
            )
        )
    )


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, ZONE).astimezone(UTC)


def _lock(session: Session, people: set[int]) -> None:
    """Let two who say at once that they stand in for each other take turns."""
    wanted = sa.select(Person.id).where(Person.id.in_(people)).order_by(Person.id)
    session.execute(wanted.with_for_update())


def _directors(session: Session, person: Person, *, today: date) -> set[int]:
    if person.unit_id is None:
        return set()
    place = ("director", person.unit_id)
    return holders(session, [place], today)[place]


def _tell(
    session: Session,
    absence: Absence,
    kind: str,
    what: Mapping[str, object],
    *,
    by: Actor,
    now: datetime,
) -> None:
    record(session, kind, by=by, now=now, unit_id=absence.person.unit_id, what=what)
