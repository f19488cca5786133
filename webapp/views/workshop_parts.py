"""The parts of a draft that are changed in plain pages: its rule tables, its forms, its outline."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp import workshop_form_page as form_pages
from webapp import workshop_parts_page as pages
from webapp import workshop_table_page as table_pages
from webapp.auth import actor
from webapp.errors_words import words
from webapp.format import language
from webapp.pages import posted_number, tell
from webapp.security import POLICY
from webapp.transactions import abandon, session
from webapp.workshop_page import problems_told
from workflows.errors import Conflict, Invalid, NotFound
from workflows.forms.editing import KINDS
from workflows.language import N_, on
from workflows.operations import workshop as verbs
from workflows.operations.workshop import Change
from workflows.organisation.roles import ROLES
from workflows.processes import outline_edits
from workflows.processes.models import PartKind, Process
from workflows.processes.packages import Package
from workflows.queries import workshop as questions

# The mark of bpmn.io on the page of tables brings styles of its own, which its licence lets nobody
# take away: just these are let through, by what they hold.
MARK = "style-src-attr 'unsafe-hashes' " + " ".join(
    f"'sha256-{one}'"
    for one in (
        "r3vOsuepBDg6tz/cOusiNJ9Y4Lp9hGQTT7pzDks1Xxc=",
        "CA/eh4+2R0J7cEQ14gBMtx834RIOjzMUqCM+evtrkp4=",
        "JpvvTIK7ulxf/3oA+AUuVbO9Labs8npGWGm9X9nGIWw=",
        "9OIpRRx0bq4t4s2zyqbocMNwedniLDaxLB+FlLIjNgM=",
        "GAdrtwahSjGXI0UQQnfyEVtPn+wfgQxvyrjyQuByfuU=",
        "ZG9bHUWWXDZyu7zfItuLwGK+cah/hweM0RfXpZpxZVM=",
    )
)

parts = Blueprint("parts", __name__, url_prefix="/workshop/<int:process_id>")


@parts.get("/parts")
def index(process_id: int) -> ResponseReturnValue:
    process, revision, package = _draft(process_id)
    return _page("index", process, revision, package, told=pages.names(package))


@parts.post("/parts")
def add(process_id: int) -> ResponseReturnValue:
    """Begin a form or a rule table that is not there yet."""
    process, _, package = _draft(process_id)
    kind = PartKind.TABLE if request.form.get("kind") == "table" else PartKind.FORM
    name = pages.new_name(package, kind, request.form.get("name", ""))
    title = request.form.get("title", "").strip() or name
    content = table_pages.new(name, title) if kind is PartKind.TABLE else form_pages.new(title)
    _keep(process, Change(parts={kind: {name: content}}))
    return redirect(pages.url_of(process_id, kind, name))


# --- rule tables ----------------------------------------------------------------------------


@parts.get("/tables/<name>")
def table(process_id: int, name: str) -> ResponseReturnValue:
    process, revision, package = _draft(process_id)
    source = _named(package.tables, name)
    return _page("table", process, revision, package, name=name, table=table_pages.table(source))


@parts.post("/tables/<name>")
def change_table(process_id: int, name: str) -> ResponseReturnValue:
    process, _, package = _draft(process_id)
    source = table_pages.posted(_named(package.tables, name), request.form)
    return _save(process, PartKind.TABLE, name, source, lambda: table_pages.table(source))


@parts.post("/tables/<name>/trial")
def try_table(process_id: int, name: str) -> ResponseReturnValue:
    """Say what is wrong with what stands in the page, and what it answers; nothing is kept."""
    _, _, package = _draft(process_id)
    source = table_pages.posted(_named(package.tables, name), request.form)
    told = table_pages.tried(source, request.form, today=on(clock.now()))
    return render_template("workshop/_table_trial.html", told=told)


@parts.get("/tables/<name>/drawn")
def drawn_table(process_id: int, name: str) -> ResponseReturnValue:
    """The same table in the editor that is made for the pointer."""
    process, revision, package = _draft(process_id)
    _named(package.tables, name)
    answer = make_response(_page("drawn_table", process, revision, package, name=name))
    answer.headers["Content-Security-Policy"] = f"{POLICY}; {MARK}"
    return answer


# --- forms ----------------------------------------------------------------------------------


@parts.get("/forms/<folder>/<step>")
def form(process_id: int, folder: str, step: str) -> ResponseReturnValue:
    process, revision, package = _draft(process_id)
    name = f"{folder}/{step}"
    source = _named(package.forms, name)
    return _page("form", process, revision, package, name=name, form=form_pages.form(source, name))


@parts.post("/forms/<folder>/<step>")
def change_form(process_id: int, folder: str, step: str) -> ResponseReturnValue:
    process, _, package = _draft(process_id)
    name = f"{folder}/{step}"
    old = _named(package.forms, name)
    try:
        source = form_pages.posted(old, request.form)
    except Invalid as refusal:  # what was typed stands there, but for the deed
        typed = {**request.form.to_dict(), "deed": ""}
        shown = form_pages.form(form_pages.posted(old, typed), name)
        again = _draft(process_id)
        return _page("form", *again, name=name, form=shown, refused=[_said(refusal)]), 422
    return _save(process, PartKind.FORM, name, source, lambda: form_pages.form(source, name))


@parts.post("/forms/<folder>/<step>/preview")
def preview_form(process_id: int, folder: str, step: str) -> ResponseReturnValue:
    _, _, package = _draft(process_id)
    name = f"{folder}/{step}"
    source = form_pages.posted(_named(package.forms, name), request.form)
    return render_template("workshop/_form_preview.html", told=form_pages.form(source, name))


# --- the outline ----------------------------------------------------------------------------


@parts.get("/outline")
def outline(process_id: int) -> ResponseReturnValue:
    process, revision, package = _draft(process_id)
    year = on(clock.now()).year + 1
    told = pages.outline(package, request.args.get("step", ""), year)
    return _page("outline", process, revision, package, outline=told, roles=ROLES)


@parts.post("/outline")
def change_outline(process_id: int) -> ResponseReturnValue:
    """Change one step, or where it stands; the picture is laid out anew when that is needed."""
    process, _, package = _draft(process_id)
    said = request.form.to_dict()
    if "notBy" in said:
        said["notBy"] = " ".join(filter(None, request.form.getlist("notBy")))
    done = outline_edits.change(package.source, said, said.get("deed", ""))
    _keep(process, Change(source=done.source))
    tell(N_("The draft is saved. The picture is drawn anew."))
    at = url_for("parts.outline", process_id=process_id, step=done.step)
    return redirect(f"{at}#{done.step}" if done.step else at)


# --- what they share ------------------------------------------------------------------------


def _draft(process_id: int) -> tuple[Process, int, Package]:
    process = questions.process(session(), process_id, by=actor())
    return process, *questions.written(session(), process)


def _named(named: Mapping[str, bytes], name: str) -> bytes:
    if name not in named:
        raise NotFound
    return named[name]


def _keep(process: Process, change: Change) -> None:
    seen = posted_number("seen")
    verbs.save(session(), process, change, seen=seen, by=actor(), now=clock.now())


def _save(
    process: Process, kind: PartKind, name: str, source: bytes, shown: Callable[[], Any]
) -> ResponseReturnValue:
    """Keep a part; what somebody else has saved meanwhile is said, and what was typed is there."""
    process_id = process.id
    try:
        _keep(process, Change(parts={kind: {name: source.decode()}}))
    except Conflict:
        abandon()
        process, revision, package = _draft(process_id)
        kept = questions.draft(session(), process)
        saved_by = kept.saved_by.name if kept and kept.saved_by else ""
        more = {"name": name, kind.value: shown(), "overtaken_by": saved_by or "–"}
        return _page(kind.value, process, revision, package, **more), 409
    except Invalid as refusal:
        abandon()
        process, revision, package = _draft(process_id)
        more = {"name": name, kind.value: shown(), "refused": problems_told(refusal.problems)}
        return _page(kind.value, process, revision, package, **more), 422
    tell(N_("The draft is saved."))
    return redirect(pages.url_of(process_id, kind, name) + _place(request.form))


def _place(posted: Mapping[str, str]) -> str:
    """Where on the page one goes on: at what was just added or moved."""
    deed, _, about = posted.get("deed", "").partition(":")
    if deed == "add":
        holder = about if about.endswith(".") else ""
        about = holder + posted.get(f"new-name:{about}", "").strip().lower()
    return f"#at-{about}" if about else ""


def _said(refusal: Invalid) -> dict[str, str]:
    told = words(refusal.code, 422, refusal.params, language())
    return {"text": f"{told.what} {told.todo}"}


def _page(which: str, process: Process, revision: int, package: Package, **more: Any) -> str:
    room = {"table": "index", "drawn_table": "index", "form": "index"}.get(which, which)
    tabs = pages.tabs(process.id, room)
    return render_template(
        f"workshop/{which}.html",
        process=process,
        seen=revision,
        tabs=tabs,
        package=package,
        others=questions.sitting(session(), process, by=actor(), now=clock.now()),
        kinds=KINDS,
        **({"overtaken_by": "", "refused": ()} | more),
    )
