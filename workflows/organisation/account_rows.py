"""Reading and writing accounts and sign-ins, without permission or history."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.errors import Invalid
from workflows.organisation.accounts import Account, Passkey, RecoveryCode, SignIn
from workflows.organisation.codes import recovery_hash
from workflows.organisation.mandates import Mandate
from workflows.organisation.models import Person


def person_by_email(session: Session, email: str) -> Person | None:
    """Find a person by the address they sign in with, however it is typed."""
    sought = email.strip().lower().replace("\0", "")  # which PostgreSQL cannot even compare with
    return session.scalars(sa.select(Person).where(Person.email == sought)).one_or_none()


def account_of(session: Session, person_id: int) -> Account:
    """Return the person's account, a new empty one if they have none yet."""
    account = session.get(Account, person_id)
    if account is None:
        account = Account(person_id=person_id)
        session.add(account)
    return account


def locked_account(session: Session, person_id: int) -> Account:
    """Return the account for this transaction alone: a code must not be taken by two at once."""
    account_of(session, person_id)
    session.flush()
    return session.scalars(
        sa.select(Account)
        .where(Account.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def keep_recovery_codes(session: Session, person_id: int, made: Iterable[str]) -> None:
    """Put these recovery codes, hashed, in the place of those there were."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.add_all(
        RecoveryCode(person_id=person_id, code_hash=recovery_hash(code)) for code in made
    )


def door_by_token(session: Session, token_hash: str) -> SignIn | None:
    """Find a sign-in, open or not, with its person."""
    return session.scalars(
        sa.select(SignIn).where(SignIn.token_hash == token_hash).options(joinedload(SignIn.person))
    ).one_or_none()


class Door(NamedTuple):
    """A sign-in with what a request must know of whom it belongs to."""

    id: int
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    factor_at: datetime | None
    person_id: int
    email: str
    name: str
    language: str
    is_demo: bool
    closed_at: datetime | None  # when the person was
    has_second_factor: bool
    has_mandate: bool  # perhaps one that has run out


def seen_door(session: Session, token_hash: str) -> Door | None:
    """Look at a sign-in, open or not, in the one statement that every request can bear."""
    row = session.connection().execute(_DOOR, {"token": token_hash}).one_or_none()
    return Door._make(row) if row else None


def has_second_factor(session: Session, person_id: int) -> bool:
    """Tell whether the person can show a second factor."""
    return bool(session.scalar(sa.select(_can_show_another(sa.literal(person_id)))))


def _can_show_another(person_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    totp = sa.exists().where(Account.person_id == person_id, Account.totp_since.is_not(None))
    return sa.or_(totp, sa.exists().where(Passkey.person_id == person_id))


_DOOR = (
    sa.select(
        SignIn.id,
        SignIn.seen_at,
        SignIn.expires_at,
        SignIn.ended_at,
        SignIn.factor_at,
        Person.id,
        Person.email,
        Person.name,
        Person.language,
        Person.is_demo,
        Person.closed_at,
        _can_show_another(Person.id.expression),
        sa.exists().where(Mandate.person_id == Person.id, Mandate.ended_at.is_(None)),
    )
    .join(Person, Person.id == SignIn.person_id)
    .where(SignIn.token_hash == sa.bindparam("token"))
)


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


def open_sign_ins(session: Session, person_id: int, *, now: datetime) -> list[SignIn]:
    """List the doors a person has open, the latest first."""
    return list(
        session.scalars(
            sa.select(SignIn)
            .where(
                SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > now
            )
            .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
        )
    )


def last_sign_ins(session: Session, person_id: int, most: int = 10) -> list[SignIn]:
    """List when and where a person last signed in, the latest first."""
    wanted = sa.select(SignIn).where(SignIn.person_id == person_id)
    return list(session.scalars(wanted.order_by(SignIn.id.desc()).limit(most)))


def passkeys_of(session: Session, person_id: int) -> list[Passkey]:
    """List a person's passkeys in the order they were added."""
    return list(
        session.scalars(
            sa.select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
        )
    )


def passkey_by_credential(session: Session, credential_id: str) -> Passkey:
    """Find a passkey by its own id; in a writing transaction nobody else uses it meanwhile.

    :raises Invalid: if we do not know it
    """
    found = session.scalars(
        sa.select(Passkey)
        .where(Passkey.credential_id == credential_id)
        .options(joinedload(Passkey.person))
        .with_for_update(of=Passkey)
    ).one_or_none()
    if found is None:
        raise Invalid("passkey_refused")
    return found


def use_passkey(passkey: Passkey, *, uses: int, challenge: str, now: datetime) -> None:
    """Note that a passkey has been used.

    :raises Invalid: if it is a copy of one, or this answer has been used before
    """
    if passkey.used_challenge == challenge or (0 < uses <= passkey.uses):
        raise Invalid("passkey_refused")
    passkey.uses, passkey.used_challenge, passkey.used_at = uses, challenge, now


def recovery_codes_left(session: Session, person_id: int) -> int:
    """Count the recovery codes that have not been used."""
    left = sa.select(sa.func.count()).where(
        RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(left) or 0
