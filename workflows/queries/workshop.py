"""The workshop's questions: a process with its draft, its versions, and what is under review."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from workflows.errors import NotFound
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.models import Process, Version
from workflows.processes.packages import Package
from workflows.processes.rows import stored
from workflows.processes.workshop import ProcessDraft, Sitting

STILL_HERE = timedelta(minutes=3)


def process(session: Session, process_id: int, *, by: Actor) -> Process:
    """Load a process for somebody who may change it.

    :raises NotFound: if there is none
    :raises Forbidden: if they may not
    """
    found = session.get(Process, process_id, options=[selectinload(Process.publishers)])
    if found is None:
        require(by, Deed.MIGRATE, None)  # who may change none learns of none
        raise NotFound
    require(by, Deed.CHANGE_PROCESS, found)
    return found


def draft(session: Session, process: Process, *, to_change: bool = False) -> ProcessDraft | None:
    """Load the draft of a process, held until it is changed if that is meant."""
    wanted = (
        sa.select(ProcessDraft)
        .where(ProcessDraft.process_id == process.id)
        .options(undefer(ProcessDraft.source), undefer(ProcessDraft.parts))
    )
    if to_change:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalars(wanted).one_or_none()


def newest(session: Session, process: Process) -> Package:
    """Give what a new draft begins as: the version that runs, else the last one there is.

    :raises NotFound: if there is none
    """
    found = process.active_version or last(session, process)
    if found is None:
        raise NotFound
    return stored(found)


def last(session: Session, process: Process) -> Version | None:
    """Find the version of a process with the highest number."""
    wanted = sa.select(Version).where(Version.process_id == process.id)
    return session.scalars(wanted.order_by(Version.number.desc()).limit(1)).first()


def written(session: Session, process: Process) -> tuple[int, Package]:
    """Give the draft as a package with its revision; 0 and the newest version if there is none."""
    found = draft(session, process)
    return (found.revision, found.package()) if found else (0, newest(session, process))


def sitting(session: Session, process: Process, *, by: Actor, now: datetime) -> list[Sitting]:
    """List who else has the draft open."""
    wanted = (
        sa.select(Sitting)
        .where(
            Sitting.process_id == process.id,
            Sitting.person_id != by.id,
            Sitting.seen_at > now - STILL_HERE,
        )
        .options(joinedload(Sitting.person))
        .order_by(Sitting.seen_at.desc())
    )
    return list(session.scalars(wanted))
