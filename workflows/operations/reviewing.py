"""From what was sent for review to what runs: approved by somebody else, published, rolled back.

A change of words alone reaches running cases as soon as it is published; anything else leaves them
where they are.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import OPEN, Case
from workflows.errors import Conflict, Invalid
from workflows.operations import migrations, publishing
from workflows.operations.proposing import tell, text
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.workshop import Proposal, ProposalState
from workflows.queries import workshop as questions

MOST_COMMENTS = 200


def approve(
    session: Session,
    proposal: Proposal,
    *,
    answer: str,
    publish_at: datetime | None,
    by: Actor,
    now: datetime,
) -> None:
    """Approve what somebody else proposed; it is published now, or when its day has come.

    :raises Forbidden: if `by` may not approve it
    :raises Conflict: if it no longer waits, or another version was published since it was sent
    """
    require(by, Deed.REVIEW_PROCESS, proposal)
    _must_wait(proposal)
    _must_rest_on_what_runs(proposal)
    proposal.state, proposal.answer = ProposalState.APPROVED, text(answer)
    proposal.decided_at, proposal.decided_by_id = now, by.id
    proposal.publish_at = publish_at if publish_at and publish_at > now else None
    tell(
        session, proposal, "version_approved", by=by, now=now, why=answer,
        notice="review_approved", to=proposal.makers,
    )  # fmt: skip
    _publish_or_wait(session, proposal, by=by, now=now)


def send_back(
    session: Session,
    proposal: Proposal,
    comments: Iterable[tuple[str, str]],
    *,
    answer: str,
    by: Actor,
    now: datetime,
) -> None:
    """Send it back, with comments on elements.

    :raises Forbidden: if `by` may not review it
    :raises Conflict: if it no longer waits
    :raises Invalid: if nothing says why
    """
    require(by, Deed.REVIEW_PROCESS, proposal)
    _must_wait(proposal)
    kept = [{"element": key, "text": text(said)} for key, said in comments if said.strip()]
    if not answer.strip() and not kept:
        raise Invalid("reason_missing")
    if len(kept) > MOST_COMMENTS:
        raise Invalid("text_too_long", most=MOST_COMMENTS)
    proposal.state, proposal.answer = ProposalState.RETURNED, text(answer)
    proposal.comments = kept
    proposal.decided_at, proposal.decided_by_id = now, by.id
    tell(
        session, proposal, "version_returned", by=by, now=now, why=answer,
        notice="review_returned", to=proposal.makers,
    )  # fmt: skip


def clear(session: Session, proposal: Proposal, *, by: Actor, now: datetime) -> None:
    """Let a secret process become less guarded, as the proposal says.

    :raises Forbidden: if `by` does not guard what is secret, or proposed it
    :raises Conflict: if it is over, or asks for no such thing
    """
    require(by, Deed.CLEAR_PROCESS, proposal)
    if not proposal.is_open or not proposal.softens or proposal.cleared_at is not None:
        raise Conflict("review_over")
    proposal.cleared_at, proposal.cleared_by_id = now, by.id
    tell(session, proposal, "version_cleared", by=by, now=now, softens=proposal.softens)
    if proposal.state is ProposalState.APPROVED:
        _must_rest_on_what_runs(proposal)
        _publish_or_wait(session, proposal, by=by, now=now)


def carry_on(session: Session, proposal_id: int, *, by: Actor, now: datetime) -> None:
    """Publish what was approved for this day; let the words of what is published reach on.

    :raises Conflict: if another version was published since it was sent
    """
    locked = sa.select(Proposal).where(Proposal.id == proposal_id).with_for_update()
    proposal = session.scalars(locked.execution_options(populate_existing=True)).one()
    if proposal.due_at is None or proposal.due_at > now:
        return  # another clock has been here
    if proposal.state is ProposalState.APPROVED:
        _must_rest_on_what_runs(proposal)
        proposal.due_at = None
        _publish(session, proposal, by=by, now=now)
    elif proposal.state is ProposalState.PUBLISHED:
        migrations.reach(session, proposal, now=now)
        proposal.due_at = None


def _publish_or_wait(session: Session, proposal: Proposal, *, by: Actor, now: datetime) -> None:
    if proposal.softens and proposal.cleared_at is None:
        return  # it waits for the head of protective security
    if proposal.publish_at is not None and proposal.publish_at > now:
        proposal.due_at = proposal.publish_at
        session.flush()
        return
    _publish(session, proposal, by=by, now=now)


def _publish(session: Session, proposal: Proposal, *, by: Actor, now: datetime) -> None:
    version, process = proposal.version, proposal.process
    kind = "version_published" if version.published_at is None else "version_rolled_back"
    publishing.activate(session, version, kind, by=by, now=now)
    proposal.state = ProposalState.PUBLISHED
    runs_older = sa.exists().where(Case.version_id == proposal.base_id, Case.state.in_(OPEN))
    if proposal.is_editorial and session.scalar(sa.select(runs_older)):
        proposal.due_at = now
    draft = questions.draft(session, process, to_change=True)
    if draft is not None and draft.package().hash == version.content_hash:
        session.delete(draft)
    session.flush()


def _must_wait(proposal: Proposal) -> None:
    if proposal.state is not ProposalState.WAITING:
        raise Conflict("review_over")


def _must_rest_on_what_runs(proposal: Proposal) -> None:
    active = proposal.process.active_version
    if (active.id if active else None) != proposal.base_id:
        raise Conflict("base_overtaken")
