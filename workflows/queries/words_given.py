"""What has been said about the open tasks of cases: by when they will be done, that help is needed
or somebody else, and when somebody was last asked.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import MOVING, Case
from workflows.history.models import Event
from workflows.language import on
from workflows.notices.models import Call, Promise
from workflows.queries.history import HANDED, SUGGESTED
from workflows.tasks.extensions import Extension
from workflows.tasks.models import Task

NUDGE = "nudge"
ASKED_AGAIN_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Words:
    """What stands about one open task; `until` and `why` are of what was said last."""

    needs_help: bool = False
    until: date | None = None  # promised, or asked for
    asks_for_time: bool = False
    why: str = ""
    asked_at: datetime | None = None
    may_be_asked: bool = True


def words_given(session: Session, case_ids: Collection[int], *, now: datetime) -> dict[int, Words]:
    """Gather what stands about each open task: a promise counts to its day, a call for help until
    it is answered or the task done.
    """
    last = sa.select(sa.func.max(Promise.id)).where(Promise.task_id == Task.id)
    asked = sa.select(sa.func.max(Call.due_at)).where(Call.task_id == Task.id, Call.key == NUDGE)
    handed = sa.select(sa.func.max(Event.id)).where(
        Event.case_id == Task.case_id,
        Event.step == Task.element,
        Event.kind.in_((*SUGGESTED, *HANDED)),
        Event.what.contains(Task.step_id),
    )
    undecided = sa.and_(Extension.task_id == Task.id, Extension.decided_at.is_(None))
    wanted = (
        sa.select(
            Task.id,
            Case.state,
            Promise.until,
            Promise.why,
            Promise.needs_help,
            Extension.new_due_at,
            Extension.why.label("plea"),
            Event.kind.label("handed"),
            Event.why.label("reason"),
            asked.correlate(Task).scalar_subquery().label("asked_at"),
        )
        .join(Case, Case.id == Task.case_id)
        .outerjoin(Promise, Promise.id == last.correlate(Task).scalar_subquery())
        .outerjoin(Extension, undecided)
        .outerjoin(Event, Event.id == handed.correlate(Task).scalar_subquery())
        .where(Task.case_id.in_(case_ids), Task.closed_at.is_(None))
    )
    return {row.id: words_of(row, now) for row in session.execute(wanted)}


def words_of(row: Any, now: datetime) -> Words:
    """Tell what a row says: that somebody else should do it, or when it is done, or both."""
    until, why, needs_help = None, "", bool(row.needs_help)
    if row.handed in SUGGESTED:
        why, needs_help = row.reason or "", True
    if row.new_due_at is not None:
        until, why, needs_help = on(row.new_due_at), row.plea, True
    elif row.until is not None and (needs_help or row.until >= on(now)):
        until, why = row.until, row.why
    lately = row.asked_at is not None and now - row.asked_at < ASKED_AGAIN_AFTER
    is_silent = until is None and not needs_help and row.state in MOVING
    asks = row.new_due_at is not None
    return Words(needs_help, until, asks, why, row.asked_at, is_silent and not lately)
