"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import auth, carrying, entry
from webapp.carrying import Carried
from webapp.errors import SignInNeeded
from webapp.transactions import SAFE, abandon, session, this_app
from workflows.errors import Refused
from workflows.organisation.models import Person

sign_in = Blueprint("sign_in", __name__)
sign_out = Blueprint("sign_out", __name__)


@sign_in.get("/sign-in")
def page() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect("/")
    return _page(then="/")


@sign_in.post("/sign-in")
def submit() -> ResponseReturnValue:
    email = request.form.get("email", "")
    carried, then = carrying.handed_on(), carrying.safe_next(request.form.get("next"))
    try:
        shown = entry.by_password(email, request.form.get("password", ""))
    except entry.WrongPassword as refusal:
        return _page(then=then, carried=carried, email=email, refusal=refusal), 422
    except entry.TooManyAttempts as refusal:
        return _page(then=then, carried=carried, email=email, refusal=refusal), 429
    person = session().get_one(Person, shown.person_id)
    return come_in(person, how="password", then=then, carried=carried, rehashed=shown.rehashed)


@sign_out.post("/sign-out", endpoint="submit")
def submit_out() -> ResponseReturnValue:
    auth.leave()
    return redirect("/sign-in")


@sign_in.app_errorhandler(SignInNeeded)
def ask(_refusal: SignInNeeded) -> ResponseReturnValue:
    """Ask for a sign-in where one was missing, and lose nothing that was typed."""
    abandon()
    then = request.full_path.rstrip("?") if request.method in SAFE else _page_before()
    return _page(then=then, carried=carrying.picked_up()), 401


def come_in(
    person: Person,
    *,
    how: str,
    then: str,
    carried: Carried,
    factor: bool = False,
    rehashed: str | None = None,
) -> ResponseReturnValue:
    """Let somebody in, and bring them and what they had typed to where they were going."""
    former = auth.former_person_id(session())
    auth.enter(person, how=how, factor=factor, rehashed=rehashed)
    if carried.to and former in (None, person.id):
        return render_template("sign_in/carried.html", carried=carried)
    return redirect(then)


def _page_before() -> str:
    """Return the page a form was sent from, if it was one of ours."""
    referrer = request.referrer or ""
    return carrying.safe_next(referrer.removeprefix(this_app().settings.url))


def _page(
    *, then: str, carried: Carried | None = None, email: str = "", refusal: Refused | None = None
) -> str:
    return render_template(
        "sign_in/page.html", then=then, carried=carried or Carried(), email=email, refusal=refusal
    )
