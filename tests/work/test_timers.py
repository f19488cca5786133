"""What becomes of a timer whose moment came while no clock ran, and of one that repeats."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows import work
from workflows.cases.models import Case, Timer
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.operations import cases, publishing, timers
from workflows.processes.rows import find
from workflows.tasks.models import Task

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LANE = "<bpmn:flowNodeRef>begin</bpmn:flowNodeRef>"
PAUSE = """<bpmn:intermediateCatchEvent id="pause" name="Vänta" arshjul:missed="{missed}">
  <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f9</bpmn:outgoing>
  <bpmn:timerEventDefinition id="d">{when}</bpmn:timerEventDefinition>
</bpmn:intermediateCatchEvent>
<bpmn:sequenceFlow id="f9" sourceRef="pause" targetRef="write"/>
<bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="pause"/>"""
NUDGE = """<bpmn:boundaryEvent id="pause" name="Tid att påminna" attachedToRef="write"
    cancelActivity="false" arshjul:missed="{missed}"><bpmn:outgoing>f9</bpmn:outgoing>
  <bpmn:timerEventDefinition id="d">{when}</bpmn:timerEventDefinition>
</bpmn:boundaryEvent>
<bpmn:userTask id="nudge" name="Påminn"><bpmn:incoming>f9</bpmn:incoming></bpmn:userTask>
<bpmn:sequenceFlow id="f9" sourceRef="pause" targetRef="nudge"/>
<bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="write"/>"""
DAILY = "<bpmn:timeCycle>R/P1D</bpmn:timeCycle>"
AFTER_A_DAY = "<bpmn:timeDuration>P1D</bpmn:timeDuration>"


@pytest.fixture
def clock(session, database):
    """A clock that can be left to run for a while, and then be silent."""

    class Clock:
        def tick(self, now):
            session.commit()
            work.beat(database, now=now)
            work.run_due(database, now=now)
            session.expire_all()

        def run(self, begin, end):
            while begin < end:
                self.tick(begin)
                begin += 4 * MINUTE
            self.tick(end)

    return Clock()


def drawn(how, when, missed="once"):
    """The letter, with a timer drawn into it."""
    letter = packages.letter()
    source = letter.source.decode()
    source = source.replace(
        '<bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="write"/>',
        how.format(when=when, missed=missed),
    )
    nodes = ("pause", "nudge") if "nudge" in how else ("pause",)
    refs = "".join(f"<bpmn:flowNodeRef>{one}</bpmn:flowNodeRef>" for one in nodes)
    source = source.replace(LANE, LANE + refs)
    if "nudge" not in how:
        source = source.replace("<bpmn:incoming>f1<", "<bpmn:incoming>f9<", 1)
    return replace(letter, source=source.encode())


@pytest.fixture
def start(session, city):
    def started(how, when=AFTER_A_DAY, missed="once"):
        publishing.publish(session, drawn(how, when, missed), by=SYSTEM, now=NOON)
        made = cases.start(
            session, find(session, "letter"), city.units["FARSTA"], 2027, by=SYSTEM, now=NOON
        )
        session.commit()
        return made

    return started


def timer_of(session):
    wanted = sa.select(Timer).order_by(Timer.id.desc()).limit(1)
    return session.scalars(wanted).one()


def open_tasks(session):
    wanted = sa.select(Task.element).where(Task.closed_at.is_(None)).order_by(Task.element)
    return list(session.scalars(wanted))


def told(session, kind):
    events = session.scalars(sa.select(Event).where(Event.kind == kind).order_by(Event.id))
    return [json.loads(event.what) for event in events]


def test_a_length_of_time_is_exact_and_not_moved_by_the_calendar(session, start):
    start(PAUSE)
    assert timer_of(session).due_at == NOON + DAY


def test_a_timer_in_its_time_is_not_told_to_be_late(session, clock, start):
    start(PAUSE)
    clock.run(NOON + DAY - 20 * MINUTE, NOON + DAY + MINUTE)
    [what] = told(session, "timer_fired")
    assert "late_minutes" not in what
    assert open_tasks(session) == ["write"]


def test_after_downtime_a_timer_comes_late_and_says_why(session, clock, start):
    start(PAUSE)
    clock.run(NOON, NOON + HOUR)
    clock.tick(NOON + DAY + 14 * HOUR)
    [what] = told(session, "timer_fired")
    assert (what["late_minutes"], what["was_down"]) == (14 * 60, True)
    [back] = told(session, "clock_back")
    assert back["since"] == "2027-03-02T13:00:00.000000Z"
    assert open_tasks(session) == ["write"]


def test_late_in_a_queue_is_not_told_as_downtime(session, database, clock, start):
    start(PAUSE, missed="skip")
    clock.run(NOON + DAY - HOUR, NOON + DAY - 4 * MINUTE)
    for late in range(0, 20, 4):  # a clock at work with other things
        work.beat(database, now=NOON + DAY + late * MINUTE)
    clock.tick(NOON + DAY + 20 * MINUTE)
    [what] = told(session, "timer_fired")
    assert (what["late_minutes"], what["was_down"]) == (20, False)


def test_skipped_what_only_waits_goes_on(session, clock, start):
    start(PAUSE, missed="skip")
    clock.tick(NOON)
    clock.tick(NOON + 2 * DAY)
    assert [len(told(session, kind)) for kind in ("timer_skipped", "timer_fired")] == [1, 1]
    assert open_tasks(session) == ["write"]


def test_skipped_a_boundary_is_as_if_it_had_not_been(session, clock, start):
    start(NUDGE, missed="skip")
    clock.tick(NOON)
    clock.tick(NOON + 2 * DAY)
    assert open_tasks(session) == ["write"]
    assert timer_of(session).closed_at is not None
    assert len(told(session, "timer_skipped")) == 1


def test_asking_it_waits_for_somebody_who_lets_it_come(session, city, clock, start):
    made = start(NUDGE, missed="ask")
    clock.tick(NOON)
    clock.tick(NOON + 2 * DAY)
    clock.tick(NOON + 2 * DAY + MINUTE)
    held, now = timer_of(session), NOON + 3 * DAY
    assert held.held_at == NOON + 2 * DAY
    assert open_tasks(session) == ["write"]
    with pytest.raises(Forbidden):
        timers.fire_late(session, held, made, by=city.actor("Alva"), now=now)
    timers.fire_late(session, held, made, by=city.actor("Egil"), now=now)
    session.commit()
    assert open_tasks(session) == ["nudge", "write"]
    with pytest.raises(Conflict):
        timers.fire_late(session, held, made, by=city.actor("Egil"), now=now)


def test_asking_it_waits_for_somebody_who_does_without_it(session, city, clock, start):
    made = start(PAUSE, missed="ask")
    clock.tick(NOON)
    clock.tick(NOON + 2 * DAY)
    held, egil, now = timer_of(session), city.actor("Egil"), NOON + 3 * DAY
    with pytest.raises(Invalid, match="reason_missing"):
        timers.skip(session, held, made, why="", by=egil, now=now)
    timers.skip(session, held, made, why="Behövs inte.", by=egil, now=now)
    session.commit()
    assert open_tasks(session) == ["write"]
    with pytest.raises(Conflict):
        timers.skip(session, held, made, why="Igen.", by=egil, now=now)


def test_a_repetition_comes_once_for_all_its_missed_passes_and_keeps_its_hour(
    session, clock, start
):
    start(NUDGE, when=DAILY)
    clock.tick(NOON)
    clock.tick(NOON + DAY)
    clock.tick(NOON + 5 * DAY + 7 * HOUR)
    assert [one["late_minutes"] for one in told(session, "timer_fired")[1:]] == [3 * 1440 + 420]
    assert timer_of(session).due_at == NOON + 6 * DAY
    assert open_tasks(session) == ["nudge", "nudge", "write"]


def test_a_repetition_that_skips_waits_for_its_next_pass(session, clock, start):
    start(NUDGE, when=DAILY, missed="skip")
    clock.tick(NOON)
    clock.tick(NOON + 5 * DAY + 7 * HOUR)
    assert open_tasks(session) == ["write"]
    assert timer_of(session).due_at == NOON + 6 * DAY
    clock.run(NOON + 6 * DAY - 8 * MINUTE, NOON + 6 * DAY)
    assert open_tasks(session) == ["nudge", "write"]


def test_a_daily_repetition_keeps_its_hour_on_the_wall_when_the_clocks_change(
    session, clock, start
):
    start(NUDGE, when=DAILY)
    spring = datetime(2027, 3, 28, 12, tzinfo=UTC)  # the night before, clocks went forward
    clock.tick(spring)
    assert timer_of(session).due_at == spring - HOUR + DAY


def test_a_clock_that_goes_back_and_forth_does_nothing_twice(session, clock, start):
    start(PAUSE)
    clock.tick(NOON)
    for now in (NOON + 2 * DAY, NOON - DAY, NOON + 2 * DAY, NOON + HOUR, NOON + 3 * DAY):
        clock.tick(now)
    assert len(told(session, "timer_fired")) == 1
    assert open_tasks(session) == ["write"]
    assert session.scalar(sa.select(sa.func.count(Case.id))) == 1
