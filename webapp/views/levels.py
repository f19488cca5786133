"""How much the forms ask of a unit: its level for each process."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.transactions import session
from workflows.errors import NotFound
from workflows.language import N_
from workflows.operations import levels as verbs
from workflows.organisation.models import Unit, UnitKind
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.processes.rows import all_of
from workflows.steering.levels import LEVELS, NAMES, asked_by_city, chosen_by

levels = Blueprint("levels", __name__, url_prefix="/units/<int:unit_id>/forms")


@levels.get("")
def page(unit_id: int) -> ResponseReturnValue:
    unit = _unit(unit_id)
    require(actor(), Deed.CHOOSE_LEVEL, unit)
    return render_template(
        "levels/page.html",
        unit=unit,
        is_city=unit.kind is UnitKind.CITY,
        processes=_processes(),
        chosen=chosen_by(session(), unit.id),
        least=asked_by_city(session()),
        levels=LEVELS,
        names=NAMES,
    )


@levels.post("")
def choose(unit_id: int) -> ResponseReturnValue:
    unit = _unit(unit_id)
    require(actor(), Deed.CHOOSE_LEVEL, unit)
    for process in _processes():
        if level := request.form.get(f"level-{process.id}"):
            verbs.choose_level(session(), unit, process, level, by=actor(), now=clock.now())
    tell(N_("The levels are saved. They hold the next time a form is opened."))
    return redirect(url_for("levels.page", unit_id=unit.id))


def _unit(unit_id: int) -> Unit:
    unit = session().get(Unit, unit_id)
    if unit is None:
        raise NotFound
    return unit


def _processes() -> list[Process]:
    return [each for each in all_of(session()) if each.active_version is not None]
