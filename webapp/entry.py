"""The way in with a password: counted first, compared without a lock, told of when refused."""

import hashlib
import hmac
import ipaddress
import math
from dataclasses import dataclass

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import Session

from webapp import clock, passkeys
from webapp.cookies import device_token
from webapp.errors import STATUS
from webapp.traces import trace
from webapp.transactions import this_app
from workflows.canonical import content_hash
from workflows.errors import Invalid, Refused
from workflows.history.rows import record
from workflows.organisation import attempts, passwords
from workflows.organisation.account_rows import (
    passkey_by_credential,
    person_by_email,
    use_passkey,
)
from workflows.organisation.accounts import Account, SignIn
from workflows.organisation.actor import Actor
from workflows.organisation.attempts import Count
from workflows.organisation.models import Person

AT_THE_DOOR = Actor.system("sign-in")


class WrongPassword(Refused):
    """The address or the password is wrong; which of them is not said."""

    code = "sign_in_wrong"


class TooManyAttempts(Refused):
    """Too many have failed lately; `seconds` says how long to wait."""

    code = "sign_in_wait"


STATUS.update({WrongPassword: 422, TooManyAttempts: 429})


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose password was shown, and a new hash of it if the old one is weaker than today's."""

    person_id: int
    rehashed: str | None


def by_password(email: str, password: str) -> Shown:
    """Find out whose password this is.

    :raises TooManyAttempts: if this account, device or address must wait
    :raises WrongPassword: if it is nobody's
    """
    with this_app().database.reading() as reading:
        person = person_by_email(reading, email)
        account = reading.get(Account, person.id) if person else None
        stored = account.password_hash if account and person and not person.closed_at else None
        counts = _counts(reading, email, person.id if person else None)
    count_attempt(counts)
    if not passwords.matches(stored, password) or person is None or stored is None:
        tell_of_refusal(person.id if person else None, counts)
        raise WrongPassword
    rehashed = passwords.hashed(password) if passwords.is_outdated(stored) else None
    forget_attempts(counts)
    return Shown(person.id, rehashed)


def by_passkey(opened: Session, credential: str) -> Person:
    """Find out whose passkey this is; it stands for the password and the second factor both.

    :raises Invalid: if it does not hold
    """
    found = passkey_by_credential(opened, passkeys.named(credential))
    uses, challenge = passkeys.shown(this_app().settings, credential, found, alone=True)
    use_passkey(found, uses=uses, challenge=challenge, now=clock.now())
    if found.person.closed_at:
        raise Invalid("passkey_refused")
    return found.person


def count_second_factor(person_id: int) -> list[Count]:
    """Count an attempt at a second factor before it is judged.

    :raises TooManyAttempts: if it may not be made yet
    """
    counts = [Count(f"factor:{person_id}", attempts.ACCOUNT)]
    count_attempt(counts)
    return counts


def forget_within(opened: Session, counts: list[Count]) -> None:
    """Forget the failures in the transaction of what has succeeded."""
    attempts.succeeded(opened, counts, now=clock.now())


def count_attempt(counts: list[Count]) -> None:
    """Count an attempt before it is judged.

    :raises TooManyAttempts: if it may not be made yet
    """
    with trace() as opened:
        wait = attempts.begin(opened, counts, now=clock.now())
    if wait:
        raise TooManyAttempts(seconds=math.ceil(wait.total_seconds()))


def forget_attempts(counts: list[Count]) -> None:
    """Take back what `count_attempt` counted, since it was no failure."""
    with trace() as opened:
        attempts.succeeded(opened, counts, now=clock.now())


def tell_of_refusal(person_id: int | None, counts: list[Count] | None = None) -> None:
    """Leave a trace of a refused sign-in: whose it would have been and how many there have been."""
    counts = counts or [Count(f"factor:{person_id}", attempts.ACCOUNT)]
    with trace() as opened:
        failures = max(attempts.failures(opened, count) for count in counts)
        what = {"person": person_id, "failures": failures}
        record(opened, "sign_in_refused", by=AT_THE_DOOR, now=clock.now(), what=what)


def _counts(reading: Session, email: str, person_id: int | None) -> list[Count]:
    """Choose what to count by: a device the person has come in by before stands for itself.

    So whoever tries others' passwords slows down strangers, not the people they try.
    """
    device = device_token()
    if device and person_id and _has_been_in(reading, person_id, content_hash(device)):
        return [Count(f"device:{person_id}:{content_hash(device)}", attempts.DEVICE)]
    return [
        Count(f"account:{_blurred(email.strip().lower())}", attempts.ACCOUNT),
        Count(f"address:{_blurred(_network())}", attempts.ADDRESS),
    ]


def _has_been_in(reading: Session, person_id: int, device_hash: str) -> bool:
    been = sa.select(SignIn.id).where(
        SignIn.person_id == person_id, SignIn.device_hash == device_hash
    )
    return reading.execute(been.limit(1)).first() is not None


def _network() -> str:
    """Return the address asked from; of IPv6 the half that belongs to one household or office."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _blurred(text: str) -> str:
    """Hash with the installation's key, so that the table tells nobody who tried from where."""
    key = this_app().settings.secret_key()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
