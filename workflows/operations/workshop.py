"""The draft of a process: kept as it is typed, never overwriting what somebody else saved later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.exchange import must_be_text
from workflows.processes.models import PartKind, Process, Secrecy
from workflows.processes.packages import Package
from workflows.processes.rows import find
from workflows.processes.workshop import ProcessDraft, Sitting, parts_of
from workflows.queries import workshop as questions

A_SITTING = timedelta(hours=1)  # saving again within it is told of no more
MOST_PARTS = 500
LARGEST_PART = 1_000_000
# A file that says this of itself is not even kept: an editor that opened it could be led astray.
NOT_KEPT = ("empty_file", "file_too_large", "not_xml", "document_type", "too_many_elements")


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be kept of a draft; a part that is None is taken away."""

    source: bytes | None = None
    parts: Mapping[PartKind, Mapping[str, str | None]] = field(default_factory=dict)


def save(
    session: Session, process: Process, change: Change, *, seen: int, by: Actor, now: datetime
) -> ProcessDraft:
    """Keep a draft; the first time it begins as the version that is newest.

    :raises Forbidden: if `by` may not change the process
    :raises Conflict: if somebody has saved since revision `seen`
    :raises Invalid: if a file cannot be opened safely
    """
    require(by, Deed.CHANGE_PROCESS, process)
    draft = questions.draft(session, process, to_change=True)
    if seen != (draft.revision if draft else 0):
        raise Conflict("draft_overtaken")
    if draft is None:
        draft = _begun(session, process, questions.newest(session, process), by=by, now=now)
    if change.source is not None:
        _must_open(change.source, "")
        draft.source = change.source
    parts = {kind.value: dict(draft.parts.get(kind, {})) for kind in PartKind}
    for kind, given in change.parts.items():
        for name, content in given.items():
            if content is None:
                parts[kind].pop(name, None)
                continue
            ending = "dmn" if kind is PartKind.TABLE else "json"
            must_be_text(f"{name}.{ending}", content.encode())
            parts[kind][name] = content
    _must_be_small(parts)
    draft.parts = parts
    _saved(session, draft, by=by, now=now)
    return draft


def take(
    session: Session, process: Process, package: Package, *, kind: str, by: Actor, now: datetime
) -> ProcessDraft:
    """Let the draft be something else altogether: an earlier version, the supplier's, a file.

    :raises Forbidden: if `by` may not change the process
    :raises Conflict: if there is a draft already: it is for people to throw away
    """
    require(by, Deed.CHANGE_PROCESS, process)
    if questions.draft(session, process, to_change=True) is not None:
        raise Conflict("draft_there")
    _must_open(package.source, "")
    draft = _begun(session, process, package, by=by, now=now)
    _must_be_small(draft.parts)
    what = {"process": process.key, "hash": package.hash}
    record(session, kind, by=by, now=now, what=what)
    return draft


def bring(session: Session, package: Package, *, by: Actor, now: datetime) -> Process:
    """Take a process in from a file, as a draft; one that is not known here is added.

    :raises Forbidden: if `by` may not change processes
    :raises Conflict: if there is a draft already
    """
    process = find(session, package.key)
    require(by, Deed.CHANGE_PROCESS, process or Process(key=package.key))
    if process is None:
        names = engine.names_in(package.source)
        process = Process(
            key=package.key,
            prefix=package.key.upper().replace("_", "-"),
            name_sv=names.get("sv", package.key),
            name_en=names.get("en", package.key),
            secrecy=Secrecy.INTERNAL,
        )
        session.add(process)
        session.flush()
        record(session, "process_added", by=by, now=now, what={"process": process.key})
    take(session, process, package, kind="process_imported", by=by, now=now)
    return process


def drop(session: Session, process: Process, *, by: Actor, now: datetime) -> None:
    """Throw the draft away.

    :raises Forbidden: if `by` may not change the process
    :raises Conflict: if there is none
    """
    require(by, Deed.CHANGE_PROCESS, process)
    draft = questions.draft(session, process, to_change=True)
    if draft is None:
        raise Conflict("no_draft")
    hash_ = draft.package().hash
    session.delete(draft)
    session.flush()
    if questions.last(session, process) is None:  # it was never more than this draft
        session.execute(sa.delete(Sitting).where(Sitting.process_id == process.id))
        session.delete(process)
    what = {"process": process.key, "hash": hash_}
    record(session, "process_draft_dropped", by=by, now=now, what=what)


def sit(session: Session, process: Process, *, by: Actor, now: datetime) -> list[Sitting]:
    """Note that somebody has the draft open, and say who else has."""
    require(by, Deed.CHANGE_PROCESS, process)
    mine = sa.select(Sitting).filter_by(process_id=process.id, person_id=by.id)
    sitting = session.scalars(mine).one_or_none()
    if sitting is None:
        session.add(Sitting(process_id=process.id, person_id=by.id, seen_at=now))
    else:
        sitting.seen_at = now
    session.flush()
    return questions.sitting(session, process, by=by, now=now)


def _begun(
    session: Session, process: Process, package: Package, *, by: Actor, now: datetime
) -> ProcessDraft:
    draft = ProcessDraft(
        process=process,
        base=process.active_version,
        revision=0,
        source=package.source,
        parts=parts_of(package),
        begun_at=now,
        begun_by_id=by.id,
        saved_at=now - A_SITTING,
        saved_by_id=by.id,
        makers=[],
    )
    session.add(draft)
    session.flush()
    return draft


def _saved(session: Session, draft: ProcessDraft, *, by: Actor, now: datetime) -> None:
    is_new = draft.saved_by_id != by.id or draft.saved_at <= now - A_SITTING
    draft.revision += 1
    draft.saved_at, draft.saved_by_id = now, by.id
    draft.makers = sorted({*draft.makers, *({by.id, by.acting_for_id} - {None})})
    if is_new:
        what = {"process": draft.process.key, "hash": draft.package().hash}
        record(session, "process_drafted", by=by, now=now, what=what)
    session.flush()


def _must_open(source: bytes, file: str) -> None:
    found = engine.check_opening(source, file)
    if wrong := [problem for problem in found if problem.code in NOT_KEPT]:
        raise Invalid("file_not_kept", problems=tuple(wrong))


def _must_be_small(parts: Mapping[str, Mapping[str, str]]) -> None:
    sizes = [len(text) for each in parts.values() for text in each.values()]
    if len(sizes) > MOST_PARTS or max(sizes, default=0) > LARGEST_PART:
        raise Invalid("draft_too_large", most=MOST_PARTS, limit=LARGEST_PART)
