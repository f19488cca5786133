"""Two people at the calendar at once, and work that goes on while it is changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.errors import Conflict
from workflows.history.models import Event
from workflows.operations import calendar as verbs
from workflows.operations import cases, publishing, tasks
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.queries.replanning import preview
from workflows.steering import changes, rows
from workflows.steering.changes import Desk
from workflows.steering.models import MilestoneRow, Replanning
from workflows.tasks.models import Outcome, Task

BEFORE = datetime(2027, 5, 11, 14, tzinfo=UTC)
AFTER = datetime(2027, 5, 13, 14, tzinfo=UTC)


@pytest.fixture
def letters(session, city):
    """A letter to write in each of two units."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    for unit in ("FARSTA", "BROMMA"):
        cases.start(session, process, city.units[unit], 2027, by=SYSTEM, now=NOON)
    session.commit()


def shown(database, city, day):
    """Prepare to move T1 to a day; gives the change to apply."""
    with database.reading() as session:
        line = rows.lineage(session, city.units["STAD"].id)
        desk = Desk(rows.current(session)[1], line, 2027)
        found = preview(session, changes.set_milestone(desk, "T1", on=day), now=NOON)
    with database.writing() as session, session.begin():
        return verbs.prepare(session, found, by=city.actor("Disa"), now=NOON).id


def apply(database, city, change_id):
    with database.writing() as session, session.begin():
        kept = session.get_one(Replanning, change_id)
        verbs.apply(session, kept, why="x", by=city.actor("Disa"), now=NOON)


def complete(database, city, task_id, name):
    by = city.actor(name)
    with database.writing() as session, session.begin():
        task = case_queries.task(session, task_id, by=by, to_change=True)
        tasks.complete(session, task, {"text": "Hej"}, command=str(task_id), by=by, now=NOON)


def at_once(*deeds):
    """Do all of them at the same moment; tells what each came to."""
    barrier = Barrier(len(deeds))

    def do(deed):
        barrier.wait()
        try:
            deed()
        except Conflict as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


def test_of_two_who_change_the_calendar_at_once_one_is_asked_to_look_again(
    session, database, city, letters
):
    first = shown(database, city, date(2027, 5, 27))
    second = shown(database, city, date(2027, 5, 20))
    came_to = at_once(lambda: apply(database, city, first), lambda: apply(database, city, second))
    assert sorted(came_to) == ["done", "preview_outdated"]
    stands = session.scalars(sa.select(MilestoneRow.on).where(MilestoneRow.code == "T1")).one()
    assert stands == (date(2027, 5, 27) if came_to[0] == "done" else date(2027, 5, 20))
    assert len(set(session.scalars(sa.select(Task.due_at)))) == 1
    told = session.scalars(sa.select(Event.kind).where(Event.kind == "calendar_changed")).all()
    assert len(told) == 1


def test_one_change_applied_twice_at_once_is_made_once(session, database, city, letters):
    change = shown(database, city, date(2027, 5, 27))
    came_to = at_once(*[lambda: apply(database, city, change)] * 3)
    assert came_to.count("done") == 1
    assert session.scalars(sa.select(Task.due_at)).all() == [AFTER, AFTER]
    moved = session.scalars(sa.select(Event.kind).where(Event.kind == "dates_moved")).all()
    assert len(moved) == 2


@pytest.mark.parametrize("attempt", range(3))
def test_a_task_completed_while_the_calendar_is_changed_loses_nothing(
    session, database, city, letters, attempt
):
    change = shown(database, city, date(2027, 5, 27))
    came_to = at_once(
        lambda: apply(database, city, change), lambda: complete(database, city, 1, "Alva")
    )
    assert came_to[1] == "done"
    written = session.get_one(Task, 1)
    assert written.outcome is Outcome.COMPLETED
    assert came_to[0] == "done"  # what was done meanwhile moves nothing, and hinders nothing
    assert written.due_at in (BEFORE, AFTER)
    assert session.get_one(Task, 2).due_at == AFTER
    told = session.scalars(sa.select(Event.case_id).where(Event.kind == "dates_moved")).all()
    assert (1 in told) == (written.due_at == AFTER)


def test_a_case_that_starts_while_the_calendar_is_changed_has_the_date_that_stands(
    session, database, city, letters
):
    change = shown(database, city, date(2027, 5, 27))

    def start():
        with database.writing() as other, other.begin():
            process = find(other, "letter")
            unit = other.merge(city.units["BROMMA"])
            cases.start(other, process, unit, 2027, by=SYSTEM, now=NOON, occasion="2")

    came_to = at_once(lambda: apply(database, city, change), start)
    assert came_to[1] == "done"
    stands = AFTER if came_to[0] == "done" else BEFORE
    assert set(session.scalars(sa.select(Task.due_at))) == {stands}
