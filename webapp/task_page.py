"""What the page of one task shows: its form or its answers, its draft, and what one may do."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from flask import render_template, request

from webapp import clock
from webapp.auth import actor
from webapp.format import language
from webapp.row_changes import told
from webapp.transactions import session
from workflows import forms
from workflows.cases.models import CaseState
from workflows.errors import Invalid
from workflows.forms import Errors, Form, Posted, Raw, read_posted
from workflows.notices.rows import promise_of
from workflows.operations.advance import task_facts
from workflows.permissions import Deed, acting, may
from workflows.processes.models import Secrecy
from workflows.processes.rows import compiled, form
from workflows.queries import cases as case_queries
from workflows.queries import files, history
from workflows.tasks.models import Task
from workflows.tasks.rows import draft_of

DEEDS = (Deed.CLAIM, Deed.RELEASE, Deed.SAVE_DRAFT, Deed.COMPLETE, Deed.PROMISE)


def typed(task: Task, pairs: Sequence[tuple[str, str]]) -> tuple[Form, Posted]:
    """Sort what was posted by the task's form.

    :raises Invalid: if the task has no form, or the form has no such field
    """
    if task.form is None:
        raise Invalid("unknown_field", field=pairs[0][0] if pairs else "")
    definition = form(session(), task.case.version, task.form)
    return definition, read_posted(definition, pairs)


def show_task(task: Task, *, raw: Raw | None = None, errors: Errors | None = None) -> str:
    """Render the page; `raw` and `errors` are of a post that was refused."""
    by = acting(actor(), task)
    allowed = {deed.value for deed in DEEDS if task.closed_at is None and may(by, deed, task)}
    draft = draft_of(session(), task) if Deed.SAVE_DRAFT in allowed else None
    info = compiled(task.case.version).description.steps[task.element]
    view = _view(task, raw if raw is not None else (draft.answers if draft else None), errors)
    return render_template(
        "tasks/show.html",
        task=task,
        promised=promise_of(session(), task.id),
        info=info,
        allowed=allowed,
        draft=draft,
        view=view,
        sees_case=may(actor(), Deed.SEE_CASE, task.case),
        is_form_open=Deed.COMPLETE in allowed,
        reasons=(reasons := _reasons(task)),
        compared=[each for each in reasons if each["rule"] == "carried"],
        row_told=told(view, request.args.get("row", ""), language()),
        level_unit=may(actor(), Deed.CHOOSE_LEVEL, task.case.unit),
        command=request.form.get("command") or secrets.token_hex(16),
        barred=by.id in task.barred,
        given=history.handed_over(session(), task) if task.assignee_id else None,
        may_give=task.closed_at is None and may(by, Deed.DELEGATE, task),
        may_reassign=task.closed_at is None and may(actor(), Deed.REASSIGN, task),
        is_resting=task.case.state is CaseState.SUSPENDED,
        just_saved="saved" in request.args,
        attached=files.of_case(session(), task.case, by=actor()),
        may_attach=Deed.SAVE_DRAFT in allowed and task.case.secrecy is not Secrecy.SECRET,
    )


def _reasons(task: Task) -> list[dict[str, Any]]:
    """What the doers of the reviewed steps, or of this one, had to explain."""
    wanted = {*task.not_by, task.element}
    return [
        remark
        for each in case_queries.tasks_of(session(), task.case)
        if each.element in wanted
        for remark in each.remarks or ()
    ]


def differences(task: Task, mine: Raw, saved: Raw) -> list[tuple[str, str, str]]:
    """Say field by field where two drafts differ: label, mine, the one that is saved."""
    ours, theirs = (_flat(_view(task, raw, None)) for raw in (mine, saved))
    return [
        (label, ours.get(label, ""), theirs.get(label, ""))
        for label in ours | theirs
        if ours.get(label, "") != theirs.get(label, "")
    ]


def _flat(view: forms.FormView | None) -> dict[str, str]:
    """Say what stands in each box, under a label that is its own."""
    sections = view.sections if view else ()
    return {
        label: text
        for section in sections
        for field in section.fields
        for label, text in _boxes(field, "")
    }


def _boxes(field: forms.FieldView, before: str) -> Iterator[tuple[str, str]]:
    for row in field.rows:
        for inner in row.fields:
            yield from _boxes(inner, f"{row.label}: ")
    for inner in field.fields:
        yield from _boxes(inner, f"{field.label}: ")
    if not field.rows and not field.fields:
        chosen = [option.label for option in field.options if option.chosen]
        text = ", ".join(chosen) if field.options else field.value
        if field.unknown and field.unknown.value:
            text = text or field.unknown.label
        yield f"{before}{field.label}", text


def _view(task: Task, raw: Raw | None, errors: Errors | None) -> forms.FormView | None:
    if task.form is None:
        return None
    definition = form(session(), task.case.version, task.form)
    facts = task_facts(session(), task, definition, now=clock.now())
    if task.closed_at is not None:
        return forms.read_only(definition, facts.names, language(), facts)
    typed_in = raw if raw is not None else forms.prefilled(definition, facts)
    return forms.view(definition, typed_in, facts, language(), errors)
