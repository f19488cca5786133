"""Longer time for a task: asking for it, and deciding."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import calendar_forms as posted
from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.transactions import abandon, session
from workflows.errors import Conflict, Invalid, NotFound
from workflows.language import N_
from workflows.operations import extensions as verbs
from workflows.organisation.roles import ROLES
from workflows.permissions import Deed, may
from workflows.queries import cases as case_queries
from workflows.tasks.extensions import Extension, of_task

extensions = Blueprint("extensions", __name__, url_prefix="/tasks/<int:task_id>/extension")


@extensions.get("")
def page(task_id: int) -> ResponseReturnValue:
    return _page(task_id)


@extensions.post("")
def ask(task_id: int) -> ResponseReturnValue:
    task = case_queries.task(session(), task_id, by=actor(), to_change=True)
    try:
        until, why = posted.must_day("until"), request.form.get("why", "")
        verbs.ask(session(), task, until, why, by=actor(), now=clock.now())
    except (Invalid, Conflict) as refusal:
        abandon()
        return _page(task_id, posted.said(refusal)), 422
    tell(N_("Longer time is asked for. You are told of the decision."))
    return redirect(url_for("extensions.page", task_id=task_id))


@extensions.post("/<int:extension_id>/decision")
def decide(task_id: int, extension_id: int) -> ResponseReturnValue:
    asked = _find(task_id, extension_id)
    give, answer = request.form.get("give") == "yes", request.form.get("answer", "")
    try:
        verbs.decide(session(), asked, give=give, answer=answer, by=actor(), now=clock.now())
    except (Invalid, Conflict) as refusal:
        abandon()
        return _page(task_id, posted.said(refusal)), 422
    tell(N_("The decision is kept with the task."))
    return redirect(url_for("extensions.page", task_id=task_id))


def _find(task_id: int, extension_id: int) -> Extension:
    task = case_queries.task(session(), task_id, by=actor(), to_change=True)
    found = next((one for one in of_task(session(), task) if one.id == extension_id), None)
    if found is None:
        raise NotFound
    return found


def _page(task_id: int, wrong: list[str] | None = None) -> str:
    task = case_queries.task(session(), task_id, by=actor())
    asked = of_task(session(), task)
    waiting = next((one for one in asked if one.decided_at is None), None)
    can_move = task.closed_at is None and not task.is_legal and task.due_at is not None
    return render_template(
        "extensions/page.html",
        task=task,
        asked=asked,
        waiting=waiting,
        may_ask=can_move and waiting is None and may(actor(), Deed.ASK_FOR_TIME, task),
        may_give=can_move and waiting is not None and may(actor(), Deed.GIVE_TIME, waiting),
        role_names={code: role.name for code, role in ROLES.items()},
        wrong=wrong or [],
        said=request.form,
    )
