"""Letting entries stand: when their case has decided, when somebody changes one, from a file."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.errors import Conflict
from workflows.processes.models import stricter
from workflows.registers import Definition, definition
from workflows.registers.content import Values, differences, fill, keyed, merged
from workflows.registers.models import Entry, EntryState, Marking, Source, Verdict
from workflows.registers.proposing import added
from workflows.registers.rows import Change, Origin, judged, live, of, withdrawn


def approve(session: Session, case: Case, only: set[str] | None, *, now: datetime) -> list[Change]:
    """Let what a case has proposed stand, and what it has said of other entries count."""
    proposals = [one for one in of(session, case) if only is None or one.register in only]
    replaced = _replaced(session, case, proposals)
    changes: list[Change] = []
    with session.no_autoflush:
        for entry in proposals:
            changes += _decided(session, case, entry, replaced.get(entry.id), now=now)
    # The old ones give way before the new ones stand: a flush writes in the order of the ids.
    if any(base.id > entry_id for entry_id, base in replaced.items()):
        session.flush()
    for change in changes:
        if change.deed == "approved":
            entry = change.entry
            entry.state, entry.approved_at = EntryState.APPROVED, now
            entry.confirmed_year = max(case.year, entry.year)
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


def _decided(
    session: Session, case: Case, entry: Entry, base: Entry | None, *, now: datetime
) -> Iterator[Change]:
    """Make a proposal ready to stand, and let what it takes the place of give way."""
    proposed = entry.data
    entry.number = 1
    if base is not None:
        _rebase(session, entry, base)
        if entry.data == base.data and entry.secrecy is base.secrecy:
            yield withdrawn(entry, now=now)
            yield Change(base, "confirmed")
            base.confirmed_year, base.confirmed_case_id = case.year, case.id
            entry.number = None
            return
        if base.verdict_case_id != case.id:
            entry.verdict, entry.verdict_case_id = base.verdict, base.verdict_case_id
        base.state, base.closed_at = EntryState.SUPERSEDED, now
        base.verdict = base.verdict_case_id = None
    yield Change(entry, "approved", differences(proposed, entry.data))


def withdraw(session: Session, case: Case, *, now: datetime) -> list[Change]:
    """Take back what a case has proposed, and what it has said of other entries."""
    changes = [withdrawn(entry, now=now) for entry in of(session, case)]
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
    change = added(session, register, origin, entry.key, values, entry, now=now)
    changed = dict(change.changed)
    made = change.entry
    if secrecy is not None and secrecy is not entry.secrecy:
        changed["secrecy"] = (entry.secrecy.value, secrecy.value)
        made.secrecy = secrecy
    made.number = (entry.number or 0) + 1
    made.told_at, made.verdict, made.verdict_case_id = (
        entry.told_at, entry.verdict, entry.verdict_case_id
    )  # fmt: skip
    made.confirmed_year, made.confirmed_case_id = entry.confirmed_year, entry.confirmed_case_id
    entry.state, entry.closed_at, entry.lowering = EntryState.SUPERSEDED, now, None
    entry.verdict = entry.verdict_case_id = None
    session.flush()
    made.state, made.approved_at = EntryState.APPROVED, now
    session.flush()
    return replace(change, deed="changed", changed=changed)


def find_out(
    session: Session, origin: Origin, row: Values, *, is_known: bool, now: datetime
) -> Iterator[Change]:
    """Let it stand at once that something is to be found out, or be done where it was and is known;
    what is open already stays as it is."""
    register = definition("action")
    [(key, _)] = keyed(register, origin.year, [row], {})
    found = [one for one in live(session, register, origin) if one.key == key]
    standing = next((one for one in found if one.state is EntryState.APPROVED), None)
    if is_known:
        if standing is not None and standing.is_open:
            yield next_version(session, standing, {"status": "done"}, source=Source.CASE, now=now)
    elif standing is None:
        change = added(session, register, origin, key, row, None, now=now)
        change.entry.number, change.entry.confirmed_year = 1, origin.year
        change.entry.state, change.entry.approved_at = EntryState.APPROVED, now
        session.flush()
        yield change
    elif not standing.is_open:
        anew = {**row, "status": register.initial}
        yield next_version(session, standing, anew, source=Source.CASE, now=now)


def take_in(
    session: Session, register: Definition, origin: Origin, rows: Sequence[Values], *, now: datetime
) -> list[Change]:
    """Let rows from a file stand at once; where something of a later year stands, it stays."""
    changes: list[Change] = []
    for key, row, deed, entry in list(foreseen(session, register, origin, rows)):
        if deed == "new":
            made = added(session, register, origin, key, row, None, now=now)
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
    found = {one.key: one for one in live(session, register, origin)}
    for key, row in keyed(register, origin.year, rows, {}):
        entry = found.get(key)
        if entry is None:
            yield key, row, "new", None
        elif entry.year > origin.year:
            yield key, row, "older", entry
        else:
            same = not differences(entry.data, merged(register, entry.data, row))
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
    entry.year = max(entry.year, standing.year)  # late work of a year that was carried over already
    if entry.base_id == standing.id:
        return
    base = session.get(Entry, entry.base_id) if entry.base_id else None
    mine = differences(base.data if base else {}, entry.data)
    data = {**standing.data, **{name: new for name, (_, new) in mine.items()}}
    entry.base_id = standing.id
    entry.level = stricter(entry.level, standing.level)
    kept = {name: value for name, value in data.items() if value is not None}
    fill(session, definition(entry.register), entry, kept)
