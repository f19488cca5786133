"""How one case would follow to another version: what stays, what closes, which dates move.

The move is really made, in memory, so that what is shown is what happens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows import engine
from workflows.canonical import canonical_text, parse
from workflows.cases.deadlines import Dated, date_of, due
from workflows.cases.messages import Wait
from workflows.cases.models import OPEN, Case, Timer
from workflows.engine import BrokenState, Compiled, StepInfo
from workflows.errors import Conflict
from workflows.processes.migrations import Verdict
from workflows.queries.redating import extended_until, opened_in
from workflows.tasks.models import Task


@dataclass(frozen=True, slots=True)
class Between:
    """Two versions of a process, what is what in them, and the forms that differ."""

    old: Compiled
    new: Compiled
    mapping: Mapping[str, str]
    old_forms: Mapping[str, str]  # a hash of each
    new_forms: Mapping[str, str]

    def of(self, element: str) -> str:
        return self.mapping.get(element, element)


@dataclass(frozen=True, slots=True)
class Standing:
    """A case with what is open in it."""

    case: Case
    tasks: tuple[Task, ...]
    timers: tuple[Timer, ...]
    waits: tuple[Wait, ...]
    drafts: frozenset[int]  # ids of tasks


@dataclass(frozen=True, slots=True)
class Followed:
    """The move of one case: the verdict, what is told of it, and what is to be written."""

    verdict: Verdict
    told: Mapping[str, Any]
    migrated: engine.Migrated | None = None
    tasks: tuple[tuple[Task, StepInfo, Dated | None], ...] = ()
    timers: tuple[tuple[Timer, engine.Wait | None, Dated | None], ...] = ()


def follow(
    session: Session,
    standing: Standing,
    between: Between,
    facts: engine.Facts,
    *,
    to_write: bool = False,
) -> Followed:
    """Try to move a case, without writing anything."""
    case = standing.case
    try:
        _must_be_open(case)
        elements = engine.open_elements(case.engine_state)
        migrated = engine.migrate(
            between.old, between.new, case.engine_state, facts, between.mapping
        )
    except (Conflict, BrokenState) as refused:
        found = refused.params.get("misfits") or (engine.Misfit("", refused.code),)
        return _cannot(found)
    progress = migrated.progress
    closed = set(progress.closed)
    tasks = tuple(
        _task(session, case, task, between, facts, to_write=to_write)
        for task in standing.tasks
        if task.step_id not in closed
    )
    renewed = {wait.id: wait for wait in migrated.renewed}
    gone = set(progress.waits_closed)
    timers = tuple(
        _timer(session, case, timer, renewed.get(timer.wait_id), facts, to_write=to_write)
        for timer in standing.timers
        if timer.wait_id not in gone
    )
    told = {
        "tasks": [_task_told(one, between, standing.drafts) for one in tasks],
        "timers": [_timer_told(one, between) for one in timers],
        "closed": [one.element for one in standing.tasks if one.step_id in closed],
        "opened": [step.element for step in progress.opened],
        "not_awaited": [one.element for one in standing.timers if one.wait_id in gone],
        "awaited": [wait.element for wait in progress.waits_opened],
        "stopped": [one.element for one in progress.incidents_opened],
        "ends": progress.finished,
    }
    mapped = any(between.of(one) != one for one in elements)
    verdict = Verdict.MAPPED if mapped else Verdict.FOLLOWS
    return Followed(verdict, _plain(told), migrated, tasks, timers)


def _must_be_open(case: Case) -> None:
    if case.state not in OPEN:
        raise Conflict("case_closed")


def _cannot(found: Any) -> Followed:
    misfits = [{"element": one.element, "code": one.code} for one in found]
    return Followed(Verdict.CANNOT, {"misfits": misfits})


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is told as it is read back, so that it can be compared with what was stored."""
    read: Any = parse(canonical_text({key: rows for key, rows in told.items() if rows}))
    return dict(read)


def _task(
    session: Session,
    case: Case,
    task: Task,
    between: Between,
    facts: engine.Facts,
    *,
    to_write: bool,
) -> tuple[Task, StepInfo, Dated | None]:
    """Give what a task becomes, and its date if the rule for it is another one."""
    info = between.new.description.steps[between.of(task.element)]
    before = between.old.description.steps.get(task.element)
    if before is not None and (before.due, before.legal) == (info.due, info.legal):
        return task, info, None
    until = extended_until(task.because) if task.because else None
    dated = due(
        session,
        case,
        info.due,
        facts,
        opened=task.opened_at,
        legal=info.legal,
        item=task.item,
        until=until,
        to_write=to_write,
    )
    return task, info, dated or Dated(None, {})


def redated(
    session: Session, case: Case, task: Task, between: Between, facts: engine.Facts
) -> Dated | None:
    """Give the date a task would get in the new version; None when its rule is the same."""
    return _task(session, case, task, between, facts, to_write=False)[2]


def _timer(
    session: Session,
    case: Case,
    timer: Timer,
    wait: engine.Wait | None,
    facts: engine.Facts,
    *,
    to_write: bool,
) -> tuple[Timer, engine.Wait | None, Dated | None]:
    if wait is None:
        return timer, None, None
    opened = timer.opened_at or opened_in(timer.because or {}) or case.opened_at
    dated = date_of(
        session, case, wait.rule, facts, opened=opened, item=wait.item, to_write=to_write
    )
    return timer, wait, dated


def _task_told(
    one: tuple[Task, StepInfo, Dated | None], between: Between, drafts: frozenset[int]
) -> dict[str, Any]:
    task, info, dated = one
    told: dict[str, Any] = {"step_id": task.step_id, "element": task.element}
    if info.element != task.element:
        told["to"] = info.element
    forms = (between.old_forms.get(task.form or ""), between.new_forms.get(info.form or ""))
    if forms[0] != forms[1]:
        told["form"] = "drafted" if task.id in drafts else "changed"
    return told | _dates(task.due_at, dated)


def _timer_told(
    one: tuple[Timer, engine.Wait | None, Dated | None], between: Between
) -> dict[str, Any]:
    timer, _, dated = one
    told = {"wait_id": timer.wait_id, "element": timer.element}
    if between.of(timer.element) != timer.element:
        told["to"] = between.of(timer.element)
    return told | _dates(timer.due_at, dated)


def _dates(old: datetime | None, dated: Dated | None) -> dict[str, Any]:
    if dated is None or dated.due_at == old:
        return {}
    return {"old": old, "new": dated.due_at, "because": dated.because}
