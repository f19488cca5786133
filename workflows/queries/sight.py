"""What somebody may see, as a condition on rows: SEE_CASE and SEE_ENTRY asked of many at once."""

from typing import Any

import sqlalchemy as sa

from workflows.organisation.actor import Actor
from workflows.processes.models import Secrecy

Condition = sa.ColumnElement[bool]


def sees(
    by: Actor, *, is_open: Condition, is_secret: Condition, unit_id: Any, process_id: Any
) -> Condition:
    """Say of rows with these columns: those the permission table lets the actor see."""
    if by.is_system or by.holds_anywhere("protective_security_chief"):
        return sa.true()
    mine: Condition = sa.true()
    if not by.holds_anywhere("central_security", "auditor"):
        mine = unit_id.in_(sorted({held.unit_id for held in by.held if held.reaches(None)}))
        limited = {(held.unit_id, held.process_id) for held in by.held if not held.reaches(None)}
        if limited:
            mine |= sa.tuple_(unit_id, process_id).in_(sorted(limited))
    return sa.or_(is_open, sa.and_(~is_secret, mine))


def sees_case(by: Actor, secrecy: Any, unit_id: Any, process_id: Any) -> Condition:
    """Say of rows that are as secret as their case: those whose case the actor may see."""
    is_open, is_secret = secrecy == Secrecy.OPEN, secrecy == Secrecy.SECRET
    return sees(by, is_open=is_open, is_secret=is_secret, unit_id=unit_id, process_id=process_id)
