"""Rows read into a register from a file, looked at before anything changes, and taken out again."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp import clock, register_page
from webapp.auth import actor
from webapp.format import language
from webapp.pages import posted_number, tell
from webapp.transactions import abandon, session
from workflows.errors import Forbidden, Invalid
from workflows.language import N_, on
from workflows.operations import register_imports as verbs
from workflows.organisation.models import Unit
from workflows.queries import register_imports as questions
from workflows.queries import registers
from workflows.registers import Definition, definition
from workflows.registers.files import UNIT

register_imports = Blueprint("register_imports", __name__, url_prefix="/registers")

MOST_SHOWN = 200


@register_imports.get("/<name>/import")
def new(name: str) -> ResponseReturnValue:
    return _new(registers.opened(name, by=actor()))


@register_imports.post("/<name>/import")
def add(name: str) -> ResponseReturnValue:
    register, sent = registers.opened(name, by=actor()), request.files.get("file")
    _places(register)
    unit = session().get(Unit, posted_number("unit"))
    if unit is None or sent is None or not sent.filename:
        raise BadRequest
    file = (sent.filename, sent.stream.read())
    asked = {key: text for key in ("day", "kind", UNIT) if (text := request.form.get(f"in-{key}"))}
    try:
        prepared = verbs.prepare(
            session(), register, unit, posted_number("year"), file,
            asked=asked, by=actor(), now=clock.now(),
        )  # fmt: skip
    except Invalid as refused:
        abandon()
        return _new(register, refused), 422
    session().flush()
    return redirect(url_for("register_imports.show", import_id=prepared.id))


@register_imports.get("/imports/<int:import_id>")
def show(import_id: int) -> ResponseReturnValue:
    prepared = questions.find(session(), import_id, by=actor())
    register = definition(prepared.register)
    is_waiting = prepared.applied_at is None
    return render_template(
        "registers/import.html",
        register=register,
        prepared=prepared,
        found=questions.preview(session(), prepared, by=actor()) if is_waiting else None,
        columns=[(one.name, one.label[language()]) for one in register.form.fields],
        label=lambda name: register_page.label(register, name),
        said=lambda values: register_page.said_row(register, values),
        most=MOST_SHOWN,
    )


@register_imports.post("/imports/<int:import_id>/mapping")
def remap(import_id: int) -> ResponseReturnValue:
    prepared = questions.find(session(), import_id, by=actor())
    mapping = {
        name.removeprefix("column-"): column
        for name, column in request.form.items()
        if name.startswith("column-")
    }
    verbs.remap(session(), prepared, mapping, by=actor(), now=clock.now())
    return redirect(url_for("register_imports.show", import_id=import_id))


@register_imports.post("/imports/<int:import_id>/application")
def apply(import_id: int) -> ResponseReturnValue:
    prepared = questions.find(session(), import_id, by=actor())
    seen = posted_number("seen")
    count = verbs.apply(session(), prepared, seen=seen, by=actor(), now=clock.now())
    tell(N_("Read in: {count} rows."), count=count)
    return redirect(url_for("register_imports.show", import_id=import_id))


@register_imports.post("/imports/<int:import_id>/undoing")
def undo(import_id: int) -> ResponseReturnValue:
    prepared = questions.find(session(), import_id, by=actor())
    why = request.form.get("why", "")
    count = verbs.undo(session(), prepared, why, by=actor(), now=clock.now())
    tell(N_("Taken out again: {count} rows."), count=count)
    return redirect(url_for("register_imports.show", import_id=import_id))


def _new(register: Definition, refused: Invalid | None = None) -> str:
    asked = questions.asked_of(questions.kept_mapping(session(), register))
    return render_template(
        "registers/new_import.html",
        register=register,
        units=_places(register),
        year=on(clock.now()).year - 1,
        refused=refused,
        asked={**asked, **{key: text for key in asked if (text := request.form.get(f"in-{key}"))}},
        earlier=questions.of_register(session(), register, by=actor()),
    )


def _places(register: Definition) -> list[Unit]:
    """The units into whose register the person may read.

    :raises Forbidden: if there is none
    """
    found = questions.units(session(), register, by=actor())
    if not found:
        raise Forbidden("may_not_import_entries")
    return found
