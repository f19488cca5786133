"""Saying where a process starts by itself: a city begins with a few, or leaves a body out."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import Invalid
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.steering.exemptions import exempt_from
from workflows.steering.models import Exemption
from workflows.steering.rows import lock, touch


def set_exempt(
    session: Session,
    process: Process,
    units: Iterable[Unit],
    *,
    why: str,
    by: Actor,
    now: datetime,
) -> int:
    """Let a process start by itself everywhere but in these units; gives how many that changed for.

    What runs goes on, and anybody who may can start a case by hand.

    :raises Forbidden: if `by` does not keep the city's calendar
    :raises Invalid: if something changes and nothing says why
    """
    require(by, Deed.EXEMPT, process)
    lock(session)
    before, after = exempt_from(session, process.id), {unit.id for unit in units}
    changed = before ^ after
    if not changed:
        return 0
    if not why.strip():
        raise Invalid("reason_missing")
    ended = Exemption.process_id == process.id, Exemption.unit_id.in_(before - after)
    session.execute(sa.delete(Exemption).where(*ended))
    session.add_all(
        Exemption(unit_id=unit_id, process_id=process.id) for unit_id in sorted(after - before)
    )
    for unit_id in sorted(changed):
        kind = "starts_exempted" if unit_id in after else "starts_resumed"
        what = {"process": process.name_sv}
        record(session, kind, by=by, now=now, unit_id=unit_id, what=what, why=why)
    touch(session)  # what starts by itself is planned anew
    return len(changed)
