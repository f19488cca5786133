"""Moving running cases to another version: each is asked first, then moved, and moved back.

Many cases are asked, moved and moved back in the same way: each is a row that says what waits to be
done with it, and the clock does some at a time. A few are asked at once.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.database import Base
from workflows.errors import Conflict
from workflows.history.rows import record
from workflows.operations import following
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.migrations import Fate, Follower, Migration, Verdict
from workflows.processes.models import Version
from workflows.processes.workshop import Proposal
from workflows.queries import migrating
from workflows.queries.migrations import is_asking, older

KEPT_UNAPPLIED = timedelta(days=1)
AT_ONCE = 25  # cases that are asked or moved in one transaction
CAN_FOLLOW = (Verdict.FOLLOWS, Verdict.MAPPED)
_follower = Base.metadata.tables["migration_case"]


def prepare(
    session: Session,
    version: Version,
    only: sa.Select[int] | Collection[int] | None = None,
    *,
    edits: Mapping[int, Mapping[str, str]] | None = None,
    by: Actor,
    now: datetime,
) -> Migration:
    """Let the cases on other versions, or `only` some, be asked what would become of them.

    `edits` says by old version which element is which where that could not be told.

    :raises Forbidden: if `by` may not move cases
    :raises Conflict: if there is no case to move
    :raises Invalid: if an edit names no element
    """
    require(by, Deed.MIGRATE, None)
    _forget_old(session, now=now)
    wanted = older(version) if only is None else older(version).where(Case.id.in_(only))
    old_ids = session.scalars(wanted.with_only_columns(Case.version_id).distinct()).all()
    if not old_ids:
        raise Conflict("no_cases_to_move")
    migration = Migration(
        process_id=version.process_id,
        version_id=version.id,
        mappings=migrating.mappings(session, sorted(old_ids), version, edits or {}),
        made_at=now,
        made_by_id=by.id,
    )
    if _choose(session, migration, wanted, Fate.PREPARED, now=now) <= AT_ONCE:
        mine = sa.select(Follower.id).where(Follower.migration_id == migration.id)
        _carry_some(session, list(session.scalars(mine)), now=now)
    return migration


def reach(session: Session, proposal: Proposal, *, now: datetime) -> None:
    """Let the running cases follow to a version in which only words differ.

    Whoever approved the words has moved the cases: it is taken back like any other move.
    """
    version = proposal.version
    migration = Migration(
        process_id=version.process_id,
        version_id=version.id,
        mappings={str(proposal.base_id): {}},
        made_at=now,
        made_by_id=proposal.submitted_by_id,
        applied_at=now,
        applied_by_id=proposal.decided_by_id,
    )
    wanted = older(version).where(Case.version_id == proposal.base_id)
    count = _choose(session, migration, wanted, Fate.WAITING, now=now)
    proposal.migration_id = migration.id
    by = following.author(proposal.decided_by_id)
    _tell(session, migration, "migration_applied", count, by=by, now=now)


def _choose(
    session: Session,
    migration: Migration,
    wanted: sa.Select[int, int],
    fate: Fate,
    *,
    now: datetime,
) -> int:
    """Keep which cases are meant, all of them still to be asked; returns how many they are."""
    session.add(migration)
    session.flush()
    alike = {
        "migration_id": migration.id,
        "verdict": Verdict.UNASKED,
        "told": {},
        "fate": fate,
        "due_at": now,
    }
    values = [sa.literal(value, _follower.c[name].type) for name, value in alike.items()]
    chosen = wanted.add_columns(*values).order_by(Case.id)
    names = ["case_id", "old_version_id", *alike]
    insert = sa.insert(_follower).from_select(names, chosen)
    kept = session.execute(insert.execution_options(preserve_rowcount=True))
    return int(kept.rowcount)  # type: ignore[attr-defined]


def apply(session: Session, migration: Migration, *, by: Actor, now: datetime) -> None:
    """Let the cases that can follow be moved, one after the other, by the clock.

    :raises Forbidden: if `by` may not move cases
    :raises Conflict: if it is applied already, still asks, or none of them can follow
    """
    require(by, Deed.MIGRATE, None)
    if migration.applied_at is not None:
        raise Conflict("migration_applied")
    if is_asking(session, migration):
        raise Conflict("migration_asks")
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
    """Do what waits to be done with one case and those beside it: ask, move, or move back.

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
    going = [row.case_id for row in rows if row.fate is not Fate.RETURNING]
    standing = {one.case.id: one for one in migrating.standings(session, going)}
    moves: list[following.Move] = []
    for row in rows:
        migration = session.get_one(Migration, row.migration_id)
        if row.fate is Fate.RETURNING:
            _return(session, cases[row.case_id], row, migration, now=now)
            continue
        stands = standing[row.case_id]
        found = following.asked(session, stands, row, migration, now=now)
        if row.verdict is Verdict.UNASKED:
            row.verdict, row.told = found.verdict, dict(found.told)
            if row.fate is Fate.PREPARED or found.migrated is None:
                row.fate, row.due_at = Fate.PREPARED, None
                continue
        if found.migrated is None or (found.verdict, found.told) != (row.verdict, row.told):
            row.fate, row.due_at = Fate.OUTDATED, None
        else:
            moves.append(following.Move(stands, row, migration, found, found.migrated))
    following.move_some(session, moves, now=now)


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
            Follower.verdict.in_(CAN_FOLLOW),
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
