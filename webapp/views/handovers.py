"""Giving a task to somebody by name, and sending it back."""

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import calendar_forms as posted
from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.traces import leave_if_secret
from webapp.transactions import abandon, session
from workflows.errors import Conflict, Invalid
from workflows.language import N_, on
from workflows.operations import handovers as verbs
from workflows.organisation.models import Person
from workflows.permissions import Deed, acting, may
from workflows.queries import cases as case_queries
from workflows.queries import history
from workflows.queries.receivers import by_address, candidates

handovers = Blueprint("handovers", __name__, url_prefix="/tasks/<int:task_id>")


@handovers.get("/handover")
def page(task_id: int) -> ResponseReturnValue:
    leave_if_secret(case_queries.task(session(), task_id, by=actor()).case, by=actor())
    return _page(task_id)


@handovers.post("/delegation")
def delegate(task_id: int) -> ResponseReturnValue:
    task = case_queries.task(session(), task_id, by=actor(), to_change=True)
    try:
        verbs.delegate(
            session(), task, _receiver(), _why(), command=_command(), by=actor(), now=clock.now()
        )
    except (Invalid, Conflict) as refusal:
        return _refused(task_id, refusal)
    tell(N_("The task is handed over."))
    return redirect(url_for("tasks.index"))


@handovers.post("/reassignment")
def reassign(task_id: int) -> ResponseReturnValue:
    task = case_queries.task(session(), task_id, by=actor(), to_change=True)
    try:
        to = None if "free" in request.form else _receiver()
        verbs.reassign(session(), task, to, _why(), command=_command(), by=actor(), now=clock.now())
    except (Invalid, Conflict) as refusal:
        return _refused(task_id, refusal)
    tell(N_("The task is handed over."))
    return redirect(url_for("tasks.show", task_id=task_id))


@handovers.post("/return")
def give_back(task_id: int) -> ResponseReturnValue:
    task = case_queries.task(session(), task_id, by=actor(), to_change=True)
    try:
        verbs.return_(session(), task, _why(), command=_command(), by=actor(), now=clock.now())
    except (Invalid, Conflict) as refusal:
        return _refused(task_id, refusal)
    tell(N_("The task is sent back."))
    return redirect(url_for("tasks.index"))


@handovers.post("/suggestion")
def suggest(task_id: int) -> ResponseReturnValue:
    task = case_queries.task(session(), task_id, by=actor(), to_change=True)
    is_named = request.form.get("to") or request.form.get("address", "").strip()
    try:
        to = _receiver() if is_named else None
        verbs.suggest(session(), task, to, _why(), command=_command(), by=actor(), now=clock.now())
    except (Invalid, Conflict) as refusal:
        return _refused(task_id, refusal)
    tell(N_("Those who lead the unit are told. The task stays with you until they answer."))
    return redirect(url_for("tasks.show", task_id=task_id))


def _receiver() -> Person:
    text = request.form.get("to") or request.form.get("address", "")
    found = by_address(session(), text)
    if found is None:
        raise Invalid("nobody_by_that_address", address=text)
    return found


def _why() -> str:
    return request.form.get("why", "")


def _command() -> str:
    return request.form.get("command", "")


def _refused(task_id: int, refusal: Invalid | Conflict) -> ResponseReturnValue:
    abandon()
    return _page(task_id, posted.said(refusal)), 422


def _page(task_id: int, wrong: list[str] | None = None) -> str:
    task = case_queries.task(session(), task_id, by=actor())
    by = acting(actor(), task)
    is_mine, may_reassign = may(by, Deed.DELEGATE, task), may(actor(), Deed.REASSIGN, task)
    may_suggest = task.closed_at is None and not may_reassign and may(by, Deed.SUGGEST, task)
    giver = session().get(Person, task.given_from[-1]) if task.given_from else None
    return render_template(
        "handovers/page.html",
        task=task,
        is_mine=is_mine,
        may_reassign=may_reassign,
        may_suggest=may_suggest,
        suggested=history.of_task(session(), task).suggested,
        may_return=is_mine and giver is not None,
        may_free=not is_mine and bool(task.roles) and task.assignee_id is not None,
        giver=giver,
        candidates=candidates(session(), task, today=on(clock.now()))
        if is_mine or may_reassign or may_suggest
        else (),
        command=request.form.get("command") or secrets.token_hex(16),
        wrong=wrong or [],
        said=request.form,
    )
