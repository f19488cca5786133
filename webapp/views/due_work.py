"""Due work for administrators: what waits, what fails, and what somebody has to decide about."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.transactions import session
from workflows.cases.lateness import SILENT
from workflows.cases.models import Case, Timer
from workflows.errors import NotFound
from workflows.language import N_
from workflows.operations import due_work as verbs
from workflows.operations import starting, timers
from workflows.processes.models import Process
from workflows.processes.rows import find
from workflows.work import queue

due_work = Blueprint("due_work", __name__, url_prefix="/admin/due-work")


@due_work.get("/")
def page() -> ResponseReturnValue:
    now = clock.now()
    found = queue.overview(session(), by=actor(), now=now)
    is_silent = found.last_tick is None or now - found.last_tick > SILENT
    return render_template("due_work/page.html", found=found, is_silent=is_silent)


@due_work.post("/<kind>/<int:row_id>/attempt")
def retry(kind: str, row_id: int) -> ResponseReturnValue:
    found, row = queue.find(session(), kind, row_id)
    verbs.retry(session(), row, found.name, by=actor(), now=clock.now())
    tell(N_("It is tried again within a minute."))
    return redirect(url_for("due_work.page"))


@due_work.post("/<kind>/<int:row_id>/end")
def drop(kind: str, row_id: int) -> ResponseReturnValue:
    found, row = queue.find(session(), kind, row_id)
    by, now, why = actor(), clock.now(), request.form.get("why", "")
    if isinstance(row, Timer):
        case = session().get_one(Case, row.case_id)
        timers.skip(session(), row, case, why=why, by=by, now=now)
    elif found.over is not None:
        verbs.drop(session(), row, found.name, found.over(now), why=why, by=by, now=now)
    tell(N_("It is not done."))
    return redirect(url_for("due_work.page"))


@due_work.post("/timers/<int:row_id>/firing")
def fire(row_id: int) -> ResponseReturnValue:
    _, row = queue.find(session(), "timer", row_id)
    if isinstance(row, Timer):
        case = session().get_one(Case, row.case_id)
        timers.fire_late(session(), row, case, by=actor(), now=clock.now())
    tell(N_("The case goes on."))
    return redirect(url_for("due_work.page"))


@due_work.post("/starts/<key>/<int:year>/late")
def start_late(key: str, year: int) -> ResponseReturnValue:
    occasion = request.form.get("occasion", "")
    starting.start_late(session(), _process(key), year, occasion, by=actor(), now=clock.now())
    tell(N_("The cases are started within a minute."))
    return redirect(url_for("due_work.page"))


@due_work.post("/starts/<key>/<int:year>/never")
def start_never(key: str, year: int) -> ResponseReturnValue:
    occasion, why = request.form.get("occasion", ""), request.form.get("why", "")
    process = _process(key)
    starting.start_never(session(), process, year, occasion, why=why, by=actor(), now=clock.now())
    tell(N_("The cases are not started."))
    return redirect(url_for("due_work.page"))


def _process(key: str) -> Process:
    if (found := find(session(), key)) is None:
        raise NotFound
    return found
