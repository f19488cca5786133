"""The parts of a draft that are changed in plain pages: its rule tables and its forms."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp import workshop_form_page as form_pages
from webapp import workshop_merge_page as merges
from webapp import workshop_parts_page as pages
from webapp import workshop_table_page as table_pages
from webapp.auth import actor
from webapp.errors_words import words
from webapp.format import language
from webapp.pages import posted_number, tell
from webapp.security import POLICY
from webapp.transactions import abandon, session
from webapp.workshop_merge_page import Choice
from webapp.workshop_page import problems_told
from workflows.errors import Invalid, NotFound
from workflows.forms.editing import KINDS
from workflows.language import N_, on
from workflows.operations import workshop as verbs
from workflows.operations.workshop import Change
from workflows.processes.merging import merged_part
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
    process, revision, package = draft_of(process_id)
    return page("index", process, revision, package, told=pages.names(package))


@parts.post("/parts")
def add(process_id: int) -> ResponseReturnValue:
    """Begin a form or a rule table that is not there yet."""
    process, revision, package = draft_of(process_id)
    kind = PartKind.TABLE if request.form.get("kind") == "table" else PartKind.FORM
    name = pages.new_name(package, kind, request.form.get("name", ""))
    title = request.form.get("title", "").strip() or name
    content = table_pages.new(name, title) if kind is PartKind.TABLE else form_pages.new(title)
    keep(process, Change(parts={kind: {name: content}}), seen=revision)
    return redirect(pages.url_of(process_id, kind, name))


# --- rule tables ----------------------------------------------------------------------------


@parts.get("/tables/<name>")
def table(process_id: int, name: str) -> ResponseReturnValue:
    process, revision, package = draft_of(process_id)
    source = _named(package.tables, name)
    more = {"table": table_pages.table(source), "began": merges.packed(source)}
    return page("table", process, revision, package, name=name, **more)


@parts.post("/tables/<name>")
def change_table(process_id: int, name: str) -> ResponseReturnValue:
    draft = draft_of(process_id, to_change=True)
    base = _began(draft[2].tables, name)
    ours = mine() or table_pages.posted(base, request.form)
    return _save(draft, PartKind.TABLE, name, base, ours)


@parts.post("/tables/<name>/trial")
def try_table(process_id: int, name: str) -> ResponseReturnValue:
    """Say what is wrong with what stands in the page, and what it answers; nothing is kept."""
    _, _, package = draft_of(process_id)
    source = table_pages.posted(_began(package.tables, name), request.form)
    told = table_pages.tried(source, request.form, today=on(clock.now()))
    return render_template("workshop/_table_trial.html", told=told)


@parts.get("/tables/<name>/drawn")
def drawn_table(process_id: int, name: str) -> ResponseReturnValue:
    """The same table in the editor that is made for the pointer."""
    process, revision, package = draft_of(process_id)
    _named(package.tables, name)
    answer = make_response(page("drawn_table", process, revision, package, name=name))
    answer.headers["Content-Security-Policy"] = f"{POLICY}; {MARK}"
    return answer


# --- forms ----------------------------------------------------------------------------------


@parts.get("/forms/<folder>/<step>")
def form(process_id: int, folder: str, step: str) -> ResponseReturnValue:
    process, revision, package = draft_of(process_id)
    name = f"{folder}/{step}"
    source = _named(package.forms, name)
    more = {"form": form_pages.form(source, name), "began": merges.packed(source)}
    return page("form", process, revision, package, name=name, **more)


@parts.post("/forms/<folder>/<step>")
def change_form(process_id: int, folder: str, step: str) -> ResponseReturnValue:
    draft = draft_of(process_id, to_change=True)
    name = f"{folder}/{step}"
    base = _began(draft[2].forms, name)
    try:
        ours = mine() or form_pages.posted(base, request.form)
    except Invalid as refusal:  # what was typed stands there, but for the deed
        typed = form_pages.posted(base, {**request.form.to_dict(), "deed": ""})
        return _refused(draft, PartKind.FORM, name, base, typed, [_said(refusal)])
    return _save(draft, PartKind.FORM, name, base, ours)


@parts.post("/forms/<folder>/<step>/preview")
def preview_form(process_id: int, folder: str, step: str) -> ResponseReturnValue:
    _, _, package = draft_of(process_id)
    name = f"{folder}/{step}"
    source = form_pages.posted(_began(package.forms, name), request.form)
    return render_template("workshop/_form_preview.html", told=form_pages.form(source, name))


# --- what they share ------------------------------------------------------------------------


Draft = tuple[Process, int, Package]


def draft_of(process_id: int, *, to_change: bool = False) -> Draft:
    process = questions.process(session(), process_id, by=actor())
    if to_change:  # nobody saves between what is read here and what is kept
        questions.draft(session(), process, to_change=True)
    return process, *questions.written(session(), process)


def _named(named: Mapping[str, bytes], name: str) -> bytes:
    if name not in named:
        raise NotFound
    return named[name]


def _began(named: Mapping[str, bytes], name: str) -> bytes:
    """The part as it was when its page was opened; what is there now, if the page does not say."""
    if "began" not in request.form:
        return _named(named, name)
    if name not in named and not pages.NAME.fullmatch(name.replace("/", "_")):
        raise NotFound
    return merges.unpacked(request.form["began"])


def mine() -> bytes | None:
    """What was typed, as the page that laid both side by side has kept it."""
    return merges.unpacked(request.form["mine"]) if "mine" in request.form else None


def keep(process: Process, change: Change, *, seen: int) -> None:
    verbs.save(session(), process, change, seen=seen, by=actor(), now=clock.now())


def _save(draft: Draft, kind: PartKind, name: str, base: bytes, ours: bytes) -> ResponseReturnValue:
    """Keep a part with what somebody else has saved meanwhile; where both have changed the same,
    it is asked whose stands."""
    process, revision, package = draft
    at, picks = pages.url_of(process.id, kind, name), merges.picked(request.form)
    back = f"{at}/drawn" if request.form.get("back") == f"{at}/drawn" else at
    theirs = (package.tables if kind is PartKind.TABLE else package.forms).get(name, base)
    source, clashes = merged_part(kind, base, ours, theirs, picks)
    asked = merges.choices(kind, clashes, picks)
    if any(one.id not in picks for one in asked):
        called = {key: said for one in pages.names(package).values() for key, said in one}
        return ask(process, called.get(name, name), asked, (base, ours), back)
    try:
        seen = revision if "began" in request.form else posted_number("seen")
        keep(process, Change(parts={kind: {name: source.decode()}}), seen=seen)
    except Invalid as refusal:
        abandon()
        again = draft_of(process.id)
        return _refused(again, kind, name, base, ours, problems_told(refusal.problems))
    tell(N_("The draft is saved."))
    return redirect(back + _place(request.form))


def ask(
    process: Process, name: str, asked: list[Choice], kept: tuple[bytes, bytes], back: str
) -> ResponseReturnValue:
    """Lay what both have changed side by side; the page keeps what both began with and what was
    typed."""
    draft = questions.draft(session(), process)
    saved_by = draft.saved_by.name if draft and draft.saved_by else "–"
    return render_template(
        "workshop/merge.html",
        process=process,
        name=name,
        choices=asked,
        saved_by=saved_by,
        kept=[merges.packed(one) for one in kept],
        back=back,
    ), 409


def _refused(
    draft: Draft, kind: PartKind, name: str, base: bytes, typed: bytes, why: list[dict[str, Any]]
) -> ResponseReturnValue:
    shown = table_pages.table(typed) if kind is PartKind.TABLE else form_pages.form(typed, name)
    more: dict[str, Any] = {kind.value: shown, "began": merges.packed(base), "refused": why}
    return page(kind.value, *draft, name=name, **more), 422


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


def page(which: str, process: Process, revision: int, package: Package, **more: Any) -> str:
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
        **({"refused": ()} | more),
    )
