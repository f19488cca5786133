"""The people of the tests: always the same, so that a test can be read without looking them up.

Farsta is a district board, Bromma another one; both lie under the city.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.language import sort_key
from workflows.organisation.actor import Actor, Held
from workflows.organisation.models import Holding, Person, Unit, UnitKind

NOON = datetime(2027, 3, 2, 12, tzinfo=UTC)  # a Tuesday
SYSTEM = Actor.system("tests")

# name, employed in, roles as (role, unit)
PEOPLE: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "Alva": ("FARSTA", [("security_coordinator", "FARSTA")]),
    "Anton": ("FARSTA", [("security_coordinator", "FARSTA")]),  # Alva's colleague
    "Bo": ("FARSTA", [("director", "FARSTA")]),
    "Cleo": ("BROMMA", [("security_coordinator", "BROMMA")]),
    "Disa": ("STAD", [("central_security", "STAD")]),
    "Egil": ("STAD", [("administrator", "STAD")]),
    "Frida": ("STAD", [("auditor", "STAD")]),
    "Gun": ("STAD", [("process_owner", "STAD")]),
    "Hedda": ("STAD", [("protective_security_chief", "STAD")]),
    "Jon": ("BROMMA", []),  # no role at all
}


@dataclass(frozen=True)
class City:
    """The settled cast."""

    units: dict[str, Unit]
    people: dict[str, Person]

    def actor(self, name: str) -> Actor:
        """The person at the edge, with the roles they hold."""
        person = self.people[name]
        held = frozenset(Held(role, self.units[code].id) for role, code in PEOPLE[name][1])
        return Actor(id=person.id, name=person.name, held=held)


def settle(session: Session) -> City:
    """Put the units and the people into an empty database."""
    stad = _unit("STAD", "Staden", UnitKind.CITY, None)
    session.add(stad)
    session.flush()
    units = {
        "STAD": stad,
        "FARSTA": _unit("FARSTA", "Farsta stadsdelsnämnd", UnitKind.DISTRICT_BOARD, stad),
        "BROMMA": _unit("BROMMA", "Bromma stadsdelsnämnd", UnitKind.DISTRICT_BOARD, stad),
    }
    session.add_all(units.values())
    session.flush()
    people = {
        name: Person(
            email=f"{name.lower()}@example.test",
            name=name,
            sort_key=sort_key(name),
            unit_id=units[home].id,
        )
        for name, (home, _) in PEOPLE.items()
    }
    session.add_all(people.values())
    session.flush()
    session.add_all(
        Holding(role=role, unit_id=units[code].id, person_id=people[name].id)
        for name, (_, roles) in PEOPLE.items()
        for role, code in roles
    )
    session.flush()
    return City(units, people)


def settled(session: Session) -> City | None:
    """The cast of a database they have been put into."""
    units = {one.code: one for one in session.scalars(sa.select(Unit).order_by(Unit.id))}
    people = {one.name: one for one in session.scalars(sa.select(Person).order_by(Person.id))}
    return City(units, people) if PEOPLE.keys() <= people.keys() else None


def _unit(code: str, name: str, kind: UnitKind, parent: Unit | None) -> Unit:
    return Unit(
        code=code,
        name=name,
        sort_key=sort_key(name),
        kind=kind,
        parent_id=parent.id if parent else None,
    )
