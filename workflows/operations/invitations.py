"""Letting people in: the first administrator, a link to choose a password, and choosing it."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import content_hash
from workflows.errors import Conflict, Invalid, Refused
from workflows.history.rows import record
from workflows.language import sort_key
from workflows.organisation.account_rows import account_of, end_sign_ins, person_by_email
from workflows.organisation.accounts import Invitation
from workflows.organisation.actor import Actor
from workflows.organisation.models import Holding, Person, Unit, UnitKind
from workflows.organisation.rows import told_role
from workflows.permissions import Deed, require

LASTS = timedelta(days=7)
PATH = "/invitations/"


class LinkSpent(Refused):
    """The link has been used, is too old, or never was."""

    code = "link_spent"


def create_user(
    session: Session,
    email: str,
    name: str,
    *,
    is_administrator: bool = False,
    by: Actor,
    now: datetime,
) -> str:
    """Add a person from the command line; returns the path of the link that lets them in.

    :raises Conflict: if somebody has the address
    :raises Invalid: if the address is none
    """
    email = email.strip().lower()
    require(by, Deed.CHANGE_ORGANISATION, None)
    if email.count("@") != 1 or any(letter.isspace() for letter in email):
        raise Invalid("email_wrong", email=email)
    if person_by_email(session, email):
        raise Conflict("email_taken", email=email)
    person = Person(email=email, name=name, sort_key=sort_key(name))
    session.add(person)
    session.flush()
    record(session, "person_added", by=by, now=now, what={"person": person.id})
    if is_administrator:
        city = _city(session, by=by, now=now)
        holding = Holding(role="administrator", unit_id=city.id, person_id=person.id)
        session.add(holding)
        session.flush()
        what = told_role(holding)
        record(session, "role_given", by=by, now=now, unit_id=city.id, what=what)
    return invite(session, person, by=by, now=now)


def invite(session: Session, person: Person, *, by: Actor, now: datetime) -> str:
    """Make a link that lets its bearer choose the person's password; earlier ones end.

    Returns its path. It is kept hashed, so nobody can read it again.

    :raises Forbidden: if `by` does not administer, or the person has left
    """
    require(by, Deed.INVITE, person)
    session.execute(
        sa.update(Invitation)
        .where(Invitation.person_id == person.id, Invitation.expires_at > now)
        .values(expires_at=now)
    )
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(
            token_hash=content_hash(token), person_id=person.id, made_at=now, expires_at=now + LASTS
        )
    )
    record(session, "invited", by=by, now=now, what={"person": person.id})
    session.flush()
    return PATH + token


def find_invitation(
    session: Session, token: str, *, to_use: bool = False, now: datetime
) -> Invitation:
    """Find the invitation a link stands for; `to_use` keeps others from it meanwhile.

    :raises LinkSpent: if it has been used, is too old, or never was
    """
    sought = sa.select(Invitation).where(Invitation.token_hash == content_hash(token))
    if to_use:
        sought = sought.with_for_update()
    found = session.scalars(sought).one_or_none()
    if (
        found is None
        or found.used_at is not None
        or found.expires_at <= now
        or found.person.closed_at is not None
    ):
        raise LinkSpent
    return found


def accept(
    session: Session, invitation: Invitation, password_hash: str, *, by: Actor, now: datetime
) -> None:
    """Choose a password by way of an invitation; whoever was signed in as the person is out.

    :raises LinkSpent: if it has been used or is too old
    """
    require(by, Deed.CHANGE_ACCOUNT, invitation.person)
    if invitation.used_at is not None or invitation.expires_at <= now:
        raise LinkSpent
    invitation.used_at = now
    _set(session, invitation.person_id, password_hash, but=None, by=by, now=now)


def change_password(
    session: Session,
    person: Person,
    password_hash: str,
    *,
    but: int,
    by: Actor,
    now: datetime,
) -> None:
    """Change one's own password; every other sign-in than `but` ends."""
    require(by, Deed.CHANGE_ACCOUNT, person)
    _set(session, person.id, password_hash, but=but, by=by, now=now)


def _set(
    session: Session,
    person_id: int,
    password_hash: str,
    *,
    but: int | None,
    by: Actor,
    now: datetime,
) -> None:
    account = account_of(session, person_id)
    account.password_hash, account.password_set_at = password_hash, now
    ended = end_sign_ins(session, person_id, but=but, now=now)
    record(session, "password_set", by=by, now=now, what={"sign_ins_ended": ended})
    session.flush()


def _city(session: Session, *, by: Actor, now: datetime) -> Unit:
    """Return the city itself, made if this is the first thing in an empty installation."""
    city = session.scalars(
        sa.select(Unit).where(Unit.kind == UnitKind.CITY).order_by(Unit.id).limit(1)
    ).one_or_none()
    if city is None:
        city = Unit(code="STAD", name="Staden", sort_key=sort_key("Staden"), kind=UnitKind.CITY)
        session.add(city)
        session.flush()
        record(session, "unit_added", by=by, now=now, unit_id=city.id, what={"code": city.code})
    return city
