"""Playing the people of the demo: each open task is done by somebody who may, at their own time."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import MOVING, Case
from workflows.demo.crew import Crew
from workflows.demo.moments import is_pressing, moment, not_before
from workflows.demo.story import is_left, told_of
from workflows.errors import Refused
from workflows.forms.typical import Unanswerable, typical
from workflows.language import on
from workflows.operations import advance, tasks
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, acting, may
from workflows.processes.models import Version
from workflows.processes.rows import compiled, form
from workflows.queries import cases as questions
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Task, TaskRole

_WHOSE = (
    sa.select(Task.assignee_id, Task.element, Case.version_id, TaskRole.role, TaskRole.unit_id)
    .join(Case, Case.id == Task.case_id)
    .outerjoin(TaskRole, TaskRole.task_id == Task.id)
    .where(Task.id == sa.bindparam("task_id"))
)
STUCK = (Refused, Unanswerable)
_OPEN = (
    sa.select(
        Task.id, Task.step_id, Task.element, Task.kind, Task.unit_id, Task.opened_at, Task.due_at,
        Task.is_legal, Case.key, Unit.code,
    )
    .join(Case, Case.id == Task.case_id)
    .join(Unit, Unit.id == Task.unit_id)
    .where(Task.closed_at.is_(None), Case.state.in_(MOVING))
    .order_by(Task.id)
)  # fmt: skip


class Player:
    """Plays everybody, by a seed; in `lively` bodies not all goes the usual way.

    `stuck` are the tasks that nobody could do, with why.
    """

    def __init__(self, seed: int, end: datetime, lively: Collection[str]) -> None:
        self.seed, self.end, self.lively = seed, end, lively
        self.crew = Crew()
        self.stuck: dict[int, str] = {}
        self.is_pressed = False  # something is due within hours
        self._moments: dict[tuple[int, datetime | None], datetime] = {}
        self._roles: dict[tuple[int, str], list[str]] = {}

    def due(
        self, session: Session, after: datetime, until: datetime
    ) -> Iterator[tuple[datetime, int]]:
        """List the tasks that are done after one moment and until another."""
        self.crew.look(session, until)
        self.is_pressed = False
        for row in session.connection().execute(_OPEN):
            self.is_pressed |= is_pressing(row)
            if row.id in self.stuck or is_left(row, self.end):
                continue
            if (row.id, row.due_at) not in self._moments:  # drawing one takes its time
                self._moments[row.id, row.due_at] = moment(row, self.seed)
            when = not_before(self._moments[row.id, row.due_at], after, row)
            if when <= until:
                yield when, row.id

    def do(self, session: Session, task_id: int, now: datetime) -> None:
        """Let somebody who may complete a task, with answers such as people give."""
        for by in self._people(session, task_id, now):
            task = questions.task(session, task_id, by=by, to_change=True)
            if may(acting(by, task), Deed.COMPLETE, task):
                break
        else:
            self.stuck[task_id] = "nobody"
            return
        raw = self._answers(session, task, now)
        tasks.complete(session, task, raw, command=f"demo-{task_id}", by=by, now=now)

    def _people(self, session: Session, task_id: int, now: datetime) -> list[Actor]:
        rows = session.connection().execute(_WHOSE, {"task_id": task_id}).all()
        assignee_id, element, version_id = rows[0][:3]
        if assignee_id is not None:
            return [self.crew.actor(session, assignee_id, now)]
        if (version_id, element) not in self._roles:
            described = compiled(session.get_one(Version, version_id)).description
            step = described.steps[element]
            # A coordinator takes the decision down, so that the secretary can confirm it.
            order = -1 if step.kind == "board_decision" else 1
            self._roles[version_id, element] = list(step.roles)[::order]
        roles = self._roles[version_id, element]
        places = sorted((row.role, row.unit_id) for row in rows if row.role)
        return self.crew.at(session, sorted(places, key=lambda one: roles.index(one[0])), now)

    def _answers(self, session: Session, task: Task, now: datetime) -> dict[str, Any]:
        if task.form is None:
            return {}
        asked = form(session, task.case.version, task.form)
        facts = advance.task_facts(session, task, asked, now=now)
        prefer = self._preferred(session, task, now)
        seed = f"{self.seed} {task.case.key} {task.step_id}"
        plain = {name: value for name, value in prefer.items() if not isinstance(value, list)}
        steady = task.case.unit.code not in self.lively
        raw = typical(asked, facts, seed=seed, prefer=plain, steady=steady)
        return raw | {name: value for name, value in prefer.items() if isinstance(value, list)}

    def _preferred(self, session: Session, task: Task, now: datetime) -> dict[str, Any]:
        prefer: dict[str, Any] = {}
        if task.kind == "board_decision":
            held = calendar_of(session, task.unit_id, task.case.year).meeting_by(on(now))
            prefer |= {"meeting_date": held.on.isoformat()} if held else {}
        told = told_of(task.case, task.element, on(self.end).year)
        if told is not None:
            before = sa.select(sa.func.count()).where(
                Task.case_id == task.case_id,
                Task.element == task.element,
                Task.closed_at.is_not(None),
            )
            if (session.scalar(before) or 0) < told.times:
                prefer |= told.answers
        return prefer
