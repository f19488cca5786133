"""Trying a draft: a case in memory, up to any day and as any role; it may be kept as a test."""

import re

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp import trial_page as pages
from webapp.auth import actor
from webapp.format import language
from webapp.pages import posted_number, tell
from webapp.transactions import close, session, this_app
from workflows import forms
from workflows.canonical import canonical_text
from workflows.errors import NotFound
from workflows.language import N_, on
from workflows.operations import workshop as verbs
from workflows.operations.workshop import Change
from workflows.organisation.actor import Actor
from workflows.processes.checking import check_draft
from workflows.processes.models import PartKind, Process
from workflows.processes.packages import Package
from workflows.processes.rows import compiled_package
from workflows.queries import calendar as calendars
from workflows.queries import workshop as questions
from workflows.rehearsal import replaying
from workflows.rehearsal import trials as trying

trials = Blueprint("trials", __name__, url_prefix="/workshop")


@trials.get("/<int:process_id>/trial")
def page(process_id: int) -> ResponseReturnValue:
    process = questions.process(session(), process_id, by=actor())
    package = questions.written(session(), process)[1]
    if wrong := check_draft(package).errors:
        told = pages.mended_at(process, wrong)
        return render_template("workshop/trial_stopped.html", process=process, problems=told)
    return _page(session(), process, package, by=actor())


@trials.post("/<int:process_id>/trial")
def run(process_id: int) -> ResponseReturnValue:
    """Play a case; nothing is kept, so it is done without the right to write."""
    by = actor()
    close()
    with this_app().database.reading() as opened:
        process, package, wish, role = _wanted(opened, process_id, by=by)
        return _page(opened, process, package, wish, role, by=by)


@trials.post("/<int:process_id>/trial/steps/<element>/<int:turn>")
def fill(process_id: int, element: str, turn: int) -> ResponseReturnValue:
    """Show the form of a step as the try comes to it, and play on with what is typed there."""
    by = actor()
    close()
    with this_app().database.reading() as opened:
        process, package, wish, role = _wanted(opened, process_id, by=by)
        asked = trying.asked(opened, package, wish, element, turn, today=on(clock.now()))
        if asked is None:
            raise NotFound
        raw, found = asked.raw, None
        if is_typed := pages.GIVEN in request.form:
            posted = pages.typed(asked.form)
            raw = posted.raw
            if posted.change:
                raw = forms.change_rows(asked.form, raw, posted.change, asked.facts)
            elif "rows" not in request.args:
                found = forms.check(asked.form, raw, asked.facts)
        if isinstance(found, forms.Answers):
            wish = wish.with_filled(element, turn, raw)
            return _page(opened, process, package, wish, role, by=by)
        compiled = compiled_package(package)
        answer = render_template(
            "workshop/trial_step.html",
            process=process,
            step=dict(pages.seen_by(compiled, ""))[element],
            roles=pages.receivers(compiled, element),
            view=pages.shown(asked, raw, found),
            is_usual=asked.is_usual and not is_typed,
            is_tried=True,
            given=pages.carried(wish, role),
            place=f"{element}:{turn}",
            here=url_for("trials.fill", process_id=process_id, element=element, turn=turn),
        )
        return answer, 422 if found else 200


@trials.post("/<int:process_id>/tests")
def keep(process_id: int) -> ResponseReturnValue:
    """Play it once more, and keep it in the draft as a test."""
    by = actor()
    close()
    with this_app().database.reading() as opened:
        seen, package = _draft(opened, process_id, by=by)
        wish, _ = pages.given(compiled_package(package))
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


def _wanted(
    opened: Session, process_id: int, *, by: Actor
) -> tuple[Process, Package, trying.Wish, str]:
    process = questions.process(opened, process_id, by=by)
    package = questions.written(opened, process)[1]
    return process, package, *pages.given(compiled_package(package))


def _page(
    opened: Session,
    process: Process,
    package: Package,
    wish: trying.Wish | None = None,
    role: str = "",
    *,
    by: Actor,
) -> ResponseReturnValue:
    compiled, today = compiled_package(package), on(clock.now())
    found = trying.tried(opened, package, wish, language(), today=today) if wish else None
    tests = trying.run_tests(opened, package, today=today)
    seen = dict(pages.seen_by(compiled, role))
    return render_template(
        "workshop/trial.html",
        process=process,
        steps=seen,
        roles=pages.roles(compiled),
        role=role,
        wish=wish,
        filled=canonical_text(wish.filled) if wish and wish.filled else "",
        found=found,
        stuck=pages.stuck(found, compiled) if found else [],
        picture=pages.drawn(package, found, compiled) if found else "",
        dated=pages.dated(found, compiled, wish, seen) if found and wish else [],
        mails=pages.mailed(found, compiled, role) if found else [],
        rows=pages.register_rows(found) if found else [],
        receivers=lambda element: pages.receivers(compiled, element),
        tests=tests,
        covered=pages.covered(package, compiled, tests),
        ended=replaying.ended(opened, process, by=by),
        bodies=calendars.bodies(opened),
        year=today.year + 1,
    )
