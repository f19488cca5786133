"""How much the forms of a process ask: a unit chooses for itself, the city the least for all."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import Invalid
from workflows.history.rows import record
from workflows.language import Sentence
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.steering.levels import LEVELS, NAMES, asked_by_city
from workflows.steering.models import FormLevel


def choose_level(
    session: Session, unit: Unit, process: Process, level: str, *, by: Actor, now: datetime
) -> None:
    """Choose the level of a unit's forms of a process; the same again changes nothing.

    What the city chooses is the least for every unit. It holds from the next time a form is opened.

    :raises Forbidden: if `by` may not choose for the unit
    :raises Invalid: if there is no such level, or the city asks for more
    """
    require(by, Deed.CHOOSE_LEVEL, unit)
    least = asked_by_city(session).get(process.id, LEVELS[0])
    if level not in LEVELS:
        raise Invalid("unknown_level")
    if unit.kind is not UnitKind.CITY and LEVELS.index(level) < LEVELS.index(least):
        raise Invalid("level_too_low", least=Sentence(NAMES[least]))
    wanted = sa.select(FormLevel).where(
        FormLevel.unit_id == unit.id, FormLevel.process_id == process.id
    )
    row = session.scalars(wanted).one_or_none()
    before = row.level if row else LEVELS[0]
    if row is not None and before == level:
        return
    if row is None:
        row = FormLevel(unit_id=unit.id, process_id=process.id)
        session.add(row)
    row.level = level
    what = {"process": process.name_sv, "level": level, "before": before}
    record(session, "level_chosen", by=by, now=now, unit_id=unit.id, what=what)
    session.flush()
