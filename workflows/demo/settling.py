"""Settling the demo city: its units, its people, and who is what where.

A few bodies try the product for a year; then the others come. Both arrive as files, as in a real
city; those whom the sign-in page offers are there before.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.database import Instant
from workflows.demo import years
from workflows.demo.bodies import CITY, THE_CITY, Body
from workflows.demo.cast import FOR_ALL, PEOPLE, DemoPerson
from workflows.demo.crew import one_of
from workflows.language import on
from workflows.operations import importing, people
from workflows.operations.exemptions import set_exempt
from workflows.organisation.accounts import Account
from workflows.organisation.actor import Actor
from workflows.organisation.import_files import read
from workflows.organisation.models import Holding, Person, Unit
from workflows.organisation.rows import Grant, PersonDetails, UnitDetails
from workflows.processes.rows import all_of
from workflows.queries.importing import fingerprint, preview

DEMO = Actor.system("demo")


def found(session: Session, bodies: Iterable[Body], password: str, *, now: datetime) -> None:
    """Make the city, the first bodies and the people one may sign in as: enough to look in."""
    units: dict[str, int] = {}
    for body in (THE_CITY, *bodies):
        details = UnitDetails(
            body.code,
            body.name,
            body.kind,
            parent_id=units.get(CITY),
            valid_from=body.begun,
            has_geographic_area=body.has_area,
        )
        units[body.code] = people.add_unit(session, details, by=DEMO, now=now).id
    for somebody in PEOPLE:
        told = PersonDetails(somebody.email, somebody.name, unit_id=units[somebody.unit])
        person = people.add_person(session, told, by=DEMO, now=now)
        person.is_demo = True
        for role, code in somebody.roles:
            grant = Grant(role, units[code], person_id=person.id, from_on=on(now))
            people.give_role(session, grant, by=DEMO, now=now)
        session.add(Account(person_id=person.id, password_hash=password, password_set_at=now))


def settle(
    session: Session,
    bodies: Iterable[Body],
    everybody: Iterable[DemoPerson],
    span: range,
    seed: int,
    *,
    now: datetime,
) -> None:
    """Let bodies come with their people, and say when their boards meet."""
    come = list(bodies)
    _read_in(session, come, list(everybody), now=now)
    for body in (one for one in come if one.ended is None):
        by = one_of(session, "board_secretary", body.code, now)
        years.set_meetings(session, body, span, seed, by=by, now=now)
    _let_in(session, now=now)


def begin_with(
    session: Session, bodies: Iterable[Body], keys: Collection[str], *, now: datetime
) -> None:
    """Let bodies that have come begin with some of the processes."""
    codes = [body.code for body in bodies if body.ended is None]
    units = session.scalars(sa.select(Unit).where(Unit.code.in_(codes))).all()
    by = one_of(session, "central_security", CITY, now)
    for process in all_of(session):
        if process.active_version is not None and process.key not in keys:
            why = "Börjar med årets riskarbete och uppföljningen"
            set_exempt(session, process, units, why=why, by=by, now=now)


def _let_in(session: Session, *, now: datetime) -> None:
    """Let whoever has come sign in, with the hash of those who were first.

    For real people one salt for all would tell who has the same password. Here it is one password
    that everybody is told, and hashing it 200 times would take a minute.
    """
    first = sa.select(Account.password_hash).order_by(Account.person_id).limit(1)
    hashed = sa.literal(session.scalar(first)), sa.literal(now, Instant())
    come = sa.select(Person.id, *hashed).where(Person.id.not_in(sa.select(Account.person_id)))
    into = ("person_id", "password_hash", "password_set_at")
    session.execute(sa.insert(Account).from_select(into, come))


def _read_in(
    session: Session, bodies: list[Body], everybody: list[DemoPerson], *, now: datetime
) -> None:
    """Read the files in as an administrator does; from then on it is all kept here."""
    units = [
        (
            body.code, body.kind.value, body.name, CITY, body.begun or "", body.ended or "",
            body.successor or "", "yes" if body.has_area else "no",
        )
        for body in bodies
    ]  # fmt: skip
    roles: list[tuple[object, ...]] = [
        (person.email, role, unit, "", "") for person in everybody for role, unit in person.roles
    ]
    standing = [body.code for body in bodies if body.ended is None]
    roles += [("", role, code, role, CITY) for code in standing for role in FOR_ALL]
    named = [(person.email, person.name, person.unit) for person in everybody]
    sheets = read(
        [
            _file("units", "code kind name parent from to successor geographicarea", units),
            _file("people", "email name unit", named),
            _file("roles", "email role unit sameasrole sameasunit", roles),
        ]
    )
    by = one_of(session, "administrator", CITY, now)
    prepared = importing.prepare(session, sheets, by=by, now=now)
    session.flush()
    seen = fingerprint(preview(session, prepared, today=on(now)))
    importing.apply(session, prepared, seen=seen, by=by, now=now)
    session.execute(sa.update(Person).values(is_demo=True, source=None))
    for kept in (Unit, Holding):
        session.execute(sa.update(kept).values(source=None))
    session.expire_all()


def _file(name: str, header: str, rows: Iterable[Iterable[object]]) -> tuple[str, bytes]:
    lines = [";".join(header.split()), *(";".join(map(str, row)) for row in rows)]
    return f"{name}.csv", "\n".join(lines).encode()
