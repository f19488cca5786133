"""Processes with the versions their cases run, and the migrations between them."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.models import OPEN, Case
from workflows.errors import NotFound
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may, require
from workflows.processes.migrations import Fate, Follower, Migration, Verdict
from workflows.processes.models import Process, Version
from workflows.tasks.models import Task

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Run:
    """A version of a process and how many cases run it."""

    version: Version
    cases: int


def processes(session: Session, *, by: Actor) -> list[tuple[Process, list[Run]]]:
    """List every process with its versions that are active or still run, the newest first.

    :raises Forbidden: if `by` may not see how processes are made
    """
    require(by, Deed.SEE_PROCESSES, None)
    listed = session.scalars(
        sa.select(Process).options(joinedload(Process.active_version)).order_by(Process.key)
    ).all()
    running = _running(session)
    versions: dict[int, list[Run]] = {}
    for version in session.scalars(sa.select(Version).order_by(Version.number.desc())):
        versions.setdefault(version.process_id, []).append(Run(version, running.get(version.id, 0)))
    return [(process, versions.get(process.id, [])) for process in listed]


def process(session: Session, key: str, *, by: Actor) -> tuple[Process, list[Run]]:
    """Load one process with its versions, to move cases.

    :raises NotFound: if there is none
    :raises Forbidden: if `by` may not move cases
    """
    require(by, Deed.MIGRATE, None)
    found = next((row for row in processes(session, by=by) if row[0].key == key), None)
    if found is None:
        raise NotFound
    return found


def _running(session: Session) -> dict[int, int]:
    counted = session.execute(
        sa.select(Case.version_id, sa.func.count())
        .where(Case.state.in_(OPEN))
        .group_by(Case.version_id)
    )
    return {row[0]: row[1] for row in counted}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases on older versions: of one version, of one unit, or where one step is open."""

    version: int | None = None
    unit: int | None = None
    step: str = ""

    @property
    def is_any(self) -> bool:
        return self == Wanted()


def running_cases(
    session: Session, process: Process, version: Version, *, wanted: Wanted | None = None, by: Actor
) -> list[Case]:
    """List the open cases on other versions than `version` that the actor may know of."""
    found = (
        sa.select(Case)
        .where(Case.process_id == process.id, Case.version_id != version.id, Case.state.in_(OPEN))
        .options(joinedload(Case.unit), joinedload(Case.version), joinedload(Case.process))
        .order_by(Case.key)
    )
    wanted = wanted or Wanted()
    if wanted.version is not None:
        found = found.where(Case.version_id == wanted.version)
    if wanted.unit is not None:
        found = found.where(Case.unit_id == wanted.unit)
    if wanted.step:
        found = found.where(_is_open_at(Task.element == wanted.step).exists())
    return [case for case in session.scalars(found) if knows_of(by, case)]


def open_steps(session: Session, cases: Iterable[Case]) -> list[Task]:
    """List the steps that are open in some cases, one of each element."""
    ids = [case.id for case in cases]
    first = sa.select(sa.func.min(Task.id)).where(Task.case_id.in_(ids), Task.closed_at.is_(None))
    found = sa.select(Task).where(Task.id.in_(first.group_by(Task.element)))
    return list(session.scalars(found.order_by(Task.name_sv)))


def _is_open_at(which: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(Task.id).where(Task.case_id == Case.id, Task.closed_at.is_(None), which)


def knows_of(by: Actor, case: Case) -> bool:
    """Tell whether the actor may know that a case is there: of a secret one, who may see it."""
    return case.secrecy != "sec" or may(by, Deed.SEE_CASE, case)


@dataclass(frozen=True, slots=True)
class Shown:
    """One case of a migration as it is shown."""

    row: Follower
    case: Case
    unit: Unit
    old: Version


def find(session: Session, migration_id: int, *, by: Actor) -> Migration:
    """Load a migration.

    :raises NotFound: if there is none
    :raises Forbidden: if `by` may not move cases
    """
    require(by, Deed.MIGRATE, None)
    found = session.get(
        Migration,
        migration_id,
        options=[joinedload(Migration.process), joinedload(Migration.version)],
    )
    if found is None:
        raise NotFound
    return found


def of_process(session: Session, process: Process) -> list[Migration]:
    """List the last migrations of a process that were carried out, the latest first."""
    wanted = sa.select(Migration).where(
        Migration.process_id == process.id, Migration.applied_at.is_not(None)
    )
    return list(session.scalars(wanted.order_by(Migration.id.desc()).limit(10)))


def counts(session: Session, migration: Migration) -> tuple[dict[Verdict, int], dict[Fate, int]]:
    """Count its cases by verdict and by fate."""
    counted = session.execute(
        sa.select(Follower.verdict, Follower.fate, sa.func.count())
        .where(Follower.migration_id == migration.id)
        .group_by(Follower.verdict, Follower.fate)
    ).all()
    by_verdict = dict.fromkeys(Verdict, 0)
    by_fate = dict.fromkeys(Fate, 0)
    for verdict, fate, number in counted:
        by_verdict[verdict] += number
        by_fate[fate] += number
    return by_verdict, by_fate


def followers(
    session: Session, migration: Migration, *, by: Actor, page: int = 1
) -> tuple[list[Shown], int]:
    """List the cases the actor may know of, those that cannot follow first, and how many hide."""
    wanted = (
        sa.select(Follower, Case, Unit, Version)
        .join(Case, Case.id == Follower.case_id)
        .join(Unit, Unit.id == Case.unit_id)
        .join(Version, Version.id == Follower.old_version_id)
        .where(Follower.migration_id == migration.id)
        .options(joinedload(Case.process))
        .order_by(Follower.verdict, Case.key)
    )
    rows = [Shown(*row) for row in session.execute(wanted)]
    seen = [row for row in rows if knows_of(by, row.case)]
    return seen[(page - 1) * SHOWN : page * SHOWN], len(rows) - len(seen)
