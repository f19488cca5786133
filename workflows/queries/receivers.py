"""Whom a task may be given to: a person by name or by the case's own data, who may see the case;
and whom it waits for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.organisation.actor import Actor, Held
from workflows.organisation.models import Holding, Person, Unit, UnitKind
from workflows.permissions import LEADING, Deed, may
from workflows.processes.models import Secrecy
from workflows.processes.rows import compiled
from workflows.queries.holdings import held_by, holders, in_their_place
from workflows.tasks.models import Task
from workflows.tasks.rows import know_barred

# No mail of ours to those who are elected.
ELECTED = frozenset({"council", "executive_board", "crisis_board", "board"})


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody a task may be given to; `has_role` when anybody would expect it of them."""

    id: int
    name: str
    has_role: bool


def may_be_given(session: Session, task: Task, person: Person, *, today: date) -> bool:
    """Tell whether a person works here, may see the case and is not barred by four eyes."""
    if person.closed_at is not None:
        return False
    receiver = Actor(person.id, person.name, held_by(session, person.id, today))
    return may(receiver, Deed.BE_GIVEN, task)


def named_by_case(
    session: Session, task: Task, where: str, known: Mapping[str, Any], *, today: date
) -> Person | None:
    """Find the person a diagram means by `case.handler` or `item.responsible`.

    None when the case names nobody, or one who must not have it: the task is then nobody's, and
    stands in the list of what stands still.
    """
    source = (task.item or {}) if where.startswith("item.") else known
    found = _person(session, source.get(where.split(".", 1)[-1]))
    if found is None:
        return None
    know_barred(session, task)
    return found if may_be_given(session, task, found, today=today) else None


def candidates(session: Session, task: Task, *, today: date) -> list[Receiver]:
    """List those with a role in the task's unit who may be given it, its own roles first."""
    rows = session.execute(
        sa.select(Person, Holding.role)
        .join(Holding, Holding.person_id == Person.id)
        .where(
            Holding.unit_id == task.unit_id,
            Person.closed_at.is_(None),
            sa.or_(Holding.from_on.is_(None), Holding.from_on <= today),
            sa.or_(Holding.to_on.is_(None), Holding.to_on >= today),
        )
        .order_by(Person.sort_key)
    )
    roles: dict[Person, set[str]] = {}
    for person, role in rows:
        roles.setdefault(person, set()).add(role)
    wanted = {one.role for one in task.roles if one.unit_id == task.unit_id}
    found = [
        Receiver(person.id, person.name, bool(held & wanted))
        for person, held in roles.items()
        if person.id != task.assignee_id
        and may(_in_unit(person, held, task.unit_id), Deed.BE_GIVEN, task)
    ]
    return sorted(found, key=lambda one: not one.has_role)


def by_address(session: Session, text: str) -> Person | None:
    """Find somebody by the id of a list or by an address somebody typed."""
    return _person(session, text.strip().lower())


def awaited(session: Session, tasks: Iterable[Task], *, today: date) -> dict[int, set[int]]:
    """Find whom each task waits for: who has it, or while they are away whoever stands in; else
    all who hold its roles.
    """
    places = {
        task.id: [(one.role, one.unit_id) for one in task.roles if one.role not in ELECTED]
        for task in tasks
    }
    found: dict[int, set[int]] = {}
    free: dict[int, list[Task]] = {}
    for task in tasks:
        if task.assignee_id is None:
            free.setdefault(task.process_id, []).append(task)
        else:
            found[task.id] = in_their_place(
                session, task.assignee_id, places[task.id], today, process_id=task.process_id
            )
    for process_id, some in free.items():
        asked = {place for task in some for place in places[task.id]}
        held = holders(session, asked, today, process_id=process_id)
        for task in some:
            found[task.id] = set().union(*(held[place] for place in places[task.id]))
    return found


def leaders(session: Session, task: Task, *, today: date) -> set[int]:
    """Find who may give a task to another: those who lead its unit, else who operates the case."""
    places = [(role, task.unit_id) for role in LEADING]
    found = set().union(*holders(session, places, today, process_id=task.process_id).values())
    return found or case_operators(session, task.case, today=today)


def case_operators(session: Session, case: Case, *, today: date) -> set[int]:
    """Find who is told that a case stands still: the city's function for it, by the secrecy."""
    is_secret = case.secrecy is Secrecy.SECRET
    role = "protective_security_chief" if is_secret else "central_security"
    cities = session.scalars(sa.select(Unit.id).where(Unit.kind == UnitKind.CITY))
    found = holders(session, [(role, unit_id) for unit_id in cities], today)
    return set().union(*found.values())


def process_owners(session: Session, case: Case, *, today: date) -> set[int]:
    """Find who owns the process of a case; of a secret one only who may see it is told."""
    owner = compiled(case.version).description.owner or "process_owner"
    role = "protective_security_chief" if case.secrecy is Secrecy.SECRET else owner
    cities = session.scalars(sa.select(Unit.id).where(Unit.kind == UnitKind.CITY))
    return set().union(*holders(session, [(role, one) for one in cities], today).values())


def _in_unit(person: Person, roles: set[str], unit_id: int) -> Actor:
    return Actor(person.id, person.name, frozenset(Held(role, unit_id) for role in roles))


def _person(session: Session, value: object) -> Person | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return session.get(Person, value)
    if not isinstance(value, str) or not value:
        return None
    if value.isdecimal():
        return session.get(Person, int(value)) if len(value) < 18 else None
    return session.scalars(sa.select(Person).where(Person.email == value)).one_or_none()
