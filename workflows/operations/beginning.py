"""Beginning a case, for whoever asked for it: a person, the year, a message or another case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.models import Case, CaseState
from workflows.errors import Conflict
from workflows.follow_up.year_rows import refuse_frozen
from workflows.operations import advance
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.processes.models import Secrecy, Version, stricter
from workflows.processes.rows import compiled


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which case is to be: at least as secret as `secrecy`, perhaps for a call of another case."""

    version: Version
    unit: Unit
    year: int
    occasion: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    secrecy: Secrecy = Secrecy.OPEN
    caller: tuple[int, str] | None = None


def begin(
    session: Session,
    wanted: Wanted,
    *,
    by: Actor,
    now: datetime,
    told: Mapping[str, object] | None = None,
) -> Case:
    """Open a case; `told` goes into its event too.

    :raises Conflict: if there is one for the unit, year and occasion already, or the year is frozen
    """
    refuse_frozen(session, wanted.unit.id, wanted.year)
    version, process = wanted.version, wanted.version.process
    case = Case(
        key=_key(session, wanted),
        process=process,
        version=version,
        unit=wanted.unit,
        year=wanted.year,
        occasion=wanted.occasion,
        state=CaseState.RUNNING,
        secrecy=stricter(process.secrecy, wanted.secrecy),
        data={},
        engine_state=b"",
        opened_at=now,
        caller_id=wanted.caller[0] if wanted.caller else None,
        caller_call=wanted.caller[1] if wanted.caller else None,
    )
    session.add(case)
    session.flush()
    data = dict(wanted.data)
    progress = engine.begin(compiled(version), data, advance.facts(case, now=now))
    about = {name: getattr(case, name) for name in ("key", "year", "occasion", "secrecy")}
    what = {"process": process.key, "version": version.number, "data": data, "about": about}
    what |= dict(told or {})
    advance.settle(session, case, progress, "case_started", by=by, now=now, what=what)
    return case


def _key(session: Session, wanted: Wanted) -> str:
    """Make the name people use: `RSA-FARSTA-2027-1`; those that begin at once take turns."""
    process, unit = wanted.version.process, wanted.unit
    session.execute(sa.select(Unit.id).where(Unit.id == unit.id).with_for_update(key_share=True))
    siblings = session.scalars(
        sa.select(Case.occasion).where(
            Case.process_id == process.id, Case.unit_id == unit.id, Case.year == wanted.year
        )
    ).all()
    if wanted.occasion in siblings:
        raise Conflict("case_exists", process=process.key, unit=unit.name, year=wanted.year)
    return f"{process.prefix}-{unit.code}-{wanted.year}-{len(siblings) + 1}"
