"""One's own account: the password, the second factors, and where one is signed in."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp import auth, clock, entry
from webapp.auth import actor, visitor
from webapp.browsers import browser_name
from webapp.new_password import chosen
from webapp.pages import tell
from webapp.transactions import abandon, session, this_app
from workflows.errors import Invalid, NotFound, Refused
from workflows.language import N_
from workflows.operations import invitations, signing_in
from workflows.organisation.account_rows import open_sign_ins, passkeys_of, recovery_codes_left
from workflows.organisation.accounts import Account, SignIn
from workflows.organisation.models import Person

account = Blueprint("account", __name__, url_prefix="/account")
account.add_app_template_filter(browser_name, "browser")


@account.get("")
def page() -> ResponseReturnValue:
    return _page()


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
        return _page(refusal), 429 if isinstance(refusal, entry.TooManyAttempts) else 422
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
    person = session().get_one(Person, visitor().person_id)
    signing_in.sign_out_everywhere(session(), person, by=actor(), now=clock.now())
    auth.forget()
    return redirect("/sign-in")


def _page(refusal: Refused | None = None) -> str:
    me = visitor()
    return render_template(
        "account/page.html",
        person=session().get_one(Person, me.person_id),
        account=session().get(Account, me.person_id),
        passkeys=passkeys_of(session(), me.person_id),
        codes_left=recovery_codes_left(session(), me.person_id),
        sign_ins=open_sign_ins(session(), me.person_id, now=clock.now()),
        here=me.door_id,
        refusal=refusal,
    )
