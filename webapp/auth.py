"""Who sends this request: the sign-in the cookie names, and the actor it gives for this instant."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

import flask
import sqlalchemy as sa
from flask import Flask, Request, g, request
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session

from webapp import clock
from webapp.cookies import COOKIE_LIVES, CSRF, TOKEN, BoundSessions, device_token, take
from webapp.errors import SignInNeeded
from webapp.settings import Settings
from webapp.traces import trace
from webapp.transactions import session, this_app
from workflows.canonical import content_hash
from workflows.operations import signing_in
from workflows.organisation.account_rows import Door, door_by_token, seen_door
from workflows.organisation.accounts import SignIn
from workflows.organisation.actor import Actor
from workflows.organisation.mandates import scopes_of
from workflows.organisation.models import Person
from workflows.organisation.roles import ROLES
from workflows.queries.holdings import held_by

SEEN_EVERY = timedelta(minutes=5)


class Factor(StrEnum):
    """What the second factor asks of somebody who has come in by the first."""

    PASSED = "passed"
    NOT_ASKED = "not asked"
    SHOW = "show"  # they have one
    ADD = "add"  # their roles demand one and they have none


@dataclass(frozen=True, eq=False)
class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """Somebody who is signed in, as far as `factor` says."""

    door_id: int
    person_id: int
    email: str
    actor: Actor
    factor: Factor

    @property
    def is_half_way(self) -> bool:
        """Tell whether a second factor stands between them and everything else."""
        return self.factor in (Factor.SHOW, Factor.ADD)


def install(app: Flask) -> None:
    """Let Flask-Login know whose request it is; the sign-in itself lives in the database."""
    app.session_interface = BoundSessions()
    app.permanent_session_lifetime = COOKIE_LIVES
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(app)
    manager.request_loader(_visitor)


def visitor() -> Visitor:
    """Return who is signed in, perhaps only half way.

    :raises SignInNeeded: if nobody is
    """
    if not current_user.is_authenticated:
        raise SignInNeeded
    return cast(Visitor, current_user._get_current_object())


def actor() -> Actor:
    """Return the actor of this request, with the roles they hold at this instant.

    :raises SignInNeeded: if nobody is signed in
    """
    return visitor().actor


def enter(
    opened: Session,
    person: Person,
    *,
    how: str,
    factor: bool = False,
    rehashed: str | None = None,
) -> None:
    """Let a person in who has shown who they are; whoever was in this browser is out."""
    now = clock.now()
    if former := open_door(opened, now):
        signing_in.sign_out(opened, former, by=_bare(former.person), now=now)
    token, device = secrets.token_urlsafe(32), device_token() or secrets.token_urlsafe(32)
    door = SignIn(
        token_hash=content_hash(token),
        person_id=person.id,
        began_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=this_app().settings.session_hours),
        factor_at=now if factor else None,
        device_hash=content_hash(device),
        browser=request.user_agent.string[:200],
    )
    signing_in.sign_in(opened, person, door, how=how, rehashed=rehashed, by=_bare(person), now=now)
    take(token, device)
    g.language = person.language


def leave() -> None:
    """Close the sign-in of this browser and forget all the cookie held."""
    now = clock.now()
    if door := open_door(session(), now):
        signing_in.sign_out(session(), door, by=actor(), now=now)
    forget()


def forget() -> None:
    """Forget in this browser who was signed in."""
    flask.session.clear()
    g.pop(CSRF, None)


def own_door() -> SignIn:
    """Load the sign-in this request came by, to change it.

    :raises SignInNeeded: if it has ended since
    """
    door = open_door(session(), clock.now())
    if door is None:
        raise SignInNeeded
    return door


def open_door(opened: Session, now: datetime) -> SignIn | None:
    """Find the sign-in the cookie names, if it still stands open."""
    token = flask.session.get(TOKEN)
    door = door_by_token(opened, content_hash(token)) if token else None
    if door and _stands_open(door, door.person.closed_at, now, this_app().settings):
        return door
    return None


def former_person_id(opened: Session) -> int | None:
    """Tell who was in this browser last, also when their sign-in has ended."""
    token = flask.session.get(TOKEN)
    door = door_by_token(opened, content_hash(token)) if token else None
    return door.person_id if door else None


def _visitor(_request: Request) -> Visitor | None:
    """Read who is signed in, in a session of its own that never takes the right to write."""
    if TOKEN not in flask.session:
        return None
    now, settings = clock.now(), this_app().settings
    with this_app().database.reading() as opened:
        door = seen_door(opened, content_hash(flask.session[TOKEN]))
        if door is None or not _stands_open(door, door.closed_at, now, settings):
            return None
        found = _known(opened, door, now, settings)
    if now - door.seen_at >= SEEN_EVERY:
        with trace() as opened:
            opened.execute(sa.update(SignIn).where(SignIn.id == door.id).values(seen_at=now))
    g.language = found.actor.language
    return found


def _known(opened: Session, door: Door, now: datetime, settings: Settings) -> Visitor:
    today = now.astimezone(settings.zone).date()
    held = held_by(opened, door.person_id, today)
    scopes = scopes_of(opened, door.person_id, today) if door.has_mandate else ()
    factor = Factor.PASSED
    if door.factor_at is None:
        is_guarded = any(ROLES[each.role].is_guarded for each in held if each.role in ROLES)
        is_demanded = is_guarded or bool(scopes)
        if door.has_second_factor:
            factor = Factor.SHOW
        elif is_demanded and not is_demo_on_this_machine(door, settings):
            factor = Factor.ADD
        else:
            factor = Factor.NOT_ASKED
    trusted = factor in (Factor.PASSED, Factor.NOT_ASKED)
    return Visitor(
        door_id=door.id,
        person_id=door.person_id,
        email=door.email,
        actor=Actor(
            id=door.person_id,
            name=door.name,
            held=held if trusted else frozenset(),
            language=door.language,
            scopes=scopes if trusted else (),
        ),
        factor=factor,
    )


def is_demo_on_this_machine(person: Person | Door, settings: Settings) -> bool:
    """Waive the demand for a second factor for invented people on nobody else's machine."""
    return person.is_demo and settings.is_loopback


def _stands_open(
    door: SignIn | Door, closed_at: datetime | None, now: datetime, settings: Settings
) -> bool:
    # `seen_at` may lag by SEEN_EVERY: nobody is put out sooner than they were promised.
    idle = timedelta(minutes=settings.idle_minutes) + SEEN_EVERY
    return (
        door.ended_at is None
        and now < door.expires_at
        and now - door.seen_at < idle
        and closed_at is None
    )


def _bare(person: Person) -> Actor:
    """Make the actor of somebody on the threshold: themselves, without roles."""
    return Actor(id=person.id, name=person.name, language=person.language)
