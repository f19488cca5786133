"""Settling the demo city: its units, its people, and who is what where."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.demo.bodies import CITY, THE_CITY, Body
from workflows.demo.cast import PEOPLE, DemoPerson, colleagues, shared
from workflows.language import on
from workflows.operations import invitations, people
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person, Unit
from workflows.organisation.rows import Grant, PersonDetails, UnitDetails

DEMO = Actor.system("demo")


def found(session: Session, bodies: tuple[Body, ...], password: str, *, now: datetime) -> None:
    """Make the units, and the people one may sign in as: enough for somebody to look in."""
    units: dict[str, int] = {}
    told = (THE_CITY, *sorted(bodies, key=lambda body: body.successor is not None))
    for body in told:
        details = UnitDetails(
            body.code,
            body.name,
            body.kind,
            parent_id=units.get(CITY),
            successor_id=units[body.successor] if body.successor else None,
            valid_from=body.begun,
            valid_to=body.ended,
            has_geographic_area=body.has_area,
        )
        units[body.code] = people.add_unit(session, details, by=DEMO, now=now).id
    for somebody in PEOPLE:
        person = _welcome(session, somebody, units, now=now)
        _let_in(session, person, password, now=now)


def settle(
    session: Session, bodies: tuple[Body, ...], seed: int, password: str, *, now: datetime
) -> None:
    """Let everybody else move in; coordinators and directors may sign in too."""
    units = dict(session.execute(sa.select(Unit.code, Unit.id)).all())
    for somebody in colleagues(bodies, seed):
        person = _welcome(session, somebody, units, now=now)
        if {role for role, _ in somebody.roles} & {"security_coordinator", "director"}:
            _let_in(session, person, password, now=now)
    for one in shared(bodies):
        unit_id, role = units[one.unit], one.role
        same = Grant(role, unit_id, same_as_role=role, same_as_unit_id=units[CITY], from_on=on(now))
        _give(session, [same], now=now)


def _welcome(
    session: Session, somebody: DemoPerson, units: dict[str, int], *, now: datetime
) -> Person:
    details = PersonDetails(somebody.email, somebody.name, unit_id=units[somebody.unit])
    person = people.add_person(session, details, by=DEMO, now=now)
    person.is_demo = True
    grants = [
        Grant(role, units[code], person_id=person.id, from_on=on(now))
        for role, code in somebody.roles
        if code in units
    ]
    _give(session, grants, now=now)
    return person


def _give(session: Session, grants: Iterable[Grant], *, now: datetime) -> None:
    for grant in grants:
        people.give_role(session, grant, by=DEMO, now=now)


def _let_in(session: Session, person: Person, password: str, *, now: datetime) -> None:
    path = invitations.invite(session, person, by=DEMO, now=now)
    token = path.removeprefix(invitations.PATH)
    invitation = invitations.find_invitation(session, token, now=now)
    by = Actor(id=person.id, name=person.name, language=person.language)
    invitations.accept(session, invitation, password, by=by, now=now)
