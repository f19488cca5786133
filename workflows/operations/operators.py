"""What an operator does to a case that does not go on as it should, each with a reason.

A deed is asked for on the case as it was `seen`, in a post with a `command` of its own: the same
post twice does it once. Each is refused with

- Conflict, when the case is over, rests or has moved meanwhile, or the thing is open no more;
- Forbidden, to whoever does not operate the case, or would steer it past those who are to review
  their work;
- Invalid, without a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases import incidents
from workflows.cases.models import MOVING, Case, CaseState, Timer
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.notices.rows import tell
from workflows.operations import advance, registering
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, operating, require
from workflows.processes.rows import compiled
from workflows.queries.standing import Thing


@dataclass(frozen=True, slots=True)
class Order:
    """Why an operator asks for a deed, by which post, and which revision of the case they saw."""

    why: str
    command: str
    seen: int


def cancel(session: Session, case: Case, order: Order, *, by: Actor, now: datetime) -> None:
    """End a case before its time with all that is open in it, and the cases it called; who had a
    task is told.
    """
    if is_repeated(case, order):
        return
    by = begin_deed(case, Deed.OPERATE_CASE, order, by=by, while_resting=True)
    left = advance.end(session, case, now=now)
    people = [one.assignee_id for one in left if one.assignee_id and one.assignee_id != by.id]
    tell(session, people, "case_cancelled", what={"case": case.key}, now=now)
    withdrawn = [{"step_id": task.step_id, "element": task.element} for task in left]
    _tell(session, case, "case_cancelled", order, by=by, now=now, what={"withdrawn": withdrawn})


def suspend(session: Session, case: Case, order: Order, *, by: Actor, now: datetime) -> None:
    """Let a case rest: until it goes on no timer fires and nothing is completed."""
    if is_repeated(case, order):
        return
    by = begin_deed(case, Deed.OPERATE_CASE, order, by=by)
    case.state = CaseState.SUSPENDED
    _tell(session, case, "case_suspended", order, by=by, now=now)


def resume(session: Session, case: Case, order: Order, *, by: Actor, now: datetime) -> None:
    """Let a case that rests go on; what came due meanwhile happens at the clock's next tick."""
    if is_repeated(case, order):
        return
    by = begin_deed(case, Deed.OPERATE_CASE, order, by=by, while_resting=True)
    if case.state is not CaseState.SUSPENDED:
        raise Conflict("case_rests_not")
    case.state = CaseState.STOPPED if incidents.of(case) else CaseState.RUNNING
    _tell(session, case, "case_resumed", order, by=by, now=now, what={"case_state": case.state})


def retry_incident(
    session: Session,
    case: Case,
    thing: Thing,
    order: Order,
    *,
    data: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Try the step of an incident again, perhaps with corrected data; it may stop there anew."""
    if is_repeated(case, order):
        return
    changed = _changes(case, data or {})
    by = begin_deed(case, Deed.STEER_CASE if changed else Deed.OPERATE_CASE, order, by=by)
    command = engine.Retry(thing.id, {name: new for name, (_, new) in changed.items()})
    kind, what = ("incident_mended", {"changed": changed}) if changed else ("incident_retried", {})
    _move(session, case, command, kind, order, by=by, now=now, step=thing.element, what=what)


def wake(
    session: Session, case: Case, thing: Thing, order: Order, *, by: Actor, now: datetime
) -> None:
    """Let the moment a case waits for come now."""
    if is_repeated(case, order):
        return
    by = begin_deed(case, Deed.STEER_CASE, order, by=by)
    timer = session.scalars(
        sa.select(Timer).where(
            Timer.case_id == case.id,
            Timer.wait_id == thing.id,
            Timer.fired_at.is_(None),
            Timer.closed_at.is_(None),
        )
    ).one_or_none()
    if timer is None:
        raise Conflict("not_open", id=thing.id)
    timer.fired_at = now
    what = {"id": timer.wait_id, "due_at": timer.due_at, "rule": timer.rule}
    command = engine.Fire(thing.id)
    _move(
        session, case, command, "timer_woken", order, by=by, now=now, step=thing.element, what=what
    )


def skip(
    session: Session, case: Case, thing: Thing, order: Order, *, by: Actor, now: datetime
) -> None:
    """Leave a step, a wait or an incident behind as if it were done."""
    if is_repeated(case, order):
        return
    by = begin_deed(case, Deed.STEER_CASE, order, by=by)
    what = {"id": thing.id}
    command = engine.Skip(thing.id)
    _move(
        session, case, command, "step_skipped", order, by=by, now=now, step=thing.element, what=what
    )


def move(
    session: Session,
    case: Case,
    thing: Thing,
    to: str,
    order: Order,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Close what is open at one step and open another of the same scope instead."""
    if is_repeated(case, order):
        return
    by = begin_deed(case, Deed.STEER_CASE, order, by=by)
    what = {"id": thing.id, "to": to}
    command = engine.MoveTo(thing.id, to)
    _move(
        session, case, command, "case_moved", order, by=by, now=now, step=thing.element, what=what
    )


def correct_data(
    session: Session,
    case: Case,
    data: Mapping[str, Any],
    order: Order,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Put right what a case knows; old and new stay in the record."""
    if is_repeated(case, order):
        return
    by = begin_deed(case, Deed.STEER_CASE, order, by=by)
    changed = _changes(case, data)
    if not changed:
        raise Invalid("nothing_differs")
    command = engine.Correct({name: new for name, (_, new) in changed.items()})
    what = {"changed": changed}
    _move(session, case, command, "data_corrected", order, by=by, now=now, step=None, what=what)


def is_repeated(case: Case, order: Order) -> bool:
    """Tell whether a deed was done by this very post already."""
    return bool(order.command) and case.command == order.command


def foresee(case: Case, command: engine.Command, *, now: datetime) -> engine.Progress:
    """Say where a deed would lead, without doing it.

    :raises Conflict: if it cannot be done
    """
    facts = advance.facts(case, now=now)
    return engine.advance(compiled(case.version), case.engine_state, command, facts)


def begin_deed(
    case: Case, deed: Deed, order: Order, *, by: Actor, while_resting: bool = False
) -> Actor:
    """Let an operator begin a deed: returns who they are for it.

    :raises Conflict: if the case is over, rests or has moved since it was seen
    :raises Forbidden: if `by` may not do it
    :raises Invalid: if no reason is given
    """
    by = operating(by, case)
    require(by, deed, case)
    if case.closed_at is not None:
        raise Conflict("case_closed")
    if case.state not in MOVING and not while_resting:
        raise Conflict("case_rests")
    if case.revision != order.seen:
        raise Conflict("overtaken")
    if not order.why.strip():
        raise Invalid("reason_missing")
    case.command = order.command or None
    return by


def _changes(case: Case, data: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (case.data.get(name), new) for name, new in data.items() if case.data.get(name) != new
    }


def _move(
    session: Session,
    case: Case,
    command: engine.Command,
    kind: str,
    order: Order,
    *,
    by: Actor,
    now: datetime,
    step: str | None,
    what: Mapping[str, object],
) -> None:
    progress = foresee(case, command, now=now)
    why = order.why.strip()
    advance.settle(session, case, progress, kind, by=by, now=now, step=step, what=what, why=why)
    if isinstance(changed := what.get("changed"), Mapping):
        registering.follow_correction(session, case, changed, by=by, now=now)


def _tell(
    session: Session,
    case: Case,
    kind: str,
    order: Order,
    *,
    by: Actor,
    now: datetime,
    what: Mapping[str, object] | None = None,
) -> None:
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=case.id,
        unit_id=case.unit_id,
        what=what,
        why=order.why.strip(),
    )
