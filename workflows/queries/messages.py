"""What goes between a case and others, and what nobody has received."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.messages import Message, Outcome, Sent, Wait
from workflows.cases.models import Case
from workflows.errors import Conflict
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, may, require
from workflows.processes.models import Process

TOLD = (Sent.MESSAGE, Sent.SIGNAL, Sent.START, Sent.CALL)  # what else there is follows from these
MOST = 200


@dataclass(frozen=True, slots=True)
class Between:
    """What a case sent, started and called, what reached it, and what it waits for."""

    sent: list[Message]
    received: list[Message]
    waits: list[Wait]


def between(session: Session, case: Case) -> Between:
    """Find what goes between a case and others, in the order it was sent."""
    waits = sa.select(Wait).where(Wait.case_id == case.id, Wait.closed_at.is_(None))
    return Between(
        _messages(session, Message.from_case_id == case.id),
        _messages(session, Message.to_case_id == case.id, Message.closed_at.is_not(None)),
        list(session.scalars(waits.order_by(Wait.id))),
    )


def open_wait(session: Session, case: Case, wait_id: str) -> Wait:
    """Find what a case waits for, by the engine's name for it.

    :raises Conflict: if it waits no more
    """
    wanted = sa.select(Wait).where(
        Wait.case_id == case.id, Wait.wait_id == wait_id, Wait.closed_at.is_(None)
    )
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise Conflict("not_open", id=wait_id)
    return found


def not_received(session: Session, *, by: Actor) -> list[Message]:
    """List the messages that are kept, that expired or could not be delivered, the latest first;
    only of cases that `by` may operate.

    :raises Forbidden: if `by` operates no cases at all
    """
    require(by, Deed.SEE_STANDSTILL, None)
    kept = sa.and_(Message.closed_at.is_(None), Message.due_at.is_(None))
    gone = Message.outcome.in_((Outcome.EXPIRED, Outcome.REFUSED))
    found = _messages(session, sa.or_(kept, gone), Message.kind.in_(TOLD), latest=True)
    return [one for one in found if one.from_case and may(by, Deed.OPERATE_CASE, one.from_case)]


def process_names(session: Session, messages: list[Message]) -> dict[str, Process]:
    """Find the processes that messages start or call, by their keys."""
    keys = {one.name for one in messages if one.kind in (Sent.START, Sent.CALL)}
    if not keys:
        return {}
    return {
        one.key: one for one in session.scalars(sa.select(Process).where(Process.key.in_(keys)))
    }


def _messages(
    session: Session, *where: sa.ColumnElement[bool], latest: bool = False
) -> list[Message]:
    wanted = (
        sa.select(Message)
        .where(Message.kind.in_(TOLD), *where)
        .options(
            joinedload(Message.from_case).joinedload(Case.process),
            joinedload(Message.to_case).joinedload(Case.process),
            joinedload(Message.unit),
        )
        .order_by(Message.id.desc() if latest else Message.id)
        .limit(MOST)
    )
    return list(session.scalars(wanted))
