"""Who held which roles at a moment, by the events of the city alone; and who could read a case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.history.contents import content
from workflows.history.models import Event
from workflows.language import on
from workflows.organisation.actor import Actor, Held, Scope
from workflows.organisation.mandates import with_below
from workflows.organisation.models import Person, Unit
from workflows.permissions import Deed, may, require
from workflows.queries.holdings import Cover, Place

GIVEN, ENDED = ("role_given", "role_shared"), ("role_ended", "role_share_ended")
LEFT, BACK = "person_closed", "person_reopened"
AWAY = ("absence_set", "absence_ended")
MANDATED = ("mandate_given", "mandate_ended")
KINDS = (*GIVEN, *ENDED, *AWAY, *MANDATED, "role_changed", LEFT, BACK)


@dataclass(frozen=True, slots=True)
class Right:
    """A role in a unit: of a person, or of whoever holds `same_as`; who gave it, and when."""

    place: Place
    person_id: int | None
    same_as: Place | None
    from_on: date | None
    to_on: date | None
    given_at: datetime
    given_by: int | None

    def stands_on(self, day: date) -> bool:
        return (not self.from_on or self.from_on <= day) and (not self.to_on or day <= self.to_on)


class Away(NamedTuple):
    """Days on which others stood in for somebody."""

    person_id: int
    first: date
    last: date
    covers: tuple[Cover, ...]


class MandateThen(NamedTuple):
    """What an auditor had been let read, from a day to a day."""

    person_id: int
    first: date
    last: date
    scope: Scope  # of the units that were named, without those below them


@dataclass(slots=True)
class Rights:
    """Everything the events have said of roles and absences up to a moment."""

    given: dict[Any, Right] = field(default_factory=dict)
    absent: list[Away] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    mandates: dict[int, MandateThen] = field(default_factory=dict)

    def standing(self, day: date) -> list[Right]:
        """The roles that were held on a day, by people who had not left."""
        found = (one for one in self.given.values() if one.stands_on(day))
        return [one for one in found if one.person_id not in self.left]

    def mandated(self, day: date) -> list[MandateThen]:
        """What auditors were let read on a day."""
        given = (one for one in self.mandates.values() if one.first <= day <= one.last)
        return [one for one in given if one.person_id not in self.left]

    def held(self, day: date) -> dict[int, frozenset[Held]]:
        """What each person could do on a day: by roles of their own, shared ones, and as a deputy.

        As `holdings` says of today: a deputy has what the absent person has themselves.
        """
        standing = self.standing(day)
        own: dict[int, set[Place]] = {}
        for one in standing:
            if one.person_id is not None:
                own.setdefault(one.person_id, set()).add(one.place)
        shared = [(one.place, one.same_as) for one in standing if one.same_as]
        for places in own.values():
            while won := {place for place, same in shared if same in places} - places:
                places |= won
        found = {person: {Held(*place) for place in places} for person, places in own.items()}
        for absent, first, last, covers in self.absent:
            for cover in covers if first <= day <= last else ():
                for place in own.get(absent, ()):
                    if cover.place in (None, place):
                        held = Held(*place, via_id=absent, process_id=cover.process_id)
                        found.setdefault(cover.deputy_id, set()).add(held)
        return {person: frozenset(held) for person, held in found.items()}


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who could read a case, and the roles they held then."""

    person: Person
    roles: tuple[Held, ...]
    is_mandated: bool


def rights(session: Session, *, by: Actor, at: datetime) -> Rights:
    """Fold what happened to roles up to a moment.

    :raises Forbidden: if the actor may not read the record
    """
    require(by, Deed.SEE_HISTORY, None)
    of_city = (Event.case_id.is_(None), Event.kind.in_(KINDS))
    wanted = sa.select(Event).where(*of_city, Event.at <= at)
    return folded(session.scalars(wanted.order_by(Event.n)))


def readers(session: Session, case: Case, found: Rights, *, at: datetime) -> list[Reader]:
    """Say who could read a case at a moment, by the roles they held and today's rules."""
    held, scopes = found.held(on(at)), dict[int, list[Scope]]()
    above = dict(session.execute(sa.select(Unit.id, Unit.parent_id)).all())
    for mandate in found.mandated(on(at)):
        units = frozenset(with_below(set(mandate.scope.unit_ids), above))
        scope = replace(mandate.scope, unit_ids=units)
        scopes.setdefault(mandate.person_id, []).append(scope)
    actors = [
        Actor(one, "", held.get(one, frozenset()), scopes=tuple(scopes.get(one, ())))
        for one in held.keys() | scopes.keys()
    ]
    able = [one.id for one in actors if may(one, Deed.SEE_CASE, case)]
    people = session.scalars(
        sa.select(Person).where(Person.id.in_(able)).order_by(Person.sort_key, Person.id)
    )
    return [
        Reader(
            one,
            tuple(sorted(held.get(one.id, ()), key=lambda held: (held.role, held.unit_id))),
            one.id in scopes,
        )
        for one in people
    ]


def named(
    session: Session,
    found: Iterable[Right],
    away: Iterable[Away],
    mandates: Iterable[MandateThen],
) -> tuple[dict[int, str], dict[int, str]]:
    """Name the people and the units that rights speak of, as they are called today."""
    people = sa.select(Person.id, Person.name)
    units = sa.select(Unit.id, Unit.name)
    ids = {one for each in found for one in (each.person_id, each.given_by)}
    ids |= {each.person_id for each in mandates}
    ids |= {one for each in away for one in (each.person_id, *(c.deputy_id for c in each.covers))}
    return (
        dict(session.execute(people.where(Person.id.in_(ids))).all()),
        dict(session.execute(units).all()),
    )


def folded(events: Iterable[Event]) -> Rights:
    """Let events happen to rights, one after the other."""
    found = Rights()
    for event in events:
        what: Any = content(event.what)
        person = what.get("person")
        if event.kind == LEFT:
            found.left.add(person)
        elif event.kind == BACK:
            found.left.discard(person)
        elif event.kind in AWAY:
            _away(found, event, what)
        elif event.kind in MANDATED:
            _mandate(found, what)
        else:
            _right(found, event, what)
    return found


def _right(found: Rights, event: Event, what: Mapping[str, Any]) -> None:
    if event.unit_id is None or "role" not in what:
        return
    same = (what["same_as_role"], what["same_as_unit_id"]) if "same_as_role" in what else None
    told = Right(
        (what["role"], event.unit_id),
        what.get("person"),
        same,
        _day(what.get("from_on")),
        _day(what.get("to_on")),
        event.at,
        event.actor_id,
    )
    # Events did not name the holding always; a role is not given to the same holder twice at once.
    key = what.get("id") or (told.place, told.person_id, same)
    key = key if key in found.given or event.kind in GIVEN else _alike(found, told)
    before = found.given.get(key)
    if before is not None:
        told = replace(told, given_at=before.given_at, given_by=before.given_by)
    found.given[key] = told


def _alike(found: Rights, told: Right) -> Any:
    who = (told.place, told.person_id, told.same_as)
    alike = [
        key for key, one in found.given.items() if who == (one.place, one.person_id, one.same_as)
    ]
    return alike[-1] if alike else who


def _away(found: Rights, event: Event, what: Mapping[str, Any]) -> None:
    if event.kind == "absence_ended":
        mine = [
            one
            for one in found.absent
            if one.person_id == what["person"] and one.last >= on(event.at)
        ]
        begun = _day(what.get("from_on"))  # older events do not say which: the next to end
        over = [one for one in mine if begun in (None, one.first)][:1]
        found.absent = [one for one in found.absent if one not in over]
        return
    first, last = _day(what.get("from_on")), _day(what.get("to_on"))
    if first and last:
        covers = tuple(
            Cover(
                one["person_id"],
                (one["role"], one["unit_id"]) if one.get("role") else None,
                one.get("process_id"),
            )
            for one in what.get("deputies", ())
        )
        found.absent.append(Away(what["person"], first, last, covers))


def _mandate(found: Rights, what: Mapping[str, Any]) -> None:
    first, last = _day(what.get("from_on")), _day(what.get("to_on"))
    if not first or not last:
        found.mandates.pop(what["mandate"], None)
        return
    scope = Scope(
        frozenset(what["unit_ids"]),
        frozenset(what["process_ids"]),
        what["first_year"],
        what["last_year"],
        what["sees_secret"],
    )
    found.mandates[what["mandate"]] = MandateThen(what["person"], first, last, scope)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None
