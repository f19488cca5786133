"""The steps straight after a task that the same person does, so that they need not wait for it."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.engine import StepInfo
from workflows.forms import Form, joining
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, acting, may
from workflows.processes.rows import compiled, form
from workflows.tasks.models import DECIDING, Task
from workflows.tasks.rows import know_barred

Part = tuple[StepInfo, Form]


def parts(session: Session, task: Task, by: Actor) -> list[Part]:
    """List the step of a task and those that can be filled in on its page: one after the other in
    the diagram with nothing between, no decision, for the same person, with forms that ask for
    nothing of each other. A task without a form gives none."""
    case = task.case
    steps = compiled(case.version).description.steps
    names = {"sv": task.name_sv, "en": task.name_en}
    at = steps.get(task.element) or StepInfo(task.element, names, kind="")  # of an older version
    if task.form is None:
        return []
    found: list[Part] = [(at, form(session, case.version, task.form))]
    if not _can_join(at, task) or task.item is not None:
        return found
    while (then := steps.get(_straight_after(task, at.element))) and _can_join(then, task):
        done = {step.element for step, _ in found}
        may_do = any(by.holds(role, case.unit_id, case.process_id) for role in then.roles)
        if then.form is None or not may_do or done & {then.element, *then.not_by}:
            break
        asked = form(session, case.version, then.form)
        is_alone = then.carry is None or then.carry == found[0][0].carry
        if not (is_alone and all(joining.may_follow(before, asked) for _, before in found)):
            break
        found.append((then, asked))
        at = then
    return found


def opened_next(session: Session, task: Task, by: Actor) -> Task | None:
    """Find what a task that is done has opened for the same person to go on with."""
    wanted = sa.select(Task).where(
        Task.case_id == task.case_id,
        Task.closed_at.is_(None),
        Task.opened_at == task.closed_at,
        Task.kind.not_in(DECIDING),
    )
    return next(_theirs(session, session.scalars(wanted.order_by(Task.id)), by), None)


def _theirs(session: Session, tasks: sa.ScalarResult[Task], by: Actor) -> Iterator[Task]:
    for one in tasks.all():
        know_barred(session, one)
        if may(acting(by, one), Deed.COMPLETE, one):
            yield one


def _can_join(step: StepInfo, task: Task) -> bool:
    is_plain = step.kind == "form" and step.of == "unit" and step.assignee is None
    return is_plain and not step.many and task.kind not in DECIDING


def _straight_after(task: Task, element: str) -> str:
    """The step that the only way from a step leads to; nothing where it forks or waits."""
    for part in compiled(task.case.version).description.parts:
        if part.element == element and len(part.flows) == 1 and part.flows[0][1] is None:
            return part.flows[0][0]
    return ""
