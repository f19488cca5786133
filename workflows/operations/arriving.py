"""What the deliveries share: locking case and row in that order, moving the case, telling of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases import post
from workflows.cases.messages import Message, Outcome
from workflows.cases.models import Case, CaseState
from workflows.history.rows import record
from workflows.operations import advance
from workflows.organisation.actor import Actor
from workflows.processes.rows import compiled


def locked(session: Session, case_id: Any) -> Case:
    """Lock a case, always before what is addressed to it."""
    wanted = sa.select(Case).where(Case.id == case_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def is_open(session: Session, message: Message) -> bool:
    """Lock the row; whether nobody was faster."""
    session.refresh(message, with_for_update=True)
    return message.closed_at is None


def receiver(session: Session, message: Message) -> Case | None:
    """Lock the case something is addressed to, and the row; None if there is nothing to do now."""
    case = locked(session, message.to_case_id or 0)
    if not is_open(session, message) or case.state is CaseState.SUSPENDED:
        return None
    return case


def move(
    session: Session,
    case: Case,
    command: engine.Command,
    kind: str,
    message: Message,
    step: str | None,
    *,
    by: Actor,
    now: datetime,
    why: str | None = None,
) -> None:
    """Move a case by what arrived."""
    facts = advance.facts(case, now=now)
    progress = engine.advance(compiled(case.version), case.engine_state, command, facts)
    what = told(message)
    advance.settle(session, case, progress, kind, by=by, now=now, step=step, what=what, why=why)


def missed(session: Session, message: Message, case: Case, *, by: Actor, now: datetime) -> None:
    """Mark that a case was past what was meant for it."""
    post.close(message, Outcome.MISSED, now=now)
    note(session, "message_missed", message, case, by=by, now=now)


def told(message: Message) -> dict[str, object]:
    """Say what arrived, for the record; never what it said."""
    sender = message.from_case.key if message.from_case else None
    told = {"message": message.name, "key": message.key, "from": sender, "code": message.error}
    return {name: value for name, value in told.items() if value}


def note(
    session: Session,
    kind: str,
    message: Message,
    case: Case | None,
    *,
    by: Actor,
    now: datetime,
    what: Mapping[str, object] | None = None,
) -> None:
    """Write down what became of something on its way, with the case that is locked."""
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=case.id if case else None,
        unit_id=case.unit_id if case else None,
        step=message.element if case and case.id == message.from_case_id else None,
        what=what or told(message),
    )
