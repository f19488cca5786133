"""Keeping what is found of whom a version would hit, while one case after the other is asked."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.processes.workshop import Impact
from workflows.queries import impact as questions

KEPT = timedelta(days=1)


def begin(session: Session, process: Process, content: str, *, by: Actor, now: datetime) -> Impact:
    """Begin to ask anew; what was found before is forgotten after a day.

    :raises Forbidden: if `by` may not see how processes are made
    """
    require(by, Deed.SEE_PROCESSES, None)
    session.execute(sa.delete(Impact).where(Impact.made_at < now - KEPT))
    impact = Impact(
        process=process,
        content_hash=content,
        total=questions.running(session, process),
        done=0,
        last_case_id=0,
        found=questions.nothing(),
        made_at=now,
        made_by_id=by.id,
    )
    session.add(impact)
    session.flush()
    return impact


def go_on(
    session: Session,
    impact: Impact,
    found: questions.Found,
    *,
    since: int,
    last: int,
    asked: int,
    by: Actor,
    now: datetime,
) -> None:
    """Keep one slice, unless somebody else has brought it that far."""
    require(by, Deed.SEE_PROCESSES, None)
    session.refresh(impact, with_for_update=True)
    if impact.last_case_id != since:
        return
    impact.found, impact.last_case_id, impact.made_at = found, last, now
    impact.done = impact.done + asked if asked else impact.total
    session.flush()
