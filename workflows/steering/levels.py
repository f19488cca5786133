"""How much the forms of a process ask of a unit: its own level, and the least the city asks."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.language import N_
from workflows.organisation.models import Unit, UnitKind
from workflows.steering.models import FormLevel

LEVELS = ("min", "standard", "full")
NAMES = {"min": N_("the least"), "standard": N_("the usual"), "full": N_("everything")}


def level_of(session: Session, process_id: int, unit_id: int) -> str:
    """Tell which level a unit's forms of a process have: its own, or the city's if that is more."""
    return max(_rows(session, unit_id, process_id), key=LEVELS.index, default=LEVELS[0])


def chosen_by(session: Session, unit_id: int) -> Mapping[int, str]:
    """Tell what a unit has chosen itself, by process."""
    found = sa.select(FormLevel.process_id, FormLevel.level).where(FormLevel.unit_id == unit_id)
    return dict(session.execute(found).all())


def asked_by_city(session: Session) -> Mapping[int, str]:
    """Tell the least that the city asks of every unit, by process."""
    found = sa.select(FormLevel.process_id, FormLevel.level).join(Unit)
    return dict(session.execute(found.where(Unit.kind == UnitKind.CITY)).all())


def _rows(session: Session, unit_id: int, process_id: int) -> list[str]:
    which = {"unit_id": unit_id, "process_id": process_id}
    return list(session.connection().execute(_ROWS, which).scalars())


_ROWS = (
    sa.select(FormLevel.level)
    .join(Unit)
    .where(
        FormLevel.process_id == sa.bindparam("process_id"),
        sa.or_(FormLevel.unit_id == sa.bindparam("unit_id"), Unit.kind == UnitKind.CITY),
    )
)
