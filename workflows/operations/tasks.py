"""What one does with a task: take it, put it back, type, complete it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflows import engine, forms
from workflows.cases.models import MOVING
from workflows.errors import Conflict, Invalid
from workflows.forms import joining
from workflows.history.rows import record
from workflows.operations import advance, approving, registering
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, acting, require
from workflows.processes.models import Secrecy
from workflows.processes.rows import compiled, form
from workflows.queries import ahead, approvals
from workflows.tasks.models import DECIDING, Draft, Outcome, Task
from workflows.tasks.rows import close, draft_of, free, require_open


@dataclass(frozen=True, slots=True)
class Ruling:
    """How a review is decided beyond the answers of its form, and why."""

    why: str
    back_to: str | None = None  # an earlier step than the one the diagram leads back to
    is_changed: bool = False  # it approves with a change, which `why` tells of


def claim(session: Session, task: Task, *, by: Actor, now: datetime) -> None:
    """Take a free task, or one of somebody one stands in for; one's own again changes nothing.

    :raises Conflict: if it is closed
    :raises Forbidden: if `by` does not hold its role, or somebody has it
    """
    require_open(task)
    by = acting(by, task)
    require(by, Deed.CLAIM, task)
    if task.assignee_id == by.id:
        return
    task.assignee_id, task.claimed_at, task.claimed_for_id = by.id, now, by.acting_for_id
    _tell(session, task, "task_claimed", by=by, now=now)


def release(session: Session, task: Task, *, by: Actor, now: datetime) -> None:
    """Put a task back for others; its draft stays.

    :raises Conflict: if it is closed, or was for them alone
    :raises Forbidden: if `by` does not have it
    """
    require_open(task)
    by = acting(by, task)
    require(by, Deed.RELEASE, task)
    if not task.roles:
        raise Conflict("nobody_else_s")
    free(task)
    _tell(session, task, "task_released", by=by, now=now)


def save_draft(
    session: Session, task: Task, raw: Mapping[str, object], *, seen: int, by: Actor, now: datetime
) -> Draft:
    """Keep what has been typed, as typed; never touches the task or its case.

    History tells of it once for each person and sitting, not at every save.

    :raises Conflict: if the task is closed, or somebody saved since revision `seen`
    :raises Forbidden: if `by` may not work on it
    :raises Invalid: if the case is secret and a text looks like the marking of a class
    """
    require_open(task)
    by = acting(by, task)
    require(by, Deed.SAVE_DRAFT, task)
    if task.case.secrecy is Secrecy.SECRET and next(forms.marked(raw), None):
        raise Invalid("class_marking")  # it must not be kept here at all, not even as a draft
    draft = draft_of(session, task)
    if draft is None:
        draft = Draft(task_id=task.id, revision=0, answers={}, saved_at=now, saved_by_id=by.id)
        session.add(draft)
    if draft.revision != seen:
        raise Conflict("draft_overtaken", seen=seen, saved=draft.revision)
    if draft.revision == 0 or draft.saved_by_id != by.id or draft.saved_at.date() != now.date():
        _tell(session, task, "draft_saved", by=by, now=now)
    draft.answers = dict(raw)
    draft.saved_at, draft.saved_by_id = now, by.id or 0
    draft.revision += 1
    session.flush()
    return draft


def complete(
    session: Session,
    task: Task,
    raw: Mapping[str, object],
    *,
    command: str,
    ruling: Ruling | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Hand in the answers and move the case on; the same command twice completes once.

    A decision is sealed to what it rests on.

    :raises Conflict: if it is closed, its case rests, or it cannot be sent back to that step
    :raises Forbidden: if somebody else has it, or `by` did a step its doer may not follow
    :raises Invalid: if the answers do not hold (`problems` says what), or a reason is missing
    """
    if task.command == command and task.done_by_id == by.id:
        return
    require_open(task)
    by = acting(by, task)
    require(by, Deed.COMPLETE, task)
    case = task.case
    if case.state not in MOVING:
        raise Conflict("case_rests")
    checked = _checked(session, task, raw, now=now)
    done = {
        "closed_at": now,
        "outcome": Outcome.COMPLETED,
        "command": command,
        "done_by_id": by.id,
        "done_for_id": by.acting_for_id,
        "remarks": checked.told or None,
    }
    close(session, task, done)
    answers = dict(checked.stored)
    order = _ruled(session, task, answers, ruling)
    facts = advance.facts(case, now=now)
    progress = engine.advance(compiled(case.version), case.engine_state, order, facts)
    why = ruling.why.strip() or None if ruling else None
    what: dict[str, object] = {"step_id": task.step_id, "answers": answers}
    what |= {"attested": True} if checked.attested else {}
    what |= {"remarks": task.remarks} if task.remarks else {}
    if entries := registering.from_answers(session, task, answers, now=now):
        what["entries"] = entries
    if task.kind in DECIDING:
        is_changed = ruling is not None and ruling.is_changed
        what["approval"] = approving.seal(
            session, task, answers, is_changed=is_changed, why=why, by=by, now=now
        )
    kind, step = "task_completed", task.element
    advance.settle(session, case, progress, kind, by=by, now=now, step=step, what=what, why=why)


def complete_in_a_row(
    session: Session,
    task: Task,
    raw: Mapping[str, object],
    *,
    steps: int = 1,
    command: str,
    by: Actor,
    now: datetime,
) -> Task | None:
    """Hand in a task and as many of the steps straight after it as were filled in on its page, all
    or none; returns what opened for the same person to go on with. What they typed for later steps
    is kept as the draft of that.

    :raises Conflict: as `complete`, or if the case did not go on as the diagram is drawn
    :raises Forbidden: as `complete`, for any of them
    :raises Invalid: as `complete`, for any of them
    """
    if task.command == command and task.done_by_id == by.id:
        return None
    row = ahead.parts(session, task, by)
    answers = joining.split([asked for _, asked in row], raw) if row else [dict(raw)]
    opened = task
    for number, answer in enumerate(answers[:steps]):
        if number and opened.element != row[number][0].element:
            raise Conflict("cannot_move", element=row[number][0].element)
        key = f"{command}+{number}" if number else command
        complete(session, opened, answer, command=key, by=by, now=now)
        then = ahead.opened_next(session, opened, by)
        if then is None:
            return None
        opened = then
    rest = {name: value for part in answers[steps:] for name, value in part.items() if value}
    if rest:
        save_draft(session, opened, rest, seen=0, by=by, now=now)
    return opened


def _ruled(
    session: Session, task: Task, answers: Mapping[str, object], ruling: Ruling | None
) -> engine.Command:
    """Say how a task moves its case: as the diagram leads on from it, or back where it is sent."""
    if ruling is None:
        return engine.Complete(task.step_id, answers)
    asked = form(session, task.case.version, task.form) if task.form else None
    approves = forms.outcome(asked, answers) in forms.APPROVING
    if task.kind not in DECIDING or (ruling.is_changed and not approves):
        raise Conflict("cannot_move", element=task.element)
    if not ruling.why.strip() and (ruling.is_changed or not approves):
        raise Invalid("reason_missing")
    if ruling.back_to is None:
        return engine.Complete(task.step_id, answers)
    if approves or ruling.back_to not in approvals.ways_back(session, task):
        raise Conflict("cannot_move", element=ruling.back_to)
    return engine.MoveTo(task.step_id, ruling.back_to, answers)


def _checked(
    session: Session, task: Task, raw: Mapping[str, object], *, now: datetime
) -> forms.Answers:
    if task.form is None:
        return forms.Answers({})
    definition = form(session, task.case.version, task.form)
    facts = advance.task_facts(session, task, definition, now=now)
    checked = forms.check(definition, dict(raw), facts)
    if isinstance(checked, forms.Errors):
        raise Invalid("answers", problems=checked)
    return checked


def _tell(session: Session, task: Task, kind: str, *, by: Actor, now: datetime) -> None:
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=task.case_id,
        unit_id=task.unit_id,
        step=task.element,
        what={"step_id": task.step_id},
    )
