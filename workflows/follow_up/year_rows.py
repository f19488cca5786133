"""The rows of a year that ends: which live on, what they become, and what is frozen of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import canonical_text
from workflows.cases.models import OPEN, Case
from workflows.errors import Conflict
from workflows.follow_up.year_models import BodyYear
from workflows.organisation.models import Unit
from workflows.registers import Definition, definition, names
from workflows.registers.content import fill
from workflows.registers.models import Entry, EntryState
from workflows.tasks.models import Task

_COPIED = (
    "register", "identity", "key", "level", "is_secret", "secrecy", "name", "sort_key", "words",
    "status", "is_open", "owner", "owner_id", "owner_key", "due_on", "data", "source", "process_id",
    "case_id", "element", "place", "confirmed_year", "confirmed_case_id", "told_at", "lowering",
    "verdict", "verdict_case_id",
)  # fmt: skip


def lives_on(register: Definition) -> bool:
    """Tell whether rows of a register go on from year to year: they have a state that ends, or say
    how it is; what only tells what happened stays in its year."""
    said = register.status or register.restated or register.secret
    return bool(said) and not register.yearly


def living(session: Session, unit_ids: Collection[int], year: int) -> list[Entry]:
    """List what bodies have open that a year leaves behind, and what the next has already."""
    wanted = sa.select(Entry).where(
        Entry.unit_id.in_(unit_ids),
        Entry.register.in_([one for one in names() if lives_on(definition(one))]),
        Entry.state == EntryState.APPROVED,
        Entry.is_open,
        Entry.year <= year + 1,
    )
    return list(session.scalars(wanted.order_by(Entry.register, Entry.sort_key, Entry.id)))


def open_cases(session: Session, unit_id: int, year: int | None) -> list[Case]:
    """List the cases of a body that are not over, of a year or of any."""
    wanted = sa.select(Case).where(Case.unit_id == unit_id, Case.state.in_(OPEN))
    if year is not None:
        wanted = wanted.where(Case.year == year)
    return list(session.scalars(wanted.order_by(Case.key)))


@dataclass(frozen=True, slots=True)
class Next:
    """What a row becomes: its year and unit, and its day and key where they are others."""

    entry: Entry
    year: int
    unit_id: int
    due_on: date | None = None
    key: str | None = None


def go_on(session: Session, becoming: Iterable[Next], *, now: datetime) -> list[Entry]:
    """Let a new version take the place of each row, all at once; the old ones stay as they are."""
    made = []
    for one in becoming:
        old, register = one.entry, definition(one.entry.register)
        new = Entry(**{name: getattr(old, name) for name in _COPIED})
        new.year, new.unit_id, new.key = one.year, one.unit_id, one.key or old.key
        new.number, new.base_id = (old.number or 0) + 1, old.id
        new.state, new.made_at = EntryState.PROPOSED, now
        if one.due_on is not None and register.due:
            fill(session, register, new, {**old.data, register.due: one.due_on.isoformat()})
        old.state, old.closed_at = EntryState.SUPERSEDED, now
        old.lowering = old.verdict = old.verdict_case_id = None
        made.append(new)
    session.flush()  # the old ones give way before the new ones stand
    for new in made:
        new.state, new.approved_at = EntryState.APPROVED, now
    session.add_all(made)
    session.flush()
    return made


def put_back(
    session: Session, made: Iterable[Entry], old: Iterable[Entry], *, now: datetime
) -> None:
    """Take versions back; what they had replaced, and what was ended, stands again."""
    for new in made:
        new.state, new.closed_at, new.number = EntryState.WITHDRAWN, now, None
    session.flush()
    for entry in old:
        entry.state, entry.closed_at = EntryState.APPROVED, None
    session.flush()


def with_predecessors(unit_id: int) -> sa.Select[int]:
    """Choose a unit and those that went up in it."""
    return sa.select(Unit.id).where(sa.or_(Unit.id == unit_id, Unit.successor_id == unit_id))


# what is frozen


def body_year(session: Session, unit_id: int, year: int) -> BodyYear | None:
    """Find what has been decided of a body's year."""
    return session.scalars(
        sa.select(BodyYear).where(BodyYear.unit_id == unit_id, BodyYear.year == year)
    ).one_or_none()


def refuse_frozen(session: Session, unit_id: int, year: int) -> None:
    """Let nothing of a frozen year change.

    :raises Conflict: if that year of the body is frozen
    """
    frozen = sa.select(BodyYear.id).where(
        BodyYear.unit_id == unit_id, BodyYear.year == year, BodyYear.frozen_at.is_not(None)
    )
    if session.scalar(frozen) is not None:
        raise Conflict("year_frozen", year=year)


def content(session: Session, unit_id: int, year: int, *, until: datetime) -> tuple[str, Any]:
    """Hash what a body's year holds: its cases with their steps, and every version of its rows that
    came to stand before it was frozen; gives how many of each as well. What is stored is hashed, so
    that the hash can be worked out anew whenever somebody asks."""
    cases = sa.select(Case.key, Case.state, Case.closed_at, Case.data).where(
        Case.unit_id == unit_id, Case.year == year, Case.opened_at <= until
    )
    steps = (
        sa.select(Case.key, Task.element, Task.step_id, Task.closed_at, Task.outcome)
        .join(Case, Case.id == Task.case_id)
        .where(Case.unit_id == unit_id, Case.year == year, Case.opened_at <= until)
    )
    rows = sa.select(Entry.register, Entry.identity, Entry.number, Entry.key, Entry.data).where(
        Entry.unit_id == unit_id, Entry.year == year, Entry.approved_at <= until
    )
    running, counts = sha256(), {}
    for name, wanted in (("cases", cases), ("steps", steps), ("rows", rows)):
        found = sorted(canonical_text([name, *row]) for row in session.execute(wanted))
        counts[name] = len(found)
        running.update("\n".join(found).encode())
    return running.hexdigest(), counts


def years_of(session: Session, year: int) -> Mapping[int, BodyYear]:
    """Give what has been decided of a year, by body."""
    found = session.scalars(sa.select(BodyYear).where(BodyYear.year == year))
    return {one.unit_id: one for one in found}
