"""A year that ends: what would be carried over for bodies, or moved to those that come after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.follow_up.year_models import Switch, SwitchItem, SwitchKind, Verdict
from workflows.follow_up.year_rows import living, open_cases
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may
from workflows.registers import definition
from workflows.registers.models import Entry, EntryState
from workflows.steering.rows import current, lineages


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


def carried(session: Session, units: Sequence[Unit], year: int) -> dict[int, list[Proposal]]:
    """Propose for each body what becomes of each row that it has open when a year ends."""
    ids = [one.id for one in units]
    wanted = sa.select(Entry.identity).where(
        Entry.unit_id.in_(ids), Entry.state == EntryState.PROPOSED
    )
    in_cases = set(session.scalars(wanted))
    (_, book), lines = current(session), lineages(session)
    found: dict[int, list[Proposal]] = {id_: [] for id_ in ids}
    days: dict[int, date] = {}
    for id_ in ids:
        first = book.calendar(lines[id_], year + 1).by_code.get(("T1", year + 1))
        days[id_] = (first.on if first else None) or date(year + 1, 4, 30)
    for one in living(session, ids, year):
        is_in_case = one.identity in in_cases
        found[one.unit_id].append(_carried(one, year, days[one.unit_id], is_in_case=is_in_case))
    return found


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
        for one in living(session, [successor.id], on.year)
    }
    found = [
        Proposal(
            one,
            Verdict.MOVED,
            "twice" if (one.register, one.key, one.is_secret) in theirs else "goes_on",
            to_unit_id=first.id,
        )
        for one in living(session, [unit.id], on.year)
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
    said = said_of(switch.items)
    if switch.kind is SwitchKind.CARRY:
        found = carried(session, [switch.unit], switch.year)[switch.unit_id]
    else:
        successors = successors_of(session, switch)
        found = merged(session, switch.unit, successors, switch.on or date(switch.year, 12, 31))
    return [as_said(one, said) for one in found]


def said_of(items: Iterable[SwitchItem]) -> dict[tuple[str, str], SwitchItem]:
    """Give what people have said, by what tells a row or a case from the others."""
    said = {}
    for item in items:
        thing = item.entry or item.case
        if item.is_said and thing is not None:
            key = ("entry", thing.identity) if isinstance(thing, Entry) else ("case", thing.key)
            said[key] = item
    return said


def as_said(one: Proposal, said: Mapping[tuple[str, str], SwitchItem]) -> Proposal:
    """Let what a person has said of it go before what is proposed."""
    item = said.get(one.key)
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
