"""Registers: their entries listed, one entry with all its versions, and what a case has written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.models import Case
from workflows.errors import Conflict, NotFound
from workflows.history.models import Event
from workflows.language import fold, sort_key
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import ANSWERING, Deed, may, require
from workflows.processes.models import Secrecy
from workflows.queries import history
from workflows.queries.sight import sees
from workflows.registers import Definition, definition, names
from workflows.registers.models import SECRET, Entry, EntryState, Marking

PAGE = 50
MOST_EXPORTED = 20_000
MOST_COUNTED = 10_000
ENTRY_KINDS = (
    "entry_changed", "entry_unchanged", "entry_marked", "lowering_asked_for", "lowering_refused",
)  # fmt: skip
IMPORT_KINDS = ("register_imported", "register_import_undone")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What part of a register is asked for; nothing said is what stands and is open."""

    unit_id: int | None = None
    status: str = ""  # any_open, any_closed, any, or one of the register's own
    year: int | None = None
    owner: str = ""
    text: str = ""
    state: str = "standing"  # standing, proposed, gone
    secrecy: Marking | None = None
    late: bool = False
    grade: str = ""  # how grave it is, where the register says so
    whose: str = ""  # mine: what one owns; ours: also what is of a unit one answers for
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a register: its entries, how many there are in all, and whether more follow.

    No more than `MOST_COUNTED` are counted; one more says that there are more.
    """

    entries: list[Entry]
    total: int
    more: int | None  # the entry after which the next page begins


@dataclass(frozen=True, slots=True)
class Shelf:
    """One register among the others: how many entries are open, and how many of them late."""

    register: Definition
    open: int
    late: int


# Spelt out in the statement: SQLite takes an index of some of the rows only when it sees which.
STANDS = Entry.state == sa.literal_column("'approved'")
STATES = {
    "standing": STANDS,
    "proposed": Entry.state == EntryState.PROPOSED,
    "gone": Entry.state.in_((EntryState.ENDED, EntryState.WITHDRAWN)),
}
# Each order in the parts it comes in, one after the other: what has no day comes after what has.
Part = tuple[sa.ColumnElement[bool], tuple[sa.ColumnElement[Any], ...]]
NAMED = (Entry.sort_key.expression, Entry.id.expression)
SORTS: dict[str, tuple[Part, ...]] = {
    "name": ((sa.true(), NAMED),),
    "due": (
        (Entry.due_on.is_not(None), (Entry.due_on.expression, Entry.id.expression)),
        (Entry.due_on.is_(None), NAMED),
    ),
    "unit": ((sa.true(), (Unit.sort_key.expression, *NAMED)),),
    "status": ((sa.true(), (Entry.status.expression, *NAMED)),),
    "year": ((sa.true(), (Entry.year.expression, *NAMED)),),
}
KEPT = ("name", "due")  # in indexes; the others only where there are not too many to sort


def shelves(session: Session, *, by: Actor, today: date) -> list[Shelf]:
    """List the registers with what the actor may see in them, those with open entries first;
    what they may never see is not there."""
    late = sa.func.count().filter(Entry.due_on < today)
    counted = (
        sa.select(Entry.register, sa.func.count(), late)
        .where(STANDS, Entry.is_open, visible_to(by))
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
    if any(scope.sees_secret for scope in by.scopes):
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
        Entry.register == register.id,
        visible_to(by),
        *_conditions(register, wanted, today),
        *_answering(wanted, by),
    ]
    entries = sa.select(Entry).join(Entry.unit).where(*conditions)
    some = sa.select(Entry.id).where(*conditions).limit(MOST_COUNTED + 1).subquery()
    total = session.scalar(sa.select(sa.func.count()).select_from(some)) or 0
    found: list[Entry] = []
    sort = wanted.sort if total <= MOST_COUNTED or wanted.sort in KEPT else "name"
    for part, order in SORTS.get(sort, SORTS["name"]):
        rows = entries.where(part)
        if after is not None:
            place = sa.select(*order).join(Entry.unit).where(Entry.id == after, part)
            last = session.execute(place).first()
            if last is None:
                continue  # it stands in a later part, or nowhere
            rows, after = rows.where(sa.tuple_(*order) > sa.tuple_(*last)), None
        some_more = rows.order_by(*order).limit(most + 1 - len(found))
        found += session.scalars(some_more.options(joinedload(Entry.unit), joinedload(Entry.case)))
        if len(found) > most:
            break
    if after is not None:
        raise NotFound
    more = found[most - 1].id if len(found) > most else None
    return Found(found[:most], total, more)


def _conditions(
    register: Definition, wanted: Wanted, today: date
) -> Iterator[sa.ColumnElement[bool]]:
    yield STATES.get(wanted.state, STANDS)
    if wanted.unit_id is not None:
        yield Entry.unit_id == wanted.unit_id
    if wanted.year is not None:
        yield sa.or_(Entry.year == wanted.year, Entry.confirmed_year == wanted.year)
    if wanted.status == "any_open" or wanted.late:
        yield Entry.is_open.expression
    elif wanted.status == "any_closed":
        yield ~Entry.is_open
    elif register.status and wanted.status not in ("", "any"):
        yield Entry.status == wanted.status
    if wanted.late:
        yield Entry.due_on < today
    if wanted.secrecy is not None:
        yield Entry.secrecy == wanted.secrecy
    if wanted.grade and register.grade:
        yield Entry.data[register.grade].as_string() == wanted.grade
    for word in fold(wanted.text).split():
        yield Entry.words.contains(word, autoescape=True)


def _answering(wanted: Wanted, by: Actor) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.whose:
        units = {held.unit_id for held in by.held if held.role in ANSWERING}
        of_ours = Entry.unit_id.in_(sorted(units) if wanted.whose == "ours" else ())
        yield sa.or_(Entry.owner_id == by.id, of_ours)
    if wanted.owner.strip():
        yield Entry.owner_key.contains(fold(wanted.owner), autoescape=True)


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


def standing(
    session: Session, register: Definition, ids: Sequence[int], *, by: Actor
) -> list[Entry]:
    """Find several entries that stand.

    :raises Conflict: if one of them stands no more, or is not for the actor
    """
    wanted = sa.select(Entry).where(
        Entry.register == register.id, Entry.id.in_(ids), STANDS, visible_to(by)
    )
    found = list(session.scalars(wanted.order_by(Entry.id).options(joinedload(Entry.unit))))
    if len(found) != len(set(ids)):
        raise Conflict("overtaken")
    return found


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


def a_year_before(session: Session, entries: Sequence[Entry]) -> dict[str, Entry]:
    """Find how each entry stood the year before the one it was last decided or confirmed for, by
    its identity; one that was only confirmed stood as it does."""
    last = {one.identity: max(one.year, one.confirmed_year or 0) for one in entries}
    found = {one.identity: one for one in entries if one.year < last[one.identity]}
    wanted = sa.select(Entry).where(
        Entry.identity.in_(last.keys() - found.keys()),
        Entry.state == EntryState.SUPERSEDED,
        Entry.number.is_not(None),
    )
    for one in session.scalars(wanted.order_by(Entry.number)):
        if one.year < last[one.identity]:
            found[one.identity] = one
    return found


def scales(session: Session, entries: Iterable[Entry]) -> dict[int | None, str]:
    """Say by which scale the cases measured that entries come from, by the case."""
    cases = {one.case_id for one in entries} - {None}
    wanted = sa.select(Case.id, Case.data["scale_version"].as_string())
    found = session.execute(wanted.where(Case.id.in_(sorted(cases, key=int))))
    return {case_id: scale for case_id, scale in found if scale}


def visible_to(by: Actor) -> sa.ColumnElement[bool]:
    """The entries that SEE_ENTRY lets the actor see, as a condition."""
    theirs = sa.and_(Entry.owner_id == by.id, Entry.level != Secrecy.SECRET)
    return theirs | sees(
        by,
        is_open=sa.and_(Entry.level == Secrecy.OPEN, Entry.secrecy.not_in(SECRET)),
        is_secret=Entry.level == Secrecy.SECRET,
        unit_id=Entry.unit_id,
        process_id=Entry.process_id,
        year=Entry.year,
    )
