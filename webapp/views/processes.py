"""Processes with their versions: where each stands, who may publish it, its files, the archive."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp import workshop_page as words
from webapp.auth import actor
from webapp.pages import tell
from webapp.traces import leave
from webapp.transactions import abandon, close, session
from workflows.errors import Invalid
from workflows.language import N_
from workflows.operations import shelving
from workflows.operations import workshop as verbs_of_drafts
from workflows.permissions import Deed, require
from workflows.processes import exchange
from workflows.processes.checking import check_draft
from workflows.processes.models import Process
from workflows.processes.rows import compiled, stored
from workflows.queries import proposals as reviewed
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
        proposals=reviewed.proposals(session(), process),
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


def _shelved(key: str) -> Process:
    return shelves.on_shelf(session(), key, by=actor()).process
