"""From a draft to what runs: sent for review, approved by somebody else, published, rolled back.

What is reviewed is a version of its own that never changes after it was sent. A change of words
alone reaches running cases as soon as it is published; anything else leaves them where they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.models import OPEN, Case
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.operations import migrations, publishing
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes import comparing, rows
from workflows.processes.checking import check_draft
from workflows.processes.models import Process, Version
from workflows.processes.packages import Package
from workflows.processes.workshop import Proposal, ProposalState
from workflows.queries import workshop as questions

LONGEST = 4000  # characters of a note
MOST_COMMENTS = 200


@dataclass(frozen=True, slots=True)
class Ready:
    """A draft that was checked and may be sent; made before anything is written."""

    package: Package
    compiled: engine.Compiled


def ready(package: Package) -> Ready:
    """Check a draft.

    :raises Invalid: if it has errors; `problems` says which
    """
    found = check_draft(package)
    if found.errors or found.compiled is None:
        raise Invalid("process_has_errors", problems=found.errors)
    return Ready(package, found.compiled)


def submit(
    session: Session, process: Process, sent: Ready, *, note: str, by: Actor, now: datetime
) -> Proposal:
    """Send the draft for review as it was checked.

    :raises Forbidden: if `by` may not change the process
    :raises Conflict: if something is under review already, the draft was saved since it was
        checked, or nothing differs from what runs
    """
    require(by, Deed.CHANGE_PROCESS, process)
    draft = questions.draft(session, process, to_change=True)
    if draft is None:
        raise Conflict("no_draft")
    if draft.package().hash != sent.package.hash:
        raise Conflict("draft_overtaken")
    _must_differ(process, sent.package.hash)
    _must_be_alone(session, process)
    version = publishing.make(session, process, sent.package, sent.compiled, now=now)
    return _propose(session, version, note, draft.makers, by=by, now=now)


def submit_version(
    session: Session, version: Version, *, note: str, by: Actor, now: datetime
) -> Proposal:
    """Send a version that is there already for review: an earlier one, or the supplier's.

    :raises Forbidden: if `by` may not change the process
    :raises Conflict: if something is under review already, or it is what runs
    """
    require(by, Deed.CHANGE_PROCESS, version.process)
    _must_differ(version.process, version.content_hash)
    _must_be_alone(session, version.process)
    return _propose(session, version, note, (), by=by, now=now)


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
    proposal.state, proposal.answer = ProposalState.APPROVED, _text(answer)
    proposal.decided_at, proposal.decided_by_id = now, by.id
    proposal.publish_at = publish_at if publish_at and publish_at > now else None
    _tell(session, proposal, "version_approved", by=by, now=now, why=answer)
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
    kept = [{"element": key, "text": _text(said)} for key, said in comments if said.strip()]
    if not answer.strip() and not kept:
        raise Invalid("reason_missing")
    if len(kept) > MOST_COMMENTS:
        raise Invalid("text_too_long", most=MOST_COMMENTS)
    proposal.state, proposal.answer = ProposalState.RETURNED, _text(answer)
    proposal.comments = kept
    proposal.decided_at, proposal.decided_by_id = now, by.id
    _tell(session, proposal, "version_returned", by=by, now=now, why=answer)


def withdraw(session: Session, proposal: Proposal, *, by: Actor, now: datetime) -> None:
    """Take it back, as long as it is not published.

    :raises Forbidden: if `by` may not change the process
    :raises Conflict: if it is over already
    """
    require(by, Deed.CHANGE_PROCESS, proposal.process)
    if not proposal.is_open:
        raise Conflict("review_over")
    proposal.state, proposal.due_at = ProposalState.WITHDRAWN, None
    _tell(session, proposal, "version_withdrawn", by=by, now=now)


def clear(session: Session, proposal: Proposal, *, by: Actor, now: datetime) -> None:
    """Let a secret process become less guarded, as the proposal says.

    :raises Forbidden: if `by` does not guard what is secret, or proposed it
    :raises Conflict: if it is over, or asks for no such thing
    """
    require(by, Deed.CLEAR_PROCESS, proposal)
    if not proposal.is_open or not proposal.softens or proposal.cleared_at is not None:
        raise Conflict("review_over")
    proposal.cleared_at, proposal.cleared_by_id = now, by.id
    _tell(session, proposal, "version_cleared", by=by, now=now, softens=proposal.softens)
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
        left = migrations.reach_some(session, proposal, now=now)
        proposal.due_at = now if left else None


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


def _propose(
    session: Session,
    version: Version,
    note: str,
    makers: Iterable[int],
    *,
    by: Actor,
    now: datetime,
) -> Proposal:
    if not note.strip():
        raise Invalid("note_missing")
    process, base = version.process, version.process.active_version
    compiled = rows.compiled(version)
    is_editorial, softens = False, []
    if base is not None:
        old = rows.compiled(base)
        packages = (rows.stored(base), rows.stored(version))
        is_editorial = comparing.is_editorial(*packages, old, compiled)
        softens = comparing.softened(old, compiled)
    proposal = Proposal(
        process=process,
        version=version,
        base=base,
        state=ProposalState.WAITING,
        is_editorial=is_editorial,
        softens=softens,
        note=_text(note),
        submitted_at=now,
        submitted_by_id=by.id,
        makers=sorted({*makers, *({by.id, by.acting_for_id} - {None})}),
        comments=[],
        answer="",
    )
    session.add(proposal)
    session.flush()
    _tell(session, proposal, "version_submitted", by=by, now=now, why=note)
    return proposal


def _tell(
    session: Session,
    proposal: Proposal,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    why: str = "",
    **more: object,
) -> None:
    version = proposal.version
    what = {
        "process": proposal.process.key,
        "version": version.number,
        "hash": version.content_hash,
        "base": proposal.base.content_hash if proposal.base else None,
        "editorial": proposal.is_editorial,
        **more,
    }
    record(session, kind, by=by, now=now, what=what, why=why.strip() or None)


def _must_differ(process: Process, hash_: str) -> None:
    if process.active_version is not None and process.active_version.content_hash == hash_:
        raise Conflict("same_as_running")


def _must_be_alone(session: Session, process: Process) -> None:
    if questions.under_review(session, process) is not None:
        raise Conflict("under_review")


def _must_wait(proposal: Proposal) -> None:
    if proposal.state is not ProposalState.WAITING:
        raise Conflict("review_over")


def _must_rest_on_what_runs(proposal: Proposal) -> None:
    active = proposal.process.active_version
    if (active.id if active else None) != proposal.base_id:
        raise Conflict("base_overtaken")


def _text(said: str) -> str:
    if len(said) > LONGEST:
        raise Invalid("text_too_long", most=LONGEST)
    return said.strip()
