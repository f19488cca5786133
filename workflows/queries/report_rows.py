"""What lies behind a figure of a report, and the work that makes the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.models import Case
from workflows.language import on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may
from workflows.processes.models import Process
from workflows.queries.registers import visible_to
from workflows.queries.report_facts import FOLLOW_UP
from workflows.queries.sight import visible_cases, visible_tasks
from workflows.registers.models import Entry
from workflows.tasks.extensions import Extension
from workflows.tasks.models import Task

TEXT = "p10_txt"
MOST = 500


@dataclass(frozen=True, slots=True)
class Behind:
    """One row that a figure was counted from; `kind` and `id` say which."""

    kind: str
    id: int
    register: str
    names: dict[str, str]
    unit: str
    due: date | None


def behind(session: Session, kind: str, ids: Sequence[int], *, by: Actor) -> list[Behind]:
    """Find the rows of a figure that the actor may see; versions as they were counted."""
    some = list(dict.fromkeys(ids))[:MOST]
    if not some:
        return []
    if kind == "entry":
        wanted = sa.select(Entry).where(Entry.id.in_(some), visible_to(by))
        entries = session.scalars(wanted.options(joinedload(Entry.unit)).order_by(Entry.sort_key))
        return [
            Behind("entry", one.id, one.register, _both(one.name), one.unit.name, one.due_on)
            for one in entries
        ]
    if kind == "case":
        found = session.scalars(
            sa.select(Case)
            .where(
                Case.id.in_(some),
                visible_cases(by),
            )
            .options(joinedload(Case.unit), joinedload(Case.process))
            .order_by(Case.id)
        )
        return [
            Behind("case", one.id, "", {each: one.name(each) for each in ("sv", "en")},
                   one.unit.name, None)
            for one in found
        ]  # fmt: skip
    tasks = sa.select(Task).options(joinedload(Task.unit))
    tasks = tasks.where(visible_tasks(by))
    if kind == "extension":
        asked = sa.select(Extension.task_id).where(Extension.id.in_(some))
        tasks = tasks.where(Task.id.in_(asked))
    else:
        tasks = tasks.where(Task.id.in_(some))
    return [
        Behind("task", one.id, "", {each: one.name(each) for each in ("sv", "en")}, one.unit.name,
               on(one.due_at) if one.due_at else None)
        for one in session.scalars(tasks.order_by(Task.due_at, Task.id))
    ]  # fmt: skip


def _both(name: str) -> dict[str, str]:
    return {"sv": name, "en": name}


@dataclass(frozen=True, slots=True)
class Work:
    """The case that makes a report, and what it waits for."""

    case: Case | None = None
    tasks: tuple[Any, ...] = ()
    text_id: int | None = None  # the task of writing the paragraph, while it is open


def work(session: Session, unit: Unit, milestone: str, year: int, *, by: Actor) -> Work:
    """Find the case of a report with its open tasks, unless it is not for the actor."""
    case = session.scalars(
        sa.select(Case)
        .join(Process, Process.id == Case.process_id)
        .where(
            Process.key == FOLLOW_UP,
            Case.unit_id == unit.id,
            Case.year == year,
            Case.occasion == milestone,
        )
        .options(joinedload(Case.process), joinedload(Case.unit))
    ).first()
    if case is None or not may(by, Deed.SEE_CASE, case):
        return Work()
    wanted = sa.select(Task).where(Task.case_id == case.id, Task.closed_at.is_(None))
    tasks = tuple(session.scalars(wanted.order_by(Task.due_at, Task.id)))
    text = next((one.id for one in tasks if one.element == TEXT), None)
    return Work(case, tasks, text)
