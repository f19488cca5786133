"""Walk a shipped process from its start to its end through the real verbs, and keep the ways taken.

Two people do everything: one with every role, one who only reviews, so that four eyes are kept.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.cast import SYSTEM, City
from workflows import engine
from workflows.calendar.meetings import Meeting
from workflows.cases import listening
from workflows.cases.messages import Message, Sent, Wait
from workflows.cases.models import Case, CaseState, Timer
from workflows.operations import calendar, cases, messages, publishing, tasks, timers
from workflows.organisation.actor import Actor, Held
from workflows.organisation.models import Holding
from workflows.organisation.roles import ROLES
from workflows.processes.models import Secrecy
from workflows.processes.packages import Package, shipped
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.steering import changes, rows
from workflows.steering.changes import Desk
from workflows.tasks.models import Task

ROOT = Path(__file__).parents[2]
PACKAGES = {package.key: package for package in shipped(ROOT)}
MEETINGS = [date(2027, *day) for day in ((2, 10), (5, 25), (9, 24), (10, 21), (11, 18), (12, 15))]
Raw = Mapping[str, object]


class Walk:
    """One case on its way; `due` is the first day each step was due."""

    def __init__(self, session: Session, city: City, key: str) -> None:
        self.session, self.city, self.package = session, city, PACKAGES[key]
        self.now = datetime(2027, 2, 11, 9, tzinfo=UTC)
        self.due: dict[str, date] = {}
        publishing.publish(session, self.package, by=SYSTEM, now=self.now)
        if not session.info.get("has_met"):  # a second walk of the same test has them already
            self._meetings()
            self._secretary()
            session.info["has_met"] = True
        self.case: Case

    def _meetings(self) -> None:
        unit = self.city.units["FARSTA"].id
        desk = Desk(rows.current(self.session)[1], rows.lineage(self.session, unit), 2027)
        held = changes.set_meetings(desk, [Meeting(day) for day in MEETINGS])
        calendar.carry_out(
            self.session, held, why="Mötena 2027", by=self.city.actor("Alva"), now=self.now
        )

    def _secretary(self) -> None:
        """Alva records what the boards decide; what anybody else records she confirms."""
        self.session.add_all(
            Holding(role="board_secretary", unit_id=unit.id, person_id=self.city.people["Alva"].id)
            for unit in self.city.units.values()
        )
        self.session.flush()

    def also(self, key: str) -> None:
        """Publish another process, which this one starts."""
        publishing.publish(self.session, PACKAGES[key], by=SYSTEM, now=self.now)

    def offer(self, key: str) -> None:
        """Take in another process as it is shipped, switched off."""
        publishing.take_shipped(self.session, PACKAGES[key], by=SYSTEM, now=self.now)

    def begin(self, unit: str = "FARSTA", *, occasion: str = "", **data: object) -> "Walk":
        process = find(self.session, self.package.key)
        assert process is not None
        self.case = cases.start(
            self.session, process, self.city.units[unit], 2027, by=SYSTEM, now=self.now,
            occasion=occasion, data=data,
        )  # fmt: skip
        return self._looked()

    def actor(self, name: str) -> Actor:
        held = {Held(role, unit.id) for role in ROLES for unit in self.city.units.values()}
        return Actor(id=self.city.people[name].id, name=name, held=frozenset(held))

    @property
    def open(self) -> dict[str, Task]:
        wanted = sa.select(Task).where(Task.case_id == self.case.id, Task.closed_at.is_(None))
        return {task.element: task for task in self.session.scalars(wanted.order_by(Task.id))}

    def do(
        self, element: str, raw: Raw | None = None, *, on: date | None = None, name: str = ""
    ) -> "Walk":
        """Complete a step; a review is done by the other person."""
        if on is not None:
            self.now = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
        return self.do_task(self.open[element], raw, name)

    def do_task(self, found: Task, raw: Raw | None = None, name: str = "") -> "Walk":
        by = self.actor(name or ("Bo" if found.not_by else "Alva"))
        task = questions.task(self.session, found.id, by=by, to_change=True)
        tasks.complete(
            self.session, task, raw or {}, command=f"{task.element}-{task.id}", by=by, now=self.now
        )
        return self._looked()

    def let_pass(self, element: str) -> "Walk":
        """Let the moment come that a timer waits for."""
        wanted = sa.select(Timer).where(
            Timer.case_id == self.case.id, Timer.element == element, Timer.closed_at.is_(None),
            Timer.fired_at.is_(None),
        )  # fmt: skip
        timer = self.session.scalars(wanted).one()
        assert timer.due_at is not None, timer.because
        self.due.setdefault(element, timer.due_at.date())
        self.now = max(self.now, timer.due_at)
        timers.fire(self.session, timer, self.case, by=SYSTEM, now=self.now)
        return self._looked()

    def heard(self) -> "Walk":
        """Give the case what came before it began to listen, as the clock does."""
        waits = sa.select(Wait.id).where(Wait.case_id == self.case.id, Wait.looked_at.is_(None))
        for wait_id in self.session.scalars(waits).all():
            messages.look(self.session, wait_id, by=SYSTEM, now=self.now)
        return self._looked()

    def started(self) -> list[Case]:
        """Start the cases this one has asked for, as the clock does, and give them."""
        wanted = sa.select(Message.id).where(
            Message.from_case_id == self.case.id, Message.due_at.is_not(None)
        )
        for message_id in self.session.scalars(wanted.where(Message.closed_at.is_(None))).all():
            messages.deliver(self.session, message_id, by=SYSTEM, now=self.now)
        made = sa.select(Case).where(Case.id != self.case.id).order_by(Case.id)
        return list(self.session.scalars(made))

    def delivered(self) -> "Walk":
        """Let all that is on its way between cases arrive, as the clock does."""
        wanted = sa.select(Message.id).where(Message.due_at.is_not(None))
        on_its_way = wanted.where(Message.closed_at.is_(None)).order_by(Message.id)
        while ids := self.session.scalars(on_its_way).all():
            for message_id in ids:
                messages.deliver(self.session, message_id, by=SYSTEM, now=self.now)
        return self._looked()

    def turned_to(self, case: Case) -> "Walk":
        """Go on with another case."""
        self.case = case
        return self._looked()

    def _looked(self) -> "Walk":
        self.session.flush()
        assert self.case.state in (CaseState.RUNNING, CaseState.FINISHED), self.case.incidents
        for element, task in self.open.items():
            if task.due_at is not None:
                self.due.setdefault(element, task.due_at.date())
        return self


def tell(at: Walk, name: str, key: str, **data: object) -> None:
    """Let a message arrive that somebody has sent; it is kept until a case waits for it."""
    message = Message(
        kind=Sent.MESSAGE, name=name, key=key, payload=engine.pack(data),
        secrecy=Secrecy.INTERNAL, sent_at=at.now, due_at=at.now,
    )  # fmt: skip
    listening.add(at.session, [message])
    at.session.flush()
    messages.deliver(at.session, message.id, by=SYSTEM, now=at.now)


def flows_of(package: Package) -> dict[str, tuple[str, str]]:
    """Every sequence flow that is drawn, from where to where."""
    made = engine.compile_diagram(package.source, decisions=package.tables)
    return {
        flow.id: (node.id, flow.target)
        for node in made.plan.nodes.values()
        for flow in node.outgoing
    }
