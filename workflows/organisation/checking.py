"""Whether what is to be said of a unit, a person or a role can stand beside what is there."""

from collections.abc import Iterator
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.language import Language
from workflows.organisation import rows
from workflows.organisation.models import Person, Unit
from workflows.organisation.roles import ROLES
from workflows.organisation.rows import Grant, PersonDetails, UnitDetails
from workflows.organisation.writing import Wrong, wrong_code, wrong_name


def wrong_in_unit(
    session: Session, details: UnitDetails, *, unit_id: int | None
) -> Iterator[Wrong]:
    """Say what is wrong with what is to be said of a unit; `unit_id` is its own."""
    yield from wrong_code(details.code)
    yield from wrong_name(details.name)
    if _taken(session, Unit.code == details.code, Unit, unit_id):
        yield Wrong("code", "code_taken")
    for field in ("parent_id", "successor_id"):
        other = getattr(details, field)
        if other is not None and session.get(Unit, other) is None:
            yield Wrong(field, "unknown_unit")
    if unit_id is not None and details.parent_id is not None:
        tree = rows.parents(session) | {unit_id: [details.parent_id]}
        if rows.is_circle(tree, unit_id):
            yield Wrong("parent_id", "under_itself")
    if unit_id is not None and details.successor_id == unit_id:
        yield Wrong("successor_id", "succeeds_itself")
    yield from _wrong_days(details.valid_from, details.valid_to, "valid_to")


def wrong_in_person(
    session: Session, details: PersonDetails, *, person_id: int | None
) -> Iterator[Wrong]:
    """Say what is wrong with what is to be said of a person; `person_id` is their own."""
    yield from wrong_name(details.name)
    if not details.email:
        yield Wrong("email", "not_an_email")
    elif _taken(session, Person.email == details.email, Person, person_id):
        yield Wrong("email", "email_taken")
    if details.external_id and _taken(
        session, Person.external_id == details.external_id, Person, person_id
    ):
        yield Wrong("external_id", "external_id_taken")
    if details.unit_id is not None and session.get(Unit, details.unit_id) is None:
        yield Wrong("unit_id", "unknown_unit")
    if details.language not in set(Language):
        yield Wrong("language", "unknown_language")


def wrong_in_grant(session: Session, grant: Grant) -> Iterator[Wrong]:
    """Say what is wrong with a role that is to be given, overlaps aside."""
    if grant.role not in ROLES:
        yield Wrong("role", "unknown_role")
    if session.get(Unit, grant.unit_id) is None:
        yield Wrong("unit_id", "unknown_unit")
    if (grant.person_id is None) == (grant.same_as is None):
        yield Wrong("person_id", "one_holder")
    person = session.get(Person, grant.person_id) if grant.person_id is not None else None
    if grant.person_id is not None and (person is None or person.closed_at is not None):
        yield Wrong("person_id", "unknown_person")
    if grant.same_as is not None:
        if grant.same_as_role not in ROLES or session.get(Unit, grant.same_as_unit_id) is None:
            yield Wrong("same_as_role", "unknown_role")
        others = rows.shared(session, after=grant.from_on)
        others.setdefault(grant.place, []).append(grant.same_as)
        if rows.is_circle(others, grant.place):
            yield Wrong("same_as_role", "ring")
    yield from _wrong_days(grant.from_on, grant.to_on, "to_on")


def _wrong_days(first: date | None, last: date | None, field: str) -> Iterator[Wrong]:
    if first is not None and last is not None and last < first:
        yield Wrong(field, "ends_before_it_begins")


def _taken(
    session: Session,
    same: sa.ColumnElement[bool],
    table: type[Unit] | type[Person],
    but: int | None,
) -> bool:
    wanted = sa.select(table.id).where(same, table.id != (but or 0))
    return session.execute(wanted.limit(1)).first() is not None
