"""What has been sent for review: of a process, by its id, who made it, and who may decide on it."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.errors import NotFound
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.models import Process, Version
from workflows.processes.workshop import Proposal, ProposalState
from workflows.queries.holdings import anywhere

UNDER_REVIEW = (ProposalState.WAITING, ProposalState.APPROVED)
SHOWN = 50


def under_review(session: Session, process: Process) -> Proposal | None:
    """Find what is under review, or approved and not published yet; there is one at most."""
    wanted = sa.select(Proposal).where(
        Proposal.process_id == process.id,
        Proposal.state.in_(UNDER_REVIEW),
    )
    return session.scalars(wanted).first()


def proposals(session: Session, process: Process) -> list[Proposal]:
    """List what has been sent for review, the latest first."""
    wanted = (
        sa.select(Proposal)
        .where(Proposal.process_id == process.id)
        .options(
            joinedload(Proposal.version),
            joinedload(Proposal.submitted_by),
            joinedload(Proposal.decided_by),
        )
        .order_by(Proposal.id.desc())
        .limit(SHOWN)
    )
    return list(session.scalars(wanted))


def proposal(session: Session, proposal_id: int, *, by: Actor, to_change: bool = False) -> Proposal:
    """Load what was sent for review, held until it is decided if that is meant.

    :raises NotFound: if there is none
    :raises Forbidden: if `by` may not see how processes are made
    """
    require(by, Deed.SEE_PROCESSES, None)
    wanted = sa.select(Proposal).where(Proposal.id == proposal_id)
    if to_change:
        wanted = wanted.with_for_update()
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound
    return found


def makers(session: Session, version: Version) -> set[int]:
    """Find who made a version that is there already: it is theirs, whoever sends it again."""
    wanted = sa.select(Proposal.makers).where(Proposal.version_id == version.id)
    return {one for found in session.scalars(wanted) for one in found}


def reviewers(session: Session, proposal: Proposal, *, today: date) -> set[int]:
    """Find who may review a proposal, or must let it be less guarded, and made nothing of it."""
    owning = anywhere(session, "process_owner", today)
    if named := {one.person_id for one in proposal.process.publishers}:
        owning &= named
    if proposal.softens:
        owning |= anywhere(session, "protective_security_chief", today)
    return owning if not proposal.process.four_eyes else owning - {*proposal.makers}
