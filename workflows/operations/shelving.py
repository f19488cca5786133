"""What is settled of a process as a whole: archived or not, who may publish, who must approve."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.operations import publishing
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.models import Process, Publisher, Version, VersionState
from workflows.queries import proposals
from workflows.queries import workshop as questions


def archive(session: Session, process: Process, *, why: str, by: Actor, now: datetime) -> None:
    """Let nothing new begin with a process, and hide it; what runs goes on, and all can be read.

    :raises Forbidden: if `by` may not change the process
    :raises Conflict: if it is archived already, or something of it is under review
    :raises Invalid: if nothing says why
    """
    require(by, Deed.CHANGE_PROCESS, process)
    if process.archived_at is not None or proposals.under_review(session, process) is not None:
        raise Conflict("under_review" if process.archived_at is None else "process_archived")
    if not why.strip():
        raise Invalid("reason_missing")
    process.archived_at = now
    if process.active_version is not None:
        process.active_version.state = VersionState.RETIRED
    session.flush()
    session.expire(process, ["active_version"])
    what = {"process": process.key}
    record(session, "process_archived", by=by, now=now, what=what, why=why.strip())


def restore(session: Session, process: Process, *, by: Actor, now: datetime) -> Version:
    """Take a process out of the archive: it runs the version it ran last.

    :raises Forbidden: if `by` may not change the process
    :raises Conflict: if it is not archived
    """
    require(by, Deed.CHANGE_PROCESS, process)
    if process.archived_at is None:
        raise Conflict("process_runs", process=process.key)
    record(session, "process_restored", by=by, now=now, what={"process": process.key})
    wanted = sa.select(Version).where(
        Version.process_id == process.id, Version.published_at.is_not(None)
    )
    last = session.scalars(wanted.order_by(Version.published_at.desc()).limit(1)).first()
    if last is None:
        raise Conflict("never_published")
    publishing.activate(session, last, "version_published", by=by, now=now)
    return last


def name_publishers(
    session: Session, process: Process, person_ids: Iterable[int], *, by: Actor, now: datetime
) -> None:
    """Say who of the process owners may change and publish a process; nobody named means all.

    :raises Forbidden: if `by` does not administer
    :raises Invalid: if somebody named is no process owner
    """
    require(by, Deed.SET_UP_PROCESS, process)
    old, new = {one.person_id for one in process.publishers}, set(person_ids)
    if new - {person.id for person in questions.owners(session)}:
        raise Invalid("no_process_owner")
    if old == new:
        return
    for one in list(process.publishers):
        if one.person_id not in new:
            session.delete(one)
    session.add_all(Publisher(process_id=process.id, person_id=one) for one in sorted(new - old))
    session.flush()
    session.expire(process, ["publishers"])
    what = {"process": process.key, "old": sorted(old), "new": sorted(new)}
    record(session, "publishers_changed", by=by, now=now, what=what)


def set_four_eyes(
    session: Session, process: Process, *, is_on: bool, why: str, by: Actor, now: datetime
) -> None:
    """Say whether a second person must approve what is published of a process.

    :raises Forbidden: if `by` does not administer
    :raises Invalid: if nothing says why
    """
    require(by, Deed.SET_UP_PROCESS, process)
    if process.four_eyes == is_on:
        return
    if not why.strip():
        raise Invalid("reason_missing")
    process.alone_since = None if is_on else now
    what = {"process": process.key, "old": not is_on, "new": is_on}
    record(session, "four_eyes_changed", by=by, now=now, what=what, why=why.strip())
