"""Building the demo: the organisation first, then two quarters as they would have gone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar.workdays import ClosedDays, add_workdays, workday_on_or_after
from workflows.cases.models import Case
from workflows.database import Database
from workflows.demo.cast import CITY, PASSWORD, PEOPLE, UNITS, DemoPerson
from workflows.language import on
from workflows.operations import cases, invitations, people, tasks
from workflows.organisation import passwords
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person, Unit, UnitKind
from workflows.organisation.rows import Grant, PersonDetails, UnitDetails
from workflows.processes.models import Process
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.queries.holdings import held_by
from workflows.tasks.models import Task

DEMO = Actor.system("demo")
CLOSED = ClosedDays()
PROCESS = "yearly_review"
Rows = list[dict[str, Any]]
Deed = tuple[datetime, Callable[[datetime], None]]


@dataclass(frozen=True, slots=True)
class Told:
    """How a unit's quarter goes: what is said of each item, and how far it has come."""

    unit: str
    statuses: tuple[str, ...]  # in turn, over the items
    checked_after: int | None = None  # working days; None: not yet
    decided_after: int | None = None
    decision: str = "approved"
    changes_plans: bool = False  # whether what the director approves has changed


LAST = (
    Told("FARSTA", ("current",), checked_after=8, decided_after=12, changes_plans=True),
    Told("NORRA", ("current", "unknown"), checked_after=12, changes_plans=True),
    Told("SISAB", ("current", "unknown", "current"), checked_after=19),
)
THIS = (
    Told("FARSTA", ()),
    Told("NORRA", ("current",), checked_after=14, changes_plans=True),
    Told("SISAB", ()),
)


def load(database: Database, root: Path, *, until: datetime) -> None:
    """Fill an empty installation with the demo, as it would stand at `until`."""
    password = passwords.hashed(PASSWORD)  # takes its time: before anything is locked
    items: Rows = json.loads((root / "bpmn" / PROCESS / "items.json").read_text())["items"]
    with database.writing() as session, session.begin():
        _settle(session, password, now=until - timedelta(days=400))
        this = _quarter_of(on(until))
        last = _quarter_of(this.first - timedelta(days=1))
        deeds = [
            deed
            for quarter, stories in ((last, LAST), (this, THIS))
            for told in stories
            for deed in _Story(session, quarter, told, items).deeds()
        ]
        for when, do in sorted(deeds, key=lambda deed: deed[0]):
            if when <= until:
                do(when)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year, and its first day."""

    year: int
    name: str
    first: date


def _quarter_of(day: date) -> Quarter:
    number = (day.month - 1) // 3
    return Quarter(day.year, f"Q{number + 1}", date(day.year, number * 3 + 1, 1))


def _settle(session: Session, password: str, *, now: datetime) -> None:
    units: dict[str, Unit] = {}
    for told in UNITS:
        parent = units[CITY].id if told.code != CITY else None
        details = UnitDetails(told.code, told.name, told.kind, parent_id=parent)
        units[told.code] = people.add_unit(session, details, by=DEMO, now=now)
    for somebody in PEOPLE:
        _welcome(session, somebody, units, password, now=now)


def _welcome(
    session: Session,
    somebody: DemoPerson,
    units: dict[str, Unit],
    password: str,
    *,
    now: datetime,
) -> None:
    details = PersonDetails(somebody.email, somebody.name, unit_id=units[somebody.unit].id)
    person = people.add_person(session, details, by=DEMO, now=now)
    person.is_demo = True
    for role, code in somebody.roles:
        grant = Grant(role, units[code].id, person_id=person.id, from_on=on(now))
        people.give_role(session, grant, by=DEMO, now=now)
    path = invitations.invite(session, person, by=DEMO, now=now)
    token = path.removeprefix(invitations.PATH)
    invitation = invitations.find_invitation(session, token, now=now)
    invitations.accept(session, invitation, password, by=_bare(person), now=now)


def _bare(person: Person) -> Actor:
    return Actor(id=person.id, name=person.name, language=person.language)


class _Story:
    """One unit's quarter, played by those who hold the roles, each deed at its own time."""

    def __init__(self, session: Session, quarter: Quarter, told: Told, items: Rows) -> None:
        self.session = session
        self.quarter = quarter
        self.told = told
        self.case: Case | None = None
        self.unit = session.scalars(sa.select(Unit).where(Unit.code == told.unit)).one()
        self.items = [_row(item) for item in items if _is_due(item, quarter, self.unit)]

    def deeds(self) -> Iterator[Deed]:
        """Tell what is done when, at nine o'clock so many working days into the quarter."""
        yield self._on(0), self._start
        if self.told.checked_after is not None:
            yield self._on(self.told.checked_after), self._check
        if self.told.decided_after is not None:
            yield self._on(self.told.decided_after), self._decide

    def _on(self, workdays: int) -> datetime:
        first = workday_on_or_after(CLOSED, self.quarter.first)
        day = add_workdays(CLOSED, first, workdays) if workdays else first
        return datetime.combine(day, time(8, 10 + workdays), UTC)

    def _start(self, now: datetime) -> None:
        process = find(self.session, PROCESS)
        assert isinstance(process, Process)  # noqa: S101 (it was shipped a moment ago)
        self.case = cases.start(
            self.session,
            process,
            self.unit,
            self.quarter.year,
            occasion=self.quarter.name,
            data={"items": self.items},
            by=DEMO,
            now=now,
        )

    def _check(self, now: datetime) -> None:
        statuses = self.told.statuses
        answers = []
        for place, item in enumerate(self.items):
            status = statuses[place % len(statuses)]
            if self.told.changes_plans and item["approve"]:
                status = "changed"
            row = {"code": item["code"], "status": status}
            if status == "changed":
                row["reference"] = f"Dnr {self.quarter.year}/{140 + place}"
            answers.append(row)
        self._complete("p11_check", {"items": answers}, now)

    def _decide(self, now: datetime) -> None:
        self._complete("p11_approve", {"approval": self.told.decision}, now)

    def _complete(self, element: str, raw: dict[str, object], now: datetime) -> None:
        wanted = sa.select(Task.id).where(
            Task.case_id == (self.case.id if self.case else None),
            Task.element == element,
            Task.closed_at.is_(None),
        )
        task_id = self.session.scalars(wanted).first()
        if task_id is None:
            return  # nothing had changed, so there is nothing to approve
        by = self._holder(task_id, now)
        task = questions.task(self.session, task_id, by=by, to_change=True)
        command = f"demo-{task.id}"
        tasks.complete(self.session, task, raw, command=command, by=by, now=now)

    def _holder(self, task_id: int, now: datetime) -> Actor:
        """Find who in the cast holds a role of the task."""
        task = self.session.get_one(Task, task_id)
        for person in self.session.scalars(sa.select(Person).order_by(Person.id)):
            held = held_by(self.session, person.id, on(now))
            by = Actor(id=person.id, name=person.name, held=held)
            if any(by.holds(role.role, role.unit_id) for role in task.roles):
                return by
        raise LookupError(f"nobody in the demo holds a role of {task.element}")


def _is_due(item: dict[str, Any], quarter: Quarter, unit: Unit) -> bool:
    kinds = item.get("unit_kinds")
    return quarter.name in item["quarters"] and (kinds is None or UnitKind(unit.kind) in kinds)


def _row(item: dict[str, Any]) -> dict[str, Any]:
    return {key: item[key] for key in ("code", "title", "interval_months", "approve")}
