"""Administration: the units, the roles held in them, and what is missing."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp import organisation_forms as forms
from webapp.auth import actor
from webapp.pages import posted_number, tell
from webapp.transactions import session
from webapp.views import people
from workflows.language import N_
from workflows.operations import people as verbs
from workflows.permissions import Deed, require
from workflows.queries import people as questions
from workflows.queries import role_check as checking

organisation = Blueprint("organisation", __name__, url_prefix="/admin")


@organisation.get("/")
def index() -> ResponseReturnValue:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    tree = questions.tree(session(), by=actor())
    return render_template(
        "organisation/index.html", tree=tree, kinds=forms.KINDS, today=forms.today()
    )


@organisation.get("/units/new")
def new_unit() -> ResponseReturnValue:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    return _unit_form()


@organisation.post("/units")
def add_unit() -> ResponseReturnValue:
    def add() -> ResponseReturnValue:
        unit = verbs.add_unit(session(), forms.unit_details(), by=actor(), now=clock.now())
        return redirect(url_for("organisation.show_unit", unit_id=unit.id))

    return forms.or_again(add, lambda wrong: _unit_form(wrong=wrong))


@organisation.get("/units/<int:unit_id>")
def show_unit(unit_id: int) -> ResponseReturnValue:
    return _unit_page(unit_id)


@organisation.post("/units/<int:unit_id>")
def change_unit(unit_id: int) -> ResponseReturnValue:
    def change() -> ResponseReturnValue:
        unit = questions.unit(session(), unit_id, by=actor())
        details, seen = forms.unit_details(), posted_number("seen")
        verbs.change_unit(session(), unit, details, seen=seen, by=actor(), now=clock.now())
        tell(N_("The changes are saved."))
        return redirect(url_for("organisation.show_unit", unit_id=unit_id))

    return forms.or_again(change, lambda wrong: _unit_page(unit_id, wrong=wrong))


@organisation.post("/roles")
def give_role() -> ResponseReturnValue:
    person_id, unit_id = forms.number("person_id"), forms.number("unit_id")

    def give() -> ResponseReturnValue:
        verbs.give_role(session(), forms.grant(), by=actor(), now=clock.now())
        return redirect(_place(person_id, unit_id))

    def again(wrong: dict[str, str]) -> str:
        return (
            people.page(person_id, wrong=wrong)
            if person_id
            else _unit_page(unit_id or 0, wrong=wrong)
        )

    return forms.or_again(give, again)


@organisation.post("/roles/<int:holding_id>/ending")
def end_role(holding_id: int) -> ResponseReturnValue:
    holding = questions.holding(session(), holding_id, by=actor())
    verbs.end_role(session(), holding, by=actor(), now=clock.now())
    return redirect(_place(holding.person_id, holding.unit_id))


@organisation.get("/role-check")
def role_check() -> ResponseReturnValue:
    found = checking.check(session(), by=actor(), today=forms.today())
    people_named, units_named = checking.names_in(session(), found)
    return render_template(
        "organisation/role_check.html",
        found=found,
        people=people_named,
        units=units_named,
        roles=dict(forms.roles_named()),
    )


def _unit_form(wrong: dict[str, str] | None = None) -> str:
    tree = questions.tree(session(), by=actor())
    return render_template(
        "organisation/new_unit.html",
        tree=tree,
        kinds=forms.KINDS,
        wrong=wrong or {},
        said=request.form,
    )


def _unit_page(unit_id: int, wrong: dict[str, str] | None = None) -> str:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    unit = questions.unit(session(), unit_id, by=actor())
    gaps = checking.check_unit(session(), unit, by=actor(), today=forms.today())
    people_named, units_named = checking.names_in(session(), [(unit, gaps)])
    return render_template(
        "organisation/unit.html",
        unit=unit,
        gaps=gaps,
        people=people_named,
        units=units_named,
        held=questions.roles_in(session(), unit),
        tree=questions.tree(session(), by=actor()),
        kinds=forms.KINDS,
        roles=forms.roles_named(),
        wrong=wrong or {},
        said=request.form or forms.said(unit),
        today=forms.today(),
    )


def _place(person_id: int | None, unit_id: int | None) -> str:
    if person_id:
        return url_for("people.show", person_id=person_id)
    return url_for("organisation.show_unit", unit_id=unit_id)
