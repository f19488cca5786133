"""Delivering what one case sends to another, exactly once: each row in a transaction that moves at
most one case. The case is locked first, then the row, and whatever happened meanwhile is seen.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases import listening, post
from workflows.cases.deadlines import local_day
from workflows.cases.messages import Message, Outcome, Sent, Wait
from workflows.cases.models import MOVING, Case
from workflows.errors import Conflict
from workflows.notices.rows import tell
from workflows.operations import calls
from workflows.operations.arriving import is_open, locked, missed, move, note, receiver, told
from workflows.operations.beginning import Wanted, begin
from workflows.operations.operators import Order, begin_deed, is_repeated
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed
from workflows.processes.models import Process, Secrecy
from workflows.queries.holdings import holders

WATCHES = {Secrecy.SECRET: "protective_security_chief"}


def deliver(session: Session, message_id: int, *, by: Actor, now: datetime) -> None:
    """Do what something on its way is there for; nothing when somebody else was faster."""
    message = session.get(Message, message_id)
    if message is None or message.closed_at is not None:
        return
    match message.kind:
        case Sent.MESSAGE:
            _correlate(session, message, by=by, now=now)
        case Sent.SIGNAL:
            _signal(session, message, by=by, now=now)
        case Sent.START | Sent.CALL:
            calls.start(session, message, by=by, now=now)
        case Sent.RETURN | Sent.ESCALATION:
            calls.answer(session, message, by=by, now=now)
        case Sent.CANCEL:
            calls.call_off(session, message, by=by, now=now)
    session.flush()


def look(session: Session, wait_id: int, *, by: Actor, now: datetime) -> None:
    """Give a case that has begun to listen what came before it did."""
    of_wait = sa.select(Wait.case_id).where(Wait.id == wait_id).scalar_subquery()
    case = locked(session, of_wait)
    wait = session.get_one(Wait, wait_id)
    wait.looked_at = now
    if wait.kind is Sent.SIGNAL or wait.closed_at is not None:
        return
    message = listening.kept_for(session, wait, case)
    if message is not None and case.state in MOVING:
        _receive(session, message, wait, case, by=by, now=now)
    elif message is not None:
        message.due_at, message.to_case_id = now, case.id  # and waits until the case goes on


def expire(session: Session, message_id: int, *, by: Actor, now: datetime) -> None:
    """Stop keeping a message nobody received, and tell those who answer for its sender."""
    message = session.get_one(Message, message_id)
    case = None if message.from_case_id is None else locked(session, message.from_case_id)
    if not is_open(session, message):
        return
    post.close(message, Outcome.EXPIRED, now=now)
    note(session, "message_expired", message, case, by=by, now=now)
    if case is not None:
        role = WATCHES.get(case.secrecy, "security_coordinator")
        places = [(role, case.unit_id)]
        people = holders(session, places, local_day(now))[role, case.unit_id]
        tell(session, people, "message_expired", what={"case": case.key}, now=now)


def send_message(
    session: Session,
    case: Case,
    wait: Wait,
    payload: Mapping[str, Any],
    order: Order,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Bring to a case what it waits for and what came another way: by letter, by telephone.

    :raises Conflict: if it waits no more, rests or has moved since it was seen
    :raises Forbidden: if `by` does not operate it, or did work in it that others must review
    :raises Invalid: if no reason is given
    """
    if is_repeated(case, order):
        return
    by = begin_deed(case, Deed.SEND_MESSAGE, order, by=by)
    if wait.closed_at is not None or wait.case_id != case.id:
        raise Conflict("not_open", id=wait.wait_id)
    message = Message(
        kind=wait.kind,
        name=wait.name,
        key=wait.key,
        payload=engine.pack(payload),
        secrecy=case.secrecy,
        sent_by_id=by.id,
        sent_at=now,
    )
    session.add(message)
    _receive(session, message, wait, case, why=order.why.strip(), by=by, now=now)


def _correlate(session: Session, message: Message, *, by: Actor, now: datetime) -> None:
    """Give a message to who waits for it, start the case that begins with it, or keep it."""
    wait = listening.waiting_for(session, message)
    if wait is None:
        _keep(session, message, by=by, now=now)
        return
    case = locked(session, wait.case_id)
    session.refresh(wait)
    if not is_open(session, message) or wait.closed_at is not None:
        return  # if it is still on its way it is tried again at once
    if case.state in MOVING:
        _receive(session, message, wait, case, by=by, now=now)
    else:
        message.to_case_id = case.id  # and waits with it, until it goes on


def _keep(session: Session, message: Message, *, by: Actor, now: datetime) -> None:
    if not is_open(session, message) or listening.waiting_for(session, message) is not None:
        return  # somebody has come meanwhile: it is tried again at once
    message.to_case_id = message.due_at = None
    for process in listening.beginning_on(session, "message", message.name)[:1]:
        wanted = _begun_by(session, message, process)
        if wanted is not None and wanted.unit.stands_on(local_day(now)):
            try:
                case = begin(session, wanted, told=told(message), by=by, now=now)
            except Conflict:
                return  # there is one already: it is kept for whatever that one waits for next
            post.close(message, Outcome.DELIVERED, to=case, now=now)


def _begun_by(session: Session, message: Message, process: Process) -> Wanted | None:
    """Say which case a message starts: in the unit and year it names, else those of its sender."""
    sender, data = message.from_case, engine.unpack(message.payload)
    unit = sender.unit if sender else None
    if isinstance(code := data.get("unit"), str):
        unit = session.scalars(sa.select(Unit).where(Unit.code == code)).one_or_none() or unit
    year = data.get("year")
    if not isinstance(year, int):
        year = sender.year if sender else None
    if unit is None or year is None or process.active_version is None:
        return None
    return Wanted(process.active_version, unit, year, message.key, data, message.secrecy)


def _receive(
    session: Session,
    message: Message,
    wait: Wait,
    case: Case,
    *,
    by: Actor,
    now: datetime,
    why: str | None = None,
) -> None:
    post.close(message, Outcome.DELIVERED, to=case, now=now)
    if wait.kind is Sent.MESSAGE:
        message.to_wait_id = wait.id
    wait.closed_at, wait.looked_at = now, wait.looked_at or now
    command = engine.Deliver(wait.wait_id, engine.unpack(message.payload))
    kind = "message_received" if wait.kind is Sent.MESSAGE else "signal_received"
    move(session, case, command, kind, message, wait.element, why=why, by=by, now=now)


def _signal(session: Session, message: Message, *, by: Actor, now: datetime) -> None:
    """Let everything in a case that listened for a signal when it was sent hear it."""
    case = receiver(session, message)
    if case is None:
        return
    listening = session.scalars(
        sa.select(Wait)
        .where(
            Wait.case_id == case.id,
            Wait.kind == Sent.SIGNAL,
            Wait.name == message.name,
            Wait.closed_at.is_(None),
            Wait.opened_at <= message.sent_at,
        )
        .order_by(Wait.id)
    ).all()
    if not listening:
        missed(session, message, case, by=by, now=now)
    for wait in listening:
        session.refresh(wait)
        if wait.closed_at is None and case.closed_at is None:
            _receive(session, message, wait, case, by=by, now=now)
