"""The clock when much is due at once, and when nothing is among a million rows of the future."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, sleep
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import Figure, hands, stage
from bench.crash import relay
from tests.cast import NOON, SYSTEM
from webapp import clock
from workflows import work
from workflows.cases.models import Case, Timer
from workflows.database import Base, Database
from workflows.notices.models import Call
from workflows.operations import cases, publishing, tasks
from workflows.organisation.models import Unit
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.tasks.models import Task

DUE_AT_ONCE, FUTURE = 10_000, 1_000_000
POLL_MS = 2
AT_ONCE = 5_000
FAR = timedelta(days=400)


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Drain what is due with one and two workers, then look for what is due in vain."""
    for kind in stage.KINDS:
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as name, stage.database(kind, Path(name)) as url:
                yield from _drained(kind, url, workers, 200 if quick else DUE_AT_ONCE)
        with tempfile.TemporaryDirectory() as name, stage.database(kind, Path(name)) as url:
            yield from _polled(kind, url, 10_000 if quick else FUTURE)


# --- much at once -----------------------------------------------------------------------------


def _drained(kind: str, url: str, workers: int, count: int) -> Iterator[Figure]:
    database = Database(url)
    waiting = _waiting_case(database)
    _multiply(database, waiting, count)
    at_work = [hands.begin(url, tick, seed) for seed in range(workers)]
    began = perf_counter()
    while (left := _left(database)) and perf_counter() - began < 600:
        sleep(0.2)
    spent = perf_counter() - began
    for hand in at_work:
        hand.stop()
    with database.reading() as session:
        late = sorted(
            (fired - due).total_seconds()
            for fired, due in session.execute(sa.select(Timer.fired_at, Timer.due_at))
            if fired and due
        )
    database.close()
    what = f"{count:,} timers due at once, {workers} at work, {kind}"
    yield Figure(what, count / spent, "per second", None, not left)
    yield Figure(f"{what}: p99 late", late[int(len(late) * 0.99)], "s")


def tick(database: Database, _chance: Random) -> None:
    """Do what is due, as the clock does; wait a little when nothing is."""
    if not work.run_due(database, now=clock.now()):
        sleep(0.05)


def _waiting_case(database: Database) -> int:
    """Bring one case to where it waits for a time."""
    with database.writing() as session, session.begin():
        publishing.publish(session, relay(), by=SYSTEM, now=NOON)
        process = find(session, "relay")
        unit = session.scalars(sa.select(Unit).where(Unit.code == "FARSTA")).one()
        assert process is not None
        case = cases.start(session, process, unit, 2027, by=SYSTEM, now=NOON)
        task_id = session.scalars(sa.select(Task.id)).one()
        by = stage.actors(session)["Alva"]
        task = questions.task(session, task_id, by=by, to_change=True)
        tasks.complete(session, task, {}, command="first", by=by, now=NOON)
        return case.id


def _multiply(database: Database, case_id: int, count: int) -> None:
    """Copy a waiting case, and let the timers of all copies be due now."""
    case, timer = (Base.metadata.tables[one] for one in ("case", "timer"))
    with database.writing() as session, session.begin():
        model = _row(session, case, case.c.id == case_id)
        wait = _row(session, timer, timer.c.case_id == case_id)
        session.execute(sa.delete(timer))
        for first in range(0, count, AT_ONCE):
            some = [f"{number}" for number in range(first, min(first + AT_ONCE, count))]
            copies = [model | {"key": f"COPY-{one}", "occasion": one} for one in some]
            session.execute(sa.insert(case), copies)
        now = clock.now()
        copied = session.scalars(sa.select(Case.id).where(Case.key.like("COPY-%"))).all()
        waits = [wait | {"case_id": one, "due_at": now} for one in copied]
        session.execute(sa.insert(timer), waits)


def _row(session: Session, table: sa.Table, which: sa.ColumnElement[bool]) -> dict[str, Any]:
    row = dict(session.execute(sa.select(table).where(which)).one()._mapping)
    del row["id"]
    return row


def _left(database: Database) -> int:
    with database.reading() as session:
        wanted = sa.select(sa.func.count()).where(Timer.fired_at.is_(None))
        return session.scalar(wanted) or 0


# --- nothing among a million ------------------------------------------------------------------


def _polled(kind: str, url: str, count: int) -> Iterator[Figure]:
    database = Database(url)
    case_id = _waiting_case(database)
    while work.run_due(database, now=NOON):
        pass
    few = _poll(database)
    _fill(database, case_id, count)
    many = _poll(database)
    database.close()
    yield Figure(f"a look for due work, a few rows, {kind}", few, "ms")
    what = f"a look for due work, {count:,} rows of the future, {kind}"
    yield Figure(what, many, "ms", POLL_MS, many <= POLL_MS)


def _poll(database: Database) -> float:
    """Give the median of looking once, in milliseconds."""
    spent = []
    look = partial(work.run_due, database, now=NOON)
    for _ in range(60):
        began = perf_counter()
        assert look() == 0
        spent.append(perf_counter() - began)
    return median(spent[10:]) * 1000


def _fill(database: Database, case_id: int, count: int) -> None:
    """Put timers and reminders of the future into the tables, half of each."""
    timer, call = Timer.__table__, Call.__table__
    assert isinstance(timer, sa.Table)
    assert isinstance(call, sa.Table)
    with database.writing() as session, session.begin():
        wait = _row(session, timer, timer.c.case_id == case_id)
        task_id = session.scalars(sa.select(Task.id).limit(1)).one()
        reminder = {
            "task_id": task_id, "occasion": "reminder", "to_whom": ["holder"], "is_legal": False,
            "attempts": 0,
        }  # fmt: skip
        for first in range(0, count // 2, AT_ONCE):
            later = [NOON + FAR + timedelta(seconds=first + n) for n in range(AT_ONCE)]
            waits = [
                wait | {"wait_id": f"w{first + n}", "due_at": at} for n, at in enumerate(later)
            ]
            session.execute(sa.insert(timer), waits)
            calls = [
                reminder | {"key": f"k{first + n}", "due_at": at} for n, at in enumerate(later)
            ]
            session.execute(sa.insert(call), calls)
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
