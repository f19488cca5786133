"""Trying a draft: a case in memory, up to any day and as any role; it may be kept as a test."""

import re
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp import trial_page as pages
from webapp.auth import actor
from webapp.format import language
from webapp.pages import FIRST_YEAR, LAST_YEAR, number, posted_number, tell
from webapp.transactions import close, session, this_app
from workflows.errors import NotFound
from workflows.language import N_, on
from workflows.operations import workshop as verbs
from workflows.operations.workshop import Change
from workflows.organisation.actor import Actor
from workflows.processes.models import PartKind
from workflows.processes.packages import Package
from workflows.processes.rows import compiled_package
from workflows.queries import calendar as calendars
from workflows.queries import workshop as questions
from workflows.rehearsal import replaying
from workflows.rehearsal import trials as trying

trials = Blueprint("trials", __name__, url_prefix="/workshop")


@trials.get("/<int:process_id>/trial")
def page(process_id: int) -> ResponseReturnValue:
    return _page(session(), process_id, by=actor(), is_played=False)


@trials.post("/<int:process_id>/trial")
def run(process_id: int) -> ResponseReturnValue:
    """Play a case; nothing is kept, so it is done without the right to write."""
    by = actor()
    close()
    with this_app().database.reading() as opened:
        return _page(opened, process_id, by=by, is_played=True)


@trials.post("/<int:process_id>/tests")
def keep(process_id: int) -> ResponseReturnValue:
    """Play it once more, and keep it in the draft as a test."""
    by = actor()
    close()
    with this_app().database.reading() as opened:
        seen, package = _draft(opened, process_id, by=by)
        wish = _wish(package)
        found = trying.tried(opened, package, wish, language(), today=on(clock.now()))
    if found is None:
        raise BadRequest
    name = request.form.get("name", "")
    _keep(process_id, name, trying.as_test(found, wish), seen=seen, by=by)
    tell(N_("It is kept as a test, and runs at every check of the draft."))
    return redirect(url_for("trials.page", process_id=process_id))


@trials.post("/<int:process_id>/tests/from-case")
def keep_case(process_id: int) -> ResponseReturnValue:
    """Play a real case that has ended once more, without what says anything of anybody."""
    by, case_id = actor(), posted_number("case")
    close()
    with this_app().database.reading() as opened:
        seen, package = _draft(opened, process_id, by=by)
        process = questions.process(opened, process_id, by=by)
        wish, done = replaying.as_it_went(opened, process, case_id, package, by=by)
        found = trying.tried(opened, package, wish, language(), today=on(clock.now()))
    if found is None:
        raise BadRequest
    name = f"{wish.unit}-{wish.year}"
    _keep(process_id, name, trying.as_test(found, wish), seen=seen, by=by)
    tell(N_("The case is kept as a test, without names, texts and dates."))
    otherwise = replaying.otherwise(found, done)
    for text, steps in pages.parted(compiled_package(package), *otherwise):
        tell(text, steps=steps)
    return redirect(url_for("trials.page", process_id=process_id))


@trials.post("/<int:process_id>/tests/<name>/removal")
def remove(process_id: int, name: str) -> ResponseReturnValue:
    """Take a test out of the draft."""
    process = questions.process(session(), process_id, by=actor())
    seen, package = questions.written(session(), process)
    if name not in package.tests:
        raise NotFound
    change = Change(None, {PartKind.TEST: {name: None}})
    verbs.save(session(), process, change, seen=seen, by=actor(), now=clock.now())
    tell(N_("The test is taken away."))
    return redirect(url_for("trials.page", process_id=process_id))


def _keep(process_id: int, name: str, content: bytes, *, seen: int, by: Actor) -> None:
    plain = re.sub(r"[^a-z0-9]+", "-", name.strip().lower())[:60].strip("-") or "test"
    change = Change(None, {PartKind.TEST: {plain: content.decode()}})
    process = questions.process(session(), process_id, by=by)
    verbs.save(session(), process, change, seen=seen, by=by, now=clock.now())


def _draft(opened: Session, process_id: int, *, by: Actor) -> tuple[int, Package]:
    return questions.written(opened, questions.process(opened, process_id, by=by))


def _wish(package: Package) -> trying.Wish:
    unit, year = request.form.get("unit", ""), number(request.form.get("year", ""))
    until, compiled = request.form.get("until", ""), compiled_package(package)
    if year is None or not FIRST_YEAR < year < LAST_YEAR:
        raise BadRequest
    try:
        stands = date.fromisoformat(until) if until else None
    except ValueError:
        raise BadRequest from None
    lies = tuple(one for one in request.form.getlist("lies") if one in compiled.description.steps)
    answers = pages.answered(package, compiled, request.form.to_dict())
    return trying.Wish(unit, year, answers, lies, stands)


def _page(opened: Session, process_id: int, *, by: Actor, is_played: bool) -> ResponseReturnValue:
    process = questions.process(opened, process_id, by=by)
    package = questions.written(opened, process)[1]
    compiled, today = compiled_package(package), on(clock.now())
    found = None
    if is_played:
        found = trying.tried(opened, package, _wish(package), language(), today=today)
    tests = trying.run_tests(opened, package, today=today)
    given, role = request.form.to_dict(), request.form.get("role", "")
    seen = dict(pages.seen_by(compiled, role))
    return render_template(
        "workshop/trial.html",
        process=process,
        fields=[one for one in pages.asked(package, compiled, given) if one.element in seen],
        steps=seen,
        lies=request.form.getlist("lies"),
        roles=pages.roles(compiled),
        given=given,
        is_played=is_played,
        found=found,
        stuck=pages.stuck(found, compiled) if found else [],
        picture=pages.drawn(package, found, compiled) if found else "",
        dated=pages.dated(found, seen) if found else [],
        mails=pages.mailed(found, compiled, role) if found else [],
        rows=pages.register_rows(found) if found else [],
        receivers=lambda element: pages.receivers(compiled, element),
        tests=tests,
        covered=pages.covered(package, compiled, tests),
        ended=replaying.ended(opened, process, by=by),
        bodies=calendars.bodies(opened),
        year=today.year + 1,
    )
