"""Deciding a review: the page behind each of its buttons, where one says why and confirms."""

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock, decide_page
from webapp.auth import actor
from webapp.decide_page import Choice, Simple
from webapp.format import language
from webapp.pages import must_be_typed_by, tell
from webapp.traces import leave_if_secret
from webapp.transactions import session
from workflows.errors import Invalid, NotFound
from workflows.forms import Errors
from workflows.language import N_, translator
from workflows.operations import tasks as verbs
from workflows.operations.tasks import Ruling
from workflows.permissions import Deed, acting, require
from workflows.processes.rows import form
from workflows.queries import cases as case_queries
from workflows.tasks.models import DECIDING, Task
from workflows.tasks.rows import draft_of, require_open

decisions = Blueprint("decisions", __name__, url_prefix="/tasks/<int:task_id>/decision")

WHY_MISSING = N_("Say why. It is the first thing the one who goes on reads.")
CHANGE_MISSING = N_("Say what is changed.")
UNREAD = N_("This answer could not be read. Answer again.")
WAY_MISSING = N_("Choose where it goes back to.")


@decisions.get("/<choice>")
def page(task_id: int, choice: str) -> ResponseReturnValue:
    task = case_queries.task(session(), task_id, by=actor())
    leave_if_secret(task.case, by=actor())
    return _show(task, choice)


@decisions.post("/<choice>")
def decide(task_id: int, choice: str) -> ResponseReturnValue:
    must_be_typed_by(actor().id)
    task = case_queries.task(session(), task_id, by=actor(), to_change=True)
    command = request.form.get("command", "")
    if task.closed_at is not None and task.command == command:
        return redirect(url_for("tasks.show", task_id=task_id))
    asked, chosen = _asked(task, choice)
    wrong = _wrong(asked, chosen, task)
    if wrong:
        return _show(task, choice, wrong=wrong), 422
    raw, ruling = _said(asked, chosen)
    try:
        by, now = actor(), clock.now()
        verbs.complete(session(), task, raw, command=command, ruling=ruling, by=by, now=now)
    except Invalid as refusal:
        if not isinstance(refusal.problems, Errors):
            raise
        said = [one.message for one in refusal.problems.errors]
        return _show(task, choice, wrong=[one[language()] if one else UNREAD for one in said]), 422
    tell(N_("Your decision is recorded and sealed."))
    return redirect(url_for("cases.show", case_id=task.case_id, done=task.id))


def _show(task: Task, choice: str, *, wrong: list[str] | None = None) -> str:
    require_open(task)
    require(acting(actor(), task), Deed.COMPLETE, task)
    asked, chosen = _asked(task, choice)
    ways = [] if chosen.approves else decide_page.ways(task, asked, chosen)
    draft = draft_of(session(), task)
    kept = draft.answers.get(asked.reason.name) if draft and asked.reason else ""
    return render_template(
        "tasks/ruling.html",
        task=task,
        asked=asked,
        chosen=chosen,
        reason_name=_reason_name(asked),
        why=request.form.get(_reason_name(asked), kept or ""),
        how=request.form.get("ruling_how", ""),
        way=request.form.get("ruling_way", ways[0].value if len(ways) == 1 else ""),
        ways=ways,
        leads_to=decide_page.leads_to(task, asked, chosen) if chosen.approves else [],
        draft=draft,
        wrong=[translator(language()).gettext(text) for text in wrong or ()],
        command=request.form.get("command") or secrets.token_hex(16),
    )


def _asked(task: Task, choice: str) -> tuple[Simple, Choice]:
    definition = form(session(), task.case.version, task.form) if task.form else None
    asked = decide_page.simple(definition) if task.kind in DECIDING else None
    if asked is None:
        raise NotFound
    for one in decide_page.choices(asked):
        if one.value == choice:
            return asked, one
    raise NotFound


def _reason_name(asked: Simple) -> str:
    return asked.reason.name if asked.reason else "ruling_why"


def _wrong(asked: Simple, chosen: Choice, task: Task) -> list[str]:
    is_silent = not request.form.get(_reason_name(asked), "").strip()
    found = []
    if chosen.approves and is_silent and request.form.get("ruling_how") == "changed":
        found.append(CHANGE_MISSING)
    if not chosen.approves and is_silent:
        found.append(WHY_MISSING)
    if not chosen.approves:
        known = {one.value for one in decide_page.ways(task, asked, chosen)}
        if request.form.get("ruling_way") not in known:
            found.append(WAY_MISSING)
    return found


def _said(asked: Simple, chosen: Choice) -> tuple[dict[str, object], Ruling]:
    why = request.form.get(_reason_name(asked), "").strip()
    raw: dict[str, object] = {asked.verdict.name: chosen.value}
    if asked.reason:
        raw[asked.reason.name] = why
    kind, _, where = request.form.get("ruling_way", "").partition("-")
    if asked.further and kind == "way" and where:
        raw[asked.further.name] = where
    is_changed = chosen.approves and request.form.get("ruling_how") == "changed"
    return raw, Ruling(why, where if kind == "step" else None, is_changed)
