"""Running cases are moved to another version: chosen, looked at first, and moved back."""

from collections.abc import Mapping
from operator import attrgetter

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp import process_pages as pages
from webapp.auth import actor
from webapp.pages import number_if_said, page_number, tell
from webapp.transactions import close, session, this_app
from workflows import engine
from workflows.language import N_
from workflows.operations import advance, publishing
from workflows.operations import migrations as verbs
from workflows.processes.migrations import Migration
from workflows.queries import migrating
from workflows.queries import migrations as questions

migrations = Blueprint("migrations", __name__, url_prefix="/processes")


@migrations.get("/<key>/migration")
def choose(key: str) -> ResponseReturnValue:
    process, runs = questions.process(session(), key, by=actor())
    active, wanted = pages.active(process), _wanted(request.args)
    every = questions.running_cases(session(), process, active, by=actor())
    chosen = questions.running_cases(session(), process, active, wanted=wanted, by=actor())
    older = sum(run.cases for run in runs if run.version.id != active.id)
    return render_template(
        "processes/choose.html",
        process=process,
        runs=runs,
        older=older,
        count=older if wanted.is_any else len(chosen),
        cases=chosen,
        wanted=wanted,
        units=sorted({case.unit for case in every}, key=attrgetter("sort_key")),
        steps=questions.open_steps(session(), every),
        is_old=engine.is_of_older_compiler(active.compiled),
        unclear=pages.unclear(session(), process),
        done=questions.of_process(session(), process),
    )


@migrations.post("/<key>/migration")
def look(key: str) -> ResponseReturnValue:
    """Show what becomes of the cases; reading takes its time, so it is done before writing."""
    by, now, edits, cases, wanted = actor(), clock.now(), _edits(), _cases(), _wanted(request.form)
    close()
    with this_app().database.reading() as opened:
        process, _ = questions.process(opened, key, by=by)
        active = pages.active(process)
        if cases is None and not wanted.is_any:  # of secret ones not even how many is told so
            chosen = questions.running_cases(opened, process, active, wanted=wanted, by=by)
            cases = {case.id for case in chosen}
        found = migrating.preview(
            opened,
            process,
            active,
            lambda case: advance.facts(case, now=now),
            cases=cases,
            edits=edits,
        )
    prepared = verbs.prepare(session(), found, by=by, now=now)
    return _to(prepared)


@migrations.post("/<key>/recompilation")
def recompile(key: str) -> ResponseReturnValue:
    process, _ = questions.process(session(), key, by=actor())
    publishing.recompile(session(), process, by=actor(), now=clock.now())
    tell(N_("The version is compiled anew. Running cases are on the one before."))
    return redirect(url_for("migrations.choose", key=key))


@migrations.get("/migrations/<int:migration_id>")
def migration(migration_id: int) -> ResponseReturnValue:
    found, page = _find(migration_id), page_number()
    shown, hidden = questions.followers(session(), found, by=actor(), page=page)
    by_verdict, by_fate = questions.counts(session(), found)
    return render_template(
        "processes/migration.html",
        migration=found,
        rows=[pages.row(session(), found, one, by=actor()) for one in shown],
        hidden=hidden,
        verdicts=by_verdict,
        fates=by_fate,
        page=page,
        page_size=questions.SHOWN,
        total=sum(by_verdict.values()) - hidden,
    )


@migrations.post("/migrations/<int:migration_id>/application")
def apply(migration_id: int) -> ResponseReturnValue:
    found = _find(migration_id)
    verbs.apply(session(), found, by=actor(), now=clock.now())
    tell(N_("The cases are being moved, one after the other."))
    return _to(found)


@migrations.post("/migrations/<int:migration_id>/reversal")
def revert(migration_id: int) -> ResponseReturnValue:
    found = _find(migration_id)
    verbs.revert(session(), found, by=actor(), now=clock.now())
    tell(N_("The cases are being moved back, where nothing has happened since."))
    return _to(found)


@migrations.post("/migrations/<int:migration_id>/cases/<int:case_id>/reversal")
def revert_case(migration_id: int, case_id: int) -> ResponseReturnValue:
    found = _find(migration_id)
    verbs.revert_case(session(), found, case_id, by=actor(), now=clock.now())
    tell(N_("The case is moved back."))
    return _to(found)


@migrations.post("/migrations/<int:migration_id>/discarding")
def discard(migration_id: int) -> ResponseReturnValue:
    found = _find(migration_id)
    answer = redirect(url_for("migrations.choose", key=found.process.key))
    verbs.forget(session(), found, by=actor())
    return answer


def _find(migration_id: int) -> Migration:
    return questions.find(session(), migration_id, by=actor())


def _to(found: Migration) -> ResponseReturnValue:
    return redirect(url_for("migrations.migration", migration_id=found.id))


def _cases() -> set[int] | None:
    """Give the cases that were ticked; None when all are wanted."""
    if request.form.get("which") != "some":
        return None
    return {int(text) for text in request.form.getlist("case") if text.isdecimal()}


def _wanted(given: MultiDict[str, str]) -> questions.Wanted:
    """Read which cases are meant; nothing said means all of them."""
    version, unit = (number_if_said(given.get(name, "")) for name in ("version", "unit"))
    return questions.Wanted(version, unit, given.get("step", ""))


def _edits() -> Mapping[int, Mapping[str, str]]:
    """Read what people say of elements, in fields named `is:<old version>:<element>`."""
    edits: dict[int, dict[str, str]] = {}
    for name, target in request.form.items():
        kind, _, rest = name.partition(":")
        version, _, element = rest.partition(":")
        if kind == "is" and target:
            if not version.isdecimal():
                raise BadRequest
            edits.setdefault(int(version), {})[element] = target
    return edits
