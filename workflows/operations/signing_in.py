"""Opening and closing a sign-in; whoever calls has already seen the password, passkey or token."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import Forbidden
from workflows.history.rows import record
from workflows.organisation.account_rows import end_sign_ins, person_by_email
from workflows.organisation.accounts import Account, SignIn
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.permissions import Deed, require


def sign_in(
    session: Session,
    person: Person,
    door: SignIn,
    *,
    how: str,
    rehashed: str | None = None,
    by: Actor,
    now: datetime,
) -> SignIn:
    """Open a door for a person who has shown who they are.

    :raises Forbidden: if the person has left
    """
    require(by, Deed.SIGN_IN, person)
    session.add(door)
    if rehashed and (account := session.get(Account, person.id)):
        account.password_hash = rehashed
    record(session, "signed_in", by=by, now=now, what={"how": how})
    session.flush()
    return door


def recognise(session: Session, subject: str, email: str | None, *, now: datetime) -> Person:
    """Find the person a directory vouches for: by its own name for them, else by their address.

    An address is believed once, for somebody the directory has not named before; from then on its
    own name for them is what counts.

    :raises Forbidden: if nobody here is meant
    """
    named = session.scalars(sa.select(Person).where(Person.external_id == subject)).one_or_none()
    person = named or (person_by_email(session, email) if email else None)
    if person is None or person.closed_at or person.external_id not in (None, subject):
        raise Forbidden("directory_unknown")
    if person.external_id is None:
        person.external_id = subject
        by = Actor(id=person.id, name=person.name)
        record(session, "directory_linked", by=by, now=now, what={"person": person.id})
    return person


def sign_out(session: Session, door: SignIn, *, by: Actor, now: datetime) -> None:
    """Close one of a person's doors: this browser, or one they left open elsewhere.

    :raises NotFound: if it is somebody else's
    """
    require(by, Deed.END_SIGN_IN, door)
    door.ended_at = door.ended_at or now
    record(session, "signed_out", by=by, now=now, what={"browser": door.browser})
    session.flush()


def sign_out_everywhere(
    session: Session, person: Person, *, but: int | None = None, by: Actor, now: datetime
) -> int:
    """Close every door of a person, `but` perhaps the one they stand in; returns how many."""
    require(by, Deed.END_SIGN_INS, person)
    ended = end_sign_ins(session, person.id, but=but, now=now)
    what = {"person": person.id, "count": ended}
    record(session, "signed_out_everywhere", by=by, now=now, what=what)
    session.flush()
    return ended
