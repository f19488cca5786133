"""Administration: the people of the organisation."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock, traces
from webapp import organisation_forms as forms
from webapp.auth import actor
from webapp.format import language
from webapp.pages import page_number, posted_number, tell
from webapp.spreadsheets import download
from webapp.transactions import session
from workflows.language import N_, on, translator
from workflows.operations import people as verbs
from workflows.organisation.models import Person
from workflows.permissions import Deed, require
from workflows.queries import people as questions

people = Blueprint("people", __name__, url_prefix="/admin")

COLUMNS = (N_("Name"), N_("E-mail address"), N_("Employed in"), N_("Roles"), N_("Left"))


@people.get("/people")
def index() -> ResponseReturnValue:
    wanted, number = forms.wanted(request.args), page_number()
    found = questions.people(session(), wanted, by=actor(), today=forms.today(), page=number)
    return render_template(
        "organisation/people.html",
        found=found,
        wanted=wanted,
        page=number,
        page_size=questions.PAGE,
        tree=questions.tree(session(), by=actor()),
        roles=forms.roles_named(),
        arguments={name: value for name, value in request.args.items() if name != "page"},
    )


@people.get("/people.<kind>")
def export(kind: str) -> Response:
    wanted = forms.wanted(request.args)
    found = questions.everybody(session(), wanted, by=actor(), today=forms.today())
    words, roles = translator(language()), dict(forms.roles_named())
    rows = [
        (
            person.name,
            person.email,
            person.unit.name if person.unit else "",
            ", ".join(
                f"{roles.get(held.role, held.role)} ({held.unit.name})"
                for held in found.roles.get(person.id, ())
            ),
            on(person.closed_at).isoformat() if person.closed_at else "",
        )
        for person in found.people
    ]
    answer = download("people", kind, [words.gettext(column) for column in COLUMNS], rows)
    what = {"what": f"people.{kind}", "rows": len(rows), "filter": dict(request.args)}
    traces.leave("exported", by=actor(), what=what)
    return answer


@people.get("/people/new")
def new() -> ResponseReturnValue:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    return _person_form()


@people.post("/people")
def add() -> ResponseReturnValue:
    def add() -> ResponseReturnValue:
        person = verbs.add_person(session(), forms.person_details(), by=actor(), now=clock.now())
        return redirect(url_for("people.show", person_id=person.id))

    return forms.or_again(add, lambda wrong: _person_form(wrong=wrong))


@people.get("/people/<int:person_id>")
def show(person_id: int) -> ResponseReturnValue:
    return page(person_id)


@people.post("/people/<int:person_id>")
def change(person_id: int) -> ResponseReturnValue:
    def change() -> ResponseReturnValue:
        person, seen = _person(person_id), posted_number("seen")
        details = forms.person_details()
        verbs.change_person(session(), person, details, seen=seen, by=actor(), now=clock.now())
        tell(N_("The changes are saved."))
        return redirect(url_for("people.show", person_id=person_id))

    return forms.or_again(change, lambda wrong: page(person_id, wrong=wrong))


@people.post("/people/<int:person_id>/closing")
def close(person_id: int) -> ResponseReturnValue:
    verbs.close_person(session(), _person(person_id), by=actor(), now=clock.now())
    return redirect(url_for("people.show", person_id=person_id))


@people.post("/people/<int:person_id>/reopening")
def reopen(person_id: int) -> ResponseReturnValue:
    verbs.reopen_person(session(), _person(person_id), by=actor(), now=clock.now())
    return redirect(url_for("people.show", person_id=person_id))


def _person_form(wrong: dict[str, str] | None = None) -> str:
    tree = questions.tree(session(), by=actor())
    return render_template(
        "organisation/new_person.html", tree=tree, wrong=wrong or {}, said=request.form
    )


def page(person_id: int, wrong: dict[str, str] | None = None) -> str:
    """Render the page of a person, perhaps with what is wrong in its form."""
    person = _person(person_id)
    return render_template(
        "organisation/person.html",
        person=person,
        held=questions.roles_of(session(), person),
        tree=questions.tree(session(), by=actor()),
        roles=forms.roles_named(),
        wrong=wrong or {},
        said=request.form or forms.said(person),
        today=forms.today(),
    )


def _person(person_id: int) -> Person:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    return questions.person(session(), person_id, by=actor())
