"""One's own account: who one is, the password, and where one is signed in."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from webapp import auth, clock, entry
from webapp.account_page import shown
from webapp.auth import actor, visitor
from webapp.browsers import browser_name
from webapp.new_password import chosen
from webapp.pages import posted_number, tell
from webapp.transactions import abandon, session, this_app
from workflows.errors import Invalid, NotFound
from workflows.language import N_
from workflows.operations import invitations, profile, signing_in
from workflows.organisation.accounts import SignIn
from workflows.organisation.models import Person

account = Blueprint("account", __name__, url_prefix="/account")
account.add_app_template_filter(browser_name, "browser")


@account.get("")
def page() -> ResponseReturnValue:
    return shown()


@account.post("/profile")
def describe() -> ResponseReturnValue:
    """Keep what somebody says of themselves."""
    person, asked = session().get_one(Person, visitor().person_id), request.form
    said = profile.Profile(
        asked.get("name", person.name), asked.get("title", ""), asked.get("phone", "")
    )
    seen = posted_number("seen")
    try:
        profile.describe(session(), person, said, seen=seen, by=actor(), now=clock.now())
    except Invalid as refusal:
        abandon()
        return shown(refusal), 422
    tell(N_("The changes are saved."))
    return redirect("/account")


@account.post("/password")
def change_password() -> ResponseReturnValue:
    me = visitor()
    with this_app().database.reading() as reading:
        person = reading.get_one(Person, me.person_id)
    try:
        password_hash = chosen(person)
        entry.by_password(me.email, request.form.get("password", ""))
    except (Invalid, entry.WrongPassword, entry.TooManyAttempts) as refusal:
        abandon()
        return shown(refusal), 429 if isinstance(refusal, entry.TooManyAttempts) else 422
    person = session().get_one(Person, me.person_id)
    invitations.change_password(
        session(), person, password_hash, but=me.door_id, by=me.actor, now=clock.now()
    )
    tell(N_("Your password is changed. You are signed out everywhere else."))
    return redirect("/account")


@account.post("/sign-ins/<int:sign_in_id>/end")
def end_sign_in(sign_in_id: int) -> ResponseReturnValue:
    door = session().get(SignIn, sign_in_id)
    if door is None:
        raise NotFound
    signing_in.sign_out(session(), door, by=actor(), now=clock.now())
    return redirect("/account")


@account.post("/sign-ins/end")
def end_sign_ins() -> ResponseReturnValue:
    """Sign out everywhere, or everywhere but here."""
    me = visitor()
    person = session().get_one(Person, me.person_id)
    but = me.door_id if request.form.get("but") == "here" else None
    signing_in.sign_out_everywhere(session(), person, but=but, by=actor(), now=clock.now())
    if but is not None:
        tell(N_("You are signed out everywhere else."))
        return redirect("/account")
    auth.forget()
    return redirect("/sign-in")
