"""Having the whole record checked, beside the requests, and keeping what was found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import Conflict
from workflows.history.checks import RecordCheck, latest
from workflows.history.models import Chain
from workflows.history.proof import Seal, written
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require


def ask(session: Session, held_outside: Sequence[Seal], *, by: Actor, now: datetime) -> RecordCheck:
    """Ask for a check of the whole record, perhaps also against seals held outside.

    :raises Conflict: if one is going on
    """
    require(by, Deed.VERIFY, None)
    if any(one.is_running(now) for one in latest(session, 1)):
        raise Conflict("check_going_on")
    check = RecordCheck(
        asked_by_id=by.id,
        asked_at=now,
        anchors="\n".join(written(one) for one in held_outside),
        total=session.scalar(sa.select(sa.func.coalesce(sa.func.sum(Chain.n), 0))) or 0,
        seen=0,
        seen_at=now,
    )
    session.add(check)
    session.flush()
    what = {"check": check.id, "anchors": len(held_outside)}
    record(session, "check_asked_for", by=by, now=now, what=what)
    return check


def finish(session: Session, check: RecordCheck, report: dict[str, Any], *, now: datetime) -> None:
    """Keep what a check found; the record tells of it, as of everything."""
    check.report, check.seen, check.seen_at, check.done_at = report, report["events"], now, now
    what = {
        "check": check.id,
        "events": report["events"],
        "faults": len(report["faults"]),
        "anchors": report["anchors"],
    }
    record(session, "record_checked", by=Actor.system("check"), now=now, what=what)
