"""Whom a version would hit: asked in slices, so that the page is never waited for."""

import time

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp.auth import actor
from webapp.impact_page import next_year, shown
from webapp.pages import FIRST_YEAR, LAST_YEAR
from webapp.transactions import close, session, this_app
from workflows.errors import Conflict, NotFound
from workflows.language import on
from workflows.operations import advance
from workflows.operations import impacts as verbs
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.processes.packages import Package
from workflows.processes.rows import compiled_package
from workflows.processes.workshop import Impact
from workflows.queries import calendar as calendars
from workflows.queries import impact as questions
from workflows.queries import workshop as shelves

impacts = Blueprint("impacts", __name__, url_prefix="/processes")
A_SLICE = 1.0  # seconds


@impacts.post("/<key>/impact")
def begin(key: str) -> ResponseReturnValue:
    """Begin to ask whom the draft, or what is under review, would hit."""
    process = shelves.on_shelf(session(), key, by=actor()).process
    package = shelves.coming(session(), process)
    made = verbs.begin(session(), process, package.hash, by=actor(), now=clock.now())
    return redirect(url_for("impacts.show", impact_id=made.id))


@impacts.get("/impacts/<int:impact_id>")
def show(impact_id: int) -> ResponseReturnValue:
    impact = _find(session(), impact_id, by=actor())
    package = _same(session(), impact)
    return render_template(
        "workshop/impact.html",
        impact=impact,
        process=impact.process,
        found=shown(session(), impact, compiled_package(package)),
        bodies=calendars.bodies(session()),
        year=on(clock.now()).year + 1,
        next_year=_next_year(impact.process, package) if "unit" in request.args else None,
    )


@impacts.post("/impacts/<int:impact_id>/slices")
def go_on(impact_id: int) -> ResponseReturnValue:
    """Ask for a second, then say how far it has come."""
    by, now = actor(), clock.now()
    close()
    with this_app().database.reading() as opened:
        impact = _find(opened, impact_id, by=by)
        package, process, since = _same(opened, impact), impact.process, impact.last_case_id
        ends = time.monotonic() + A_SLICE
        found, last, asked = questions.ask(
            opened,
            process,
            questions.target(package, compiled_package(package)),
            lambda case: advance.facts(case, now=now),
            impact.found,
            after=since,
            goes_on=lambda: time.monotonic() < ends,
        )
    impact = _find(session(), impact_id, by=by)
    verbs.go_on(
        session(), impact, found, since=since, last=last, asked=asked, by=by, now=clock.now()
    )
    return redirect(url_for("impacts.show", impact_id=impact_id))


def _find(opened: Session, impact_id: int, *, by: Actor) -> Impact:
    require(by, Deed.SEE_PROCESSES, None)
    found = opened.get(Impact, impact_id)
    if found is None:
        raise NotFound
    return found


def _same(opened: Session, impact: Impact) -> Package:
    """Give what is asked about, as long as it is still what would come."""
    package = shelves.coming(opened, impact.process)
    if package.hash != impact.content_hash:
        raise Conflict("draft_overtaken")
    return package


def _next_year(process: Process, package: Package) -> object:
    unit_id, year = request.args.get("unit", ""), request.args.get("year", "")
    if not (unit_id.isdecimal() and len(unit_id) < 10 and year.isdecimal()):
        raise BadRequest
    if not FIRST_YEAR < int(year) < LAST_YEAR:
        raise BadRequest
    unit = calendars.unit(session(), int(unit_id))
    return next_year(session(), process, package, unit, int(year), on(clock.now()))
