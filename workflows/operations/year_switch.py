"""What lives on when a year or a body ends: carried over into the next, or moved to a successor.

What is to become of each row is prepared and looked at first. Each body is one transaction, so that
whoever is interrupted goes on with the next body, and whoever does it twice finds it done.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.messages import Wait
from workflows.cases.models import Case
from workflows.errors import Conflict, Invalid
from workflows.follow_up import year_rows
from workflows.follow_up.year_models import Switch, SwitchItem, SwitchKind, Verdict
from workflows.follow_up.year_rows import Next
from workflows.history.rows import record, record_each
from workflows.language import on as day_of
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, require
from workflows.processes.models import Secrecy
from workflows.queries import year_switch as questions
from workflows.queries.year_board import to_carry_over
from workflows.registers.models import Entry, EntryState
from workflows.search.rows import follow_case
from workflows.tasks.models import Task, TaskRole

CLOCK = Actor.system("clock")
GOES_ON = (Verdict.KEPT, Verdict.CHANGED, Verdict.MOVED)
# What may be said of a row, and of a case, by what is done.
OF_ROWS = {
    SwitchKind.CARRY: (Verdict.KEPT, Verdict.CHANGED, Verdict.DROPPED),
    SwitchKind.MERGE: (Verdict.MOVED, Verdict.DROPPED),
}
OF_CASES = (Verdict.MOVED, Verdict.STAYS)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says is to become of a row or a case."""

    verdict: Verdict
    reason: str = ""
    due_on: date | None = None
    to_unit_id: int | None = None


def prepare(session: Session, unit: Unit, year: int, *, by: Actor, now: datetime) -> Switch:
    """Look at what a body has open when a year ends, and propose what becomes of each row; what
    people have said of it already stays.

    :raises Forbidden: if `by` does not answer for the body
    :raises Conflict: if its year is carried over already
    """
    require(by, Deed.CARRY_OVER, unit)
    return _prepare(session, SwitchKind.CARRY, unit, year, now=now)


def prepare_merge(
    session: Session,
    unit: Unit,
    successors: Sequence[Unit],
    last_day: date,
    *,
    by: Actor,
    now: datetime,
) -> Switch:
    """Look at what a body has open that ends, and propose to which of its successors each goes.

    :raises Forbidden: if `by` does not close years
    :raises Conflict: if it was done already
    :raises Invalid: without a successor that goes on after it
    """
    require(by, Deed.CLOSE_YEAR, unit)
    ends = [one for one in successors if one.valid_to and one.valid_to <= last_day]
    if not successors or unit in successors or ends:
        raise Invalid("no_successor")
    known = {"successors": [one.id for one in successors]}
    return _prepare(
        session, SwitchKind.MERGE, unit, last_day.year, on=last_day, before=known, now=now
    )


def _prepare(
    session: Session,
    kind: SwitchKind,
    unit: Unit,
    year: int,
    *,
    on: date | None = None,
    before: dict[str, Any] | None = None,
    now: datetime,
) -> Switch:
    session.execute(sa.select(Unit.id).where(Unit.id == unit.id).with_for_update())
    switch = questions.standing(session, kind, unit.id, year)
    if switch is not None and switch.applied_at is not None:
        raise Conflict("switch_done", unit=unit.name, year=year)
    if switch is None:
        switch = Switch(kind=kind, unit=unit, year=year, made_at=now)
        session.add(switch)
    switch.on, switch.before = on or switch.on, before or switch.before
    switch.made_at = now
    session.flush()
    _look_anew(session, switch)
    return switch


def _look_anew(session: Session, switch: Switch) -> None:
    found = questions.proposed(session, switch)
    switch.items = [one.row(switch.id) for one in found]
    session.flush()


def say(session: Session, switch: Switch, said: Mapping[int, Said], *, by: Actor) -> None:
    """Say of some rows what is to become of them, otherwise than was proposed.

    :raises Forbidden: if `by` does not answer for the body
    :raises Conflict: if it is done already
    :raises Invalid: without a reason where a row ends or changes, or without its new day
    """
    require(by, _deed(switch), switch.unit)
    if switch.applied_at is not None:
        raise Conflict("switch_done", unit=switch.unit.name, year=switch.year)
    places = {one.id for one in questions.successors_of(session, switch)}
    for item in switch.items:
        one = said.get(item.id)
        if one is None or item.verdict is Verdict.NEW:
            continue
        as_it_is = one.reason.strip() in ("", item.reason)
        if (one.verdict, one.due_on, one.to_unit_id) == (
            item.verdict, item.due_on, item.to_unit_id,
        ) and as_it_is:  # fmt: skip
            continue
        _must_fit(switch, item, one, places)
        item.verdict, item.reason, item.is_said = one.verdict, one.reason.strip(), True
        item.due_on = one.due_on if one.verdict is Verdict.CHANGED else None
        item.to_unit_id = one.to_unit_id if one.verdict is Verdict.MOVED else None
    session.flush()


def _must_fit(switch: Switch, item: SwitchItem, said: Said, places: set[int]) -> None:
    name = item.entry.name if item.entry else item.case.key if item.case else ""
    if said.verdict not in (OF_CASES if item.case_id is not None else OF_ROWS[switch.kind]):
        raise Invalid("no_such_verdict", name=name)
    if said.verdict in (Verdict.DROPPED, Verdict.CHANGED) and not said.reason.strip():
        raise Invalid("verdict_needs_reason", name=name)
    if said.verdict is Verdict.CHANGED and (said.due_on is None or said.due_on.year <= switch.year):
        raise Invalid("verdict_needs_day", name=name, year=switch.year)
    if said.verdict is Verdict.MOVED and said.to_unit_id not in places:
        raise Invalid("no_successor")


def apply(session: Session, switch: Switch, *, by: Actor, now: datetime) -> None:
    """Do what was looked at, all at once.

    :raises Forbidden: if `by` does not answer for the body
    :raises Conflict: if it is done already, or something has changed since it was looked at
    """
    require(by, _deed(switch), switch.unit)
    if switch.applied_at is not None:
        raise Conflict("switch_done", unit=switch.unit.name, year=switch.year)
    if _as_seen(switch.items) != _as_now(questions.proposed(session, switch)):
        raise Conflict("preview_outdated")
    made = _carry(session, switch, now=now)
    cases = _move_cases(session, switch, by=by, now=now)
    switch.applied_at, switch.due_at = now, None
    if switch.kind is SwitchKind.MERGE:
        _end_unit(session, switch)
    _tell(session, switch, len(made), cases, by=by, now=now)


def _as_seen(items: Iterable[SwitchItem]) -> set[tuple[int | None, int | None, int]]:
    return {(item.entry_id, item.case_id, item.seen) for item in items}


def _as_now(found: Iterable[questions.Proposal]) -> set[tuple[int | None, int | None, int]]:
    return _as_seen(one.row(0) for one in found)


def _carry(session: Session, switch: Switch, *, now: datetime) -> list[Entry]:
    """Let each row go on in its next year or unit, or end."""
    going = [item for item in switch.items if item.entry and item.verdict in GOES_ON]
    becoming = []
    for item in going:
        entry = item.entry
        assert entry is not None  # noqa: S101 (a narrowing for the reader of types)
        if switch.kind is SwitchKind.CARRY:
            becoming.append(Next(entry, switch.year + 1, entry.unit_id, item.due_on))
        else:
            # Two rows of the same name are both there afterwards, told apart by where from.
            key = f"{entry.key} #{switch.unit.code.casefold()}" if item.reason == "twice" else None
            becoming.append(
                Next(entry, entry.year, item.to_unit_id or entry.unit_id, None, key)
            )  # fmt: skip
    made = year_rows.go_on(session, becoming, now=now)
    for item, new in zip(going, made, strict=True):
        item.made, item.made_seen = new, new.revision
    for item in switch.items:
        if item.entry is not None and item.verdict is Verdict.DROPPED:
            item.entry.state, item.entry.closed_at = EntryState.ENDED, now
    session.flush()
    return made


def _move_cases(session: Session, switch: Switch, *, by: Actor, now: datetime) -> int:
    """Let open cases go on in the unit they are moved to: their tasks, and what they wait for."""
    moving = {
        item.case_id: item
        for item in switch.items
        if item.case_id is not None and item.verdict is Verdict.MOVED and item.to_unit_id
    }
    wanted = sa.select(Case).where(Case.id.in_(moving)).order_by(Case.id).with_for_update()
    told: dict[int, tuple[int, Mapping[str, object]]] = {}
    for case in session.scalars(wanted):
        item = moving[case.id]
        new = session.get_one(Unit, item.to_unit_id)
        _place(session, case, switch.unit, new)
        item.made_seen = case.revision
        told[case.id] = new.id, {"old": switch.unit.name, "new": new.name}
    if told:
        record_each(session, "case_changed_unit", told, by=by, now=now)
    return len(told)


def _place(session: Session, case: Case, old: Unit, new: Unit) -> None:
    case.unit = new
    session.flush()
    mine = (Task.case_id == case.id, Task.closed_at.is_(None), Task.unit_id == old.id)
    tasks = list(session.scalars(sa.select(Task.id).where(*mine)))
    quietly = {"synchronize_session": False}
    session.execute(
        sa.update(Task).where(Task.id.in_(tasks)).values(unit_id=new.id), execution_options=quietly
    )
    roles = (TaskRole.task_id.in_(tasks), TaskRole.unit_id == old.id)
    there = sa.select(TaskRole.task_id).where(
        TaskRole.task_id.in_(tasks), TaskRole.unit_id == new.id
    )
    session.execute(
        sa.update(TaskRole).where(*roles, TaskRole.task_id.not_in(there)).values(unit_id=new.id),
        execution_options=quietly,
    )
    session.execute(
        sa.update(Entry)
        .where(Entry.case_id == case.id, Entry.state == EntryState.PROPOSED)
        .values(unit_id=new.id),
        execution_options=quietly,
    )
    waits = sa.select(Wait).where(Wait.case_id == case.id, Wait.closed_at.is_(None))
    for wait in session.scalars(waits):  # who writes to the new unit is to be heard
        parts = wait.key.split(":")
        wait.key = ":".join(new.code if part == old.code else part for part in parts)
    session.flush()
    follow_case(session, case.id)


def _end_unit(session: Session, switch: Switch) -> None:
    unit, successors = switch.unit, questions.successors_of(session, switch)
    switch.before = {
        **(switch.before or {}),
        "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
        "successor": unit.successor_id,
    }
    unit.valid_to, unit.successor_id = switch.on, successors[0].id
    session.flush()


def undo(session: Session, switch: Switch, why: str, *, by: Actor, now: datetime) -> None:
    """Take back what was carried over or moved, as long as nobody has built upon it.

    :raises Forbidden: if `by` does not close years
    :raises Conflict: if it was not done, the year is frozen, or something has happened since
    :raises Invalid: without a reason
    """
    require(by, Deed.CLOSE_YEAR, switch.unit)
    if switch.applied_at is None or switch.undone_at is not None:
        raise Conflict("switch_not_done")
    why = _reason(why)
    year_rows.refuse_frozen(session, switch.unit_id, switch.year)
    touched = sum(_is_touched(item) for item in switch.items)
    if touched:
        raise Conflict("decided_since", count=touched)
    made = [item.made for item in switch.items if item.made is not None]
    gone = [
        item.entry
        for item in switch.items
        if item.entry is not None and (item.made is not None or item.verdict is Verdict.DROPPED)
    ]
    year_rows.put_back(session, made, gone, now=now)
    told: dict[int, tuple[int, Mapping[str, object]]] = {}
    for item in switch.items:
        if item.case is not None and item.verdict is Verdict.MOVED:
            left = item.case.unit
            _place(session, item.case, left, switch.unit)
            told[item.case.id] = switch.unit_id, {"old": left.name, "new": switch.unit.name}
    if told:
        record_each(session, "case_changed_unit", told, by=by, now=now, why=why)
    if switch.kind is SwitchKind.MERGE:
        before = switch.before or {}
        day = before.get("valid_to")
        switch.unit.valid_to = date.fromisoformat(day) if day else None
        switch.unit.successor_id = before.get("successor")
    switch.undone_at = now
    kind = "carry_over_undone" if switch.kind is SwitchKind.CARRY else "merge_undone"
    what = {"year": str(switch.year), "switch": switch.id, "rows": len(gone), "cases": len(told)}
    record(session, kind, by=by, now=now, unit_id=switch.unit_id, what=what, why=why)


def _is_touched(item: SwitchItem) -> bool:
    """Tell whether something has happened since to what a row or a case became."""
    if item.made is not None:
        return item.made.state is not EntryState.APPROVED or item.made.revision != item.made_seen
    if item.case is not None and item.verdict is Verdict.MOVED:
        return item.case.revision != item.made_seen
    return False


def ask_for_all(session: Session, year: int, *, by: Actor, now: datetime) -> int:
    """Have every body carried over that is not yet; the clock does it, one after the other.

    :raises Forbidden: if `by` does not close years
    :raises Conflict: if there are none
    """
    require(by, Deed.CLOSE_YEAR, None)
    units = to_carry_over(session, year)
    if not units:
        raise Conflict("nothing_to_carry", year=year)
    wanted = sa.select(Switch).where(
        Switch.kind == SwitchKind.CARRY, Switch.year == year, Switch.undone_at.is_(None)
    )
    looked_at = {one.unit_id: one for one in session.scalars(wanted.with_for_update())}
    for unit in units:  # each is looked at anew when its turn comes
        if (switch := looked_at.get(unit.id)) is None:
            switch = Switch(kind=SwitchKind.CARRY, unit=unit, year=year, made_at=now)
            session.add(switch)
        switch.due_at = now
    session.flush()
    what = {"year": str(year), "count": len(units)}
    record(session, "carry_over_asked_for", by=by, now=now, what=what)
    return len(units)


def carry_on(session: Session, switch_id: int, *, now: datetime) -> None:
    """Carry one body over that waits for it, as things stand now."""
    locked = sa.select(Switch).where(Switch.id == switch_id).with_for_update()
    switch = session.scalars(locked).one()
    if switch.due_at is None or switch.applied_at is not None:
        return
    _look_anew(session, switch)
    apply(session, switch, by=CLOCK, now=now)


def _deed(switch: Switch) -> Deed:
    return Deed.CARRY_OVER if switch.kind is SwitchKind.CARRY else Deed.CLOSE_YEAR


def _reason(why: str) -> str:
    if not why.strip():
        raise Invalid("reason_missing")
    return why.strip()


def _tell(
    session: Session, switch: Switch, rows: int, cases: int, *, by: Actor, now: datetime
) -> None:
    """Write down what became of each row, and why; of what is secret never what it is called."""
    session.flush()
    items = [
        {"verdict": item.verdict.value, "reason": item.reason}
        | ({"case": item.case.key} if item.case else {})
        | (_told_entry(item) if item.entry else {})
        for item in switch.items
    ]
    counts = Counter(item.verdict for item in switch.items if item.entry)
    what = {
        "year": str(switch.year),
        "switch": switch.id,
        "items": items,
        "rows": rows,
        "cases": cases,
        "kept": counts[Verdict.KEPT] + counts[Verdict.CHANGED],
        "dropped": counts[Verdict.DROPPED],
    }
    kind = "year_carried" if switch.kind is SwitchKind.CARRY else "unit_merged"
    if switch.kind is SwitchKind.MERGE:
        what["until"] = switch.on or day_of(now)
    record(session, kind, by=by, now=now, unit_id=switch.unit_id, what=what)


def _told_entry(item: SwitchItem) -> dict[str, object]:
    entry = item.entry
    assert entry is not None  # noqa: S101 (a narrowing for the reader of types)
    told: dict[str, object] = {"identity": entry.identity, "register": entry.register}
    if entry.level is Secrecy.SECRET:
        return told | {"reason": ""}
    if item.due_on is not None:
        told["due"] = [entry.due_on, item.due_on]
    return told
