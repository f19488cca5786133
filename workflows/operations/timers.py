"""Letting the moment a case waited for come, and what becomes of one that came while nobody looked.

`missed` of a timer says it: `once` lets it come late, one time however many passes were missed;
`skip` does without it; `ask` leaves it to somebody who looks after due work.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.exact import next_pass, why_exactly
from workflows.cases.lateness import Late, lateness
from workflows.cases.models import MOVING, Case, Timer
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
    last = session.scalar(sa.select(sa.func.max(Timer.id)).where(Timer.case_id == case.id)) or 0
    progress = engine.advance(
        compiled(case.version),
        case.engine_state,
        engine.Fire(timer.wait_id),
        advance.facts(case, now=now),
    )
    what = {"due_at": timer.due_at, "rule": timer.rule} | (late.told if late else {})
    advance.settle(
        session, case, progress, "timer_fired", by=by, now=now, step=timer.element, what=what
    )
    if _is_cycle(timer, case) and timer.due_at is not None:
        following = sa.select(Timer).where(
            Timer.case_id == case.id,
            Timer.element == timer.element,
            Timer.id > last,
            Timer.closed_at.is_(None),
        )
        if (after := session.scalars(following.order_by(Timer.id)).first()) is not None:
            _date_pass(after, timer, timer.due_at, now)


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
    _record(session, timer, case, "timer_skipped", by=by, now=now, late=late, why=why)
    if _only_waits(timer, case):
        _come(session, timer, case, late, by=by, now=now)
    elif _is_cycle(timer, case) and timer.due_at is not None and timer.rule.startswith("P"):
        _date_pass(timer, timer, timer.due_at, now)
    else:
        timer.closed_at = now


def _date_pass(after: Timer, before: Timer, was_due: datetime, now: datetime) -> None:
    """Count the passes of a repetition from where it began, so that lateness never shifts them;
    those that were missed meanwhile are not made up for."""
    if not (engine.is_exact(after.rule) and after.rule.startswith("P")):
        return  # a rule of the calendar is dated from the moment the last pass came
    anchor = before.opened_at if before.rule == after.rule and before.opened_at else was_due
    after.opened_at = anchor
    after.due_at = next_pass(anchor, after.rule, max(was_due, now))
    after.because = why_exactly(after.rule, anchor, after.due_at)


def _is_cycle(timer: Timer, case: Case) -> bool:
    node = compiled(case.version).plan.nodes.get(timer.element)
    return node is not None and node.event is not None and node.event.form == "cycle"


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
    late: Late | None = None,
    why: str | None = None,
) -> None:
    what = {"due_at": timer.due_at, "rule": timer.rule} | (late.told if late else {})
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=case.id,
        unit_id=case.unit_id,
        step=timer.element,
        what=what,
        why=why,
    )
