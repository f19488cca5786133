"""Attaching a file to a case, and removing one."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.documents import rows
from workflows.documents.models import File
from workflows.documents.receiving import Received
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.operations import approving
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, acting, require
from workflows.processes.models import Secrecy
from workflows.queries import files as questions
from workflows.tasks.models import Task
from workflows.tasks.rows import require_open

MOST_FILES = 300  # in a case


def attach(
    session: Session,
    case: Case,
    received: Received,
    *,
    task: Task | None = None,
    by: Actor,
    now: datetime,
) -> File:
    """Keep a file with a case, or with a task of it; the same name again is a new version.

    :raises Invalid: in a secret case, which holds pointers and never content
    :raises Conflict: if the case is over, the task closed, or there is no room for more
    :raises Forbidden: if `by` does not work in it
    """
    if task is not None:
        require_open(task)
        by = acting(by, task)
        require(by, Deed.SAVE_DRAFT, task)
    else:
        require(by, Deed.ATTACH, case)
    if case.secrecy is Secrecy.SECRET:
        raise Invalid("no_files_here")
    if case.closed_at is not None:
        raise Conflict("case_closed")
    if rows.count(session, case.id) >= MOST_FILES:
        raise Conflict("too_many_files", most=MOST_FILES)
    file = rows.keep(
        session,
        received,
        secrecy=case.secrecy,
        case_id=case.id,
        task_id=task.id if task else None,
        by_id=by.id,
        now=now,
    )
    step = task.element if task else None
    _tell(session, file, case, "file_attached", by=by, now=now, step=step)
    return file


def remove(session: Session, file: File, why: str, *, by: Actor, now: datetime) -> None:
    """Remove a file from a case; that it was there, its hash and the reason stay in the record.

    :raises Invalid: without a reason
    :raises Conflict: if it is part of what somebody has answered, or of a document
    :raises Forbidden: if `by` neither sent it nor operates the case
    """
    require(by, Deed.REMOVE_FILE, file)
    reason = why.strip()
    if not reason:
        raise Invalid("reason_missing")
    case = file.case
    if case is None or questions.is_in_use(session, file, case):
        raise Conflict("file_in_use")
    rows.drop(session, file, now=now)
    _tell(session, file, case, "file_removed", by=by, now=now, why=reason)


def _tell(
    session: Session,
    file: File,
    case: Case,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    step: str | None = None,
    why: str | None = None,
) -> None:
    what = {"file": file.id, "name": file.name, "version": file.version, "sha256": file.sha256}
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=case.id,
        unit_id=case.unit_id,
        step=step,
        what=what | {"size": file.size},
        why=why,
    )
    approving.follow(session, case, kind=kind, by=by, now=now)
