"""Processes with their versions; running cases are moved to another one after a look."""

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp import process_pages as pages
from webapp import workshop_page as words
from webapp.auth import actor
from webapp.pages import page_number, tell
from webapp.traces import leave
from webapp.transactions import abandon, close, session, this_app
from workflows import engine
from workflows.errors import Invalid
from workflows.language import N_
from workflows.operations import advance, publishing, shelving
from workflows.operations import migrations as verbs
from workflows.operations import workshop as verbs_of_drafts
from workflows.permissions import Deed, require
from workflows.processes import exchange
from workflows.processes.checking import check_draft
from workflows.processes.migrations import Migration
from workflows.processes.models import Process
from workflows.processes.rows import compiled, stored
from workflows.queries import migrating
from workflows.queries import migrations as questions
from workflows.queries import workshop as shelves
from workflows.queries.history import tell as tell_of
from workflows.steering.exemptions import exempt_from

processes = Blueprint("processes", __name__, url_prefix="/processes")


@processes.get("/")
def index() -> ResponseReturnValue:
    listed = shelves.library(session(), by=actor())
    is_archive = "archive" in request.args
    return render_template(
        "processes/index.html",
        listed=[one for one in listed if (one.process.archived_at is not None) is is_archive],
        archived=sum(one.process.archived_at is not None for one in listed),
        is_archive=is_archive,
        waiting=[one.proposal for one in listed if one.proposal],
    )


@processes.get("/import")
def bring_page() -> ResponseReturnValue:
    require(actor(), Deed.MIGRATE, None)
    return render_template("processes/import.html", problems=(), taken=(), process=None)


@processes.post("/import")
def bring() -> ResponseReturnValue:
    """Take a process in from a file, and say what was taken over and what is wrong."""
    by = actor()
    require(by, Deed.MIGRATE, None)
    close()  # reading and checking take their time: not while others wait to write
    upload = request.files.get("file")
    name = (upload.filename if upload else None) or ""
    try:
        package, taken = exchange.read(name, upload.stream.read() if upload else b"")
        found = check_draft(package).problems
        process = verbs_of_drafts.bring(session(), package, by=by, now=clock.now())
    except Invalid as refusal:
        abandon()
        told = words.problems_told(refusal.problems)
        page = render_template("processes/import.html", problems=told, taken=(), process=None)
        return page, 422
    return render_template(
        "processes/import.html", problems=words.problems_told(found), taken=taken, process=process
    )


@processes.get("/<key>/file")
def take_out(key: str) -> ResponseReturnValue:
    """Give a version, or the draft, as one file to take to another installation."""
    process, which = _shelved(key), request.args.get("version", "")
    if which.isdecimal() and len(which) < 10:
        package = stored(shelves.version(session(), process, int(which)))
    else:
        package = shelves.written(session(), process)[1]
    leave("exported", by=actor(), what={"what": process.key, "hash": package.hash})
    named = f"attachment; filename={key}-{which or 'draft'}.zip"
    content, kind = exchange.packed(package), "application/zip"
    return Response(content, mimetype=kind, headers={"Content-Disposition": named})


@processes.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    shelved = shelves.on_shelf(session(), key, by=actor())
    process, version = shelved.process, shelved.process.active_version
    return render_template(
        "processes/show.html",
        shelved=shelved,
        process=process,
        proposals=shelves.proposals(session(), process),
        events=tell_of(session(), shelves.happened(session(), process)),
        owners=shelves.owners(session()),
        chosen={one.person_id for one in process.publishers},
        starts=version is not None and bool(compiled(version).description.starts),
        left_out=len(exempt_from(session(), process.id)),
    )


@processes.post("/<key>/archiving")
def archive(key: str) -> ResponseReturnValue:
    process, why = _shelved(key), request.form.get("why", "")
    shelving.archive(session(), process, why=why, by=actor(), now=clock.now())
    tell(N_("The process is archived. What runs goes on."))
    return redirect(url_for("processes.show", key=key))


@processes.post("/<key>/restoring")
def restore(key: str) -> ResponseReturnValue:
    shelving.restore(session(), _shelved(key), by=actor(), now=clock.now())
    tell(N_("The process runs again, as it did last."))
    return redirect(url_for("processes.show", key=key))


@processes.post("/<key>/publishers")
def name_publishers(key: str) -> ResponseReturnValue:
    named = {int(text) for text in request.form.getlist("person") if text.isdecimal()}
    shelving.name_publishers(session(), _shelved(key), named, by=actor(), now=clock.now())
    tell(N_("The changes are saved."))
    return redirect(url_for("processes.show", key=key))


@processes.post("/<key>/four-eyes")
def set_four_eyes(key: str) -> ResponseReturnValue:
    is_on, why = request.form.get("on") == "yes", request.form.get("why", "")
    shelving.set_four_eyes(
        session(), _shelved(key), is_on=is_on, why=why, by=actor(), now=clock.now()
    )
    tell(N_("The changes are saved."))
    return redirect(url_for("processes.show", key=key))


@processes.post("/<key>/versions/<int:number>/draft")
def begin_draft(key: str, number: int) -> ResponseReturnValue:
    """Let the draft begin as an earlier version, or as the supplier's."""
    process = _shelved(key)
    package = stored(shelves.version(session(), process, number))
    verbs_of_drafts.take(
        session(), process, package, kind="process_drafted", by=actor(), now=clock.now()
    )
    return redirect(url_for("workshop.page", process_id=process.id))


@processes.get("/<key>/migration")
def choose(key: str) -> ResponseReturnValue:
    process, runs = questions.process(session(), key, by=actor())
    return render_template(
        "processes/choose.html",
        process=process,
        runs=runs,
        older=sum(run.cases for run in runs if run.version.id != pages.active(process).id),
        cases=questions.running_cases(session(), process, pages.active(process), by=actor()),
        is_old=engine.is_of_older_compiler(pages.active(process).compiled),
        unclear=pages.unclear(session(), process),
        done=questions.of_process(session(), process),
    )


@processes.post("/<key>/migration")
def look(key: str) -> ResponseReturnValue:
    """Show what becomes of the cases; reading takes its time, so it is done before writing."""
    by, now, edits, cases = actor(), clock.now(), _edits(), _cases()
    close()
    with this_app().database.reading() as opened:
        process, _ = questions.process(opened, key, by=by)
        found = migrating.preview(
            opened,
            process,
            pages.active(process),
            lambda case: advance.facts(case, now=now),
            cases=cases,
            edits=edits,
        )
    prepared = verbs.prepare(session(), found, by=by, now=now)
    return _to(prepared)


@processes.post("/<key>/recompilation")
def recompile(key: str) -> ResponseReturnValue:
    process, _ = questions.process(session(), key, by=actor())
    publishing.recompile(session(), process, by=actor(), now=clock.now())
    tell(N_("The version is compiled anew. Running cases are on the one before."))
    return redirect(url_for("processes.choose", key=key))


@processes.get("/migrations/<int:migration_id>")
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


@processes.post("/migrations/<int:migration_id>/application")
def apply(migration_id: int) -> ResponseReturnValue:
    found = _find(migration_id)
    verbs.apply(session(), found, by=actor(), now=clock.now())
    tell(N_("The cases are being moved, one after the other."))
    return _to(found)


@processes.post("/migrations/<int:migration_id>/reversal")
def revert(migration_id: int) -> ResponseReturnValue:
    found = _find(migration_id)
    verbs.revert(session(), found, by=actor(), now=clock.now())
    tell(N_("The cases are being moved back, where nothing has happened since."))
    return _to(found)


@processes.post("/migrations/<int:migration_id>/cases/<int:case_id>/reversal")
def revert_case(migration_id: int, case_id: int) -> ResponseReturnValue:
    found = _find(migration_id)
    verbs.revert_case(session(), found, case_id, by=actor(), now=clock.now())
    tell(N_("The case is moved back."))
    return _to(found)


@processes.post("/migrations/<int:migration_id>/discarding")
def discard(migration_id: int) -> ResponseReturnValue:
    found = _find(migration_id)
    answer = redirect(url_for("processes.choose", key=found.process.key))
    verbs.forget(session(), found, by=actor())
    return answer


def _shelved(key: str) -> Process:
    return shelves.on_shelf(session(), key, by=actor()).process


def _find(migration_id: int) -> Migration:
    return questions.find(session(), migration_id, by=actor())


def _to(found: Migration) -> ResponseReturnValue:
    return redirect(url_for("processes.migration", migration_id=found.id))


def _cases() -> set[int] | None:
    """Give the cases that were ticked; None when all are wanted."""
    if request.form.get("which") != "some":
        return None
    return {int(text) for text in request.form.getlist("case") if text.isdecimal()}


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
