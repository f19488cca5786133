"""Signing in with a password or a passkey, and signing out."""

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import Session

from webapp import auth, carrying, entry, errors, oidc, passkeys
from webapp.carrying import Carried
from webapp.errors import SignInNeeded
from webapp.transactions import abandon, session, this_app
from workflows.demo.bodies import FEW
from workflows.demo.cast import PASSWORD, PEOPLE, DemoPerson
from workflows.errors import Refused
from workflows.organisation.models import Person

sign_in = Blueprint("sign_in", __name__)
sign_out = Blueprint("sign_out", __name__)


@sign_in.get("/sign-in")
def page() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect("/")
    return show_page(then="/")


@sign_in.post("/sign-in")
def submit() -> ResponseReturnValue:
    email = request.form.get("email", "")
    carried, then = carrying.handed_on(), carrying.safe_next(request.form.get("next"))
    try:
        shown = entry.by_password(email, request.form.get("password", ""))
    except entry.WrongPassword as refusal:
        return show_page(then=then, carried=carried, email=email, refusal=refusal), 422
    except entry.TooManyAttempts as refusal:
        return show_page(then=then, carried=carried, email=email, refusal=refusal), 429
    person = session().get_one(Person, shown.person_id)
    return come_in(
        session(), person, how="password", then=then, carried=carried, rehashed=shown.rehashed
    )


@sign_in.post("/sign-in/passkey")
def passkey() -> ResponseReturnValue:
    carried, then = carrying.handed_on(), carrying.safe_next(request.form.get("next"))
    try:
        person = entry.by_passkey(session(), request.form.get("credential", ""))
    except Refused as refusal:
        abandon()
        return show_page(then=then, carried=carried, refusal=refusal), 422
    return come_in(session(), person, how="passkey", then=then, carried=carried, factor=True)


@sign_out.post("/sign-out", endpoint="submit")
def submit_out() -> ResponseReturnValue:
    auth.leave()
    return redirect("/sign-in")


@sign_in.app_errorhandler(SignInNeeded)
def ask(_refusal: SignInNeeded) -> ResponseReturnValue:
    """Ask for a sign-in where one was missing, and lose nothing that was typed."""
    abandon()
    return show_page(then=carrying.way_back(), carried=carrying.picked_up()), 401


@sign_in.app_errorhandler(CSRFError)
def old_page(_error: CSRFError) -> ResponseReturnValue:
    """Refuse a form from before this sign-in; what was typed in a page of ours is not lost."""
    abandon()
    carried = carrying.picked_up() if carrying.is_from_us() else Carried()
    if not carried.to:
        return errors.page(400, "no_token")
    if not current_user.is_authenticated:
        return show_page(then=carrying.way_back(), carried=carried), 401
    return render_template("sign_in/carried.html", carried=carried), 400


def come_in(
    opened: Session,
    person: Person,
    *,
    how: str,
    then: str,
    carried: Carried | None = None,
    factor: bool = False,
    rehashed: str | None = None,
) -> ResponseReturnValue:
    """Let somebody in, and bring them and what they had typed to where they were going."""
    former = auth.former_person_id(opened)
    auth.enter(opened, person, how=how, factor=factor, rehashed=rehashed)
    if carried and carried.to and former in (None, person.id):
        return render_template("sign_in/carried.html", carried=carried)
    return redirect(then)


def show_page(
    *, then: str, carried: Carried | None = None, email: str = "", refusal: Refused | None = None
) -> str:
    """Render the sign-in page; what was wrong with the last attempt stands on top."""
    settings = this_app().settings
    has_passkeys = passkeys.is_possible(settings)
    return render_template(
        "sign_in/page.html",
        then=then,
        carried=carried or Carried(),
        email=email,
        refusal=refusal,
        has_directory=oidc.is_used(settings),
        passkey=passkeys.to_show(settings, alone=True) if has_passkeys else None,
        demo=_demo(),
        demo_password=PASSWORD,
        demo_units={body.code: body.name for body in FEW},
    )


def _demo() -> tuple[DemoPerson, ...]:
    """Return the invented people anybody at this machine may be, if the demo is loaded."""
    is_loaded = sa.select(sa.exists(sa.select(Person.id).where(Person.is_demo)))
    if this_app().settings.is_loopback and session().scalar(is_loaded):
        return PEOPLE
    return ()
