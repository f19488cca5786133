"""What cases listen for, and who may learn of what; called by verbs, without history."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows import engine
from workflows.cases.messages import Message, Sent, Wait
from workflows.cases.models import MOVING, Case, CaseState
from workflows.processes.models import Process, Version, VersionState
from workflows.processes.rows import compiled

NEWS = "has_post"  # in `Session.info`: something waits to be delivered once this is committed


def listen(session: Session, case: Case, waits: Iterable[engine.Wait], *, now: datetime) -> None:
    """Keep what a case listens for from now on."""
    rows = [
        Wait(
            case_id=case.id,
            wait_id=wait.id,
            element=wait.element,
            kind=Sent(wait.kind),
            name=wait.rule,
            key=wait.key or "",
            opened_at=now,
        )
        for wait in waits
        if wait.kind in ("message", "signal")
    ]
    add(session, rows)


def stop_listening(
    session: Session, case: Case, wait_ids: Iterable[str] | None = None, *, now: datetime
) -> None:
    """Close some of what a case listens for, or all of it."""
    which = Wait.wait_id.in_(list(wait_ids)) if wait_ids is not None else sa.true()
    session.execute(
        sa.update(Wait)
        .where(Wait.case_id == case.id, Wait.closed_at.is_(None), which)
        .values(closed_at=now, looked_at=sa.func.coalesce(Wait.looked_at, now))
    )


def waiting_for(session: Session, message: Message) -> Wait | None:
    """Find who waits for a message: the longest waiting case that may learn of it, if any."""
    return session.scalars(
        sa.select(Wait)
        .join(Case, Case.id == Wait.case_id)
        .where(
            Wait.kind == Sent.MESSAGE,
            Wait.name == message.name,
            Wait.key == message.key,
            Wait.closed_at.is_(None),
            Case.secrecy.in_(message.secrecy.may_receive),
            Case.state.in_((*MOVING, CaseState.SUSPENDED)),
        )
        .order_by(Case.state == CaseState.SUSPENDED, Wait.id)
        .limit(1)
    ).first()


def kept_for(session: Session, wait: Wait, case: Case) -> Message | None:
    """Find the oldest message that came before anybody listened, and lock it."""
    return session.scalars(
        sa.select(Message)
        .where(
            Message.kind == Sent.MESSAGE,
            Message.name == wait.name,
            Message.key == wait.key,
            Message.secrecy.in_(case.secrecy.may_know),
            Message.closed_at.is_(None),
        )
        .order_by(Message.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def beginning_on(session: Session, kind: str, name: str) -> list[Process]:
    """Find the processes whose cases a message or signal starts."""
    active = session.scalars(
        sa.select(Version)
        .where(Version.state == VersionState.ACTIVE)
        .options(joinedload(Version.process))
        .order_by(Version.id)
    )
    return [one.process for one in active if (kind, name) in compiled(one).description.begins_on]


def listeners(session: Session, case: Case, name: str) -> list[int]:
    """List the other cases that listen for a signal and may learn of it."""
    found = (
        sa.select(Wait.case_id)
        .join(Case, Case.id == Wait.case_id)
        .where(
            Wait.kind == Sent.SIGNAL,
            Wait.name == name,
            Wait.closed_at.is_(None),
            Wait.case_id != case.id,
            Case.secrecy.in_(case.secrecy.may_receive),
        )
    )
    return list(session.scalars(found.distinct().order_by(Wait.case_id)))


def add(session: Session, rows: list[Any]) -> list[Any]:
    """Write rows that are to be delivered or looked at once this is committed."""
    if rows:
        session.add_all(rows)
        session.info[NEWS] = True
    return rows
