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
from workflows.processes.models import Process, Secrecy, Version
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


def older(version: Version) -> sa.Select[int, int]:
    """Choose the open cases of a process on other versions, each with the one it is on."""
    return sa.select(Case.id, Case.version_id).where(*_on_others(version))


def _on_others(version: Version) -> tuple[sa.ColumnElement[bool], ...]:
    of_process = Case.process_id == version.process_id
    return (of_process, Case.version_id != version.id, Case.state.in_(OPEN))


@dataclass(frozen=True, slots=True)
class Choice:
    """The cases that may be moved: how many, some of them to tick, and what to filter them by."""

    count: int
    cases: list[Case]
    units: list[Unit]
    steps: list[Task]  # that are open, one of each element


def choice(session: Session, version: Version, wanted: Wanted, *, by: Actor) -> Choice:
    """Look at the open cases on other versions than `version` that the actor may know of."""
    others = _on_others(version)
    every = sa.select(Case.id).where(*others, _known(session, others, by=by))
    meant = _meant(every, wanted)
    cases = sa.select(Case).where(Case.id.in_(meant)).order_by(Case.key).limit(SHOWN)
    loaded = (joinedload(Case.unit), joinedload(Case.version), joinedload(Case.process))
    of_units = every.with_only_columns(Case.unit_id)
    first = sa.select(sa.func.min(Task.id)).where(Task.case_id.in_(every), Task.closed_at.is_(None))
    steps = sa.select(Task).where(Task.id.in_(first.group_by(Task.element)))
    return Choice(
        session.scalar(sa.select(sa.func.count()).select_from(meant.subquery())) or 0,
        list(session.scalars(cases.options(*loaded))),
        list(session.scalars(sa.select(Unit).where(Unit.id.in_(of_units)).order_by(Unit.sort_key))),
        list(session.scalars(steps.order_by(Task.name_sv))),
    )


def chosen(session: Session, version: Version, wanted: Wanted, *, by: Actor) -> sa.Select[int]:
    """Choose the cases that are meant; of secret ones nothing is told by which a filter finds."""
    others = _on_others(version)
    every = sa.select(Case.id).where(*others)
    if wanted.is_any:
        return every
    return _meant(every.where(_known(session, others, by=by)), wanted)


def _meant(cases: sa.Select[int], wanted: Wanted) -> sa.Select[int]:
    if wanted.version is not None:
        cases = cases.where(Case.version_id == wanted.version)
    if wanted.unit is not None:
        cases = cases.where(Case.unit_id == wanted.unit)
    if wanted.step:
        is_open = (Task.closed_at.is_(None), Task.element == wanted.step)
        cases = cases.where(sa.exists().where(Task.case_id == Case.id, *is_open))
    return cases


def _known(
    session: Session, among: Iterable[sa.ColumnElement[bool]], *, by: Actor
) -> sa.ColumnElement[bool]:
    """Choose the cases the actor may know of: of secret ones those that they may see."""
    secret = sa.select(Case).where(*among, Case.secrecy == Secrecy.SECRET)
    found = session.scalars(secret.options(joinedload(Case.unit)))
    seen = [case.id for case in found if may(by, Deed.SEE_CASE, case)]
    return sa.or_(Case.secrecy != Secrecy.SECRET, Case.id.in_(seen))


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
    mine = Follower.migration_id == migration.id
    known = _known(session, [Case.id.in_(sa.select(Follower.case_id).where(mine))], by=by)
    wanted = (
        sa.select(Follower, Case, Unit, Version)
        .join(Case, Case.id == Follower.case_id)
        .join(Unit, Unit.id == Case.unit_id)
        .join(Version, Version.id == Follower.old_version_id)
        .where(mine, known)
        .options(joinedload(Case.process))
        .order_by(Follower.verdict, Case.key)
    )
    hidden = (
        sa.select(sa.func.count()).select_from(Follower).join(Case, Case.id == Follower.case_id)
    )
    rows = session.execute(wanted.limit(SHOWN).offset((page - 1) * SHOWN))
    return [Shown(*row) for row in rows], session.scalar(hidden.where(mine, ~known)) or 0


def is_asking(session: Session, migration: Migration) -> bool:
    """Tell whether cases are still to be asked; one that fails is not waited for."""
    unasked = (Follower.verdict == Verdict.UNASKED, Follower.attempts == 0)
    mine = sa.select(Follower.id).where(Follower.migration_id == migration.id, *unasked)
    return session.scalar(mine.limit(1)) is not None
