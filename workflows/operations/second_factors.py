"""Second factors: a code generator, passkeys, and recovery codes for the day both are lost."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import Forbidden, Invalid
from workflows.history.rows import record
from workflows.organisation import codes
from workflows.organisation.account_rows import (
    has_second_factor,
    keep_recovery_codes,
    locked_account,
    use_passkey,
)
from workflows.organisation.accounts import Passkey, RecoveryCode, SignIn
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.organisation.sealing import seal, unseal
from workflows.permissions import Deed, require


def add_generator(
    session: Session,
    door: SignIn,
    secret: str,
    code: str,
    *,
    key: bytes,
    by: Actor,
    now: datetime,
) -> list[str]:
    """Add a code generator that has shown its first code; returns recovery codes if these are new.

    The sign-in it was added in counts as having shown it.

    :raises Invalid: if the code is wrong
    """
    require(by, Deed.CHANGE_ACCOUNT, door.person)
    step = codes.step_of(secret, code, used=None, now=now)
    if step is None:
        raise Invalid("code_wrong")
    first = _is_first(session, door)
    account = locked_account(session, door.person_id)
    account.totp_secret = seal(secret, key=key, whose=door.person_id)
    account.totp_since, account.totp_used = now, step
    return _added(session, door, "generator", first=first, by=by, now=now)


def add_passkey(
    session: Session, door: SignIn, passkey: Passkey, *, by: Actor, now: datetime
) -> list[str]:
    """Add a passkey that has been verified; returns recovery codes if these are new."""
    require(by, Deed.CHANGE_ACCOUNT, door.person)
    first = _is_first(session, door)
    session.add(passkey)
    return _added(session, door, "passkey", first=first, by=by, now=now)


def show_code(
    session: Session, door: SignIn, code: str, *, key: bytes, by: Actor, now: datetime
) -> None:
    """Pass by a code from the generator, or by a recovery code; each works once.

    :raises Invalid: if it is neither, or has been used
    :raises Unreadable: if the generator's secret was sealed with a key that is gone
    """
    require(by, Deed.SIGN_IN, door.person)
    account = locked_account(session, door.person_id)
    if _use_recovery_code(session, door.person_id, code, now=now):
        _passed(session, door, "recovery code", by=by, now=now)
        return
    if account.totp_secret is None:
        raise Invalid("code_wrong")
    secret = unseal(account.totp_secret, key=key, whose=door.person_id)
    step = codes.step_of(secret, code, used=account.totp_used, now=now)
    if step is None:
        raise Invalid("code_wrong")
    account.totp_used = step
    _passed(session, door, "generator", by=by, now=now)


def show_passkey(
    session: Session,
    door: SignIn,
    passkey: Passkey,
    *,
    uses: int,
    challenge: str,
    by: Actor,
    now: datetime,
) -> None:
    """Pass by a passkey whose signature has been verified.

    :raises NotFound: if the passkey is somebody else's
    :raises Invalid: if it is a copy of one, or the answer has been used
    """
    require(by, Deed.USE_PASSKEY, passkey)
    use_passkey(passkey, uses=uses, challenge=challenge, now=now)
    _passed(session, door, "passkey", by=by, now=now)


def remove_generator(session: Session, person: Person, *, by: Actor, now: datetime) -> None:
    """Forget the code generator: one's own, or that of somebody who has lost theirs."""
    require(by, Deed.REMOVE_FACTOR, person)
    account = locked_account(session, person.id)
    account.totp_secret = account.totp_since = account.totp_used = None
    _removed(session, person.id, ["generator"], by=by, now=now)


def remove_passkey(session: Session, passkey: Passkey, *, by: Actor, now: datetime) -> None:
    """Forget one of one's passkeys.

    :raises NotFound: if it is somebody else's
    """
    require(by, Deed.USE_PASSKEY, passkey)
    session.delete(passkey)
    _removed(session, passkey.person_id, ["passkey"], by=by, now=now)


def remove_all(session: Session, person: Person, *, by: Actor, now: datetime) -> None:
    """Forget every second factor of somebody who has lost them; they add new ones."""
    require(by, Deed.REMOVE_FACTOR, person)
    account = locked_account(session, person.id)
    account.totp_secret = account.totp_since = account.totp_used = None
    session.execute(sa.delete(Passkey).where(Passkey.person_id == person.id))
    _removed(session, person.id, ["generator", "passkey"], by=by, now=now)


def renew_recovery_codes(
    session: Session, person: Person, *, by: Actor, now: datetime
) -> list[str]:
    """Make new recovery codes; the old ones no longer work.

    :raises Invalid: if the person has no second factor to recover from
    """
    require(by, Deed.CHANGE_ACCOUNT, person)
    if not has_second_factor(session, person.id):
        raise Invalid("no_second_factor")
    made = codes.new_recovery_codes()
    keep_recovery_codes(session, person.id, made)
    record(session, "recovery_codes_made", by=by, now=now, what={"count": len(made)})
    session.flush()
    return made


def _is_first(session: Session, door: SignIn) -> bool:
    """Tell whether this is the person's first second factor.

    :raises Forbidden: if they have one and have not shown it: a password alone adds no other
    """
    has_one = has_second_factor(session, door.person_id)
    if has_one and door.factor_at is None:
        raise Forbidden("second_factor_first")
    return not has_one


def _added(
    session: Session, door: SignIn, how: str, *, first: bool, by: Actor, now: datetime
) -> list[str]:
    door.factor_at = now
    made = codes.new_recovery_codes() if first else []
    if made:
        keep_recovery_codes(session, door.person_id, made)
    record(session, "second_factor_added", by=by, now=now, what={"how": how})
    session.flush()
    return made


def _passed(session: Session, door: SignIn, how: str, *, by: Actor, now: datetime) -> None:
    door.factor_at = now
    record(session, "second_factor_shown", by=by, now=now, what={"how": how})
    session.flush()


def _removed(
    session: Session, person_id: int, how: Sequence[str], *, by: Actor, now: datetime
) -> None:
    session.flush()
    if not has_second_factor(session, person_id):
        keep_recovery_codes(session, person_id, [])
    what = {"person": person_id, "how": list(how)}
    record(session, "second_factor_removed", by=by, now=now, what=what)
    session.flush()


def _use_recovery_code(session: Session, person_id: int, code: str, *, now: datetime) -> bool:
    found = session.scalars(
        sa.select(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == codes.recovery_hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if found is None:
        return False
    found.used_at = now
    return True
