"""Starting cases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.errors import Invalid
from workflows.operations.beginning import Wanted, begin
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, require
from workflows.processes.models import Process


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

    :raises Forbidden: if `by` may not start cases of the process in the unit
    :raises Conflict: if there is one already
    :raises Invalid: if the process has no published version
    """
    require(by, Deed.START_CASE, Case.to_come(process, unit))
    version = process.active_version
    if version is None:
        raise Invalid("process_not_published", process=process.key)
    wanted = Wanted(version, unit, year, occasion=occasion, data=data or {})
    return begin(session, wanted, told=told, by=by, now=now)
