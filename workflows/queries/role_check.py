"""What a unit lacks: steps that nobody there can do, and four-eyes steps with nobody left.

Worked out from the diagrams and from who holds what today; who is asked to do a step is looked for
in exactly the unit that the diagram names.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.engine import Description, StepInfo
from workflows.organisation.actor import Actor
from workflows.organisation.models import Holding, Person, Unit, UnitKind
from workflows.permissions import Deed, require
from workflows.processes.models import Process, Version, VersionState
from workflows.processes.rows import compiled
from workflows.queries.holdings import stands_on

Place = tuple[str, int]  # a role in a unit
Holders = Mapping[Place, frozenset[int]]

# A process that says nothing of where it runs is started by hand, in any body.
BODIES = frozenset({UnitKind.BOARD, UnitKind.DISTRICT_BOARD, UnitKind.COMPANY})


@dataclass(frozen=True, slots=True)
class Body:
    """A unit as the check needs it."""

    id: int
    kind: UnitKind
    parent_id: int | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody higher up who holds the role there, and could hold it here as well."""

    role: str
    unit_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A step that cannot be done: `nobody` holds its roles, or no `second` person is left."""

    code: str
    process: Description
    step: StepInfo
    unit_id: int  # where the roles are sought
    proposal: Proposal | None


def check(session: Session, *, by: Actor, today: date) -> list[tuple[Unit, list[Gap]]]:
    """Check every unit that stands today against every process that is run; in Swedish order.

    :raises Forbidden: if the actor does not look after the organisation
    """
    require(by, Deed.CHANGE_ORGANISATION, None)
    return everywhere(session, today=today)


def everywhere(session: Session, *, today: date) -> list[tuple[Unit, list[Gap]]]:
    """Check every unit, for somebody who may ask."""
    units = list(session.scalars(sa.select(Unit).order_by(Unit.sort_key, Unit.id)))
    processes = descriptions(session)
    bodies = {unit.id: Body(unit.id, unit.kind, unit.parent_id) for unit in units}
    holders = who_holds(session, today=today)
    return [
        (unit, gaps)
        for unit in units
        if unit.stands_on(today)
        and (gaps := list(gaps_of(bodies[unit.id], processes, bodies, holders)))
    ]


def check_unit(session: Session, unit: Unit, *, by: Actor, today: date) -> list[Gap]:
    """Check one unit.

    :raises Forbidden: if the actor may not see the organisation
    """
    require(by, Deed.SEE_ORGANISATION, unit)
    bodies = {
        each.id: Body(each.id, each.kind, each.parent_id)
        for each in session.scalars(sa.select(Unit))
    }
    holders = who_holds(session, today=today)
    return list(gaps_of(bodies[unit.id], descriptions(session), bodies, holders))


def names_in(
    session: Session, found: Sequence[tuple[Unit, list[Gap]]]
) -> tuple[dict[int, str], dict[int, str]]:
    """Name the people and the units that the gaps speak of."""
    proposals = [gap.proposal for _, gaps in found for gap in gaps if gap.proposal]
    people = {proposal.person_id for proposal in proposals}
    named = sa.select(Person.id, Person.name).where(Person.id.in_(people))
    units = sa.select(Unit.id, Unit.name)
    return (
        dict(session.execute(named).all()) if people else {},
        dict(session.execute(units).all()),
    )


def gaps_of(
    body: Body,
    processes: Sequence[Description],
    bodies: Mapping[int, Body],
    holders: Holders,
) -> Iterator[Gap]:
    """Name the steps a unit can never complete, of the processes that run there."""
    for process in processes:
        if _runs_in(process, body):
            yield from _gaps(process, body, bodies, holders)


def who_holds(session: Session, *, today: date, near: Collection[int] | None = None) -> Holders:
    """Say who holds each role in each unit, also by "the same person as …"; with `near` in those
    units, and where somebody is sought who holds a role there.
    """
    held: dict[Place, set[int]] = {}
    same: list[tuple[Place, Place]] = []
    for role, unit_id, person_id, same_role, same_unit in _held(session, today, near):
        if person_id is not None:
            held.setdefault((role, unit_id), set()).add(person_id)
        elif same_role and same_unit:
            same.append(((role, unit_id), (same_role, same_unit)))
    is_growing = True
    while is_growing:
        is_growing = False
        for place, other in same:
            won = held.get(other, set()) - held.get(place, set())
            if won:
                held.setdefault(place, set()).update(won)
                is_growing = True
    return {place: frozenset(people) for place, people in held.items()}


def _held(session: Session, today: date, near: Collection[int] | None) -> list[Any]:
    session.flush()
    connection = session.connection()
    if near is None:
        return list(connection.execute(_HELD, {"today": today}))
    rows: list[Any] = []
    seen, asked = set[int](), set(near)
    while asked:
        rows += connection.execute(_HELD_NEAR, {"today": today, "near": sorted(asked)})
        seen |= asked
        asked = {row.same_as_unit_id for row in rows if row.same_as_unit_id} - seen
    return rows


_TODAY: sa.BindParameter[date] = sa.bindparam("today", type_=sa.Date())
_HELD = (
    sa.select(
        Holding.role,
        Holding.unit_id,
        Holding.person_id,
        Holding.same_as_role,
        Holding.same_as_unit_id,
    )
    .outerjoin(Holding.person)
    .where(stands_on(_TODAY), Person.closed_at.is_(None))
)
_HELD_NEAR = _HELD.where(Holding.unit_id.in_(sa.bindparam("near", expanding=True)))


def _runs_in(process: Description, body: Body) -> bool:
    if not process.per:
        return body.kind in BODIES
    return body.kind.value in process.per


def _gaps(
    process: Description, body: Body, bodies: Mapping[int, Body], holders: Holders
) -> Iterator[Gap]:
    able: dict[str, frozenset[int]] = {}
    places: dict[str, int] = {}
    for element, step in process.steps.items():
        place = _place(step, body, bodies)
        if place is None or step.assignee or not step.roles:
            continue  # only the case itself can say who
        places[element] = place
        able[element] = _able(step, place, holders)
    for element, place in places.items():
        step = process.steps[element]
        if not able[element]:
            proposal = _proposal(step, place, bodies, holders, but=frozenset())
            yield Gap("nobody", process, step, place, proposal)
        elif _has_nobody_left(element, process, able):
            proposal = _proposal(step, place, bodies, holders, but=able[element])
            yield Gap("second", process, step, place, proposal)


def _place(step: StepInfo, body: Body, bodies: Mapping[int, Body]) -> int | None:
    """Say in which unit the roles of a step are sought, if that can be known beforehand."""
    match step.of:
        case "unit":
            return body.id
        case "parent":
            return body.parent_id
        case "city":
            return next((each.id for each in bodies.values() if each.kind is UnitKind.CITY), None)
        case _:
            return None


def _able(step: StepInfo, place: int, holders: Holders) -> frozenset[int]:
    return frozenset().union(*(holders.get((role, place), frozenset()) for role in step.roles))


def _has_nobody_left(
    element: str, process: Description, able: Mapping[str, frozenset[int]]
) -> bool:
    """Tell whether no one can do a step however the steps it must differ from are shared out.

    Only the first step of a chain is named: what follows cannot be worse than what it rests on.
    """
    before = _closure(element, process, able)
    if _can_be_shared_out(before, process, able):
        return False
    return all(
        _can_be_shared_out(_closure(other, process, able), process, able)
        for other in process.steps[element].not_by
        if able.get(other)
    )


def _closure(element: str, process: Description, able: Mapping[str, frozenset[int]]) -> list[str]:
    """List a step and all that it, directly or not, must be done by somebody else than."""
    found: list[str] = []
    to_see = [element]
    while to_see:
        here = to_see.pop()
        if here not in found and able.get(here):
            found.append(here)
            to_see.extend(process.steps[here].not_by)
    return found


def _can_be_shared_out(
    elements: list[str],
    process: Description,
    able: Mapping[str, frozenset[int]],
    done: Mapping[str, int] | None = None,
) -> bool:
    """Tell whether each step can get a person so that no step is done by one it bars."""
    done = done or {}
    left = [element for element in elements if element not in done]
    if not left:
        return True
    element = min(left, key=lambda each: len(able[each]))
    barred = {
        person
        for other, person in done.items()
        if other in process.steps[element].not_by or element in process.steps[other].not_by
    }
    free = sorted(able[element] - barred)[: len(elements)]  # more to choose from helps nobody
    return any(
        _can_be_shared_out(elements, process, able, {**done, element: person}) for person in free
    )


def _proposal(
    step: StepInfo,
    place: int,
    bodies: Mapping[int, Body],
    holders: Holders,
    *,
    but: frozenset[int],
) -> Proposal | None:
    """Look upwards for somebody who holds one of the roles and is not one of `but`."""
    seen = {place}
    above = bodies[place].parent_id
    while above is not None and above in bodies and above not in seen:
        seen.add(above)
        for role in step.roles:
            if others := holders.get((role, above), frozenset()) - but:
                return Proposal(role, above, min(others))
        above = bodies[above].parent_id
    return None


def descriptions(session: Session) -> list[Description]:
    """Read the processes that new cases run, by key."""
    wanted = (
        sa.select(Version)
        .join(Version.process)
        .where(Version.state == VersionState.ACTIVE)
        .order_by(Process.key)
    )
    return [compiled(version).description for version in session.scalars(wanted)]
