"""Handing a role on to the next who holds it, and having read what one was left."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflows.errors import Invalid
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.organisation.handing_over import RoleHandover
from workflows.organisation.models import Person
from workflows.permissions import Deed, require

LONGEST_NOTE = 4000


def hand_over(
    session: Session,
    place: RoleHandover,
    note: str,
    to: Person | None,
    *,
    by: Actor,
    now: datetime,
) -> RoleHandover:
    """Leave a note to whoever takes a role over; who holds the role does not change by it.

    :raises Forbidden: if `by` neither holds it, leads the unit nor administers
    :raises Invalid: if nothing is said, or it is left to the one who leaves or who works here no
        more
    """
    require(by, Deed.HAND_OVER_ROLE, place)
    note = note.strip()
    if not note or len(note) > LONGEST_NOTE:
        raise Invalid("reason_missing", longest=LONGEST_NOTE)
    if to is not None and (to.id == place.from_id or to.closed_at is not None):
        raise Invalid("must_not_have_it", name=to.name)
    place.note, place.to_id, place.at = note, to.id if to else None, now
    session.add(place)
    session.flush()
    _tell(session, place, "role_handed_over", why=note, by=by, now=now)
    return place


def read_handover(session: Session, place: RoleHandover, *, by: Actor, now: datetime) -> None:
    """Say that one has read what one was left; a second time changes nothing.

    :raises Forbidden: if it was left to another
    """
    require(by, Deed.READ_HANDOVER, place)
    if place.read_at is None:
        place.read_at = now
        _tell(session, place, "role_handover_read", why=None, by=by, now=now)
        session.flush()


def _tell(
    session: Session, place: RoleHandover, kind: str, *, why: str | None, by: Actor, now: datetime
) -> None:
    what = {"role": place.role, "person": place.from_id, "handover": place.id, "to": place.to_id}
    record(session, kind, by=by, now=now, unit_id=place.unit_id, what=what, why=why)
