"""Any order of changes, undoings, work, days and restarts: nothing is lost, doubled or misdated."""

import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests import cast
from tests.cast import NOON, SYSTEM
from tests.steering import outing
from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.cases.models import Case, CaseState, Timer
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
from workflows.tasks.models import Task
from workflows.work import run_due

UNITS = ("STAD", "FARSTA", "BROMMA")
KEEPERS = {"STAD": "Disa", "FARSTA": "Alva", "BROMMA": "Cleo"}
DAYS = st.integers(0, 40).map(lambda n: date(2027, 5, 3) + timedelta(days=n))
# A step with a timer at its edge, a timer on the way, and a step on another milestone.
ROUND = outing.package(
    outing.task("plan", "T1 - 10wd")
    + outing.edge("tick", "plan", "T1 - 15wd", "timeDate")
    + outing.timer("pause", "T1 + 5wd")
    + outing.task("report", "T2 - 10wd"),
    "begin plan;plan pause;pause report;report done;tick nudge;nudge nudged",
)


class Steering(RuleBasedStateMachine):
    """A city whose calendar, cases and clock go on in any order; `url` is an empty database."""

    def __init__(self, url, throw_away):
        super().__init__()
        self.url, self.throw_away = url, throw_away
        self.database = Database(url)
        self.now = NOON
        self.started = 0

    @initialize()
    def settle(self):
        with self.database.writing() as session, session.begin():
            self.city = cast.settle(session)
            publishing.publish(session, ROUND, by=SYSTEM, now=NOON)

    def teardown(self):
        self.database.close()
        self.throw_away()

    def change(self, unit, work_out, *, apply=True):
        """Show a change in one transaction and make it in another, as people do."""
        by = self.city.actor(KEEPERS[unit])
        try:
            with self.database.reading() as session:
                book = rows.current(session)[1]
                line = rows.lineage(session, self.city.units[unit].id)
                found = preview(session, work_out(Desk(book, line, 2027)), now=self.now)
            with self.database.writing() as session, session.begin():
                prepared = verbs.prepare(session, found, by=by, now=self.now).id
        except (Conflict, Invalid):
            return
        if apply:
            self.apply(prepared, by)

    def apply(self, prepared, by):
        try:
            with self.database.writing() as session, session.begin():
                kept = session.get_one(Replanning, prepared)
                verbs.apply(session, kept, why="x", by=by, now=self.now)
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
            process = find(session, "outing")
            body = session.merge(self.city.units[unit])
            occasion = str(self.started)
            cases.start(session, process, body, 2027, by=SYSTEM, now=self.now, occasion=occasion)

    @rule(last=st.booleans())
    def complete(self, last):
        with self.database.writing() as session, session.begin():
            order = Task.id.desc() if last else Task.id
            wanted = sa.select(Task).where(Task.closed_at.is_(None)).order_by(order)
            if (task := session.scalars(wanted).first()) is None:
                return
            home = next(c for c, one in self.city.units.items() if one.id == task.unit_id)
            by = self.city.actor(KEEPERS[home])
            found = case_queries.task(session, task.id, by=by, to_change=True)
            tasks.complete(session, found, {}, command=str(task.id), by=by, now=self.now)

    @rule(days=st.integers(1, 60))
    def let_time_pass(self, days):
        self.now += timedelta(days=days)
        run_due(self.database, now=self.now)
        run_due(self.database, now=self.now)
        with self.database.reading() as session:
            late = sa.select(Timer.id).where(_waits(), Timer.due_at <= self.now)
            assert session.scalars(late).all() == []

    @rule()
    def restart(self):
        """Another process takes over: nothing is remembered but what is in the database."""
        self.database.close()
        rows.forget_all()
        self.database = Database(self.url)
        run_due(self.database, now=self.now)

    @invariant()
    def everything_that_waits_stands_on_its_rules_date(self):
        with self.database.reading() as session:
            for task in session.scalars(sa.select(Task).where(Task.closed_at.is_(None))):
                if task.because is not None:
                    self.stands(session, task, task.unit_id)
            for timer in session.scalars(sa.select(Timer).where(_waits())):
                self.stands(session, timer, session.get_one(Case, timer.case_id).unit_id)

    def stands(self, session, row, unit_id):
        calendar = rows.calendar_of(session, unit_id, 2027)
        found = evaluate(parse(row.because["rule"]), calendar, 2027, opened=row.opened_at)
        assert row.due_at == (found.due_at if isinstance(found, Deadline) else None)

    @invariant()
    def every_case_stands_in_exactly_one_place_and_fires_each_timer_once(self):
        with self.database.reading() as session:
            found = session.scalars(sa.select(Case)).all()
            assert len(found) == self.started
            for case in found:
                here = (Task.case_id == case.id, Task.closed_at.is_(None), Task.element != "nudge")
                steps = session.scalars(sa.select(Task.element).where(*here)).all()
                on_the_way = (Timer.case_id == case.id, Timer.element == "pause", _waits())
                waits = session.scalars(sa.select(Timer.id).where(*on_the_way)).all()
                assert len(steps) + len(waits) == (
                    case.state is CaseState.RUNNING and not _done(session, case)
                )
                nudges = sa.select(Task.id).where(Task.case_id == case.id, Task.element == "nudge")
                fired = sa.select(Timer.id).where(
                    Timer.case_id == case.id, Timer.element == "tick", Timer.fired_at.is_not(None)
                )
                assert len(session.scalars(nudges).all()) == len(session.scalars(fired).all())

    @invariant()
    def each_change_is_told_once(self):
        with self.database.reading() as session:
            told = session.scalars(sa.select(Event.id).where(Event.kind == "calendar_changed"))
            applied = sa.select(Replanning.id).where(Replanning.applied_at.is_not(None))
            assert len(told.all()) == len(session.scalars(applied).all())


def _waits():
    return sa.and_(Timer.fired_at.is_(None), Timer.closed_at.is_(None))


def _done(session, case):
    """Whether all that is left of a case is a nudge somebody has not seen to."""
    elements = (Task.case_id == case.id, Task.element == "report", Task.closed_at.is_not(None))
    return session.scalars(sa.select(Task.id).where(*elements)).first() is not None


def test_no_order_of_things_loses_or_doubles_anything(kind, request):
    run_state_machine_as_test(
        lambda: Steering(*_database(kind, request)),
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def _database(kind, request):
    """Make an empty database of its own for one example; gives its address and how it goes."""
    if kind == "sqlite":
        folder = tempfile.TemporaryDirectory()
        path = Path(folder.name) / "arshjul.sqlite3"
        shutil.copyfile(request.getfixturevalue("empty_sqlite"), path)
        return f"sqlite:///{path}", folder.cleanup
    from tests.postgres import copy_url, drop_url

    url = copy_url(request.getfixturevalue("empty_postgresql"))
    return url, lambda: drop_url(url)
