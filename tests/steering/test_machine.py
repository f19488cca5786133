"""Any order of changes, undoings, work and restarts leaves every open task on its rule's date."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests import cast, packages
from tests.cast import NOON, SYSTEM
from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.database import Database
from workflows.errors import Conflict, Invalid
from workflows.history.models import Event
from workflows.operations import calendar as verbs
from workflows.operations import cases, publishing, tasks
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.queries.replanning import preview
from workflows.steering import changes, rows
from workflows.steering.changes import Desk
from workflows.steering.models import Replanning
from workflows.tables import METADATA
from workflows.tasks.models import Task
from workflows.work import run_due

UNITS = ("STAD", "FARSTA", "BROMMA")
KEEPERS = {"STAD": "Disa", "FARSTA": "Alva", "BROMMA": "Cleo"}
DAYS = st.integers(0, 40).map(lambda n: date(2027, 5, 3) + timedelta(days=n))


class Steering(RuleBasedStateMachine):
    @initialize()
    def settle(self):
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name) / 'a.sqlite3'}"
        self.database = Database(self.url)
        METADATA.create_all(self.database.engine)
        with self.database.writing() as session, session.begin():
            self.city = cast.settle(session)
            publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
        self.started = self.completed = 0

    def teardown(self):
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    def change(self, unit, work_out, *, apply=True):
        """Show a change in one transaction and make it in another, as people do."""
        by = self.city.actor(KEEPERS[unit])
        try:
            with self.database.reading() as session:
                book = rows.current(session)[1]
                line = rows.lineage(session, self.city.units[unit].id)
                found = preview(session, work_out(Desk(book, line, 2027)))
            with self.database.writing() as session, session.begin():
                prepared = verbs.prepare(session, found, by=by, now=NOON).id
        except (Conflict, Invalid):
            return
        if apply:
            self.apply(prepared, by)

    def apply(self, prepared, by):
        try:
            with self.database.writing() as session, session.begin():
                kept = session.get_one(Replanning, prepared)
                verbs.apply(session, kept, why="x", by=by, now=NOON)
        except Conflict:
            pass

    @rule(unit=st.sampled_from(UNITS), day=DAYS, apply=st.booleans())
    def move(self, unit, day, apply):
        self.change(unit, lambda desk: changes.set_milestone(desk, "T1", on=day), apply=apply)

    @rule(unit=st.sampled_from(UNITS))
    def mark_absent(self, unit):
        self.change(unit, lambda desk: changes.set_milestone(desk, "T1", on=None, exists=False))

    @rule(unit=st.sampled_from(UNITS[1:]))
    def follow(self, unit):
        self.change(unit, lambda desk: changes.follow_city(desk, "T1"))

    @rule(unit=st.sampled_from(UNITS), day=DAYS)
    def close(self, unit, day):
        self.change(unit, lambda desk: changes.close_day(desk, day, "Stängt"))

    @rule()
    def undo_or_apply_any(self):
        with self.database.reading() as session:
            found = session.scalars(sa.select(Replanning).order_by(Replanning.id.desc())).first()
            if found is None:
                return
            unit = next(code for code, one in self.city.units.items() if one.id == found.unit_id)
            turned = verbs.turned_round(found) if found.applied_at else None
        if turned:
            self.change(unit, lambda _desk: turned)
        else:
            self.apply(found.id, self.city.actor(KEEPERS[unit]))

    @rule(unit=st.sampled_from(UNITS[1:]))
    def start(self, unit):
        self.started += 1
        with self.database.writing() as session, session.begin():
            process = find(session, "letter")
            body = session.merge(self.city.units[unit])
            occasion = str(self.started)
            cases.start(session, process, body, 2027, by=SYSTEM, now=NOON, occasion=occasion)

    @precondition(lambda self: self.started > self.completed)
    @rule()
    def complete(self):
        with self.database.writing() as session, session.begin():
            wanted = sa.select(Task).where(Task.element == "write", Task.closed_at.is_(None))
            task = session.scalars(wanted.order_by(Task.id)).first()
            home = next(c for c, one in self.city.units.items() if one.id == task.unit_id)
            by = self.city.actor(KEEPERS[home])
            found = case_queries.task(session, task.id, by=by, to_change=True)
            tasks.complete(session, found, {"text": "x"}, command=str(task.id), by=by, now=NOON)
        self.completed += 1

    @rule()
    def restart(self):
        """Another process takes over: nothing is remembered but what is in the database."""
        self.database.close()
        rows.forget_all()
        self.database = Database(self.url)
        run_due(self.database, now=NOON)

    @invariant()
    def every_open_task_stands_on_its_rules_date(self):
        if not hasattr(self, "database"):
            return
        with self.database.reading() as session:
            for task in session.scalars(sa.select(Task).where(Task.closed_at.is_(None))):
                calendar = rows.calendar_of(session, task.unit_id, 2027)
                found = evaluate(parse(task.because["rule"]), calendar, 2027, opened=task.opened_at)
                assert task.due_at == (found.due_at if isinstance(found, Deadline) else None)

    @invariant()
    def no_task_is_lost_or_doubled_and_each_change_is_told_once(self):
        if not hasattr(self, "database"):
            return
        with self.database.reading() as session:
            written = session.scalars(sa.select(Task.id).where(Task.element == "write")).all()
            assert len(written) == self.started
            told = session.scalars(sa.select(Event.id).where(Event.kind == "calendar_changed"))
            applied = sa.select(Replanning.id).where(Replanning.applied_at.is_not(None))
            assert len(told.all()) == len(session.scalars(applied).all())


TestSteering = Steering.TestCase
TestSteering.settings = settings(
    max_examples=10,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
