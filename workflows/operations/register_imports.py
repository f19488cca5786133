"""Reading rows into a register from a file: first to look at, then all of it or nothing."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import Conflict, Invalid
from workflows.follow_up.year_rows import refuse_frozen
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, require
from workflows.queries import register_imports as questions
from workflows.registers import Definition, deciding, definition, files, rows
from workflows.registers.models import RegisterImport, RegisterMapping

LASTS = timedelta(hours=24)
YEARS = range(1990, 2200)


def prepare(
    session: Session,
    register: Definition,
    unit: Unit,
    year: int,
    file: tuple[str, bytes],
    *,
    asked: Mapping[str, str] | None = None,
    by: Actor,
    now: datetime,
) -> RegisterImport:
    """Keep what was read until its sender has looked at what it would do; a day at most.

    Of a register of numbers only the numbers are kept; `asked` says which columns they come from.

    :raises Forbidden: if `by` may not read into the register of that unit
    :raises Invalid: if the file cannot be used
    """
    require(by, Deed.IMPORT_ENTRIES, questions.holder(register, unit))
    if year not in YEARS:
        raise Invalid("no_such_year", year=year)
    name, content = file
    header, cells = files.read(name, content)
    kept = questions.kept_mapping(session, register)
    if register.counts:
        titles = {**questions.asked_of(kept), **(asked or {})}
        header, cells = files.counted(register, header, cells, titles)
        _keep_mapping(session, register, {title: name for name, title in titles.items()})
        kept = {}
    session.execute(
        sa.delete(RegisterImport).where(
            RegisterImport.applied_at.is_(None),
            sa.or_(RegisterImport.by_id == by.id, RegisterImport.made_at <= now - LASTS),
        )
    )
    prepared = RegisterImport(
        register=register.id,
        unit_id=unit.id,
        year=year,
        file=name[:200],
        header=header,
        rows=cells,
        mapping=files.proposed(register, header, kept),
        count=len(cells),
        by_id=by.id,
        made_at=now,
    )
    session.add(prepared)
    _tell(session, "register_file_read", prepared, by=by, now=now)
    return prepared


def remap(
    session: Session,
    prepared: RegisterImport,
    mapping: Mapping[str, str],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Say which column of the file means which of the register; it is remembered for the next file.

    :raises Conflict: if it has been read in already
    :raises Invalid: if two columns mean the same, or one means what the register has not
    """
    register = definition(prepared.register)
    require(by, Deed.IMPORT_ENTRIES, questions.holder(register, prepared.unit))
    if prepared.applied_at is not None:
        raise Conflict("import_applied")
    said = [column for column in mapping.values() if column]
    known = {one.name for one in register.form.fields} | {files.UNIT}
    if len(set(said)) < len(said) or not set(said) <= known:
        raise Invalid("column_twice")
    places = {str(place) for place in range(len(prepared.header))}
    prepared.mapping = {place: mapping.get(place, "") for place in sorted(places, key=int)}
    _keep_mapping(
        session,
        register,
        {prepared.header[int(place)]: column for place, column in prepared.mapping.items()},
    )
    _tell(session, "register_file_read", prepared, by=by, now=now)


def apply(
    session: Session, prepared: RegisterImport, *, seen: int, by: Actor, now: datetime
) -> int:
    """Read the rows in: they stand at once, as last year's; tells how many.

    :raises Conflict: if it has been read in, or is not as it was `seen`
    :raises Invalid: if rows have errors; then nothing at all is read in
    """
    register = definition(prepared.register)
    require(by, Deed.IMPORT_ENTRIES, questions.holder(register, prepared.unit))
    if prepared.applied_at is not None:
        raise Conflict("import_applied")
    if prepared.revision != seen:
        raise Conflict("preview_outdated")
    found = questions.preview(session, prepared, by=by)
    if found.problems:
        raise Invalid("import_has_problems", problems=tuple(found.problems))
    changes: list[rows.Change] = []
    for unit, given in found.by_unit.items():
        refuse_frozen(session, unit.id, prepared.year)
        origin = questions.origin(register, unit, prepared)
        changes += deciding.take_in(session, register, origin, given, now=now)
    prepared.applied_at, prepared.count = now, len(changes)
    prepared.rows = []
    touched = {change.entry.unit_id for change in changes} or {prepared.unit_id}
    for unit_id in sorted(touched):
        mine = [change for change in changes if change.entry.unit_id == unit_id]
        _tell(session, "register_imported", prepared, mine, unit_id=unit_id, by=by, now=now)
    return len(changes)


def undo(session: Session, prepared: RegisterImport, why: str, *, by: Actor, now: datetime) -> int:
    """Take out again all that a file brought in; what it had replaced stands again.

    :raises Conflict: if it was never read in, is out already, or something was built upon it
    :raises Invalid: without a reason
    """
    register = definition(prepared.register)
    require(by, Deed.IMPORT_ENTRIES, questions.holder(register, prepared.unit))
    if prepared.applied_at is None or prepared.undone_at is not None:
        raise Conflict("import_not_in")
    if not why.strip():
        raise Invalid("reason_missing")
    entries = deciding.take_out(session, prepared.id, now=now)
    prepared.undone_at = now
    changes = [rows.Change(entry, "taken_out") for entry in entries]
    for unit_id in sorted({entry.unit_id for entry in entries} or {prepared.unit_id}):
        mine = [change for change in changes if change.entry.unit_id == unit_id]
        _tell(
            session, "register_import_undone", prepared, mine, unit_id=unit_id,
            by=by, now=now, why=why.strip(),
        )  # fmt: skip
    return len(entries)


def _keep_mapping(session: Session, register: Definition, titles: Mapping[str, str]) -> None:
    kept = session.get(RegisterMapping, register.id)
    said = {title: column for title, column in titles.items() if title}
    if kept is None:
        session.add(RegisterMapping(register=register.id, mapping=said))
    else:
        kept.mapping = {**kept.mapping, **said}


def _tell(
    session: Session,
    kind: str,
    prepared: RegisterImport,
    changes: list[rows.Change] | None = None,
    *,
    unit_id: int | None = None,
    by: Actor,
    now: datetime,
    why: str | None = None,
) -> None:
    """Write it down; of what is secret, how much and never what."""
    session.flush()
    count = prepared.count if changes is None else len(changes)
    what: dict[str, object] = {
        "register": prepared.register, "import": prepared.id, "file": prepared.file,
        "year": prepared.year, "count": count,
    }  # fmt: skip
    if changes is not None:
        is_secret = definition(prepared.register).secret
        what["entries"] = [
            {"id": one.entry.id, "identity": one.entry.identity} if is_secret else one.told()
            for one in changes
        ]
    record(
        session, kind, by=by, now=now, unit_id=unit_id or prepared.unit_id, what=what, why=why
    )  # fmt: skip
