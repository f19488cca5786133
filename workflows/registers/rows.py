"""Entries of registers: where they come from, what stands, and what cases may use of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import canonical_text, content_hash
from workflows.cases.models import Case
from workflows.errors import Invalid
from workflows.language import fold
from workflows.organisation.models import Unit
from workflows.processes.models import Secrecy
from workflows.registers import Definition, definition, names
from workflows.registers.models import SECRET, Entry, EntryState, Source


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from."""

    unit_id: int
    year: int
    level: Secrecy
    source: Source
    process_id: int | None = None
    case_id: int | None = None
    element: str = ""
    place: str = ""
    import_id: int | None = None

    @property
    def is_secret(self) -> bool:
        return self.level is Secrecy.SECRET


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an entry, as history tells it."""

    entry: Entry
    deed: str
    changed: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    def told(self) -> dict[str, object]:
        known: dict[str, object] = {
            "register": self.entry.register,
            "id": self.entry.id,
            "identity": self.entry.identity,
            "deed": self.deed,
            "state": self.entry.state,
            "name": self.entry.name,
        }
        if self.entry.base_id is not None:
            known["base"] = self.entry.base_id
        return known | ({"changed": dict(self.changed)} if self.changed else {})


def of_case(case: Case, element: str, item: Any = None) -> Origin:
    """Say where rows come from that a step of a case makes."""
    return Origin(
        unit_id=case.unit_id,
        year=case.year,
        level=case.secrecy,
        source=Source.CASE,
        process_id=case.process_id,
        case_id=case.id,
        element=element,
        place=f"{element}:{content_hash(canonical_text(item))[:16]}" if item else element,
    )


def standing(
    session: Session, register: str, *, unit_id: int | None = None, level: Secrecy | None = None
) -> list[Entry]:
    """List what stands and is open in a register, by unit and name; `level` is the most secret."""
    wanted = sa.select(Entry).where(
        Entry.register == register, Entry.state == EntryState.APPROVED, Entry.is_open
    )
    if unit_id is not None:
        wanted = wanted.where(Entry.unit_id == unit_id)
    if level is not None:
        wanted = wanted.where(Entry.level.in_(level.may_know))
    return list(session.scalars(wanted.order_by(Entry.unit_id, Entry.sort_key, Entry.id)))


def known_to(session: Session, case: Case, register: str) -> list[dict[str, Any]]:
    """Give the rows of its unit that a case may use: what stands, and what it proposes itself.

    What was closed earlier than last year is left out.

    :raises Invalid: if there is no such register
    """
    if register not in names():
        raise Invalid("unknown_register", register=str(register))
    wanted = sa.select(Entry).where(
        Entry.register == register,
        Entry.unit_id == case.unit_id,
        Entry.level.in_(case.secrecy.may_know),
        sa.or_(
            sa.and_(
                Entry.state == EntryState.APPROVED,
                sa.or_(Entry.is_open, Entry.year >= case.year - 1),
            ),
            sa.and_(Entry.state == EntryState.PROPOSED, Entry.case_id == case.id),
        ),
    )
    found: dict[str, Entry] = {}
    for entry in session.scalars(wanted.order_by(Entry.sort_key, Entry.id)):
        if entry.identity not in found or entry.state is EntryState.PROPOSED:
            found[entry.identity] = entry
    return [as_row(entry) for entry in found.values()]


def units_naming(session: Session, case: Case, register: str, column: str, value: str) -> list[str]:
    """Give the codes of the units where something that stands says a word in a column, such as the
    same supplier; what is more secret than the case, or marked secret, is not asked.

    :raises Invalid: if there is no such register
    """
    wanted = fold(value)
    found = (
        sa.select(Unit.code, Entry.data)
        .join(Entry.unit)
        .where(
            Entry.register == definition(register).id,
            Entry.state == EntryState.APPROVED,
            Entry.is_open,
            Entry.level.in_(case.secrecy.may_know),
            Entry.secrecy.not_in(SECRET),
            Entry.words.contains(wanted, autoescape=True),
        )
    )
    rows = session.execute(found) if wanted else ()
    return sorted({code for code, data in rows if fold(str(data.get(column) or "")) == wanted})


def as_row(entry: Entry) -> dict[str, Any]:
    """Give an entry as expressions and forms see it: every column of its register, and its own."""
    columns = dict.fromkeys(one.name for one in definition(entry.register).form.fields)
    around = {
        "name": entry.name,
        "status": entry.status or None,
        "owner": entry.owner or None,
        "due": entry.due_on.isoformat() if entry.due_on else None,
        "year": entry.year,
        "is_open": entry.is_open,
        "secrecy": entry.secrecy.value,
        "origin": entry.source.value,
        "entry": entry.id,
    }
    return {**around, **columns, **entry.data}


def of(session: Session, case: Case) -> list[Entry]:
    """List what a case proposes."""
    wanted = sa.select(Entry).where(Entry.case_id == case.id, Entry.state == EntryState.PROPOSED)
    return list(session.scalars(wanted.order_by(Entry.id)))


def judged(session: Session, case: Case) -> list[Entry]:
    """List the standing entries that a case has said something of."""
    wanted = sa.select(Entry).where(Entry.verdict_case_id == case.id)
    return list(session.scalars(wanted.order_by(Entry.id)))


def live(session: Session, register: Definition, origin: Origin) -> list[Entry]:
    wanted = sa.select(Entry).where(
        Entry.register == register.id,
        Entry.unit_id == origin.unit_id,
        Entry.is_secret == (origin.is_secret or register.secret),
        sa.or_(
            Entry.state == EntryState.APPROVED,
            sa.and_(Entry.state == EntryState.PROPOSED, Entry.case_id == origin.case_id),
        ),
    )
    return list(session.scalars(wanted.order_by(Entry.id)))


def withdrawn(entry: Entry, *, now: datetime) -> Change:
    entry.state, entry.closed_at = EntryState.WITHDRAWN, now
    return Change(entry, "withdrawn")
