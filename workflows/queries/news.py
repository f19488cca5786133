"""What happened since somebody's last visit in what they take part in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.history.models import Event
from workflows.organisation.accounts import SignIn
from workflows.organisation.actor import Actor
from workflows.queries import history
from workflows.queries.history import Told
from workflows.queries.inbox import OPEN
from workflows.queries.sight import visible_cases
from workflows.tasks.models import Task

MOST = 6
TAKES_PART = timedelta(days=400)  # who has done a step takes part in its case for so long
# What others do that one would ask about; what the machine notes for itself is in the history.
KINDS = (
    "case_finished", "case_stopped", "case_cancelled", "case_suspended", "case_resumed",
    "task_completed", "task_delegated", "task_returned", "task_reassigned", "other_suggested",
    "other_asked_for", "comment_added", "promise_given", "nudged", "time_asked_for", "time_given",
    "time_refused", "dates_moved", "approval_broken", "document_made", "data_corrected",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class News:
    """What happened since then, the latest first, and whether there is more."""

    since: datetime
    events: list[Told]
    is_more: bool


def since_last_visit(session: Session, *, by: Actor, door_id: int) -> News | None:
    """Tell what others did since the sign-in before this one was last used; none at the first."""
    before = sa.select(sa.func.max(SignIn.seen_at)).where(
        SignIn.person_id == by.id, SignIn.id < door_id
    )
    since = session.scalar(before)
    if since is None:
        return None
    theirs = sa.union(
        sa.select(Task.case_id).where(OPEN, Task.assignee_id == by.id),
        sa.select(Task.case_id).where(
            Task.done_by_id == by.id, Task.closed_at >= since - TAKES_PART
        ),
    )
    wanted = (
        sa.select(Event)
        .join(Case, Case.id == Event.case_id)
        .where(
            Event.case_id.in_(theirs),
            Event.at >= since,
            Event.kind.in_(KINDS),
            Event.actor_id.is_distinct_from(by.id),
            visible_cases(by),
        )
        .order_by(Event.id.desc())
        .limit(MOST + 1)
    )
    found = history.tell(session, session.scalars(wanted))
    return News(since, found[:MOST], len(found) > MOST)
