"""Letting the moment a case waited for come."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.models import Case, Timer
from workflows.operations import advance
from workflows.organisation.actor import Actor
from workflows.processes.rows import compiled


def fire(session: Session, timer: Timer, case: Case, *, by: Actor, now: datetime) -> None:
    """Move the case on because its timer is due; a timer that has fired or is closed does nothing
    any more, so that two clocks cannot fire it twice."""
    if timer.fired_at is not None or timer.closed_at is not None:
        return
    timer.fired_at = now
    progress = engine.advance(
        compiled(case.version),
        case.engine_state,
        engine.Fire(timer.wait_id),
        advance.facts(case, now=now),
    )
    what = {"due_at": timer.due_at, "rule": timer.rule}
    advance.settle(
        session, case, progress, "timer_fired", by=by, now=now, step=timer.element, what=what
    )
