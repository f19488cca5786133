"""Bringing a movement of a case to rest: the actions it asks for, the steps it leaves out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session

from workflows import engine, forms
from workflows.calendar import asking
from workflows.calendar.years import Calendar
from workflows.cases import post
from workflows.cases.deadlines import local_day
from workflows.cases.left_out import first_absent
from workflows.cases.messages import Message
from workflows.cases.models import Case
from workflows.errors import Invalid
from workflows.operations import documents, registering, reports
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.actions import carry_out
from workflows.processes.rows import compiled
from workflows.queries import answering
from workflows.queries.holdings import holders
from workflows.registers.rows import known_to, units_naming
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Task
from workflows.tasks.rows import last_doers


def facts(case: Case, *, now: datetime) -> engine.Facts:
    """Gather what the expressions of the case may see."""
    unit, today = case.unit, local_day(now)
    return engine.Facts(
        today=today,
        unit=_told(unit),
        year=case.year,
        case=dict(case.data) | {"key": case.key, "year": case.year, "occasion": case.occasion},
        functions=_functions(case, today),
        is_called=case.caller_id is not None,
    )


def _told(unit: Unit) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind.value,
        "has_geographic_area": unit.has_geographic_area,
    }


def _functions(case: Case, today: date) -> Mapping[str, Callable[..., Any]]:
    """Give what an expression may ask of the calendar and the city; it is read when one does."""

    def session() -> Session:
        found = object_session(case)
        assert found is not None  # noqa: S101 (a case is always moved in a session)
        return found

    def calendar() -> Calendar:
        return calendar_of(session(), case.unit_id, case.year)

    def units(kinds: str) -> list[dict[str, Any]]:
        wanted = sa.select(Unit).where(Unit.kind.in_([UnitKind(kind) for kind in kinds.split()]))
        found = session().scalars(wanted.order_by(Unit.sort_key, Unit.id))
        return [_told(unit) for unit in found if unit.stands_on(today)]

    def register(name: str) -> list[dict[str, Any]]:
        return known_to(session(), case, name)

    def units_with(name: str, column: str, value: str | None) -> list[str]:
        return units_naming(session(), case, name, column, value or "")

    def done_as(step: str, roles: str) -> bool:
        people = last_doers(session(), case.id, step)
        places = [(role, case.unit_id) for role in roles.split()]
        held = holders(session(), places, today, process_id=case.process_id)
        return any(people & ids for ids in held.values())

    asked = asking.functions(calendar, case.year, today)
    return {
        **asked,
        "units_of_kind": units,
        "units_with": units_with,
        "register": register,
        "done_as": done_as,
    }


def form_facts(case: Case, *, now: datetime, item: Mapping[str, Any] | None = None) -> forms.Facts:
    """Gather what a form may know besides its answers: the case, and the row a step is about."""
    seen = facts(case, now=now)
    around = {"case": seen.case, "unit": seen.unit, "year": seen.year, "today": seen.today}
    about = {**item, "item": item} if item else {}
    names = dict(case.data) | about | around
    return forms.Facts(names=names, functions=seen.functions)


def task_facts(session: Session, task: Task, form: forms.Form, *, now: datetime) -> forms.Facts:
    """Gather what the form of a task may know: also what one may choose, last time, the level."""
    seen = form_facts(task.case, now=now, item=task.item)
    return answering.of_task(session, form, task, seen)


def to_rest(
    session: Session,
    case: Case,
    progress: engine.Progress,
    sent: list[Message],
    *,
    now: datetime,
) -> tuple[engine.Progress, list[dict[str, object]]]:
    """Go on past steps whose milestone does not exist here; tells which.

    What the actions on the way send is added to `sent`.
    """
    progress = _act(session, case, progress, sent, now=now)
    left: dict[str, dict[str, object]] = {}
    if not (progress.opened or progress.waits_opened):
        return progress, []
    runs = compiled(case.version)
    calendar = calendar_of(session, case.unit_id, case.year, to_write=True)
    while found := first_absent(runs, progress, calendar, case.year, passed=left, now=now):
        left[found.element] = {"element": found.element, "milestone": found.milestone}
        case.data = dict(progress.data)
        after = engine.advance(runs, progress.state, engine.Skip(found.id), facts(case, now=now))
        progress = _joined(progress, _act(session, case, after, sent, now=now))
    return progress, list(left.values())


def _act(
    session: Session,
    case: Case,
    progress: engine.Progress,
    sent: list[Message],
    *,
    now: datetime,
) -> engine.Progress:
    """Carry out the actions of service tasks until none is asked for; all in this transaction."""
    waiting = list(progress.actions)
    while waiting:
        action = waiting.pop(0)
        if action.id in progress.closed:
            continue  # what another action led to has ended this one
        try:
            done = carry_out(action.name, action.params)
            if done.starts is not None:
                sent += post.start(session, case, done.starts, now=now)
            if done.sends is not None:
                throws = replace(done.sends, element=action.element)
                sent += post.send(session, case, [throws], now=now)
            if done.writes is not None or done.closes:
                registering.act(session, case, action.element, done, now=now)
            if done.makes:
                documents.draw_up(session, case, done.makes, progress.data, now=now)
            answers = done.answers
            if done.is_told_figures:
                answers = {**answers, **reports.given_to(session, case, progress.data, now=now)}
            if done.seals_report:
                reports.seal_of_case(session, case, now=now)
            command: engine.Command = engine.Done(action.id, answers)
        except Invalid as refused:
            command = engine.Failed(action.id, refused.code, refused.params)
        case.data = dict(progress.data)
        after = engine.advance(
            compiled(case.version), progress.state, command, facts(case, now=now)
        )
        waiting += after.actions
        progress = _joined(progress, after)
    return progress


def _joined(first: engine.Progress, then: engine.Progress) -> engine.Progress:
    """See two movements as one; what the first opened and the second closed never was."""
    return replace(
        then,
        opened=(*(step for step in first.opened if step.id not in then.closed), *then.opened),
        closed=(*first.closed, *then.closed),
        waits_opened=(
            *(wait for wait in first.waits_opened if wait.id not in then.waits_closed),
            *then.waits_opened,
        ),
        waits_closed=(*first.waits_closed, *then.waits_closed),
        calls=(*(call for call in first.calls if call.id not in then.closed), *then.calls),
        thrown=(*first.thrown, *then.thrown),
        incidents_opened=(
            *(one for one in first.incidents_opened if one.id not in then.incidents_closed),
            *then.incidents_opened,
        ),
        incidents_closed=(*first.incidents_closed, *then.incidents_closed),
        passed=(*first.passed, *then.passed),
    )
