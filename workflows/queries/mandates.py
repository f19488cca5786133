"""Who has been let read as an auditor."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.errors import NotFound
from workflows.organisation.account_rows import person_by_email
from workflows.organisation.actor import Actor
from workflows.organisation.mandates import Mandate
from workflows.organisation.models import Person
from workflows.permissions import Deed, may, require


def given(session: Session, *, by: Actor) -> list[Mandate]:
    """Return every mandate there has been, the newest first.

    :raises Forbidden: if the actor may not read the record
    """
    require(by, Deed.SEE_HISTORY, None)
    wanted = sa.select(Mandate).options(joinedload(Mandate.person)).order_by(Mandate.id.desc())
    return list(session.scalars(wanted))


def one(session: Session, mandate_id: int) -> Mandate:
    """Find a mandate, to end it.

    :raises NotFound: if there is none
    """
    found = session.get(Mandate, mandate_id)
    if found is None:
        raise NotFound
    return found


def person(session: Session, email: str) -> Person | None:
    """Find by their address whom to let read; who has left is nobody."""
    found = person_by_email(session, email)
    return found if found and found.closed_at is None else None


def may_give(by: Actor, *, secret: bool = False) -> bool:
    """Tell whether the actor may let somebody read, also what is secret."""
    return may(by, Deed.GIVE_MANDATE, Mandate(sees_secret=secret))
