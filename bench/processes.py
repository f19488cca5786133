"""Two processes on PostgreSQL against one, each with cases of its own, and what bounds them."""

import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic, sleep

import sqlalchemy as sa

from bench import Figure, hands, stage
from bench.hammer import DOER, begin_letters
from tests.cast import NOON
from workflows.cases.models import Case
from workflows.database import Database
from workflows.operations import tasks
from workflows.queries import cases as questions
from workflows.tasks.models import Task

SECONDS = 15
TARGET = 1.3
WAITS = sa.text(
    "SELECT coalesce(wait_event_type, 'runs') FROM pg_stat_activity "
    "WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"
)


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Let one work, then two, then one and two again, and compare."""
    seconds = 3 if quick else SECONDS
    with (
        tempfile.TemporaryDirectory() as folder,
        stage.database("postgresql", Path(folder)) as url,
    ):
        database = Database(url)
        begin_letters(database)
        alone, together, waits, busy = 0.0, 0.0, list[str](), list[float]()
        for _ in range(1 if quick else 2):
            alone += _worked(database, url, 1, seconds)[0]
            rate, seen, share = _worked(database, url, 2, seconds)
            together, waits = together + rate, waits + seen
            busy.append(share)
        database.close()
    ratio = together / alone
    yield Figure(
        "two processes, different cases, PostgreSQL", ratio, "x one", TARGET, ratio >= TARGET
    )
    for kind in ("Lock", "IO", "LWLock"):
        share = 100 * waits.count(kind) / max(len(waits), 1)
        yield Figure(f"of their time in the database, waiting for {kind}", share, "%")
    yield Figure(f"all {os.cpu_count()} processors busy meanwhile", 100 * max(busy), "%")


def _worked(
    database: Database, url: str, number: int, seconds: float
) -> tuple[float, list[str], float]:
    """Give the completions a second, what the database waited for, and how busy the machine was."""
    at_work = [
        hands.begin(url, partial(deed, share=share, of=number), share) for share in range(number)
    ]
    for hand in at_work:
        hand.wait_until_ready()
    already = sum(len(hand.said) for hand in at_work)
    seen: list[str] = []
    before, until = _processor_time(), monotonic() + seconds
    with database.engine.connect() as connection:
        while monotonic() < until:
            seen += connection.scalars(WAITS).all()
            connection.rollback()
            sleep(0.05)
    after = _processor_time()
    done = sum(len(hand.stop()) for hand in at_work) - already
    spent = [new - old for new, old in zip(after, before, strict=True)]
    return done / seconds, seen, 1 - spent[3] / sum(spent) if spent else 0


def _processor_time() -> list[int]:
    """Read what the processors have done so far, where one can; the fourth number is idling."""
    if not Path("/proc/stat").exists():
        return []
    return [int(number) for number in Path("/proc/stat").read_text().split("\n")[0].split()[1:8]]


def deed(database: Database, chance: Random, *, share: int, of: int) -> str:
    """Complete an open task of one's own cases."""
    with database.reading() as session:
        wanted = sa.select(Task.id, Task.element).where(
            Task.closed_at.is_(None),
            Task.case_id.in_(sa.select(Case.id).where(Case.id % of == share)),
        )
        task_id, element = chance.choice(session.execute(wanted).all())
        name, answers = DOER[element]
        by = stage.actors(session)[name]
    with database.writing() as session, session.begin():
        task = questions.task(session, task_id, by=by, to_change=True)
        tasks.complete(session, task, answers, command=f"{task_id}", by=by, now=NOON)
    return f"{task_id}"
