"""Which roles a person holds today, and who holds a role: also by "the same person as …", and as
the deputy of somebody who is away.

A deputy holds the roles that the absent person has themselves, never those they hold for a third:
so no ring of deputies can win anybody anything.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.organisation.absences import Absence, Deputy
from workflows.organisation.actor import Held
from workflows.organisation.models import Holding, Person

Place = tuple[str, int]  # a role in a unit


class Cover(NamedTuple):
    """Somebody who stands in: in one role or (None) in all, in one process or (None) in all."""

    deputy_id: int
    place: Place | None
    process_id: int | None

    def reaches(self, place: Place, process_id: int | None) -> bool:
        return self.place in (None, place) and self.process_id in (None, process_id)


def held_by(session: Session, person_id: int, today: date) -> frozenset[Held]:
    """Return the roles the person holds on `today`, their own and those of whom they stand in for.

    In one statement, for every request asks it; two while they stand in for somebody.
    """
    own: set[Place] = set()
    shared: dict[Place, set[Place]] = {}
    covers: list[tuple[int, Cover]] = []
    rows = session.connection().execute(_ALL_HELD, {"person": person_id, "today": today})
    for absent_id, role, unit_id, same_role, same_unit, is_deputy, process in rows:
        if is_deputy:
            one = (role, unit_id) if role and unit_id else None
            covers.append((absent_id, Cover(person_id, one, process)))
        elif same_unit is None:
            own.add((role, unit_id))
        else:
            shared.setdefault((same_role, same_unit), set()).add((role, unit_id))
    held = {Held(role, unit_id) for role, unit_id in own | _followed(own, shared)}
    absent = {absent_id for absent_id, _ in covers} - {person_id}
    theirs = _own(session, absent, shared, today) if absent else {}
    for absent_id, cover in covers:
        for place in theirs.get(absent_id, ()):
            if cover.place in (None, place):
                role, unit_id = place
                held.add(Held(role, unit_id, via_id=absent_id, process_id=cover.process_id))
    return frozenset(held)


def places_of(session: Session, person_id: int, today: date) -> set[Place]:
    """Return the roles that are the person's own on `today`, as (role, unit)."""
    return _own(session, {person_id}, _shared(session, today), today)[person_id]


def holders(
    session: Session, places: Iterable[Place], today: date, *, process_id: int | None = None
) -> dict[Place, set[int]]:
    """Return who holds each of the roles on `today`, with deputies in the place of the absent; in
    a process, or in everything.

    Where everybody is away and nobody stands in, the absent remain: somebody must be told.
    """
    own, present = _own_and_present(session, places, today, process_id)
    return {place: present[place] or people for place, people in own.items()}


def anywhere(session: Session, role: str, today: date) -> set[int]:
    """Return who holds a role on `today`, in whatever unit; deputies in the place of the absent."""
    units = session.scalars(sa.select(Holding.unit_id).where(Holding.role == role).distinct())
    found = holders(session, [(role, unit_id) for unit_id in units], today)
    return set().union(*found.values())


def present(session: Session, places: Iterable[Place], today: date) -> dict[Place, set[int]]:
    """Return who holds each of the roles on `today`, themselves or as a deputy in everything, and
    is not away.
    """
    return _own_and_present(session, places, today, None)[1]


def _own_and_present(
    session: Session, places: Iterable[Place], today: date, process_id: int | None
) -> tuple[dict[Place, set[int]], dict[Place, set[int]]]:
    own = _holders(session, set(places), today)
    away = _away(session, today)
    here: dict[Place, set[int]] = {}
    for place, people in own.items():
        stand_in = {
            cover.deputy_id
            for absent in people & away.keys()
            for cover in away[absent]
            if cover.reaches(place, process_id)
        }
        here[place] = (people | stand_in) - away.keys()
    return own, here


def in_their_place(
    session: Session,
    person_id: int,
    places: Iterable[Place],
    today: date,
    *,
    process_id: int | None = None,
) -> set[int]:
    """Return the person, or while they are away whoever stands in for them in one of the roles."""
    covers = _away(session, today).get(person_id, set())
    wanted = {None, *places}
    return {
        cover.deputy_id
        for cover in covers
        if cover.place in wanted and cover.process_id in (None, process_id)
    } or {person_id}


def lasts_on(day: date | sa.BindParameter[date]) -> sa.ColumnElement[bool]:
    """Of absences: those that last on `day`."""
    return sa.and_(Absence.from_on <= day, Absence.to_on >= day)


def _own(
    session: Session, people: set[int], shared: dict[Place, set[Place]], today: date
) -> dict[int, set[Place]]:
    found: dict[int, set[Place]] = {one: set() for one in people}
    rows = session.execute(
        sa.select(Holding.person_id, Holding.role, Holding.unit_id).where(
            Holding.person_id.in_(people), stands_on(today)
        )
    )
    for person_id, role, unit_id in rows:
        found[person_id or 0].add((role, unit_id))
    for held in found.values():
        held |= _followed(held, shared)
    return found


def _holders(session: Session, places: set[Place], today: date) -> dict[Place, set[int]]:
    """Return who holds each place themselves, or by holding one it is shared with."""
    brought_by = _brought_by(session, places, today)
    sources = {place: {place} | _followed({place}, brought_by) for place in places}
    asked = sorted({one for all_of in sources.values() for one in all_of})
    rows = session.connection().execute(_HOLDERS, {"places": asked, "today": today})
    direct: dict[Place, set[int]] = {}
    for role, unit_id, person_id in rows:
        direct.setdefault((role, unit_id), set()).add(person_id)
    return {
        place: {one for source in all_of for one in direct.get(source, ())}
        for place, all_of in sources.items()
    }


def _away(session: Session, today: date) -> dict[int, set[Cover]]:
    """Return who is away, and who stands in for each."""
    rows = session.execute(_AWAY, {"today": today})
    away: dict[int, set[Cover]] = {}
    for person_id, deputy_id, role, unit_id, process_id in rows:
        covers = away.setdefault(person_id, set())
        if deputy_id is not None:
            place = (role, unit_id) if role and unit_id else None
            covers.add(Cover(deputy_id, place, process_id))
    return away


def _shared(session: Session, today: date) -> dict[Place, set[Place]]:
    """Return which places are held by whoever holds a place: place -> those it brings along."""
    rows = session.execute(_SHARED, {"today": today})
    found: dict[Place, set[Place]] = {}
    for role, unit_id, same_role, same_unit_id in rows:
        found.setdefault((same_role or "", same_unit_id or 0), set()).add((role, unit_id))
    return found


def _followed(held: set[Place], leads: dict[Place, set[Place]]) -> set[Place]:
    """Follow "same person as" until nothing more is won; a circle wins nothing."""
    won: set[Place] = set()
    to_see = list(held)
    while to_see:
        for place in leads.get(to_see.pop(), set()) - held - won:
            won.add(place)
            to_see.append(place)
    return won


def _brought_by(session: Session, places: set[Place], today: date) -> dict[Place, set[Place]]:
    """Return which places bring each of some, and each of those in turn; most are brought by none,
    and those of a whole city are many.
    """
    session.flush()
    found: dict[Place, set[Place]] = {}
    to_see = set(places)
    while to_see:
        given = {"places": sorted(to_see), "today": today}
        for role, unit_id, same_role, same_unit in session.connection().execute(_BROUGHT_BY, given):
            found.setdefault((role, unit_id), set()).add((same_role, same_unit))
        seen = places | found.keys()
        to_see = {one for sources in found.values() for one in sources} - seen
        found |= {one: set() for one in to_see}
    return found


def stands_on(day: date | sa.BindParameter[date]) -> sa.ColumnElement[bool]:
    """Of roles: those held on `day`."""
    return sa.and_(
        sa.or_(Holding.from_on.is_(None), Holding.from_on <= day),
        sa.or_(Holding.to_on.is_(None), Holding.to_on >= day),
    )


_TODAY: sa.BindParameter[date] = sa.bindparam("today", type_=sa.Date())
_PERSON: sa.BindParameter[int] = sa.bindparam("person")
_HOLDERS: Any = (
    sa.select(Holding.role, Holding.unit_id, Person.id)
    .join(Person, Person.id == Holding.person_id)
    .where(
        sa.tuple_(Holding.role, Holding.unit_id).in_(sa.bindparam("places", expanding=True)),
        stands_on(_TODAY),
        Person.closed_at.is_(None),
    )
)
_AWAY: Any = (
    sa.select(Absence.person_id, Person.id, Deputy.role, Deputy.unit_id, Deputy.process_id)
    .outerjoin(Deputy, Deputy.absence_id == Absence.id)
    .outerjoin(Person, sa.and_(Person.id == Deputy.person_id, Person.closed_at.is_(None)))
    .where(lasts_on(_TODAY))
)
_SHARED: Any = sa.select(
    Holding.role, Holding.unit_id, Holding.same_as_role, Holding.same_as_unit_id
).where(Holding.same_as_unit_id.is_not(None), stands_on(_TODAY))
_BROUGHT_BY: Any = _SHARED.where(
    sa.tuple_(Holding.role, Holding.unit_id).in_(sa.bindparam("places", expanding=True))
)
# Built once: the roles of a person, those that bring others along, and whom they stand in for.
_ALL_HELD: Any = (
    sa.select(
        Holding.person_id,
        Holding.role,
        Holding.unit_id,
        Holding.same_as_role,
        Holding.same_as_unit_id,
        sa.literal_column("0"),
        sa.null(),
    )
    .where(
        sa.or_(Holding.person_id == _PERSON, Holding.same_as_unit_id.is_not(None)),
        stands_on(_TODAY),
    )
    .union_all(
        sa.select(
            Absence.person_id,
            Deputy.role,
            Deputy.unit_id,
            sa.null(),
            sa.null(),
            sa.literal_column("1"),
            Deputy.process_id,
        )
        .join(Deputy, Deputy.absence_id == Absence.id)
        .where(Deputy.person_id == _PERSON, lasts_on(_TODAY))
    )
)
