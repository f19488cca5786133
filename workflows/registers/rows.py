"""Entries of registers: where they come from, what stands, and what cases may use of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
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
    wanted = _standing(of_unit=unit_id is not None, of_level=level is not None)
    levels = level.may_know if level else ()
    which = {"register": register, "unit_id": unit_id, "levels": levels}
    return list(session.scalars(wanted, which))


def names_in(session: Session, case: Case, register: str) -> dict[str, str]:
    """Name what stands and is open in a register of its unit, for a case, by identity."""
    which = {"register": register, "unit_id": case.unit_id, "levels": case.secrecy.may_know}
    session.flush()
    return dict(session.connection().execute(_NAMED, which).all())


def marked(session: Session, case: Case, registers: Iterable[str]) -> Sequence[Any]:
    """Give register, name and secrecy of what stands and is open in registers of its unit, for a
    case; then of all that it proposes itself.
    """
    which = {"registers": list(registers), "case_id": case.id}
    which |= {"unit_id": case.unit_id, "levels": case.secrecy.may_know}
    session.flush()
    return session.connection().execute(_MARKED, which).all()


def known_to(session: Session, case: Case, register: str) -> list[dict[str, Any]]:
    """Give the rows of its unit that a case may use: what stands, and what it proposes itself.

    What was closed earlier than last year is left out.

    :raises Invalid: if there is no such register
    """
    if register not in names():
        raise Invalid("unknown_register", register=str(register))
    which = {"register": register, "unit_id": case.unit_id, "levels": case.secrecy.may_know}
    known = session.scalars(_KNOWN, which | {"since": case.year - 1, "case_id": case.id})
    found: dict[str, Entry] = {}
    for entry in known:
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
    return list(session.scalars(_OF_CASE, {"case_id": case.id}))


def judged(session: Session, case: Case) -> list[Entry]:
    """List the standing entries that a case has said something of."""
    return list(session.scalars(_JUDGED, {"case_id": case.id}))


def live(session: Session, register: Definition, origin: Origin) -> list[Entry]:
    """List what stands in a register where rows come from, open or not, and what its case has
    proposed."""
    which = {"register": register.id, "unit_id": origin.unit_id, "case_id": origin.case_id}
    return list(session.scalars(_LIVE, which | {"is_secret": origin.is_secret or register.secret}))


def withdrawn(entry: Entry, *, now: datetime) -> Change:
    entry.state, entry.closed_at = EntryState.WITHDRAWN, now
    return Change(entry, "withdrawn")


# Built once: every completed step asks for some of these.
_register: sa.BindParameter[str] = sa.bindparam("register")
_levels: sa.BindParameter[Secrecy] = sa.bindparam("levels", expanding=True)
_stands = Entry.state == EntryState.APPROVED
_proposed = sa.and_(Entry.state == EntryState.PROPOSED, Entry.case_id == sa.bindparam("case_id"))
_of_unit = sa.and_(Entry.unit_id == sa.bindparam("unit_id"), Entry.level.in_(_levels))
_by_name = (Entry.sort_key, Entry.id)
_open_of_unit = sa.and_(_stands, Entry.is_open, _of_unit)
_OPEN_IN_ONE = (Entry.register == _register, _open_of_unit)
_NAMED = sa.select(Entry.identity, Entry.name).where(*_OPEN_IN_ONE).order_by(*_by_name)
_in_some = Entry.register.in_(sa.bindparam("registers", expanding=True))
_MARKED = (
    sa.select(Entry.register, Entry.name, Entry.secrecy)
    .where(sa.or_(sa.and_(_in_some, _open_of_unit), _proposed))
    .order_by(Entry.state, Entry.register, *_by_name)  # `approved` stands, and so comes first
)
_KNOWN = (
    sa.select(Entry)
    .where(
        Entry.register == _register,
        _of_unit,
        sa.or_(
            sa.and_(_stands, sa.or_(Entry.is_open, Entry.year >= sa.bindparam("since"))), _proposed
        ),
    )
    .order_by(*_by_name)
)
_OF_CASE = sa.select(Entry).where(_proposed).order_by(Entry.id)
_JUDGED = (
    sa.select(Entry).where(Entry.verdict_case_id == sa.bindparam("case_id")).order_by(Entry.id)
)
_LIVE = (
    sa.select(Entry)
    .where(
        Entry.register == _register,
        Entry.unit_id == sa.bindparam("unit_id"),
        Entry.is_secret == sa.bindparam("is_secret"),
        sa.or_(_stands, _proposed),
    )
    .order_by(Entry.id)
)


@cache
def _standing(*, of_unit: bool, of_level: bool) -> sa.Select[Entry]:
    wanted = sa.select(Entry).where(Entry.register == _register, _stands, Entry.is_open)
    if of_unit:
        wanted = wanted.where(Entry.unit_id == sa.bindparam("unit_id"))
    if of_level:
        wanted = wanted.where(Entry.level.in_(_levels))
    return wanted.order_by(Entry.unit_id, Entry.sort_key, Entry.id)
