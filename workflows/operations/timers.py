"""Letting the moment a case waited for come, and what becomes of one that came while nobody looked.

`missed` of a timer says it: `once` lets it come late, one time however many passes were missed;
`skip` does without it; `ask` leaves it to somebody who looks after due work.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.lateness import Late, lateness
from workflows.cases.models import MOVING, Case, Timer
from workflows.cases.passes import date_pass, is_cycle
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.operations import advance
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.rows import compiled


def fire(session: Session, timer: Timer, case: Case, *, by: Actor, now: datetime) -> None:
    """Move the case on because its timer is due; a timer that has fired, is closed or held does
    nothing any more, so that two clocks cannot fire it twice; nor does one of a case that rests."""
    if case.state not in MOVING:
        return
    if timer.fired_at is not None or timer.closed_at is not None or timer.held_at is not None:
        return
    late = lateness(session, timer.due_at, now=now) if timer.due_at else None
    missed = timer.missed if late and late.was_down else "once"
    if missed == "ask":
        timer.held_at = now
        _record(session, timer, case, "timer_held", by=by, now=now)
    elif missed == "skip":
        _do_without(session, timer, case, late, by=by, now=now)
    else:
        _come(session, timer, case, late, by=by, now=now)


def fire_late(session: Session, timer: Timer, case: Case, *, by: Actor, now: datetime) -> None:
    """Let a timer come after all that was left for somebody to decide about.

    :raises Forbidden: if `by` does not look after due work
    :raises Conflict: if there is nothing to decide any more
    """
    require(by, Deed.KEEP_DUE_WORK, None)
    if timer.held_at is None or timer.fired_at is not None or timer.closed_at is not None:
        raise Conflict("nothing_to_decide")
    late = lateness(session, timer.due_at, now=now) if timer.due_at else None
    timer.held_at = None
    _come(session, timer, case, late, by=by, now=now)


def skip(session: Session, timer: Timer, case: Case, *, why: str, by: Actor, now: datetime) -> None:
    """Do without a timer that is left to decide about, or that fails.

    :raises Forbidden: if `by` does not look after due work
    :raises Conflict: if it has come, or neither failed nor waits for a decision
    :raises Invalid: if no reason is given
    """
    require(by, Deed.KEEP_DUE_WORK, None)
    if not why.strip():
        raise Invalid("reason_missing")
    is_over = timer.fired_at is not None or timer.closed_at is not None
    if is_over or (timer.held_at is None and not timer.attempts):
        raise Conflict("nothing_to_decide")
    timer.held_at = timer.retry_at = None
    _do_without(session, timer, case, None, why=why.strip(), by=by, now=now)


def _come(
    session: Session,
    timer: Timer,
    case: Case,
    late: Late | None,
    *,
    by: Actor,
    now: datetime,
) -> None:
    timer.fired_at = now
    progress = engine.advance(
        compiled(case.version),
        case.engine_state,
        engine.Fire(timer.wait_id),
        advance.facts(case, now=now),
    )
    what = told_of(timer) | (late.told if late else {})
    advance.settle(
        session, case, progress, "timer_fired", by=by, now=now, step=timer.element, what=what
    )


def _do_without(
    session: Session,
    timer: Timer,
    case: Case,
    late: Late | None,
    *,
    by: Actor,
    now: datetime,
    why: str | None = None,
) -> None:
    """Go on as if the timer had not been there. What only waits goes on, for that is all it does;
    a repetition waits for its next pass; anything else waits for this no longer."""
    what = told_of(timer) | (late.told if late else {})
    is_all = _only_waits(timer, case)
    if not is_all and is_cycle(timer, case) and timer.due_at and timer.rule.startswith("P"):
        date_pass(timer, timer, timer.due_at, now)
        what["timers"] = [what | {"due_at": timer.due_at, "because": timer.because}]
    elif not is_all:
        timer.closed_at = now
    _record(session, timer, case, "timer_skipped", by=by, now=now, what=what, why=why)
    if is_all:
        _come(session, timer, case, late, by=by, now=now)


def _only_waits(timer: Timer, case: Case) -> bool:
    """Tell whether the timer is all its element is: on the way of the case, with no other way."""
    nodes = compiled(case.version).plan.nodes
    node = nodes.get(timer.element)
    if node is None or node.kind != "catch":
        return False
    return not any(
        other.kind == "events" and any(flow.target == node.id for flow in other.outgoing)
        for other in nodes.values()
    )


def _record(
    session: Session,
    timer: Timer,
    case: Case,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    what: Mapping[str, object] | None = None,
    why: str | None = None,
) -> None:
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=case.id,
        unit_id=case.unit_id,
        step=timer.element,
        what=what or told_of(timer),
        why=why,
    )


def told_of(timer: Timer) -> dict[str, Any]:
    """Say which timer it is, in an event."""
    return {"id": timer.wait_id, "due_at": timer.due_at, "rule": timer.rule}
