"""The workshop: the draft of a process as its editor reads and keeps it. Nothing here is run."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from webapp import clock
from webapp import workshop_page as pages
from webapp.auth import actor
from webapp.pages import FIRST_YEAR, LAST_YEAR, tell
from webapp.transactions import abandon, close, session, this_app
from workflows import engine
from workflows.calendar.years import standard_calendar
from workflows.errors import Conflict, Invalid
from workflows.language import N_, on
from workflows.operations import workshop as verbs
from workflows.operations.workshop import Change
from workflows.processes.checking import check_draft
from workflows.processes.models import PartKind, Process
from workflows.processes.packages import Package
from workflows.queries import calendar as calendars
from workflows.queries import workshop as questions
from workflows.rehearsal.trials import problems as failures
from workflows.rehearsal.trials import run_tests
from workflows.steering.rows import calendar_of

workshop = Blueprint("workshop", __name__, url_prefix="/workshop")

KINDS = {"forms": PartKind.FORM, "tables": PartKind.TABLE, "tests": PartKind.TEST}
LONGEST = 2000  # characters of an expression or a rule that is tried


@workshop.get("/<int:process_id>")
def page(process_id: int) -> ResponseReturnValue:
    process = _process(process_id)
    return render_template(
        "workshop/page.html",
        process=process,
        draft=questions.draft(session(), process),
        others=questions.sitting(session(), process, by=actor(), now=clock.now()),
        bodies=calendars.bodies(session()),
        year=on(clock.now()).year + 1,
    )


@workshop.get("/<int:process_id>/draft")
def draft(process_id: int) -> ResponseReturnValue:
    process = _process(process_id)
    revision, package = questions.written(session(), process)
    return _written(revision, package)


@workshop.post("/<int:process_id>/draft")
def save(process_id: int) -> ResponseReturnValue:
    given = _given()
    seen = given.get("revision")
    if not isinstance(seen, int):
        raise Invalid("bad_draft", field="revision")
    change = _change(given)
    process = _process(process_id)
    try:
        kept = verbs.save(session(), process, change, seen=seen, by=actor(), now=clock.now())
    except Conflict:
        abandon()
        return _overtaken(process_id), 409
    except Invalid as refusal:
        abandon()
        return {"problems": pages.problems_told(refusal.problems)}, 422
    package, revision = kept.package(), kept.revision
    session().commit()  # the check takes its time: not while others wait to write
    return _reading(lambda opened: {"revision": revision, "problems": _checked(opened, package)})


@workshop.post("/<int:process_id>/problems")
def problems(process_id: int) -> ResponseReturnValue:
    change = _change(_given())

    def checked(opened: Session) -> dict[str, Any]:
        process = questions.process(opened, process_id, by=by)
        _, package = questions.written(opened, process)
        return {"problems": _checked(opened, _with(package, change))}

    by = actor()
    return _reading(checked)


@workshop.post("/<int:process_id>/deadline")
def deadline(process_id: int) -> ResponseReturnValue:
    """Say when a rule falls, in the calendar of a unit or in that of an ordinary year."""
    given, by = _given(), actor()
    rule, year, unit = given.get("rule"), given.get("year"), given.get("unit")
    if not isinstance(year, int) or not FIRST_YEAR < year < LAST_YEAR:
        raise Invalid("bad_draft", field="year")
    if not isinstance(rule, str) or len(rule) > LONGEST:
        raise Invalid("bad_draft", field="rule")

    def dated(opened: Session) -> dict[str, Any]:
        questions.process(opened, process_id, by=by)
        if isinstance(unit, int):
            calendar = calendar_of(opened, calendars.unit(opened, unit).id, year)
        else:
            calendar = standard_calendar(year)
        return pages.deadline_told(rule, year, calendar)

    return _reading(dated)


@workshop.post("/<int:process_id>/condition")
def condition(process_id: int) -> ResponseReturnValue:
    given, by, now = _given(), actor(), clock.now()
    expression, names = given.get("expression"), given.get("names") or {}
    if not isinstance(expression, str) or len(expression) > LONGEST or not isinstance(names, dict):
        raise Invalid("bad_draft", field="expression")

    def worked_out(opened: Session) -> dict[str, Any]:
        questions.process(opened, process_id, by=by)
        return pages.condition_told(expression, names, now=now)

    return _reading(worked_out)


@workshop.get("/<int:process_id>/catalogue")
def catalogue(process_id: int) -> ResponseReturnValue:
    process = _process(process_id)
    _, package = questions.written(session(), process)
    return pages.catalogue(session(), package)


@workshop.post("/<int:process_id>/presence")
def presence(process_id: int) -> ResponseReturnValue:
    """Say that it is open here; the answer is who else has it open, and what was saved last."""
    process = _process(process_id)
    others = verbs.sit(session(), process, by=actor(), now=clock.now())
    kept = questions.draft(session(), process)
    return {
        "others": [{"name": one.person.name, "at": one.seen_at.isoformat()} for one in others],
        "revision": kept.revision if kept else 0,
        "by": kept.saved_by.name if kept and kept.saved_by else None,
    }


@workshop.post("/<int:process_id>/discarding")
def drop(process_id: int) -> ResponseReturnValue:
    verbs.drop(session(), _process(process_id), by=actor(), now=clock.now())
    tell(N_("The draft is thrown away."))
    return redirect(url_for("processes.index"))


def _process(process_id: int) -> Process:
    return questions.process(session(), process_id, by=actor())


def _reading(
    answer: Callable[[Session], dict[str, Any]],
) -> ResponseReturnValue:
    """Answer what is only asked, without waiting for the right to write."""
    close()
    with this_app().database.reading() as opened:
        return answer(opened)


def _given() -> dict[str, Any]:
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise Invalid("bad_draft", field="body")
    return given


def _change(given: Mapping[str, Any]) -> Change:
    """Read what the editor sent: text, or nothing for what is to go."""
    source = given.get("diagram")
    if not isinstance(source, str | None):
        raise Invalid("bad_draft", field="diagram")
    parts: dict[PartKind, dict[str, str | None]] = {}
    for field, kind in KINDS.items():
        named = given.get(field) or {}
        if not isinstance(named, dict) or not all(
            isinstance(one, str | None) for one in named.values()
        ):
            raise Invalid("bad_draft", field=field)
        parts[kind] = named
    return Change(source.encode() if source is not None else None, parts)


def _with(package: Package, change: Change) -> Package:
    """Give a package as it would be with a change."""
    olds = (package.forms, package.tables, package.tests)
    kept: list[dict[str, bytes]] = []
    for kind, old in zip(KINDS.values(), olds, strict=True):
        named = {
            **{name: content.decode() for name, content in old.items()},
            **change.parts.get(kind, {}),
        }
        kept.append({name: text.encode() for name, text in named.items() if text is not None})
    return Package(package.key, change.source or package.source, *kept)


def _checked(opened: Session, package: Package) -> list[dict[str, Any]]:
    """Say what is wrong; what can run at all is also held to its tests."""
    found = check_draft(package)
    problems = list(found.problems)
    if package.tests and not found.errors:
        results = run_tests(opened, package, today=on(clock.now()))
        problems += engine.located_in(package.source, failures(results))
    return pages.problems_told(problems)


def _written(revision: int, package: Package) -> dict[str, Any]:
    return {
        "revision": revision,
        "diagram": package.source.decode(),
        "forms": {name: content.decode() for name, content in package.forms.items()},
        "tables": {name: content.decode() for name, content in package.tables.items()},
        "tests": {name: content.decode() for name, content in package.tests.items()},
    }


def _overtaken(process_id: int) -> dict[str, Any]:
    """What somebody else saved meanwhile, for the editor to lay beside what one has."""
    process = _process(process_id)
    kept = questions.draft(session(), process)
    revision, package = questions.written(session(), process)
    return _written(revision, package) | {
        "by": kept.saved_by.name if kept and kept.saved_by else None,
        "at": kept.saved_at.isoformat() if kept else None,
    }
