"""SIGKILL at random points while tasks are completed, timers fired and messages delivered.

Afterwards every case stands at a step that its history explains, nothing has been done twice, and
nothing anybody was told is lost; then all of it goes on to its end.
"""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter, sleep

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import Figure, hands, stage
from tests.cast import NOON, SYSTEM
from tests.chains import broken
from tests.engine.drawing import NAMESPACES, body, event
from workflows import work
from workflows.cases.messages import Message
from workflows.cases.models import Case, CaseState, Timer
from workflows.database import Database
from workflows.history.models import Event
from workflows.operations import cases, publishing, tasks
from workflows.organisation.models import Unit
from workflows.processes.packages import Package
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.tasks.models import Outcome, Task

KILLS = 200
HANDS = 4
LONGEST_LIFE = 0.4  # seconds from the first deed to the kill
LATER = NOON + timedelta(hours=2)  # when every timer is due
OPEN_AT_ONCE = 30

# What a case goes through, and what stands open after each of these events.
COURSE = ("case_started", "task_completed", "timer_fired", "message_received", "task_completed")
OPEN_AFTER: tuple[list[str], ...] = (["task write"], ["timer pause"], [], ["task read"], [])
MESSAGE = (
    '<message id="ask" name="ask"><extensionElements><arshjul:correlation>case.key'
    "</arshjul:correlation></extensionElements></message>"
)
ROLE = "arshjul:role=security_coordinator"


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Kill on both databases."""
    for kind in stage.KINDS:
        with tempfile.TemporaryDirectory() as folder, stage.database(kind, Path(folder)) as url:
            began = perf_counter()
            killed, done = survive(url, kills=10 if quick else KILLS)
            spent = perf_counter() - began
        yield Figure(f"kills survived, {kind}: all explained, none twice", killed, "kills")
        yield Figure(f"deeds between the kills, {kind}", done, "deeds")
        yield Figure(f"the kills took, {kind}", spent, "s")


def relay() -> Package:
    """A process that works, waits for a time, and waits for a message: one it sends itself."""
    nodes = f"start:s user:write[{ROLE}] catch:pause throw:send catch:hear user:read[{ROLE}] end:e"
    flows = "s write; write pause; pause send; send hear; hear read; read e"
    timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    inside = {"pause": timer, "send": event("message", "ask"), "hear": event("message", "ask")}
    source = (
        f'<definitions {NAMESPACES} id="definitions">{MESSAGE}<process id="relay" name="relay" '
        f'isExecutable="true" arshjul:key="relay">{body(nodes, flows, inside)}</process>'
        "</definitions>"
    )
    return Package(key="relay", source=source.encode(), forms={}, tables={})


def survive(url: str, *, kills: int, seed: int = 1) -> tuple[int, int]:
    """Kill some hands at a time until so many are dead; gives how many, and what they had done.

    :raises AssertionError: if anything is lost, done twice or not explained
    """
    database = Database(url)
    with database.writing() as session, session.begin():
        publishing.publish(session, relay(), by=SYSTEM, now=NOON)
    chance, seeds = Random(seed), count(seed)
    told: list[str] = []
    killed = 0
    while killed < kills:
        at_work = [hands.begin(url, deed, next(seeds)) for _ in range(HANDS)]
        for hand in at_work:
            hand.wait_until_ready()
        sleep(chance.uniform(0, LONGEST_LIFE))
        for hand in at_work:
            told += hand.kill()
            killed += 1
        hold(database, told)
    finish(database)
    hold(database, told)
    database.close()
    return killed, len(told)


def deed(database: Database, chance: Random) -> str | None:
    """Do one thing that people or the clock do; gives the task that was completed, or what else."""
    with database.reading() as session:
        waiting = session.scalars(_open_tasks()).all()
    if len(waiting) < OPEN_AT_ONCE and chance.random() < 0.2:
        return _start(database, chance)
    if waiting and chance.random() < 0.8:
        return _complete(database, chance.choice(waiting))
    return f"clock {work.run_due(database, now=LATER)}"


def _open_tasks() -> sa.Select[int]:
    return sa.select(Task.id).where(Task.closed_at.is_(None)).order_by(Task.id).limit(200)


def _start(database: Database, chance: Random) -> str:
    with database.writing() as session, session.begin():
        process = find(session, "relay")
        unit = session.scalars(sa.select(Unit).where(Unit.code == "FARSTA")).one()
        assert process is not None
        occasion = f"{chance.getrandbits(60)}"
        case = cases.start(session, process, unit, 2027, occasion=occasion, by=SYSTEM, now=NOON)
        return f"case {case.id}"


def _complete(database: Database, task_id: int) -> str | None:
    with database.writing() as session, session.begin():
        by = stage.actors(session)["Alva"]
        task = questions.task(session, task_id, by=by, to_change=True)
        if task.closed_at is not None:
            return None
        tasks.complete(session, task, {}, command=f"c{task_id}", by=by, now=NOON)
    return f"task {task_id}"


def finish(database: Database) -> None:
    """Let all that was left half-way go on, as if nothing had happened."""
    while True:
        with database.reading() as session:
            waiting = session.scalars(_open_tasks()).all()
        for task_id in waiting:
            _complete(database, task_id)
        if not work.run_due(database, now=LATER) and not waiting:
            break
    with database.reading() as session:
        assert set(session.scalars(sa.select(Case.state))) <= {CaseState.FINISHED}


def hold(database: Database, told: list[str]) -> None:
    """Hold all rows against the history, and against what clients were told."""
    with database.reading() as session:
        assert broken(session) == []
        done = sa.select(Task.id).where(Task.outcome == Outcome.COMPLETED)
        kept = {f"task {one}" for one in session.scalars(done)}
        kept |= {f"case {one}" for one in session.scalars(sa.select(Case.id))}
        assert {one for one in told if not one.startswith("clock")} <= kept
        for case in session.scalars(sa.select(Case)):
            _explain(session, case)


def _explain(session: Session, case: Case) -> None:
    kinds = session.scalars(
        sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.n)
    ).all()
    is_over = kinds[-1] == "case_finished"
    course = kinds[:-1] if is_over else kinds
    assert tuple(course) == COURSE[: len(course)], kinds
    assert is_over == (len(course) == len(COURSE)) == (case.state is CaseState.FINISHED)
    assert _standing(session, case) == OPEN_AFTER[len(course) - 1], kinds
    sent = session.scalar(sa.select(sa.func.count()).where(Message.from_case_id == case.id))
    assert sent == ("timer_fired" in course)


def _standing(session: Session, case: Case) -> list[str]:
    open_tasks = sa.select(Task.element).where(Task.case_id == case.id, Task.closed_at.is_(None))
    timers = sa.select(Timer.element).where(
        Timer.case_id == case.id, Timer.fired_at.is_(None), Timer.closed_at.is_(None)
    )
    return [
        *(f"task {element}" for element in session.scalars(open_tasks)),
        *(f"timer {element}" for element in session.scalars(timers)),
    ]
