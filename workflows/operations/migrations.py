"""Moving running cases to another version: looked at first, then one case at a time, and back.

`queries.following` works out what becomes of a case. What was shown is what happens: a case that
would no longer move as it was shown is left where it is.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, undefer

from workflows.cases.models import OPEN, Case
from workflows.engine import Description, Migrated, StepInfo
from workflows.errors import Conflict
from workflows.history.rows import record
from workflows.notices.rows import plan_calls
from workflows.operations import advance
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.migrations import Fate, Follower, Migration, Verdict
from workflows.processes.rows import compiled
from workflows.queries import migrations as questions
from workflows.queries.following import Followed, Standing, follow
from workflows.queries.migrations import Preview
from workflows.steering.rows import calendar_of
from workflows.tasks import versions
from workflows.tasks.models import Task

KEPT_UNAPPLIED = timedelta(days=1)


def prepare(session: Session, found: Preview, *, by: Actor, now: datetime) -> Migration:
    """Keep what was found of each case, to be looked at and applied.

    :raises Forbidden: if `by` may not move cases
    :raises Conflict: if there is no case to move
    """
    require(by, Deed.MIGRATE, None)
    _forget_old(session, now=now)
    if not found.found:
        raise Conflict("no_cases_to_move")
    migration = Migration(
        process_id=found.process.id,
        version_id=found.version.id,
        mappings={str(key): dict(mapping) for key, mapping in found.mappings.items()},
        made_at=now,
        made_by_id=by.id,
    )
    session.add(migration)
    session.flush()
    rows = [
        {
            "migration_id": migration.id,
            "case_id": case_id,
            "old_version_id": version_id,
            "verdict": followed.verdict,
            "told": dict(followed.told),
            "fate": Fate.PREPARED,
        }
        for case_id, version_id, followed in found.found
    ]
    session.execute(sa.insert(Follower), rows)
    return migration


def apply(session: Session, migration: Migration, *, by: Actor, now: datetime) -> None:
    """Let the cases that can follow be moved, one after the other, by the clock.

    :raises Forbidden: if `by` may not move cases
    :raises Conflict: if it is applied already, or none of them can follow
    """
    require(by, Deed.MIGRATE, None)
    if migration.applied_at is not None:
        raise Conflict("migration_applied")
    count = _turn(session, migration, Fate.PREPARED, Fate.WAITING, now=now)
    if not count:
        raise Conflict("no_cases_to_move")
    migration.applied_at, migration.applied_by_id = now, by.id
    _tell(session, migration, "migration_applied", count, by=by, now=now)


def revert(session: Session, migration: Migration, *, by: Actor, now: datetime) -> None:
    """Let what was moved be moved back, where nothing has happened since; what waits stays.

    :raises Forbidden: if `by` may not move cases
    :raises Conflict: if there is nothing to move back
    """
    require(by, Deed.MIGRATE, None)
    stopped = session.execute(
        sa.update(Follower)
        .where(Follower.migration_id == migration.id, Follower.fate == Fate.WAITING)
        .values(fate=Fate.PREPARED, due_at=None)
        .execution_options(synchronize_session=False)
    )
    count = _turn(session, migration, Fate.MOVED, Fate.RETURNING, now=now)
    if not count and not stopped.rowcount:  # type: ignore[attr-defined]
        raise Conflict("nothing_to_move_back")
    migration.reverted_at, migration.reverted_by_id = now, by.id
    _tell(session, migration, "migration_reverted", count, by=by, now=now)


def revert_case(
    session: Session, migration: Migration, case_id: int, *, by: Actor, now: datetime
) -> None:
    """Move one case back at once.

    :raises Forbidden: if `by` may not move cases
    :raises Conflict: if it was not moved, or something has happened since
    """
    require(by, Deed.MIGRATE, None)
    case = _locked(session, case_id)
    row = session.scalars(
        sa.select(Follower).where(
            Follower.migration_id == migration.id, Follower.case_id == case_id
        )
    ).one_or_none()
    if case is None or row is None or row.fate is not Fate.MOVED:
        raise Conflict("nothing_to_move_back")
    if not _is_as_moved(case, row, migration):
        raise Conflict("happened_since")
    _bring_back(session, case, row, by=by, now=now)


def carry_on(session: Session, row_id: int, *, now: datetime) -> None:
    """Do what waits to be done with one case: move it, or move it back.

    The case is held before its row is read: another clock may have been here.
    """
    case_id = session.scalar(sa.select(Follower.case_id).where(Follower.id == row_id))
    case = _locked(session, case_id or 0)
    row = session.get(Follower, row_id, populate_existing=True)
    if case is None or row is None or row.due_at is None:
        return
    migration = session.get_one(Migration, row.migration_id)
    if row.fate is Fate.RETURNING:
        if _is_as_moved(case, row, migration):
            by = _author(migration.reverted_by_id)
            _bring_back(session, case, row, by=by, now=now)
        else:
            row.fate, row.due_at, row.before = Fate.KEPT, None, None
        return
    standing = questions.standing(session, case)
    found = _found(session, standing, row, migration, now=now)
    if found is None or found.migrated is None:
        row.fate, row.due_at = Fate.OUTDATED, None
    else:
        _move(session, standing, row, migration, found, found.migrated, now=now)


def forget(session: Session, migration: Migration, *, by: Actor) -> None:
    """Throw away what was looked at and not applied.

    :raises Conflict: if it was applied: it can only be reverted
    """
    require(by, Deed.MIGRATE, None)
    if migration.applied_at is not None:
        raise Conflict("migration_applied")
    _forget(session, [migration.id])


def _found(
    session: Session, standing: Standing, row: Follower, migration: Migration, *, now: datetime
) -> Followed | None:
    """Work out the move anew; None when it would no longer be the one that was shown."""
    case = standing.case
    if case.state not in OPEN or case.version_id != row.old_version_id:
        return None
    mapping = migration.mappings[str(row.old_version_id)]
    pair = questions.between(session, case.version, migration.version, mapping)
    facts = advance.facts(case, now=now)
    found = follow(session, standing, pair, facts, to_write=True)
    return found if (found.verdict, found.told) == (row.verdict, row.told) else None


def _move(
    session: Session,
    standing: Standing,
    row: Follower,
    migration: Migration,
    found: Followed,
    migrated: Migrated,
    *,
    now: datetime,
) -> None:
    case, progress = standing.case, migrated.progress
    mapping = migration.mappings[str(row.old_version_id)]
    what = {
        "migration": migration.id,
        "old": case.version.number,
        "new": migration.version.number,
        "mapping": mapping,
        "tasks": found.told.get("tasks", []),
        "timers": found.told.get("timers", []),
    }
    open_rows = (standing.tasks, standing.timers, standing.waits)
    touched = versions.rows(session, case, open_rows, mapping, progress.closed)
    before = versions.snapshot(case, touched)
    old, new = (compiled(one).description for one in (case.version, migration.version))
    case.version = migration.version
    versions.rename(touched, mapping)
    versions.renamed_incidents(case, mapping)
    versions.renew(found.timers)
    versions.listen_anew(touched.waits, migrated.renewed)
    anew: list[Task] = []
    for task, info, dated in found.tasks:
        was = old.steps.get(task.element)
        versions.become(task, info, dated)
        if was is None or (was.roles, was.of) != (info.roles, info.of):
            _give_roles(session, case, task, info, before, now=now)
        if was is None or dated is not None or _reminds(old, was) != _reminds(new, info):
            anew.append(task)
    author = _author(migration.applied_by_id)
    advance.settle(session, case, progress, "case_migrated", by=author, now=now, what=what)
    if anew:
        calendar = calendar_of(session, case.unit_id, case.year, to_write=True)
        plan_calls(session, [(task, calendar) for task in anew], now=now)
    session.flush()
    # What has gone out of the case cannot be taken back.
    is_alone = not (progress.thrown or progress.actions or progress.calls or progress.finished)
    row.before = versions.changed(before, touched, progress) if is_alone else None
    row.fate, row.due_at, row.revision = Fate.MOVED, None, case.revision


def _reminds(version: Description, step: StepInfo) -> tuple[str, str, tuple[str, ...]]:
    return step.policy or version.policy, step.kind, step.roles


def _give_roles(
    session: Session,
    case: Case,
    task: Task,
    info: StepInfo,
    before: dict[str, Any],
    *,
    now: datetime,
) -> None:
    unit_id = advance.unit_of(session, case, info.of, advance.facts(case, now=now))
    if unit_id is not None and info.assignee is None:
        versions.give_roles(session, task, [(role, unit_id) for role in info.roles], before)


def _is_as_moved(case: Case, row: Follower, migration: Migration) -> bool:
    at_rest = case.revision == row.revision and case.version_id == migration.version_id
    return at_rest and row.before is not None


def _bring_back(session: Session, case: Case, row: Follower, *, by: Actor, now: datetime) -> None:
    new = case.version.number
    versions.put_back(session, case, row.before or {}, now=now)
    session.flush()
    session.expire(case, ["version"])
    row.fate, row.due_at, row.before = Fate.RETURNED, None, None
    record(
        session,
        "case_moved_back",
        by=by,
        now=now,
        case_id=case.id,
        unit_id=case.unit_id,
        what={"migration": row.migration_id, "old": case.version.number, "new": new},
    )


_LOCKED = (
    sa.select(Case)
    .where(Case.id == sa.bindparam("case_id"))
    .options(undefer(Case.engine_state), joinedload(Case.version), joinedload(Case.unit))
    .with_for_update(of=Case)
    .execution_options(populate_existing=True)
)


def _locked(session: Session, case_id: int) -> Case | None:
    return session.scalars(_LOCKED, {"case_id": case_id}).one_or_none()


def _author(person_id: int | None) -> Actor:
    """Stand for whoever had it done; the clock does it in their name."""
    return Actor(id=person_id, name="")


def _turn(session: Session, migration: Migration, old: Fate, new: Fate, *, now: datetime) -> int:
    turned = session.execute(
        sa.update(Follower)
        .where(
            Follower.migration_id == migration.id,
            Follower.fate == old,
            Follower.verdict != Verdict.CANNOT,
        )
        .values(fate=new, due_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(turned.rowcount)  # type: ignore[attr-defined]


def _tell(
    session: Session, migration: Migration, kind: str, count: int, *, by: Actor, now: datetime
) -> None:
    what = {
        "migration": migration.id,
        "process": migration.process.key,
        "new": migration.version.number,
        "count": count,
    }
    record(session, kind, by=by, now=now, what=what)


def _forget_old(session: Session, *, now: datetime) -> None:
    """Forget what nobody applied, and how cases stood that have gone on since they were moved."""
    gone_on = sa.select(Case.id).where(
        Case.id == Follower.case_id, Case.revision != Follower.revision
    )
    session.execute(
        sa.update(Follower)
        .where(Follower.before.is_not(None), gone_on.exists())
        .values(before=sa.null())
        .execution_options(synchronize_session=False)
    )
    old = sa.select(Migration.id).where(
        Migration.applied_at.is_(None), Migration.made_at < now - KEPT_UNAPPLIED
    )
    _forget(session, list(session.scalars(old)))


def _forget(session: Session, ids: list[int]) -> None:
    if ids:
        session.execute(sa.delete(Follower).where(Follower.migration_id.in_(ids)))
        session.execute(sa.delete(Migration).where(Migration.id.in_(ids)))
