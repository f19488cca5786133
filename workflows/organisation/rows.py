"""Reading and writing units, people and roles, without permission or history."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.language import sort_key
from workflows.organisation.models import Holding, Person, Unit, UnitKind

DAY = timedelta(days=1)
Place = tuple[str, int]  # a role in a unit


@dataclass(frozen=True, slots=True)
class UnitDetails:
    """All that people say of a unit."""

    code: str
    name: str
    kind: UnitKind
    parent_id: int | None = None
    successor_id: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    has_geographic_area: bool = False


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """All that people say of a person."""

    email: str
    name: str
    unit_id: int | None = None
    language: str = "sv"
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role to be held in a unit, by a person or by whoever holds another role in another unit."""

    role: str
    unit_id: int
    person_id: int | None = None
    same_as_role: str | None = None
    same_as_unit_id: int | None = None
    from_on: date | None = None
    to_on: date | None = None

    @property
    def place(self) -> Place:
        return self.role, self.unit_id

    @property
    def same_as(self) -> Place | None:
        if self.same_as_role is None or self.same_as_unit_id is None:
            return None
        return self.same_as_role, self.same_as_unit_id


def change(thing: Unit | Person | Holding, values: Mapping[str, Any]) -> dict[str, object]:
    """Set what differs; returns the old and the new of each field that did."""
    changed: dict[str, object] = {}
    for name, new in values.items():
        old = getattr(thing, name)
        if old != new:
            setattr(thing, name, new)
            changed[name] = {"old": old, "new": new}
    return changed


def told(details: UnitDetails | PersonDetails | Grant) -> dict[str, object]:
    """What the record keeps of something new: the fields that say something."""
    return {name: value for name, value in asdict(details).items() if value not in (None, False)}


def told_role(holding: Holding) -> dict[str, object]:
    """What the record keeps of a role."""
    names = ("role", "same_as_role", "same_as_unit_id", "from_on", "to_on")
    said = {name: getattr(holding, name) for name in names}
    return {"person": holding.person_id, "id": holding.id} | {
        name: value for name, value in said.items() if value is not None
    }


def is_circle(next_of: Mapping[Any, Iterable[Any]], start: Any) -> bool:
    """Tell whether following `next_of` from `start` leads back to it."""
    seen: set[Any] = set()
    to_see = list(next_of.get(start, ()))
    while to_see:
        here = to_see.pop()
        if here == start:
            return True
        if here not in seen:
            seen.add(here)
            to_see.extend(next_of.get(here, ()))
    return False


def named(session: Session, text: str, *, near: int) -> int | None:
    """Find the one person who is called so: "Name", or "Name (address)" as lists tell apart two of
    the same name. Of several the one with a role or a place in the unit `near` is meant, or none.
    """
    name, _, address = text.partition(" (")
    called = sa.and_(Person.sort_key == sort_key(name), Person.closed_at.is_(None))
    if address:
        called = sa.and_(called, Person.email == address.rstrip(")").casefold())
    found = set(session.scalars(sa.select(Person.id).where(called))) if name else set()
    if len(found) > 1:
        held = sa.select(Holding.person_id).where(Holding.unit_id == near)
        here = sa.or_(Person.unit_id == near, Person.id.in_(held))
        found = set(session.scalars(sa.select(Person.id).where(called, here)))
    return found.pop() if len(found) == 1 else None


def parents(session: Session) -> dict[int, list[int]]:
    """Which unit each unit lies under."""
    found = session.execute(sa.select(Unit.id, Unit.parent_id).where(Unit.parent_id.is_not(None)))
    return {unit_id: [parent_id] for unit_id, parent_id in found if parent_id is not None}


def shared(session: Session, *, after: date | None) -> dict[Place, list[Place]]:
    """Which roles are held by whoever holds another one, among those not ended before `after`."""
    wanted = sa.select(Holding).where(Holding.same_as_unit_id.is_not(None))
    if after is not None:
        wanted = wanted.where(sa.or_(Holding.to_on.is_(None), Holding.to_on >= after))
    found: dict[Place, list[Place]] = {}
    for held in session.scalars(wanted):
        place = (held.same_as_role or "", held.same_as_unit_id or 0)
        found.setdefault((held.role, held.unit_id), []).append(place)
    return found


def overlapping(session: Session, grant: Grant) -> Holding | None:
    """Find the same role of the same holder in the same unit on some of the same days."""
    wanted = sa.select(Holding).where(
        Holding.role == grant.role,
        Holding.unit_id == grant.unit_id,
        Holding.person_id == grant.person_id
        if grant.person_id is not None
        else sa.and_(
            Holding.same_as_role == grant.same_as_role,
            Holding.same_as_unit_id == grant.same_as_unit_id,
        ),
        sa.or_(  # one that never came to be is in nobody's way
            Holding.to_on.is_(None), Holding.from_on.is_(None), Holding.from_on <= Holding.to_on
        ),
    )
    if grant.to_on is not None:
        wanted = wanted.where(sa.or_(Holding.from_on.is_(None), Holding.from_on <= grant.to_on))
    if grant.from_on is not None:
        wanted = wanted.where(sa.or_(Holding.to_on.is_(None), Holding.to_on >= grant.from_on))
    return session.scalars(wanted.limit(1)).first()


def end(holding: Holding, *, today: date) -> dict[str, object]:
    """Let a role end, so that it is not held on `today` or later."""
    yesterday = today - DAY
    if holding.to_on is not None and holding.to_on <= yesterday:
        return {}
    return change(holding, {"to_on": yesterday})


def going_on(session: Session, person_id: int, *, today: date) -> list[Holding]:
    """List the roles a person holds on `today` or is to hold later."""
    return list(
        session.scalars(
            sa.select(Holding)
            .where(
                Holding.person_id == person_id,
                sa.or_(Holding.to_on.is_(None), Holding.to_on >= today),
            )
            .order_by(Holding.id)
        )
    )


def has_administrator(session: Session, *, today: date) -> bool:
    """Tell whether anybody who works here holds the role of administrator on `today`."""
    found = (
        sa.select(Holding.id)
        .join(Holding.person)
        .where(
            Holding.role == "administrator",
            Person.closed_at.is_(None),
            sa.or_(Holding.from_on.is_(None), Holding.from_on <= today),
            sa.or_(Holding.to_on.is_(None), Holding.to_on >= today),
        )
    )
    return session.execute(found.limit(1)).first() is not None
