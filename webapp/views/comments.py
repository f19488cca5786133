"""Saying something about a case, and taking it back."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor
from webapp.pages import posted_number, tell
from webapp.transactions import session
from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.language import N_, on
from workflows.operations import comments as verbs
from workflows.queries import cases as case_queries
from workflows.queries import comments as questions
from workflows.tasks.models import Task

comments = Blueprint("comments", __name__)


@comments.post("/cases/<int:case_id>/comments")
def add(case_id: int) -> ResponseReturnValue:
    case = case_queries.case(session(), case_id, by=actor(), to_change=True)
    task = _task(case)
    element = task.element if task else None
    verbs.add(session(), case, _text(case), element=element, by=actor(), now=clock.now())
    tell(N_("Your comment is there."))
    return _back(case, task)


@comments.post("/comments/<int:comment_id>/withdrawal")
def withdraw(comment_id: int) -> ResponseReturnValue:
    comment = questions.comment(session(), comment_id, by=actor())
    case = case_queries.case(session(), comment.case_id, by=actor(), to_change=True)
    verbs.withdraw(session(), comment, by=actor(), now=clock.now())
    tell(N_("The comment is taken back."))
    return _back(case, _task(case))


def _text(case: Case) -> str:
    """What was typed, with whoever was chosen in the list named first unless the text does."""
    text = request.form.get("text", "")
    chosen = posted_number("mention") if request.form.get("mention") else 0
    people = questions.mentionable(session(), case, today=on(clock.now())) if chosen else []
    named = questions.mentioned(text, people)
    new = [f"@{one.name} " for one in people if one.id == chosen and one not in named]
    return "".join(new) + text if text.strip() else ""


def _task(case: Case) -> Task | None:
    """The task from whose page it was sent, to go back there."""
    task_id = posted_number("task")
    if not task_id:
        return None
    task = case_queries.task(session(), task_id, by=actor())
    if task.case_id != case.id:
        raise NotFound
    return task


def _back(case: Case, task: Task | None) -> ResponseReturnValue:
    if task is None:
        return redirect(url_for("cases.show", case_id=case.id, _anchor="comments"))
    return redirect(url_for("tasks.show", task_id=task.id, _anchor="comments"))
