"""Writing what one case sends, starts and calls, without permission or history; called by verbs."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.deadlines import local_day
from workflows.cases.listening import add, beginning_on, listeners
from workflows.cases.messages import Message, Outcome, Sent
from workflows.cases.models import Case
from workflows.errors import Invalid
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.actions import Starts
from workflows.processes.models import Process, Version
from workflows.processes.rows import find

KEPT_FOR = timedelta(days=90)
UNITS = {"d": "days", "w": "weeks", "h": "hours"}


def send(
    session: Session, case: Case, thrown: Iterable[engine.Thrown], *, now: datetime
) -> list[Message]:
    """Write what a case throws: a message as one row, a signal as one for each that listens."""
    rows: list[Message] = []
    for one in thrown:
        rest: dict[str, Any] = {"element": one.element, "payload": engine.pack(one.payload)}
        if one.kind == "message":
            until = now + _kept_for(one.expires)
            rest |= {"key": one.key or "", "expires_at": until}
            rows.append(_from(case, Sent.MESSAGE, one.name, now=now, **rest))
        elif one.kind == "escalation":
            rest |= {"key": case.caller_call or "", "to_case_id": case.caller_id}
            rows.append(_from(case, Sent.ESCALATION, one.name, now=now, **rest))
        else:
            rows += [
                _from(case, Sent.SIGNAL, one.name, now=now, to_case_id=case_id, **rest)
                for case_id in listeners(session, case, one.name)
            ]
            rest |= {"key": case.key, "unit_id": case.unit_id, "year": case.year}
            rows += [
                _from(case, Sent.START, process.key, now=now, **rest)
                for process in beginning_on(session, "signal", one.name)
            ]
    return add(session, rows)


def start(session: Session, case: Case, wanted: Starts, *, now: datetime) -> list[Message]:
    """Write the starts an action asks for, one for each unit that stands; where the process is
    switched off they are kept until it is switched on, or expire.

    :raises Invalid: if there is no such process or unit
    """
    process = find(session, wanted.process)
    if process is None:
        raise Invalid("unknown_process", process=wanted.process)
    is_off = process.active_version is None
    kept = {"due_at": None, "expires_at": now + KEPT_FOR} if is_off else {}
    rows = [
        _from(
            case,
            Sent.START,
            process.key,
            now=now,
            key=wanted.occasion,
            payload=engine.pack(wanted.data),
            unit_id=unit.id,
            year=case.year if wanted.year is None else wanted.year,
            **kept,
        )
        for unit in _units(session, case, wanted.units)
        if unit.stands_on(local_day(now))
    ]
    return add(session, rows)


def call(
    session: Session, case: Case, wanted: engine.Call, unit_id: int | None, *, now: datetime
) -> list[Message]:
    """Write that a case calls a process in a case of its own."""
    row = _from(
        case,
        Sent.CALL,
        wanted.process,
        now=now,
        key=wanted.id,
        element=wanted.element,
        payload=engine.pack(wanted.data),
        unit_id=unit_id,
        year=case.year,
        version_id=_pinned(session, case, wanted) if wanted.version == "pinned" else None,
    )
    return add(session, [row])


def call_off(
    session: Session, case: Case, call_ids: Iterable[str] | None = None, *, now: datetime
) -> None:
    """Take back calls (None: all) that nobody waits for any more: before they were made, or by
    ending the called case.
    """
    ids = None if call_ids is None else list(call_ids)
    some = Message.key.in_(ids) if ids is not None else sa.true()
    still = (Message.from_case_id == case.id, Message.kind == Sent.CALL, some)
    session.execute(
        sa.update(Message)
        .where(*still, Message.closed_at.is_(None))
        .values(closed_at=now, outcome=Outcome.MISSED)
    )
    called = session.execute(
        sa.select(Case.id, Case.caller_call).where(
            Case.caller_id == case.id,
            Case.closed_at.is_(None),
            Case.caller_call.in_(ids) if ids is not None else sa.true(),
        )
    ).all()
    rows = [
        _from(case, Sent.CANCEL, "", now=now, key=key, payload=b"{}", to_case_id=case_id)
        for case_id, key in called
    ]
    add(session, rows)


def hand_back(session: Session, case: Case, *, error: str | None, now: datetime) -> None:
    """Write to whoever called a case that it has ended, and with what; what is more secret than
    the caller stays where it is.
    """
    if case.caller_id is None:
        return
    caller = session.get_one(Case, case.caller_id)
    is_withheld = caller.secrecy not in case.secrecy.may_receive
    row = _from(
        case,
        Sent.RETURN,
        error or "",
        now=now,
        key=case.caller_call or "",
        payload=engine.pack({} if error or is_withheld else case.data),
        to_case_id=caller.id,
    )
    add(session, [row])


def close(
    message: Message, outcome: Outcome, *, now: datetime, to: Case | None = None, error: str = ""
) -> None:
    """Mark what became of something that was on its way."""
    message.closed_at, message.outcome, message.due_at = now, outcome, None
    if to is not None:
        message.to_case_id = to.id
    if error:
        message.error = error


def _from(case: Case, kind: Sent, name: str, *, now: datetime, **rest: Any) -> Message:
    said = {"key": "", "due_at": now} | rest
    return Message(
        kind=kind, name=name, from_case_id=case.id, secrecy=case.secrecy, sent_at=now, **said
    )


def begin_kept(session: Session, process: Process, *, now: datetime) -> None:
    """Let the starts that were kept for a process begin, now that it runs."""
    session.execute(
        sa.update(Message)
        .where(
            Message.kind == Sent.START,
            Message.name == process.key,
            Message.due_at.is_(None),
            Message.closed_at.is_(None),
        )
        .values(due_at=now)
    )


def _kept_for(expires: str | None) -> timedelta:
    return timedelta(**{UNITS[expires[-1]]: int(expires[:-1])}) if expires else KEPT_FOR


def _units(session: Session, case: Case, words: tuple[str, ...]) -> list[Unit]:
    if not words:
        return [case.unit]
    kinds = {kind.value for kind in UnitKind}
    codes = [word for word in words if word not in kinds]
    named = Unit.code.in_(codes) | Unit.kind.in_([UnitKind(w) for w in words if w in kinds])
    found = list(session.scalars(sa.select(Unit).where(named).order_by(Unit.id)))
    if unknown := set(codes) - {unit.code for unit in found}:
        raise Invalid("unknown_unit", units=sorted(unknown))
    return found


def _pinned(session: Session, case: Case, wanted: engine.Call) -> int | None:
    """Find the version that was the active one when the version of the caller was published."""
    process = find(session, wanted.process)
    if process is None:
        return None
    published = sa.select(Version.id).where(
        Version.process_id == process.id, Version.published_at.is_not(None)
    )
    before = published.where(Version.published_at <= case.version.published_at)
    latest = before.order_by(Version.published_at.desc(), Version.id.desc())
    first = published.order_by(Version.published_at, Version.id)
    return session.scalar(latest.limit(1)) or session.scalar(first.limit(1))
