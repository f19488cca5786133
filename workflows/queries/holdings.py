"""Which roles a person holds today, also those that come from being "the same person as …"."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.organisation.actor import Held
from workflows.organisation.models import Holding


def held_by(session: Session, person_id: int, today: date) -> frozenset[Held]:
    """Return the roles the person holds on `today`, in two statements."""
    own = session.execute(
        sa.select(Holding.role, Holding.unit_id).where(
            Holding.person_id == person_id, _stands_on(today)
        )
    )
    held = {Held(role, unit_id) for role, unit_id in own}
    shared = session.execute(
        sa.select(
            Holding.role, Holding.unit_id, Holding.same_as_role, Holding.same_as_unit_id
        ).where(Holding.same_as_unit_id.is_not(None), _stands_on(today))
    ).all()
    return frozenset(held | _followed(held, [tuple(row) for row in shared]))


def _followed(held: set[Held], shared: list[tuple[str, int, str, int]]) -> set[Held]:
    """Follow "same person as" until nothing more is won; a circle wins nothing."""
    won: set[Held] = set()
    while more := {
        Held(role, unit_id)
        for role, unit_id, same_role, same_unit_id in shared
        if Held(same_role, same_unit_id) in held | won
    } - (held | won):
        won |= more
    return won


def _stands_on(today: date) -> sa.ColumnElement[bool]:
    return sa.and_(
        sa.or_(Holding.from_on.is_(None), Holding.from_on <= today),
        sa.or_(Holding.to_on.is_(None), Holding.to_on >= today),
    )
