"""A year that ends: what would be carried over or moved for a body, and how far each body is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.models import OPEN, Case
from workflows.errors import NotFound
from workflows.follow_up.year_models import BodyYear, Switch, SwitchItem, SwitchKind, Verdict
from workflows.follow_up.year_rows import body_year, content, lives_on, living, open_cases, years_of
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may
from workflows.queries.calendar import bodies
from workflows.queries.wheel import city_of
from workflows.registers import definition, names
from workflows.registers.models import Entry, EntryState
from workflows.steering.rows import calendar_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to become of a row or a case, and why, by a code of ours or a person's words."""

    thing: Entry | Case
    verdict: Verdict
    reason: str
    due_on: date | None = None
    to_unit_id: int | None = None
    is_said: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the others, also when a later version stands."""
        if isinstance(self.thing, Entry):
            return "entry", self.thing.identity
        return "case", self.thing.key

    def row(self, switch_id: int) -> SwitchItem:
        is_entry = isinstance(self.thing, Entry)
        return SwitchItem(
            switch_id=switch_id,
            entry_id=self.thing.id if is_entry else None,
            case_id=None if is_entry else self.thing.id,
            seen=self.thing.revision,
            verdict=self.verdict,
            reason=self.reason,
            is_said=self.is_said,
            due_on=self.due_on,
            to_unit_id=self.to_unit_id,
        )


def carried(session: Session, unit: Unit, year: int) -> list[Proposal]:
    """Propose what becomes of each row that a body has open when a year ends."""
    entries = living(session, unit.id, year)
    wanted = sa.select(Entry.identity).where(
        Entry.unit_id == unit.id, Entry.state == EntryState.PROPOSED
    )
    in_cases = set(session.scalars(wanted))
    first = calendar_of(session, unit.id, year + 1).by_code.get(("T1", year + 1))
    to_be_done = (first.on if first else None) or date(year + 1, 4, 30)
    return [_carried(one, year, to_be_done, is_in_case=one.identity in in_cases) for one in entries]


def _carried(entry: Entry, year: int, to_be_done: date, *, is_in_case: bool) -> Proposal:
    if entry.year > year:
        return Proposal(entry, Verdict.NEW, "has_it")
    if is_in_case:
        return Proposal(entry, Verdict.KEPT, "in_case")
    if entry.due_on is not None and entry.due_on.year <= year:
        if entry.register == "action":
            return Proposal(entry, Verdict.CHANGED, "late", to_be_done)
        return Proposal(entry, Verdict.KEPT, "look_again")
    if definition(entry.register).owner and not entry.owner:
        return Proposal(entry, Verdict.KEPT, "nobodys")
    return Proposal(entry, Verdict.KEPT, "goes_on")


def merged(session: Session, unit: Unit, successors: Sequence[Unit], on: date) -> list[Proposal]:
    """Propose where each open row and case of a body goes that ends: to the first of those that
    come after it, unless the case is there already."""
    first = successors[0]
    theirs = {
        (one.register, one.key, one.is_secret)
        for successor in successors
        for one in living(session, successor.id, on.year)
    }
    found = [
        Proposal(
            one,
            Verdict.MOVED,
            "twice" if (one.register, one.key, one.is_secret) in theirs else "goes_on",
            to_unit_id=first.id,
        )
        for one in living(session, unit.id, on.year)
    ]
    have = sa.select(Case.process_id, Case.year, Case.occasion).where(Case.unit_id == first.id)
    taken = {tuple(row) for row in session.execute(have)}
    for case in open_cases(session, unit.id, None):
        if (case.process_id, case.year, case.occasion) in taken:
            found.append(Proposal(case, Verdict.STAYS, "case_there"))
        else:
            found.append(Proposal(case, Verdict.MOVED, "goes_on", to_unit_id=first.id))
    return found


def proposed(session: Session, switch: Switch) -> list[Proposal]:
    """Look anew at what a switch is about, keeping what people have said of it."""
    said = {}
    for item in switch.items:
        thing = item.entry or item.case
        if item.is_said and thing is not None:
            key = ("entry", thing.identity) if isinstance(thing, Entry) else ("case", thing.key)
            said[key] = item
    if switch.kind is SwitchKind.CARRY:
        found = carried(session, switch.unit, switch.year)
    else:
        successors = successors_of(session, switch)
        found = merged(session, switch.unit, successors, switch.on or date(switch.year, 12, 31))
    return [_as_said(one, said.get(one.key)) for one in found]


def _as_said(one: Proposal, item: SwitchItem | None) -> Proposal:
    if item is None or one.verdict is Verdict.NEW:
        return one
    return Proposal(
        one.thing, item.verdict, item.reason, item.due_on, item.to_unit_id, is_said=True
    )  # fmt: skip


def successors_of(session: Session, switch: Switch) -> list[Unit]:
    """Give the units that a body goes up in, the first first."""
    ids = (switch.before or {}).get("successors", ())
    found = {unit.id: unit for unit in session.scalars(sa.select(Unit).where(Unit.id.in_(ids)))}
    return [found[one] for one in ids if one in found]


def find(session: Session, switch_id: int, *, by: Actor, to_change: bool = False) -> Switch:
    """Find a switch with all that it is about.

    :raises NotFound: if there is none, or not for them
    """
    wanted = sa.select(Switch).where(Switch.id == switch_id).options(joinedload(Switch.unit))
    if to_change:
        wanted = wanted.with_for_update(of=Switch)
    switch = session.scalars(wanted).one_or_none()
    if switch is None or not may_look(by, switch.unit):
        raise NotFound
    session.execute(
        sa.select(Switch)
        .where(Switch.id == switch_id)
        .options(
            selectinload(Switch.items).selectinload(SwitchItem.entry),
            selectinload(Switch.items).selectinload(SwitchItem.case),
            selectinload(Switch.items).selectinload(SwitchItem.made),
        )
    ).all()
    return switch


def standing(session: Session, kind: SwitchKind, unit_id: int, year: int) -> Switch | None:
    """Find what was prepared or done for a body and year and was not undone."""
    return session.scalars(
        sa.select(Switch).where(
            Switch.kind == kind,
            Switch.unit_id == unit_id,
            Switch.year == year,
            Switch.undone_at.is_(None),
        )
    ).one_or_none()


def may_look(by: Actor, unit: Unit) -> bool:
    """Tell whether the actor may see how a body's year is closed."""
    return may(by, Deed.SEE_CITY, None) or may(by, Deed.CARRY_OVER, unit)


# how far everything is


@dataclass(frozen=True, slots=True)
class Line:
    """How far one body is with a year: what it has open still, what is carried, frozen, sealed."""

    unit: Unit
    to_carry: int
    open_cases: int
    switch: Switch | None
    state: BodyYear | None

    @property
    def step(self) -> str:
        """Name what has been done last."""
        if self.state is not None and self.state.sealed_at:
            return "sealed"
        if self.state is not None and self.state.frozen_at:
            return "frozen"
        if self.switch is not None and self.switch.applied_at:
            return "carried"
        return "waiting" if self.switch is not None and self.switch.due_at else "open"


@dataclass(frozen=True, slots=True)
class Board:
    """A year and the one after it: whether the next is ready and open, and each body's line."""

    year: int
    opened: BodyYear | None  # the next year, of the city
    dates: int  # milestones of the next year
    undated: int
    unconfirmed: int
    starts: int  # cases that will start by themselves in the next year
    starts_undated: int
    lines: tuple[Line, ...]
    mergers: tuple[Switch, ...]

    @property
    def is_ready(self) -> bool:
        """Tell whether the next year can be opened: all its dates are known."""
        return bool(self.dates) and not self.undated

    def count(self, *steps: str) -> int:
        return sum(line.step in steps for line in self.lines)


def board(session: Session, year: int, *, by: Actor) -> Board:
    """Say how far the city, or the bodies the actor answers for, are with a year.

    :raises NotFound: to whoever may see none of it
    """
    units = [one for one in bodies(session) if may_look(by, one)]
    if not units:
        raise NotFound
    city = city_of(session)
    milestones = _milestones(session, city, year + 1)
    coming = _counted(
        session,
        sa.select(PlannedStart.due_at.is_(None), sa.func.count())
        .where(PlannedStart.year == year + 1, PlannedStart.state == StartState.WAITING)
        .group_by(PlannedStart.due_at.is_(None)),
    )
    switches = session.scalars(
        sa.select(Switch)
        .where(Switch.year == year, Switch.undone_at.is_(None))
        .options(joinedload(Switch.unit))
        .order_by(Switch.id)
    ).all()
    by_unit = {one.unit_id: one for one in switches if one.kind is SwitchKind.CARRY}
    return Board(
        year,
        years_of(session, year + 1).get(city.id) if city else None,
        len(milestones),
        sum(one.on is None for one in milestones),
        sum(not one.confirmed and one.is_movable for one in milestones),
        sum(coming.values()),
        coming.get(True, 0),
        tuple(_lines(session, units, year, by_unit)),
        tuple(one for one in switches if one.kind is SwitchKind.MERGE),
    )


def _milestones(session: Session, city: Unit | None, year: int) -> list[Any]:
    if city is None:
        return []
    calendar = calendar_of(session, city.id, year)
    return [one for one in calendar.milestones if one.year == year and one.exists]


def _lines(
    session: Session, units: Iterable[Unit], year: int, switches: dict[int, Switch]
) -> Iterator[Line]:
    known = [one for one in names() if lives_on(definition(one))]
    rows = _counted(
        session,
        sa.select(Entry.unit_id, sa.func.count())
        .where(
            Entry.register.in_(known),
            Entry.state == EntryState.APPROVED,
            Entry.is_open,
            Entry.year <= year,
        )
        .group_by(Entry.unit_id),
    )
    cases = _counted(
        session,
        sa.select(Case.unit_id, sa.func.count())
        .where(Case.year == year, Case.state.in_(OPEN))
        .group_by(Case.unit_id),
    )
    states = years_of(session, year)
    for unit in units:
        line = Line(
            unit,
            rows.get(unit.id, 0),
            cases.get(unit.id, 0),
            switches.get(unit.id),
            states.get(unit.id),
        )
        if _stood_in(unit, year) or line.to_carry or line.open_cases:
            yield line


def _stood_in(unit: Unit, year: int) -> bool:
    """Tell whether a unit was there on some day of a year."""
    return (unit.valid_from is None or unit.valid_from.year <= year) and (
        unit.valid_to is None or unit.valid_to.year >= year
    )


def _counted(session: Session, wanted: sa.Select[Any, int]) -> dict[Any, int]:
    return {row[0]: row[1] for row in session.execute(wanted)}


@dataclass(frozen=True, slots=True)
class Closing:
    """One body's year: what is decided of it, what stops it, and whether it still is as sealed."""

    unit: Unit
    year: int
    state: BodyYear | None
    late: list[Case]
    is_as_sealed: bool | None


def closing(session: Session, unit: Unit, year: int, *, by: Actor) -> Closing:
    """Look at one body's year; what is sealed is hashed anew.

    :raises NotFound: to whoever may not see it
    """
    if not may_look(by, unit):
        raise NotFound
    state = body_year(session, unit.id, year)
    same = None
    if state is not None and state.sealed_at and state.frozen_at:
        same = content(session, unit.id, year, until=state.frozen_at)[0] == state.content_hash
    late = [one for one in open_cases(session, unit.id, year) if may(by, Deed.SEE_CASE, one)]
    return Closing(unit, year, state, late, same)


def to_carry_over(session: Session, year: int) -> list[Unit]:
    """List the bodies whose year has not been carried over yet."""
    done = sa.select(Switch.unit_id).where(
        Switch.kind == SwitchKind.CARRY,
        Switch.year == year,
        Switch.undone_at.is_(None),
        Switch.applied_at.is_not(None),
    )
    carried_already = set(session.scalars(done))
    return [
        unit for unit in bodies(session) if unit.id not in carried_already and _stood_in(unit, year)
    ]
