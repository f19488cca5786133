"""Turning what the engine answers into rows: the only module that does, for every other verb."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine, forms
from workflows.cases import incidents, listening, passes, post
from workflows.cases.deadlines import date_of, due
from workflows.cases.messages import Message
from workflows.cases.models import Case, CaseState, Timer
from workflows.history.folding import changes_of
from workflows.history.rows import record
from workflows.language import on
from workflows.notices.rows import forget_calls, plan_calls, tell
from workflows.operations import approving, new_dates, registering
from workflows.operations.moving import facts, form_facts, task_facts, to_rest
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.rows import compiled, form
from workflows.queries.receivers import case_operators, named_by_case
from workflows.statements import write
from workflows.steering.rows import calendar_of
from workflows.tasks import rows
from workflows.tasks.models import Task
from workflows.tasks.rows import withdraw


def settle(
    session: Session,
    case: Case,
    progress: engine.Progress,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    step: str | None = None,
    what: Mapping[str, object] | None = None,
    why: str | None = None,
) -> None:
    """Let the case stand where the engine says, and write down as one event what that changed: all
    that `history.folding` needs to say how it stood then.

    What every completion writes is written by statements built once (`statements.write`,
    `tasks.rows.add`); all that is rarer goes by the ORM.
    """
    sent: list[Message] = []
    was, was_state = case.data, None if kind == "case_started" else case.state
    before = None if kind == "case_migrated" else was
    progress, left_out = to_rest(session, case, progress, sent, now=now)
    stood_still = bool(case.incidents)
    _stand(session, case, progress, now=now)
    completed = (what or {}).get("step_id") if kind == "task_completed" else None
    left = [step_id for step_id in progress.closed if step_id != completed]
    withdrawn = withdraw(session, case.id, left, now=now)
    seen = facts(case, now=now)
    redated = new_dates.follow_data(session, case, before, seen, now=now)
    opened, places = _open(session, case, progress.opened, seen, now=now)
    timers = [
        _wait(session, case, wait, seen, now=now)
        for wait in progress.waits_opened
        if wait.kind == "timer"
    ]
    for timer in timers if kind == "timer_fired" else ():
        passes.follow(session, case, timer, now=now)
    _stop_waiting(session, case, progress.waits_closed, now=now)
    listening.listen(session, case, progress.waits_opened, now=now)
    sent += _send(session, case, progress, seen, now=now)
    forget_calls(session, case.id)
    if opened:
        calendar = calendar_of(session, case.unit_id, case.year, to_write=True)
        plan_calls(session, [(task, calendar) for task in opened], is_opening=True, now=now)
    moved: dict[str, list[Any]] = {
        "opened": [told(case, task, places.get(task.step_id, [])) for task in opened],
        "left_out": left_out,
        "redated": redated,
        "withdrawn": [{"step_id": task.step_id, "element": task.element} for task in withdrawn],
        "timers": [told_timer(timer) for timer in timers],
        "over": list(progress.waits_closed),
        "stopped": [{"element": i.element, "code": i.code} for i in progress.incidents_opened],
        "sent": [{"kind": one.kind, "name": one.name, "unit": one.unit_id} for one in sent],
    }
    standing = approving.standing_in(session, case)
    moved["accepted"] = approving.accept(case, standing, before, kind=kind, step=step)
    tells = dict(what or {}) | {name: rows for name, rows in moved.items() if rows}
    tells |= changes_of(kind, was, dict(progress.data), tells)
    if case.state is not was_state:
        tells["case_state"] = case.state
    case_id, unit_id = case.id, case.unit_id
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=case_id,
        unit_id=unit_id,
        step=step,
        what=tells,
        why=why,
        then="case_finished" if progress.finished else None,
    )
    approving.follow(
        session,
        case,
        kind=kind,
        opened=progress.opened,
        before=before,
        standing=standing,
        by=by,
        now=now,
    )
    if progress.incidents_opened:
        _record_stops(session, case, progress.incidents_opened, by=by, now=now)
        if not stood_still:
            people = case_operators(session, case, today=on(now)) - {by.id}
            tell(session, people, "case_stopped", what={"case": case.key}, now=now)
    if progress.finished:
        registering.close(session, case, by=by, now=now)


def _record_stops(
    session: Session,
    case: Case,
    stops: tuple[engine.Incident, ...],
    *,
    by: Actor,
    now: datetime,
) -> None:
    for one in stops:
        record(
            session,
            "case_stopped",
            by=by,
            now=now,
            case_id=case.id,
            unit_id=case.unit_id,
            step=one.element,
            what={"code": one.code, "cause": one.cause, "keys": list(one.keys)},
        )


def end(session: Session, case: Case, *, is_called_off: bool = False, now: datetime) -> list[Task]:
    """End a case before its time, with the cases it called; returns the tasks that were open.

    Whoever called it hears of it, unless it was them who called it off.
    """
    left = withdraw(session, case.id, None, now=now)
    session.execute(
        sa.update(Timer)
        .where(Timer.case_id == case.id, Timer.closed_at.is_(None))
        .values(closed_at=now)
    )
    listening.stop_listening(session, case, now=now)
    post.call_off(session, case, now=now)
    if not is_called_off:
        post.hand_back(session, case, error="called_case_cancelled", now=now)
    forget_calls(session, case.id)
    registering.take_back(session, case, now=now)
    case.state, case.closed_at, case.incidents = CaseState.CANCELLED, now, None
    return left


def _send(
    session: Session, case: Case, progress: engine.Progress, seen: engine.Facts, *, now: datetime
) -> list[Message]:
    """Write what the case throws, calls and calls off, and its end for whoever called it."""
    sent = post.send(session, case, progress.thrown, now=now)
    for call in progress.calls:
        unit_id = unit_of(session, case, call.of, seen, call.item)
        sent += post.call(session, case, call, unit_id, now=now)
    if progress.closed and compiled(case.version).description.calls:
        post.call_off(session, case, progress.closed, now=now)
    if progress.finished:
        post.hand_back(session, case, error=progress.error, now=now)
    return sent


def _stand(session: Session, case: Case, progress: engine.Progress, *, now: datetime) -> None:
    values: dict[str, object] = {"engine_state": progress.state, "data": dict(progress.data)}
    if progress.incidents_opened or case.incidents:
        incidents.stand(
            case,
            progress.incidents_opened,
            progress.incidents_closed,
            finished=progress.finished,
            now=now,
        )
    elif progress.finished:
        values |= {"state": CaseState.FINISHED, "closed_at": now}
    write(session, case, values)


def _open(
    session: Session,
    case: Case,
    steps: Iterable[engine.Step],
    seen: engine.Facts,
    *,
    now: datetime,
) -> tuple[list[Task], dict[str, list[tuple[str, int]]]]:
    """Give the steps that have opened to people, as tasks; also says to which roles in which unit,
    by step."""
    described = compiled(case.version).description.steps
    opening: list[dict[str, Any]] = []
    places: dict[str, list[tuple[str, int]]] = {}
    for step in steps:
        info = described[step.element]
        opening.append(_task(session, case, step, info, seen, now=now))
        if info.assignee is None:
            unit_id = unit_of(session, case, info.of, seen, step.item)
            if unit_id is not None:
                places[step.id] = [(role, unit_id) for role in info.roles]
    opened = rows.add(session, opening, places)
    for task in opened:
        if (where := described[task.element].assignee) is not None:
            _give(session, task, where, seen, now=now)
    return opened, places


def _task(
    session: Session,
    case: Case,
    step: engine.Step,
    info: engine.StepInfo,
    seen: engine.Facts,
    *,
    now: datetime,
) -> dict[str, Any]:
    dated = due(session, case, info.due, seen, opened=now, legal=info.legal, item=step.item)
    asked = form(session, case.version, info.form) if info.many and info.form else None
    names = forms.called(info.names, asked, step.item) if asked else info.names
    return {
        "case_id": case.id,
        "process_id": case.process_id,
        "unit_id": case.unit_id,
        "step_id": step.id,
        "element": step.element,
        "name_sv": names.get("sv", step.element),
        "name_en": names.get("en", step.element),
        "kind": info.kind,
        "form": info.form,
        "secrecy": case.secrecy,
        "not_by": list(info.not_by),
        "item": step.item,
        "opened_at": now,
        "due_at": dated.due_at if dated else None,
        "because": dated.because if dated else None,
        "is_legal": info.legal,
    }


def _give(session: Session, task: Task, where: str, seen: engine.Facts, *, now: datetime) -> None:
    """Give a task to the person the case names, instead of to a role."""
    person = named_by_case(session, task, where, seen.case, today=on(now))
    if person is not None:
        task.assignee_id = person.id
        tell(session, [person.id], "task_given", task_id=task.id, now=now)


def unit_of(
    session: Session, case: Case, of: str, seen: engine.Facts, item: Any = None
) -> int | None:
    """Find the unit whose role holders do a step: exactly the one that `of` names, no climbing.

    None when there is no such unit: the task then stands without roles, for all to see.
    """
    if of == "unit":
        return case.unit_id
    if of == "parent":
        return case.unit.parent_id
    named = Unit.kind == UnitKind.CITY
    owner, _, field = of.partition(".")
    if field:
        known = seen.case if owner == "case" else item
        named = Unit.code == str(known.get(field, "") if isinstance(known, Mapping) else known)
    return session.scalars(sa.select(Unit.id).where(named).order_by(Unit.id).limit(1)).first()


def _wait(
    session: Session, case: Case, wait: engine.Wait, seen: engine.Facts, *, now: datetime
) -> Timer:
    dated = date_of(session, case, wait.rule, seen, opened=now, item=wait.item)
    timer = Timer(
        case_id=case.id,
        wait_id=wait.id,
        element=wait.element,
        rule=wait.rule,
        missed=wait.missed,
        opened_at=now,
        item=wait.item,
        due_at=dated.due_at,
        because=dated.because,
    )
    session.add(timer)
    return timer


def _stop_waiting(
    session: Session, case: Case, wait_ids: tuple[str, ...], *, now: datetime
) -> None:
    if wait_ids:
        session.execute(
            sa.update(Timer)
            .where(Timer.case_id == case.id, Timer.wait_id.in_(wait_ids))
            .values(closed_at=now)
        )
        listening.stop_listening(session, case, wait_ids, now=now)


def told(case: Case, task: Task, places: list[tuple[str, int]]) -> dict[str, Any]:
    """Tell of a task as it stands, so that it can be said later how it stood."""
    tells: dict[str, Any] = {
        "step_id": task.step_id,
        "element": task.element,
        "due_at": task.due_at,
        "because": task.because,
        "roles": places,
        "person": task.assignee_id,
    }
    info = compiled(case.version).description.steps[task.element]
    if (task.name_sv, task.name_en) != (info.names.get("sv"), info.names.get("en")):
        tells["names"] = {"sv": task.name_sv, "en": task.name_en}
    return {name: value for name, value in tells.items() if value or name == "due_at"}


def told_timer(timer: Timer) -> dict[str, Any]:
    """Tell of a timer as it stands."""
    return {
        "id": timer.wait_id,
        "element": timer.element,
        "due_at": timer.due_at,
        "because": timer.because,
    }


__all__ = [
    "end",
    "facts",
    "form_facts",
    "settle",
    "task_facts",
    "told",
    "told_timer",
    "unit_of",
]
