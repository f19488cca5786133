"""How far each body is with a year that ends, what would happen next, and what stops it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.models import OPEN, Case
from workflows.errors import NotFound
from workflows.follow_up.year_models import BodyYear, Switch, SwitchItem, SwitchKind, Verdict
from workflows.follow_up.year_rows import body_year, content, lives_on, open_cases, years_of
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may
from workflows.processes.models import Process
from workflows.queries.calendar import bodies
from workflows.queries.wheel import city_of
from workflows.queries.year_switch import Proposal, as_said, carried, may_look, said_of
from workflows.registers import definition, names
from workflows.registers.models import Entry, EntryState
from workflows.steering.rows import calendar_of

TO_LOOK_AT = ("late", "look_again", "twice")  # somebody should think of these


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
class Coming:
    """What would happen to one body: what becomes of its rows, and what never starts."""

    line: Line
    verdicts: Mapping[Verdict, int]
    to_look_at: tuple[Proposal, ...]
    never_start: int  # what was planned in the year and would be dropped as it is frozen

    @property
    def is_done(self) -> bool:
        return self.line.step in ("carried", "frozen", "sealed")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The whole change of year, looked at together before anything is done."""

    board: Board
    bodies: tuple[Coming, ...]
    starts: tuple[tuple[Process, int], ...]  # cases of the next year, by process

    @property
    def totals(self) -> Counter[Verdict]:
        return sum((Counter(one.verdicts) for one in self.bodies), Counter())

    @property
    def to_look_at(self) -> list[tuple[Unit, Proposal]]:
        return [(one.line.unit, each) for one in self.bodies for each in one.to_look_at]


def rehearsed(session: Session, year: int, *, by: Actor) -> Rehearsed:
    """Say what closing a year would do to each body that the actor answers for; nothing is kept.

    :raises NotFound: to whoever may see none of it
    """
    found = board(session, year, by=by)
    waiting = [one.unit for one in found.lines if one.step in ("open", "waiting")]
    looked_at = [one.switch.id for one in found.lines if one.switch is not None]
    items = session.scalars(
        sa.select(SwitchItem)
        .where(SwitchItem.switch_id.in_(looked_at), SwitchItem.is_said)
        .options(joinedload(SwitchItem.entry), joinedload(SwitchItem.case))
    )
    said = said_of(items)
    proposals = {
        unit_id: [as_said(one, said) for one in rows]
        for unit_id, rows in carried(session, waiting, year).items()
    }
    is_due = PlannedStart.state.in_((StartState.WAITING, StartState.PASSED, StartState.ASKING))
    left = _counted(
        session,
        sa.select(PlannedStart.unit_id, sa.func.count())
        .where(PlannedStart.year == year, is_due)
        .group_by(PlannedStart.unit_id),
    )
    starts = session.execute(
        sa.select(Process, sa.func.count(PlannedStart.id))
        .join(PlannedStart, PlannedStart.process_id == Process.id)
        .where(PlannedStart.year == year + 1, PlannedStart.state == StartState.WAITING)
        .group_by(Process.id)
        .order_by(Process.name_sv)
    )
    return Rehearsed(
        found,
        tuple(
            Coming(
                line,
                Counter(one.verdict for one in proposals.get(line.unit.id, ())),
                tuple(
                    one
                    for one in proposals.get(line.unit.id, ())
                    if one.reason in TO_LOOK_AT and not one.is_said
                ),
                left.get(line.unit.id, 0),
            )
            for line in found.lines
        ),
        tuple((process, count) for process, count in starts),
    )


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
