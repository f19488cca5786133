"""Running cases are moved to another version: chosen, looked at first, and moved back."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp import process_pages as pages
from webapp.auth import actor
from webapp.pages import number_if_said, numbers, page_number, tell
from webapp.transactions import session
from workflows import engine
from workflows.language import N_
from workflows.operations import migrations as verbs
from workflows.operations import publishing
from workflows.processes.migrations import Migration
from workflows.queries import migrations as questions

migrations = Blueprint("migrations", __name__, url_prefix="/processes")


@migrations.get("/<key>/migration")
def choose(key: str) -> ResponseReturnValue:
    process, runs = questions.process(session(), key, by=actor())
    active, wanted = pages.active(process), _wanted(request.args)
    older = sum(run.cases for run in runs if run.version.id != active.id)
    found = questions.choice(session(), active, wanted, by=actor())
    return render_template(
        "processes/choose.html",
        process=process,
        runs=runs,
        older=older,
        count=older if wanted.is_any else found.count,
        found=found,
        wanted=wanted,
        is_old=engine.is_of_older_compiler(active.compiled),
        unclear=pages.unclear(session(), process),
        done=questions.of_process(session(), process),
    )


@migrations.post("/<key>/migration")
def look(key: str) -> ResponseReturnValue:
    """Begin to ask what becomes of the cases; of a few it is known at once."""
    by, wanted, ticked = actor(), _wanted(request.form), _ticked()
    process, _ = questions.process(session(), key, by=by)
    version = pages.active(process)
    only = questions.chosen(session(), version, wanted, by=by) if ticked is None else ticked
    made = verbs.prepare(session(), version, only, edits=_edits(), by=by, now=clock.now())
    return _to(made)


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
        is_asking=questions.is_asking(session(), found),
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


def _ticked() -> list[int] | None:
    """Give the cases that were ticked; None when all are wanted."""
    if request.form.get("which") != "some":
        return None
    return numbers(request.form.getlist("case")[: questions.SHOWN])


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
