"""Taking in what a running case says of a register: new rows, changed ones, those it leaves out.

One row is told from another by its register, unit and key. A row that stands never changes: what is
new is a version of its own, which takes its place when the case has decided.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from workflows.processes.models import Secrecy, stricter
from workflows.registers import Definition
from workflows.registers.content import Values, differences, fill, keyed, marking_of, merged
from workflows.registers.models import Entry, EntryState, Marking, Source, Verdict
from workflows.registers.rows import Change, Origin, live, withdrawn


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
    before = live(session, register, origin)
    own = {entry.key: entry for entry in before if entry.state is EntryState.PROPOSED}
    standing = {entry.key: entry for entry in before if entry.state is EntryState.APPROVED}
    by_id = {entry.id: entry.key for entry in before}
    changes: list[Change] = []
    stated: set[str] = set()
    for key, row in keyed(register, origin.year, rows, by_id):
        stated.add(key)
        if key in own:
            changes += _amended(session, register, own[key], row)
        elif key in standing:
            changes += _restated(session, register, origin, standing[key], row, now=now)
        else:
            changes.append(added(session, register, origin, key, row, None, now=now))
    if is_whole:
        changes += _left_out(register, origin, before, stated, now=now)
    session.flush()
    return changes


def amend(
    session: Session, register: Definition, own: Iterable[Entry], rows: Sequence[Values]
) -> Iterator[Change]:
    """Bring proposals up to what their case knows now; adds and takes away nothing."""
    by_key = {entry.key: entry for entry in own}
    for entry in list(by_key.values())[:1]:
        for key, row in keyed(register, entry.year, rows, {}):
            if key in by_key:
                yield from _amended(session, register, by_key[key], row)


def _amended(session: Session, register: Definition, entry: Entry, row: Values) -> Iterator[Change]:
    data = merged(register, entry.data, row)
    marking = marking_of(row, entry.secrecy)
    changed = differences(entry.data, data)
    if marking is not entry.secrecy:
        changed["secrecy"] = (entry.secrecy.value, marking.value)
    if changed:
        entry.secrecy = marking
        fill(session, register, entry, data)
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
    same = not differences(entry.data, merged(register, entry.data, row))
    if same and marking_of(row, entry.secrecy) is entry.secrecy:
        if (entry.verdict, entry.verdict_case_id) != (Verdict.KEPT, origin.case_id):
            entry.verdict, entry.verdict_case_id = Verdict.KEPT, origin.case_id
            yield Change(entry, "kept")
        return
    if entry.verdict_case_id == origin.case_id:
        entry.verdict = entry.verdict_case_id = None
    yield added(session, register, origin, entry.key, row, entry, now=now)


def added(
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
    data = merged(register, before, row)
    if register.initial:
        data.setdefault(register.status, register.initial)
    level = stricter(origin.level, base.level) if base else origin.level
    entry = Entry(
        register=register.id,
        identity=base.identity if base else secrets.token_hex(8),
        unit_id=origin.unit_id,
        year=origin.year,
        key=key,
        state=EntryState.PROPOSED,
        level=level,
        is_secret=level is Secrecy.SECRET,
        secrecy=marking_of(row, base.secrecy if base else Marking.UNASSESSED),
        base_id=base.id if base else None,
        source=origin.source,
        process_id=origin.process_id,
        case_id=origin.case_id,
        element=origin.element,
        place=origin.place,
        import_id=origin.import_id,
        made_at=now,
        owner_id=base.owner_id if base else None,
        owner_key=base.owner_key if base else "",
    )
    fill(session, register, entry, data)
    session.add(entry)
    return Change(entry, "version_proposed" if base else "proposed", differences(before, data))


def _left_out(
    register: Definition, origin: Origin, before: list[Entry], stated: set[str], *, now: datetime
) -> Iterator[Change]:
    """What came in the same list before and is not in it now."""
    for entry in before:
        if entry.key in stated:
            continue
        if entry.state is EntryState.PROPOSED:
            if entry.place == origin.place:
                yield withdrawn(entry, now=now)
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
