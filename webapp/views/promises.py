"""A besked: when a task will be done, and why not before."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import calendar_forms as posted
from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.transactions import abandon, session
from workflows.errors import Invalid
from workflows.language import N_
from workflows.notices.rows import promise_of
from workflows.operations import promises as verbs
from workflows.queries import cases as case_queries

promises = Blueprint("promises", __name__, url_prefix="/tasks/<int:task_id>/promise")


@promises.get("")
def page(task_id: int) -> ResponseReturnValue:
    return _page(task_id)


@promises.post("")
def promise(task_id: int) -> ResponseReturnValue:
    task = case_queries.task(session(), task_id, by=actor(), to_change=True)
    try:
        until, why = posted.must_day("until"), request.form.get("why", "")
        helped = request.form.get("needs_help") == "1"
        verbs.promise(session(), task, until, why, needs_help=helped, by=actor(), now=clock.now())
    except Invalid as refusal:
        abandon()
        return _page(task_id, posted.said(refusal)), 422
    tell(N_("Your word is kept with the task. Nobody is told that it is late before that day."))
    return redirect(url_for("tasks.show", task_id=task_id))


def _page(task_id: int, wrong: list[str] | None = None) -> str:
    task = case_queries.task(session(), task_id, by=actor())
    return render_template(
        "notices/promise.html",
        task=task,
        given=promise_of(session(), task.id),
        wrong=wrong or [],
        said=request.form,
    )
