"""Moving running cases to another version: looked at first, then one case at a time, and back."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import OPEN, Case
from workflows.errors import Conflict
from workflows.history.rows import record
from workflows.operations import advance, following
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.migrations import Fate, Follower, Migration, Verdict
from workflows.processes.workshop import Proposal
from workflows.queries import migrating
from workflows.queries.migrating import Preview
from workflows.tasks.models import Task

KEPT_UNAPPLIED = timedelta(days=1)
AT_ONCE = 25  # cases that are moved in one transaction
REACHED_AT_ONCE = 30  # cases of a slice: the clock holds the right to write meanwhile


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
    _keep(session, migration, found)
    return migration


def reach_some(session: Session, proposal: Proposal, *, now: datetime) -> bool:
    """Let some running cases follow to a version in which only words differ; whether more are left.

    Whoever approved the words has moved the cases: it is taken back like any other move.
    """
    if proposal.migration_id is None:
        migration = Migration(
            process=proposal.process,
            version=proposal.version,
            mappings={str(proposal.base_id): {}},
            made_at=now,
            made_by_id=proposal.submitted_by_id,
            applied_at=now,
            applied_by_id=proposal.decided_by_id,
        )
        session.add(migration)
        session.flush()
        proposal.migration_id = migration.id
        by = following.author(proposal.decided_by_id)
        count = len(_untouched(session, migration, proposal.base_id))
        _tell(session, migration, "migration_applied", count, by=by, now=now)
    migration = session.get_one(Migration, proposal.migration_id)
    left = _untouched(session, migration, proposal.base_id)
    found = migrating.preview(
        session,
        proposal.process,
        proposal.version,
        lambda case: advance.facts(case, now=now),
        cases=set(left[:REACHED_AT_ONCE]),
    )
    _keep(session, migration, found)
    _turn(session, migration, Fate.PREPARED, Fate.WAITING, now=now)
    return len(left) > REACHED_AT_ONCE


def _untouched(session: Session, migration: Migration, version_id: int | None) -> list[int]:
    """List the open cases on a version that a migration does not hold yet."""
    held = sa.exists().where(Follower.migration_id == migration.id, Follower.case_id == Case.id)
    wanted = sa.select(Case.id).where(Case.version_id == version_id, Case.state.in_(OPEN), ~held)
    return list(session.scalars(wanted.order_by(Case.id)))


def _keep(session: Session, migration: Migration, found: Preview) -> None:
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
    if rows:
        session.execute(sa.insert(Follower), rows)


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
    case = following.locked(session, case_id)
    row = session.scalars(
        sa.select(Follower).where(
            Follower.migration_id == migration.id, Follower.case_id == case_id
        )
    ).one_or_none()
    if case is None or row is None or row.fate is not Fate.MOVED:
        raise Conflict("nothing_to_move_back")
    if not following.is_as_moved(case, row, migration):
        raise Conflict("happened_since")
    following.bring_back(session, case, row, by=by, now=now)


def carry_on(session: Session, row_id: int, *, now: datetime) -> None:
    """Do what waits to be done with one case and those beside it: move them, or move them back.

    Many share a transaction, for that is most of what one costs. Where one of them fails nothing of
    any is done but of the first, and the one that fails comes to fail alone.
    """
    beside = _beside(session, row_id, now=now)
    try:
        with session.begin_nested():
            _carry_some(session, beside, now=now)
    except Exception:
        if beside == [row_id]:
            raise
        _carry_some(session, [row_id], now=now)


def _beside(session: Session, row_id: int, *, now: datetime) -> list[int]:
    """List what is due of the rows that are done together."""
    wanted = sa.select(Follower.id).where(
        Follower.id - Follower.id % AT_ONCE == row_id - row_id % AT_ONCE,
        Follower.due_at <= now,
        sa.or_(Follower.retry_at.is_(None), Follower.retry_at <= now),
    )
    return list(session.scalars(wanted.order_by(Follower.id)))


def _carry_some(session: Session, row_ids: list[int], *, now: datetime) -> None:
    """The cases are held before their rows are read: another clock may have been here."""
    of_rows = sa.select(Follower.case_id).where(Follower.id.in_(row_ids))
    cases = following.locked_some(session, list(session.scalars(of_rows)))
    wanted = sa.select(Follower).where(Follower.id.in_(row_ids), Follower.due_at.is_not(None))
    rows = session.scalars(
        wanted.order_by(Follower.case_id).execution_options(populate_existing=True)
    ).all()
    moving = [row.case_id for row in rows if row.fate is not Fate.RETURNING]
    standing = {one.case.id: one for one in migrating.standings(session, moving)}
    anew: list[Task] = []
    for row in rows:
        migration = session.get_one(Migration, row.migration_id)
        if row.fate is Fate.RETURNING:
            _return(session, cases[row.case_id], row, migration, now=now)
            continue
        stands = standing[row.case_id]
        found = following.as_shown(session, stands, row, migration, now=now)
        if found is None or found.migrated is None:
            row.fate, row.due_at = Fate.OUTDATED, None
        else:
            migrated = found.migrated
            anew += following.move(session, stands, row, migration, found, migrated, now=now)
    following.call_anew(session, anew, now=now)


def _return(
    session: Session, case: Case, row: Follower, migration: Migration, *, now: datetime
) -> None:
    if following.is_as_moved(case, row, migration):
        by = following.author(migration.reverted_by_id)
        following.bring_back(session, case, row, by=by, now=now)
    else:
        row.fate, row.due_at, row.before = Fate.KEPT, None, None


def forget(session: Session, migration: Migration, *, by: Actor) -> None:
    """Throw away what was looked at and not applied.

    :raises Conflict: if it was applied: it can only be reverted
    """
    require(by, Deed.MIGRATE, None)
    if migration.applied_at is not None:
        raise Conflict("migration_applied")
    _forget(session, [migration.id])


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
