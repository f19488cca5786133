"""Several processes hammer the same cases on PostgreSQL: each completion is told to one of them."""

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from time import sleep

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from bench import Figure, hands, stage
from tests import packages
from tests.cast import NOON, SYSTEM
from tests.chains import broken
from workflows.cases.models import Case
from workflows.database import Database
from workflows.errors import Conflict
from workflows.history.models import Event
from workflows.operations import cases, publishing, tasks
from workflows.organisation.models import Unit
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.tasks.models import Outcome, Task

KIND = "postgresql"
CASES = 20
SECONDS = 60
# A letter is never good enough, so that its case never ends.
DOER = {"write": ("Alva", {"text": "Hej"}), "approve": ("Bo", {"approval": "no"})}


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Hammer with two and with four processes."""
    for hammers in (2, 4):
        with tempfile.TemporaryDirectory() as name, stage.database(KIND, Path(name)) as url:
            done, late = hammer(url, hammers, seconds=5 if quick else SECONDS)
        what = f"{hammers} processes on {CASES} cases, PostgreSQL"
        yield Figure(f"{what}: completions, each told once", done, "completions", None, done > 0)
        yield Figure(f"{what}: came too late and were told so", late, "refusals")


def hammer(url: str, hammers: int, *, seconds: float) -> tuple[int, int]:
    """Let so many processes complete the tasks of the same cases for so long.

    Gives the completions, and how often somebody else had been faster.

    :raises AssertionError: if a completion was told twice or never, or a chain does not hold
    """
    database = Database(url)
    begin_letters(database)
    at_work = [hands.begin(url, deed, seed) for seed in range(hammers)]
    for hand in at_work:
        hand.wait_until_ready()
    sleep(seconds)
    told = [word for hand in at_work for word in hand.stop()]
    done = [word for word in told if word != "late"]
    hold(database, done)
    database.close()
    return len(done), len(told) - len(done)


def begin_letters(database: Database) -> None:
    """Start the letters in Farsta."""
    with database.writing() as session, session.begin():
        publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
        process, unit = find(session, "letter"), sa.select(Unit).where(Unit.code == "FARSTA")
        assert process is not None
        farsta = session.scalars(unit).one()
        for number in range(CASES):
            occasion = str(number)
            cases.start(session, process, farsta, 2027, occasion=occasion, by=SYSTEM, now=NOON)


def deed(database: Database, chance: Random) -> str:
    """Complete one of the open tasks; says which, or that it came too late."""
    with database.reading() as session:
        wanted = sa.select(Task.id, Task.element).where(Task.closed_at.is_(None))
        task_id, element = chance.choice(session.execute(wanted).all())
        name, answers = DOER[element]
        by = stage.actors(session)[name]
    try:
        with database.writing() as session, session.begin():
            task = questions.task(session, task_id, by=by, to_change=True)
            command = f"{chance.getrandbits(60)}"
            tasks.complete(session, task, answers, command=command, by=by, now=NOON)
    except (Conflict, StaleDataError, IntegrityError):  # what the edge answers with 409
        return "late"
    return f"{task_id}"


def hold(database: Database, done: list[str]) -> None:
    """Hold what was told against the rows and the history."""
    with database.reading() as session:
        assert broken(session) == []
        completed = sa.select(Task.id).where(Task.outcome == Outcome.COMPLETED)
        assert sorted(map(str, session.scalars(completed))) == sorted(done)
        for case_id in session.scalars(sa.select(Case.id)):
            steps = session.scalars(
                sa.select(Event.step)
                .where(Event.case_id == case_id, Event.kind == "task_completed")
                .order_by(Event.n)
            ).all()
            assert all(one != other for one, other in pairwise(steps)), "a step was done twice"
            is_open = sa.select(sa.func.count()).where(
                Task.case_id == case_id, Task.closed_at.is_(None)
            )
            assert session.scalar(is_open) == 1
