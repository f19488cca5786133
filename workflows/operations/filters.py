"""Keeping a view of the lists of tasks under a name, and forgetting it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.tasks.filters import SavedFilter

LONGEST = 60
MOST = 20  # of one person


def keep(session: Session, name: str, query: str, *, by: Actor, now: datetime) -> SavedFilter:
    """Keep a view under a name; under one that is there already it takes its place.

    :raises Invalid: if the name is missing or too long
    :raises Conflict: if there are many already
    """
    known = of(session, by=by)
    called = " ".join(name.split())
    if not 0 < len(called) <= LONGEST:
        raise Invalid("filter_name", most=LONGEST)
    saved = next((one for one in known if one.name == called), None)
    if saved is None and len(known) >= MOST:
        raise Conflict("too_many_filters", most=MOST)
    if saved is None:
        saved = SavedFilter(person_id=by.id, name=called, made_at=now)
    require(by, Deed.KEEP_FILTER, saved)
    saved.query = query
    session.add(saved)
    record(session, "view_kept", by=by, now=now, what={"name": called})
    session.flush()
    return saved


def drop(session: Session, saved: SavedFilter, *, by: Actor, now: datetime) -> None:
    """Forget a view.

    :raises NotFound: if it is another's
    """
    require(by, Deed.KEEP_FILTER, saved)
    session.delete(saved)
    record(session, "view_dropped", by=by, now=now, what={"name": saved.name})
    session.flush()


def of(session: Session, *, by: Actor) -> list[SavedFilter]:
    """List somebody's own views, by name."""
    wanted = sa.select(SavedFilter).where(SavedFilter.person_id == by.id)
    return list(session.scalars(wanted.order_by(SavedFilter.name)))
