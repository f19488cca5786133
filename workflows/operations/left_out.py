"""Leaving open steps behind whose milestone has been marked as not existing here."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflows import engine
from workflows.calendar.because import Reason
from workflows.cases.models import Case, Timer
from workflows.operations import advance
from workflows.organisation.actor import Actor
from workflows.processes.rows import compiled
from workflows.steering.models import Move
from workflows.tasks.models import Outcome, Task
from workflows.tasks.rows import forget_draft


def leave_out(session: Session, move: Move, case: Case, *, by: Actor, now: datetime) -> None:
    """Let a case go on past a step or a timer; one that is done, or has a milestone again, stays.

    The case is locked by whoever calls this.
    """
    move.calls_due = False
    row = session.get(Task, move.task_id) if move.task_id else session.get(Timer, move.timer_id)
    if row is None or row.closed_at is not None or not _is_absent(row):
        return
    key = row.step_id if isinstance(row, Task) else row.wait_id
    what = {"step_id": key, "milestone": (row.because or {})["params"]["milestone"]}
    row.closed_at = now
    if isinstance(row, Task):
        row.outcome = Outcome.WITHDRAWN
        forget_draft(session, row)
    progress = engine.advance(
        compiled(case.version), case.engine_state, engine.Skip(key), advance.facts(case, now=now)
    )
    advance.settle(
        session, case, progress, "step_left_out", by=by, now=now, step=row.element, what=what
    )


def _is_absent(row: Task | Timer) -> bool:
    return (row.because or {}).get("unresolved") == Reason.MILESTONE_ABSENT
