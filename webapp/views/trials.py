"""Trying a draft: a case in memory, with time that moves by itself; it may be kept as a test."""

import re

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp import trial_page as pages
from webapp.auth import actor
from webapp.format import language
from webapp.pages import FIRST_YEAR, LAST_YEAR, tell
from webapp.transactions import close, session, this_app
from workflows.language import N_, on
from workflows.operations import workshop as verbs
from workflows.operations.workshop import Change
from workflows.organisation.actor import Actor
from workflows.processes.models import PartKind
from workflows.processes.packages import Package
from workflows.processes.rows import compiled_package
from workflows.queries import calendar as calendars
from workflows.queries import workshop as questions
from workflows.rehearsal import trials as trying

trials = Blueprint("trials", __name__, url_prefix="/workshop")


@trials.get("/<int:process_id>/trial")
def page(process_id: int) -> ResponseReturnValue:
    return _page(session(), process_id, by=actor(), found=None)


@trials.post("/<int:process_id>/trial")
def run(process_id: int) -> ResponseReturnValue:
    """Play a case; nothing is kept, so it is done without the right to write."""
    by = actor()
    close()
    with this_app().database.reading() as opened:
        package = _package(opened, process_id, by=by)
        return _page(opened, process_id, by=by, found=_tried(opened, package))


@trials.post("/<int:process_id>/tests")
def keep(process_id: int) -> ResponseReturnValue:
    """Play it once more, and keep it in the draft as a test."""
    by, name = actor(), request.form.get("name", "").strip().lower()
    name = re.sub(r"[^a-z0-9]+", "-", name)[:60].strip("-") or "test"
    close()
    with this_app().database.reading() as opened:
        package = _package(opened, process_id, by=by)
        seen = questions.written(opened, questions.process(opened, process_id, by=by))[0]
        found = _tried(opened, package)
    if found is None:
        raise BadRequest
    unit, year, answers = _asked(package)
    content = trying.as_test(found, unit, year, answers).decode()
    change = Change(None, {PartKind.TEST: {name: content}})
    process = questions.process(session(), process_id, by=by)
    verbs.save(session(), process, change, seen=seen, by=by, now=clock.now())
    tell(N_("It is kept as a test, and runs each time the draft is sent for review."))
    return redirect(url_for("trials.page", process_id=process_id))


def _package(opened: Session, process_id: int, *, by: Actor) -> Package:
    return questions.written(opened, questions.process(opened, process_id, by=by))[1]


def _asked(package: Package) -> tuple[str, int, trying.Answers]:
    unit, year = request.form.get("unit", ""), request.form.get("year", "")
    if not year.isdecimal() or not FIRST_YEAR < int(year) < LAST_YEAR:
        raise BadRequest
    given = request.form.to_dict()
    return unit, int(year), pages.answered(package, compiled_package(package), given)


def _tried(opened: Session, package: Package) -> trying.Tried | None:
    unit, year, answers = _asked(package)
    today = on(clock.now())
    return trying.tried(opened, package, unit, year, answers, language(), today=today)


def _page(
    opened: Session, process_id: int, *, by: Actor, found: trying.Tried | None
) -> ResponseReturnValue:
    process, package = (
        questions.process(opened, process_id, by=by), _package(opened, process_id, by=by)
    )  # fmt: skip
    compiled, today = compiled_package(package), on(clock.now())
    given = request.form.to_dict()
    return render_template(
        "workshop/trial.html",
        process=process,
        steps=pages.asked(package, compiled, given),
        given=given,
        is_played=request.method == "POST",
        found=found,
        picture=pages.drawn(package, found) if found else "",
        dated=pages.dated(found) if found else [],
        rows=pages.register_rows(found) if found else [],
        receivers=lambda element: pages.receivers(compiled, element),
        tests=trying.run_tests(opened, package, today=today),
        bodies=calendars.bodies(opened),
        year=today.year + 1,
    )
