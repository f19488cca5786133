"""The passes of a timer that repeats: each is counted from where the repetition began."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.exact import next_pass, why_exactly
from workflows.cases.models import Case, Timer
from workflows.processes.rows import compiled


def follow(session: Session, case: Case, after: Timer, *, now: datetime) -> None:
    """Date a timer that opens because one of the same repetition has just fired."""
    if is_cycle(after, case):
        fired = sa.select(Timer).where(
            Timer.case_id == case.id, Timer.element == after.element, Timer.fired_at == now
        )
        before = session.scalars(fired.order_by(Timer.id.desc()).limit(1)).first()
        if before is not None and before.due_at is not None:
            date_pass(after, before, before.due_at, now)


def date_pass(after: Timer, before: Timer, was_due: datetime, now: datetime) -> None:
    """Count the passes of a repetition from where it began, so that lateness never shifts them;
    those that were missed meanwhile are not made up for."""
    if not (engine.is_exact(after.rule) and after.rule.startswith("P")):
        return  # a rule of the calendar is dated from the moment the last pass came
    anchor = before.opened_at if before.rule == after.rule and before.opened_at else was_due
    after.opened_at = anchor
    after.due_at = next_pass(anchor, after.rule, max(was_due, now))
    after.because = why_exactly(after.rule, anchor, after.due_at)


def is_cycle(timer: Timer, case: Case) -> bool:
    """Tell whether a timer repeats."""
    node = compiled(case.version).plan.nodes.get(timer.element)
    return node is not None and node.event is not None and node.event.form == "cycle"
