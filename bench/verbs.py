"""The whole verb `complete` beside stock SpiffWorkflow, which asks nobody and stores nothing.

The verb is what a request does between its beginning and its commit: load and lock, may they, is
the form right, move the case on, rows, dates, reminders, history, commit on SQLite.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import sqlalchemy as sa
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import make_url

from bench import Figure, stage
from bench.engine import ANSWERS, ORDER, stock_spec
from tests.cast import NOON
from workflows.database import Database
from workflows.operations import tasks
from workflows.organisation.actor import Actor
from workflows.queries import cases as questions
from workflows.tasks.models import Task

COMPLETIONS = 4  # of each order


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Complete the same orders on both, a round of each in turn."""
    rounds, cases = (3, 10) if quick else (9, 60)
    with tempfile.TemporaryDirectory() as name, stage.database("sqlite", Path(name)) as url:
        folder, database = Path(name), Database(url)
        empty = _bytes_without_history(url, folder)
        with database.reading() as session:
            actors = stage.actors(session)
        spec = stock_spec(ORDER, "order")
        spent = []
        for number in range(rounds):
            opened = stage.open_cases(database, cases, prefix=f"{number}-")
            workflows = [BpmnWorkflow(spec) for _ in range(cases)]
            for workflow in workflows:
                workflow.do_engine_steps()
            spent.append((*_timed(_stock, workflows), *_ours(database, opened, actors)))
        size = (_bytes_without_history(url, folder) - empty) / (rounds * cases)
        database.close()
    each = 1000 / cases / COMPLETIONS
    stock, _, ours, wall = (median(column) * each for column in zip(*spent, strict=True))
    ratio = median(stock / ours for stock, _, ours, _ in spent)
    yield Figure("stock, one completion in memory", stock, "ms CPU")
    yield Figure("the whole verb complete, committed on SQLite", ours, "ms CPU")
    yield Figure("the same by wall clock, synchronous=FULL", wall, "ms")
    yield Figure("the whole verb complete", ratio, "x stock", 0.5, ratio >= 0.5)
    yield Figure("stored per finished case besides history", size, "bytes", 2600, size <= 2600)


def _timed(work: Any, *given: Any) -> tuple[float, float]:
    began, began_wall = process_time(), perf_counter()
    work(*given)
    return process_time() - began, perf_counter() - began_wall


def _stock(workflows: list[Any]) -> None:
    for workflow in workflows:
        while not workflow.is_completed():
            task = workflow.get_tasks(state=TaskState.READY, manual=True)[0]
            task.data.update(ANSWERS)
            task.run()
            workflow.do_engine_steps()


def _ours(database: Database, case_ids: list[int], actors: dict[str, Actor]) -> tuple[float, float]:
    """Complete every task of the cases; finding which are open is not counted."""
    spent, wall = 0.0, 0.0
    for case_id in case_ids:
        while waiting := open_tasks(database, case_id):
            for task_id, element in waiting:
                by = actors[stage.DOER[element]]
                one, one_wall = _timed(complete, database, task_id, by)
                spent, wall = spent + one, wall + one_wall
    return spent, wall


def complete(database: Database, task_id: int, by: Actor) -> None:
    """Hand in one task as a request does, without HTTP."""
    with database.writing() as session, session.begin():
        task = questions.task(session, task_id, by=by, to_change=True)
        tasks.complete(session, task, stage.ANSWERS, command=f"c{task_id}", by=by, now=NOON)


def open_tasks(database: Database, case_id: int) -> list[tuple[int, str]]:
    wanted = sa.select(Task.id, Task.element).where(
        Task.case_id == case_id, Task.closed_at.is_(None)
    )
    with database.reading() as session:
        return [(row.id, row.element) for row in session.execute(wanted)]


def _bytes_without_history(url: str, folder: Path) -> int:
    """Measure a copy of the file, packed, without its events: rows and indexes of all else."""
    copy = folder / "copy.sqlite3"
    with closing(sqlite3.connect(str(make_url(url).database))) as source:
        source.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy, isolation_level=None)) as packed:
        found = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'"
        for (name,) in packed.execute(found).fetchall():  # else nothing goes from the record
            packed.execute(f"DROP TRIGGER {name}")
        for table in ("event", "chain"):
            packed.execute(f"DELETE FROM {table}")
        packed.execute("VACUUM")
    size = copy.stat().st_size
    copy.unlink()
    return size
