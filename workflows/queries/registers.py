"""Registers: their entries listed, one entry with all its versions, and what a case has written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.history.models import Event
from workflows.language import fold, sort_key
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may, require
from workflows.processes.models import Secrecy
from workflows.queries import history
from workflows.registers import Definition, definition, names
from workflows.registers.models import Entry, EntryState, Marking

PAGE = 50
MOST_EXPORTED = 20_000
NEVER = date.max
ENTRY_KINDS = ("entry_changed", "entry_marked", "lowering_asked_for", "lowering_refused")
IMPORT_KINDS = ("register_imported", "register_import_undone")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What part of a register is asked for; nothing said is what stands and is open."""

    unit_id: int | None = None
    status: str = ""  # open, closed, all, or one of the register's own
    year: int | None = None
    owner: str = ""
    text: str = ""
    state: str = "standing"  # standing, proposed, gone
    secrecy: Marking | None = None
    late: bool = False
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a register: its entries, how many there are in all, and whether more follow."""

    entries: list[Entry]
    total: int
    more: int | None  # the entry after which the next page begins


@dataclass(frozen=True, slots=True)
class Shelf:
    """One register among the others: how many entries are open, and how many of them late."""

    register: Definition
    open: int
    late: int


STATES = {
    "standing": (EntryState.APPROVED,),
    "proposed": (EntryState.PROPOSED,),
    "gone": (EntryState.ENDED, EntryState.WITHDRAWN),
}
SORTS: dict[str, tuple[sa.ColumnElement[Any], ...]] = {
    "name": (Entry.sort_key.expression,),
    "due": (sa.func.coalesce(Entry.due_on, NEVER), Entry.sort_key.expression),
    "unit": (Unit.sort_key.expression, Entry.sort_key.expression),
    "status": (Entry.status.expression, Entry.sort_key.expression),
    "year": (Entry.year.expression, Entry.sort_key.expression),
}


def shelves(session: Session, *, by: Actor, today: date) -> list[Shelf]:
    """List the registers with what the actor may see in them, those with open entries first;
    what they may never see is not there."""
    late = sa.func.count().filter(Entry.due_on < today)
    counted = (
        sa.select(Entry.register, sa.func.count(), late)
        .where(Entry.state == EntryState.APPROVED, Entry.is_open, visible_to(by))
        .group_by(Entry.register)
    )
    counts = {name: (open_, late) for name, open_, late in session.execute(counted)}
    found = [
        Shelf(register, *counts.get(register.id, (0, 0)))
        for register in (definition(name) for name in names())
        if may_open(register, by)
    ]
    return sorted(found, key=lambda shelf: (not shelf.open, sort_key(shelf.register.title.sv)))


def may_open(register: Definition, by: Actor) -> bool:
    """Tell whether the actor may know that there is such a register."""
    if not register.secret:
        return True
    return may(by, Deed.SEE_ENTRY, Entry(level=Secrecy.SECRET, unit_id=0, process_id=None))


def opened(name: str, *, by: Actor) -> Definition:
    """Find a register the actor may open.

    :raises NotFound: if there is none, or not for them
    """
    if name not in names() or not may_open(definition(name), by):
        raise NotFound
    return definition(name)


def search(
    session: Session,
    register: Definition,
    wanted: Wanted,
    *,
    by: Actor,
    today: date,
    after: int | None = None,
    most: int = PAGE,
) -> Found:
    """Find the entries asked for, from the one after `after` on."""
    conditions = [
        Entry.register == register.id, visible_to(by), *_conditions(register, wanted, today)
    ]  # fmt: skip
    order = (*SORTS.get(wanted.sort, SORTS["name"]), Entry.id.expression)
    entries = sa.select(Entry).join(Entry.unit).where(*conditions)
    total = session.scalar(sa.select(sa.func.count()).select_from(Entry).where(*conditions)) or 0
    if after is not None:
        last = session.execute(sa.select(*order).join(Entry.unit).where(Entry.id == after)).first()
        if last is None:
            raise NotFound
        entries = entries.where(sa.tuple_(*order) > sa.tuple_(*last))
    found = session.scalars(
        entries.order_by(*order)
        .limit(most + 1)
        .options(joinedload(Entry.unit), joinedload(Entry.case))
    ).all()
    more = found[most - 1].id if len(found) > most else None
    return Found(list(found[:most]), total, more)


def _conditions(
    register: Definition, wanted: Wanted, today: date
) -> Iterator[sa.ColumnElement[bool]]:
    yield Entry.state.in_(STATES.get(wanted.state, STATES["standing"]))
    if wanted.unit_id is not None:
        yield Entry.unit_id == wanted.unit_id
    if wanted.year is not None:
        yield sa.or_(Entry.year == wanted.year, Entry.confirmed_year == wanted.year)
    if wanted.status == "open" or wanted.late:
        yield Entry.is_open.expression
    elif wanted.status == "closed":
        yield ~Entry.is_open
    elif wanted.status and register.status:
        yield Entry.status == wanted.status
    if wanted.late:
        yield Entry.due_on < today
    if wanted.secrecy is not None:
        yield Entry.secrecy == wanted.secrecy
    if wanted.owner.strip():
        yield Entry.owner_key.contains(fold(wanted.owner), autoescape=True)
    for word in fold(wanted.text).split():
        yield Entry.words.contains(word, autoescape=True)


def find(session: Session, register: Definition, entry_id: int, *, by: Actor) -> Entry:
    """Find the version of an entry that stands now, or else its last, by the id of any of them.

    :raises NotFound: if there is none, or not for them
    """
    one = session.get(Entry, entry_id)
    if one is None or one.register != register.id:
        raise NotFound
    found = versions(session, one, by=by)
    if not found:
        raise NotFound
    standing = [each for each in found if each.state is EntryState.APPROVED]
    entry = (standing or found)[0]
    require(by, Deed.SEE_ENTRY, entry)
    return entry


def versions(session: Session, entry: Entry, *, by: Actor) -> list[Entry]:
    """List the versions of an entry that the actor may see, the latest first."""
    wanted = (
        sa.select(Entry)
        .where(Entry.identity == entry.identity, visible_to(by))
        .order_by(Entry.id.desc())
        .options(joinedload(Entry.unit), joinedload(Entry.case))
    )
    return list(session.scalars(wanted))


def trail(session: Session, found: Sequence[Entry]) -> list[history.Told]:
    """Tell what has happened to an entry, the latest first, from all its versions.

    What a case did is looked for in its own record; what was done by hand or read from a file at
    the moment it made a version.
    """
    cases = {
        case_id
        for one in found
        for case_id in (one.case_id, one.verdict_case_id, one.confirmed_case_id)
    }
    by_hand = {one.made_at for one in found if one.case_id is None}
    identity, ids = found[0].identity, {one.id for one in found}
    wanted = sa.select(Event).where(
        sa.or_(
            Event.case_id.in_(sorted(cases - {None}, key=int)),
            sa.and_(
                Event.case_id.is_(None),
                Event.kind.in_((*ENTRY_KINDS, *IMPORT_KINDS)),
                Event.unit_id == found[0].unit_id,
                Event.at.in_(sorted(by_hand)),
            ),
        )
    )
    events = [
        event
        for event in session.scalars(wanted.order_by(Event.id.desc()))
        if (event.what and identity in event.what) or event.kind in IMPORT_KINDS
    ]
    return [one for one in history.tell(session, events) if _is_about(one, identity, ids)]


def _is_about(event: history.Told, identity: str, ids: set[int]) -> bool:
    if event.kind in IMPORT_KINDS or event.what.get("identity") == identity:
        return True
    entries = event.what.get("entries", ())
    return any(one.get("identity") == identity for one in entries if isinstance(one, dict))


def of_case(session: Session, case: Case) -> list[tuple[Definition, list[Entry]]]:
    """List what a case has written, register by register; the case must be seen already."""
    wanted = sa.select(Entry).where(
        sa.or_(
            Entry.case_id == case.id,
            Entry.verdict_case_id == case.id,
            Entry.confirmed_case_id == case.id,
        ),
        Entry.state != EntryState.SUPERSEDED,
    )
    found = list(session.scalars(wanted.order_by(Entry.register, Entry.sort_key, Entry.id)))
    return [
        (definition(name), [one for one in found if one.register == name])
        for name in sorted({one.register for one in found})
    ]


def before(session: Session, entries: Sequence[Entry]) -> dict[str, Entry]:
    """Find the version each entry had when it was decided last, by its identity: a year earlier."""
    known = {one.identity: one for one in entries}
    wanted = sa.select(Entry).where(
        Entry.identity.in_(known),
        Entry.state == EntryState.SUPERSEDED,
        Entry.number.is_not(None),
    )
    found: dict[str, Entry] = {}
    for one in session.scalars(wanted.order_by(Entry.number)):
        if one.year < known[one.identity].year:
            found[one.identity] = one
    return found


def visible_to(by: Actor) -> sa.ColumnElement[bool]:
    """The entries that SEE_ENTRY lets the actor see, as a condition."""
    if by.is_system or by.holds_anywhere("protective_security_chief"):
        return sa.true()
    mine: sa.ColumnElement[bool] = sa.true()
    if not by.holds_anywhere("central_security", "auditor"):
        whole = sorted({held.unit_id for held in by.held if held.reaches(None)})
        mine = Entry.unit_id.in_(whole)
        limited = {(held.unit_id, held.process_id) for held in by.held if not held.reaches(None)}
        if limited:
            mine |= sa.tuple_(Entry.unit_id, Entry.process_id).in_(sorted(limited))
    not_secret = sa.and_(Entry.level != Secrecy.SECRET, mine)
    return sa.or_(Entry.level == Secrecy.OPEN, not_secret)
