"""Administration: the organisation read in from files, looked at before anything changes."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp import organisation_forms as forms
from webapp.auth import actor
from webapp.format import language
from webapp.pages import tell
from webapp.transactions import abandon, session
from workflows.language import N_, translator
from workflows.operations import importing
from workflows.organisation.import_files import UnreadableImport, read
from workflows.permissions import Deed, require
from workflows.queries import importing as previews

imports = Blueprint("imports", __name__, url_prefix="/admin")


@imports.get("/import")
def new() -> ResponseReturnValue:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    return render_template("organisation/new_import.html", problems=())


@imports.post("/import")
def add() -> ResponseReturnValue:
    require(actor(), Deed.CHANGE_ORGANISATION, None)
    sent = [each for each in request.files.getlist("files") if each.filename]
    try:
        sheets = read([(each.filename or "", each.stream.read()) for each in sent])
    except UnreadableImport as refusal:
        abandon()
        return render_template("organisation/new_import.html", problems=refusal.problems), 422
    prepared = importing.prepare(session(), sheets, by=actor(), now=clock.now())
    return redirect(url_for("imports.show", key=prepared.key))


@imports.get("/import/<key>")
def show(key: str) -> ResponseReturnValue:
    prepared = previews.find(session(), key, by=actor(), now=clock.now())
    found = previews.preview(session(), prepared, today=forms.today())
    translated = translator(language()).gettext
    return render_template(
        "organisation/import.html",
        prepared=prepared,
        found=found,
        names={kind.value: translated(name) for kind, name in forms.KINDS.items()}
        | dict(forms.roles_named()),
        seen=previews.fingerprint(found),
    )


@imports.post("/import/<key>/application")
def apply(key: str) -> ResponseReturnValue:
    prepared = previews.find(session(), key, by=actor(), now=clock.now())
    seen = request.form.get("seen", "")
    importing.apply(session(), prepared, seen=seen, by=actor(), now=clock.now())
    tell(N_("The import is done."))
    return redirect(url_for("organisation.index"))
