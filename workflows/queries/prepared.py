"""A prepared change beside what has happened since: what was touched, what will move now."""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Timer
from workflows.queries.redating import LEAVES, MOVES, TOLD_ANEW
from workflows.queries.replanning import revisions
from workflows.steering.models import Move, Replanning
from workflows.tasks.models import Task


def touched_cases(session: Session, prepared: Replanning) -> set[int]:
    """Find the cases something has happened in since the change was prepared."""
    seen: dict[str, int] = prepared.seen["cases"]
    live = revisions(session, prepared.unit_id)
    changed = {case_id for case_id, revision in live.items() if seen.get(str(case_id)) != revision}
    renewed = session.scalars(
        sa.select(Move.case_id)
        .join(Task, Task.id == Move.task_id)
        .where(Move.replanning_id == prepared.id, Task.revision != Move.seen)
    )
    return changed | set(renewed)


def shown_dates(
    session: Session, prepared_id: int, cases: Collection[int]
) -> set[tuple[object, ...]]:
    """Give what was shown of some cases and still waits, to be compared."""
    wanted = (Move.task_id, Move.timer_id, Move.fate, Move.new_due_at)
    return dates(session.execute(_waiting(prepared_id, *wanted).where(Move.case_id.in_(cases))))


def dates(moves: Iterable[Any]) -> set[tuple[object, ...]]:
    """Give what is compared of moves: which date becomes which."""
    return {
        (move.task_id, move.timer_id, move.fate, move.new_due_at)
        for move in moves
        if move.fate != TOLD_ANEW
    }


def about_to_move(session: Session, prepared_id: int) -> list[Any]:
    """List what moves when the change is made, case by case."""
    wanted = (
        Move.case_id, Move.unit_id, Move.task_id, Move.person_id, Move.element, Move.step_id,
        Move.old_due_at, Move.new_due_at, Move.because,
    )  # fmt: skip
    moving = _waiting(prepared_id, *wanted).where(Move.fate.in_((MOVES, LEAVES)))
    return list(session.execute(moving.order_by(Move.case_id, Move.id)))


def _waiting(prepared_id: int, *wanted: Any) -> sa.Select[Any]:
    """Choose the moves of tasks still open and of timers still waiting."""
    return (
        sa.select(*wanted)
        .outerjoin(Task, Task.id == Move.task_id)
        .outerjoin(Timer, Timer.id == Move.timer_id)
        .where(
            Move.replanning_id == prepared_id,
            Task.closed_at.is_(None),
            Timer.closed_at.is_(None),
            Timer.fired_at.is_(None),
        )
    )
