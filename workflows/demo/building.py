"""Building the demo: the organisation first, then two quarters as they would have gone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar.workdays import ClosedDays, add_workdays, workday_on_or_after
from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.models import Case
from workflows.database import Database
from workflows.demo.cast import CITY, PASSWORD, PEOPLE, UNITS, DemoPerson
from workflows.language import on
from workflows.operations import invitations, people, tasks
from workflows.organisation import passwords
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person, Unit
from workflows.organisation.rows import Grant, PersonDetails, UnitDetails
from workflows.processes.models import Process
from workflows.queries import cases as questions
from workflows.queries.holdings import held_by
from workflows.tasks.models import Task
from workflows.work import run_due

DEMO = Actor.system("demo")
CLOSED = ClosedDays()
PROCESS = "yearly_review"
STARTS = ((1, 10), (4, 10), (8, 10), (10, 10))  # when the checks start, as the process says
BEFORE = timedelta(days=20)  # the city was settled, before its first check
Deed = tuple[datetime, Callable[[Session, datetime], None]]


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


def load(database: Database, *, until: datetime) -> None:
    """Fill an empty installation with the demo, as it would stand at `until`.

    People do what they do at its time; in between the clock starts the cases, as it always does.
    """
    password = passwords.hashed(PASSWORD)  # takes its time: before anything is locked
    last, this = _quarters(until)
    settled = in_use_since(until)[PROCESS]
    with database.writing() as session, session.begin():
        _settle(session, password, now=settled)
    run_due(database, now=settled)
    deeds = [
        deed
        for quarter, stories in ((last, LAST), (this, THIS))
        for told in stories
        for deed in _Story(quarter, told).deeds()
    ]
    for when, do in sorted(deeds, key=lambda deed: deed[0]):
        if when <= until:
            _run_clock(database, when)
            with database.writing() as session, session.begin():
                do(session, when)
    _run_clock(database, until)


def in_use_since(now: datetime) -> dict[str, datetime]:
    """Say which processes the demo has used for long, and since when."""
    first = _quarters(now)[0].first - BEFORE
    return {PROCESS: datetime.combine(first, time(8), UTC)}


def _run_clock(database: Database, until: datetime) -> None:
    """Let the clock tick whenever a case is to start, and then at `until`."""
    soon = sa.select(PlannedStart.due_at).where(
        PlannedStart.state == StartState.WAITING, PlannedStart.due_at <= until
    )
    with database.reading() as session:
        moments = {moment for moment in session.scalars(soon) if moment is not None}
    for moment in sorted({*moments, until}):
        run_due(database, now=moment)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year, and the day by which its checks have started."""

    year: int
    name: str
    first: date


def _quarters(until: datetime) -> list[Quarter]:
    """Give the last two quarters whose checks have started."""
    years = (on(until).year - 1, on(until).year)
    found = [
        Quarter(year, f"Q{number}", workday_on_or_after(CLOSED, date(year, *day)))
        for year in years
        for number, day in enumerate(STARTS, 1)
    ]
    return [quarter for quarter in found if quarter.first < on(until)][-2:]


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

    def __init__(self, quarter: Quarter, told: Told) -> None:
        self.quarter = quarter
        self.told = told

    def deeds(self) -> Iterator[Deed]:
        """Tell what is done when: so many working days after the quarter's check has started."""
        if self.told.checked_after is not None:
            yield self._on(self.told.checked_after), self._check
        if self.told.decided_after is not None:
            yield self._on(self.told.decided_after), self._decide

    def _on(self, workdays: int) -> datetime:
        day = add_workdays(CLOSED, self.quarter.first, workdays)
        return datetime.combine(day, time(8, 10 + workdays), UTC)

    def _check(self, session: Session, now: datetime) -> None:
        if (case := self._case(session)) is None:
            return
        statuses = self.told.statuses
        answers = []
        for place, item in enumerate(case.data["items"]):
            status = statuses[place % len(statuses)]
            if self.told.changes_plans and item["approve"]:
                status = "changed"
            row = {"code": item["code"], "status": status}
            if status == "changed":
                row["reference"] = f"Dnr {self.quarter.year}/{140 + place}"
            answers.append(row)
        self._complete(session, "p11_check", {"items": answers}, now)

    def _decide(self, session: Session, now: datetime) -> None:
        self._complete(session, "p11_approve", {"approval": self.told.decision}, now)

    def _case(self, session: Session) -> Case | None:
        unit = sa.select(Unit.id).where(Unit.code == self.told.unit).scalar_subquery()
        process = sa.select(Process.id).where(Process.key == PROCESS).scalar_subquery()
        return session.scalars(
            sa.select(Case).where(
                Case.process_id == process,
                Case.unit_id == unit,
                Case.year == self.quarter.year,
                Case.occasion == self.quarter.name,
            )
        ).one_or_none()

    def _complete(
        self, session: Session, element: str, raw: dict[str, object], now: datetime
    ) -> None:
        case = self._case(session)
        wanted = sa.select(Task.id).where(
            Task.case_id == (case.id if case else None),
            Task.element == element,
            Task.closed_at.is_(None),
        )
        task_id = session.scalars(wanted).first()
        if task_id is None:
            return  # nothing had changed, so there is nothing to approve
        by = self._holder(session, task_id, now)
        task = questions.task(session, task_id, by=by, to_change=True)
        command = f"demo-{task.id}"
        tasks.complete(session, task, raw, command=command, by=by, now=now)

    def _holder(self, session: Session, task_id: int, now: datetime) -> Actor:
        """Find who in the cast holds a role of the task."""
        task = session.get_one(Task, task_id)
        for person in session.scalars(sa.select(Person).order_by(Person.id)):
            held = held_by(session, person.id, on(now))
            by = Actor(id=person.id, name=person.name, held=held)
            if any(by.holds(role.role, role.unit_id) for role in task.roles):
                return by
        raise LookupError(f"nobody in the demo holds a role of {task.element}")
