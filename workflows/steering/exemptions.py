"""Where a process does not start by itself, because the city has said so."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.steering.models import Exemption


def exempt(session: Session) -> set[tuple[int, int]]:
    """Name every process and unit where it does not start by itself."""
    found = session.execute(sa.select(Exemption.process_id, Exemption.unit_id))
    return {(process_id, unit_id) for process_id, unit_id in found}


def exempt_from(session: Session, process_id: int) -> set[int]:
    """Name the units where a process does not start by itself."""
    wanted = sa.select(Exemption.unit_id).where(Exemption.process_id == process_id)
    return set(session.scalars(wanted))
