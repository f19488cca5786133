"""Changing units, people and the roles they hold, one at a time."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy.orm import Session

from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.language import on, sort_key
from workflows.operations.leaving import let_go
from workflows.organisation import rows
from workflows.organisation.account_rows import end_sign_ins
from workflows.organisation.actor import Actor
from workflows.organisation.checking import wrong_in_grant, wrong_in_person, wrong_in_unit
from workflows.organisation.models import Holding, Person, Unit
from workflows.organisation.rows import Grant, PersonDetails, UnitDetails
from workflows.organisation.writing import Wrong, email_of
from workflows.permissions import Deed, require


def add_unit(session: Session, details: UnitDetails, *, by: Actor, now: datetime) -> Unit:
    """Add a unit to the tree.

    :raises Invalid: with what is wrong in `problems`
    """
    require(by, Deed.CHANGE_ORGANISATION, None)
    _refuse(wrong_in_unit(session, details, unit_id=None))
    unit = Unit(**asdict(details), sort_key=sort_key(details.name))
    session.add(unit)
    session.flush()
    record(session, "unit_added", by=by, now=now, unit_id=unit.id, what=rows.told(details))
    return unit


def change_unit(
    session: Session, unit: Unit, details: UnitDetails, *, seen: int, by: Actor, now: datetime
) -> None:
    """Change a unit as it was `seen`: its name, its place in the tree, its days, its successor.

    :raises Conflict: if somebody has changed it since
    :raises Invalid: with what is wrong in `problems`
    """
    require(by, Deed.CHANGE_ORGANISATION, unit)
    _refuse_stale(unit, seen)
    _refuse(wrong_in_unit(session, details, unit_id=unit.id))
    changed = rows.change(unit, asdict(details))
    if not changed:
        return
    unit.sort_key = sort_key(unit.name)
    record(session, "unit_changed", by=by, now=now, unit_id=unit.id, what={"changed": changed})


def add_person(session: Session, details: PersonDetails, *, by: Actor, now: datetime) -> Person:
    """Add a person; they can sign in when they have been invited.

    :raises Invalid: with what is wrong in `problems`
    """
    require(by, Deed.CHANGE_ORGANISATION, None)
    details = _tidy(details)
    _refuse(wrong_in_person(session, details, person_id=None))
    person = Person(**asdict(details), sort_key=sort_key(details.name))
    session.add(person)
    session.flush()
    # The record holds ids and not names: what is said of a person can be purged with the row.
    what = {"person": person.id, "unit": person.unit_id}
    record(session, "person_added", by=by, now=now, unit_id=person.unit_id, what=what)
    return person


def change_person(
    session: Session, person: Person, details: PersonDetails, *, seen: int, by: Actor, now: datetime
) -> None:
    """Change what is said of a person as they were `seen`.

    :raises Conflict: if somebody has changed it since
    :raises Invalid: with what is wrong in `problems`
    """
    require(by, Deed.CHANGE_ORGANISATION, person)
    _refuse_stale(person, seen)
    details = _tidy(details)
    _refuse(wrong_in_person(session, details, person_id=person.id))
    changed = rows.change(person, asdict(details))
    if not changed:
        return
    person.sort_key = sort_key(person.name)
    what = {"person": person.id, "changed": changed}
    record(session, "person_changed", by=by, now=now, what=what)


def close_person(session: Session, person: Person, *, by: Actor, now: datetime) -> None:
    """Let a person leave: no roles from today, no open sign-ins, their open tasks free for others;
    all they did stays theirs.

    :raises Conflict: if they have left already, or nobody would be administrator
    """
    require(by, Deed.CHANGE_ORGANISATION, person)
    if person.closed_at is not None:
        raise Conflict("person_closed")
    let_go(session, person, by=by, now=now)
    person.closed_at = now
    for holding in rows.going_on(session, person.id, today=on(now)):
        _end(session, holding, today=on(now), by=by, now=now)
    end_sign_ins(session, person.id, but=None, now=now)
    _keep_an_administrator(session, by=by, now=now)
    record(session, "person_closed", by=by, now=now, what={"person": person.id})


def reopen_person(session: Session, person: Person, *, by: Actor, now: datetime) -> None:
    """Let a person who had left come back; their roles must be given anew.

    :raises Conflict: if they have not left
    """
    require(by, Deed.CHANGE_ORGANISATION, person)
    if person.closed_at is None:
        raise Conflict("person_not_closed")
    person.closed_at = None
    record(session, "person_reopened", by=by, now=now, what={"person": person.id})


def give_role(session: Session, grant: Grant, *, by: Actor, now: datetime) -> Holding:
    """Let a person, or whoever holds another role, hold a role in a unit; from today unless said.

    :raises Conflict: if they hold it already on some of the days
    :raises Invalid: with what is wrong in `problems`, such as a ring of shared roles
    """
    require(by, Deed.CHANGE_ORGANISATION, None)
    _refuse(wrong_in_grant(session, grant))
    if rows.overlapping(session, grant):
        raise Conflict("role_held_already")
    values = asdict(grant) | {"from_on": grant.from_on or on(now)}
    holding = Holding(**values)
    session.add(holding)
    session.flush()
    kind = "role_given" if grant.person_id is not None else "role_shared"
    record(session, kind, by=by, now=now, unit_id=grant.unit_id, what=rows.told_role(holding))
    return holding


def end_role(session: Session, holding: Holding, *, by: Actor, now: datetime) -> None:
    """Take a role away from today on; that it was held stays known.

    :raises Conflict: if it has ended already, or nobody would be administrator
    """
    require(by, Deed.CHANGE_ORGANISATION, holding)
    if not _end(session, holding, today=on(now), by=by, now=now):
        raise Conflict("role_ended_already")
    _keep_an_administrator(session, by=by, now=now)


def _end(session: Session, holding: Holding, *, today: date, by: Actor, now: datetime) -> bool:
    changed = rows.end(holding, today=today)
    if not changed:
        return False
    kind = "role_ended" if holding.person_id is not None else "role_share_ended"
    what = rows.told_role(holding) | {"changed": changed}
    record(session, kind, by=by, now=now, unit_id=holding.unit_id, what=what)
    return True


def _keep_an_administrator(session: Session, *, by: Actor, now: datetime) -> None:
    """Refuse to lock everybody out; from the command line one can always get in again."""
    session.flush()
    if not by.is_system and not rows.has_administrator(session, today=on(now)):
        raise Conflict("last_administrator")


def _refuse(wrong: Iterator[Wrong]) -> None:
    if problems := tuple(wrong):
        raise Invalid("organisation_invalid", problems=problems)


def _refuse_stale(thing: Unit | Person, seen: int) -> None:
    if thing.revision != seen:
        raise Conflict("overtaken")


def _tidy(details: PersonDetails) -> PersonDetails:
    return PersonDetails(
        email=email_of(details.email),
        name=details.name.strip(),
        unit_id=details.unit_id,
        language=details.language,
        external_id=details.external_id or None,
    )
