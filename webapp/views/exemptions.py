"""Where a process starts by itself: everywhere it is meant for, but where the city says not."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.transactions import session
from workflows.errors import NotFound
from workflows.language import N_, on
from workflows.operations.exemptions import set_exempt
from workflows.organisation.models import Unit
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.processes.rows import compiled, find
from workflows.queries.overview import bodies
from workflows.steering.exemptions import exempt_from

exemptions = Blueprint("exemptions", __name__, url_prefix="/processes/<key>/starts")


@exemptions.get("")
def page(key: str) -> ResponseReturnValue:
    process = _process(key)
    require(actor(), Deed.EXEMPT, process)
    return render_template(
        "processes/starts.html",
        process=process,
        units=_meant_for(process),
        left_out=exempt_from(session(), process.id),
    )


@exemptions.post("")
def choose(key: str) -> ResponseReturnValue:
    process, ticked = _process(key), set(request.form.getlist("unit"))
    asked = {unit.id: unit for unit in _meant_for(process)}
    left_out = [unit for unit in asked.values() if str(unit.id) not in ticked]
    others = exempt_from(session(), process.id) - asked.keys()  # not on the page: as they are
    left_out += [session().get_one(Unit, unit_id) for unit_id in sorted(others)]
    why = request.form.get("why", "")
    if set_exempt(session(), process, left_out, why=why, by=actor(), now=clock.now()):
        tell(N_("Saved. What runs goes on; what was to start is planned anew."))
    return redirect(url_for("processes.show", key=key))


def _process(key: str) -> Process:
    process = find(session(), key)
    if process is None or not _per(process):
        raise NotFound
    return process


def _per(process: Process) -> tuple[str, ...]:
    version = process.active_version
    description = compiled(version).description if version else None
    return description.per if description and description.starts else ()


def _meant_for(process: Process) -> list[Unit]:
    today, per = on(clock.now()), _per(process)
    return [
        unit
        for unit in bodies(session())
        if unit.kind.value in per and (unit.valid_to is None or unit.valid_to >= today)
    ]
