"""A file of rows for a register that waits to be read in: what it would do, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import NotFound
from workflows.language import fold
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may, require
from workflows.processes.models import Secrecy
from workflows.registers import Definition, deciding, definition, files, rows
from workflows.registers.models import Entry, RegisterImport, RegisterMapping, Source

# What the columns of a file from IA are called, until somebody has said otherwise.
IA_TITLES = {"day": "Händelsedatum", "kind": "Händelsetyp", files.UNIT: "Enhet"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one row of a file."""

    line: int
    column: str
    code: str
    params: Mapping[str, object]


@dataclass(slots=True)
class Preview:
    """What a file would do."""

    rows: list[tuple[int, str, str, Mapping[str, object]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    by_unit: dict[Unit, list[Mapping[str, object]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def holder(register: Definition, unit: Unit) -> Entry:
    """Stand for the entries that would be read in, before there are any."""
    level = Secrecy.SECRET if register.secret else Secrecy.INTERNAL
    return Entry(unit_id=unit.id, level=level, process_id=None)


def origin(register: Definition, unit: Unit, prepared: RegisterImport) -> rows.Origin:
    """Say where the rows of a file come from."""
    return rows.Origin(
        unit_id=unit.id,
        year=prepared.year,
        level=Secrecy.SECRET if register.secret else Secrecy.INTERNAL,
        source=Source.IMPORT,
        import_id=prepared.id,
    )


def units(session: Session, register: Definition, *, by: Actor) -> list[Unit]:
    """List the units into whose register the actor may read."""
    found = session.scalars(sa.select(Unit).order_by(Unit.sort_key, Unit.id))
    return [unit for unit in found if may(by, Deed.IMPORT_ENTRIES, holder(register, unit))]


def find(session: Session, import_id: int, *, by: Actor) -> RegisterImport:
    """Find a file the actor may look at.

    :raises NotFound: if there is none, or it is another's and not read in
    """
    found = session.get(RegisterImport, import_id)
    if found is None or (found.applied_at is None and found.by_id != by.id):
        raise NotFound
    if not may(by, Deed.IMPORT_ENTRIES, holder(definition(found.register), found.unit)):
        raise NotFound
    return found


def of_register(session: Session, register: Definition, *, by: Actor) -> list[RegisterImport]:
    """List the files that have been read into a register, the latest first."""
    wanted = sa.select(RegisterImport).where(
        RegisterImport.register == register.id, RegisterImport.applied_at.is_not(None)
    )
    found = session.scalars(wanted.order_by(RegisterImport.id.desc()).limit(50))
    return [one for one in found if may(by, Deed.IMPORT_ENTRIES, holder(register, one.unit))]


def kept_mapping(session: Session, register: Definition) -> dict[str, str]:
    """Say which titles meant which columns the last time."""
    kept = session.get(RegisterMapping, register.id)
    return dict(kept.mapping) if kept else {}


def asked_of(kept: Mapping[str, str]) -> dict[str, str]:
    """Say what the columns of a file that is only counted are called."""
    return IA_TITLES | {name: title for title, name in kept.items() if name in IA_TITLES}


def preview(session: Session, prepared: RegisterImport, *, by: Actor) -> Preview:
    """Say what a file would do now, row by row, and what is wrong with it."""
    register = definition(prepared.register)
    require(by, Deed.IMPORT_ENTRIES, holder(register, prepared.unit))
    found, known = Preview(), _by_name(units(session, register, by=by))
    read = files.checked(register, prepared.mapping, prepared.rows)
    lines: dict[Unit, list[tuple[int, Mapping[str, object]]]] = {}
    for row in read:
        unit = known.get(fold(row.unit)) if row.unit else prepared.unit
        problems = [Problem(row.line, one.name, one.code, one.params) for one in row.errors]
        if unit is None:
            problems.append(Problem(row.line, files.UNIT, "unknown_unit", {"value": row.unit}))
        elif not problems:
            lines.setdefault(unit, []).append((row.line, row.values))
        found.problems += problems
    for unit, given in lines.items():
        found.by_unit[unit] = [values for _, values in given]
        numbers = iter(line for line, _ in given)
        told = deciding.foreseen(
            session, register, origin(register, unit, prepared), found.by_unit[unit]
        )
        for _, values, deed, _ in told:
            found.rows.append((next(numbers), unit.name, deed, values))
            found.counts[deed] = found.counts.get(deed, 0) + 1
    return found


def _by_name(found: list[Unit]) -> dict[str, Unit]:
    return {fold(name): unit for unit in found for name in (unit.code, unit.name)}
