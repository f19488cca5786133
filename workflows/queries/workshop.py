"""The workshop's questions: a process with its draft, its versions, and what is under review."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from workflows.errors import NotFound
from workflows.history.models import Event
from workflows.organisation.actor import Actor
from workflows.organisation.models import Holding, Person
from workflows.permissions import Deed, require
from workflows.processes.models import Process, Version
from workflows.processes.packages import Package
from workflows.processes.rows import compiled, stored
from workflows.processes.workshop import ProcessDraft, Proposal, Sitting
from workflows.queries.migrations import Run, processes
from workflows.queries.proposals import UNDER_REVIEW, under_review

STILL_HERE = timedelta(minutes=3)
SHOWN = 50
OF_PROCESSES = (
    "process_added", "version_published", "version_offered", "process_drafted",
    "process_draft_dropped", "process_imported", "version_submitted", "version_withdrawn",
    "version_returned", "version_approved", "version_cleared", "version_rolled_back",
    "process_archived", "process_restored", "publishers_changed", "four_eyes_changed",
    "migration_applied", "migration_reverted",
)  # fmt: skip


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


def coming(session: Session, process: Process) -> Package:
    """Give what would run next: what is under review, else the draft."""
    proposal = under_review(session, process)
    return stored(proposal.version) if proposal else written(session, process)[1]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A process as the library shows it."""

    process: Process
    owner: str | None  # a role
    runs: list[Run]
    draft: ProcessDraft | None
    proposal: Proposal | None
    offered: Version | None  # the supplier's, newer than what runs and never looked at
    changed_at: datetime | None

    @property
    def cases(self) -> int:
        """How many run, whatever version."""
        return sum(run.cases for run in self.runs)

    @property
    def older(self) -> int:
        """How many run another version than new ones would."""
        active = self.process.active_version
        return sum(run.cases for run in self.runs if run.version is not active)


def library(session: Session, *, by: Actor) -> list[Shelved]:
    """List every process with where it stands.

    :raises Forbidden: if `by` may not see how processes are made
    """
    listed = processes(session, by=by)
    drafts = {
        one.process_id: one
        for one in session.scalars(
            sa.select(ProcessDraft).options(joinedload(ProcessDraft.saved_by))
        )
    }
    proposals = {
        one.process_id: one
        for one in session.scalars(
            sa.select(Proposal)
            .where(Proposal.state.in_(UNDER_REVIEW))
            .options(joinedload(Proposal.version), joinedload(Proposal.submitted_by))
        )
    }
    return [
        _shelved(process, runs, drafts.get(process.id), proposals.get(process.id))
        for process, runs in listed
    ]


def _shelved(
    process: Process, runs: list[Run], draft: ProcessDraft | None, proposal: Proposal | None
) -> Shelved:
    active = process.active_version
    newest = next((run.version for run in runs), None)
    offered = newest if newest is not None and is_offered(newest, active, proposal) else None
    shown = active or newest
    changes = [one for one in (draft and draft.saved_at, proposal and proposal.submitted_at,
                               shown and (shown.published_at or shown.made_at)) if one]  # fmt: skip
    owner = compiled(shown).description.owner if shown else None
    return Shelved(process, owner, runs, draft, proposal, offered, max(changes, default=None))


def is_offered(version: Version, active: Version | None, proposal: Proposal | None) -> bool:
    """Tell whether a version came from the supplier and waits for somebody to look at it."""
    return (
        version.is_shipped
        and version.published_at is None
        and (active is None or version.number > active.number)
        and (proposal is None or proposal.version_id != version.id)
    )


def on_shelf(session: Session, key: str, *, by: Actor) -> Shelved:
    """Load one process of the library.

    :raises NotFound: if there is none
    """
    found = next((one for one in library(session, by=by) if one.process.key == key), None)
    if found is None:
        raise NotFound
    return found


def version(session: Session, process: Process, number: int) -> Version:
    """Load one version of a process.

    :raises NotFound: if there is none
    """
    wanted = sa.select(Version).where(Version.process_id == process.id, Version.number == number)
    found = session.scalars(wanted.options(joinedload(Version.process))).one_or_none()
    if found is None:
        raise NotFound
    return found


def supplied(session: Session, process: Process, number: int) -> tuple[Version, Version]:
    """Load a version of the supplier's, and the one of theirs that ran last before it: what is ours
    began as that one.

    :raises NotFound: if it is not the supplier's, or the first
    """
    theirs = version(session, process, number)
    wanted = sa.select(Version).where(
        Version.process_id == process.id,
        Version.is_shipped,
        Version.published_at.is_not(None),
        Version.number < number,
    )
    base = session.scalars(wanted.order_by(Version.number.desc()).limit(1)).first()
    if base is None or not theirs.is_shipped:
        raise NotFound
    return base, theirs


def happened(session: Session, process: Process) -> list[Event]:
    """List what has happened to a process, the latest first."""
    told = Event.what.contains(f'"process":"{process.key}"')
    wanted = sa.select(Event).where(Event.case_id.is_(None), Event.kind.in_(OF_PROCESSES), told)
    return list(session.scalars(wanted.order_by(Event.n.desc()).limit(SHOWN)))


def owners(session: Session) -> list[Person]:
    """List the people who own processes, or will."""
    wanted = (
        sa.select(Person)
        .join(Holding, Holding.person_id == Person.id)
        .where(Holding.role == "process_owner", Person.closed_at.is_(None))
        .order_by(Person.sort_key)
        .distinct()
    )
    return list(session.scalars(wanted))


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
