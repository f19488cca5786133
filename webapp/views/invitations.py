"""Invitations: an administrator makes one, its bearer chooses a password."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor
from webapp.errors import STATUS
from webapp.new_password import chosen
from webapp.pages import tell
from webapp.transactions import abandon, session, this_app
from workflows.errors import Invalid, NotFound
from workflows.language import N_
from workflows.operations import invitations as verbs
from workflows.operations import second_factors
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person

invitations = Blueprint("invitations", __name__)

STATUS[verbs.LinkSpent] = 410


@invitations.get("/invitations/<token>")
def show(token: str) -> ResponseReturnValue:
    return _page(token)


@invitations.post("/invitations/<token>")
def accept(token: str) -> ResponseReturnValue:
    with this_app().database.reading() as reading:
        person = verbs.find_invitation(reading, token, now=clock.now()).person
    try:
        password_hash = chosen(person)
    except Invalid as refusal:
        abandon()
        return _page(token, refusal), 422
    found = verbs.find_invitation(session(), token, to_use=True, now=clock.now())
    by = Actor(id=person.id, name=person.name)
    verbs.accept(session(), found, password_hash, by=by, now=clock.now())
    tell(N_("Your password is saved. Sign in with it."))
    return redirect("/sign-in")


@invitations.post("/people/<int:person_id>/invitations")
def invite(person_id: int) -> ResponseReturnValue:
    """Show the link once; it is kept hashed, so this page cannot be opened again."""
    person = _person(person_id)
    path = verbs.invite(session(), person, by=actor(), now=clock.now())
    link = this_app().settings.url + path
    return render_template("account/invited.html", person=person, link=link, days=verbs.LASTS.days)


@invitations.post("/people/<int:person_id>/second-factors/removal")
def remove_factors(person_id: int) -> ResponseReturnValue:
    person = _person(person_id)
    second_factors.remove_all(session(), person, by=actor(), now=clock.now())
    tell(N_("The second factors of {person} are removed."), person=person.name)
    return redirect(request.referrer or "/")


def _person(person_id: int) -> Person:
    found = session().get(Person, person_id)
    if found is None:
        raise NotFound
    return found


def _page(token: str, refusal: Invalid | None = None) -> str:
    found = verbs.find_invitation(session(), token, now=clock.now())
    return render_template("sign_in/invitation.html", person=found.person, refusal=refusal)
