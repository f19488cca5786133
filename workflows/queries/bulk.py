"""Which reviews are safe to approve several at a time, and why the others are not."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import MOVING
from workflows.forms import Form, verdict_field
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, acting, may
from workflows.processes.models import Secrecy
from workflows.processes.rows import form
from workflows.tasks.models import Task
from workflows.tasks.rows import draft_of, find

MOST = 50
APPROVED = "approved"


def chosen(
    session: Session, task_ids: Iterable[int], *, by: Actor
) -> list[tuple[Task, str | None]]:
    """Load the tasks that the actor may see, in the order given, each with why it is not safe."""
    tasks = [find(session, task_id) for task_id in list(dict.fromkeys(task_ids))[:MOST]]
    seen = [task for task in tasks if task is not None and may(by, Deed.SEE_TASK, task)]
    return [(task, why_not(session, task, by=by)) for task in seen]


def why_not(session: Session, task: Task, *, by: Actor) -> str | None:
    """Say why a task must be looked at by itself; None when nothing but "approved" is asked for.

    The task was loaded by `tasks.rows.find`.
    """
    by = acting(by, task)
    form_of = form(session, task.case.version, task.form) if task.form else None
    reasons = {
        "closed": task.closed_at is not None,
        "no_review": task.kind != "review",
        "secret": task.secrecy is Secrecy.SECRET,
        "own_work": bool(({by.id, by.acting_for_id} - {None}) & task.barred),
        "not_yours": not may(by, Deed.COMPLETE, task),
        "rests": task.case.state not in MOVING,
        "asks_more": form_of is None or answers(form_of) is None,
    }
    if found := next((code for code, holds in reasons.items() if holds), None):
        return found
    if draft_of(session, task) is not None:
        return "begun"
    return "explained" if _has_reasons(session, task) else None


def answers(asked: Form) -> Mapping[str, str] | None:
    """Give the answers that approve and nothing else; None when the form asks for more."""
    verdict = verdict_field(asked)
    if verdict is None or asked.attest is not None:
        return None
    more = [one for one in asked.fields if one.required and not one.read_only and one != verdict]
    if more or APPROVED not in {option.value for option in verdict.options}:
        return None
    return {verdict.name: APPROVED}


def _has_reasons(session: Session, task: Task) -> bool:
    """Tell whether somebody had to explain an answer: the approver is to read that."""
    wanted = sa.select(Task.id).where(
        Task.case_id == task.case_id, Task.element.in_(task.not_by), Task.remarks.is_not(None)
    )
    return session.scalar(wanted.limit(1)) is not None
