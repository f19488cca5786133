"""Setting a seal upon the record, and letting another key take over."""

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from workflows.errors import Conflict
from workflows.history.proof import Seal
from workflows.history.rows import record
from workflows.history.seals import Standing, last_seal, public, signed, store
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require


def seal(
    session: Session, found: Standing, key: Ed25519PrivateKey, *, by: Actor, now: datetime
) -> Seal:
    """Set a seal upon the record as it was found; nothing new since the last one needs none.

    A seal leaves no event: it is itself a statement of the record, and each names the one before.

    :raises Conflict: if somebody else has set one since, or another key is to sign
    """
    require(by, Deed.SEAL, None)
    if found.last and not found.moved:
        return found.last
    _must_be_its_turn(session, found, key)
    made = signed(found, key, next_key=None, now=now)
    store(session, made, found, now=now)
    return made


def sent(session: Session, seal: Seal, to: Sequence[str], *, by: Actor, now: datetime) -> None:
    """Say that a seal was mailed to those who keep it outside."""
    require(by, Deed.SEAL, None)
    what = {"seal": seal.n, "to": ", ".join(to)}
    record(session, "seal_sent", by=by, now=now, what=what)


def rotate(
    session: Session,
    found: Standing,
    key: Ed25519PrivateKey,
    *,
    next_key: Ed25519PrivateKey,
    by: Actor,
    now: datetime,
) -> Seal:
    """Set a seal that says which key signs from here on; the old one signs that it is so.

    :raises Conflict: if somebody else has set one since, or another key is to sign
    """
    require(by, Deed.SEAL, None)
    _must_be_its_turn(session, found, key)
    made = signed(found, key, next_key=public(next_key), now=now)
    store(session, made, found, now=now)
    what = {"seal": made.n, "old": made.key, "new": made.next_key}
    record(session, "seal_key_changed", by=by, now=now, what=what)
    return made


def _must_be_its_turn(session: Session, found: Standing, key: Ed25519PrivateKey) -> None:
    if last_seal(session) != found.last:
        raise Conflict("seal_overtaken")
    if found.last and (found.last.next_key or found.last.key) != public(key):
        raise Conflict("seal_key_wrong")
