"""Cases that others start and call: their beginning, what they tell the caller, and their end."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases import post
from workflows.cases.deadlines import local_day
from workflows.cases.messages import Message, Outcome, Sent
from workflows.cases.models import Case
from workflows.errors import Conflict, Refused
from workflows.operations import advance
from workflows.operations.arriving import is_open, locked, missed, move, note, receiver, told
from workflows.operations.beginning import Wanted, begin
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.processes.models import Version
from workflows.processes.rows import find

DEEPEST = 30  # calls of cases by cases; more is a ring that never ends


def start(session: Session, message: Message, *, by: Actor, now: datetime) -> None:
    """Start a case that another asks for, once; where there is one already it stays."""
    sender = locked(session, message.from_case_id or 0)
    if not is_open(session, message):
        return
    is_call = message.kind is Sent.CALL
    try:
        wanted = _asked_for(session, message, sender, now=now)
        with session.begin_nested():  # what is refused leaves nothing half-begun
            case = begin(session, wanted, told=told(message), by=by, now=now)
    except Refused as refused:
        post.close(message, Outcome.REFUSED, error=refused.code, now=now)
        if is_call:
            failed = engine.Failed(message.key, refused.code)
            move(session, sender, failed, "call_failed", message, message.element, by=by, now=now)
        elif refused.code != "case_exists":
            note(session, "start_refused", message, sender, by=by, now=now)
    else:
        post.close(message, Outcome.DELIVERED, to=case, now=now)


def _asked_for(session: Session, message: Message, sender: Case, *, now: datetime) -> Wanted:
    process = find(session, message.name)
    version = process.active_version if process else None
    if message.version_id is not None:
        version = session.get_one(Version, message.version_id)
    unit = session.get(Unit, message.unit_id) if message.unit_id is not None else None
    if version is None:
        raise Conflict("process_not_published", process=message.name)
    if unit is None or not unit.stands_on(local_day(now)):
        raise Conflict("unit_closed" if unit else "unknown_unit")
    data, occasion, caller = engine.unpack(message.payload), message.key, None
    if message.kind is Sent.CALL:
        if _depth(session, sender) >= DEEPEST:
            raise Conflict("too_deep")
        occasion, caller = f"{sender.key}/{message.key}", (sender.id, message.key)
    year = message.year or sender.year
    return Wanted(version, unit, year, occasion, data, message.secrecy, caller)


def _depth(session: Session, case: Case) -> int:
    depth, caller_id = 1, case.caller_id
    while caller_id is not None and depth < DEEPEST:
        caller_id = session.scalar(sa.select(Case.caller_id).where(Case.id == caller_id))
        depth += 1
    return depth


def answer(session: Session, message: Message, *, by: Actor, now: datetime) -> None:
    """Tell a case what became of one it called."""
    case = receiver(session, message)
    if case is None:
        return
    command: engine.Command = engine.Done(message.key, engine.unpack(message.payload))
    kind = "called_case_ended"
    if message.kind is Sent.ESCALATION:
        command, kind = engine.Escalate(message.key, message.name), "called_case_told"
    elif message.name:
        command, kind = engine.Failed(message.key, message.name), "call_failed"
    call = sa.select(Message.element).where(
        Message.from_case_id == case.id, Message.kind == Sent.CALL, Message.key == message.key
    )
    step = session.scalar(call)
    post.close(message, Outcome.DELIVERED, now=now)
    try:
        if case.closed_at is not None:
            raise Conflict("not_open", id=message.key)
        move(session, case, command, kind, message, step, by=by, now=now)
    except Conflict as refused:
        if refused.code != "not_open":
            raise
        missed(session, message, case, by=by, now=now)


def call_off(session: Session, message: Message, *, by: Actor, now: datetime) -> None:
    """End a case whose caller waits for it no more."""
    case = receiver(session, message)
    if case is None:
        return
    if case.closed_at is not None:
        missed(session, message, case, by=by, now=now)
        return
    post.close(message, Outcome.DELIVERED, now=now)
    left = advance.end(session, case, is_called_off=True, now=now)
    what = told(message) | {"withdrawn": [{"element": task.element} for task in left]}
    note(session, "case_called_off", message, case, what=what, by=by, now=now)
