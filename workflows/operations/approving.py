"""Sealing a decision to what was seen when it was made, and telling when that changes afterwards.

Whatever moves a case, its files or its version asks `follow` in the same transaction; the clock
looks again with `watch`, each month or, at what is over, twice a year, for what was changed behind
the application's back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import forms
from workflows.cases.models import OPEN, Case
from workflows.engine import Step
from workflows.history.rows import record
from workflows.language import on
from workflows.notices.rows import tell
from workflows.organisation.actor import Actor
from workflows.processes.rows import form
from workflows.queries import approvals as questions
from workflows.queries.receivers import process_owners
from workflows.tasks.approvals import Approval
from workflows.tasks.models import Task
from workflows.tasks.rows import STEERED

AGAIN, AGAIN_WHEN_OVER = timedelta(days=30), timedelta(days=180)  # by whether the case is over


def seal(
    session: Session,
    task: Task,
    answers: Mapping[str, Any],
    *,
    is_changed: bool,
    why: str | None,
    by: Actor,
    now: datetime,
) -> str:
    """Keep a decision with what it rests on, before it moves the case; returns its seal."""
    asked = form(session, task.case.version, task.form) if task.form else None
    outcome = forms.CHANGED if is_changed else forms.outcome(asked, answers)
    steps = questions.done_before(session, task)
    names = questions.sealed_names(session, task, steps)
    case, is_approving = task.case, outcome in forms.APPROVING
    for earlier in questions.in_force(session, case):
        if earlier.element == task.element and _item(session, earlier) == task.item:
            _overtake(earlier, now=now)
    made = Approval(
        case_id=case.id,
        task_id=task.id,
        element=task.element,
        by_id=by.id,
        for_id=by.acting_for_id,
        at=now,
        outcome=outcome,
        is_approving=is_approving,
        why=why,
        content=questions.content(session, case, case.data, names, anew=False),
        steps=steps,
        since={},
        check_at=now + AGAIN if is_approving else None,
    )
    made.hash = questions.seal_of(made)
    session.add(made)
    return made.hash


def standing_in(session: Session, case: Case) -> Sequence[Approval]:
    """List what is approved in a case; where nobody ever decides, that costs nothing."""
    return questions.in_force(session, case) if questions.decides(case) else ()


def accept(
    case: Case,
    standing: Sequence[Approval],
    before: Mapping[str, Any] | None,
    *,
    kind: str,
    step: str | None,
) -> list[dict[str, object]]:
    """Let steps after an approval go on with what was approved, as the diagram draws it: they add
    to a list, or work out what follows from it. Returns what the event is to tell of that.

    Nobody else may: neither an operator, nor a step whose work was approved.
    """
    if before is None or kind in STEERED:
        return []
    told: list[dict[str, object]] = []
    for one in standing:
        names = {
            name: questions.hash_of(case.data.get(name))
            for name in one.content["data"]
            if step not in one.steps
            and case.data.get(name) != before.get(name)
            and questions.is_kept(one, name, before.get(name))
        }
        if names:
            one.since = {**one.since, **names}
            told.append({"approval": one.id, "names": names})
    return told


def follow(
    session: Session,
    case: Case,
    *,
    kind: str,
    opened: Iterable[Step] = (),
    before: Mapping[str, Any] | None = None,
    standing: Sequence[Approval] | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """See what an event of this kind did to what is approved in a case, and tell of what broke.

    Where the diagram leads back to the work, what was approved is taken up again; where an
    operator does, it must still be what was approved. `standing` are those in force, if known.
    """
    for one in standing_in(session, case) if standing is None else standing:
        if kind not in STEERED and any(_takes_up(session, one, step) for step in opened):
            _overtake(one, now=now)
        elif one.broken_at is None and _may_differ(one, case, before):
            _look(session, one, case, by=by, now=now)


def watch(session: Session, approval_id: int, *, by: Actor, now: datetime) -> None:
    """Look at one approval again, whoever may have been at the database."""
    of_approval = sa.select(Approval.case_id).where(Approval.id == approval_id).scalar_subquery()
    case = session.scalars(sa.select(Case).where(Case.id == of_approval).with_for_update()).one()
    one = session.get_one(Approval, approval_id, populate_existing=True)
    if one.check_at is None:
        return
    one.check_at = now + (AGAIN if case.state in OPEN else AGAIN_WHEN_OVER)
    _look(session, one, case, deep=True, by=by, now=now)


def _may_differ(one: Approval, case: Case, before: Mapping[str, Any] | None) -> bool:
    """Tell whether it is worth a look: most movements of a case touch nothing that is sealed."""
    names = one.content["data"]
    return before is None or any(case.data.get(each) != before.get(each) for each in names)


def _look(
    session: Session,
    one: Approval,
    case: Case,
    *,
    deep: bool = False,
    by: Actor,
    now: datetime,
) -> None:
    found = questions.differences(session, case, [one], deep=deep)[one.id]
    if not found:
        return
    one.broken_at, one.check_at = now, None
    parts = sorted({each.part for each in found})
    names = [each.name for each in found if each.part == "data"]
    what = {"approval": one.id, "parts": parts, "names": names}
    record(
        session,
        "approval_broken",
        by=by,
        now=now,
        case_id=case.id,
        unit_id=case.unit_id,
        step=one.element,
        what=what,
    )
    owners = process_owners(session, case, today=on(now))
    people = owners | {each for each in (one.by_id, one.for_id) if each is not None}
    tell(session, people, "approval_broken", task_id=one.task_id, now=now)


def _overtake(one: Approval, *, now: datetime) -> None:
    one.overtaken_at, one.check_at = now, None


def _takes_up(session: Session, one: Approval, step: Step) -> bool:
    if step.element not in (*one.steps, one.element):
        return False
    item = _item(session, one)
    return item is None or step.item is None or item == step.item


def _item(session: Session, one: Approval) -> Any:
    return session.scalar(sa.select(Task.item).where(Task.id == one.task_id))
