"""Sending a change of a process for review: checked, told to those who may review it, taken back.

What is reviewed is a version of its own that never changes after it was sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflows import engine
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.language import on
from workflows.notices import rows as notices
from workflows.operations import publishing
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes import judging, rows
from workflows.processes.checking import check_draft
from workflows.processes.models import Process, Version
from workflows.processes.packages import Package
from workflows.processes.workshop import Proposal, ProposalState
from workflows.queries import proposals
from workflows.queries import workshop as questions

LONGEST = 4000  # characters of a note


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
    makers = proposals.makers(session, version)
    return _propose(session, version, note, makers, by=by, now=now)


def withdraw(session: Session, proposal: Proposal, *, by: Actor, now: datetime) -> None:
    """Take it back, as long as it is not published.

    :raises Forbidden: if `by` may not change the process
    :raises Conflict: if it is over already
    """
    require(by, Deed.CHANGE_PROCESS, proposal.process)
    if not proposal.is_open:
        raise Conflict("review_over")
    proposal.state, proposal.due_at = ProposalState.WITHDRAWN, None
    tell(session, proposal, "version_withdrawn", by=by, now=now)


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
        is_editorial = judging.is_editorial(*packages, old, compiled)
        softens = judging.softened(old, compiled)
    proposal = Proposal(
        process=process,
        version=version,
        base=base,
        state=ProposalState.WAITING,
        is_editorial=is_editorial,
        softens=softens,
        note=text(note),
        submitted_at=now,
        submitted_by_id=by.id,
        makers=sorted({*makers, *({by.id, by.acting_for_id} - {None})}),
        comments=[],
        answer="",
    )
    session.add(proposal)
    session.flush()
    reviewers = proposals.reviewers(session, proposal, today=on(now))
    tell(
        session, proposal, "version_submitted", by=by, now=now, why=note,
        notice="review_waits", to=reviewers,
    )  # fmt: skip
    return proposal


def tell(
    session: Session,
    proposal: Proposal,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    why: str = "",
    notice: str = "",
    to: Iterable[int] = (),
    **more: object,
) -> None:
    """Write down what becomes of a proposal, with the hashes of what it is and what it rests on; a
    `notice` of it goes `to` people as often as each of them wants mail, never to whoever did it.
    """
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
    if notice:
        about = {
            "proposal": proposal.id,
            "process_id": proposal.process_id,
            "version": version.number,
            "person": by.id or 0,
        }
        notices.tell(session, {*to} - {by.id}, notice, what=about, now=now)


def text(said: str) -> str:
    """Give what somebody wrote.

    :raises Invalid: if it is too long
    """
    if len(said) > LONGEST:
        raise Invalid("text_too_long", most=LONGEST)
    return said.strip()


def _must_differ(process: Process, hash_: str) -> None:
    if process.active_version is not None and process.active_version.content_hash == hash_:
        raise Conflict("same_as_running")


def _must_be_alone(session: Session, process: Process) -> None:
    if proposals.under_review(session, process) is not None:
        raise Conflict("under_review")
