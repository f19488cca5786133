"""Tasks: the lists of them, one of them, and what one does with it."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor
from webapp.pages import must_be_typed_by, page_number, posted_number
from webapp.row_changes import after
from webapp.task_page import differences, show_task, typed
from webapp.traces import leave_if_secret
from webapp.transactions import session
from webapp.uploads import refusals, sent, with_files
from workflows.errors import Conflict, Invalid, NotFound
from workflows.forms import Errors, Raw, change_rows
from workflows.language import clock as local_clock
from workflows.operations import tasks as verbs
from workflows.operations.advance import task_facts
from workflows.queries import cases as case_queries
from workflows.queries import inbox
from workflows.tasks.models import Task
from workflows.tasks.rows import draft_of

tasks = Blueprint("tasks", __name__, url_prefix="/tasks")

LISTS = {"mine": inbox.mine, "role": inbox.for_my_roles, "done": inbox.done}


@tasks.get("/")
def index() -> ResponseReturnValue:
    shown = request.args.get("list", "mine")
    if shown not in LISTS:
        raise NotFound
    page = page_number()
    found = LISTS[shown](session(), actor(), page=page)
    return render_template(
        "tasks/index.html", shown=shown, found=found, page=page, page_size=inbox.PAGE
    )


@tasks.get("/<int:task_id>")
def show(task_id: int) -> ResponseReturnValue:
    task = case_queries.task(session(), task_id, by=actor())
    leave_if_secret(task.case, by=actor())
    return show_task(task)


@tasks.post("/<int:task_id>/claim")
def claim(task_id: int) -> ResponseReturnValue:
    verbs.claim(session(), _to_change(task_id), by=actor(), now=clock.now())
    return redirect(url_for("tasks.show", task_id=task_id))


@tasks.post("/<int:task_id>/release")
def release(task_id: int) -> ResponseReturnValue:
    verbs.release(session(), _to_change(task_id), by=actor(), now=clock.now())
    return redirect(url_for("tasks.index"))


@tasks.post("/<int:task_id>/draft")
def save_draft(task_id: int) -> ResponseReturnValue:
    must_be_typed_by(actor().id)
    came = sent()
    task = _to_change(task_id)
    form, posted = typed(task, with_files(task, came))
    raw = posted.raw
    if posted.change:
        facts = task_facts(session(), task, form, now=clock.now())
        raw = change_rows(form, raw, posted.change, facts)
    try:
        draft = verbs.save_draft(
            session(), task, raw, seen=posted_number("seen"), by=actor(), now=clock.now()
        )
    except Conflict as refusal:
        raise told_apart(refusal, task, raw) from refusal
    if request.accept_mimetypes.best == "application/json":
        told = {"revision": draft.revision, "time": local_clock(draft.saved_at)}
        return told | {"files": [*came.files], "refused": refusals(came.errors)}
    if came.errors:
        return show_task(task, raw=raw, errors=Errors(came.errors)), 422
    if posted.change is None:
        return redirect(url_for("tasks.show", task_id=task_id, saved=1))
    done, anchor = after(form, posted.change, raw)
    return redirect(url_for("tasks.show", task_id=task_id, row=done, _anchor=anchor))


@tasks.post("/<int:task_id>/completion")
def complete(task_id: int) -> ResponseReturnValue:
    must_be_typed_by(actor().id)
    came = sent()
    task = _to_change(task_id)
    raw = typed(task, with_files(task, came))[1].raw if task.form else {}
    if came.errors:
        return show_task(task, raw=raw, errors=Errors(came.errors)), 422
    command = request.form.get("command", "")
    try:
        verbs.complete(session(), task, raw, command=command, by=actor(), now=clock.now())
    except Invalid as refusal:
        if not isinstance(refusal.problems, Errors):
            raise
        return show_task(task, raw=raw, errors=refusal.problems), 422
    return redirect(url_for("cases.show", case_id=task.case_id, done=task.id))


def told_apart(refusal: Conflict, task: Task, raw: Raw) -> Conflict:
    """Add to a refusal what differs from what the other person typed."""
    saved = draft_of(session(), task)
    if refusal.code != "draft_overtaken" or saved is None:
        return refusal
    place = url_for("tasks.show", task_id=task.id)
    told = {"differences": differences(task, raw, saved.answers), "url": place}
    return Conflict(refusal.code, **refusal.params, **told)


def _to_change(task_id: int) -> Task:
    return case_queries.task(session(), task_id, by=actor(), to_change=True)
