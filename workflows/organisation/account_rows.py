"""Reading and writing accounts and sign-ins, without permission or history."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.organisation.accounts import Account, Passkey, SignIn
from workflows.organisation.models import Person


def person_by_email(session: Session, email: str) -> Person | None:
    """Find a person by the address they sign in with, however it is typed."""
    return session.scalars(
        sa.select(Person).where(Person.email == email.strip().lower())
    ).one_or_none()


def account_of(session: Session, person_id: int) -> Account:
    """Return the person's account, a new empty one if they have none yet."""
    account = session.get(Account, person_id)
    if account is None:
        account = Account(person_id=person_id)
        session.add(account)
    return account


def door_by_token(session: Session, token_hash: str) -> SignIn | None:
    """Find a sign-in, open or not, with its person."""
    return session.scalars(
        sa.select(SignIn)
        .where(SignIn.token_hash == token_hash)
        .options(joinedload(SignIn.person))
    ).one_or_none()


def has_second_factor(session: Session, person_id: int) -> bool:
    """Tell whether the person can show a second factor."""
    totp = sa.select(sa.literal(1)).where(
        Account.person_id == person_id, Account.totp_since.is_not(None)
    )
    passkey = sa.select(sa.literal(1)).where(Passkey.person_id == person_id)
    return session.execute(totp.union_all(passkey).limit(1)).first() is not None


def end_sign_ins(session: Session, person_id: int, *, but: int | None, now: datetime) -> int:
    """Close the open doors of a person, except perhaps one; returns how many."""
    open_doors = session.scalars(
        sa.select(SignIn).where(
            SignIn.person_id == person_id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            SignIn.id != (but or 0),
        )
    ).all()
    for door in open_doors:
        door.ended_at = now
    return len(open_doors)
