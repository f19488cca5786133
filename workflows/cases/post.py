"""Writing and finding what goes between cases, without permission or history; called by verbs."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows import engine
from workflows.cases.actions import Starts
from workflows.cases.messages import Message, Outcome, Sent, Wait
from workflows.cases.models import MOVING, Case, CaseState
from workflows.errors import Invalid
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.models import Process, Secrecy, Version, VersionState
from workflows.processes.rows import compiled, find

KEPT_FOR = timedelta(days=90)
UNITS = {"d": "days", "w": "weeks", "h": "hours"}
STRICTNESS = (Secrecy.OPEN, Secrecy.INTERNAL, Secrecy.SECRET)
NEWS = "has_post"  # in `Session.info`: something waits to be delivered once this is committed


def stricter(one: Secrecy, other: Secrecy) -> Secrecy:
    """Return the secrecy that fewer people see."""
    return max(one, other, key=STRICTNESS.index)


def may_receive(secrecy: Secrecy) -> tuple[Secrecy, ...]:
    """Return the secrecies of cases that may learn of something with this one."""
    return STRICTNESS[STRICTNESS.index(secrecy) :]


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
    _add(session, rows)


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
                for case_id in _listening(session, case, one.name)
            ]
            rest |= {"key": case.key, "unit_id": case.unit_id, "year": case.year}
            rows += [
                _from(case, Sent.START, process.key, now=now, **rest)
                for process in beginning_on(session, "signal", one.name)
            ]
    return _add(session, rows)


def start(session: Session, case: Case, wanted: Starts, *, now: datetime) -> list[Message]:
    """Write the starts an action asks for, one for each unit that stands.

    :raises Invalid: if there is no such process or unit
    """
    process = find(session, wanted.process)
    if process is None or process.active_version is None:
        raise Invalid("unknown_process", process=wanted.process)
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
        )
        for unit in _units(session, case, wanted.units)
        if unit.stands_on(now.date())
    ]
    return _add(session, rows)


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
    return _add(session, [row])


def call_off(session: Session, case: Case, call_ids: Iterable[str], *, now: datetime) -> None:
    """Take back calls nobody waits for any more: before they were made, or by ending the case."""
    ids = list(call_ids)
    still = (Message.from_case_id == case.id, Message.kind == Sent.CALL, Message.key.in_(ids))
    session.execute(
        sa.update(Message)
        .where(*still, Message.closed_at.is_(None))
        .values(closed_at=now, outcome=Outcome.MISSED)
    )
    called = session.execute(
        sa.select(Case.id, Case.caller_call).where(
            Case.caller_id == case.id, Case.caller_call.in_(ids), Case.closed_at.is_(None)
        )
    ).all()
    rows = [
        _from(case, Sent.CANCEL, "", now=now, key=key, payload=b"{}", to_case_id=case_id)
        for case_id, key in called
    ]
    _add(session, rows)


def hand_back(session: Session, case: Case, *, error: str | None, now: datetime) -> None:
    """Write to whoever called a case that it has ended, and with what; what is more secret than
    the caller stays where it is.
    """
    if case.caller_id is None:
        return
    caller = session.get_one(Case, case.caller_id)
    is_withheld = caller.secrecy not in may_receive(case.secrecy)
    row = _from(
        case,
        Sent.RETURN,
        error or "",
        now=now,
        key=case.caller_call or "",
        payload=engine.pack({} if error or is_withheld else case.data),
        to_case_id=caller.id,
    )
    _add(session, [row])


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
            Case.secrecy.in_(may_receive(message.secrecy)),
            Case.state.in_((*MOVING, CaseState.SUSPENDED)),
        )
        .order_by(Case.state == CaseState.SUSPENDED, Wait.id)
        .limit(1)
    ).first()


def kept_for(session: Session, wait: Wait, case: Case) -> Message | None:
    """Find the oldest message that came before anybody listened, and lock it."""
    known = [one for one in STRICTNESS if case.secrecy in may_receive(one)]
    return session.scalars(
        sa.select(Message)
        .where(
            Message.kind == Sent.MESSAGE,
            Message.name == wait.name,
            Message.key == wait.key,
            Message.secrecy.in_(known),
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
    rest.setdefault("key", "")
    return Message(
        kind=kind,
        name=name,
        from_case_id=case.id,
        secrecy=case.secrecy,
        sent_at=now,
        due_at=now,
        **rest,
    )


def _add(session: Session, rows: list[Any]) -> list[Any]:
    if rows:
        session.add_all(rows)
        session.info[NEWS] = True
    return rows


def _kept_for(expires: str | None) -> timedelta:
    return timedelta(**{UNITS[expires[-1]]: int(expires[:-1])}) if expires else KEPT_FOR


def _listening(session: Session, case: Case, name: str) -> list[int]:
    found = (
        sa.select(Wait.case_id)
        .join(Case, Case.id == Wait.case_id)
        .where(
            Wait.kind == Sent.SIGNAL,
            Wait.name == name,
            Wait.closed_at.is_(None),
            Wait.case_id != case.id,
            Case.secrecy.in_(may_receive(case.secrecy)),
        )
    )
    return list(session.scalars(found.distinct().order_by(Wait.case_id)))


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
