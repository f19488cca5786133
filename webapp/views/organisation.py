"""Administration: the units, the people, the roles they hold, and what is missing."""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock, traces
from webapp import organisation_forms as posted
from webapp.auth import actor
from webapp.format import language
from webapp.pages import page_number, posted_number, tell
from webapp.spreadsheets import download
from webapp.transactions import abandon, session
from workflows.errors import Invalid
from workflows.language import N_, on, translator
from workflows.operations import importing
from workflows.operations import people as verbs
from workflows.organisation.import_files import UnreadableImport, read
from workflows.organisation.models import Person, Unit, UnitKind
from workflows.organisation.roles import ROLES
from workflows.permissions import Deed, require
from workflows.queries import importing as previews
from workflows.queries import people as questions
from workflows.queries import role_check as checking

organisation = Blueprint("organisation", __name__, url_prefix="/admin")

KINDS = {
    UnitKind.CITY: N_("city"),
    UnitKind.BOARD: N_("board"),
    UnitKind.DISTRICT_BOARD: N_("district board"),
    UnitKind.COMPANY: N_("company"),
    UnitKind.OFFICE: N_("office"),
    UnitKind.SECTION: N_("section"),
}
COLUMNS = (N_("Name"), N_("E-mail address"), N_("Employed in"), N_("Roles"), N_("Left"))


@organisation.get("/")
def index() -> ResponseReturnValue:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    tree = questions.tree(session(), by=actor())
    return render_template("organisation/index.html", tree=tree, kinds=KINDS, today=_today())


@organisation.get("/units/new")
def new_unit() -> ResponseReturnValue:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    return _unit_form()


@organisation.post("/units")
def add_unit() -> ResponseReturnValue:
    def add() -> ResponseReturnValue:
        unit = verbs.add_unit(session(), posted.unit_details(), by=actor(), now=clock.now())
        return redirect(url_for("organisation.show_unit", unit_id=unit.id))

    return _or_again(add, lambda wrong: _unit_form(wrong=wrong))


@organisation.get("/units/<int:unit_id>")
def show_unit(unit_id: int) -> ResponseReturnValue:
    return _unit_page(unit_id)


@organisation.post("/units/<int:unit_id>")
def change_unit(unit_id: int) -> ResponseReturnValue:
    def change() -> ResponseReturnValue:
        unit = questions.unit(session(), unit_id, by=actor())
        details, seen = posted.unit_details(), posted_number("seen")
        verbs.change_unit(session(), unit, details, seen=seen, by=actor(), now=clock.now())
        tell(N_("The changes are saved."))
        return redirect(url_for("organisation.show_unit", unit_id=unit_id))

    return _or_again(change, lambda wrong: _unit_page(unit_id, wrong=wrong))


@organisation.get("/people")
def people() -> ResponseReturnValue:
    wanted, page = posted.wanted(request.args), page_number()
    found = questions.people(session(), wanted, by=actor(), today=_today(), page=page)
    return render_template(
        "organisation/people.html",
        found=found,
        wanted=wanted,
        page=page,
        page_size=questions.PAGE,
        tree=questions.tree(session(), by=actor()),
        roles=_roles(),
        arguments={name: value for name, value in request.args.items() if name != "page"},
    )


@organisation.get("/people.<kind>")
def export_people(kind: str) -> Response:
    wanted = posted.wanted(request.args)
    found = questions.everybody(session(), wanted, by=actor(), today=_today())
    words, roles = translator(language()), dict(_roles())
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


@organisation.get("/people/new")
def new_person() -> ResponseReturnValue:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    return _person_form()


@organisation.post("/people")
def add_person() -> ResponseReturnValue:
    def add() -> ResponseReturnValue:
        person = verbs.add_person(session(), posted.person_details(), by=actor(), now=clock.now())
        return redirect(url_for("organisation.show_person", person_id=person.id))

    return _or_again(add, lambda wrong: _person_form(wrong=wrong))


@organisation.get("/people/<int:person_id>")
def show_person(person_id: int) -> ResponseReturnValue:
    return _person_page(person_id)


@organisation.post("/people/<int:person_id>")
def change_person(person_id: int) -> ResponseReturnValue:
    def change() -> ResponseReturnValue:
        person, seen = _person(person_id), posted_number("seen")
        details = posted.person_details()
        verbs.change_person(session(), person, details, seen=seen, by=actor(), now=clock.now())
        tell(N_("The changes are saved."))
        return redirect(url_for("organisation.show_person", person_id=person_id))

    return _or_again(change, lambda wrong: _person_page(person_id, wrong=wrong))


@organisation.post("/people/<int:person_id>/closing")
def close_person(person_id: int) -> ResponseReturnValue:
    verbs.close_person(session(), _person(person_id), by=actor(), now=clock.now())
    return redirect(url_for("organisation.show_person", person_id=person_id))


@organisation.post("/people/<int:person_id>/reopening")
def reopen_person(person_id: int) -> ResponseReturnValue:
    verbs.reopen_person(session(), _person(person_id), by=actor(), now=clock.now())
    return redirect(url_for("organisation.show_person", person_id=person_id))


@organisation.post("/roles")
def give_role() -> ResponseReturnValue:
    person_id, unit_id = posted.number("person_id"), posted.number("unit_id")

    def give() -> ResponseReturnValue:
        verbs.give_role(session(), posted.grant(), by=actor(), now=clock.now())
        return redirect(_place(person_id, unit_id))

    def again(wrong: dict[str, str]) -> str:
        return (
            _person_page(person_id, wrong=wrong)
            if person_id
            else _unit_page(unit_id or 0, wrong=wrong)
        )

    return _or_again(give, again)


@organisation.post("/roles/<int:holding_id>/ending")
def end_role(holding_id: int) -> ResponseReturnValue:
    holding = questions.holding(session(), holding_id, by=actor())
    verbs.end_role(session(), holding, by=actor(), now=clock.now())
    return redirect(_place(holding.person_id, holding.unit_id))


@organisation.get("/role-check")
def role_check() -> ResponseReturnValue:
    found = checking.check(session(), by=actor(), today=_today())
    people_named, units_named = checking.names_in(session(), found)
    return render_template(
        "organisation/role_check.html",
        found=found,
        people=people_named,
        units=units_named,
        roles=dict(_roles()),
    )


@organisation.get("/import")
def new_import() -> ResponseReturnValue:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    return render_template("organisation/new_import.html", problems=())


@organisation.post("/import")
def read_import() -> ResponseReturnValue:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    sent = [each for each in request.files.getlist("files") if each.filename]
    try:
        sheets = read([(each.filename or "", each.stream.read()) for each in sent])
    except UnreadableImport as refusal:
        abandon()
        return render_template("organisation/new_import.html", problems=refusal.problems), 422
    prepared = importing.prepare(session(), sheets, by=actor(), now=clock.now())
    return redirect(url_for("organisation.show_import", key=prepared.key))


@organisation.get("/import/<key>")
def show_import(key: str) -> ResponseReturnValue:
    prepared = previews.find(session(), key, by=actor(), now=clock.now())
    found = previews.preview(session(), prepared, today=_today())
    translated = translator(language()).gettext
    return render_template(
        "organisation/import.html",
        prepared=prepared,
        found=found,
        names={kind.value: translated(name) for kind, name in KINDS.items()} | dict(_roles()),
        seen=previews.fingerprint(found),
    )


@organisation.post("/import/<key>/application")
def apply_import(key: str) -> ResponseReturnValue:
    prepared = previews.find(session(), key, by=actor(), now=clock.now())
    seen = request.form.get("seen", "")
    importing.apply(session(), prepared, seen=seen, by=actor(), now=clock.now())
    tell(N_("The import is done."))
    return redirect(url_for("organisation.index"))


def _or_again(
    do: Callable[[], ResponseReturnValue], again: Callable[[dict[str, str]], str]
) -> ResponseReturnValue:
    """Do it, or show the form again with what is wrong in it."""
    try:
        return do()
    except Invalid as refusal:
        if refusal.code != "organisation_invalid":
            raise
        wrong = {problem.field: problem.code for problem in refusal.problems}
        abandon()
        return again(wrong), 422


def _unit_form(wrong: dict[str, str] | None = None) -> str:
    tree = questions.tree(session(), by=actor())
    return render_template(
        "organisation/new_unit.html", tree=tree, kinds=KINDS, wrong=wrong or {}, said=request.form
    )


def _unit_page(unit_id: int, wrong: dict[str, str] | None = None) -> str:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    unit = questions.unit(session(), unit_id, by=actor())
    gaps = checking.check_unit(session(), unit, by=actor(), today=_today())
    people_named, units_named = checking.names_in(session(), [(unit, gaps)])
    return render_template(
        "organisation/unit.html",
        unit=unit,
        gaps=gaps,
        people=people_named,
        units=units_named,
        held=questions.roles_in(session(), unit),
        tree=questions.tree(session(), by=actor()),
        kinds=KINDS,
        roles=_roles(),
        wrong=wrong or {},
        said=request.form or _said(unit),
        today=_today(),
    )


def _person_form(wrong: dict[str, str] | None = None) -> str:
    tree = questions.tree(session(), by=actor())
    return render_template(
        "organisation/new_person.html", tree=tree, wrong=wrong or {}, said=request.form
    )


def _person_page(person_id: int, wrong: dict[str, str] | None = None) -> str:
    person = _person(person_id)
    return render_template(
        "organisation/person.html",
        person=person,
        held=questions.roles_of(session(), person),
        tree=questions.tree(session(), by=actor()),
        roles=_roles(),
        wrong=wrong or {},
        said=request.form or _said(person),
        today=_today(),
    )


def _person(person_id: int) -> Person:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    return questions.person(session(), person_id, by=actor())


def _said(thing: Unit | Person) -> dict[str, str]:
    """Say what a thing is now, as its form would send it."""
    values = {column.key: getattr(thing, column.key) for column in thing.__mapper__.columns}
    return {
        name: "true" if value is True else str(value)
        for name, value in values.items()
        if value not in (None, False)
    }


def _place(person_id: int | None, unit_id: int | None) -> str:
    if person_id:
        return url_for("organisation.show_person", person_id=person_id)
    return url_for("organisation.show_unit", unit_id=unit_id)


def _roles() -> list[tuple[str, str]]:
    """Name every role, in the order of the reader's language."""
    words = translator(language())
    return sorted(
        ((role.code, words.gettext(role.name)) for role in ROLES.values()), key=lambda each: each[1]
    )


def _today() -> date:
    return on(clock.now())
