"""What the pages of the organisation show: the tree, a unit, the list of people, a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.errors import NotFound
from workflows.language import sort_key
from workflows.organisation.actor import Actor
from workflows.organisation.models import Holding, Person, Unit
from workflows.permissions import Deed, require
from workflows.queries.holdings import stands_on

PAGE = 50
STATES = ("here", "left", "all")


@dataclass(frozen=True, slots=True)
class Node:
    """A unit in the tree, so many levels down."""

    unit: Unit
    depth: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people a list is to show."""

    text: str = ""
    unit_id: int | None = None
    role: str = ""
    state: str = "here"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list, and how long the whole is."""

    people: list[Person]
    total: int
    roles: dict[int, list[Holding]]  # held today, by person


def tree(session: Session, *, by: Actor) -> list[Node]:
    """List every unit below the one it lies under, each level in Swedish order.

    :raises Forbidden: if the actor may not see the organisation
    """
    require(by, Deed.SEE_ORGANISATION, None)
    below: dict[int | None, list[Unit]] = {}
    for unit in session.scalars(sa.select(Unit).order_by(Unit.sort_key, Unit.id)):
        below.setdefault(unit.parent_id, []).append(unit)
    return list(_nodes(below, None, 0))


def _nodes(below: dict[int | None, list[Unit]], parent: int | None, depth: int) -> Iterator[Node]:
    for unit in below.get(parent, ()):
        yield Node(unit, depth)
        yield from _nodes(below, unit.id, depth + 1)


def unit(session: Session, unit_id: int, *, by: Actor) -> Unit:
    """Find a unit.

    :raises NotFound: if there is none
    """
    require(by, Deed.SEE_ORGANISATION, None)
    found = session.get(Unit, unit_id)
    if found is None:
        raise NotFound
    return found


def roles_in(session: Session, unit: Unit) -> list[Holding]:
    """List every role held in a unit, now, before or later, with who holds it."""
    wanted = sa.select(Holding).where(Holding.unit_id == unit.id)
    return _holdings(session, wanted)


def person(session: Session, person_id: int, *, by: Actor) -> Person:
    """Find a person.

    :raises NotFound: if there is none, or not for the actor to see
    """
    found = session.get(Person, person_id, options=[joinedload(Person.unit)])
    if found is None:
        raise NotFound
    require(by, Deed.SEE_PERSON, found)
    return found


def roles_of(session: Session, person: Person) -> list[Holding]:
    """List every role a person holds, has held or is to hold."""
    return _holdings(session, sa.select(Holding).where(Holding.person_id == person.id))


def holding(session: Session, holding_id: int, *, by: Actor) -> Holding:
    """Find a role held in a unit.

    :raises NotFound: if there is none
    """
    require(by, Deed.CHANGE_ORGANISATION, None)
    found = session.get(Holding, holding_id)
    if found is None:
        raise NotFound
    return found


def people(session: Session, wanted: Wanted, *, by: Actor, today: date, page: int) -> Found:
    """List people in Swedish order, one page of them.

    :raises Forbidden: if the actor may not see the list
    """
    chosen = _chosen(wanted, by=by, today=today)
    total = session.scalar(sa.select(sa.func.count()).select_from(chosen.subquery())) or 0
    shown = chosen.limit(PAGE).offset((page - 1) * PAGE)
    return _found(session, shown, total, today=today)


def everybody(session: Session, wanted: Wanted, *, by: Actor, today: date) -> Found:
    """List all the people that a list is of, to be taken away as a file.

    :raises Forbidden: if the actor may not see the list
    """
    found = _found(session, _chosen(wanted, by=by, today=today), 0, today=today)
    return Found(found.people, len(found.people), found.roles)


def _chosen(wanted: Wanted, *, by: Actor, today: date) -> sa.Select[Person]:
    require(by, Deed.CHANGE_ORGANISATION, None)
    chosen = sa.select(Person).order_by(Person.sort_key, Person.id)
    if wanted.state != "all":
        is_open = Person.closed_at.is_(None)
        chosen = chosen.where(is_open if wanted.state == "here" else ~is_open)
    if text := wanted.text.strip():
        chosen = chosen.where(
            sa.or_(
                Person.sort_key.contains(sort_key(text), autoescape=True),
                Person.email.contains(text.lower(), autoescape=True),
            )
        )
    if wanted.unit_id is not None or wanted.role:
        held = sa.select(Holding.person_id).where(stands_on(today))
        if wanted.role:
            held = held.where(Holding.role == wanted.role)
        if wanted.unit_id is not None:
            held = held.where(Holding.unit_id == wanted.unit_id)
        somebody: sa.ColumnElement[bool] = Person.id.in_(held)
        if wanted.unit_id is not None and not wanted.role:
            somebody = sa.or_(somebody, Person.unit_id == wanted.unit_id)
        chosen = chosen.where(somebody)
    return chosen


def _found(session: Session, chosen: sa.Select[Person], total: int, *, today: date) -> Found:
    shown = list(session.scalars(chosen.options(joinedload(Person.unit))))
    ids = chosen.with_only_columns(Person.id).subquery()
    held = sa.select(Holding).where(Holding.person_id.in_(sa.select(ids.c.id)), stands_on(today))
    roles: dict[int, list[Holding]] = {}
    for each in _holdings(session, held):
        roles.setdefault(each.person_id or 0, []).append(each)
    return Found(shown, total, roles)


def _holdings(session: Session, wanted: sa.Select[Holding]) -> list[Holding]:
    """Load roles with their unit and holder, the latest first within a role."""
    loaded = wanted.options(
        joinedload(Holding.unit), joinedload(Holding.person), joinedload(Holding.same_as_unit)
    )
    return list(session.scalars(loaded.order_by(Holding.role, Holding.id.desc())))
