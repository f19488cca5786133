"""Starting cases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.models import Case, CaseState
from workflows.errors import Conflict, Invalid
from workflows.operations import advance
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.processes.rows import compiled


def start(
    session: Session,
    process: Process,
    unit: Unit,
    year: int,
    *,
    by: Actor,
    now: datetime,
    occasion: str = "",
    data: Mapping[str, Any] | None = None,
    told: Mapping[str, object] | None = None,
) -> Case:
    """Open the case of a process for one unit, year and occasion; `told` goes into its event too.

    :raises Forbidden: if `by` may not start cases in the unit
    :raises Conflict: if there is one already
    :raises Invalid: if the process has no published version
    """
    require(by, Deed.START_CASE, unit)
    version = process.active_version
    if version is None:
        raise Invalid("process_not_published", process=process.key)
    case = Case(
        key=_key(session, process, unit, year, occasion),
        process=process,
        version=version,
        unit=unit,
        year=year,
        occasion=occasion,
        state=CaseState.RUNNING,
        secrecy=process.secrecy,
        data={},
        engine_state=b"",
        opened_at=now,
    )
    session.add(case)
    session.flush()
    progress = engine.begin(compiled(version), dict(data or {}), advance.facts(case, now=now))
    advance.settle(
        session,
        case,
        progress,
        "case_started",
        by=by,
        now=now,
        what={"process": process.key, "version": version.number, "data": dict(data or {})}
        | dict(told or {}),
    )
    return case


def _key(session: Session, process: Process, unit: Unit, year: int, occasion: str) -> str:
    """Make the name people use: `RSA-FARSTA-2027-1`."""
    siblings = session.scalars(
        sa.select(Case.occasion).where(
            Case.process_id == process.id, Case.unit_id == unit.id, Case.year == year
        )
    ).all()
    if occasion in siblings:
        raise Conflict("case_exists", process=process.key, unit=unit.name, year=year)
    return f"{process.prefix}-{unit.code}-{year}-{len(siblings) + 1}"
