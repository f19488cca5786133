"""Writing what a case makes into registers: proposed while it runs, standing when it decides.

One row is told from another by its register, unit and key. A row that stands never changes: what is
new is a version of its own, which takes its place when the case has decided.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import canonical_text, content_hash
from workflows.cases.models import Case
from workflows.errors import Conflict, Invalid
from workflows.language import fold, sort_key
from workflows.processes.models import Secrecy
from workflows.registers import Definition, definition, names
from workflows.registers.models import Entry, EntryState, Marking, Source, Verdict

Values = Mapping[str, Any]
LEVELS = (Secrecy.OPEN, Secrecy.INTERNAL, Secrecy.SECRET)
LONGEST_NAME = 300


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


def propose(
    session: Session,
    register: Definition,
    origin: Origin,
    rows: Sequence[Values],
    *,
    is_whole: bool = True,
    now: datetime,
) -> list[Change]:
    """Take in the rows of one list of a running case.

    What says the same as what stands is kept; what differs is proposed as its next version; with
    `is_whole` what the list no longer has is withdrawn, or to be ended where the register is made
    anew each year. A value of None says that there is none; a column left out stays as it was.
    """
    if register.secret:
        origin = replace(origin, level=Secrecy.SECRET)
    live = _live(session, register, origin)
    own = {entry.key: entry for entry in live if entry.state is EntryState.PROPOSED}
    standing = {entry.key: entry for entry in live if entry.state is EntryState.APPROVED}
    by_id = {entry.id: entry.key for entry in live}
    changes: list[Change] = []
    stated: set[str] = set()
    for key, row in _keyed(register, origin, rows, by_id):
        stated.add(key)
        if key in own:
            changes += _amended(register, own[key], row)
        elif key in standing:
            changes += _restated(session, register, origin, standing[key], row, now=now)
        else:
            changes.append(_added(session, register, origin, key, row, None, now=now))
    if is_whole:
        changes += _left_out(register, origin, live, stated, now=now)
    session.flush()
    return changes


def amend(register: Definition, own: Iterable[Entry], rows: Sequence[Values]) -> Iterator[Change]:
    """Bring proposals up to what their case knows now; adds and takes away nothing."""
    by_key = {entry.key: entry for entry in own}
    for entry in list(by_key.values())[:1]:
        origin = Origin(entry.unit_id, entry.year, entry.level, entry.source)
        for key, row in _keyed(register, origin, rows, {}):
            if key in by_key:
                yield from _amended(register, by_key[key], row)


def approve(session: Session, case: Case, only: set[str] | None, *, now: datetime) -> list[Change]:
    """Let what a case has proposed stand, and what it has said of other entries count."""
    proposals = [one for one in of(session, case) if only is None or one.register in only]
    replaced = _replaced(session, case, proposals)
    changes: list[Change] = []
    for entry in proposals:
        base, proposed = replaced.get(entry.id), entry.data
        entry.number = 1
        if base is not None:
            _rebase(session, entry, base)
            if entry.data == base.data and entry.secrecy is base.secrecy:
                changes += (_withdrawn(entry, now=now), Change(base, "confirmed"))
                base.confirmed_year, base.confirmed_case_id = case.year, case.id
                entry.number = None
                continue
            if base.verdict_case_id != case.id:
                entry.verdict, entry.verdict_case_id = base.verdict, base.verdict_case_id
            base.state, base.closed_at = EntryState.SUPERSEDED, now
            base.verdict = base.verdict_case_id = None
        changes.append(Change(entry, "approved", _differences(proposed, entry.data)))
    session.flush()  # the old ones give way before the new ones stand
    for change in changes:
        if change.deed == "approved":
            entry = change.entry
            entry.state, entry.approved_at = EntryState.APPROVED, now
            entry.confirmed_year = case.year
    for entry in judged(session, case):
        if only is not None and entry.register not in only:
            continue
        if entry.verdict is Verdict.KEPT:
            entry.confirmed_year, entry.confirmed_case_id = case.year, case.id
            changes.append(Change(entry, "confirmed"))
        else:
            entry.state, entry.closed_at = EntryState.ENDED, now
            changes.append(Change(entry, "ended"))
        entry.verdict = entry.verdict_case_id = None
    session.flush()
    return changes


def withdraw(session: Session, case: Case, *, now: datetime) -> list[Change]:
    """Take back what a case has proposed, and what it has said of other entries."""
    changes = [_withdrawn(entry, now=now) for entry in of(session, case)]
    for entry in judged(session, case):
        entry.verdict = entry.verdict_case_id = None
        changes.append(Change(entry, "unjudged"))
    session.flush()
    return changes


def next_version(
    session: Session,
    entry: Entry,
    values: Values,
    *,
    source: Source = Source.HAND,
    secrecy: Marking | None = None,
    now: datetime,
) -> Change:
    """Let a changed version take the place of one that stands, at once."""
    register = definition(entry.register)
    origin = Origin(
        entry.unit_id, entry.year, entry.level, source, entry.process_id, entry.case_id,
        entry.element, entry.place,
    )  # fmt: skip
    change = _added(session, register, origin, entry.key, values, entry, now=now)
    changed = dict(change.changed)
    made = change.entry
    if secrecy is not None and secrecy is not entry.secrecy:
        changed["secrecy"] = (entry.secrecy.value, secrecy.value)
        made.secrecy = secrecy
    made.number = (entry.number or 0) + 1
    made.verdict, made.verdict_case_id = entry.verdict, entry.verdict_case_id
    made.confirmed_year, made.confirmed_case_id = entry.confirmed_year, entry.confirmed_case_id
    entry.state, entry.closed_at, entry.lowering = EntryState.SUPERSEDED, now, None
    entry.verdict = entry.verdict_case_id = None
    session.flush()
    made.state, made.approved_at = EntryState.APPROVED, now
    session.flush()
    return replace(change, deed="changed", changed=changed)


def take_in(
    session: Session, register: Definition, origin: Origin, rows: Sequence[Values], *, now: datetime
) -> list[Change]:
    """Let rows from a file stand at once; where something of a later year stands, it stays."""
    changes: list[Change] = []
    for key, row, deed, entry in list(foreseen(session, register, origin, rows)):
        if deed == "new":
            made = _added(session, register, origin, key, row, None, now=now)
            made.entry.number, made.entry.confirmed_year = 1, origin.year
            made.entry.state, made.entry.approved_at = EntryState.APPROVED, now
            changes.append(made)
        elif deed == "changed" and entry is not None:
            made = next_version(session, entry, row, source=Source.IMPORT, now=now)
            made.entry.import_id, made.entry.year = origin.import_id, origin.year
            changes.append(made)
    session.flush()
    return changes


def foreseen(
    session: Session, register: Definition, origin: Origin, rows: Sequence[Values]
) -> Iterator[tuple[str, Values, str, Entry | None]]:
    """Say what rows of a file would do: each with its key, what becomes of it, and what stands."""
    found = {one.key: one for one in _live(session, register, origin)}
    for key, row in _keyed(register, origin, rows, {}):
        entry = found.get(key)
        if entry is None:
            yield key, row, "new", None
        elif entry.year > origin.year:
            yield key, row, "older", entry
        else:
            same = not _differences(entry.data, _merged(register, entry.data, row))
            yield key, row, "same" if same else "changed", entry


def take_out(session: Session, import_id: int, *, now: datetime) -> list[Entry]:
    """Take everything out again that came with a file; what it had replaced stands again.

    :raises Conflict: if something has been built upon it since
    """
    wanted = sa.select(Entry).where(Entry.import_id == import_id).order_by(Entry.id)
    entries = list(session.scalars(wanted.with_for_update()))
    if built := sum(one.state is not EntryState.APPROVED for one in entries):
        raise Conflict("import_built_upon", count=built)
    for entry in entries:
        entry.state, entry.closed_at = EntryState.WITHDRAWN, now
        entry.verdict = entry.verdict_case_id = None
    session.flush()
    for base_id in [one.base_id for one in entries if one.base_id is not None]:
        base = session.get_one(Entry, base_id)
        base.state, base.closed_at = EntryState.APPROVED, None
    session.flush()
    return entries


def differs(entry: Entry, values: Values) -> bool:
    """Tell whether values say anything that an entry does not say already."""
    return bool(_differences(entry.data, _merged(definition(entry.register), entry.data, values)))


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
        wanted = wanted.where(Entry.level.in_(LEVELS[: LEVELS.index(level) + 1]))
    return list(session.scalars(wanted.order_by(Entry.unit_id, Entry.sort_key, Entry.id)))


def known_to(session: Session, case: Case, register: str) -> list[dict[str, Any]]:
    """Give the rows of its unit that a case may use: what stands, and what it proposes itself.

    What was closed earlier than last year is left out.

    :raises Invalid: if there is no such register
    """
    if register not in names():
        raise Invalid("unknown_register", register=str(register))
    levels = LEVELS[: LEVELS.index(case.secrecy) + 1]
    wanted = sa.select(Entry).where(
        Entry.register == register,
        Entry.unit_id == case.unit_id,
        Entry.level.in_(levels),
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


def written(into: Values, renamed: Mapping[str, str], values: Values) -> dict[str, Any]:
    """Make a row of a form into one of its register."""
    return {renamed.get(name, name): value for name, value in into.items()} | dict(values)


def _live(session: Session, register: Definition, origin: Origin) -> list[Entry]:
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


def _keyed(
    register: Definition, origin: Origin, rows: Sequence[Values], by_id: Mapping[int, str]
) -> Iterator[tuple[str, Values]]:
    """Give each row its key; the second of two that are called the same is told by its number.

    A row that says which entry it came from (`entry`) is that entry, whatever it is called now.
    """
    seen: dict[str, int] = {}
    for row in rows:
        if not any(value not in (None, "", []) for value in row.values()):
            continue
        known = by_id.get(row["entry"]) if isinstance(row.get("entry"), int) else None
        parts = [fold(_plain(row.get(name))) for name in register.key]
        key = known or " | ".join([str(origin.year), *parts] if register.yearly else parts)
        seen[key] = seen.get(key, 0) + 1
        yield key if seen[key] == 1 else f"{key} #{seen[key]}", row


def _amended(register: Definition, entry: Entry, row: Values) -> Iterator[Change]:
    data = _merged(register, entry.data, row)
    marking = _marking(row, entry.secrecy)
    changed = _differences(entry.data, data)
    if marking is not entry.secrecy:
        changed["secrecy"] = (entry.secrecy.value, marking.value)
    if changed:
        entry.secrecy = marking
        _fill(register, entry, data)
        yield Change(entry, "changed", changed)


def _restated(
    session: Session,
    register: Definition,
    origin: Origin,
    entry: Entry,
    row: Values,
    *,
    now: datetime,
) -> Iterator[Change]:
    """Say of an entry that stands what a later list says: the same, or something else."""
    same = not _differences(entry.data, _merged(register, entry.data, row))
    if same and _marking(row, entry.secrecy) is entry.secrecy:
        if (entry.verdict, entry.verdict_case_id) != (Verdict.KEPT, origin.case_id):
            entry.verdict, entry.verdict_case_id = Verdict.KEPT, origin.case_id
            yield Change(entry, "kept")
        return
    if entry.verdict_case_id == origin.case_id:
        entry.verdict = entry.verdict_case_id = None
    yield _added(session, register, origin, entry.key, row, entry, now=now)


def _added(
    session: Session,
    register: Definition,
    origin: Origin,
    key: str,
    row: Values,
    base: Entry | None,
    *,
    now: datetime,
) -> Change:
    """Propose an entry: a new one, or the next version of one that stands."""
    before: Values = base.data if base else {}
    data = _merged(register, before, row)
    if register.initial:
        data.setdefault(register.status, register.initial)
    level = max(origin.level, base.level, key=LEVELS.index) if base else origin.level
    entry = Entry(
        register=register.id,
        identity=base.identity if base else secrets.token_hex(8),
        unit_id=origin.unit_id,
        year=origin.year,
        key=key,
        state=EntryState.PROPOSED,
        level=level,
        is_secret=level is Secrecy.SECRET,
        secrecy=_marking(row, base.secrecy if base else Marking.UNASSESSED),
        base_id=base.id if base else None,
        source=origin.source,
        process_id=origin.process_id,
        case_id=origin.case_id,
        element=origin.element,
        place=origin.place,
        import_id=origin.import_id,
        made_at=now,
    )
    _fill(register, entry, data)
    session.add(entry)
    return Change(entry, "version_proposed" if base else "proposed", _differences(before, data))


def _left_out(
    register: Definition, origin: Origin, live: list[Entry], stated: set[str], *, now: datetime
) -> Iterator[Change]:
    """What came in the same list before and is not in it now."""
    for entry in live:
        if entry.key in stated:
            continue
        if entry.state is EntryState.PROPOSED:
            if entry.place == origin.place:
                yield _withdrawn(entry, now=now)
        elif register.restated and _was_in(origin, entry):
            mine = (Verdict.DROPPED, origin.case_id)
            if (entry.verdict, entry.verdict_case_id) != mine:
                entry.verdict, entry.verdict_case_id = mine
                yield Change(entry, "dropped")
        elif (entry.verdict, entry.verdict_case_id) == (Verdict.KEPT, origin.case_id):
            entry.verdict = entry.verdict_case_id = None
            yield Change(entry, "unjudged")


def _was_in(origin: Origin, entry: Entry) -> bool:
    """Tell whether an entry stood in the same list last year, or was read from a file."""
    same_list = (entry.process_id, entry.place) == (origin.process_id, origin.place)
    return same_list or (entry.source is Source.IMPORT and entry.process_id is None)


def _withdrawn(entry: Entry, *, now: datetime) -> Change:
    entry.state, entry.closed_at = EntryState.WITHDRAWN, now
    return Change(entry, "withdrawn")


def _replaced(session: Session, case: Case, proposals: list[Entry]) -> dict[int, Entry]:
    """Find what each proposal takes the place of as things stand now, not as they stood when it was
    made: another case may have decided meanwhile."""
    wanted = sa.select(Entry).where(
        Entry.state == EntryState.APPROVED,
        Entry.unit_id == case.unit_id,
        Entry.register.in_({entry.register for entry in proposals}),
    )
    locked = wanted.order_by(Entry.id).with_for_update().execution_options(populate_existing=True)
    found = list(session.scalars(locked)) if proposals else []
    by_identity = {one.identity: one for one in found}
    by_key = {(one.register, one.is_secret, one.key): one for one in found}
    replaced: dict[int, Entry] = {}
    for entry in proposals:
        same = (entry.register, entry.is_secret, entry.key)
        if base := by_identity.pop(entry.identity, None) or by_key.get(same):
            replaced[entry.id] = base
    return replaced


def _rebase(session: Session, entry: Entry, standing: Entry) -> None:
    """Put what a proposal changes onto what stands now."""
    entry.number = (standing.number or 0) + 1
    entry.key, entry.identity = standing.key, standing.identity
    if entry.base_id == standing.id:
        return
    base = session.get(Entry, entry.base_id) if entry.base_id else None
    mine = _differences(base.data if base else {}, entry.data)
    data = {**standing.data, **{name: new for name, (_, new) in mine.items()}}
    entry.base_id = standing.id
    entry.level = max(entry.level, standing.level, key=LEVELS.index)
    kept = {name: value for name, value in data.items() if value is not None}
    _fill(definition(entry.register), entry, kept)


def _merged(register: Definition, before: Values, row: Values) -> dict[str, Any]:
    """The columns the register has: what the row says, and what it says nothing of as it was."""
    data = dict(before)
    for one in register.form.fields:
        if one.name in row:
            if row[one.name] in (None, "", []):
                data.pop(one.name, None)
            else:
                data[one.name] = row[one.name]
    if register.initial and register.status not in data and register.status in before:
        data[register.status] = before[register.status]
    return data


def _differences(before: Values, after: Values) -> dict[str, tuple[Any, Any]]:
    return {
        name: (before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def _marking(row: Values, now: Marking) -> Marking:
    """A row may come marked; what is marked secret is never lowered so (that is a deed)."""
    said = row.get("secrecy")
    if now not in (Marking.OPEN, Marking.UNASSESSED) or said not in tuple(Marking):
        return now
    return Marking(said)


def _fill(register: Definition, entry: Entry, data: Mapping[str, Any]) -> None:
    """Let the columns that lists are made of say what the data says."""
    entry.data = dict(data)
    entry.name = _plain(data.get(register.name))[:LONGEST_NAME] or "–"
    entry.sort_key = sort_key(entry.name)
    entry.status = str(data.get(register.status) or "") if register.status else ""
    entry.is_open = entry.status not in register.closed
    entry.owner = _plain(data.get(register.owner)) if register.owner else ""
    entry.owner_key = fold(entry.owner)
    entry.due_on = _day(data.get(register.due)) if register.due else None
    said = [_plain(data.get(one.name)) for one in register.form.fields if not one.options]
    entry.words = fold(" ".join(text for text in said if text))


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def _plain(value: Any) -> str:
    """A value as text; one that is said in both languages in Swedish."""
    if isinstance(value, Mapping):
        if "sv" in value:
            return str(value["sv"])
        return " ".join(_plain(value[name]) for name in sorted(value))
    if isinstance(value, list):
        return " ".join(_plain(each) for each in value)
    return "" if value is None else str(value)
