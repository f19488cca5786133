"""A file of the organisation that waits to be applied, and what it would change as things stand."""

from dataclasses import asdict
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import canonical_text, content_hash
from workflows.errors import NotFound
from workflows.organisation.actor import Actor
from workflows.organisation.import_changes import Diff, Known, State, text_of
from workflows.organisation.import_diff import diff
from workflows.organisation.import_files import Line, Sheets
from workflows.organisation.models import Holding, OrganisationImport, Person, Unit
from workflows.permissions import Deed, require


def find(session: Session, key: str, *, by: Actor, now: datetime) -> OrganisationImport:
    """Find a file that the actor has sent and that still waits.

    :raises NotFound: if it is another's, too old, or applied already
    """
    require(by, Deed.CHANGE_ORGANISATION, None)
    found = session.get(OrganisationImport, key)
    if found is None or found.by_id != by.id or found.expires_at <= now or found.applied_at:
        raise NotFound
    return found


def preview(session: Session, prepared: OrganisationImport, *, today: date) -> Diff:
    """Say what it would change now."""
    return diff(sheets_of(prepared), _state(session, today), source=prepared.source)


def fingerprint(found: Diff) -> str:
    """Return what is the same only for the same changes to the same things."""
    return content_hash(canonical_text([asdict(change) for change in found.changes]))


def sheets_of(prepared: OrganisationImport) -> Sheets:
    """Return the rows as they were read."""
    return {
        sheet: [Line(line["number"], line["cells"]) for line in lines]
        for sheet, lines in prepared.rows.items()
    }


def _state(session: Session, today: date) -> State:
    units = session.scalars(sa.select(Unit)).all()
    codes = {unit.id: unit.code for unit in units}
    return State(
        units={unit.code: _unit(unit, codes) for unit in units},
        people={
            person.email: _person(person, codes) for person in session.scalars(sa.select(Person))
        },
        roles=tuple(
            _role(holding, codes)
            for holding in session.scalars(sa.select(Holding).order_by(Holding.id))
            if not (holding.from_on and holding.to_on and holding.to_on < holding.from_on)
        ),
        today=today.isoformat(),
    )


def _unit(unit: Unit, codes: dict[int, str]) -> Known:
    cells = {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind.value,
        "parent": codes[unit.parent_id] if unit.parent_id else "",
        "successor": codes[unit.successor_id] if unit.successor_id else "",
        "valid_from": text_of(unit.valid_from),
        "valid_to": text_of(unit.valid_to),
        "has_geographic_area": "yes" if unit.has_geographic_area else "",
        "source": unit.source or "",
    }
    return Known(unit.id, unit.source or "", cells)


def _person(person: Person, codes: dict[int, str]) -> Known:
    cells = {
        "email": person.email,
        "name": person.name,
        "unit": codes[person.unit_id] if person.unit_id else "",
        "language": person.language,
        "external_id": person.external_id or "",
        "left": "yes" if person.closed_at else "",
        "source": person.source or "",
    }
    return Known(person.id, person.source or "", cells)


def _role(holding: Holding, codes: dict[int, str]) -> Known:
    cells = {
        "person": str(holding.person_id or ""),
        "role": holding.role,
        "unit": codes[holding.unit_id],
        "same_as_role": holding.same_as_role or "",
        "same_as_unit": codes[holding.same_as_unit_id] if holding.same_as_unit_id else "",
        "from": text_of(holding.from_on),
        "to": text_of(holding.to_on),
        "source": holding.source or "",
    }
    return Known(holding.id, holding.source or "", cells)
