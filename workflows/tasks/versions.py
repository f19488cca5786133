"""Rewriting the rows of a case that follows to another version, so that they can be put back."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import engine
from workflows.cases.deadlines import Dated
from workflows.cases.messages import Wait
from workflows.cases.models import Case, CaseState, Timer
from workflows.engine import StepInfo
from workflows.tasks.models import Draft, Task, TaskRole
from workflows.tasks.rows import withdraw

TASK = (
    "element", "name_sv", "name_en", "kind", "form", "not_by", "is_legal", "due_at", "because",
    "closed_at", "outcome",
)  # fmt: skip
TIMER = ("element", "rule", "missed", "due_at", "because", "closed_at")
WAIT = ("element", "name", "key", "looked_at", "closed_at")
DRAFT = ("revision", "answers", "saved_at", "saved_by_id")

Place = tuple[str, int]  # a role in a unit


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a case that moving may change."""

    tasks: tuple[Task, ...]  # those that are open
    timers: tuple[Timer, ...]
    waits: tuple[Wait, ...]
    done: tuple[Task, ...] = ()  # those of elements that are mapped
    drafts: tuple[Draft, ...] = ()  # of tasks that close

    def values(self) -> dict[str, Any]:
        """Give everything that may change, as it can be stored."""
        return {
            "tasks": _values(self.tasks, TASK) | _values(self.done, ("element",)),
            "timers": _values(self.timers, TIMER),
            "waits": _values(self.waits, WAIT),
        }


def rows(
    session: Session,
    case: Case,
    open_rows: tuple[tuple[Task, ...], tuple[Timer, ...], tuple[Wait, ...]],
    mapping: Mapping[str, str],
    closing: Iterable[str],
) -> Rows:
    """Gather the rows; `closing` are the steps that the move itself closes."""
    tasks, timers, waits = open_rows
    done: Iterable[Task] = ()
    if mapping:
        done = session.scalars(
            sa.select(Task).where(
                Task.case_id == case.id,
                Task.closed_at.is_not(None),
                Task.element.in_(sorted(mapping)),
            )
        )
    left = [task.id for task in tasks if task.step_id in set(closing)]
    drafts: Iterable[Draft] = ()
    if left:
        drafts = session.scalars(sa.select(Draft).where(Draft.task_id.in_(left)))
    return Rows(tasks, timers, waits, tuple(done), tuple(drafts))


def snapshot(case: Case, before: Rows) -> dict[str, Any]:
    """Keep how the case and its rows stand."""
    return {
        "version": case.version_id,
        "engine": b64encode(case.engine_state).decode(),
        "state": case.state.value,
        "incidents": case.incidents,
        "data": dict(case.data),
        "roles": {},
        "drafts": {str(one.task_id): _row(one, DRAFT) for one in before.drafts},
    } | before.values()


def changed(kept: Mapping[str, Any], after: Rows, progress: engine.Progress) -> dict[str, Any]:
    """Leave out of what was kept whatever has stayed the same; name what is new."""
    now = after.values()
    return {
        name: (
            {key: row for key, row in rows.items() if row != now[name].get(key)}
            if name in now
            else rows
        )
        for name, rows in kept.items()
    } | {
        "new_steps": [step.id for step in progress.opened],
        "new_waits": [wait.id for wait in progress.waits_opened],
    }


def rename(before: Rows, mapping: Mapping[str, str]) -> None:
    """Let what was done count as the element it is now: who did it still may not review it."""
    listed: tuple[Iterable[Task | Timer | Wait], ...] = (before.done, before.timers, before.waits)
    for row in chain.from_iterable(listed):
        row.element = mapping.get(row.element, row.element)


def renamed_incidents(case: Case, mapping: Mapping[str, str]) -> None:
    """Let each open incident name the element it is now."""
    if case.incidents and isinstance(case.incidents, list):
        case.incidents = [
            row | {"element": mapping.get(row["element"], row["element"])} for row in case.incidents
        ]


def become(task: Task, info: StepInfo, dated: Dated | None) -> None:
    """Let a task be what the new version says; whoever has it keeps it, and its draft stays."""
    task.element = info.element
    task.name_sv = info.names.get("sv", info.element)
    task.name_en = info.names.get("en", info.element)
    task.kind, task.form = info.kind, info.form
    task.is_legal = info.legal
    if task.not_by != list(info.not_by):  # else it would be written as it stands
        task.not_by = list(info.not_by)
    if dated is not None:
        task.due_at, task.because = dated.due_at, dated.because or None


def give_roles(session: Session, task: Task, places: Iterable[Place], kept: dict[str, Any]) -> None:
    """Let the holders of other roles take a task."""
    kept["roles"][str(task.id)] = _replace_roles(session, task.id, places)


def renew(timers: Iterable[tuple[Timer, engine.Wait | None, Dated | None]]) -> None:
    """Let timers go by new rules."""
    for timer, wait, dated in timers:
        if wait is not None and dated is not None:
            timer.rule, timer.missed = wait.rule, wait.missed
            timer.due_at, timer.because = dated.due_at, dated.because


def listen_anew(waits: Iterable[Wait], renewed: Iterable[engine.Wait]) -> None:
    """Let what listens go by new names and keys; a message may have come for them already."""
    told = {one.id: one for one in renewed}
    for row in waits:
        if (wait := told.get(row.wait_id)) is not None:
            row.name, row.key, row.looked_at = wait.rule, wait.key or "", None


def put_back(
    session: Session, case: Case, before: Mapping[str, Any], *, now: datetime
) -> list[Task]:
    """Let a case and its rows stand as they stood, and what the move opened be closed.

    Returns the open tasks that are otherwise now.
    """
    withdraw(session, case.id, before["new_steps"], now=now)
    for model in (Timer, Wait):
        session.execute(
            sa.update(model)
            .where(
                model.case_id == case.id,
                model.wait_id.in_(before["new_waits"]),
                model.closed_at.is_(None),
            )
            .values(closed_at=now)
        )
    back: list[Task] = []
    tables: dict[str, type[Task | Timer | Wait]] = {"tasks": Task, "timers": Timer, "waits": Wait}
    for name, table in tables.items():
        for key, values in before[name].items():
            row = session.get_one(table, int(key))
            back += [row] if isinstance(row, Task) else []
            for column, value in values.items():
                setattr(row, column, _read(column, value))
    for key, places in before["roles"].items():
        _replace_roles(session, int(key), [(role, unit_id) for role, unit_id in places])
    for key, values in before["drafts"].items():
        read = {column: _read(column, value) for column, value in values.items()}
        session.add(Draft(task_id=int(key), **read))
    case.version_id = before["version"]
    case.engine_state = engine.brought_back(b64decode(before["engine"]), case.engine_state)
    case.state, case.incidents = CaseState(before["state"]), before["incidents"]
    case.data, case.closed_at = before["data"], None
    opened = [task for task in back if task.closed_at is None]
    again = TaskRole.task_id.in_([task.id for task in opened])
    session.execute(sa.update(TaskRole).where(again).values(is_open=True))
    return opened


def _replace_roles(session: Session, task_id: int, places: Iterable[Place]) -> list[list[Any]]:
    mine = TaskRole.task_id == task_id
    before = session.execute(sa.select(TaskRole.role, TaskRole.unit_id).where(mine)).all()
    session.execute(sa.delete(TaskRole).where(mine))
    wanted = [{"task_id": task_id, "role": role, "unit_id": unit} for role, unit in places]
    if wanted:
        session.execute(sa.insert(TaskRole), wanted)
    return [[row.role, row.unit_id] for row in before]


def _values(kept: Iterable[Any], names: Iterable[str]) -> dict[str, Any]:
    return {str(one.id): _row(one, names) for one in kept}


def _row(one: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(one, name) for name in names}


def _read(column: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if column.endswith("_at") and value else value
