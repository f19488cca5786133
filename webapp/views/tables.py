"""A list of a task's form as a sheet: taken away, sent back, looked at, taken into the draft."""

import json
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock, spreadsheets
from webapp.auth import actor
from webapp.format import language
from webapp.pages import posted_number
from webapp.row_changes import after
from webapp.task_page import whole_form
from webapp.traces import leave, leave_if_secret
from webapp.transactions import abandon, session
from workflows import forms
from workflows.errors import Invalid, NotFound
from workflows.forms import Errors, Facts, Field, Form, Raw, RowChange, sheets
from workflows.forms.carrying import begun, shown_rows
from workflows.forms.posted import posted_rows
from workflows.operations import tasks as verbs
from workflows.operations.advance import task_facts
from workflows.permissions import Deed, acting, require
from workflows.queries import cases as case_queries
from workflows.spreadsheets import NotATable
from workflows.spreadsheets import tables as read_sheets
from workflows.tasks.models import Task
from workflows.tasks.rows import draft_of

tables = Blueprint("tables", __name__, url_prefix="/tasks/<int:task_id>/tables/<name>")


class Place(NamedTuple):
    """A list of a form as somebody is filling it in."""

    task: Task
    form: Form
    one: Field
    facts: Facts
    raw: Raw
    seen: int

    @property
    def rows(self) -> list[Raw]:
        return shown_rows(self.one, self.raw.get(self.one.name), self.facts)


@tables.get("")
def page(task_id: int, name: str) -> ResponseReturnValue:
    return _page(_place(task_id, name))


@tables.get("/sheet.xlsx")
def download(task_id: int, name: str) -> ResponseReturnValue:
    place = _place(task_id, name)
    leave_if_secret(place.task.case, by=actor())
    leave("exported", by=actor(), what={"what": f"{place.task.case.key}-{name}.xlsx"})
    sheet = sheets.table(place.one, place.rows, place.facts, language())
    answer = Response(spreadsheets.as_form_sheet(sheet), mimetype=spreadsheets.XLSX)
    file = f"{place.task.case.key}-{name}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


@tables.post("")
def read(task_id: int, name: str) -> ResponseReturnValue:
    """Show what the file would change; nothing is kept of it until it is taken in."""
    place = _place(task_id, name)
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise NotATable("file_missing")
        cells = read_sheets(sent.filename, sent.stream.read())[0][1]
        found = sheets.read_table(place.one, cells, place.facts)
    except (NotATable, Invalid) as refusal:
        abandon()
        return _page(place, refused=refusal.code), 422
    change = sheets.difference(place.form, place.one, place.rows, found, place.facts, language())
    checked = forms.check(place.form, {place.one.name: list(change.rows)}, place.facts)
    return _page(place, change, checked if isinstance(checked, Errors) else None)


@tables.post("/draft")
def take(task_id: int, name: str) -> ResponseReturnValue:
    """Put the rows that were looked at into the draft."""
    place = _place(task_id, name, to_change=True)
    raw = {**place.raw, name: posted_rows(name, request.form.get("rows", ""))}
    if not place.one.fixed_rows:
        raw[f"undo:{name}"] = {"rows": place.rows}
    seen = posted_number("seen")
    verbs.save_draft(session(), place.task, raw, seen=seen, by=actor(), now=clock.now())
    done, anchor = after(place.form, RowChange("paste", name), raw)
    return redirect(url_for("tasks.show", task_id=task_id, row=done, _anchor=anchor))


def _place(task_id: int, name: str, *, to_change: bool = False) -> Place:
    task = case_queries.task(session(), task_id, by=actor(), to_change=to_change)
    if task.form is None or task.closed_at is not None:
        raise NotFound
    require(acting(actor(), task), Deed.SAVE_DRAFT, task)
    definition = whole_form(task)
    one = definition.list_called(name)
    if one is None:
        raise NotFound
    facts = task_facts(session(), task, definition, now=clock.now())
    draft = draft_of(session(), task)
    raw = draft.answers if draft else begun(definition, facts)
    return Place(task, definition, one, facts, raw, draft.revision if draft else 0)


def _page(
    place: Place,
    change: sheets.Difference | None = None,
    errors: Errors | None = None,
    refused: str = "",
) -> str:
    wrong = []
    view = None
    if change is not None:
        raw = {place.one.name: list(change.rows)}
        view = forms.view(place.form, raw, place.facts, language(), errors)
        here = f"#f-{place.one.name}-"
        wrong = [each for each in view.errors if each.href.startswith(here)]
    return render_template(
        "tasks/table.html",
        task=place.task,
        one=place.one,
        label=place.one.label[language()],
        seen=place.seen,
        change=change,
        wrong=wrong,
        rows=json.dumps(change.rows, ensure_ascii=False) if change else "",
        refused=refused,
    )
