"""What the page of one task shows: its form or its answers, its draft, and what one may do."""

import secrets
from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock, decide_page
from webapp.auth import actor
from webapp.comments import talk
from webapp.errors_words import words
from webapp.format import language
from webapp.here import around
from webapp.pages import number, posted_pairs
from webapp.row_changes import told
from webapp.transactions import abandon, session
from workflows import forms
from workflows.cases.models import CaseState
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.forms import Errors, Form, Posted, Raw, joining, read_posted
from workflows.forms.carrying import begun
from workflows.language import clock as local_clock
from workflows.language import on
from workflows.notices.rows import promise_of
from workflows.operations.advance import task_facts
from workflows.organisation.models import Person
from workflows.permissions import Deed, acting, may
from workflows.processes.models import Secrecy
from workflows.processes.rows import compiled
from workflows.queries import ahead, documents, files, history, last_year
from workflows.queries import cases as case_queries
from workflows.tasks.models import DECIDING, Draft, Task
from workflows.tasks.rows import draft_of

DEEDS = (
    Deed.CLAIM, Deed.RELEASE, Deed.SAVE_DRAFT, Deed.COMPLETE, Deed.PROMISE, Deed.DELEGATE,
    Deed.ASK_FOR_TIME, Deed.SUGGEST,
)  # fmt: skip
NOT_TYPED = ("row", "paste", "undo", "pick")  # of a form: what pressed a button, not an answer


def whole_form(task: Task) -> Form:
    """The form of a task with those of the steps that can be filled in on its page."""
    return joining.joined([asked for _, asked in ahead.parts(session(), task, actor())])


def typed(task: Task, pairs: Sequence[tuple[str, str]]) -> tuple[Form, Posted]:
    """Sort what was posted by the task's form, and those of the steps after it on its page.

    :raises Invalid: if the task has no form, or the form has no such field
    """
    if task.form is None:
        raise Invalid("unknown_field", field=pairs[0][0] if pairs else "")
    definition = whole_form(task)
    return definition, read_posted(definition, pairs)


def show_task(task: Task, *, raw: Raw | None = None, errors: Errors | None = None) -> str:
    """Render the page; `raw` and `errors` are of a post that was refused."""
    by = acting(actor(), task)
    allowed = {deed.value for deed in DEEDS if task.closed_at is None and may(by, deed, task)}
    draft = draft_of(session(), task)
    may_type = Deed.SAVE_DRAFT in allowed
    begun_by = None
    if draft and draft.saved_by_id != by.id and (may_type or Deed.CLAIM in allowed):
        begun_by = session().get(Person, draft.saved_by_id)
    description = compiled(task.case.version).description
    typed_in = draft.answers if draft and may_type else None
    row, could_join = _on_this_page(task, typed_in)
    view, seen_as = _view(task, row, typed_in, raw, errors)
    tasks = case_queries.tasks_of(session(), task.case)
    happened = history.of_task(session(), task)
    sees_case = may(actor(), Deed.SEE_CASE, task.case)
    face = decide_page.face(task, tasks) if task.kind in DECIDING else {}
    if face.get("by_button"):
        view = None  # it is decided on a page of its own
    return render_template(
        "tasks/decide.html" if face else "tasks/show.html",
        **face,
        task=task,
        promised=promise_of(session(), task.id),
        info=description.steps[task.element],
        allowed=allowed,
        draft=draft if may_type or begun_by else None,
        begun_by=begun_by,
        begun=_begun(task, draft) if draft and begun_by and not may_type else [],
        view=view,
        seen_as=seen_as,
        together=row,
        could_join=could_join,
        after=_after(task),
        sees_case=sees_case,
        is_form_open=Deed.COMPLETE in allowed,
        reasons=(reasons := _reasons(task, tasks)),
        compared=[each for each in reasons if each["rule"] == "carried"],
        row_told=told(view, request.args.get("row", ""), language()),
        level_unit=may(actor(), Deed.CHOOSE_LEVEL, task.case.unit),
        command=request.form.get("command") or secrets.token_hex(16),
        barred=by.id in task.barred,
        given=happened.given,
        last_done=last_year.of_task(session(), task) if sees_case else None,
        suggested=None if task.closed_at else happened.suggested,
        happened=happened.events if sees_case else [],
        may_reassign=task.closed_at is None and may(actor(), Deed.REASSIGN, task),
        is_resting=task.case.state is CaseState.SUSPENDED,
        just_saved="saved" in request.args,
        attached=files.of_case(session(), task.case, by=actor()),
        may_attach=may_type and task.case.secrecy is not Secrecy.SECRET,
        here=around(description, task, tasks),
        may_see={one.id for one in tasks if may(actor(), Deed.SEE_TASK, one)},
        talk=talk(task.case),
        templates=documents.templates_for(session(), task.case.process.key, today=on(clock.now())),
    )


def _begun(task: Task, draft: Draft) -> list[forms.Clash]:
    """What somebody absent has typed, for whoever may take their task over: each answer alone."""
    if task.form is None:
        return []
    definition = whole_form(task)
    facts = task_facts(session(), task, definition, now=clock.now())
    return forms.merge(definition, draft.answers, {}, facts, language()).clashes


def show_apart(task_id: int, refusal: Conflict | Forbidden, raw: Raw) -> ResponseReturnValue:
    """Answer with what was typed beside what stands there now: to choose from, as long as one may
    still save; else so that nothing typed is lost.
    """
    abandon()
    task = case_queries.task(session(), task_id, by=actor())
    if task.form is None:
        raise refusal
    status = 403 if isinstance(refusal, Forbidden) else 409
    definition = whole_form(task)
    facts = task_facts(session(), task, definition, now=clock.now())
    may_save = task.closed_at is None and may(acting(actor(), task), Deed.SAVE_DRAFT, task)
    saved = draft_of(session(), task) if may_save else None  # it is not for all who see the task
    theirs = saved.answers if saved else begun(definition, facts)
    began = request.form.get("seen_as", "")
    clashes = forms.merge(definition, raw, theirs, facts, language(), began=began).clashes
    if request.accept_mimetypes.best == "application/json":
        if saved and not clashes and refusal.code == "draft_overtaken":
            return saved_as(definition, saved)
        return {"code": refusal.code}, status
    told = words(refusal.code, status, refusal.params, language())
    pairs = [one for one in posted_pairs() if one[0].partition(":")[0] not in NOT_TYPED]
    page = render_template(
        "tasks/apart.html",
        task=task,
        told=told,
        clashes=clashes,
        saved=saved,
        saved_by=session().get(Person, saved.saved_by_id) if saved else None,
        may_save=may_save,
        began=began,
        pairs=pairs,
    )
    return page, status


def saved_as(definition: Form, draft: Draft) -> dict[str, object]:
    """Tell a script what it has saved, and when."""
    return {
        "revision": draft.revision,
        "seen_as": forms.imprint(definition, draft.answers),
        "time": local_clock(draft.saved_at),
    }


def _after(task: Task) -> str:
    """What the same person just handed in, when that opened this."""
    task_id = number(request.args.get("after", ""))
    before = session().get(Task, task_id) if task_id else None
    is_ours = before is not None and before.case_id == task.case_id
    return before.name(language()) if before is not None and is_ours else ""


def _reasons(task: Task, tasks: list[Task]) -> list[dict[str, Any]]:
    """What the doers of the reviewed steps, or of this one, had to explain."""
    wanted = {*task.not_by, task.element}
    return [remark for each in tasks if each.element in wanted for remark in each.remarks or ()]


def _view(
    task: Task, row: list[ahead.Part], saved: Raw | None, raw: Raw | None, errors: Errors | None
) -> tuple[forms.FormView | None, str]:
    """Draw the form with what was posted, else saved, else known; and say what is saved so far."""
    if task.form is None:
        return None, ""
    definition = joining.joined([asked for _, asked in row])
    facts = task_facts(session(), task, definition, now=clock.now())
    if task.closed_at is not None:
        return forms.read_only(definition, facts.names, language(), facts), ""
    typed_in = next((one for one in (raw, saved) if one is not None), None)
    if typed_in is None:
        typed_in = forms.prefilled(definition, facts)
    view = forms.view(definition, typed_in, facts, language(), errors)
    seen_as = forms.imprint(definition, begun(definition, facts) if saved is None else saved)
    return view, seen_as


def _on_this_page(task: Task, saved: Raw | None) -> tuple[list[ahead.Part], list[ahead.Part]]:
    """The steps that are filled in together on the page, and those that could be: as was asked for,
    or as somebody has begun to."""
    row = ahead.parts(session(), task, actor())
    if task.closed_at is not None or not row:
        return row[:1], []
    begun_on = joining.split([asked for _, asked in row], saved or {})[1:]
    if "together" in request.args or "steps" in request.form or any(begun_on):
        return row, []
    return row[:1], row[1:]
