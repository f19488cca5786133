"""One task, and what one does with it."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor
from webapp.format import language
from webapp.pages import must_be_typed_by, posted_number, posted_pairs
from webapp.row_changes import after
from webapp.task_page import saved_as, show_apart, show_task, typed
from webapp.traces import leave_if_secret
from webapp.transactions import abandon, session
from webapp.uploads import refusals, sent, with_files
from workflows import forms
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.forms import Errors, change_rows
from workflows.operations import tasks as verbs
from workflows.operations.advance import task_facts
from workflows.queries import cases as case_queries
from workflows.tasks.models import Task
from workflows.tasks.rows import draft_of, require_newest

tasks = Blueprint("tasks", __name__, url_prefix="/tasks")

PICK = "pick:"  # before the name of an answer: whose text is to stand


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
    except (Conflict, Forbidden) as refusal:
        return show_apart(task_id, refusal, raw)
    if request.accept_mimetypes.best == "application/json":
        return saved_as(form, draft) | {"files": [*came.files], "refused": refusals(came.errors)}
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
    steps = 1 if "only" in request.form else posted_number("steps")
    try:
        require_newest(session(), task, seen=posted_number("seen"))
        opened = verbs.complete_in_a_row(
            session(), task, raw, steps=max(steps, 1), command=command, by=actor(), now=clock.now()
        )
    except (Conflict, Forbidden) as refusal:
        return show_apart(task_id, refusal, raw)
    except Invalid as refusal:
        if not isinstance(refusal.problems, Errors):
            raise
        abandon()  # of several steps some may be handed in already
        task = case_queries.task(session(), task_id, by=actor())
        return show_task(task, raw=raw, errors=refusal.problems), 422
    if opened is not None:
        return redirect(url_for("tasks.show", task_id=opened.id, after=task_id))
    return redirect(url_for("cases.show", case_id=task.case_id, done=task_id))


@tasks.post("/<int:task_id>/merge")
def merge(task_id: int) -> ResponseReturnValue:
    """Save one draft made of two that had gone apart, as was picked answer by answer."""
    must_be_typed_by(actor().id)
    task = _to_change(task_id)
    form, posted = typed(task, [one for one in posted_pairs() if not one[0].startswith(PICK)])
    picks = {name.removeprefix(PICK): each for name, each in request.form.items()}
    saved = draft_of(session(), task)
    theirs = saved.answers if saved else {}
    facts = task_facts(session(), task, form, now=clock.now())
    began = request.form.get("seen_as", "")
    raw = forms.merge(form, posted.raw, theirs, facts, language(), picks, began).raw
    seen = posted_number("seen")
    try:
        verbs.save_draft(session(), task, raw, seen=seen, by=actor(), now=clock.now())
    except (Conflict, Forbidden) as refusal:
        return show_apart(task_id, refusal, posted.raw)
    return redirect(url_for("tasks.show", task_id=task_id, saved=1))


def _to_change(task_id: int) -> Task:
    return case_queries.task(session(), task_id, by=actor(), to_change=True)
