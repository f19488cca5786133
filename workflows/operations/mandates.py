"""Letting an auditor read for a while, and ending that."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.organisation.mandates import Mandate
from workflows.organisation.models import Person
from workflows.organisation.writing import Wrong
from workflows.permissions import Deed, require


@dataclass(frozen=True, slots=True)
class Terms:
    """What is to be read, and from when to when; nothing named is everything."""

    from_on: date | None
    to_on: date | None
    unit_ids: tuple[int, ...] = ()
    process_ids: tuple[int, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    sees_secret: bool = False
    why: str = ""


def give(session: Session, person: Person, terms: Terms, *, by: Actor, now: datetime) -> Mandate:
    """Let a person read as an auditor, from a day to a day.

    :raises Forbidden: if `by` may not, as to secret cases only who guards them may
    :raises Invalid: with what is wrong in `problems`
    """
    mandate = Mandate(
        person_id=person.id,
        from_on=terms.from_on,
        to_on=terms.to_on,
        unit_ids=sorted(terms.unit_ids),
        process_ids=sorted(terms.process_ids),
        first_year=terms.first_year,
        last_year=terms.last_year,
        sees_secret=terms.sees_secret,
        why=terms.why.strip(),
        given_at=now,
        given_by_id=by.id,
    )
    require(by, Deed.GIVE_MANDATE, mandate)
    if problems := tuple(_wrong(person, terms, by)):
        raise Invalid("organisation_invalid", problems=problems)
    session.add(mandate)
    session.flush()
    names = ("from_on", "to_on", "unit_ids", "process_ids", "first_year", "last_year")
    what = {name: getattr(mandate, name) for name in (*names, "sees_secret")}
    about = {"person": person.id, "mandate": mandate.id}
    record(session, "mandate_given", by=by, now=now, what=what | about, why=mandate.why)
    return mandate


def end(session: Session, mandate: Mandate, *, by: Actor, now: datetime) -> None:
    """Let a mandate end at once; that it was given stays known.

    :raises Conflict: if it has ended
    """
    require(by, Deed.GIVE_MANDATE, mandate)
    if mandate.ended_at is not None:
        raise Conflict("mandate_ended")
    mandate.ended_at = now
    what = {"person": mandate.person_id, "mandate": mandate.id}
    record(session, "mandate_ended", by=by, now=now, what=what)


def _wrong(person: Person, terms: Terms, by: Actor) -> list[Wrong]:
    found = [Wrong(name, "missing") for name in ("from_on", "to_on") if not getattr(terms, name)]
    if terms.from_on and terms.to_on and terms.to_on < terms.from_on:
        found.append(Wrong("to_on", "ends_before_it_begins"))
    years = (terms.first_year, terms.last_year)
    if None not in years and years[1] < years[0]:  # type: ignore[operator]
        found.append(Wrong("last_year", "ends_before_it_begins"))
    if not terms.why.strip():
        found.append(Wrong("why", "missing"))
    if person.closed_at is not None or person.id == by.id:
        found.append(Wrong("person", "unknown_person" if person.closed_at else "oneself"))
    return found
