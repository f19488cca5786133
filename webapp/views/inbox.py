"""The lists of tasks: looked through, taken away, kept as views, and approved several at a time."""

import secrets
from urllib.parse import parse_qsl

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from webapp import calendar_forms, clock, inbox_page, traces
from webapp.auth import actor
from webapp.format import language
from webapp.pages import numbers, tell
from webapp.spreadsheets import download
from webapp.transactions import session
from webapp.views.tasks import tasks
from workflows.errors import Refused
from workflows.language import N_, counted
from workflows.operations import filters
from workflows.operations import tasks as verbs
from workflows.processes.rows import form
from workflows.queries import bulk, inbox
from workflows.queries import cases as case_queries
from workflows.queries import people as organisation
from workflows.tasks.filters import SavedFilter

LARGEST_ID = 2**63


@tasks.get("/")
def index() -> ResponseReturnValue:
    now, by = clock.now(), actor()
    year = inbox_page.year_of(now)
    asked = inbox_page.asked(request.args, year)
    after = request.args.get("after", type=int)
    if after is not None and not 0 < after < LARGEST_ID:
        raise NotFound
    found = inbox.listed(session(), asked.name, asked.wanted, by=by, after=after)
    counts = inbox.counts(session(), by=by)
    return render_template(
        "tasks/index.html",
        asked=asked,
        found=found,
        groups=inbox_page.groups(found, asked, year),
        has_reviews=any(task.kind == "review" for task in found.tasks),
        year=year,
        lead=inbox_page.lead(counts),
        counts=counts,
        most_counted=inbox.MOST_COUNTED,
        begun=inbox.begun(session(), found.tasks),
        is_first=after is None,
        saved=filters.of(session(), by=by),
        tree=organisation.tree(session(), by=by),
        **inbox_page.choices(year),
    )


@tasks.get("/export.<kind>")
def export(kind: str) -> Response:
    now, by = clock.now(), actor()
    asked = inbox_page.asked(request.args, inbox_page.year_of(now))
    found = inbox.listed(session(), asked.name, asked.wanted, by=by, most=inbox.MOST_EXPORTED)
    begun = inbox.begun(session(), found.tasks)
    rows = [inbox_page.cells(task, begun, now) for task in found.tasks]
    answer = download("tasks", kind, inbox_page.header(), rows)
    what = {"what": f"tasks.{kind}", "rows": len(rows), "filter": dict(asked.chosen)}
    traces.leave("exported", by=by, what=what)
    return answer


@tasks.post("/filters")
def keep_filter() -> ResponseReturnValue:
    sent = dict(parse_qsl(request.form.get("query", "")))
    asked = inbox_page.asked(sent, inbox_page.year_of(clock.now()))
    filters.keep(session(), request.form.get("name", ""), asked.query, by=actor(), now=clock.now())
    tell(N_("The view is kept."))
    return redirect(f"{url_for('tasks.index')}?{asked.query}")


@tasks.post("/filters/<int:filter_id>/removal")
def drop_filter(filter_id: int) -> ResponseReturnValue:
    saved = session().get(SavedFilter, filter_id)
    if saved is None:
        raise NotFound
    filters.drop(session(), saved, by=actor(), now=clock.now())
    tell(N_("The view is forgotten."))
    return redirect(url_for("tasks.index"))


@tasks.get("/approvals")
def choose_approvals() -> ResponseReturnValue:
    found = bulk.chosen(session(), numbers(request.args.getlist("task")), by=actor())
    return render_template(
        "tasks/approvals.html",
        ready=[task for task, why in found if why is None],
        others=[(task, why) for task, why in found if why is not None],
        why_not=inbox_page.why_not,
        command=secrets.token_hex(16),
    )


@tasks.post("/approvals")
def approve() -> ResponseReturnValue:
    """Approve each task in a transaction of its own: what is refused stops none of the others."""
    command, done = request.form.get("command", ""), 0
    for task_id in numbers(request.form.getlist("task"))[: bulk.MOST]:
        try:
            why = _approve(task_id, f"{command}:{task_id}")
            session().commit()
        except Refused as refusal:
            session().rollback()
            why = " ".join(calendar_forms.said(refusal))
        if why is None:
            done += 1
        else:
            flash(why, "soon")
    if done:
        told = counted(done, "One task is approved.", "{count} tasks are approved.")
        flash(told.said(language()))
    return redirect(url_for("tasks.index", list="role"))


def _approve(task_id: int, command: str) -> str | None:
    """Approve a task, unless it has come to ask for more since it was chosen: then say what."""
    task = case_queries.task(session(), task_id, by=actor(), to_change=True)
    if task.command == command:
        return None
    why = bulk.why_not(session(), task, by=actor())
    if why is not None or task.form is None:
        return f"{task.name(language())}: {inbox_page.why_not(why or '')}"
    approving = bulk.answers(form(session(), task.case.version, task.form)) or {}
    verbs.complete(session(), task, approving, command=command, by=actor(), now=clock.now())
    return None


__all__ = ["tasks"]
